//! What this server adds to the dialect, in its envelope (`docs/compatibility.md`).

pub(crate) mod client_keys;
pub(crate) mod connection_test;
pub(crate) mod connection_tests;
pub(crate) mod directory_requests;
pub(crate) mod document;
pub(crate) mod domains;
pub(crate) mod errors;
pub(crate) mod events;
pub(crate) mod expirations;
pub(crate) mod provider_guides;
pub(crate) mod rbac;
pub(crate) mod registrations;
pub(crate) mod sdk;
pub(crate) mod secrets;
pub(crate) mod session_keys;
pub(crate) mod session_migration;
pub(crate) mod setup_links;
pub(crate) mod sp_metadata;
pub(crate) mod traces;

use crate::doors::stytch::Stytch;
use crate::http::endpoint::Endpoints;

/// Every endpoint of our own.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    client_keys::endpoints()
        .and(connection_test::endpoints())
        .and(connection_tests::endpoints())
        .and(directory_requests::endpoints())
        .and(document::endpoints())
        .and(domains::endpoints())
        .and(errors::endpoints())
        .and(sp_metadata::endpoints())
        .and(traces::endpoints())
        .and(events::endpoints())
        .and(expirations::endpoints())
        .and(registrations::endpoints())
        .and(sdk::endpoints())
        .and(secrets::endpoints())
        .and(session_keys::endpoints())
        .and(session_migration::endpoints())
        .and(rbac::endpoints())
        .and(provider_guides::endpoints())
        .and(setup_links::endpoints())
}
