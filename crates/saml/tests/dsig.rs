//! Signatures: what is accepted, and every refusal by name.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod forge;

use std::sync::LazyLock;

use forge::{ENVELOPED, EXCLUSIVE, INCLUSIVE, Key, Shape, transform};
use vestibule_saml::Refusal as _;
use vestibule_saml::algorithm::{LegacyPolicy, SignatureAlgorithm};
use vestibule_saml::dsig::{SignatureRefusal, signature_of};
use vestibule_saml::key::VerificationKeys;
use vestibule_saml::xml::{Document, Limits};

static KEY: LazyLock<Key> = LazyLock::new(Key::rsa);

fn keys(key: &Key) -> VerificationKeys {
    VerificationKeys::new(key.certificate.clone(), Vec::new())
}

/// The verdict on the signature of the root element.
fn verdict(input: &str, key: &Key, legacy: LegacyPolicy) -> Result<SignatureAlgorithm, SignatureRefusal> {
    let document = Document::parse(input.as_bytes(), &Limits::MESSAGE).unwrap();
    let Some(signature) = signature_of(document.root())? else { panic!("no signature in {input}") };
    let verified = signature.verify(&keys(key), &legacy)?;
    assert!(verified.element().same(document.root()));
    assert_eq!(verified.key().position(), 0);
    Ok(verified.algorithm())
}

fn code(input: &str) -> &'static str {
    code_with(input, LegacyPolicy::NONE)
}

fn code_with(input: &str, legacy: LegacyPolicy) -> &'static str {
    verdict(input, &KEY, legacy).map_or_else(|refusal| refusal.code(), |_| "accepted")
}

fn of(shape: &Shape) -> &'static str {
    code(&shape.document(&KEY))
}

#[test]
fn every_algorithm_verifies() {
    for (kind, fragments) in [
        (
            &rcgen::PKCS_RSA_SHA256,
            &[
                "2001/04/xmldsig-more#rsa-sha256",
                "2001/04/xmldsig-more#rsa-sha384",
                "2001/04/xmldsig-more#rsa-sha512",
                "2007/05/xmldsig-more#sha256-rsa-MGF1",
                "2007/05/xmldsig-more#sha384-rsa-MGF1",
                "2007/05/xmldsig-more#sha512-rsa-MGF1",
            ][..],
        ),
        (&rcgen::PKCS_ECDSA_P256_SHA256, &["2001/04/xmldsig-more#ecdsa-sha256"][..]),
        (&rcgen::PKCS_ECDSA_P384_SHA384, &["2001/04/xmldsig-more#ecdsa-sha384"][..]),
        (&rcgen::PKCS_ECDSA_P521_SHA512, &["2001/04/xmldsig-more#ecdsa-sha512"][..]),
    ] {
        let key = Key::new(kind);
        for fragment in fragments {
            for digest in ["2001/04/xmlenc#sha256", "2001/04/xmldsig-more#sha384", "2001/04/xmlenc#sha512"] {
                let shape = Shape {
                    signature_method: format!("http://www.w3.org/{fragment}"),
                    digest_method: format!("http://www.w3.org/{digest}"),
                    ..Shape::default()
                };
                let found = verdict(&shape.document(&key), &key, LegacyPolicy::NONE).unwrap();
                assert_eq!(found.uri(), shape.signature_method);
            }
        }
    }
}

#[test]
fn shapes_of_real_providers_verify() {
    let good = Shape::default().document(&KEY);
    assert_eq!(code(&good), "accepted");
    // Other syntax for the same nodes, white space in the values, a KeyInfo of any content.
    let other = good
        .replace(r#"<r xmlns="urn:r" ID="_1">"#, "<?xml version='1.0'?>\n<r  ID = '_1' xmlns='urn:r' >")
        .replace("</ds:Transform>", "</ds:Transform >");
    assert_eq!(code(&other), "accepted");
    let folded = Shape { edit_signature: folded, ..Shape::default() };
    assert_eq!(of(&folded), "accepted");
    let after = "<ds:KeyInfo><ds:KeyName>any</ds:KeyName><x></x></ds:KeyInfo>".to_owned();
    assert_eq!(of(&Shape { after, ..Shape::default() }), "accepted");
    // Without a signature there is none, which is no error here.
    let unsigned = Document::parse(b"<r ID='_1'/>", &Limits::MESSAGE).unwrap();
    assert!(signature_of(unsigned.root()).unwrap().is_none());
    let deeper = format!("<o>{good}</o>");
    let deeper = Document::parse(deeper.as_bytes(), &Limits::MESSAGE).unwrap();
    assert!(signature_of(deeper.root()).unwrap().is_none(), "a signature further inside is not the root's");
}

fn folded(signature: &str) -> String {
    let (before, rest) = signature.split_once("<ds:SignatureValue>").unwrap();
    let (value, after) = rest.split_once("</ds:SignatureValue>").unwrap();
    let lines: Vec<&str> =
        value.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("{before}<ds:SignatureValue>\r\n  {}&#13;\n</ds:SignatureValue>{after}", lines.join("\r\n\t"))
}

#[test]
fn inclusive_namespaces_are_honoured() {
    let list = |name: &str, prefixes: &str| {
        format!(
            r#"<ds:{name} Algorithm="{EXCLUSIVE}"><ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE}" PrefixList="{prefixes}"></ec:InclusiveNamespaces></ds:{name}>"#
        )
    };
    let document = |prefixes: &str, open: &str, canonical_open: &str| {
        let shape =
            Shape { transforms: transform(ENVELOPED) + &list("Transform", prefixes), ..Shape::default() };
        let signature = shape.signature(&KEY, &format!("{canonical_open}<v>1</v></r>"));
        format!("{open}{signature}<v>1</v></r>")
    };
    let open = r#"<r xmlns:xs="urn:xs" xmlns:p="urn:p" ID="_1">"#;
    assert_eq!(code(&document("xs", open, r#"<r xmlns:xs="urn:xs" ID="_1">"#)), "accepted");
    assert_eq!(
        code(&document("p  xs", open, r#"<r xmlns:p="urn:p" xmlns:xs="urn:xs" ID="_1">"#)),
        "accepted"
    );
    assert_eq!(code(&document("", open, r#"<r ID="_1">"#)), "accepted");
    assert_eq!(code(&document("xs", open, r#"<r ID="_1">"#)), "digest_mismatch");

    let many: String = (0..65).map(|number| format!("p{number} ")).collect();
    assert_eq!(code(&document(&many, open, open)), "signature_prefix_list");

    // On SignedInfo itself: the list makes the namespace of the root part of what is signed.
    let shape = Shape {
        canonicalization: list("CanonicalizationMethod", "xs"),
        edit: |text| text.replacen("#\"><ds:Can", "#\" xmlns:xs=\"urn:xs\"><ds:Can", 1),
        ..Shape::default()
    };
    let signature = shape.signature(&KEY, "<r ID=\"_1\"></r>").replacen(" xmlns:xs=\"urn:xs\"", "", 1);
    assert_eq!(code(&format!(r#"<r xmlns:xs="urn:xs" ID="_1">{signature}</r>"#)), "accepted");
    assert_eq!(code(&format!(r#"<r xmlns:xs="urn:xt" ID="_1">{signature}</r>"#)), "signature_invalid");
}

#[test]
fn legacy_needs_the_policy() {
    let sha1 = LegacyPolicy { sha1: true, ..LegacyPolicy::NONE };
    let inclusive = LegacyPolicy { inclusive_c14n: true, ..LegacyPolicy::NONE };
    let digest =
        Shape { digest_method: "http://www.w3.org/2000/09/xmldsig#sha1".to_owned(), ..Shape::default() };
    assert_eq!(of(&digest), "signature_sha1");
    assert_eq!(code_with(&digest.document(&KEY), sha1), "accepted");
    let signature = Shape {
        signature_method: "http://www.w3.org/2000/09/xmldsig#rsa-sha1".to_owned(),
        ..Shape::default()
    };
    assert_eq!(of(&signature), "signature_sha1");
    // The library makes no SHA-1 signatures; that the policy lets it be looked at shows in what is wrong then.
    assert_eq!(code_with(&signature.document(&KEY), sha1), "signature_invalid");

    let transforms = Shape { transforms: transform(ENVELOPED) + &transform(INCLUSIVE), ..Shape::default() };
    assert_eq!(of(&transforms), "inclusive_canonicalization");
    assert_eq!(code_with(&transforms.document(&KEY), inclusive), "accepted");
    assert_eq!(code_with(&transforms.document(&KEY), sha1), "inclusive_canonicalization");
    let signed_info = Shape {
        canonicalization: format!(
            r#"<ds:CanonicalizationMethod Algorithm="{INCLUSIVE}"></ds:CanonicalizationMethod>"#
        ),
        // All that is in scope is part of the inclusive form.
        edit: |text| text.replacen("<ds:SignedInfo ", "<ds:SignedInfo xmlns=\"urn:r\" ", 1),
        ..Shape::default()
    };
    assert_eq!(of(&signed_info), "inclusive_canonicalization");
    assert_eq!(code_with(&signed_info.document(&KEY), inclusive), "accepted");
    // No canonicalisation is named, which means the inclusive one.
    let bare = Shape { transforms: transform(ENVELOPED), ..Shape::default() };
    assert_eq!(of(&bare), "inclusive_canonicalization");
    assert_eq!(code_with(&bare.document(&KEY), inclusive), "accepted");
    assert_eq!(code_with(&bare.document(&KEY).replace("value", "valuf"), inclusive), "digest_mismatch");
}

/// A message has no comments, so that the forms with comments are the same octets.
#[test]
fn the_forms_with_comments_and_of_version_1_1_are_the_same() {
    let inclusive = LegacyPolicy { inclusive_c14n: true, ..LegacyPolicy::NONE };
    for (method, needs_policy) in [
        ("http://www.w3.org/2001/10/xml-exc-c14n#WithComments", false),
        ("http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments", true),
        ("http://www.w3.org/2006/12/xml-c14n11", true),
        ("http://www.w3.org/2006/12/xml-c14n11#WithComments", true),
    ] {
        let shape = Shape { transforms: transform(ENVELOPED) + &transform(method), ..Shape::default() };
        let expected = if needs_policy { "inclusive_canonicalization" } else { "accepted" };
        assert_eq!(of(&shape), expected, "{method}");
        assert_eq!(code_with(&shape.document(&KEY), inclusive), "accepted", "{method}");
        let commented = shape.document(&KEY).replace("value", "va<!-- -->lue");
        assert!(Document::parse(commented.as_bytes(), &Limits::MESSAGE).is_err(), "{method}");
    }
    // The ID of an ancestor is not taken over by version 1.1, unlike by version 1.0.
    let inside = |method: &str, id: &str| {
        let (open, close) = ("<r xmlns=\"urn:r\" ID=\"_1\"", "><v>value</v></r>");
        let shape = Shape { transforms: transform(ENVELOPED) + &transform(method), ..Shape::default() };
        let signature = shape.signature(&KEY, &format!("{open}{id}{close}"));
        let input = format!("<o xml:id=\"x\">{}{signature}<v>value</v></r></o>", open.to_owned() + ">");
        let document = Document::parse(input.as_bytes(), &Limits::MESSAGE).unwrap();
        let inner = document.root().elements().next().unwrap();
        signature_of(inner).unwrap().unwrap().verify(&keys(&KEY), &inclusive).is_ok()
    };
    assert!(inside("http://www.w3.org/2006/12/xml-c14n11", ""));
    assert!(!inside("http://www.w3.org/2006/12/xml-c14n11", " xml:id=\"x\""));
    assert!(inside(INCLUSIVE, " xml:id=\"x\"") && !inside(INCLUSIVE, ""));
}

#[test]
fn references_are_to_the_parent_alone() {
    for uri in
        ["", "#", "_1", "#_2", "#_1 ", "##_1", "#xpointer(/)", "#xpointer(id('_1'))", "http://x/#_1", "#%5F1"]
    {
        assert_eq!(of(&Shape { uri: uri.to_owned(), ..Shape::default() }), "signature_reference", "{uri}");
    }
    let shape = Shape { edit: |text| text.replace(" URI=\"#_1\"", ""), ..Shape::default() };
    assert_eq!(of(&shape), "signature_reference");
    let twice = Shape {
        edit: |text| {
            let (start, end) = (text.find("<ds:Reference").unwrap(), text.find("</ds:SignedInfo>").unwrap());
            let reference = text.get(start..end).unwrap().to_owned();
            text.replace("</ds:SignedInfo>", &format!("{reference}</ds:SignedInfo>"))
        },
        ..Shape::default()
    };
    assert_eq!(of(&twice), "signature_references");
    let none = Shape {
        edit: |text| {
            let start = text.find("<ds:Reference").unwrap();
            format!("{}</ds:SignedInfo>", text.get(..start).unwrap())
        },
        ..Shape::default()
    };
    assert_eq!(of(&none), "signature_structure");
}

#[test]
fn ids_are_unique_and_have_no_namespace() {
    let good = Shape::default().document(&KEY);
    for other in ["ID", "Id", "id", "iD", "xml:id", "p:ID"] {
        let hidden =
            format!("<ds:KeyInfo><x xmlns:p=\"urn:p\" {other}=\"_1\"></x></ds:KeyInfo></ds:Signature>");
        assert_eq!(code(&good.replace("</ds:Signature>", &hidden)), "duplicate_id", "{other}");
    }
    let elsewhere = "<ds:KeyInfo><x ID='_2'/><x Id='_2'/></ds:KeyInfo></ds:Signature>";
    assert_eq!(code(&good.replace("</ds:Signature>", elsewhere)), "duplicate_id");
    for name in ["Id", "id", "xml:id", "AssertionID"] {
        assert_eq!(code(&good.replace(" ID=", &format!(" {name}="))), "signed_element_without_id", "{name}");
    }
    assert_eq!(code(&good.replace(" ID=\"_1\"", " ID=\"\"")), "signed_element_without_id");
}

#[test]
fn transforms_are_exactly_two() {
    for transforms in [
        String::new(),
        transform(EXCLUSIVE),
        transform(EXCLUSIVE) + &transform(ENVELOPED),
        transform(ENVELOPED) + &transform(ENVELOPED),
        transform(ENVELOPED) + &transform(EXCLUSIVE) + &transform(EXCLUSIVE),
        transform(ENVELOPED) + &transform("http://www.w3.org/2001/10/xml-exc-c14n#withComments"),
        transform("http://www.w3.org/TR/1999/REC-xslt-19991116") + &transform(EXCLUSIVE),
        transform(ENVELOPED) + &transform("http://www.w3.org/TR/1999/REC-xpath-19991116"),
        transform(ENVELOPED) + &transform("http://www.w3.org/2002/06/xmldsig-filter2"),
        transform(ENVELOPED) + &transform("http://www.w3.org/2000/09/xmldsig#base64"),
    ] {
        let found = of(&Shape { transforms: transforms.clone(), ..Shape::default() });
        let expected = if transforms.is_empty() { "signature_structure" } else { "signature_transforms" };
        assert_eq!(found, expected, "{transforms}");
    }
    let inside = |content: &str| {
        let enveloped = format!(r#"<ds:Transform Algorithm="{ENVELOPED}">{content}</ds:Transform>"#);
        of(&Shape { transforms: enveloped + &transform(EXCLUSIVE), ..Shape::default() })
    };
    assert_eq!(inside("<ds:XPath>1</ds:XPath>"), "signature_structure");
    assert_eq!(inside("x"), "signature_structure");
}

#[test]
fn algorithms_outside_the_lists_are_refused() {
    for uri in [
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
        "",
    ] {
        let shape = Shape { signature_method: uri.to_owned(), ..Shape::default() };
        assert_eq!(of(&shape), "signature_algorithm", "{uri}");
    }
    let md5 = "http://www.w3.org/2001/04/xmldsig-more#md5".to_owned();
    assert_eq!(of(&Shape { digest_method: md5, ..Shape::default() }), "digest_algorithm");
    for uri in [
        "http://www.w3.org/2001/10/xml-exc-c14n#withComments",
        "http://www.w3.org/2006/12/xml-c14n11#",
        "http://www.w3.org/TR/1999/REC-xslt-19991116",
    ] {
        let canonicalization =
            format!(r#"<ds:CanonicalizationMethod Algorithm="{uri}"></ds:CanonicalizationMethod>"#);
        assert_eq!(
            of(&Shape { canonicalization, ..Shape::default() }),
            "signature_canonicalization",
            "{uri}"
        );
    }
    let ecdsa = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
    let input = Shape::default().document(&KEY).replace(forge::RSA_SHA256, ecdsa);
    assert_eq!(code(&input), "no_key_for_algorithm");
}

#[test]
fn nothing_else_is_in_a_signature() {
    let edits: [(&str, &str, &str); 16] = [
        ("</ds:Signature>", "<ds:Object></ds:Object></ds:Signature>", "signature_object"),
        (
            "</ds:Signature>",
            "<ds:KeyInfo></ds:KeyInfo><ds:Object></ds:Object></ds:Signature>",
            "signature_object",
        ),
        ("</ds:Signature>", "<ds:KeyInfo/><ds:KeyInfo/></ds:Signature>", "signature_structure"),
        ("</ds:Signature>", "<x/></ds:Signature>", "signature_structure"),
        ("</ds:Signature>", "x</ds:Signature>", "signature_structure"),
        ("<ds:SignedInfo", "<x/><ds:SignedInfo", "signature_structure"),
        ("<ds:SignedInfo", "<ds:KeyInfo/><ds:SignedInfo", "signature_structure"),
        ("<ds:SignedInfo", "<ds:SignedInfo/><ds:SignedInfo", "signature_structure"),
        ("<ds:SignatureValue>", "<ds:SignedInfo/><ds:SignatureValue>", "signature_structure"),
        ("<ds:SignatureValue>", "<ds:SignatureValue x='y'>", "signature_structure"),
        ("<ds:SignatureValue>", "<ds:SignatureValue><x/>", "signature_structure"),
        ("<ds:SignatureValue>", "<ds:SignatureValue>-", "signature_not_base64"),
        ("<ds:DigestValue>", "<ds:DigestValue><x/>", "signature_structure"),
        ("<ds:DigestValue>", "<ds:DigestValue>=", "signature_not_base64"),
        ("</ds:Reference>", "</ds:Reference><x/>", "signature_structure"),
        ("<ds:Reference ", "<ds:Reference x='y' ", "signature_structure"),
    ];
    let good = Shape::default().document(&KEY);
    for (place, with, expected) in edits {
        assert_eq!(code(&good.replacen(place, with, 1)), expected, "{with}");
    }
    let signature = Shape::default().signature(&KEY, "<r ID=\"_1\"></r>");
    assert_eq!(code(&format!("<r ID=\"_1\">{signature}{signature}</r>")), "signature_repeated");
    // Another namespace is another name.
    assert_eq!(
        code(&good.replace("<ds:SignatureMethod", "<ds:SignatureMethod xmlns:ds='urn:x'")),
        "signature_structure"
    );
}

#[test]
fn what_was_changed_does_not_verify() {
    let good = Shape::default().document(&KEY);
    assert_eq!(code(&good.replace("value", "valuf")), "digest_mismatch");
    assert_eq!(code(&good.replace("<v>", "<v> ")), "digest_mismatch");
    assert_eq!(code(&good.replace("</r>", "<w></w></r>")), "digest_mismatch");
    assert_eq!(code(&good.replace("urn:r", "urn:s")), "digest_mismatch");
    let digest = good.split("<ds:DigestValue>").nth(1).unwrap().split('<').next().unwrap();
    assert_eq!(
        code(&good.replace(digest, &forge::digested(&aws_lc_rs::digest::SHA256, "x"))),
        "signature_invalid"
    );
    assert_eq!(code(&good.replace(digest, "")), "signature_invalid");
    let value = good.split("<ds:SignatureValue>").nth(1).unwrap().split('<').next().unwrap();
    assert_eq!(code(&good.replace(value, "")), "signature_invalid");
    assert_eq!(code(&good.replace(value, "AAAA")), "signature_invalid");
    let refusal = verdict(&good, &Key::rsa(), LegacyPolicy::NONE).unwrap_err();
    assert_eq!(refusal.code(), "signature_invalid", "another key");
}

#[test]
fn refusals_say_what_was_found_and_expected() {
    let shape = Shape { uri: "#other\u{202e}".to_owned(), ..Shape::default() };
    let refusal = verdict(&shape.document(&KEY), &KEY, LegacyPolicy::NONE).unwrap_err();
    assert_eq!(refusal.found().unwrap(), "#other\u{fffd}");
    assert_eq!(refusal.expected().unwrap(), "#_1");
    assert!(refusal.to_string().starts_with("the Reference is to #other"), "{refusal}");
}

#[test]
fn each_of_several_keys_is_tried() {
    let others: Vec<Key> = (0..2).map(|_| Key::rsa()).collect();
    let rest =
        others.iter().skip(1).chain(std::iter::once(&*KEY)).map(|key| key.certificate.clone()).collect();
    let keys = VerificationKeys::new(others.first().unwrap().certificate.clone(), rest);
    let input = Shape::default().document(&KEY);
    let document = Document::parse(input.as_bytes(), &Limits::MESSAGE).unwrap();
    let verified =
        signature_of(document.root()).unwrap().unwrap().verify(&keys, &LegacyPolicy::NONE).unwrap();
    assert_eq!(verified.key().position(), 2);
    assert_eq!(keys.certificate(verified.key()).der(), KEY.certificate.der());
}
