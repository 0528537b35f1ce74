//! What is refused although the provider signed it.

use super::{Case, both, case};
use crate::message::{Message, Sign, expectations};
use vestibule_saml::response::{Exchange, Expectations};

pub(crate) fn envelope() -> Vec<Case> {
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
            case("Issuer", "", &change(both(), issuer, "\u{a0}https://idp.example/metadata<"), ""),
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

pub(crate) fn conditions() -> Vec<Case> {
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
            "Missing",
            "assertion_incomplete",
            &both().without("<saml:Audience>", "</saml:Audience>"),
            "AudienceRestriction has no Audience",
        ),
        case(
            "Audience",
            "audience_mismatch",
            &both().assertion("<saml:Audience>", "<saml:Audience>\u{a0}"),
            "https://sp.example/sp, expected",
        ),
        case(
            "Audience",
            "audience_mismatch",
            &both().assertion("https://sp.example/sp<", "spn:1-2-3<"),
            "spn:1-2-3",
        ),
    ]
}

pub(crate) fn subject() -> Vec<Case> {
    let recipient = r#" Recipient="https://sp.example/acs""#;
    let expiry = r#" NotOnOrAfter="2026-02-28T12:05:00Z""#;
    let data = ("<saml:SubjectConfirmationData", "</saml:SubjectConfirmationData>");
    let expires = |time: &str| both().assertion(expiry, &format!(" NotOnOrAfter=\"{time}\""));
    let not_before = r#" NotBefore="2026-02-28T12:02:00Z" NotOnOrAfter="2026-02-28T12:05:00Z""#;
    let name_id = |element: &str| {
        both()
            .without("<saml:NameID", "</saml:NameID>")
            .assertion("<saml:Subject>", &format!("<saml:Subject>{element}"))
    };
    vec![
        case(
            "Missing",
            "assertion_incomplete",
            &both().assertion(" Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"", ""),
            "SubjectConfirmation has no Method",
        ),
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
