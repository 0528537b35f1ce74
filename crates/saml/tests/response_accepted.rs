//! Responses that are accepted, and what is then known.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

#[allow(dead_code, reason = "each test program uses another part")]
mod forge;
mod message;

use message::encrypt::Content;
use message::{Message, NOW, Sign, decrypting, expectations, judged};
use vestibule_saml::UnixMillis;
use vestibule_saml::algorithm::SignatureAlgorithm;
use vestibule_saml::response::{
    AcceptedAssertion, Check, Exchange, Expectations, Expected, NameIdFormat, Outcome, judge,
};

fn accepted(message: &Message, expectations: &Expectations<'_>) -> AcceptedAssertion {
    let (verdict, account) = judged(&message.xml(), expectations);
    assert_eq!(account.failure(), None);
    for (check, outcome) in account.checks() {
        assert_ne!(outcome, &Outcome::NotReached, "{}", check.name());
    }
    verdict.unwrap()
}

fn texts<'a>(accepted: &'a AcceptedAssertion, name: &str) -> Vec<&'a str> {
    accepted
        .attribute(name)
        .map_or_else(Vec::new, |found| found.values().iter().map(String::as_str).collect())
}

#[test]
fn every_place_of_the_signature() {
    for (sign, response, assertion) in
        [(Sign::Response, true, false), (Sign::Assertion, false, true), (Sign::Both, true, true)]
    {
        let accepted = accepted(&Message::signed(sign), &expectations());
        let signed = accepted.signed();
        assert_eq!((signed.response().is_some(), signed.assertion().is_some()), (response, assertion));
        for by in [signed.response(), signed.assertion()].into_iter().flatten() {
            assert_eq!((by.algorithm, by.key.position()), (SignatureAlgorithm::RsaSha256, 0));
        }
        assert!(!signed.encrypted());
    }
}

#[test]
fn encrypted_assertions() {
    for content in [Content::Aes128Cbc, Content::Aes256Gcm] {
        for sign in [Sign::Response, Sign::Assertion, Sign::Both] {
            let accepted = accepted(&Message::signed(sign).encrypted(content), &decrypting());
            assert!(accepted.signed().encrypted());
            assert_eq!(accepted.signed().response().is_some(), sign != Sign::Assertion);
            assert_eq!(accepted.name_id().unwrap().value(), "ada@example.com");
        }
    }
}

#[test]
fn what_is_known_of_the_person() {
    let accepted = accepted(&Message::signed(Sign::Assertion), &expectations());
    assert_eq!(accepted.issuer(), message::IDP);
    assert_eq!(accepted.assertion_id(), "_assertion-1");
    let name_id = accepted.name_id().unwrap();
    assert_eq!((name_id.value(), name_id.format()), ("ada@example.com", NameIdFormat::EmailAddress));
    assert_eq!(accepted.session_index(), Some("session-1"));
    assert_eq!(accepted.authn_instant(), NOW.plus(-10_000));
    assert_eq!(accepted.session_not_on_or_after(), Some(NOW.plus(8 * 3_600_000)));
    let class = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
    assert_eq!(accepted.authn_context_class(), Some(class));
    assert_eq!(accepted.attributes().len(), 2);
    assert_eq!(accepted.attribute("mail").unwrap().friendly_name(), Some("E-mail"));
    assert_eq!(texts(&accepted, "mail"), ["ada@example.com"]);
    assert_eq!(texts(&accepted, "groups"), ["engine", "notes"]);
    assert_eq!(texts(&accepted, "E-mail"), [""; 0]);
}

/// Rippling writes the same `InResponseTo` into every response that nobody asked for.
#[test]
fn a_constant_in_response_to_is_let_through_where_it_is_known() {
    let constant = Expected::exactly("_rippling").unwrap();
    let known = Expectations { exchange: Exchange::UnsolicitedWith { constant }, ..expectations() };
    let answering =
        |id: &str| Message::signed(Sign::Both).response("_request-1", id).assertion("_request-1", id).xml();
    for id in ["_rippling", ""] {
        assert!(judge(answering(id).as_bytes(), &known, NOW, &mut ()).is_ok(), "{id}");
    }
    // Anything else is the answer to somebody's request, and one that is not told is refused as ever.
    for id in ["_request-1", "_Rippling", "_rippling ", "_rippling2"] {
        let refusal = judge(answering(id).as_bytes(), &known, NOW, &mut ()).unwrap_err();
        assert_eq!(refusal.check(), Check::ResponseInResponseTo, "{id}");
        assert!(refusal.to_string().contains("identity provider"), "{refusal}");
    }
    let untold = Expectations { exchange: Exchange::Unsolicited, ..expectations() };
    assert!(judge(answering("").as_bytes(), &untold, NOW, &mut ()).is_ok());
    assert!(judge(answering("_rippling").as_bytes(), &untold, NOW, &mut ()).is_err());
    // Where a request is open it does not answer it.
    assert!(judge(answering("_rippling").as_bytes(), &expectations(), NOW, &mut ()).is_err());
}

#[test]
fn it_may_be_forgotten_when_it_would_be_refused_anyway() {
    let message = Message::signed(Sign::Both);
    let until = accepted(&message, &expectations()).replay_until();
    assert_eq!(until, NOW.plus((5 * 60 + 60) * 1000));
    let at = |now: UnixMillis| judge(message.xml().as_bytes(), &expectations(), now, &mut ()).is_ok();
    assert!(at(until.plus(-1)) && !at(until));

    // A second confirmation that lasts longer is remembered for longer.
    let bearer = r#"<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">"#;
    let second = format!(
        "{bearer}<saml:SubjectConfirmationData InResponseTo=\"_request-1\" NotOnOrAfter=\"2026-02-28T12:05:30Z\" \
         Recipient=\"https://sp.example/acs\"></saml:SubjectConfirmationData></saml:SubjectConfirmation>{bearer}"
    );
    let message = Message::signed(Sign::Both).assertion(bearer, &second);
    let until = accepted(&message, &expectations()).replay_until();
    assert_eq!(until, NOW.plus((5 * 60 + 30 + 60) * 1000));
    let at = |now: UnixMillis| judge(message.xml().as_bytes(), &expectations(), now, &mut ()).is_ok();
    assert!(at(until.plus(-1)) && !at(until));
}

#[test]
fn unsolicited() {
    let in_response_to = r#" InResponseTo="_request-1""#;
    let message = Message::signed(Sign::Both)
        .response(in_response_to, "")
        .assertion(r#"InResponseTo="_request-1" "#, "");
    let unsolicited = Expectations { exchange: Exchange::Unsolicited, ..expectations() };
    accepted(&message, &unsolicited);
}

#[test]
fn alternatives_for_a_migration() {
    let message = Message::signed(Sign::Both)
        .response("https://sp.example/acs", "https://old.example/acs")
        .assertion("https://sp.example/acs", "https://old.example/acs")
        .assertion("<saml:Audience>https://sp.example/sp<", "<saml:Audience>spn:1-2-3<");
    let migrating = Expectations {
        acs_urls: Expected::one_of(message::ACS, &["https://old.example/acs"]).unwrap(),
        audiences: Expected::one_of(message::AUDIENCE, &["spn:1-2-3"]).unwrap(),
        ..expectations()
    };
    accepted(&message, &migrating);
}

#[test]
fn what_is_optional_may_be_absent() {
    let issuer = r#"<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://idp.example/metadata</saml:Issuer>"#;
    let message = Message::signed(Sign::Assertion)
        .response(issuer, "")
        .response(r#" Destination="https://sp.example/acs""#, "")
        .assertion(r#" NotBefore="2026-02-28T11:55:00Z" NotOnOrAfter="2026-02-28T12:06:00Z""#, "")
        .assertion(r#" SessionNotOnOrAfter="2026-02-28T20:00:00Z""#, "")
        .assertion(r#" SessionIndex="session-1""#, "")
        .without("<saml:NameID", "</saml:NameID>")
        .without("<saml:AttributeStatement>", "</saml:AttributeStatement>");
    let accepted = accepted(&message, &expectations());
    assert!(accepted.name_id().is_none() && accepted.attributes().is_empty());
    assert_eq!((accepted.session_index(), accepted.session_not_on_or_after()), (None, None));
}

#[test]
fn extra_confirmations_and_conditions() {
    let data = r#"<saml:SubjectConfirmationData InResponseTo="_request-1""#;
    let bearer = r#"<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">"#;
    let elsewhere = format!(
        "{bearer}{data} NotOnOrAfter=\"2026-02-28T12:05:00Z\" Recipient=\"https://other.example/acs\">\
         </saml:SubjectConfirmationData></saml:SubjectConfirmation>"
    );
    let vouches = r#"<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"></saml:SubjectConfirmation>"#;
    let conditions = "</saml:AudienceRestriction></saml:Conditions>";
    let more = "<saml:Audience>https://sp2.example</saml:Audience></saml:AudienceRestriction><saml:AudienceRestriction>\
        <saml:Audience>https://sp.example/sp</saml:Audience></saml:AudienceRestriction><saml:OneTimeUse>\
        </saml:OneTimeUse><saml:ProxyRestriction Count=\"0\"></saml:ProxyRestriction></saml:Conditions>";
    let message = Message::signed(Sign::Assertion)
        .assertion(bearer, &format!("{vouches}{elsewhere}{bearer}"))
        .assertion(conditions, more);
    accepted(&message, &expectations());
}

#[test]
fn attribute_values_of_every_kind() {
    let statement = concat!(
        r#"<saml:AttributeStatement><saml:Attribute Name="roles"><saml:AttributeValue>a</saml:AttributeValue>"#,
        r#"</saml:Attribute><saml:Attribute Name="other"></saml:Attribute><saml:Attribute Name="roles">"#,
        r#"<saml:AttributeValue> b &amp; c </saml:AttributeValue><saml:AttributeValue></saml:AttributeValue>"#,
        r#"<saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true">"#,
        r#"</saml:AttributeValue></saml:Attribute><saml:Attribute Name="urn:oid:1.3.6.1.4.1.5923.1.1.1.10">"#,
        r#"<saml:AttributeValue><saml:NameID>opaque</saml:NameID></saml:AttributeValue></saml:Attribute>"#,
        r#"<saml:Attribute Name="odd"><saml:AttributeValue><x:y xmlns:x="urn:x">1</x:y></saml:AttributeValue>"#,
        r#"<saml:AttributeValue>2</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"#,
        r#"<saml:AttributeStatement><saml:Attribute Name="roles"><saml:AttributeValue>d</saml:AttributeValue>"#,
        r#"</saml:Attribute><saml:EncryptedAttribute></saml:EncryptedAttribute></saml:AttributeStatement>"#,
    );
    let message = Message::signed(Sign::Assertion)
        .without("<saml:AttributeStatement>", "</saml:AttributeStatement>")
        .assertion("</saml:Assertion>", &format!("{statement}</saml:Assertion>"));
    let accepted = accepted(&message, &expectations());
    assert_eq!(texts(&accepted, "roles"), ["a", " b & c ", "", "d"]);
    assert_eq!(texts(&accepted, "urn:oid:1.3.6.1.4.1.5923.1.1.1.10"), ["opaque"]);
    assert_eq!(texts(&accepted, "odd"), ["2"]);
    assert_eq!(accepted.attribute("odd").unwrap().unreadable_values(), 1);
    assert!(accepted.attribute("other").unwrap().values().is_empty());
    assert_eq!((accepted.attributes().len(), accepted.encrypted_attributes()), (4, 1));
}

#[test]
fn clocks_may_differ_by_the_skew_and_no_more() {
    let message = Message::signed(Sign::Both).xml();
    let at =
        |now: UnixMillis| judge(message.as_bytes(), &expectations(), now, &mut ()).err().map(|e| e.check());
    // Response made at 11:59:58, assertion valid for a browser until 12:05:00.
    assert_eq!(at(NOW.plus(-2_000 - 60_000)), None);
    assert_eq!(at(NOW.plus(-2_000 - 60_001)), Some(Check::ResponseIssueInstant));
    assert_eq!(at(NOW.plus(300_000 + 59_999)), None);
    assert_eq!(at(NOW.plus(300_000 + 60_000)), Some(Check::ConfirmationExpiry));
}

#[test]
fn an_account_names_what_was_found_and_nothing_of_the_person() {
    let (_, account) = judged(&Message::signed(Sign::Both).xml(), &expectations());
    let told: Vec<_> = account
        .checks()
        .map(|(check, outcome)| match outcome {
            Outcome::Passed { found } => format!("{}: {found}", check.name()),
            other => format!("{}: {other:?}", check.name()),
        })
        .collect();
    let told = told.join("\n");
    assert!(!told.contains("ada@example.com") && !told.contains("engine"), "{told}");
    for line in [
        "single_assertion: one Assertion",
        "signed: the Response and the assertion are signed",
        "destination: https://sp.example/acs",
        "audience: https://sp.example/sp",
        "not_on_or_after: 2026-02-28T12:06:00Z",
        "confirmation_in_response_to: _request-1",
        "name_id: urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
        "attributes: mail, groups",
    ] {
        assert!(told.lines().any(|told| told == line), "{line} is not in\n{told}");
    }
}

#[test]
fn no_change_of_one_byte_changes_the_identity() {
    let xml = Message::signed(Sign::Assertion).xml();
    let shown = |accepted: &AcceptedAssertion| {
        format!("{:?} {:?} {:?}", accepted.name_id(), accepted.attributes(), accepted.session_index())
    };
    let original = shown(&judge(xml.as_bytes(), &expectations(), NOW, &mut ()).unwrap());
    let mut changed = xml.clone().into_bytes();
    for at in 0..changed.len() {
        let byte = changed[at];
        // Another letter for a letter, a space for a sign: most of what results is still XML.
        changed[at] = if byte.is_ascii_alphanumeric() { byte ^ 1 } else { b' ' };
        if let Ok(accepted) = judge(&changed, &expectations(), NOW, &mut ()) {
            assert_eq!(shown(&accepted), original, "byte {at}");
        }
        changed[at] = byte;
    }
}

#[test]
fn an_account_is_bounded() {
    let attributes: String =
        (0..3_000).map(|number| format!("<saml:Attribute Name=\"a{number}\"></saml:Attribute>")).collect();
    let statements = "<saml:AttributeStatement></saml:AttributeStatement>".repeat(500);
    let end = format!("{attributes}</saml:AttributeStatement>{statements}</saml:Assertion>");
    let message =
        Message::signed(Sign::Assertion).assertion("</saml:AttributeStatement></saml:Assertion>", &end);
    let (verdict, account) = judged(&message.xml(), &expectations());
    assert_eq!(verdict.unwrap().attributes().len(), 3_002);
    for (check, outcome) in account.checks() {
        if let Outcome::Passed { found } = outcome {
            assert!(found.chars().count() < 1_000, "{}: {found}", check.name());
        }
    }
}
