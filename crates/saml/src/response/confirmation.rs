//! `SubjectConfirmation` (core 2.4.1, profiles 3.3 and 4.1.4.2): may whoever brought the message bring it here and now?
//!
//! At least one bearer confirmation must hold in every respect. Confirmations of other methods say nothing about a
//! browser and are ignored, as is `Address`, which proxies make meaningless.

use super::compare::{self, Clock};
use super::coverage::Covered;
use super::refusal::{Part, ResponseRefusal};
use super::steps::Steps;
use super::structure::{child, children};
use super::{BEARER, Check, Excerpt, Expectations, Witness};
use crate::UnixMillis;
use crate::xml::Element;

/// Checks the confirmations. Gives the time from which no bearer confirmation holds any more.
pub(super) fn check<W: Witness>(
    steps: &mut Steps<'_, W>,
    covered: &Covered<'_>,
    expectations: &Expectations<'_>,
    clock: Clock,
) -> Result<UnixMillis, ResponseRefusal> {
    let bearer = bearer_confirmations(covered).and_then(|subject| best(subject, expectations, clock));
    let bearer = steps.step(Check::BearerConfirmation, bearer, |_| BEARER.to_owned())?;
    let ends = confirm(steps, bearer, expectations, clock)?;
    let subject = child(covered.assertion(), "Subject").ok_or(ResponseRefusal::NoSubject)?;
    let others = bearers(subject).filter_map(|other| {
        compare::optional_time(Check::ConfirmationExpiry, "NotOnOrAfter", data_of(other)?).ok().flatten()
    });
    Ok(others.fold(ends, UnixMillis::max))
}

fn bearers(subject: Element<'_>) -> impl Iterator<Item = Element<'_>> {
    children(subject, "SubjectConfirmation")
        .filter(|confirmation| confirmation.attribute("Method") == Some(BEARER))
}

/// The subject, if one of its confirmations is a bearer's.
fn bearer_confirmations<'d>(covered: &Covered<'d>) -> Result<Element<'d>, ResponseRefusal> {
    let subject = child(covered.assertion(), "Subject").ok_or(ResponseRefusal::NoSubject)?;
    if bearers(subject).next().is_some() {
        return Ok(subject);
    }
    let methods: Vec<_> = children(subject, "SubjectConfirmation")
        .filter_map(|confirmation| confirmation.attribute("Method"))
        .take(3)
        .collect();
    let found = if methods.is_empty() { "none".to_owned() } else { methods.join(", ") };
    Err(ResponseRefusal::NoBearerConfirmation { found: Excerpt::of(&found) })
}

/// The confirmation that holds, or else the one that comes closest, so that the refusal is about the one that was
/// meant.
fn best<'d>(
    subject: Element<'d>,
    expectations: &Expectations<'_>,
    clock: Clock,
) -> Result<Element<'d>, ResponseRefusal> {
    let mut closest: Option<(Check, Element<'d>)> = None;
    for bearer in bearers(subject) {
        match confirm(&mut Steps { witness: &mut () }, bearer, expectations, clock) {
            Ok(_) => return Ok(bearer),
            Err(refusal) if closest.is_none_or(|(check, _)| check < refusal.check()) => {
                closest = Some((refusal.check(), bearer));
            }
            Err(_) => {}
        }
    }
    let none = || ResponseRefusal::NoBearerConfirmation { found: Excerpt::of("none") };
    closest.map(|(_, bearer)| bearer).ok_or_else(none)
}

fn data_of(bearer: Element<'_>) -> Option<Element<'_>> {
    child(bearer, "SubjectConfirmationData")
}

/// Whether this confirmation holds. Gives when it ends.
fn confirm<W: Witness>(
    steps: &mut Steps<'_, W>,
    bearer: Element<'_>,
    expectations: &Expectations<'_>,
    clock: Clock,
) -> Result<UnixMillis, ResponseRefusal> {
    let data = steps.step(Check::Recipient, recipient(bearer, expectations), |data| {
        Excerpt::of(data.attribute("Recipient").unwrap_or_default()).to_string()
    })?;
    let ends = steps.step(Check::ConfirmationExpiry, expiry(data, clock), ToString::to_string)?;
    let answers = compare::in_response_to(Part::Assertion, data, &expectations.exchange);
    steps.step(Check::ConfirmationInResponseTo, answers, |()| compare::answered(data))?;
    Ok(ends)
}

/// The data whose `Recipient` is us.
fn recipient<'d>(
    bearer: Element<'d>,
    expectations: &Expectations<'_>,
) -> Result<Element<'d>, ResponseRefusal> {
    let expected = &expectations.acs_urls;
    let named = data_of(bearer).and_then(|data| Some((data, data.attribute("Recipient")?)));
    match named {
        Some((data, found)) if expected.met_by(found) => Ok(data),
        Some((_, found)) => Err(ResponseRefusal::Recipient(compare::mismatch(found, expected))),
        None => Err(ResponseRefusal::NoRecipient { expected: expected.first().to_owned() }),
    }
}

/// Profiles 4.1.4.2 wants no `NotBefore` here. Some providers write one all the same; once it has passed it says nothing
/// that could be obeyed.
fn begun(data: Element<'_>, clock: Clock) -> Result<(), ResponseRefusal> {
    match compare::optional_time(Check::ConfirmationExpiry, "NotBefore", data)? {
        Some(begins) if clock.is_future(begins) => {
            Err(ResponseRefusal::ConfirmationNotBefore(clock.moment(begins)))
        }
        _ => Ok(()),
    }
}

fn expiry(data: Element<'_>, clock: Clock) -> Result<UnixMillis, ResponseRefusal> {
    begun(data, clock)?;
    let ends = compare::optional_time(Check::ConfirmationExpiry, "NotOnOrAfter", data)?
        .ok_or(ResponseRefusal::NoConfirmationExpiry)?;
    if clock.has_ended(ends) {
        return Err(ResponseRefusal::ConfirmationExpired(clock.moment(ends)));
    }
    Ok(ends)
}
