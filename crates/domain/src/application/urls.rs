//! Addresses of an application: where browsers may be sent, and whose pages may ask.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Origin, Url};

use crate::redirect::{LoopbackHttp, is_loopback, parse_redirect};
use crate::refusal::{Field, Refusal, What};

/// The most characters of an address.
const MOST: usize = 2048;
/// What a wildcard has to be.
const A_WILDCARD: &str = "https and one first label `*` before at least two others";
/// Schemes that a browser would run or read itself instead of handing the address to an application.
const NO_APPLICATION: [&str; 11] = [
    "javascript",
    "data",
    "vbscript",
    "file",
    "blob",
    "about",
    "view-source",
    "ftp",
    "ws",
    "wss",
    "filesystem",
];

/// A registered address. It is compared as it was registered, letter by letter (RFC 9700 section 2.1); one whose first
/// label is `*` stands for each name with one label more.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AppUrl(String);

impl AppUrl {
    /// Takes an address that browsers may be sent to. Besides https, and http on this machine where `loopback` allows it,
    /// an application's own scheme will do (RFC 8252 section 7.1).
    ///
    /// # Errors
    /// [`Field::RedirectUrl`].
    pub fn callback(text: &str, loopback: LoopbackHttp) -> Result<Self, Refusal> {
        if is_own_scheme(text) {
            return own_scheme(text);
        }
        match text.split_once("://*.") {
            Some((scheme, rest)) => wildcard(text, scheme, rest, loopback),
            None if text.contains('*') => Err(refused("a wildcard", A_WILDCARD)),
            None => parse_redirect(text, loopback).map(|_| Self(text.to_owned())),
        }
    }

    /// Takes the origin of pages: scheme, host and port, and nothing behind them but a slash.
    ///
    /// # Errors
    /// [`Field::PageOrigin`].
    pub fn origin(text: &str, loopback: LoopbackHttp) -> Result<Self, Refusal> {
        let refuse = || {
            Refusal::new(What::Invalid(Field::PageOrigin))
                .found(format!("{text:?}"))
                .expected("an https origin such as https://app.example.com")
        };
        let text = text.strip_suffix('/').unwrap_or(text);
        let plain = text.replacen("://*.", "://", 1);
        let url = parse_redirect(&plain, loopback).map_err(|_| refuse())?;
        if url.path() != "/" || url.query().is_some() || plain.matches('/').count() != 2 {
            return Err(refuse());
        }
        match text.split_once("://*.") {
            Some((scheme, rest)) => wildcard(text, scheme, rest, loopback),
            None => Ok(Self(url.origin().ascii_serialization())),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is what was asked for. A program on somebody's machine cannot know before which port is free: for it, `any_port`
    /// of this machine's is as good as another (RFC 8252 section 7.3).
    #[must_use]
    pub fn takes(&self, asked: &str, any_port: bool) -> bool {
        if self.0 == asked {
            return true;
        }
        if let Some((scheme, rest)) = self.0.split_once("://*.") {
            return takes_label(scheme, rest, asked);
        }
        any_port && same_but_for_the_port(&self.0, asked)
    }

    /// The origin of it, when it has one that a page can have.
    #[must_use]
    pub fn page_origin(&self) -> Option<String> {
        match Url::parse(&self.0).ok()?.origin() {
            Origin::Opaque(_) => None,
            origin @ Origin::Tuple(..) => Some(origin.ascii_serialization()),
        }
    }
}

impl fmt::Display for AppUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether pages of an origin are an application's: it is registered, or a callback leads there.
#[must_use]
pub fn is_registered_origin<'a>(
    origin: &str,
    origins: impl IntoIterator<Item = &'a AppUrl>,
    callbacks: &[AppUrl],
) -> bool {
    origins.into_iter().any(|registered| registered.takes(origin, false))
        || callbacks.iter().any(|callback| callback.page_origin().as_deref() == Some(origin))
}

fn refused(found: &str, expected: &str) -> Refusal {
    Refusal::new(What::Invalid(Field::RedirectUrl)).found(found).expected(expected)
}

fn is_own_scheme(text: &str) -> bool {
    let scheme = text.split(':').next().unwrap_or_default();
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+');
    scheme.len() < text.len()
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(is_letter)
        && !scheme.eq_ignore_ascii_case("https")
        && !scheme.eq_ignore_ascii_case("http")
}

fn own_scheme(text: &str) -> Result<AppUrl, Refusal> {
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '\\' | '#' | '"' | '<' | '>');
    if text.len() > MOST || !text.chars().all(is_plain) || Url::parse(text).is_err() {
        return Err(refused("text that is not an absolute URL", "a plain absolute URL without a fragment"));
    }
    let scheme = text.split(':').next().unwrap_or_default().to_ascii_lowercase();
    if NO_APPLICATION.contains(&scheme.as_str()) {
        return Err(refused(&format!("the scheme {scheme}"), "https or an application's own scheme"));
    }
    Ok(AppUrl(text.to_owned()))
}

/// One with a wildcard: behind it there must be at least two labels, so that nobody registers all of `*.com`.
fn wildcard(text: &str, scheme: &str, rest: &str, loopback: LoopbackHttp) -> Result<AppUrl, Refusal> {
    let url = parse_redirect(&format!("{scheme}://{rest}"), loopback)?;
    let labels = match url.host() {
        Some(Host::Domain(name)) => name.split('.').filter(|label| !label.is_empty()).count(),
        _ => 0,
    };
    if scheme != "https" || labels < 2 || rest.contains('*') {
        return Err(refused("a wildcard", A_WILDCARD));
    }
    Ok(AppUrl(text.to_owned()))
}

/// Whether `asked` is the registered address with one label in the place of the wildcard.
fn takes_label(scheme: &str, rest: &str, asked: &str) -> bool {
    let label = asked
        .strip_prefix(scheme)
        .and_then(|asked| asked.strip_prefix("://"))
        .and_then(|asked| asked.strip_suffix(rest))
        .and_then(|label| label.strip_suffix('.'));
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    label.is_some_and(|label| (1..=63).contains(&label.len()) && label.bytes().all(is_letter))
}

fn same_but_for_the_port(registered: &str, asked: &str) -> bool {
    let read = |text| parse_redirect(text, LoopbackHttp::Allowed).ok();
    let (Some(mut ours), Some(theirs)) = (read(registered), read(asked)) else { return false };
    let is_local = |url: &Url| url.scheme() == "http" && is_loopback(url);
    is_local(&ours) && is_local(&theirs) && ours.set_port(theirs.port()).is_ok() && ours.as_str() == asked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn callback(text: &str) -> AppUrl {
        AppUrl::callback(text, LoopbackHttp::Allowed).unwrap()
    }

    #[test]
    fn an_address_is_compared_letter_by_letter() {
        let url = callback("https://app.test/cb?x=1");
        assert!(url.takes("https://app.test/cb?x=1", true));
        for other in [
            "https://app.test/cb",
            "https://app.test/cb?x=1&y=2",
            "https://app.test/cb/?x=1",
            "https://APP.test/cb?x=1",
            "https://app.test:443/cb?x=1",
            "https://app.test/cb?x=1#a",
            "https://app.test/a/../cb?x=1",
            "http://app.test/cb?x=1",
        ] {
            assert!(!url.takes(other, true), "{other}");
        }
    }

    #[test]
    fn a_program_on_the_machine_takes_any_port_of_it() {
        let url = callback("http://127.0.0.1/cb");
        assert!(url.takes("http://127.0.0.1:51004/cb", true));
        assert!(!url.takes("http://127.0.0.1:51004/cb", false));
        for other in [
            "http://127.0.0.1:51004/other",
            "http://localhost:51004/cb",
            "http://127.0.0.2:1/cb",
            "http://evil.test:1/cb",
            "https://127.0.0.1:1/cb",
            "http://127.0.0.1:1@evil.test/cb",
        ] {
            assert!(!url.takes(other, true), "{other}");
        }
        assert!(!callback("https://app.test/cb").takes("https://app.test:8443/cb", true));
    }

    #[test]
    fn a_wildcard_is_one_label() {
        let url = callback("https://*.app.test/cb");
        assert!(url.takes("https://acme.app.test/cb", false) && url.takes("https://a-1.app.test/cb", false));
        for other in [
            "https://app.test/cb",
            "https://a.b.app.test/cb",
            "https://evil.test/x.app.test/cb",
            "https://evil.test?.app.test/cb",
            "https://evil.test#.app.test/cb",
            "https://a@evil.app.test/cb",
            "https://.app.test/cb",
            "http://acme.app.test/cb",
            "https://acme.app.test/cb2",
        ] {
            assert!(!url.takes(other, false), "{other}");
        }
        for wrong in ["https://*.test/cb", "https://*/cb", "http://*.app.test/cb", "https://*.*.app.test/"] {
            assert!(AppUrl::callback(wrong, LoopbackHttp::Refused).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_applications_own_scheme_is_fine_and_what_browsers_run_is_not() {
        for text in ["com.example.app:/cb", "com.example.app://host/ios/cb", "myapp://callback"] {
            assert!(AppUrl::callback(text, LoopbackHttp::Refused).is_ok(), "{text}");
        }
        for text in
            ["javascript:alert(1)", "data:text/html,x", "JavaScript:alert(1)", "file:///x", "x", "app:/#f"]
        {
            assert!(AppUrl::callback(text, LoopbackHttp::Refused).is_err(), "{text}");
        }
        assert!(AppUrl::callback("http://localhost:3000/cb", LoopbackHttp::Refused).is_err());
    }

    #[test]
    fn an_origin_is_one() {
        let origin = |text| AppUrl::origin(text, LoopbackHttp::Allowed);
        assert_eq!(origin("https://App.test/").unwrap().as_str(), "https://app.test");
        assert_eq!(origin("http://localhost:3000").unwrap().as_str(), "http://localhost:3000");
        assert!(origin("https://*.app.test").unwrap().takes("https://acme.app.test", false));
        for wrong in
            ["https://app.test/x", "https://app.test?x", "null", "*", "com.example:/", "https://a@b.test"]
        {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
        let callbacks = [callback("https://app.test/cb"), callback("com.example.app:/cb")];
        assert!(is_registered_origin("https://app.test", [], &callbacks));
        assert!(!is_registered_origin("https://app.test:8443", [], &callbacks));
        assert!(!is_registered_origin("null", [], &callbacks));
    }
}
