//! Borrowed connections on the wire.

use serde::{Deserialize, Serialize};
use vestibule_domain::connection::{
    CommonPatch, Connection, ConnectionStatus, ExternalPatch, ExternalSettings, GroupRole,
};
use vestibule_domain::patch::Patch;
use vestibule_domain::refusal::Refusal;

use super::role_assignments::{ConnectionRoles, GroupRoles, RoleAssignment, shown};
use super::settings::{Flag, Kind, Text, settings};

settings! {
    /// The update body. `speaks_for_claimed_domains` is our own extension.
    in ExternalConnectionIn => ExternalPatch;
    /// The settings of a borrowed connection.
    out ExternalConnectionSettings of connection: Connection, settings: ExternalSettings;

    shown from connection => {
        display_name: Text,
    }
    shown from settings => {
        connection_roles as "external_connection_implicit_role_assignments": ConnectionRoles
            = shown(&settings.connection_roles),
        group_roles as "external_group_implicit_role_assignments": GroupRoles,
        speaks_for_claimed_domains: Flag,
    }
    later { common, }
}

/// What a borrowed connection is made of.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ExternalCreateIn {
    pub external_organization_id: Option<String>,
    pub external_connection_id: Option<String>,
    pub display_name: Option<String>,
    connection_implicit_role_assignments: Patch<Vec<RoleAssignment>>,
    group_implicit_role_assignments: Patch<Vec<GroupRole>>,
    speaks_for_claimed_domains: Patch<bool>,
}

impl ExternalCreateIn {
    /// What is set from the beginning.
    ///
    /// # Errors
    /// A value that its setting cannot have.
    pub(crate) fn patch(self) -> Result<ExternalPatch, Refusal> {
        Ok(ExternalPatch {
            display_name: Patch::Keep,
            connection_roles: ConnectionRoles::read("", self.connection_implicit_role_assignments)?,
            group_roles: self.group_implicit_role_assignments,
            speaks_for_claimed_domains: self.speaks_for_claimed_domains,
            common: CommonPatch::default(),
        })
    }
}

/// A borrowed connection. Its status says nothing of the connection that it borrows: the contract knows no other than active.
#[derive(Debug, Serialize)]
pub(crate) struct ExternalConnectionOut {
    organization_id: String,
    connection_id: String,
    external_organization_id: String,
    external_connection_id: String,
    status: ConnectionStatus,
    #[serde(flatten)]
    settings: ExternalConnectionSettings,
}

/// A borrowed connection as the contract shows it.
#[must_use]
pub(crate) fn external(connection: &Connection, settings: &ExternalSettings) -> ExternalConnectionOut {
    ExternalConnectionOut {
        organization_id: connection.organization_id.to_string(),
        connection_id: connection.id.to_string(),
        external_organization_id: settings.lender_id.to_string(),
        external_connection_id: settings.lent_id.to_string(),
        status: connection.status(),
        settings: ExternalConnectionSettings::of(connection, settings),
    }
}

/// All borrowed connections of a list.
#[must_use]
pub(crate) fn external_connections(connections: &[Connection]) -> Vec<ExternalConnectionOut> {
    connections.iter().filter_map(|connection| Some(external(connection, connection.borrowed()?))).collect()
}
