//! How the browser is sent on.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use http::header::LOCATION;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use url::Url;

use crate::http::ctx::Ctx;

#[derive(Serialize)]
struct Redirect<'a> {
    status_code: u16,
    request_id: String,
    redirect_url: &'a str,
}

/// A redirect that also says in its body where it leads (contract 5.1).
#[must_use]
pub fn redirect(ctx: &Ctx, target: &Url) -> Response {
    let body =
        Redirect { status_code: 302, request_id: ctx.request_id.to_string(), redirect_url: target.as_str() };
    let mut headers = HeaderMap::new();
    if let Ok(location) = HeaderValue::from_str(target.as_str()) {
        headers.insert(LOCATION, location);
    }
    headers.insert(http::header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    (StatusCode::FOUND, headers, Json(body)).into_response()
}
