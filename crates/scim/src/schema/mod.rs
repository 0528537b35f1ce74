//! Schemas and resource types as data (RFC 7643 sections 3 to 8): what is read, compared, projected and described is
//! looked up here, so that one table says what there is.

mod attribute;
mod common;
pub mod document;
mod group;
mod user;

pub use attribute::{Attribute, DataType, Mutability, Returned, Uniqueness};

/// A schema.
#[derive(Debug, PartialEq, Eq)]
pub struct Schema {
    /// Its URN.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it is, for people.
    pub description: &'static str,
    /// Its attributes.
    pub attributes: &'static [Attribute],
}

impl Schema {
    /// The attribute of that name, without regard to case.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        attribute::find(self.attributes, name)
    }
}

/// Users.
pub static USER: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:User",
    name: "User",
    description: "A person of the directory.",
    attributes: user::ATTRIBUTES,
};

/// What companies know of users beyond that.
pub static ENTERPRISE_USER: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    name: "EnterpriseUser",
    description: "What a company knows of a person.",
    attributes: user::ENTERPRISE,
};

/// Groups.
pub static GROUP: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:Group",
    name: "Group",
    description: "A group of the directory.",
    attributes: group::ATTRIBUTES,
};

/// All that are served.
pub static ALL: [&Schema; 3] = [&USER, &ENTERPRISE_USER, &GROUP];

/// A kind of resource (RFC 7643 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResourceType {
    /// A person.
    User,
    /// A group of persons.
    Group,
}

impl ResourceType {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::User, Self::Group];

    /// Its name, which is its id too.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// Where its resources are, below the base URL.
    #[must_use]
    pub const fn endpoint(self) -> &'static str {
        match self {
            Self::User => "/Users",
            Self::Group => "/Groups",
        }
    }

    /// Its schema.
    #[must_use]
    pub fn schema(self) -> &'static Schema {
        match self {
            Self::User => &USER,
            Self::Group => &GROUP,
        }
    }

    /// The schemas that extend it.
    #[must_use]
    pub fn extensions(self) -> &'static [&'static Schema] {
        static OF_USERS: [&Schema; 1] = [&ENTERPRISE_USER];
        match self {
            Self::User => &OF_USERS,
            Self::Group => &[],
        }
    }

    /// The attribute of that name, of its schema or common to all.
    #[must_use]
    pub fn attribute(self, name: &str) -> Option<&'static Attribute> {
        self.schema().attribute(name).or_else(|| attribute::find(common::ATTRIBUTES, name))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn walk(attributes: &'static [Attribute], within: &str) {
        let names: BTreeSet<_> = attributes.iter().map(|found| found.name.to_lowercase()).collect();
        assert_eq!(names.len(), attributes.len(), "{within} has a name twice");
        for attribute in attributes {
            let complex = attribute.data_type == DataType::Complex;
            assert_eq!(complex, !attribute.sub_attributes.is_empty(), "{}", attribute.name);
            assert_eq!(attribute.data_type == DataType::Reference, !attribute.reference_types.is_empty());
            assert!(attribute.description.ends_with('.'), "{}", attribute.name);
            for sub in attribute.sub_attributes {
                assert!(sub.data_type != DataType::Complex && !sub.multi_valued, "{}", sub.name);
            }
            walk(attribute.sub_attributes, attribute.name);
        }
    }

    #[test]
    fn schemas_are_well_made() {
        for schema in ALL {
            walk(schema.attributes, schema.name);
            assert_eq!(schema.attribute("PASSWORD"), None);
        }
    }

    #[test]
    fn names_are_found_without_regard_to_case() {
        let found = ResourceType::User.attribute("USERNAME").unwrap();
        assert_eq!(found.name, "userName");
        assert_eq!(found.compared(), Some(found));
        let emails = ResourceType::User.attribute("emails").unwrap();
        assert_eq!(emails.compared().unwrap().name, "value");
        assert_eq!(ResourceType::User.attribute("name").unwrap().compared(), None);
        assert_eq!(ResourceType::Group.attribute("externalid").unwrap().name, "externalId");
        assert_eq!(ResourceType::Group.attribute("userName"), None);
    }
}
