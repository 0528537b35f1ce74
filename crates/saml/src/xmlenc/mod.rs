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
//! may bring, how many private operations it may cause, and what can be seen to be useless from outside causes none.
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
use crate::key::DecryptionKeys;
use crate::xml::Element;
use structure::Encrypted;

pub(crate) use cipher::CONTENT_ALGORITHMS;
pub(crate) use structure::{RSA_OAEP, RSA_OAEP_MGF1P};

/// Decrypts an `EncryptedAssertion` (SAML core 2.3.4), or any element of the same shape.
///
/// The content must be one element (`Type` is absent or `…xmlenc#Element`). Its key is in the `EncryptedKey`s inside
/// the `KeyInfo` of the `EncryptedData` and beside the `EncryptedData`, where a `RetrievalMethod` may choose among them.
/// There may be several: one key that is written twice, or one for each recipient. Every key of `keys` is tried once with
/// each of them, up to a bound.
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

/// What private operations one message may cause, in those of the cryptography library with a key of 2048 bits: five keys
/// of ours and four recipients, or two with longer keys or where the padding is taken off here.
const MOST_EFFORT: usize = 20;

/// The content's key, under the first key of ours that gives one.
fn content_key(parts: &Encrypted<'_>, keys: &DecryptionKeys) -> Option<Zeroizing<Vec<u8>>> {
    let mut left = MOST_EFFORT;
    let octets = parts.cipher.key_octets();
    let wrapped: SmallVec<[_; 2]> = parts
        .wrapped_keys
        .iter()
        .filter_map(|key| Some((&key.transport, b64::decode(&key.value)?)))
        .collect();
    for key in keys.iter() {
        for (transport, value) in wrapped.iter().filter(|(_, value)| key.fits(value)) {
            left = left.checked_sub(transport.effort(value.len()))?;
            if let Some(found) = transport.unwrap(key, value, octets) {
                return Some(found);
            }
        }
    }
    None
}
