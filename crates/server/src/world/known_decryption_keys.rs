//! Private keys that decrypt SAML assertions, parsed once: parsing takes longer than all else that a message causes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vestibule_domain::connection::SpEncryptionKey;
use vestibule_domain::secret::TokenHash;
use vestibule_saml::key::{DecryptionKey, DecryptionKeys};

/// The most keys that are kept ready: some ten MiB.
const MOST: usize = 512;

/// Keys that were parsed before, by the hash of what they were parsed from, so that none is ever out of date. A clone
/// shares everything.
#[derive(Clone, Default)]
pub struct KnownDecryptionKeys(Arc<Mutex<HashMap<TokenHash, DecryptionKey>>>);

impl KnownDecryptionKeys {
    /// The connection's own keys and no others, the newest first: that is the one the provider was told last.
    ///
    /// # Errors
    /// A stored key that is none.
    pub fn keys(&self, stored: &[SpEncryptionKey]) -> Result<DecryptionKeys, String> {
        stored.iter().rev().map(|key| self.parsed(key)).collect::<Result<_, _>>().map(DecryptionKeys::of)
    }

    fn parsed(&self, stored: &SpEncryptionKey) -> Result<DecryptionKey, String> {
        let text = stored.private_key.expose();
        let hash = TokenHash::of(text.as_bytes());
        if let Some(known) = self.known().get(&hash) {
            return Ok(known.clone());
        }
        let key = DecryptionKey::from_pem(text)
            .map_err(|error| format!("a stored decryption key is not usable: {error}"))?;
        let mut known = self.known();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(hash, key.clone());
        Ok(key)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<TokenHash, DecryptionKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
