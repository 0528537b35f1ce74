//! What a provider's metadata offers.

use vestibule_refusal::Excerpt;

use crate::UnixMillis;
use crate::key::Certificate;

use super::{MetadataRefusal, Remark, remark};

/// An identity provider as its metadata describes it (metadata 2.4.3).
///
/// Metadata is trusted because of where it came from; a signature on it is not looked at. None of it is needed to be
/// current to be read: [`remarks`](Self::remarks) says what is wrong with it, [`current`](Self::current) insists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdpMetadata {
    /// The `entityID`: what the provider's messages have as `Issuer`.
    pub entity_id: String,
    /// Where requests go by HTTP-Redirect (bindings 3.4), the first that is offered.
    pub redirect_url: Option<String>,
    /// Where requests go by HTTP-POST (bindings 3.5), the first that is offered.
    pub post_url: Option<String>,
    /// The certificates that messages may be signed with, each once, in order.
    pub signing_certificates: Vec<Certificate>,
    /// The certificates to encrypt to, each once, in order.
    pub encryption_certificates: Vec<Certificate>,
    /// What of the `KeyDescriptor`s cannot be used, as sentences.
    pub unusable_keys: Vec<String>,
    /// The `NameIDFormat`s, in order.
    pub name_id_formats: Vec<String>,
    /// Whether the provider wants requests to be signed (`WantAuthnRequestsSigned`).
    pub wants_signed_requests: bool,
    /// The attributes that the provider says it has.
    pub attributes: Vec<OfferedAttribute>,
    /// When the description ends: the earliest `validUntil` on the way to it.
    pub valid_until: Option<UnixMillis>,
    /// For how long the description may be kept, in milliseconds: the shortest `cacheDuration` on the way to it.
    pub cache_millis: Option<i64>,
    /// Hints that cannot be read, and so are not followed.
    pub unreadable_hints: Vec<UnreadableHint>,
    /// How many certificates occur more than once for one use.
    pub repeated_certificates: usize,
    /// How many certificates come with another one only because they issued it. Their keys sign no messages.
    pub issuing_certificates: usize,
    /// How many signing certificates [`IdpMetadata::keep`] has left out.
    pub certificates_left_out: usize,
    /// How many entities the document describes.
    pub entities: usize,
    /// Whether the document is UTF-8, as it should be.
    pub is_utf8: bool,
}

/// A hint of the metadata that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableHint {
    /// The attribute.
    pub name: &'static str,
    /// What is written.
    pub found: Excerpt,
    /// What should be.
    pub expected: &'static str,
}

/// An attribute that the provider says it has (metadata 2.4.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedAttribute {
    /// What it is looked up by.
    pub name: String,
    /// A name for people.
    pub friendly_name: Option<String>,
}

impl IdpMetadata {
    /// What people should know about this metadata as of `now`, the worst first.
    #[must_use]
    pub fn remarks(&self, now: UnixMillis) -> Vec<Remark> {
        remark::on(self, now)
    }

    /// This metadata with at most `most` signing certificates, for whoever accepts no more. Providers list keys that they
    /// have used or will use; those that can be signing at `now` are kept first, then those that will, then those that have
    /// ended, the newest of each. What is kept stays in the order of the document.
    #[must_use]
    pub fn keep(mut self, most: usize, now: UnixMillis) -> Self {
        let count = self.signing_certificates.len();
        if count <= most {
            return self;
        }
        let usefulness = |certificate: &Certificate| {
            let (ended, ahead) = (certificate.not_after() <= now, certificate.not_before() > now);
            (ended, ahead, std::cmp::Reverse(certificate.not_before()))
        };
        let mut best: Vec<_> = self.signing_certificates.iter().enumerate().collect();
        best.sort_by_key(|(_, certificate)| usefulness(certificate));
        let kept: Vec<usize> = best.into_iter().take(most).map(|(place, _)| place).collect();
        let mut place = 0..;
        self.signing_certificates.retain(|_| place.next().is_some_and(|place| kept.contains(&place)));
        self.certificates_left_out += count - self.signing_certificates.len();
        self
    }

    /// This metadata, unless it has expired (metadata 2.3.1: it must not be used then).
    ///
    /// # Errors
    /// [`MetadataRefusal::Expired`].
    pub fn current(self, now: UnixMillis) -> Result<Self, MetadataRefusal> {
        match self.valid_until {
            Some(until) if until <= now => Err(MetadataRefusal::Expired { until, now }),
            _ => Ok(self),
        }
    }
}
