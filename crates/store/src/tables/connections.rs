//! Connections. The client secret is sealed; deleting is soft, and forgets the secret.

use vestibule_domain::Time;
use vestibule_domain::connection::{Connection, OidcSettings, Protocol, ProviderLabel};
use vestibule_domain::entropy::Entropy;
use vestibule_domain::id::{ConnectionId, OrganizationId, ProjectId};

use super::row::{doc, parsed, time};
use super::search::Conditions;
use crate::dialect::Row;
use crate::error::{RowError, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;
use crate::vault::{SealedColumn, Vault, place};

const TABLE: &str = "connections";
const COLUMN: &str = "sealed_client_secret";

/// The guard of [`update`]: the connection has changed meanwhile, or is deleted.
pub const VERSION: &str = "connection_version";
/// The guard of [`delete`]: there is no such connection.
pub const EXISTS: &str = "connection_exists";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, project_id, organization_id, protocol, display_name, identity_provider, created_at,
             updated_at, version, sealed_client_secret, doc FROM connections WHERE deleted_at IS NULL AND ",
            $rest
        )
    };
}

const BY_ID: &str = select!("project_id = ?1 AND id = ?2");
const ANYWHERE: &str = select!("id = ?1");
const IN_ORGANIZATION: &str = select!("project_id = ?1 AND organization_id = ?2 AND id = ?3");
const LIST: &str = select!("project_id = ?1 AND organization_id = ?2 ORDER BY created_at, id");
const REFERRING: &str = select!("project_id = ?1 AND source_connection_id = ?2 ORDER BY created_at, id");
const ACTIVE: &str = "SELECT id, organization_id, display_name, identity_provider FROM connections
     WHERE deleted_at IS NULL AND status = 'active' AND ";
const ACTIVE_OF: &str = "SELECT id, organization_id, display_name, identity_provider FROM connections
     WHERE deleted_at IS NULL AND status = 'active' AND project_id = ?1 AND organization_id = ?2
     ORDER BY created_at, id";
const INSERT: &str = "INSERT INTO connections
     (project_id, organization_id, id, protocol, status, display_name, identity_provider, updated_at, version,
      sealed_client_secret, doc, created_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
const UPDATE: &str = "UPDATE connections
     SET protocol = ?4, status = ?5, display_name = ?6, identity_provider = ?7, updated_at = ?8, version = ?9,
         sealed_client_secret = ?10, doc = ?11
     WHERE project_id = ?1 AND organization_id = ?2 AND id = ?3 AND version = ?12 AND deleted_at IS NULL";
const DELETE: &str = "UPDATE connections
     SET deleted_at = ?4, sealed_client_secret = NULL, version = version + 1
     WHERE project_id = ?1 AND organization_id = ?2 AND id = ?3 AND deleted_at IS NULL";

pub(crate) const SEALED: SealedColumn = SealedColumn {
    table: TABLE,
    column: COLUMN,
    select: "SELECT id, sealed_client_secret FROM connections WHERE sealed_client_secret NOT LIKE ?1 LIMIT ?2",
    update: "UPDATE connections SET sealed_client_secret = ?2 WHERE id = ?1 AND sealed_client_secret = ?3",
};

pub(crate) const ALL: &[&str] = &[
    BY_ID,
    ANYWHERE,
    IN_ORGANIZATION,
    LIST,
    REFERRING,
    ACTIVE_OF,
    INSERT,
    UPDATE,
    DELETE,
    SEALED.select,
    SEALED.update,
];

/// What an organization shows of a connection that members can sign in through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveConnection {
    /// The id.
    pub id: ConnectionId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// What people call it.
    pub display_name: String,
    /// Its label.
    pub identity_provider: ProviderLabel,
}

/// Keeps a new connection.
///
/// # Errors
/// When the client secret cannot be sealed.
pub fn insert(connection: &Connection, vault: &Vault, entropy: &dyn Entropy) -> Result<Write, StoreError> {
    let mut params = columns(connection, vault, entropy)?;
    params.push(connection.created_at.into());
    Ok(Write::any(INSERT, params))
}

/// Keeps a changed connection. Its batch fails with the guard [`VERSION`] when it is not at
/// `expected_version` any more.
///
/// # Errors
/// When the client secret cannot be sealed.
pub fn update(
    connection: &Connection,
    expected_version: i64,
    vault: &Vault,
    entropy: &dyn Entropy,
) -> Result<Write, StoreError> {
    let mut params = columns(connection, vault, entropy)?;
    params.push(expected_version.into());
    Ok(Write::one(UPDATE, params, VERSION))
}

fn columns(connection: &Connection, vault: &Vault, entropy: &dyn Entropy) -> Result<Vec<Param>, StoreError> {
    let Protocol::Oidc(settings) = &connection.protocol;
    let place = place(TABLE, COLUMN, &connection.id.to_string());
    let sealed = match &settings.client_secret {
        secret if secret.is_empty() => None,
        secret => Some(vault.seal(&place, secret, entropy)?),
    };
    Ok(params![
        Param::display(connection.project_id),
        Param::display(connection.organization_id),
        Param::display(connection.id),
        "oidc",
        connection.status().as_str(),
        &connection.display_name,
        connection.identity_provider.as_str(),
        connection.updated_at,
        connection.version,
        sealed,
        Param::json(settings),
    ])
}

/// Deletes a connection; fails with the guard [`EXISTS`] when there is none.
#[must_use]
pub fn delete(project: ProjectId, organization: OrganizationId, id: ConnectionId, now: Time) -> Write {
    let params = params![Param::display(project), Param::display(organization), Param::display(id), now];
    Write::one(DELETE, params, EXISTS)
}

/// A connection as read, its secret still sealed.
struct Stored {
    connection: Connection,
    sealed_client_secret: Option<String>,
}

impl Stored {
    async fn unseal(self, vault: &Vault) -> Result<Connection, StoreError> {
        let mut connection = self.connection;
        if let Some(sealed) = self.sealed_client_secret {
            let place = place(TABLE, COLUMN, &connection.id.to_string());
            let Protocol::Oidc(settings) = &mut connection.protocol;
            settings.client_secret = vault.unseal(&place, &sealed).await?;
        }
        Ok(connection)
    }
}

impl Store {
    /// A connection of a project.
    ///
    /// # Errors
    /// As for [`Store::query_opt`] and [`Vault::unseal`].
    pub async fn connection(
        &self,
        vault: &Vault,
        project: ProjectId,
        id: ConnectionId,
    ) -> Result<Option<Connection>, StoreError> {
        self.one_connection(vault, BY_ID, params![Param::display(project), Param::display(id)]).await
    }

    /// A connection of an organization.
    ///
    /// # Errors
    /// As for [`Store::query_opt`] and [`Vault::unseal`].
    pub async fn organization_connection(
        &self,
        vault: &Vault,
        project: ProjectId,
        organization: OrganizationId,
        id: ConnectionId,
    ) -> Result<Option<Connection>, StoreError> {
        let params = params![Param::display(project), Param::display(organization), Param::display(id)];
        self.one_connection(vault, IN_ORGANIZATION, params).await
    }

    /// A connection by its id alone: the callback address names nothing else, and the connection says the
    /// project.
    ///
    /// # Errors
    /// As for [`Store::query_opt`] and [`Vault::unseal`].
    pub async fn connection_at_callback(
        &self,
        vault: &Vault,
        id: ConnectionId,
    ) -> Result<Option<Connection>, StoreError> {
        self.one_connection(vault, ANYWHERE, params![Param::display(id)]).await
    }

    /// The connections of an organization, the oldest first.
    ///
    /// # Errors
    /// As for [`Store::query_all`] and [`Vault::unseal`].
    pub async fn connections(
        &self,
        vault: &Vault,
        project: ProjectId,
        organization: OrganizationId,
    ) -> Result<Vec<Connection>, StoreError> {
        self.all_connections(vault, LIST, params![Param::display(project), Param::display(organization)])
            .await
    }

    /// The external connections that refer to a connection.
    ///
    /// # Errors
    /// As for [`Store::query_all`] and [`Vault::unseal`].
    pub async fn connections_referring_to(
        &self,
        vault: &Vault,
        project: ProjectId,
        source: ConnectionId,
    ) -> Result<Vec<Connection>, StoreError> {
        self.all_connections(vault, REFERRING, params![Param::display(project), Param::display(source)]).await
    }

    /// What an organization shows of its active connections. Reads no secret.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn active_connections(
        &self,
        project: ProjectId,
        organization: OrganizationId,
    ) -> Result<Vec<ActiveConnection>, StoreError> {
        let params = params![Param::display(project), Param::display(organization)];
        self.query_all(Read::new(TABLE, ACTIVE_OF, params), read_active).await
    }

    /// The same for several organizations, for a page of them.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn active_connections_of(
        &self,
        project: ProjectId,
        organizations: &[OrganizationId],
    ) -> Result<Vec<ActiveConnection>, StoreError> {
        let mut conditions = Conditions::default();
        let project = conditions.bind(Param::display(project));
        conditions.require(format!("project_id = {project}"));
        let listed = conditions.is_in("organization_id", organizations.iter().map(Param::display));
        conditions.require(listed);
        let (clause, params) = conditions.finish();
        let sql = format!("{ACTIVE}{clause} ORDER BY created_at, id");
        self.query_all(Read::composed(TABLE, sql, params), read_active).await
    }

    async fn one_connection(
        &self,
        vault: &Vault,
        sql: &'static str,
        params: Vec<Param>,
    ) -> Result<Option<Connection>, StoreError> {
        match self.query_opt(Read::new(TABLE, sql, params), read).await? {
            Some(stored) => Ok(Some(stored.unseal(vault).await?)),
            None => Ok(None),
        }
    }

    async fn all_connections(
        &self,
        vault: &Vault,
        sql: &'static str,
        params: Vec<Param>,
    ) -> Result<Vec<Connection>, StoreError> {
        let rows = self.query_all(Read::new(TABLE, sql, params), read).await?;
        let mut connections = Vec::with_capacity(rows.len());
        for stored in rows {
            connections.push(stored.unseal(vault).await?);
        }
        Ok(connections)
    }
}

fn read(row: &Row<'_>) -> Result<Stored, RowError> {
    let protocol = match row.str(3)? {
        "oidc" => Protocol::Oidc(doc::<OidcSettings>(row, 10)?),
        other => return Err(RowError::because(format!("column 3: {other:?} is no protocol"))),
    };
    let connection = Connection {
        id: parsed(row, 0)?,
        project_id: parsed(row, 1)?,
        organization_id: parsed(row, 2)?,
        display_name: row.text(4)?,
        identity_provider: label(row, 5)?,
        protocol,
        created_at: time(row, 6)?,
        updated_at: time(row, 7)?,
        version: row.int(8)?,
    };
    Ok(Stored { connection, sealed_client_secret: row.opt_text(9)? })
}

fn read_active(row: &Row<'_>) -> Result<ActiveConnection, RowError> {
    Ok(ActiveConnection {
        id: parsed(row, 0)?,
        organization_id: parsed(row, 1)?,
        display_name: row.text(2)?,
        identity_provider: label(row, 3)?,
    })
}

fn label(row: &Row<'_>, column: usize) -> Result<ProviderLabel, RowError> {
    let name = row.str(column)?;
    ProviderLabel::from_name(name)
        .ok_or_else(|| RowError::because(format!("column {column}: {name:?} is no provider label")))
}
