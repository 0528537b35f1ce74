//! Proof Key for Code Exchange (RFC 7636).

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::jose::b64;

/// How a challenge is made of a verifier (section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeMethod {
    /// It is the verifier's hash.
    S256,
    /// It is the verifier: for providers that can do nothing better.
    Plain,
}

impl ChallengeMethod {
    /// The registered name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::S256 => "S256",
            Self::Plain => "plain",
        }
    }

    /// Reads a registered name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::S256, Self::Plain].into_iter().find(|method| method.name() == name)
    }
}

/// A code verifier. It does not print, and is wiped when dropped.
#[derive(Clone)]
pub struct CodeVerifier(Zeroizing<String>);

impl CodeVerifier {
    /// Makes a verifier of 256 random bits.
    #[must_use]
    pub fn from_entropy(random: [u8; 32]) -> Self {
        Self(Zeroizing::new(b64::encode(&random)))
    }

    /// Takes a verifier that was stored: 43 to 128 unreserved characters (section 4.1), otherwise `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let fits = (43..=128).contains(&text.len()) && text.bytes().all(unreserved);
        fits.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The text, to store sealed or to send.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The S256 challenge.
    #[must_use]
    pub fn challenge(&self) -> String {
        challenge(&self.0)
    }

    /// The challenge that is made in this way.
    #[must_use]
    pub fn challenge_by(&self, method: ChallengeMethod) -> String {
        match method {
            ChallengeMethod::S256 => self.challenge(),
            ChallengeMethod::Plain => self.expose().to_owned(),
        }
    }
}

impl fmt::Debug for CodeVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeVerifier(..)")
    }
}

/// The S256 challenge of any verifier: base64url of its SHA-256.
#[must_use]
pub fn challenge(verifier: &str) -> String {
    b64::encode(digest(&SHA256, verifier.as_bytes()).as_ref())
}

/// Whether `verifier` is the one that `challenge` was made of, compared in constant time. For challenges that clients
/// gave to us.
#[must_use]
pub fn challenge_matches(verifier: &str, challenge_given: &str) -> bool {
    challenge(verifier).as_bytes().ct_eq(challenge_given.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_the_rfc() {
        assert_eq!(CodeVerifier::parse(VERIFIER).unwrap().challenge(), CHALLENGE);
        assert!(challenge_matches(VERIFIER, CHALLENGE));
        for wrong in ["", VERIFIER, &CHALLENGE[..42], &format!("{CHALLENGE}="), &CHALLENGE.to_lowercase()] {
            assert!(!challenge_matches(VERIFIER, wrong), "{wrong}");
        }
    }

    #[test]
    fn verifiers_have_the_length_and_the_characters_of_the_rfc() {
        assert!(CodeVerifier::parse(CodeVerifier::from_entropy([7; 32]).expose()).is_some());
        let right = "a".repeat(43);
        for wrong in
            ["a".repeat(42), "a".repeat(129), right.replacen('a', "+", 1), right.replacen('a', "é", 1)]
        {
            assert!(CodeVerifier::parse(&wrong).is_none(), "{wrong}");
        }
        assert_eq!(format!("{:?}", CodeVerifier::from_entropy([7; 32])), "CodeVerifier(..)");
    }
}
