//! One JSON reader for every foreign document: bounded, and without the ambiguity of repeated member names.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::error::{Excerpt, JsonError};

/// A JSON object.
pub(crate) type Object = Map<String, Value>;

/// Parses a document that was fetched, as [`parse_object`] does. A byte order mark in front, which some servers write and
/// readers may skip (RFC 8259 section 8.1), is skipped; what else is not JSON is named by what it seems to be.
pub(crate) fn parse_document(bytes: &[u8], limit: usize) -> Result<Object, JsonError> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    parse_object(text, limit).map_err(|error| match error {
        JsonError::Malformed { line, column, .. } => {
            JsonError::Malformed { line, column, seems: seems(text) }
        }
        other => other,
    })
}

/// What bytes that are no JSON seem to be.
fn seems(bytes: &[u8]) -> Option<&'static str> {
    let text = bytes.trim_ascii_start();
    match bytes {
        _ if text.is_empty() => Some("empty"),
        [0x1f, 0x8b, ..] => Some("compressed by gzip, although nothing compressed was asked for"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'{', 0, ..] | [0, b'{', ..] => {
            Some("in UTF-16, not in UTF-8")
        }
        _ if text.starts_with(b"<") => Some("a page or XML, not JSON"),
        _ => None,
    }
}

/// Parses at most `limit` bytes as one JSON object.
///
/// Refuses a repeated member name at any depth (RFC 7515 section 4, RFC 7519 section 4): which of two values a reader
/// takes would otherwise depend on the reader.
pub(crate) fn parse_object(bytes: &[u8], limit: usize) -> Result<Object, JsonError> {
    if bytes.len() > limit {
        return Err(JsonError::TooLarge { limit });
    }
    let duplicate = RefCell::new(None);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let parsed = Strict(&duplicate).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    match parsed {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(JsonError::NotAnObject),
        Err(error) => Err(match duplicate.into_inner() {
            Some(name) => JsonError::DuplicateMember(name),
            None => JsonError::Malformed { line: error.line(), column: error.column(), seems: None },
        }),
    }
}

/// Builds a [`Value`] and leaves the name of the first repeated member where the caller finds it.
#[derive(Clone, Copy)]
struct Strict<'a>(&'a RefCell<Option<Excerpt>>);

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Object::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(self)?;
            if object.contains_key(&name) {
                self.0.replace(Some(Excerpt::of(&name)));
                return Err(A::Error::custom("repeated member"));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fetched_document_may_have_a_byte_order_mark_and_says_what_it_is() {
        assert!(parse_document(b"\xef\xbb\xbf{\"a\": 1}", 1024).is_ok());
        assert!(parse_object(b"\xef\xbb\xbf{}", 1024).is_err(), "not inside tokens");
        let seen = |bytes: &[u8]| parse_document(bytes, 1024).unwrap_err().to_string();
        assert!(seen(b"\x1f\x8b\x08").contains("gzip"));
        assert!(seen(b"\xff\xfe{\0}\0").contains("UTF-16"));
        assert!(seen(b"\r\n<!doctype html>").contains("a page"));
        assert!(seen(b"").contains("empty"));
        assert!(seen(b"{").contains("line 1"));
        assert!(seen(b"\xef\xbb\xbf\xef\xbb\xbf{}").contains("line 1"), "one mark, not two");
    }

    #[test]
    fn repeated_members_are_refused_at_any_depth() {
        let refused = |text: &str| parse_object(text.as_bytes(), 1024).unwrap_err();
        assert_eq!(refused(r#"{"a":1,"a":1}"#), JsonError::DuplicateMember(Excerpt::of("a")));
        assert_eq!(refused(r#"{"x":[{"b":1,"\u0062":2}]}"#), JsonError::DuplicateMember(Excerpt::of("b")));
    }

    #[test]
    fn only_one_whole_object_in_utf8_within_the_limit_is_read() {
        assert_eq!(parse_object(b"[]", 10), Err(JsonError::NotAnObject));
        assert_eq!(parse_object(b"{\"a\":1}", 6), Err(JsonError::TooLarge { limit: 6 }));
        for text in
            [&b"{} {}"[..], b"", b"{\"a\":\"\xff\"}", b"{\"a\":\"\\ud800\"}", b"{a:1}", b"{\"a\":NaN}"]
        {
            assert!(matches!(parse_object(text, 100), Err(JsonError::Malformed { .. })), "{text:?}");
        }
        let deep = [b"{\"a\":".repeat(4000), b"1".to_vec(), b"}".repeat(4000)].concat();
        assert!(matches!(parse_object(&deep, 100_000), Err(JsonError::Malformed { .. })));
    }

    #[test]
    fn values_survive() {
        let text = r#"{"a":[1,-2,2.5,true,null,"x"],"b":{"c":18446744073709551615}}"#;
        let expected: Value = serde_json::from_str(text).unwrap();
        assert_eq!(Value::Object(parse_object(text.as_bytes(), 1000).unwrap()), expected);
    }
}
