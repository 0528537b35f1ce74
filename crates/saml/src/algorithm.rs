//! The algorithms there are, by the URIs that XML-DSig 1.1 section 6, RFC 9231 and XML-Enc 1.1 give them.
//!
//! HMAC, DSA and MD5 are not in the enums, so nothing can choose them. SHA-1 is in them because some identity
//! providers still have nothing else; [`LegacyPolicy`] must name it before anything accepts it.

use std::fmt;

use aws_lc_rs::digest::{self, Digest, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};

/// How a signature is made (XML-DSig 1.1 section 6.4, RFC 9231 section 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaSha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RsaSha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaSha512,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 octets.
    RsaPssSha256,
    /// RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 octets.
    RsaPssSha384,
    /// RSASSA-PSS with SHA-512, MGF1 with SHA-512 and a salt of 64 octets.
    RsaPssSha512,
    /// ECDSA over P-256 with SHA-256.
    EcdsaSha256,
    /// ECDSA over P-384 with SHA-384.
    EcdsaSha384,
    /// ECDSA over P-521 with SHA-512.
    EcdsaSha512,
    /// RSASSA-PKCS1-v1_5 with SHA-1. Legacy.
    RsaSha1,
}

impl SignatureAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 10] = [
        Self::RsaSha256,
        Self::RsaSha384,
        Self::RsaSha512,
        Self::RsaPssSha256,
        Self::RsaPssSha384,
        Self::RsaPssSha512,
        Self::EcdsaSha256,
        Self::EcdsaSha384,
        Self::EcdsaSha512,
        Self::RsaSha1,
    ];

    /// The identifier in `ds:SignatureMethod` and in the `SigAlg` parameter.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::RsaSha256 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            Self::RsaSha384 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
            Self::RsaSha512 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
            Self::RsaPssSha256 => "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
            Self::RsaPssSha384 => "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1",
            Self::RsaPssSha512 => "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1",
            Self::EcdsaSha256 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            Self::EcdsaSha384 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
            Self::EcdsaSha512 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
            Self::RsaSha1 => "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        }
    }

    /// The algorithm of an identifier, compared exactly; `None` for every other one, HMAC and DSA included.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.uri() == uri)
    }

    /// A name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsaSha256 => "RSA-SHA256",
            Self::RsaSha384 => "RSA-SHA384",
            Self::RsaSha512 => "RSA-SHA512",
            Self::RsaPssSha256 => "RSA-PSS-SHA256",
            Self::RsaPssSha384 => "RSA-PSS-SHA384",
            Self::RsaPssSha512 => "RSA-PSS-SHA512",
            Self::EcdsaSha256 => "ECDSA-SHA256",
            Self::EcdsaSha384 => "ECDSA-SHA384",
            Self::EcdsaSha512 => "ECDSA-SHA512",
            Self::RsaSha1 => "RSA-SHA1",
        }
    }

    /// Whether only a [`LegacyPolicy`] can allow it.
    #[must_use]
    pub const fn is_legacy(self) -> bool {
        matches!(self, Self::RsaSha1)
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How the octets of a reference are digested (XML-DSig 1.1 section 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DigestAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// SHA-1. Legacy in signatures; RSA-OAEP does not depend on its weakness.
    Sha1,
}

impl DigestAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 4] = [Self::Sha256, Self::Sha384, Self::Sha512, Self::Sha1];

    /// The identifier in `ds:DigestMethod`.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Sha256 => "http://www.w3.org/2001/04/xmlenc#sha256",
            Self::Sha384 => "http://www.w3.org/2001/04/xmldsig-more#sha384",
            Self::Sha512 => "http://www.w3.org/2001/04/xmlenc#sha512",
            Self::Sha1 => "http://www.w3.org/2000/09/xmldsig#sha1",
        }
    }

    /// The algorithm of an identifier, compared exactly.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.uri() == uri)
    }

    /// A name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Sha1 => "SHA-1",
        }
    }

    /// Whether only a [`LegacyPolicy`] can allow it in a signature.
    #[must_use]
    pub const fn is_legacy(self) -> bool {
        matches!(self, Self::Sha1)
    }

    /// The digest of `octets`.
    #[must_use]
    pub fn digest(self, octets: &[u8]) -> Digest {
        digest::digest(self.primitive(), octets)
    }

    /// The cryptography library's name for it, to digest piece by piece.
    pub(crate) fn primitive(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha256 => &SHA256,
            Self::Sha384 => &SHA384,
            Self::Sha512 => &SHA512,
            Self::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
        }
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a connection accepts beyond the algorithms that are considered safe today. The default is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LegacyPolicy {
    /// RSA-SHA1 signatures and SHA-1 reference digests.
    pub sha1: bool,
    /// Inclusive canonicalisation (Canonical XML 1.0) beside the exclusive one.
    pub inclusive_c14n: bool,
}

impl LegacyPolicy {
    /// Nothing legacy.
    pub const NONE: Self = Self { sha1: false, inclusive_c14n: false };

    /// Whether a signature made by `algorithm` may be looked at.
    #[must_use]
    pub const fn allows_signature(self, algorithm: SignatureAlgorithm) -> bool {
        self.sha1 || !algorithm.is_legacy()
    }

    /// Whether a reference digested by `algorithm` may be looked at.
    #[must_use]
    pub const fn allows_digest(self, algorithm: DigestAlgorithm) -> bool {
        self.sha1 || !algorithm.is_legacy()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_exact_and_what_is_unsafe_does_not_exist() {
        for algorithm in SignatureAlgorithm::ALL {
            assert_eq!(SignatureAlgorithm::from_uri(algorithm.uri()), Some(algorithm));
        }
        for algorithm in DigestAlgorithm::ALL {
            assert_eq!(DigestAlgorithm::from_uri(algorithm.uri()), Some(algorithm));
        }
        for uri in [
            "",
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
            "http://www.w3.org/2009/xmldsig11#dsa-sha256",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
            "http://www.w3.org/2001/04/xmldsig-more#RSA-SHA256",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256 ",
        ] {
            assert_eq!(SignatureAlgorithm::from_uri(uri), None, "{uri}");
        }
        assert_eq!(DigestAlgorithm::from_uri("http://www.w3.org/2001/04/xmldsig-more#md5"), None);
    }

    #[test]
    fn sha1_needs_the_policy_to_say_so() {
        let sha1 = LegacyPolicy { sha1: true, ..LegacyPolicy::NONE };
        assert_eq!(LegacyPolicy::default(), LegacyPolicy::NONE);
        for algorithm in SignatureAlgorithm::ALL {
            assert_eq!(
                LegacyPolicy::NONE.allows_signature(algorithm),
                algorithm != SignatureAlgorithm::RsaSha1
            );
            assert!(sha1.allows_signature(algorithm));
        }
        assert!(!LegacyPolicy::NONE.allows_digest(DigestAlgorithm::Sha1));
        assert!(sha1.allows_digest(DigestAlgorithm::Sha1));
        assert!(LegacyPolicy::NONE.allows_digest(DigestAlgorithm::Sha256));
    }

    #[test]
    fn digests_are_those_of_the_standard() {
        let hex =
            |digest: Digest| digest.as_ref().iter().map(|octet| format!("{octet:02x}")).collect::<String>();
        assert_eq!(hex(DigestAlgorithm::Sha1.digest(b"abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(DigestAlgorithm::Sha256.digest(b"abc")), sha256);
        assert!(hex(DigestAlgorithm::Sha384.digest(b"abc")).starts_with("cb00753f45a35e8bb5a03d699ac65007"));
        assert!(hex(DigestAlgorithm::Sha512.digest(b"abc")).starts_with("ddaf35a193617abacc417349ae204131"));
    }
}
