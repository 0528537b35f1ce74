//! The key set that an identity provider publishes at its `jwks_uri` (RFC 7517 section 5).

use serde_json::Value;
use thiserror::Error;

use super::alg::SignatureAlgorithm;
use super::jwk::{Jwk, KeyRefusal};
use crate::error::{Excerpt, JsonError, Refusal};
use crate::json::{self, Object};

/// Most bytes of a key set.
const MOST_BYTES: usize = 256 * 1024;
/// Most keys of a key set.
const MOST_KEYS: usize = 100;
/// Most keys that are tried for a token that names none.
const MOST_TRIED: usize = 16;

/// The usable keys of a key set, parsed once. Keep it and verify many tokens with it.
#[derive(Debug, Default)]
pub struct JwkSet {
    keys: Vec<Jwk>,
    skipped: Vec<SkippedKey>,
}

/// A key of the set that is not used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedKey {
    /// Position in `keys`, from 0.
    pub index: usize,
    /// Its identifier, when it has one that is text.
    pub kid: Option<Excerpt>,
    /// Why it is not used.
    pub reason: KeyRefusal,
}

/// Why a document is not a key set.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JwkSetError {
    /// Not one JSON object of at most 256 KiB.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// There is no array `keys`.
    #[error("the key set has no array named keys")]
    NoKeys,
    /// More than 100 keys.
    #[error("the key set has {found} keys, expected at most 100")]
    TooManyKeys {
        /// How many there are.
        found: usize,
    },
}

impl Refusal for JwkSetError {
    fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::NoKeys => "jwks_without_keys",
            Self::TooManyKeys { .. } => "jwks_too_many_keys",
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Json(error) => error.found(),
            Self::NoKeys => None,
            Self::TooManyKeys { found } => Some(found.to_string()),
        }
    }
}

impl JwkSet {
    /// Reads the body of a `jwks_uri`: at most 256 KiB and 100 keys.
    ///
    /// A key that cannot be used (symmetric, for encryption, weak, malformed, of a kind we do not know) is left out and
    /// listed in [`JwkSet::skipped`]; it does not spoil the others. Repeated key identifiers are tolerated.
    ///
    /// # Errors
    /// [`JwkSetError`] when the document is not a key set at all.
    pub fn parse(bytes: &[u8]) -> Result<Self, JwkSetError> {
        let document = json::parse_document(bytes, MOST_BYTES)?;
        let Some(Value::Array(entries)) = document.get("keys") else { return Err(JwkSetError::NoKeys) };
        if entries.len() > MOST_KEYS {
            return Err(JwkSetError::TooManyKeys { found: entries.len() });
        }
        let mut set = Self::default();
        for (index, entry) in entries.iter().enumerate() {
            match parse_entry(entry) {
                Ok(key) => set.keys.push(key),
                Err(reason) => set.skipped.push(SkippedKey { index, kid: shown_kid(entry), reason }),
            }
        }
        Ok(set)
    }

    /// The usable keys in the order of the document.
    #[must_use]
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// The keys that were left out.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }

    /// Whether the set has a key of this identifier.
    #[must_use]
    pub fn knows(&self, kid: &str) -> bool {
        self.keys.iter().any(|key| key.kid() == Some(kid))
    }

    /// The key of this identifier that was left out.
    pub(crate) fn left_out(&self, kid: &str) -> Option<&SkippedKey> {
        self.skipped.iter().find(|key| key.kid == Some(Excerpt::of(kid)))
    }

    /// What is published, in a few words: the identifiers of the usable keys, and how many keys are left out.
    pub(crate) fn summary(&self) -> String {
        const MOST_NAMED: usize = 8;
        let named: Vec<String> = self.keys.iter().take(MOST_NAMED).map(|key| shown(key.kid())).collect();
        let more = if self.keys.len() > MOST_NAMED { ", …" } else { "" };
        let keys = match self.keys.len() {
            0 => "no usable key".to_owned(),
            _ => format!("{}{more}", named.join(", ")),
        };
        match self.skipped.first() {
            None => keys,
            Some(first) => {
                let kid = first.kid.as_ref().map(Excerpt::as_str);
                format!(
                    "{keys}; left out: {} of the published keys, first {}: {}",
                    self.skipped.len(),
                    shown(kid),
                    first.reason
                )
            }
        }
    }

    /// The keys to try for a token that names a key of which the set knows nothing: those without an identifier. A server
    /// that publishes one key may leave its name away (OpenID Connect Core section 10.1).
    pub(crate) fn nameless(&self, algorithm: SignatureAlgorithm) -> impl Iterator<Item = &Jwk> {
        self.keys
            .iter()
            .filter(|key| key.kid().is_none())
            .filter(move |key| key.serves(algorithm))
            .take(MOST_TRIED)
    }

    /// The keys to try: those of the identifier, or without one the first 16, that serve `algorithm`.
    pub(crate) fn candidates(
        &self,
        kid: Option<&str>,
        algorithm: SignatureAlgorithm,
    ) -> impl Iterator<Item = &Jwk> {
        self.keys
            .iter()
            .filter(move |key| kid.is_none() || key.kid() == kid)
            .filter(move |key| key.serves(algorithm))
            .take(MOST_TRIED)
    }
}

impl FromIterator<Jwk> for JwkSet {
    /// Makes a set of keys that were parsed elsewhere, such as our own ([`super::SigningKey::verification_key`]).
    fn from_iter<I: IntoIterator<Item = Jwk>>(keys: I) -> Self {
        Self { keys: keys.into_iter().collect(), skipped: Vec::new() }
    }
}

fn shown(kid: Option<&str>) -> String {
    kid.map_or_else(|| "a key without kid".to_owned(), |kid| Excerpt::of(kid).to_string())
}

fn parse_entry(entry: &Value) -> Result<Jwk, KeyRefusal> {
    entry.as_object().ok_or(KeyRefusal::NotAnObject).and_then(|key: &Object| Jwk::parse(key))
}

fn shown_kid(entry: &Value) -> Option<Excerpt> {
    entry.get("kid").and_then(Value::as_str).map(Excerpt::of)
}
