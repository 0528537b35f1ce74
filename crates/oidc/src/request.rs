//! An HTTP request as a value: the shell sends it and hands the answer to the parser of the same module.

use std::fmt;

use url::Url;
use zeroize::Zeroizing;

/// The methods that a relying party uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST, always with an `application/x-www-form-urlencoded` body.
    Post,
}

impl Method {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// A request to send as it is, without following redirects.
///
/// Header values and body may hold secrets: they are wiped when dropped and do not print.
#[derive(Clone)]
pub struct Request {
    method: Method,
    url: Url,
    headers: Vec<(&'static str, Zeroizing<String>)>,
    body: Option<Zeroizing<String>>,
}

impl Request {
    pub(crate) fn get(url: Url) -> Self {
        Self { method: Method::Get, url, headers: Vec::new(), body: None }
            .with_header("accept", "application/json")
    }

    pub(crate) fn post_form(url: Url, body: String) -> Self {
        Self { method: Method::Post, url, headers: Vec::new(), body: Some(Zeroizing::new(body)) }
            .with_header("accept", "application/json")
            .with_header("content-type", "application/x-www-form-urlencoded")
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, Zeroizing::new(value.into())));
        self
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.method
    }

    /// Where to send it.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Header names in lower case, and values of visible ASCII.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.headers.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The body, for POST.
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        self.body.as_ref().map(|body| body.as_str())
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("path", &self.url.path())
            .finish_non_exhaustive()
    }
}
