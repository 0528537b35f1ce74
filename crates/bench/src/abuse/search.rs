//! A backend that searches the members of a large organization from many connections at once.

use std::net::SocketAddr;

use serde_json::json;
use tokio::task::JoinSet;

use crate::Result;
use crate::api::{call, text};
use crate::http::{Connection, with_json};
use crate::world::World;

const SEARCHES: usize = 64;
const AT_ONCE: usize = 8;

pub(super) struct Abuse {
    server: SocketAddr,
    request: Vec<u8>,
}

impl Abuse {
    /// Fills an organization with members.
    pub(super) async fn new(world: &World, members: usize) -> Result<Self> {
        let (server, headers) = (world.server.address, world.doors.authorization.clone());
        let mut connection = Connection::open(server).await?;
        let name = json!({ "organization_name": "Searched", "organization_slug": "searched" });
        let made = call(&mut connection, "POST", "/v1/b2b/organizations", &headers, &name).await?;
        let organization = text(&made, "/organization/organization_id")?;
        let mut filling = JoinSet::new();
        for first in 0..AT_ONCE {
            let (headers, organization) = (headers.clone(), organization.clone());
            filling.spawn(async move {
                let mut connection = Connection::open(server).await?;
                let path = format!("/v1/b2b/organizations/{organization}/members");
                for number in (first..members).step_by(AT_ONCE) {
                    let body =
                        json!({ "email_address": format!("m{number}@searched.example"), "name": "Somebody" });
                    call(&mut connection, "POST", &path, &headers, &body).await?;
                }
                Result::Ok(())
            });
        }
        while let Some(filled) = filling.join_next().await {
            filled??;
        }
        // Nobody matches: every row has to be looked at.
        let filter = json!({ "filter_name": "member_email_fuzzy", "filter_value": "nobody-has-this" });
        let query = json!({ "operator": "AND", "operands": [filter] });
        let body = json!({ "organization_ids": [organization], "query": query, "limit": 1000 });
        let path = "/v1/b2b/organizations/members/search";
        Ok(Self { server, request: with_json("POST", path, &headers, &body.to_string()) })
    }

    pub(super) fn begin(self) -> JoinSet<()> {
        let mut all = JoinSet::new();
        for _ in 0..SEARCHES {
            let (server, request) = (self.server, self.request.clone());
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
