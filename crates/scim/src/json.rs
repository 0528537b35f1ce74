//! Bodies as JSON: bounded, with names compared as SCIM compares them, and compact enough for a group's whole list.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use crate::limits;
use crate::refusal::{Excerpt, ScimRefusal};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Self>),
    Object(Object),
}

impl Json {
    /// What it is, for people.
    pub(crate) fn kind(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(_) => "true or false".to_owned(),
            Self::Number(_) => "a number".to_owned(),
            Self::Text(_) => "text".to_owned(),
            Self::List(items) => format!("a list of {}", items.len()),
            Self::Object(_) => "an object".to_owned(),
        }
    }
}

/// A JSON object, in the order in which it was written. No two names are equal, whatever their case.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Object(Vec<(Cow<'static, str>, Json)>);

impl Object {
    /// Takes the member of that name out, without regard to ASCII case (RFC 7643 section 2.1).
    pub(crate) fn take(&mut self, name: &str) -> Option<Json> {
        let at = self.0.iter().position(|(found, _)| found.eq_ignore_ascii_case(name))?;
        Some(self.0.remove(at).1)
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(found, _)| found.eq_ignore_ascii_case(name))
    }
}

impl IntoIterator for Object {
    type Item = (Cow<'static, str>, Json);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Reads at most `limit` bytes as one object.
///
/// Refuses a name that stands twice in one object, in whatever case: which of two values counts would depend on the
/// reader.
pub(crate) fn parse(bytes: &[u8], limit: usize) -> Result<Object, ScimRefusal> {
    if bytes.len() > limit {
        return Err(ScimRefusal::TooLarge { limit });
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let state = RefCell::new(State { parts: 0, refusal: None });
    let mut reader = serde_json::Deserializer::from_slice(text);
    let parsed = Read(&state).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    match parsed {
        Ok(Json::Object(object)) => Ok(object),
        Ok(other) => Err(ScimRefusal::NotAnObject { found: other.kind() }),
        Err(error) => Err(state.into_inner().refusal.unwrap_or(ScimRefusal::NotJson {
            empty: text.trim_ascii().is_empty(),
            line: error.line(),
            column: error.column(),
        })),
    }
}

/// A name, which costs nothing when it is one of those that stand in each entry of a long list.
struct Name(Cow<'static, str>);

const FREQUENT: [&str; 7] = ["value", "display", "$ref", "type", "op", "path", "primary"];

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Name, E> {
        let frequent = FREQUENT.into_iter().find(|frequent| *frequent == name);
        Ok(Name(frequent.map_or_else(|| Cow::Owned(name.to_owned()), Cow::Borrowed)))
    }
}

struct State {
    parts: usize,
    refusal: Option<ScimRefusal>,
}

#[derive(Clone, Copy)]
struct Read<'a>(&'a RefCell<State>);

impl Read<'_> {
    fn refuse<E: serde::de::Error>(self, refusal: ScimRefusal) -> E {
        self.0.borrow_mut().refusal = Some(refusal);
        E::custom("refused")
    }

    fn count<E: serde::de::Error>(self) -> Result<(), E> {
        let mut state = self.0.borrow_mut();
        state.parts += 1;
        if state.parts <= limits::PARTS {
            return Ok(());
        }
        state.refusal = Some(ScimRefusal::TooManyParts { limit: limits::PARTS });
        Err(E::custom("refused"))
    }
}

impl<'de> DeserializeSeed<'de> for Read<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        self.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Read<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Object::default();
        while let Some(Name(name)) = members.next_key()? {
            if object.has(&name) {
                return Err(self.refuse(ScimRefusal::RepeatedMember { name: Excerpt::of(&name) }));
            }
            if object.0.len() == limits::MEMBERS_OF_AN_OBJECT {
                return Err(self.refuse(ScimRefusal::TooManyMembers { limit: limits::MEMBERS_OF_AN_OBJECT }));
            }
            let value = members.next_value_seed(self)?;
            object.0.push((name, value));
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_case_and_stand_once() {
        let mut object = parse(br#"{"Operations": [1, null, "x", true, 2.5, {}]}"#, 1024).unwrap();
        assert!(matches!(object.take("operations"), Some(Json::List(items)) if items.len() == 6));
        assert_eq!(object.take("operations"), None);
        let refused = parse(br#"{"a": [{"userName": 1, "USERNAME": 2}]}"#, 1024).unwrap_err();
        assert_eq!(refused, ScimRefusal::RepeatedMember { name: Excerpt::of("USERNAME") });
    }

    #[test]
    fn only_one_object_within_the_limits_is_read() {
        assert_eq!(parse(b"[]", 10), Err(ScimRefusal::NotAnObject { found: "a list of 0".to_owned() }));
        assert_eq!(parse(b"{\"a\":1}", 6), Err(ScimRefusal::TooLarge { limit: 6 }));
        assert_eq!(parse(b"\xef\xbb\xbf{}", 10), Ok(Object::default()), "a byte order mark is skipped");
        for text in [&b"{} {}"[..], b"", b"{\"a\":\"\xff\"}", b"{a:1}", b"{\"a\":NaN}"] {
            assert!(matches!(parse(text, 100), Err(ScimRefusal::NotJson { .. })), "{text:?}");
        }
        let deep = [b"{\"a\":".repeat(4000), b"1".to_vec(), b"}".repeat(4000)].concat();
        assert!(matches!(parse(&deep, 100_000), Err(ScimRefusal::NotJson { .. })));
    }

    #[test]
    fn parts_and_members_are_counted() {
        let many = format!("{{\"a\":[{}1]}}", "1,".repeat(limits::PARTS));
        let refused = parse(many.as_bytes(), limits::GROUP_BYTES).unwrap_err();
        assert_eq!(refused, ScimRefusal::TooManyParts { limit: limits::PARTS });
        let names: Vec<_> = (0..=limits::MEMBERS_OF_AN_OBJECT).map(|at| format!("\"{at}\":1")).collect();
        let refused = parse(format!("{{{}}}", names.join(",")).as_bytes(), limits::USER_BYTES).unwrap_err();
        assert_eq!(refused, ScimRefusal::TooManyMembers { limit: limits::MEMBERS_OF_AN_OBJECT });
    }
}
