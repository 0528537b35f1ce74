//! The Management API: who may ask for what. Its resources follow, each in a file of its own.

use super::Auth0;
use super::holder::Holder;
use crate::failure::Failure;
use crate::http::door::Reply;
use crate::http::endpoint::{Endpoints, Needs};
use vestibule_domain::refusal::What;

const READS: Needs = Needs::AnyScope(&["read:connections"]);

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Auth0> {
    Endpoints::new().get("/api/v2/connections", READS, connections).get(
        "/api/v2/connections/{connection_id}",
        READS,
        connections,
    )
}

async fn connections(_: Holder) -> Result<Reply<Auth0, ()>, Failure> {
    Err(What::NotOffered.into())
}
