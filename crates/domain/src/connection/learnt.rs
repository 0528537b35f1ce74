//! What is learnt from a provider's discovery document, and learnt again when the provider changes it.

use serde::{Deserialize, Serialize};

use super::oidc::OidcSettings;
use crate::patch::Patch;

/// What a provider's discovery document said, as far as sign-ins need it.
/// Missing in a stored document is what the provider did not announce.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields carry the names of OpenID Connect Discovery section 3")]
#[serde(default)]
pub struct Discovered {
    pub authorization_endpoint: Option<String>,
    pub token_endpoint: Option<String>,
    pub userinfo_endpoint: Option<String>,
    pub jwks_uri: Option<String>,
    pub id_token_signing_alg_values_supported: Vec<String>,
    pub token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub code_challenge_methods_supported: Vec<String>,
    /// RFC 9207: the callback will carry `iss`.
    pub authorization_response_iss_parameter_supported: bool,
    /// The document's issuer carries the literal `{tenantid}` (Entra); the tenant is pinned to the one in
    /// the configured issuer.
    pub issuer_is_tenant_template: bool,
    /// It is what the issuer before said, and the document of the one that the connection has now could not be read yet.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub of_former_issuer: bool,
}

impl Discovered {
    /// What is left of it when the connection moves to another issuer whose document is not at hand: which of the URLs
    /// came from a document, so that the next document may replace them. What the old issuer announced says nothing
    /// about the new one.
    pub(super) fn urls_alone(self) -> Self {
        let Self { authorization_endpoint, token_endpoint, userinfo_endpoint, jwks_uri, .. } = self;
        let of_former_issuer = [&authorization_endpoint, &token_endpoint, &userinfo_endpoint, &jwks_uri]
            .iter()
            .any(|url| url.is_some());
        Self {
            authorization_endpoint,
            token_endpoint,
            userinfo_endpoint,
            jwks_uri,
            of_former_issuer,
            ..Self::default()
        }
    }
}

impl Discovered {
    /// URLs that somebody gives are theirs, also where the issuer before had the same. In the order of the document.
    pub(super) fn disown(&mut self, given: [&Patch<String>; 4]) {
        if !self.of_former_issuer {
            return;
        }
        let learnt = [
            &mut self.authorization_endpoint,
            &mut self.token_endpoint,
            &mut self.userinfo_endpoint,
            &mut self.jwks_uri,
        ];
        learnt.into_iter().zip(given).filter(|(_, given)| given.is_given()).for_each(|(url, _)| *url = None);
    }
}

impl OidcSettings {
    /// The URLs that are still those of the issuer before: no token from there is one of this issuer.
    #[must_use]
    pub fn left_over(&self) -> Vec<&'static str> {
        if !self.discovered.of_former_issuer {
            return Vec::new();
        }
        let Discovered { authorization_endpoint, token_endpoint, jwks_uri, .. } = &self.discovered;
        let needed = [
            ("authorization_url", &self.authorization_url, authorization_endpoint),
            ("token_url", &self.token_url, token_endpoint),
            ("jwks_url", &self.jwks_url, jwks_uri),
        ];
        let is_left = |(_, url, before): &(_, &String, &Option<String>)| before.as_ref() == Some(*url);
        needed.into_iter().filter(is_left).map(|(name, ..)| name).collect()
    }

    /// Takes over what the document of another issuer says. A URL it does not name stays empty rather than being left
    /// over from the issuer before.
    pub(super) fn infer(&mut self, found: Discovered) {
        self.authorization_url = found.authorization_endpoint.clone().unwrap_or_default();
        self.token_url = found.token_endpoint.clone().unwrap_or_default();
        self.userinfo_url = found.userinfo_endpoint.clone().unwrap_or_default();
        self.jwks_url = found.jwks_uri.clone().unwrap_or_default();
        self.discovered = found;
    }

    /// Takes over what the document of the same issuer says now. A URL that an administrator set, which is any but the
    /// one that the document named before, is kept; one that the document does not name any more is, too, because
    /// nobody is locked out by what is left away.
    pub(super) fn learn_again(&mut self, found: Discovered) {
        let before = std::mem::replace(&mut self.discovered, found.clone());
        follow(
            &mut self.authorization_url,
            before.authorization_endpoint.as_ref(),
            found.authorization_endpoint,
        );
        follow(&mut self.token_url, before.token_endpoint.as_ref(), found.token_endpoint);
        follow(&mut self.userinfo_url, before.userinfo_endpoint.as_ref(), found.userinfo_endpoint);
        follow(&mut self.jwks_url, before.jwks_uri.as_ref(), found.jwks_uri);
    }
}

fn follow(url: &mut String, before: Option<&String>, now: Option<String>) {
    let was_learnt = url.is_empty() || before == Some(url);
    if let Some(now) = now.filter(|_| was_learnt) {
        *url = now;
    }
}

#[cfg(test)]
mod tests {
    use super::super::UrlPolicy;
    use super::super::oidc::OidcPatch;
    use super::*;
    use crate::time::Time;

    fn document(token: &str) -> Discovered {
        Discovered {
            authorization_endpoint: Some("https://idp.test/auth".to_owned()),
            token_endpoint: Some(token.to_owned()),
            userinfo_endpoint: Some("https://idp.test/me".to_owned()),
            jwks_uri: Some("https://idp.test/keys".to_owned()),
            id_token_signing_alg_values_supported: vec!["RS256".to_owned()],
            ..Discovered::default()
        }
    }

    fn at(issuer: &str, found: Option<Discovered>) -> OidcSettings {
        let patch = OidcPatch { issuer: Patch::Set(issuer.to_owned()), ..OidcPatch::default() };
        OidcSettings::default().changed(patch, found, UrlPolicy::Https, Time::default()).unwrap()
    }

    fn again(settings: &OidcSettings, patch: OidcPatch, found: Option<Discovered>) -> OidcSettings {
        settings.changed(patch, found, UrlPolicy::Https, Time::default()).unwrap()
    }

    #[test]
    fn what_moved_is_followed_and_what_was_set_is_kept() {
        let first = at("https://idp.test", Some(document("https://idp.test/token")));
        let set =
            OidcPatch { jwks_url: Patch::Set("https://own.test/keys".to_owned()), ..OidcPatch::default() };
        let first = again(&first, set, None);
        let mut moved = document("https://idp.test/token2");
        moved.jwks_uri = Some("https://idp.test/keys2".to_owned());
        moved.id_token_signing_alg_values_supported = vec!["PS256".to_owned()];
        let next = again(&first, OidcPatch::default(), Some(moved.clone()));
        assert_eq!(
            (next.token_url.as_str(), next.jwks_url.as_str()),
            ("https://idp.test/token2", "https://own.test/keys")
        );
        assert_eq!(next.discovered, moved);
        // What a document leaves away takes nothing away.
        let less =
            Discovered { jwks_uri: Some("https://idp.test/keys3".to_owned()), ..Discovered::default() };
        let next = again(&next, OidcPatch::default(), Some(less));
        assert_eq!(
            (next.token_url.as_str(), next.jwks_url.as_str()),
            ("https://idp.test/token2", "https://own.test/keys")
        );
    }

    #[test]
    fn an_issuer_that_was_down_is_learnt_later_and_replaces_the_urls_of_the_one_before() {
        let first = at("https://idp.test", Some(document("https://idp.test/token")));
        let set =
            OidcPatch { userinfo_url: Patch::Set("https://own.test/me".to_owned()), ..OidcPatch::default() };
        let first = again(&first, set, None);
        let moving = OidcPatch { issuer: Patch::Set("https://new.test".to_owned()), ..OidcPatch::default() };
        let down = again(&first, moving.clone(), None);
        assert_eq!(down.token_url, "https://idp.test/token");
        assert!(down.discovered.id_token_signing_alg_values_supported.is_empty());
        assert_eq!(down.left_over(), ["authorization_url", "token_url", "jwks_url"]);
        let unready = down.ready().unwrap_err().missing;
        assert_eq!(unready.last(), Some(&"URLs of this issuer (they are those of the issuer before)"));
        // Who gives the same URLs for the new issuer means them.
        let given = |url: &str| Patch::Set(format!("https://idp.test/{url}"));
        let meant = OidcPatch {
            authorization_url: given("auth"),
            token_url: given("token"),
            jwks_url: given("keys"),
            ..moving.clone()
        };
        assert!(again(&first, meant, None).left_over().is_empty());
        let up = again(&down, moving, Some(document("https://new.test/token")));
        assert_eq!(
            (up.token_url.as_str(), up.userinfo_url.as_str()),
            ("https://new.test/token", "https://own.test/me")
        );
        assert_eq!((first.left_over(), up.left_over()), (vec![], vec![]));
        let never =
            again(&at("https://idp.test", None), OidcPatch::default(), Some(document("https://idp.test/t")));
        assert_eq!(never.token_url, "https://idp.test/t");
    }
}
