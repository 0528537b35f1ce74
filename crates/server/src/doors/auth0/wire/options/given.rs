//! An open object, read member by member: what was taken out of it has been interpreted, what is left is kept as it came.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};
use vestibule_domain::refusal::Refusal;
use vestibule_domain::secret::Secret;
use vestibule_domain::spelled::{Spelled, names};
use vestibule_refusal::Excerpt;

use crate::doors::auth0::wire::body::{self, invalid};

/// The members of `options` as a body has them. A name that comes twice is refused: one of the two would be passed over.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Given(pub Map<String, Value>);

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Given;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Given, A::Error> {
                let mut read = Map::new();
                while let Some((name, value)) = members.next_entry::<String, Value>()? {
                    if read.insert(name.clone(), value).is_some() {
                        let name = Excerpt::of(&name);
                        return Err(serde::de::Error::custom(format_args!("duplicate field `{name}`")));
                    }
                }
                Ok(Given(read))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

impl Given {
    /// Takes a member out, whatever it is. Null is as good as nothing.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    /// Takes a text of at most so many characters.
    ///
    /// # Errors
    /// Something else, or a longer text.
    pub(crate) fn text(&mut self, name: &str, most: usize) -> Result<Option<String>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.chars().count() > most => Err(wrong(
                name,
                format_args!("String is too long ({} chars), maximum {most}", text.chars().count()),
            )),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(another_type(name, "string", &other)),
        }
    }

    /// The same, where an empty text is none.
    ///
    /// # Errors
    /// As [`Given::text`].
    pub(crate) fn some_text(&mut self, name: &str, most: usize) -> Result<Option<String>, Refusal> {
        Ok(self.text(name, most)?.filter(|text| !text.trim().is_empty()))
    }

    /// Takes a secret. It is never repeated.
    ///
    /// # Errors
    /// As [`Given::text`].
    pub(crate) fn secret(&mut self, name: &str, most: usize) -> Result<Option<Secret>, Refusal> {
        Ok(self.text(name, most)?.map(Secret::new))
    }

    /// Takes true or false.
    ///
    /// # Errors
    /// Something else.
    pub(crate) fn flag(&mut self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(other) => Err(another_type(name, "boolean", &other)),
        }
    }

    /// Takes a list of texts.
    ///
    /// # Errors
    /// Something else. How many and how long they may be is the domain's to say.
    pub(crate) fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Array(items)) => {
                let read = items.into_iter().map(|item| match item {
                    Value::String(text) => Ok(text),
                    other => Err(another_type(name, "array of strings", &other)),
                });
                read.collect::<Result<_, _>>().map(Some)
            }
            Some(other) => Err(another_type(name, "array", &other)),
        }
    }

    /// Takes an object.
    ///
    /// # Errors
    /// Something else.
    pub(crate) fn object(&mut self, name: &str) -> Result<Option<Map<String, Value>>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(members)),
            Some(other) => Err(another_type(name, "object", &other)),
        }
    }

    /// Takes one of the names of an enum.
    ///
    /// # Errors
    /// Another text, or no text.
    pub(crate) fn choice<E: Spelled>(&mut self, name: &str) -> Result<Option<E>, Refusal> {
        let Some(text) = self.text(name, 64)? else { return Ok(None) };
        E::named(&text).map(Some).ok_or_else(|| no_choice(name, &text, &names::<E>()))
    }

    /// Refuses what this server does not do, unless it is switched off.
    ///
    /// # Errors
    /// It is asked for.
    pub(crate) fn not_offered(&mut self, name: &str) -> Result<(), Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null | Value::Bool(false)) => Ok(()),
            Some(_) => Err(Refusal::new(vestibule_domain::refusal::What::NotOffered)
                .because(format!("options.{name} is not supported by this server."))),
        }
    }
}

/// The refusal of an option.
#[must_use]
pub(crate) fn wrong(name: &str, reason: impl fmt::Display) -> Refusal {
    invalid(reason, &format!("options.{name}"))
}

/// The refusal of a text that is none of the names there are.
#[must_use]
pub(crate) fn no_choice(name: &str, found: &str, expected: &str) -> Refusal {
    wrong(name, format_args!("No enum match for: {} (one of {expected})", Excerpt::of(found)))
}

/// The refusal of a value of another type.
#[must_use]
pub(crate) fn another_type(name: &str, expected: &str, found: &Value) -> Refusal {
    body::another_type(&format!("options.{name}"), expected, found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vestibule_domain::connection::Channel;

    use super::*;

    fn given(value: Value) -> Given {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn members_are_taken_and_the_rest_is_left() {
        let mut given = given(
            json!({ "a": "x", "b": true, "c": ["y"], "d": {}, "e": null, "type": "back_channel", "z": [1] }),
        );
        assert_eq!(given.text("a", 1).unwrap().as_deref(), Some("x"));
        assert_eq!((given.flag("b").unwrap(), given.flag("e").unwrap()), (Some(true), None));
        assert_eq!(given.texts("c").unwrap(), Some(vec!["y".to_owned()]));
        assert_eq!(given.object("d").unwrap(), Some(Map::new()));
        assert_eq!(given.choice::<Channel>("type").unwrap(), Some(Channel::BackChannel));
        assert_eq!(Value::Object(given.0), json!({ "z": [1] }));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let detail = |refusal: Refusal| refusal.detail().unwrap();
        let mut options =
            given(json!({ "a": 1, "b": "x", "c": "y", "d": [1], "type": "sideways", "long": "xyz" }));
        assert_eq!(
            detail(options.text("a", 9).unwrap_err()),
            "Payload validation error: 'Expected type string but found type number' on property options.a."
        );
        assert!(options.flag("b").is_err() && options.texts("c").is_err() && options.texts("d").is_err());
        assert!(detail(options.choice::<Channel>("type").unwrap_err()).contains("sideways"));
        assert!(detail(options.text("long", 2).unwrap_err()).contains("maximum 2"));
        assert!(serde_json::from_str::<Given>(r#"{"a":1,"a":2}"#).is_err());
        assert!(serde_json::from_str::<Given>("[]").is_err());
    }
}
