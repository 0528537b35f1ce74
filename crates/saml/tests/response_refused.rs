//! A case for each refusal, and for what it tells.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

#[allow(dead_code, reason = "each test program uses another part")]
mod forge;
mod message;

use message::encrypt::{self, Content};
use message::{Message, STRANGER, Sign, decrypting, expectations, judged};
use vestibule_saml::Refusal as _;
use vestibule_saml::response::{Check, Exchange, Expectations, Outcome, Part, ResponseRefusal};

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
    ConfirmationExpired NoAuthnStatement SessionExpired EncryptedNameId EmptyNameId AttributeWithoutName
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

fn outline() -> Vec<Case> {
    let assertion = both().unsigned_assertion();
    let twice = format!("{{assertion}}{}", assertion.replace("_assertion-1", "_assertion-2"));
    let with_encrypted = format!("{{assertion}}{}", encrypt::element(&assertion, Content::Aes256Gcm));
    let extensions = |inside: &str| {
        let extensions = format!("<samlp:Extensions>{inside}</samlp:Extensions><samlp:Status>");
        both().response("<samlp:Status>", &extensions)
    };
    let advice =
        format!("</saml:Conditions><saml:Advice>{}</saml:Advice>", assertion.replace("assertion-1", "a-2"));
    let denied = r#"<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"></samlp:StatusCode></samlp:StatusCode><samlp:StatusMessage>not assigned</samlp:StatusMessage>"#;
    let success =
        r#"<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"></samlp:StatusCode>"#;
    vec![
        case("Xml", "xml_comment", &both(), "comment").rewritten("ada@", "ada<!-- -->@"),
        case("Xml", "xml_doctype", &both(), "DOCTYPE")
            .rewritten("<samlp:Response ", "<!DOCTYPE r><samlp:Response "),
        case("NotAResponse", "not_a_response", &both(), "logout messages")
            .rewritten("samlp:Response", "samlp:LogoutResponse"),
        case(
            "NotAResponse",
            "not_a_response",
            &both(),
            "saml:Assertion, expected a SAML 2.0 Response: the provider",
        )
        .rewritten("samlp:Response", "saml:Assertion")
        .rewritten("xmlns:samlp=", "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" xmlns:samlp="),
        case("Version", "response_version", &both().response("\"2.0\"", "\"1.1\""), "1.1"),
        case("Version", "response_version", &both().response(" Version=\"2.0\"", ""), "no Version"),
        case("Version", "assertion_version", &both().assertion("\"2.0\"", "\"1.1\""), "1.1"),
        case("UnexpectedElement", "response_unexpected_element", &both(), "samlp:Foo")
            .rewritten("<samlp:Status>", "<samlp:Foo/><samlp:Status>"),
        case("UnexpectedElement", "response_unexpected_element", &both(), "samlp:Status")
            .rewritten("</samlp:Response>", "<samlp:Status/></samlp:Response>"),
        case(
            "UnexpectedElement",
            "assertion_unexpected_element",
            &both().assertion("</saml:Assertion>", "<saml:Issuer></saml:Issuer></saml:Assertion>"),
            "saml:Issuer",
        ),
        case(
            "UnexpectedElement",
            "assertion_unexpected_element",
            &both().assertion("<saml:NameID", "<saml:BaseID></saml:BaseID><saml:NameID"),
            "saml:BaseID",
        ),
        case(
            "Missing",
            "response_incomplete",
            &both().response(" ID=\"_response-1\"", ""),
            "Response has no ID",
        ),
        case("Missing", "response_incomplete", &both().response(success, ""), "StatusCode"),
        case("Missing", "assertion_incomplete", &both().assertion(" ID=\"_assertion-1\"", ""), "has no ID"),
        case(
            "Missing",
            "assertion_incomplete",
            &both().without("<saml:Issuer>", "</saml:Issuer>"),
            "no Issuer",
        ),
        case(
            "Missing",
            "assertion_incomplete",
            &both().assertion(" AuthnInstant=\"2026-02-28T11:59:50Z\"", ""),
            "",
        ),
        case("MixedContent", "response_mixed_content", &both(), "samlp:Response")
            .rewritten("</samlp:Response>", "x</samlp:Response>"),
        case(
            "MixedContent",
            "assertion_mixed_content",
            &both().assertion("ada@example.com</saml:N", "<x></x></saml:N"),
            "NameID",
        ),
        case(
            "MixedContent",
            "assertion_mixed_content",
            &both().assertion("sp.example/sp<", "sp.example/sp<x></x><"),
            "",
        ),
        case("Status", "provider_refused", &both().response(success, denied), "AuthnFailed (not assigned)"),
        case(
            "Status",
            "provider_refused",
            &Message::signed(Sign::Nothing).response(success, denied),
            "Responder",
        ),
        case("Status", "provider_refused", &both().response("{assertion}", "").response(success, denied), ""),
        case("NoAssertion", "no_assertion", &both().response("{assertion}", ""), "no assertion"),
        case(
            "SeveralAssertions",
            "several_assertions",
            &both().response("{assertion}", &twice),
            "2 assertions",
        ),
        case(
            "PlainAndEncrypted",
            "plain_and_encrypted_assertions",
            &both().response("{assertion}", &with_encrypted),
            "",
        ),
        case(
            "Hidden",
            "hidden_element",
            &extensions(&assertion.replace("_assertion-1", "_a")),
            "samlp:Extensions",
        ),
        case(
            "Hidden",
            "hidden_element",
            &extensions(
                "<x xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:Signature></ds:Signature></x>",
            ),
            "ds:Signature stands inside x",
        ),
        case("Hidden", "hidden_element", &both().assertion("</saml:Conditions>", &advice), "saml:Advice"),
    ]
}

fn signatures() -> Vec<Case> {
    let key =
        |message: &Message| case("Signature", "signature_invalid", message, "add the provider's current");
    let sha1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
    let unsigned = Message::signed(Sign::Nothing);
    vec![
        case("NotSigned", "not_signed", &unsigned, "switch on assertion signing"),
        key(&both().by(&STRANGER)),
        key(&Message::signed(Sign::Assertion).by(&STRANGER)),
        case("Signature", "digest_mismatch", &both(), "changed after it was signed")
            .rewritten("ada@", "eve@"),
        case("Signature", "signature_sha1", &both().algorithm(sha1), "RSA-SHA1"),
        case("Signature", "signature_reference", &both(), "#_assertion-1")
            .rewritten("#_response-1", "#_assertion-1"),
        case(
            "NoDecryptionKey",
            "no_decryption_key",
            &both().encrypted(Content::Aes256Gcm),
            "no decryption key",
        ),
    ]
}

/// Encrypted and covered by the response's signature: the sender is the provider, and is told everything.
fn encrypted_and_vouched_for() -> Vec<Case> {
    let vouched = || Message::signed(Sign::Response).encrypted(Content::Aes128Cbc);
    let told =
        |variant, code, message: &Message, says| case(variant, code, message, says).expecting(decrypting());
    vec![
        told(
            "DecryptedXml",
            "decrypted_not_xml",
            &vouched().instead_of_assertion("<a><b></a>"),
            "cannot be read",
        ),
        told(
            "NotAnAssertion",
            "decrypted_not_an_assertion",
            &vouched().instead_of_assertion("<a></a>"),
            "is a,",
        ),
        told(
            "Hidden",
            "hidden_element",
            &vouched().assertion("<saml:Conditions", "<saml:Assertion></saml:Assertion><saml:Conditions"),
            "",
        ),
        told("Version", "assertion_version", &vouched().assertion("\"2.0\"", "\"1.1\""), "1.1"),
        told("Audience", "audience_mismatch", &vouched().assertion("sp.example/sp<", "other<"), "other"),
    ]
}

/// Encrypted with nothing that vouches for the ciphertext: one answer to everything.
fn encrypted_by_anybody() -> Vec<Case> {
    let anybody = |sign| Message::signed(sign).encrypted(Content::Aes128Cbc);
    let one = |message: &Message| {
        case("EncryptedAssertion", "encrypted_assertion_unusable", message, "switch on assertion signing")
            .expecting(decrypting())
    };
    let algorithm =
        case("Decryption", "encryption_algorithm", &anybody(Sign::Assertion), "Compare the encryption")
            .expecting(decrypting());
    vec![
        one(&anybody(Sign::Nothing)),
        one(&anybody(Sign::Assertion).by(&STRANGER)),
        one(&anybody(Sign::Nothing).instead_of_assertion("<a><b></a>")),
        one(&anybody(Sign::Nothing).instead_of_assertion("<a></a>")),
        one(&anybody(Sign::Nothing).assertion("\"2.0\"", "\"1.1\"")),
        one(&anybody(Sign::Assertion)).rewritten("CQkJCQkJCQkJCQkJ", "CQkJCQkJCQkJCQkK"),
        algorithm.rewritten("xmlenc#aes128-cbc", "xmlenc#tripledes-cbc"),
    ]
}

fn envelope() -> Vec<Case> {
    let part = |part: &'static str| {
        move |message: Message, old: &str, new: &str| match part {
            "response" => message.response(old, new),
            _ => message.assertion(old, new),
        }
    };
    let destination = r#" Destination="https://sp.example/acs""#;
    let in_response_to = r#" InResponseTo="_request-1""#;
    let issuer = "https://idp.example/metadata<";
    let unsolicited = Expectations { exchange: Exchange::Unsolicited, ..expectations() };
    let mut cases = vec![
        case(
            "NoDestination",
            "destination_missing",
            &both().response(destination, ""),
            "https://sp.example/acs",
        ),
        case(
            "Destination",
            "destination_mismatch",
            &both().response("/acs\"", "/acs/\""),
            "https://sp.example/acs/",
        ),
        case(
            "Destination",
            "destination_mismatch",
            &Message::signed(Sign::Assertion).response("/acs\"", "/x\""),
            "",
        ),
        case("NoInResponseTo", "in_response_to_missing", &both().response(in_response_to, ""), "_request-1"),
        case(
            "NoInResponseTo",
            "in_response_to_missing",
            &both().assertion("InResponseTo=\"_request-1\" ", ""),
            "",
        ),
        case("Unasked", "in_response_to_unasked", &both(), "_request-1").expecting(unsolicited),
        case("Unasked", "in_response_to_unasked", &both().response(in_response_to, ""), "")
            .expecting(unsolicited),
    ];
    for change in [part("response"), part("assertion")] {
        let name = r#"IssueInstant="2026-02-28T11:59:5"#;
        let at = |time: &str| change(both(), name, &format!("IssueInstant=\"{time}\" J=\""));
        cases.extend([
            case(
                "Issuer",
                "",
                &change(both(), issuer, "https://evil.example<"),
                "https://evil.example, expected",
            ),
            case("Issuer", "", &change(both(), issuer, " https://idp.example/metadata<"), ""),
            case("MalformedTime", "malformed_time", &at("2026-02-28 11:59"), "2026-02-28 11:59"),
            case("IssuedInFuture", "issued_in_future", &at("2026-02-28T12:01:30Z"), "90 seconds ahead"),
            case("IssuedTooLongAgo", "issued_too_long_ago", &at("2026-02-27T11:58:00Z"), "more than a day"),
            case(
                "InResponseTo",
                "in_response_to_mismatch",
                &change(both(), "_request-1", "_request-2"),
                "_request-2",
            ),
        ]);
    }
    let format = "<saml:Issuer Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">";
    cases.push(case(
        "IssuerFormat",
        "issuer_format",
        &both().assertion("<saml:Issuer>", format),
        "persistent",
    ));
    cases
}

fn conditions() -> Vec<Case> {
    let times = r#"NotBefore="2026-02-28T11:55:00Z" NotOnOrAfter="2026-02-28T12:06:00Z""#;
    let at = |attribute: &str| both().assertion(times, attribute);
    let restriction = |end: &str| both().assertion("</saml:AudienceRestriction>", end);
    let other = "</saml:AudienceRestriction><saml:AudienceRestriction><saml:Audience>https://sp2.example</saml:Audience></saml:AudienceRestriction>";
    vec![
        case(
            "NoConditions",
            "conditions_missing",
            &both().without("<saml:Conditions", "</saml:Conditions>"),
            "",
        ),
        case(
            "UnknownCondition",
            "condition_unknown",
            &both().assertion("</saml:Conditions>", "<saml:Condition></saml:Condition></saml:Conditions>"),
            "saml:Condition,",
        ),
        case("NotYetValid", "not_yet_valid", &at("NotBefore=\"2026-02-28T12:02:00Z\""), "120 seconds ahead"),
        case("Expired", "expired", &at("NotOnOrAfter=\"2026-02-28T11:58:59Z\""), "61 seconds before now"),
        case("MalformedTime", "malformed_time", &at("NotBefore=\"soon\""), "NotBefore is soon"),
        case("MalformedTime", "malformed_time", &at("NotOnOrAfter=\"\""), "NotOnOrAfter"),
        case(
            "NoAudience",
            "audience_missing",
            &both().without("<saml:AudienceRestriction>", "</saml:AudienceRestriction>"),
            "enter https://sp.example/sp",
        ),
        case(
            "Audience",
            "audience_mismatch",
            &both().assertion("sp.example/sp<", "SP.example/sp<"),
            "https://SP.example/sp, expected https://sp.example/sp",
        ),
        case("Audience", "audience_mismatch", &restriction(other), "https://sp2.example, expected"),
        case(
            "Audience",
            "audience_mismatch",
            &both().without("<saml:Audience>", "</saml:Audience>"),
            "nobody",
        ),
        case(
            "Audience",
            "audience_mismatch",
            &both().assertion("https://sp.example/sp<", "spn:1-2-3<"),
            "spn:1-2-3",
        ),
    ]
}

fn subject() -> Vec<Case> {
    let recipient = r#" Recipient="https://sp.example/acs""#;
    let expiry = r#" NotOnOrAfter="2026-02-28T12:05:00Z""#;
    let data = ("<saml:SubjectConfirmationData", "</saml:SubjectConfirmationData>");
    let expires = |time: &str| both().assertion(expiry, &format!(" NotOnOrAfter=\"{time}\""));
    let not_before = r#" NotBefore="2026-02-28T11:55:00Z" NotOnOrAfter="2026-02-28T12:05:00Z""#;
    let name_id = |element: &str| {
        both()
            .without("<saml:NameID", "</saml:NameID>")
            .assertion("<saml:Subject>", &format!("<saml:Subject>{element}"))
    };
    vec![
        case(
            "NoSubject",
            "subject_missing",
            &both().without("<saml:Subject>", "</saml:Subject>"),
            "about nobody",
        ),
        case(
            "NoBearerConfirmation",
            "bearer_confirmation_missing",
            &both().assertion("cm:bearer", "cm:holder-of-key"),
            "holder-of-key",
        ),
        case(
            "NoBearerConfirmation",
            "bearer_confirmation_missing",
            &both().without("<saml:SubjectConfirmation ", "</saml:SubjectConfirmation>"),
            "none",
        ),
        case(
            "NoRecipient",
            "recipient_missing",
            &both().assertion(recipient, ""),
            "expected https://sp.example/acs",
        ),
        case("NoRecipient", "recipient_missing", &both().without(data.0, data.1), ""),
        case(
            "Recipient",
            "recipient_mismatch",
            &both().assertion("/acs\"", "/acs?x\""),
            "https://sp.example/acs?x",
        ),
        case(
            "ConfirmationNotBefore",
            "confirmation_not_before",
            &both().assertion(expiry, not_before),
            "NotBefore",
        ),
        case(
            "NoConfirmationExpiry",
            "confirmation_expiry_missing",
            &both().assertion(expiry, ""),
            "for ever",
        ),
        case(
            "ConfirmationExpired",
            "confirmation_expired",
            &expires("2026-02-28T11:59:00Z"),
            "60 seconds before now",
        ),
        case("MalformedTime", "malformed_time", &expires("2026-02-28T12:05:00"), "NotOnOrAfter"),
        case(
            "NoAuthnStatement",
            "authn_statement_missing",
            &both().without("<saml:AuthnStatement", "</saml:AuthnStatement>"),
            "",
        ),
        case("MalformedTime", "malformed_time", &both().assertion("11:59:50Z", "11:59:50"), "AuthnInstant"),
        case(
            "SessionExpired",
            "session_expired",
            &both().assertion("2026-02-28T20:00:00Z", "2026-02-28T11:00:00Z"),
            "ended at",
        ),
        case(
            "MalformedTime",
            "malformed_time",
            &both().assertion("2026-02-28T20:00:00Z", "never"),
            "SessionNotOnOrAfter",
        ),
        case(
            "EncryptedNameId",
            "name_id_encrypted",
            &name_id("<saml:EncryptedID></saml:EncryptedID>"),
            "EncryptedID",
        ),
        case("EmptyNameId", "name_id_empty", &name_id("<saml:NameID></saml:NameID>"), "no value"),
        case("EmptyNameId", "name_id_empty", &name_id("<saml:NameID> \n</saml:NameID>"), "no value"),
        case(
            "AttributeWithoutName",
            "attribute_without_name",
            &both().assertion(" Name=\"groups\"", ""),
            "no Name",
        ),
    ]
}

fn all() -> Vec<Case> {
    [
        outline(),
        signatures(),
        encrypted_and_vouched_for(),
        encrypted_by_anybody(),
        envelope(),
        conditions(),
        subject(),
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
    for case in encrypted_by_anybody() {
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
