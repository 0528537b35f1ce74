//! A tenant that gives lists as long as a body can hold, and asks for new keys, over and over.

use std::net::SocketAddr;

use serde_json::json;
use tokio::task::JoinSet;

use crate::Result;
use crate::api::{call, text};
use crate::http::{Connection, with_json};
use crate::world::World;

const EACH: usize = 4;
const DOMAINS: usize = 12_000;

pub(super) struct Abuse {
    server: SocketAddr,
    requests: Vec<Vec<u8>>,
}

impl Abuse {
    pub(super) async fn new(world: &World) -> Result<Self> {
        let mut connection = Connection::open(world.server.address).await?;
        let headers = &world.doors.authorization;
        let name = json!({ "organization_name": "Long", "organization_slug": "long" });
        let made = call(&mut connection, "POST", "/v1/b2b/organizations", headers, &name).await?;
        let organization = text(&made, "/organization/organization_id")?;
        let domains: Vec<String> = (0..DOMAINS).map(|n| format!("d{n}.example")).collect();
        let list = json!({ "email_allowed_domains": domains }).to_string();
        let path = format!("/v1/b2b/organizations/{organization}");
        let list = with_json("PUT", &path, headers, &list);
        let path = format!("/v1/b2b/sso/saml/{organization}");
        let key = with_json("POST", &path, headers, &json!({ "display_name": "Key" }).to_string());
        Ok(Self { server: world.server.address, requests: vec![list, key] })
    }

    pub(super) fn begin(self) -> JoinSet<()> {
        let mut all = JoinSet::new();
        for request in self.requests.iter().flat_map(|request| std::iter::repeat_n(request, EACH)) {
            let (server, request) = (self.server, request.clone());
            all.spawn(async move {
                loop {
                    let Ok(mut connection) = Connection::open(server).await else { return };
                    while connection.send(&request).await.is_ok() {}
                }
            });
        }
        all
    }
}
