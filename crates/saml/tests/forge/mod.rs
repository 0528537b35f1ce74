//! Makes signed documents by writing canonical text in the first place, without anything of the crate's own reader,
//! canonicalisation or signatures.

use aws_lc_rs::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
    RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, SignatureAlgorithm};
use vestibule_saml::key::Certificate;

pub(crate) const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
pub(crate) const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
pub(crate) const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
pub(crate) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
pub(crate) const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
pub(crate) const SHA256_URI: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// A fresh key and its certificate.
pub(crate) struct Key {
    pair: KeyPair,
    pub(crate) certificate: Certificate,
}

impl Key {
    pub(crate) fn rsa() -> Self {
        Self::new(&PKCS_RSA_SHA256)
    }

    pub(crate) fn new(kind: &'static SignatureAlgorithm) -> Self {
        let pair = KeyPair::generate_for(kind).unwrap();
        let certificate = CertificateParams::default().self_signed(&pair).unwrap();
        Self { certificate: Certificate::from_der(certificate.der()).unwrap(), pair }
    }

    /// A signature as XML Signature writes it, base64.
    pub(crate) fn sign(&self, uri: &str, message: &[u8]) -> String {
        let pkcs8 = self.pair.serialize_der();
        let rsa = |encoding: &'static dyn RsaEncoding| {
            let pair = RsaKeyPair::from_pkcs8(&pkcs8).unwrap();
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(encoding, &SystemRandom::new(), message, &mut signature).unwrap();
            STANDARD.encode(signature)
        };
        let ecdsa = |algorithm: &'static EcdsaSigningAlgorithm| {
            let pair = EcdsaKeyPair::from_pkcs8(algorithm, &pkcs8).unwrap();
            STANDARD.encode(pair.sign(&SystemRandom::new(), message).unwrap().as_ref())
        };
        match uri.rsplit('#').next().unwrap() {
            "rsa-sha384" => rsa(&RSA_PKCS1_SHA384),
            "rsa-sha512" => rsa(&RSA_PKCS1_SHA512),
            "sha256-rsa-MGF1" => rsa(&RSA_PSS_SHA256),
            "sha384-rsa-MGF1" => rsa(&RSA_PSS_SHA384),
            "sha512-rsa-MGF1" => rsa(&RSA_PSS_SHA512),
            "ecdsa-sha256" => ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING),
            "ecdsa-sha384" => ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING),
            "ecdsa-sha512" => ecdsa(&ECDSA_P521_SHA512_FIXED_SIGNING),
            _ => rsa(&RSA_PKCS1_SHA256),
        }
    }
}

pub(crate) fn digested(algorithm: &'static Algorithm, octets: &str) -> String {
    STANDARD.encode(digest(algorithm, octets.as_bytes()))
}

fn algorithm_of(uri: &str) -> &'static Algorithm {
    match uri.rsplit(['#', '/']).next().unwrap() {
        "sha384" => &SHA384,
        "sha512" => &SHA512,
        "sha1" => &SHA1_FOR_LEGACY_USE_ONLY,
        _ => &SHA256,
    }
}

/// Everything that can be varied about a signature. The default is the usual one.
#[derive(Clone)]
pub(crate) struct Shape {
    pub(crate) signature_method: String,
    pub(crate) digest_method: String,
    pub(crate) uri: String,
    /// The children of `Transforms`.
    pub(crate) transforms: String,
    /// The `CanonicalizationMethod`.
    pub(crate) canonicalization: String,
    /// What comes after `SignatureValue`.
    pub(crate) after: String,
    /// Applied to `SignedInfo` before it is signed.
    pub(crate) edit: fn(&str) -> String,
    /// Applied to the signature afterwards.
    pub(crate) edit_signature: fn(&str) -> String,
}

pub(crate) fn transform(algorithm: &str) -> String {
    format!(r#"<ds:Transform Algorithm="{algorithm}"></ds:Transform>"#)
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            signature_method: RSA_SHA256.to_owned(),
            digest_method: SHA256_URI.to_owned(),
            uri: "#_1".to_owned(),
            transforms: transform(ENVELOPED) + &transform(EXCLUSIVE),
            canonicalization: format!(
                r#"<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"></ds:CanonicalizationMethod>"#
            ),
            after: String::new(),
            edit: str::to_owned,
            edit_signature: str::to_owned,
        }
    }
}

impl Shape {
    /// The `ds:Signature` over `canonical`.
    pub(crate) fn signature(&self, key: &Key, canonical: &str) -> String {
        let Self { signature_method, digest_method, uri, transforms, canonicalization, after, .. } = self;
        let digest = digested(algorithm_of(digest_method), canonical);
        let signed_info = (self.edit)(&format!(
            "<ds:SignedInfo xmlns:ds=\"{DS}\">{canonicalization}<ds:SignatureMethod Algorithm=\"{signature_method}\">\
             </ds:SignatureMethod><ds:Reference URI=\"{uri}\"><ds:Transforms>{transforms}</ds:Transforms>\
             <ds:DigestMethod Algorithm=\"{digest_method}\"></ds:DigestMethod><ds:DigestValue>{digest}\
             </ds:DigestValue></ds:Reference></ds:SignedInfo>"
        ));
        let value = key.sign(signature_method, signed_info.as_bytes());
        (self.edit_signature)(&format!(
            "<ds:Signature xmlns:ds=\"{DS}\">{signed_info}<ds:SignatureValue>{value}</ds:SignatureValue>{after}\
             </ds:Signature>"
        ))
    }

    /// `<r ID="_1">`, the signature, `<v>value</v>`.
    pub(crate) fn document(&self, key: &Key) -> String {
        let (open, close) = (r#"<r xmlns="urn:r" ID="_1">"#, "<v>value</v></r>");
        format!("{open}{}{close}", self.signature(key, &format!("{open}{close}")))
    }
}
