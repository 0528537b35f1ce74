//! The tree: one vector of nodes in document order, borrowed from the input.
//!
//! The descendants of node `i` are the nodes `i + 1 .. nodes[i].end`, so a child's next sibling begins where the child
//! ends and no links are stored. Attributes of one element are contiguous as well and stand in the order that
//! canonical XML writes them (namespace name, then local name), which also puts duplicates side by side.
//!
//! Prefixes and namespace names are numbers. Two numbers differ when the strings differ; equal strings have equal
//! numbers wherever both are in scope, which is all that canonicalisation compares. Whoever compares names from
//! different places of a document compares the strings.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::ns;

/// The namespace of names without one, and the prefix of names without one.
pub(crate) const NONE: u32 = 0;
/// The namespace and the prefix `xml`, which are never declared.
pub(crate) const XML: u32 = 1;

/// A parsed document. Made by [`Document::parse`], [`Document::parse_in_context`] and [`Document::parse_metadata`].
pub struct Document<'x> {
    pub(crate) input: &'x str,
    pub(crate) nodes: Vec<Node<'x>>,
    pub(crate) attributes: Vec<AttributeNode<'x>>,
    /// First those that the document came in, then those of its elements in document order.
    pub(crate) declarations: Vec<Declaration>,
    /// How many declarations are not the document's own but were in scope where it stood.
    pub(crate) inherited: u32,
    pub(crate) prefixes: Vec<&'x str>,
    pub(crate) namespaces: Vec<Value<'x>>,
    /// The values that are not as they stand in the input.
    pub(crate) unescaped: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NodeKind {
    Element,
    /// A text that canonical XML writes as it is.
    PlainText,
    Text,
}

pub(crate) struct Node<'x> {
    /// The qualified name of an element, or the text.
    pub(crate) value: Value<'x>,
    pub(crate) kind: NodeKind,
    /// Where the local name begins in the qualified name.
    pub(crate) local: u32,
    pub(crate) prefix: u32,
    pub(crate) namespace: u32,
    pub(crate) parent: u32,
    /// One past the last descendant.
    pub(crate) end: u32,
    pub(crate) attributes: Run,
    pub(crate) declarations: Run,
    /// Where the text or the start tag is in the input. For a tag it is empty unless the tag is already as canonical XML
    /// writes it, given that exactly its own declarations are to be written.
    pub(crate) source: Run,
    /// Where the end tag begins, which cannot be the beginning of the input; 0 unless it is as canonical XML writes it.
    pub(crate) end_tag: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Run {
    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }

    pub(crate) fn len(self) -> usize {
        self.range().len()
    }

    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    fn of<T>(self, all: &[T]) -> &[T] {
        all.get(self.range()).unwrap_or_default()
    }
}

#[derive(Clone, Copy)]
pub(crate) struct AttributeNode<'x> {
    pub(crate) name: &'x str,
    pub(crate) value: Value<'x>,
    /// Canonical XML writes the value as it is.
    pub(crate) plain: bool,
    pub(crate) local: u32,
    pub(crate) prefix: u32,
    pub(crate) namespace: u32,
}

impl<'x> AttributeNode<'x> {
    pub(crate) fn local_name(&self) -> &'x str {
        self.name.get(self.local as usize..).unwrap_or_default()
    }
}

/// `xmlns="…"` or `xmlns:prefix="…"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Declaration {
    pub(crate) prefix: u32,
    pub(crate) namespace: u32,
}

/// A string of the document: a piece of the input, or of [`Document::unescaped`].
#[derive(Clone, Copy)]
pub(crate) enum Value<'x> {
    Input(&'x str),
    Unescaped { start: u32, end: u32 },
}

impl<'x> Value<'x> {
    pub(crate) fn of<'d>(self, unescaped: &'d str) -> &'d str
    where
        'x: 'd,
    {
        match self {
            Self::Input(text) => text,
            Self::Unescaped { start, end } => unescaped.get(start as usize..end as usize).unwrap_or_default(),
        }
    }
}

impl<'x> Document<'x> {
    /// The root element.
    #[must_use]
    pub fn root(&self) -> Element<'_> {
        Element { document: self, index: 0 }
    }

    /// The octets that the document borrows and owns for its nodes, without the input itself.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.nodes.capacity() * size_of::<Node<'x>>()
            + self.attributes.capacity() * size_of::<AttributeNode<'x>>()
            + self.declarations.capacity() * size_of::<Declaration>()
            + self.prefixes.capacity() * size_of::<&str>()
            + self.namespaces.capacity() * size_of::<Value<'x>>()
            + self.unescaped.capacity()
    }

    /// The qualified name of an element, which is a piece of the input.
    pub(crate) fn element_name(&self, index: u32) -> &'x str {
        match self.nodes.get(index as usize).map(|node| node.value) {
            Some(Value::Input(name)) => name,
            _ => "",
        }
    }

    pub(crate) fn text_of<'d>(&'d self, value: Value<'x>) -> &'d str {
        value.of(&self.unescaped)
    }

    pub(crate) fn namespace_name(&self, namespace: u32) -> &str {
        self.namespaces.get(namespace as usize).map_or("", |value| self.text_of(*value))
    }

    pub(crate) fn prefix_name(&self, prefix: u32) -> &str {
        self.prefixes.get(prefix as usize).copied().unwrap_or_default()
    }

    pub(crate) fn prefix_of(&self, declaration: Declaration) -> &'x str {
        self.prefixes.get(declaration.prefix as usize).copied().unwrap_or_default()
    }

    pub(crate) fn inherited(&self) -> &[Declaration] {
        Run { start: 0, end: self.inherited }.of(&self.declarations)
    }
}

/// An element of a [`Document`]: as cheap to copy as two numbers.
#[derive(Clone, Copy)]
pub struct Element<'d> {
    document: &'d Document<'d>,
    index: u32,
}

/// An attribute that is no namespace declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'d> {
    /// The namespace name; empty for a name without prefix (Namespaces 6.2).
    pub namespace: &'d str,
    /// The name without its prefix.
    pub local_name: &'d str,
    /// The value, unescaped and normalised (XML 3.3.3).
    pub value: &'d str,
}

/// An element that should contain text alone contains an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an element stands where only text is expected")]
pub struct NotText;

/// More than one child has the name that at most one may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an element occurs more than once")]
pub struct Repeated;

impl<'d> Element<'d> {
    /// The namespace name; empty when the element is in none.
    #[must_use]
    pub fn namespace(self) -> &'d str {
        self.node().map_or("", |node| self.document.namespace_name(node.namespace))
    }

    /// The name without its prefix.
    #[must_use]
    pub fn local_name(self) -> &'d str {
        self.qualified_name().get(self.node().map_or(0, |node| node.local as usize)..).unwrap_or_default()
    }

    /// Whether the element has this expanded name.
    #[must_use]
    pub fn is(self, namespace: &str, local: &str) -> bool {
        let own = self.namespace();
        self.local_name() == local && (std::ptr::eq(own, namespace) || own == namespace)
    }

    /// Whether the reader took the start tag for that of `other` once more, so that both have one name. False says
    /// nothing.
    pub(crate) fn shares_name_with(self, other: Element<'_>) -> bool {
        let names = (self.node().map(|own| own.value), other.node().map(|other| other.value));
        let (Some(Value::Input(own)), Some(Value::Input(other_name))) = names else { return false };
        std::ptr::eq(own, other_name)
            && std::ptr::eq(self.document, other.document)
            && self.node().map(|node| node.namespace) == other.node().map(|node| node.namespace)
    }

    /// The value of the attribute `local` that is in no namespace.
    #[must_use]
    pub fn attribute(self, local: &str) -> Option<&'d str> {
        let mut all = self.attribute_nodes().iter().take_while(|attribute| attribute.namespace == NONE);
        all.find(|attribute| attribute.name == local).map(|found| self.document.text_of(found.value))
    }

    /// The value of an attribute in a namespace, as `xsi:type`.
    #[must_use]
    pub fn attribute_in(self, namespace: &str, local: &str) -> Option<&'d str> {
        self.attributes()
            .find(|attribute| attribute.local_name == local && attribute.namespace == namespace)
            .map(|attribute| attribute.value)
    }

    /// The attributes by namespace and name, without namespace declarations.
    pub fn attributes(self) -> impl Iterator<Item = Attribute<'d>> + use<'d> {
        self.attribute_nodes().iter().map(move |attribute| Attribute {
            namespace: self.document.namespace_name(attribute.namespace),
            local_name: attribute.local_name(),
            value: self.document.text_of(attribute.value),
        })
    }

    /// The elements among the children, in document order.
    pub fn elements(self) -> impl Iterator<Item = Element<'d>> + use<'d> {
        self.children()
            .filter(|(_, node)| node.kind == NodeKind::Element)
            .map(move |(index, _)| self.at(index))
    }

    /// The one child element of this name, if there is one.
    ///
    /// # Errors
    /// [`Repeated`] when there are more.
    pub fn only_child(self, namespace: &str, local: &str) -> Result<Option<Element<'d>>, Repeated> {
        let mut found = self.elements().filter(|child| child.is(namespace, local));
        let first = found.next();
        if found.next().is_some() { Err(Repeated) } else { Ok(first) }
    }

    /// Every element inside this one, in document order.
    pub fn descendants(self) -> impl Iterator<Item = Element<'d>> + use<'d> {
        let inside = self.index.saturating_add(1)..self.end();
        inside.map(move |index| self.at(index)).filter(|inner| inner.kind() == Some(NodeKind::Element))
    }

    /// The text of an element without child elements: all of it, unescaped. Empty for an empty element.
    ///
    /// # Errors
    /// [`NotText`] when there is a child element.
    pub fn text(self) -> Result<Cow<'d, str>, NotText> {
        let mut whole = Cow::Borrowed("");
        for (_, node) in self.children() {
            if node.kind == NodeKind::Element {
                return Err(NotText);
            }
            let piece = self.document.text_of(node.value);
            if whole.is_empty() {
                whole = Cow::Borrowed(piece);
            } else {
                whole.to_mut().push_str(piece);
            }
        }
        Ok(whole)
    }

    /// Whether there is text directly in this element that is more than white space. For elements whose content is
    /// elements alone this is an error of the sender, and a place to hide something in.
    #[must_use]
    pub fn has_text_between_elements(self) -> bool {
        let is_space = |byte: u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.children()
            .filter(|(_, node)| node.kind != NodeKind::Element)
            .any(|(_, node)| !self.document.text_of(node.value).bytes().all(is_space))
    }

    /// The element that this one is a child of; `None` for the root.
    #[must_use]
    pub fn parent(self) -> Option<Element<'d>> {
        let node = self.node()?;
        (self.index != 0).then(|| self.at(node.parent))
    }

    /// Whether both are one and the same node of one document.
    #[must_use]
    pub fn same(self, other: Element<'_>) -> bool {
        self.index == other.index && std::ptr::eq(self.document, other.document)
    }

    /// Whether `other` is this element or inside of it.
    #[must_use]
    pub fn contains(self, other: Element<'_>) -> bool {
        std::ptr::eq(self.document, other.document) && (self.index..self.end()).contains(&other.index)
    }

    /// The namespace that `prefix` is bound to here; the empty prefix is the default namespace. For values that are
    /// qualified names, as that of `xsi:type`.
    #[must_use]
    pub fn namespace_of_prefix(self, prefix: &str) -> Option<&'d str> {
        let found = self.declaration_of(prefix).map(|found| self.document.namespace_name(found.namespace));
        match prefix {
            "xml" => Some(ns::XML),
            _ => found.filter(|name| !name.is_empty()),
        }
    }

    pub(crate) fn declaration_of(self, prefix: &str) -> Option<Declaration> {
        let named = |declaration: &&Declaration| self.document.prefix_name(declaration.prefix) == prefix;
        let mut holder = Some(self);
        while let Some(element) = holder {
            if let Some(found) = element.declarations().iter().find(named) {
                return Some(*found);
            }
            holder = element.parent();
        }
        self.document.inherited().iter().find(named).copied()
    }

    pub(crate) fn document(self) -> &'d Document<'d> {
        self.document
    }

    /// The element that is node `index` of the same document.
    pub(crate) fn sibling(self, index: u32) -> Self {
        self.at(index)
    }

    pub(crate) fn index(self) -> u32 {
        self.index
    }

    pub(crate) fn end(self) -> u32 {
        self.node().map_or(0, |node| node.end)
    }

    pub(crate) fn node(self) -> Option<&'d Node<'d>> {
        self.document.nodes.get(self.index as usize)
    }

    pub(crate) fn qualified_name(self) -> &'d str {
        self.node().map_or("", |node| self.document.text_of(node.value))
    }

    pub(crate) fn declarations(self) -> &'d [Declaration] {
        self.node().map_or(&[], |node| node.declarations.of(&self.document.declarations))
    }

    pub(crate) fn attribute_nodes(self) -> &'d [AttributeNode<'d>] {
        self.node().map_or(&[], |node| node.attributes.of(&self.document.attributes))
    }

    fn kind(self) -> Option<NodeKind> {
        self.node().map(|node| node.kind)
    }

    fn at(self, index: u32) -> Self {
        Self { document: self.document, index }
    }

    fn children(self) -> impl Iterator<Item = (u32, &'d Node<'d>)> {
        let (nodes, end) = (self.document.nodes.as_slice(), self.end());
        let mut next = self.index.saturating_add(1);
        std::iter::from_fn(move || {
            let index = next;
            let node = nodes.get(index as usize).filter(|_| index < end)?;
            next = node.end;
            Some((index, node))
        })
    }
}

impl fmt::Debug for Document<'_> {
    /// Its size; never the content, which may be an assertion.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} nodes)", self.nodes.len())
    }
}

impl fmt::Debug for Element<'_> {
    /// The name and the position; never the content, which may be an assertion.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element({{{}}}{} #{})", self.namespace(), self.local_name(), self.index)
    }
}
