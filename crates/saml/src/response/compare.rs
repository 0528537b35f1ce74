//! Comparisons that response and assertion share.

use vestibule_refusal::Excerpt;

use super::refusal::{Mismatch, Moment, Part, ResponseRefusal};
use super::{Check, ENTITY_FORMAT, Exchange, Expected};
use crate::UnixMillis;
use crate::xml::Element;

/// How long after it was made a message is accepted at most, in milliseconds: a day.
pub(super) const MOST_AGE: i64 = 24 * 60 * 60 * 1000;

/// Our clock, and how far the provider's may be from it.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    pub(super) now: UnixMillis,
    pub(super) skew: i64,
}

impl Clock {
    /// Whether `time` lies ahead even for the slowest clock.
    pub(super) fn is_future(self, time: UnixMillis) -> bool {
        time > self.now.plus(self.skew)
    }

    /// Whether something that ends at `end` has ended even for the slowest clock.
    pub(super) fn has_ended(self, end: UnixMillis) -> bool {
        self.now >= end.plus(self.skew)
    }

    pub(super) fn moment(self, time: UnixMillis) -> Moment {
        Moment { time, now: self.now }
    }
}

pub(super) fn mismatch(found: &str, expected: &Expected<'_>) -> Mismatch {
    Mismatch { found: Excerpt::of(found), expected: expected.to_string() }
}

/// The time in an attribute that must be there.
pub(super) fn time(
    check: Check,
    name: &'static str,
    element: Element<'_>,
) -> Result<UnixMillis, ResponseRefusal> {
    optional_time(check, name, element)?.ok_or_else(|| ResponseRefusal::MalformedTime {
        check,
        name,
        found: Excerpt::of("absent"),
    })
}

/// The time in an attribute, if it is there.
pub(super) fn optional_time(
    check: Check,
    name: &'static str,
    element: Element<'_>,
) -> Result<Option<UnixMillis>, ResponseRefusal> {
    let Some(text) = element.attribute(name) else { return Ok(None) };
    match UnixMillis::from_xs_date_time(text) {
        Ok(time) => Ok(Some(time)),
        Err(error) => Err(ResponseRefusal::MalformedTime { check, name, found: error.found }),
    }
}

/// `IssueInstant`: not in the future, and not more than a day ago.
pub(super) fn issue_instant(
    part: Part,
    element: Element<'_>,
    clock: Clock,
) -> Result<UnixMillis, ResponseRefusal> {
    let check = part.pick(Check::ResponseIssueInstant, Check::AssertionIssueInstant);
    let issued = time(check, "IssueInstant", element)?;
    let moment = clock.moment(issued);
    if clock.is_future(issued) {
        return Err(ResponseRefusal::IssuedInFuture { part, moment });
    }
    if clock.has_ended(issued.plus(MOST_AGE)) {
        return Err(ResponseRefusal::IssuedTooLongAgo { part, moment });
    }
    Ok(issued)
}

/// A text without the white space around it. An `xs:anyURI` has none (XML Schema part 2, section 4.3.6), so whoever writes
/// indented XML may put it there. Only what XML calls white space; inside of a text nothing is changed.
pub(super) fn collapsed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

/// `Issuer` (profiles 4.1.4.2): the entity ID exactly, and of no other format than that of entities.
pub(super) fn issuer(
    part: Part,
    issuer: Element<'_>,
    expected: &Expected<'_>,
) -> Result<(), ResponseRefusal> {
    let text = issuer.text().unwrap_or_default();
    let found = collapsed(&text);
    if !expected.met_by(found) {
        return Err(ResponseRefusal::Issuer { part, mismatch: mismatch(found, expected) });
    }
    match issuer.attribute("Format") {
        None | Some(ENTITY_FORMAT) => Ok(()),
        Some(format) => Err(ResponseRefusal::IssuerFormat { part, found: Excerpt::of(format) }),
    }
}

/// `InResponseTo`: our request when there is one (profiles 4.1.4.2), nothing otherwise (4.1.5).
pub(super) fn in_response_to(
    part: Part,
    element: Element<'_>,
    exchange: &Exchange<'_>,
) -> Result<(), ResponseRefusal> {
    match (element.attribute("InResponseTo"), exchange) {
        // An empty one names no request.
        (None | Some(""), Exchange::Unsolicited | Exchange::UnsolicitedWith { .. }) => Ok(()),
        (Some(found), Exchange::UnsolicitedWith { constant }) if constant.met_by(found) => Ok(()),
        (Some(found), Exchange::Solicited { request_id }) if request_id.met_by(found) => Ok(()),
        (Some(found), Exchange::Solicited { request_id }) => {
            Err(ResponseRefusal::InResponseTo { part, mismatch: mismatch(found, request_id) })
        }
        (None, Exchange::Solicited { request_id }) => {
            Err(ResponseRefusal::NoInResponseTo { part, expected: request_id.to_string() })
        }
        (Some(found), Exchange::Unsolicited | Exchange::UnsolicitedWith { .. }) => {
            Err(ResponseRefusal::Unasked { part, found: Excerpt::of(found) })
        }
    }
}

/// What [`in_response_to`] found, for people.
pub(super) fn answered(element: Element<'_>) -> String {
    element
        .attribute("InResponseTo")
        .filter(|id| !id.is_empty())
        .map_or_else(|| "no request".to_owned(), |id| Excerpt::of(id).to_string())
}
