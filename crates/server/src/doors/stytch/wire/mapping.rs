//! Attribute mappings as bodies give them, for connections of every protocol.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use vestibule_domain::mapping::AttributeMapping;
use vestibule_domain::patch::Given;
use vestibule_domain::refusal::{Field, Refusal, What};
use vestibule_refusal::Excerpt;

/// A mapping as it is given: an object, or the empty text in its place.
pub(super) enum MappingIn {
    Unset,
    Object(Map<String, Value>),
}

impl MappingIn {
    /// What is mapped.
    ///
    /// # Errors
    /// A value that is no name.
    pub(super) fn mapping(self) -> Result<AttributeMapping, Refusal> {
        let Self::Object(given) = self else { return Ok(AttributeMapping::new()) };
        let entry = |(ours, theirs): (String, Value)| match theirs {
            Value::String(theirs) => Some(Ok((ours, theirs))),
            Value::Null => None,
            _ => Some(Err(Refusal::new(What::Invalid(Field::NestedMapping))
                .found(format!("something else under {:?}", Excerpt::of(&ours).as_str())))),
        };
        given.into_iter().filter_map(entry).collect()
    }
}

impl Given for MappingIn {
    const MANY: bool = true;

    fn has_none(&self) -> bool {
        matches!(self, Self::Object(map) if map.is_empty())
    }

    fn unsets(&self) -> bool {
        matches!(self, Self::Unset)
    }
}

impl<'de> Deserialize<'de> for MappingIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = MappingIn;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<MappingIn, E> {
                match text {
                    "" => Ok(MappingIn::Unset),
                    other => Err(E::invalid_type(serde::de::Unexpected::Str(other), &self)),
                }
            }

            /// What is empty is nothing; null itself is taken by the `Option` around this.
            fn visit_unit<E: serde::de::Error>(self) -> Result<MappingIn, E> {
                Ok(MappingIn::Unset)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<MappingIn, A::Error> {
                let object = Map::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(MappingIn::Object(object))
            }
        }

        deserializer.deserialize_any(Either)
    }
}
