//! What people paste where a certificate or a key belongs, and how it is refused.

use thiserror::Error;
use vestibule_refusal::{Excerpt, Refusal};

use super::armor::ArmorError;

/// Something that can be recognised and is not what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Found {
    /// A private key of any kind.
    #[error("a private key")]
    PrivateKey,
    /// A private key under a password.
    #[error("an encrypted private key")]
    EncryptedPrivateKey,
    /// A private key on an elliptic curve.
    #[error("an EC private key")]
    EcPrivateKey,
    /// A private key that is neither RSA nor on an elliptic curve.
    #[error("a private key of another type than RSA")]
    OtherPrivateKey,
    /// A public key without a certificate around it.
    #[error("a public key")]
    PublicKey,
    /// A certificate.
    #[error("a certificate")]
    Certificate,
    /// More than one certificate.
    #[error("several certificates")]
    SeveralCertificates,
    /// A PKCS#10 request that nobody has signed yet.
    #[error("a certificate signing request (CSR)")]
    CertificateRequest,
    /// A bundle.
    #[error("a PKCS#7 bundle")]
    Pkcs7,
    /// A revocation list.
    #[error("a certificate revocation list")]
    RevocationList,
    /// An XML document.
    #[error("an XML document")]
    Xml,
    /// A PEM block with a label of its own.
    #[error("a PEM block named \"{0}\"")]
    Block(Excerpt),
}

impl Found {
    /// What the label of a PEM block says; `None` for the label of a certificate.
    pub(super) fn from_label(label: &str) -> Option<Self> {
        Some(match label {
            "CERTIFICATE" | "X509 CERTIFICATE" => return None,
            "ENCRYPTED PRIVATE KEY" => Self::EncryptedPrivateKey,
            "EC PRIVATE KEY" | "EC PARAMETERS" => Self::EcPrivateKey,
            "DSA PRIVATE KEY" | "OPENSSH PRIVATE KEY" => Self::OtherPrivateKey,
            _ if label.ends_with("PRIVATE KEY") => Self::PrivateKey,
            "PUBLIC KEY" | "RSA PUBLIC KEY" => Self::PublicKey,
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Self::CertificateRequest,
            "PKCS7" | "CMS" => Self::Pkcs7,
            "X509 CRL" => Self::RevocationList,
            _ => Self::Block(Excerpt::of(label)),
        })
    }
}

/// Why a text or octets do not give a certificate whose key can verify signatures.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CertificateError {
    /// Nothing but white space.
    #[error("the certificate is empty")]
    Empty,
    /// More than 256 KiB.
    #[error("the text is longer than any set of certificates")]
    TooLong,
    /// Line breaks were written as `\n`, as inside a JSON string.
    #[error("the line breaks of the certificate are written as \\n; paste it with real line breaks")]
    EscapedLineBreaks,
    /// A `BEGIN` line without its `END` line.
    #[error("the PEM block \"{0}\" has no END line: the text was cut off")]
    Unclosed(Excerpt),
    /// A character that base64 does not have, or a wrong length.
    #[error("not base64 at line {line}")]
    NotBase64 {
        /// The line, counted from 1.
        line: usize,
    },
    /// Something else was pasted.
    #[error("expected an X.509 certificate, found {0}")]
    Found(Found),
    /// Not the DER of an X.509 certificate.
    #[error("the octets are not an X.509 certificate")]
    NotX509,
    /// Octets after the certificate.
    #[error("{octets} octets follow the certificate")]
    TrailingOctets {
        /// How many.
        octets: usize,
    },
    /// The key's type is not RSA or EC: DSA, Ed25519, RSASSA-PSS only, or another.
    #[error("the certificate holds a key of type {0}; RSA or EC (P-256, P-384, P-521) is needed")]
    KeyType(Excerpt),
    /// An RSA modulus outside 2048 to 8192 bits.
    #[error("the certificate holds an RSA key of {bits} bits; 2048 to 8192 are needed")]
    RsaBits {
        /// Bits of the modulus.
        bits: usize,
    },
    /// A curve that is not used for signatures in XML.
    #[error("the certificate holds an EC key on the curve {0}; P-256, P-384 or P-521 is needed")]
    Curve(Excerpt),
    /// The key is malformed.
    #[error("the certificate's public key cannot be used")]
    Key,
}

impl From<ArmorError> for CertificateError {
    fn from(error: ArmorError) -> Self {
        match error {
            ArmorError::Empty => Self::Empty,
            ArmorError::TooLong => Self::TooLong,
            ArmorError::EscapedLineBreaks => Self::EscapedLineBreaks,
            ArmorError::Unclosed(label) => Self::Unclosed(label),
            ArmorError::NotBase64 { line } => Self::NotBase64 { line },
        }
    }
}

impl Refusal for CertificateError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "certificate_empty",
            Self::TooLong => "certificate_too_long",
            Self::EscapedLineBreaks => "certificate_escaped_line_breaks",
            Self::Unclosed(_) => "certificate_cut_off",
            Self::NotBase64 { .. } => "certificate_not_base64",
            Self::Found(_) => "certificate_is_something_else",
            Self::NotX509 | Self::TrailingOctets { .. } => "certificate_not_x509",
            Self::KeyType(_) => "certificate_key_type",
            Self::RsaBits { .. } => "certificate_rsa_bits",
            Self::Curve(_) => "certificate_curve",
            Self::Key => "certificate_key",
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Found(found) => Some(found.to_string()),
            Self::KeyType(name) | Self::Curve(name) => Some(name.to_string()),
            Self::RsaBits { bits } => Some(format!("{bits} bits")),
            _ => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::KeyType(_) => Some("RSA or EC".to_owned()),
            Self::RsaBits { .. } => Some("2048 to 8192 bits".to_owned()),
            Self::Curve(_) => Some("P-256, P-384 or P-521".to_owned()),
            _ => Some("an X.509 certificate as PEM".to_owned()),
        }
    }
}
