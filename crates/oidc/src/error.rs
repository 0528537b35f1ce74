//! What a refusal may show of JSON, and why bytes are not JSON.

use serde_json::Value;
use thiserror::Error;
pub use vestibule_refusal::{Excerpt, Refusal};

/// Takes the beginning of a JSON value: a string as it is, anything else as JSON text.
pub(crate) fn excerpt_of_json(value: &Value) -> Excerpt {
    match value {
        Value::String(text) => Excerpt::of(text),
        other => Excerpt::of(&other.to_string()),
    }
}

/// The kind of a JSON value, with its article.
pub(crate) fn kind_of(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "true or false".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::String(_) => "text".to_owned(),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// Like [`excerpt_of_json`]; an absent value reads "nothing".
pub(crate) fn excerpt_of_member(value: Option<&Value>) -> Excerpt {
    value.map_or_else(|| Excerpt::of("nothing"), excerpt_of_json)
}

/// Why bytes are not the JSON object they should be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JsonError {
    /// More bytes than this kind of document may have.
    #[error("the document is longer than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// Not JSON, not UTF-8, nested too deeply, or followed by more text.
    #[error("not valid JSON at line {line}, column {column}{}", seems.map(|what| format!(": it is {what}")).unwrap_or_default())]
    Malformed {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What it is instead, when its first bytes tell.
        seems: Option<&'static str>,
    },
    /// One object names a member twice: two readers could see two documents.
    #[error("the JSON member {0} appears twice in one object")]
    DuplicateMember(Excerpt),
    /// JSON, but not an object.
    #[error("the JSON document is not an object")]
    NotAnObject,
}

impl Refusal for JsonError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "document_too_large",
            Self::Malformed { .. } => "json_malformed",
            Self::DuplicateMember(_) => "json_duplicate_member",
            Self::NotAnObject => "json_not_an_object",
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::DuplicateMember(name) => Some(name.to_string()),
            Self::Malformed { seems, .. } => seems.map(str::to_owned),
            Self::TooLarge { .. } | Self::NotAnObject => None,
        }
    }
}
