//! Issuers that many customers, or the whole world, have in common. What tells one customer's people from everybody
//! else there is a pin: a claim of the id token that the provider itself sets.

use serde_json::{Map, Value};
use vestibule_refusal::Excerpt;

use super::OidcSettings;
use crate::email::is_domain;
use crate::refusal::{Field, Refusal, What};

/// The tenant in which Entra keeps everybody's private accounts.
const ENTRA_CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
/// Entra's hosts in all its clouds: the public one, those of governments, of China and, until it ended, of Germany.
const ENTRA_HOSTS: [&str; 12] = [
    "login.microsoftonline.com",
    "login.microsoft.com",
    "login.windows.net",
    "sts.windows.net",
    "login.microsoftonline.us",
    "login-us.microsoftonline.com",
    "login.usgovcloudapi.net",
    "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn",
    "sts.chinacloudapi.cn",
    "login.microsoftonline.de",
    "sts.microsoftonline.de",
];
/// Providers at which anybody may have an account, and which say nothing about whose people they are.
const PUBLIC_HOSTS: [&str; 8] = [
    "appleid.apple.com",
    "www.facebook.com",
    "gitlab.com",
    "www.linkedin.com",
    "slack.com",
    "api.login.yahoo.com",
    "id.twitch.tv",
    "access.line.me",
];

/// An issuer that is not one customer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedIssuer {
    /// Google: `hd` says whose a Workspace account is; private accounts have none.
    Google,
    /// Entra for many tenants or for private accounts: `tid` says which tenant.
    Entra,
    /// Others, which say nothing.
    Public,
}

impl SharedIssuer {
    /// What an issuer is, if it is shared.
    #[must_use]
    pub fn of(issuer: &str) -> Option<Self> {
        let issuer = issuer.trim().to_ascii_lowercase();
        let rest = issuer.strip_prefix("https://").unwrap_or(&issuer);
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        // A port or the dot of a complete name makes it nobody else's.
        let host = host.split_once(':').map_or(host, |(host, _)| host);
        let host = host.strip_suffix('.').unwrap_or(host);
        if host == "accounts.google.com" {
            return Some(Self::Google);
        }
        if ENTRA_HOSTS.contains(&host) {
            let tenant = path.split('/').find(|segment| !segment.is_empty()).unwrap_or_default();
            return (!is_one_tenant(tenant)).then_some(Self::Entra);
        }
        PUBLIC_HOSTS.contains(&host).then_some(Self::Public)
    }

    /// The name of the setting that pins it, if anything can.
    #[must_use]
    pub const fn pin(self) -> Option<&'static str> {
        match self {
            Self::Google => Some("hosted_domain"),
            Self::Entra => Some("tenant_id"),
            Self::Public => None,
        }
    }
}

impl OidcSettings {
    /// The shared issuer that the connection leads to without a pin: whoever comes from there is a stranger unless they
    /// are a member already.
    #[must_use]
    pub fn unpinned(&self) -> Option<SharedIssuer> {
        let shared = SharedIssuer::of(&self.issuer)?;
        let is_pinned = match shared {
            SharedIssuer::Google => !self.hosted_domain.is_empty(),
            SharedIssuer::Entra => !self.tenant_id.is_empty(),
            SharedIssuer::Public => false,
        };
        (!is_pinned).then_some(shared)
    }

    /// The issuer of the one tenant that a connection to many of them is pinned to: tokens name that, not the common one.
    #[must_use]
    pub fn pinned_issuer(&self) -> Option<String> {
        if self.tenant_id.is_empty() || SharedIssuer::of(&self.issuer) != Some(SharedIssuer::Entra) {
            return None;
        }
        let (scheme, rest) = self.issuer.split_once("://")?;
        let (host, path) = rest.split_once('/')?;
        let (_, after) = path.split_once('/').unwrap_or((path, ""));
        Some(format!("{scheme}://{host}/{}/{after}", self.tenant_id))
    }

    /// Whether an id token is from where the pins say. `claims` are those of the id token itself, which are signed.
    ///
    /// # Errors
    /// [`What::IdToken`] with what was found.
    pub fn check_pins(&self, claims: &Map<String, Value>) -> Result<(), Refusal> {
        let domains = || self.hosted_domain.split(' ');
        check_pin("hd", "hosted_domain", &self.hosted_domain, claims, |found| {
            domains().any(|domain| found.eq_ignore_ascii_case(domain))
        })?;
        check_pin("tid", "tenant_id", &self.tenant_id, claims, |found| {
            found.eq_ignore_ascii_case(&self.tenant_id)
        })
    }
}

/// Whether Entra has one tenant by this name, in small letters: its id or a domain of it. All other names are of many, or
/// of none.
fn is_one_tenant(name: &str) -> bool {
    (is_guid(name) && name != ENTRA_CONSUMERS) || (name.contains('.') && is_domain(name))
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn check_pin(
    claim: &str,
    setting: &str,
    pin: &str,
    claims: &Map<String, Value>,
    fits: impl Fn(&str) -> bool,
) -> Result<(), Refusal> {
    if pin.is_empty() {
        return Ok(());
    }
    let found = match claims.get(claim) {
        Some(Value::String(found)) if fits(found) => return Ok(()),
        Some(Value::String(found)) => format!("{claim} {:?}", Excerpt::of(found).as_str()),
        Some(_) => format!("{claim} that is no text"),
        None => format!("no {claim}"),
    };
    Err(Refusal::new(What::IdToken).found(found).expected(format!("{claim} {pin:?}")).because(format!(
        "The connection's {setting} keeps out everybody else at this provider. An account of the company is needed; \
         a private one has no such claim."
    )))
}

/// Checks the domains of a pin: one, or several with spaces or commas between them.
pub(super) fn checked_hosted_domain(text: &str) -> Result<String, Refusal> {
    let domains: Vec<String> = text
        .split([' ', ',', '\t', '\n'])
        .map(|domain| domain.trim().trim_start_matches('@').to_ascii_lowercase())
        .filter(|domain| !domain.is_empty())
        .collect();
    match domains.iter().find(|domain| !is_domain(domain) || !domain.contains('.')) {
        None if text.len() <= 2048 => Ok(domains.join(" ")),
        _ => Err(Refusal::new(What::Invalid(Field::Setting))
            .found("something else in hosted_domain")
            .expected("a domain such as example.com, or several")),
    }
}

/// Checks the tenant of a pin. A word for many tenants pins nothing, nor does that of private accounts.
pub(super) fn checked_tenant(text: &str) -> Result<String, Refusal> {
    let tenant = text.trim().to_ascii_lowercase();
    if tenant.is_empty() || (is_guid(&tenant) && tenant != ENTRA_CONSUMERS) {
        return Ok(tenant);
    }
    Err(Refusal::new(What::Invalid(Field::Setting))
        .found(format!("{:?} in tenant_id", Excerpt::of(&tenant).as_str()))
        .expected("the id of one tenant, such as 11111111-2222-3333-4444-555555555555"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shared_issuers_are_known_however_they_are_written() {
        for (issuer, shared) in [
            ("https://accounts.google.com", Some(SharedIssuer::Google)),
            ("https://Accounts.Google.com/", Some(SharedIssuer::Google)),
            ("https://login.microsoftonline.com/common/v2.0", Some(SharedIssuer::Entra)),
            ("https://login.microsoftonline.com/Organizations/v2.0", Some(SharedIssuer::Entra)),
            ("https://login.microsoftonline.com/consumers/v2.0", Some(SharedIssuer::Entra)),
            (
                "https://login.microsoftonline.com/9188040D-6c67-4c5b-b112-36a304b66dad/v2.0",
                Some(SharedIssuer::Entra),
            ),
            ("https://sts.windows.net/9188040d-6c67-4c5b-b112-36a304b66dad/", Some(SharedIssuer::Entra)),
            ("https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0", None),
            ("https://appleid.apple.com", Some(SharedIssuer::Public)),
            ("https://acme.okta.com", None),
            ("https://accounts.google.com.evil.test", None),
        ] {
            assert_eq!(SharedIssuer::of(issuer), shared, "{issuer}");
        }
    }

    #[test]
    fn every_cloud_of_entra_is_shared_but_for_one_tenant() {
        let of_many = |host: &str| {
            [
                "",
                "/",
                "/common/v2.0",
                "/Organizations/",
                "/%63ommon/v2.0",
                "/consumers",
                "/./common",
                "//common/v2.0",
            ]
            .map(|path| format!("https://{host}{path}"))
        };
        for host in ENTRA_HOSTS {
            let upper = host.to_ascii_uppercase();
            for written in
                [host.to_owned(), upper, format!("{host}:443"), format!("{host}:8443"), format!("{host}.")]
            {
                let consumers = format!("https://{written}/{}/v2.0/", ENTRA_CONSUMERS.to_ascii_uppercase());
                for issuer in of_many(&written).into_iter().chain([consumers]) {
                    assert_eq!(SharedIssuer::of(&issuer), Some(SharedIssuer::Entra), "{issuer}");
                }
                for one in ["11111111-2222-3333-4444-555555555555", "acme.onmicrosoft.com"] {
                    assert_eq!(
                        SharedIssuer::of(&format!("https://{written}/{one}/v2.0")),
                        None,
                        "{written} {one}"
                    );
                }
            }
        }
    }

    #[test]
    fn tokens_of_a_pinned_tenant_name_that_tenant() {
        let tenant = "11111111-2222-3333-4444-555555555555";
        let settings = |issuer: &str| OidcSettings {
            issuer: issuer.to_owned(),
            tenant_id: tenant.to_owned(),
            ..OidcSettings::default()
        };
        let common = settings("https://login.microsoftonline.com/common/v2.0");
        assert_eq!(
            common.pinned_issuer().unwrap(),
            format!("https://login.microsoftonline.com/{tenant}/v2.0")
        );
        assert_eq!(settings("https://idp.test/common/v2.0").pinned_issuer(), None);
        let one = settings(&format!("https://login.microsoftonline.com/{tenant}/v2.0"));
        assert_eq!(one.pinned_issuer(), None);
    }

    #[test]
    fn a_pin_is_a_claim_of_the_id_token() {
        let tenant = "11111111-2222-3333-4444-555555555555";
        let settings = OidcSettings {
            issuer: "https://accounts.google.com".to_owned(),
            hosted_domain: checked_hosted_domain("Acme.com, @acme.de").unwrap(),
            ..OidcSettings::default()
        };
        let check = |settings: &OidcSettings, claims: Value| {
            settings.check_pins(&claims.as_object().cloned().unwrap_or_default()).map_err(|e| e.what)
        };
        assert_eq!(settings.unpinned(), None);
        for good in [json!({ "hd": "acme.com" }), json!({ "hd": "ACME.de" })] {
            assert_eq!(check(&settings, good), Ok(()));
        }
        for bad in [
            json!({}),
            json!({ "hd": "evil.com" }),
            json!({ "hd": null }),
            json!({ "hd": ["acme.com"] }),
            json!({ "hd": "acme.com acme.de" }),
        ] {
            assert_eq!(check(&settings, bad), Err(What::IdToken));
        }
        let settings = OidcSettings { tenant_id: tenant.to_owned(), ..OidcSettings::default() };
        assert_eq!(check(&settings, json!({ "tid": tenant })), Ok(()));
        assert_eq!(check(&settings, json!({ "tid": ENTRA_CONSUMERS })), Err(What::IdToken));
        for no_pin in ["common", ENTRA_CONSUMERS, "acme.com", &tenant[1..]] {
            assert!(checked_tenant(no_pin).is_err(), "{no_pin}");
        }
        assert!(checked_hosted_domain("com").is_err() && checked_hosted_domain("a/b.com").is_err());
    }
}
