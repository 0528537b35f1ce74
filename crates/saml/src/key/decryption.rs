//! The keys that assertions may be encrypted to.

use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_lc_rs::rsa::{OaepPrivateDecryptingKey, PrivateDecryptingKey};

use zeroize::Zeroizing;

use super::der;
use super::private::{PrivateKeyError, RsaPrivateKey, check_bits, pkcs1_in_pem};
use super::raw::RawPrivateKey;

/// The RSA keys of one connection that decrypt; there may be none. It does not print.
#[derive(Clone, Default)]
pub struct DecryptionKeys {
    keys: Vec<DecryptionKey>,
}

/// One RSA key that decrypts, parsed once. Parsing takes as long as a few decryptions, so whoever decrypts often keeps it;
/// a clone shares everything. It does not print.
#[derive(Clone)]
pub struct DecryptionKey(Arc<Parsed>);

struct Parsed {
    oaep: OaepPrivateDecryptingKey,
    pkcs1: Zeroizing<Vec<u8>>,
    /// The public half, by which a message may name the key.
    modulus: Vec<u8>,
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
        let pkcs1 = keys.into_iter().map(|key| Zeroizing::new(key.pkcs1().to_vec()));
        Ok(Self { keys: pkcs1.map(DecryptionKey::new).collect::<Result<_, _>>()? })
    }

    /// Reads PEMs as [`RsaPrivateKey::from_pem`] does, in half the time of taking both steps.
    ///
    /// # Errors
    /// [`PrivateKeyError`], which names what was found instead.
    pub fn from_pem<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, PrivateKeyError> {
        let keys = texts.into_iter().map(DecryptionKey::from_pem);
        Ok(Self { keys: keys.collect::<Result<_, _>>()? })
    }

    /// Keys that were made ready before, to be tried in this order.
    #[must_use]
    pub fn of(keys: Vec<DecryptionKey>) -> Self {
        Self { keys }
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

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DecryptionKey")
    }
}

impl DecryptionKey {
    /// Reads PEM as [`RsaPrivateKey::from_pem`] does.
    ///
    /// # Errors
    /// [`PrivateKeyError`], which names what was found instead.
    pub fn from_pem(text: &str) -> Result<Self, PrivateKeyError> {
        Self::new(pkcs1_in_pem(text)?)
    }

    fn new(pkcs1: Zeroizing<Vec<u8>>) -> Result<Self, PrivateKeyError> {
        check_bits(&pkcs1)?;
        let parsed = PrivateDecryptingKey::from_pkcs8(&der::pkcs8_of(&pkcs1));
        let oaep = parsed.ok().and_then(|key| OaepPrivateDecryptingKey::new(key).ok());
        let oaep = oaep.ok_or(PrivateKeyError::Malformed)?;
        let modulus = der::rsa_numbers(&pkcs1).ok_or(PrivateKeyError::Malformed)?.modulus.to_vec();
        Ok(Self(Arc::new(Parsed { oaep, pkcs1, modulus, raw: OnceLock::new() })))
    }

    pub(crate) fn oaep(&self) -> &OaepPrivateDecryptingKey {
        &self.0.oaep
    }

    /// Whether `ciphertext` has as many octets as the modulus.
    pub(crate) fn fits(&self, ciphertext: &[u8]) -> bool {
        ciphertext.len() == self.0.oaep.key_size_bytes()
    }

    /// Whether `octets`, a certificate or a modulus, name this key: they hold its modulus. It is no proof of anything.
    pub(crate) fn is_named_by(&self, octets: &[u8]) -> bool {
        octets.windows(self.0.modulus.len()).any(|window| window == self.0.modulus)
    }

    /// The bare private operation (RFC 8017 section 5.1.2): octets as many as the modulus has, padding and all.
    pub(crate) fn decrypt_raw(&self, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let raw = self.0.raw.get_or_init(|| RawPrivateKey::from_pkcs1(&self.0.pkcs1));
        raw.as_ref()?.decrypt(ciphertext)
    }
}
