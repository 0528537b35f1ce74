//! The authorization server of this dialect: what applications and browsers ask (OAuth 2.0, OpenID Connect).

mod asked;
mod client_credentials;
mod connection_keys;
mod envelope;
mod fields;
mod metadata;
mod token;

pub use envelope::OAuth;

use crate::http::endpoint::Endpoints;

/// Every endpoint of it.
pub(crate) fn endpoints() -> Endpoints<OAuth> {
    metadata::endpoints().and(token::endpoints()).and(connection_keys::endpoints())
}

/// Whether a path is one of its own.
#[must_use]
pub(crate) fn owns(path: &str) -> bool {
    let below =
        |word: &str| path.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    ["/oauth", "/authorize", "/userinfo", "/v2", "/oidc", "/login", "/.well-known"].into_iter().any(below)
}
