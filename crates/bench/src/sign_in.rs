//! One whole sign-in, as a browser, an application's backend and a provider make it: start, the provider's
//! page, callback, redeeming the token.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::Result;
use crate::http::{Connection, get, path_of, with_json};

/// Who signs in and where.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) organization_id: String,
    pub(crate) connection_id: String,
    pub(crate) email: String,
}

/// What every browser of one server knows.
pub(crate) struct Doors {
    pub(crate) server: SocketAddr,
    pub(crate) provider: SocketAddr,
    pub(crate) public_token: String,
    /// The header line that authenticates the project.
    pub(crate) authorization: String,
}

/// A browser and the backend it talks to, each with a connection that is kept.
pub(crate) struct Browser {
    doors: Arc<Doors>,
    server: Connection,
    provider: Connection,
}

impl Browser {
    pub(crate) async fn open(doors: Arc<Doors>) -> Result<Self> {
        let server = Connection::open(doors.server).await?;
        let provider = Connection::open(doors.provider).await?;
        Ok(Self { doors, server, provider })
    }

    /// Signs in and gives the body of the last answer.
    pub(crate) async fn sign_in(&mut self, person: &Person) -> Result<&[u8]> {
        let start = format!(
            "/v1/public/sso/start?connection_id={}&public_token={}&login_hint={}&provider_auto=1",
            person.connection_id, self.doors.public_token, person.email
        );
        let answer = self.server.send(&get(&start, "")).await?.expect(302)?;
        let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next());
        let cookie = format!("cookie: {}\r\n", cookie.ok_or("no cookie at the start")?);
        let authorize = get(path_of(location(answer.header("location"))?)?, "");
        let answer = self.provider.send(&authorize).await?.expect(302)?;
        let callback = get(path_of(location(answer.header("location"))?)?, &cookie);
        let answer = self.server.send(&callback).await?.expect(302)?;
        let back = location(answer.header("location"))?;
        let token = back.split(['?', '&']).find_map(|pair| pair.strip_prefix("token="));
        let body = format!("{{\"sso_token\":\"{}\"}}", token.ok_or("no token at the end")?);
        let redeem = with_json("POST", "/v1/b2b/sso/authenticate", &self.doors.authorization, &body);
        Ok(self.server.send(&redeem).await?.expect(200)?.body)
    }
}

fn location(header: Option<&str>) -> Result<&str> {
    Ok(header.ok_or("a redirect that leads nowhere")?)
}
