//! The server judges as the corpus and the command line do: what they accept signs in here, what they refuse does not, and
//! metadata that one takes the other takes. What else arrives at a callback is called by its name.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::deflate::compress_to_vec;
use serde_json::{Value, json};
use vestibule_domain::Time;

use crate::app::{TestApp, on_both_engines, text};
use crate::browser::{Browser, Return};
use crate::reply::parameter;
use crate::saml_connections::{Api, certificate};
use crate::saml_idp::{At, connect};

on_both_engines!(
    every_unsolicited_case_of_the_corpus_is_judged_alike,
    metadata_with_slips_is_taken_and_what_decides_is_not,
    the_leaf_of_a_pasted_chain_signs,
    a_constant_in_response_to_is_told_truthfully_and_may_be_allowed,
    what_else_arrives_is_called_by_its_name,
);

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

/// The cases of the corpus in which nobody had asked, with their messages: those that can be brought to any server.
fn unsolicited() -> Vec<(PathBuf, Value, Vec<u8>)> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let hostile = folders(&corpus.join("hostile")).into_iter().flat_map(|class| folders(&class));
    let all = folders(&corpus.join("good")).into_iter().chain(hostile);
    let read = |folder: PathBuf| {
        let case: Value =
            serde_json::from_str(&fs::read_to_string(folder.join("case.json")).unwrap()).unwrap();
        // Whoever is accepted here needs an address.
        let has_address = case["expect"]["name_id"].as_str().is_none_or(|name| name.contains('@'));
        let is_meant = case["request_id"].is_null() && case["input"] == "response.xml" && has_address;
        let message = fs::read(folder.join(case["input"].as_str().unwrap())).unwrap();
        is_meant.then_some((folder, case, message))
    };
    all.filter_map(read).collect()
}

fn pem(label: &str, base64: &str) -> String {
    format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n")
}

/// The settings of a connection as a case has them. Our own addresses are others, so that the case's are alternatives.
fn settings(case: &Value, now: Time) -> Value {
    let all: Vec<String> = case["certificates"].as_array().unwrap().iter().map(text).collect();
    let until = now.plus(vestibule_domain::time::Span::days(1)).to_string();
    let switch = |name: &str| if case["legacy"][name] == true { until.clone() } else { String::new() };
    let mut settings = json!({
        "idp_entity_id": case["idp_entity_id"],
        "x509_certificate": all.concat(),
        "alternative_acs_url": case["acs_urls"][0],
        "alternative_audience_uri": case["audiences"][0],
        "legacy_allow_sha1_until": switch("sha1"),
        "legacy_allow_inclusive_c14n_until": switch("inclusive_c14n"),
        "attribute_mapping": { "email": "NameID", "idp_user_id": "NameID", "full_name": "NameID" },
    });
    if let Some(key) = case["decryption_keys"][0].as_str() {
        settings["saml_encryption_private_key"] = pem("PRIVATE KEY", key).into();
    }
    settings
}

fn posted(at: &At, message: &[u8]) -> Return {
    let fields = vec![("SAMLResponse".to_owned(), STANDARD.encode(message))];
    Return { url: at.acs().parse().unwrap(), fields, is_form: true }
}

/// The steps of the one sign-in that was tried there.
async fn steps_of(app: &TestApp, at: &At) -> Vec<Value> {
    let traces = app.traces().await;
    let one = traces.iter().find(|trace| trace["connection_id"] == at.connection).unwrap();
    one["steps"].as_array().unwrap().clone()
}

async fn every_unsolicited_case_of_the_corpus_is_judged_alike(app: TestApp) {
    let cases = unsolicited();
    assert!(cases.len() >= 40, "{} cases", cases.len());
    let mut now = app.app.clock.now();
    for (number, (folder, case, message)) in cases.iter().enumerate() {
        // The corpus has one provider that calls all its assertions alike: each project takes one of them.
        let app = app.other_project().await;
        let then = Time::from_rfc3339(case["now"].as_str().unwrap()).unwrap();
        app.pass((then.millis() - now.millis()) / 1000);
        now = then;
        let at = connect(&app, &format!("case-{number}"), settings(case, now)).await;
        let reply = Browser::new(&app).bring(&posted(&at, message)).await;
        let name = folder.display();
        if case["expect"]["accepted"] != true {
            assert!(reply.status.is_client_error(), "{name}: {} {}", reply.status, reply.text());
            let steps = steps_of(&app, &at).await;
            assert_eq!(steps.last().unwrap()["passed"], false, "{name}: {steps:?}");
            continue;
        }
        assert_eq!(reply.status, 302, "{name}: {}", reply.text());
        let token = parameter(&reply.location(), "token");
        let member = app.redeem(&token).await.ok()["member"].clone();
        assert_eq!(member["email_address"], case["expect"]["name_id"], "{name}");
        let steps = steps_of(&app, &at).await;
        let weak = steps.iter().filter(|step| step["check"] == "legacy").count();
        let is_weak =
            case["title"].as_str().unwrap().contains("transform") || name.to_string().contains("legacy");
        assert_eq!(weak > 0, is_weak && !name.to_string().contains("unused"), "{name}: {steps:?}");
    }
}

const ENTITY: &str = "https://idp.example.com/entity";

fn metadata(head: &str, attributes: &str, location: &str, certificates: &[String]) -> String {
    let key = |body: &String| {
        format!(
            "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{body}\
             </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        )
    };
    let keys: String = certificates.iter().map(key).collect();
    format!(
        "{head}<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" entityID=\"{ENTITY}\" {attributes}><md:IDPSSODescriptor \
         WantAuthnRequestsSigned=\"True\" protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{keys}\
         <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
         Location=\"{location}\"/></md:IDPSSODescriptor></md:EntityDescriptor>"
    )
}

async fn metadata_with_slips_is_taken_and_what_decides_is_not(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let api = Api::new(&app, &organization).await;
    let certificates: Vec<String> = (0..6).map(|n| certificate(&n.to_string(), 2040 - n)).collect();
    let one = certificates[..1].to_vec();
    let https = "https://idp.example.com/sso";
    let declared = "<?xml version=\"1.0\" encoding=\"UTF-16\"?>";
    let twice = vec![STANDARD.encode(&one[0])];
    // What is taken, and of what people are warned.
    for (document, warning) in [
        (metadata(&format!("\n{declared}"), "", https, &one), ""),
        (metadata("<!-- from the portal -->", "", https, &one), ""),
        (metadata(declared, "validUntil=\"\"", https, &one), "validUntil"),
        (metadata("", "cacheDuration=\"P1DT\"", https, &one), "cacheDuration"),
        (metadata("", "validUntil=\"2040-01-01T00:00:00+01:00\"", https, &one), ""),
        (metadata("", "", "HTTPS://idp.example.com/sso", &one), ""),
        (metadata("", "", https, &twice), ""),
        (metadata("", "", https, &certificates), "1 of 6 signing certificates are left out"),
    ] {
        let put = app.put(&api.path, json!({ "metadata_xml": document })).await.ok();
        let connection = &put["connection"];
        assert_eq!(
            (&connection["status"], &connection["authn_requests_signed"]),
            (&json!("active"), &json!(true))
        );
        let warnings = put.get("metadata_warnings").map(ToString::to_string).unwrap_or_default();
        assert!(warnings.contains(warning) && warnings.is_empty() == warning.is_empty(), "{warnings}");
        let kept = connection["verification_certificates"].as_array().unwrap().len();
        assert!((1..=5).contains(&kept), "{kept}");
    }
    // What decides is as strict as ever.
    for (document, error_type) in [
        (metadata("", "", "http://idp.example.com/sso", &one), "saml_connection_idp_sso_url_not_https"),
        (
            metadata("", "validUntil=\"2020-01-01T00:00:00+00:00\"", https, &one),
            "saml_connection_metadata_invalid_format",
        ),
        (
            metadata("", "", https, &[STANDARD.encode(STANDARD.encode(&one[0]))]),
            "saml_connection_metadata_invalid_format",
        ),
        (metadata("<!DOCTYPE a>", "", https, &one), "invalid_xml_from_saml_metadata_url"),
    ] {
        api.refused(json!({ "metadata_xml": document }), error_type).await;
    }
}

async fn the_leaf_of_a_pasted_chain_signs(app: TestApp) {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
    let named = |name: &str, is_ca: IsCa| {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = is_ca;
        params
    };
    let ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority =
        CertifiedIssuer::self_signed(named("authority", ca), KeyPair::generate().unwrap()).unwrap();
    let leaf = named("idp", IsCa::NoCa).signed_by(&KeyPair::generate().unwrap(), &authority).unwrap();
    let organization = app.organization("acme", json!({})).await;
    let subjects = |connection: &Value| -> Vec<String> {
        let all = connection["verification_certificates"].as_array().unwrap();
        all.iter().map(|one| text(&one["subject"])).collect()
    };
    for chain in [leaf.pem() + &authority.pem(), authority.pem() + &leaf.pem()] {
        let api = Api::new(&app, &organization).await;
        let only_leaf = api.put(json!({ "x509_certificate": chain })).await;
        assert!(matches!(subjects(&only_leaf).as_slice(), [one] if one.contains("idp")), "{only_leaf}");
        // Whoever wants the authority to sign says so.
        let both = api.put(json!({ "x509_certificate": authority.pem() })).await;
        assert_eq!(subjects(&both).len(), 2, "{both}");
    }
    let api = Api::new(&app, &organization).await;
    let glued = STANDARD.encode([leaf.der().to_vec(), authority.der().to_vec()].concat());
    let document = metadata("", "", "https://idp.example.com/sso", &[glued]);
    let connection = api.put(json!({ "metadata_xml": document })).await;
    assert!(matches!(subjects(&connection).as_slice(), [one] if one.contains("idp")), "{connection}");
}

async fn a_constant_in_response_to_is_told_truthfully_and_may_be_allowed(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let mut browser = Browser::new(&app);
    let acs = at.acs();
    let fields = |id: &'static str| {
        [("acs_url", acs.clone()), ("audience", acs.clone()), ("in_response_to", id.to_owned())]
    };
    let answering = async |browser: &Browser, id: &'static str| {
        let fields = fields(id);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.begin_at(&fields, "ada@example.com").await.with("RelayState", None)
    };
    let constant = answering(&browser, "_rippling").await;
    let page = browser.bring(&constant).await;
    page.refusal_page("unsolicited_saml_response");
    assert!(page.text().contains("identity provider started by itself"), "{}", page.text());
    assert!(!page.text().contains("started here"), "{}", page.text());

    let id = "_0123456789abcdef0123456789abcdef01234567";
    for refused in [id, "a b", "a\nb", &"x".repeat(257)] {
        let body = json!({ "idp_initiated_in_response_to": refused });
        app.put(&at.path(), body).await.refused(400, "invalid_field");
    }
    let shown = app.put(&at.path(), json!({ "idp_initiated_in_response_to": "_rippling" })).await.ok();
    assert_eq!(shown["connection"]["idp_initiated_in_response_to"], "_rippling");
    browser.bring(&constant).await.location();
    // Only this one, and only where nobody asked.
    let other = answering(&browser, "_rippling2").await;
    browser.bring(&other).await.refusal_page("unsolicited_saml_response");
    let ours = answering(&browser, id).await;
    browser.bring(&ours).await.refusal_page("missing_saml_relay_state");
    app.put(&at.path(), json!({ "idp_initiated_in_response_to": "" })).await.ok();
    let again = answering(&browser, "_rippling").await;
    browser.bring(&again).await.refusal_page("unsolicited_saml_response");
}

/// The parameters, whether they come in a form, and what the page must say of them.
type Arrival = (Vec<(&'static str, String)>, bool, String, &'static str);

async fn what_else_arrives_is_called_by_its_name(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let samlp = "urn:oasis:names:tc:SAML:2.0:protocol";
    let message = |name: &str| format!("<p:{name} xmlns:p=\"{samlp}\" ID=\"_1\" Version=\"2.0\"/>");
    let mut cases: Vec<Arrival> = Vec::new();
    for (name, advice) in [
        ("LogoutRequest", "logout URL"),
        ("LogoutResponse", "logout URL"),
        ("AuthnRequest", "single sign-on URL"),
    ] {
        let deflated = STANDARD.encode(compress_to_vec(message(name).as_bytes(), 6));
        for parameter in ["SAMLRequest", "SAMLResponse"] {
            cases.push((vec![(parameter, STANDARD.encode(message(name)))], true, name.to_owned(), advice));
            cases.push((
                vec![(parameter, deflated.clone()), ("SigAlg", "x".to_owned())],
                false,
                name.to_owned(),
                advice,
            ));
        }
    }
    let wresult = "<t:RequestSecurityTokenResponse xmlns:t=\"urn:x\"/>".to_owned();
    let sign_in = |more: Vec<(&'static str, String)>| [vec![("wa", "wsignin1.0".to_owned())], more].concat();
    for (fields, is_form) in [
        (sign_in(vec![("wresult", wresult.clone()), ("wctx", "a".to_owned())]), true),
        (sign_in(vec![("wtrealm", "urn:x".to_owned())]), false),
        (vec![("wresult", wresult)], true),
        (vec![("wa", "wsignoutcleanup1.0".to_owned())], false),
    ] {
        cases.push((fields, is_form, "WS-Federation".to_owned(), "choose SAML 2.0"));
    }
    cases.push((vec![("SAMLart", "AAQ=".to_owned())], false, "artifact".to_owned(), "HTTP-POST"));
    cases.push((
        vec![("RelayState", "tile".to_owned())],
        true,
        "SAMLResponse".to_owned(),
        "A tile in a portal",
    ));
    for (fields, is_form, name, advice) in cases {
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let back = Return { url: at.acs().parse().unwrap(), fields, is_form };
        app.pass(1);
        let page = Browser::new(&app).bring(&back).await;
        page.refusal_page("saml_response");
        assert!(page.text().contains(&name) && page.text().contains(advice), "{back:?}: {}", page.text());
        let failed = app.traces().await[0]["steps"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&failed["check"], &failed["passed"]), (&json!("callback"), &json!(false)));
        assert!(
            failed["found"].as_str().unwrap().contains(if advice.contains("tile") {
                "without"
            } else {
                &name
            }),
            "{failed}"
        );
    }
    assert_eq!(app.member_count(&at.organization).await, 0);
}
