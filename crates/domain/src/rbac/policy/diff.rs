//! What is different between two policies, for people before they change one and for the audit trail after.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::{Permission, Policy, Resource, Role, Scope};
use crate::bounds::kept_in_events;
use crate::event::Change;

/// What a policy is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyPart {
    /// A resource with its actions.
    Resource,
    /// A role with its permissions.
    Role,
    /// A scope with its permissions.
    Scope,
}

impl PolicyPart {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resource => "resource",
            Self::Role => "role",
            Self::Scope => "scope",
        }
    }
}

/// One thing that is other than before.
#[derive(Clone, Debug, PartialEq)]
pub struct PartChange {
    /// What it is.
    pub part: PolicyPart,
    /// Its id.
    pub id: String,
    /// How it was; `None` when it comes.
    pub before: Option<Value>,
    /// How it is; `None` when it goes.
    pub after: Option<Value>,
    /// What it has gained: actions of a resource, `resource: action` of a role or scope.
    pub gained: Vec<String>,
    /// What it has lost.
    pub lost: Vec<String>,
}

impl PartChange {
    /// Whether it comes, goes or changes: `add`, `remove`, `change`.
    #[must_use]
    pub const fn how(&self) -> &'static str {
        match (&self.before, &self.after) {
            (None, _) => "add",
            (_, None) => "remove",
            _ => "change",
        }
    }

    /// The same as the audit trail keeps it.
    #[must_use]
    pub fn event(&self) -> Change {
        let kept = |value: &Option<Value>| value.clone().map_or(Value::Null, kept_in_events);
        Change {
            field: format!("{} {}", self.part.as_str(), self.id),
            before: kept(&self.before),
            after: kept(&self.after),
        }
    }
}

/// A line for people: `~ role editor: +documents: write, -documents: read`.
impl fmt::Display for PartChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mark, is_change) = match self.how() {
            "add" => ('+', false),
            "remove" => ('-', false),
            _ => ('~', true),
        };
        let sign = |sign: &str, names: &[String]| -> Vec<String> {
            names.iter().map(|name| if is_change { format!("{sign}{name}") } else { name.clone() }).collect()
        };
        let mut what = [sign("+", &self.gained), sign("-", &self.lost)].concat();
        if is_change && self.has_other_words() {
            what.push("description".to_owned());
        }
        write!(f, "{mark} {} {}", self.part.as_str(), self.id)?;
        if what.is_empty() { Ok(()) } else { write!(f, ": {}", what.join(", ")) }
    }
}

impl PartChange {
    fn has_other_words(&self) -> bool {
        let words =
            |value: &Option<Value>| value.as_ref().and_then(|value| value.get("description").cloned());
        words(&self.before) != words(&self.after)
    }
}

/// What is different between two policies: resources, roles and scopes, those that go first.
#[must_use]
pub fn policy_changes(before: &Policy, after: &Policy) -> Vec<PartChange> {
    [
        changes(&before.resources, &after.resources),
        changes(&before.roles, &after.roles),
        changes(&before.scopes, &after.scopes),
    ]
    .concat()
}

/// A part of a policy.
trait Part: Serialize + PartialEq {
    const KIND: PolicyPart;
    fn id(&self) -> &str;
    /// What it has, by name.
    fn has(&self) -> Vec<String>;
}

impl Part for Resource {
    const KIND: PolicyPart = PolicyPart::Resource;
    fn id(&self) -> &str {
        &self.resource_id
    }
    fn has(&self) -> Vec<String> {
        self.actions.clone()
    }
}

impl Part for Role {
    const KIND: PolicyPart = PolicyPart::Role;
    fn id(&self) -> &str {
        &self.role_id
    }
    fn has(&self) -> Vec<String> {
        allowed(&self.permissions)
    }
}

impl Part for Scope {
    const KIND: PolicyPart = PolicyPart::Scope;
    fn id(&self) -> &str {
        &self.scope
    }
    fn has(&self) -> Vec<String> {
        allowed(&self.permissions)
    }
}

fn allowed(permissions: &[Permission]) -> Vec<String> {
    let each = permissions.iter().flat_map(|permission| {
        permission.actions.iter().map(|action| format!("{}: {action}", permission.resource_id))
    });
    each.collect()
}

fn changes<P: Part>(before: &[P], after: &[P]) -> Vec<PartChange> {
    let gone = before.iter().filter(|was| !after.iter().any(|is| is.id() == was.id()));
    let gone = gone.map(|was| change(Some(was), None));
    let here = after.iter().filter_map(|is| {
        let was = before.iter().find(|was| was.id() == is.id());
        (was != Some(is)).then(|| change(was, Some(is)))
    });
    gone.chain(here).collect()
}

fn change<P: Part>(before: Option<&P>, after: Option<&P>) -> PartChange {
    let has = |part: Option<&P>| part.map(Part::has).unwrap_or_default();
    let (had, has) = (has(before), has(after));
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|name| !those.contains(name)).cloned().collect()
    };
    let shown = |part: Option<&P>| part.and_then(|part| serde_json::to_value(part).ok());
    PartChange {
        part: P::KIND,
        id: after.or(before).map(|part| part.id().to_owned()).unwrap_or_default(),
        before: shown(before),
        after: shown(after),
        gained: if before.is_none() { has.clone() } else { only(&has, &had) },
        lost: if after.is_none() { had } else { only(&had, &has) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rbac::{Additions, MEMBER_ROLE, builtin_policy};

    fn role(id: &str, actions: &[&str]) -> Role {
        let actions = actions.iter().map(ToString::to_string).collect();
        let permissions = vec![Permission { resource_id: "documents".to_owned(), actions }];
        Role { role_id: id.to_owned(), description: String::new(), permissions }
    }

    fn policy(actions: &[&str], roles: Vec<Role>) -> Policy {
        let actions = actions.iter().map(ToString::to_string).collect();
        let documents = Resource { resource_id: "documents".to_owned(), description: String::new(), actions };
        Policy::of(&Additions { roles, resources: vec![documents], scopes: Vec::new() })
    }

    fn lines(before: &Policy, after: &Policy) -> Vec<String> {
        policy_changes(before, after).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_diff_says_what_comes_goes_and_changes() {
        let one = policy(&["read"], vec![role("reader", &["read"]), role("other", &["*"])]);
        assert_eq!(
            lines(&builtin_policy(), &one),
            ["+ resource documents: read", "+ role reader: documents: read", "+ role other: documents: *"]
        );
        let mut reader = role("reader", &["write"]);
        reader.description = "Not only reads".to_owned();
        let two = policy(&["read", "write"], vec![reader, role(MEMBER_ROLE, &["read"])]);
        let expected = [
            "~ resource documents: +write",
            "- role other: documents: *",
            "~ role stytch_member: +documents: read",
            "~ role reader: +documents: write, -documents: read, description",
        ];
        assert_eq!(lines(&one, &two), expected);
        assert_eq!(lines(&two, &two), [] as [&str; 0]);
    }

    #[test]
    fn the_audit_trail_keeps_both_sides_in_measure() {
        let mut long = role("reader", &["read"]);
        long.description = "x".repeat(3000);
        let change = policy_changes(&policy(&["read"], Vec::new()), &policy(&["read"], vec![long])).remove(0);
        let event = change.event();
        assert_eq!((event.field.as_str(), &event.before), ("role reader", &Value::Null));
        assert!(event.after.as_str().unwrap().ends_with(" bytes]"), "{:?}", event.after);
    }
}
