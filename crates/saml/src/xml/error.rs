//! Why an input was not read.

use std::fmt;

use vestibule_refusal::{Excerpt, Refusal};

/// An input that is not the XML this crate reads: what is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmlError {
    problem: XmlProblem,
    offset: usize,
    line: usize,
}

impl XmlError {
    pub(super) fn new(problem: XmlProblem, input: &[u8], offset: usize) -> Self {
        let before = input.get(..offset).unwrap_or(input);
        Self { problem, offset, line: 1 + before.iter().filter(|byte| **byte == b'\n').count() }
    }

    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> &XmlProblem {
        &self.problem
    }

    /// Where, in bytes from the beginning of the input.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The line that the offset is on, counted from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }
}

impl fmt::Display for XmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (line {}, byte {})", self.problem, self.line, self.offset)
    }
}

impl std::error::Error for XmlError {}

impl Refusal for XmlError {
    fn code(&self) -> &'static str {
        self.problem.code()
    }

    fn found(&self) -> Option<String> {
        Some(format!("line {}, byte {}", self.line, self.offset))
    }

    fn expected(&self) -> Option<String> {
        Some(match &self.problem {
            XmlProblem::Doctype
            | XmlProblem::Comment
            | XmlProblem::ProcessingInstruction
            | XmlProblem::CData => {
                "XML without document type declaration, comments, processing instructions and CDATA sections"
                    .to_owned()
            }
            XmlProblem::NotUtf8 | XmlProblem::OtherOctets(_) | XmlProblem::DeclaredEncoding(_) => {
                "XML in UTF-8".to_owned()
            }
            _ => "well-formed XML 1.0 with namespaces, within the limits".to_owned(),
        })
    }
}

/// What is wrong with an input. Names and prefixes are shown as excerpts, values never.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlProblem {
    /// [`Limits::bytes`](super::Limits::bytes).
    #[error("the document is longer than {0} bytes")]
    TooLong(usize),
    /// XML 4.3.3: octets that are no UTF-8.
    #[error("the document is not UTF-8")]
    NotUtf8,
    /// XML 4.3.3: octets that begin like something that is known, and is not UTF-8.
    #[error("the document is not UTF-8: {0}")]
    OtherOctets(&'static str),
    /// XML 4.3.3: the declaration names another encoding, whatever the octets are.
    #[error(
        "the XML declaration says encoding=\"{0}\", expected UTF-8: let the sender declare UTF-8, or nothing"
    )]
    DeclaredEncoding(Excerpt),
    /// XML 2.8.
    #[error("the XML declaration is malformed, or its version is not 1.0")]
    Declaration,
    /// XML 2.8. No document type declaration is ever read.
    #[error("the document has a document type declaration (DOCTYPE)")]
    Doctype,
    /// XML 2.5.
    #[error("the message contains a comment")]
    Comment,
    /// XML 2.8: the declaration stands at the very beginning, or nowhere.
    #[error(
        "the XML declaration does not stand at the very beginning; nothing may come before it, not even an empty line"
    )]
    LateDeclaration,
    /// XML 2.6.
    #[error("the message contains a processing instruction")]
    ProcessingInstruction,
    /// XML 2.7.
    #[error("the message contains a CDATA section")]
    CData,
    /// XML 2.1: there is exactly one root element.
    #[error("the document has no root element")]
    NoRoot,
    /// XML 2.1: nothing but white space stands outside the root element.
    #[error("there is something outside the root element")]
    OutsideRoot,
    /// XML 2.1: an element was not closed, or a tag was cut off.
    #[error("the document ends too early")]
    EndsEarly,
    /// XML 3: `</a>` where `</b>` is needed.
    #[error("the end tag is not {0}'s")]
    EndTag(Excerpt),
    /// XML 3.1: a tag that is none.
    #[error("the tag is malformed")]
    Tag,
    /// XML 2.3 and Namespaces 3: `1a`, `:a`, `a:`, `a::b`, `a:b:c`.
    #[error("the name is malformed")]
    Name,
    /// XML 2.2: a character that no document may contain, by itself or by reference.
    #[error("the character U+{0:04X} is forbidden")]
    Character(u32),
    /// XML 4.1 and 4.6: `&` that begins no reference, or a reference to anything but a character or `amp`, `lt`, `gt`,
    /// `quot`, `apos`.
    #[error("the reference is malformed, or to an unknown entity")]
    Reference,
    /// XML 3.1.
    #[error("an attribute value contains <")]
    LessThan,
    /// XML 2.4.
    #[error("a text contains ]]>")]
    CDataEnd,
    /// Namespaces 6.3 and XML 3.1: two attributes of one name, whatever their prefixes.
    #[error("the attribute {0} occurs twice")]
    DuplicateAttribute(Excerpt),
    /// Namespaces 5.
    #[error("the prefix {0} is not bound to a namespace")]
    UnboundPrefix(Excerpt),
    /// Namespaces 3: what `xml` and `xmlns` may be bound to, and nothing else.
    #[error("a reserved prefix or namespace is declared or used")]
    Reserved,
    /// Namespaces 5: `xmlns:p=""` exists only in version 1.1.
    #[error("the prefix {0} is bound to nothing")]
    EmptyNamespace(Excerpt),
    /// Canonical XML 1.3: namespace names must be absolute; anything that is not a URI is refused with them.
    #[error("the namespace {0} is not an absolute URI")]
    NamespaceName(Excerpt),
    /// [`Limits::prefix`](super::Limits::prefix).
    #[error("a prefix is longer than {0} bytes")]
    LongPrefix(usize),
    /// [`Limits::namespace_name`](super::Limits::namespace_name).
    #[error("a namespace name is longer than {0} bytes")]
    LongNamespaceName(usize),
    /// [`Limits::depth`](super::Limits::depth).
    #[error("more than {0} elements are inside each other")]
    TooDeep(usize),
    /// [`Limits::nodes`](super::Limits::nodes).
    #[error("the document has more than {0} nodes")]
    TooManyNodes(usize),
    /// [`Limits::attributes`](super::Limits::attributes) or
    /// [`Limits::attributes_per_element`](super::Limits::attributes_per_element).
    #[error("there are more than {0} attributes")]
    TooManyAttributes(usize),
    /// [`Limits::namespaces`](super::Limits::namespaces).
    #[error("more than {0} namespace declarations are in scope")]
    TooManyNamespaces(usize),
}

impl XmlProblem {
    /// A short, stable name in `snake_case`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong(_) => "xml_too_long",
            Self::NotUtf8 | Self::OtherOctets(_) | Self::DeclaredEncoding(_) => "xml_not_utf8",
            Self::Declaration => "xml_declaration",
            Self::Doctype => "xml_doctype",
            Self::Comment => "xml_comment",
            Self::ProcessingInstruction | Self::LateDeclaration => "xml_processing_instruction",
            Self::CData => "xml_cdata",
            Self::NoRoot => "xml_no_root",
            Self::OutsideRoot => "xml_outside_root",
            Self::EndsEarly => "xml_ends_early",
            Self::EndTag(_) => "xml_end_tag",
            Self::Tag => "xml_tag",
            Self::Name => "xml_name",
            Self::Character(_) => "xml_character",
            Self::Reference => "xml_reference",
            Self::LessThan => "xml_less_than",
            Self::CDataEnd => "xml_cdata_end",
            Self::DuplicateAttribute(_) => "xml_duplicate_attribute",
            Self::UnboundPrefix(_) => "xml_unbound_prefix",
            Self::Reserved => "xml_reserved_namespace",
            Self::EmptyNamespace(_) => "xml_empty_namespace",
            Self::NamespaceName(_) => "xml_namespace_name",
            Self::LongPrefix(_) => "xml_long_prefix",
            Self::LongNamespaceName(_) => "xml_long_namespace_name",
            Self::TooDeep(_) => "xml_too_deep",
            Self::TooManyNodes(_) => "xml_too_many_nodes",
            Self::TooManyAttributes(_) => "xml_too_many_attributes",
            Self::TooManyNamespaces(_) => "xml_too_many_namespaces",
        }
    }
}
