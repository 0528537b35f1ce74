//! The corpus of `tests/corpus`, judged: what must be accepted with which identity, and what must be refused with which
//! reason. `tests/forger` writes it and shares no code with this crate.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a corpus that cannot be read fails the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use vestibule_saml::algorithm::LegacyPolicy;
use vestibule_saml::binding::{decode_response, read_response};
use vestibule_saml::key::{Certificate, DecryptionKeys, RsaPrivateKey, VerificationKeys};
use vestibule_saml::response::{
    AcceptedAssertion, Account, Check, Exchange, Expectations, Expected, NameId, Outcome, judge,
};
use vestibule_saml::{Refusal as _, UnixMillis};

/// Providers whose shapes must be among the good cases.
const PROVIDERS: [&str; 12] = [
    "okta",
    "entra",
    "google",
    "adfs",
    "onelogin",
    "jumpcloud",
    "ping",
    "shibboleth",
    "keycloak",
    "simplesamlphp",
    "auth0",
    "pysaml2",
];
/// Classes of attacks that must be there, none of them empty.
const CLASSES: usize = 58;
const GOOD: usize = 150;
const HOSTILE: usize = 650;

/// What came of a case: an identity, or the code of the refusal.
type Verdict = Result<AcceptedAssertion, String>;

struct Case {
    folder: PathBuf,
    text: Value,
}

impl Case {
    fn read(folder: &Path) -> Self {
        let text = fs::read_to_string(folder.join("case.json")).unwrap();
        Self { folder: folder.to_owned(), text: serde_json::from_str(&text).unwrap() }
    }

    fn texts(&self, member: &str) -> Vec<&str> {
        self.text[member].as_array().unwrap().iter().map(|value| value.as_str().unwrap()).collect()
    }

    fn keys(&self) -> VerificationKeys {
        let certificates: Vec<_> =
            self.texts("certificates").iter().map(|pem| Certificate::from_pem(pem).unwrap()).collect();
        VerificationKeys::from_certificates(&certificates).unwrap()
    }

    fn decryption(&self) -> DecryptionKeys {
        let der = |text: &&str| RsaPrivateKey::from_der(&STANDARD.decode(text).unwrap()).unwrap();
        let keys: Vec<_> = self.texts("decryption_keys").iter().map(der).collect();
        DecryptionKeys::new(&keys).unwrap()
    }

    /// The octets of the message, out of whatever it was wrapped in.
    fn message(&self) -> Result<Vec<u8>, String> {
        let file = self.text["input"].as_str().unwrap();
        let octets = fs::read(self.folder.join(file)).unwrap();
        match file {
            "response.xml" => Ok(octets),
            "response.b64" => {
                let field = String::from_utf8(octets).unwrap();
                decode_response(&field).map_err(|error| error.code().to_owned())
            }
            "form.txt" => {
                read_response(&octets).map(|read| read.xml).map_err(|error| error.code().to_owned())
            }
            other => panic!("{other} is no input"),
        }
    }

    fn verdict(&self, account: &mut Account) -> Verdict {
        let message = self.message()?;
        self.judged(&message, account)
    }

    fn judged(&self, message: &[u8], account: &mut Account) -> Verdict {
        let (acs_urls, audiences) = (self.texts("acs_urls"), self.texts("audiences"));
        let exchange = match self.text["request_id"].as_str() {
            Some(id) => Exchange::Solicited { request_id: Expected::exactly(id).unwrap() },
            None => Exchange::Unsolicited,
        };
        let switch = |name: &str| self.text["legacy"][name].as_bool().unwrap();
        let expectations = Expectations {
            idp_entity_id: Expected::exactly(self.text["idp_entity_id"].as_str().unwrap()).unwrap(),
            keys: &self.keys(),
            acs_urls: Expected::one_of(acs_urls[0], &acs_urls[1..]).unwrap(),
            audiences: Expected::one_of(audiences[0], &audiences[1..]).unwrap(),
            exchange,
            decryption: &self.decryption(),
            legacy: LegacyPolicy { sha1: switch("sha1"), inclusive_c14n: switch("inclusive_c14n") },
            skew_millis: self.text["skew_seconds"].as_i64().unwrap() * 1000,
        };
        let now = UnixMillis::from_xs_date_time(self.text["now"].as_str().unwrap()).unwrap();
        judge(message, &expectations, now, account).map_err(|refusal| refusal.code().to_owned())
    }

    /// What is wrong with the verdict, if anything.
    fn complaint(&self) -> Option<String> {
        let mut account = Account::default();
        let verdict = self.verdict(&mut account);
        let expect = &self.text["expect"];
        let wrong = match (verdict, expect["accepted"].as_bool().unwrap()) {
            (Ok(accepted), true) => wrong_identity(&accepted, expect),
            (Ok(accepted), false) => {
                Some(format!("accepted as {:?}, expected {}", accepted.name_id(), expect["refusal"]))
            }
            (Err(code), true) => Some(format!("refused as {code}")),
            (Err(code), false) if expect["refusal"] == *code => None,
            (Err(code), false) => Some(format!("refused as {code}, expected {}", expect["refusal"])),
        };
        let said = match account.failure() {
            Some((check, Outcome::Failed { sentence, .. })) => format!(" ({}: {sentence})", check.name()),
            _ => String::new(),
        };
        wrong.map(|wrong| format!("{}: {wrong}{said}", self.folder.display()))
    }
}

fn wrong_identity(accepted: &AcceptedAssertion, expect: &Value) -> Option<String> {
    let name_id = accepted.name_id();
    let attributes: BTreeMap<&str, &[String]> =
        accepted.attributes().iter().map(|attribute| (attribute.name(), attribute.values())).collect();
    let expected_attributes: BTreeMap<String, Vec<String>> =
        serde_json::from_value(expect["attributes"].clone()).unwrap();
    let same_attributes = attributes.len() == accepted.attributes().len()
        && attributes
            .iter()
            .map(|(name, values)| (*name, *values))
            .eq(expected_attributes.iter().map(|(name, values)| (name.as_str(), values.as_slice())));
    let wrong = [
        ("NameID", name_id.map(NameId::value) != expect["name_id"].as_str()),
        ("format of the NameID", name_id.and_then(NameId::format_uri) != expect["name_id_format"].as_str()),
        ("session index", accepted.session_index() != expect["session_index"].as_str()),
        ("attributes", !same_attributes),
    ];
    let (what, _) = wrong.into_iter().find(|(_, wrong)| *wrong)?;
    Some(format!("accepted with another {what}: {name_id:?}, {attributes:?}"))
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus")
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

fn good() -> Vec<Case> {
    folders(&corpus().join("good")).iter().map(|folder| Case::read(folder)).collect()
}

fn hostile() -> Vec<Case> {
    let classes = folders(&corpus().join("hostile"));
    classes.iter().flat_map(|class| folders(class)).map(|folder| Case::read(&folder)).collect()
}

fn assert_no_complaints(cases: &[Case]) {
    let complaints: Vec<_> = cases.iter().filter_map(Case::complaint).collect();
    assert!(complaints.is_empty(), "{} of {}:\n{}", complaints.len(), cases.len(), complaints.join("\n"));
}

#[test]
fn good_responses_are_accepted_with_their_identity() {
    assert_no_complaints(&good());
}

#[test]
fn hostile_responses_are_refused_for_their_reason() {
    assert_no_complaints(&hostile());
}

#[test]
fn the_corpus_is_whole() {
    let (good, hostile) = (good(), hostile());
    assert!(good.len() >= GOOD, "{} good cases", good.len());
    assert!(hostile.len() >= HOSTILE, "{} hostile cases", hostile.len());
    for provider in PROVIDERS {
        let of_provider = |case: &&Case| {
            case.folder.file_name().unwrap().to_str().unwrap().starts_with(&format!("{provider}-"))
        };
        assert!(good.iter().any(|case| of_provider(&case)), "no response of {provider}");
    }
    let classes = folders(&corpus().join("hostile"));
    assert!(classes.len() >= CLASSES, "{} classes", classes.len());
    let attacks = fs::read_to_string(corpus().join("../../docs/attacks.md")).unwrap();
    for class in classes {
        assert!(!folders(&class).is_empty(), "{} is empty", class.display());
        let link = format!("(../tests/corpus/hostile/{})", class.file_name().unwrap().to_str().unwrap());
        assert!(attacks.contains(&link), "docs/attacks.md does not link {}", class.display());
    }
    for case in good.iter().chain(&hostile) {
        let accepted = case.text["expect"]["accepted"].as_bool().unwrap();
        assert_eq!(accepted, case.folder.parent().unwrap().ends_with("good"), "{}", case.folder.display());
    }
}

/// A check that no hostile case fails is a check that nobody has seen work.
#[test]
fn every_check_has_a_case_that_fails_it() {
    let mut failed = BTreeSet::new();
    for case in hostile() {
        let mut account = Account::default();
        let _ = case.verdict(&mut account);
        failed.extend(account.failure().map(|(check, _)| check));
    }
    let unseen: Vec<_> = Check::ALL.into_iter().filter(|check| !failed.contains(check)).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}

/// A good response is of its connection and of its moment: every other expectation refuses it.
#[test]
fn good_responses_are_refused_elsewhere_and_later() {
    for mut case in good() {
        let right = case.text.clone();
        let other = "https://other.example.net/";
        let changes = [
            ("idp_entity_id", Value::from(other)),
            ("acs_urls", Value::from(vec![other])),
            ("audiences", Value::from(vec![other])),
            ("request_id", Value::from("_of-another-browser")),
            ("now", Value::from("2026-11-23T12:00:00Z")),
            ("now", Value::from("2026-11-20T12:00:00Z")),
        ];
        for (member, value) in changes {
            case.text[member] = value;
            let verdict = case.verdict(&mut Account::default());
            assert!(verdict.is_err(), "{} accepted with another {member}", case.folder.display());
            case.text = right.clone();
        }
    }
}
