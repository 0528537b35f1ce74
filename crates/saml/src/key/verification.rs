//! The keys of one identity provider: never none of them, and each is tried once.

use std::fmt;

use thiserror::Error;
use vestibule_refusal::Refusal;

use super::certificate::Certificate;
use crate::algorithm::SignatureAlgorithm;

/// The certificates whose keys may have signed a message. There is always one: a set without keys cannot be made, so
/// "nothing to check with" can never be mistaken for "nothing was wrong".
///
/// Dates, names, extensions and issuers of the certificates play no part: SAML's trust is in the key that was
/// configured (SAML V2.0 Metadata Interoperability Profile section 2.6). Certificates share their parsed keys, so
/// making a set parses nothing.
#[derive(Clone, Debug)]
pub struct VerificationKeys {
    first: Certificate,
    rest: Vec<Certificate>,
}

/// Which of the keys verified a signature: the position of its certificate, counted from 0. Only
/// [`VerificationKeys::verify`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyIndex(usize);

impl KeyIndex {
    /// The position of the certificate, counted from 0.
    #[must_use]
    pub const fn position(self) -> usize {
        self.0
    }
}

/// There is no certificate to verify with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("there is no certificate to verify signatures with")]
pub struct NoKeys;

/// Why a signature was not verified.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KeyRefusal {
    /// No key is of the type and curve that the algorithm needs.
    #[error("the signature is {algorithm}, but the configured certificates hold {kinds}")]
    NoKeyForAlgorithm {
        /// The signature's algorithm.
        algorithm: SignatureAlgorithm,
        /// What the configured keys are.
        kinds: String,
    },
    /// Keys fit the algorithm, and under none of them is the signature good.
    #[error(
        "the {algorithm} signature does not verify under any configured key that fits it ({tried} tried)"
    )]
    NoKeyVerifies {
        /// The signature's algorithm.
        algorithm: SignatureAlgorithm,
        /// How many keys were tried.
        tried: usize,
    },
}

impl Refusal for KeyRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NoKeyForAlgorithm { .. } => "no_key_for_algorithm",
            Self::NoKeyVerifies { .. } => "signature_invalid",
        }
    }

    fn found(&self) -> Option<String> {
        let (Self::NoKeyForAlgorithm { algorithm, .. } | Self::NoKeyVerifies { algorithm, .. }) = self;
        Some(algorithm.name().to_owned())
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::NoKeyForAlgorithm { kinds, .. } => Some(format!("an algorithm for {kinds}")),
            Self::NoKeyVerifies { .. } => None,
        }
    }
}

impl VerificationKeys {
    /// The keys of `first` and of `rest`, to be tried in this order.
    #[must_use]
    pub fn new(first: Certificate, rest: Vec<Certificate>) -> Self {
        Self { first, rest }
    }

    /// The keys of `certificates`, to be tried in this order.
    ///
    /// # Errors
    /// [`NoKeys`] when there is none.
    pub fn from_certificates(certificates: &[Certificate]) -> Result<Self, NoKeys> {
        let (first, rest) = certificates.split_first().ok_or(NoKeys)?;
        Ok(Self::new(first.clone(), rest.to_vec()))
    }

    /// Checks `signature` over `message` under each key that fits `algorithm`, each once.
    ///
    /// Whether `algorithm` may be used at all is for [`crate::algorithm::LegacyPolicy`] to say before.
    ///
    /// # Errors
    /// [`KeyRefusal`], which tells a key of the wrong type from a signature that is wrong.
    pub fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<KeyIndex, KeyRefusal> {
        let mut tried = 0;
        for (position, certificate) in self.certificates().enumerate() {
            let Some(key) = certificate.public_key().verifier(algorithm) else { continue };
            if key.verify_sig(message, signature).is_ok() {
                return Ok(KeyIndex(position));
            }
            tried += 1;
        }
        if tried > 0 {
            return Err(KeyRefusal::NoKeyVerifies { algorithm, tried });
        }
        Err(KeyRefusal::NoKeyForAlgorithm { algorithm, kinds: Kinds(self).to_string() })
    }

    /// The certificate whose key verified. `key` must come from this set; the position of a larger one names the first.
    #[must_use]
    pub fn certificate(&self, key: KeyIndex) -> &Certificate {
        self.certificates().nth(key.0).unwrap_or(&self.first)
    }

    /// The certificates in the order they are tried.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        std::iter::once(&self.first).chain(&self.rest)
    }

    /// How many there are; at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "it is never empty, which is what the type is for")]
    pub fn len(&self) -> usize {
        1 + self.rest.len()
    }
}

/// The kinds of the keys, for people.
struct Kinds<'a>(&'a VerificationKeys);

impl fmt::Display for Kinds<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, certificate) in self.0.certificates().enumerate() {
            if position > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{}", certificate.key_kind())?;
        }
        Ok(())
    }
}
