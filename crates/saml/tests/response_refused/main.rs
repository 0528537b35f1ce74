//! A case for each refusal, and for what it tells.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

#[allow(dead_code, reason = "each test program uses another part")]
#[path = "../forge/mod.rs"]
mod forge;
#[path = "../message/mod.rs"]
mod message;
mod outline;
mod profile;

use message::encrypt::Content;
use message::{Message, STRANGER, Sign, expectations, judged};
use vestibule_saml::Refusal as _;
use vestibule_saml::key::{DecryptionKeys, RsaPrivateKey};
use vestibule_saml::response::{Check, Expectations, Outcome, Part, ResponseRefusal};

/// Makes a list of all variants, which does not compile when one is missing.
macro_rules! variants {
    ($($name:ident)*) => {
        const VARIANTS: &[&str] = &[$(stringify!($name)),*];
        fn variant(refusal: &ResponseRefusal) -> &'static str {
            match refusal { $(ResponseRefusal::$name { .. } => stringify!($name)),* }
        }
    };
}

variants! {
    Xml NotAResponse Version UnexpectedElement Missing MixedContent Status NoAssertion SeveralAssertions
    PlainAndEncrypted Hidden Signature NoDecryptionKey EncryptedAssertion Decryption DecryptedXml NotAnAssertion
    NotSigned NoDestination Destination Issuer IssuerFormat MalformedTime IssuedInFuture IssuedTooLongAgo
    NoInResponseTo InResponseTo Unasked NoConditions UnknownCondition NotYetValid Expired NoAudience Audience
    NoSubject NoBearerConfirmation NoRecipient Recipient ConfirmationNotBefore NoConfirmationExpiry
    ConfirmationExpired NoAuthnStatement SessionExpired EncryptedNameId EmptyNameId AttributeWithoutName DuplicateId
}

/// A message, and how it must be refused.
struct Case {
    variant: &'static str,
    code: &'static str,
    xml: String,
    expectations: Expectations<'static>,
    /// A piece of the sentence.
    says: &'static str,
}

fn case(variant: &'static str, code: &'static str, message: &Message, says: &'static str) -> Case {
    Case { variant, code, xml: message.xml(), expectations: expectations(), says }
}

impl Case {
    fn expecting(self, expectations: Expectations<'static>) -> Self {
        Self { expectations, ..self }
    }

    fn rewritten(mut self, old: &str, new: &str) -> Self {
        assert!(self.xml.contains(old), "the message has no {old}");
        self.xml = self.xml.replace(old, new);
        self
    }
}

fn both() -> Message {
    Message::signed(Sign::Both)
}

fn all() -> Vec<Case> {
    [
        outline::outline(),
        outline::signatures(),
        outline::encrypted_and_vouched_for(),
        outline::encrypted_by_anybody(),
        profile::envelope(),
        profile::conditions(),
        profile::subject(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn every_refusal_has_a_case_and_every_case_its_refusal() {
    let cases = all();
    for case in &cases {
        let (verdict, account) = judged(&case.xml, &case.expectations);
        let refusal = verdict.err().unwrap_or_else(|| panic!("{} is accepted", case.variant));
        let sentence = refusal.to_string();
        assert_eq!(variant(&refusal), case.variant, "{sentence}");
        assert!(case.code.is_empty() || refusal.code() == case.code, "{} is {}", case.code, refusal.code());
        assert!(sentence.contains(case.says), "{} is not in: {sentence}", case.says);

        // The account ends with the check that failed, and with nothing after it.
        let (failed, _) = account.failure().unwrap();
        if !matches!(refusal, ResponseRefusal::EncryptedAssertion) {
            assert_eq!(failed, refusal.check());
        }
        for (check, outcome) in account.checks() {
            let reached = !matches!(outcome, Outcome::NotReached);
            assert_eq!(reached, check <= failed, "{} when {} failed", check.name(), failed.name());
        }
    }
    for name in VARIANTS {
        assert!(cases.iter().any(|case| case.variant == *name), "{name} has no case");
    }
}

#[test]
fn what_is_wrong_with_an_encrypted_assertion_only_a_witness_hears() {
    let mut answers = Vec::new();
    let mut heard = Vec::new();
    for case in outline::encrypted_by_anybody() {
        let (verdict, account) = judged(&case.xml, &case.expectations);
        if case.variant == "EncryptedAssertion" {
            answers.push(verdict.unwrap_err());
            heard.push(account.failure().unwrap().0);
        }
    }
    assert!(answers.iter().all(|answer| *answer == ResponseRefusal::EncryptedAssertion));
    heard.dedup();
    assert_eq!(
        heard,
        [
            Check::Signed,
            Check::AssertionSignature,
            Check::DecryptedAssertion,
            Check::AssertionStructure,
            Check::DecryptedAssertion
        ]
    );
}

#[test]
fn a_signature_by_another_key_names_both_certificates() {
    let (verdict, _) = judged(&both().by(&STRANGER).xml(), &expectations());
    let refusal = verdict.unwrap_err();
    assert!(refusal.is_unknown_key());
    let ResponseRefusal::Signature(failure) = &refusal else { panic!("{refusal}") };
    assert_eq!(failure.part(), Part::Response);
    let [configured] = failure.configured() else { panic!("one certificate is configured") };
    let claimed = failure.claimed().unwrap();
    assert_eq!(claimed.fingerprint().len(), 32 * 3 - 1);
    assert_ne!(claimed.fingerprint(), configured.fingerprint());
    let (found, expected) = (refusal.found().unwrap(), refusal.expected().unwrap());
    assert!(found.contains(claimed.fingerprint()) && expected.contains(configured.fingerprint()));
}

#[test]
fn a_digest_that_is_wrong_is_no_unknown_key() {
    let (verdict, _) = judged(&both().xml().replace("ada@", "eve@"), &expectations());
    assert!(!verdict.unwrap_err().is_unknown_key());
}

#[test]
fn sentences_are_bounded_and_printable() {
    let long = "<saml:Audience>\u{202e}".to_owned() + &"x".repeat(10_000) + "</saml:Audience>";
    let message = both().assertion("<saml:Audience>https://sp.example/sp</saml:Audience>", &long.repeat(20));
    let (verdict, _) = judged(&message.xml(), &expectations());
    let sentence = verdict.unwrap_err().to_string();
    assert!(sentence.chars().count() < 600 && !sentence.contains('\u{202e}'), "{sentence}");
}

#[test]
fn what_a_provider_refuses_is_explained() {
    let status = |name: &str| format!("urn:oasis:names:tc:SAML:2.0:status:{name}\"");
    for (name, advice) in [
        ("RequestDenied", "Assign the person"),
        ("InvalidNameIDPolicy", "change the format of this connection"),
        ("Requester", "did not like our request"),
        ("Responder", "in the provider's own log"),
        ("urn:example:odd", "in the provider's own log"),
    ] {
        let message = Message::signed(Sign::Nothing).response(&status("Success"), &status(name));
        let (verdict, _) = judged(&message.xml(), &expectations());
        let sentence = verdict.unwrap_err().to_string();
        assert!(sentence.contains(advice), "{sentence}");
    }

    // Codes inside codes are told, and the innermost that is known decides the advice.
    let code = |name: &str, inside: &str| {
        format!(
            "<samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:{name}\">{inside}</samlp:StatusCode>"
        )
    };
    let odd = "<samlp:StatusCode Value=\"https://schemas.example/x\"></samlp:StatusCode>";
    let nested = code("Requester", &code("RequestDenied", odd));
    let message = Message::signed(Sign::Nothing).response(&code("Success", ""), &nested);
    let sentence = judged(&message.xml(), &expectations()).0.unwrap_err().to_string();
    assert!(
        sentence.contains("https://schemas.example/x") && sentence.contains("Assign the person"),
        "{sentence}"
    );
    let deep = (0..50).fold(odd.to_owned(), |inner, _| code("Responder", &inner));
    let message = Message::signed(Sign::Nothing).response(&code("Success", ""), &deep);
    let sentence = judged(&message.xml(), &expectations()).0.unwrap_err().to_string();
    assert!(sentence.chars().count() < 600, "{sentence}");
}

/// Decryption is dear and anybody can ask for it: what the Response says in the clear is compared before, and told.
#[test]
fn what_is_wrong_in_the_clear_is_told_before_anything_is_decrypted() {
    // With no key of ours it could not be opened.
    let elsewhere = DecryptionKeys::new([&RsaPrivateKey::generate().unwrap()]).unwrap();
    let expectations = Expectations { decryption: &elsewhere, ..expectations() };
    let sent = |old: &str, new: &str| {
        Message::signed(Sign::Assertion).encrypted(Content::Aes256Gcm).response(old, new).xml()
    };
    let code = |xml: &str| judged(xml, &expectations).0.unwrap_err().code();
    assert_eq!(code(&sent("_response-1", "_response-2")), "encrypted_assertion_unusable");
    for (old, new, told) in [
        ("sp.example/acs", "sp.example/other", "destination_mismatch"),
        ("idp.example/metadata", "idp.example/other", "response_issuer_mismatch"),
        ("_request-1", "_request-2", "in_response_to_mismatch"),
        (" InResponseTo=\"_request-1\"", "", "in_response_to_missing"),
        ("2026-02-28T11:59:58Z", "2026-02-28T12:09:58Z", "issued_in_future"),
        ("2026-02-28T11:59:58Z", "2026-02-26T11:59:58Z", "issued_too_long_ago"),
        ("2026-02-28T11:59:58Z", "yesterday", "malformed_time"),
        ("status:Success", "status:Requester", "provider_refused"),
        ("Version=\"2.0\"", "Version=\"2.1\"", "response_version"),
    ] {
        assert_eq!(code(&sent(old, new)), told, "{new}");
    }
}
