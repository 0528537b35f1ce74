//! Through which connections people sign in to an application.

use vestibule_domain::Tenant;
use vestibule_domain::application::ClientId;
use vestibule_domain::id::{ApplicationId, ConnectionId, ProjectId};

use super::row::parsed;
use super::search::Conditions;
use crate::error::StoreError;
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

const TABLE: &str = "application_connections";

/// The most pairs that one list gives.
const MOST: i64 = 10_000;

const ENABLE: &str = "INSERT INTO application_connections (project_id, application_id, connection_id)
     VALUES (?1, ?2, ?3) ON CONFLICT (project_id, connection_id, application_id) DO NOTHING";
const DISABLE: &str = "DELETE FROM application_connections
     WHERE project_id = ?1 AND application_id = ?2 AND connection_id = ?3";
const FORGET_APPLICATION: &str =
    "DELETE FROM application_connections WHERE project_id = ?1 AND application_id = ?2";
const FORGET_CONNECTION: &str =
    "DELETE FROM application_connections WHERE project_id = ?1 AND connection_id = ?2";
const FORGET_ORGANIZATION: &str =
    "DELETE FROM application_connections WHERE project_id = ?1 AND connection_id IN
     (SELECT id FROM connections WHERE project_id = ?1 AND organization_id = ?2)";
const OF_APPLICATION: &str = "SELECT connection_id FROM application_connections
     WHERE project_id = ?1 AND application_id = ?2 AND connection_id > ?3 ORDER BY connection_id LIMIT ?4";
const OF_CONNECTION: &str = "SELECT a.client_id FROM application_connections c
     JOIN applications a ON a.project_id = c.project_id AND a.id = c.application_id
     WHERE c.project_id = ?1 AND c.connection_id = ?2 AND a.client_id > ?3 ORDER BY a.client_id LIMIT ?4";
const IS_ENABLED: &str = "SELECT connection_id FROM application_connections
     WHERE project_id = ?1 AND application_id = ?2 AND connection_id = ?3";

pub(crate) const ALL: &[&str] = &[
    ENABLE,
    DISABLE,
    FORGET_APPLICATION,
    FORGET_CONNECTION,
    FORGET_ORGANIZATION,
    OF_APPLICATION,
    OF_CONNECTION,
    IS_ENABLED,
];

/// People may sign in to the application through the connection.
#[must_use]
pub fn enable(project: ProjectId, application: ApplicationId, connection: ConnectionId) -> Write {
    Write::any(ENABLE, pair(project, application, connection))
}

/// People may not sign in to the application through the connection.
#[must_use]
pub fn disable(project: ProjectId, application: ApplicationId, connection: ConnectionId) -> Write {
    Write::any(DISABLE, pair(project, application, connection))
}

/// An application is removed.
#[must_use]
pub fn forget_application(project: ProjectId, application: ApplicationId) -> Write {
    Write::any(FORGET_APPLICATION, params![Param::display(project), Param::display(application)])
}

/// A connection is removed, or is to be enabled for others than before.
#[must_use]
pub fn forget_connection(project: ProjectId, connection: ConnectionId) -> Write {
    Write::any(FORGET_CONNECTION, params![Param::display(project), Param::display(connection)])
}

/// The connections of an organization are removed.
#[must_use]
pub(super) fn forget_organization(tenant: Tenant) -> Write {
    let params = params![Param::display(tenant.project_id()), Param::display(tenant.organization_id())];
    Write::any(FORGET_ORGANIZATION, params)
}

fn pair(project: ProjectId, application: ApplicationId, connection: ConnectionId) -> Vec<Param> {
    params![Param::display(project), Param::display(application), Param::display(connection)]
}

impl Store {
    /// The connections through which people may sign in to an application, in the order of their ids: those behind `after`.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn connections_of_application(
        &self,
        project: ProjectId,
        application: ApplicationId,
        after: Option<ConnectionId>,
        most: Option<u32>,
    ) -> Result<Vec<ConnectionId>, StoreError> {
        let after = after.map(|id| id.to_string()).unwrap_or_default();
        let most = most.map_or(MOST, i64::from);
        let params = params![Param::display(project), Param::display(application), after, most];
        self.list(Read::new(TABLE, OF_APPLICATION, params), |row| parsed(row, 0)).await
    }

    /// The applications that people may sign in to through a connection, in the order of their client ids: those behind
    /// `after`.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn applications_of_connection(
        &self,
        project: ProjectId,
        connection: ConnectionId,
        after: Option<&ClientId>,
        most: Option<u32>,
    ) -> Result<Vec<ClientId>, StoreError> {
        let after = after.map(ToString::to_string).unwrap_or_default();
        let most = most.map_or(MOST, i64::from);
        let params = params![Param::display(project), Param::display(connection), after, most];
        self.list(Read::new(TABLE, OF_CONNECTION, params), |row| parsed(row, 0)).await
    }

    /// The applications that people may sign in to through each of several connections.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn applications_of_connections(
        &self,
        project: ProjectId,
        connections: &[ConnectionId],
    ) -> Result<Vec<(ConnectionId, ClientId)>, StoreError> {
        if connections.is_empty() {
            return Ok(Vec::new());
        }
        let mut on = Conditions::default();
        let project = on.bind(Param::display(project));
        on.require(format!("c.project_id = {project}"));
        let listed = on.is_in("c.connection_id", connections.iter().map(Param::display));
        on.require(listed);
        let (clause, params) = on.finish();
        let sql = format!(
            "SELECT c.connection_id, a.client_id FROM application_connections c
             JOIN applications a ON a.project_id = c.project_id AND a.id = c.application_id
             WHERE {clause} ORDER BY c.connection_id, a.client_id LIMIT {MOST}"
        );
        self.list(Read::composed(TABLE, sql, params), |row| Ok((parsed(row, 0)?, parsed(row, 1)?))).await
    }

    /// Whether people may sign in to an application through a connection.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn is_enabled_for(
        &self,
        project: ProjectId,
        application: ApplicationId,
        connection: ConnectionId,
    ) -> Result<bool, StoreError> {
        let read = Read::new(TABLE, IS_ENABLED, pair(project, application, connection));
        Ok(self.query_opt(read, |row| row.text(0)).await?.is_some())
    }
}
