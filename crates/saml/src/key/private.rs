//! RSA private keys, as they are pasted, kept and given back.

use std::fmt;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use thiserror::Error;
use vestibule_refusal::{Excerpt, Refusal};
use zeroize::Zeroizing;

use super::armor::{self, ArmorError, Block};
use super::certificate_error::Found;
use super::der::{self, RsaEnvelope};

const LEAST_BITS: usize = 2048;
const MOST_BITS: usize = 4096;

/// An RSA private key of 2048 to 4096 bits, checked for consistency. It does not print; what it holds is wiped when it
/// goes.
pub struct RsaPrivateKey {
    pkcs1: Zeroizing<Vec<u8>>,
    bits: usize,
}

/// Why a text or octets do not give an RSA private key. None of it tells anything of the key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PrivateKeyError {
    /// Nothing but white space.
    #[error("the private key is empty")]
    Empty,
    /// More than 256 KiB.
    #[error("the text is longer than any private key")]
    TooLong,
    /// Line breaks were written as `\n`, as inside a JSON string.
    #[error("the line breaks of the private key are written as \\n; paste it with real line breaks")]
    EscapedLineBreaks,
    /// A `BEGIN` line without its `END` line.
    #[error("the PEM block \"{0}\" has no END line: the text was cut off")]
    Unclosed(Excerpt),
    /// A character that base64 does not have, or a wrong length.
    #[error("not base64 at line {line}")]
    NotBase64 {
        /// The line, counted from 1.
        line: usize,
    },
    /// Something else was pasted.
    #[error("expected an unencrypted RSA private key, found {0}")]
    Found(Found),
    /// More than one block.
    #[error("expected one private key, found {blocks} PEM blocks")]
    Several {
        /// How many.
        blocks: usize,
    },
    /// Not the DER of a consistent RSA private key.
    #[error("the octets are not a consistent RSA private key")]
    Malformed,
    /// A modulus outside 2048 to 4096 bits.
    #[error("the RSA key has {bits} bits; 2048 to 4096 are needed")]
    Bits {
        /// Bits of the modulus.
        bits: usize,
    },
    /// The cryptography library could not make a key.
    #[error("no key could be made")]
    Generation,
}

impl From<ArmorError> for PrivateKeyError {
    fn from(error: ArmorError) -> Self {
        match error {
            ArmorError::Empty => Self::Empty,
            ArmorError::TooLong => Self::TooLong,
            ArmorError::EscapedLineBreaks => Self::EscapedLineBreaks,
            ArmorError::Unclosed(label) => Self::Unclosed(label),
            ArmorError::NotBase64 { line } => Self::NotBase64 { line },
        }
    }
}

impl Refusal for PrivateKeyError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "private_key_empty",
            Self::TooLong => "private_key_text_too_long",
            Self::EscapedLineBreaks => "private_key_escaped_line_breaks",
            Self::Unclosed(_) => "private_key_cut_off",
            Self::NotBase64 { .. } => "private_key_not_base64",
            Self::Found(_) => "private_key_is_something_else",
            Self::Several { .. } => "private_key_several",
            Self::Malformed => "private_key_malformed",
            Self::Bits { .. } => "private_key_bits",
            Self::Generation => "private_key_generation",
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Found(found) => Some(found.to_string()),
            Self::Several { blocks } => Some(format!("{blocks} PEM blocks")),
            Self::Bits { bits } => Some(format!("{bits} bits")),
            _ => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::Bits { .. } => Some("2048 to 4096 bits".to_owned()),
            Self::Generation => None,
            _ => Some("one unencrypted RSA private key, PKCS#1 or PKCS#8, as PEM".to_owned()),
        }
    }
}

impl RsaPrivateKey {
    /// Reads PEM, PKCS#1 (`RSA PRIVATE KEY`) or PKCS#8 (`PRIVATE KEY`), or the bare base64 of either.
    ///
    /// # Errors
    /// [`PrivateKeyError`], which names what was found instead.
    pub fn from_pem(text: &str) -> Result<Self, PrivateKeyError> {
        Self::from_pkcs1(pkcs1_in_pem(text)?)
    }

    /// Reads DER, PKCS#1 or PKCS#8.
    ///
    /// # Errors
    /// [`PrivateKeyError`], which names what was found instead.
    pub fn from_der(octets: &[u8]) -> Result<Self, PrivateKeyError> {
        Self::from_pkcs1(pkcs1_in_der(octets)?)
    }

    fn from_pkcs1(pkcs1: Zeroizing<Vec<u8>>) -> Result<Self, PrivateKeyError> {
        let pair = checked_pair(&pkcs1)?;
        Ok(Self { bits: modulus_bits(&pair), pkcs1 })
    }

    /// Makes a new key of 2048 bits.
    ///
    /// The primes are drawn by the cryptography library from the operating system: this function and the blinding of
    /// private operations are where the crate does not take chance as an argument, because the library has no other way
    /// to make a key and predictable primes would give it away.
    ///
    /// # Errors
    /// [`PrivateKeyError::Generation`] when the library fails.
    pub fn generate() -> Result<Self, PrivateKeyError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| PrivateKeyError::Generation)?;
        let pkcs8 = pair.as_der().map_err(|_| PrivateKeyError::Generation)?;
        Self::from_der(pkcs8.as_ref())
    }

    /// Bits of the modulus.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// The key as PKCS#1 PEM (`RSA PRIVATE KEY`), with a line break at the end. It is the secret itself.
    #[must_use]
    pub fn to_pkcs1_pem(&self) -> Zeroizing<String> {
        armor::pem("RSA PRIVATE KEY", &self.pkcs1)
    }

    pub(super) fn pkcs1(&self) -> &[u8] {
        &self.pkcs1
    }
}

impl fmt::Debug for RsaPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaPrivateKey").field("bits", &self.bits).finish_non_exhaustive()
    }
}

fn refuse_label(block: &Block<'_>) -> Result<(), PrivateKeyError> {
    if block.is_encrypted() {
        return Err(PrivateKeyError::Found(Found::EncryptedPrivateKey));
    }
    match block.label {
        "" | "PRIVATE KEY" | "RSA PRIVATE KEY" => Ok(()),
        label => Err(PrivateKeyError::Found(Found::from_label(label).unwrap_or(Found::Certificate))),
    }
}

/// The `RSAPrivateKey` in a PEM text, not checked.
pub(super) fn pkcs1_in_pem(text: &str) -> Result<Zeroizing<Vec<u8>>, PrivateKeyError> {
    let blocks = armor::blocks(text)?;
    for block in &blocks {
        refuse_label(block)?;
    }
    match blocks.as_slice() {
        [block] => pkcs1_in_der(&block.decode()?),
        several => Err(PrivateKeyError::Several { blocks: several.len() }),
    }
}

/// The `RSAPrivateKey` that `octets` are or hold, not checked.
fn pkcs1_in_der(octets: &[u8]) -> Result<Zeroizing<Vec<u8>>, PrivateKeyError> {
    match der::rsa_private_key(octets) {
        Ok(RsaEnvelope::Pkcs1(key) | RsaEnvelope::Pkcs8(key)) => Ok(Zeroizing::new(key.to_vec())),
        Err(None | Some(Found::PrivateKey)) => Err(PrivateKeyError::Malformed),
        Err(Some(found)) => Err(PrivateKeyError::Found(found)),
    }
}

/// The key, parsed and checked for consistency and size. The check takes a good part of a signature's time, so a key
/// that is read for one purpose goes through it once.
pub(super) fn checked_pair(pkcs1: &[u8]) -> Result<KeyPair, PrivateKeyError> {
    check_bits(pkcs1)?;
    KeyPair::from_der(pkcs1).map_err(|_| PrivateKeyError::Malformed)
}

/// The library refuses small and very large keys without a reason; people need to know.
pub(super) fn check_bits(pkcs1: &[u8]) -> Result<(), PrivateKeyError> {
    let numbers = der::rsa_numbers(pkcs1).ok_or(PrivateKeyError::Malformed)?;
    let bits = der::bits(numbers.modulus);
    if (LEAST_BITS..=MOST_BITS).contains(&bits) { Ok(()) } else { Err(PrivateKeyError::Bits { bits }) }
}

fn modulus_bits(pair: &KeyPair) -> usize {
    der::bits(pair.public_key().modulus().big_endian_without_leading_zero())
}
