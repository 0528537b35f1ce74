//! Requests of pages of other origins (Fetch standard, section 3.3): who asks, what a preflight is told, and who may read an
//! answer.
//!
//! A preflight has no credentials, so it is the same for everybody and says nothing of any project. What a page may not do it
//! is refused by the request itself, and it may read that refusal: nobody could tell a wrong setting from a network that is down.

use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

/// What clients of the frontend API send beside what pages always may.
const HEADERS: HeaderValue =
    HeaderValue::from_static("authorization, content-type, x-sdk-client, x-sdk-parent-host");
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, DELETE");
/// A day; some browsers keep it for two hours.
const MAX_AGE: HeaderValue = HeaderValue::from_static("86400");
const EXPOSED: HeaderValue = HeaderValue::from_static("retry-after");

/// The origin of the page that asks.
pub(crate) fn origin(headers: &HeaderMap) -> Option<HeaderValue> {
    headers.get(ORIGIN).cloned()
}

/// Whether a page of the asked host itself asks. Browsers say so, and let no script say it; they name no origin when such a
/// page reads.
pub(crate) fn is_same_origin(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin")
}

/// Whether a browser asks what a page may ask.
pub(crate) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// What a browser is told that asks.
pub(crate) fn preflight(origin: Option<HeaderValue>) -> Response {
    let mut response = allowing(HEADERS);
    readable(&mut response, origin);
    response
}

/// The same where no cookies go along; `sent` are the headers that pages may send.
pub(crate) fn preflight_without_cookies(origin: Option<HeaderValue>, sent: HeaderValue) -> Response {
    let mut response = allowing(sent);
    readable_without_cookies(&mut response, origin);
    response
}

fn allowing(sent: HeaderValue) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, sent);
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    response
}

/// Lets the page of this origin, and no other, read an answer. No cache gives it to another.
pub(crate) fn readable(response: &mut Response, origin: Option<HeaderValue>) {
    if origin.is_some() {
        let yes = HeaderValue::from_static("true");
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
    }
    readable_without_cookies(response, origin);
}

/// The same for an answer to a request without cookies.
pub(crate) fn readable_without_cookies(response: &mut Response, origin: Option<HeaderValue>) {
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}
