//! Role-based access control: the policy is data, the decision is one pure function.

mod action;
mod actor;
pub mod asks;
mod builtin;
mod decide;
mod fields;
mod grant;
mod grants;

use serde::{Deserialize, Serialize};

pub use action::{Action, ResourceKind};
pub use actor::Actor;
pub use builtin::{ADMIN_ROLE, MEMBER_ROLE, builtin_policy};
pub use decide::{Verdict, decide};
pub use fields::{AskOfMember, Given, Need};
pub use grant::{Ask, Authority, Entry, Grant, ProjectGrant};
pub use grants::{RoleGrant, RoleSource, role_grants, session_roles};

/// What a role may do with one resource. `*` among the actions means all of them.
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

/// A project's roles and resources, the built-in ones among them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// The roles.
    pub roles: Vec<Role>,
    /// The resources.
    pub resources: Vec<Resource>,
}

impl Policy {
    /// Whether the project knows a role.
    #[must_use]
    pub fn has_role(&self, role_id: &str) -> bool {
        self.roles.iter().any(|role| role.role_id == role_id)
    }
}
