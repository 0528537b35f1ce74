//! Decrypting what a provider encrypted to us (XML Encryption 1.1).
//!
//! Anybody can encrypt to a public key, so that something could be decrypted says nothing about who wrote it: what comes
//! out has to be signed itself, or the whole response around it has.
//!
//! | | accepted | refused by name |
//! |---|---|---|
//! | content | AES-128, AES-192, AES-256 in GCM and CBC | Triple DES, everything else |
//! | key transport | RSA-OAEP (`rsa-oaep-mgf1p` and `xmlenc11#rsa-oaep`) with SHA-1 or SHA-2 for label and mask | RSA PKCS#1 v1.5, everything else |
//!
//! Where label and mask have the same digest, the cryptography library does everything. Java's providers also write
//! SHA-256 with a mask of SHA-1; that takes several times as long.
//!
//! Anybody can send us ciphertexts, so what one message costs is bounded before anything of it is known: how many keys it
//! may bring, how many private operations it may cause (two for each key of ours), and what can be seen to be useless
//! from outside causes none.
//!
//! CBC does not protect what it hides, and providers still use it by default. The attacks on it need somebody who tells
//! altered ciphertexts apart by the answer they get; here every one of them gets the same answer
//! ([`DecryptionRefusal::Failed`]).

mod cipher;
mod oaep;
mod refusal;
mod structure;
#[cfg(test)]
mod tests;
mod transport;

pub use cipher::Plaintext;
pub use refusal::DecryptionRefusal;

use smallvec::SmallVec;
use zeroize::Zeroizing;

use crate::b64;
use crate::key::{DecryptionKey, DecryptionKeys};
use crate::xml::Element;
use structure::{Encrypted, WrappedKey};
use transport::KeyTransport;

pub(crate) use cipher::CONTENT_ALGORITHMS;
pub(crate) use structure::{RSA_OAEP, RSA_OAEP_MGF1P};

/// Decrypts an `EncryptedAssertion` (SAML core 2.3.4), or any element of the same shape.
///
/// The content must be one element (`Type` is absent or `…xmlenc#Element`). Its key is in the `EncryptedKey`s inside
/// the `KeyInfo` of the `EncryptedData` and beside the `EncryptedData`, where a `RetrievalMethod` may choose among them.
/// There may be several: one key that is written twice, or one for each recipient. The key of `keys` that one of them names
/// by a certificate or its numbers is tried first, then each with the first of them and with the next one, until there were
/// two attempts for each key of `keys`, or one where the padding has two digests.
///
/// Unless a signature over `encrypted` itself was verified before, the caller must let nobody tell what is wrong with the
/// content: that it is not well-formed, not an assertion, not signed or signed wrongly has to be told as
/// [`DecryptionRefusal::Failed`].
///
/// # Errors
/// [`DecryptionRefusal`].
pub fn decrypt(encrypted: Element<'_>, keys: &DecryptionKeys) -> Result<Plaintext, DecryptionRefusal> {
    let parts = Encrypted::read(encrypted)?;
    if keys.is_empty() {
        return Err(DecryptionRefusal::NoKey);
    }
    open(&parts, keys).ok_or(DecryptionRefusal::Failed)
}

/// Everything whose failure must not be told apart.
fn open(parts: &Encrypted<'_>, keys: &DecryptionKeys) -> Option<Plaintext> {
    let mut octets = Zeroizing::new(b64::decode(&parts.content)?);
    if !parts.cipher.could_be(octets.len()) {
        return None;
    }
    let key = content_key(parts, keys)?;
    let content = parts.cipher.decrypt(&key, &mut octets)?;
    Some(Plaintext::new(octets, content))
}

/// What one message may cause for each key of ours: as many of the library's operations as two recipients need, of whom
/// nobody says which is us, or one that is done here. Java's providers, who need the latter, name the recipient.
const EFFORT_OF_KEY: usize = 2;

/// The content's key, from the first attempt that gives one.
fn content_key(parts: &Encrypted<'_>, keys: &DecryptionKeys) -> Option<Zeroizing<Vec<u8>>> {
    let wrapped: SmallVec<[Unwrapping<'_>; 2]> =
        parts.wrapped_keys.iter().filter_map(Unwrapping::of).collect();
    let pairs = wrapped.iter().flat_map(|wrapped| keys.iter().map(move |key| (wrapped, key)));
    let mut attempts: SmallVec<[_; 4]> = pairs.filter(|(wrapped, key)| key.fits(&wrapped.value)).collect();
    attempts.sort_by_key(|(wrapped, key)| wrapped.expects(key));
    let octets = parts.cipher.key_octets();
    let mut left = EFFORT_OF_KEY * keys.len();
    for (wrapped, key) in attempts {
        left = left.checked_sub(wrapped.transport.effort())?;
        if let Some(found) = wrapped.transport.unwrap(key, &wrapped.value, octets) {
            return Some(found);
        }
    }
    None
}

/// A wrapped key as octets.
struct Unwrapping<'p> {
    transport: &'p KeyTransport,
    value: Vec<u8>,
    recipient: Option<Vec<u8>>,
}

impl<'p> Unwrapping<'p> {
    fn of(wrapped: &'p WrappedKey<'_>) -> Option<Self> {
        let recipient = wrapped.recipient.as_deref().and_then(b64::decode);
        Some(Self { transport: &wrapped.transport, value: b64::decode(&wrapped.value)?, recipient })
    }

    /// Whom it is for goes by what it says itself. A wrong word costs its turn and no more: providers name keys carelessly.
    fn expects(&self, key: &DecryptionKey) -> Turn {
        match &self.recipient {
            Some(recipient) if key.is_named_by(recipient) => Turn::Named,
            Some(_) => Turn::AnotherIsNamed,
            None => Turn::NobodyIsNamed,
        }
    }
}

/// When a key of ours is tried.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Named,
    NobodyIsNamed,
    AnotherIsNamed,
}
