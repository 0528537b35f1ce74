//! A tenant whose identity provider takes connections and never answers, and two hundred of its people who come back from it
//! with codes, again and again.

use std::net::SocketAddr;

use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::{Url, form_urlencoded};

use crate::Result;
use crate::api::{self, Customer, call};
use crate::http::{Connection, get};
use crate::provider::Provider;
use crate::sign_in::{Protocol, cookie, location};
use crate::world::World;

const PEOPLE: usize = 200;

pub(super) struct Abuse {
    server: SocketAddr,
    start: String,
    callback: String,
    issuer: String,
}

impl Abuse {
    pub(super) async fn new(world: &World, provider: &Provider) -> Result<Self> {
        let mut connection = Connection::open(world.server.address).await?;
        let headers = &world.doors.authorization;
        let customer = api::customer(&mut connection, headers, provider, Protocol::Oidc, 9_015).await?;
        let Customer { organization_id, connection_id, .. } = customer;
        let hangs = TcpListener::bind("127.0.0.1:0").await?;
        let address = hangs.local_addr()?;
        tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((stream, _)) = hangs.accept().await {
                held.push(stream);
            }
        });
        let path = format!("/v1/b2b/sso/oidc/{organization_id}/connections/{connection_id}");
        let settings = json!({ "token_url": format!("http://{address}/token") });
        call(&mut connection, "PUT", &path, headers, &settings).await?;
        let public_token = &world.doors.public_token;
        Ok(Self {
            server: world.server.address,
            start: format!("/v1/public/sso/start?connection_id={connection_id}&public_token={public_token}"),
            callback: format!("/v1/b2b/sso/callback/{connection_id}"),
            issuer: provider.issuer.clone(),
        })
    }

    pub(super) fn begin(self) -> JoinSet<()> {
        let mut all = JoinSet::new();
        let abuse = std::sync::Arc::new(self);
        for _ in 0..PEOPLE {
            let abuse = abuse.clone();
            all.spawn(async move {
                loop {
                    drop(abuse.come_back().await);
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
            });
        }
        all
    }

    async fn come_back(&self) -> Result<()> {
        let mut connection = Connection::open(self.server).await?;
        loop {
            let answer = connection.send(&get(&self.start, "")).await?.expect(302)?;
            let cookie = cookie(&answer)?;
            let asked = Url::parse(location(answer.header("location"))?)?;
            let state = asked.query_pairs().find(|(name, _)| name == "state").map(|(_, state)| state);
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("code", "a-code")
                .append_pair("iss", &self.issuer)
                .append_pair("state", &state.ok_or("no state at the start")?)
                .finish();
            connection.send(&get(&format!("{}?{query}", self.callback), &cookie)).await?;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }
}
