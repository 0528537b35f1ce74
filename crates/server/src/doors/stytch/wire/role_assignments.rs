//! Role assignments of connections, as bodies give and objects show them.

use serde::{Deserialize, Serialize};
use vestibule_domain::connection::GroupRole;
use vestibule_domain::patch::Patch;
use vestibule_domain::refusal::Refusal;

use super::settings::{Kind, Plain};

/// A role for everybody.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct RoleAssignment {
    role_id: String,
}

/// Roles for everybody as they are shown.
pub(super) fn shown(roles: &[String]) -> Vec<RoleAssignment> {
    roles.iter().map(|role| RoleAssignment { role_id: role.clone() }).collect()
}

/// Roles for everybody.
pub(super) enum ConnectionRoles {}

impl Kind for ConnectionRoles {
    type In = Vec<RoleAssignment>;
    type Value = Vec<String>;
    type Out = Vec<RoleAssignment>;

    fn read(_: &str, given: Patch<Vec<RoleAssignment>>) -> Result<Patch<Vec<String>>, Refusal> {
        Ok(given.map(|list| list.into_iter().map(|one| one.role_id).collect()))
    }
}

/// Roles for those in groups.
pub(super) type GroupRoles = Plain<Vec<GroupRole>>;
