//! Directories, their tokens, and the roles that their groups give. One that is disconnected keeps its rows until they are
//! cleaned up; nothing finds them any more.

use vestibule_domain::directory::{Directory, DirectoryGroupRole};
use vestibule_domain::id::{ConnectionId, DirectoryId, MemberId, OrganizationId, ProjectId};
use vestibule_domain::secret::TokenHash;
use vestibule_domain::{Tenant, Time};

use super::row::{doc_of, opt_time, parsed};
use super::search::Conditions;
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::hold::{Hold, Lock, Rank};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

const TABLE: &str = "directories";

/// The guard of [`update`], [`delete`] and [`at_version`]: the directory has changed meanwhile, or is gone.
pub const VERSION: Guard = Guard("directory_version");
/// The guard of [`set_roles`]: the directory has no such group.
pub const GROUP: Guard = Guard("directory_role_group");
/// The unique index that refuses a second directory of one place.
pub const PLACE: &str = "directories_place";

const BY_ID: &str = "SELECT id, doc, version FROM directories
     WHERE project_id = ?1 AND organization_id = ?2 AND id = ?3 AND deleted_at IS NULL";
const BY_PLACE: &str = "SELECT id, doc, version FROM directories
     WHERE project_id = ?1 AND organization_id = ?2 AND connection_id = ?3 AND deleted_at IS NULL";
/// The token is a secret that is unique everywhere: whoever has it has not said the project.
const BY_TOKEN: &str = "SELECT d.id, d.doc, d.version, t.last_used_at FROM directory_tokens t
     JOIN directories d ON d.project_id = t.project_id AND d.id = t.directory_id
     WHERE t.hash = ?1 AND d.deleted_at IS NULL";
const INSERT: &str = "INSERT INTO directories
     (project_id, organization_id, id, version, doc, lets_return, connection_id, created_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const UPDATE: &str = "UPDATE directories SET version = ?4, doc = ?5, lets_return = ?6
     WHERE project_id = ?1 AND organization_id = ?2 AND id = ?3 AND version = ?7 AND deleted_at IS NULL";
const DELETE: &str = "UPDATE directories SET deleted_at = ?4, version = version + 1
     WHERE project_id = ?1 AND organization_id = ?2 AND id = ?3 AND version = ?5 AND deleted_at IS NULL";
const END_OF_CONNECTION: &str = "UPDATE directories SET deleted_at = ?4, version = version + 1
     WHERE project_id = ?1 AND organization_id = ?2 AND connection_id = ?3 AND deleted_at IS NULL";
const INSERT_TOKEN: &str = "INSERT INTO directory_tokens (hash, project_id, directory_id)
     VALUES (?1, ?2, ?3) ON CONFLICT (hash) DO NOTHING";
const DELETE_TOKENS: &str = "DELETE FROM directory_tokens
     WHERE project_id = ?1 AND directory_id = ?2 AND hash <> ?3 AND hash <> ?4";
const USE_TOKEN: &str = "UPDATE directory_tokens SET last_used_at = ?3 WHERE project_id = ?1 AND hash = ?2";
const USES: &str =
    "SELECT hash, last_used_at FROM directory_tokens WHERE project_id = ?1 AND directory_id = ?2";
const DELETE_ROLES: &str = "DELETE FROM directory_group_roles WHERE project_id = ?1 AND directory_id = ?2";
const INSERT_ROLE: &str = "INSERT INTO directory_group_roles (project_id, directory_id, group_id, role_id)
     SELECT g.project_id, g.directory_id, g.id, CAST(?4 AS TEXT) FROM directory_groups g
     WHERE g.project_id = ?1 AND g.directory_id = ?2 AND g.id = ?3
     ON CONFLICT (project_id, group_id, role_id) DO UPDATE SET directory_id = excluded.directory_id";
const ROLES: &str = "SELECT r.group_id, r.role_id, g.display_name FROM directory_group_roles r
     JOIN directory_groups g ON g.project_id = r.project_id AND g.id = r.group_id
     WHERE r.project_id = ?1 AND r.directory_id = ?2 ORDER BY r.group_id, r.role_id";
const AT_VERSION: &str = "SELECT id FROM directories
     WHERE project_id = ?1 AND id = ?2 AND version = ?3 AND deleted_at IS NULL";

pub(crate) const ALL: &[&str] = &[
    BY_ID,
    BY_PLACE,
    BY_TOKEN,
    INSERT,
    UPDATE,
    DELETE,
    END_OF_CONNECTION,
    INSERT_TOKEN,
    DELETE_TOKENS,
    USE_TOKEN,
    USES,
    DELETE_ROLES,
    INSERT_ROLE,
    ROLES,
];

pub(crate) const LOCKED: &[&str] = &[AT_VERSION];

/// A role that a member has because of a group of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenRole {
    /// The member.
    pub member_id: MemberId,
    /// The directory.
    pub directory_id: DirectoryId,
    /// The role, and the group.
    pub role: DirectoryGroupRole,
}

/// Keeps a new directory; refused by [`PLACE`] when there is one already.
#[must_use]
pub fn insert(directory: &Directory) -> Vec<Write> {
    let mut params = columns(directory);
    params.push(Param::Text(place(directory.connection_id)));
    params.push(directory.created_at.into());
    std::iter::once(Write::any(INSERT, params)).chain(tokens(directory)).collect()
}

/// Keeps a changed directory; fails with the guard [`VERSION`] when it is not at `expected_version` any more. Tokens that it
/// has no more let nobody in from then on.
#[must_use]
pub fn update(directory: &Directory, expected_version: i64) -> Vec<Write> {
    let mut params = columns(directory);
    params.push(expected_version.into());
    let hash = |at: usize| directory.tokens.get(at).map_or("", |token| token.hash.as_str());
    let kept = params![Param::display(directory.project_id), Param::display(directory.id), hash(0), hash(1)];
    let lock = row(directory.project_id, directory.id, Lock::Mine);
    [Write::one(UPDATE, params, VERSION).locking(lock), Write::any(DELETE_TOKENS, kept)]
        .into_iter()
        .chain(tokens(directory))
        .collect()
}

/// Disconnects a directory as it was loaded; fails with the guard [`VERSION`].
#[must_use]
pub fn delete(directory: &Directory, now: Time) -> [Write; 2] {
    let (project, id) = (Param::display(directory.project_id), Param::display(directory.id));
    let organization = Param::display(directory.organization_id);
    let params = params![project.clone(), organization, id.clone(), now, directory.version];
    let lock = row(directory.project_id, directory.id, Lock::Mine);
    [
        Write::one(DELETE, params, VERSION).locking(lock),
        Write::any(DELETE_TOKENS, params![project, id, "", ""]),
    ]
}

/// Disconnects the directory of a connection, if it has one. Its tokens find nothing any more.
#[must_use]
pub fn end_of_connection(tenant: Tenant, connection: ConnectionId, now: Time) -> Write {
    let params = params![
        Param::display(tenant.project_id()),
        Param::display(tenant.organization_id()),
        Param::display(connection),
        now
    ];
    Write::any(END_OF_CONNECTION, params)
}

/// The directory is as it was loaded until the batch is kept, with the tokens that it had: fails with the guard [`VERSION`].
#[must_use]
pub fn at_version(directory: &Directory) -> Hold {
    let params =
        params![Param::display(directory.project_id), Param::display(directory.id), directory.version];
    Hold::row(Rank::Directory, directory.id, Lock::Unchanged, AT_VERSION, params).or(VERSION)
}

/// Notes that a token was used.
#[must_use]
pub fn use_token(project: ProjectId, token: &TokenHash, at: Time) -> Write {
    Write::any(USE_TOKEN, params![Param::display(project), token.as_str(), at])
}

/// Replaces the roles that the groups of a directory give; fails with the guard [`GROUP`] when it has no such group.
#[must_use]
pub fn set_roles(directory: &Directory, roles: &[DirectoryGroupRole]) -> Vec<Write> {
    let (project, id) = (Param::display(directory.project_id), Param::display(directory.id));
    let mut writes = vec![Write::any(DELETE_ROLES, params![project.clone(), id.clone()])];
    writes.extend(roles.iter().map(|role| {
        let group = Param::display(role.group_id);
        Write::one(INSERT_ROLE, params![project.clone(), id.clone(), group, &role.role_id], GROUP)
    }));
    writes
}

fn row(project: ProjectId, id: DirectoryId, lock: Lock) -> Hold {
    let params = params![Param::display(project), Param::display(id), -1];
    Hold::row(Rank::Directory, id, lock, AT_VERSION, params)
}

fn columns(directory: &Directory) -> Vec<Param> {
    params![
        Param::display(directory.project_id),
        Param::display(directory.organization_id),
        Param::display(directory.id),
        directory.version,
        Param::json(directory),
        directory.removed_may_return,
    ]
}

fn tokens(directory: &Directory) -> impl Iterator<Item = Write> {
    directory.tokens.iter().map(|token| {
        let (project, id) = (Param::display(directory.project_id), Param::display(directory.id));
        Write::any(INSERT_TOKEN, params![token.hash.as_str(), project, id])
    })
}

/// Which of an organization's places a directory has.
pub(super) fn place(connection: Option<ConnectionId>) -> String {
    connection.map(|id| id.to_string()).unwrap_or_default()
}

impl Store {
    /// A directory of an organization.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn directory(&self, tenant: Tenant, id: DirectoryId) -> Result<Option<Directory>, StoreError> {
        let params = params![
            Param::display(tenant.project_id()),
            Param::display(tenant.organization_id()),
            Param::display(id)
        ];
        self.query_opt(Read::new(TABLE, BY_ID, params), read_directory).await
    }

    /// The directory of an organization, or of one of its connections.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn directory_at(
        &self,
        tenant: Tenant,
        connection: Option<ConnectionId>,
    ) -> Result<Option<Directory>, StoreError> {
        self.query_opt(at(tenant, connection), read_directory).await
    }

    /// The directories of several organizations, for a page of them.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn directories_of(
        &self,
        project: ProjectId,
        organizations: &[OrganizationId],
    ) -> Result<Vec<Directory>, StoreError> {
        let mut conditions = Conditions::default();
        let project = conditions.bind(Param::display(project));
        let among = conditions.is_in("organization_id", organizations.iter().map(Param::display));
        conditions.require(format!(
            "project_id = {project} AND {among} AND connection_id = '' AND deleted_at IS NULL"
        ));
        let (clause, params) = conditions.finish();
        let sql = format!("SELECT id, doc, version FROM directories WHERE {clause}");
        self.list(Read::composed(TABLE, sql, params), read_directory).await
    }

    /// The directories of a project's connections, the oldest first: those behind `after`.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn directories_of_connections(
        &self,
        project: ProjectId,
        after: Option<(Time, DirectoryId)>,
        most: u32,
    ) -> Result<Vec<Directory>, StoreError> {
        let mut conditions = Conditions::default();
        let bound = conditions.bind(Param::display(project));
        conditions.require(format!("project_id = {bound} AND connection_id <> '' AND deleted_at IS NULL"));
        if let Some((at, id)) = after {
            let (at, id) = (conditions.bind(at), conditions.bind(Param::display(id)));
            conditions.require(format!("(created_at, id) > ({at}, {id})"));
        }
        let most = conditions.bind(i64::from(most));
        let (clause, params) = conditions.finish();
        let sql = format!(
            "SELECT id, doc, version FROM directories WHERE {clause} ORDER BY created_at, id LIMIT {most}"
        );
        self.scan(project, Read::composed(TABLE, sql, params), read_directory).await
    }

    /// The directory that has a token, and when that was last used. Whether it is still good is in the directory.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn directory_by_token(
        &self,
        token: &TokenHash,
    ) -> Result<Option<(Directory, Option<Time>)>, StoreError> {
        let read = Read::new(TABLE, BY_TOKEN, params![token.as_str()]);
        self.query_opt(read, |row| Ok((read_directory(row)?, opt_time(row, 3)?))).await
    }

    /// When the tokens of a directory were last used.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn directory_token_uses(
        &self,
        project: ProjectId,
        id: DirectoryId,
    ) -> Result<Vec<(TokenHash, Option<Time>)>, StoreError> {
        let read = Read::new("directory_tokens", USES, params![Param::display(project), Param::display(id)]);
        self.query_all(read, |row| Ok((TokenHash::from_stored(row.text(0)?), opt_time(row, 1)?))).await
    }

    /// The roles that the groups of a directory give, each with what the group is called.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn directory_group_roles(
        &self,
        project: ProjectId,
        id: DirectoryId,
    ) -> Result<Vec<(DirectoryGroupRole, String)>, StoreError> {
        let read =
            Read::new("directory_group_roles", ROLES, params![Param::display(project), Param::display(id)]);
        let parse = |row: &Row<'_>| {
            Ok((DirectoryGroupRole { group_id: parsed(row, 0)?, role_id: row.text(1)? }, row.text(2)?))
        };
        self.query_all(read, parse).await
    }

    /// The roles that some members have because of groups of directories.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn roles_by_directories(
        &self,
        project: ProjectId,
        members: &[MemberId],
    ) -> Result<Vec<GivenRole>, StoreError> {
        if members.is_empty() {
            return Ok(Vec::new());
        }
        let mut conditions = Conditions::default();
        let project = conditions.bind(Param::display(project));
        let among = conditions.is_in("u.member_id", members.iter().map(Param::display));
        conditions.require(format!("u.project_id = {project} AND {among} AND d.deleted_at IS NULL"));
        let (clause, params) = conditions.finish();
        let sql = format!(
            "SELECT u.member_id, r.directory_id, r.group_id, r.role_id FROM directory_users u
             JOIN directories d ON d.project_id = u.project_id AND d.id = u.directory_id
             JOIN directory_memberships s ON s.project_id = u.project_id AND s.user_id = u.id
             JOIN directory_group_roles r ON r.project_id = s.project_id AND r.group_id = s.group_id
             WHERE {clause} ORDER BY r.group_id, r.role_id"
        );
        let parse = |row: &Row<'_>| {
            Ok(GivenRole {
                member_id: parsed(row, 0)?,
                directory_id: parsed(row, 1)?,
                role: DirectoryGroupRole { group_id: parsed(row, 2)?, role_id: row.text(3)? },
            })
        };
        self.query_all(Read::composed("directory_group_roles", sql, params), parse).await
    }
}

/// The read of the directory of a place.
pub(super) fn at(tenant: Tenant, connection: Option<ConnectionId>) -> Read {
    let params = params![
        Param::display(tenant.project_id()),
        Param::display(tenant.organization_id()),
        Param::Text(place(connection))
    ];
    Read::new(TABLE, BY_PLACE, params)
}

pub(super) fn read_directory(row: &Row<'_>) -> Result<Directory, RowError> {
    let found = doc_of(row, 1, |found: &Directory| found.id)?;
    Ok(Directory { version: row.int(2)?, ..found })
}
