//! Why a signature is not accepted.

use vestibule_refusal::{Excerpt, Refusal};

use crate::key::KeyRefusal;

/// A signature that is not accepted: not the shape that SAML allows (core 5.4), not an allowed algorithm, or not good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefusal {
    /// An element has more than one `ds:Signature` child.
    #[error("an element has more than one Signature")]
    Repeated,
    /// A child element, an attribute or a text where the template has none, or not in this order.
    #[error("{inside} contains {found} where {expected} is expected")]
    Structure {
        /// The element of the signature that it is in.
        inside: &'static str,
        /// What stands there.
        found: Excerpt,
        /// What the template has there.
        expected: &'static str,
    },
    /// The signature carries content of its own, which an enveloped signature never needs.
    #[error("the Signature contains an Object")]
    Object,
    /// Core 5.4.2: a SAML signature has one reference.
    #[error("SignedInfo has {0} References instead of one")]
    References(usize),
    /// The element around the signature has no usable `ID` attribute.
    #[error("the signed element has no ID")]
    NoId,
    /// The reference is not to the element around the signature.
    #[error("the Reference is to {found} instead of the element around the signature, {expected}")]
    Reference {
        /// The `URI` attribute.
        found: Excerpt,
        /// `#` and the parent's ID.
        expected: Excerpt,
    },
    /// Two attributes that could be taken for an ID have one value.
    #[error("the ID {0} occurs more than once")]
    DuplicateId(Excerpt),
    /// Core 5.4.4: only the enveloped-signature transform and exclusive canonicalisation, in this order.
    #[error("the transforms are {found} instead of enveloped-signature and exclusive canonicalization")]
    Transforms {
        /// What they are.
        found: Excerpt,
    },
    /// A canonicalisation that is never accepted.
    #[error("the canonicalization {found} is not supported")]
    Canonicalization {
        /// Its identifier.
        found: Excerpt,
    },
    /// Inclusive canonicalisation, and the connection does not allow it.
    #[error("the signature uses inclusive canonicalization, which this connection does not allow")]
    LegacyCanonicalization,
    /// An `InclusiveNamespaces` list with more prefixes than a document can have in scope.
    #[error("the InclusiveNamespaces prefix list has more than {0} prefixes")]
    PrefixList(usize),
    /// A signature algorithm that is never accepted.
    #[error("the signature algorithm {found} is not supported")]
    SignatureAlgorithm {
        /// Its identifier.
        found: Excerpt,
    },
    /// A digest algorithm that is never accepted.
    #[error("the digest algorithm {found} is not supported")]
    DigestAlgorithm {
        /// Its identifier.
        found: Excerpt,
    },
    /// SHA-1, and the connection does not allow it.
    #[error("the signature uses {found}, which this connection does not allow")]
    LegacyAlgorithm {
        /// Its name.
        found: &'static str,
    },
    /// A value that must be base64 text is not.
    #[error("{element} is not base64")]
    NotBase64 {
        /// The element with the value.
        element: &'static str,
    },
    /// The signature is good, but what it covers was changed after it was signed.
    #[error(
        "the digest does not match: the content was changed after it was signed. Look for what changes messages between the \
         provider and here, such as a gateway or an extension of the browser"
    )]
    Digest,
    /// The signature is not by a configured key.
    #[error(transparent)]
    Key(#[from] KeyRefusal),
}

impl SignatureRefusal {
    pub(super) fn structure(inside: &'static str, found: &str, expected: &'static str) -> Self {
        Self::Structure { inside, found: Excerpt::of(found), expected }
    }
}

impl Refusal for SignatureRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Repeated => "signature_repeated",
            Self::Structure { .. } => "signature_structure",
            Self::Object => "signature_object",
            Self::References(_) => "signature_references",
            Self::NoId => "signed_element_without_id",
            Self::Reference { .. } => "signature_reference",
            Self::DuplicateId(_) => "duplicate_id",
            Self::Transforms { .. } => "signature_transforms",
            Self::Canonicalization { .. } => "signature_canonicalization",
            Self::LegacyCanonicalization => "inclusive_canonicalization",
            Self::PrefixList(_) => "signature_prefix_list",
            Self::SignatureAlgorithm { .. } => "signature_algorithm",
            Self::DigestAlgorithm { .. } => "digest_algorithm",
            Self::LegacyAlgorithm { .. } => "signature_sha1",
            Self::NotBase64 { .. } => "signature_not_base64",
            Self::Digest => "digest_mismatch",
            Self::Key(refusal) => refusal.code(),
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Structure { found, .. }
            | Self::Reference { found, .. }
            | Self::Transforms { found }
            | Self::Canonicalization { found }
            | Self::SignatureAlgorithm { found }
            | Self::DigestAlgorithm { found }
            | Self::DuplicateId(found) => Some(found.to_string()),
            Self::References(count) => Some(count.to_string()),
            Self::LegacyAlgorithm { found } => Some((*found).to_owned()),
            Self::LegacyCanonicalization => Some("inclusive canonicalization".to_owned()),
            Self::Key(refusal) => refusal.found(),
            Self::Digest => Some("another content than was signed".to_owned()),
            Self::NoId => Some("no ID".to_owned()),
            Self::Repeated => Some("several signatures".to_owned()),
            Self::Object => Some("an Object in the signature".to_owned()),
            Self::PrefixList(_) | Self::NotBase64 { .. } => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::Structure { expected, .. } => Some((*expected).to_owned()),
            Self::Reference { expected, .. } => Some(expected.to_string()),
            Self::References(_) => Some("1".to_owned()),
            Self::Repeated => Some("one signature".to_owned()),
            Self::Transforms { .. } => Some("enveloped-signature, exclusive canonicalization".to_owned()),
            Self::Canonicalization { .. } | Self::LegacyCanonicalization => {
                Some("exclusive canonicalization without comments".to_owned())
            }
            Self::SignatureAlgorithm { .. } => {
                Some("RSA (PKCS#1 or PSS) or ECDSA with SHA-256, SHA-384 or SHA-512".to_owned())
            }
            Self::DigestAlgorithm { .. } => Some("SHA-256, SHA-384 or SHA-512".to_owned()),
            Self::LegacyAlgorithm { .. } => Some("SHA-256 or better".to_owned()),
            Self::Key(refusal) => refusal.expected(),
            Self::Digest => Some("the content as it was signed".to_owned()),
            Self::Object => Some("no Object".to_owned()),
            Self::NoId => Some("an ID, which the signature refers to".to_owned()),
            Self::DuplicateId(_) => Some("an ID that occurs once".to_owned()),
            Self::PrefixList(_) => Some("a list of prefixes that are in scope".to_owned()),
            Self::NotBase64 { .. } => Some("Base64".to_owned()),
        }
    }
}
