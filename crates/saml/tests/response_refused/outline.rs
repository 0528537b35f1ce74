//! What is refused before anything is believed: outline, signatures, encryption.

use super::{Case, both, case};
use crate::message::encrypt::{self, Content};
use crate::message::{Message, STRANGER, Sign, decrypting};

pub(crate) fn outline() -> Vec<Case> {
    let assertion = both().unsigned_assertion();
    let twice = format!("{{assertion}}{}", assertion.replace("_assertion-1", "_assertion-2"));
    let with_encrypted = format!("{{assertion}}{}", encrypt::element(&assertion, Content::Aes256Gcm));
    let extensions = |inside: &str| {
        let extensions = format!("<samlp:Extensions>{inside}</samlp:Extensions><samlp:Status>");
        both().response("<samlp:Status>", &extensions)
    };
    let advice =
        format!("</saml:Conditions><saml:Advice>{}</saml:Advice>", assertion.replace("assertion-1", "a-2"));
    let denied = concat!(
        r#"<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder">"#,
        r#"<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"></samlp:StatusCode>"#,
        "</samlp:StatusCode><samlp:StatusMessage>not assigned</samlp:StatusMessage>",
    );
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
        case(
            "Status",
            "provider_refused",
            &both().response(success, denied),
            "AuthnFailed (not assigned). The person did not sign in",
        ),
        case(
            "Status",
            "provider_refused",
            &Message::signed(Sign::Nothing).response(success, denied),
            "Responder",
        ),
        case("Status", "provider_refused", &both().response("{assertion}", "").response(success, denied), ""),
        case(
            "Missing",
            "response_incomplete",
            &both().response(" Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"", ""),
            "StatusCode has no Value",
        ),
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

pub(crate) fn signatures() -> Vec<Case> {
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
pub(crate) fn encrypted_and_vouched_for() -> Vec<Case> {
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
        told(
            "DuplicateId",
            "duplicate_id",
            &vouched().assertion("_assertion-1", "_response-1"),
            "_response-1 occurs in what was encrypted",
        ),
        told("Version", "assertion_version", &vouched().assertion("\"2.0\"", "\"1.1\""), "1.1"),
        told("Audience", "audience_mismatch", &vouched().assertion("sp.example/sp<", "other<"), "other"),
    ]
}

/// Encrypted with nothing that vouches for the ciphertext: one answer to everything.
pub(crate) fn encrypted_by_anybody() -> Vec<Case> {
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
