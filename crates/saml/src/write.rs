//! Writing our own messages in canonical form.
//!
//! A tree is written so that the octets are those that exclusive canonicalisation (exc-c14n section 3) would give for
//! it: namespaces declared where they are first used and nowhere else, declarations before attributes, attributes in
//! their order, every value escaped as Canonical XML 1.0 section 2.3 says, no white space between elements. What we sign
//! is therefore what we send, without a canonicaliser in between.

use std::borrow::Cow;

use crate::xml::ns;

/// A namespace and the prefix that we write it with. Two providers of note insist on `samlp` and `saml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Namespace {
    prefix: &'static str,
    name: &'static str,
}

pub(crate) const SAMLP: Namespace = Namespace { prefix: "samlp", name: ns::SAMLP };
pub(crate) const SAML: Namespace = Namespace { prefix: "saml", name: ns::SAML };
pub(crate) const MD: Namespace = Namespace { prefix: "md", name: ns::MD };
pub(crate) const DS: Namespace = Namespace { prefix: "ds", name: ns::DS };

/// An element to be written. Attributes are without namespace.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    namespace: Namespace,
    local_name: &'static str,
    attributes: Vec<(&'static str, Cow<'a, str>)>,
    children: Vec<Child<'a>>,
}

#[derive(Clone, Debug)]
enum Child<'a> {
    Element(Node<'a>),
    Text(Cow<'a, str>),
}

impl<'a> Node<'a> {
    pub(crate) const fn new(namespace: Namespace, local_name: &'static str) -> Self {
        Self { namespace, local_name, attributes: Vec::new(), children: Vec::new() }
    }

    /// With an attribute more; its name must not be there yet.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        let place = self.attributes.partition_point(|(other, _)| *other < name);
        self.attributes.insert(place, (name, value.into()));
        self
    }

    /// With an attribute more when there is a value.
    pub(crate) fn with_optional(self, name: &'static str, value: Option<impl Into<Cow<'a, str>>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// With an element more at the end.
    pub(crate) fn child(mut self, child: Self) -> Self {
        self.children.push(Child::Element(child));
        self
    }

    /// With elements more at the end.
    pub(crate) fn children(self, children: impl IntoIterator<Item = Self>) -> Self {
        children.into_iter().fold(self, Self::child)
    }

    /// With an element more at `position`.
    pub(crate) fn child_at(mut self, position: usize, child: Self) -> Self {
        let position = position.min(self.children.len());
        self.children.insert(position, Child::Element(child));
        self
    }

    /// With a text more at the end.
    pub(crate) fn text(mut self, text: impl Into<Cow<'a, str>>) -> Self {
        self.children.push(Child::Text(text.into()));
        self
    }

    /// The canonical form, as the root of a document.
    pub(crate) fn to_xml(&self) -> String {
        let mut output = String::with_capacity(1024);
        self.write(&mut output, &mut Vec::new());
        output
    }

    fn write(&self, output: &mut String, declared: &mut Vec<Namespace>) {
        let before = declared.len();
        output.push('<');
        self.write_name(output);
        if !declared.contains(&self.namespace) {
            declared.push(self.namespace);
            output.extend([" xmlns:", self.namespace.prefix, "=\""]);
            escape_attribute(self.namespace.name, output);
            output.push('"');
        }
        for (name, value) in &self.attributes {
            output.extend([" ", name, "=\""]);
            escape_attribute(value, output);
            output.push('"');
        }
        output.push('>');
        for child in &self.children {
            match child {
                Child::Element(element) => element.write(output, declared),
                Child::Text(text) => escape_text(text, output),
            }
        }
        output.push_str("</");
        self.write_name(output);
        output.push('>');
        declared.truncate(before);
    }

    fn write_name(&self, output: &mut String) {
        output.extend([self.namespace.prefix, ":", self.local_name]);
    }
}

fn escape_text(text: &str, output: &mut String) {
    for character in text.chars() {
        match character {
            '&' => output.push_str("&amp;"),
            '<' => output.push_str("&lt;"),
            '>' => output.push_str("&gt;"),
            '\r' => output.push_str("&#xD;"),
            other => output.push(xml_character(other)),
        }
    }
}

fn escape_attribute(value: &str, output: &mut String) {
    for character in value.chars() {
        match character {
            '&' => output.push_str("&amp;"),
            '<' => output.push_str("&lt;"),
            '"' => output.push_str("&quot;"),
            '\t' => output.push_str("&#x9;"),
            '\n' => output.push_str("&#xA;"),
            '\r' => output.push_str("&#xD;"),
            other => output.push(xml_character(other)),
        }
    }
}

/// What no escape can write in XML 1.0 (section 2.2) becomes the replacement character, so that a strange setting gives
/// a well-formed message that the other side refuses for what it says.
fn xml_character(character: char) -> char {
    match character {
        '\t' | '\n' | '\r' => character,
        '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_canonical() {
        let tree = Node::new(SAMLP, "AuthnRequest")
            .with("Version", "2.0")
            .with("ID", "_1")
            .with("Destination", "https://idp.example/?a=1&b=\"<>\t\r\n")
            .child(Node::new(SAML, "Issuer").text("a<b>&\"\r\n\u{1}"))
            .child(Node::new(SAML, "Issuer").with_optional("Format", None::<&str>))
            .child_at(
                0,
                Node::new(SAMLP, "Extensions")
                    .child(Node::new(SAML, "Subject").child(Node::new(SAML, "NameID"))),
            );
        let saml = "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"";
        let expected = [
            "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ",
            "Destination=\"https://idp.example/?a=1&amp;b=&quot;&lt;>&#x9;&#xD;&#xA;\" ID=\"_1\" Version=\"2.0\">",
            &format!(
                "<samlp:Extensions><saml:Subject {saml}><saml:NameID></saml:NameID></saml:Subject></samlp:Extensions>"
            ),
            &format!("<saml:Issuer {saml}>a&lt;b&gt;&amp;\"&#xD;\n\u{fffd}</saml:Issuer>"),
            &format!("<saml:Issuer {saml}></saml:Issuer>"),
            "</samlp:AuthnRequest>",
        ];
        assert_eq!(tree.to_xml(), expected.concat());
    }
}
