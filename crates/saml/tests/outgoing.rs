//! What we send: requests by both bindings, and our metadata.
//!
//! Signatures are checked with the cryptography library directly, over octets that the test cuts out itself.
#![expect(clippy::unwrap_used, reason = "a helper that cannot do its part is a failed test")]

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vestibule_saml::UnixMillis;
use vestibule_saml::algorithm::LegacyPolicy;
use vestibule_saml::binding::{RelayState, post_value, redirect_url};
use vestibule_saml::c14n::{Method, canonical};
use vestibule_saml::dsig::signature_of;
use vestibule_saml::key::{Certificate, RsaPrivateKey, SigningKey, VerificationKeys};
use vestibule_saml::metadata::SpMetadata;
use vestibule_saml::request::AuthnRequest;
use vestibule_saml::sign::{MessageId, Signer};
use vestibule_saml::xml::{Document, Element, Limits, ns};

const DS: &str = " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";

static SIGNING: LazyLock<(SigningKey, Certificate)> = LazyLock::new(|| {
    let key = SigningKey::new(&RsaPrivateKey::generate().unwrap()).unwrap();
    let until = UnixMillis(2_000_000_000_000);
    let certificate = key.self_signed_certificate("sp.example", UnixMillis(0), until, [1; 16]).unwrap();
    (key, certificate)
});

fn signer() -> Signer<'static> {
    Signer { key: &SIGNING.0, certificate: &SIGNING.1 }
}

fn id() -> MessageId {
    MessageId::from_chance([0xa5; 20])
}

fn request(id: &MessageId) -> AuthnRequest<'_> {
    AuthnRequest {
        id,
        issue_instant: UnixMillis(1_767_225_600_987),
        issuer: "https://sp.example/saml?a=1&b=2",
        destination: "https://idp.example/sso",
        acs_url: "https://sp.example/acs",
        name_id_format: Some("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"),
        force_authn: false,
        is_passive: false,
    }
}

/// Whether the RSA-SHA256 signature over `message` is good under the signer's certificate.
fn is_signed(message: &[u8], signature: &str) -> bool {
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, SIGNING.1.public_key_der());
    key.verify(message, &STANDARD.decode(signature).unwrap()).is_ok()
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).unwrap().1.split_once(end).unwrap().0
}

/// Checks an enveloped signature as a reader would who knows that the document is canonical.
fn check_enveloped(document: &str, id: &str) {
    let (before, rest) = document.split_once("<ds:Signature ").unwrap();
    let (signature, after) = rest.split_once("</ds:Signature>").unwrap();
    assert!(!after.contains("<ds:Signature "));
    let digested = digest(&SHA256, [before, after].concat().as_bytes());
    assert_eq!(between(signature, "<ds:DigestValue>", "</ds:DigestValue>"), STANDARD.encode(digested));
    assert_eq!(between(signature, "<ds:Reference URI=\"#", "\""), id);
    let info = between(signature, "<ds:SignedInfo>", "</ds:SignedInfo>");
    let canonical = format!("<ds:SignedInfo{DS}>{info}</ds:SignedInfo>");
    assert!(is_signed(
        canonical.as_bytes(),
        between(signature, "<ds:SignatureValue>", "</ds:SignatureValue>")
    ));
    let certificate = between(signature, "<ds:X509Certificate>", "</ds:X509Certificate>");
    assert_eq!(Certificate::from_pem(certificate).unwrap(), SIGNING.1);
}

fn children(element: Element<'_>) -> Vec<&str> {
    element.elements().map(Element::local_name).collect()
}

#[test]
fn a_request_says_what_it_must_and_nothing_more() {
    let id = id();
    let xml = request(&id).to_xml();
    let document = Document::parse(xml.as_bytes(), &Limits::MESSAGE).unwrap();
    let root = document.root();
    assert!(root.is(ns::SAMLP, "AuthnRequest"));
    let attributes: Vec<_> =
        root.attributes().map(|attribute| (attribute.local_name, attribute.value)).collect();
    let expected = [
        ("AssertionConsumerServiceURL", "https://sp.example/acs"),
        ("Destination", "https://idp.example/sso"),
        ("ID", "_a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5"),
        ("IssueInstant", "2026-01-01T00:00:00Z"),
        ("ProtocolBinding", "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"),
        ("Version", "2.0"),
    ];
    assert_eq!(attributes, expected);
    assert_eq!(children(root), ["Issuer", "NameIDPolicy"]);
    let issuer = root.only_child(ns::SAML, "Issuer").unwrap().unwrap();
    assert_eq!(issuer.text().unwrap(), "https://sp.example/saml?a=1&b=2");
    let policy = root.only_child(ns::SAMLP, "NameIDPolicy").unwrap().unwrap();
    assert_eq!(policy.attribute("AllowCreate"), Some("true"));
    assert_eq!(policy.attribute("Format"), Some("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"));
    assert!(xml.starts_with("<samlp:AuthnRequest xmlns:samlp=") && xml.contains("<saml:Issuer xmlns:saml="));
}

#[test]
fn what_is_optional_is_written_only_when_it_is_set() {
    let id = id();
    for format in [None, Some("urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified")] {
        let xml = AuthnRequest { name_id_format: format, ..request(&id) }.to_xml();
        assert!(!xml.contains("NameIDPolicy"));
    }
    let xml = AuthnRequest { force_authn: true, is_passive: true, ..request(&id) }.to_xml();
    assert!(xml.contains(" ForceAuthn=\"true\" ID=") && xml.contains(" IsPassive=\"true\" IssueInstant="));
    assert!(!xml.contains("RequestedAuthnContext") && !xml.contains("ds:Signature"));
}

#[test]
fn a_posted_request_carries_its_signature_after_the_issuer() {
    let id = id();
    let xml = request(&id).to_signed_xml(signer()).unwrap();
    check_enveloped(&xml, id.as_str());
    let document = Document::parse(xml.as_bytes(), &Limits::MESSAGE).unwrap();
    assert_eq!(children(document.root()), ["Issuer", "Signature", "NameIDPolicy"]);
    assert_eq!(STANDARD.decode(post_value(&xml)).unwrap(), xml.as_bytes());
}

/// The parameters of a URL as a server takes them apart.
fn parameters(url: &str) -> Vec<(String, String)> {
    url::Url::parse(url).unwrap().query_pairs().map(|(name, value)| (name.into(), value.into())).collect()
}

#[test]
fn a_redirect_is_signed_over_the_octets_that_are_sent() {
    let id = id();
    let message = request(&id).to_xml();
    let relay_state = RelayState::new("a b+c/ü=&").unwrap();
    let url =
        redirect_url("https://idp.example/sso", &message, Some(&relay_state), Some(&SIGNING.0)).unwrap();
    let query = url.strip_prefix("https://idp.example/sso?").unwrap();
    assert!(query.is_ascii() && query.contains("&RelayState=a%20b%2Bc%2F%C3%BC%3D%26&SigAlg=http%3A%2F%2F"));
    let names: Vec<_> = query.split('&').map(|pair| pair.split_once('=').unwrap().0).collect();
    assert_eq!(names, ["SAMLRequest", "RelayState", "SigAlg", "Signature"]);
    let pairs = parameters(&url);
    assert_eq!(pairs[1].1, relay_state.as_str());
    assert_eq!(pairs[2].1, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256");
    let signed = query.split_once("&Signature=").unwrap().0;
    assert!(is_signed(signed.as_bytes(), &pairs[3].1));
    let deflated = STANDARD.decode(&pairs[0].1).unwrap();
    assert_eq!(miniz_oxide::inflate::decompress_to_vec(&deflated).unwrap(), message.as_bytes());
}

#[test]
fn parameters_of_the_provider_are_kept_and_not_signed() {
    for (endpoint, start) in [
        ("https://idp.example/sso?app=1", "https://idp.example/sso?app=1&SAMLRequest="),
        ("https://idp.example/sso?app=1&", "https://idp.example/sso?app=1&SAMLRequest="),
        ("https://idp.example/sso?", "https://idp.example/sso?SAMLRequest="),
        ("https://idp.example/sso#top", "https://idp.example/sso?SAMLRequest="),
        ("https://idp.example/sso?app=1#top", "https://idp.example/sso?app=1&SAMLRequest="),
    ] {
        let url = redirect_url(endpoint, "<a/>", None, Some(&SIGNING.0)).unwrap();
        assert!(url.starts_with(start), "{url}");
        let signed = url.rsplit_once("SAMLRequest=").unwrap().1.split_once("&Signature=").unwrap().0;
        let signature = &parameters(&url).pop().unwrap().1;
        assert!(is_signed(format!("SAMLRequest={signed}").as_bytes(), signature), "{url}");
    }
    let unsigned = redirect_url("https://idp.example/sso", "<a/>", None, None).unwrap();
    assert_eq!(parameters(&unsigned).len(), 1);
}

#[test]
fn a_relay_state_has_at_most_eighty_octets() {
    assert!(RelayState::new("").is_err());
    assert!(RelayState::new("a".repeat(80)).is_ok());
    assert!(RelayState::new("ü".repeat(41)).is_err());
}

fn metadata<'a>(certificates: &'a [Certificate], alternatives: &'a [&'a str]) -> SpMetadata<'a> {
    SpMetadata {
        entity_id: "https://sp.example/saml",
        acs_url: "https://sp.example/acs",
        alternative_acs_urls: alternatives,
        name_id_format: Some("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"),
        authn_requests_signed: true,
        want_assertions_signed: false,
        signing: certificates,
        encryption: certificates,
        valid_until: Some(UnixMillis(1_767_225_600_000)),
        cache_seconds: Some(86_400),
    }
}

#[test]
fn metadata_has_its_elements_in_the_order_of_the_schema() {
    let certificates = [SIGNING.1.clone(), SIGNING.1.clone()];
    let xml = metadata(&certificates, &["https://old.example/acs"]).to_xml();
    let document = Document::parse(xml.as_bytes(), &Limits::MESSAGE).unwrap();
    let root = document.root();
    assert!(root.is(ns::MD, "EntityDescriptor"));
    let attribute = |name| root.attribute(name);
    assert_eq!(attribute("entityID"), Some("https://sp.example/saml"));
    assert_eq!(attribute("validUntil"), Some("2026-01-01T00:00:00Z"));
    assert_eq!((attribute("cacheDuration"), attribute("ID")), (Some("PT86400S"), None));
    let role = root.only_child(ns::MD, "SPSSODescriptor").unwrap().unwrap();
    assert_eq!(role.attribute("AuthnRequestsSigned"), Some("true"));
    assert_eq!(role.attribute("WantAssertionsSigned"), Some("false"));
    assert_eq!(role.attribute("protocolSupportEnumeration"), Some(ns::SAMLP));
    let expected =
        [["KeyDescriptor"; 4].as_slice(), &["NameIDFormat"], &["AssertionConsumerService"; 2]].concat();
    assert_eq!(children(role), expected);
    let uses: Vec<_> = role.elements().filter_map(|element| element.attribute("use")).collect();
    assert_eq!(uses, ["signing", "signing", "encryption", "encryption"]);
    let consumers: Vec<_> =
        role.elements().filter(|element| element.is(ns::MD, "AssertionConsumerService")).collect();
    assert_eq!(
        (consumers[0].attribute("index"), consumers[0].attribute("isDefault")),
        (Some("0"), Some("true"))
    );
    assert_eq!((consumers[1].attribute("index"), consumers[1].attribute("isDefault")), (Some("1"), None));
    assert_eq!(consumers[1].attribute("Location"), Some("https://old.example/acs"));
}

#[test]
fn metadata_tells_how_to_encrypt_to_us() {
    let certificates = [SIGNING.1.clone()];
    let xml = metadata(&certificates, &[]).to_xml();
    let document = Document::parse(xml.as_bytes(), &Limits::MESSAGE).unwrap();
    let role = document.root().only_child(ns::MD, "SPSSODescriptor").unwrap().unwrap();
    let keys: Vec<_> = role.elements().filter(|element| element.is(ns::MD, "KeyDescriptor")).collect();
    assert_eq!(children(keys[0]), ["KeyInfo"]);
    let methods: Vec<_> =
        keys[1].elements().skip(1).filter_map(|method| method.attribute("Algorithm")).collect();
    let names: Vec<_> = methods.iter().filter_map(|uri| uri.split_once('#')).map(|(_, name)| name).collect();
    let content = ["aes256-gcm", "aes192-gcm", "aes128-gcm", "aes256-cbc", "aes192-cbc", "aes128-cbc"];
    assert_eq!(names[..6], content);
    assert_eq!(names[6..], ["rsa-oaep-mgf1p", "rsa-oaep"]);
    // Providers that validate refuse elements that XML-Enc 1.0 does not have.
    assert!(document.root().descendants().all(|element| element.namespace() != ns::XENC11));
    let encoded = keys[1].descendants().find(|element| element.is(ns::DS, "X509Certificate")).unwrap();
    assert_eq!(Certificate::from_pem(&encoded.text().unwrap()).unwrap(), SIGNING.1);
}

#[test]
fn metadata_may_be_signed() {
    let xml = metadata(&[], &[]).to_signed_xml(&id(), signer()).unwrap();
    check_enveloped(&xml, id().as_str());
    let document = Document::parse(xml.as_bytes(), &Limits::MESSAGE).unwrap();
    assert_eq!(children(document.root()), ["Signature", "SPSSODescriptor"]);
    assert_eq!(document.root().attribute("ID"), Some(id().as_str()));
}

#[test]
fn our_own_reader_finds_our_messages_canonical_and_signed() {
    let keys = VerificationKeys::new(SIGNING.1.clone(), Vec::new());
    let certificates = [SIGNING.1.clone()];
    let id = id();
    for (unsigned, signed) in [
        (request(&id).to_xml(), request(&id).to_signed_xml(signer()).unwrap()),
        (
            metadata(&certificates, &[]).to_xml(),
            metadata(&certificates, &[]).to_signed_xml(&id, signer()).unwrap(),
        ),
    ] {
        for xml in [&unsigned, &signed] {
            let document = Document::parse(xml.as_bytes(), &Limits::MESSAGE).unwrap();
            let canonical = canonical(document.root(), None, Method::EXCLUSIVE);
            assert_eq!(String::from_utf8(canonical).unwrap(), *xml);
        }
        let document = Document::parse(signed.as_bytes(), &Limits::MESSAGE).unwrap();
        let signature = signature_of(document.root()).unwrap().unwrap();
        assert!(signature.verify(&keys, &LegacyPolicy::NONE).unwrap().element().same(document.root()));
    }
}
