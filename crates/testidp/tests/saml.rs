//! The SAML side: what it writes, letter by letter, and its routes as a browser sees them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of a test stop it by panicking, like the tests themselves"
)]

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use url::form_urlencoded;
use vestibule_testidp::{
    Algorithm, AttributeNames, Config, ContentCipher, Encryption, KeyTransport, NameIdFormat, ResponseSpec,
    SamlError, SamlFault, SamlKey, ServiceProvider, Signed, TestIdp, User,
};

const ISSUER: &str = "http://127.0.0.1:8787/test-idp";
const ACS: &str = "http://127.0.0.1:8787/v1/b2b/sso/callback/one";
const SP: &str = "http://127.0.0.1:8787/v1/b2b/sso/metadata/one";
const NOW: i64 = 1_800_000_000;

/// Making a key takes a while: all tests share this one.
fn key() -> SamlKey {
    static KEPT: OnceLock<(Vec<u8>, Vec<u8>)> = OnceLock::new();
    let (key, certificate) = KEPT.get_or_init(|| {
        let key = SamlKey::generate(NOW).unwrap();
        (key.to_der().unwrap(), key.certificate_der().to_vec())
    });
    SamlKey::from_der(key, certificate.clone()).unwrap()
}

fn idp(auto_approve: bool) -> TestIdp {
    let counter = AtomicU8::new(0);
    let config = Config {
        issuer: ISSUER.into(),
        client_id: "client".into(),
        client_secret: "secret".into(),
        redirect_prefix: "http://127.0.0.1:8787/v1/b2b/sso/callback/".into(),
        users: User::samples(),
        auto_approve,
        algorithm: Algorithm::Es256,
        signing_key: None,
        clock: Arc::new(|| NOW),
        random: Arc::new(move |out: &mut [u8]| out.fill(counter.fetch_add(1, Ordering::SeqCst))),
    };
    TestIdp::with_saml_key(config, Some(key()))
}

fn ada() -> User {
    User::samples().swap_remove(0)
}

fn spec() -> ResponseSpec {
    ResponseSpec { in_response_to: Some("_request".into()), ..ResponseSpec::new(ada(), ACS, SP) }
}

fn with(fault: SamlFault) -> ResponseSpec {
    ResponseSpec { fault: Some(fault), ..spec() }
}

fn encryption(cipher: ContentCipher, transport: KeyTransport) -> Option<Encryption> {
    Some(Encryption { certificate: key().certificate_der().to_vec(), cipher, transport })
}

fn between<'x>(text: &'x str, begin: &str, end: &str) -> &'x str {
    let (_, rest) = text.split_once(begin).unwrap_or_else(|| panic!("no {begin} in {text}"));
    rest.split_once(end).unwrap_or_else(|| panic!("no {end} in {text}")).0
}

/// Whether the first signature of `xml` covers the element of this tag and is by the key of the metadata. Done
/// with plain text, which is fine because what is signed is sent in canonical form.
fn is_signed(xml: &str, tag: &str) -> bool {
    let Some((before, rest)) = xml.split_once(&format!("<{tag} ")) else { return false };
    assert!(!before.contains("<ds:Signature"), "the first signature is another one's");
    let (inside, _) = rest.rsplit_once(&format!("</{tag}>")).unwrap();
    let element = format!("<{tag} {inside}</{tag}>");
    let Some((head, rest)) = element.split_once("<ds:Signature ") else { return false };
    let (signature, tail) = rest.split_once("</ds:Signature>").unwrap();
    let digested = STANDARD.encode(digest(&SHA256, format!("{head}{tail}").as_bytes()));
    let info = between(signature, "<ds:SignedInfo>", "</ds:SignedInfo>");
    let info =
        format!("<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">{info}</ds:SignedInfo>");
    let value = STANDARD.decode(between(signature, "<ds:SignatureValue>", "</")).unwrap();
    let id = between(&element, " ID=\"", "\"");
    let public = public_key();
    between(signature, "URI=\"#", "\"") == id
        && between(signature, "<ds:DigestValue>", "</") == digested
        && UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &public)
            .verify(info.as_bytes(), &value)
            .is_ok()
}

/// The public key inside the certificate: the last 270 bytes of RSA-2048 before the extensions begin with the
/// header of its sequence.
fn public_key() -> Vec<u8> {
    const HEADER: [u8; 8] = [0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01];
    let certificate = key().certificate_der().to_vec();
    let start = certificate.windows(8).position(|window| window == HEADER).unwrap();
    certificate[start..start + 270].to_vec()
}

/// Start and end tags match, and there is one root.
fn is_well_formed(xml: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut roots = 0;
    for piece in xml.split('<').skip(1) {
        let tag = piece.split('>').next().unwrap();
        match tag.strip_prefix('/') {
            Some(name) if open.pop() != Some(name) => return false,
            Some(_) => {}
            None => {
                roots += usize::from(open.is_empty());
                open.push(tag.split(' ').next().unwrap());
            }
        }
    }
    open.is_empty() && roots == 1
}

#[test]
fn what_is_asked_for_is_signed_and_nothing_else() {
    let idp = idp(false);
    for (signed, assertion, response) in
        [(Signed::Assertion, true, false), (Signed::Response, false, true), (Signed::Both, true, true)]
    {
        let xml = idp.saml().response(&ResponseSpec { signed, ..spec() }).unwrap();
        assert!(is_well_formed(&xml), "{xml}");
        assert_eq!(xml.matches("<ds:Signature ").count(), usize::from(assertion) + usize::from(response));
        let (_, inside) = xml.split_once("<saml:Assertion ").unwrap();
        assert_eq!(is_signed(&format!("<saml:Assertion {inside}"), "saml:Assertion"), assertion);
        // Of a response that is not signed the first signature is the assertion's: it covers something else.
        assert_eq!(is_signed(&xml, "samlp:Response"), response);
    }
}

#[test]
fn an_answer_says_who_for_whom_and_until_when() {
    let mut user = ada();
    user.name = "Ada <\"&\"> King".into();
    let xml = idp(false).saml().response(&ResponseSpec { user, ..spec() }).unwrap();
    for expected in [
        &format!("Destination=\"{ACS}\""),
        "InResponseTo=\"_request\"",
        &format!("<saml:Audience>{SP}</saml:Audience>"),
        &format!("InResponseTo=\"_request\" NotOnOrAfter=\"2027-01-15T08:05:00Z\" Recipient=\"{ACS}\""),
        "NotBefore=\"2027-01-15T07:59:30Z\" NotOnOrAfter=\"2027-01-15T08:05:00Z\"",
        "nameid-format:emailAddress\">ada@example.com</saml:NameID>",
        "<saml:AttributeValue>&lt;\"&amp;\"&gt; King</saml:AttributeValue>",
        "<saml:AttributeValue>engineering</saml:AttributeValue><saml:AttributeValue>admins</saml:AttributeValue>",
        "AuthnInstant=\"2027-01-15T08:00:00Z\"",
    ] {
        assert!(xml.contains(expected), "{expected} in {xml}");
    }
    assert!(is_signed(xml.split_once("</samlp:Status>").unwrap().1, "saml:Assertion"));
}

#[test]
fn names_and_attributes_come_in_each_form() {
    let idp = idp(false);
    let made = |spec: &ResponseSpec| idp.saml().response(spec).unwrap();
    for name_id in NameIdFormat::ALL {
        let xml = made(&ResponseSpec { name_id, ..spec() });
        assert_eq!(xml.contains("<saml:NameID "), name_id != NameIdFormat::Absent);
        assert!(name_id.uri().is_none_or(|uri| xml.contains(uri)), "{xml}");
    }
    let transient = ResponseSpec { name_id: NameIdFormat::Transient, ..spec() };
    let name = |xml: &str| between(xml, "transient\">", "<").to_owned();
    assert_ne!(name(&made(&transient)), name(&made(&transient)));
    for (attributes, expected) in [
        (AttributeNames::Plain, "Name=\"email\""),
        (AttributeNames::Claims, "claims/emailaddress\""),
        (AttributeNames::Oid, "FriendlyName=\"mail\" Name=\"urn:oid:0.9.2342.19200300.100.1.3\""),
    ] {
        let xml = made(&ResponseSpec { attributes, ..spec() });
        assert!(xml.contains(expected), "{xml}");
    }
}

#[test]
fn an_encrypted_assertion_shows_nothing_and_the_response_around_it_is_signed() {
    let idp = idp(false);
    for cipher in [
        ContentCipher::Aes128Cbc,
        ContentCipher::Aes256Cbc,
        ContentCipher::Aes128Gcm,
        ContentCipher::Aes256Gcm,
    ] {
        for transport in [KeyTransport::OaepSha1, KeyTransport::OaepSha256] {
            let encryption = encryption(cipher, transport);
            let xml =
                idp.saml().response(&ResponseSpec { encryption, signed: Signed::Both, ..spec() }).unwrap();
            assert!(is_well_formed(&xml) && is_signed(&xml, "samlp:Response"), "{xml}");
            assert!(xml.contains("<saml:EncryptedAssertion ") && !xml.contains("ada@"), "{xml}");
        }
    }
    let certificate = b"no certificate".to_vec();
    let none = Some(Encryption {
        certificate,
        ..encryption(ContentCipher::Aes256Gcm, KeyTransport::OaepSha1).unwrap()
    });
    let refused = idp.saml().response(&ResponseSpec { encryption: none, ..spec() });
    assert_eq!(refused, Err(SamlError::Encryption));
}

#[test]
fn each_fault_is_the_one_that_was_asked_for() {
    let idp = idp(false);
    let honest = idp.saml().response(&spec()).unwrap();
    for fault in SamlFault::ALL {
        let mut asked = with(fault);
        asked.encryption = (fault == SamlFault::EncryptedUnsigned)
            .then(|| encryption(ContentCipher::Aes256Gcm, KeyTransport::OaepSha1).unwrap());
        let xml = idp.saml().response(&asked).unwrap();
        let has = |text: &str| xml.contains(text);
        let found = match fault {
            SamlFault::WrongAudience => has("<saml:Audience>https://another-service.example/saml<"),
            SamlFault::NoAudience => !has("Audience"),
            SamlFault::Expired => has("NotOnOrAfter=\"2027-01-15T07:00:00Z\" Recipient"),
            SamlFault::ClockAhead => has("NotBefore=\"2027-01-15T08:09:30Z\""),
            SamlFault::ClockBehind => has("NotOnOrAfter=\"2027-01-15T07:55:00Z\""),
            SamlFault::Unsigned => !has("ds:Signature"),
            SamlFault::EncryptedUnsigned => has("EncryptedAssertion") && !has("ds:Signature"),
            SamlFault::Sha1 => has("xmldsig#rsa-sha1\"") && has("xmldsig#sha1\""),
            SamlFault::WrongKey => !has(&key().certificate_base64()) && has("X509Certificate"),
            SamlFault::Tampered => has(">mallory@example.com<") && has("ada@example.com"),
            SamlFault::Wrapped => has("<saml:Advice><saml:Assertion ") && has("ID=\"_forged\""),
            SamlFault::TwoAssertions => xml.matches("<saml:Assertion ").count() == 2,
            SamlFault::CommentInNameId => has(">ada@<!---->example.com</saml:NameID>"),
            SamlFault::Doctype => xml.starts_with("<!DOCTYPE "),
            SamlFault::WrongDestination => has(&format!("Destination=\"{ACS}/other\"")),
            SamlFault::WrongRecipient => has(&format!("Recipient=\"{ACS}/other\"")),
            SamlFault::WrongIssuer => xml.matches("/saml/metadata/other</saml:Issuer>").count() == 2,
            SamlFault::WrongInResponseTo => xml.matches("\"_a-request-that-was-never-made\"").count() == 2,
            SamlFault::NoInResponseTo => !has("InResponseTo"),
            SamlFault::StatusFailed => has("status:AuthnFailed") && has("not assigned") && !has("Assertion"),
            SamlFault::NoAuthnStatement => !has("AuthnStatement"),
            SamlFault::NoConfirmationEnd => has("InResponseTo=\"_request\" Recipient="),
            SamlFault::MissingEmail => !has("ada@example.com"),
            SamlFault::TransientNameId => has("nameid-format:transient"),
            SamlFault::NoNameId => !has("NameID"),
            // The last answer is that of the fault before.
            SamlFault::Replay => !has("NameID") && xml != honest,
        };
        assert!(found, "{fault:?}: {xml}");
        let bent = matches!(
            fault,
            SamlFault::Unsigned
                | SamlFault::EncryptedUnsigned
                | SamlFault::Sha1
                | SamlFault::WrongKey
                | SamlFault::Tampered
                | SamlFault::Wrapped
                | SamlFault::TwoAssertions
                | SamlFault::CommentInNameId
                | SamlFault::StatusFailed
        );
        let from_assertion = xml.split_once("</samlp:Status>").unwrap().1;
        assert_eq!(is_signed(from_assertion, "saml:Assertion"), !bent, "{fault:?}: {xml}");
    }
}

#[test]
fn a_repetition_and_an_encryption_need_something_to_begin_with() {
    let idp = idp(false);
    assert_eq!(idp.saml().response(&with(SamlFault::Replay)), Err(SamlError::NothingToReplay));
    let unsigned = with(SamlFault::EncryptedUnsigned);
    assert_eq!(idp.saml().response(&unsigned), Err(SamlError::NoCertificate));
    let certificate = Some(key().certificate_der().to_vec());
    idp.saml().register(ServiceProvider {
        name: String::new(),
        entity_id: SP.into(),
        acs_url: ACS.into(),
        certificate,
    });
    let first = idp.saml().response(&unsigned).unwrap();
    assert_eq!(idp.saml().response(&with(SamlFault::Replay)), Ok(first));
}

async fn page(idp: &TestIdp, request: Request<Body>) -> (StatusCode, String) {
    let app = Router::new().nest("/test-idp", idp.router());
    let answer = app.oneshot(request).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

async fn get(idp: &TestIdp, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
    let uri = format!("/test-idp/saml/{path}?{}", encoded(fields));
    page(idp, Request::get(uri).body(Body::empty()).unwrap()).await
}

async fn post(idp: &TestIdp, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
    let request = Request::post(format!("/test-idp/saml/{path}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(encoded(fields)));
    page(idp, request.unwrap()).await
}

fn request(acs_url: &str) -> String {
    format!(
        "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r\" \
         AssertionConsumerServiceURL=\"{acs_url}\"><saml:Issuer xmlns:saml=\"x\">{SP}</saml:Issuer>\
         </samlp:AuthnRequest>"
    )
}

fn deflated(acs_url: &str) -> String {
    STANDARD.encode(miniz_oxide::deflate::compress_to_vec(request(acs_url).as_bytes(), 6))
}

/// The document that the page posts.
fn answer(html: &str) -> String {
    String::from_utf8(STANDARD.decode(between(html, "name=\"SAMLResponse\" value=\"", "\"")).unwrap())
        .unwrap()
}

#[tokio::test]
async fn metadata_names_the_key_and_both_bindings() {
    let (status, document) = get(&idp(false), "metadata", &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(is_well_formed(document.split_once("?>").unwrap().1), "{document}");
    assert!(document.contains(&format!("entityID=\"{ISSUER}/saml/metadata\"")), "{document}");
    assert!(document.contains(&key().certificate_base64()));
    for binding in ["HTTP-Redirect", "HTTP-POST"] {
        assert!(document.contains(&format!("{binding}\" Location=\"{ISSUER}/saml/sso\"")), "{document}");
    }
}

#[tokio::test]
async fn a_request_leads_to_the_page_and_from_there_to_a_posted_answer() {
    let idp = idp(false);
    let packed = deflated(ACS);
    let (status, html) = get(&idp, "sso", &[("SAMLRequest", &packed), ("RelayState", "r\"s")]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("name=\"in_response_to\" value=\"_r\"") && html.contains("value=\"r&quot;s\""));
    assert!(html.contains("value=\"wrapped\"") && html.contains("data-testid=\"name_id\""));
    let plain = STANDARD.encode(request(ACS));
    assert_eq!(post(&idp, "sso", &[("SAMLRequest", &plain)]).await.0, StatusCode::OK);

    let chosen = [
        ("acs_url", ACS),
        ("audience", SP),
        ("in_response_to", "_r"),
        ("RelayState", "r"),
        ("email", "ada@example.com"),
        ("signed", "response"),
        ("name_id", "persistent"),
        ("fault", ""),
    ];
    let (_, html) = post(&idp, "login", &chosen).await;
    assert!(html.contains(&format!("action=\"{ACS}\"")) && html.contains("name=\"RelayState\" value=\"r\""));
    let xml = answer(&html);
    assert!(is_signed(&xml, "samlp:Response") && xml.contains("InResponseTo=\"_r\""), "{xml}");
    assert!(xml.contains(&format!("nameid-format:persistent\">{}<", ada().subject)), "{xml}");
}

#[tokio::test]
async fn the_page_is_skipped_only_when_switched_on_asked_for_and_known() {
    let packed = deflated(ACS);
    let asked = |hint| [("SAMLRequest", packed.as_str()), ("auto", "1"), ("login_hint", hint)];
    let (_, html) = get(&idp(true), "sso", &asked("grace@example.com")).await;
    assert!(answer(&html).contains("grace@example.com</saml:NameID>"));
    for (idp, hint) in [(idp(true), "nobody@example.com"), (idp(false), "grace@example.com")] {
        let (status, html) = get(&idp, "sso", &asked(hint)).await;
        assert!(status == StatusCode::OK && !html.contains("SAMLResponse"));
    }
}

#[tokio::test]
async fn nobody_is_sent_to_a_stranger() {
    let idp = idp(true);
    let packed = deflated("https://elsewhere.test/");
    let asked = [("SAMLRequest", packed.as_str()), ("auto", "1"), ("login_hint", "ada@example.com")];
    assert_eq!(get(&idp, "sso", &asked).await.0, StatusCode::BAD_REQUEST);
    let chosen = [("acs_url", "https://elsewhere.test/"), ("audience", SP), ("email", "ada@example.com")];
    assert_eq!(post(&idp, "login", &chosen).await.0, StatusCode::BAD_REQUEST);
    let (acs_url, entity_id) = ("https://elsewhere.test/".into(), "https://elsewhere.test/sp".into());
    idp.saml().register(ServiceProvider { name: String::new(), entity_id, acs_url, certificate: None });
    assert_eq!(post(&idp, "login", &chosen).await.0, StatusCode::OK);
    for nonsense in [[("SAMLRequest", "")], [("SAMLRequest", "!")], [("RelayState", "x")]] {
        assert_eq!(get(&idp, "sso", &nonsense).await.0, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_sign_in_can_begin_here() {
    let idp = idp(false);
    let (_, html) = get(&idp, "idp-initiated", &[]).await;
    assert!(html.contains("name=\"acs_url\"") && html.contains("name=\"RelayState\""), "{html}");
    let (name, entity_id, acs_url) = ("Globex & Co".to_owned(), SP.to_owned(), ACS.to_owned());
    idp.saml().register(ServiceProvider { name, entity_id, acs_url, certificate: None });
    let (_, html) = get(&idp, "idp-initiated", &[]).await;
    let service = format!("{SP} {ACS}");
    assert!(html.contains(&format!("<option value=\"{service}\">Globex &amp; Co</option>")), "{html}");
    let nameless = format!("{ACS}/55731e6");
    let (entity_id, acs_url) = (SP.to_owned(), nameless.clone());
    idp.saml().register(ServiceProvider { name: String::new(), entity_id, acs_url, certificate: None });
    let (_, html) = get(&idp, "idp-initiated", &[]).await;
    assert!(html.contains(&format!("<option value=\"{SP} {nameless}\">55731e6</option>")), "{html}");
    let (_, html) = post(&idp, "login", &[("sp", &service), ("email", "alan@example.com")]).await;
    let xml = answer(&html);
    assert!(!xml.contains("InResponseTo") && !html.contains("RelayState"), "{xml}");
    let foreign =
        [("sp", service.as_str()), ("email", "alan@example.com"), ("fault", "wrong_in_response_to")];
    assert!(answer(&post(&idp, "login", &foreign).await.1).contains("InResponseTo"));
}

#[tokio::test]
async fn an_armed_fault_strikes_once() {
    let idp = idp(false);
    idp.saml().arm(Some(SamlFault::StatusFailed));
    let chosen = [("acs_url", ACS), ("audience", SP), ("email", "ada@example.com")];
    let first = answer(&post(&idp, "login", &chosen).await.1);
    let second = answer(&post(&idp, "login", &chosen).await.1);
    assert!(first.contains("AuthnFailed") && !second.contains("AuthnFailed"));
}
