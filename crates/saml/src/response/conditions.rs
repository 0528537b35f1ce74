//! `Conditions` (core 2.5): when the assertion is valid, and for whom.

use super::compare::{self, Clock};
use super::coverage::Covered;
use super::refusal::{Mismatch, ResponseRefusal};
use super::steps::Steps;
use super::structure::{self, child, children, name_of};
use super::{Check, Excerpt, Expectations, Expected, Witness};
use crate::UnixMillis;
use crate::xml::{Element, ns};

/// How many audiences a refusal lists.
const MOST_LISTED: usize = 5;

/// Checks all conditions. Gives `NotOnOrAfter`, if the assertion has one here.
pub(super) fn check<W: Witness>(
    steps: &mut Steps<'_, W>,
    covered: &Covered<'_>,
    expectations: &Expectations<'_>,
    clock: Clock,
) -> Result<Option<UnixMillis>, ResponseRefusal> {
    let conditions = child(covered.assertion(), "Conditions").ok_or(ResponseRefusal::NoConditions);
    let known = conditions.and_then(all_known);
    let conditions =
        steps.step(Check::Conditions, known, |conditions| structure::children_of(*conditions))?;

    match not_before(conditions, clock) {
        Ok(None) => steps.skip(Check::NotBefore, "the Conditions have no NotBefore, which is optional"),
        outcome => {
            steps.step(Check::NotBefore, outcome, shown)?;
        }
    }
    let not_on_or_after = not_on_or_after(conditions, clock);
    let not_on_or_after = match not_on_or_after {
        Ok(None) => {
            steps.skip(
                Check::NotOnOrAfter,
                "the Conditions have no NotOnOrAfter; the subject confirmation has",
            );
            None
        }
        outcome => steps.step(Check::NotOnOrAfter, outcome, shown)?,
    };
    let audience = audience(conditions, &expectations.audiences);
    steps.step(Check::Audience, audience, |()| audiences_of(conditions))?;
    Ok(not_on_or_after)
}

fn shown(time: &Option<UnixMillis>) -> String {
    time.map_or_else(String::new, |time| time.to_string())
}

/// A condition that is not understood makes the assertion invalid (core 2.5.1.1). `OneTimeUse` is what we do anyway;
/// `ProxyRestriction` is for those who issue assertions on the ground of this one.
fn all_known(conditions: Element<'_>) -> Result<Element<'_>, ResponseRefusal> {
    let known = |condition: &Element<'_>| {
        condition.namespace() == ns::SAML
            && matches!(condition.local_name(), "AudienceRestriction" | "OneTimeUse" | "ProxyRestriction")
    };
    match conditions.elements().find(|condition| !known(condition)) {
        Some(unknown) => Err(ResponseRefusal::UnknownCondition { found: name_of(unknown) }),
        None => Ok(conditions),
    }
}

fn not_before(conditions: Element<'_>, clock: Clock) -> Result<Option<UnixMillis>, ResponseRefusal> {
    let time = compare::optional_time(Check::NotBefore, "NotBefore", conditions)?;
    match time {
        Some(time) if clock.is_future(time) => Err(ResponseRefusal::NotYetValid(clock.moment(time))),
        other => Ok(other),
    }
}

fn not_on_or_after(conditions: Element<'_>, clock: Clock) -> Result<Option<UnixMillis>, ResponseRefusal> {
    let time = compare::optional_time(Check::NotOnOrAfter, "NotOnOrAfter", conditions)?;
    match time {
        Some(time) if clock.has_ended(time) => Err(ResponseRefusal::Expired(clock.moment(time))),
        other => Ok(other),
    }
}

/// We must be in each restriction, and there must be one (core 2.5.1.4, profiles 4.1.4.2).
fn audience(conditions: Element<'_>, expected: &Expected<'_>) -> Result<(), ResponseRefusal> {
    let mut restrictions = children(conditions, "AudienceRestriction").peekable();
    if restrictions.peek().is_none() {
        return Err(ResponseRefusal::NoAudience { expected: expected.to_string() });
    }
    let mut others = restrictions.filter(|restriction| !names_us(*restriction, expected));
    match others.next() {
        None => Ok(()),
        Some(restriction) => Err(ResponseRefusal::Audience(Mismatch {
            found: Excerpt::of(&listed(restriction)),
            expected: expected.to_string(),
        })),
    }
}

fn names_us(restriction: Element<'_>, expected: &Expected<'_>) -> bool {
    children(restriction, "Audience")
        .any(|audience| audience.text().is_ok_and(|text| expected.met_by(compare::collapsed(&text))))
}

fn listed(restriction: Element<'_>) -> String {
    let texts = children(restriction, "Audience").filter_map(|audience| audience.text().ok());
    let listed: Vec<_> =
        texts.take(MOST_LISTED).map(|text| Excerpt::of(compare::collapsed(&text)).to_string()).collect();
    listed.join(", ")
}

fn audiences_of(conditions: Element<'_>) -> String {
    let restrictions: Vec<_> =
        children(conditions, "AudienceRestriction").take(MOST_LISTED).map(listed).collect();
    restrictions.join("; and ")
}
