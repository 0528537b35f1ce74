//! The outline of a message: what may stand where. Everything here is judged before any signature, so it may only
//! refuse; nothing is read from it that ends in an identity.

use vestibule_refusal::Excerpt;

use super::refusal::{Part, ResponseRefusal, StatusReport};
use super::steps::Steps;
use super::{Check, SUCCESS, Witness};
use crate::dsig::ids;
use crate::xml::{Element, ns};

type Name = (&'static str, &'static str);

/// How many status codes inside each other a refusal tells.
const MOST_STATUS_CODES: usize = 4;

/// How many child elements a witness is told by name.
const MOST_LISTED: usize = 12;

/// A place in a sequence of the schema: one of these names, at most once or any number of times.
struct Place {
    names: &'static [Name],
    many: bool,
}

const fn once(names: &'static [Name]) -> Place {
    Place { names, many: false }
}

const fn many(names: &'static [Name]) -> Place {
    Place { names, many: true }
}

const ISSUER: Name = (ns::SAML, "Issuer");
const SIGNATURE: Name = (ns::DS, "Signature");
const ASSERTION: Name = (ns::SAML, "Assertion");
const ENCRYPTED_ASSERTION: Name = (ns::SAML, "EncryptedAssertion");
const NAME_ID: Name = (ns::SAML, "NameID");

/// Core 3.2.2 and 3.3.3.
const RESPONSE: &[Place] = &[
    once(&[ISSUER]),
    once(&[SIGNATURE]),
    once(&[(ns::SAMLP, "Extensions")]),
    once(&[(ns::SAMLP, "Status")]),
    many(&[ASSERTION, ENCRYPTED_ASSERTION]),
];
/// Core 3.2.2.1.
const STATUS: &[Place] = &[
    once(&[(ns::SAMLP, "StatusCode")]),
    once(&[(ns::SAMLP, "StatusMessage")]),
    once(&[(ns::SAMLP, "StatusDetail")]),
];
/// Core 2.3.3. Statements of unknown types are not accepted: they might take back what another one says.
const ASSERTION_CONTENT: &[Place] = &[
    once(&[ISSUER]),
    once(&[SIGNATURE]),
    once(&[(ns::SAML, "Subject")]),
    once(&[(ns::SAML, "Conditions")]),
    once(&[(ns::SAML, "Advice")]),
    many(&[
        (ns::SAML, "AuthnStatement"),
        (ns::SAML, "AttributeStatement"),
        (ns::SAML, "AuthzDecisionStatement"),
    ]),
];
/// Core 2.4.1, without `BaseID`, which names nobody by itself.
const SUBJECT: &[Place] =
    &[once(&[NAME_ID, (ns::SAML, "EncryptedID")]), many(&[(ns::SAML, "SubjectConfirmation")])];
/// Core 2.4.1.1.
const SUBJECT_CONFIRMATION: &[Place] = &[
    once(&[NAME_ID, (ns::SAML, "EncryptedID"), (ns::SAML, "BaseID")]),
    once(&[(ns::SAML, "SubjectConfirmationData")]),
];
/// Core 2.5.1.4.
const AUDIENCE_RESTRICTION: &[Place] = &[many(&[(ns::SAML, "Audience")])];
/// Core 2.7.2.
const AUTHN_STATEMENT: &[Place] =
    &[once(&[(ns::SAML, "SubjectLocality")]), once(&[(ns::SAML, "AuthnContext")])];
/// Core 2.7.3.
const ATTRIBUTE_STATEMENT: &[Place] = &[many(&[(ns::SAML, "Attribute"), (ns::SAML, "EncryptedAttribute")])];
/// Core 2.7.3.1.
const ATTRIBUTE: &[Place] = &[many(&[(ns::SAML, "AttributeValue")])];

/// A response of the right outline.
pub(super) struct Outline<'d> {
    pub(super) response: Element<'d>,
    pub(super) payload: Payload<'d>,
}

/// The one assertion.
pub(super) enum Payload<'d> {
    /// An `Assertion`.
    Plain(Element<'d>),
    /// An `EncryptedAssertion`.
    Encrypted(Element<'d>),
}

/// Checks the outline of the response around the assertion.
pub(super) fn outline<'d, W: Witness>(
    steps: &mut Steps<'_, W>,
    root: Element<'d>,
) -> Result<Outline<'d>, ResponseRefusal> {
    steps.step(Check::ResponseElement, response_element(root), |()| name_of(root).to_string())?;
    steps.step(Check::ResponseVersion, version(Part::Response, root), |()| "2.0".to_owned())?;
    steps.step(Check::ResponseStructure, response_structure(root), |()| children_of(root))?;
    steps.step(Check::Status, status(root), |()| "Success".to_owned())?;
    let payload = steps.step(Check::SingleAssertion, single_assertion(root), |payload| {
        match payload {
            Payload::Plain(_) => "one Assertion",
            Payload::Encrypted(_) => "one EncryptedAssertion",
        }
        .to_owned()
    })?;
    let assertion = match payload {
        Payload::Plain(assertion) | Payload::Encrypted(assertion) => assertion,
    };
    steps.step(Check::NothingHidden, nothing_hidden(Part::Response, root, assertion), |()| {
        "nothing".to_owned()
    })?;
    Ok(Outline { response: root, payload })
}

/// Checks what was decrypted: exactly an assertion, nothing hidden in it, and no ID that the message around
/// `encrypted` has as well.
pub(super) fn decrypted(root: Element<'_>, encrypted: Element<'_>) -> Result<(), ResponseRefusal> {
    if !is(root, ASSERTION) {
        return Err(ResponseRefusal::NotAnAssertion { found: name_of(root) });
    }
    nothing_hidden(Part::Assertion, root, root)?;
    let twice = ids::repeated(&[encrypted.document(), root.document()]);
    twice.map_or(Ok(()), |id| Err(ResponseRefusal::DuplicateId { id }))
}

/// Checks the outline of an assertion, down to where values stand.
pub(super) fn assertion(assertion: Element<'_>) -> Result<(), ResponseRefusal> {
    let part = Part::Assertion;
    version(part, assertion)?;
    in_order(part, assertion, ASSERTION_CONTENT)?;
    attributes_present(part, assertion, "Assertion", &["ID", "IssueInstant"])?;
    let issuer = child(assertion, "Issuer").ok_or(missing(part, "Assertion", "Issuer"))?;
    text_only(part, issuer)?;
    for element in assertion.elements() {
        match element.local_name() {
            "Subject" => subject(element)?,
            "Conditions" => conditions(element)?,
            "AuthnStatement" => authn_statement(element)?,
            "AttributeStatement" => attribute_statement(element)?,
            _ => {}
        }
    }
    Ok(())
}

/// The child element of this name in the assertion namespace. After the outline was checked there is at most one of
/// those names that may occur once.
pub(super) fn child<'d>(parent: Element<'d>, local: &str) -> Option<Element<'d>> {
    parent.elements().find(|element| element.is(ns::SAML, local))
}

/// The child elements of this name in the assertion namespace.
pub(super) fn children<'d>(parent: Element<'d>, local: &'static str) -> impl Iterator<Item = Element<'d>> {
    let mut last: Option<Element<'d>> = None;
    parent.elements().filter(move |element| {
        let found = last.is_some_and(|last| element.shares_name_with(last)) || element.is(ns::SAML, local);
        if found {
            last = Some(*element);
        }
        found
    })
}

/// The name of an element for people, with the prefix that SAML's documents use.
pub(super) fn name_of(element: Element<'_>) -> Excerpt {
    let local = element.local_name();
    let prefix = match element.namespace() {
        ns::SAMLP => "samlp:",
        ns::SAML => "saml:",
        ns::DS => "ds:",
        ns::XENC => "xenc:",
        ns::MD => "md:",
        "" => "",
        other => return Excerpt::of(&format!("{{{other}}}{local}")),
    };
    Excerpt::of(&format!("{prefix}{local}"))
}

fn is(element: Element<'_>, (namespace, local): Name) -> bool {
    element.is(namespace, local)
}

fn missing(part: Part, inside: &'static str, missing: &'static str) -> ResponseRefusal {
    ResponseRefusal::Missing { part, inside, missing }
}

/// The names of the child elements, the first ones of many.
pub(super) fn children_of(parent: Element<'_>) -> String {
    let names: Vec<_> = parent.elements().take(MOST_LISTED).map(|child| name_of(child).to_string()).collect();
    let more = parent.elements().skip(MOST_LISTED).count();
    if more == 0 { names.join(", ") } else { format!("{} and {more} more", names.join(", ")) }
}

fn response_element(root: Element<'_>) -> Result<(), ResponseRefusal> {
    if root.is(ns::SAMLP, "Response") {
        return Ok(());
    }
    Err(ResponseRefusal::NotAResponse { found: name_of(root) })
}

fn version(part: Part, element: Element<'_>) -> Result<(), ResponseRefusal> {
    match element.attribute("Version") {
        Some("2.0") => Ok(()),
        found => Err(ResponseRefusal::Version { part, found: Excerpt::of(found.unwrap_or("no Version")) }),
    }
}

fn response_structure(response: Element<'_>) -> Result<(), ResponseRefusal> {
    let part = Part::Response;
    in_order(part, response, RESPONSE)?;
    attributes_present(part, response, "Response", &["ID", "IssueInstant"])?;
    if let Some(issuer) = child(response, "Issuer") {
        text_only(part, issuer)?;
    }
    let status = status_of(response).ok_or(missing(part, "Response", "Status"))?;
    in_order(part, status, STATUS)?;
    let code = status_code(status).ok_or(missing(part, "Status", "StatusCode"))?;
    attributes_present(part, code, "StatusCode", &["Value"])
}

fn status_of(response: Element<'_>) -> Option<Element<'_>> {
    response.elements().find(|child| child.is(ns::SAMLP, "Status"))
}

fn status_code(parent: Element<'_>) -> Option<Element<'_>> {
    parent.elements().find(|child| child.is(ns::SAMLP, "StatusCode"))
}

/// Core 3.2.2.2. What a refusal says may be unsigned: it is shown as an excerpt and decides nothing else.
fn status(response: Element<'_>) -> Result<(), ResponseRefusal> {
    let status = status_of(response);
    let code = status.and_then(status_code);
    let value = code.and_then(|code| code.attribute("Value"));
    if value == Some(SUCCESS) {
        return Ok(());
    }
    let message =
        status.and_then(|status| status.elements().find(|child| child.is(ns::SAMLP, "StatusMessage")));
    let message = message.and_then(|message| message.text().ok());
    let nested = std::iter::successors(code.and_then(status_code), |code| status_code(*code));
    let sub_codes = nested.take(MOST_STATUS_CODES).filter_map(|code| code.attribute("Value"));
    Err(ResponseRefusal::Status(Box::new(StatusReport {
        code: Excerpt::of(value.unwrap_or("no status code")),
        sub_codes: sub_codes.map(Excerpt::of).collect(),
        message: message
            .map(|message| Excerpt::of(message.trim()))
            .filter(|message| !message.as_str().is_empty()),
    })))
}

fn single_assertion(response: Element<'_>) -> Result<Payload<'_>, ResponseRefusal> {
    let plain = || response.elements().filter(|child| is(*child, ASSERTION));
    let encrypted = || response.elements().filter(|child| is(*child, ENCRYPTED_ASSERTION));
    match (plain().next(), plain().count(), encrypted().next(), encrypted().count()) {
        (Some(assertion), 1, None, _) => Ok(Payload::Plain(assertion)),
        (None, _, Some(assertion), 1) => Ok(Payload::Encrypted(assertion)),
        (None, _, None, _) => Err(ResponseRefusal::NoAssertion),
        (Some(_), _, Some(_), _) => Err(ResponseRefusal::PlainAndEncrypted),
        (_, plain, _, encrypted) => Err(ResponseRefusal::SeveralAssertions { found: plain + encrypted }),
    }
}

/// Nothing of the names that signature wrapping needs, except in their one place: the assertion itself, and a
/// signature as direct child of the root or of the assertion. `Advice` and `Extensions` may hold assertions by the
/// schema; here they may not.
fn nothing_hidden(part: Part, root: Element<'_>, assertion: Element<'_>) -> Result<(), ResponseRefusal> {
    for element in root.descendants() {
        let harmless = match element.local_name() {
            "Assertion" | "EncryptedAssertion" => element.namespace() != ns::SAML || element.same(assertion),
            "Signature" => {
                element.namespace() != ns::DS
                    || element.parent().is_some_and(|parent| parent.same(root) || is_plain(parent, assertion))
            }
            "Response" => element.namespace() != ns::SAMLP,
            _ => true,
        };
        if !harmless {
            let inside = element.parent().map_or_else(|| Excerpt::of("nothing"), name_of);
            return Err(ResponseRefusal::Hidden { part, found: name_of(element), inside });
        }
    }
    Ok(())
}

fn is_plain(element: Element<'_>, assertion: Element<'_>) -> bool {
    element.same(assertion) && is(element, ASSERTION)
}

fn subject(subject: Element<'_>) -> Result<(), ResponseRefusal> {
    in_order(Part::Assertion, subject, SUBJECT)?;
    if let Some(name_id) = child(subject, "NameID") {
        text_only(Part::Assertion, name_id)?;
    }
    for confirmation in children(subject, "SubjectConfirmation") {
        in_order(Part::Assertion, confirmation, SUBJECT_CONFIRMATION)?;
        attributes_present(Part::Assertion, confirmation, "SubjectConfirmation", &["Method"])?;
    }
    Ok(())
}

/// Which conditions there may be is judged later, by their own check.
fn conditions(conditions: Element<'_>) -> Result<(), ResponseRefusal> {
    no_stray_text(Part::Assertion, conditions)?;
    for restriction in children(conditions, "AudienceRestriction") {
        in_order(Part::Assertion, restriction, AUDIENCE_RESTRICTION)?;
        if restriction.elements().next().is_none() {
            return Err(missing(Part::Assertion, "AudienceRestriction", "Audience"));
        }
        for audience in restriction.elements() {
            text_only(Part::Assertion, audience)?;
        }
    }
    Ok(())
}

fn authn_statement(statement: Element<'_>) -> Result<(), ResponseRefusal> {
    in_order(Part::Assertion, statement, AUTHN_STATEMENT)?;
    attributes_present(Part::Assertion, statement, "AuthnStatement", &["AuthnInstant"])
}

fn attribute_statement(statement: Element<'_>) -> Result<(), ResponseRefusal> {
    in_order(Part::Assertion, statement, ATTRIBUTE_STATEMENT)?;
    for attribute in children(statement, "Attribute") {
        in_order(Part::Assertion, attribute, ATTRIBUTE)?;
    }
    Ok(())
}

/// Checks that the children of `parent` follow the sequence, with nothing else between them.
fn in_order(part: Part, parent: Element<'_>, places: &[Place]) -> Result<(), ResponseRefusal> {
    let mut rest = places;
    let mut last: Option<Element<'_>> = None;
    for child in parent.elements() {
        // A name that may be there many times has its place again.
        if last.is_some_and(|last| child.shares_name_with(last)) {
            continue;
        }
        let place = rest.iter().position(|place| place.names.iter().any(|name| is(child, *name)));
        let from_here = place.and_then(|at| rest.get(at..)).unwrap_or_default();
        let Some((place, after)) = from_here.split_first() else {
            return Err(ResponseRefusal::UnexpectedElement {
                part,
                inside: name_of(parent),
                found: name_of(child),
            });
        };
        rest = if place.many { from_here } else { after };
        last = place.many.then_some(child);
    }
    no_stray_text(part, parent)
}

fn no_stray_text(part: Part, parent: Element<'_>) -> Result<(), ResponseRefusal> {
    if parent.has_text_between_elements() {
        return Err(ResponseRefusal::MixedContent { part, inside: name_of(parent) });
    }
    Ok(())
}

fn text_only(part: Part, element: Element<'_>) -> Result<(), ResponseRefusal> {
    if element.elements().next().is_some() {
        return Err(ResponseRefusal::MixedContent { part, inside: name_of(element) });
    }
    Ok(())
}

fn attributes_present(
    part: Part,
    element: Element<'_>,
    name: &'static str,
    required: &[&'static str],
) -> Result<(), ResponseRefusal> {
    let is_absent = |attribute: &&&str| match element.attribute(attribute) {
        Some(value) => value.is_empty() && **attribute == "ID",
        None => true,
    };
    required.iter().find(is_absent).map_or(Ok(()), |attribute| Err(missing(part, name, attribute)))
}
