//! What this server adds to the dialect, in its envelope (`docs/compatibility.md`).

pub mod connection_test;
pub mod errors;
pub mod events;
pub mod sp_metadata;
pub mod traces;

use crate::doors::stytch::Stytch;
use crate::http::endpoint::Endpoints;

/// Every endpoint of our own.
pub fn endpoints() -> Endpoints<Stytch> {
    connection_test::endpoints()
        .and(errors::endpoints())
        .and(sp_metadata::endpoints())
        .and(traces::endpoints())
        .and(events::endpoints())
}
