//! Which attributes are part of an answer (RFC 7644 section 3.9).

use serde_json::{Map, Value};

use crate::limits;
use crate::path::{AttributePath, Named, look_up};
use crate::refusal::ScimRefusal;
use crate::schema::{Attribute, ResourceType, Returned, Schema};
use crate::tolerance::Tolerances;

/// Which attributes are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Projection {
    /// All that are usual.
    #[default]
    Usual,
    /// These, and what is always part of an answer.
    Only(Names),
    /// All that are usual but these.
    Without(Names),
}

/// Names of attributes that exist. Others ask for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    attributes: Vec<AttributePath>,
    extensions: Vec<&'static str>,
}

impl Names {
    fn read(parameter: &'static str, text: &str, resource: ResourceType) -> Result<Self, ScimRefusal> {
        let limit = limits::PROJECTED;
        let mut names = Self::default();
        for (at, name) in text.split(',').map(str::trim_ascii).enumerate() {
            if at >= limit {
                return Err(ScimRefusal::TooManyNames { parameter, limit });
            }
            match look_up(name, resource, &mut Tolerances::none()) {
                Ok(Named::Attribute(path)) => names.attributes.push(path),
                Ok(Named::Schema(schema)) if schema != resource.schema() => names.extensions.push(schema.id),
                Ok(Named::Schema(_) | Named::Password | Named::Unknown) | Err(_) => {}
            }
        }
        Ok(names)
    }

    /// What they say of an attribute.
    fn of(&self, schema: Option<&Schema>, attribute: &Attribute) -> Part<'_> {
        let of_schema =
            |path: &&AttributePath| path.extension.map(|found| found.id) == schema.map(|found| found.id);
        let named: Vec<_> = self
            .attributes
            .iter()
            .filter(of_schema)
            .filter(|path| path.attribute.name == attribute.name)
            .collect();
        if schema.is_some_and(|schema| self.extensions.contains(&schema.id))
            || named.iter().any(|path| path.sub_attribute.is_none())
        {
            return Part::Whole;
        }
        if named.is_empty() { Part::Nothing } else { Part::Parts(named) }
    }
}

/// How much of an attribute is named.
enum Part<'n> {
    Whole,
    Parts(Vec<&'n AttributePath>),
    Nothing,
}

impl Projection {
    pub(crate) fn read(
        attributes: Option<&str>,
        excluded: Option<&str>,
        resource: ResourceType,
    ) -> Result<Self, ScimRefusal> {
        let given = |text: Option<&str>| text.is_some_and(|text| !text.trim_ascii().is_empty());
        match (attributes, excluded) {
            (Some(_), Some(_)) if given(attributes) && given(excluded) => Err(ScimRefusal::BothProjections),
            (Some(text), _) if given(attributes) => Names::read("attributes", text, resource).map(Self::Only),
            (_, Some(text)) if given(excluded) => {
                Names::read("excludedAttributes", text, resource).map(Self::Without)
            }
            _ => Ok(Self::Usual),
        }
    }

    /// Whether an attribute that is costly to load is part of the answer.
    #[must_use]
    pub fn wants(&self, attribute: &str, resource: ResourceType) -> bool {
        let Some(attribute) = resource.attribute(attribute) else { return false };
        match self {
            Self::Usual => true,
            Self::Only(names) => !matches!(names.of(None, attribute), Part::Nothing),
            Self::Without(names) => !matches!(names.of(None, attribute), Part::Whole),
        }
    }

    /// The part of a resource that is asked for.
    #[must_use]
    pub fn apply(&self, document: Map<String, Value>, resource: ResourceType) -> Map<String, Value> {
        if *self == Self::Usual {
            return document;
        }
        let extension = |name: &str| resource.extensions().iter().find(|schema| schema.id == name).copied();
        let mut projected = Map::new();
        for (name, value) in document {
            let shown = match (extension(&name), value) {
                (Some(schema), Value::Object(parts)) => {
                    let parts = parts.into_iter().filter_map(|(name, value)| {
                        let shown = self.of(Some(schema), schema.attribute(&name)?, value)?;
                        Some((name, shown))
                    });
                    Some(Value::Object(parts.collect()))
                        .filter(|parts| parts.as_object().is_some_and(|parts| !parts.is_empty()))
                }
                (_, value) => resource.attribute(&name).and_then(|attribute| self.of(None, attribute, value)),
            };
            if let Some(shown) = shown {
                projected.insert(name, shown);
            }
        }
        projected
    }

    fn of(&self, schema: Option<&Schema>, attribute: &Attribute, value: Value) -> Option<Value> {
        if attribute.returned == Returned::Always {
            return Some(value);
        }
        match self {
            Self::Usual => Some(value),
            Self::Only(names) => match names.of(schema, attribute) {
                Part::Whole => Some(value),
                Part::Parts(named) => Some(parts(value, &|name| is_named(&named, name))),
                Part::Nothing => None,
            },
            Self::Without(names) => match names.of(schema, attribute) {
                Part::Whole => None,
                Part::Parts(named) => Some(parts(value, &|name| !is_named(&named, name))),
                Part::Nothing => Some(value),
            },
        }
    }
}

fn is_named(paths: &[&AttributePath], name: &str) -> bool {
    paths.iter().any(|path| path.sub_attribute.is_some_and(|part| part.name == name))
}

fn parts(value: Value, keep: &dyn Fn(&str) -> bool) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(|item| parts(item, keep)).collect(),
        Value::Object(members) => Value::Object(members.into_iter().filter(|(name, _)| keep(name)).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn user() -> Map<String, Value> {
        let document = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "1", "userName": "a", "title": "T",
            "emails": [{ "value": "a@x", "type": "work" }], "name": { "givenName": "A", "familyName": "B" },
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "R", "division": "D" },
        });
        document.as_object().unwrap().clone()
    }

    fn shown(attributes: Option<&str>, excluded: Option<&str>) -> Value {
        let projection = Projection::read(attributes, excluded, ResourceType::User).unwrap();
        let mut shown = projection.apply(user(), ResourceType::User);
        for always in ["schemas", "id", "userName"] {
            assert!(shown.remove(always).is_some(), "{always} is always shown");
        }
        Value::Object(shown)
    }

    #[test]
    fn only_what_is_asked_for_is_shown() {
        let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        assert_eq!(shown(Some("TITLE, nothing"), None), json!({ "title": "T" }));
        assert_eq!(
            shown(Some("emails.value,name.givenName,name.familyName"), None),
            json!({ "emails": [{ "value": "a@x" }], "name": { "givenName": "A", "familyName": "B" } })
        );
        assert_eq!(shown(Some(&format!("{urn}:division")), None), json!({ urn: { "division": "D" } }));
        assert_eq!(shown(Some(urn), None), json!({ urn: { "department": "R", "division": "D" } }));
        assert_eq!(
            shown(None, Some(&format!("id,userName,emails,name.givenName,{urn}"))),
            json!({ "title": "T", "name": { "familyName": "B" } })
        );
        let everything = shown(Some(""), None);
        assert_eq!(everything.as_object().unwrap().len(), 4);
    }

    #[test]
    fn costly_attributes_are_not_loaded_unasked() {
        let wants = |attributes, excluded| {
            Projection::read(attributes, excluded, ResourceType::Group)
                .unwrap()
                .wants("members", ResourceType::Group)
        };
        assert!(wants(None, None));
        assert!(!wants(None, Some("Members")));
        assert!(!wants(Some("displayName"), None));
        assert!(wants(Some("members.value"), None));
        assert!(wants(None, Some("members.display")));
    }

    #[test]
    fn both_at_once_and_too_many_are_refused() {
        let read = |attributes, excluded| Projection::read(attributes, excluded, ResourceType::User);
        assert_eq!(read(Some("a"), Some("b")), Err(ScimRefusal::BothProjections));
        let many = "title,".repeat(limits::PROJECTED);
        let refused = read(None, Some(&many)).unwrap_err();
        assert_eq!(
            refused,
            ScimRefusal::TooManyNames { parameter: "excludedAttributes", limit: limits::PROJECTED }
        );
    }
}
