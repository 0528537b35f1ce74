//! A set of public keys as it is answered (RFC 7517 section 5).

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde::Serialize;
use vestibule_oidc::jose::PublicJwk;

/// The media type (RFC 7517 section 8.5.2).
const MEDIA_TYPE: &str = "application/jwk-set+json";

#[derive(Serialize)]
struct KeySet {
    keys: Vec<PublicJwk>,
}

/// The keys by which an identity provider knows a connection as its client. It may keep them for five minutes.
pub(crate) fn of_client(keys: Vec<PublicJwk>) -> Response {
    let headers = [(CONTENT_TYPE, MEDIA_TYPE), (CACHE_CONTROL, "public, max-age=300")];
    (headers, Json(KeySet { keys })).into_response()
}
