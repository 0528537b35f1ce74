//! The second dialect: so far its refusals, said for the paths under `/api/v2/`, and the check of a token that nobody
//! has yet. The endpoints follow.

mod envelope;
mod management;
mod meanings;

pub use envelope::Auth0;
pub use meanings::row;

use crate::http::endpoint::Endpoints;

/// Every endpoint of this dialect.
pub(crate) fn endpoints() -> Endpoints<Auth0> {
    management::endpoints()
}

/// Whether a path is one of this dialect's.
#[must_use]
pub(crate) fn owns(path: &str) -> bool {
    path == "/api/v2" || path.starts_with("/api/v2/")
}
