//! SAML settings: what is set, what is missing, and the proof that nothing is.

mod alternatives;
mod change;
mod keys;
mod legacy;
mod metadata;
mod name_id;
mod schedule;

use serde::{Deserialize, Serialize};

pub use change::SamlPatch;
pub use keys::{MAX_SAML_KEYS, SpEncryptionKey, SpSigningKey, VerificationCertificate};
pub(super) use legacy::checked_until;
pub use legacy::{LEGACY_MOST, LegacySwitches};
pub use metadata::{IdpDescription, MetadataChange};
pub use name_id::NameIdFormat;
pub use schedule::{EXPIRY_WARNINGS, expiry_warning, next_metadata_reading};

use super::url::UrlPolicy;
use super::{AddressRules, GroupRole, ProviderLabel};
use crate::id::{SamlEncryptionKeyId, SamlVerificationKeyId};
use crate::mapping::AttributeMapping;
use crate::mapping::profile_fields::ProfileFields;
use crate::mapping::saml::SamlMapping;
use crate::refusal::{Refusal, Thing, What};
use crate::secret::Secret;
use crate::spelled::spelled;

spelled! {
    /// How a request reaches the identity provider (SAML bindings 3.4 and 3.5).
    #[derive(Default)]
    pub enum SsoBinding else Redirect {
        /// In a form that submits itself.
        Post = "post",
        /// In the query of a redirect; also what is stored and this version does not know.
        #[default]
        Redirect = "redirect",
    }
}

/// The settings of a SAML connection. Unset texts are empty. Private keys are kept apart from the rest by
/// the store, sealed. Missing in a stored document is what is not set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SamlSettings {
    /// The identity provider's entity id; assertions must name it as their issuer, byte for byte.
    pub idp_entity_id: String,
    /// Nobody has said what the provider calls itself: the first response that the connection's certificates sign says it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub learns_provider: bool,
    /// Where the browser is sent to sign in.
    pub idp_sso_url: String,
    /// How it is sent there.
    pub sso_binding: SsoBinding,
    /// Somebody said where, so that metadata which is read again has no say in it.
    pub sso_url_by_hand: bool,
    /// Where the provider publishes its metadata; it is read again from time to time.
    pub metadata_url: String,
    /// Which entity of an aggregate is meant, when the metadata describes several.
    pub metadata_entity_id: String,
    /// Whose signatures are accepted, the oldest first; at most [`MAX_SAML_KEYS`].
    pub verification_certificates: Vec<VerificationCertificate>,
    /// Our signing keys, the oldest first. The newest signs, the others stay listed so that a provider that
    /// still knows an old one can be told the new one in time.
    pub signing_keys: Vec<SpSigningKey>,
    /// Our decryption keys, the oldest first; at most [`MAX_SAML_KEYS`], all are tried.
    pub encryption_keys: Vec<SpEncryptionKey>,
    /// The format of the subject's name that we ask for.
    pub nameid_format: NameIdFormat,
    /// Which attribute means what. Without one the provider's usual names count: [`SamlSettings::mapping`].
    pub attribute_mapping: Option<AttributeMapping>,
    /// The mapping stands beside the provider's usual names, not in their place.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub attribute_mapping_adds: bool,
    /// Our entity id towards this provider; `""` for the usual one, which is the connection's own.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sp_entity_id: String,
    /// How profiles are made of attributes. Without it they are kept as they came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_fields: Option<ProfileFields>,
    /// A further audience that is accepted, for moving an existing integration here.
    pub alternative_audience_uri: String,
    /// A further callback, which the operator passes on to ours: sent in requests, accepted in responses.
    pub alternative_acs_url: String,
    /// Refuse sign-ins that begin at the provider.
    pub idp_initiated_auth_disabled: bool,
    /// What the provider writes as `InResponseTo` into every response that nobody asked for. Nothing else is let through
    /// there, and nothing at all while this is empty. Our own field.
    pub idp_initiated_in_response_to: String,
    /// A trusted gateway may relay the provider's response.
    pub allow_gateway_callback: bool,
    /// Roles of everybody who signs in through this connection.
    pub connection_roles: Vec<String>,
    /// Roles by the groups that the latest assertion named.
    pub group_roles: Vec<GroupRole>,
    /// Sign our requests. Our own field of the contract (`authn_requests_signed`); metadata sets it too.
    pub authn_requests_signed: bool,
    /// Weak algorithms that are accepted for a while.
    pub legacy: LegacySwitches,
    /// How its word about addresses is taken.
    pub addresses: AddressRules,
}

/// What is still missing before members can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncompleteSaml {
    /// The names of the missing fields.
    pub missing: Vec<&'static str>,
}

/// Settings with nothing missing: the only form in which a sign-in can be started or a response judged.
#[derive(Clone, Copy, Debug)]
pub struct ReadySaml<'a> {
    settings: &'a SamlSettings,
    certificate: &'a VerificationCertificate,
}

impl<'a> ReadySaml<'a> {
    /// The complete settings.
    #[must_use]
    pub const fn settings(&self) -> &'a SamlSettings {
        self.settings
    }

    /// The verification certificates: the first, and the others. There is always one.
    #[must_use]
    pub fn certificates(&self) -> (&'a VerificationCertificate, &'a [VerificationCertificate]) {
        (self.certificate, self.settings.verification_certificates.get(1..).unwrap_or_default())
    }
}

impl SamlSettings {
    /// Proves that nothing is missing. The attribute mapping never is: every provider has a default one.
    ///
    /// # Errors
    /// The names of the missing fields.
    pub fn ready(&self) -> Result<ReadySaml<'_>, IncompleteSaml> {
        let certificate = self.verification_certificates.first();
        let needed = [
            ("idp_entity_id", self.idp_entity_id.is_empty() && !self.learns_provider),
            ("idp_sso_url", self.idp_sso_url.is_empty()),
            ("x509_certificate", certificate.is_none()),
        ];
        let missing: Vec<_> = needed.into_iter().filter_map(|(name, empty)| empty.then_some(name)).collect();
        match certificate {
            Some(certificate) if missing.is_empty() => Ok(ReadySaml { settings: self, certificate }),
            _ => Err(IncompleteSaml { missing }),
        }
    }

    /// Whether what the provider calls itself is still to be learned.
    #[must_use]
    pub fn awaits_provider(&self) -> bool {
        self.learns_provider && self.idp_entity_id.is_empty()
    }

    /// With what a response has proved that the provider calls itself; the same where that is known.
    ///
    /// # Errors
    /// A text that is no entity id.
    pub(super) fn of_provider(&self, entity_id: &str) -> Result<Self, Refusal> {
        let mut next = self.clone();
        if self.awaits_provider() {
            next.idp_entity_id = change::checked_entity_id(entity_id.to_owned())?;
        }
        Ok(next)
    }

    /// What settings a description gives to a connection that has none: whether a document can be used at all.
    ///
    /// # Errors
    /// A value in it that no connection may have.
    pub fn described_by(found: IdpDescription, urls: UrlPolicy) -> Result<Self, Refusal> {
        Self::default().refreshed(found, urls)
    }

    /// What the provider's attributes mean: the explicit mapping, else the provider's usual names.
    #[must_use]
    pub fn mapping(&self, provider: ProviderLabel) -> SamlMapping<'_> {
        SamlMapping::new(self.attribute_mapping.as_ref(), provider)
            .adding(self.attribute_mapping_adds)
            .with_fields(self.profile_fields.as_ref())
    }

    /// The key that signs our messages now.
    #[must_use]
    pub fn signing_key(&self) -> Option<&SpSigningKey> {
        self.signing_keys.last()
    }

    /// All private keys with the ids they belong to, for the store to seal.
    pub fn private_keys(&self) -> impl Iterator<Item = (String, &Secret)> {
        let signing = self.signing_keys.iter().map(|key| (key.id.to_string(), &key.private_key));
        let encryption = self.encryption_keys.iter().map(|key| (key.id.to_string(), &key.private_key));
        signing.chain(encryption)
    }

    /// Puts back what the store had sealed. A key that it does not know stays empty.
    pub fn restore_private_keys(&mut self, mut key_of: impl FnMut(&str) -> Option<Secret>) {
        for key in &mut self.signing_keys {
            key.private_key = key_of(&key.id.to_string()).unwrap_or_default();
        }
        for key in &mut self.encryption_keys {
            key.private_key = key_of(&key.id.to_string()).unwrap_or_default();
        }
    }

    pub(super) fn without_certificate(&self, id: SamlVerificationKeyId) -> Result<Self, Refusal> {
        let mut next = self.clone();
        next.verification_certificates.retain(|certificate| certificate.id != id);
        if next.verification_certificates.len() == self.verification_certificates.len() {
            return Err(What::NotFound(Thing::VerificationCertificate).into());
        }
        if next.verification_certificates.is_empty() && self.ready().is_ok() {
            return Err(What::IsLast.into());
        }
        Ok(next)
    }

    pub(super) fn without_encryption_key(&self, id: SamlEncryptionKeyId) -> Result<Self, Refusal> {
        let mut next = self.clone();
        next.encryption_keys.retain(|key| key.id != id);
        if next.encryption_keys.len() == self.encryption_keys.len() {
            return Err(What::NotFound(Thing::EncryptionKey).into());
        }
        Ok(next)
    }
}
