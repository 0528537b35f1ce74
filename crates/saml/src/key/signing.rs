//! Signing our own messages, and the self-signed certificate that tells providers our key.

use std::fmt;
use std::time::Duration;

use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use rcgen::{CertificateParams, DistinguishedName, DnType, PKCS_RSA_SHA256, PublicKeyData, SerialNumber};
use thiserror::Error;

use super::certificate::Certificate;
use super::private::{PrivateKeyError, RsaPrivateKey, checked_pair, pkcs1_in_pem};
use crate::algorithm::{DigestAlgorithm, SignatureAlgorithm};
use crate::time::UnixMillis;

/// Most characters of a common name (RFC 5280 appendix A.1, `ub-common-name`).
const MOST_NAME_CHARS: usize = 64;

/// 9999-12-31T23:59:59Z, the last second that a certificate can name.
const LAST_SECOND: i64 = 253_402_300_799;

/// An RSA private key that signs RSA-SHA256, parsed once. It does not print.
pub struct SigningKey {
    pair: KeyPair,
}

/// A signature could not be made: the cryptography library failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the signature could not be made")]
pub struct SignError;

/// Why a certificate could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SelfSignError {
    /// The name is empty or longer than 64 characters.
    #[error("the common name must have 1 to 64 characters")]
    Name,
    /// The dates are before 1970, after 9999, or in the wrong order.
    #[error("the dates must lie between 1970 and 9999, the later one last")]
    Dates,
    /// The cryptography library failed.
    #[error("the certificate could not be made")]
    Signature,
}

impl SigningKey {
    /// What [`SigningKey::sign`] makes.
    pub const ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::RsaSha256;

    /// Makes `key` ready to sign.
    ///
    /// # Errors
    /// [`PrivateKeyError::Malformed`] when the cryptography library refuses it.
    pub fn new(key: &RsaPrivateKey) -> Result<Self, PrivateKeyError> {
        Ok(Self { pair: checked_pair(key.pkcs1())? })
    }

    /// Reads PEM as [`RsaPrivateKey::from_pem`] does, in half the time of taking both steps.
    ///
    /// # Errors
    /// [`PrivateKeyError`], which names what was found instead.
    pub fn from_pem(text: &str) -> Result<Self, PrivateKeyError> {
        Ok(Self { pair: checked_pair(&pkcs1_in_pem(text)?)? })
    }

    /// The RSASSA-PKCS1-v1_5 signature with SHA-256 over `message`, as long as the modulus. It is a function of key and
    /// message.
    ///
    /// # Errors
    /// [`SignError`] when the cryptography library fails.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let digest = DigestAlgorithm::Sha256.digest(message);
        self.pair.sign_digest(&RSA_PKCS1_SHA256, &digest, &mut signature).map_err(|_| SignError)?;
        Ok(signature)
    }

    /// A certificate of this key, signed by itself (RFC 5280). Equal arguments give equal octets.
    ///
    /// `serial` should be drawn by chance; its first two bits are set so that the number is positive and of full
    /// length. The dates are cut to whole seconds.
    ///
    /// # Errors
    /// [`SelfSignError`].
    pub fn self_signed_certificate(
        &self,
        common_name: &str,
        not_before: UnixMillis,
        not_after: UnixMillis,
        serial: [u8; 16],
    ) -> Result<Certificate, SelfSignError> {
        if common_name.is_empty() || common_name.chars().count() > MOST_NAME_CHARS {
            return Err(SelfSignError::Name);
        }
        if not_after < not_before {
            return Err(SelfSignError::Dates);
        }
        let mut name = DistinguishedName::new();
        name.push(DnType::CommonName, common_name);
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = name;
        parameters.serial_number = Some(SerialNumber::from_slice(&positive(serial)));
        let epoch = rcgen::date_time_ymd(1970, 1, 1);
        parameters.not_before = epoch + seconds(not_before)?;
        parameters.not_after = epoch + seconds(not_after)?;
        let certificate = parameters.self_signed(&Signer(self)).map_err(|_| SelfSignError::Signature)?;
        Certificate::from_der(certificate.der()).map_err(|_| SelfSignError::Signature)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

fn positive(mut serial: [u8; 16]) -> [u8; 16] {
    if let Some(first) = serial.first_mut() {
        *first = *first & 0x7f | 0x40;
    }
    serial
}

fn seconds(time: UnixMillis) -> Result<Duration, SelfSignError> {
    let seconds = time.0.div_euclid(1000);
    if seconds > LAST_SECOND {
        return Err(SelfSignError::Dates);
    }
    u64::try_from(seconds).map(Duration::from_secs).map_err(|_| SelfSignError::Dates)
}

/// The key as the certificate writer wants to see it.
struct Signer<'a>(&'a SigningKey);

impl PublicKeyData for Signer<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0.pair.public_key().as_ref()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

impl rcgen::SigningKey for Signer<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.0.sign(message).map_err(|_| rcgen::Error::RemoteKeyError)
    }
}
