//! Whole messages, written as strings that are canonical by construction, so that the forger digests and signs what it
//! writes.
//!
//! Canonical means here: attributes in order, each namespace declared on the outermost elements that use it, no empty
//! element tags. Whatever a test changes keeps to that or does not reach a digest.

#![allow(dead_code, reason = "each test program uses another part")]
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

pub(crate) mod encrypt;

use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeyPair;
use vestibule_saml::UnixMillis;
use vestibule_saml::algorithm::LegacyPolicy;
use vestibule_saml::key::{DecryptionKeys, RsaPrivateKey, VerificationKeys};
use vestibule_saml::response::{
    AcceptedAssertion, Account, Exchange, Expectations, Expected, ResponseRefusal, judge,
};

use crate::forge::{DS, Key, RSA_SHA256, Shape};

/// 2026-02-28T12:00:00Z.
pub(crate) const NOW: UnixMillis = UnixMillis(1_772_280_000_000);
pub(crate) const IDP: &str = "https://idp.example/metadata";
pub(crate) const ACS: &str = "https://sp.example/acs";
pub(crate) const AUDIENCE: &str = "https://sp.example/sp";
pub(crate) const REQUEST: &str = "_request-1";

/// `{signature}` and `{assertion}` are where they go.
const RESPONSE: &str = concat!(
    r#"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" Destination="https://sp.example/acs""#,
    r#" ID="_response-1" InResponseTo="_request-1" IssueInstant="2026-02-28T11:59:58Z" Version="2.0">"#,
    r#"<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://idp.example/metadata</saml:Issuer>"#,
    r#"{signature}<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success">"#,
    "</samlp:StatusCode></samlp:Status>{assertion}</samlp:Response>",
);
const ASSERTION: &str = concat!(
    r#"<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_assertion-1""#,
    r#" IssueInstant="2026-02-28T11:59:57Z" Version="2.0"><saml:Issuer>https://idp.example/metadata</saml:Issuer>"#,
    r#"{signature}<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">"#,
    r#"ada@example.com</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">"#,
    r#"<saml:SubjectConfirmationData InResponseTo="_request-1" NotOnOrAfter="2026-02-28T12:05:00Z""#,
    r#" Recipient="https://sp.example/acs"></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject>"#,
    r#"<saml:Conditions NotBefore="2026-02-28T11:55:00Z" NotOnOrAfter="2026-02-28T12:06:00Z">"#,
    "<saml:AudienceRestriction><saml:Audience>https://sp.example/sp</saml:Audience></saml:AudienceRestriction>",
    r#"</saml:Conditions><saml:AuthnStatement AuthnInstant="2026-02-28T11:59:50Z" SessionIndex="session-1""#,
    r#" SessionNotOnOrAfter="2026-02-28T20:00:00Z"><saml:AuthnContext><saml:AuthnContextClassRef>"#,
    "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef>",
    "</saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>",
    r#"<saml:Attribute FriendlyName="E-mail" Name="mail"><saml:AttributeValue>ada@example.com</saml:AttributeValue>"#,
    r#"</saml:Attribute><saml:Attribute Name="groups"><saml:AttributeValue>engine</saml:AttributeValue>"#,
    "<saml:AttributeValue>notes</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>",
);

/// The provider.
pub(crate) static PROVIDER: LazyLock<Key> = LazyLock::new(Key::rsa);
/// Somebody else.
pub(crate) static STRANGER: LazyLock<Key> = LazyLock::new(Key::rsa);

/// What is signed.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Sign {
    Nothing,
    Response,
    Assertion,
    Both,
}

/// A good message, to be spoiled.
#[derive(Clone)]
pub(crate) struct Message {
    response: String,
    assertion: String,
    sign: Sign,
    encrypted: Option<encrypt::Content>,
    algorithm: &'static str,
    signer: &'static Key,
}

impl Message {
    /// A good answer to [`REQUEST`], of which this much is signed.
    pub(crate) fn signed(sign: Sign) -> Self {
        Self {
            response: RESPONSE.to_owned(),
            assertion: ASSERTION.to_owned(),
            sign,
            encrypted: None,
            algorithm: RSA_SHA256,
            signer: &PROVIDER,
        }
    }

    /// Changes the response around the assertion, before it is signed.
    pub(crate) fn response(mut self, old: &str, new: &str) -> Self {
        assert!(self.response.contains(old), "the response has no {old}");
        self.response = self.response.replace(old, new);
        self
    }

    /// Changes the assertion, before it is signed.
    pub(crate) fn assertion(mut self, old: &str, new: &str) -> Self {
        assert!(self.assertion.contains(old), "the assertion has no {old}");
        self.assertion = self.assertion.replace(old, new);
        self
    }

    /// Cuts the assertion from `start` up to and with `end`, before it is signed.
    pub(crate) fn without(self, start: &str, end: &str) -> Self {
        let from = self.assertion.find(start).unwrap();
        let to = self.assertion[from..].find(end).unwrap() + from + end.len();
        let cut = self.assertion[from..to].to_owned();
        self.assertion(&cut, "")
    }

    /// Puts something else where the assertion is.
    pub(crate) fn instead_of_assertion(mut self, text: &str) -> Self {
        text.clone_into(&mut self.assertion);
        self
    }

    /// The assertion without a signature.
    pub(crate) fn unsigned_assertion(&self) -> String {
        self.assertion.replace("{signature}", "")
    }

    /// Encrypts the assertion to [`encrypt::SERVICE`].
    pub(crate) fn encrypted(mut self, content: encrypt::Content) -> Self {
        self.encrypted = Some(content);
        self
    }

    pub(crate) fn by(mut self, signer: &'static Key) -> Self {
        self.signer = signer;
        self
    }

    pub(crate) fn algorithm(mut self, algorithm: &'static str) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// The XML.
    pub(crate) fn xml(&self) -> String {
        let inner = matches!(self.sign, Sign::Assertion | Sign::Both);
        let mut assertion = self.place(&self.assertion, inner, "_assertion-1");
        if let Some(content) = self.encrypted {
            assertion = encrypt::element(&assertion, content);
        }
        let response = self.response.replace("{assertion}", &assertion);
        self.place(&response, matches!(self.sign, Sign::Response | Sign::Both), "_response-1")
    }

    fn place(&self, text: &str, signed: bool, id: &str) -> String {
        let unsigned = text.replace("{signature}", "");
        if !signed {
            return unsigned;
        }
        let certificate = self.signer.certificate.base64();
        let shape = Shape {
            uri: format!("#{id}"),
            signature_method: self.algorithm.to_owned(),
            after: format!(
                "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data>\
                 </ds:KeyInfo>"
            ),
            // Inside the Signature the declaration is one too many for a digest of what is around it.
            edit_signature: |signature| {
                signature.replace(&format!("<ds:SignedInfo xmlns:ds=\"{DS}\">"), "<ds:SignedInfo>")
            },
            ..Shape::default()
        };
        text.replace("{signature}", &shape.signature(self.signer, &unsigned))
    }
}

/// The provider's keys.
pub(crate) static KEYS: LazyLock<VerificationKeys> =
    LazyLock::new(|| VerificationKeys::new(PROVIDER.certificate.clone(), Vec::new()));
static NO_DECRYPTION: DecryptionKeys = DecryptionKeys::none();

/// The expectations that [`Message::signed`] meets, without a decryption key.
pub(crate) fn expectations() -> Expectations<'static> {
    Expectations {
        idp_entity_id: Expected::exactly(IDP).unwrap(),
        keys: &KEYS,
        acs_urls: Expected::exactly(ACS).unwrap(),
        audiences: Expected::exactly(AUDIENCE).unwrap(),
        exchange: Exchange::Solicited { request_id: Expected::exactly(REQUEST).unwrap() },
        decryption: &NO_DECRYPTION,
        legacy: LegacyPolicy::default(),
        skew_millis: 60_000,
    }
}

/// [`expectations`] with the key of [`encrypt::SERVICE`].
pub(crate) fn decrypting() -> Expectations<'static> {
    Expectations { decryption: &encrypt::KEYS, ..expectations() }
}

/// Judges with an account of all checks, and without: both must come to the same end.
pub(crate) fn judged(
    xml: &str,
    expectations: &Expectations<'_>,
) -> (Result<AcceptedAssertion, ResponseRefusal>, Account) {
    let mut account = Account::default();
    let heard = judge(xml.as_bytes(), expectations, NOW, &mut account);
    let unheard = judge(xml.as_bytes(), expectations, NOW, &mut ());
    assert_eq!(heard.as_ref().err(), unheard.as_ref().err());
    (heard, account)
}

/// A private key as the service reads it.
pub(crate) fn private_key(pair: &KeyPair) -> RsaPrivateKey {
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    RsaPrivateKey::from_der(der.as_ref()).unwrap()
}
