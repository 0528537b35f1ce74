//! What this server serves, for programs to read: `GET /openapi.json` (OpenAPI 3.1). The document is written from the list of
//! endpoints by `tests/reference.rs`, which fails when it is another (ADR 38).

use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::doors::stytch::Stytch;
use crate::http::endpoint::{Endpoints, Needs};

/// The document.
const DOCUMENT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/openapi.json"));

/// The endpoint of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    Endpoints::new().get("/openapi.json", Needs::Nothing, show)
}

async fn show() -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=300")];
    (headers, DOCUMENT).into_response()
}
