//! Attribute mapping: which of an identity provider's attributes means what here (contract 9.3).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::refusal::{Field, Refusal, What};

pub mod saml;
mod saml_defaults;

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
