//! The host that a request names.

use axum::body::Body;
use http::header::{CONNECTION, CONTENT_TYPE, HOST};
use http::uri::Authority;
use http::{HeaderValue, Request, Response, StatusCode, Version};

/// Whether a request of HTTP/1.1 names one host, and the one that its target names (RFC 9112 section 3.2).
pub(super) fn names_its_host<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, None) => request.version() < Version::HTTP_11,
        (Some(host), None) => {
            let host = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok());
            host.is_some_and(|host| request.uri().authority().is_none_or(|target| *target == host))
        }
        _ => false,
    }
}

/// The answer to one that does not.
pub(super) fn hostless() -> Response<Body> {
    let mut answer = Response::new(Body::from("Expected one Host header, naming the host of the request.\n"));
    *answer.status_mut() = StatusCode::BAD_REQUEST;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}
