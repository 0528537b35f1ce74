//! `vestibule saml` as a support engineer runs it: files in, a report and an exit status out.
#![expect(clippy::unwrap_used, reason = "helpers of a test stop it by panicking, like the tests themselves")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tempfile::TempDir;
use vestibule_saml::UnixMillis;
use vestibule_saml::key::{RsaPrivateKey, SigningKey};
use vestibule_testidp::{
    ContentCipher, Encryption, KeyTransport, ResponseSpec, SamlConfig, SamlFault, SamlIdp, Signed, User,
};

const NOW: i64 = 1_800_000_000;
const AT: &str = "2027-01-15T08:00:10Z";
const ACS: &str = "https://sp.example/v1/b2b/sso/callback/one";
const IDP: &str = "https://idp.example/saml/metadata";

/// A provider and a directory with its metadata, its certificate and whatever a test adds.
struct Desk {
    idp: SamlIdp,
    directory: TempDir,
}

impl Desk {
    fn new() -> Self {
        let counter = AtomicU8::new(0);
        let idp = SamlIdp::new(SamlConfig {
            entity_id: IDP.into(),
            sso_url: "https://idp.example/saml/sso".into(),
            key: None,
            clock: Arc::new(|| NOW),
            random: Arc::new(move |out: &mut [u8]| out.fill(counter.fetch_add(1, Ordering::SeqCst))),
        });
        let desk = Self { idp, directory: tempfile::tempdir().unwrap() };
        desk.file("idp.xml", desk.idp.metadata().unwrap());
        desk.file("idp.pem", desk.idp.key().unwrap().certificate_pem());
        desk
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.directory.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    fn response(&self, change: impl FnOnce(&mut ResponseSpec)) -> String {
        let mut spec = ResponseSpec::new(User::samples().swap_remove(0), ACS, ACS);
        change(&mut spec);
        self.idp.response(&spec).unwrap()
    }

    /// Judges `response` as of a time at which it is fresh, with these further arguments.
    fn verify(&self, response: impl AsRef<[u8]>, more: &[&str]) -> Output {
        self.file("response", response);
        let usual = ["saml", "verify", "response", "--acs-url", ACS, "--audience", ACS, "--now", AT];
        let provider = ["--metadata", "idp.xml"];
        let provider = if more.contains(&"--certificate") { &[][..] } else { &provider[..] };
        run(self.directory.path(), &[&usual[..], provider, more].concat(), b"")
    }

    fn json(&self, response: impl AsRef<[u8]>, more: &[&str]) -> Value {
        let output = self.verify(response, &[more, &["--json"]].concat());
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn run(directory: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_vestibule"))
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn an_accepted_response_shows_every_check_and_the_identity() {
    let desk = Desk::new();
    let output = desk.verify(desk.response(|_| {}), &[]);
    let report = said(&output);
    assert_eq!(code(&output), 0, "{report}");
    for expected in ["ACCEPTED\n", "NameID       ada@example.com", "engineering", "passed       audience"] {
        assert!(report.contains(expected), "{expected} in {report}");
    }
    assert!(!report.contains("FAILED") && !report.contains("not reached"), "{report}");
    insta::assert_json_snapshot!(desk.json(desk.response(|_| {}), &[]), {
        ".provider.certificates[].fingerprint_sha256" => "[fingerprint]",
        ".identity.signed_assertion.certificate_sha256" => "[fingerprint]",
        ".checks[].found" => insta::dynamic_redaction(|value, _| {
            // The fingerprint and the length of the certificate are others each time.
            value.as_str().map_or(value.clone(), |found| {
                if found.ends_with(" bytes") { "[bytes]".into() } else { found.split(" (SHA-256").next().unwrap().into() }
            })
        }),
        ".response.bytes" => "[bytes]",
    });
}

#[test]
fn a_refused_response_names_the_check_and_both_sides() {
    let desk = Desk::new();
    let wrong = desk.response(|spec| spec.fault = Some(SamlFault::WrongAudience));
    let output = desk.verify(&wrong, &[]);
    let report = said(&output);
    assert_eq!(code(&output), 1, "{report}");
    let sides =
        ["FAILED       audience", "https://another-service.example/saml", ACS, "REFUSED (audience_mismatch)"];
    assert!(sides.iter().all(|side| report.contains(side)), "{report}");
    assert!(report.contains("not reached  recipient"), "{report}");
    let report = desk.json(&wrong, &[]);
    assert_eq!((&report["verdict"], &report["identity"]), (&"refused".into(), &Value::Null));
    assert_eq!(report["refusal"]["expected"], ACS);
    let failed = report["checks"].as_array().unwrap().iter().find(|check| check["outcome"] == "failed");
    assert_eq!(failed.unwrap()["name"], "audience");
    // Another audience may be expected as well.
    let more = ["--audience", "https://another-service.example/saml"];
    assert_eq!(code(&desk.verify(&wrong, &more)), 0);
}

#[test]
fn each_fault_of_the_test_provider_is_refused() {
    let desk = Desk::new();
    for fault in SamlFault::ALL {
        // The first two sign in all the same, a repetition and sealed forgeries need a server.
        let harmless =
            matches!(fault, SamlFault::TransientNameId | SamlFault::NoNameId | SamlFault::MissingEmail);
        if matches!(fault, SamlFault::Replay | SamlFault::EncryptedUnsigned) {
            continue;
        }
        let response = desk.response(|spec| {
            spec.in_response_to = Some("_asked".into());
            spec.fault = Some(fault);
        });
        let output = desk.verify(response, &["--request-id", "_asked"]);
        assert_eq!(code(&output), i32::from(!harmless), "{fault:?}: {}", said(&output));
    }
}

#[test]
fn a_response_is_read_in_every_form_in_which_people_have_it() {
    let desk = Desk::new();
    let xml = desk.response(|_| {});
    let encoded = STANDARD.encode(&xml);
    let body: String =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("SAMLResponse", &encoded).finish();
    for (form, input) in [
        ("an XML document", xml.clone()),
        ("the base64 of an XML document", encoded.clone()),
        ("the body of a posted form", format!("{body}&RelayState=there")),
    ] {
        let report = desk.json(&input, &[]);
        assert_eq!((&report["verdict"], &report["response"]["form"]), (&"accepted".into(), &form.into()));
        let piped =
            ["saml", "verify", "--metadata", "idp.xml", "--acs-url", ACS, "--audience", ACS, "--now", AT];
        assert_eq!(code(&run(desk.directory.path(), &piped, input.as_bytes())), 0, "{form}");
    }
}

#[test]
fn the_request_decides_whether_a_response_was_asked_for() {
    let desk = Desk::new();
    let answer = desk.response(|spec| spec.in_response_to = Some("_asked".into()));
    assert_eq!(code(&desk.verify(&answer, &["--request-id", "_asked"])), 0);
    assert_eq!(code(&desk.verify(&answer, &["--request-id", "_other"])), 1);
    let unasked = desk.verify(&answer, &[]);
    assert_eq!(code(&unasked), 1);
    assert!(said(&unasked).contains("give --request-id _asked;"), "{}", said(&unasked));
    assert!(said(&unasked).contains("Taken as the answer to _asked, it is good."), "{}", said(&unasked));
}

/// Whoever is sent a response asks what is wrong with it, and does so hours later.
#[test]
fn what_is_wrong_apart_from_its_request_and_its_age_is_told_at_once() {
    let desk = Desk::new();
    let answer = desk.response(|spec| {
        spec.in_response_to = Some("_asked".to_owned());
        spec.audience = "https://another.test/".to_owned();
    });
    desk.file("late", &answer);
    let usual = ["saml", "verify", "late", "--acs-url", ACS, "--audience", ACS, "--metadata", "idp.xml"];
    let late = |more: &[&str]| {
        let now = ["--now", "2027-01-15T20:00:00Z"];
        run(desk.directory.path(), &[&usual[..], &now, more].concat(), b"")
    };
    let output = late(&[]);
    assert_eq!(code(&output), 1);
    let said = said(&output);
    assert!(said.contains("REFUSED (in_response_to_unasked)"), "{said}");
    assert!(said.contains("Taken as the answer to _asked and as of "), "{said}");
    assert!(
        said.contains("REFUSED (audience_mismatch): the assertion is for https://another.test/"),
        "{said}"
    );
    let told: Value = serde_json::from_slice(&late(&["--json"]).stdout).unwrap();
    let apart = &told["apart_from_that"];
    assert!(apart["request_id"] == "_asked" && apart["refusal"]["code"] == "audience_mismatch", "{told}");
    // What is wrong with the response itself is all that there is to say.
    let unsigned = desk.response(|spec| spec.fault = Some(SamlFault::Unsigned));
    assert_eq!(desk.json(&unsigned, &[])["apart_from_that"], Value::Null);
}

#[test]
fn a_certificate_and_a_name_do_instead_of_metadata() {
    let desk = Desk::new();
    let response = desk.response(|spec| spec.signed = Signed::Response);
    let by_hand = ["--certificate", "idp.pem", "--idp-entity-id", IDP];
    assert_eq!(code(&desk.verify(&response, &by_hand)), 0);
    let by_hand = ["--certificate", "idp.pem", "--idp-entity-id", "https://other.example"];
    assert_eq!(code(&desk.verify(&response, &by_hand)), 1);
    assert_eq!(code(&desk.verify(&response, &["--certificate", "idp.pem"])), 2, "a name is needed");
}

#[test]
fn an_encrypted_assertion_needs_its_key() {
    let desk = Desk::new();
    let private = RsaPrivateKey::generate().unwrap();
    let (from, to) = (UnixMillis(NOW * 1000), UnixMillis((NOW + 1000) * 1000));
    let signing = SigningKey::new(&private).unwrap();
    let certificate = signing.self_signed_certificate("sp", from, to, [7; 16]).unwrap();
    desk.file("sp.pem", private.to_pkcs1_pem().as_bytes());
    let encryption = Encryption {
        certificate: certificate.der().to_vec(),
        cipher: ContentCipher::Aes256Gcm,
        transport: KeyTransport::OaepSha1,
    };
    let response = desk.response(|spec| spec.encryption = Some(encryption));
    let report = desk.json(&response, &["--decryption-key", "sp.pem"]);
    assert_eq!((&report["verdict"], &report["identity"]["encrypted"]), (&"accepted".into(), &true.into()));
    assert_eq!(desk.json(&response, &[])["refusal"]["code"], "no_decryption_key");
}

#[test]
fn weak_algorithms_need_their_switch() {
    let desk = Desk::new();
    let weak = desk.response(|spec| spec.fault = Some(SamlFault::Sha1));
    assert_eq!(code(&desk.verify(&weak, &[])), 1);
    assert_eq!(code(&desk.verify(&weak, &["--legacy-sha1"])), 0);
}

#[test]
fn what_cannot_be_judged_is_no_refusal() {
    let desk = Desk::new();
    let good = desk.response(|_| {});
    for (input, more) in [
        ("", &[][..]),
        ("no base64!", &[]),
        ("SAMLRequest=abc", &[]),
        (good.as_str(), &["--decryption-key", "idp.xml"]),
        (&good, &["--certificate", "missing.pem", "--idp-entity-id", IDP]),
        (&good, &["--certificate", "response", "--idp-entity-id", IDP]),
        (&good, &["--request-id", ""]),
        (&good, &["--now", "yesterday"]),
    ] {
        let output = desk.verify(input, more);
        assert_eq!(code(&output), 2, "{more:?}: {}", said(&output));
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn metadata_is_explained() {
    let desk = Desk::new();
    let explain = |file: &str, more: &[&str]| {
        run(desk.directory.path(), &[&["saml", "metadata", file, "--now", AT], more].concat(), b"")
    };
    let output = explain("idp.xml", &[]);
    let report = said(&output);
    assert_eq!(code(&output), 0, "{report}");
    for expected in
        [IDP, "https://idp.example/saml/sso (HTTP-Redirect)", "CN=Test identity provider", "USABLE"]
    {
        assert!(report.contains(expected), "{expected} in {report}");
    }
    let report: Value = serde_json::from_slice(&explain("idp.xml", &["--json"]).stdout).unwrap();
    assert_eq!(report["verdict"], "usable");
    assert_eq!(report["provider"]["signing_certificates"][0]["not_after"], "2037-01-14T00:00:00Z");

    let document = fs::read_to_string(desk.directory.path().join("idp.xml")).unwrap();
    let until = document.replace(" entityID=", " validUntil=\"2027-01-01T00:00:00Z\" entityID=");
    desk.file("expired.xml", until);
    desk.file("page.html", "<!DOCTYPE html><html></html>");
    for (file, status, expected) in [
        ("expired.xml", 1, "NOT USABLE (metadata_expired)"),
        ("page.html", 1, "web page"),
        ("idp.pem", 1, "certificate"),
        ("missing.xml", 2, "missing.xml"),
        ("https://127.0.0.1/metadata", 2, "127.0.0.1"),
    ] {
        let output = explain(file, &[]);
        let report = said(&output);
        assert!(code(&output) == status && report.contains(expected), "{file}: {report}");
    }
}

/// The cases of the corpus as somebody would give them to the command line: the good ones, and of the hostile ones those
/// whose nearest neighbour is good.
#[test]
fn the_command_line_judges_as_the_corpus_says() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let folders = |path: &Path| -> Vec<PathBuf> {
        let mut found: Vec<_> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        found.sort();
        found
    };
    let neighbours = [
        "audience",
        "canonicalization-method",
        "conditions-time",
        "encoding",
        "encrypted-structure",
        "issue-instant",
        "issuer",
        "malformed-time",
        "name-id",
        "subject-confirmation",
        "unsolicited",
    ];
    let hostile = neighbours.iter().flat_map(|class| folders(&corpus.join("hostile").join(class)));
    let directory = tempfile::tempdir().unwrap();
    let mut judged = [0, 0];
    for folder in folders(&corpus.join("good")).into_iter().chain(hostile) {
        let case: Value =
            serde_json::from_str(&fs::read_to_string(folder.join("case.json")).unwrap()).unwrap();
        let message = folder.join(case["input"].as_str().unwrap());
        let mut arguments: Vec<String> = ["saml", "verify", "--json"].map(str::to_owned).into();
        let mut give = |name: &str, value: &str| arguments.extend([name.to_owned(), value.to_owned()]);
        let file = |name: String, content: &str| {
            let path = directory.path().join(name);
            fs::write(&path, content).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let texts = |member: &str| -> Vec<String> {
            case[member].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
        };
        for (number, certificate) in texts("certificates").iter().enumerate() {
            give("--certificate", &file(format!("{number}.pem"), certificate));
        }
        for (number, key) in texts("decryption_keys").iter().enumerate() {
            let pem = format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n");
            give("--decryption-key", &file(format!("{number}.key"), &pem));
        }
        texts("acs_urls").iter().for_each(|url| give("--acs-url", url));
        texts("audiences").iter().for_each(|audience| give("--audience", audience));
        give("--idp-entity-id", case["idp_entity_id"].as_str().unwrap());
        give("--now", case["now"].as_str().unwrap());
        case["request_id"].as_str().into_iter().for_each(|id| give("--request-id", id));
        for (member, flag) in [("sha1", "--legacy-sha1"), ("inclusive_c14n", "--legacy-inclusive-c14n")] {
            arguments.extend((case["legacy"][member] == true).then(|| flag.to_owned()));
        }
        arguments.push(message.to_str().unwrap().to_owned());
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = run(directory.path(), &arguments, b"");
        let accepted = case["expect"]["accepted"] == true;
        let name = folder.display();
        // Forms that the command line cannot read are told by their own exit status.
        assert!(
            code(&output) == i32::from(!accepted) || (!accepted && code(&output) == 2),
            "{name}: {}",
            said(&output)
        );
        if let Ok(report) = serde_json::from_slice::<Value>(&output.stdout) {
            let expect = &case["expect"];
            assert_eq!(report["identity"]["name_id"]["value"], expect["name_id"], "{name}");
            assert_eq!(report["refusal"]["code"], expect["refusal"], "{name}");
        }
        judged[usize::from(accepted)] += 1;
    }
    assert!(judged[0] > 90 && judged[1] > 170, "{judged:?}");
}

/// What the server would not take is not usable here either.
#[test]
fn metadata_is_judged_as_the_server_judges_it() {
    let desk = Desk::new();
    let good = desk.idp.metadata().unwrap();
    let judge = |name: &str, document: &str, more: &[&str]| {
        desk.file(name, document);
        let usual = ["saml", "metadata", name, "--now", AT];
        run(desk.directory.path(), &[&usual, more].concat(), b"")
    };
    let plain = good.replace("https://idp.example/saml/sso", "http://127.0.0.1/saml/sso");
    let output = judge("plain.xml", &plain, &[]);
    assert_eq!(code(&output), 1, "{}", said(&output));
    assert!(said(&output).contains("NOT USABLE (metadata_sso_url_not_https)"), "{}", said(&output));
    assert!(
        said(&output).contains("--allow-loopback") && !said(&output).contains("WARNING"),
        "{}",
        said(&output)
    );
    let output = judge("plain.xml", &plain, &["--allow-loopback"]);
    assert_eq!(code(&output), 0, "as `vestibule dev` does");
    assert!(!said(&output).contains("WARNING"), "{}", said(&output));
    // What the verdict does not say is still a warning: an address of another machine, or of the other binding.
    let outer = good.replace("https://idp.example/saml/sso", "http://idp.example/saml/sso");
    let output = judge("outer.xml", &outer, &["--allow-loopback"]);
    assert!(
        !said(&output).contains("WARNING") && !said(&output).contains("--allow-loopback"),
        "{}",
        said(&output)
    );
    let second = plain.replacen("http://127.0.0.1/saml/sso", "https://idp.example/saml/sso", 1);
    let output = judge("second.xml", &second, &[]);
    assert!(code(&output) == 0 && said(&output).contains("WARNING"), "{}", said(&output));
    let relative = good.replace("https://idp.example/saml/sso", "/saml/sso");
    assert!(said(&judge("relative.xml", &relative, &[])).contains("metadata_sso_url_not_absolute"));
    let long = good.replace(IDP, &format!("https://idp.example/{}", "x".repeat(1100)));
    assert!(said(&judge("long.xml", &long, &[])).contains("NOT USABLE (metadata_entity_id)"));
    let bare = good.split_once("?>").map_or(good.as_str(), |(_, document)| document);
    let slips = format!("\n<!-- saved -->\n<?xml version=\"1.0\" encoding=\"utf-16\"?>{bare}");
    let slips = slips.replacen(" entityID=", " validUntil=\"\" cacheDuration=\"P1DT\" entityID=", 1);
    let output = judge("slips.xml", &slips.replace("https://idp", "HTTPS://idp"), &[]);
    let report = said(&output);
    assert_eq!(code(&output), 0, "{report}");
    assert!(
        report.contains("validUntil is \"\"") && report.contains("cacheDuration is \"P1DT\""),
        "{report}"
    );
    assert!(!report.contains("is not https"), "{report}");
}
