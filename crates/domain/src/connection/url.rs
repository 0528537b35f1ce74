//! Which URLs of identity providers may be configured.

use thiserror::Error;
use url::Url;

use crate::redirect::is_loopback;

/// Which provider URLs may be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlPolicy {
    /// https only.
    Https,
    /// https, and http to this machine: `vestibule dev`.
    HttpsOrLoopback,
}

/// Whether a URL may have a query.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Query {
    Allowed,
    Refused,
}

/// Why a URL may not be configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum UrlProblem {
    #[error("Found white space, a backslash, control characters or more than 2048 characters.")]
    Text,
    #[error("Found text that is not an absolute URL.")]
    NotAbsolute,
    #[error("Found user information or a fragment in the URL, expected neither.")]
    UserInfo,
    #[error("Found a query in the issuer, expected none (OpenID Connect Discovery section 2).")]
    Query,
    #[error("Found a scheme other than https.")]
    Scheme,
}

/// Checks a URL of another system that is no connection's, which may have a query.
pub(crate) fn checked_url(text: &str, urls: UrlPolicy) -> Result<(), String> {
    check_url(text, urls, Query::Allowed).map_err(|problem| problem.to_string())
}

/// Checks a provider URL. It is kept byte for byte: issuers and entity ids are compared exactly.
pub(super) fn check_url(text: &str, urls: UrlPolicy, query: Query) -> Result<(), UrlProblem> {
    if text.len() > 2048 || text.chars().any(|c| c.is_control() || c == ' ' || c == '\\') {
        return Err(UrlProblem::Text);
    }
    let url = Url::parse(text).map_err(|_| UrlProblem::NotAbsolute)?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(UrlProblem::UserInfo);
    }
    if query == Query::Refused && url.query().is_some() {
        return Err(UrlProblem::Query);
    }
    let loopback_http = urls == UrlPolicy::HttpsOrLoopback && url.scheme() == "http" && is_loopback(&url);
    if url.scheme() != "https" && !loopback_http {
        return Err(UrlProblem::Scheme);
    }
    Ok(())
}
