//! Brings a value into the form that its attribute has.

use serde_json::{Map, Value};

use crate::filter::boolean;
use crate::json::{Json, Object};
use crate::limits;
use crate::refusal::ScimRefusal;
use crate::schema::{Attribute, DataType, Mutability};
use crate::tolerance::{Tolerance, Tolerances};

/// The value as it is kept: `None` when there is none, which null, an empty list and an empty text are too (RFC 7643
/// section 2.5).
pub(crate) fn of(
    attribute: &'static Attribute,
    json: Json,
    noted: &mut Tolerances,
) -> Result<Option<Value>, ScimRefusal> {
    if attribute.multi_valued { list(attribute, json, noted) } else { single(attribute, json, noted) }
}

/// One value, also of an attribute that is a list.
pub(super) fn single(
    attribute: &'static Attribute,
    json: Json,
    noted: &mut Tolerances,
) -> Result<Option<Value>, ScimRefusal> {
    let json = match json {
        Json::Null => return Ok(None),
        Json::List(items) => match alone(items) {
            Ok(None) => return Ok(None),
            Ok(Some(item)) => {
                noted.note(Tolerance::ListForSingle, attribute.name);
                item
            }
            Err(items) => return Err(wrong(attribute, &Json::List(items))),
        },
        other => other,
    };
    match attribute.data_type {
        DataType::Complex => complex(attribute, json, noted),
        _ => simple(attribute, json, noted),
    }
}

/// The only one of a list; the list itself when there are more.
fn alone(mut items: Vec<Json>) -> Result<Option<Json>, Vec<Json>> {
    if items.len() > 1 { Err(items) } else { Ok(items.pop().filter(|item| !matches!(item, Json::Null))) }
}

fn list(
    attribute: &'static Attribute,
    json: Json,
    noted: &mut Tolerances,
) -> Result<Option<Value>, ScimRefusal> {
    let items = match json {
        Json::Null => return Ok(None),
        Json::List(items) => items,
        other => {
            noted.note(Tolerance::SingleForList, attribute.name);
            vec![other]
        }
    };
    too_many(attribute, items.len())?;
    let mut values: Vec<Value> = Vec::with_capacity(items.len());
    for item in items {
        if matches!(item, Json::List(_)) {
            return Err(wrong(attribute, &item));
        }
        let Some(value) = single(attribute, item, noted)? else { continue };
        if says_something(attribute, &value) && !values.contains(&value) {
            values.push(value);
        }
    }
    one_primary(attribute, &values)?;
    Ok((!values.is_empty()).then_some(Value::Array(values)))
}

/// A value that says only what it would be for, or that it would be preferred, is none.
pub(super) fn says_something(attribute: &Attribute, value: &Value) -> bool {
    if attribute.data_type != DataType::Complex {
        return true;
    }
    value.as_object().is_some_and(|parts| parts.keys().any(|part| part != "type" && part != "primary"))
}

pub(super) fn too_many(attribute: &'static Attribute, found: usize) -> Result<(), ScimRefusal> {
    let limit = limits::VALUES;
    if found <= limit {
        return Ok(());
    }
    Err(ScimRefusal::TooManyValues { attribute: attribute.name, found, limit })
}

/// RFC 7643 section 2.4: which of two would be the address is for the client to say.
pub(super) fn one_primary(attribute: &'static Attribute, values: &[Value]) -> Result<(), ScimRefusal> {
    let found = values.iter().filter(|value| is_primary(value)).count();
    if found <= 1 {
        return Ok(());
    }
    Err(ScimRefusal::SeveralPrimaries { attribute: attribute.name, found })
}

pub(super) fn is_primary(value: &Value) -> bool {
    value.get("primary") == Some(&Value::Bool(true))
}

fn complex(
    attribute: &'static Attribute,
    json: Json,
    noted: &mut Tolerances,
) -> Result<Option<Value>, ScimRefusal> {
    let object = match json {
        Json::Object(object) => object,
        Json::Text(text) => return as_value(attribute, text, noted),
        other => return Err(wrong(attribute, &other)),
    };
    let parts = parts(attribute, object, noted)?;
    Ok((!parts.is_empty()).then_some(Value::Object(parts)))
}

fn as_value(
    attribute: &'static Attribute,
    text: String,
    noted: &mut Tolerances,
) -> Result<Option<Value>, ScimRefusal> {
    let Some(part) = attribute.compared() else { return Err(wrong(attribute, &Json::Text(text))) };
    noted.note(Tolerance::TextForObject, attribute.name);
    let value = simple(part, Json::Text(text), noted)?;
    Ok(value.map(|value| Value::Object(Map::from_iter([(part.name.to_owned(), value)]))))
}

fn parts(
    attribute: &'static Attribute,
    object: Object,
    noted: &mut Tolerances,
) -> Result<Map<String, Value>, ScimRefusal> {
    let mut parts = Map::new();
    for (name, json) in object {
        let Some(part) = attribute.sub_attribute(&name) else {
            noted.note(Tolerance::UnknownAttribute, &format!("{}.{name}", attribute.name));
            continue;
        };
        // What only we write is ignored in what we are sent (RFC 7644 sections 3.3 and 3.5.1).
        if part.mutability == Mutability::ReadOnly {
            continue;
        }
        if let Some(value) = single(part, json, noted)? {
            parts.insert(part.name.to_owned(), value);
        }
    }
    Ok(parts)
}

fn simple(
    attribute: &'static Attribute,
    json: Json,
    noted: &mut Tolerances,
) -> Result<Option<Value>, ScimRefusal> {
    let json = match json {
        Json::Object(mut object) => {
            let Some(value) = object.take("value") else {
                return Err(wrong(attribute, &Json::Object(object)));
            };
            noted.note(Tolerance::ObjectForText, attribute.name);
            value
        }
        other => other,
    };
    match attribute.data_type {
        DataType::Boolean => as_boolean(attribute, json, noted).map(|value| value.map(Value::Bool)),
        _ => text(attribute, json, noted).map(|value| value.map(Value::String)),
    }
}

fn as_boolean(
    attribute: &'static Attribute,
    json: Json,
    noted: &mut Tolerances,
) -> Result<Option<bool>, ScimRefusal> {
    match json {
        Json::Null => Ok(None),
        Json::Bool(value) => Ok(Some(value)),
        Json::Text(text) => match boolean(&text) {
            Some(value) => {
                noted.note(Tolerance::BooleanAsText, attribute.name);
                Ok(Some(value))
            }
            None => Err(wrong(attribute, &Json::Text(text))),
        },
        other => Err(wrong(attribute, &other)),
    }
}

/// A text, as it was written.
pub(crate) fn text(
    attribute: &'static Attribute,
    json: Json,
    noted: &mut Tolerances,
) -> Result<Option<String>, ScimRefusal> {
    let text = match json {
        Json::Null => return Ok(None),
        Json::Text(text) => text,
        Json::Number(number) => {
            noted.note(Tolerance::NumberForText, attribute.name);
            number.to_string()
        }
        other => return Err(wrong(attribute, &other)),
    };
    if text.is_empty() {
        noted.note(Tolerance::EmptyText, attribute.name);
        return Ok(None);
    }
    if text.len() > limits::TEXT_BYTES {
        return Err(ScimRefusal::TooLong { attribute: attribute.name.to_owned(), limit: limits::TEXT_BYTES });
    }
    Ok(Some(text))
}

fn wrong(attribute: &'static Attribute, found: &Json) -> ScimRefusal {
    ScimRefusal::WrongType {
        attribute: attribute.name.to_owned(),
        found: found.kind(),
        expected: attribute.data_type.expected(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::json;
    use crate::schema::{ENTERPRISE_USER, USER};

    fn read(
        attribute: &'static Attribute,
        text: &str,
    ) -> (Result<Option<Value>, ScimRefusal>, Vec<&'static str>) {
        let mut noted = Tolerances::none();
        let mut body = json::parse(format!("{{\"v\":{text}}}").as_bytes(), 100_000).unwrap();
        let value = of(attribute, body.take("v").unwrap(), &mut noted);
        (value, noted.iter().map(|found| found.tolerance.code()).collect())
    }

    #[test]
    fn values_are_brought_into_form() {
        let user = |name: &str| USER.attribute(name).unwrap();
        let company = |name: &str| ENTERPRISE_USER.attribute(name).unwrap();
        let cases = [
            (user("active"), r#""False""#, json!(false), vec!["boolean_as_text"]),
            (user("active"), "true", json!(true), vec![]),
            (
                user("title"),
                r#"[{"$ref": null, "value": "x"}]"#,
                json!("x"),
                vec!["list_for_single", "object_for_text"],
            ),
            (company("employeeNumber"), "701984", json!("701984"), vec!["number_for_text"]),
            (company("manager"), r#""m1""#, json!({ "value": "m1" }), vec!["text_for_object"]),
            (
                company("manager"),
                r#"[{"VALUE": "m1", "displayName": "x"}]"#,
                json!({ "value": "m1" }),
                vec!["list_for_single"],
            ),
            (
                user("emails"),
                r#"{"value": "a", "type": ""}"#,
                json!([{ "value": "a" }]),
                vec!["single_for_list", "empty_text"],
            ),
            (
                user("emails"),
                r#"["a", "a", {"type": "work"}]"#,
                json!([{ "value": "a" }]),
                vec!["text_for_object"],
            ),
            (
                user("name"),
                r#"{"givenName": "A", "shoe": 1}"#,
                json!({ "givenName": "A" }),
                vec!["unknown_attribute"],
            ),
        ];
        for (attribute, text, value, noted) in cases {
            assert_eq!(read(attribute, text), (Ok(Some(value)), noted), "{text}");
        }
        for text in ["null", "[]", "[null]", r#"[{"type": "work", "primary": true}]"#] {
            assert_eq!(read(user("emails"), text).0, Ok(None), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let user = |name: &str| USER.attribute(name).unwrap();
        for (name, text) in [
            ("active", "1"),
            ("active", r#""yes""#),
            ("title", "true"),
            ("title", r#"["a", "b"]"#),
            ("title", r#"{"a": "b"}"#),
            ("name", r#""Ada""#),
            ("name", "1"),
            ("emails", r#"[[{"value": "a"}]]"#),
            ("emails", r#"[{"value": {"a": 1}}]"#),
        ] {
            assert!(matches!(read(user(name), text).0, Err(ScimRefusal::WrongType { .. })), "{name} {text}");
        }
        let two = r#"[{"value": "a", "primary": true}, {"value": "b", "primary": "True"}]"#;
        assert_eq!(
            read(user("emails"), two).0,
            Err(ScimRefusal::SeveralPrimaries { attribute: "emails", found: 2 })
        );
        let long = format!("\"{}\"", "a".repeat(limits::TEXT_BYTES + 1));
        assert!(matches!(read(user("title"), &long).0, Err(ScimRefusal::TooLong { .. })));
        let many = format!("[{}\"a\"]", "\"a\",".repeat(limits::VALUES));
        assert!(matches!(read(user("emails"), &many).0, Err(ScimRefusal::TooManyValues { .. })));
    }
}
