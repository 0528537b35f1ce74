//! The provider's identity: an RSA key and the certificate that metadata shows.

use aws_lc_rs::digest::{Digest, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA512, digest};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use num_bigint::BigUint;

use super::der;
use super::spec::SignatureMethod;
use super::text;
use crate::KeyError;

/// RFC 8017 section 9.2, note 1: what stands before a SHA-1 digest.
const SHA1_PREFIX: [u8; 15] = [48, 33, 48, 9, 6, 5, 43, 14, 3, 2, 26, 5, 0, 4, 20];

const YEARS: i32 = 10;
const DAY: i64 = 86_400;

/// An RSA-2048 key with a self-signed certificate.
#[derive(Debug)]
pub struct SamlKey {
    pair: RsaKeyPair,
    certificate: Vec<u8>,
}

impl SamlKey {
    /// Makes a key, which takes a few hundred milliseconds, and a certificate that began a day before `now`
    /// (seconds since the epoch) and holds for ten years.
    ///
    /// # Errors
    /// When the library cannot.
    pub fn generate(now: i64) -> Result<Self, KeyError> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::NotMade)?;
        let certificate = certificate(&pair, now).ok_or(KeyError::NotMade)?;
        Ok(Self { pair, certificate })
    }

    /// Takes up what [`SamlKey::to_der`] gave.
    ///
    /// # Errors
    /// When it is not an RSA key in PKCS#8.
    pub fn from_der(pkcs8: &[u8], certificate: Vec<u8>) -> Result<Self, KeyError> {
        let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| KeyError::Unusable)?;
        Ok(Self { pair, certificate })
    }

    /// The private key as PKCS#8, to be kept.
    ///
    /// # Errors
    /// When the library cannot.
    pub fn to_der(&self) -> Result<Vec<u8>, KeyError> {
        let der: Pkcs8V1Der<'_> = self.pair.as_der().map_err(|_| KeyError::NotMade)?;
        Ok(der.as_ref().to_vec())
    }

    /// The certificate as DER.
    #[must_use]
    pub fn certificate_der(&self) -> &[u8] {
        &self.certificate
    }

    /// The certificate as base64 in one line, as metadata and signatures have it.
    #[must_use]
    pub fn certificate_base64(&self) -> String {
        STANDARD.encode(&self.certificate)
    }

    /// The certificate as PEM.
    #[must_use]
    pub fn certificate_pem(&self) -> String {
        let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
        for (index, letter) in self.certificate_base64().chars().enumerate() {
            if index > 0 && index % 64 == 0 {
                pem.push('\n');
            }
            pem.push(letter);
        }
        pem.push_str("\n-----END CERTIFICATE-----\n");
        pem
    }

    /// The raw signature over `message`.
    pub(super) fn sign(&self, method: SignatureMethod, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let encoding = match method {
            SignatureMethod::RsaSha1 => return self.sign_sha1(message).ok_or(KeyError::NotSigned),
            SignatureMethod::RsaSha256 => &RSA_PKCS1_SHA256,
            SignatureMethod::RsaSha512 => &RSA_PKCS1_SHA512,
        };
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let signed = self.pair.sign(encoding, &SystemRandom::new(), message, &mut signature);
        signed.map(|()| signature).map_err(|_| KeyError::NotSigned)
    }

    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.1) with SHA-1, which the library makes no more. Neither fast nor
    /// free of side channels: the key is one for tests.
    fn sign_sha1(&self, message: &[u8]) -> Option<Vec<u8>> {
        let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, message);
        let length = self.pair.public_modulus_len();
        let filler = length.checked_sub(3 + SHA1_PREFIX.len() + hash.as_ref().len())?;
        let encoded = [&[0, 1], vec![0xff; filler].as_slice(), &[0], &SHA1_PREFIX, hash.as_ref()].concat();
        let pkcs8 = self.to_der().ok()?;
        let (modulus, exponent) = der::private_exponent(&pkcs8)?;
        let signature = BigUint::from_bytes_be(&encoded)
            .modpow(&BigUint::from_bytes_be(exponent), &BigUint::from_bytes_be(modulus))
            .to_bytes_be();
        Some([vec![0; length.checked_sub(signature.len())?], signature].concat())
    }
}

impl SignatureMethod {
    pub(super) const fn uri(self) -> &'static str {
        match self {
            Self::RsaSha1 => "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            Self::RsaSha256 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            Self::RsaSha512 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        }
    }

    pub(super) const fn digest_uri(self) -> &'static str {
        match self {
            Self::RsaSha1 => "http://www.w3.org/2000/09/xmldsig#sha1",
            Self::RsaSha256 => "http://www.w3.org/2001/04/xmlenc#sha256",
            Self::RsaSha512 => "http://www.w3.org/2001/04/xmlenc#sha512",
        }
    }

    pub(super) fn digest(self, bytes: &[u8]) -> Digest {
        match self {
            Self::RsaSha1 => digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes),
            Self::RsaSha256 => digest(&SHA256, bytes),
            Self::RsaSha512 => digest(&SHA512, bytes),
        }
    }
}

fn certificate(pair: &RsaKeyPair, now: i64) -> Option<Vec<u8>> {
    let pkcs8: Pkcs8V1Der<'_> = pair.as_der().ok()?;
    let key = rcgen::KeyPair::try_from(pkcs8.as_ref()).ok()?;
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, "Test identity provider");
    let (year, month, day) = text::date(now - DAY);
    params.not_before = rcgen::date_time_ymd(year, month, day);
    // A leap day would not be there ten years later.
    params.not_after = rcgen::date_time_ymd(year + YEARS, month, day.min(28));
    Some(params.self_signed(&key).ok()?.der().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{
        KeyPair as _, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
        UnparsedPublicKey,
    };

    const NOW: i64 = 1_800_000_000;

    #[test]
    fn a_key_is_kept_and_taken_up_again() {
        let made = SamlKey::generate(NOW).unwrap();
        let again = SamlKey::from_der(&made.to_der().unwrap(), made.certificate_der().to_vec()).unwrap();
        assert_eq!(made.certificate_pem(), again.certificate_pem());
        let signature = again.sign(SignatureMethod::RsaSha256, b"message").unwrap();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, made.pair.public_key().as_ref());
        public.verify(b"message", &signature).unwrap();
        // The certificate is for this very key.
        let spki = der::public_key_of(made.certificate_der()).unwrap();
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, spki).verify(b"message", &signature).unwrap();
        assert_eq!(SamlKey::from_der(b"no key", Vec::new()).err(), Some(KeyError::Unusable));
    }

    #[test]
    fn sha1_is_a_sound_signature() {
        let key = SamlKey::generate(NOW).unwrap();
        let signature = key.sign(SignatureMethod::RsaSha1, b"message").unwrap();
        let algorithm = &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY;
        let public = UnparsedPublicKey::new(algorithm, key.pair.public_key().as_ref());
        public.verify(b"message", &signature).unwrap();
    }
}
