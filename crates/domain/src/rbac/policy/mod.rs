//! Policies: which roles, resources and scopes a project has, the built-in ones and those that its operator adds.

mod check;
mod diff;

use serde::{Deserialize, Serialize};

pub use check::organization_roles;
pub use diff::{PartChange, PolicyPart, policy_changes};

use super::builtin_policy;
use crate::organization::Organization;

/// What the ids of built-in roles and resources begin with. Nobody else's begin so, in whatever case.
pub const RESERVED: &str = "stytch";
/// The action that means every action of a resource.
pub const ANY_ACTION: &str = "*";

/// Whether an id is kept for what is built in.
#[must_use]
pub fn is_reserved(id: &str) -> bool {
    id.get(..RESERVED.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(RESERVED))
}

/// What a role or a scope may do with one resource. `*` among the actions means all of them.
/// Without actions a stored one allows nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// The resource.
    pub resource_id: String,
    /// The actions.
    #[serde(default)]
    pub actions: Vec<String>,
}

/// A named set of permissions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// The id.
    pub role_id: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// What it may do.
    #[serde(default)]
    pub permissions: Vec<Permission>,
}

/// Something that actions are taken on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// The id.
    pub resource_id: String,
    /// What it is.
    #[serde(default)]
    pub description: String,
    /// All its actions.
    #[serde(default)]
    pub actions: Vec<String>,
}

/// What an application may be given of what its user may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The id.
    pub scope: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// What it may do.
    #[serde(default)]
    pub permissions: Vec<Permission>,
}

/// A project's roles, resources and scopes, the built-in ones among them: what is in force.
///
/// As JSON it is what a file of one holds, in the shape in which API users read it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// The roles.
    pub roles: Vec<Role>,
    /// The resources.
    pub resources: Vec<Resource>,
    /// The scopes.
    pub scopes: Vec<Scope>,
}

/// What an operator adds to what is built in: roles, resources and scopes of the project's own, and under the id of a
/// built-in role what that role may do with them. Adding takes nothing away.
///
/// Stored as a document. One of an earlier version may repeat what is built in: that is passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Additions {
    /// The roles.
    pub roles: Vec<Role>,
    /// The resources.
    pub resources: Vec<Resource>,
    /// The scopes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<Scope>,
}

impl Policy {
    /// The policy that is in force when an operator has added something.
    #[must_use]
    pub fn of(additions: &Additions) -> Self {
        let mut policy = builtin_policy();
        for role in &additions.roles {
            if !is_reserved(&role.role_id) {
                policy.roles.push(role.clone());
                continue;
            }
            let added = role.permissions.iter().filter(|permission| !is_reserved(&permission.resource_id));
            if let Some(built_in) = policy.roles.iter_mut().find(|built_in| built_in.role_id == role.role_id)
            {
                built_in.permissions.extend(added.cloned());
            }
        }
        let own = |resource: &&Resource| !is_reserved(&resource.resource_id);
        policy.resources.extend(additions.resources.iter().filter(own).cloned());
        policy.scopes.clone_from(&additions.scopes);
        policy
    }

    /// The project's role with this id.
    #[must_use]
    pub fn role(&self, role_id: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.role_id == role_id)
    }

    /// The resource with this id.
    #[must_use]
    pub fn resource(&self, resource_id: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.resource_id == resource_id)
    }

    /// Whether the project has a role.
    #[must_use]
    pub fn has_role(&self, role_id: &str) -> bool {
        self.role(role_id).is_some()
    }

    /// Whether a role exists in an organization: the project has it, or the organization itself.
    #[must_use]
    pub fn has_role_in(&self, organization: &Organization, role_id: &str) -> bool {
        self.has_role(role_id) || organization.custom_roles.iter().any(|role| role.role_id == role_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rbac::{ADMIN_ROLE, MEMBER_ROLE};

    fn permission(resource: &str, action: &str) -> Permission {
        Permission { resource_id: resource.to_owned(), actions: vec![action.to_owned()] }
    }

    fn role(id: &str, permissions: Vec<Permission>) -> Role {
        Role { role_id: id.to_owned(), description: String::new(), permissions }
    }

    #[test]
    fn what_is_added_takes_nothing_away() {
        assert_eq!(Policy::of(&Additions::default()), builtin_policy());
        let additions = Additions {
            roles: vec![
                role(MEMBER_ROLE, vec![permission("documents", "read")]),
                role("editor", vec![permission("documents", "*")]),
            ],
            resources: vec![Resource {
                resource_id: "documents".to_owned(),
                description: String::new(),
                actions: vec!["read".to_owned()],
            }],
            scopes: Vec::new(),
        };
        let policy = Policy::of(&additions);
        let ids: Vec<_> = policy.roles.iter().map(|role| role.role_id.as_str()).collect();
        assert_eq!(ids, [MEMBER_ROLE, ADMIN_ROLE, "editor"]);
        let member = policy.role(MEMBER_ROLE).unwrap();
        assert_eq!(member.permissions, [permission("stytch.self", "*"), permission("documents", "read")]);
        assert!(policy.resource("documents").is_some() && policy.resource("stytch.sso").is_some());
    }

    /// A document may repeat what was built in when it was kept, or say other things of it.
    #[test]
    fn what_is_built_in_is_never_what_a_document_says() {
        let additions = Additions {
            roles: vec![
                role(MEMBER_ROLE, vec![permission("stytch.organization", "*")]),
                role("stytch_other", vec![permission("stytch.organization", "*")]),
            ],
            resources: vec![Resource {
                resource_id: "stytch.self".to_owned(),
                description: String::new(),
                actions: vec!["other".to_owned()],
            }],
            scopes: Vec::new(),
        };
        assert_eq!(Policy::of(&additions), builtin_policy());
    }

    #[test]
    fn reserved_in_whatever_case() {
        for id in ["stytch", "stytch_admin", "Stytch.self", "STYTCHED"] {
            assert!(is_reserved(id), "{id}");
        }
        for id in ["", "stytc", "my_stytch", "documents", "stytçh"] {
            assert!(!is_reserved(id), "{id}");
        }
    }
}
