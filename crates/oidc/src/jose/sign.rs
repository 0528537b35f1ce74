//! Signing: our own session tokens and the assertions of `private_key_jwt`.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaPublicKeyComponents,
};
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

use super::alg::SignatureAlgorithm;
use super::b64;
use super::jwk::Jwk;
use crate::json::Object;

/// Most octets of a key identifier.
const MOST_KID_OCTETS: usize = 256;

/// What a [`SigningKey`] signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA over P-256 with SHA-256.
    Es256,
}

impl SigningAlgorithm {
    /// The same algorithm on the verifying side.
    #[must_use]
    pub const fn verified_as(self) -> SignatureAlgorithm {
        match self {
            Self::Rs256 => SignatureAlgorithm::Rs256,
            Self::Es256 => SignatureAlgorithm::Es256,
        }
    }
}

/// A private key, parsed once. It does not print, and there is no way to get the private half out of it.
///
/// RS256 signatures are a function of key and message. ES256 needs a fresh number for each signature, which the
/// cryptography library takes from the operating system: the one place where this crate does not take chance as an
/// argument, because a repeated number would give the key away.
pub struct SigningKey {
    kid: String,
    pair: Pair,
    public: PublicJwk,
    /// The encoded header of an ordinary token, and the dot after it.
    jwt_prefix: String,
}

enum Pair {
    Rsa(rsa::KeyPair),
    P256(EcdsaKeyPair),
}

/// Why a private key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SigningKeyError {
    /// Not PKCS#8 DER of an unencrypted private key for the algorithm, or an RSA key not of 2048 to 8192 bits.
    #[error("the private key is not PKCS#8 of the kind and size that the algorithm needs")]
    Unparsable,
    /// The identifier is empty or longer than 256 octets.
    #[error("the key identifier must have 1 to 256 octets")]
    Kid,
}

/// Why a token could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SignError {
    /// The claims are not a JSON object.
    #[error("the claims are not a JSON object")]
    Claims,
    /// The cryptography library failed.
    #[error("the signature could not be made")]
    Signature,
}

/// The public half of a [`SigningKey`] as RFC 7517 writes it. Absent members are not serialised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicJwk {
    /// `RSA` or `EC`.
    pub kty: &'static str,
    /// Always `sig`.
    #[serde(rename = "use")]
    pub key_use: &'static str,
    /// Always `["verify"]`.
    pub key_ops: [&'static str; 1],
    /// The algorithm's name.
    pub alg: &'static str,
    /// The key identifier.
    pub kid: String,
    /// RSA modulus, base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// RSA exponent, base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
    /// Curve name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crv: Option<&'static str>,
    /// First coordinate, base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// Second coordinate, base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
}

impl SigningKey {
    /// Parses an unencrypted PKCS#8 private key (DER).
    ///
    /// # Errors
    /// [`SigningKeyError`] when it is not a key for `algorithm`, or `kid` is empty or too long.
    pub fn from_pkcs8(pkcs8: &[u8], algorithm: SigningAlgorithm, kid: &str) -> Result<Self, SigningKeyError> {
        if kid.is_empty() || kid.len() > MOST_KID_OCTETS {
            return Err(SigningKeyError::Kid);
        }
        let (pair, public) = match algorithm {
            SigningAlgorithm::Rs256 => rsa_pair(pkcs8, kid)?,
            SigningAlgorithm::Es256 => p256_pair(pkcs8, kid)?,
        };
        let jwt_prefix = header(public.alg, kid, "JWT");
        Ok(Self { kid: kid.to_owned(), pair, public, jwt_prefix })
    }

    /// The key identifier.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// What the key signs with.
    #[must_use]
    pub const fn algorithm(&self) -> SigningAlgorithm {
        match self.pair {
            Pair::Rsa(_) => SigningAlgorithm::Rs256,
            Pair::P256(_) => SigningAlgorithm::Es256,
        }
    }

    /// The public half, to publish.
    #[must_use]
    pub const fn public_jwk(&self) -> &PublicJwk {
        &self.public
    }

    /// The public half, to verify with: collect it into a [`super::JwkSet`] and keep that.
    #[must_use]
    pub fn verification_key(&self) -> Option<Jwk> {
        let members = serde_json::to_value(&self.public).ok()?;
        members.as_object().and_then(|key: &Object| Jwk::parse(key).ok())
    }

    /// Signs claims as a compact JWT with the header `{"alg":…,"kid":…,"typ":"JWT"}`.
    ///
    /// # Errors
    /// [`SignError::Claims`] when `claims` does not serialise to a JSON object.
    pub fn sign<C: Serialize + ?Sized>(&self, claims: &C) -> Result<String, SignError> {
        self.sign_after(&self.jwt_prefix, claims)
    }

    /// Like [`SigningKey::sign`], with another `typ` (RFC 8725 section 3.11).
    ///
    /// # Errors
    /// As [`SigningKey::sign`].
    pub fn sign_typed<C: Serialize + ?Sized>(&self, typ: &str, claims: &C) -> Result<String, SignError> {
        self.sign_after(&header(self.public.alg, &self.kid, typ), claims)
    }

    fn sign_after<C: Serialize + ?Sized>(&self, prefix: &str, claims: &C) -> Result<String, SignError> {
        let payload = serde_json::to_vec(claims).map_err(|_| SignError::Claims)?;
        if payload.first() != Some(&b'{') {
            return Err(SignError::Claims);
        }
        let mut token = String::with_capacity(prefix.len() + payload.len() * 4 / 3 + 4 + 350);
        token.push_str(prefix);
        b64::encode_onto(&payload, &mut token);
        let signature = self.signature(token.as_bytes())?;
        token.push('.');
        b64::encode_onto(&signature, &mut token);
        Ok(token)
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .map_err(|_| SignError::Signature)?;
                Ok(signature)
            }
            Pair::P256(pair) => {
                let signature = pair.sign(&random, message).map_err(|_| SignError::Signature)?;
                Ok(signature.as_ref().to_vec())
            }
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("public", &self.public).finish_non_exhaustive()
    }
}

fn rsa_pair(pkcs8: &[u8], kid: &str) -> Result<(Pair, PublicJwk), SigningKeyError> {
    let pair = rsa::KeyPair::from_pkcs8(pkcs8).map_err(|_| SigningKeyError::Unparsable)?;
    let components: RsaPublicKeyComponents<Vec<u8>> = pair.public_key().into();
    let public = PublicJwk {
        n: Some(b64::encode(&components.n)),
        e: Some(b64::encode(&components.e)),
        ..public_members("RSA", "RS256", kid)
    };
    Ok((Pair::Rsa(pair), public))
}

fn p256_pair(pkcs8: &[u8], kid: &str) -> Result<(Pair, PublicJwk), SigningKeyError> {
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
        .map_err(|_| SigningKeyError::Unparsable)?;
    // SEC 1 section 2.3.3: an octet that says "uncompressed", then both coordinates.
    let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
    let (x, y) = point.split_at_checked(32).ok_or(SigningKeyError::Unparsable)?;
    let public = PublicJwk {
        crv: Some("P-256"),
        x: Some(b64::encode(x)),
        y: Some(b64::encode(y)),
        ..public_members("EC", "ES256", kid)
    };
    Ok((Pair::P256(pair), public))
}

fn public_members(kty: &'static str, alg: &'static str, kid: &str) -> PublicJwk {
    PublicJwk {
        kty,
        key_use: "sig",
        key_ops: ["verify"],
        alg,
        kid: kid.to_owned(),
        n: None,
        e: None,
        crv: None,
        x: None,
        y: None,
    }
}

/// The encoded header and the dot after it.
fn header(alg: &str, kid: &str, typ: &str) -> String {
    let members: Object = [("alg", alg), ("kid", kid), ("typ", typ)]
        .map(|(name, text)| (name.to_owned(), Value::from(text)))
        .into_iter()
        .collect();
    let mut encoded = b64::encode(Value::Object(members).to_string().as_bytes());
    encoded.push('.');
    encoded
}
