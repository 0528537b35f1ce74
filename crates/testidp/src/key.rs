//! The signing key and what can be made with it, right or wrong.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// What id tokens are signed with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256; the key is made in an instant.
    #[default]
    Es256,
    /// RSA 2048; making the key takes a few hundred milliseconds, once.
    Rs256,
}

impl Algorithm {
    /// The `alg` value.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }
}

/// Why there is no signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// The configured key is not a PKCS#8 key for the configured algorithm.
    Unusable,
    /// The library could not make a key.
    NotMade,
    /// The library refused to sign.
    NotSigned,
}

impl fmt::Display for KeyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Unusable => "the configured signing key is not a PKCS#8 key for the configured algorithm",
            Self::NotMade => "a signing key could not be made",
            Self::NotSigned => "the token could not be signed",
        })
    }
}

impl std::error::Error for KeyError {}

#[derive(Debug)]
enum Pair {
    Ec(EcdsaKeyPair),
    Rsa(Box<RsaKeyPair>),
}

/// A key pair with its public name.
#[derive(Debug)]
pub(crate) struct Signer {
    pair: Pair,
    kid: String,
}

impl Signer {
    /// Takes the PKCS#8 key, or makes one; the library draws its own randomness for keys and ECDSA.
    pub(crate) fn new(algorithm: Algorithm, pkcs8: Option<&[u8]>) -> Result<Self, KeyError> {
        let pair = match algorithm {
            Algorithm::Es256 => Pair::Ec(ec_pair(pkcs8)?),
            Algorithm::Rs256 => Pair::Rsa(Box::new(rsa_pair(pkcs8)?)),
        };
        let public = digest(&SHA256, public_bytes(&pair));
        let kid = URL_SAFE_NO_PAD.encode(public.as_ref().get(..12).unwrap_or_default());
        Ok(Self { pair, kid })
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    pub(crate) const fn alg(&self) -> &'static str {
        match self.pair {
            Pair::Ec(_) => Algorithm::Es256.name(),
            Pair::Rsa(_) => Algorithm::Rs256.name(),
        }
    }

    /// The raw signature over `message`, in the form JWS wants.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ec(pair) => {
                let signature = pair.sign(&random, message).map_err(|_| KeyError::NotSigned)?;
                Ok(signature.as_ref().to_vec())
            }
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .map_err(|_| KeyError::NotSigned)?;
                Ok(signature)
            }
        }
    }

    /// What somebody would do who has only the public key: an HMAC keyed with its PEM text.
    pub(crate) fn mac_with_public_key(&self, message: &[u8]) -> Vec<u8> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.public_pem().as_bytes());
        hmac::sign(&key, message).as_ref().to_vec()
    }

    /// The public key as a JWK.
    pub(crate) fn jwk(&self) -> Value {
        match &self.pair {
            Pair::Ec(pair) => {
                // An uncompressed point: one byte 0x04, then two coordinates of 32 bytes.
                let point = pair.public_key().as_ref();
                let part = |range| URL_SAFE_NO_PAD.encode(point.get(range).unwrap_or_default());
                json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid,
                       "x": part(1..33), "y": part(33..65)})
            }
            Pair::Rsa(pair) => {
                let public = pair.public_key();
                let modulus = public.modulus().big_endian_without_leading_zero();
                let exponent = public.exponent().big_endian_without_leading_zero();
                json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid,
                       "n": URL_SAFE_NO_PAD.encode(modulus), "e": URL_SAFE_NO_PAD.encode(exponent)})
            }
        }
    }

    fn public_pem(&self) -> String {
        let der: Option<PublicKeyX509Der<'_>> = match &self.pair {
            Pair::Ec(pair) => pair.public_key().as_der().ok(),
            Pair::Rsa(pair) => pair.public_key().as_der().ok(),
        };
        let text = der.map(|der| STANDARD.encode(der.as_ref())).unwrap_or_default();
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        for (index, letter) in text.chars().enumerate() {
            if index > 0 && index % 64 == 0 {
                pem.push('\n');
            }
            pem.push(letter);
        }
        pem.push_str("\n-----END PUBLIC KEY-----\n");
        pem
    }
}

fn ec_pair(pkcs8: Option<&[u8]>) -> Result<EcdsaKeyPair, KeyError> {
    match pkcs8 {
        Some(bytes) => {
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes).map_err(|_| KeyError::Unusable)
        }
        None => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| KeyError::NotMade),
    }
}

fn rsa_pair(pkcs8: Option<&[u8]>) -> Result<RsaKeyPair, KeyError> {
    match pkcs8 {
        Some(bytes) => RsaKeyPair::from_pkcs8(bytes).map_err(|_| KeyError::Unusable),
        None => RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::NotMade),
    }
}

fn public_bytes(pair: &Pair) -> &[u8] {
    match pair {
        Pair::Ec(pair) => pair.public_key().as_ref(),
        Pair::Rsa(pair) => pair.public_key().as_ref(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_another_kind_is_named_as_unusable() {
        assert_eq!(Signer::new(Algorithm::Rs256, Some(b"no key")).err(), Some(KeyError::Unusable));
        assert_eq!(Signer::new(Algorithm::Es256, Some(b"no key")).err(), Some(KeyError::Unusable));
    }

    #[test]
    fn an_rsa_key_is_published_with_a_modulus_of_2048_bits() {
        let signer = Signer::new(Algorithm::Rs256, None).unwrap();
        let jwk = signer.jwk();
        let modulus = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap();
        assert_eq!((modulus.len(), jwk["e"].as_str()), (256, Some("AQAB")));
        assert_eq!(signer.sign(b"message").unwrap().len(), 256);
    }

    #[test]
    fn a_public_key_has_a_pem_form_for_the_hmac_trick() {
        let signer = Signer::new(Algorithm::Es256, None).unwrap();
        assert!(signer.public_pem().contains("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"));
    }
}
