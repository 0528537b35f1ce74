//! Which attributes of a SAML assertion make which attributes of a profile.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use vestibule_refusal::Excerpt;

use super::attribute_map::{Mapped, is_restricted};
use super::saml::SamlClaims;
use crate::refusal::{Field, Refusal, What};

/// The most attributes of a profile, the most names of each, and the most bytes of a name.
const MOST: usize = 44;
const MOST_NAMES: usize = 4;
const MOST_NAME_BYTES: usize = 256;
/// What the house calls it, and what a profile does.
const NAMES: [(&str, &str); 5] = [
    ("email", "email"),
    ("full_name", "name"),
    ("first_name", "given_name"),
    ("last_name", "family_name"),
    ("groups", "groups"),
];

/// The names by which a provider sends what profiles are made of, tried before the usual ones. Missing in a stored document is
/// what is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProfileFields {
    /// For each attribute of a profile the provider's names: the first that the assertion has counts.
    pub fields: BTreeMap<String, Vec<String>>,
    /// The attributes that name the person, tried before the subject's own name.
    pub subject: Vec<String>,
}

impl ProfileFields {
    /// Checks fields that somebody wants to set.
    ///
    /// # Errors
    /// [`Field::AttributeMap`] with what was found.
    pub fn checked(self) -> Result<Self, Refusal> {
        let refuse = |found: String, expected: String| {
            Err(Refusal::new(What::Invalid(Field::AttributeMap)).found(found).expected(expected))
        };
        if self.fields.len() > MOST {
            return refuse(format!("{} attributes", self.fields.len()), format!("at most {MOST}"));
        }
        let names = self.fields.iter().flat_map(|(ours, theirs)| std::iter::once(ours).chain(theirs));
        let fits = |name: &&String| {
            !name.is_empty() && name.len() <= MOST_NAME_BYTES && !name.chars().any(char::is_control)
        };
        if let Some(name) = names.chain(&self.subject).find(|name| !fits(name)) {
            return refuse(
                format!("the name {:?}", Excerpt::of(name).as_str()),
                format!("1 to {MOST_NAME_BYTES} bytes"),
            );
        }
        let longest = self.fields.values().chain([&self.subject]).map(Vec::len).max();
        match longest.filter(|count| *count > MOST_NAMES) {
            Some(count) => refuse(format!("{count} names of one attribute"), format!("at most {MOST_NAMES}")),
            None => Ok(self),
        }
    }

    /// The provider's names for what the house calls so.
    pub(super) fn names(&self, ours: &str) -> Vec<&str> {
        if ours == "idp_user_id" {
            return self.subject.iter().map(String::as_str).collect();
        }
        let name = NAMES.iter().find(|(house, _)| *house == ours).map(|(_, profile)| *profile);
        let theirs = name.and_then(|name| self.fields.get(name));
        theirs.into_iter().flatten().map(String::as_str).collect()
    }

    /// The attributes of a profile: those of the assertion under their own names, and those that are made of them. `known` finds
    /// what the usual names say; `passing` are the names of those that are never kept.
    #[must_use]
    pub fn mapped(
        &self,
        claims: &SamlClaims<'_>,
        known: &[(&str, Option<Value>)],
        passing: &[String],
    ) -> Mapped {
        let own = claims.attributes.iter().map(|attribute| (attribute.name, shown(&attribute.values)));
        let known = known.iter().filter_map(|(name, value)| Some((*name, value.clone()?)));
        let made = self.fields.iter().filter_map(|(ours, theirs)| {
            let values = theirs.iter().find_map(|name| claims.values(name))?;
            Some((ours.as_str(), shown(&values)))
        });
        let mut mapped = Mapped::default();
        for (name, value) in own.chain(known).chain(made).filter(|(name, _)| !is_restricted(name)) {
            let is_passing = passing.iter().any(|passes| passes == name);
            let attributes: &mut Map<String, Value> =
                if is_passing { &mut mapped.passing } else { &mut mapped.kept };
            attributes.insert(name.to_owned(), value);
        }
        mapped
    }
}

/// One value as a text, several as a list.
fn shown(values: &[&str]) -> Value {
    match values {
        [one] => Value::from(*one),
        several => Value::from(several.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::saml::{SamlAttribute, SamlMapping};
    use super::*;
    use crate::connection::ProviderLabel;

    fn attribute<'a>(name: &'a str, values: &[&'a str]) -> SamlAttribute<'a> {
        SamlAttribute { name, friendly_name: None, values: values.to_vec() }
    }

    fn fields(given: Value) -> ProfileFields {
        serde_json::from_value(given).unwrap()
    }

    #[test]
    fn the_first_name_that_is_there_counts_and_the_usual_ones_after_those() {
        let attributes = [
            attribute("urn:mail", &["ada@acme.test"]),
            attribute("firstName", &["Ada"]),
            attribute("department", &["math"]),
            attribute("groups", &["a", "b"]),
            attribute("staff", &["7"]),
            attribute("user_id", &["oidc|other|1"]),
        ];
        let claims = SamlClaims { name_id: None, attributes: &attributes };
        let fields = fields(json!({ "fields": { "email": ["ghost", "urn:mail"], "team": ["department"] },
            "subject": ["staff"] }));
        let mapping = SamlMapping::new(None, ProviderLabel::Generic).with_fields(Some(&fields));
        let person = mapping.evaluate(&claims).unwrap();
        assert_eq!((person.email.as_str(), person.subject.as_str()), ("ada@acme.test", "7"));
        assert_eq!(person.groups, ["a", "b"]);
        let known =
            [("email", Some(json!("ada@acme.test"))), ("given_name", Some(json!("Ada"))), ("name", None)];
        let mapped = fields.mapped(&claims, &known, &["staff".to_owned()]);
        assert_eq!(
            Value::Object(mapped.kept),
            json!({ "email": "ada@acme.test", "given_name": "Ada", "team": "math", "urn:mail": "ada@acme.test",
                "firstName": "Ada", "department": "math", "groups": ["a", "b"] })
        );
        assert_eq!(Value::Object(mapped.passing), json!({ "staff": "7" }));
    }

    #[test]
    fn bounds_are_told() {
        let many: BTreeMap<String, [&str; 1]> = (0..45).map(|n| (n.to_string(), ["x"])).collect();
        for bad in [
            json!({ "fields": many }),
            json!({ "fields": { "a": ["1", "2", "3", "4", "5"] } }),
            json!({ "fields": { "": ["x"] } }),
            json!({ "subject": [""] }),
        ] {
            assert_eq!(fields(bad).checked().unwrap_err().what, What::Invalid(Field::AttributeMap));
        }
    }
}
