//! Attribute mapping: which of an identity provider's attributes means what here.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use vestibule_refusal::Excerpt;

use crate::refusal::{Field, Refusal, Via, What};

pub mod attribute_map;
pub mod profile_fields;
pub mod saml;
mod saml_defaults;
pub mod template;

/// From our name (`email`, `full_name`, …) to the provider's.
pub type AttributeMapping = BTreeMap<String, String>;

/// Names with a meaning of their own; every other key is copied into the member's trusted metadata.
pub(crate) const KNOWN: [&str; 6] =
    ["email", "full_name", "first_name", "last_name", "groups", "idp_user_id"];

/// Checks a mapping that somebody wants to set.
///
/// # Errors
/// More than 100 entries, or an empty or over-long name.
pub fn checked_mapping(mapping: AttributeMapping) -> Result<AttributeMapping, Refusal> {
    let fits = |text: &str| !text.is_empty() && text.len() <= 256 && !text.chars().any(char::is_control);
    if mapping.len() > 100 || !mapping.iter().all(|(ours, theirs)| fits(ours) && fits(theirs)) {
        return Err(What::Invalid(Field::AttributeMapping).into());
    }
    Ok(mapping)
}

/// The claim that means `ours`: the mapped one, or `default` where nothing is mapped.
#[must_use]
pub fn claim<'a>(mapping: &'a AttributeMapping, ours: &str, default: &'a str) -> &'a str {
    mapping.get(ours).map_or(default, String::as_str)
}

/// The subject by a mapped claim: a text, or a number by its digits. It is compared for ever after, so nothing is made of
/// a value that is not plainly one.
///
/// # Errors
/// [`What::NoSubject`] naming the claim, and what kind of value was found.
pub fn subject(claims: &Map<String, Value>, name: &str) -> Result<String, Refusal> {
    let found = match claims.get(name) {
        None | Some(Value::Null) => "nothing".to_owned(),
        Some(Value::String(text)) if text.trim().is_empty() => "an empty text".to_owned(),
        Some(Value::String(text)) if text.len() > 255 => "a text of more than 255 bytes".to_owned(),
        Some(Value::String(text)) if text.chars().any(char::is_control) => {
            "a text with control characters".to_owned()
        }
        Some(Value::String(text)) => return Ok(text.clone()),
        Some(Value::Number(number)) if number.is_i64() || number.is_u64() => return Ok(number.to_string()),
        Some(Value::Number(_)) => "a number that is not whole".to_owned(),
        Some(Value::Bool(_)) => "a yes or no".to_owned(),
        Some(Value::Array(_)) => "a list".to_owned(),
        Some(Value::Object(_)) => "an object".to_owned(),
    };
    Err(Refusal::new(What::NoSubject(Via::Oidc))
        .found(format!("{found} in the claim {:?}", Excerpt::of(name).as_str()))
        .expected("a text or a whole number that never changes")
        .because("attribute_mapping takes idp_user_id from there: let the identity provider send it, or map another claim."))
}

/// The display name: the full name if there is one, else first and last name together.
#[must_use]
pub fn full_name(mapping: &AttributeMapping, claims: &Map<String, Value>) -> String {
    let text = |ours, default| {
        claims.get(claim(mapping, ours, default)).and_then(Value::as_str).unwrap_or("").trim()
    };
    let full = text("full_name", "name");
    let name = if full.is_empty() {
        format!("{} {}", text("first_name", "given_name"), text("last_name", "family_name")).trim().to_owned()
    } else {
        full.to_owned()
    };
    name.chars().filter(|c| !c.is_control()).take(256).collect()
}

/// Mapped attributes without a meaning of their own: they go to the member's trusted metadata. Missing
/// ones delete nothing.
#[must_use]
pub fn extra_attributes(mapping: &AttributeMapping, claims: &Map<String, Value>) -> BTreeMap<String, Value> {
    mapping
        .iter()
        .filter(|(ours, _)| !KNOWN.contains(&ours.as_str()))
        .filter_map(|(ours, theirs)| Some((ours.clone(), claims.get(theirs)?.clone())))
        .filter(|(_, value)| !value.is_null())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_mapped_subject_is_a_text_or_a_whole_number() {
        let claims = json!({
            "text": "u1", "number": 42, "big": 18_446_744_073_709_551_615_u64, "blank": " ", "half": 1.5,
            "list": ["u1"], "yes": true, "null": null,
        });
        let claims = claims.as_object().cloned().unwrap_or_default();
        for (name, subject_found) in [("text", "u1"), ("number", "42"), ("big", "18446744073709551615")] {
            assert_eq!(subject(&claims, name).unwrap(), subject_found);
        }
        for (name, kind) in [
            ("blank", "an empty text"),
            ("half", "not whole"),
            ("list", "a list"),
            ("yes", "a yes or no"),
            ("null", "nothing"),
            ("ghost", "nothing"),
        ] {
            let detail = subject(&claims, name).unwrap_err().detail().unwrap();
            assert!(detail.contains(kind) && detail.contains(name), "{detail}");
        }
    }

    #[test]
    fn names_and_extras() {
        let claims = json!({"given_name": "Ada", "family_name": "Lovelace", "dept": "math", "none": null});
        let claims = claims.as_object().cloned().unwrap_or_default();
        let mapping = AttributeMapping::from([
            ("department".to_owned(), "dept".to_owned()),
            ("ghost".to_owned(), "none".to_owned()),
            ("email".to_owned(), "mail".to_owned()),
        ]);
        assert_eq!(full_name(&mapping, &claims), "Ada Lovelace");
        assert_eq!(
            extra_attributes(&mapping, &claims),
            BTreeMap::from([("department".to_owned(), json!("math"))])
        );
        assert_eq!(claim(&mapping, "email", "email"), "mail");
    }
}
