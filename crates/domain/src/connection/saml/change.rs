//! Changes to a SAML connection: a change is applied as a whole or not at all.

use super::keys::{MAX_SAML_KEYS, MAX_SIGNING_KEYS};
use super::legacy::checked_until;
use super::metadata::{IdpDescription, Replace};
use super::{NameIdFormat, SamlSettings, SpEncryptionKey, SpSigningKey, VerificationCertificate};
use crate::connection::url::{Query, UrlPolicy, UrlProblem, check_url};
use crate::connection::{CommonPatch, GroupRole, ProviderLabel, roles};
use crate::mapping::AttributeMapping;
use crate::mapping::profile_fields::ProfileFields;
use crate::mapping::saml::checked_saml_mapping;
use crate::patch::Patch;
use crate::refusal::{Counted, Field, Missing, Refusal, What};
use crate::time::Time;

/// A change to a SAML connection. Certificates and keys are added; they are taken away by their ids.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields carry the names of the API and of the settings")]
pub struct SamlPatch {
    pub display_name: Patch<String>,
    pub identity_provider: Patch<ProviderLabel>,
    pub idp_entity_id: Patch<String>,
    /// Whether the provider may say itself what it is called, where nobody does.
    pub learns_provider: Patch<bool>,
    pub idp_sso_url: Patch<String>,
    /// Unset, it is not read again.
    pub metadata_url: Patch<String>,
    pub metadata_entity_id: Patch<String>,
    pub certificates: Vec<VerificationCertificate>,
    pub signing_key: Option<SpSigningKey>,
    pub encryption_key: Option<SpEncryptionKey>,
    pub nameid_format: Patch<NameIdFormat>,
    /// Unset, the provider's usual names count.
    pub attribute_mapping: Patch<AttributeMapping>,
    /// The mapping stands beside the provider's usual names.
    pub attribute_mapping_adds: Patch<bool>,
    pub sp_entity_id: Patch<String>,
    pub profile_fields: Patch<ProfileFields>,
    pub alternative_audience_uri: Patch<String>,
    pub alternative_acs_url: Patch<String>,
    pub idp_initiated_auth_disabled: Patch<bool>,
    pub idp_initiated_in_response_to: Patch<String>,
    pub allow_gateway_callback: Patch<bool>,
    pub connection_roles: Patch<Vec<String>>,
    pub group_roles: Patch<Vec<GroupRole>>,
    pub authn_requests_signed: Patch<bool>,
    /// Unset, the switch is off.
    pub legacy_sha1_until: Patch<Time>,
    pub legacy_inclusive_c14n_until: Patch<Time>,
    pub relink_changed_subjects: Patch<bool>,
    pub link_existing_members_until: Patch<Time>,
    pub common: CommonPatch,
}

impl SamlSettings {
    /// The settings after a change. `described` is what the provider's metadata says, when it was read for
    /// this change; values that are given explicitly win over it.
    pub(in crate::connection) fn changed(
        &self,
        patch: SamlPatch,
        described: Option<IdpDescription>,
        provider: ProviderLabel,
        urls: UrlPolicy,
        now: Time,
    ) -> Result<Self, Refusal> {
        let mut next = self.clone();
        next.set_provider(&patch, described, urls)?;
        next.set_service(&patch, urls, now)?;
        next.add_certificates(patch.certificates)?;
        if let Some(key) = patch.signing_key {
            next.rotate_signing_key(key, now);
        }
        if let Some(key) = patch.encryption_key {
            next.add_encryption_key(key)?;
        }
        patch.attribute_mapping_adds.onto(&mut next.attribute_mapping_adds);
        let checked = |mapping| checked_saml_mapping(mapping, next.attribute_mapping_adds);
        patch.attribute_mapping.try_map(checked)?.onto(&mut next.attribute_mapping);
        patch.profile_fields.try_map(|fields| fields.checked().map(Some))?.onto(&mut next.profile_fields);
        roles::change_for_everybody(patch.connection_roles, &mut next.connection_roles)?;
        roles::change_for_groups(patch.group_roles, &mut next.group_roles)?;
        if !next.group_roles.is_empty() && !next.mapping(provider).maps("groups") {
            return Err(What::Incomplete(Missing::GroupsMapping).into());
        }
        Ok(next)
    }

    /// What is known of the identity provider.
    fn set_provider(
        &mut self,
        patch: &SamlPatch,
        described: Option<IdpDescription>,
        urls: UrlPolicy,
    ) -> Result<(), Refusal> {
        let known = self.idp_entity_id.clone();
        patch.idp_entity_id.clone().try_map(checked_entity_id)?.onto(&mut self.idp_entity_id);
        if self.idp_entity_id != known {
            // The document at the old address describes somebody else from now on.
            self.metadata_url.clear();
            self.metadata_entity_id.clear();
        }
        let metadata_url = |url| checked_metadata_url(url, urls);
        patch.metadata_url.clone().try_map(metadata_url)?.onto(&mut self.metadata_url);
        patch.metadata_entity_id.clone().try_map(checked_entity_id)?.onto(&mut self.metadata_entity_id);
        if let Some(found) = described {
            self.describe(found, Replace::All, urls)?;
        }
        let known = self.idp_sso_url.clone();
        patch.idp_sso_url.clone().try_map(|url| checked_sso_url(url, urls))?.onto(&mut self.idp_sso_url);
        patch.learns_provider.clone().onto(&mut self.learns_provider);
        if self.learns_provider && self.idp_sso_url != known && patch.idp_entity_id.is_keep() {
            // Another provider, which says anew what it is called.
            self.idp_entity_id.clear();
        }
        if self.idp_sso_url != known {
            // The contract's field is the address for redirects.
            self.sso_binding = super::SsoBinding::Redirect;
            self.sso_url_by_hand = !self.idp_sso_url.is_empty();
        }
        Ok(())
    }

    /// How we behave towards it.
    fn set_service(&mut self, patch: &SamlPatch, urls: UrlPolicy, now: Time) -> Result<(), Refusal> {
        patch.nameid_format.clone().onto(&mut self.nameid_format);
        patch.sp_entity_id.clone().try_map(checked_audience)?.onto(&mut self.sp_entity_id);
        let audience = patch.alternative_audience_uri.clone().try_map(checked_audience)?;
        audience.onto(&mut self.alternative_audience_uri);
        let acs_url = patch.alternative_acs_url.clone().try_map(|url| checked_acs_url(url, urls))?;
        acs_url.onto(&mut self.alternative_acs_url);
        patch.idp_initiated_auth_disabled.clone().onto(&mut self.idp_initiated_auth_disabled);
        let constant = patch.idp_initiated_in_response_to.clone().try_map(checked_in_response_to)?;
        constant.onto(&mut self.idp_initiated_in_response_to);
        patch.allow_gateway_callback.clone().onto(&mut self.allow_gateway_callback);
        patch.authn_requests_signed.clone().onto(&mut self.authn_requests_signed);
        let until = |setting| move |end| checked_until(Field::LegacySwitch, setting, end, now);
        let sha1 = patch.legacy_sha1_until.clone().try_map(until("legacy_allow_sha1_until"))?;
        sha1.onto(&mut self.legacy.sha1_until);
        let inclusive_c14n = until("legacy_allow_inclusive_c14n_until");
        let inclusive_c14n = patch.legacy_inclusive_c14n_until.clone().try_map(inclusive_c14n)?;
        inclusive_c14n.onto(&mut self.legacy.inclusive_c14n_until);
        // An assertion says nothing about the verification of an address.
        let (relink, link) = (&patch.relink_changed_subjects, &patch.link_existing_members_until);
        self.addresses.change(Patch::Keep, relink.clone(), link.clone(), now)
    }

    /// Adds certificates; one that is there already is left alone.
    pub(super) fn add_certificates(&mut self, added: Vec<VerificationCertificate>) -> Result<(), Refusal> {
        for certificate in added {
            let known = |one: &VerificationCertificate| one.fingerprint == certificate.fingerprint;
            if !self.verification_certificates.iter().any(known) {
                self.verification_certificates.push(certificate);
            }
        }
        let count = self.verification_certificates.len();
        if count > MAX_SAML_KEYS {
            return Err(Refusal::new(What::TooMany(Counted::VerificationCertificates))
                .because(format!("With the new ones there would be {count}.")));
        }
        Ok(())
    }

    fn rotate_signing_key(&mut self, key: SpSigningKey, now: Time) {
        self.signing_keys.retain(|old| old.expires_at > now);
        self.signing_keys.push(key);
        let beyond = self.signing_keys.len().saturating_sub(MAX_SIGNING_KEYS);
        self.signing_keys.drain(..beyond);
    }

    fn add_encryption_key(&mut self, key: SpEncryptionKey) -> Result<(), Refusal> {
        if self.encryption_keys.iter().any(|known| known.private_key == key.private_key) {
            return Ok(());
        }
        if self.encryption_keys.len() >= MAX_SAML_KEYS {
            return Err(What::TooMany(Counted::EncryptionKeys).into());
        }
        self.encryption_keys.push(key);
        Ok(())
    }
}

/// An entity id is compared byte for byte (SAML core 8.3.6), and some providers use free text.
pub(super) fn checked_entity_id(id: String) -> Result<String, Refusal> {
    let refuse = |found: &str| Err(Refusal::new(What::Invalid(Field::IdpEntityId)).found(found));
    if id.len() > 1024 || id.chars().any(char::is_control) {
        return refuse("control characters or more than 1024 bytes");
    }
    if id.trim() != id {
        return refuse("white space at its beginning or end, which the provider would not send");
    }
    Ok(id)
}

pub(super) fn checked_sso_url(url: String, urls: UrlPolicy) -> Result<String, Refusal> {
    checked(url, urls, |problem| {
        let kind = match problem {
            UrlProblem::Scheme => What::NotHttps,
            UrlProblem::NotAbsolute => What::NotAbsolute,
            _ => What::Invalid(Field::IdpSsoUrl),
        };
        Refusal::new(kind).because(problem.to_string())
    })
}

fn checked_metadata_url(url: String, urls: UrlPolicy) -> Result<String, Refusal> {
    checked(url, urls, |problem| Refusal::new(What::Invalid(Field::MetadataUrl)).because(problem.to_string()))
}

fn checked_acs_url(url: String, urls: UrlPolicy) -> Result<String, Refusal> {
    checked(url, urls, |problem| {
        Refusal::new(What::Invalid(Field::AlternativeUrl)).because(format!("alternative_acs_url: {problem}"))
    })
}

/// The empty text unsets.
fn checked(url: String, urls: UrlPolicy, refusal: impl Fn(UrlProblem) -> Refusal) -> Result<String, Refusal> {
    if !url.is_empty() {
        check_url(&url, urls, Query::Allowed).map_err(refusal)?;
    }
    Ok(url)
}

/// A constant is a short text, and never the id of a request of ours: with that, a response that was stolen on its way
/// could be brought by somebody else.
fn checked_in_response_to(text: String) -> Result<String, Refusal> {
    let refuse = |found: &str| {
        Err(Refusal::new(What::Invalid(Field::Setting))
            .found(format!("{found} as idp_initiated_in_response_to"))
            .expected("the constant text that the identity provider writes"))
    };
    if text.len() > 256 || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return refuse("white space, control characters or more than 256 bytes");
    }
    let hexadecimal =
        |digits: &str| digits.len() == 40 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if text.strip_prefix('_').is_some_and(hexadecimal) {
        return refuse("the id of a request of ours");
    }
    Ok(text)
}

fn checked_audience(audience: String) -> Result<String, Refusal> {
    if audience.len() > 1024 || audience.chars().any(char::is_control) || audience.trim() != audience {
        return Err(Refusal::new(What::Invalid(Field::AlternativeUrl)).because(
            "alternative_audience_uri: found control characters, white space around it or more than 1024 bytes.",
        ));
    }
    Ok(audience)
}
