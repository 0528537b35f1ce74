//! What this dialect's doors serve, for programs to read: `GET /api/v2/openapi.json` (OpenAPI 3.1). The document is written from the
//! list of endpoints by `tests/reference.rs`, which fails when it is another (ADR 54).

use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::doors::auth0::Auth0;
use crate::http::endpoint::{Endpoints, Needs};

/// The document.
const DOCUMENT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/auth0.openapi.json"));

/// The endpoint of this file.
pub(super) fn endpoints() -> Endpoints<Auth0> {
    Endpoints::new().get("/api/v2/openapi.json", Needs::Nothing, show)
}

async fn show() -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=300")];
    (headers, DOCUMENT).into_response()
}
