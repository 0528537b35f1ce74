//! Connections. The client secret and private keys are sealed; deleting is soft, and forgets both.

use std::collections::BTreeMap;

use vestibule_domain::calendar;
use vestibule_domain::connection::{
    Common, Connection, ConnectionName, ExternalSettings, FormerClient, KeptOptions, OidcSettings, Protocol,
    ProviderLabel, RoleAssignments, Route, SamlSettings,
};
use vestibule_domain::entropy::Entropy;
use vestibule_domain::id::{ConnectionId, OrganizationId, ProjectId};
use vestibule_domain::secret::Secret;
use vestibule_domain::{Tenant, Time};

use super::organizations;
use super::row::{doc, parsed, time};
use super::search::Conditions;
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::hold::{Hold, Lock, Rank};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;
use crate::vault::{SealedColumn, Vault, place};

pub(super) const TABLE: &str = "connections";
const COLUMN: &str = "sealed_client_secret";
const KEYS_COLUMN: &str = "sealed_private_keys";

/// The guard of [`update`]: the connection has changed meanwhile, or is deleted.
pub const VERSION: Guard = Guard("connection_version");
/// The unique index that refuses an identity provider's entity id used twice in an organization.
pub const IDP_ENTITY: &str = "connections_idp_entity";
/// The unique index that refuses a name that another connection of the project has.
pub const NAME: &str = "connections_named";
/// The unique index that refuses a connection that an organization borrows already.
pub const BORROWED: &str = "connections_borrowed";
/// The guard of [`delete`] and [`stands`]: there is no such connection.
pub const EXISTS: Guard = Guard("connection_exists");
/// The guard of [`room`]: the organization has as many connections as it may have.
pub const ROOM: Guard = Guard("connections_room");

macro_rules! columns {
    () => {
        "id, project_id, organization_id, protocol, display_name, identity_provider, created_at, updated_at, version,
         sealed_client_secret, doc, sealed_private_keys, former_client, name, common, kept_options"
    };
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT ", columns!(), " FROM connections WHERE deleted_at IS NULL AND ", $rest)
    };
}

/// The columns of a connection, for statements that are composed ([`read_shown`]).
pub(super) const COLUMNS: &str = columns!();

const BY_ID: &str = select!("project_id = ?1 AND id = ?2");
/// A connection from before connections had names is called by its id.
pub(super) const BY_NAME: &str = select!("project_id = ?1 AND COALESCE(name, id) = ?2");
pub(super) const BY_HOME_DOMAIN: &str = select!(
    "id IN (SELECT d.connection_id FROM connection_domains d WHERE d.project_id = ?1 AND d.domain = ?2)
     AND project_id = ?1 ORDER BY created_at, id LIMIT ?3"
);
const ANYWHERE: &str = select!("id = ?1");
const IN_ORGANIZATION: &str = select!("project_id = ?1 AND organization_id = ?2 AND id = ?3");
const LIST: &str = select!("project_id = ?1 AND organization_id = ?2 ORDER BY created_at, id");
/// Members can sign in through a borrowed connection (`c`) while the one that it borrows (`s`) is active.
macro_rules! active {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.organization_id, c.display_name, COALESCE(s.identity_provider, c.identity_provider)
             FROM connections c
             LEFT JOIN connections s ON s.id = c.source_connection_id AND s.deleted_at IS NULL
             WHERE c.deleted_at IS NULL AND c.status = 'active'
             AND (c.source_connection_id IS NULL OR s.status = 'active') AND ",
            $rest
        )
    };
}

const ACTIVE: &str = active!("");
const ACTIVE_OF: &str = active!("c.project_id = ?1 AND c.organization_id = ?2 ORDER BY c.created_at, c.id");
const ROLES_OF: &str = "SELECT id, role_assignments FROM connections
     WHERE deleted_at IS NULL AND role_assignments IS NOT NULL AND ";
const INSERT: &str = "INSERT INTO connections
     (project_id, organization_id, id, protocol, status, display_name, identity_provider, updated_at, version,
      sealed_client_secret, doc, sealed_private_keys, idp_entity_id, role_assignments, first_expiry,
      former_client, common, kept_options, created_at, source_connection_id, name)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)";
const UPDATE: &str = "UPDATE connections
     SET protocol = ?4, status = ?5, display_name = ?6, identity_provider = ?7, updated_at = ?8, version = ?9,
         sealed_client_secret = ?10, doc = ?11, sealed_private_keys = ?12, idp_entity_id = ?13,
         role_assignments = ?14, first_expiry = ?15, former_client = ?16, common = ?17, kept_options = ?18
     WHERE project_id = ?1 AND organization_id = ?2 AND id = ?3 AND version = ?19 AND deleted_at IS NULL";
const DELETE: &str = "UPDATE connections
     SET deleted_at = ?4, sealed_client_secret = NULL, sealed_private_keys = NULL, version = version + 1
     WHERE project_id = ?1 AND organization_id = ?2 AND id = ?3 AND deleted_at IS NULL";

const STANDS: &str = "SELECT id FROM connections
     WHERE project_id = ?1 AND organization_id = ?2 AND id = ?3 AND deleted_at IS NULL";
const AT_VERSION: &str = "SELECT id FROM connections
     WHERE project_id = ?1 AND organization_id = ?2 AND id = ?3 AND version = ?4 AND deleted_at IS NULL";
const SUMMARIES: &str = "SELECT c.id,
         CASE WHEN c.source_connection_id IS NULL OR s.status = 'active' THEN c.status ELSE 'pending' END
     FROM connections c
     LEFT JOIN connections s ON s.id = c.source_connection_id AND s.deleted_at IS NULL
     WHERE c.project_id = ?1 AND c.organization_id = ?2 AND c.deleted_at IS NULL ORDER BY c.created_at, c.id";
const SOME: &str = "SELECT id FROM connections WHERE deleted_at IS NULL ORDER BY id LIMIT ?1";
const HAS_ROOM: &str = "SELECT o.id FROM organizations o WHERE o.project_id = ?1 AND o.id = ?2 AND ?3 >
     (SELECT COUNT(*) FROM connections c
      WHERE c.project_id = o.project_id AND c.organization_id = o.id AND c.deleted_at IS NULL)";

pub(crate) const SEALED: SealedColumn = SealedColumn {
    table: TABLE,
    column: COLUMN,
    select: "SELECT id, sealed_client_secret FROM connections WHERE sealed_client_secret NOT LIKE ?1 LIMIT ?2",
    update: "UPDATE connections SET sealed_client_secret = ?2 WHERE id = ?1 AND sealed_client_secret = ?3",
};

pub(crate) const SEALED_KEYS: SealedColumn = SealedColumn {
    table: TABLE,
    column: KEYS_COLUMN,
    select: "SELECT id, sealed_private_keys FROM connections WHERE sealed_private_keys NOT LIKE ?1 LIMIT ?2",
    update: "UPDATE connections SET sealed_private_keys = ?2 WHERE id = ?1 AND sealed_private_keys = ?3",
};

pub(crate) const ALL: &[&str] = &[
    SUMMARIES,
    SOME,
    HAS_ROOM,
    BY_ID,
    BY_NAME,
    BY_HOME_DOMAIN,
    ANYWHERE,
    IN_ORGANIZATION,
    LIST,
    ACTIVE_OF,
    INSERT,
    UPDATE,
    DELETE,
    SEALED.select,
    SEALED.update,
    SEALED_KEYS.select,
    SEALED_KEYS.update,
];

pub(crate) const LOCKED: &[&str] = &[STANDS, AT_VERSION];

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

/// The connection stands as it is until the batch is kept: fails with the guard [`EXISTS`].
#[must_use]
pub fn stands(tenant: Tenant, id: ConnectionId) -> Hold {
    row(tenant, id, Lock::Unchanged).or(EXISTS)
}

/// The connection is as it was loaded until the batch is kept: fails with the guard [`VERSION`].
#[must_use]
pub fn at_version(tenant: Tenant, id: ConnectionId, version: i64) -> Hold {
    let params = params![
        Param::display(tenant.project_id()),
        Param::display(tenant.organization_id()),
        Param::display(id),
        version
    ];
    Hold::row(Rank::Connection, id, Lock::Unchanged, AT_VERSION, params).or(VERSION)
}

/// The connections of a way are as they were loaded until the batch is kept: fails with the guard [`VERSION`].
#[must_use]
pub fn as_loaded(route: Route<'_>) -> Vec<Hold> {
    let at = |one: &Connection| at_version(one.tenant(), one.id, one.version);
    let lent = route.is_borrowed().then(|| at(route.source()));
    std::iter::once(at(route.through())).chain(lent).collect()
}

/// The organization has room for another connection: fails with the guard [`ROOM`] when it has `most`, and with
/// [`organizations::EXISTS`] when it is gone. Those who add connections to one organization do so one after the other.
#[must_use]
pub fn room(tenant: Tenant, most: usize) -> [Hold; 2] {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let params = params![Param::display(tenant.project_id()), Param::display(tenant.organization_id()), most];
    let has_room = Hold::question(Rank::Organization, tenant.organization_id(), HAS_ROOM, params).or(ROOM);
    [organizations::serialised(tenant), has_room]
}

/// The row of a connection, which may not be there.
fn row(tenant: Tenant, id: ConnectionId, lock: Lock) -> Hold {
    let params = params![
        Param::display(tenant.project_id()),
        Param::display(tenant.organization_id()),
        Param::display(id)
    ];
    Hold::row(Rank::Connection, id, lock, STANDS, params)
}

/// Keeps a new connection.
///
/// # Errors
/// When the client secret cannot be sealed.
pub fn insert(connection: &Connection, vault: &Vault, entropy: &dyn Entropy) -> Result<Write, StoreError> {
    let mut params = columns(connection, vault, entropy)?;
    params.push(connection.created_at.into());
    params.push(Param::opt_display(connection.borrowed().map(|settings| settings.lent_id)));
    params.push(connection.name.as_str().into());
    Ok(Write::any(INSERT, params).locking(organizations::row(connection.tenant(), Lock::Stays)))
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
    Ok(Write::one(UPDATE, params, VERSION).locking(row(connection.tenant(), connection.id, Lock::Mine)))
}

/// What a protocol's settings put beside the document.
#[derive(Default)]
struct Beside {
    client_secret: Option<String>,
    private_keys: Option<String>,
    idp_entity_id: Option<String>,
    first_expiry: Option<Time>,
    former_client: Option<FormerClient>,
}

fn columns(connection: &Connection, vault: &Vault, entropy: &dyn Entropy) -> Result<Vec<Param>, StoreError> {
    let beside = match &connection.protocol {
        Protocol::Oidc(settings) => {
            let seal = |secret| vault.seal(&place_of(connection, COLUMN), secret, entropy);
            let secret = Some(&settings.client_secret).filter(|secret| !secret.is_empty());
            let keys = settings.assertion_keys().map(|key| (key.id.to_string(), &key.private_key));
            Beside {
                client_secret: secret.map(seal).transpose()?,
                private_keys: sealed_keys(connection, keys, vault, entropy)?,
                first_expiry: calendar::first_end(connection.id, &connection.protocol),
                former_client: settings.signed_as_before().cloned(),
                ..Beside::default()
            }
        }
        Protocol::Saml(settings) => Beside {
            private_keys: sealed_keys(connection, settings.private_keys(), vault, entropy)?,
            idp_entity_id: Some(settings.idp_entity_id.clone()).filter(|id| !id.is_empty()),
            first_expiry: calendar::first_end(connection.id, &connection.protocol),
            ..Beside::default()
        },
        Protocol::External(_) => Beside::default(),
    };
    let doc = match &connection.protocol {
        Protocol::Oidc(settings) => Param::json(settings),
        Protocol::Saml(settings) => Param::json(settings),
        Protocol::External(settings) => Param::json(settings),
    };
    let roles = Some(connection.role_assignments()).filter(|roles| !roles.is_empty());
    Ok(params![
        Param::display(connection.project_id),
        Param::display(connection.organization_id),
        Param::display(connection.id),
        connection.protocol.as_str(),
        connection.status().as_str(),
        &connection.display_name,
        connection.identity_provider.as_str(),
        connection.updated_at,
        connection.version,
        beside.client_secret,
        doc,
        beside.private_keys,
        beside.idp_entity_id,
        roles.map_or(Param::OptText(None), |roles| Param::json(&roles)),
        beside.first_expiry,
        beside.former_client.map_or(Param::OptText(None), |former| Param::json(&former)),
        common(connection),
        connection.kept.as_text().map(str::to_owned),
    ])
}

/// What is as in a new connection is not written.
fn common(connection: &Connection) -> Param {
    if connection.common == Common::default() {
        Param::OptText(None)
    } else {
        Param::json(&connection.common)
    }
}

fn place_of(connection: &Connection, column: &str) -> String {
    place(TABLE, column, &connection.id.to_string())
}

/// All private keys of a connection as one sealed text: one unsealing reads them all.
fn sealed_keys<'a>(
    connection: &Connection,
    keys: impl Iterator<Item = (String, &'a Secret)>,
    vault: &Vault,
    entropy: &dyn Entropy,
) -> Result<Option<String>, StoreError> {
    let keys: BTreeMap<String, &str> =
        keys.filter(|(_, key)| !key.is_empty()).map(|(id, key)| (id, key.expose())).collect();
    if keys.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_string(&keys).map_err(|error| StoreError::Document(error.to_string()))?;
    vault.seal(&place_of(connection, KEYS_COLUMN), &Secret::new(text), entropy).map(Some)
}

/// Deletes a connection; fails with the guard [`EXISTS`] when there is none.
#[must_use]
pub fn delete(tenant: Tenant, id: ConnectionId, now: Time) -> Write {
    let params = params![
        Param::display(tenant.project_id()),
        Param::display(tenant.organization_id()),
        Param::display(id),
        now
    ];
    Write::one(DELETE, params, EXISTS).locking(row(tenant, id, Lock::Mine))
}

/// A connection as read, its secrets still sealed.
struct Stored {
    connection: Connection,
    sealed_client_secret: Option<String>,
    sealed_private_keys: Option<String>,
}

impl Stored {
    async fn unseal(self, vault: &Vault) -> Result<Connection, StoreError> {
        let mut connection = self.connection;
        let (secret_place, keys_place) = (place_of(&connection, COLUMN), place_of(&connection, KEYS_COLUMN));
        match &mut connection.protocol {
            Protocol::Oidc(settings) => {
                if let Some(sealed) = self.sealed_client_secret {
                    settings.client_secret = vault.unseal(&secret_place, &sealed).await?;
                }
                if let Some(sealed) = self.sealed_private_keys {
                    let mut keys = unsealed_keys(vault, &keys_place, &sealed).await?;
                    for key in settings.assertion_keys_mut() {
                        key.private_key =
                            keys.remove(&key.id.to_string()).map(Secret::new).unwrap_or_default();
                    }
                }
            }
            Protocol::Saml(settings) => {
                if let Some(sealed) = self.sealed_private_keys {
                    let mut keys = unsealed_keys(vault, &keys_place, &sealed).await?;
                    settings.restore_private_keys(|id| keys.remove(id).map(Secret::new));
                }
            }
            Protocol::External(_) => {}
        }
        Ok(connection)
    }
}

async fn unsealed_keys(
    vault: &Vault,
    place: &str,
    sealed: &str,
) -> Result<BTreeMap<String, String>, StoreError> {
    let text = vault.unseal(place, sealed).await?;
    serde_json::from_str(text.expose()).map_err(|error| StoreError::Document(error.to_string()))
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
    pub async fn connection_of(
        &self,
        vault: &Vault,
        tenant: Tenant,
        id: ConnectionId,
    ) -> Result<Option<Connection>, StoreError> {
        let params = params![
            Param::display(tenant.project_id()),
            Param::display(tenant.organization_id()),
            Param::display(id)
        ];
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
    /// As for [`Store::list`] and [`Vault::unseal`].
    pub async fn connections(&self, vault: &Vault, tenant: Tenant) -> Result<Vec<Connection>, StoreError> {
        let params = params![Param::display(tenant.project_id()), Param::display(tenant.organization_id())];
        self.all_connections(vault, LIST, params).await
    }

    /// The ids of an organization's connections, and which of them are active. Reads no document, so that what is
    /// decided by it holds for connections that cannot be read, too.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn connection_ids(&self, tenant: Tenant) -> Result<Vec<(ConnectionId, bool)>, StoreError> {
        let read = Read::new(
            TABLE,
            SUMMARIES,
            params![Param::display(tenant.project_id()), Param::display(tenant.organization_id())],
        );
        self.query_all(read, |row| Ok((parsed(row, 0)?, row.str(1)? == "active"))).await
    }

    /// Up to so many of all connections, whosever they are: for an operator who named one that there is not.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn some_connections(&self, most: u32) -> Result<Vec<ConnectionId>, StoreError> {
        self.query_all(Read::new(TABLE, SOME, params![i64::from(most)]), |row| parsed(row, 0)).await
    }

    /// What an organization shows of its active connections. Reads no secret.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn active_connections(&self, tenant: Tenant) -> Result<Vec<ActiveConnection>, StoreError> {
        self.list(active_of(tenant), read_active).await
    }

    /// The same for several organizations, for a page of them.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn active_connections_of(
        &self,
        project: ProjectId,
        organizations: &[OrganizationId],
    ) -> Result<Vec<ActiveConnection>, StoreError> {
        let mut conditions = Conditions::default();
        let project = conditions.bind(Param::display(project));
        conditions.require(format!("c.project_id = {project}"));
        let listed = conditions.is_in("c.organization_id", organizations.iter().map(Param::display));
        conditions.require(listed);
        let (clause, params) = conditions.finish();
        let sql = format!("{ACTIVE}{clause} ORDER BY c.created_at, c.id");
        self.list(Read::composed(TABLE, sql, params), read_active).await
    }

    /// The roles that some connections give; those that give none are left out. Reads no secret.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn role_assignments(
        &self,
        project: ProjectId,
        connections: &[ConnectionId],
    ) -> Result<Vec<(ConnectionId, RoleAssignments)>, StoreError> {
        let mut conditions = Conditions::default();
        let project = conditions.bind(Param::display(project));
        conditions.require(format!("project_id = {project}"));
        let listed = conditions.is_in("id", connections.iter().map(Param::display));
        conditions.require(listed);
        let (clause, params) = conditions.finish();
        let read = Read::composed(TABLE, format!("{ROLES_OF}{clause}"), params);
        self.list(read, |row| Ok((parsed(row, 0)?, doc(row, 1)?))).await
    }

    pub(super) async fn one_connection(
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

    pub(super) async fn all_connections(
        &self,
        vault: &Vault,
        sql: &'static str,
        params: Vec<Param>,
    ) -> Result<Vec<Connection>, StoreError> {
        let rows = self.list(Read::new(TABLE, sql, params), read).await?;
        let mut connections = Vec::with_capacity(rows.len());
        for stored in rows {
            let id = stored.connection.id;
            connections.extend(self.left_out(TABLE, id, stored.unseal(vault).await)?);
        }
        Ok(connections)
    }
}

fn read(row: &Row<'_>) -> Result<Stored, RowError> {
    let protocol = match row.str(3)? {
        "oidc" => Protocol::Oidc(Box::new(OidcSettings {
            former_client: former_client(row)?,
            ..doc::<OidcSettings>(row, 10)?
        })),
        "saml" => Protocol::Saml(Box::new(doc::<SamlSettings>(row, 10)?)),
        "external" => Protocol::External(Box::new(doc::<ExternalSettings>(row, 10)?)),
        other => return Err(RowError::because(format!("column 3: {other:?} is no protocol"))),
    };
    let id: ConnectionId = parsed(row, 0)?;
    let connection = Connection {
        id,
        project_id: parsed(row, 1)?,
        organization_id: parsed(row, 2)?,
        name: name(row, id)?,
        display_name: row.text(4)?,
        identity_provider: label(row, 5)?,
        protocol,
        common: row.opt_str(14)?.map_or(Ok(Common::default()), |_| doc(row, 14))?,
        kept: KeptOptions::stored(row.opt_text(15)?),
        created_at: time(row, 6)?,
        updated_at: time(row, 7)?,
        version: row.int(8)?,
    };
    Ok(Stored { connection, sealed_client_secret: row.opt_text(9)?, sealed_private_keys: row.opt_text(11)? })
}

/// A connection without its secrets.
pub(super) fn read_shown(row: &Row<'_>) -> Result<Connection, RowError> {
    Ok(read(row)?.connection)
}

/// A connection from before connections had names is called by its id.
fn name(row: &Row<'_>, id: ConnectionId) -> Result<ConnectionName, RowError> {
    match row.opt_str(13)? {
        None => Ok(ConnectionName::of_id(id)),
        Some(name) => ConnectionName::parse(name).map_err(|_| RowError::because("column 13: no name")),
    }
}

/// What the connection was before connections had keys of their own.
fn former_client(row: &Row<'_>) -> Result<Option<FormerClient>, RowError> {
    row.opt_text(12)?.map(|_| doc(row, 12)).transpose()
}

/// The read of the connections of an organization that members can sign in through.
pub(super) fn active_of(tenant: Tenant) -> Read {
    let params = params![Param::display(tenant.project_id()), Param::display(tenant.organization_id())];
    Read::new(TABLE, ACTIVE_OF, params)
}

pub(super) fn read_active(row: &Row<'_>) -> Result<ActiveConnection, RowError> {
    Ok(ActiveConnection {
        id: parsed(row, 0)?,
        organization_id: parsed(row, 1)?,
        display_name: row.text(2)?,
        identity_provider: label(row, 3)?,
    })
}

/// A label changes no validation: one that this version does not know is the generic one.
fn label(row: &Row<'_>, column: usize) -> Result<ProviderLabel, RowError> {
    Ok(ProviderLabel::from_name(row.str(column)?).unwrap_or_default())
}
