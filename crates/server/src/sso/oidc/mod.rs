//! Signing in with OpenID Connect: the request to the provider, reading its answer, and the exchange that
//! proves an identity.

pub mod answer;
pub mod discovery;
pub mod exchange;
pub mod keys;
mod outbound;
pub mod request;

use vestibule_domain::fault::FaultKind;

use super::attempt::AttemptRows;

/// How this protocol says that an attempt cannot be finished (contract 8.3).
pub const ROWS: AttemptRows = AttemptRows {
    unsolicited: FaultKind::UnsolicitedOidcResponse,
    missing_cookie: FaultKind::MissingOidcCookie,
    other_browser: FaultKind::OidcCookieMismatch,
    expired: FaultKind::ExpiredOidcResponse,
};
