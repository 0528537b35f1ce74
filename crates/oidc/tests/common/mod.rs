//! A forger that shares nothing with the verifier: base64url by hand, JSON by text, signatures by the primitives.

#![allow(dead_code, reason = "each test program uses another part")]
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    self as sig, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RsaEncoding,
    RsaPublicKeyComponents,
};
use serde_json::{Value, json};
use vestibule_oidc::id_token::{DEFAULT_SKEW_SECONDS, IdTokenExpectations, Nonce, TokenKeys};
use vestibule_oidc::jose::{AlgorithmSet, JwkSet};
use vestibule_oidc::{Issuer, IssuerRule, UnixSeconds, UrlPolicy};

pub(crate) const ISSUER: &str = "https://idp.example";
pub(crate) const CLIENT: &str = "client-1";
pub(crate) const NONCE: &str = "n-0S6_WzA2Mj-n-0S6_WzA2Mj";
pub(crate) const NOW: i64 = 1_700_000_000;

/// The ten names, spelled out here once more.
pub(crate) const NAMES: [&str; 10] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

pub(crate) fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for position in 0..=chunk.len() {
            let index = (word >> (18 - 6 * position)) & 63;
            text.push(char::from(*ALPHABET.get(index as usize).unwrap()));
        }
    }
    text
}

enum Pair {
    Rsa(&'static RsaKeyPair),
    Ec(&'static EcdsaKeyPair),
    Ed(&'static Ed25519KeyPair),
}

static RSA: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
static RSA_3072: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa3072).unwrap());
static P256: LazyLock<EcdsaKeyPair> = LazyLock::new(|| ec(&sig::ECDSA_P256_SHA256_FIXED_SIGNING));
static P384: LazyLock<EcdsaKeyPair> = LazyLock::new(|| ec(&sig::ECDSA_P384_SHA384_FIXED_SIGNING));
static P521: LazyLock<EcdsaKeyPair> = LazyLock::new(|| ec(&sig::ECDSA_P521_SHA512_FIXED_SIGNING));
static ED25519: LazyLock<Ed25519KeyPair> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap());

fn ec(algorithm: &'static EcdsaSigningAlgorithm) -> EcdsaKeyPair {
    EcdsaKeyPair::generate(algorithm).unwrap()
}

/// A key of the forger, for one algorithm.
pub(crate) struct Forger {
    pub(crate) name: &'static str,
    pub(crate) kid: &'static str,
    pair: Pair,
}

impl Forger {
    pub(crate) fn new(name: &'static str) -> Self {
        let pair = match name {
            "RS384" => Pair::Rsa(&RSA_3072),
            "RS256" | "RS512" | "PS256" | "PS384" | "PS512" => Pair::Rsa(&RSA),
            "ES256" => Pair::Ec(&P256),
            "ES384" => Pair::Ec(&P384),
            "ES512" => Pair::Ec(&P521),
            _ => Pair::Ed(&ED25519),
        };
        Self { name, kid: "key-1", pair }
    }

    pub(crate) fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self.pair {
            Pair::Rsa(pair) => {
                let encoding: &'static dyn RsaEncoding = match self.name {
                    "RS256" => &sig::RSA_PKCS1_SHA256,
                    "RS384" => &sig::RSA_PKCS1_SHA384,
                    "RS512" => &sig::RSA_PKCS1_SHA512,
                    "PS256" => &sig::RSA_PSS_SHA256,
                    "PS384" => &sig::RSA_PSS_SHA384,
                    _ => &sig::RSA_PSS_SHA512,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &random, message, &mut signature).unwrap();
                signature
            }
            Pair::Ec(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// A token of any header and any payload.
    pub(crate) fn raw(&self, header: &str, payload: &[u8]) -> String {
        let signed = format!("{}.{}", base64url(header.as_bytes()), base64url(payload));
        format!("{signed}.{}", base64url(&self.signature(signed.as_bytes())))
    }

    pub(crate) fn header(&self) -> String {
        format!(r#"{{"alg":"{}","kid":"{}"}}"#, self.name, self.kid)
    }

    pub(crate) fn token(&self, claims: &Value) -> String {
        self.raw(&self.header(), claims.to_string().as_bytes())
    }

    /// The public key as a provider publishes it, without `alg`.
    pub(crate) fn jwk(&self) -> Value {
        let mut key = match self.pair {
            Pair::Rsa(pair) => {
                let parts: RsaPublicKeyComponents<Vec<u8>> = pair.public_key().into();
                json!({ "kty": "RSA", "n": base64url(&parts.n), "e": base64url(&parts.e) })
            }
            Pair::Ec(pair) => {
                let point = pair.public_key().as_ref();
                let half = (point.len() - 1) / 2;
                let curve =
                    [(32, "P-256"), (48, "P-384"), (66, "P-521")].iter().find(|(size, _)| *size == half);
                let (x, y) = point.split_at(1).1.split_at(half);
                json!({ "kty": "EC", "crv": curve.unwrap().1, "x": base64url(x), "y": base64url(y) })
            }
            Pair::Ed(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url(pair.public_key().as_ref()) })
            }
        };
        let members = key.as_object_mut().unwrap();
        members.insert("kid".to_owned(), self.kid.into());
        members.insert("use".to_owned(), "sig".into());
        key
    }

    pub(crate) fn keys(&self) -> JwkSet {
        key_set(&[self.jwk()])
    }
}

pub(crate) fn key_set(keys: &[Value]) -> JwkSet {
    JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

/// `value` with one member replaced, or taken out when it is null.
pub(crate) fn with(mut value: Value, name: &str, member: Value) -> Value {
    let members = value.as_object_mut().unwrap();
    if member.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), member);
    }
    value
}

pub(crate) fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": CLIENT, "sub": "subject-7", "iat": NOW - 5, "exp": NOW + 300, "nonce": NONCE })
}

pub(crate) fn exact_issuer() -> IssuerRule {
    IssuerRule::Exact(Issuer::parse(ISSUER, UrlPolicy::HttpsOnly).unwrap())
}

pub(crate) fn expectations<'a>(keys: &'a JwkSet, issuer: &'a IssuerRule) -> IdTokenExpectations<'a> {
    IdTokenExpectations {
        keys: TokenKeys::Published { keys, allowed: AlgorithmSet::all() },
        issuer,
        client_id: CLIENT,
        nonce: Nonce::Sent(NONCE),
        now: UnixSeconds(NOW),
        skew_seconds: DEFAULT_SKEW_SECONDS,
        max_age_seconds: None,
        access_token: None,
        code: None,
    }
}
