//! Sends what a protocol crate built through the guarded fetcher, on somebody's behalf.

use http::{HeaderName, HeaderValue, Method};
use vestibule_oidc::request::{Method as ProtocolMethod, Request};

use crate::world::fetch::{Errand, FetchError, FetchRequest, FetchResponse};

/// Sends a request of the OpenID Connect crate. At most `limit` bytes of the answer are read.
///
/// # Errors
/// The fetcher's refusals and failures.
pub async fn send(errand: &Errand, request: &Request, limit: usize) -> Result<FetchResponse, FetchError> {
    let mut outgoing = FetchRequest::get(request.url().clone());
    outgoing.limit_bytes = limit;
    outgoing.method = match request.method() {
        ProtocolMethod::Get => Method::GET,
        ProtocolMethod::Post => Method::POST,
    };
    for (name, value) in request.headers() {
        // The protocol crate writes only names and values that headers may have.
        if let (Ok(name), Ok(mut value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            value.set_sensitive(name == http::header::AUTHORIZATION);
            outgoing.headers.insert(name, value);
        }
    }
    if let Some(body) = request.body() {
        outgoing.body = body.as_bytes().to_vec();
    }
    errand.send(outgoing).await
}
