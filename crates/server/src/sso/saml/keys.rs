//! The keys of a SAML connection, made ready for one response.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use vestibule_domain::connection::{ReadySaml, SamlSettings, SpSigningKey, VerificationCertificate};
use vestibule_saml::key::{Certificate, DecryptionKeys, PrivateKeyError, SigningKey, VerificationKeys};

/// An element's name that no encrypted assertion can do without.
const ENCRYPTED: &[u8] = b"EncryptedAssertion";

/// The most certificates that are kept ready.
const MOST: usize = 4096;

/// Certificates that were parsed before, by fingerprint: what one is known by is what it says, so none is ever
/// out of date.
#[derive(Default)]
pub struct KnownCertificates(Mutex<HashMap<String, Certificate>>);

impl KnownCertificates {
    /// The provider's keys: those of the connection's certificates, and no others.
    ///
    /// # Errors
    /// A stored certificate that is none.
    pub(super) fn keys(&self, ready: &ReadySaml<'_>) -> Result<VerificationKeys, String> {
        let (first, rest) = ready.certificates();
        let rest = rest.iter().map(|stored| self.parsed(stored)).collect::<Result<_, _>>()?;
        Ok(VerificationKeys::new(self.parsed(first)?, rest))
    }

    fn parsed(&self, stored: &VerificationCertificate) -> Result<Certificate, String> {
        if let Some(known) = self.known().get(&stored.fingerprint) {
            return Ok(known.clone());
        }
        let certificate = Certificate::from_pem(&stored.pem)
            .map_err(|error| format!("the stored certificate {} is not usable: {error}", stored.id))?;
        let fingerprint: String =
            certificate.fingerprint_sha256().iter().map(|octet| format!("{octet:02x}")).collect();
        // A row that does not say what it holds is used as it is, and remembered for nobody else.
        if fingerprint == stored.fingerprint {
            let mut known = self.known();
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(fingerprint, certificate.clone());
        }
        Ok(certificate)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Certificate>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Our own keys, for a response that is encrypted. Making private keys ready takes longer than judging a
/// response, so it is not done for the others.
///
/// # Errors
/// A stored key that is none.
pub(super) fn decryption(settings: &SamlSettings, xml: &[u8]) -> Result<DecryptionKeys, String> {
    if !xml.windows(ENCRYPTED.len()).any(|window| window == ENCRYPTED) {
        return Ok(DecryptionKeys::none());
    }
    let unusable = |error: PrivateKeyError| format!("a stored decryption key is not usable: {error}");
    let keys = settings.encryption_keys.iter().map(|key| key.private_key.expose());
    DecryptionKeys::from_pem(keys).map_err(unusable)
}

/// The key that signs our requests, with its certificate.
///
/// # Errors
/// A stored key or certificate that is none.
pub(super) fn signing(key: &SpSigningKey) -> Result<(SigningKey, Certificate), String> {
    let signing = SigningKey::from_pem(key.private_key.expose());
    let certificate = Certificate::from_pem(&key.certificate);
    match (signing, certificate) {
        (Ok(signing), Ok(certificate)) => Ok((signing, certificate)),
        (Err(error), _) => Err(format!("the stored signing key {} is not usable: {error}", key.id)),
        (_, Err(error)) => {
            Err(format!("the certificate of the signing key {} is not usable: {error}", key.id))
        }
    }
}
