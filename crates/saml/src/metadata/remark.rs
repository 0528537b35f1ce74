//! What people should know about metadata that can be read.

use std::fmt;

use vestibule_refusal::Excerpt;

use crate::UnixMillis;
use crate::key::Certificate;

use super::{IdpMetadata, UnreadableHint};

/// How near an end is worth a remark, in milliseconds: thirty days.
const NEAR: i64 = 30 * 24 * 60 * 60 * 1000;

/// Something that people should know about metadata that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// `validUntil` has passed.
    Expired {
        /// When it ended.
        until: UnixMillis,
    },
    /// `validUntil` is within thirty days. Documents that are published anew all the time always are.
    ExpiresSoon {
        /// When it ends.
        until: UnixMillis,
    },
    /// No signing certificate is within its dates.
    AllCertificatesExpired,
    /// A signing certificate has ended. It still verifies: SAML trusts the key, not the dates.
    CertificateExpired {
        /// Its subject.
        subject: Excerpt,
        /// When it ended.
        not_after: UnixMillis,
    },
    /// A signing certificate ends within thirty days.
    CertificateExpiresSoon {
        /// Its subject.
        subject: Excerpt,
        /// When it ends.
        not_after: UnixMillis,
    },
    /// A signing certificate has not begun.
    CertificateNotYetValid {
        /// Its subject.
        subject: Excerpt,
        /// When it begins.
        not_before: UnixMillis,
    },
    /// A key that cannot be used.
    UnusableKey(String),
    /// A hint that cannot be read, and so is not followed.
    UnreadableHint(UnreadableHint),
    /// The document is in another encoding than UTF-8.
    NotUtf8,
    /// There are more signing certificates than are accepted: the newest of those that can be used now are kept.
    CertificatesLeftOut {
        /// How many are not accepted.
        left_out: usize,
        /// How many are.
        kept: usize,
    },
    /// Certificates that are there because they issued another one.
    IssuingCertificates(usize),
    /// Certificates that occur more than once for one use.
    RepeatedCertificates(usize),
    /// The provider offers HTTP-POST alone.
    NoRedirectBinding,
    /// A single sign-on address without TLS.
    PlainHttp {
        /// The address.
        url: Excerpt,
    },
    /// The provider names no format for name identifiers.
    NoNameIdFormat,
    /// The provider wants requests to be signed.
    WantsSignedRequests,
    /// The document describes more entities than the one that was read.
    OtherEntities(usize),
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired { until } => {
                write!(f, "the metadata expired at {until}; get it from the provider again")
            }
            Self::ExpiresSoon { until } => {
                write!(f, "the metadata expires at {until}; it must be read again before")
            }
            Self::AllCertificatesExpired => f.write_str(
                "no signing certificate is within its dates; ask the provider for its current one",
            ),
            Self::CertificateExpired { subject, not_after } => {
                write!(
                    f,
                    "the signing certificate {subject} expired at {not_after}; it is accepted still, ask for a new one"
                )
            }
            Self::CertificateExpiresSoon { subject, not_after } => {
                write!(f, "the signing certificate {subject} expires at {not_after}")
            }
            Self::CertificateNotYetValid { subject, not_before } => {
                write!(f, "the signing certificate {subject} is valid from {not_before} on")
            }
            Self::UnusableKey(problem) => write!(f, "a key cannot be used: {problem}"),
            Self::UnreadableHint(UnreadableHint { name, found, expected }) => {
                write!(f, "{name} is \"{found}\" and is not followed, expected {expected}")
            }
            Self::NotUtf8 => f.write_str(
                "the document is not UTF-8; compare the entity ID and the names with what the provider shows",
            ),
            Self::CertificatesLeftOut { left_out, kept } => write!(
                f,
                "{left_out} of {} signing certificates are left out, because at most {kept} are accepted: those that can \
                 be used now and are the newest; if the provider signs with another one, let it publish fewer",
                left_out + kept
            ),
            Self::IssuingCertificates(count) => write!(
                f,
                "{count} certificates are listed because they issued another one; their keys are not accepted as signers"
            ),
            Self::RepeatedCertificates(count) => write!(f, "{count} certificates are listed more than once"),
            Self::NoRedirectBinding => f.write_str(
                "the provider offers HTTP-POST only; requests are sent by a page that submits itself",
            ),
            Self::PlainHttp { url } => {
                write!(f, "{url} is not https: requests could be read and changed on the way")
            }
            Self::NoNameIdFormat => f.write_str("the provider does not say which NameID formats it has"),
            Self::WantsSignedRequests => f.write_str("the provider wants requests to be signed"),
            Self::OtherEntities(count) => {
                write!(f, "{count} other entities are described in the same document")
            }
        }
    }
}

impl Remark {
    /// Whether sign-ins will fail, or may soon, unless somebody does something.
    #[must_use]
    pub const fn is_warning(&self) -> bool {
        !matches!(
            self,
            Self::NoRedirectBinding
                | Self::NoNameIdFormat
                | Self::WantsSignedRequests
                | Self::OtherEntities(_)
                | Self::RepeatedCertificates(_)
                | Self::IssuingCertificates(_)
        )
    }
}

pub(super) fn on(metadata: &IdpMetadata, now: UnixMillis) -> Vec<Remark> {
    let mut remarks = Vec::new();
    remarks.extend(metadata.valid_until.and_then(|until| validity(until, now)));
    let certificates = &metadata.signing_certificates;
    if certificates.iter().all(|certificate| certificate.not_after() <= now) {
        remarks.push(Remark::AllCertificatesExpired);
    }
    remarks.extend(certificates.iter().filter_map(|certificate| dates(certificate, now)));
    let (left_out, kept) = (metadata.certificates_left_out, certificates.len());
    remarks.extend((left_out > 0).then_some(Remark::CertificatesLeftOut { left_out, kept }));
    remarks.extend(metadata.unreadable_hints.iter().cloned().map(Remark::UnreadableHint));
    remarks.extend((!metadata.is_utf8).then_some(Remark::NotUtf8));
    remarks.extend(metadata.unusable_keys.iter().cloned().map(Remark::UnusableKey));
    let urls = metadata.redirect_url.iter().chain(&metadata.post_url);
    let plain = urls.filter(|url| !is_https(url));
    remarks.extend(plain.map(|url| Remark::PlainHttp { url: Excerpt::of(url) }));
    let repeated = metadata.repeated_certificates;
    let others = metadata.entities.saturating_sub(1);
    let notes = [
        (metadata.issuing_certificates > 0, Remark::IssuingCertificates(metadata.issuing_certificates)),
        (repeated > 0, Remark::RepeatedCertificates(repeated)),
        (metadata.redirect_url.is_none(), Remark::NoRedirectBinding),
        (metadata.name_id_formats.is_empty(), Remark::NoNameIdFormat),
        (metadata.wants_signed_requests, Remark::WantsSignedRequests),
        (others > 0, Remark::OtherEntities(others)),
    ];
    remarks.extend(notes.into_iter().filter(|(applies, _)| *applies).map(|(_, note)| note));
    remarks
}

/// A scheme is the same in capitals (RFC 3986 section 3.1).
fn is_https(url: &str) -> bool {
    url.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"))
}

fn validity(until: UnixMillis, now: UnixMillis) -> Option<Remark> {
    if until <= now {
        return Some(Remark::Expired { until });
    }
    (until <= now.plus(NEAR)).then_some(Remark::ExpiresSoon { until })
}

fn dates(certificate: &Certificate, now: UnixMillis) -> Option<Remark> {
    let subject = Excerpt::of(certificate.subject());
    let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
    if not_after <= now {
        return Some(Remark::CertificateExpired { subject, not_after });
    }
    if not_before > now {
        return Some(Remark::CertificateNotYetValid { subject, not_before });
    }
    (not_after <= now.plus(NEAR)).then_some(Remark::CertificateExpiresSoon { subject, not_after })
}
