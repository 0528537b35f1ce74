//! A case for each refusal.

use vestibule_saml::metadata::{MetadataRefusal, read};
use vestibule_saml::{Refusal as _, UnixMillis};

use super::{POST, SAML2, entity, group, key, least, role, service, small};
use crate::FIRST;

/// Makes a list of all variants, which does not compile when one is missing.
macro_rules! variants {
    ($($name:ident)*) => {
        const VARIANTS: &[&str] = &[$(stringify!($name)),*];
        fn variant(refusal: &MetadataRefusal) -> &'static str {
            match refusal { $(MetadataRefusal::$name { .. } => stringify!($name)),* }
        }
    };
}

variants! {
    Empty WebPage Json Certificate NotXml Xml NotMetadata ServiceProvider NoIdentityProvider OtherProtocol
    SeveralProviders UnknownEntity DescribedTwice NoEntityId NoSingleSignOnService NoSigningCertificate Expired
}

struct Case {
    variant: &'static str,
    document: Vec<u8>,
    choose: Option<&'static str>,
    says: &'static str,
}

fn case(variant: &'static str, document: impl Into<Vec<u8>>, says: &'static str) -> Case {
    Case { variant, document: document.into(), choose: None, says }
}

fn sp() -> String {
    let role = format!("<md:SPSSODescriptor protocolSupportEnumeration=\"{SAML2}\"/>");
    entity("entityID=\"https://sp.example\"", &role)
}

fn cases() -> Vec<Case> {
    let several = group("", &(small("https://a.example") + &small("https://b.example")));
    let nested = (0..10).fold(small("a"), |inner, _| group("", &inner));
    let no_service = entity("entityID=\"a\"", &role(&key("use=\"signing\"", &FIRST)));
    let no_key = entity("entityID=\"a\"", &role(&service(POST, "https://idp.example/post")));
    let encryption_only = entity(
        "entityID=\"a\"",
        &role(&(key("use=\"encryption\"", &FIRST) + &service(POST, "https://idp.example/p"))),
    );
    let bad_key = entity(
        "entityID=\"a\"",
        &role(
            &(key("use=\"signing\"", &FIRST).replace("MII", "MIJ") + &service(POST, "https://idp.example/p")),
        ),
    );
    let old = small("a").replace(SAML2, "urn:oasis:names:tc:SAML:1.1:protocol");
    let utf16: Vec<u8> = "\u{feff}<a/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let choosing = |choose, case: Case| Case { choose: Some(choose), ..case };
    vec![
        case("Empty", "", "empty"),
        case("Empty", "\u{feff} \n", "empty"),
        case("WebPage", "<!DOCTYPE html><html></html>", "login page"),
        case("WebPage", "\n<!-- page -->\n<HTML lang=en><br></HTML>", "login page"),
        case(
            "WebPage",
            "<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"/>",
            "login page",
        ),
        case("Json", "{\"issuer\": \"https://idp.example\"}", "OpenID Connect"),
        case("Certificate", FIRST.certificate.pem(), "certificate"),
        case("Certificate", FIRST.certificate.base64(), "certificate"),
        case("NotXml", "https://idp.example/metadata", "not XML"),
        case("Xml", "<md:EntityDescriptor", "line 1"),
        case("Xml", "<!DOCTYPE x><a/>", "DOCTYPE"),
        case("NotMetadata", utf16, "a in the namespace"),
        case("Xml", b"\xff\xfe\0\0<\0\0\0".to_vec(), "byte order mark of UTF-32"),
        case("Xml", b"\x1f\x8b\x08\0\xff".to_vec(), "compressed by gzip"),
        case(
            "Xml",
            "<a><?xml version=\"1.0\"?></a>",
            "the XML declaration does not stand at the very beginning",
        ),
        case("NotMetadata", "<a xmlns=\"urn:x\"/>", "a in the namespace \"urn:x\""),
        case("NotMetadata", "<EntityDescriptor/>", "namespace \"\""),
        case("NotMetadata", nested, "inside itself"),
        case("ServiceProvider", sp(), "service provider (https://sp.example)"),
        case("NoIdentityProvider", entity("entityID=\"a\"", ""), "IDPSSODescriptor"),
        case("NoIdentityProvider", group("", &(sp() + &sp())), "IDPSSODescriptor"),
        case("NoIdentityProvider", group("", ""), "IDPSSODescriptor"),
        case("OtherProtocol", old, "urn:oasis:names:tc:SAML:1.1:protocol"),
        case("SeveralProviders", several.clone(), "https://a.example, https://b.example"),
        choosing(
            "https://c.example",
            case("UnknownEntity", several.clone(), "https://a.example, https://b.example"),
        ),
        choosing(
            "https://b.example",
            case("UnknownEntity", small("https://a.example"), "but: https://a.example"),
        ),
        choosing("a", case("DescribedTwice", group("", &(small("a") + &small("a"))), "a is described twice")),
        choosing(
            "https://sp.example",
            case("ServiceProvider", group("", &(sp() + &small("a"))), "sp.example"),
        ),
        case("NoEntityId", entity("", &role(&least())), "entityID"),
        case("NoEntityId", entity("entityID=\"\"", &role(&least())), "entityID"),
        case("NoSingleSignOnService", no_service, "HTTP-Redirect or HTTP-POST"),
        case("NoSingleSignOnService", small("a").replace("https://idp.example/sso", " "), "HTTP-Redirect"),
        case("NoSigningCertificate", no_key, "no usable signing certificate"),
        case("NoSigningCertificate", encryption_only, "no usable signing certificate"),
        case("NoSigningCertificate", bad_key, "no usable signing certificate: "),
    ]
}

#[test]
fn every_refusal_has_a_case_and_every_case_its_refusal() {
    let mut seen = Vec::new();
    for case in cases() {
        let refusal = read(&case.document, case.choose).expect_err(case.variant);
        let sentence = refusal.to_string();
        assert_eq!(variant(&refusal), case.variant, "{sentence}");
        assert!(sentence.contains(case.says), "{} is not in: {sentence}", case.says);
        assert!(!refusal.code().is_empty());
        seen.push(case.variant);
    }
    let now = UnixMillis(1_772_280_000_000);
    let expired = entity("entityID=\"a\" validUntil=\"2026-02-01T00:00:00Z\"", &role(&least()));
    let refusal = read(expired.as_bytes(), None).unwrap().current(now).unwrap_err();
    assert!(refusal.to_string().contains("2026-02-01T00:00:00Z"));
    seen.push(variant(&refusal));
    for name in VARIANTS {
        assert!(seen.contains(name), "{name} has no case");
    }
}

#[test]
fn candidates_are_bounded() {
    let many: String = (0..500).map(|number| small(&format!("https://idp-{number}.example"))).collect();
    let refusal = read(group("", &many).as_bytes(), None).unwrap_err();
    let MetadataRefusal::SeveralProviders { count, candidates } = &refusal else { panic!("{refusal}") };
    assert_eq!((*count, candidates.len()), (500, 10));
    assert!(refusal.to_string().chars().count() < 3_000);
}
