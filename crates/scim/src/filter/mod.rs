//! Filters (RFC 7644 section 3.4.2.2): read against the schema, evaluated over a resource, and lowered into the few
//! look-ups that a store can answer by index.
//!
//! Text is compared without regard to case unless the schema says that case counts. What a filter says of a list holds
//! when it holds of one of its values. `ne` holds where there is no value. An attribute that is complex is compared by
//! its `value`. Order is that of code points; times are compared as times.

mod evaluate;
mod lookup;
mod parse;
mod refusal;
mod token;

use std::fmt;

use serde_json::Value;

pub use lookup::{Key, Lookup, Term};
pub(crate) use parse::{boolean, read_path};
pub use refusal::FilterRefusal;

use crate::path::AttributePath;
use crate::schema::{Attribute, ResourceType};
use crate::time::UnixMillis;
use crate::tolerance::Tolerances;

/// A filter that fits the schema of its resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// All of these hold.
    And(Vec<Self>),
    /// One of these holds.
    Or(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// There is a value.
    Present(Operand),
    /// A value compares so.
    Compare(Operand, Operator, Literal),
    /// One value of a list fulfils all of the filter by itself.
    Within(AttributePath, Box<Self>),
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// An attribute of the resource.
    Path(AttributePath),
    /// A part of the value of a list, inside brackets.
    Part(&'static Attribute),
}

impl Operand {
    /// What is compared: a complex attribute's `value`.
    pub(crate) fn compared(&self) -> Option<&'static Attribute> {
        match self {
            Self::Path(path) => path.leaf().compared(),
            Self::Part(part) => part.compared(),
        }
    }
}

/// How it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Equal,
    /// Not equal.
    NotEqual,
    /// Contains.
    Contains,
    /// Starts with.
    StartsWith,
    /// Ends with.
    EndsWith,
    /// Greater than.
    Greater,
    /// Greater or equal.
    GreaterOrEqual,
    /// Less than.
    Less,
    /// Less or equal.
    LessOrEqual,
}

impl Operator {
    const ALL: [Self; 9] = [
        Self::Equal,
        Self::NotEqual,
        Self::Contains,
        Self::StartsWith,
        Self::EndsWith,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Less,
        Self::LessOrEqual,
    ];

    /// As a filter says it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Contains => "co",
            Self::StartsWith => "sw",
            Self::EndsWith => "ew",
            Self::Greater => "gt",
            Self::GreaterOrEqual => "ge",
            Self::Less => "lt",
            Self::LessOrEqual => "le",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.name().eq_ignore_ascii_case(text))
    }
}

/// With what it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// Text as it was given, and as it is compared.
    Text {
        /// As it was given.
        given: String,
        /// Folded, unless case counts.
        compared: String,
    },
    /// True or false.
    Boolean(bool),
    /// A time.
    Time(UnixMillis),
}

impl Filter {
    /// Reads a filter for that kind of resource.
    ///
    /// # Errors
    ///
    /// When it cannot be read, is beyond the limits, or asks what its attributes cannot be asked.
    pub fn parse(text: &str, resource: ResourceType, noted: &mut Tolerances) -> Result<Self, FilterRefusal> {
        parse::filter(text, resource, noted)
    }

    /// Whether a resource, as it is shown whole, fulfils it.
    #[must_use]
    pub fn matches(&self, resource: &serde_json::Map<String, Value>) -> bool {
        evaluate::resource(self, resource)
    }

    /// Whether it looks at an attribute of the core schema, which may be costly to load.
    #[must_use]
    pub fn looks_at(&self, attribute: &str) -> bool {
        let is = |path: &AttributePath| path.extension.is_none() && path.attribute.name == attribute;
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.looks_at(attribute)),
            Self::Not(inner) => inner.looks_at(attribute),
            Self::Within(path, _) => is(path),
            Self::Present(operand) | Self::Compare(operand, ..) => {
                matches!(operand, Operand::Path(path) if is(path))
            }
        }
    }

    /// Whether a value of the list that it chooses from fulfils it.
    pub(crate) fn chooses(&self, value: &Value) -> bool {
        evaluate::value(self, value)
    }
}

/// Text as it is compared when case does not count. Whoever keeps an index over such an attribute folds by this.
#[must_use]
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => joined(f, parts, " and "),
            Self::Or(parts) => joined(f, parts, " or "),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::Present(operand) => write!(f, "{operand} pr"),
            Self::Compare(operand, operator, literal) => write!(f, "{operand} {} {literal}", operator.name()),
            Self::Within(path, inner) => write!(f, "{path}[{inner}]"),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[Filter], word: &str) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(word)?;
        }
        match part {
            Filter::And(_) | Filter::Or(_) => write!(f, "({part})")?,
            _ => write!(f, "{part}")?,
        }
    }
    Ok(())
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "{path}"),
            Self::Part(part) => f.write_str(part.name),
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { given, .. } => write!(f, "{}", Value::from(given.as_str())),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Time(time) => write!(f, "\"{time}\""),
        }
    }
}
