//! A response as large identity providers send it, made without anything of the verifier: the text is in canonical form
//! because it was written that way, and the signatures and ciphertexts come from the cryptography library alone.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::{self, SystemRandom};
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, KeyPair};

use super::mixed;
use crate::Result;

pub(super) const ISSUER: &str = "https://idp.example.com/saml2/idp/metadata";
pub(super) const ACS: &str = "https://sso.example.com/v1/b2b/sso/callback/saml-connection-live-3f1c";
pub(super) const AUDIENCE: &str = ACS;
pub(super) const REQUEST: &str = "_5d8f1c0e9b7a4f63a2d1";
/// 2026-01-01T12:00:00Z, a minute after the response was made.
pub(super) const NOW: i64 = 1_767_268_860_000;
const ISSUED: &str = "2026-01-01T12:00:00.000Z";
const EXPIRES: &str = "2026-01-01T12:10:00.000Z";
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const EC: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";

/// The provider's key and certificate, and the key that assertions are encrypted to.
pub(super) struct Provider {
    pair: RsaKeyPair,
    pub(super) certificate: Vec<u8>,
    /// PKCS#8.
    pub(super) decryption_key: Vec<u8>,
    encryption: OaepPublicEncryptingKey,
}

/// An encrypted response, and what a private operation alone is measured with.
pub(super) struct Encrypted {
    pub(super) response: String,
    pub(super) wrapped_key: Vec<u8>,
}

/// How the content's key is encrypted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    /// SHA-256 for label and mask.
    OneDigest,
    /// SHA-256, and SHA-1 for the mask.
    TwoDigests,
}

impl Transport {
    const fn mask(self) -> &'static str {
        match self {
            Self::OneDigest => "mgf1sha256",
            Self::TwoDigests => "mgf1sha1",
        }
    }
}

impl Provider {
    pub(super) fn new() -> Result<Self> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048)?;
        let pkcs8 = pair.as_der()?;
        let named = KeyPair::try_from(pkcs8.as_ref())?;
        let certificate = CertificateParams::default().self_signed(&named)?.der().to_vec();
        let decryption = PrivateDecryptingKey::generate(KeySize::Rsa2048)?;
        let decryption_key: Pkcs8V1Der<'_> = decryption.as_der()?;
        Ok(Self {
            pair,
            certificate,
            decryption_key: decryption_key.as_ref().to_vec(),
            encryption: OaepPublicEncryptingKey::new(PublicEncryptingKey::clone(&decryption.public_key()))?,
        })
    }

    /// Somebody else who encrypts to the same key.
    pub(super) fn imposter(&self) -> Result<Self> {
        let public = PrivateDecryptingKey::from_pkcs8(&self.decryption_key)?.public_key();
        let encryption = OaepPublicEncryptingKey::new(public)?;
        Ok(Self { decryption_key: self.decryption_key.clone(), encryption, ..Self::new()? })
    }

    /// A response of about `size` bytes whose one signature covers all of it.
    pub(super) fn signed_response(&self, size: usize) -> Result<String> {
        let mut groups = 0;
        loop {
            let (open, close) = response(&assertion(groups, "").concat());
            let whole = format!("{open}{}{close}", self.signature("_r", &format!("{open}{close}"))?);
            if whole.len() >= size {
                return Ok(whole);
            }
            groups += 1;
        }
    }

    /// A signed response with `filling` in the assertion's `Advice`, whose canonical form is `canonical`.
    pub(super) fn response_around(&self, filling: &str, canonical: &str) -> Result<String> {
        let around = |inside: &str| {
            let advice = format!("<saml:Advice>{inside}</saml:Advice><saml:AuthnStatement ");
            response(&assertion(1, "").concat().replacen("<saml:AuthnStatement ", &advice, 1))
        };
        let (open, signed) = around(canonical);
        let signature = self.signature("_r", &format!("{open}{signed}"))?;
        Ok(format!("{open}{signature}{}", around(filling).1))
    }

    /// A response of about the size of [`Provider::signed_response`] whose assertion is signed and encrypted.
    pub(super) fn encrypted_response(&self, groups: usize) -> Result<Encrypted> {
        self.encrypted(groups, Transport::OneDigest)
    }

    /// The same under a transport.
    pub(super) fn encrypted(&self, groups: usize, transport: Transport) -> Result<Encrypted> {
        let unsigned = assertion(groups, "").concat();
        let signed = assertion(groups, &self.signature("_a", &unsigned)?).concat();
        let mut key = [0; 32];
        rand::fill(&mut key)?;
        let mut content = signed.into_bytes();
        let nonce = [7; 12];
        let sealing = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key)?);
        sealing.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut content)?;
        let wrapped_key = self.wrapped(&key, transport)?;
        let (wrapped, content) =
            (STANDARD.encode(&wrapped_key), STANDARD.encode([&nonce, content.as_slice()].concat()));
        let mask = transport.mask();
        let encrypted = format!(
            r#"<saml:EncryptedAssertion xmlns:saml="{SAML}"><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/><ds:KeyInfo xmlns:ds="{DS}"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#rsa-oaep"><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><xenc11:MGF xmlns:xenc11="http://www.w3.org/2009/xmlenc11#" Algorithm="http://www.w3.org/2009/xmlenc11#{mask}"/></xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>{wrapped}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{content}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>"#
        );
        let (open, close) = response(&encrypted);
        Ok(Encrypted { response: format!("{open}{close}"), wrapped_key })
    }

    fn wrapped(&self, key: &[u8], transport: Transport) -> Result<Vec<u8>> {
        match transport {
            Transport::OneDigest => {
                let mut wrapped = vec![0; self.encryption.ciphertext_size()];
                self.encryption.encrypt(&OAEP_SHA256_MGF1SHA256, key, &mut wrapped, None)?;
                Ok(wrapped)
            }
            Transport::TwoDigests => {
                let pair = RsaKeyPair::from_pkcs8(&self.decryption_key)?;
                mixed::wrapped(pair.public_key().modulus().big_endian_without_leading_zero(), key)
            }
        }
    }

    fn signature(&self, id: &str, content: &str) -> Result<String> {
        let digest = STANDARD.encode(digest(&SHA256, content.as_bytes()));
        let info = format!(
            r##"<ds:SignedInfo xmlns:ds="{DS}"><ds:CanonicalizationMethod Algorithm="{EC}"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod><ds:Reference URI="#{id}"><ds:Transforms><ds:Transform Algorithm="{DS}enveloped-signature"></ds:Transform><ds:Transform Algorithm="{EC}"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod><ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"##
        );
        let mut value = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), info.as_bytes(), &mut value)?;
        // Providers declare the prefix once, on the signature; the canonical form of SignedInfo is the same.
        let info = info.replacen(&format!(r#" xmlns:ds="{DS}""#), "", 1);
        let (value, certificate) = (STANDARD.encode(value), STANDARD.encode(&self.certificate));
        Ok(format!(
            r#"<ds:Signature xmlns:ds="{DS}">{info}<ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"#
        ))
    }
}

/// A response around `payload`, in two parts with the place of its signature between them.
fn response(payload: &str) -> (String, String) {
    let open = format!(
        r#"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" Destination="{ACS}" ID="_r" InResponseTo="{REQUEST}" IssueInstant="{ISSUED}" Version="2.0"><saml:Issuer xmlns:saml="{SAML}">{ISSUER}</saml:Issuer>"#
    );
    let close = format!(
        r#"<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"></samlp:StatusCode></samlp:Status>{payload}</samlp:Response>"#
    );
    (open, close)
}

/// An assertion with a few attributes and this many groups, around its signature.
fn assertion(groups: usize, signature: &str) -> [String; 3] {
    let open = format!(
        r#"<saml:Assertion xmlns:saml="{SAML}" ID="_a" IssueInstant="{ISSUED}" Version="2.0"><saml:Issuer>{ISSUER}</saml:Issuer>"#
    );
    let subject = format!(
        r#"<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">mary.miller@customer.example.com</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData InResponseTo="{REQUEST}" NotOnOrAfter="{EXPIRES}" Recipient="{ACS}"></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{ISSUED}" NotOnOrAfter="{EXPIRES}"><saml:AudienceRestriction><saml:Audience>{AUDIENCE}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{ISSUED}" SessionIndex="_s1"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"#
    );
    let single = [
        (
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
            "mary.miller@customer.example.com",
        ),
        ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", "Mary"),
        ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", "Miller"),
    ];
    let single: String = single.map(|(name, value)| attribute(name, &attribute_value(value))).concat();
    let groups: String =
        (0..groups).map(|group| attribute_value(&format!("engineering-team-{group}"))).collect();
    let groups = attribute("groups", &groups);
    let close = format!(
        "{subject}<saml:AttributeStatement>{single}{groups}</saml:AttributeStatement></saml:Assertion>"
    );
    [open, signature.to_owned(), close]
}

fn attribute(name: &str, values: &str) -> String {
    format!(
        r#"<saml:Attribute Name="{name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri">{values}</saml:Attribute>"#
    )
}

fn attribute_value(value: &str) -> String {
    format!(
        r#"<saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">{value}</saml:AttributeValue>"#
    )
}
