//! Changes to a SAML connection (contract 3.1.2): a change is applied as a whole or not at all.

use super::keys::{MAX_SAML_KEYS, MAX_SIGNING_KEYS};
use super::legacy::checked_until;
use super::metadata::{IdpDescription, Replace};
use super::{GroupRole, NameIdFormat, SamlSettings, SpEncryptionKey, SpSigningKey, VerificationCertificate};
use crate::connection::ProviderLabel;
use crate::connection::url::{Query, UrlPolicy, UrlProblem, check_url};
use crate::mapping::AttributeMapping;
use crate::mapping::saml::checked_saml_mapping;
use crate::refusal::{Counted, Field, Missing, Refusal, What};
use crate::time::Time;

const MAX_ROLE_ASSIGNMENTS: usize = 500;

/// A change to a SAML connection: what is `None` stays as it is; certificates and keys are added.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields carry the names of contract 3.1.2 and of the settings")]
pub struct SamlPatch {
    pub display_name: Option<String>,
    pub identity_provider: Option<ProviderLabel>,
    pub idp_entity_id: Option<String>,
    pub idp_sso_url: Option<String>,
    /// The empty text stops reading it.
    pub metadata_url: Option<String>,
    pub metadata_entity_id: Option<String>,
    pub certificates: Vec<VerificationCertificate>,
    pub signing_key: Option<SpSigningKey>,
    pub encryption_key: Option<SpEncryptionKey>,
    pub nameid_format: Option<NameIdFormat>,
    pub attribute_mapping: Option<AttributeMapping>,
    pub alternative_audience_uri: Option<String>,
    pub alternative_acs_url: Option<String>,
    pub idp_initiated_auth_disabled: Option<bool>,
    pub allow_gateway_callback: Option<bool>,
    pub connection_roles: Option<Vec<String>>,
    pub group_roles: Option<Vec<GroupRole>>,
    pub authn_requests_signed: Option<bool>,
    /// `Some(None)` turns the switch off.
    pub legacy_sha1_until: Option<Option<Time>>,
    pub legacy_inclusive_c14n_until: Option<Option<Time>>,
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
        next.set_meaning(patch.attribute_mapping, patch.connection_roles, patch.group_roles, provider)?;
        Ok(next)
    }

    /// What is known of the identity provider.
    fn set_provider(
        &mut self,
        patch: &SamlPatch,
        described: Option<IdpDescription>,
        urls: UrlPolicy,
    ) -> Result<(), Refusal> {
        if let Some(id) = &patch.idp_entity_id {
            let id = checked_entity_id(id.clone())?;
            if id != self.idp_entity_id {
                // The document at the old address describes somebody else from now on.
                self.metadata_url.clear();
                self.metadata_entity_id.clear();
            }
            self.idp_entity_id = id;
        }
        if let Some(url) = &patch.metadata_url {
            self.metadata_url = checked_metadata_url(url.clone(), urls)?;
        }
        if let Some(id) = &patch.metadata_entity_id {
            self.metadata_entity_id = checked_entity_id(id.clone())?;
        }
        if let Some(found) = described {
            self.describe(found, Replace::All, urls)?;
        }
        if let Some(url) = &patch.idp_sso_url {
            let url = checked_sso_url(url.clone(), urls)?;
            if url != self.idp_sso_url {
                // The contract's field is the address for redirects.
                self.sso_binding = super::SsoBinding::Redirect;
                self.sso_url_by_hand = !url.is_empty();
            }
            self.idp_sso_url = url;
        }
        Ok(())
    }

    /// How we behave towards it.
    fn set_service(&mut self, patch: &SamlPatch, urls: UrlPolicy, now: Time) -> Result<(), Refusal> {
        self.nameid_format = patch.nameid_format.unwrap_or(self.nameid_format);
        if let Some(audience) = &patch.alternative_audience_uri {
            self.alternative_audience_uri = checked_audience(audience)?;
        }
        if let Some(url) = &patch.alternative_acs_url {
            self.alternative_acs_url = checked(url.clone(), urls, |problem| {
                Refusal::new(What::Invalid(Field::AlternativeUrl))
                    .because(format!("alternative_acs_url: {problem}"))
            })?;
        }
        let switches = [
            (&mut self.idp_initiated_auth_disabled, patch.idp_initiated_auth_disabled),
            (&mut self.allow_gateway_callback, patch.allow_gateway_callback),
            (&mut self.authn_requests_signed, patch.authn_requests_signed),
        ];
        for (switch, value) in switches {
            *switch = value.unwrap_or(*switch);
        }
        if let Some(until) = patch.legacy_sha1_until {
            self.legacy.sha1_until = checked_until(until, now)?;
        }
        if let Some(until) = patch.legacy_inclusive_c14n_until {
            self.legacy.inclusive_c14n_until = checked_until(until, now)?;
        }
        Ok(())
    }

    /// What its attributes and groups mean here.
    fn set_meaning(
        &mut self,
        mapping: Option<AttributeMapping>,
        connection_roles: Option<Vec<String>>,
        group_roles: Option<Vec<GroupRole>>,
        provider: ProviderLabel,
    ) -> Result<(), Refusal> {
        if let Some(mapping) = mapping {
            self.attribute_mapping = Some(checked_saml_mapping(mapping)?);
        }
        if let Some(roles) = connection_roles {
            check_count(roles.len())?;
            self.connection_roles = roles;
        }
        if let Some(roles) = group_roles {
            check_count(roles.len())?;
            self.group_roles = roles;
        }
        if !self.group_roles.is_empty() && !self.mapping(provider).maps("groups") {
            return Err(What::Incomplete(Missing::GroupsMapping).into());
        }
        Ok(())
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

fn check_count(count: usize) -> Result<(), Refusal> {
    if count <= MAX_ROLE_ASSIGNMENTS {
        return Ok(());
    }
    Err(Refusal::new(What::Invalid(Field::Setting))
        .found(format!("{count} role assignments"))
        .expected(format!("at most {MAX_ROLE_ASSIGNMENTS}")))
}

/// An entity id is compared byte for byte (SAML core 8.3.6), and some providers use free text.
pub(super) fn checked_entity_id(id: String) -> Result<String, Refusal> {
    let refuse = |why: &str| Err(Refusal::new(What::Invalid(Field::IdpEntityId)).because(why.to_owned()));
    if id.len() > 1024 || id.chars().any(char::is_control) {
        return refuse("Found control characters or more than 1024 bytes.");
    }
    if id.trim() != id {
        return refuse("Found white space at its beginning or end, which the provider would not send.");
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

/// The empty text unsets.
fn checked(url: String, urls: UrlPolicy, refusal: impl Fn(UrlProblem) -> Refusal) -> Result<String, Refusal> {
    if !url.is_empty() {
        check_url(&url, urls, Query::Allowed).map_err(refusal)?;
    }
    Ok(url)
}

fn checked_audience(audience: &str) -> Result<String, Refusal> {
    if audience.len() > 1024 || audience.chars().any(char::is_control) || audience.trim() != audience {
        return Err(Refusal::new(What::Invalid(Field::AlternativeUrl)).because(
            "alternative_audience_uri: found control characters, white space around it or more than 1024 bytes.",
        ));
    }
    Ok(audience.to_owned())
}
