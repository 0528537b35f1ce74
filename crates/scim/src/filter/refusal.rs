//! Why a filter is refused.

use thiserror::Error;
use vestibule_refusal::{Excerpt, Refusal};

/// Why a filter is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FilterRefusal {
    /// Too many bytes.
    #[error("the filter is longer than {limit} bytes")]
    TooLong {
        /// The most.
        limit: usize,
    },
    /// Too many comparisons.
    #[error("the filter has more than {limit} comparisons")]
    TooManyTerms {
        /// The most.
        limit: usize,
    },
    /// Groups in groups in groups.
    #[error("the filter is nested more than {limit} deep")]
    TooDeep {
        /// The most.
        limit: usize,
    },
    /// A word that cannot stand there.
    #[error("{} at character {at}, expected {expected}", shown(.found))]
    Unexpected {
        /// The word, empty at the end.
        found: Excerpt,
        /// Where it begins, in octets, from 1.
        at: usize,
        /// What could stand there.
        expected: &'static str,
    },
    /// An attribute that does not exist.
    #[error("there is no attribute {found}")]
    UnknownAttribute {
        /// Its name.
        found: Excerpt,
    },
    /// An operator that the attribute's type does not have.
    #[error("{attribute} is {kind} and cannot be compared by {operator}")]
    Operator {
        /// The attribute.
        attribute: String,
        /// What its values are.
        kind: &'static str,
        /// The operator.
        operator: &'static str,
    },
    /// A value that the attribute cannot have.
    #[error("{attribute} is compared with {found}, expected {expected}")]
    Literal {
        /// The attribute.
        attribute: String,
        /// What was found.
        found: Excerpt,
        /// What its values are.
        expected: &'static str,
    },
    /// A complex attribute without a value of its own.
    #[error("{attribute} is an object: compare a part of it")]
    WholeObject {
        /// The attribute.
        attribute: String,
    },
    /// Brackets after what is no list of objects.
    #[error("{attribute} has no list of objects that a filter could choose from")]
    NotFiltered {
        /// The attribute.
        attribute: String,
    },
    /// Members that are chosen by something else than their ids.
    #[error("members are chosen by {found}, expected value eq \"id\", joined by or")]
    Members {
        /// The filter.
        found: Excerpt,
    },
}

fn shown(found: &Excerpt) -> String {
    if found.as_str().is_empty() { "the end".to_owned() } else { format!("\"{found}\"") }
}

impl Refusal for FilterRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "scim_filter_too_long",
            Self::TooManyTerms { .. } => "scim_filter_too_many_terms",
            Self::TooDeep { .. } => "scim_filter_too_deep",
            Self::Unexpected { .. } => "scim_filter_unexpected",
            Self::UnknownAttribute { .. } => "scim_filter_unknown_attribute",
            Self::Operator { .. } => "scim_filter_operator",
            Self::Literal { .. } => "scim_filter_literal",
            Self::WholeObject { .. } => "scim_filter_whole_object",
            Self::NotFiltered { .. } => "scim_filter_not_filtered",
            Self::Members { .. } => "scim_filter_members",
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Unexpected { found, .. }
            | Self::UnknownAttribute { found }
            | Self::Literal { found, .. }
            | Self::Members { found } => Some(found.to_string()),
            Self::Operator { attribute, operator, .. } => Some(format!("{attribute} {operator}")),
            Self::WholeObject { attribute } | Self::NotFiltered { attribute } => Some(attribute.clone()),
            Self::TooLong { .. } | Self::TooManyTerms { .. } | Self::TooDeep { .. } => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::Unexpected { expected, .. } | Self::Literal { expected, .. } => {
                Some((*expected).to_owned())
            }
            Self::TooLong { limit } => Some(format!("at most {limit} bytes")),
            Self::TooManyTerms { limit } | Self::TooDeep { limit } => Some(format!("at most {limit}")),
            Self::Members { .. } => Some("value eq \"id\"".to_owned()),
            Self::UnknownAttribute { .. }
            | Self::Operator { .. }
            | Self::WholeObject { .. }
            | Self::NotFiltered { .. } => None,
        }
    }
}
