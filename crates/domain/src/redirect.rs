//! Redirect URLs: where a browser may be sent after signing in. Exact match on an allow-list, nothing
//! cleverer (open redirects).

use serde::{Deserialize, Serialize};
use url::Url;

use crate::id::Environment;
use crate::refusal::{Field, Refusal, What};
use crate::spelled::spelled;

spelled! {
    /// What a redirect URL may be used for.
    #[derive(Hash, PartialOrd, Ord)]
    pub enum RedirectKind {
        /// An existing member signs in.
        Login = "login",
        /// A member was created by this sign-in.
        Signup = "signup",
        /// An invited member accepts.
        Invite = "invite",
        /// A password is reset.
        ResetPassword = "reset_password",
        /// An organization is discovered.
        Discovery = "discovery",
        /// After logout.
        Logout = "logout",
    }
}

/// Whether plain `http` to this machine is fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoopbackHttp {
    /// For trying out: `http://localhost`, `http://127.0.0.1` and `http://[::1]` are fine.
    Allowed,
    /// For customers: https only.
    Refused,
}

impl LoopbackHttp {
    /// What a project allows. An application that is being written runs on its developer's machine; who has a test
    /// project's token signs in nobody's customers.
    #[must_use]
    pub const fn of(environment: Environment) -> Self {
        match environment {
            Environment::Test => Self::Allowed,
            Environment::Live => Self::Refused,
        }
    }
}

/// A registered URL a browser may be sent to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedirectUrl {
    /// What it may be used for.
    pub kind: RedirectKind,
    /// The URL in WHATWG normal form.
    pub url: String,
    /// Whether it is used when a request names none.
    pub is_default: bool,
}

/// Reads a URL that is to be registered or compared, in WHATWG normal form.
///
/// # Errors
/// [`What::Invalid(Field::RedirectUrl)`] for anything but a plain absolute https URL (or loopback http where
/// allowed): no user information, fragment, backslash or control character.
pub fn parse_redirect(text: &str, loopback: LoopbackHttp) -> Result<Url, Refusal> {
    let refuse = |found: &str, expected: &str| {
        Err(Refusal::new(What::Invalid(Field::RedirectUrl)).found(found).expected(expected))
    };
    if text.len() > 2048 {
        return refuse("more than 2048 characters", "");
    }
    if text.chars().any(|c| c.is_control() || c == '\\' || c == ' ') {
        return refuse("a backslash, space or control character", "a plain absolute URL");
    }
    let Ok(url) = Url::parse(text) else {
        return refuse("text that is not an absolute URL", "");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("user information", "none");
    }
    if url.fragment().is_some() {
        return refuse("a fragment (#)", "none");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback == LoopbackHttp::Allowed && is_loopback(&url) => Ok(url),
        "http" if is_loopback(&url) => refuse("http", "https, or a project of the environment test"),
        "http" => refuse("http", "https"),
        _ => refuse("a scheme other than https", ""),
    }
}

/// Whether a URL names this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Adds query parameters to a registered URL, keeping those it has.
#[must_use]
pub fn with_parameters(url: &str, parameters: &[(&str, &str)]) -> Option<Url> {
    let mut url = Url::parse(url).ok()?;
    url.query_pairs_mut().extend_pairs(parameters);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_urls_are_refused() {
        for text in [
            "http://app.test/cb",
            "https://user@app.test/",
            "https://app.test\\@evil.test/",
            "https://app.test/#x",
            "javascript:alert(1)",
            "//evil.test/",
            "https://app.test/\r\nSet-Cookie: a=b",
            "data:text/html,x",
        ] {
            assert!(parse_redirect(text, LoopbackHttp::Allowed).is_err(), "{text:?}");
        }
        assert!(parse_redirect("http://localhost:3000/authenticate", LoopbackHttp::Allowed).is_ok());
        assert!(parse_redirect("http://localhost:3000/authenticate", LoopbackHttp::Refused).is_err());
    }
}
