//! The second dialect: its Management API under `/api/v2/`, and its authorization server.

mod access;
mod allowance;
pub(crate) mod avatars;
mod envelope;
mod holder;
mod management;
mod meanings;
pub(crate) mod oauth;
pub(crate) mod scopes;
mod wire;

pub(crate) use allowance::told;
pub use envelope::Auth0;
pub use meanings::row;
pub use oauth::OAuth;

use crate::http::endpoint::Endpoints;

/// Every endpoint of the Management API.
pub(crate) fn endpoints() -> Endpoints<Auth0> {
    management::endpoints().and(avatars::endpoints())
}

/// Whether a path is one of the Management API.
#[must_use]
pub(crate) fn owns(path: &str) -> bool {
    path == "/api/v2" || path.starts_with("/api/v2/") || path.starts_with("/avatars/")
}
