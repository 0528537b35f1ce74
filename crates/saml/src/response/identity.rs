//! Who the assertion is about: its session (core 2.7.2), name identifier (core 2.2) and attributes (core 2.7.3).

use std::collections::BTreeMap;
use std::fmt;

use super::accepted::{Attribute, Session};
use super::compare::{self, Clock};
use super::coverage::Covered;
use super::name_id::NameId;
use super::refusal::ResponseRefusal;
use super::structure::{child, children};
use super::{Check, Excerpt};
use crate::UnixMillis;
use crate::xml::{Element, ns};

/// The first `AuthnStatement`, of which there must be one (profiles 4.1.4.2).
pub(super) fn authn_statement<'d>(covered: &Covered<'d>) -> Result<Element<'d>, ResponseRefusal> {
    child(covered.assertion(), "AuthnStatement").ok_or(ResponseRefusal::NoAuthnStatement)
}

/// When the person authenticated, by the first statement.
pub(super) fn authn_instant(statement: Element<'_>) -> Result<UnixMillis, ResponseRefusal> {
    compare::time(Check::AuthnStatement, "AuthnInstant", statement)
}

/// When the session at the provider ends, by the statement that ends first.
pub(super) fn session_end(
    covered: &Covered<'_>,
    clock: Clock,
) -> Result<Option<UnixMillis>, ResponseRefusal> {
    let mut earliest: Option<UnixMillis> = None;
    for statement in children(covered.assertion(), "AuthnStatement") {
        let ends = compare::optional_time(Check::SessionExpiry, "SessionNotOnOrAfter", statement)?;
        earliest = [earliest, ends].into_iter().flatten().min();
    }
    match earliest {
        Some(ends) if clock.has_ended(ends) => Err(ResponseRefusal::SessionExpired(clock.moment(ends))),
        other => Ok(other),
    }
}

pub(super) fn session(
    statement: Element<'_>,
    authn_instant: UnixMillis,
    not_on_or_after: Option<UnixMillis>,
) -> Session {
    let context = child(statement, "AuthnContext").and_then(|context| child(context, "AuthnContextClassRef"));
    let class = context.and_then(|class| class.text().ok()).map(|class| class.trim().to_owned());
    Session {
        authn_instant,
        index: statement.attribute("SessionIndex").map(str::to_owned),
        not_on_or_after,
        context_class: class,
    }
}

/// The name identifier, if there is one. It must then be in the clear (inside of an encrypted assertion it is) and
/// have content.
pub(super) fn name_id(covered: &Covered<'_>) -> Result<Option<NameId>, ResponseRefusal> {
    let Some(subject) = child(covered.assertion(), "Subject") else { return Ok(None) };
    if child(subject, "EncryptedID").is_some() {
        return Err(ResponseRefusal::EncryptedNameId);
    }
    let Some(element) = child(subject, "NameID") else { return Ok(None) };
    let text = element.text().unwrap_or_default();
    let value = compare::collapsed(&text);
    if value.trim().is_empty() {
        return Err(ResponseRefusal::EmptyNameId);
    }
    let owned = |attribute: &str| element.attribute(attribute).map(str::to_owned);
    Ok(Some(NameId {
        value: value.to_owned(),
        format: owned("Format"),
        name_qualifier: owned("NameQualifier"),
        sp_name_qualifier: owned("SPNameQualifier"),
    }))
}

/// What the attribute statements say.
pub(super) struct Attributes {
    pub(super) readable: Vec<Attribute>,
    pub(super) encrypted: usize,
}

/// How many attributes a witness is told by name.
const MOST_NAMED: usize = 40;

/// Their names, the first ones of many; never a value.
impl fmt::Display for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.readable.is_empty() {
            f.write_str("no attributes")?;
        }
        for (position, attribute) in self.readable.iter().take(MOST_NAMED).enumerate() {
            let before = if position == 0 { "" } else { ", " };
            write!(f, "{before}{}", Excerpt::of(&attribute.name))?;
        }
        match self.readable.len().saturating_sub(MOST_NAMED) {
            0 => {}
            more => write!(f, " and {more} more")?,
        }
        match self.encrypted {
            0 => Ok(()),
            encrypted => write!(f, "; {encrypted} more are encrypted and not read"),
        }
    }
}

/// Reads all attribute statements. `Attribute` elements of one name are joined, whatever their `NameFormat`, because
/// providers send one element for each role or group. An `EncryptedAttribute` is counted and not read.
pub(super) fn attributes(covered: &Covered<'_>) -> Result<Attributes, ResponseRefusal> {
    let mut found = Attributes { readable: Vec::new(), encrypted: 0 };
    let mut positions = BTreeMap::new();
    let statements = children(covered.assertion(), "AttributeStatement");
    for element in statements.flat_map(Element::elements) {
        if element.is(ns::SAML, "EncryptedAttribute") {
            found.encrypted += 1;
            continue;
        }
        let name = element.attribute("Name").filter(|name| !name.is_empty());
        let name = name.ok_or(ResponseRefusal::AttributeWithoutName)?;
        let position = *positions.entry(name).or_insert(found.readable.len());
        if position == found.readable.len() {
            found.readable.push(Attribute::named(name));
        }
        if let Some(attribute) = found.readable.get_mut(position) {
            attribute.join(element);
        }
    }
    Ok(found)
}

impl Attribute {
    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), friendly_name: None, values: Vec::new(), unreadable_values: 0 }
    }

    fn join(&mut self, element: Element<'_>) {
        if self.friendly_name.is_none() {
            self.friendly_name = element.attribute("FriendlyName").map(str::to_owned);
        }
        self.values.reserve(element.elements().count());
        for value in children(element, "AttributeValue") {
            match text_of(value) {
                _ if is_nil(value) => {}
                Some(text) => self.values.push(text),
                None => self.unreadable_values += 1,
            }
        }
    }
}

fn is_nil(value: Element<'_>) -> bool {
    matches!(value.attribute_in(ns::XSI, "nil"), Some("true" | "1"))
}

/// The text of a value, or of the one `NameID` in it, which is how `eduPersonTargetedID` is sent. Any other content is
/// not a value that could be mapped.
fn text_of(value: Element<'_>) -> Option<String> {
    if let Ok(text) = value.text() {
        return Some(text.into_owned());
    }
    let mut inner = value.elements();
    match (inner.next(), inner.next()) {
        (Some(only), None) if only.is(ns::SAML, "NameID") && !value.has_text_between_elements() => {
            only.text().ok().map(std::borrow::Cow::into_owned)
        }
        _ => None,
    }
}
