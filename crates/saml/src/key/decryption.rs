//! The keys that assertions may be encrypted to.

use std::fmt;
use std::sync::OnceLock;

use aws_lc_rs::rsa::{OaepPrivateDecryptingKey, PrivateDecryptingKey};

use zeroize::Zeroizing;

use super::private::{PrivateKeyError, RsaPrivateKey};
use super::raw::RawPrivateKey;

/// The RSA keys of one connection that decrypt; there may be none. Every one is tried. It does not print.
#[derive(Default)]
pub struct DecryptionKeys {
    keys: Vec<DecryptionKey>,
}

/// One of them, parsed once.
pub(crate) struct DecryptionKey {
    oaep: OaepPrivateDecryptingKey,
    pkcs1: Zeroizing<Vec<u8>>,
    /// Made when something needs it, which is rare.
    raw: OnceLock<Option<RawPrivateKey>>,
}

impl DecryptionKeys {
    /// No keys: nothing can be decrypted.
    #[must_use]
    pub const fn none() -> Self {
        Self { keys: Vec::new() }
    }

    /// Makes `keys` ready to decrypt, to be tried in this order.
    ///
    /// # Errors
    /// [`PrivateKeyError::Malformed`] when the cryptography library refuses one.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a RsaPrivateKey>) -> Result<Self, PrivateKeyError> {
        let keys = keys.into_iter().map(DecryptionKey::new).collect::<Result<_, _>>()?;
        Ok(Self { keys })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &DecryptionKey> {
        self.keys.iter()
    }
}

impl fmt::Debug for DecryptionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecryptionKeys({})", self.keys.len())
    }
}

impl DecryptionKey {
    fn new(key: &RsaPrivateKey) -> Result<Self, PrivateKeyError> {
        let parsed =
            PrivateDecryptingKey::from_pkcs8(&key.pkcs8()).map_err(|_| PrivateKeyError::Malformed)?;
        let oaep = OaepPrivateDecryptingKey::new(parsed).map_err(|_| PrivateKeyError::Malformed)?;
        Ok(Self { oaep, pkcs1: Zeroizing::new(key.pkcs1().to_vec()), raw: OnceLock::new() })
    }

    pub(crate) fn oaep(&self) -> &OaepPrivateDecryptingKey {
        &self.oaep
    }

    /// The bare private operation (RFC 8017 section 5.1.2): octets as many as the modulus has, padding and all.
    pub(crate) fn decrypt_raw(&self, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.raw.get_or_init(|| RawPrivateKey::from_pkcs1(&self.pkcs1)).as_ref()?.decrypt(ciphertext)
    }
}
