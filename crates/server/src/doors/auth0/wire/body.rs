//! Bodies of the Management API: closed where the dialect closes them, and refused with the property that is wrong. No client
//! has to say that what it sends is JSON: the documentation's own examples do not.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use serde::de::DeserializeOwned;
use serde_json::Value;
use vestibule_domain::refusal::{Refusal, What};

use crate::failure::Failure;
use crate::http::body;
use crate::http::ctx::Ctx;
use crate::http::input::{BODY_LIMIT, deserialize};
use crate::http::shape::Shape;
use crate::http::takes::{Taken, Takes};
use crate::world::App;

/// What every sentence on a body begins with.
const BEGINNING: &str = "Payload validation error:";

/// A JSON body. No body at all and `null` are an empty object, for calls in which nothing has to be said.
pub(crate) struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let Ok(ctx) = Ctx::from_request_parts(&mut parts, app).await;
        let body = body::read(body, BODY_LIMIT, &app.bodies, ctx.ip).await?;
        Ok(Self(parse(body.bytes())?))
    }
}

impl<T: DeserializeOwned> Takes for Body<T> {
    fn takes(taken: &mut Taken) {
        taken.body = Some(Shape::of::<T>().unwrap_or(Shape::Anything));
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let text = body.trim_ascii();
    let text = if text.is_empty() || text == b"null" { b"{}" } else { text };
    let mut reader = serde_json::Deserializer::from_slice(text);
    let read = serde_path_to_error::deserialize(deserialize(&mut reader));
    let value = read.map_err(|error| misread(&error.path().to_string(), error.inner()))?;
    reader.end().map_err(|error| misread(".", &error))?;
    Ok(value)
}

/// What is wrong, and with which property. The words are those of the reader, which never repeat more than one value.
fn misread(path: &str, error: &serde_json::Error) -> Refusal {
    if !error.is_data() {
        return Refusal::new(What::Unreadable).because("Invalid request payload JSON format");
    }
    let text = error.to_string();
    let why = text.rsplit_once(" at line ").map_or(text.as_str(), |(why, _)| why);
    if let Some(name) = why.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next()) {
        // The way leads to the member itself; what does not allow it is what it stands in.
        let within = path.rsplit_once('.').map_or("", |(within, _)| within);
        return invalid(format_args!("Additional properties not allowed: {name}"), within);
    }
    if let Some(name) = why.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        return invalid(format_args!("Missing required property: {name}"), path);
    }
    let reason = why.replace("invalid type: ", "Expected another type: found ");
    invalid(format_args!("{reason}"), path)
}

/// The refusal of a value, in the dialect's sentence: `Payload validation error: '<reason>' on property <path>.`
#[must_use]
pub(crate) fn invalid(reason: impl std::fmt::Display, path: &str) -> Refusal {
    let place = if path.is_empty() || path == "." { String::new() } else { format!(" on property {path}") };
    Refusal::new(What::Unreadable).because(format!("{BEGINNING} '{reason}'{place}."))
}

/// The refusal of a value of another type.
#[must_use]
pub(crate) fn another_type(path: &str, expected: &str, found: &Value) -> Refusal {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    invalid(format_args!("Expected type {expected} but found type {found}"), path)
}

/// A property that has to be given.
///
/// # Errors
/// It is missing or null.
pub(crate) fn required<T>(value: Option<T>, name: &str) -> Result<T, Refusal> {
    value.ok_or_else(|| invalid(format_args!("Missing required property: {name}"), ""))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        name: Option<String>,
        inner: Option<Vec<Inner>>,
    }

    #[derive(Debug, Deserialize)]
    struct Inner {
        flag: Option<bool>,
    }

    fn refused(body: &str) -> String {
        parse::<Sample>(body.as_bytes()).unwrap_err().detail().unwrap_or_default()
    }

    #[test]
    fn a_refusal_names_the_property() {
        assert_eq!(
            refused(r#"{"nome":1}"#),
            "Payload validation error: 'Additional properties not allowed: nome'."
        );
        assert_eq!(
            refused(r#"{"inner":[{"flag":true},{"flag":"yes"}]}"#),
            "Payload validation error: 'Expected another type: found string \"yes\", expected a boolean' on property inner[1].flag."
        );
        assert!(refused(r#"{"name":"a","name":"b"}"#).contains("duplicate field `name`"));
        for broken in ["{", "{\"name\":}", "{} {}", "\u{1}"] {
            assert_eq!(refused(broken), "Invalid request payload JSON format", "{broken}");
        }
        assert!(refused("[]").starts_with("Payload validation error:"));
    }

    #[test]
    fn nothing_is_an_empty_object() {
        for body in ["", " \n", "null", "{}"] {
            let sample = parse::<Sample>(body.as_bytes()).unwrap();
            assert!(sample.name.is_none() && sample.inner.is_none(), "{body}");
        }
        let sample: Sample = parse(br#"{"inner":[{"flag":true,"more":1}]}"#).unwrap();
        assert_eq!(sample.inner.unwrap().pop().unwrap().flag, Some(true));
    }
}
