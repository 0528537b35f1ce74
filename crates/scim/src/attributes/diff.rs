//! What is different between two states of a user.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::Attributes;
use crate::schema::ENTERPRISE_USER;

/// One attribute that changed, or one part of an attribute that has one value.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Its path, such as `name.givenName`.
    pub path: String,
    /// The value before.
    pub before: Option<Value>,
    /// The value now.
    pub after: Option<Value>,
}

impl Attributes {
    /// What changed from these to those, in the order of the names.
    #[must_use]
    pub fn changes_to(&self, after: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        compare("", &self.0, &after.0, &mut changes);
        changes
    }
}

fn compare(prefix: &str, before: &Map<String, Value>, after: &Map<String, Value>, changes: &mut Vec<Change>) {
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    for name in names {
        let (old, new) = (before.get(name), after.get(name));
        if old == new {
            continue;
        }
        let path = format!("{prefix}{name}");
        match (parts(old), parts(new)) {
            (Some(old), Some(new)) => {
                let joint = if name == ENTERPRISE_USER.id { ":" } else { "." };
                compare(&format!("{path}{joint}"), &old, &new, changes);
            }
            _ => changes.push(Change { path, before: old.cloned(), after: new.cloned() }),
        }
    }
}

/// The parts of an object, none of what is not there.
fn parts(value: Option<&Value>) -> Option<Map<String, Value>> {
    match value {
        Some(Value::Object(parts)) => Some(parts.clone()),
        None => Some(Map::new()),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(value: &Value) -> Attributes {
        Attributes(value.as_object().unwrap().clone())
    }

    #[test]
    fn changes_are_told_by_path() {
        let urn = ENTERPRISE_USER.id;
        let before = of(
            &json!({ "userName": "a", "name": { "givenName": "A" }, "title": "x", "emails": [{ "value": "a" }] }),
        );
        let after = of(&json!({
            "userName": "a", "name": { "givenName": "B", "familyName": "C" }, "emails": [{ "value": "b" }],
            urn: { "department": "R" },
        }));
        let told = before.changes_to(&after);
        let paths: Vec<_> = told.iter().map(|change| change.path.as_str()).collect();
        let department = format!("{urn}:department");
        assert_eq!(paths, ["emails", "name.familyName", "name.givenName", "title", &department]);
        assert_eq!(told[2].before, Some(json!("A")));
        assert_eq!(told[3].after, None);
        assert_eq!(after.changes_to(&after), []);
    }
}
