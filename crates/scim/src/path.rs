//! Paths to attributes (RFC 7644 sections 3.5.2 and 3.10): `name.givenName`, `emails[type eq "work"].value`,
//! `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`.

use std::fmt;

use thiserror::Error;
use vestibule_refusal::{Excerpt, Refusal};

use crate::filter::{Filter, FilterRefusal, read_path};
use crate::schema::{ALL, Attribute, ResourceType, Schema};
use crate::tolerance::{Tolerance, Tolerances};

/// An attribute that a schema has, or a part of it.
#[derive(Clone, Copy, Debug)]
pub struct AttributePath {
    pub(crate) extension: Option<&'static Schema>,
    pub(crate) attribute: &'static Attribute,
    pub(crate) sub_attribute: Option<&'static Attribute>,
}

impl AttributePath {
    /// The schema that it is of, when that is an extension.
    #[must_use]
    pub const fn extension(&self) -> Option<&'static Schema> {
        self.extension
    }

    /// The attribute.
    #[must_use]
    pub const fn attribute(&self) -> &'static Attribute {
        self.attribute
    }

    /// The part of it.
    #[must_use]
    pub const fn sub_attribute(&self) -> Option<&'static Attribute> {
        self.sub_attribute
    }

    /// What it leads to: the part, or the attribute.
    #[must_use]
    pub fn leaf(&self) -> &'static Attribute {
        self.sub_attribute.unwrap_or(self.attribute)
    }

    /// Whether it leads to that attribute of the core schema, or of those that all have.
    pub(crate) fn is(&self, attribute: &str, sub_attribute: Option<&str>) -> bool {
        self.extension.is_none()
            && self.attribute.name == attribute
            && self.sub_attribute.map(|found| found.name) == sub_attribute
    }
}

impl PartialEq for AttributePath {
    fn eq(&self, other: &Self) -> bool {
        let same = |one: Option<&'static Attribute>, two: Option<&'static Attribute>| {
            one.map(|found| found.name) == two.map(|found| found.name)
        };
        self.extension.map(|schema| schema.id) == other.extension.map(|schema| schema.id)
            && self.attribute.name == other.attribute.name
            && same(self.sub_attribute, other.sub_attribute)
    }
}

impl Eq for AttributePath {}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = self.extension {
            write!(f, "{}:", schema.id)?;
        }
        f.write_str(self.attribute.name)?;
        match self.sub_attribute {
            Some(sub_attribute) => write!(f, ".{}", sub_attribute.name),
            None => Ok(()),
        }
    }
}

/// A path with the filter that chooses among the values of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    pub(crate) to: AttributePath,
    pub(crate) filter: Option<Filter>,
}

impl Path {
    /// Reads a path, as in a mapping of attributes.
    ///
    /// # Errors
    ///
    /// When it is no path, or leads to nothing that is kept.
    pub fn parse(text: &str, resource: ResourceType) -> Result<Self, PathRefusal> {
        match Target::parse(text, resource, &mut Tolerances::none())? {
            Target::Path(path) => Ok(path),
            Target::Schema(_) | Target::Password | Target::Unknown => {
                Err(PathRefusal::Unknown { found: Excerpt::of(text), resource: resource.name() })
            }
        }
    }

    /// What it leads to, without the filter.
    #[must_use]
    pub const fn to(&self) -> &AttributePath {
        &self.to
    }

    /// What chooses among the values.
    #[must_use]
    pub const fn filter(&self) -> Option<&Filter> {
        self.filter.as_ref()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = AttributePath { sub_attribute: None, ..self.to };
        match (&self.filter, self.to.sub_attribute) {
            (None, _) => write!(f, "{}", self.to),
            (Some(filter), None) => write!(f, "{whole}[{filter}]"),
            (Some(filter), Some(sub_attribute)) => write!(f, "{whole}[{filter}].{}", sub_attribute.name),
        }
    }
}

/// What a path or a name leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Path(Path),
    /// All that a schema has.
    Schema(&'static Schema),
    /// A password, of which nothing is kept.
    Password,
    /// A name that no schema here has.
    Unknown,
}

impl Target {
    pub(crate) fn parse(
        text: &str,
        resource: ResourceType,
        noted: &mut Tolerances,
    ) -> Result<Self, PathRefusal> {
        read_path(text, resource, noted)
    }

    /// What a member of an object leads to. A name that is no path is one that nobody knows.
    pub(crate) fn named(name: &str, resource: ResourceType, noted: &mut Tolerances) -> Self {
        Self::parse(name, resource, noted).unwrap_or_else(|_| {
            noted.note(Tolerance::UnknownAttribute, name);
            Self::Unknown
        })
    }
}

/// What a name without a filter leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    Attribute(AttributePath),
    Schema(&'static Schema),
    Password,
    Unknown,
}

/// Looks a name up: `[URN ":"] attribute ["." sub-attribute]`.
pub(crate) fn look_up(
    name: &str,
    resource: ResourceType,
    noted: &mut Tolerances,
) -> Result<Named, PathRefusal> {
    let Some((schema, rest)) = schema_of(name) else {
        if name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:")) {
            noted.note(Tolerance::UnknownSchema, name);
            return Ok(Named::Unknown);
        }
        return within(resource, None, name, name, noted);
    };
    let extends = resource.extensions().contains(&schema);
    if !extends && schema != resource.schema() {
        noted.note(Tolerance::UnknownSchema, name);
        return Ok(Named::Unknown);
    }
    let Some(first) = rest.chars().next() else { return Ok(Named::Schema(schema)) };
    if first == '.' {
        noted.note(Tolerance::PointAfterUrn, name);
    }
    let rest = rest.get(1..).unwrap_or_default();
    within(resource, extends.then_some(schema), rest, name, noted)
}

/// The schema whose URN a name begins with, and what follows it.
fn schema_of(name: &str) -> Option<(&'static Schema, &str)> {
    ALL.iter().find_map(|schema| {
        let (urn, rest) = name.split_at_checked(schema.id.len())?;
        let ends = rest.is_empty() || rest.starts_with([':', '.']);
        (ends && urn.eq_ignore_ascii_case(schema.id)).then_some((*schema, rest))
    })
}

fn within(
    resource: ResourceType,
    extension: Option<&'static Schema>,
    name: &str,
    whole: &str,
    noted: &mut Tolerances,
) -> Result<Named, PathRefusal> {
    let (first, second) = name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
    if !is_name(first) || !second.is_none_or(is_name) {
        return Err(PathRefusal::NotAPath { found: Excerpt::of(whole) });
    }
    if extension.is_none() && resource == ResourceType::User && first.eq_ignore_ascii_case("password") {
        noted.note(Tolerance::PasswordDropped, "");
        return Ok(Named::Password);
    }
    let found = match extension {
        Some(schema) => schema.attribute(first),
        None => resource.attribute(first),
    };
    let sub_attribute = second.zip(found).and_then(|(second, found)| found.sub_attribute(second));
    match found {
        Some(attribute) if second.is_some() == sub_attribute.is_some() => {
            Ok(Named::Attribute(AttributePath { extension, attribute, sub_attribute }))
        }
        _ => {
            noted.note(Tolerance::UnknownAttribute, whole);
            Ok(Named::Unknown)
        }
    }
}

/// RFC 7643 section 2.1, and the one name with a dollar in front.
fn is_name(text: &str) -> bool {
    let text = text.strip_prefix('$').unwrap_or(text);
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// Why a path cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PathRefusal {
    /// Not the form of a path.
    #[error("\"{found}\" is no path, expected one such as name.givenName or emails[type eq \"work\"].value")]
    NotAPath {
        /// What was found.
        found: Excerpt,
    },
    /// No attribute that is kept.
    #[error("{resource} has no attribute {found}")]
    Unknown {
        /// What was found.
        found: Excerpt,
        /// The kind of resource.
        resource: &'static str,
    },
    /// A filter on what has one value.
    #[error("{attribute} has no list of objects that a filter could choose from")]
    NotFiltered {
        /// The attribute.
        attribute: String,
    },
    /// The filter in it cannot be applied.
    #[error("the filter of the path: {0}")]
    Filter(FilterRefusal),
    /// A path into a group's members that does not say which.
    #[error("{found} is no way to change members, expected members or members[value eq \"id\"]")]
    Members {
        /// The path.
        found: Excerpt,
    },
}

impl Refusal for PathRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotAPath { .. } => "scim_not_a_path",
            Self::Unknown { .. } => "scim_path_unknown",
            Self::NotFiltered { .. } => "scim_path_not_filtered",
            Self::Filter(refusal) => refusal.code(),
            Self::Members { .. } => "scim_path_members",
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::NotAPath { found } | Self::Unknown { found, .. } | Self::Members { found } => {
                Some(found.to_string())
            }
            Self::NotFiltered { attribute } => Some(attribute.clone()),
            Self::Filter(refusal) => refusal.found(),
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::Filter(refusal) => refusal.expected(),
            Self::NotAPath { .. } => Some("a path such as name.givenName".to_owned()),
            Self::Members { .. } => Some("members or members[value eq \"id\"]".to_owned()),
            Self::Unknown { .. } | Self::NotFiltered { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Path, PathRefusal> {
        Path::parse(text, ResourceType::User)
    }

    #[test]
    fn paths_lead_to_attributes() {
        for (text, shown) in [
            ("USERNAME", "userName"),
            ("name.givenname", "name.givenName"),
            ("urn:ietf:params:scim:schemas:core:2.0:User:name.familyName", "name.familyName"),
            (
                "emails[Type Eq \"work\" and primary eq True].value",
                "emails[type eq \"work\" and primary eq true].value",
            ),
            ("emails[not (type pr)]", "emails[not (type pr)]"),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:manager.value",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            ),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.department",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            ),
        ] {
            let path = read(text).unwrap();
            assert_eq!(path.to_string(), shown);
            assert_eq!(read(shown), Ok(path));
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in [
            "",
            " ",
            "name..x",
            ".name",
            "name.",
            "na me",
            "emails[",
            "emails[type eq \"work\"",
            "emails]",
            "emails[]",
        ] {
            let refused = read(text).unwrap_err();
            assert!(
                matches!(refused, PathRefusal::NotAPath { .. } | PathRefusal::Filter(_)),
                "{text}: {refused}"
            );
        }
        for text in
            ["shoeSize", "name.nick", "emails.type.value", "password", "urn:a:b:c", "emails[value eq 1]x"]
        {
            assert!(read(text).is_err(), "{text}");
        }
        let single = read("name[givenName eq \"a\"]").unwrap_err();
        assert_eq!(single, PathRefusal::NotFiltered { attribute: "name".to_owned() });
    }

    #[test]
    fn names_of_other_kinds_are_unknown() {
        let mut noted = Tolerances::none();
        let named =
            look_up("urn:ietf:params:scim:schemas:core:2.0:Group:members", ResourceType::User, &mut noted);
        assert_eq!(named, Ok(Named::Unknown));
        assert_eq!(noted.times(Tolerance::UnknownSchema), 1);
        let named = look_up("urn:ietf:params:scim:schemas:core:2.0:User", ResourceType::User, &mut noted);
        assert_eq!(named, Ok(Named::Schema(&crate::schema::USER)));
    }
}
