//! X.509 certificates (RFC 5280), as carriers of public keys.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vestibule_refusal::Excerpt;
use x509_parser::certificate::X509Certificate;
use x509_parser::der_parser::Oid;
use x509_parser::oid_registry::{
    OID_EC_P256, OID_KEY_TYPE_DSA, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P384, OID_NIST_EC_P521,
    OID_PKCS1_RSAENCRYPTION, OID_PKCS1_RSASSAPSS, OID_SIG_ED448, OID_SIG_ED25519,
};
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey as X509PublicKey;
use x509_parser::time::ASN1Time;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::armor::{self, Block};
use super::certificate_error::{CertificateError, Found};
use super::der;
use super::public::{Curve, KeyKind, PublicKey};
use crate::algorithm::DigestAlgorithm;
use crate::time::UnixMillis;

const RSA_LEAST_BITS: usize = 2048;
const RSA_MOST_BITS: usize = 8192;

/// One X.509 certificate whose key can verify signatures: RSA of 2048 to 8192 bits or EC on P-256, P-384 or P-521.
///
/// Nothing about it is judged except that the key is usable: not its dates, not its issuer, not its own signature. A
/// clone shares everything, the parsed key included.
#[derive(Clone)]
pub struct Certificate(Arc<Parsed>);

struct Parsed {
    der: Box<[u8]>,
    subject: String,
    issuer: String,
    not_before: UnixMillis,
    not_after: UnixMillis,
    fingerprint: [u8; 32],
    spki: Box<[u8]>,
    key: PublicKey,
    is_authority: bool,
}

impl Certificate {
    /// Reads one certificate in DER.
    ///
    /// # Errors
    /// [`CertificateError`] when it is anything else, is followed by anything, or its key is of no use.
    pub fn from_der(octets: &[u8]) -> Result<Self, CertificateError> {
        match Self::first_in_der(octets)? {
            (certificate, []) => Ok(certificate),
            (_, rest) => Err(CertificateError::TrailingOctets { octets: rest.len() }),
        }
    }

    /// The certificate that `octets` begin with, and what follows it.
    fn first_in_der(octets: &[u8]) -> Result<(Self, &[u8]), CertificateError> {
        let (rest, certificate) = X509Certificate::from_der(octets).map_err(|_| not_x509(octets))?;
        let own = octets.get(..octets.len() - rest.len()).unwrap_or_default();
        let key = public_key(certificate.public_key())?;
        let fingerprint = DigestAlgorithm::Sha256.digest(own);
        let constraints = certificate.basic_constraints().ok().flatten();
        let parsed = Parsed {
            der: own.into(),
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            not_before: unix_millis(certificate.validity().not_before),
            not_after: unix_millis(certificate.validity().not_after),
            fingerprint: fingerprint.as_ref().try_into().map_err(|_| CertificateError::Key)?,
            spki: certificate.public_key().raw.into(),
            key,
            is_authority: constraints.is_some_and(|extension| extension.value.ca),
        };
        Ok((Self(Arc::new(parsed)), rest))
    }

    /// The first certificate in what somebody pasted or sent. Nothing else in it is read.
    pub(crate) fn first_in(text: &str) -> Option<Self> {
        const MOST_CHARS: usize = 16 * 1024;
        let text = text.get(..text.len().min(MOST_CHARS))?;
        let block = armor::blocks(text).ok()?.into_iter().next()?;
        Self::first_in_der(&block.decode().ok()?).ok().map(|(certificate, _)| certificate)
    }

    /// Reads one certificate from PEM or from the bare base64 of its DER.
    ///
    /// # Errors
    /// [`CertificateError`]; also when there are several.
    pub fn from_pem(text: &str) -> Result<Self, CertificateError> {
        let mut certificates = certificates_from_pem(text)?.into_iter();
        let only = certificates.next().ok_or(CertificateError::Empty)?;
        if certificates.next().is_some() {
            return Err(CertificateError::Found(Found::SeveralCertificates));
        }
        Ok(only)
    }

    /// The certificate in DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// The base64 of the DER without line breaks, as `ds:X509Certificate` holds it.
    #[must_use]
    pub fn base64(&self) -> String {
        STANDARD.encode(&self.0.der)
    }

    /// The certificate in PEM (RFC 7468), with a line break at the end.
    #[must_use]
    pub fn pem(&self) -> String {
        armor::pem("CERTIFICATE", &self.0.der).to_string()
    }

    /// The subject's name, most significant part first as the certificate has it. Foreign text.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The issuer's name. Foreign text.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The beginning of its validity, for people to know.
    #[must_use]
    pub fn not_before(&self) -> UnixMillis {
        self.0.not_before
    }

    /// The end of its validity, for people to know.
    #[must_use]
    pub fn not_after(&self) -> UnixMillis {
        self.0.not_after
    }

    /// SHA-256 of the DER.
    #[must_use]
    pub fn fingerprint_sha256(&self) -> [u8; 32] {
        self.0.fingerprint
    }

    /// The `SubjectPublicKeyInfo` in DER (RFC 5280 section 4.1.2.7).
    #[must_use]
    pub fn public_key_der(&self) -> &[u8] {
        &self.0.spki
    }

    /// SHA-256 of [`Certificate::public_key_der`]: certificates of one key have one.
    #[must_use]
    pub fn public_key_sha256(&self) -> [u8; 32] {
        let digest = DigestAlgorithm::Sha256.digest(self.public_key_der());
        digest.as_ref().try_into().unwrap_or_default()
    }

    /// What the key is.
    #[must_use]
    pub fn key_kind(&self) -> KeyKind {
        self.0.key.kind()
    }

    /// Whether it says of itself that its key certifies others (RFC 5280 section 4.2.1.9).
    #[must_use]
    pub fn is_authority(&self) -> bool {
        self.0.is_authority
    }

    pub(super) fn public_key(&self) -> &PublicKey {
        &self.0.key
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.0.subject)
            .field("not_after", &self.0.not_after)
            .field("key", &self.0.key.kind())
            .finish_non_exhaustive()
    }
}

/// Reads certificates from PEM, one or several in a row with anything between them, or from the bare base64 of DER. There
/// is at least one. Certificates that were glued together without anything between them are taken apart, and base64 of PEM
/// or of base64 is unwrapped once.
///
/// # Errors
/// [`CertificateError`], which names what was found instead.
pub fn certificates_from_pem(text: &str) -> Result<Vec<Certificate>, CertificateError> {
    if text.trim_start().starts_with('<') {
        return Err(CertificateError::Found(Found::Xml));
    }
    in_text(text, Wrapped::Perhaps)
}

/// Whether octets may be a text with certificates in it.
#[derive(Clone, Copy, PartialEq)]
enum Wrapped {
    Perhaps,
    No,
}

fn in_text(text: &str, wrapped: Wrapped) -> Result<Vec<Certificate>, CertificateError> {
    let mut found = Vec::new();
    for block in armor::blocks(text)? {
        found.extend(in_block(&block, wrapped)?);
    }
    Ok(found)
}

fn in_block(block: &Block<'_>, wrapped: Wrapped) -> Result<Vec<Certificate>, CertificateError> {
    if !block.label.is_empty()
        && let Some(found) = Found::from_label(block.label)
    {
        return Err(CertificateError::Found(found));
    }
    let octets = block.decode_pieces()?;
    if wrapped == Wrapped::Perhaps
        && let Some(text) = armoured(&octets)
    {
        return in_text(text, Wrapped::No);
    }
    let mut found = Vec::new();
    let mut rest = octets.as_slice();
    loop {
        let (certificate, after) = Certificate::first_in_der(rest)?;
        found.push(certificate);
        match after {
            [] => return Ok(found),
            [SEQUENCE, ..] => rest = after,
            _ => return Err(CertificateError::TrailingOctets { octets: after.len() }),
        }
    }
}

/// The first octet of every certificate (X.690 section 8.9).
const SEQUENCE: u8 = 0x30;

/// The text that octets are, when they begin like PEM or like the base64 of DER.
fn armoured(octets: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(octets).ok()?.trim_start();
    (text.starts_with("-----BEGIN ") || text.starts_with("MI")).then_some(text)
}

/// What octets are that are not a certificate, by the shape of their DER.
fn not_x509(octets: &[u8]) -> CertificateError {
    match der::recognise(octets) {
        None | Some(Found::Certificate) => CertificateError::NotX509,
        Some(found) => CertificateError::Found(found),
    }
}

fn unix_millis(time: ASN1Time) -> UnixMillis {
    UnixMillis(time.timestamp().saturating_mul(1000))
}

fn public_key(info: &SubjectPublicKeyInfo<'_>) -> Result<PublicKey, CertificateError> {
    let oid = &info.algorithm.algorithm;
    let kind = match info.parsed() {
        Ok(X509PublicKey::RSA(rsa)) if *oid == OID_PKCS1_RSAENCRYPTION => rsa_kind(rsa.modulus)?,
        Ok(X509PublicKey::EC(_)) if *oid == OID_KEY_TYPE_EC_PUBLIC_KEY => KeyKind::Ec(curve(info)?),
        Ok(_) => return Err(CertificateError::KeyType(Excerpt::of(&key_type(oid)))),
        Err(_) => return Err(CertificateError::Key),
    };
    PublicKey::new(kind, info.subject_public_key.data.as_ref()).ok_or(CertificateError::Key)
}

fn rsa_kind(modulus: &[u8]) -> Result<KeyKind, CertificateError> {
    let bits = der::bits(modulus);
    if (RSA_LEAST_BITS..=RSA_MOST_BITS).contains(&bits) {
        return Ok(KeyKind::Rsa { bits });
    }
    Err(CertificateError::RsaBits { bits })
}

fn curve(info: &SubjectPublicKeyInfo<'_>) -> Result<Curve, CertificateError> {
    let named = info.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
    let Some(oid) = named else { return Err(CertificateError::Curve(Excerpt::of("given by its equation"))) };
    [(OID_EC_P256, Curve::P256), (OID_NIST_EC_P384, Curve::P384), (OID_NIST_EC_P521, Curve::P521)]
        .into_iter()
        .find(|(known, _)| *known == oid)
        .map(|(_, curve)| curve)
        .ok_or_else(|| CertificateError::Curve(Excerpt::of(&oid.to_id_string())))
}

fn key_type(oid: &Oid<'_>) -> String {
    let known = [
        (OID_KEY_TYPE_DSA, "DSA"),
        (OID_SIG_ED25519, "Ed25519"),
        (OID_SIG_ED448, "Ed448"),
        (OID_PKCS1_RSASSAPSS, "RSASSA-PSS"),
    ];
    let name = known.into_iter().find(|(known, _)| known == oid).map(|(_, name)| name.to_owned());
    name.unwrap_or_else(|| oid.to_id_string())
}
