//! Who an identity provider says it is, and which URLs may belong to one.

use std::fmt;

use thiserror::Error;
use url::{Host, Url};

use crate::error::{Excerpt, Refusal};

/// Most bytes of an issuer or an endpoint URL.
const MOST_URL_BYTES: usize = 2048;
/// What Entra writes in place of the tenant in the metadata of its multi-tenant issuers.
const ENTRA_PLACEHOLDER: &str = "{tenantid}";

/// Which schemes a provider's URLs may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlPolicy {
    /// Only `https`.
    HttpsOnly,
    /// Also `http` to `127.0.0.0/8`, `[::1]` and `localhost`: for development, never for production.
    LoopbackHttp,
}

/// Why a text is not a URL that a provider may have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UrlError {
    /// Not an absolute URL, or longer than 2048 bytes.
    #[error("{0} is not an absolute URL of at most 2048 bytes")]
    Unparsable(Excerpt),
    /// The scheme is not allowed.
    #[error("{0} does not use https")]
    Scheme(Excerpt),
    /// User name or password in the URL.
    #[error("{0} carries a user name or password")]
    Credentials(Excerpt),
    /// A fragment; in an issuer also a query.
    #[error("{0} has a query or a fragment that it must not have")]
    Extra(Excerpt),
}

impl Refusal for UrlError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unparsable(_) => "url_unparsable",
            Self::Scheme(_) => "url_not_https",
            Self::Credentials(_) => "url_with_credentials",
            Self::Extra(_) => "url_with_query_or_fragment",
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Unparsable(url) | Self::Scheme(url) | Self::Credentials(url) | Self::Extra(url) => {
                Some(url.to_string())
            }
        }
    }
}

/// Parses an endpoint URL: absolute, of an allowed scheme, without credentials or fragment. A query is kept.
///
/// # Errors
/// [`UrlError`] names what is wrong.
pub fn parse_endpoint(text: &str, policy: UrlPolicy) -> Result<Url, UrlError> {
    let refused = || Excerpt::of(text);
    if text.len() > MOST_URL_BYTES || text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(UrlError::Unparsable(refused()));
    }
    let url = Url::parse(text).map_err(|_| UrlError::Unparsable(refused()))?;
    let allowed = match url.scheme() {
        "https" => true,
        "http" => policy == UrlPolicy::LoopbackHttp && is_loopback(&url),
        _ => false,
    };
    if !allowed {
        return Err(UrlError::Scheme(refused()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::Credentials(refused()));
    }
    if url.fragment().is_some() {
        return Err(UrlError::Extra(refused()));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// An issuer identifier, kept byte for byte as it was configured: it is compared, never normalised.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Issuer(String);

impl Issuer {
    /// Takes an issuer URL: of an allowed scheme, without query, fragment and credentials (OpenID Connect Discovery
    /// section 3).
    ///
    /// # Errors
    /// [`UrlError`] names what is wrong.
    pub fn parse(text: &str, policy: UrlPolicy) -> Result<Self, UrlError> {
        let url = parse_endpoint(text, policy)?;
        if url.query().is_some() {
            return Err(UrlError::Extra(Excerpt::of(text)));
        }
        Ok(Self(text.to_owned()))
    }

    /// The issuer as it was configured.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How the `iss` of an id token is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuerRule {
    /// `iss` is the configured issuer, byte for byte.
    Exact(Issuer),
    /// The discovery document names Entra's `{tenantid}` template: `iss` is the configured issuer, which is the
    /// template with one tenant put in, and `tid` is that tenant.
    EntraTemplate {
        /// The configured issuer.
        issuer: Issuer,
        /// The tenant in it.
        tenant: EntraTenant,
    },
}

impl IssuerRule {
    /// Judges what a discovery document calls its issuer against the configured one.
    ///
    /// # Errors
    /// [`IssuerMismatch`] unless they are equal, or the document carries `{tenantid}` once and the configured issuer has
    /// a tenant's GUID in its place. `common`, `organizations` and `consumers` are not one tenant and are refused.
    pub fn from_discovered(discovered: &str, configured: &Issuer) -> Result<Self, IssuerMismatch> {
        if discovered == configured.as_str() {
            return Ok(Self::Exact(configured.clone()));
        }
        let mismatch = || IssuerMismatch {
            found: Excerpt::of(discovered),
            expected: Excerpt::of(configured.as_str()),
            template: discovered.contains(ENTRA_PLACEHOLDER),
        };
        let (before, after) = discovered.split_once(ENTRA_PLACEHOLDER).ok_or_else(mismatch)?;
        let tenant = configured
            .as_str()
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .and_then(EntraTenant::parse)
            .ok_or_else(mismatch)?;
        Ok(Self::EntraTemplate { issuer: configured.clone(), tenant })
    }

    /// The configured issuer, which `iss` must equal under either rule.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        match self {
            Self::Exact(issuer) | Self::EntraTemplate { issuer, .. } => issuer,
        }
    }

    /// The pinned tenant, under the template rule.
    #[must_use]
    pub const fn tenant(&self) -> Option<&EntraTenant> {
        match self {
            Self::Exact(_) => None,
            Self::EntraTemplate { tenant, .. } => Some(tenant),
        }
    }
}

/// An Entra tenant: a GUID, so never a group of tenants such as `common`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EntraTenant(String);

impl EntraTenant {
    /// Takes a GUID in its 8-4-4-4-12 form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_guid = text.len() == 36
            && text.bytes().enumerate().all(|(index, byte)| match index {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            });
        is_guid.then(|| Self(text.to_owned()))
    }

    /// The GUID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The issuer of a discovery document is not the configured one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the discovery document is of the issuer {found}, expected {expected}{}", if *template { " with one tenant's GUID" } else { "" })]
pub struct IssuerMismatch {
    /// What the document says.
    pub found: Excerpt,
    /// The configured issuer.
    pub expected: Excerpt,
    /// The document carries the Entra template, so a GUID in the configured issuer would help.
    pub template: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "11111111-2222-3333-4444-555555555555";

    fn issuer(text: &str) -> Issuer {
        Issuer::parse(text, UrlPolicy::HttpsOnly).unwrap()
    }

    #[test]
    fn endpoints_are_https_or_loopback_when_that_is_allowed() {
        for good in ["https://idp.example/", "https://idp.example:8443/a?b=c", "https://127.0.0.1/"] {
            assert!(parse_endpoint(good, UrlPolicy::HttpsOnly).is_ok(), "{good}");
        }
        for loopback in ["http://127.0.0.1:9/x", "http://localhost/", "http://[::1]:80/", "http://127.8.8.8/"]
        {
            assert!(matches!(parse_endpoint(loopback, UrlPolicy::HttpsOnly), Err(UrlError::Scheme(_))));
            assert!(parse_endpoint(loopback, UrlPolicy::LoopbackHttp).is_ok(), "{loopback}");
        }
        for bad in [
            "http://idp.example/",
            "http://localhost.evil.example/",
            "http://[::ffff:127.0.0.1]/",
            "ftp://127.0.0.1/",
        ] {
            assert!(
                matches!(parse_endpoint(bad, UrlPolicy::LoopbackHttp), Err(UrlError::Scheme(_))),
                "{bad}"
            );
        }
    }

    #[test]
    fn odd_urls_are_refused() {
        let refused = |text: &str| Issuer::parse(text, UrlPolicy::HttpsOnly).unwrap_err();
        assert!(matches!(refused("https://user@idp.example"), UrlError::Credentials(_)));
        assert!(matches!(refused("https://:pw@idp.example"), UrlError::Credentials(_)));
        assert!(matches!(refused("https://idp.example/#x"), UrlError::Extra(_)));
        assert!(matches!(refused("https://idp.example/?x=1"), UrlError::Extra(_)));
        for text in [
            "",
            "idp.example",
            "https://",
            "https://a\\b",
            "https://a/\r\nx",
            " https://a",
            "https://a/\u{0}",
        ] {
            assert!(matches!(refused(text), UrlError::Unparsable(_)), "{text:?}");
        }
        assert!(matches!(refused(&format!("https://a/{}", "a".repeat(2048))), UrlError::Unparsable(_)));
    }

    #[test]
    fn issuers_are_compared_byte_for_byte() {
        let configured = issuer("https://idp.example/tenant");
        assert_eq!(
            IssuerRule::from_discovered("https://idp.example/tenant", &configured),
            Ok(IssuerRule::Exact(configured.clone()))
        );
        for other in [
            "https://idp.example/tenant/",
            "https://IDP.example/tenant",
            "https://idp.example/tenan",
            "https://idp.example/tenantx",
        ] {
            let mismatch = IssuerRule::from_discovered(other, &configured).unwrap_err();
            assert_eq!(mismatch.found.as_str(), other);
            assert_eq!(mismatch.expected.as_str(), "https://idp.example/tenant");
        }
    }

    #[test]
    fn the_template_needs_one_tenant() {
        let template = "https://login.example/{tenantid}/v2.0";
        let pinned = issuer(&format!("https://login.example/{TENANT}/v2.0"));
        let rule = IssuerRule::from_discovered(template, &pinned).unwrap();
        assert_eq!(rule.tenant().map(EntraTenant::as_str), Some(TENANT));
        assert_eq!(rule.issuer(), &pinned);
        for loose in ["common", "organizations", "consumers", "contoso.example", "{tenantid}", ""] {
            let configured = Issuer(format!("https://login.example/{loose}/v2.0"));
            if configured.as_str() == template {
                continue;
            }
            assert!(IssuerRule::from_discovered(template, &configured).unwrap_err().template, "{loose}");
        }
        let elsewhere = issuer(&format!("https://evil.example/{TENANT}/v2.0"));
        assert!(IssuerRule::from_discovered(template, &elsewhere).is_err());
        let twice = "https://login.example/{tenantid}/{tenantid}";
        assert!(
            IssuerRule::from_discovered(twice, &issuer(&format!("https://login.example/{TENANT}/{TENANT}")))
                .is_err()
        );
    }
}
