//! The shape of what a call takes, read from its type: serde asks a type for its fields as it would to fill them, and here they
//! are noted. The reference is written from it, and `vestibule dev` tells by it which members of a body it did not know.

use std::slice;

use serde::de::value::Error;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer as _, MapAccess, SeqAccess,
    Visitor,
};
use serde_json::Value;
use vestibule_refusal::Excerpt;

/// The most names that are told of one body.
const MOST: usize = 20;
/// The most characters of one of them.
const LONGEST: usize = 100;

/// What a value can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Anything.
    Anything,
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// True or false.
    Flag,
    /// A list.
    List(Box<Shape>),
    /// An object whose members' names are the caller's.
    Map,
    /// An object with these members.
    Object(Vec<(&'static str, Shape)>),
}

impl Shape {
    /// The shape of a type; nothing for one that cannot be filled with empty values.
    #[must_use]
    pub fn of<T: DeserializeOwned>() -> Option<Self> {
        let mut shape = Self::Anything;
        T::deserialize(Tracer(&mut shape)).ok()?;
        Some(shape)
    }

    /// An object with the members of both; of what is none, nothing is known.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        match (self, more) {
            (Self::Object(mut members), Self::Object(more)) => {
                members.extend(more);
                Self::Object(members)
            }
            _ => Self::Anything,
        }
    }

    /// The names of the members that the shape does not have, with the way to them: `policy.colour`, `roles[].colour`. Names only:
    /// values may be secret.
    #[must_use]
    pub fn unknown(&self, value: &Value) -> Vec<String> {
        let mut found = Vec::new();
        self.look(value, "", &mut found);
        found
    }

    fn look(&self, value: &Value, at: &str, found: &mut Vec<String>) {
        match (self, value) {
            (Self::Object(members), Value::Object(given)) => {
                for (name, value) in given {
                    let here = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                    match members.iter().find(|(known, _)| known == name) {
                        Some((_, shape)) => shape.look(value, &here, found),
                        None => note(found, &here),
                    }
                }
            }
            (Self::List(item), Value::Array(given)) => {
                given.iter().for_each(|value| item.look(value, &format!("{at}[]"), found));
            }
            _ => {}
        }
    }
}

fn note(found: &mut Vec<String>, name: &str) {
    let name: String = name.chars().take(LONGEST).collect();
    let name = Excerpt::of(&name).to_string();
    if found.len() < MOST && !found.contains(&name) {
        found.push(name);
    }
}

/// Notes what a type asks for, and gives it empty values.
struct Tracer<'a>(&'a mut Shape);

impl Tracer<'_> {
    fn noted(self, shape: Shape) {
        *self.0 = shape;
    }
}

/// What a type may ask for, and what it is given.
macro_rules! asked {
    ($($($method:ident),+ => $shape:expr, $visit:ident($value:expr);)*) => {$($(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.noted($shape);
            visitor.$visit($value)
        }
    )+)*};
}

impl<'de> Deserializer<'de> for Tracer<'_> {
    type Error = Error;

    asked! {
        deserialize_bool => Shape::Flag, visit_bool(false);
        deserialize_i8, deserialize_i16, deserialize_i32, deserialize_i64, deserialize_i128 => Shape::Number, visit_i64(0);
        deserialize_u8, deserialize_u16, deserialize_u32, deserialize_u64, deserialize_u128 => Shape::Number, visit_u64(0);
        deserialize_f32, deserialize_f64 => Shape::Number, visit_f64(0.0);
        deserialize_char, deserialize_str, deserialize_string, deserialize_identifier => Shape::Text, visit_str("");
        deserialize_bytes, deserialize_byte_buf => Shape::Text, visit_bytes(b"");
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.noted(Shape::Anything);
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut item = Shape::Anything;
        let value = visitor.visit_seq(One(Some(&mut item)))?;
        self.noted(Shape::List(Box::new(item)));
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.noted(Shape::Map);
        visitor.visit_map(Members { left: [].iter(), now: "", into: &mut Vec::new() })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let mut members = Vec::new();
        let value = visitor.visit_map(Members { left: fields.iter(), now: "", into: &mut members })?;
        self.noted(Shape::Object(members));
        Ok(value)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.noted(Shape::Text);
        let first = names.first().ok_or_else(|| de::Error::custom("an enum of nothing"))?;
        visitor.visit_enum((*first).into_deserializer())
    }
}

/// A list of one.
struct One<'a>(Option<&'a mut Shape>);

impl<'de> SeqAccess<'de> for One<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.0.take().map(|shape| seed.deserialize(Tracer(shape))).transpose()
    }
}

/// An object with all its members.
struct Members<'a> {
    left: slice::Iter<'static, &'static str>,
    now: &'static str,
    into: &'a mut Vec<(&'static str, Shape)>,
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some(name) = self.left.next() else { return Ok(None) };
        self.now = name;
        seed.deserialize(self.now.into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let mut shape = Shape::Anything;
        let value = seed.deserialize(Tracer(&mut shape))?;
        self.into.push((self.now, shape));
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::json;
    use vestibule_domain::patch::Patch;

    use super::*;

    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Body {
        #[serde(rename = "organization_name")]
        name: Option<String>,
        minutes: Option<i64>,
        on: Patch<bool>,
        roles: Option<Vec<Role>>,
        notes: Option<BTreeMap<String, Value>>,
        any: Option<Value>,
    }

    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only its shape is asked for")]
    struct Role {
        domain: Option<String>,
    }

    #[test]
    fn a_shape_is_what_the_type_says() {
        let role = Shape::Object(vec![("domain", Shape::Text)]);
        let members = vec![
            ("organization_name", Shape::Text),
            ("minutes", Shape::Number),
            ("on", Shape::Flag),
            ("roles", Shape::List(Box::new(role))),
            ("notes", Shape::Map),
            ("any", Shape::Anything),
        ];
        assert_eq!(Shape::of::<Body>(), Some(Shape::Object(members)));
    }

    #[test]
    fn what_is_unknown_is_told_by_name() {
        let body = json!({
            "organization_name": "Acme",
            "organisation_name": "Acme",
            "roles": [{ "domain": "a", "colour": 1 }, { "colour": 2 }],
            "notes": { "whatever": 1 },
            "any": { "whatever": 1 },
        });
        let shape = Shape::of::<Body>().unwrap();
        assert_eq!(shape.unknown(&body), ["organisation_name", "roles[].colour"]);
        let many: serde_json::Map<String, Value> = (0..50).map(|n| (n.to_string(), json!(n))).collect();
        assert_eq!(shape.unknown(&Value::Object(many)).len(), MOST);
        assert_eq!(shape.unknown(&json!({ "a\nb\u{202e}": 1 })), ["a\u{fffd}b\u{fffd}"]);
    }
}
