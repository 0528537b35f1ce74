//! Why something was not decrypted.

use thiserror::Error;
use vestibule_refusal::{Excerpt, Refusal};

/// Why an encrypted element was not decrypted.
///
/// Everything that happens once the algorithms are known is [`DecryptionRefusal::Failed`], with one code and one text:
/// what exactly went wrong would help somebody who alters ciphertexts to learn what is in them.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DecryptionRefusal {
    /// The connection has no key to decrypt with.
    #[error("the assertion is encrypted, but the connection has no decryption key")]
    NoKey,
    /// The elements are not those of XML-Enc, or not in their order.
    #[error("the encrypted assertion is malformed: {0}")]
    Malformed(&'static str),
    /// More encrypted keys than there can be recipients.
    #[error("the encrypted assertion carries {found} encrypted keys; at most {most} are expected")]
    EncryptedKeys {
        /// How many.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// An algorithm that is not supported, or not safe enough to be.
    #[error("the {role} algorithm {found} is not accepted; expected {expected}")]
    Algorithm {
        /// What the algorithm is for.
        role: &'static str,
        /// Its name or identifier.
        found: Excerpt,
        /// What would be accepted.
        expected: &'static str,
    },
    /// It could not be decrypted with any of the connection's keys, or what came out was not an assertion.
    #[error("the encrypted assertion could not be decrypted with the connection's keys")]
    Failed,
}

impl Refusal for DecryptionRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NoKey => "decryption_key_missing",
            Self::Malformed(_) | Self::EncryptedKeys { .. } => "encrypted_assertion_malformed",
            Self::Algorithm { .. } => "encryption_algorithm",
            Self::Failed => "decryption_failed",
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Algorithm { found, .. } => Some(found.to_string()),
            Self::EncryptedKeys { found, .. } => Some(format!("{found} encrypted keys")),
            Self::Malformed(what) => Some((*what).to_owned()),
            Self::NoKey | Self::Failed => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::Algorithm { expected, .. } => Some((*expected).to_owned()),
            Self::EncryptedKeys { most, .. } => {
                Some(format!("one encrypted key for each recipient, at most {most}"))
            }
            Self::NoKey => Some("an assertion that is not encrypted, or a decryption key".to_owned()),
            Self::Malformed(_) | Self::Failed => None,
        }
    }
}
