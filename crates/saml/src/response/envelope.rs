//! What the `Response` says about itself (core 3.2.2, bindings 3.5.5.2, profiles 4.1.4.2).
//!
//! When only the assertion is signed, all of this is unsigned. It is checked all the same: a value that contradicts
//! the expectations is never right, and none of it can widen what the assertion allows.

use super::accepted::Signed;
use super::compare::{self, Clock};
use super::refusal::{Part, ResponseRefusal};
use super::steps::Steps;
use super::structure::child;
use super::{Check, Excerpt, Expectations, Witness};
use crate::xml::Element;

pub(super) fn check<W: Witness>(
    steps: &mut Steps<'_, W>,
    response: Element<'_>,
    signed: Signed,
    expectations: &Expectations<'_>,
    clock: Clock,
) -> Result<(), ResponseRefusal> {
    let part = Part::Response;
    match destination(response, signed, expectations) {
        Ok(None) => steps.skip(Check::Destination, "the Response has no Destination, and is not signed"),
        outcome => {
            let found = |found: &Option<&str>| Excerpt::of(found.unwrap_or_default()).to_string();
            steps.step(Check::Destination, outcome, found)?;
        }
    }
    match child(response, "Issuer") {
        None => steps.skip(Check::ResponseIssuer, "the Response has no Issuer, which is optional"),
        Some(issuer) => {
            let outcome = compare::issuer(part, issuer, &expectations.idp_entity_id);
            steps.step(Check::ResponseIssuer, outcome, |()| expectations.idp_entity_id.to_string())?;
        }
    }
    let issued = compare::issue_instant(part, response, clock);
    steps.step(Check::ResponseIssueInstant, issued, ToString::to_string)?;
    let answers = compare::in_response_to(part, response, &expectations.exchange);
    steps.step(Check::ResponseInResponseTo, answers, |()| compare::answered(response))
}

/// `Destination` must be there when the Response is signed, and right whenever it is there.
fn destination<'d>(
    response: Element<'d>,
    signed: Signed,
    expectations: &Expectations<'_>,
) -> Result<Option<&'d str>, ResponseRefusal> {
    let expected = &expectations.acs_urls;
    match response.attribute("Destination") {
        Some(found) if expected.met_by(found) => Ok(Some(found)),
        Some(found) => Err(ResponseRefusal::Destination(compare::mismatch(found, expected))),
        None if signed.response().is_some() => {
            Err(ResponseRefusal::NoDestination { expected: expected.first().to_owned() })
        }
        None => Ok(None),
    }
}
