//! Documents that describe a provider.

use vestibule_saml::UnixMillis;
use vestibule_saml::metadata::{IdpMetadata, MetadataRefusal, Remark, read};

use super::{FIRST, POST, REDIRECT, SAML2, SECOND, entity, group, key, least, role, service, small};

const NOW: UnixMillis = UnixMillis(1_772_280_000_000);
const DAY: i64 = 86_400_000;

fn described(document: &str) -> IdpMetadata {
    read(document.as_bytes(), None).unwrap()
}

fn has(metadata: &IdpMetadata, remark: impl Fn(&Remark) -> bool) -> bool {
    metadata.remarks(NOW).iter().any(remark)
}

#[test]
fn the_smallest() {
    let metadata = described(&small("https://idp.example"));
    assert_eq!(metadata.entity_id, "https://idp.example");
    assert_eq!(metadata.redirect_url.as_deref(), Some("https://idp.example/sso"));
    assert_eq!(metadata.post_url, None);
    assert_eq!(metadata.signing_certificates, std::slice::from_ref(&FIRST.certificate));
    assert!(metadata.encryption_certificates.is_empty() && !metadata.wants_signed_requests);
    assert_eq!((metadata.valid_until, metadata.cache_millis, metadata.entities), (None, None, 1));
    assert_eq!(metadata.clone().current(NOW).unwrap(), metadata);
}

/// As Entra and AD FS publish it: a byte order mark, a signature, other roles, extensions, comments, several keys.
#[test]
fn other_roles_extensions_and_signatures_are_skipped() {
    let idp = format!(
        "<md:IDPSSODescriptor WantAuthnRequestsSigned=\"true\" protocolSupportEnumeration=\"urn:x {SAML2}\">\
         <md:Extensions><x:scope xmlns:x=\"urn:x\">example.org</x:scope></md:Extensions>{}{}{}\
         <md:SingleLogoutService Binding=\"{REDIRECT}\" Location=\"https://idp.example/out\"/>\
         <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:<!-- split -->persistent</md:NameIDFormat>\
         <md:NameIDFormat> urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\n</md:NameIDFormat>{}{}{}{}\
         <saml:Attribute Name=\"urn:oid:0.9.2342.19200300.100.1.3\" FriendlyName=\"mail\"/></md:IDPSSODescriptor>",
        key("use=\"signing\"", &FIRST),
        key("use=\"signing\"", &SECOND),
        key("use=\"encryption\"", &SECOND),
        service("urn:oasis:names:tc:SAML:2.0:bindings:SOAP", "https://idp.example/soap"),
        service(POST, "https://idp.example/post"),
        service(REDIRECT, " https://idp.example/redirect "),
        service(REDIRECT, "https://idp.example/second"),
    );
    let document = format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- published -->{}",
        entity(
            "ID=\"_1\" entityID=\"https://sts.example/1/\"",
            &format!(
                "<ds:Signature><ds:SignedInfo/></ds:Signature><md:RoleDescriptor xsi:type=\"fed:x\" \
                 xmlns:fed=\"urn:fed\" protocolSupportEnumeration=\"urn:fed\">{}</md:RoleDescriptor>\
                 <md:SPSSODescriptor protocolSupportEnumeration=\"{SAML2}\"/>{idp}<md:Organization/>",
                key("use=\"signing\"", &SECOND),
            ),
        ),
    );
    let metadata = described(&document);
    assert_eq!(metadata.entity_id, "https://sts.example/1/");
    assert_eq!(metadata.redirect_url.as_deref(), Some("https://idp.example/redirect"));
    assert_eq!(metadata.post_url.as_deref(), Some("https://idp.example/post"));
    assert_eq!(metadata.signing_certificates, [FIRST.certificate.clone(), SECOND.certificate.clone()]);
    assert_eq!(metadata.encryption_certificates, std::slice::from_ref(&SECOND.certificate));
    let formats = [
        "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    ];
    assert_eq!(metadata.name_id_formats, formats);
    let [mail] = metadata.attributes.as_slice() else { panic!("one attribute is offered") };
    assert_eq!(
        (mail.name.as_str(), mail.friendly_name.as_deref()),
        ("urn:oid:0.9.2342.19200300.100.1.3", Some("mail"))
    );
    assert!(
        metadata.wants_signed_requests && has(&metadata, |remark| *remark == Remark::WantsSignedRequests)
    );
}

#[test]
fn a_key_without_use_is_for_both_and_counts_once() {
    let keys = key("", &FIRST) + &key("use=\"signing\"", &FIRST) + &key("use=\"encryption\"", &FIRST);
    let metadata =
        described(&entity("entityID=\"a\"", &role(&(keys + &service(POST, "https://idp.example/p")))));
    assert_eq!(metadata.signing_certificates.len(), 1);
    assert_eq!(metadata.encryption_certificates.len(), 1);
    assert_eq!(metadata.repeated_certificates, 2);
    assert!(has(&metadata, |remark| *remark == Remark::RepeatedCertificates(2)));
    assert!(has(&metadata, |remark| *remark == Remark::NoRedirectBinding));
}

#[test]
fn an_odd_key_does_not_take_the_good_ones_with_it() {
    let odd = "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo><ds:KeyName>k</ds:KeyName></ds:KeyInfo></md:KeyDescriptor>\
        <md:KeyDescriptor use=\"sign\"/><md:KeyDescriptor><ds:KeyInfo><ds:X509Data><ds:X509Certificate>MIIx\
        </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>";
    let metadata = described(&entity("entityID=\"a\"", &role(&(odd.to_owned() + &least()))));
    assert_eq!(metadata.signing_certificates.len(), 1);
    assert_eq!(metadata.unusable_keys.len(), 3);
    let warnings = metadata.remarks(NOW).iter().filter(|remark| remark.is_warning()).count();
    assert_eq!(warnings, 3);
}

#[test]
fn one_provider_among_others_needs_no_choice() {
    let sp = entity(
        "entityID=\"https://sp.example\"",
        &format!("<md:SPSSODescriptor protocolSupportEnumeration=\"{SAML2}\"/>"),
    );
    let document = group("", &format!("{sp}{}{}", group("", &small("https://idp.example")), entity("", "")));
    let metadata = described(&document);
    assert_eq!((metadata.entity_id.as_str(), metadata.entities), ("https://idp.example", 2));
    assert!(has(&metadata, |remark| *remark == Remark::OtherEntities(1)));
}

#[test]
fn a_chosen_one_among_thousands() {
    let many: String = (0..2_000).map(|number| small(&format!("https://idp-{number}.example"))).collect();
    let document = group("", &many);
    let metadata = read(document.as_bytes(), Some("https://idp-1234.example")).unwrap();
    assert_eq!((metadata.entity_id.as_str(), metadata.entities), ("https://idp-1234.example", 2_000));
}

#[test]
fn the_strictest_validity_on_the_way_down_holds() {
    let role =
        role(&least()).replace("<md:IDPSSODescriptor ", "<md:IDPSSODescriptor cacheDuration=\"PT6H\" ");
    let one = entity("entityID=\"a\" validUntil=\"2026-03-10T00:00:00Z\" cacheDuration=\"P1D\"", &role);
    let document =
        group("validUntil=\"2026-03-20T00:00:00Z\"", &group("validUntil=\"2026-03-05T00:00:00Z\"", &one));
    let metadata = described(&document);
    let until = UnixMillis::from_xs_date_time("2026-03-05T00:00:00Z").unwrap();
    assert_eq!((metadata.valid_until, metadata.cache_millis), (Some(until), Some(6 * 3_600_000)));
    assert!(has(&metadata, |remark| *remark == Remark::ExpiresSoon { until }));
    assert!(metadata.clone().current(until.plus(-1)).is_ok());
    assert_eq!(metadata.clone().current(until), Err(MetadataRefusal::Expired { until, now: until }));
    assert!(metadata.remarks(until).contains(&Remark::Expired { until }));
    assert!(
        metadata
            .remarks(until.plus(-31 * DAY))
            .iter()
            .all(|remark| !matches!(remark, Remark::ExpiresSoon { .. }))
    );
}

#[test]
fn certificates_are_remarked_on_by_their_dates() {
    let metadata = described(&small("a"));
    let certificate = &FIRST.certificate;
    let at = |now: UnixMillis| -> Vec<Remark> {
        let dated = |remark: &Remark| remark.to_string().contains("certificate");
        metadata.remarks(now).into_iter().filter(dated).collect()
    };
    assert!(matches!(
        at(certificate.not_before().plus(-1)).as_slice(),
        [Remark::CertificateNotYetValid { .. }]
    ));
    assert!(at(certificate.not_before()).is_empty());
    assert!(matches!(
        at(certificate.not_after().plus(-29 * DAY)).as_slice(),
        [Remark::CertificateExpiresSoon { .. }]
    ));
    let expired = at(certificate.not_after());
    assert!(matches!(
        expired.as_slice(),
        [Remark::AllCertificatesExpired, Remark::CertificateExpired { .. }]
    ));
    assert!(expired.iter().all(Remark::is_warning));
}

#[test]
fn addresses_without_tls_are_remarked_on() {
    let metadata = described(&small("a").replace("https://idp.example/sso", "http://idp.example/sso"));
    assert!(has(&metadata, |remark| matches!(remark, Remark::PlainHttp { .. })));
}
