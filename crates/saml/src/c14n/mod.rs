//! Canonical octets of an element and what is in it: Exclusive XML Canonicalization 1.0, and Canonical XML 1.0 for
//! connections that still need it.
//!
//! Both write the nodes of a subtree, so both are one walk that differs in which namespace declarations it writes
//! (exclusive: those that are *visibly utilized* or on the prefix list, section 3; inclusive: those in scope, Canonical
//! XML 2.3) and in the `xml:` attributes that inclusive canonicalisation takes from the ancestors (Canonical XML 2.4).
//! A descendant can be left out, which is what the enveloped-signature transform does (XML Signature 6.6.4).
//!
//! Nothing can fail here. Everything that makes other canonicalisers fail (relative namespace names, unbound prefixes)
//! was refused by the reader, so there is no error that could be mistaken for an empty result. Comments do not occur in
//! the tree, hence the variants with comments give the same octets; processing instructions, which metadata may have,
//! are not written, and a signature over them does not verify.

mod escape;

use smallvec::SmallVec;

use crate::xml::tree::{AttributeNode, Declaration, Document, NONE, NodeKind, Run, XML};
use crate::xml::{Element, ns};

/// Which canonicalisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method<'a> {
    /// Exclusive XML Canonicalization 1.0 without comments.
    Exclusive {
        /// The `InclusiveNamespaces` prefix list, with `#default` for the default namespace: prefixes that are treated
        /// as inclusive canonicalisation treats all (section 4).
        inclusive_prefixes: &'a [&'a str],
    },
    /// Canonical XML 1.0 without comments.
    Inclusive,
    /// Canonical XML 1.1 without comments. It differs in the `xml:` attributes of the ancestors alone: `xml:id` is not
    /// taken from them (section 2.4). Where several of them have `xml:base` it would join these, which no message has; the
    /// nearest one is written, and a signature over the joined one does not verify.
    Inclusive11,
}

impl Method<'_> {
    /// Exclusive, with an empty prefix list.
    pub const EXCLUSIVE: Self = Self::Exclusive { inclusive_prefixes: &[] };
}

/// Appends the canonical form of `apex` and everything inside it but `omitted` to `out`.
///
/// `omitted` is ignored when it is no descendant of `apex`. The octets are UTF-8.
pub fn write(apex: Element<'_>, omitted: Option<Element<'_>>, method: Method<'_>, out: &mut Vec<u8>) {
    let skipped = omitted.filter(|inner| apex.contains(*inner) && !apex.same(*inner));
    let skipped = skipped.map_or((u32::MAX, u32::MAX), |inner| (inner.index(), inner.end()));
    let mut writer = Writer {
        document: apex.document(),
        method,
        rendered: SmallVec::new(),
        open: SmallVec::new(),
        run: Run::default(),
        out,
    };
    writer.subtree(apex, skipped);
    writer.flush();
}

/// [`write`] into new memory, for one use.
#[must_use]
pub fn canonical(apex: Element<'_>, omitted: Option<Element<'_>>, method: Method<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    write(apex, omitted, method, &mut out);
    out
}

type Declarations = SmallVec<[Declaration; 8]>;

struct Writer<'d, 'a, 'o> {
    document: &'d Document<'d>,
    method: Method<'a>,
    /// The declarations written for the elements that are open, innermost last.
    rendered: SmallVec<[Declaration; 16]>,
    open: SmallVec<[Open<'d>; 16]>,
    /// A piece of the input that is to be written as it is, and may still grow: most of a message is already in canonical
    /// form, and is copied in a few long pieces.
    run: Run,
    out: &'o mut Vec<u8>,
}

/// An element whose end tag is still to be written.
struct Open<'d> {
    name: &'d str,
    end: u32,
    /// Where the end tag begins in the input; 0 when it is not as it is to be written.
    end_tag: u32,
    rendered: usize,
}

impl<'d> Writer<'d, '_, '_> {
    fn subtree(&mut self, apex: Element<'d>, (skip, resume): (u32, u32)) {
        let mut index = apex.index();
        let end = apex.end();
        while index < end {
            self.close(index);
            if index == skip {
                index = resume;
                continue;
            }
            let Some(node) = self.document.nodes.get(index as usize) else { break };
            match node.kind {
                NodeKind::Element => self.start_tag(apex.sibling(index), index == apex.index()),
                NodeKind::PlainText => self.copy(node.source),
                NodeKind::Text => {
                    self.flush();
                    escape::text(self.document.text_of(node.value), self.out);
                }
            }
            index += 1;
        }
        self.close(end);
    }

    /// Writes the end tags of the elements that end before node `index`.
    fn close(&mut self, index: u32) {
        while self.open.last().is_some_and(|open| open.end <= index) {
            let Some(open) = self.open.pop() else { break };
            if open.end_tag > 0 {
                self.copy(Run { start: open.end_tag, end: open.end_tag + open.name.len() as u32 + 3 });
            } else {
                self.put("</");
                self.put(open.name);
                self.put(">");
            }
            self.rendered.truncate(open.rendered);
        }
    }

    fn start_tag(&mut self, element: Element<'d>, is_apex: bool) {
        let Some(node) = element.node() else { return };
        let name = element.qualified_name();
        let (end, end_tag) = (node.end, node.end_tag);
        self.open.push(Open { name, end, end_tag, rendered: self.rendered.len() });
        let mut new = match self.method {
            Method::Exclusive { inclusive_prefixes } => self.utilized(element, is_apex, inclusive_prefixes),
            Method::Inclusive | Method::Inclusive11 => self.in_scope(element, is_apex),
        };
        if new.len() > 1 {
            new.sort_unstable_by_key(|declaration| self.document.prefix_name(declaration.prefix));
        }
        let is_inclusive_apex = is_apex && matches!(self.method, Method::Inclusive | Method::Inclusive11);
        if !node.source.is_empty() && !is_inclusive_apex && new.as_slice() == element.declarations() {
            self.rendered.extend_from_slice(&new);
            self.copy(node.source);
            return;
        }
        self.put("<");
        self.put(name);
        for declaration in new {
            self.declaration(declaration);
        }
        if is_inclusive_apex {
            self.attributes_of_apex(element);
        } else {
            element.attribute_nodes().iter().for_each(|attribute| self.attribute(attribute));
        }
        self.put(">");
    }

    /// Exclusive canonicalisation, section 3: the prefixes of the element and its attributes; section 4: those of the
    /// list wherever they are declared, and at the apex those in scope.
    fn utilized(&self, element: Element<'d>, is_apex: bool, listed: &[&str]) -> Declarations {
        let mut new = Declarations::new();
        let Some(node) = element.node() else { return new };
        self.consider(Declaration { prefix: node.prefix, namespace: node.namespace }, &mut new);
        for attribute in element.attribute_nodes().iter().rev() {
            // Sorted: those without a prefix are the first, and the default namespace is not theirs.
            if attribute.prefix == NONE {
                break;
            }
            let used = Declaration { prefix: attribute.prefix, namespace: attribute.namespace };
            self.consider(used, &mut new);
        }
        if listed.is_empty() {
            return new;
        }
        let token = |prefix: &'d str| if prefix.is_empty() { "#default" } else { prefix };
        if is_apex {
            let prefixes = listed.iter().map(|token| if *token == "#default" { "" } else { token });
            for found in prefixes.filter_map(|prefix| element.declaration_of(prefix)) {
                self.consider(found, &mut new);
            }
        } else {
            for own in element.declarations() {
                if listed.contains(&token(self.document.prefix_name(own.prefix))) {
                    self.consider(*own, &mut new);
                }
            }
        }
        new
    }

    /// Canonical XML 2.3: everything that differs from what the parent has; the apex has no parent in the result.
    fn in_scope(&self, element: Element<'d>, is_apex: bool) -> Declarations {
        let mut new = Declarations::new();
        if !is_apex {
            element.declarations().iter().for_each(|own| self.consider(*own, &mut new));
            return new;
        }
        // Innermost first; a prefix that an inner element bound is passed over, also when bound to nothing.
        let mut nearest = Declarations::new();
        let mut holder = Some(element);
        while let Some(inner) = holder {
            keep_first(inner.declarations(), &mut nearest);
            holder = inner.parent();
        }
        keep_first(self.document.inherited(), &mut nearest);
        nearest.iter().for_each(|found| self.consider(*found, &mut new));
        new
    }

    /// Adds a declaration unless the result says the same already at this place.
    fn consider(&self, wanted: Declaration, new: &mut Declarations) {
        if wanted.prefix == XML || new.contains(&wanted) {
            return;
        }
        let same_prefix = |rendered: &&Declaration| rendered.prefix == wanted.prefix;
        let rendered = self.rendered.iter().rev().find(same_prefix).map(|found| found.namespace);
        // Without any declaration the default namespace is none, and needs none to say so.
        let rendered = rendered.or((wanted.prefix == NONE).then_some(NONE));
        if rendered != Some(wanted.namespace) {
            new.push(wanted);
        }
    }

    fn declaration(&mut self, declaration: Declaration) {
        if declaration.prefix == NONE {
            self.put(" xmlns=\"");
        } else {
            self.put(" xmlns:");
            self.put(self.document.prefix_name(declaration.prefix));
            self.put("=\"");
        }
        self.flush();
        escape::attribute(self.document.namespace_name(declaration.namespace), self.out);
        self.put("\"");
        self.rendered.push(declaration);
    }

    fn attribute(&mut self, attribute: &AttributeNode<'_>) {
        self.put(" ");
        self.put(attribute.name);
        self.put("=\"");
        let value = self.document.text_of(attribute.value);
        if attribute.plain {
            self.put(value);
        } else {
            self.flush();
            escape::attribute(value, self.out);
        }
        self.put("\"");
    }

    /// Canonical XML 2.4: the apex also gets the `xml:` attributes of its ancestors, the nearest of each name.
    fn attributes_of_apex(&mut self, apex: Element<'d>) {
        let mut all: SmallVec<[&AttributeNode<'d>; 8]> = apex.attribute_nodes().iter().collect();
        let mut holder = apex.parent();
        while let Some(outer) = holder {
            let inherits = |found: &&AttributeNode<'_>| {
                found.namespace == XML && !(self.method == Method::Inclusive11 && found.local_name() == "id")
            };
            for attribute in outer.attribute_nodes().iter().filter(inherits) {
                let is_known = |known: &&AttributeNode<'_>| {
                    known.namespace == XML && known.local_name() == attribute.local_name()
                };
                if !all.iter().any(is_known) {
                    all.push(attribute);
                }
            }
            holder = outer.parent();
        }
        let namespace = |attribute: &AttributeNode<'_>| match attribute.namespace {
            XML => ns::XML,
            other => self.document.namespace_name(other),
        };
        all.sort_by(|left, right| {
            namespace(left).cmp(namespace(right)).then_with(|| left.local_name().cmp(right.local_name()))
        });
        for attribute in all {
            self.attribute(attribute);
        }
    }

    /// Writes a piece of the input, together with the piece before it when they are adjacent.
    fn copy(&mut self, piece: Run) {
        if self.run.end == piece.start && !self.run.is_empty() {
            self.run.end = piece.end;
        } else {
            self.flush();
            self.run = piece;
        }
    }

    fn flush(&mut self) {
        let Run { start, end } = std::mem::take(&mut self.run);
        let piece = self.document.input.as_bytes().get(start as usize..end as usize);
        self.out.extend_from_slice(piece.unwrap_or_default());
    }

    fn put(&mut self, text: &str) {
        if !self.run.is_empty() {
            self.flush();
        }
        self.out.extend_from_slice(text.as_bytes());
    }
}

fn keep_first(declarations: &[Declaration], kept: &mut Declarations) {
    for declaration in declarations {
        if !kept.iter().any(|known| known.prefix == declaration.prefix) {
            kept.push(*declaration);
        }
    }
}

#[cfg(test)]
mod tests;
