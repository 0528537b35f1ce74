//! Whether a form was sent by one of our own pages. Browsers say whose page sent a request (Fetch Metadata); those that do not,
//! say its origin; a request that says neither is no browser's. What is changed with a session needs the session's own token
//! besides.

use http::HeaderMap;
use http::header::ORIGIN;
use vestibule_domain::refusal::{Refusal, What};
use vestibule_domain::secret::Secret;

use crate::world::App;

/// The name of the field with the session's token.
pub(super) const FIELD: &str = "form_token";

/// Whether a page of ours has sent a request.
///
/// # Errors
/// [`What::OriginNotAllowed`]
pub(super) fn check_origin(app: &App, headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let is_ours = match (text("sec-fetch-site"), text(ORIGIN.as_str())) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin == app.base_url,
        (None, None) => false,
    };
    if is_ours { Ok(()) } else { Err(What::OriginNotAllowed.into()) }
}

/// The same of a form that carries the token of its session.
///
/// # Errors
/// [`What::OriginNotAllowed`]
pub(super) fn check(app: &App, headers: &HeaderMap, expected: &str, given: &str) -> Result<(), Refusal> {
    check_origin(app, headers)?;
    if Secret::new(expected) == Secret::new(given) { Ok(()) } else { Err(What::OriginNotAllowed.into()) }
}
