//! The keys of a SAML connection, made ready for one response.

use vestibule_domain::connection::{SamlSettings, SpSigningKey};
use vestibule_saml::key::{Certificate, DecryptionKeys, PrivateKeyError, SigningKey};

/// An element's name that no encrypted assertion can do without.
const ENCRYPTED: &[u8] = b"EncryptedAssertion";

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
