//! Why a message is refused, and as what (RFC 7644 section 3.12).

use thiserror::Error;
pub use vestibule_refusal::{Excerpt, Refusal};

use crate::filter::FilterRefusal;
use crate::path::PathRefusal;
use crate::problem::ScimType;

/// Why a message is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ScimRefusal {
    /// More bytes than a body of its kind may have.
    #[error("the body is longer than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// Not JSON, not UTF-8, nested too deeply, or followed by more text.
    #[error("{}", not_json(*.empty, *.line, *.column))]
    NotJson {
        /// Whether there was nothing at all.
        empty: bool,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// JSON, but not an object.
    #[error("the body is {found}, expected an object")]
    NotAnObject {
        /// What it is.
        found: String,
    },
    /// One object has a name twice, perhaps in different case.
    #[error("the member {name} stands twice in one object; names are the same in whatever case")]
    RepeatedMember {
        /// The name.
        name: Excerpt,
    },
    /// More values than a body may have.
    #[error("the body has more than {limit} values; change a large group by PATCH with its changes alone")]
    TooManyParts {
        /// The most.
        limit: usize,
    },
    /// More members than an object may have.
    #[error("an object has more than {limit} members")]
    TooManyMembers {
        /// The most.
        limit: usize,
    },

    /// A PATCH without operations.
    #[error("the body has no list \"Operations\" with at least one operation")]
    NoOperations,
    /// A PATCH with too many of them.
    #[error("there are {found} operations, expected at most {limit}")]
    TooManyOperations {
        /// How many.
        found: usize,
        /// The most.
        limit: usize,
    },
    /// An operation that is no object.
    #[error("an operation is {found}, expected an object with \"op\"")]
    NotAnOperation {
        /// What it is.
        found: String,
    },
    /// An `op` that does not exist.
    #[error("the operation is \"{found}\", expected add, replace or remove")]
    UnknownOperation {
        /// What was found.
        found: Excerpt,
    },
    /// Nothing to add or to put in place.
    #[error("an operation {operation} has no \"value\"")]
    NoValue {
        /// Which operation.
        operation: &'static str,
    },
    /// An operation without path whose value is no object of attributes.
    #[error("an operation without \"path\" has {found} as its value, expected an object of attributes")]
    NoPath {
        /// What the value is.
        found: String,
    },
    /// RFC 7644 section 3.5.2.2.
    #[error("an operation remove has no \"path\": it must name what is removed")]
    RemovesNothing,
    /// A filter in a path chose nothing, and a value cannot be made from it.
    #[error("{path} chooses no value, and its filter does not say what a new one would be")]
    NoTarget {
        /// The path.
        path: String,
    },
    /// A path that cannot be followed.
    #[error(transparent)]
    Path(PathRefusal),
    /// A filter that cannot be applied.
    #[error(transparent)]
    Filter(FilterRefusal),

    /// A required attribute is missing.
    #[error("{attribute} is missing; {resource} must have it")]
    Missing {
        /// Its name.
        attribute: &'static str,
        /// The kind of resource.
        resource: &'static str,
    },
    /// A value of the wrong type.
    #[error("{attribute} is {found}, expected {expected}")]
    WrongType {
        /// The attribute.
        attribute: String,
        /// What the value is.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A text that is too long.
    #[error("{attribute} is longer than {limit} bytes")]
    TooLong {
        /// The attribute.
        attribute: String,
        /// The most bytes.
        limit: usize,
    },
    /// A user of whom there would be more than is kept.
    #[error("the user would have {found} bytes, expected at most {limit}")]
    TooMuch {
        /// How many.
        found: usize,
        /// The most.
        limit: usize,
    },
    /// Too many values of one attribute.
    #[error("{attribute} would have {found} values, expected at most {limit}")]
    TooManyValues {
        /// The attribute.
        attribute: &'static str,
        /// How many.
        found: usize,
        /// The most.
        limit: usize,
    },
    /// RFC 7643 section 2.4.
    #[error("{found} values of {attribute} are primary, expected at most one")]
    SeveralPrimaries {
        /// The attribute.
        attribute: &'static str,
        /// How many.
        found: usize,
    },
    /// A member that is no user.
    #[error("a member is of type \"{found}\", expected User: groups do not contain groups here")]
    MemberNotUser {
        /// The type.
        found: Excerpt,
    },
    /// Only we write it.
    #[error("{attribute} is written by us alone")]
    ReadOnly {
        /// The attribute.
        attribute: String,
    },
    /// A required attribute was to be removed.
    #[error("{attribute} cannot be removed; replace it")]
    Required {
        /// The attribute.
        attribute: &'static str,
    },

    /// A parameter that is no number.
    #[error("{parameter} is \"{found}\", expected a whole number")]
    NotANumber {
        /// The parameter.
        parameter: &'static str,
        /// What was found.
        found: Excerpt,
    },
    /// Both projections at once (RFC 7644 section 3.9).
    #[error("attributes and excludedAttributes were both given, expected one of them")]
    BothProjections,
    /// Too many names in a projection.
    #[error("{parameter} names more than {limit} attributes")]
    TooManyNames {
        /// The parameter.
        parameter: &'static str,
        /// The most.
        limit: usize,
    },
    /// No index answers the filter, and there are more resources than are looked at one by one (RFC 7644 section 3.4.2).
    #[error(
        "the filter needs each of more than {limit} resources to be looked at; ask by eq for userName, externalId, \
         emails, displayName of a group, members or id"
    )]
    TooBroad {
        /// The most that are looked at.
        limit: usize,
    },
    /// A member of a group who is nobody of this directory.
    #[error("the members name somebody whom this directory does not have: create the user first")]
    UnknownMember,
    /// RFC 7644 section 3.4.2.3.
    #[error("sorting is not offered: leave sortBy away")]
    Sorting,
    /// RFC 7644 section 3.7.
    #[error("bulk operations are not offered: send each request by itself")]
    Bulk,
    /// A search over all types of resources at once.
    #[error("one type of resource is searched at a time: send this to /Users/.search or to /Groups/.search")]
    SearchOfAllTypes,
    /// Another kind of body.
    #[error("the body is of type \"{found}\", expected application/scim+json or application/json")]
    MediaType {
        /// The type.
        found: Excerpt,
    },
    /// `If-Match` names another version (RFC 7644 section 3.14).
    #[error("the resource has version {current}, expected {wanted}: read it again")]
    Version {
        /// What there is.
        current: String,
        /// What was expected.
        wanted: Excerpt,
    },
    /// A header of entity tags that is none.
    #[error("{header} is \"{found}\", expected entity tags such as W/\"1\", or *")]
    NotTags {
        /// The header.
        header: &'static str,
        /// What was found.
        found: Excerpt,
    },
}

fn not_json(empty: bool, line: usize, column: usize) -> String {
    if empty {
        return "the body is empty, expected a JSON object".to_owned();
    }
    format!("the body is not JSON at line {line}, column {column}")
}

impl ScimRefusal {
    /// The status of the answer.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::TooLarge { .. } | Self::TooManyParts { .. } => 413,
            Self::MediaType { .. } => 415,
            Self::Version { .. } => 412,
            Self::Bulk | Self::SearchOfAllTypes | Self::Sorting => 501,
            _ => 400,
        }
    }

    /// The word for it that programs read (RFC 7644 table 9).
    #[must_use]
    pub const fn scim_type(&self) -> Option<ScimType> {
        match self {
            Self::NotJson { .. }
            | Self::NotAnObject { .. }
            | Self::RepeatedMember { .. }
            | Self::TooManyMembers { .. }
            | Self::NoOperations
            | Self::TooManyOperations { .. }
            | Self::NotAnOperation { .. }
            | Self::UnknownOperation { .. } => Some(ScimType::InvalidSyntax),
            Self::NoTarget { .. } | Self::RemovesNothing => Some(ScimType::NoTarget),
            Self::Filter(_) | Self::Path(PathRefusal::Filter(_)) => Some(ScimType::InvalidFilter),
            Self::Path(_) => Some(ScimType::InvalidPath),
            Self::NoValue { .. }
            | Self::NoPath { .. }
            | Self::Missing { .. }
            | Self::WrongType { .. }
            | Self::TooLong { .. }
            | Self::TooMuch { .. }
            | Self::TooManyValues { .. }
            | Self::SeveralPrimaries { .. }
            | Self::MemberNotUser { .. }
            | Self::NotANumber { .. }
            | Self::BothProjections
            | Self::TooManyNames { .. }
            | Self::UnknownMember
            | Self::NotTags { .. } => Some(ScimType::InvalidValue),
            Self::TooBroad { .. } => Some(ScimType::TooMany),
            Self::ReadOnly { .. } | Self::Required { .. } => Some(ScimType::Mutability),
            Self::TooLarge { .. }
            | Self::TooManyParts { .. }
            | Self::MediaType { .. }
            | Self::Version { .. }
            | Self::Sorting
            | Self::Bulk
            | Self::SearchOfAllTypes => None,
        }
    }
}

impl Refusal for ScimRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "scim_body_too_large",
            Self::NotJson { .. } => "scim_not_json",
            Self::NotAnObject { .. } => "scim_not_an_object",
            Self::RepeatedMember { .. } => "scim_repeated_member",
            Self::TooManyParts { .. } => "scim_too_many_parts",
            Self::TooManyMembers { .. } => "scim_too_many_members",
            Self::NoOperations => "scim_no_operations",
            Self::TooManyOperations { .. } => "scim_too_many_operations",
            Self::NotAnOperation { .. } => "scim_not_an_operation",
            Self::UnknownOperation { .. } => "scim_unknown_operation",
            Self::NoValue { .. } => "scim_no_value",
            Self::NoPath { .. } => "scim_no_path",
            Self::RemovesNothing => "scim_removes_nothing",
            Self::NoTarget { .. } => "scim_no_target",
            Self::Path(refusal) => refusal.code(),
            Self::Filter(refusal) => refusal.code(),
            Self::Missing { .. } => "scim_attribute_missing",
            Self::WrongType { .. } => "scim_wrong_type",
            Self::TooLong { .. } => "scim_too_long",
            Self::TooMuch { .. } => "scim_too_much",
            Self::TooManyValues { .. } => "scim_too_many_values",
            Self::SeveralPrimaries { .. } => "scim_several_primaries",
            Self::MemberNotUser { .. } => "scim_member_not_user",
            Self::ReadOnly { .. } => "scim_read_only",
            Self::Required { .. } => "scim_required",
            Self::NotANumber { .. } => "scim_not_a_number",
            Self::BothProjections => "scim_both_projections",
            Self::TooManyNames { .. } => "scim_too_many_names",
            Self::TooBroad { .. } => "scim_too_broad",
            Self::UnknownMember => "scim_unknown_member",
            Self::Sorting => "scim_sorting",
            Self::Bulk => "scim_bulk",
            Self::SearchOfAllTypes => "scim_search_of_all_types",
            Self::MediaType { .. } => "scim_media_type",
            Self::Version { .. } => "scim_version",
            Self::NotTags { .. } => "scim_not_tags",
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::NotAnObject { found }
            | Self::NotAnOperation { found }
            | Self::NoPath { found }
            | Self::WrongType { found, .. } => Some(found.clone()),
            Self::UnknownOperation { found }
            | Self::MemberNotUser { found }
            | Self::NotANumber { found, .. }
            | Self::MediaType { found }
            | Self::NotTags { found, .. } => Some(found.to_string()),
            Self::RepeatedMember { name } => Some(name.to_string()),
            Self::TooManyOperations { found, .. }
            | Self::TooMuch { found, .. }
            | Self::TooManyValues { found, .. }
            | Self::SeveralPrimaries { found, .. } => Some(found.to_string()),
            Self::NoTarget { path } => Some(path.clone()),
            Self::Path(refusal) => refusal.found(),
            Self::Filter(refusal) => refusal.found(),
            Self::Version { current, .. } => Some(current.clone()),
            _ => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::TooLarge { limit } => Some(format!("at most {limit} bytes")),
            Self::TooManyParts { limit }
            | Self::TooManyMembers { limit }
            | Self::TooManyOperations { limit, .. }
            | Self::TooManyValues { limit, .. }
            | Self::TooManyNames { limit, .. }
            | Self::TooBroad { limit } => Some(format!("at most {limit}")),
            Self::UnknownOperation { .. } => Some("add, replace or remove".to_owned()),
            Self::NotAnObject { .. } | Self::NotAnOperation { .. } | Self::NoPath { .. } => {
                Some("an object".to_owned())
            }
            Self::WrongType { expected, .. } => Some((*expected).to_owned()),
            Self::TooLong { limit, .. } | Self::TooMuch { limit, .. } => {
                Some(format!("at most {limit} bytes"))
            }
            Self::SeveralPrimaries { .. } => Some("at most one".to_owned()),
            Self::MemberNotUser { .. } => Some("User".to_owned()),
            Self::NotANumber { .. } => Some("a whole number".to_owned()),
            Self::MediaType { .. } => Some("application/scim+json or application/json".to_owned()),
            Self::Path(refusal) => refusal.expected(),
            Self::Filter(refusal) => refusal.expected(),
            Self::Version { wanted, .. } => Some(wanted.to_string()),
            _ => None,
        }
    }
}
