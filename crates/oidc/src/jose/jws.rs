//! Compact JWS (RFC 7515 section 7.1): read strictly, verified before anything of the payload is looked at.

use std::fmt;

use aws_lc_rs::{digest, hmac};
use serde_json::Value;
use thiserror::Error;

use super::alg::{AlgorithmSet, HmacAlgorithm, SignatureAlgorithm};
use super::b64;
use super::jwk::{Jwk, KeyRefusal};
use super::jwk_set::JwkSet;
use crate::error::{Excerpt, JsonError, Refusal, excerpt_of_json};
use crate::json::{self, Object};

/// Most bytes of a compact token.
pub const MOST_BYTES: usize = 64 * 1024;
/// The `typ` of an ordinary token.
const JWT_TYPES: [&str; 2] = ["JWT", "application/JWT"];

/// A header whose token was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    algorithm: AnyAlgorithm,
    kid: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AnyAlgorithm {
    Asymmetric(SignatureAlgorithm),
    Hmac(HmacAlgorithm),
}

impl Header {
    /// The algorithm's name.
    #[must_use]
    pub const fn algorithm_name(&self) -> &'static str {
        match self.algorithm {
            AnyAlgorithm::Asymmetric(algorithm) => algorithm.name(),
            AnyAlgorithm::Hmac(algorithm) => algorithm.name(),
        }
    }

    /// The key identifier, when the token has one.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    pub(crate) fn hash(&self) -> &'static digest::Algorithm {
        match self.algorithm {
            AnyAlgorithm::Asymmetric(algorithm) => algorithm.hash(),
            AnyAlgorithm::Hmac(algorithm) => algorithm.hash(),
        }
    }
}

/// A token whose signature was checked. Only [`verify`] and [`verify_hmac`] make one.
#[derive(Clone)]
pub struct VerifiedJws {
    header: Header,
    payload: Vec<u8>,
}

impl VerifiedJws {
    /// The header.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The octets that were signed.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }
}

impl fmt::Debug for VerifiedJws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedJws").field("header", &self.header).finish_non_exhaustive()
    }
}

/// A client secret in the role of an HMAC key, for a connection that says so.
pub struct HmacKey {
    algorithm: HmacAlgorithm,
    key: hmac::Key,
}

/// Why a client secret cannot be an HMAC key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the client secret has {found} octets, {} needs at least {needed}", algorithm.name())]
pub struct HmacKeyError {
    /// The algorithm asked for.
    pub algorithm: HmacAlgorithm,
    /// Octets of the secret.
    pub found: usize,
    /// Octets needed.
    pub needed: usize,
}

impl HmacKey {
    /// Takes the UTF-8 octets of a client secret (OpenID Connect Core section 10.1).
    ///
    /// # Errors
    /// When the secret is shorter than the hash (RFC 7518 section 3.2): such a key can be guessed from one token.
    pub fn from_client_secret(secret: &[u8], algorithm: HmacAlgorithm) -> Result<Self, HmacKeyError> {
        let needed = algorithm.least_key_octets();
        if secret.len() < needed {
            return Err(HmacKeyError { algorithm, found: secret.len(), needed });
        }
        Ok(Self { algorithm, key: hmac::Key::new(algorithm.mac(), secret) })
    }
}

impl fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HmacKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// Why a token does not verify.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JwsError {
    /// More than 64 KiB.
    #[error("the token is longer than 65536 bytes")]
    TooLong,
    /// Not exactly three parts with a dot between them.
    #[error("the token does not have exactly three parts")]
    Parts,
    /// A part is not strict, unpadded base64url.
    #[error("the {0} of the token is not base64url without padding")]
    Base64(&'static str),
    /// The header is not an unambiguous JSON object.
    #[error("the token's header is not acceptable: {0}")]
    Header(JsonError),
    /// A header member is missing or not of its type.
    #[error("the header member {0} is missing or not of its type")]
    HeaderMember(&'static str),
    /// `crit`, `b64` or `zip`: the token asks for an extension, and there is none.
    #[error("the header asks for the extension {0}")]
    Extension(&'static str),
    /// `typ` names another kind of token.
    #[error("the token is of type {found}, expected JWT")]
    Type {
        /// The `typ`.
        found: Excerpt,
    },
    /// The algorithm is not one this connection allows, `none` included.
    #[error("the token is signed with {found}, expected {expected}")]
    Algorithm {
        /// The `alg`.
        found: Excerpt,
        /// The names that are allowed.
        expected: String,
    },
    /// No key of the set verifies the token: no key has its `kid`, or the token has none and no fitting key verifies
    /// it. The keys may have been rotated, so this is the one refusal that calls for fetching the set again, once.
    #[error("no known key verifies the token (kid {}); published are: {published}", kid.as_ref().map_or("absent", Excerpt::as_str))]
    UnknownKey {
        /// The key that the token names.
        kid: Option<Excerpt>,
        /// What the provider publishes, in a few words.
        published: String,
    },
    /// The named key is published, but cannot be used. Like an unknown one it calls for fetching the set again.
    #[error("the key {kid} that the token names is published, but left out: {reason}")]
    LeftOut {
        /// The key that the token names.
        kid: Excerpt,
        /// What is wrong with it.
        reason: KeyRefusal,
    },
    /// The named key exists, but is of another kind or for another algorithm.
    #[error("the key {kid} does not serve {algorithm}")]
    KeyUnfit {
        /// The key that the token names.
        kid: Excerpt,
        /// The token's algorithm.
        algorithm: &'static str,
    },
    /// The signature has not the length that the key and the algorithm give it.
    #[error("the signature has {found} octets, expected {expected}")]
    SignatureLength {
        /// Octets found.
        found: usize,
        /// Octets expected.
        expected: usize,
    },
    /// The named key did not make this signature.
    #[error("the signature does not verify")]
    Signature,
}

impl Refusal for JwsError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "token_too_long",
            Self::Parts => "token_parts",
            Self::Base64(_) => "token_base64",
            Self::Header(_) | Self::HeaderMember(_) => "token_header",
            Self::Extension(_) => "token_extension",
            Self::Type { .. } => "token_type",
            Self::Algorithm { .. } => "token_algorithm",
            Self::UnknownKey { .. } => "token_key_unknown",
            Self::LeftOut { .. } => "token_key_left_out",
            Self::KeyUnfit { .. } => "token_key_unfit",
            Self::SignatureLength { .. } => "token_signature_length",
            Self::Signature => "token_signature",
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Type { found } | Self::Algorithm { found, .. } => Some(found.to_string()),
            Self::LeftOut { kid, reason } => Some(format!("{kid}: {reason}")),
            Self::UnknownKey { kid, .. } => {
                Some(kid.as_ref().map_or_else(|| "no kid".to_owned(), Excerpt::to_string))
            }
            Self::KeyUnfit { kid, algorithm } => Some(format!("{kid} for {algorithm}")),
            Self::SignatureLength { found, .. } => Some(found.to_string()),
            Self::Header(error) => error.found(),
            Self::Base64(part) => Some((*part).to_owned()),
            Self::HeaderMember(name) | Self::Extension(name) => Some((*name).to_owned()),
            Self::TooLong | Self::Parts | Self::Signature => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::Type { .. } => Some("JWT".to_owned()),
            Self::Algorithm { expected, .. } => Some(expected.clone()),
            Self::SignatureLength { expected, .. } => Some(expected.to_string()),
            Self::UnknownKey { published, .. } => Some(published.clone()),
            Self::LeftOut { .. } => Some("a key that can be used".to_owned()),
            Self::Signature => Some("a signature by the named key, as it is published".to_owned()),
            Self::TooLong
            | Self::Parts
            | Self::Base64(_)
            | Self::Header(_)
            | Self::HeaderMember(_)
            | Self::Extension(_)
            | Self::KeyUnfit { .. } => None,
        }
    }
}

/// Verifies a compact token with published keys.
///
/// The algorithm must be in `allowed` and fit the key. `jku`, `x5u`, `jwk` and `x5c` in the header are not looked at:
/// keys come from `keys` only. HMAC algorithms are unknown here, so that a public key can never be taken for a secret.
///
/// # Errors
/// [`JwsError`]; only [`JwsError::UnknownKey`] may pass after the keys were fetched again.
pub fn verify(compact: &str, keys: &JwkSet, allowed: AlgorithmSet) -> Result<VerifiedJws, JwsError> {
    verify_typed(compact, keys, allowed, &JWT_TYPES)
}

/// The same for a token whose `typ` may be one of `types`, without regard to case, or absent.
///
/// # Errors
/// As for [`verify`].
pub fn verify_typed(
    compact: &str,
    keys: &JwkSet,
    allowed: AlgorithmSet,
    types: &[&str],
) -> Result<VerifiedJws, JwsError> {
    let parts = Parts::split(compact)?;
    let (alg, kid) = parts.header(types)?;
    let algorithm = SignatureAlgorithm::from_name(&alg)
        .filter(|algorithm| allowed.contains(*algorithm))
        .ok_or_else(|| JwsError::Algorithm { found: Excerpt::of(&alg), expected: allowed.to_string() })?;
    let signature = parts.signature()?;
    check_with_keys(keys, algorithm, kid.as_deref(), parts.signed, &signature)?;
    parts.into_verified(Header { algorithm: AnyAlgorithm::Asymmetric(algorithm), kid })
}

/// Verifies a compact token with a client secret and the one algorithm that goes with it.
///
/// # Errors
/// [`JwsError`], never [`JwsError::UnknownKey`].
pub fn verify_hmac(compact: &str, key: &HmacKey) -> Result<VerifiedJws, JwsError> {
    let parts = Parts::split(compact)?;
    let (alg, kid) = parts.header(&JWT_TYPES)?;
    let algorithm =
        HmacAlgorithm::from_name(&alg).filter(|algorithm| *algorithm == key.algorithm).ok_or_else(|| {
            JwsError::Algorithm { found: Excerpt::of(&alg), expected: key.algorithm.name().to_owned() }
        })?;
    let signature = parts.signature()?;
    let expected = algorithm.hash().output_len();
    if signature.len() != expected {
        return Err(JwsError::SignatureLength { found: signature.len(), expected });
    }
    hmac::verify(&key.key, parts.signed, &signature).map_err(|_| JwsError::Signature)?;
    parts.into_verified(Header { algorithm: AnyAlgorithm::Hmac(algorithm), kid })
}

fn check_with_keys(
    keys: &JwkSet,
    algorithm: SignatureAlgorithm,
    kid: Option<&str>,
    signed: &[u8],
    signature: &[u8],
) -> Result<(), JwsError> {
    let unknown = || JwsError::UnknownKey { kid: kid.map(Excerpt::of), published: keys.summary() };
    let verifies = |key: &Jwk| key.verifies(algorithm, signed, signature);
    let Some(named) = kid else {
        // Without a name a rotated key and a wrong signature look the same.
        return if keys.candidates(None, algorithm).any(verifies) { Ok(()) } else { Err(unknown()) };
    };
    if !keys.knows(named) {
        if let Some(skipped) = keys.left_out(named) {
            return Err(JwsError::LeftOut { kid: Excerpt::of(named), reason: skipped.reason.clone() });
        }
        return if keys.nameless(algorithm).any(verifies) { Ok(()) } else { Err(unknown()) };
    }
    let Some(first) = keys.candidates(kid, algorithm).next() else {
        return Err(JwsError::KeyUnfit { kid: Excerpt::of(named), algorithm: algorithm.name() });
    };
    if keys.candidates(kid, algorithm).any(verifies) {
        return Ok(());
    }
    let expected = first.signature_octets();
    if signature.len() == expected {
        return Err(JwsError::Signature);
    }
    Err(JwsError::SignatureLength { found: signature.len(), expected })
}

/// A token cut at its dots. Nothing is decoded before it is needed, the payload not before the signature holds.
struct Parts<'a> {
    /// `header.payload`, the octets that are signed.
    signed: &'a [u8],
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    fn split(compact: &'a str) -> Result<Self, JwsError> {
        if compact.len() > MOST_BYTES {
            return Err(JwsError::TooLong);
        }
        let (signed, signature) = compact.rsplit_once('.').ok_or(JwsError::Parts)?;
        let (header, payload) = signed.split_once('.').ok_or(JwsError::Parts)?;
        if payload.contains('.') {
            return Err(JwsError::Parts);
        }
        Ok(Self { signed: signed.as_bytes(), header, payload, signature })
    }

    /// The `alg` and `kid` of a header that asks for nothing we do not do.
    fn header(&self, types: &[&str]) -> Result<(String, Option<String>), JwsError> {
        let octets = b64::decode(self.header).ok_or(JwsError::Base64("header"))?;
        let mut header = json::parse_object(&octets, MOST_BYTES).map_err(JwsError::Header)?;
        for extension in ["crit", "b64", "zip"] {
            if header.contains_key(extension) {
                return Err(JwsError::Extension(extension));
            }
        }
        check_type(&header, types)?;
        let Some(Value::String(alg)) = header.remove("alg") else {
            return Err(JwsError::HeaderMember("alg"));
        };
        match header.remove("kid") {
            None => Ok((alg, None)),
            Some(Value::String(kid)) => Ok((alg, Some(kid))),
            Some(_) => Err(JwsError::HeaderMember("kid")),
        }
    }

    fn signature(&self) -> Result<Vec<u8>, JwsError> {
        b64::decode(self.signature).ok_or(JwsError::Base64("signature"))
    }

    fn into_verified(self, header: Header) -> Result<VerifiedJws, JwsError> {
        let payload = b64::decode(self.payload).ok_or(JwsError::Base64("payload"))?;
        Ok(VerifiedJws { header, payload })
    }
}

/// RFC 8725 section 3.11: an access token, a client assertion or a logout token is never taken for an id token. The
/// media type may be written out (RFC 7515 section 4.1.9).
fn check_type(header: &Object, types: &[&str]) -> Result<(), JwsError> {
    match header.get("typ") {
        None => Ok(()),
        Some(Value::String(typ)) if types.iter().any(|known| typ.eq_ignore_ascii_case(known)) => Ok(()),
        Some(other) => Err(JwsError::Type { found: excerpt_of_json(other) }),
    }
}
