//! The web browser single sign-on profile (profiles 4.1.4), on what a signature covers.

use super::accepted::{AcceptedAssertion, Session};
use super::compare::{self, Clock, MOST_AGE};
use super::coverage::Covered;
use super::refusal::{Part, ResponseRefusal};
use super::steps::Steps;
use super::structure::child;
use super::{Check, Excerpt, Expectations, Witness, conditions, confirmation, envelope, identity};
use crate::UnixMillis;
use crate::key::Certificate;
use crate::xml::Element;

/// Makes every check that is left, and then the accepted assertion.
pub(super) fn accept<W: Witness>(
    steps: &mut Steps<'_, W>,
    response: Element<'_>,
    covered: &Covered<'_>,
    expectations: &Expectations<'_>,
    clock: Clock,
) -> Result<AcceptedAssertion, ResponseRefusal> {
    envelope::check(steps, response, covered.signed(), expectations, clock)?;
    let issuer = issuer(covered, expectations);
    let issuer = steps.step(Check::AssertionIssuer, issuer, Clone::clone)?;
    let issued = compare::issue_instant(Part::Assertion, covered.assertion(), clock);
    let issued = steps.step(Check::AssertionIssueInstant, issued, ToString::to_string)?;
    let valid_until = conditions::check(steps, covered, expectations, clock)?;
    let confirmed_until = confirmation::check(steps, covered, expectations, clock)?;
    let session = session(steps, covered, clock)?;
    let name_id = steps.step(Check::NameId, identity::name_id(covered), |name_id| {
        name_id
            .as_ref()
            .map_or_else(|| "no NameID".to_owned(), |found| Excerpt::of(found.format().uri()).to_string())
    })?;
    let attributes = steps.step(Check::Attributes, identity::attributes(covered), ToString::to_string)?;
    Ok(AcceptedAssertion {
        issuer,
        assertion_id: covered.assertion().attribute("ID").unwrap_or_default().to_owned(),
        name_id,
        attributes: attributes.readable,
        encrypted_attributes: attributes.encrypted,
        session,
        replay_until: forgotten_at(clock, issued, confirmed_until, valid_until),
        signer: signer(covered, expectations),
        signed: covered.signed(),
    })
}

fn signer(covered: &Covered<'_>, expectations: &Expectations<'_>) -> [u8; 32] {
    let signed = covered.signed();
    let key = signed.assertion().or(signed.response()).map(|by| expectations.keys.certificate(by.key));
    key.map(Certificate::public_key_sha256).unwrap_or_default()
}

fn issuer(covered: &Covered<'_>, expectations: &Expectations<'_>) -> Result<String, ResponseRefusal> {
    let part = Part::Assertion;
    let element = child(covered.assertion(), "Issuer").ok_or(ResponseRefusal::Missing {
        part,
        inside: "Assertion",
        missing: "Issuer",
    })?;
    compare::issuer(part, element, &expectations.idp_entity_id)?;
    Ok(compare::collapsed(&element.text().unwrap_or_default()).to_owned())
}

fn session<W: Witness>(
    steps: &mut Steps<'_, W>,
    covered: &Covered<'_>,
    clock: Clock,
) -> Result<Session, ResponseRefusal> {
    let statement = identity::authn_statement(covered)
        .and_then(|statement| identity::authn_instant(statement).map(|instant| (statement, instant)));
    let found = |(_, instant): &(_, UnixMillis)| format!("authenticated at {instant}");
    let (statement, instant) = steps.step(Check::AuthnStatement, statement, found)?;
    let ends = match identity::session_end(covered, clock) {
        Ok(None) => {
            steps.skip(
                Check::SessionExpiry,
                "the AuthnStatement has no SessionNotOnOrAfter, which is optional",
            );
            None
        }
        outcome => steps.step(Check::SessionExpiry, outcome, |ends| {
            ends.map_or_else(String::new, |ends| ends.to_string())
        })?,
    };
    Ok(identity::session(statement, instant, ends))
}

/// The first moment at which one of the three ends that every acceptance needs has passed for certain.
fn forgotten_at(
    clock: Clock,
    issued: UnixMillis,
    confirmed_until: UnixMillis,
    valid_until: Option<UnixMillis>,
) -> UnixMillis {
    let ends = confirmed_until.min(issued.plus(MOST_AGE));
    valid_until.map_or(ends, |valid_until| ends.min(valid_until)).plus(clock.skew)
}
