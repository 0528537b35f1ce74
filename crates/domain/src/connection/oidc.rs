//! OpenID Connect settings: what is set, what is missing, and the proof that nothing is.

use serde::{Deserialize, Deserializer, Serialize};

use super::assertion_keys::{ClientAssertionKey, NextClientAssertionKey};
use super::former_client::{AssertionSigner, FormerClient};
use super::learnt::Discovered;
use super::pasted::{self, trimmed};
use super::shared_issuer::{checked_hosted_domain, checked_tenant};
use super::url::{Query, UrlPolicy, check_url};
use super::{AddressRules, CommonPatch, PkceMode, ProviderLabel, SharedIssuer};
use crate::mapping::attribute_map::AttributeMap;
use crate::mapping::{AttributeMapping, checked_mapping};
use crate::patch::Patch;
use crate::refusal::{Bounded, Field, Refusal, What};
use crate::secret::Secret;
use crate::spelled::spelled;
use crate::time::Time;

spelled! {
    /// How the id token reaches us. Our own extension of the contract (`type` in the update body).
    #[derive(Default)]
    pub enum Channel else BackChannel {
        /// `id_token` by form post through the browser; no client secret, no call to the provider.
        FrontChannel = "front_channel",
        /// Authorization code with PKCE; the server fetches the token. What is stored and this version does not know
        /// is read as this one, which trusts the browser with less.
        #[default]
        BackChannel = "back_channel",
    }
}

spelled! {
    /// How this server proves itself at the token endpoint, by its registered name (OpenID Connect Core section 9). Our
    /// own extension (`token_endpoint_auth_method` in the update body); without it the discovery document decides.
    pub enum ClientAuthentication {
        /// HTTP Basic.
        ClientSecretBasic = "client_secret_basic",
        /// In the form.
        ClientSecretPost = "client_secret_post",
        /// Signed by the connection's own key, which is published at an address of its own.
        PrivateKeyJwt = "private_key_jwt",
        /// A public client with PKCE.
        None = "none",
    }
}

impl ClientAuthentication {
    /// Whether a client that says in this way who it is has a secret.
    #[must_use]
    pub const fn needs_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }
}

spelled! {
    /// Whom a client assertion is meant for. Our own extension (`client_assertion_audience` in the update body).
    #[derive(Default)]
    pub enum AssertionAudience else Issuer {
        /// The provider, by its issuer (OpenID Connect Core section 9 lets either be accepted; this one names no address).
        #[default]
        Issuer = "issuer",
        /// The token endpoint, for providers that compare it with that.
        TokenEndpoint = "token_endpoint",
    }
}

/// The settings of an OpenID Connect connection. Unset texts are empty. The client secret is kept apart
/// from the rest by the store, sealed.
/// Missing in a stored document is what is not set: the connection may then be pending, never laxer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields carry the names of the API")]
#[serde(default)]
pub struct OidcSettings {
    pub issuer: String,
    pub client_id: String,
    #[serde(skip)]
    pub client_secret: Secret,
    /// When the provider takes the secret no more, as whoever gave it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret_ends_at: Option<Time>,
    pub authorization_url: String,
    pub token_url: String,
    pub userinfo_url: String,
    pub jwks_url: String,
    pub custom_scopes: String,
    pub attribute_mapping: AttributeMapping,
    pub channel: Channel,
    /// A stored choice that this version does not know counts as none.
    #[serde(deserialize_with = "known_authentication")]
    pub client_authentication: Option<ClientAuthentication>,
    /// Accept HS256 keyed with the client secret, for providers that can do nothing better.
    pub allow_hs256: bool,
    /// The provider has no userinfo endpoint: all claims are in the id token.
    #[serde(skip_serializing_if = "is_default")]
    pub no_userinfo_endpoint: bool,
    /// `custom_scopes` are all scopes beside `openid`, not some more.
    #[serde(skip_serializing_if = "is_default")]
    pub custom_scopes_only: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub client_assertion_audience: AssertionAudience,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_assertion_key: Option<ClientAssertionKey>,
    /// The key that takes its place, or has taken it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_client_assertion_key: Option<NextClientAssertionKey>,
    /// For whom the project's key signs since before connections had keys. Kept apart by the store; read it with
    /// [`OidcSettings::signed_as_before`].
    #[serde(skip)]
    pub former_client: Option<FormerClient>,
    pub discovered: Discovered,
    /// Whose people a shared issuer may send: `hd` must be one of these domains. Our own extension.
    pub hosted_domain: String,
    /// The tenant that a shared issuer may send people of: `tid` must be it. Our own extension.
    pub tenant_id: String,
    /// A shared issuer needs a pin before the connection counts as active. Connections from before there were pins do
    /// not ask for one, until they are moved to another issuer.
    pub asks_for_pin: bool,
    /// How its word about addresses is taken.
    pub addresses: AddressRules,
    /// How a code is bound to who asked for it.
    #[serde(skip_serializing_if = "is_default")]
    pub pkce: PkceMode,
    /// A code's id token carries no nonce, because the request has none: some providers do not take one. The state and, where
    /// the connection has one, the PKCE verifier bind the answer then.
    #[serde(skip_serializing_if = "is_default")]
    pub no_back_channel_nonce: bool,
    /// How profiles are made of what the provider says. Without it they are made of all claims, and user information is asked
    /// for where a claim is missing in the id token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute_map: Option<AttributeMap>,
}

/// A change to an OpenID Connect connection.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields carry the names of the API")]
pub struct OidcPatch {
    pub display_name: Patch<String>,
    pub identity_provider: Patch<ProviderLabel>,
    pub issuer: Patch<String>,
    pub client_id: Patch<String>,
    pub client_secret: Patch<Secret>,
    pub client_secret_ends_at: Patch<Time>,
    pub authorization_url: Patch<String>,
    pub token_url: Patch<String>,
    pub userinfo_url: Patch<String>,
    pub jwks_url: Patch<String>,
    pub custom_scopes: Patch<String>,
    pub attribute_mapping: Patch<AttributeMapping>,
    pub channel: Patch<Channel>,
    pub client_authentication: Patch<ClientAuthentication>,
    pub allow_hs256: Patch<bool>,
    pub no_userinfo_endpoint: Patch<bool>,
    pub custom_scopes_only: Patch<bool>,
    pub client_assertion_audience: Patch<AssertionAudience>,
    pub hosted_domain: Patch<String>,
    pub tenant_id: Patch<String>,
    pub trust_unverified_addresses: Patch<bool>,
    pub relink_changed_subjects: Patch<bool>,
    pub link_existing_members_until: Patch<Time>,
    pub client_assertion_signer: Patch<AssertionSigner>,
    pub pkce: Patch<PkceMode>,
    pub no_back_channel_nonce: Patch<bool>,
    pub attribute_map: Patch<AttributeMap>,
    pub common: CommonPatch,
}

impl OidcPatch {
    /// The same as it was meant, where it was pasted: without white space around it, and with the issuer in place of the
    /// address of its document.
    fn meant(self) -> Self {
        let text = |given: Patch<String>| given.map(|text| trimmed(&text).to_owned());
        Self {
            issuer: self.issuer.map(|text| pasted::issuer(&text).to_owned()),
            client_id: text(self.client_id),
            client_secret: self.client_secret.map(|secret| Secret::new(trimmed(secret.expose()))),
            authorization_url: text(self.authorization_url),
            token_url: text(self.token_url),
            userinfo_url: text(self.userinfo_url),
            jwks_url: text(self.jwks_url),
            custom_scopes: text(self.custom_scopes),
            hosted_domain: text(self.hosted_domain),
            tenant_id: text(self.tenant_id),
            ..self
        }
    }
}

/// What is missing where URLs are left over: issuer and URLs do not belong together, so that every sign-in would be refused.
const OTHER_URLS: &str = "URLs of this issuer (they are those of the issuer before)";

/// What is still missing before members can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncompleteOidc {
    /// The names of the missing fields.
    pub missing: Vec<&'static str>,
}

/// Settings with nothing missing: the only form in which a sign-in can be started or finished.
#[derive(Clone, Copy, Debug)]
pub struct ReadyOidc<'a>(&'a OidcSettings);

impl<'a> ReadyOidc<'a> {
    /// The complete settings.
    #[must_use]
    pub const fn settings(&self) -> &'a OidcSettings {
        self.0
    }
}

impl OidcSettings {
    /// Proves that nothing is missing.
    ///
    /// # Errors
    /// The names of the missing fields.
    pub fn ready(&self) -> Result<ReadyOidc<'_>, IncompleteOidc> {
        let back = self.channel == Channel::BackChannel;
        let needs_secret = back && self.client_authentication.is_none_or(ClientAuthentication::needs_secret);
        let needed = [
            ("issuer", true, self.issuer.is_empty()),
            ("client_id", true, self.client_id.is_empty()),
            ("client_secret", needs_secret, self.client_secret.is_empty()),
            ("authorization_url", true, self.authorization_url.is_empty()),
            ("token_url", back, self.token_url.is_empty()),
            ("userinfo_url", back && self.needs_userinfo(), self.userinfo_url.is_empty()),
            ("jwks_url", true, self.jwks_url.is_empty()),
            (OTHER_URLS, true, !self.left_over().is_empty()),
        ];
        let missing: Vec<_> = needed
            .into_iter()
            .filter(|(_, needed, empty)| *needed && *empty)
            .map(|(name, ..)| name)
            .collect();
        if missing.is_empty() { Ok(ReadyOidc(self)) } else { Err(IncompleteOidc { missing }) }
    }

    /// Whether it lacks nothing but what the provider's document says.
    #[must_use]
    pub fn waits_for_document(&self) -> bool {
        const SAID: [&str; 5] = ["authorization_url", "token_url", "userinfo_url", "jwks_url", OTHER_URLS];
        self.ready().is_err_and(|incomplete| incomplete.missing.iter().all(|name| SAID.contains(name)))
    }

    /// Whether sign-ins through it may need user information.
    fn needs_userinfo(&self) -> bool {
        match &self.attribute_map {
            Some(map) => map.reads_userinfo(),
            None => !self.no_userinfo_endpoint,
        }
    }

    /// The scopes that are asked for because attributes are made of user information; `""` for none.
    #[must_use]
    pub fn userinfo_scopes(&self) -> &str {
        let map = self.attribute_map.as_ref().filter(|map| map.reads_userinfo());
        map.map(|map| map.userinfo_scope.as_str()).unwrap_or_default()
    }

    /// The pin that the connection lacks before it counts as active.
    #[must_use]
    pub fn missing_pin(&self) -> Option<&'static str> {
        self.unpinned().filter(|_| self.asks_for_pin).and_then(SharedIssuer::pin)
    }

    /// How this server proves itself: the explicit choice, else what the provider announces, else Basic,
    /// the default of OpenID Connect Discovery section 3.
    #[must_use]
    pub fn effective_authentication(&self) -> ClientAuthentication {
        let announced = &self.discovered.token_endpoint_auth_methods_supported;
        self.client_authentication.unwrap_or_else(|| {
            [ClientAuthentication::ClientSecretBasic, ClientAuthentication::ClientSecretPost]
                .into_iter()
                .find(|method| announced.iter().any(|name| name == method.as_str()))
                .unwrap_or(ClientAuthentication::ClientSecretBasic)
        })
    }

    /// Whether a patch would move this connection to another issuer, so that its document must be asked.
    #[must_use]
    pub fn changes_issuer(&self, patch: &OidcPatch) -> bool {
        let given = patch.issuer.value().map(|text| pasted::issuer(text));
        given.is_some_and(|issuer| !issuer.is_empty() && issuer != self.issuer)
    }

    pub(super) fn changed(
        &self,
        patch: OidcPatch,
        discovered: Option<Discovered>,
        urls: UrlPolicy,
        now: Time,
    ) -> Result<Self, Refusal> {
        let mut next = self.clone();
        let moved = self.changes_issuer(&patch);
        let patch = patch.meant();
        let issuer = |text| checked_url(text, What::Invalid(Field::Issuer), urls, Query::Refused);
        patch.issuer.try_map(issuer)?.onto(&mut next.issuer);
        match discovered {
            Some(found) if moved => next.infer(found),
            Some(found) => next.learn_again(found),
            None if moved => next.discovered = next.discovered.urls_alone(),
            None => {}
        }
        next.discovered.disown([
            &patch.authorization_url,
            &patch.token_url,
            &patch.userinfo_url,
            &patch.jwks_url,
        ]);
        let url = |field| move |text| checked_url(text, What::Invalid(field), urls, Query::Allowed);
        patch.authorization_url.try_map(url(Field::AuthorizationUrl))?.onto(&mut next.authorization_url);
        patch.token_url.try_map(url(Field::TokenUrl))?.onto(&mut next.token_url);
        patch.userinfo_url.try_map(url(Field::UserinfoUrl))?.onto(&mut next.userinfo_url);
        patch.jwks_url.try_map(url(Field::JwksUrl))?.onto(&mut next.jwks_url);
        patch.client_id.try_map(checked_client_id)?.onto(&mut next.client_id);
        patch.client_secret.try_map(checked_client_secret)?.onto(&mut next.client_secret);
        if next.client_secret != self.client_secret {
            // What was said of the secret before is not said of this one.
            next.client_secret_ends_at = None;
        }
        patch.client_secret_ends_at.onto(&mut next.client_secret_ends_at);
        patch.custom_scopes.try_map(|scopes| checked_scopes(&scopes))?.onto(&mut next.custom_scopes);
        patch.attribute_mapping.try_map(checked_mapping)?.onto(&mut next.attribute_mapping);
        patch.channel.onto(&mut next.channel);
        patch.client_authentication.onto(&mut next.client_authentication);
        patch.allow_hs256.onto(&mut next.allow_hs256);
        patch.no_userinfo_endpoint.onto(&mut next.no_userinfo_endpoint);
        patch.custom_scopes_only.onto(&mut next.custom_scopes_only);
        patch.client_assertion_audience.onto(&mut next.client_assertion_audience);
        patch.hosted_domain.try_map(|text| checked_hosted_domain(&text))?.onto(&mut next.hosted_domain);
        patch.tenant_id.try_map(|text| checked_tenant(&text))?.onto(&mut next.tenant_id);
        next.asks_for_pin |= next.issuer != self.issuer;
        next.addresses.change(
            patch.trust_unverified_addresses,
            patch.relink_changed_subjects,
            patch.link_existing_members_until,
            now,
        )?;
        patch.pkce.onto(&mut next.pkce);
        patch.no_back_channel_nonce.onto(&mut next.no_back_channel_nonce);
        patch.attribute_map.try_map(|map| map.checked().map(Some))?.onto(&mut next.attribute_map);
        next.set_signer(patch.client_assertion_signer.value().copied())?;
        Ok(next)
    }
}

impl OidcSettings {
    /// The connection's own key signs from now on, or whichever did before.
    fn set_signer(&mut self, asked: Option<AssertionSigner>) -> Result<(), Refusal> {
        self.forget_former_client();
        match asked {
            Some(AssertionSigner::Connection) => self.former_client = None,
            Some(AssertionSigner::Project) if self.former_client.is_none() => {
                return Err(Refusal::new(What::Invalid(Field::Setting))
                    .found("project as client_assertion_signer")
                    .expected(
                        "connection: the project's key signs no more for a connection that has left it",
                    ));
            }
            _ => {}
        }
        Ok(())
    }
}

/// What was not chosen is not kept, so that documents and events do not name it.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn known_authentication<'de, D: Deserializer<'de>>(
    stored: D,
) -> Result<Option<ClientAuthentication>, D::Error> {
    let name = Option::<String>::deserialize(stored)?;
    Ok(name.as_deref().and_then(ClientAuthentication::from_name))
}

/// Checks a provider URL. The empty text unsets.
fn checked_url(text: String, refusal: What, urls: UrlPolicy, query: Query) -> Result<String, Refusal> {
    if text.is_empty() {
        return Ok(text);
    }
    match check_url(&text, urls, query) {
        Ok(()) => Ok(text),
        Err(problem) => Err(Refusal::new(refusal).because(problem.to_string())),
    }
}

fn checked_client_id(client_id: String) -> Result<String, Refusal> {
    if client_id.len() > 1024 || client_id.chars().any(char::is_control) {
        return Err(
            Refusal::new(What::Invalid(Field::ClientId)).found("control characters or more than 1024 bytes")
        );
    }
    Ok(client_id)
}

fn checked_client_secret(secret: Secret) -> Result<Secret, Refusal> {
    if secret.expose().len() > 1024 {
        return Err(What::TooLarge(Bounded::ClientSecret).into());
    }
    Ok(secret)
}

/// Scope names as in RFC 6749 section 3.3.
fn checked_scopes(scopes: &str) -> Result<String, Refusal> {
    let name_ok = |name: &str| name.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5B | 0x5D..=0x7E));
    let names: Vec<&str> = scopes.split(' ').filter(|name| !name.is_empty()).collect();
    let wrong = |found: String| Err(Refusal::new(What::Invalid(Field::CustomScopes)).found(found));
    if scopes.len() > 1024 {
        return wrong(format!("{} bytes, beyond 1024", scopes.len()));
    }
    if let Some(name) = names.iter().find(|name| !name_ok(name)) {
        return wrong(format!("the scope {name:?}"));
    }
    Ok(names.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_seconds(1_700_000_000);

    fn complete() -> OidcPatch {
        OidcPatch {
            issuer: Patch::Set("https://idp.test".into()),
            client_id: Patch::Set("client".into()),
            client_secret: Patch::Set(Secret::new("secret")),
            authorization_url: Patch::Set("https://idp.test/authorize".into()),
            token_url: Patch::Set("https://idp.test/token".into()),
            userinfo_url: Patch::Set("https://idp.test/userinfo".into()),
            jwks_url: Patch::Set("https://idp.test/jwks".into()),
            ..OidcPatch::default()
        }
    }

    #[test]
    fn active_only_with_all_seven() {
        let settings = OidcSettings::default().changed(complete(), None, UrlPolicy::Https, NOW).unwrap();
        assert!(settings.ready().is_ok());
        type Unset = (&'static str, fn(&mut OidcPatch));
        let unset: [Unset; 7] = [
            ("issuer", |p| p.issuer = Patch::Keep),
            ("client_id", |p| p.client_id = Patch::Keep),
            ("client_secret", |p| p.client_secret = Patch::Keep),
            ("authorization_url", |p| p.authorization_url = Patch::Keep),
            ("token_url", |p| p.token_url = Patch::Keep),
            ("userinfo_url", |p| p.userinfo_url = Patch::Keep),
            ("jwks_url", |p| p.jwks_url = Patch::Keep),
        ];
        for (name, unset) in unset {
            let mut patch = complete();
            unset(&mut patch);
            let settings = OidcSettings::default().changed(patch, None, UrlPolicy::Https, NOW).unwrap();
            assert_eq!(settings.ready().unwrap_err().missing, [name]);
        }
    }

    #[test]
    fn front_channel_needs_neither_secret_nor_back_channel_urls() {
        let patch = OidcPatch {
            client_secret: Patch::Keep,
            token_url: Patch::Keep,
            userinfo_url: Patch::Keep,
            channel: Patch::Set(Channel::FrontChannel),
            ..complete()
        };
        assert!(OidcSettings::default().changed(patch, None, UrlPolicy::Https, NOW).unwrap().ready().is_ok());
    }

    #[test]
    fn explicit_values_win_over_the_document() {
        let found = Discovered {
            token_endpoint: Some("https://idp.test/found".into()),
            jwks_uri: Some("https://idp.test/keys".into()),
            ..Discovered::default()
        };
        let patch = OidcPatch { jwks_url: Patch::Keep, ..complete() };
        let settings = OidcSettings::default().changed(patch, Some(found), UrlPolicy::Https, NOW).unwrap();
        assert_eq!(settings.token_url, "https://idp.test/token");
        assert_eq!(settings.jwks_url, "https://idp.test/keys");
    }

    #[test]
    fn what_was_pasted_is_taken_as_it_wmeant() {
        let patch = OidcPatch {
            issuer: Patch::Set(" https://idp.test/t/.well-known/openid-configuration\n".into()),
            client_id: Patch::Set("\tclient ".into()),
            client_secret: Patch::Set(Secret::new("se cret\r\n")),
            token_url: Patch::Set("https://idp.test/token\n".into()),
            custom_scopes: Patch::Set(" email\n".into()),
            ..complete()
        };
        let settings = OidcSettings::default().changed(patch.clone(), None, UrlPolicy::Https, NOW).unwrap();
        assert_eq!((settings.issuer.as_str(), settings.client_id.as_str()), ("https://idp.test/t", "client"));
        assert_eq!((settings.client_secret.expose(), settings.custom_scopes.as_str()), ("se cret", "email"));
        assert_eq!(settings.token_url, "https://idp.test/token");
        assert!(!settings.changes_issuer(&patch), "the same issuer in other words");
        let blank = OidcPatch { client_secret: Patch::Set(Secret::new(" \n")), ..OidcPatch::default() };
        let settings = settings.changed(blank, None, UrlPolicy::Https, NOW).unwrap();
        assert_eq!(settings.ready().unwrap_err().missing, ["client_secret"]);
    }

    #[test]
    fn a_provider_without_userinfo_is_complete_when_it_is_said_so() {
        let patch = OidcPatch { userinfo_url: Patch::Keep, ..complete() };
        let settings = OidcSettings::default().changed(patch, None, UrlPolicy::Https, NOW).unwrap();
        assert_eq!(settings.ready().unwrap_err().missing, ["userinfo_url"]);
        let said = OidcPatch { no_userinfo_endpoint: Patch::Set(true), ..OidcPatch::default() };
        assert!(settings.changed(said, None, UrlPolicy::Https, NOW).unwrap().ready().is_ok());
    }

    #[test]
    fn urls_must_be_https() {
        for url in [
            "http://idp.test",
            "http://127.0.0.1",
            "ftp://idp.test",
            "https://a@idp.test",
            "https://idp.test#x",
        ] {
            let patch = OidcPatch { issuer: Patch::Set(url.into()), ..OidcPatch::default() };
            assert!(OidcSettings::default().changed(patch, None, UrlPolicy::Https, NOW).is_err(), "{url}");
        }
        let patch = OidcPatch { issuer: Patch::Set("http://127.0.0.1:9".into()), ..OidcPatch::default() };
        assert!(OidcSettings::default().changed(patch, None, UrlPolicy::HttpsOrLoopback, NOW).is_ok());
    }
}
