//! The roles that signing in through a connection gives.

use serde::{Deserialize, Serialize};

use crate::bounds::Measured;
use crate::identity::Registration;
use crate::patch::Patch;
use crate::rbac::RoleSource;
use crate::refusal::Refusal;

/// Role assignments, as whoever gives them calls them.
const CONNECTION_ROLES: &str = "the role assignments of the connection";
const GROUP_ROLES: &str = "the role assignments of groups";

/// A role for everybody in a group that the identity provider reports.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct GroupRole {
    /// The role.
    pub role_id: String,
    /// The group, as the provider names it.
    pub group: String,
}

impl Measured for GroupRole {
    fn measured(self, field: &str) -> Result<Self, Refusal> {
        Ok(Self { role_id: self.role_id.measured(field)?, group: self.group.measured(field)? })
    }
}

/// Applies a change of the roles for everybody.
///
/// # Errors
/// More than is kept.
pub(super) fn change_for_everybody(
    given: Patch<Vec<String>>,
    roles: &mut Vec<String>,
) -> Result<(), Refusal> {
    given.try_map(|given| given.measured(CONNECTION_ROLES))?.onto(roles);
    Ok(())
}

/// Applies a change of the roles for groups.
///
/// # Errors
/// More than is kept.
pub(super) fn change_for_groups(
    given: Patch<Vec<GroupRole>>,
    roles: &mut Vec<GroupRole>,
) -> Result<(), Refusal> {
    given.try_map(|given| given.measured(GROUP_ROLES))?.onto(roles);
    Ok(())
}

/// The roles that signing in through one connection gives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoleAssignments {
    /// To everybody.
    pub everybody: Vec<String>,
    /// To those in a group.
    pub groups: Vec<GroupRole>,
}

impl RoleAssignments {
    /// Whether it gives nothing to anybody.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.everybody.is_empty() && self.groups.is_empty()
    }

    /// The roles, one as often as it is given.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        let groups = self.groups.iter().map(|assignment| assignment.role_id.as_str());
        self.everybody.iter().map(String::as_str).chain(groups)
    }

    /// What somebody gets who is registered at this connection, by the groups of their latest sign-in.
    #[must_use]
    pub fn granted_to(&self, registration: &Registration) -> Vec<(String, RoleSource)> {
        let connection = registration.connection_id;
        let everybody = self.everybody.iter().map(|role| (role.clone(), RoleSource::Connection(connection)));
        let groups = self
            .groups
            .iter()
            .filter(|assignment| registration.groups.contains(&assignment.group))
            .map(|a| (a.role_id.clone(), RoleSource::ConnectionGroup(connection, a.group.clone())));
        everybody.chain(groups).collect()
    }
}
