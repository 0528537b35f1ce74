//! What browsers and phones may ask a project's frontend API for. They show nothing but a public token, so all that the project
//! decides about them stands here.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::redirect::{LoopbackHttp, is_loopback};
use crate::refusal::{Field, Refusal, What};
use crate::session::SessionDuration;

/// The most origins of one project.
const MOST_ORIGINS: usize = 100;
/// The longest origin and the longest domain.
const LONGEST: usize = 253;

/// Where a page comes from, spelled as browsers spell it in `Origin` (RFC 6454 section 6.2): compared letter by letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageOrigin(String);

impl PageOrigin {
    /// Reads an origin that is to be allowed. A lone slash behind it, as address bars show it, is no path.
    ///
    /// # Errors
    /// [`Field::PageOrigin`] for anything but a scheme, a host and perhaps a port, and for `http` but on this machine where
    /// that is fine.
    pub fn parse(text: &str, loopback: LoopbackHttp) -> Result<Self, Refusal> {
        let refuse = |found: &str, expected: &str| {
            Err(Refusal::new(What::Invalid(Field::PageOrigin)).found(found).expected(expected))
        };
        let plain = "an origin such as https://app.example.com";
        if text.contains('*') {
            return refuse("a wildcard", "each origin by its name");
        }
        if text.len() > LONGEST || !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            return refuse("more than 253 characters, or one that no origin has", plain);
        }
        let Ok(url) = Url::parse(text) else { return refuse("text that is no absolute URL", plain) };
        let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
            return refuse("no host", plain);
        };
        let is_bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        if !is_bare || url.fragment().is_some() || !matches!(url.path(), "" | "/") {
            return refuse("more than scheme, host and port", plain);
        }
        match url.scheme() {
            "http" if !is_loopback(&url) => return refuse("http", "https"),
            "http" if loopback == LoopbackHttp::Refused => {
                return refuse("http", "https, or a project of the environment test");
            }
            "javascript" | "data" | "blob" | "file" | "about" => {
                return refuse("a scheme without origins", plain);
            }
            _ => {}
        }
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Self(format!("{}://{host}{port}", url.scheme())))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The settings of a project's frontend API. As long as nobody has made any, nobody is served.
///
/// Stored as a document; a member that an older version did not write is as it was before there was such a setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FrontendSettings {
    /// Whose pages are served.
    pub allowed_origins: Vec<PageOrigin>,
    /// Whether callers are served that name no origin: applications on phones, and programs.
    pub native_apps: bool,
    /// Whether members may do what their roles allow: change their organization, its connections and its members.
    pub member_actions: bool,
    /// Whether somebody who has shown an address may make an organization.
    pub organization_creation: bool,
    /// The longest session that may be asked for.
    pub max_session_duration_minutes: i64,
    /// Whether a sign-in through a connection has to begin with a PKCE challenge.
    pub pkce_required_for_sso: bool,
    /// Whether a magic link has to be asked for with a PKCE challenge.
    pub pkce_required_for_email_magic_links: bool,
    /// Whether sessions are kept in cookies that no script reads, and never shown.
    pub http_only_cookies: bool,
    /// The domain of those cookies; `""` for the host of this server alone.
    pub cookie_domain: String,
}

impl Default for FrontendSettings {
    fn default() -> Self {
        Self {
            allowed_origins: Vec::new(),
            native_apps: false,
            member_actions: false,
            organization_creation: false,
            // Thirty days.
            max_session_duration_minutes: 43_200,
            pkce_required_for_sso: false,
            pkce_required_for_email_magic_links: false,
            http_only_cookies: false,
            cookie_domain: String::new(),
        }
    }
}

/// What is to be changed of [`FrontendSettings`]: what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of the settings")]
pub struct FrontendPatch {
    pub allowed_origins: Option<Vec<String>>,
    pub native_apps: Option<bool>,
    pub member_actions: Option<bool>,
    pub organization_creation: Option<bool>,
    pub max_session_duration_minutes: Option<i64>,
    pub pkce_required_for_sso: Option<bool>,
    pub pkce_required_for_email_magic_links: Option<bool>,
    pub http_only_cookies: Option<bool>,
    pub cookie_domain: Option<String>,
}

impl FrontendSettings {
    /// Whether a page of this origin, or a caller that names none, is served.
    #[must_use]
    pub fn serves(&self, origin: Option<&str>) -> bool {
        match origin {
            Some(origin) => self.allowed_origins.iter().any(|allowed| allowed.as_str() == origin),
            None => self.native_apps,
        }
    }

    /// The length that a session gets: what was asked for. Where nothing was, it is left as it would be, unless that is more
    /// than is allowed.
    ///
    /// # Errors
    /// [`Field::SessionDuration`] for more than is allowed.
    pub fn session_duration(&self, asked: Option<i64>) -> Result<Option<SessionDuration>, Refusal> {
        let most = SessionDuration::minutes(self.max_session_duration_minutes)?;
        let Some(asked) = asked else { return Ok((most < SessionDuration::DEFAULT).then_some(most)) };
        let duration = SessionDuration::minutes(asked)?;
        if duration > most {
            return Err(Refusal::new(What::Invalid(Field::SessionDuration)).found(asked).expected(format!(
                "at most {}, which the project's max_session_duration_minutes says",
                self.max_session_duration_minutes
            )));
        }
        Ok(Some(duration))
    }

    /// The settings with what a patch gives. `host` is the name of this server where it is known: the cookies' domain has to
    /// cover it.
    ///
    /// # Errors
    /// [`Field::PageOrigin`], [`Field::SessionDuration`], [`Field::Setting`].
    pub fn changed(
        &self,
        patch: FrontendPatch,
        loopback: LoopbackHttp,
        host: Option<&str>,
    ) -> Result<Self, Refusal> {
        let allowed_origins = match patch.allowed_origins {
            Some(origins) => origins_of(&origins, loopback)?,
            None => self.allowed_origins.clone(),
        };
        let minutes = patch.max_session_duration_minutes.unwrap_or(self.max_session_duration_minutes);
        SessionDuration::minutes(minutes)?;
        let cookie_domain = match patch.cookie_domain {
            Some(domain) => checked_domain(&domain, host)?,
            None => self.cookie_domain.clone(),
        };
        Ok(Self {
            allowed_origins,
            native_apps: patch.native_apps.unwrap_or(self.native_apps),
            member_actions: patch.member_actions.unwrap_or(self.member_actions),
            organization_creation: patch.organization_creation.unwrap_or(self.organization_creation),
            max_session_duration_minutes: minutes,
            pkce_required_for_sso: patch.pkce_required_for_sso.unwrap_or(self.pkce_required_for_sso),
            pkce_required_for_email_magic_links: patch
                .pkce_required_for_email_magic_links
                .unwrap_or(self.pkce_required_for_email_magic_links),
            http_only_cookies: patch.http_only_cookies.unwrap_or(self.http_only_cookies),
            cookie_domain,
        })
    }
}

fn origins_of(texts: &[String], loopback: LoopbackHttp) -> Result<Vec<PageOrigin>, Refusal> {
    if texts.len() > MOST_ORIGINS {
        return Err(Refusal::new(What::Invalid(Field::PageOrigin))
            .found(format!("{} origins", texts.len()))
            .expected(format!("at most {MOST_ORIGINS}")));
    }
    let mut origins = Vec::with_capacity(texts.len());
    for text in texts {
        let origin = PageOrigin::parse(text, loopback)?;
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    Ok(origins)
}

/// A domain that this server is in. A browser takes no cookie for another one (RFC 6265 section 5.3).
fn checked_domain(domain: &str, host: Option<&str>) -> Result<String, Refusal> {
    let domain = domain.trim_start_matches('.').to_ascii_lowercase();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let covers =
        |host: &str| host == domain || host.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'));
    let is_within = host.is_none_or(|host| covers(&host.to_ascii_lowercase()));
    // A name of one label is a whole registry.
    let is_domain = domain.len() <= LONGEST && domain.contains('.') && domain.bytes().all(is_name);
    if domain.is_empty() || (is_domain && is_within) {
        return Ok(domain);
    }
    let host = host.unwrap_or("this server's host");
    Err(Refusal::new(What::Invalid(Field::Setting))
        .found(format!("{domain:?} in cookie_domain"))
        .expected(format!("a domain that {host} is in, or nothing for {host} alone")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Option<String> {
        PageOrigin::parse(text, LoopbackHttp::Allowed).ok().map(|origin| origin.0)
    }

    #[test]
    fn origins_are_spelled_as_browsers_spell_them() {
        for (text, spelled) in [
            ("https://app.example.com", "https://app.example.com"),
            ("https://APP.example.com:443/", "https://app.example.com"),
            ("https://app.example.com:8443", "https://app.example.com:8443"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
            ("capacitor://localhost", "capacitor://localhost"),
        ] {
            assert_eq!(origin(text).as_deref(), Some(spelled), "{text}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for text in [
            "",
            "*",
            "null",
            "https://*.example.com",
            "https://app.example.com/path",
            "https://app.example.com?x",
            "https://app.example.com#x",
            "https://me@app.example.com",
            "http://app.example.com",
            "app.example.com",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
            "https://",
            "https://a b.example",
            "https:\\\\app.example.com",
            "https://app.example.com\n",
        ] {
            assert_eq!(origin(text), None, "{text:?}");
        }
        assert!(PageOrigin::parse("http://localhost:3000", LoopbackHttp::Refused).is_err());
    }

    #[test]
    fn nobody_is_served_before_it_is_said_who() {
        let none = FrontendSettings::default();
        assert!(
            !none.serves(None) && !none.serves(Some("https://app.example.com")) && !none.serves(Some("null"))
        );
        let patch = FrontendPatch {
            allowed_origins: Some(vec![
                "https://app.example.com/".to_owned(),
                "https://app.example.com".to_owned(),
            ]),
            ..FrontendPatch::default()
        };
        let one = none.changed(patch, LoopbackHttp::Refused, None).unwrap();
        assert_eq!(one.allowed_origins.len(), 1);
        assert!(one.serves(Some("https://app.example.com")) && !one.serves(None));
        for other in
            ["https://app.example.com.", "https://app.example.com:444", "http://app.example.com", "null", ""]
        {
            assert!(!one.serves(Some(other)), "{other}");
        }
    }

    #[test]
    fn sessions_are_no_longer_than_is_allowed() {
        let settings = FrontendSettings { max_session_duration_minutes: 30, ..FrontendSettings::default() };
        let minutes = |asked| {
            settings.session_duration(asked).map(|found| found.map(|length| length.span().millis() / 60_000))
        };
        assert_eq!(minutes(None), Ok(Some(30)));
        assert_eq!(minutes(Some(30)), Ok(Some(30)));
        assert!(minutes(Some(31)).is_err() && minutes(Some(4)).is_err());
        assert_eq!(FrontendSettings::default().session_duration(None), Ok(None));
    }

    #[test]
    fn cookies_are_for_domains_that_the_server_is_in() {
        let domain = |domain: &str| checked_domain(domain, Some("auth.example.com")).ok();
        assert_eq!(domain(".Example.com").as_deref(), Some("example.com"));
        assert_eq!(domain("auth.example.com").as_deref(), Some("auth.example.com"));
        assert_eq!(domain("").as_deref(), Some(""));
        for other in ["com", "ample.com", "other.com", "x.auth.example.com", "example.com; Path=/"] {
            assert_eq!(domain(other), None, "{other}");
        }
    }

    #[test]
    fn a_document_of_before_means_what_it_meant() {
        let old: FrontendSettings =
            serde_json::from_str(r#"{"allowed_origins":["https://app.example.com"]}"#).unwrap();
        assert!(old.serves(Some("https://app.example.com")) && !old.member_actions);
    }
}
