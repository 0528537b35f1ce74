//! The page a person sees when a sign-in is refused: what was found, what was expected, and an id to quote.

use askama::Template;
use axum::response::{Html, IntoResponse as _, Response};
use http::{HeaderName, HeaderValue, StatusCode};
use vestibule_domain::fault::Fault;
use vestibule_domain::trace::TraceStep;

use crate::ctx::Ctx;

#[derive(Template)]
#[template(path = "refusal.html")]
struct Refusal<'a> {
    code: &'a str,
    message: &'a str,
    detail: &'a str,
    found: &'a str,
    expected: &'a str,
    request_id: String,
    at: String,
}

/// Nothing is loaded from anywhere and nothing runs; the style is allowed by its place in the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The page for a refusal, with the check that failed when there was one.
#[must_use]
pub fn refusal(ctx: &Ctx, fault: &Fault, failed: Option<&TraceStep>) -> Response {
    let page = Refusal {
        code: fault.kind.name(),
        message: fault.kind.message(),
        detail: fault.detail.as_deref().unwrap_or_default(),
        found: failed.map(|step| step.found.as_str()).unwrap_or_default(),
        expected: failed.map(|step| step.expected.as_str()).unwrap_or_default(),
        request_id: ctx.request_id.to_string(),
        at: ctx.now.to_string(),
    };
    let status = StatusCode::from_u16(fault.kind.status()).unwrap_or(StatusCode::BAD_REQUEST);
    html(status, page.render().unwrap_or_default(), POLICY)
}

/// An HTML answer with its content security policy.
#[must_use]
pub fn html(status: StatusCode, text: String, policy: &'static str) -> Response {
    let mut response = (status, Html(text)).into_response();
    let headers = response.headers_mut();
    headers.insert(http::header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(http::header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("x-frame-options"), HeaderValue::from_static("DENY"));
    response
}
