//! Sealing: AES-256-GCM under data keys, which are themselves sealed ("wrapped") under a master key that
//! never enters the database.
//!
//! A sealed text is `v1.<data key id>.<base64url(nonce, ciphertext, tag)>`. The place it belongs to
//! (table, column, row) is authenticated with it, so that it cannot be moved to another row. Nonces are 96
//! random bits: by NIST SP 800-38D section 8.3 a key may seal 2^32 values, which is why data keys rotate.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use thiserror::Error;
use vestibule_domain::entropy::{Entropy, bytes};
use vestibule_domain::secret::Secret;
use zeroize::Zeroizing;

use crate::stamp;

/// Why a value could not be sealed or read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SealError {
    /// The text given as master key is not one.
    #[error("a master key is 32 random bytes in base64 or 64 hex digits (openssl rand -base64 32); {0}")]
    MasterKeyText(&'static str),
    /// The database was sealed under another master key.
    #[error(
        "wrong master key: the data keys are sealed under master key {expected}, but {found} {} given",
        was_or_were(.found)
    )]
    WrongMasterKey {
        /// The id of the master key that the data keys name.
        expected: String,
        /// The ids of the master keys that were given, each once, with `and` between two.
        found: String,
    },
    /// The data keys went over to another master key while this process ran.
    #[error(
        "nothing is sealed here any more: the data keys are under a master key that this server was not given; start it \
         with the new one"
    )]
    Superseded,
    /// A sealed value names a data key that does not exist.
    #[error("the data key {0:?} does not exist")]
    UnknownDataKey(String),
    /// A sealed value was altered, moved to another place or sealed under another key of the same name.
    #[error("the sealed value at {0} does not verify: it was altered or moved")]
    Tampered(String),
    /// A text is not in the sealed form.
    #[error("the value at {0} is not in the sealed form")]
    Malformed(String),
    /// The cipher refused; a defect.
    #[error("a value could not be sealed")]
    Cipher,
}

/// The key outside the database.
#[derive(Clone)]
pub struct MasterKey {
    id: String,
    key: Zeroizing<[u8; 32]>,
}

impl MasterKey {
    /// Reads 32 bytes in base64 (either alphabet, padded or not) or as 64 hex digits; surrounding white
    /// space is dropped, since keys come out of files.
    ///
    /// # Errors
    /// [`SealError::MasterKeyText`] for anything else.
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let text = text.trim();
        let decoded = match hex(text) {
            Some(decoded) => decoded,
            None => {
                let text = text.trim_end_matches('=');
                let read = STANDARD_NO_PAD.decode(text).or_else(|_| URL_SAFE_NO_PAD.decode(text));
                Zeroizing::new(read.map_err(|_| SealError::MasterKeyText("found something else"))?)
            }
        };
        let bytes = <[u8; 32]>::try_from(decoded.as_slice())
            .map_err(|_| SealError::MasterKeyText("found another length"))?;
        Ok(Self::from_bytes(bytes))
    }

    /// A master key of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        let key = Zeroizing::new(bytes);
        let fingerprint = digest::digest(&digest::SHA256, key.as_slice());
        let id = fingerprint.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        Self { id, key }
    }

    /// The first 8 hex digits of the key's SHA-256: says which key it is, and nothing about it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn wrap(&self, data_key: &DataKey, entropy: &dyn Entropy) -> Result<String, SealError> {
        let sealed = seal_bytes(&cipher(&self.key)?, &wrapping_place(&data_key.id), &*data_key.key, entropy)?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    pub(crate) fn unwrap_key(&self, id: &str, wrapped: &str) -> Result<DataKey, SealError> {
        let place = wrapping_place(id);
        let sealed = URL_SAFE_NO_PAD.decode(wrapped).map_err(|_| SealError::Malformed(place.clone()))?;
        let plain = open_bytes(&cipher(&self.key)?, &place, sealed)?;
        let bytes = <[u8; 32]>::try_from(plain.as_slice()).map_err(|_| SealError::Malformed(place))?;
        DataKey::new(id.to_owned(), bytes)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.id)
    }
}

/// The master keys a process accepts: the current one, and while it is being rotated the previous one.
#[derive(Clone, Debug)]
pub struct MasterKeys {
    /// New data keys are wrapped under this one.
    pub current: MasterKey,
    /// Data keys may still be wrapped under this one.
    pub previous: Option<MasterKey>,
}

impl MasterKeys {
    /// One key, no rotation under way.
    #[must_use]
    pub const fn only(current: MasterKey) -> Self {
        Self { current, previous: None }
    }

    pub(crate) fn by_id(&self, id: &str) -> Result<&MasterKey, SealError> {
        // Who tries one key by rotating from it to itself gives it twice.
        let previous = self.previous.as_ref().filter(|key| key.id != self.current.id);
        let given = || std::iter::once(&self.current).chain(previous);
        given().find(|key| key.id == id).ok_or_else(|| SealError::WrongMasterKey {
            expected: id.to_owned(),
            found: given().map(MasterKey::id).collect::<Vec<_>>().join(AND),
        })
    }
}

/// Between the ids of two keys.
const AND: &str = " and ";

fn was_or_were(found: &str) -> &'static str {
    if found.contains(AND) { "were" } else { "was" }
}

/// A key that seals values. Kept ready for use; the bytes are needed to wrap it again.
pub(crate) struct DataKey {
    id: String,
    key: Zeroizing<[u8; 32]>,
    cipher: LessSafeKey,
    stamps: hmac::Key,
}

impl DataKey {
    pub(crate) fn generate(entropy: &dyn Entropy) -> Result<Self, SealError> {
        let id = bytes::<8>(entropy).iter().map(|byte| format!("{byte:02x}")).collect();
        Self::new(id, bytes(entropy))
    }

    fn new(id: String, key: [u8; 32]) -> Result<Self, SealError> {
        let key = Zeroizing::new(key);
        Ok(Self { id, cipher: cipher(&key)?, stamps: stamp::key_of(&key), key })
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The key that stamps what others keep.
    pub(crate) const fn stamps(&self) -> &hmac::Key {
        &self.stamps
    }

    /// Seals a text for a place, `table/column/row id`.
    pub(crate) fn seal(&self, place: &str, plain: &str, entropy: &dyn Entropy) -> Result<String, SealError> {
        let sealed = seal_bytes(&self.cipher, place, plain.as_bytes(), entropy)?;
        Ok(format!("{VERSION}.{}.{}", self.id, URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// Reads what was sealed for just this place.
    pub(crate) fn open(&self, place: &str, sealed: &Sealed<'_>) -> Result<Secret, SealError> {
        let malformed = || SealError::Malformed(place.to_owned());
        let bytes = URL_SAFE_NO_PAD.decode(sealed.body).map_err(|_| malformed())?;
        let plain = open_bytes(&self.cipher, place, bytes)?;
        let text = std::str::from_utf8(&plain).map_err(|_| malformed())?;
        Ok(Secret::new(text))
    }
}

const VERSION: &str = "v1";

/// The parts of a sealed text.
pub(crate) struct Sealed<'a> {
    pub(crate) key_id: &'a str,
    body: &'a str,
}

impl<'a> Sealed<'a> {
    pub(crate) fn parse(place: &str, text: &'a str) -> Result<Self, SealError> {
        let parts = text.split_once('.').filter(|(version, _)| *version == VERSION);
        let (key_id, body) = parts
            .and_then(|(_, rest)| rest.split_once('.'))
            .ok_or_else(|| SealError::Malformed(place.to_owned()))?;
        Ok(Self { key_id, body })
    }

    /// The beginning of every text that a data key sealed.
    pub(crate) fn prefix(key_id: &str) -> String {
        format!("{VERSION}.{key_id}.")
    }
}

fn wrapping_place(id: &str) -> String {
    format!("data_keys/wrapped/{id}")
}

fn cipher(key: &[u8; 32]) -> Result<LessSafeKey, SealError> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| SealError::Cipher)
}

/// Nonce, then ciphertext, then tag.
fn seal_bytes(
    cipher: &LessSafeKey,
    place: &str,
    plain: &[u8],
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, SealError> {
    let nonce = bytes::<NONCE_LEN>(entropy);
    let mut body = Zeroizing::new(plain.to_vec());
    cipher
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(place.as_bytes()),
            &mut *body,
        )
        .map_err(|_| SealError::Cipher)?;
    Ok([nonce.as_slice(), body.as_slice()].concat())
}

fn open_bytes(
    cipher: &LessSafeKey,
    place: &str,
    mut sealed: Vec<u8>,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let malformed = || SealError::Malformed(place.to_owned());
    let (nonce, body) = sealed.split_at_mut_checked(NONCE_LEN).ok_or_else(malformed)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| malformed())?;
    let plain = cipher
        .open_in_place(nonce, Aad::from(place.as_bytes()), body)
        .map_err(|_| SealError::Tampered(place.to_owned()))?;
    let plain = Zeroizing::new(plain.to_vec());
    zeroize::Zeroize::zeroize(&mut sealed);
    Ok(plain)
}

fn hex(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let bytes =
        digits?.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
    Some(Zeroizing::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }

    #[test]
    fn master_keys_are_read_in_every_common_spelling() {
        let bytes = [0xfb; 32];
        let base64 = base64::engine::general_purpose::STANDARD.encode(bytes);
        let spellings = [
            format!(" {base64}\n"),
            base64.trim_end_matches('=').to_owned(),
            URL_SAFE_NO_PAD.encode(bytes),
            "fb".repeat(32),
            "FB".repeat(32),
        ];
        for text in spellings {
            assert_eq!(MasterKey::parse(&text).map(|key| *key.key), Ok(bytes), "{text:?}");
        }
        assert!(MasterKey::parse("short").is_err());
        assert!(MasterKey::parse(&"zz".repeat(32)).is_err());
        assert!(!format!("{:?}", MasterKey::from_bytes(bytes)).contains("fbfb"));
    }

    #[test]
    fn no_flipped_byte_verifies() {
        let key = DataKey::generate(&Fixed(3)).unwrap();
        let text = key.seal("t/c/1", "hunter2", &Fixed(4)).unwrap();
        let sealed = Sealed::parse("t/c/1", &text).unwrap();
        assert_eq!(key.open("t/c/1", &sealed).unwrap().expose(), "hunter2");
        assert_eq!(key.open("t/c/2", &sealed), Err(SealError::Tampered("t/c/2".into())));
        let bytes = URL_SAFE_NO_PAD.decode(sealed.body).unwrap();
        for position in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[position] ^= 1;
            let body = URL_SAFE_NO_PAD.encode(altered);
            let sealed = Sealed { key_id: key.id(), body: &body };
            assert!(key.open("t/c/1", &sealed).is_err(), "byte {position}");
        }
    }
}
