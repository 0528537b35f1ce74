//! What is said on a connection for which there is no room.

use std::time::Duration;

use axum::body::Body;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};

/// How long such a connection may take to say what it wants.
pub(super) const CROWDED_PATIENCE: Duration = Duration::from_secs(2);

/// That all connections are taken, and when to try again.
pub(super) fn crowded() -> Response<Body> {
    let mut answer = Response::new(Body::from("All connections are taken. Try again in a second.\n"));
    *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    answer
}
