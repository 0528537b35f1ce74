//! The one shape a SAML signature has (core 5.4, XML Signature 4), read along fixed paths: each element is where the
//! template has it or the signature is refused. Nothing is searched for, so nothing can be found in a wrong place.
//!
//! ```text
//! Signature              child of the element that it signs
//!   SignedInfo
//!     CanonicalizationMethod   exclusive, perhaps with InclusiveNamespaces
//!     SignatureMethod
//!     Reference                URI="#" + ID of the signed element
//!       Transforms             enveloped-signature, exclusive (perhaps with InclusiveNamespaces)
//!                              or enveloped-signature alone, which means inclusive
//!       DigestMethod
//!       DigestValue
//!   SignatureValue
//!   KeyInfo                    perhaps; never read
//! ```

use std::borrow::Cow;

use smallvec::SmallVec;
use vestibule_refusal::Excerpt;

use super::{Canonicalization, Signature, SignatureRefusal};
use crate::algorithm::{DigestAlgorithm, SignatureAlgorithm};
use crate::xml::{Element, ns};

const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const EXCLUSIVE: &str = ns::EC;
/// The variants with comments differ where there are comments, and a message has none.
const EXCLUSIVE_COMMENTS: &str = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments";
const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const INCLUSIVE_COMMENTS: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments";
const INCLUSIVE_11: &str = "http://www.w3.org/2006/12/xml-c14n11";
const INCLUSIVE_11_COMMENTS: &str = "http://www.w3.org/2006/12/xml-c14n11#WithComments";

/// More prefixes than a document can have in scope are of no use, and each costs time.
const MOST_PREFIXES: usize = 64;

type Read<T> = Result<T, SignatureRefusal>;

/// Reads `signature`, a `ds:Signature` child of `parent`.
pub(super) fn read<'d>(parent: Element<'d>, signature: Element<'d>) -> Read<Signature<'d>> {
    let mut parts = Children::of(signature, "Signature", &["Id"])?;
    let signed_info = parts.next("SignedInfo")?;
    let value = parts.next("SignatureValue")?;
    match parts.rest.next() {
        Some(object) if object.is(ns::DS, "Object") => return Err(SignatureRefusal::Object),
        Some(other) if !other.is(ns::DS, "KeyInfo") => return Err(unexpected("Signature", other, "KeyInfo")),
        _ => {}
    }
    match parts.rest.next() {
        Some(object) if object.is(ns::DS, "Object") => return Err(SignatureRefusal::Object),
        Some(other) => return Err(unexpected("Signature", other, "nothing more")),
        None => {}
    }

    let mut parts = Children::of(signed_info, "SignedInfo", &["Id"])?;
    let signed_info_form = signed_info_form(parts.next("CanonicalizationMethod")?)?;
    let algorithm = signature_method(parts.next("SignatureMethod")?)?;
    let reference = parts.next("Reference")?;
    let more = parts.rest.filter(|other| other.is(ns::DS, "Reference")).count();
    if more > 0 {
        return Err(SignatureRefusal::References(1 + more));
    }
    if let Some(other) = signed_info.elements().nth(3) {
        return Err(unexpected("SignedInfo", other, "nothing more"));
    }
    check_target(parent, reference)?;

    let mut parts = Children::of(reference, "Reference", &["Id", "URI", "Type"])?;
    let parent_form = transforms(parts.next("Transforms")?)?;
    let digest_algorithm = digest_method(parts.next("DigestMethod")?)?;
    let digest = parts.next("DigestValue")?;
    parts.end()?;
    Ok(Signature {
        parent,
        signature,
        signed_info,
        signed_info_form,
        algorithm,
        value: text(value, "SignatureValue", &["Id"])?,
        parent_form,
        digest_algorithm,
        digest: text(digest, "DigestValue", &[])?,
    })
}

/// XML Signature 4.4.3.1, core 5.4.2: a same-document reference to the element around the signature, by its ID.
fn check_target(parent: Element<'_>, reference: Element<'_>) -> Read<()> {
    let id = parent.attribute("ID").filter(|id| !id.is_empty()).ok_or(SignatureRefusal::NoId)?;
    let found = reference.attribute("URI");
    if found.and_then(|uri| uri.strip_prefix('#')) != Some(id) {
        let found = Excerpt::of(found.unwrap_or("nothing"));
        return Err(SignatureRefusal::Reference { found, expected: Excerpt::of(&format!("#{id}")) });
    }
    Ok(())
}

fn signed_info_form(method: Element<'_>) -> Read<Canonicalization<'_>> {
    let uri = algorithm_of(method, "CanonicalizationMethod")?;
    canonicalization(uri, method, "CanonicalizationMethod")?
        .ok_or_else(|| SignatureRefusal::Canonicalization { found: Excerpt::of(uri) })
}

/// The canonicalisation that `uri` names, if it is one that can be accepted.
fn canonicalization<'d>(
    uri: &str,
    method: Element<'d>,
    name: &'static str,
) -> Read<Option<Canonicalization<'d>>> {
    let form = match uri {
        EXCLUSIVE | EXCLUSIVE_COMMENTS => return exclusive(method, name).map(Some),
        INCLUSIVE | INCLUSIVE_COMMENTS => Canonicalization::Inclusive,
        INCLUSIVE_11 | INCLUSIVE_11_COMMENTS => Canonicalization::Inclusive11,
        _ => return Ok(None),
    };
    Children::of(method, name, &["Algorithm"])?.end()?;
    Ok(Some(form))
}

/// XML Signature 4.4.3.4. The order matters: a transform before the removal of the signature would see it.
fn transforms(transforms: Element<'_>) -> Read<Canonicalization<'_>> {
    let mut steps = Children::of(transforms, "Transforms", &[])?;
    let first = steps.next("Transform")?;
    if algorithm_of(first, "Transform")? != ENVELOPED {
        return Err(other_transforms(transforms));
    }
    Children::of(first, "Transform", &["Algorithm"])?.end()?;
    let Some(second) = steps.rest.next() else {
        // Nodes that come out of a transform are made octets by Canonical XML 1.0 (XML Signature 4.4.3.2).
        return Ok(Canonicalization::Inclusive);
    };
    if !second.is(ns::DS, "Transform") || steps.rest.next().is_some() {
        return Err(other_transforms(transforms));
    }
    canonicalization(algorithm_of(second, "Transform")?, second, "Transform")?
        .ok_or_else(|| other_transforms(transforms))
}

fn other_transforms(transforms: Element<'_>) -> SignatureRefusal {
    let names: Vec<&str> =
        transforms.elements().take(4).map(|step| step.attribute("Algorithm").unwrap_or("?")).collect();
    SignatureRefusal::Transforms { found: Excerpt::of(&names.join(", ")) }
}

/// Exclusive canonicalisation 1.0 section 4.
fn exclusive<'d>(method: Element<'d>, name: &'static str) -> Read<Canonicalization<'d>> {
    let mut parts = Children::of(method, name, &["Algorithm"])?;
    let mut prefixes = SmallVec::new();
    if let Some(list) = parts.rest.next() {
        if !list.is(ns::EC, "InclusiveNamespaces") {
            return Err(unexpected(name, list, "InclusiveNamespaces"));
        }
        let mut inside = Children::of(list, "InclusiveNamespaces", &["PrefixList"])?;
        inside.end()?;
        prefixes.extend(
            list.attribute("PrefixList").unwrap_or_default().split_ascii_whitespace().take(MOST_PREFIXES + 1),
        );
    }
    if prefixes.len() > MOST_PREFIXES {
        return Err(SignatureRefusal::PrefixList(MOST_PREFIXES));
    }
    parts.end()?;
    Ok(Canonicalization::Exclusive(prefixes))
}

fn signature_method(method: Element<'_>) -> Read<SignatureAlgorithm> {
    let uri = algorithm_of(method, "SignatureMethod")?;
    let algorithm = SignatureAlgorithm::from_uri(uri)
        .ok_or_else(|| SignatureRefusal::SignatureAlgorithm { found: Excerpt::of(uri) })?;
    Children::of(method, "SignatureMethod", &["Algorithm"])?.end()?;
    Ok(algorithm)
}

fn digest_method(method: Element<'_>) -> Read<DigestAlgorithm> {
    let uri = algorithm_of(method, "DigestMethod")?;
    let algorithm = DigestAlgorithm::from_uri(uri)
        .ok_or_else(|| SignatureRefusal::DigestAlgorithm { found: Excerpt::of(uri) })?;
    Children::of(method, "DigestMethod", &["Algorithm"])?.end()?;
    Ok(algorithm)
}

fn algorithm_of<'d>(method: Element<'d>, name: &'static str) -> Read<&'d str> {
    method
        .attribute("Algorithm")
        .ok_or_else(|| SignatureRefusal::structure(name, "no Algorithm", "an Algorithm"))
}

/// A value, which is text and nothing else.
fn text<'d>(element: Element<'d>, name: &'static str, attributes: &[&str]) -> Read<Cow<'d, str>> {
    check_attributes(element, name, attributes)?;
    element.text().map_err(|_| SignatureRefusal::structure(name, "an element", "text"))
}

/// The child elements of a part of the signature, taken in order; there is no text between them.
struct Children<I> {
    inside: &'static str,
    rest: I,
}

impl<'d> Children<()> {
    fn of(
        element: Element<'d>,
        inside: &'static str,
        attributes: &[&str],
    ) -> Read<Children<impl Iterator<Item = Element<'d>> + use<'d>>> {
        check_attributes(element, inside, attributes)?;
        if element.has_text_between_elements() {
            return Err(SignatureRefusal::structure(inside, "text", "an element"));
        }
        Ok(Children { inside, rest: element.elements() })
    }
}

impl<'d, I: Iterator<Item = Element<'d>>> Children<I> {
    fn next(&mut self, local: &'static str) -> Read<Element<'d>> {
        match self.rest.next() {
            Some(found) if found.is(ns::DS, local) => Ok(found),
            Some(other) => Err(unexpected(self.inside, other, local)),
            None => Err(SignatureRefusal::structure(self.inside, "nothing", local)),
        }
    }

    fn end(&mut self) -> Read<()> {
        match self.rest.next() {
            Some(other) => Err(unexpected(self.inside, other, "nothing more")),
            None => Ok(()),
        }
    }
}

fn check_attributes(element: Element<'_>, inside: &'static str, allowed: &[&str]) -> Read<()> {
    let is_known = |attribute: &crate::xml::Attribute<'_>| {
        attribute.namespace.is_empty() && allowed.contains(&attribute.local_name)
    };
    match element.attributes().find(|attribute| !is_known(attribute)) {
        Some(other) => {
            let found = format!("the attribute {}", other.local_name);
            Err(SignatureRefusal::structure(inside, &found, "only what XML Signature has"))
        }
        None => Ok(()),
    }
}

fn unexpected(inside: &'static str, found: Element<'_>, expected: &'static str) -> SignatureRefusal {
    SignatureRefusal::structure(inside, &format!("{{{}}}{}", found.namespace(), found.local_name()), expected)
}
