//! A request that leaves and the answer to it, as values.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

/// Answers are cut here unless the caller says otherwise: 1 MiB.
pub const DEFAULT_LIMIT_BYTES: usize = 1024 * 1024;

/// One request, as a value.
#[derive(Clone, Debug)]
pub struct FetchRequest {
    /// GET or POST, mostly.
    pub method: Method,
    /// Where to; judged when sent.
    pub url: Url,
    /// Sent as they are.
    pub headers: HeaderMap,
    /// Sent as it is; empty for none.
    pub body: Vec<u8>,
    /// The longest answer that is accepted, in bytes.
    pub limit_bytes: usize,
}

impl FetchRequest {
    /// A GET without headers, with the default limit.
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: Vec::new(),
            limit_bytes: DEFAULT_LIMIT_BYTES,
        }
    }

    /// A POST of an already encoded `application/x-www-form-urlencoded` body, with the default limit.
    #[must_use]
    pub fn post_form(url: Url, form: Vec<u8>) -> Self {
        let content_type = http::HeaderValue::from_static("application/x-www-form-urlencoded");
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, content_type)]);
        Self { method: Method::POST, headers, body: form, ..Self::get(url) }
    }
}

/// A whole answer that is not a redirect.
#[derive(Clone, Debug)]
pub struct FetchResponse {
    /// Any status but 3xx.
    pub status: StatusCode,
    /// `cache-control`, `content-type`, `date` and `retry-after`, when present.
    pub headers: HeaderMap,
    /// At most `limit_bytes`.
    pub body: Vec<u8>,
}
