//! Secrets: values that do not print, do not compare by accident and are stored only as hashes or sealed.

use std::fmt;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::entropy::{Entropy, bytes};

/// A secret text: printed as `[secret]`, wiped when dropped, read only by [`Secret::expose`].
///
/// Equality is in constant time. It can be read from a configuration, but has no `Serialize`: only the store's
/// sealing code may turn one into something that is kept.
#[derive(Clone, Default, Deserialize)]
#[serde(from = "String")]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a secret text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself. Callers are the places to review: the wire answer that shows a secret to an
    /// authorised caller, the request to an identity provider, and sealing.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether nothing has been set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// A bearer token of 256 random bits, 43 base64url characters. Only its [`TokenHash`] is looked up.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Secret);

impl Token {
    /// Draws a new token.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let random = Zeroizing::new(bytes::<32>(entropy));
        Self(Secret::new(URL_SAFE_NO_PAD.encode(*random)))
    }

    /// Takes a token as somebody presented it. Anything is taken: a wrong one is simply not found.
    #[must_use]
    pub fn presented(text: &str) -> Self {
        Self(Secret::new(text))
    }

    /// The text to hand out.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What the store keeps and looks up.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(self.expose().as_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[token]")
    }
}

/// SHA-256 of a token, as 43 base64url characters. Random 256-bit tokens need no slow hash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenHash(String);

impl TokenHash {
    /// Hashes the bytes of a token.
    #[must_use]
    pub fn of(token: &[u8]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, token)))
    }

    /// A hash as it was read back from the store.
    #[must_use]
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The same in 64 hex digits, as `sha256sum` prints it: how an operator who holds the token finds it in a list.
    #[must_use]
    pub fn hex(&self) -> String {
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).unwrap_or_default();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The text form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// SHA-256 of a text, as base64url: what a challenge is made by (RFC 7636 section 4.2).
#[must_use]
pub fn sha256_base64url(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

/// Derives one value for one purpose from several secrets: base64url(SHA-256(purpose, secrets)), every
/// part preceded by its length so that no two inputs run together.
#[must_use]
pub fn derive(purpose: &str, secrets: &[&str]) -> String {
    URL_SAFE_NO_PAD.encode(derive_bytes::<{ digest::SHA256_OUTPUT_LEN }>(purpose, secrets))
}

/// The first bytes of the same value, at most 32.
#[must_use]
pub fn derive_bytes<const N: usize>(purpose: &str, secrets: &[&str]) -> [u8; N] {
    const { assert!(N <= digest::SHA256_OUTPUT_LEN) }
    let mut context = digest::Context::new(&digest::SHA256);
    for part in std::iter::once(&purpose).chain(secrets) {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    let mut bytes = [0; N];
    for (byte, derived) in bytes.iter_mut().zip(context.finish().as_ref()) {
        *byte = *derived;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_print() {
        assert_eq!(format!("{:?} {:?}", Secret::new("hunter2"), Token::presented("abc")), "[secret] [token]");
    }

    #[test]
    fn derivation_separates_its_parts() {
        assert_ne!(derive("p", &["ab", "c"]), derive("p", &["a", "bc"]));
        assert_ne!(derive("p", &["a"]), derive("q", &["a"]));
        let whole = URL_SAFE_NO_PAD.decode(derive("p", &["a"])).unwrap();
        assert_eq!(derive_bytes::<20>("p", &["a"]), whole[..20]);
    }
}
