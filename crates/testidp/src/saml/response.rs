//! The response around the assertion (SAML core 3.2.2), and what somebody does to it on the way.

use super::assertion::Facts;
use super::dsig::signed;
use super::encrypt::encrypted;
use super::key::SamlKey;
use super::spec::SignatureMethod;
use super::text::{SAMLP, content, date_time, value};
use super::{SamlError, SamlFault};
use crate::{Random, User};

/// The person whom forged parts are about.
const FORGED: &str = "mallory@example.com";

/// The whole document, signed with `key`.
pub(super) fn response(facts: &Facts<'_>, key: &SamlKey, random: &Random) -> Result<String, SamlError> {
    if facts.is(SamlFault::StatusFailed) {
        return finished(facts, key, "", facts.spec.signed.response());
    }
    let assertion = facts.assertion();
    let unsigned = facts.is(SamlFault::Unsigned) || facts.is(SamlFault::EncryptedUnsigned);
    // Wrapping and doubling show nothing unless the assertion itself is what was signed.
    let moved = facts.is(SamlFault::Wrapped) || facts.is(SamlFault::TwoAssertions);
    let assertion = if !unsigned && (facts.spec.signed.assertion() || moved) {
        signed(&assertion, &facts.assertion_id, key, method(facts))?
    } else {
        assertion
    };
    // Whoever changes a document on its way has it in the clear.
    let clear = moved || facts.is(SamlFault::Tampered) || facts.is(SamlFault::CommentInNameId);
    let body = match &facts.spec.encryption {
        Some(how) if !clear => encrypted(&assertion, how, random)?,
        _ => assertion,
    };
    let whole = finished(facts, key, &body, !unsigned && !moved && facts.spec.signed.response())?;
    Ok(changed(facts, whole))
}

fn method(facts: &Facts<'_>) -> SignatureMethod {
    if facts.is(SamlFault::Sha1) { SignatureMethod::RsaSha1 } else { facts.spec.signature }
}

fn finished(facts: &Facts<'_>, key: &SamlKey, body: &str, sign: bool) -> Result<String, SamlError> {
    let other = if facts.is(SamlFault::WrongDestination) { "/other" } else { "" };
    let whole = format!(
        "<samlp:Response xmlns:samlp=\"{SAMLP}\" Destination=\"{destination}{other}\" ID=\"{id}\"{in_response_to} \
         IssueInstant=\"{instant}\" Version=\"2.0\">{issuer}{status}{body}</samlp:Response>",
        destination = value(&facts.spec.acs_url),
        id = facts.response_id,
        in_response_to = facts.in_response_to(),
        instant = date_time(facts.clock()),
        issuer = facts.issuer(),
        status = status(facts),
    );
    if sign { Ok(signed(&whole, &facts.response_id, key, method(facts))?) } else { Ok(whole) }
}

fn status(facts: &Facts<'_>) -> String {
    const PREFIX: &str = "urn:oasis:names:tc:SAML:2.0:status:";
    if !facts.is(SamlFault::StatusFailed) {
        let code = format!("<samlp:StatusCode Value=\"{PREFIX}Success\"></samlp:StatusCode>");
        return format!("<samlp:Status>{code}</samlp:Status>");
    }
    format!(
        "<samlp:Status><samlp:StatusCode Value=\"{PREFIX}Responder\"><samlp:StatusCode Value=\"{PREFIX}AuthnFailed\">\
         </samlp:StatusCode></samlp:StatusCode><samlp:StatusMessage>{} is not assigned to this application\
         </samlp:StatusMessage></samlp:Status>",
        content(&facts.spec.user.email)
    )
}

/// What happens to the document after signing.
fn changed(facts: &Facts<'_>, whole: String) -> String {
    let email = content(&facts.spec.user.email);
    match facts.spec.fault {
        Some(SamlFault::Tampered) => whole
            .replace(&format!("<saml:AttributeValue>{email}<"), &format!("<saml:AttributeValue>{FORGED}<")),
        // Canonical form has no comments: the signature still holds.
        Some(SamlFault::CommentInNameId) => {
            let torn = email.replacen('@', "@<!---->", 1);
            whole.replacen(&format!("{email}</saml:NameID>"), &format!("{torn}</saml:NameID>"), 1)
        }
        Some(SamlFault::Doctype) => format!("<!DOCTYPE samlp:Response>{whole}"),
        Some(SamlFault::TwoAssertions) => {
            whole.replacen("<saml:Assertion ", &format!("{}<saml:Assertion ", forged(facts)), 1)
        }
        Some(SamlFault::Wrapped) => wrapped(facts, &whole),
        _ => whole,
    }
}

/// The forged assertion takes the place of the signed one and keeps it as advice, whole and with its signature:
/// whoever looks for a reference anywhere finds it, and its digest is right.
fn wrapped(facts: &Facts<'_>, whole: &str) -> String {
    const BEGIN: &str = "<saml:Assertion ";
    const END: &str = "</saml:Assertion>";
    const PLACE: &str = "</saml:Conditions>";
    let parts = || -> Option<String> {
        let (before, rest) = whole.split_once(BEGIN)?;
        let (original, after) = rest.split_once(END)?;
        let advice = format!("{PLACE}<saml:Advice>{BEGIN}{original}{END}</saml:Advice>");
        Some(format!("{before}{}{after}", forged(facts).replacen(PLACE, &advice, 1)))
    };
    parts().unwrap_or_default()
}

fn forged(facts: &Facts<'_>) -> String {
    let somebody = User {
        subject: "user-forged".to_owned(),
        email: FORGED.to_owned(),
        name: "Mallory".to_owned(),
        groups: vec!["admins".to_owned()],
    };
    facts.assertion_about(&somebody, "_forged")
}
