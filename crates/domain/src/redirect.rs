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

/// Schemes that are nobody's application: a browser runs, reads or shows what they name, or they belong to another program.
const OF_OTHERS: [&str; 49] = [
    "about",
    "acct",
    "blob",
    "brave",
    "chrome",
    "cid",
    "content",
    "data",
    "dns",
    "edge",
    "facetime",
    "feed",
    "file",
    "filesystem",
    "ftp",
    "ftps",
    "geo",
    "git",
    "gopher",
    "imap",
    "intent",
    "irc",
    "jar",
    "javascript",
    "ldap",
    "ldaps",
    "livescript",
    "magnet",
    "mailto",
    "market",
    "mid",
    "mocha",
    "news",
    "nfs",
    "nntp",
    "resource",
    "rtsp",
    "sftp",
    "sip",
    "sms",
    "smb",
    "ssh",
    "tel",
    "telnet",
    "urn",
    "vbscript",
    "webcal",
    "ws",
    "wss",
];
/// How families of such schemes begin.
const FAMILIES_OF_OTHERS: [&str; 10] =
    ["android-", "chrome-", "itms-", "microsoft-", "moz-", "ms-", "safari-", "search-", "view-", "web+"];

/// Reads a URL that is to be registered or compared, in WHATWG normal form.
///
/// # Errors
/// [`What::Invalid(Field::RedirectUrl)`] for anything but a plain absolute https URL, loopback http where allowed, or a URL
/// with the scheme of an application on a device (RFC 8252 section 7.1): no user information, fragment, backslash or
/// control character.
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
        scheme if is_of_others(scheme) => {
            refuse("a scheme that is no application's own", "https, or a scheme like com.example.app")
        }
        _ if url.cannot_be_a_base() => refuse("a scheme without a path", "a / after its colon"),
        _ => Ok(url),
    }
}

/// A letter alone is a drive.
fn is_of_others(scheme: &str) -> bool {
    scheme.len() < 2
        || OF_OTHERS.contains(&scheme)
        || FAMILIES_OF_OTHERS.iter().any(|family| scheme.starts_with(family))
}

/// Whether a URL of [`parse_redirect`] leads to an application on a device by that application's own scheme. Any other
/// application there may claim the same.
#[must_use]
pub fn is_private_use(url: &str) -> bool {
    !["https://", "http://"].iter().any(|web| url.starts_with(web))
}

/// Lets a token go to a URL of [`parse_redirect`]: by an application's own scheme only with a challenge, without whose
/// verifier it is worth nothing to whichever application gets it (RFC 8252 section 8.1).
///
/// # Errors
/// [`What::Invalid(Field::PkceChallenge)`].
pub fn require_bound(url: &str, code_challenge: Option<&str>) -> Result<(), Refusal> {
    if code_challenge.is_some() || !is_private_use(url) {
        return Ok(());
    }
    Err(Refusal::new(What::Invalid(Field::PkceChallenge))
        .found(format!("none, and {url:?} as the redirect URL"))
        .expected("a challenge, because any application of a device can claim a scheme; or an https URL"))
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
            "javascript://app.test/%0Aalert(1)",
            "JavaScript://app.test/%0Aalert(1)",
            "java\tscript://app.test/",
            "\u{1}javascript://app.test/",
            "vbscript://x/",
            "data://text/html,x",
            "file:///etc/passwd",
            "blob:https://app.test/1",
            "filesystem:https://app.test/temporary/x",
            "view-source://app.test/",
            "about:blank",
            "ftp://app.test/",
            "wss://app.test/",
            "intent://scan/",
            "intent://app.test/callback;package=evil",
            "ms-settings://x",
            "mailto:ada@app.test",
            "chrome://settings/",
            "c:/windows",
            "myapp:callback",
            "myapp:",
            "myapp://user@callback",
            "myapp://callback#x",
            "myapp://call back",
            "myapp:\\\\callback",
        ] {
            assert!(parse_redirect(text, LoopbackHttp::Allowed).is_err(), "{text:?}");
        }
        assert!(parse_redirect("http://localhost:3000/authenticate", LoopbackHttp::Allowed).is_ok());
        assert!(parse_redirect("http://localhost:3000/authenticate", LoopbackHttp::Refused).is_err());
    }

    #[test]
    fn an_application_has_a_scheme_of_its_own() {
        for (text, spelled) in [
            ("myapp://callback", "myapp://callback"),
            ("MyApp://Callback?from=app", "myapp://Callback?from=app"),
            ("com.example.app:/oauth2redirect", "com.example.app:/oauth2redirect"),
            ("exp://192.168.0.2:8081/--/callback", "exp://192.168.0.2:8081/--/callback"),
        ] {
            let url = parse_redirect(text, LoopbackHttp::Refused).unwrap();
            assert_eq!(url.as_str(), spelled);
            assert!(is_private_use(url.as_str()), "{text}");
            assert!(require_bound(url.as_str(), None).is_err());
            assert!(require_bound(url.as_str(), Some("challenge")).is_ok());
        }
        let brought = with_parameters("myapp://callback?from=app", &[("token", "t&t")]).unwrap();
        assert_eq!(brought.as_str(), "myapp://callback?from=app&token=t%26t");
        for web in ["https://app.test/callback", "http://localhost:3000/callback"] {
            assert!(require_bound(web, None).is_ok());
        }
    }
}
