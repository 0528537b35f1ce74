//! The document of an error (RFC 7644 section 3.12).

use serde_json::{Map, Value};

use crate::refusal::ScimRefusal;

/// Its schema.
pub const SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// The words for errors that programs read (RFC 7644 table 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScimType {
    /// The filter cannot be read or applied.
    InvalidFilter,
    /// There would be more results than can be shown.
    TooMany,
    /// Somebody else has the value.
    Uniqueness,
    /// The attribute may not be changed so.
    Mutability,
    /// The body cannot be read.
    InvalidSyntax,
    /// The path cannot be read.
    InvalidPath,
    /// The path leads nowhere.
    NoTarget,
    /// A value is missing or does not fit.
    InvalidValue,
    /// The version of the protocol is not spoken.
    InvalidVersion,
    /// The request has personal values in its address.
    Sensitive,
}

impl ScimType {
    /// As the document says it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVersion => "invalidVers",
            Self::Sensitive => "sensitive",
        }
    }
}

/// An error, ready to be written: of this crate, or of whoever knows what is in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The status of the answer.
    pub status: u16,
    /// The word for it that programs read.
    pub scim_type: Option<ScimType>,
    /// The sentence for people: what was found, and what was expected.
    pub detail: String,
}

impl Problem {
    /// Somebody else in the directory has the value of that attribute (RFC 7644 section 3.3).
    #[must_use]
    pub fn taken(attribute: &str) -> Self {
        Self {
            status: 409,
            scim_type: Some(ScimType::Uniqueness),
            detail: format!("another resource of this directory has this {attribute}"),
        }
    }

    /// There is no resource with that id.
    #[must_use]
    pub fn not_found() -> Self {
        let detail = "this directory has no resource with this id".to_owned();
        Self { status: 404, scim_type: None, detail }
    }

    /// The document. The status is text in it.
    #[must_use]
    pub fn document(&self) -> Value {
        let mut members = Map::new();
        members.insert("schemas".to_owned(), Value::from(vec![SCHEMA]));
        members.insert("status".to_owned(), self.status.to_string().into());
        if let Some(scim_type) = self.scim_type {
            members.insert("scimType".to_owned(), scim_type.name().into());
        }
        members.insert("detail".to_owned(), self.detail.clone().into());
        Value::Object(members)
    }
}

impl From<&ScimRefusal> for Problem {
    fn from(refusal: &ScimRefusal) -> Self {
        Self { status: refusal.status(), scim_type: refusal.scim_type(), detail: refusal.to_string() }
    }
}

impl From<ScimRefusal> for Problem {
    fn from(refusal: ScimRefusal) -> Self {
        Self::from(&refusal)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_have_the_status_as_text() {
        assert_eq!(
            Problem::taken("userName").document(),
            json!({
                "schemas": [SCHEMA],
                "status": "409",
                "scimType": "uniqueness",
                "detail": "another resource of this directory has this userName",
            })
        );
        assert_eq!(Problem::not_found().document().get("scimType"), None);
        let bulk = Problem::from(&ScimRefusal::Bulk);
        assert_eq!((bulk.status, bulk.scim_type), (501, None));
        let operations = Problem::from(&ScimRefusal::NoOperations);
        assert_eq!((operations.status, operations.scim_type), (400, Some(ScimType::InvalidSyntax)));
    }
}
