//! What an identity provider says about itself in its metadata, and what changed when it says something else.

use super::keys::MAX_SAML_KEYS;
use super::{SamlSettings, SsoBinding, VerificationCertificate};
use crate::connection::url::UrlPolicy;
use crate::refusal::{Field, Refusal, What};

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
    ) -> Result<(), Refusal> {
        if !self.idp_entity_id.is_empty() && self.idp_entity_id != found.entity_id {
            return Err(Refusal::new(What::Invalid(Field::IdpEntityId)).because(format!(
                "The metadata describes {:?}, but the connection belongs to {:?}. To move it to another identity \
                 provider, set idp_entity_id to the new one in the same request or before.",
                found.entity_id, self.idp_entity_id
            )));
        }
        self.idp_entity_id = super::change::checked_entity_id(found.entity_id)?;
        let sso_url = super::change::checked_sso_url(found.sso_url, urls)?;
        let asked = replace == Replace::All;
        if asked || !self.sso_url_by_hand {
            self.idp_sso_url = sso_url;
            self.sso_binding = found.sso_binding;
            self.sso_url_by_hand = false;
        }
        // Unasked, signing is begun and never ended: it harms nobody, and somebody may have turned it on.
        self.authn_requests_signed = found.wants_signed_requests || (!asked && self.authn_requests_signed);
        self.replace_certificates(found.certificates, replace)
    }

    fn replace_certificates(
        &mut self,
        found: Vec<VerificationCertificate>,
        replace: Replace,
    ) -> Result<(), Refusal> {
        if found.is_empty() {
            return Err(Refusal::new(What::Invalid(Field::Metadata))
                .found("no certificate for signatures")
                .expected("at least one"));
        }
        let published =
            |one: &VerificationCertificate| found.iter().any(|other| other.fingerprint == one.fingerprint);
        self.verification_certificates
            .retain(|one| published(one) || (replace == Replace::Described && !one.from_metadata));
        let known = |one: &VerificationCertificate| {
            self.verification_certificates.iter().any(|other| other.fingerprint == one.fingerprint)
        };
        // What is published beyond the bound has come in order of use: what somebody added by hand is not pushed out.
        let room = MAX_SAML_KEYS.saturating_sub(self.verification_certificates.len());
        let (kept, new): (Vec<_>, Vec<_>) = found.into_iter().partition(known);
        let new = if kept.is_empty() && room == 0 { new } else { new.into_iter().take(room).collect() };
        self.add_certificates(kept)?;
        self.add_certificates(new)
    }

    /// The settings after the provider was asked again for its description.
    pub(in crate::connection) fn refreshed(
        &self,
        found: IdpDescription,
        urls: UrlPolicy,
    ) -> Result<Self, Refusal> {
        let mut next = self.clone();
        next.describe(found, Replace::Described, urls)?;
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::{ProviderLabel, SamlPatch};
    use crate::entropy::Entropy;
    use crate::id::{Environment, SamlVerificationKeyId};
    use crate::patch::Patch;
    use crate::time::Time;

    struct Zeroes;
    impl Entropy for Zeroes {
        fn fill(&self, out: &mut [u8]) {
            out.fill(0);
        }
    }

    const NOW: Time = Time::from_seconds(1_700_000_000);

    fn certificate(fingerprint: &str, from_metadata: bool) -> VerificationCertificate {
        VerificationCertificate {
            id: SamlVerificationKeyId::generate(Environment::Test, &Zeroes),
            pem: String::new(),
            subject: String::new(),
            issuer: String::new(),
            fingerprint: fingerprint.to_owned(),
            not_before: NOW,
            expires_at: NOW,
            created_at: NOW,
            from_metadata,
        }
    }

    fn described(sso_url: &str, certificates: &[&str]) -> IdpDescription {
        IdpDescription {
            entity_id: "https://idp.test".to_owned(),
            sso_url: sso_url.to_owned(),
            sso_binding: SsoBinding::Post,
            certificates: certificates.iter().map(|one| certificate(one, true)).collect(),
            wants_signed_requests: false,
        }
    }

    fn changed(settings: &SamlSettings, patch: SamlPatch, found: Option<IdpDescription>) -> SamlSettings {
        settings.changed(patch, found, ProviderLabel::Generic, UrlPolicy::Https, NOW).unwrap()
    }

    fn fingerprints(settings: &SamlSettings) -> Vec<&str> {
        settings.verification_certificates.iter().map(|one| one.fingerprint.as_str()).collect()
    }

    #[test]
    fn what_somebody_said_survives_a_reading_nobody_asked_for() {
        let by_hand = SamlPatch {
            idp_sso_url: Patch::Set("https://idp.test/mine".into()),
            certificates: vec![certificate("mine", false)],
            authn_requests_signed: Patch::Set(true),
            ..SamlPatch::default()
        };
        let first = described("https://idp.test/a", &["a"]);
        let settings = changed(&SamlSettings::default(), by_hand, Some(first));
        let read = settings.refreshed(described("https://idp.test/b", &["b"]), UrlPolicy::Https).unwrap();
        assert_eq!(
            (read.idp_sso_url.as_str(), read.sso_binding),
            ("https://idp.test/mine", SsoBinding::Redirect)
        );
        assert_eq!(fingerprints(&read), ["mine", "b"]);
        assert!(read.authn_requests_signed);
        let change = settings.difference(&read);
        assert_eq!(
            (change.certificates_added, change.certificates_removed),
            (vec!["b".into()], vec!["a".into()])
        );
        assert_eq!((change.sso_url, change.requests_signed), (None, None));

        // Somebody who asks for it gets all of it.
        let asked = changed(&read, SamlPatch::default(), Some(described("https://idp.test/c", &["c"])));
        assert_eq!((asked.idp_sso_url.as_str(), asked.sso_binding), ("https://idp.test/c", SsoBinding::Post));
        assert_eq!(fingerprints(&asked), ["c"]);
        let later = asked.refreshed(described("https://idp.test/d", &["c"]), UrlPolicy::Https).unwrap();
        assert_eq!(asked.difference(&later).sso_url.unwrap().1, "https://idp.test/d");
    }

    #[test]
    fn another_entity_and_no_key_change_nothing() {
        let settings = changed(
            &SamlSettings::default(),
            SamlPatch::default(),
            Some(described("https://idp.test/a", &["a"])),
        );
        let mut other = described("https://idp.test/a", &["b"]);
        other.entity_id = "https://idp.test/".to_owned();
        let refused = settings.refreshed(other, UrlPolicy::Https).unwrap_err();
        assert_eq!(refused.what, What::Invalid(Field::IdpEntityId));
        let refused = settings.refreshed(described("https://idp.test/a", &[]), UrlPolicy::Https).unwrap_err();
        assert_eq!(refused.what, What::Invalid(Field::Metadata));
        let refused =
            settings.refreshed(described("http://idp.test/a", &["a"]), UrlPolicy::Https).unwrap_err();
        assert_eq!(refused.what, What::NotHttps);
    }

    #[test]
    fn another_provider_by_hand_leaves_its_document_behind() {
        let with_url =
            SamlPatch { metadata_url: Patch::Set("https://idp.test/m".into()), ..SamlPatch::default() };
        let settings =
            changed(&SamlSettings::default(), with_url, Some(described("https://idp.test/a", &["a"])));
        assert_eq!(settings.metadata_url, "https://idp.test/m");
        let same = SamlPatch { idp_entity_id: Patch::Set("https://idp.test".into()), ..SamlPatch::default() };
        assert_eq!(changed(&settings, same, None).metadata_url, "https://idp.test/m");
        let moved =
            SamlPatch { idp_entity_id: Patch::Set("https://other.test".into()), ..SamlPatch::default() };
        assert_eq!(changed(&settings, moved, None).metadata_url, "");
    }
}
