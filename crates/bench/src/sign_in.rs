//! One whole sign-in, as a browser, an application's backend and a provider make it: start, the provider's
//! page or answer, callback, redeeming the token.

use std::net::SocketAddr;
use std::sync::Arc;

use vestibule_testidp::SamlIdp;

use crate::Result;
use crate::applications::Application;
use crate::http::{Answer, Connection, get, path_of, with_json};
use crate::saml_browser;

/// What a connection speaks.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Protocol {
    Oidc,
    Saml,
}

/// Who signs in and where.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) way: Way,
    pub(crate) email: String,
    pub(crate) protocol: Protocol,
}

/// By which dialect somebody comes in.
#[derive(Clone)]
pub(crate) enum Way {
    /// The first one: a backend redeems the token.
    Backend { connection_id: String },
    /// The second one: an application redeems the code.
    Application { application: Arc<Application>, connection: String },
}

impl Person {
    /// Where the sign-in starts.
    pub(crate) fn start(&self, doors: &Doors) -> String {
        match &self.way {
            Way::Backend { connection_id } => format!(
                "/v1/public/sso/start?connection_id={connection_id}&public_token={}&login_hint={}&provider_auto=1",
                doors.public_token, self.email
            ),
            Way::Application { application, connection } => application.start(connection, &self.email),
        }
    }

    /// The request with which whoever asked for the sign-in redeems what came `back` with the browser.
    fn redeem(&self, doors: &Doors, back: &str) -> Result<Vec<u8>> {
        let brought = |name: &str| {
            let mut pairs = back.split(['?', '&']).filter_map(|pair| pair.split_once('='));
            pairs.find_map(|(found, value)| (found == name).then_some(value))
        };
        match &self.way {
            Way::Backend { .. } => {
                let token = brought("token").ok_or("no token at the end")?;
                let body = format!("{{\"sso_token\":\"{token}\"}}");
                Ok(with_json("POST", "/v1/b2b/sso/authenticate", &doors.authorization, &body))
            }
            Way::Application { application, .. } => {
                Ok(application.redeem(brought("code").ok_or_else(|| format!("no code at the end: {back}"))?))
            }
        }
    }
}

/// What every browser of one server knows.
pub(crate) struct Doors {
    pub(crate) server: SocketAddr,
    pub(crate) provider: SocketAddr,
    pub(crate) public_token: String,
    /// The header line that authenticates the project.
    pub(crate) authorization: String,
    /// The provider's SAML side, which answers in this process.
    pub(crate) saml: SamlIdp,
}

/// A browser and the backend it talks to, each with a connection that is kept.
pub(crate) struct Browser {
    doors: Arc<Doors>,
    server: Connection,
    provider: Connection,
}

impl Browser {
    pub(crate) async fn open(doors: Arc<Doors>) -> Result<Self> {
        Self::at(doors.server, doors).await
    }

    /// One that asks another node of the same deployment.
    pub(crate) async fn at(node: SocketAddr, doors: Arc<Doors>) -> Result<Self> {
        let server = Connection::open(node).await?;
        let provider = Connection::open(doors.provider).await?;
        Ok(Self { doors, server, provider })
    }

    /// Signs in and gives the body of the last answer.
    pub(crate) async fn sign_in(&mut self, person: &Person) -> Result<&[u8]> {
        let redeem = self.arrived(person).await?;
        Ok(self.server.send(&redeem).await?.expect(200)?.body)
    }

    /// Comes back to the application, and gives the request with which that redeems the token.
    pub(crate) async fn arrived(&mut self, person: &Person) -> Result<Vec<u8>> {
        let callback = self.answered(person).await?;
        let answer = self.server.send(&callback).await?.expect(302)?;
        let back = location(answer.header("location"))?;
        person.redeem(&self.doors, back)
    }

    /// Starts, and gives the request with which the provider's answer comes to the callback.
    async fn answered(&mut self, person: &Person) -> Result<Vec<u8>> {
        match person.protocol {
            Protocol::Oidc => self.asked_provider(person).await,
            Protocol::Saml => saml_browser::answered(&mut self.server, &self.doors, person).await,
        }
    }

    /// Starts, goes to the provider and gives the request that the browser comes back with.
    async fn asked_provider(&mut self, person: &Person) -> Result<Vec<u8>> {
        let answer = self.server.send(&get(&person.start(&self.doors), "")).await?.expect(302)?;
        let cookie = cookie(&answer)?;
        let authorize = get(path_of(location(answer.header("location"))?)?, "");
        let answer = self.provider.send(&authorize).await?.expect(302)?;
        Ok(get(path_of(location(answer.header("location"))?)?, &cookie))
    }
}

/// How far a sign-in has gone when what is measured begins.
#[derive(Clone, Copy)]
pub(crate) enum Until {
    /// The provider has answered, and the callback has not been asked yet.
    Answered,
    /// The browser is back at the application, which has not redeemed the token yet.
    Arrived,
}

/// The next requests of sign-ins that have gone so far, for `people` in turn, `count` in all, made by `browsers` browsers at
/// once.
pub(crate) async fn prepared(
    doors: &Arc<Doors>,
    people: &Arc<Vec<Person>>,
    (count, until): (usize, Until),
    browsers: usize,
) -> Result<Vec<Vec<u8>>> {
    let mut tasks = Vec::with_capacity(browsers);
    for first in 0..browsers {
        let (doors, people) = (Arc::clone(doors), Arc::clone(people));
        tasks.push(tokio::spawn(async move {
            let mut browser = Browser::open(doors).await?;
            let mut made = Vec::with_capacity(count / browsers + 1);
            for number in (first..count).step_by(browsers) {
                let person = people.get(number % people.len().max(1)).ok_or("nobody signs in")?;
                made.push(match until {
                    Until::Answered => browser.answered(person).await?,
                    Until::Arrived => browser.arrived(person).await?,
                });
            }
            Result::Ok(made)
        }));
    }
    let mut all = Vec::with_capacity(count);
    for task in tasks {
        all.extend(task.await??);
    }
    Ok(all)
}

/// The header line that brings back the cookie of the start.
pub(crate) fn cookie(answer: &Answer<'_>) -> Result<String> {
    let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next());
    Ok(format!("cookie: {}\r\n", cookie.ok_or("no cookie at the start")?))
}

pub(crate) fn location(header: Option<&str>) -> Result<&str> {
    Ok(header.ok_or("a redirect that leads nowhere")?)
}
