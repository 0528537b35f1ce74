//! Namespaces while reading (Namespaces in XML 1.0): what is declared, and what a prefix means at this place.

use std::ops::Range;

use vestibule_refusal::Excerpt;

use super::chars::is_absolute_uri;
use super::error::XmlProblem;
use super::ns;
use super::tree::{Declaration, Document, NONE, Value, XML};

/// How many of the last new names are looked through.
const LATELY: u32 = 4;

/// The declarations that are open, innermost last.
pub(super) struct Scope<'x> {
    open: Vec<(&'x str, Declaration)>,
    longest: Longest,
}

/// What a declaration may have.
#[derive(Clone, Copy)]
pub(super) struct Longest {
    /// [`Limits::prefix`](super::Limits::prefix).
    pub(super) prefix: usize,
    /// [`Limits::namespace_name`](super::Limits::namespace_name).
    pub(super) name: usize,
}

impl<'x> Scope<'x> {
    pub(super) fn new(longest: Longest) -> Self {
        Self { open: Vec::with_capacity(16), longest }
    }

    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    /// Leaves an element whose declarations came after the first `len`.
    pub(super) fn close(&mut self, len: usize) {
        self.open.truncate(len);
    }

    /// What `prefix` is bound to; the empty prefix without a declaration means no namespace.
    pub(super) fn resolve(&self, prefix: &str) -> Result<Declaration, XmlProblem> {
        if let Some((_, found)) = self.open.iter().rev().find(|(open, _)| same(open, prefix)) {
            return Ok(*found);
        }
        match prefix {
            "" => Ok(Declaration { prefix: NONE, namespace: NONE }),
            "xml" => Ok(Declaration { prefix: XML, namespace: XML }),
            "xmlns" => Err(XmlProblem::Reserved),
            _ => Err(XmlProblem::UnboundPrefix(Excerpt::of(prefix))),
        }
    }

    /// Opens `xmlns:prefix="value"` of an element whose declarations come after the first `own`.
    pub(super) fn declare(
        &mut self,
        document: &mut Document<'x>,
        prefix: &'x str,
        value: Value<'x>,
        own: usize,
    ) -> Result<(), XmlProblem> {
        if prefix.len() > self.longest.prefix {
            return Err(XmlProblem::LongPrefix(self.longest.prefix));
        }
        let name = value.of(&document.unescaped);
        if is_redundant_xml(prefix, name)? {
            return Ok(());
        }
        if name.is_empty() && !prefix.is_empty() {
            return Err(XmlProblem::EmptyNamespace(Excerpt::of(prefix)));
        }
        if self.open.iter().skip(own).any(|(open, _)| *open == prefix) {
            let whole = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            return Err(XmlProblem::DuplicateAttribute(Excerpt::of(&whole)));
        }
        let namespace = match self.known_namespace(document, name) {
            Some(known) => known,
            None => {
                // One address for each name that is compared with often: equal pointers are equal without a look.
                let known = ns::KNOWN.into_iter().find(|known| *known == name);
                self.check_name(name, known.is_some())?;
                appended(&mut document.namespaces, known.map_or(value, Value::Input))
            }
        };
        let known_prefix = self.known_prefix(document, prefix);
        let prefix_number = known_prefix.unwrap_or_else(|| appended(&mut document.prefixes, prefix));
        let declaration = Declaration { prefix: prefix_number, namespace };
        self.open.push((prefix, declaration));
        document.declarations.push(declaration);
        Ok(())
    }

    /// Opens declarations of the document once more, for an element that has them as well.
    pub(super) fn reopen(&mut self, document: &Document<'x>, declarations: Range<usize>) {
        let again = document.declarations.get(declarations).unwrap_or_default();
        self.open.extend(again.iter().map(|found| (document.prefix_of(*found), *found)));
    }

    fn check_name(&self, name: &str, is_known: bool) -> Result<(), XmlProblem> {
        if name.len() > self.longest.name {
            return Err(XmlProblem::LongNamespaceName(self.longest.name));
        }
        if !is_known && !is_absolute_uri(name) {
            return Err(XmlProblem::NamespaceName(Excerpt::of(name)));
        }
        Ok(())
    }

    /// The number of a name that an open declaration has, which must be found, or that was declared lately, which saves
    /// the checks when siblings declare the same again and again.
    fn known_namespace(&self, document: &Document<'x>, name: &str) -> Option<u32> {
        if name.is_empty() {
            return Some(NONE);
        }
        let newest = document.namespaces.len() as u32;
        let lately = (newest.saturating_sub(LATELY)..newest).rev();
        let mut candidates = lately.chain(self.open.iter().map(|(_, known)| known.namespace));
        candidates.find(|known| document.namespace_name(*known) == name)
    }

    fn known_prefix(&self, document: &Document<'x>, prefix: &str) -> Option<u32> {
        if prefix.is_empty() {
            return Some(NONE);
        }
        let newest = document.prefixes.len() as u32;
        let lately = (newest.saturating_sub(LATELY)..newest).rev();
        let mut candidates = lately.chain(self.open.iter().map(|(_, known)| known.prefix));
        candidates.find(|known| same(document.prefix_name(*known), prefix))
    }
}

/// Equality of short strings, without a call.
fn same(left: &str, right: &str) -> bool {
    left.len() == right.len() && left.bytes().zip(right.bytes()).all(|(left, right)| left == right)
}

fn appended<T>(all: &mut Vec<T>, one: T) -> u32 {
    let number = all.len() as u32;
    all.push(one);
    number
}

/// Namespaces 3: `xml` may be declared as what it is and is then nothing new; nothing else may be bound to its name,
/// and nothing at all to `xmlns` or its name.
fn is_redundant_xml(prefix: &str, name: &str) -> Result<bool, XmlProblem> {
    match (prefix, name) {
        ("xml", ns::XML) => Ok(true),
        ("xml" | "xmlns", _) | (_, ns::XML | ns::XMLNS) => Err(XmlProblem::Reserved),
        _ => Ok(false),
    }
}
