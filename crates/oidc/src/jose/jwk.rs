//! One public key of a key set (RFC 7517), parsed once for every algorithm it may serve.

use std::fmt;

use aws_lc_rs::signature::{ED25519, ParsedPublicKey, RsaPublicKeyComponents};
use serde_json::Value;
use thiserror::Error;

use super::alg::{AlgorithmSet, Check, Curve, SignatureAlgorithm};
use super::b64;
use crate::error::Excerpt;
use crate::json::Object;

/// Smallest RSA modulus in bits (RFC 7518 section 3.3).
const RSA_LEAST_BITS: usize = 2048;
/// Largest RSA modulus in bits: beyond it one verification costs too much.
const RSA_MOST_BITS: usize = 8192;
/// Longest RSA exponent in octets; the usual one, 65537, has three.
const RSA_MOST_EXPONENT_OCTETS: usize = 4;
/// Octets of an Ed25519 public key.
const ED25519_OCTETS: usize = 32;

/// A public signature key that was checked and parsed.
pub struct Jwk {
    kid: Option<String>,
    /// Octets of every signature by this key: RSA by its modulus, curves by their order.
    signature_octets: usize,
    verifiers: Vec<(SignatureAlgorithm, ParsedPublicKey)>,
}

/// Why a key cannot be used. The other keys of its set still can.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KeyRefusal {
    /// An element of `keys` is not an object.
    #[error("the key is not a JSON object")]
    NotAnObject,
    /// A member is missing, or not of its type.
    #[error("the member {0} is missing or not of its type")]
    Member(&'static str),
    /// Symmetric (`oct`) and unknown key types are ignored.
    #[error("the key type {0} is not used here")]
    KeyType(Excerpt),
    /// `use` is not `sig`.
    #[error("the key is for the use {0}, not for signatures")]
    Use(Excerpt),
    /// `key_ops` does not hold `verify`.
    #[error("key_ops does not allow to verify")]
    Operations,
    /// `alg` is unknown, or not one that this kind of key can serve.
    #[error("the algorithm {0} is unknown or does not fit the key")]
    Algorithm(Excerpt),
    /// `crv` is unknown.
    #[error("the curve {0} is not used here")]
    Curve(Excerpt),
    /// A coordinate is not of the curve's length, or the point is not on the curve.
    #[error("its coordinates are not those of a point of the curve, each as long as the curve needs")]
    Point,
    /// An Ed25519 point of small order, whose signatures anybody can make.
    #[error("the point is of small order, so anybody can sign with it")]
    SmallOrder,
    /// The RSA modulus is not of 2048 to 8192 bits.
    #[error("the RSA modulus has {bits} bits, expected 2048 to 8192")]
    ModulusBits {
        /// Bits of the modulus.
        bits: usize,
    },
    /// The modulus is even, so the key is not an RSA key.
    #[error("the RSA modulus is even")]
    ModulusEven,
    /// The public exponent is even, 1, or longer than 32 bits.
    #[error("the RSA exponent is not an odd number from 3 to 4294967295")]
    Exponent,
    /// The private half is published too: anybody could sign with it.
    #[error("the private half of the key is published")]
    PrivateHalf,
    /// The cryptography library does not take the key.
    #[error("the key does not parse")]
    Unparsable,
}

impl Jwk {
    /// Checks and parses one key.
    ///
    /// # Errors
    /// [`KeyRefusal`] when the key is not an RSA, EC or Ed25519 key for verifying signatures.
    pub(crate) fn parse(key: &Object) -> Result<Self, KeyRefusal> {
        let kid = optional_text(key, "kid")?.map(str::to_owned);
        let kty = optional_text(key, "kty")?.ok_or(KeyRefusal::Member("kty"))?;
        let material = match kty {
            "RSA" => Material::Rsa,
            "EC" => Material::Ec(curve(key)?),
            "OKP" => ed25519_curve(key)?,
            _ => return Err(KeyRefusal::KeyType(Excerpt::of(kty))),
        };
        check_purpose(key)?;
        if key.contains_key("d") {
            return Err(KeyRefusal::PrivateHalf);
        }
        let algorithms = restrict(material.algorithms(), key)?;
        match material {
            Material::Rsa => rsa(kid, key, algorithms),
            Material::Ec(curve) => ec(kid, key, curve, algorithms),
            Material::Ed25519 => ed25519(kid, key, algorithms),
        }
    }

    /// The identifier, when the key has one. It is opaque: only compared for equality.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The algorithms that this key may serve.
    #[must_use]
    pub fn algorithms(&self) -> AlgorithmSet {
        self.verifiers.iter().map(|(algorithm, _)| *algorithm).collect()
    }

    pub(crate) fn serves(&self, algorithm: SignatureAlgorithm) -> bool {
        self.verifiers.iter().any(|(served, _)| *served == algorithm)
    }

    pub(crate) const fn signature_octets(&self) -> usize {
        self.signature_octets
    }

    /// Whether `signature` is this key's signature of `message` under `algorithm`. No for every algorithm that the key
    /// does not serve, and for every signature that has not exactly the right length.
    #[must_use]
    pub fn verifies(&self, algorithm: SignatureAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        signature.len() == self.signature_octets
            && self
                .verifiers
                .iter()
                .filter(|(served, _)| *served == algorithm)
                .any(|(_, key)| key.verify_sig(message, signature).is_ok())
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk")
            .field("kid", &self.kid)
            .field("algorithms", &self.algorithms())
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy)]
enum Material {
    Rsa,
    Ec(Curve),
    Ed25519,
}

impl Material {
    fn algorithms(self) -> AlgorithmSet {
        SignatureAlgorithm::ALL
            .into_iter()
            .filter(|algorithm| match (self, algorithm.check()) {
                (Self::Rsa, Check::Rsa(_)) | (Self::Ed25519, Check::Ed25519) => true,
                (Self::Ec(own), Check::Ec(needed, _)) => own == needed,
                (Self::Rsa | Self::Ec(_) | Self::Ed25519, _) => false,
            })
            .collect()
    }
}

fn check_purpose(key: &Object) -> Result<(), KeyRefusal> {
    match optional_text(key, "use")? {
        None | Some("sig") => {}
        Some(other) => return Err(KeyRefusal::Use(Excerpt::of(other))),
    }
    match key.get("key_ops") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Array(operations)) if operations.iter().any(|operation| operation == "verify") => Ok(()),
        Some(_) => Err(KeyRefusal::Operations),
    }
}

/// Narrows what the key material can serve to the key's own `alg`, when it has one.
fn restrict(able: AlgorithmSet, key: &Object) -> Result<AlgorithmSet, KeyRefusal> {
    let Some(name) = optional_text(key, "alg")? else { return Ok(able) };
    SignatureAlgorithm::from_name(name)
        .filter(|algorithm| able.contains(*algorithm))
        .map(AlgorithmSet::only)
        .ok_or_else(|| KeyRefusal::Algorithm(Excerpt::of(name)))
}

fn rsa(kid: Option<String>, key: &Object, algorithms: AlgorithmSet) -> Result<Jwk, KeyRefusal> {
    let modulus = octets(key, "n")?;
    let exponent = octets(key, "e")?;
    // Some libraries write a leading zero octet (RFC 7518 section 6.3.1.1 names the mistake); the number is the same.
    let n = without_leading_zeros(&modulus);
    let e = without_leading_zeros(&exponent);
    check_rsa_numbers(n, e)?;
    let components = RsaPublicKeyComponents { n, e };
    let mut verifiers = Vec::new();
    for algorithm in algorithms.iter() {
        let Check::Rsa(parameters) = algorithm.check() else { continue };
        let parsed = components.to_parsed_public_key(parameters).map_err(|_| KeyRefusal::Unparsable)?;
        verifiers.push((algorithm, parsed));
    }
    Ok(Jwk { kid, signature_octets: n.len(), verifiers })
}

fn check_rsa_numbers(n: &[u8], e: &[u8]) -> Result<(), KeyRefusal> {
    let unused_bits = n.first().map_or(0, |first| first.leading_zeros() as usize);
    let bits = n.len().saturating_mul(8).saturating_sub(unused_bits);
    if !(RSA_LEAST_BITS..=RSA_MOST_BITS).contains(&bits) {
        return Err(KeyRefusal::ModulusBits { bits });
    }
    if n.last().is_none_or(|last| last % 2 == 0) {
        return Err(KeyRefusal::ModulusEven);
    }
    let even = e.last().is_none_or(|last| last % 2 == 0);
    if even || e == [1] || e.len() > RSA_MOST_EXPONENT_OCTETS {
        return Err(KeyRefusal::Exponent);
    }
    Ok(())
}

fn ec(kid: Option<String>, key: &Object, curve: Curve, algorithms: AlgorithmSet) -> Result<Jwk, KeyRefusal> {
    let octets_each = curve.coordinate_octets();
    let x = octets(key, "x")?;
    let y = octets(key, "y")?;
    let x = of_length(&x, octets_each).ok_or(KeyRefusal::Point)?;
    let y = of_length(&y, octets_each).ok_or(KeyRefusal::Point)?;
    // SEC 1 section 2.3.3: 4 says that both coordinates follow.
    let point = [&[4], x.as_slice(), y.as_slice()].concat();
    let mut verifiers = Vec::new();
    for algorithm in algorithms.iter() {
        let Check::Ec(_, parameters) = algorithm.check() else { continue };
        let parsed = ParsedPublicKey::new(parameters, &point).map_err(|_| KeyRefusal::Point)?;
        verifiers.push((algorithm, parsed));
    }
    Ok(Jwk { kid, signature_octets: octets_each * 2, verifiers })
}

/// A coordinate in exactly so many octets. Libraries that take it for a number write a zero in front or leave one away;
/// the number is the same.
fn of_length(number: &[u8], octets: usize) -> Option<Vec<u8>> {
    let digits = without_leading_zeros(number);
    let missing = octets.checked_sub(digits.len())?;
    let mut padded = vec![0; missing];
    padded.extend_from_slice(digits);
    (!number.is_empty() && number.len() <= octets + 1).then_some(padded)
}

fn ed25519(kid: Option<String>, key: &Object, algorithms: AlgorithmSet) -> Result<Jwk, KeyRefusal> {
    let x = octets(key, "x")?;
    // The parser would take a whole SubjectPublicKeyInfo as well; RFC 8037 does not.
    if x.len() != ED25519_OCTETS {
        return Err(KeyRefusal::Point);
    }
    if is_small_order(&x) {
        return Err(KeyRefusal::SmallOrder);
    }
    let mut verifiers = Vec::new();
    for algorithm in algorithms.iter() {
        let parsed = ParsedPublicKey::new(&ED25519, &x).map_err(|_| KeyRefusal::Point)?;
        verifiers.push((algorithm, parsed));
    }
    Ok(Jwk { kid, signature_octets: 64, verifiers })
}

/// Whether an Ed25519 key is one of the points of small order: anybody can make a signature that such a key verifies.
/// By the encoding without the sign: the y of the eight points, in their canonical form and in the one above the prime.
fn is_small_order(x: &[u8]) -> bool {
    const ORDER_EIGHT: [[u8; ED25519_OCTETS]; 2] = [
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
            0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
            0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
        ],
    ];
    // 0 and 1, and p - 1, p, p + 1 for the prime p = 2^255 - 19.
    let near = |first: u8, rest: u8, last: u8| {
        let mut octets = [rest; ED25519_OCTETS];
        if let [head, .., tail] = octets.as_mut_slice() {
            (*head, *tail) = (first, last);
        }
        octets
    };
    let others = [
        near(0, 0, 0),
        near(1, 0, 0),
        near(0xec, 0xff, 0x7f),
        near(0xed, 0xff, 0x7f),
        near(0xee, 0xff, 0x7f),
    ];
    let mut unsigned = x.to_vec();
    if let Some(last) = unsigned.last_mut() {
        *last &= 0x7f;
    }
    ORDER_EIGHT.iter().chain(&others).any(|point| point.as_slice() == unsigned)
}

fn curve(key: &Object) -> Result<Curve, KeyRefusal> {
    let name = optional_text(key, "crv")?.ok_or(KeyRefusal::Member("crv"))?;
    Curve::from_name(name).ok_or_else(|| KeyRefusal::Curve(Excerpt::of(name)))
}

fn ed25519_curve(key: &Object) -> Result<Material, KeyRefusal> {
    match optional_text(key, "crv")?.ok_or(KeyRefusal::Member("crv"))? {
        "Ed25519" => Ok(Material::Ed25519),
        other => Err(KeyRefusal::Curve(Excerpt::of(other))),
    }
}

fn optional_text<'a>(key: &'a Object, name: &'static str) -> Result<Option<&'a str>, KeyRefusal> {
    match key.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(KeyRefusal::Member(name)),
    }
}

fn octets(key: &Object, name: &'static str) -> Result<Vec<u8>, KeyRefusal> {
    let text = optional_text(key, name)?.ok_or(KeyRefusal::Member(name))?;
    b64::decode(text).or_else(|| b64::decode_plain(text)).ok_or(KeyRefusal::Member(name))
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|octet| **octet == 0).count();
    number.get(zeros..).unwrap_or_default()
}
