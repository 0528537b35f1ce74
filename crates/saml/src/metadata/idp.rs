//! What a provider's metadata offers.

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
    /// How many certificates occur more than once for one use.
    pub repeated_certificates: usize,
    /// How many entities the document describes.
    pub entities: usize,
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
