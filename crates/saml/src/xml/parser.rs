//! The reader: one pass over the input, no recursion, nothing looked at twice but what has references in it.

mod repeated;

use memchr::{memchr, memchr2, memchr3, memmem};
use vestibule_refusal::Excerpt;

use super::attributes::settle;
use super::chars::{first_forbidden, has_controls, is_space, ncname_length};
use super::error::{XmlError, XmlProblem};
use super::limits::Limits;
use super::markup::{comment_length, instruction_length, is_declaration, pseudo_attribute};
use super::ns;
use super::octets;
use super::scope::{Longest, Scope};
use super::tree::{AttributeNode, Document, Element, NONE, Node, NodeKind, Run, Value};
use super::values::{Kind, unescape};

use repeated::LastTag;

/// What may stand between the elements.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Message,
    Metadata,
}

impl<'x> Document<'x> {
    /// Reads a protocol message: no DOCTYPE, comment, processing instruction or CDATA section anywhere.
    ///
    /// # Errors
    /// The first thing that is not as [`crate::xml`] says, and where.
    pub fn parse(input: &'x [u8], limits: &Limits) -> Result<Self, XmlError> {
        read(input, None, limits, Dialect::Message)
    }

    /// Reads what was decrypted as if it stood where `context` stands, with the namespaces that are declared there
    /// (XML Encryption 4.3.3). The rules are those of [`Document::parse`].
    ///
    /// # Errors
    /// As [`Document::parse`].
    pub fn parse_in_context(
        input: &'x [u8],
        context: Element<'x>,
        limits: &Limits,
    ) -> Result<Self, XmlError> {
        read(input, Some(context), limits, Dialect::Message)
    }

    /// Reads metadata, which people edit: comments, processing instructions and CDATA sections are allowed. Comments
    /// and instructions leave nothing behind, and a text that one of them splits is still one text.
    ///
    /// # Errors
    /// As [`Document::parse`] otherwise.
    pub fn parse_metadata(input: &'x [u8], limits: &Limits) -> Result<Self, XmlError> {
        read(input, None, limits, Dialect::Metadata)
    }
}

fn read<'x>(
    input: &'x [u8],
    context: Option<Element<'x>>,
    limits: &Limits,
    dialect: Dialect,
) -> Result<Document<'x>, XmlError> {
    // Places in the tree are 32 bits wide.
    let most = limits.bytes.min(u32::MAX as usize);
    if input.len() > most {
        return Err(XmlError::new(XmlProblem::TooLong(most), input, most));
    }
    let text = std::str::from_utf8(input)
        .map_err(|error| XmlError::new(octets::problem(input), input, error.valid_up_to()))?;
    let has_controls = has_controls(text);
    if has_controls && let Some((at, character)) = first_forbidden(text) {
        return Err(XmlError::new(XmlProblem::Character(character.into()), input, at));
    }
    let mut parser = Parser::new(text, limits, dialect, has_controls);
    match parser.document(context) {
        Ok(()) => Ok(parser.document),
        Err(problem) => Err(XmlError::new(problem, input, parser.at)),
    }
}

/// An element whose end tag has not come yet.
struct Open<'x> {
    index: u32,
    name: &'x str,
    /// How many declarations were open around it.
    scope: usize,
}

struct Parser<'x, 'l> {
    text: &'x str,
    /// Where reading goes on; after an error, where it was.
    at: usize,
    limits: &'l Limits,
    dialect: Dialect,
    /// Whether the whole input has any of these at all: most inputs do not, and are not searched again.
    has_references: bool,
    has_returns: bool,
    has_lines: bool,
    has_cdata_ends: bool,
    document: Document<'x>,
    scope: Scope<'x>,
    open: Vec<Open<'x>>,
    last_tag: Option<LastTag>,
}

type Step = Result<(), XmlProblem>;

impl<'x, 'l> Parser<'x, 'l> {
    fn new(text: &'x str, limits: &'l Limits, dialect: Dialect, has_controls: bool) -> Self {
        let bytes = text.as_bytes();
        // About what messages have; a document of nothing but tags grows its vectors a few times.
        let expected = (bytes.len() / 48).min(limits.nodes);
        Self {
            text,
            at: 0,
            limits,
            dialect,
            has_references: memchr(b'&', bytes).is_some(),
            has_returns: has_controls && memchr(b'\r', bytes).is_some(),
            has_lines: has_controls && memchr2(b'\n', b'\t', bytes).is_some(),
            has_cdata_ends: memchr(b']', bytes).is_some() && memmem::find(bytes, b"]]>").is_some(),
            document: Document {
                input: text,
                nodes: Vec::with_capacity(expected),
                attributes: Vec::with_capacity(expected),
                declarations: Vec::with_capacity(16),
                inherited: 0,
                prefixes: vec!["", "xml"],
                namespaces: vec![Value::Input(""), Value::Input(ns::XML)],
                unescaped: String::new(),
            },
            scope: Scope::new(Longest { prefix: limits.prefix, name: limits.namespace_name }),
            open: Vec::with_capacity(16),
            last_tag: None,
        }
    }

    fn document(&mut self, context: Option<Element<'x>>) -> Step {
        if let Some(context) = context {
            self.inherit(context)?;
        }
        self.prolog()?;
        if self.peek() != Some(b'<') {
            return Err(if self.peek().is_none() { XmlProblem::NoRoot } else { XmlProblem::OutsideRoot });
        }
        self.start_tag()?;
        while !self.open.is_empty() {
            self.content()?;
        }
        self.misc()?;
        if self.peek().is_some() { Err(XmlProblem::OutsideRoot) } else { Ok(()) }
    }

    /// Opens the declarations that are in scope at `context`, innermost first, each prefix once.
    fn inherit(&mut self, context: Element<'x>) -> Step {
        let outer = context.document();
        let mut holder = Some(context);
        let mut seen: Vec<&str> = Vec::new();
        loop {
            let declarations = holder.map_or(outer.inherited(), Element::declarations);
            for declaration in declarations {
                let prefix = outer.prefix_name(declaration.prefix);
                let name = outer.namespace_name(declaration.namespace);
                if !seen.contains(&prefix) {
                    seen.push(prefix);
                    self.scope.declare(&mut self.document, prefix, Value::Input(name), 0)?;
                }
            }
            let Some(element) = holder else { break };
            holder = element.parent();
        }
        self.document.inherited = self.document.declarations.len() as u32;
        Ok(())
    }

    fn prolog(&mut self) -> Step {
        self.eat("\u{FEFF}");
        if self.dialect == Dialect::Metadata {
            self.slips()?;
        }
        if is_declaration(self.rest()) {
            self.xml_declaration()?;
        }
        self.misc()
    }

    /// White space and comments before the declaration, where XML has none: what happens when people paste.
    fn slips(&mut self) -> Step {
        let start = self.at;
        self.space();
        while self.rest().starts_with("<!--") {
            self.at += comment_length(self.rest()).ok_or(XmlProblem::Comment)?;
            self.space();
        }
        if !is_declaration(self.rest()) {
            self.at = start;
        }
        Ok(())
    }

    /// `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` (XML 2.8 and 2.9).
    fn xml_declaration(&mut self) -> Step {
        let end = self.rest().find("?>").ok_or(XmlProblem::Declaration)?;
        let inside = self.rest().get(5..end).unwrap_or_default();
        let mut parts = inside;
        if pseudo_attribute(&mut parts, "version") != Some("1.0") {
            return Err(XmlProblem::Declaration);
        }
        // What the octets of metadata are was found out before. A message that declares something else than it is written
        // in is refused: another reader would read another text.
        if let Some(encoding) = pseudo_attribute(&mut parts, "encoding")
            && self.dialect == Dialect::Message
            && !["utf-8", "utf8"].iter().any(|name| encoding.eq_ignore_ascii_case(name))
        {
            return Err(XmlProblem::DeclaredEncoding(Excerpt::of(encoding)));
        }
        let standalone = pseudo_attribute(&mut parts, "standalone");
        let unknown = standalone.is_some_and(|value| value != "yes" && value != "no");
        if unknown || !parts.bytes().all(is_space) {
            return Err(XmlProblem::Declaration);
        }
        self.at += end + 2;
        Ok(())
    }

    /// White space and, in metadata, comments and instructions outside the root element.
    fn misc(&mut self) -> Step {
        loop {
            self.space();
            match self.rest().as_bytes() {
                [b'<', b'!' | b'?', ..] => self.between_elements()?,
                _ => return Ok(()),
            }
        }
    }

    /// `<!` or `<?`.
    fn between_elements(&mut self) -> Step {
        let rest = self.rest();
        let (problem, skipped) = if rest.starts_with("<!--") {
            (XmlProblem::Comment, comment_length(rest))
        } else if rest.starts_with("<![CDATA[") {
            (XmlProblem::CData, None)
        } else if is_declaration(rest) {
            return Err(XmlProblem::LateDeclaration);
        } else if rest.starts_with("<?") {
            (XmlProblem::ProcessingInstruction, instruction_length(rest))
        } else if rest.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!DOCTYPE")) {
            return Err(XmlProblem::Doctype);
        } else {
            return Err(XmlProblem::Tag);
        };
        if self.dialect == Dialect::Message {
            return Err(problem);
        }
        if problem == XmlProblem::CData {
            return self.cdata();
        }
        self.at += skipped.ok_or(problem)?;
        Ok(())
    }

    fn cdata(&mut self) -> Step {
        if self.open.is_empty() {
            return Err(XmlProblem::OutsideRoot);
        }
        let start = self.at + "<![CDATA[".len();
        let rest = self.text.get(start..).unwrap_or_default();
        let length = memmem::find(rest.as_bytes(), b"]]>").ok_or(XmlProblem::EndsEarly)?;
        let raw = rest.get(..length).unwrap_or_default();
        if !raw.is_empty() {
            let lines = raw.replace("\r\n", "\n").replace('\r', "\n");
            let from = self.document.unescaped.len() as u32;
            self.document.unescaped.push_str(&lines);
            let value = Value::Unescaped { start: from, end: self.document.unescaped.len() as u32 };
            self.text_node(value, NodeKind::Text, 0)?;
        }
        self.at = start + length + 3;
        Ok(())
    }

    /// One piece of what is inside an element.
    fn content(&mut self) -> Step {
        match self.rest().as_bytes() {
            [b'<', b'/', ..] => self.end_tag(),
            [b'<', b'!' | b'?', ..] => self.between_elements(),
            [b'<', ..] => self.start_tag(),
            [_, ..] => self.characters(),
            [] => Err(XmlProblem::EndsEarly),
        }
    }

    fn characters(&mut self) -> Step {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let mut kind = NodeKind::PlainText;
        let length = match memchr2(b'<', b'>', bytes) {
            Some(found) if bytes.get(found) == Some(&b'>') => {
                kind = NodeKind::Text;
                memchr(b'<', bytes)
            }
            found => found,
        };
        let raw = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
        if self.has_cdata_ends && raw.contains("]]>") {
            return Err(XmlProblem::CDataEnd);
        }
        let needs_work = (self.has_references && memchr(b'&', raw.as_bytes()).is_some())
            || (self.has_returns && memchr(b'\r', raw.as_bytes()).is_some());
        let value = if needs_work {
            kind = NodeKind::Text;
            self.unescaped(raw, Kind::Text)?
        } else {
            Value::Input(raw)
        };
        self.text_node(value, kind, raw.len())?;
        self.at += raw.len();
        Ok(())
    }

    /// A text that takes `length` bytes of the input from here.
    fn text_node(&mut self, value: Value<'x>, kind: NodeKind, length: usize) -> Step {
        let source = Run { start: self.at as u32, end: (self.at + length) as u32 };
        let index = self.push_node(value, kind, 0)?;
        if let Some(node) = self.document.nodes.get_mut(index as usize) {
            node.source = source;
        }
        Ok(())
    }

    fn push_node(&mut self, value: Value<'x>, kind: NodeKind, local: usize) -> Result<u32, XmlProblem> {
        if self.document.nodes.len() >= self.limits.nodes {
            return Err(XmlProblem::TooManyNodes(self.limits.nodes));
        }
        let index = self.document.nodes.len() as u32;
        let here =
            Run { start: self.document.attributes.len() as u32, end: self.document.attributes.len() as u32 };
        let declared = Run {
            start: self.document.declarations.len() as u32,
            end: self.document.declarations.len() as u32,
        };
        self.document.nodes.push(Node {
            value,
            kind,
            local: local as u32,
            prefix: NONE,
            namespace: NONE,
            parent: self.open.last().map_or(0, |open| open.index),
            end: index + 1,
            attributes: here,
            declarations: declared,
            source: Run::default(),
            end_tag: 0,
        });
        Ok(index)
    }

    fn start_tag(&mut self) -> Step {
        if self.open.len() >= self.limits.depth {
            return Err(XmlProblem::TooDeep(self.limits.depth));
        }
        if self.repeated_tag()? {
            return Ok(());
        }
        let start = self.at as u32;
        self.at += 1;
        let (name, local) = self.qualified_name()?;
        let index = self.push_node(Value::Input(name), NodeKind::Element, local)?;
        let open = Open { index, name, scope: self.scope.len() };
        let first = self.document.attributes.len();
        let mut is_canonical = true;
        let is_empty = self.attributes(&open, first, &mut is_canonical)?;
        is_canonical &= settle(&mut self.document, &self.scope, first)? && !is_empty;
        let own = self.scope.resolve(prefix_of(name, local))?;
        let at = Run { start, end: self.at as u32 };
        let Document { nodes, attributes, declarations, .. } = &mut self.document;
        if let Some(node) = nodes.get_mut(index as usize) {
            node.prefix = own.prefix;
            node.namespace = own.namespace;
            node.attributes.end = attributes.len() as u32;
            node.declarations.end = declarations.len() as u32;
            if is_canonical {
                node.source = at;
            }
        }
        self.last_tag = Some(LastTag { index, at, is_empty });
        if is_empty {
            self.scope.close(open.scope);
        } else {
            self.open.push(open);
        }
        Ok(())
    }

    /// Everything of a start tag after the name; whether it closes its element as well. Clears `is_canonical` when
    /// anything is not as canonical XML writes it, the order of the attributes aside.
    fn attributes(
        &mut self,
        open: &Open<'x>,
        first: usize,
        is_canonical: &mut bool,
    ) -> Result<bool, XmlProblem> {
        loop {
            let before = self.at;
            let spaced = self.space();
            match self.rest().as_bytes() {
                [b'>', ..] => {
                    *is_canonical &= !spaced;
                    self.at += 1;
                    return Ok(false);
                }
                [b'/', b'>', ..] => {
                    self.at += 2;
                    return Ok(true);
                }
                [] => return Err(XmlProblem::EndsEarly),
                _ if !spaced => return Err(XmlProblem::Tag),
                _ => {
                    let one_space = self.at - before == 1 && self.text.as_bytes().get(before) == Some(&b' ');
                    *is_canonical &= self.attribute(open, first)? && one_space;
                }
            }
        }
    }

    /// One attribute or declaration; whether it is as canonical XML writes it, and not a declaration after an attribute.
    fn attribute(&mut self, open: &Open<'x>, first: usize) -> Result<bool, XmlProblem> {
        let (name, local) = self.qualified_name()?;
        let after_name = self.at;
        self.space();
        self.expect('=')?;
        self.space();
        let is_tight = self.rest().starts_with('"') && self.at - after_name == 1;
        let (value, plain) = self.attribute_value()?;
        let mut in_place = true;
        if let Some(prefix) = declared_prefix(name) {
            let known = self.document.declarations.len();
            self.scope.declare(&mut self.document, prefix, value, open.scope)?;
            // The prefix `xml` can be declared, and the canonical form does without.
            let is_new = self.document.declarations.len() > known;
            in_place = is_new && self.document.attributes.len() == first;
        } else {
            let local = local as u32;
            let attribute = AttributeNode { name, value, plain, local, prefix: NONE, namespace: NONE };
            self.document.attributes.push(attribute);
        }
        if self.scope.len() > self.limits.namespaces {
            return Err(XmlProblem::TooManyNamespaces(self.limits.namespaces));
        }
        let own = self.document.attributes.len() - first + self.scope.len() - open.scope;
        if own > self.limits.attributes_per_element {
            return Err(XmlProblem::TooManyAttributes(self.limits.attributes_per_element));
        }
        if self.document.attributes.len() + self.document.declarations.len() > self.limits.attributes {
            return Err(XmlProblem::TooManyAttributes(self.limits.attributes));
        }
        Ok(is_tight && plain && in_place)
    }

    /// The value, and whether canonical XML writes it as it is.
    fn attribute_value(&mut self) -> Result<(Value<'x>, bool), XmlProblem> {
        let quote = match self.peek() {
            Some(quote @ (b'"' | b'\'')) => quote,
            Some(_) => return Err(XmlProblem::Tag),
            None => return Err(XmlProblem::EndsEarly),
        };
        self.at += 1;
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let length = match memchr2(quote, b'<', bytes) {
            Some(found) if bytes.get(found) == Some(&quote) => found,
            // What never ends is the first thing to say of a value.
            Some(less_than) if memchr(quote, bytes).is_some() => {
                self.at += less_than;
                return Err(XmlProblem::LessThan);
            }
            _ => return Err(XmlProblem::EndsEarly),
        };
        let raw = rest.get(..length).unwrap_or_default();
        let needs_work = (self.has_references && memchr(b'&', raw.as_bytes()).is_some())
            || ((self.has_returns || self.has_lines)
                && memchr3(b'\t', b'\n', b'\r', raw.as_bytes()).is_some());
        if !needs_work {
            self.at += length + 1;
            // Between single quotes a double one may stand, which canonical XML does not write as it is.
            let plain = quote == b'"' || memchr(b'"', raw.as_bytes()).is_none();
            return Ok((Value::Input(raw), plain));
        }
        let value = self.unescaped(raw, Kind::Attribute)?;
        self.at += length + 1;
        Ok((value, false))
    }

    fn unescaped(&mut self, raw: &str, kind: Kind) -> Result<Value<'x>, XmlProblem> {
        let start = self.document.unescaped.len() as u32;
        if let Err((problem, at)) = unescape(raw, kind, &mut self.document.unescaped) {
            self.at += at;
            return Err(problem);
        }
        Ok(Value::Unescaped { start, end: self.document.unescaped.len() as u32 })
    }

    fn end_tag(&mut self) -> Step {
        let Some(open) = self.open.last() else { return Err(XmlProblem::OutsideRoot) };
        let (start, name) = (self.at, open.name);
        let after = start + 2 + name.len();
        let octets = self.text.as_bytes();
        if octets.get(start + 2..after) != Some(name.as_bytes()) {
            return Err(XmlProblem::EndTag(Excerpt::of(name)));
        }
        let spaces =
            octets.get(after..).unwrap_or_default().iter().take_while(|octet| is_space(**octet)).count();
        if octets.get(after + spaces) != Some(&b'>') {
            return Err(XmlProblem::EndTag(Excerpt::of(name)));
        }
        self.at = after + spaces + 1;
        let end = self.document.nodes.len() as u32;
        if let Some(node) = self.document.nodes.get_mut(open.index as usize) {
            node.end = end;
            node.end_tag = if spaces == 0 { start as u32 } else { 0 };
        }
        self.scope.close(open.scope);
        self.open.pop();
        Ok(())
    }

    /// A qualified name, and where its local part begins (Namespaces 4).
    fn qualified_name(&mut self) -> Result<(&'x str, usize), XmlProblem> {
        let rest = self.rest();
        let first = ncname_length(rest);
        if first == 0 {
            return Err(XmlProblem::Name);
        }
        let (mut length, mut local) = (first, 0);
        if rest.as_bytes().get(first) == Some(&b':') {
            local = first + 1;
            let second = ncname_length(rest.get(local..).unwrap_or_default());
            length = local + second;
            if second == 0 || rest.as_bytes().get(length) == Some(&b':') {
                return Err(XmlProblem::Name);
            }
        }
        self.at += length;
        Ok((rest.get(..length).unwrap_or_default(), local))
    }

    fn rest(&self) -> &'x str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, token: &str) {
        if self.rest().starts_with(token) {
            self.at += token.len();
        }
    }

    fn expect(&mut self, token: char) -> Step {
        match self.rest().chars().next() {
            Some(found) if found == token => {
                self.at += token.len_utf8();
                Ok(())
            }
            Some(_) => Err(XmlProblem::Tag),
            None => Err(XmlProblem::EndsEarly),
        }
    }

    /// Skips white space; whether there was any.
    fn space(&mut self) -> bool {
        let before = self.at;
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
        self.at != before
    }
}

/// The prefix that an attribute of this name declares; empty for the default namespace.
fn declared_prefix(name: &str) -> Option<&str> {
    let after = name.strip_prefix("xmlns")?;
    if after.is_empty() { Some("") } else { after.strip_prefix(':') }
}

fn prefix_of(name: &str, local: usize) -> &str {
    local.checked_sub(1).and_then(|colon| name.get(..colon)).unwrap_or_default()
}
