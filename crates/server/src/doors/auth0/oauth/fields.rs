//! The parameters of a request, as a form or as JSON: some clients write the one, some the other.

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};
use url::form_urlencoded;
use vestibule_domain::refusal::{Refusal, What};
use vestibule_domain::secret::Secret;

use crate::failure::Failure;
use crate::http::body;
use crate::http::ctx::Ctx;
use crate::http::takes::{Taken, Takes};
use crate::world::App;

/// The most bytes of such a request.
const MOST_BYTES: usize = 32 * 1024;
/// The most parameters.
const MOST: usize = 64;

/// Parameters that there are. One of these that is a list or an object in JSON was meant, and is not passed over: a `scope` that is not
/// read would give more than was asked for.
const KNOWN: [&str; 12] = [
    "audience",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_verifier",
    "grant_type",
    "redirect_uri",
    "refresh_token",
    "scope",
    "token",
];

/// Parameters, each once. What is empty or null is as good as not there (RFC 6749 section 3.2).
pub(super) struct Fields(Vec<(String, Secret)>);

impl Fields {
    /// Takes a parameter that is no secret.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.secret(name).map(|secret| secret.expose().to_owned())
    }

    /// Takes a parameter that may be secret.
    pub(super) fn secret(&mut self, name: &str) -> Option<Secret> {
        let at = self.0.iter().position(|(given, _)| given == name)?;
        Some(self.0.swap_remove(at).1)
    }

    fn add(&mut self, name: String, value: Secret) -> Result<(), Refusal> {
        let refuse = |why: String| Err(Refusal::new(What::Unreadable).because(why));
        if self.0.iter().any(|(given, _)| *given == name) {
            return refuse(format!("{} is given twice.", vestibule_refusal::Excerpt::of(&name)));
        }
        if self.0.len() >= MOST {
            return refuse(format!("There are more than {MOST} parameters."));
        }
        self.0.push((name, value));
        Ok(())
    }

    /// Reads a form. An empty parameter counts as given, so that it cannot hide a second one.
    pub(super) fn of_form(form: &[u8]) -> Result<Self, Refusal> {
        let mut fields = Self(Vec::new());
        for (name, value) in form_urlencoded::parse(form) {
            fields.add(name.into_owned(), Secret::new(value))?;
        }
        Ok(fields.without_empty())
    }

    fn of_json(body: &[u8]) -> Result<Self, Refusal> {
        let refuse = |why: &str| Refusal::new(What::Unreadable).because(why.to_owned());
        let Members(members) =
            serde_json::from_slice(body).map_err(|_| refuse("The body is not a JSON object."))?;
        let mut fields = Self(Vec::new());
        for (name, value) in members {
            let text = match value {
                Value::Null => String::new(),
                Value::String(text) => text,
                Value::Bool(_) | Value::Number(_) => value.to_string(),
                Value::Array(_) | Value::Object(_) if KNOWN.contains(&name.as_str()) => {
                    return Err(refuse(&format!("{name} is not a text.")));
                }
                // What a client keeps for itself in a list or an object is no parameter.
                Value::Array(_) | Value::Object(_) => continue,
            };
            fields.add(name, Secret::new(text))?;
        }
        Ok(fields.without_empty())
    }

    fn without_empty(mut self) -> Self {
        self.0.retain(|(_, value)| !value.is_empty());
        self
    }
}

/// The members of an object, with those that are given twice.
struct Members(Vec<(String, Value)>);

impl<'de> serde::Deserialize<'de> for Members {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

impl FromRequest<Arc<App>> for Fields {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let Ok(ctx) =
            <Ctx as axum::extract::FromRequestParts<Arc<App>>>::from_request_parts(&mut parts, app).await;
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let read = body::read(body, MOST_BYTES, &app.bodies, ctx.ip).await?;
        match kind.as_str() {
            "application/json" => Ok(Self::of_json(read.bytes())?),
            "" | "application/x-www-form-urlencoded" => Ok(Self::of_form(read.bytes())?),
            _ => Err(Refusal::new(What::UnsupportedMediaType)
                .expected("application/x-www-form-urlencoded or application/json")
                .into()),
        }
    }
}

impl Takes for Fields {
    fn takes(taken: &mut Taken) {
        <crate::http::input::Input<Map<String, Value>> as Takes>::takes(taken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_given_once_in_either_form() {
        let mut form = Fields::of_form(b"a=1&b=&c=x%20y").unwrap();
        assert_eq!(
            (form.text("a"), form.text("b"), form.text("c")),
            (Some("1".to_owned()), None, Some("x y".to_owned()))
        );
        assert_eq!(form.text("a"), None);
        for twice in ["a=1&a=1", "a=&a=1", "%61=1&a=2"] {
            assert!(Fields::of_form(twice.as_bytes()).is_err(), "{twice}");
        }
        let mut json = Fields::of_json(br#"{"a":"1","organization":null,"n":7,"l":["x"]}"#).unwrap();
        assert_eq!(
            (json.text("a"), json.text("organization"), json.text("n")),
            (Some("1".to_owned()), None, Some("7".to_owned()))
        );
        assert_eq!(json.text("l"), None);
        for wrong in [
            r#"{"scope":["a"]}"#,
            r#"{"code":{}}"#,
            r#"{"a":"1","a":"2"}"#,
            r#"{"a":null,"a":"2"}"#,
            "[]",
            "null",
            "",
            "a=1",
        ] {
            assert!(Fields::of_json(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn there_is_a_bound() {
        let many: String = (0..65).map(|n| format!("p{n}=1&")).collect();
        assert!(Fields::of_form(many.trim_end_matches('&').as_bytes()).is_err());
    }
}
