//! A strict reader for the XML that SAML needs, and the one tree that everything else looks at.
//!
//! Most holes in SAML service providers come from two readers that see different trees in the same bytes. Here is one
//! reader and one tree: the signature is verified over it ([`crate::c14n`] writes canonical octets from its nodes) and
//! claims are read from its nodes. Nothing is ever parsed, repaired or written a second time in between.
//!
//! What is read is a subset of XML 1.0 (fifth edition) with Namespaces in XML 1.0 (third edition):
//!
//! * UTF-8 only, with or without a byte order mark, `version="1.0"` (XML 2.8, 4.3.3).
//! * No document type declaration, hence no entities but the five predefined ones (XML 4.6). A protocol message
//!   ([`Document::parse`]) has no comment, processing instruction or CDATA section either: SAML messages do not need
//!   them, and each has been used to make two readers disagree about a value.
//! * Everything that XML calls well-formedness is an error here as well, and so is everything that canonical XML or
//!   namespaces would have to guess about: an unbound prefix, a relative namespace name, `xmlns:p=""`.
//! * Limits ([`Limits`]) on size, depth, nodes, attributes and namespaces. Work and memory are linear in the input.
//!
//! Line ends and attribute values are normalised as XML 2.11 and 3.3.3 demand, which is what canonicalisation expects.
//!
//! ```
//! use vestibule_saml::xml::{Document, Limits};
//!
//! let input = br#"<a:note xmlns:a="urn:example" lang="en">one &amp; two</a:note>"#;
//! let document = Document::parse(input, &Limits::MESSAGE).unwrap();
//! let note = document.root();
//! assert!(note.is("urn:example", "note"));
//! assert_eq!(note.attribute("lang"), Some("en"));
//! assert_eq!(note.text().unwrap(), "one & two");
//! ```

mod attributes;
mod chars;
mod error;
mod limits;
mod markup;
pub mod ns;
pub(crate) mod octets;
mod parser;
mod scope;
pub(crate) mod tree;
mod values;

pub use error::{XmlError, XmlProblem};
pub use limits::Limits;
pub use tree::{Attribute, Document, Element, NotText, Repeated};

#[cfg(test)]
mod tests;
