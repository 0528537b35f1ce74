//! A redirect that also says in its body where it leads: clients that follow none read it there.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use http::header::{LOCATION, REFERRER_POLICY};
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

/// Takes the browser there, without telling where it was.
#[must_use]
pub(crate) fn found(ctx: &Ctx, target: &Url) -> Response {
    let body =
        Redirect { status_code: 302, request_id: ctx.request_id.to_string(), redirect_url: target.as_str() };
    let mut headers = HeaderMap::new();
    if let Ok(location) = HeaderValue::from_str(target.as_str()) {
        headers.insert(LOCATION, location);
    }
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    (StatusCode::FOUND, headers, Json(body)).into_response()
}
