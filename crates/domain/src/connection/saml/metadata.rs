//! What an identity provider says about itself in its metadata, and what changed when it says something else.

use super::{SamlSettings, SsoBinding, VerificationCertificate};
use crate::connection::url::UrlPolicy;
use crate::fault::{Fault, FaultKind};

/// A provider's description of itself, read by the protocol crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdpDescription {
    /// Its entity id.
    pub entity_id: String,
    /// Where it takes requests.
    pub sso_url: String,
    /// How it takes them there.
    pub sso_binding: SsoBinding,
    /// The certificates of its signing keys; ids and times are for those not known yet.
    pub certificates: Vec<VerificationCertificate>,
    /// It wants requests to be signed (`WantAuthnRequestsSigned`).
    pub wants_signed_requests: bool,
}

/// What a new description changed, for the audit trail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetadataChange {
    /// Fingerprints of certificates that are accepted now and were not before.
    pub certificates_added: Vec<String>,
    /// Fingerprints of certificates that are not accepted any more.
    pub certificates_removed: Vec<String>,
    /// The former and the new address for sign-ins.
    pub sso_url: Option<(String, String)>,
    /// Whether requests are signed now, if that is new.
    pub requests_signed: Option<bool>,
}

impl MetadataChange {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Which certificates a description takes the place of.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Replace {
    /// All: an administrator points the connection at this description.
    All,
    /// Those of an earlier description: nobody is asked, so what somebody added by hand stays.
    Described,
}

impl SamlSettings {
    /// What differs between these settings and `next`, as far as a provider's description has a say.
    #[must_use]
    pub fn difference(&self, next: &Self) -> MetadataChange {
        let missing_in = |these: &[VerificationCertificate], those: &[VerificationCertificate]| {
            let known = |one: &&VerificationCertificate| {
                !those.iter().any(|other| other.fingerprint == one.fingerprint)
            };
            these.iter().filter(known).map(|certificate| certificate.fingerprint.clone()).collect()
        };
        let (old, new) = (&self.verification_certificates, &next.verification_certificates);
        MetadataChange {
            certificates_added: missing_in(new, old),
            certificates_removed: missing_in(old, new),
            sso_url: (self.idp_sso_url != next.idp_sso_url)
                .then(|| (self.idp_sso_url.clone(), next.idp_sso_url.clone())),
            requests_signed: (self.authn_requests_signed != next.authn_requests_signed)
                .then_some(next.authn_requests_signed),
        }
    }

    /// Takes over a description. The entity id is pinned: a document that describes somebody else changes
    /// nothing.
    pub(super) fn describe(
        &mut self,
        found: IdpDescription,
        replace: Replace,
        urls: UrlPolicy,
    ) -> Result<(), Fault> {
        if !self.idp_entity_id.is_empty() && self.idp_entity_id != found.entity_id {
            return Err(Fault::new(FaultKind::InvalidIdpEntityId).because(format!(
                "The metadata describes {:?}, but the connection belongs to {:?}. To move it to another identity \
                 provider, set idp_entity_id to the new one in the same request or before.",
                found.entity_id, self.idp_entity_id
            )));
        }
        self.idp_entity_id = super::change::checked_entity_id(found.entity_id)?;
        self.idp_sso_url = super::change::checked_sso_url(found.sso_url, urls)?;
        self.sso_binding = found.sso_binding;
        self.authn_requests_signed = found.wants_signed_requests;
        self.replace_certificates(found.certificates, replace)
    }

    fn replace_certificates(
        &mut self,
        found: Vec<VerificationCertificate>,
        replace: Replace,
    ) -> Result<(), Fault> {
        if found.is_empty() {
            return Err(Fault::new(FaultKind::UnusableMetadata)
                .because("Found no certificate for signatures, expected at least one."));
        }
        let published =
            |one: &VerificationCertificate| found.iter().any(|other| other.fingerprint == one.fingerprint);
        self.verification_certificates
            .retain(|one| published(one) || (replace == Replace::Described && !one.from_metadata));
        self.add_certificates(found)
    }

    /// The settings after the provider was asked again for its description.
    pub(in crate::connection) fn refreshed(
        &self,
        found: IdpDescription,
        urls: UrlPolicy,
    ) -> Result<Self, Fault> {
        let mut next = self.clone();
        next.describe(found, Replace::Described, urls)?;
        Ok(next)
    }
}
