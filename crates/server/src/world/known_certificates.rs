//! Certificates of SAML providers, parsed once.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use vestibule_domain::connection::{ReadySaml, VerificationCertificate};
use vestibule_saml::key::{Certificate, VerificationKeys};

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
    pub fn keys(&self, ready: &ReadySaml<'_>) -> Result<VerificationKeys, String> {
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
