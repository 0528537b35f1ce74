//! Metadata as people save, mend and paste it: what only advises or says how it is written is no reason to refuse it, and
//! what decides is as strict as ever.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use vestibule_saml::UnixMillis;
use vestibule_saml::key::{Certificate, certificates_from_pem, without_issuers};
use vestibule_saml::metadata::{IdpMetadata, Remark, read};

use super::{FIRST, REDIRECT, SECOND, entity, key, least, role, service, small};

const NOW: UnixMillis = UnixMillis(1_772_280_000_000);
const ENTITY: &str = "https://idp.example";

fn described(document: impl AsRef<[u8]>) -> IdpMetadata {
    read(document.as_ref(), None).unwrap()
}

fn warns(metadata: &IdpMetadata, of: &str) -> bool {
    metadata.remarks(NOW).iter().any(|remark| remark.is_warning() && remark.to_string().contains(of))
}

#[test]
fn white_space_and_comments_may_stand_before_the_declaration() {
    let declared = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{}", small(ENTITY));
    for before in ["\n", "\r\n\t ", "\u{feff}\n", "<!-- exported -->", "\n<!-- a -->\n<!-- b -->\n", " "] {
        assert_eq!(described(format!("{before}{declared}")).entity_id, ENTITY, "{before:?}");
    }
    for before in ["x", "<a/>", "<?xml version=\"1.0\"?>", "<!-- open ", "<?pi ?>", "<!DOCTYPE a>"] {
        assert!(read(format!("{before}{declared}").as_bytes(), None).is_err(), "{before}");
    }
}

#[test]
fn the_octets_count_and_not_what_is_declared() {
    for encoding in ["us-ascii", "UTF8", "utf-16", "UTF-16LE", "ISO-8859-1", "windows-1252", "unicode", ""] {
        let document =
            format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>{}", small("https://idp.example/\u{fc}"));
        let metadata = described(&document);
        assert_eq!(
            (metadata.entity_id.as_str(), metadata.is_utf8),
            ("https://idp.example/\u{fc}", true),
            "{encoding}"
        );
        let units = |order: fn(u16) -> [u8; 2]| document.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        let latin: Vec<u8> =
            document.chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect();
        for octets in [
            units(u16::to_le_bytes),
            units(u16::to_be_bytes),
            [&[0xFF, 0xFE], units(u16::to_le_bytes).as_slice()].concat(),
            [&[0xFE, 0xFF], units(u16::to_be_bytes).as_slice()].concat(),
            latin,
        ] {
            let metadata = described(&octets);
            assert_eq!(metadata.entity_id, "https://idp.example/\u{fc}", "{encoding}");
            assert!(!metadata.is_utf8 && warns(&metadata, "not UTF-8"), "{encoding}");
        }
    }
    // UTF-16 that was pasted into JSON as if its octets were characters.
    let gaps: String = small(ENTITY).chars().flat_map(|character| [character, '\0']).collect();
    assert_eq!(described(gaps).entity_id, ENTITY);
}

#[test]
fn a_hint_that_cannot_be_read_is_a_warning() {
    for (attribute, says) in [
        ("validUntil=\"\"", "validUntil is \"\""),
        ("validUntil=\"tomorrow\"", "validUntil is \"tomorrow\""),
        ("validUntil=\"2028-01-01\"", "validUntil"),
        ("cacheDuration=\"\"", "cacheDuration"),
        ("cacheDuration=\"P1DT\"", "cacheDuration is \"P1DT\""),
        ("cacheDuration=\"-PT1H\"", "cacheDuration"),
        ("cacheDuration=\"86400\"", "cacheDuration"),
    ] {
        let metadata = described(entity(&format!("entityID=\"a\" {attribute}"), &role(&least())));
        assert_eq!((metadata.valid_until, metadata.cache_millis), (None, None), "{attribute}");
        assert!(warns(&metadata, says), "{attribute}");
        assert!(metadata.current(NOW).is_ok(), "{attribute}");
    }
    // One that can be read decides, whatever stands beside it and in whichever zone it is written.
    for until in ["2026-02-01T00:00:00+00:00", "2026-02-28T23:00:00+12:00", " 2026-02-01T00:00:00Z\n"] {
        let attributes = format!("entityID=\"a\" cacheDuration=\"\" validUntil=\"{until}\"");
        assert!(described(entity(&attributes, &role(&least()))).current(NOW).is_err(), "{until}");
    }
    let offset =
        described(entity("entityID=\"a\" validUntil=\"2028-01-01T00:00:00+00:00\"", &role(&least())));
    assert!(offset.valid_until.is_some() && !warns(&offset, "validUntil"));
}

#[test]
fn schemes_and_truth_are_the_same_in_capitals() {
    let loud = small(ENTITY).replace("https://idp.example/sso", "HTTPS://idp.example/sso");
    assert!(!warns(&described(&loud), "is not https"));
    for plain in ["http://idp.example/sso", "HTTP://idp.example/sso", "httpsx://idp.example/sso"] {
        assert!(
            warns(&described(small(ENTITY).replace("https://idp.example/sso", plain)), "is not https"),
            "{plain}"
        );
    }
    let wants = |value: &str| {
        let role = role(&least()).replace(
            "<md:IDPSSODescriptor ",
            &format!("<md:IDPSSODescriptor WantAuthnRequestsSigned=\"{value}\" "),
        );
        described(entity("entityID=\"a\"", &role)).wants_signed_requests
    };
    for value in ["true", "True", "TRUE", "1", " true "] {
        assert!(wants(value), "{value:?}");
    }
    for value in ["false", "False", "0", "", "yes"] {
        assert!(!wants(value), "{value:?}");
    }
}

fn with_certificates(texts: &[String]) -> IdpMetadata {
    let certificates: String =
        texts.iter().map(|text| format!("<ds:X509Certificate>{text}</ds:X509Certificate>")).collect();
    let key = format!(
        "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo><ds:X509Data>{certificates}</ds:X509Data></ds:KeyInfo>\
         </md:KeyDescriptor>"
    );
    described(entity("entityID=\"a\"", &role(&(key + &service(REDIRECT, "https://idp.example/sso")))))
}

#[test]
fn certificates_that_were_glued_or_encoded_twice_are_taken_apart() {
    let (one, two) = (&FIRST.certificate, &SECOND.certificate);
    let joined = STANDARD.encode([one.der(), two.der()].concat());
    for text in [
        STANDARD.encode(one.pem()),
        STANDARD.encode(one.base64()),
        STANDARD.encode(format!("\n{}\n", one.pem())),
        one.pem(),
        one.pem().replace('\n', ""),
    ] {
        let found = with_certificates(std::slice::from_ref(&text));
        assert_eq!(found.signing_certificates, std::slice::from_ref(one), "{text}");
    }
    for text in [
        one.base64() + &two.base64(),
        joined,
        one.pem().trim_end().to_owned() + &two.pem(),
        STANDARD.encode(one.pem() + &two.pem()),
    ] {
        assert_eq!(with_certificates(&[text]).signing_certificates, [one.clone(), two.clone()]);
    }
    // Twice is once more than once; and what follows a certificate is a certificate or nothing.
    for text in [
        STANDARD.encode(STANDARD.encode(one.pem())),
        STANDARD.encode([one.der(), b"\0"].concat()),
        STANDARD.encode([one.der(), &two.der()[..40]].concat()),
        one.base64() + "=MII",
    ] {
        assert!(certificates_from_pem(&text).is_err(), "{text}");
    }
}

/// A root, an authority that it has certified, and a certificate that signs messages.
struct Chain {
    root: Certificate,
    authority: Certificate,
    leaf: Certificate,
}

impl Chain {
    fn new() -> Self {
        let named = |name: &str, is_ca: IsCa| {
            let mut params = CertificateParams::default();
            params.distinguished_name.push(DnType::CommonName, name);
            params.is_ca = is_ca;
            params
        };
        let ca = || IsCa::Ca(BasicConstraints::Unconstrained);
        let root = CertifiedIssuer::self_signed(named("root", ca()), KeyPair::generate().unwrap()).unwrap();
        let authority =
            CertifiedIssuer::signed_by(named("authority", ca()), KeyPair::generate().unwrap(), &root)
                .unwrap();
        let leaf = named("idp", IsCa::NoCa).signed_by(&KeyPair::generate().unwrap(), &authority).unwrap();
        let read = |der: &[u8]| Certificate::from_der(der).unwrap();
        Self { root: read(root.der()), authority: read(authority.der()), leaf: read(leaf.der()) }
    }
}

#[test]
fn the_leaf_of_a_chain_signs_and_nobody_who_issued_it() {
    let Chain { root, authority, leaf } = Chain::new();
    for chain in [
        [&leaf, &authority, &root].as_slice(),
        &[&root, &authority, &leaf],
        &[&authority, &leaf],
        &[&leaf, &root],
        &[&root, &leaf],
        &[&leaf, &leaf],
    ] {
        let texts: Vec<_> = chain.iter().map(|certificate| certificate.base64()).collect();
        let found = with_certificates(&texts);
        assert_eq!(found.signing_certificates, std::slice::from_ref(&leaf), "{chain:?}");
        assert_eq!(found.issuing_certificates, chain.len() - 1);
        // The same when they are glued together in one element.
        assert_eq!(with_certificates(&[texts.concat()]).signing_certificates, std::slice::from_ref(&leaf));
    }
    // Each in a descriptor of its own is a key of its own, which is how an administrator lists them one by one.
    let one_by_one: String = [&leaf, &authority]
        .iter()
        .map(|certificate| {
            format!(
                "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}\
                 </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>",
                certificate.base64()
            )
        })
        .collect();
    let listed = described(entity(
        "entityID=\"a\"",
        &role(&(one_by_one + &service(REDIRECT, "https://idp.example/sso"))),
    ));
    assert_eq!(listed.signing_certificates, [leaf.clone(), authority.clone()]);
    assert_eq!(without_issuers(std::slice::from_ref(&authority)), [authority]);
    // Two that have nothing to do with each other are an old key and a new one.
    let (old, new) = (FIRST.certificate.clone(), SECOND.certificate.clone());
    assert_eq!(without_issuers(&[old.clone(), new.clone()]), [old, new]);
}

#[test]
fn the_newest_certificates_that_can_be_used_are_kept() {
    let day = |days: i64| UnixMillis(NOW.0 + days * 86_400_000);
    let certificate = |from: i64, until: i64| {
        let private = vestibule_saml::key::RsaPrivateKey::generate().unwrap();
        let key = vestibule_saml::key::SigningKey::new(&private).unwrap();
        key.self_signed_certificate("idp.example", day(from), day(until), [7; 16]).unwrap()
    };
    let (ended, ended_lately) = (certificate(-900, -100), certificate(-800, -10));
    let (old, newer, newest) = (certificate(-300, 60), certificate(-200, 90), certificate(-100, 300));
    let (ahead, second) = (certificate(10, 400), certificate(-250, 70));
    let all = [&ended, &newest, &ahead, &old, &ended_lately, &second, &newer];
    let keys: String = all
        .iter()
        .map(|certificate| {
            format!(
                "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}\
                 </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>",
                certificate.base64()
            )
        })
        .collect();
    let all =
        described(entity("entityID=\"a\"", &role(&(keys + &service(REDIRECT, "https://idp.example/sso")))));
    let kept = all.clone().keep(5, NOW);
    assert_eq!(kept.signing_certificates, [newest, ahead, old, second, newer]);
    assert_eq!(kept.certificates_left_out, 2);
    assert!(warns(&kept, "2 of 7 signing certificates are left out"));
    assert_eq!(all.clone().keep(7, NOW), all);
}

/// The key of a descriptor stays what it was where nothing was slipped.
#[test]
fn nothing_else_changes() {
    let metadata = described(entity(
        "entityID=\"a\"",
        &role(
            &(key("use=\"signing\"", &FIRST)
                + &key("use=\"signing\"", &SECOND)
                + &service(REDIRECT, "https://idp.example/sso")),
        ),
    ));
    assert_eq!(metadata.signing_certificates, [FIRST.certificate.clone(), SECOND.certificate.clone()]);
    assert!(metadata.remarks(NOW).iter().all(|remark| !matches!(remark, Remark::IssuingCertificates(_))));
}
