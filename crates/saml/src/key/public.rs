//! Public keys that check signatures, each parsed once for each algorithm it is used with.

use std::fmt;
use std::sync::OnceLock;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    VerificationAlgorithm,
};

use crate::algorithm::SignatureAlgorithm;

const ALGORITHMS: usize = SignatureAlgorithm::ALL.len();

/// The elliptic curves of XML-DSig 1.1 section 4.5.2.3 that are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// NIST P-256 (secp256r1).
    P256,
    /// NIST P-384 (secp384r1).
    P384,
    /// NIST P-521 (secp521r1).
    P521,
}

impl Curve {
    /// The curve's common name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }
}

/// What a public key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA, with the length of the modulus.
    Rsa {
        /// Bits of the modulus, 2048 to 8192.
        bits: usize,
    },
    /// A point on an elliptic curve.
    Ec(Curve),
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA of {bits} bits"),
            Self::Ec(curve) => write!(f, "EC {}", curve.name()),
        }
    }
}

/// A key of one kind and its parsed forms: the cryptography library binds a parsed key to one algorithm. The first use
/// of an algorithm parses, every later one is the bare primitive.
pub(super) struct PublicKey {
    kind: KeyKind,
    /// `RSAPublicKey` (RFC 8017 appendix A.1.1) or a point (SEC 1 section 2.3.3).
    encoded: Box<[u8]>,
    parsed: [OnceLock<ParsedPublicKey>; ALGORITHMS],
}

impl PublicKey {
    /// Takes the key, if the library can parse it.
    pub(super) fn new(kind: KeyKind, encoded: &[u8]) -> Option<Self> {
        let key = Self { kind, encoded: encoded.into(), parsed: [const { OnceLock::new() }; ALGORITHMS] };
        let usual = match kind {
            KeyKind::Rsa { .. } => SignatureAlgorithm::RsaSha256,
            KeyKind::Ec(Curve::P256) => SignatureAlgorithm::EcdsaSha256,
            KeyKind::Ec(Curve::P384) => SignatureAlgorithm::EcdsaSha384,
            KeyKind::Ec(Curve::P521) => SignatureAlgorithm::EcdsaSha512,
        };
        key.verifier(usual).is_some().then_some(key)
    }

    pub(super) fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The parsed key for `algorithm`, when the key is of its type and curve.
    pub(super) fn verifier(&self, algorithm: SignatureAlgorithm) -> Option<&ParsedPublicKey> {
        let parameters = parameters(algorithm, self.kind)?;
        let slot = self.parsed.get(algorithm as usize)?;
        if let Some(parsed) = slot.get() {
            return Some(parsed);
        }
        let parsed = ParsedPublicKey::new(parameters, &self.encoded).ok()?;
        Some(slot.get_or_init(|| parsed))
    }
}

/// How the library checks `algorithm`, when a key of `kind` fits it. Each ECDSA algorithm goes with the one curve whose
/// order is as long as its hash, and the signature is `r` and `s` at full length (XML-DSig 1.1 section 6.4.3).
fn parameters(algorithm: SignatureAlgorithm, kind: KeyKind) -> Option<&'static dyn VerificationAlgorithm> {
    use SignatureAlgorithm as A;
    let found: &'static dyn VerificationAlgorithm = match (algorithm, kind) {
        (A::RsaSha256, KeyKind::Rsa { .. }) => &RSA_PKCS1_2048_8192_SHA256,
        (A::RsaSha384, KeyKind::Rsa { .. }) => &RSA_PKCS1_2048_8192_SHA384,
        (A::RsaSha512, KeyKind::Rsa { .. }) => &RSA_PKCS1_2048_8192_SHA512,
        (A::RsaPssSha256, KeyKind::Rsa { .. }) => &RSA_PSS_2048_8192_SHA256,
        (A::RsaPssSha384, KeyKind::Rsa { .. }) => &RSA_PSS_2048_8192_SHA384,
        (A::RsaPssSha512, KeyKind::Rsa { .. }) => &RSA_PSS_2048_8192_SHA512,
        (A::RsaSha1, KeyKind::Rsa { .. }) => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (A::EcdsaSha256, KeyKind::Ec(Curve::P256)) => &ECDSA_P256_SHA256_FIXED,
        (A::EcdsaSha384, KeyKind::Ec(Curve::P384)) => &ECDSA_P384_SHA384_FIXED,
        (A::EcdsaSha512, KeyKind::Ec(Curve::P521)) => &ECDSA_P521_SHA512_FIXED,
        _ => return None,
    };
    Some(found)
}
