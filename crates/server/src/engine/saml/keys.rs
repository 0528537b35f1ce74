//! The keys of a SAML connection, made ready for one response.

use vestibule_domain::connection::SpSigningKey;
use vestibule_saml::key::{Certificate, SigningKey};

/// An element's name that no encrypted assertion can do without.
const ENCRYPTED: &[u8] = b"EncryptedAssertion";

/// Whether a response is encrypted, so that our own keys are needed for it.
pub(super) fn is_encrypted(xml: &[u8]) -> bool {
    xml.windows(ENCRYPTED.len()).any(|window| window == ENCRYPTED)
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
