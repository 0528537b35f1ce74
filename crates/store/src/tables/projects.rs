//! Projects and their API secrets.

use vestibule_domain::Time;
use vestibule_domain::id::{OrganizationId, ProjectId, PublicToken};
use vestibule_domain::organization::Organization;
use vestibule_domain::project::{MOST_ENDED_SECRETS, MOST_SECRETS, Project, SHORTEST_LIFE, SecretRecord};
use vestibule_domain::secret::TokenHash;

use super::organizations;
use super::row::{hash, opt_time, parsed, time};
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::hold::{Hold, Lock, Rank};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

const TABLE: &str = "projects";

/// The guard of [`end_secret`]: the secret has an end already that is no later.
pub const SECRET_ACTIVE: Guard = Guard("project_secret_active");
/// The guard of [`another_secret`].
pub const SECRET_LEFT: Guard = Guard("project_secret_left");
/// The guard of [`room_for_secret`]: the project has as many good secrets as it may have.
pub const SECRET_ROOM: Guard = Guard("project_secret_room");

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, p.name, p.public_token, p.home_organization_id, p.created_at, p.policy_version
             FROM projects p ",
            $rest
        )
    };
}

const BY_ID: &str = select!("WHERE p.id = ?1");
const BY_PUBLIC_TOKEN: &str = select!("WHERE p.public_token = ?1");
// A secret has an end as soon as `revoked_at` is set: one that is replaced has it ahead. A version that knows no such ends
// refuses it at once, which opens nothing.
const BY_SECRET: &str =
    "SELECT p.id, p.name, p.public_token, p.home_organization_id, p.created_at, p.policy_version, s.last_used_at
     FROM project_secrets s JOIN projects p ON p.id = s.project_id
     WHERE s.project_id = ?1 AND s.secret_hash = ?2 AND (s.revoked_at IS NULL OR s.revoked_at > ?3)";
/// Whoever may know the project may know whether it has such an organization. Never the home organization.
const BY_SECRET_WITH_ORGANIZATION: &str =
    "SELECT p.id, p.name, p.public_token, p.home_organization_id, p.created_at, p.policy_version,
         s.last_used_at,
         o.id, o.doc, o.created_at, o.version
     FROM project_secrets s JOIN projects p ON p.id = s.project_id
     LEFT JOIN organizations o ON o.project_id = s.project_id AND o.id = ?4 AND o.is_home = 0
     WHERE s.project_id = ?1 AND s.secret_hash = ?2 AND (s.revoked_at IS NULL OR s.revoked_at > ?3)";
const LIST: &str = select!("ORDER BY p.created_at, p.id");
const SECRETS: &str = "SELECT secret_hash, name, created_at, last_used_at, revoked_at FROM project_secrets
     WHERE project_id = ?1 ORDER BY created_at, secret_hash";
const INSERT: &str = "INSERT INTO projects (id, name, public_token, home_organization_id, created_at)
     VALUES (?1, ?2, ?3, ?4, ?5)";
const INSERT_SECRET: &str = "INSERT INTO project_secrets (project_id, secret_hash, name, created_at, revoked_at) VALUES (?1, ?2, ?3, ?4, ?5)";
const END_SECRET: &str = "UPDATE project_secrets SET revoked_at = ?3
     WHERE project_id = ?1 AND secret_hash = ?2 AND (revoked_at IS NULL OR revoked_at > ?3)";
const USE_SECRET: &str = "UPDATE project_secrets SET last_used_at = ?3
     WHERE project_id = ?1 AND secret_hash = ?2 AND (last_used_at IS NULL OR last_used_at < ?3)";
const FORGET_SECRETS: &str = "DELETE FROM project_secrets
     WHERE project_id = ?1 AND revoked_at <= ?2 AND secret_hash NOT IN
         (SELECT secret_hash FROM project_secrets WHERE project_id = ?1 AND revoked_at <= ?2
          ORDER BY revoked_at DESC, secret_hash LIMIT ?3)";

const RENAME: &str = "UPDATE projects SET name = ?2 WHERE id = ?1";

const ROW: &str = "SELECT id FROM projects WHERE id = ?1";
const ANOTHER_SECRET: &str = "SELECT secret_hash FROM project_secrets
     WHERE project_id = ?1 AND secret_hash <> ?2 AND (revoked_at IS NULL OR revoked_at > ?3)";
const ROOM_FOR_SECRET: &str = "SELECT p.id FROM projects p WHERE p.id = ?1 AND ?2 >
     (SELECT COUNT(*) FROM project_secrets s
      WHERE s.project_id = p.id AND (s.revoked_at IS NULL OR s.revoked_at > ?3))";

pub(crate) const ALL: &[&str] = &[
    BY_ID,
    BY_PUBLIC_TOKEN,
    BY_SECRET,
    BY_SECRET_WITH_ORGANIZATION,
    LIST,
    SECRETS,
    INSERT,
    INSERT_SECRET,
    END_SECRET,
    USE_SECRET,
    FORGET_SECRETS,
    ANOTHER_SECRET,
    ROOM_FOR_SECRET,
    RENAME,
];
pub(crate) const LOCKED: &[&str] = &[ROW];

/// The project whose credentials were shown, and when they were noted to be used before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BySecret {
    /// The project.
    pub project: Project,
    /// When the secret was last used, as far as that is kept.
    pub last_used_at: Option<Time>,
}

/// Keeps a new project. Its home organization is kept by [`super::organizations::insert_home`] in the same
/// batch.
#[must_use]
pub fn insert(project: &Project) -> Write {
    let home = Param::display(project.home_organization);
    let token = Param::display(project.public_token);
    Write::any(INSERT, params![Param::display(project.id), &project.name, token, home, project.created_at])
}

/// Keeps another API secret of a project.
#[must_use]
pub fn insert_secret(project: ProjectId, secret: &SecretRecord) -> Write {
    let (hash, name) = (secret.hash.as_str(), secret.name.as_str());
    Write::any(INSERT_SECRET, params![Param::display(project), hash, name, secret.created_at, secret.ends_at])
}

/// Forgets the API secrets of a project that are over, but for the newest of them.
#[must_use]
pub fn forget_secrets(project: ProjectId, now: Time) -> Write {
    let most = i64::try_from(MOST_ENDED_SECRETS).unwrap_or(i64::MAX);
    Write::any(FORGET_SECRETS, params![Param::display(project), now, most])
}

/// Notes that an API secret was used. One that was used later since stays so.
#[must_use]
pub fn use_secret(project: ProjectId, hash: &TokenHash, at: Time) -> Write {
    Write::any(USE_SECRET, params![Param::display(project), hash.as_str(), at])
}

/// Calls a project something else.
#[must_use]
pub fn rename(project: ProjectId, name: &str) -> Write {
    Write::any(RENAME, params![Param::display(project), name])
}

/// Ends an API secret, now or then; fails with the guard [`SECRET_ACTIVE`] when it is over by that time anyway.
#[must_use]
pub fn end_secret(project: ProjectId, hash: &TokenHash, end: Time) -> Write {
    Write::one(END_SECRET, params![Param::display(project), hash.as_str(), end], SECRET_ACTIVE)
}

/// The project has an API secret beside this one that stays good for a while, until the batch is kept: fails with the
/// guard [`SECRET_LEFT`].
#[must_use]
pub fn another_secret(project: ProjectId, hash: &TokenHash, now: Time) -> [Hold; 2] {
    let params = params![Param::display(project), hash.as_str(), now.plus(SHORTEST_LIFE)];
    let another = Hold::question(Rank::Project, project, ANOTHER_SECRET, params).or(SECRET_LEFT);
    [row(project, Lock::Mine), another]
}

/// The project has room for another good API secret, until the batch is kept: fails with the guard [`SECRET_ROOM`].
#[must_use]
pub fn room_for_secret(project: ProjectId, now: Time) -> [Hold; 2] {
    let most = i64::try_from(MOST_SECRETS).unwrap_or(i64::MAX);
    let params = params![Param::display(project), most, now];
    [
        row(project, Lock::Mine),
        Hold::question(Rank::Project, project, ROOM_FOR_SECRET, params).or(SECRET_ROOM),
    ]
}

/// The row of a project, which may not be there.
pub(super) fn row(project: ProjectId, lock: Lock) -> Hold {
    Hold::row(Rank::Project, project, lock, ROW, params![Param::display(project)])
}

impl Store {
    /// A project by its id.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn project(&self, id: ProjectId) -> Result<Option<Project>, StoreError> {
        self.query_opt(Read::new(TABLE, BY_ID, params![Param::display(id)]), read).await
    }

    /// A project by what a browser shows.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn project_by_public_token(&self, token: PublicToken) -> Result<Option<Project>, StoreError> {
        self.query_opt(Read::new(TABLE, BY_PUBLIC_TOKEN, params![Param::display(token)]), read).await
    }

    /// The project whose credentials these are: one point read per API request.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn project_by_secret(
        &self,
        id: ProjectId,
        secret: &TokenHash,
        now: Time,
    ) -> Result<Option<BySecret>, StoreError> {
        let params = params![Param::display(id), secret.as_str(), now];
        self.query_opt(Read::new(TABLE, BY_SECRET, params), by_secret).await
    }

    /// The same with an organization of the project, if it has one of this id: most requests are about one. What cannot be
    /// read of it is for those to hear who are let in.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn project_by_secret_with_organization(
        &self,
        id: ProjectId,
        secret: &TokenHash,
        organization: OrganizationId,
        now: Time,
    ) -> Result<Option<(BySecret, Result<Option<Organization>, StoreError>)>, StoreError> {
        let params = params![Param::display(id), secret.as_str(), now, Param::display(organization)];
        let with_organization = |row: &Row<'_>| {
            let organization = match row.opt_str(7)? {
                Some(id) => organizations::organization_at(row, 7)
                    .map(Some)
                    .map_err(|error| StoreError::from(error.at("organizations", id))),
                None => Ok(None),
            };
            Ok((by_secret(row)?, organization))
        };
        let found = self.query_opt(Read::new(TABLE, BY_SECRET_WITH_ORGANIZATION, params), with_organization);
        Ok(found.await?.map(|(known, organization)| {
            (known, organization.inspect_err(|error| self.count_unreadable(error)))
        }))
    }

    /// All projects, the oldest first.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn projects(&self) -> Result<Vec<Project>, StoreError> {
        self.list(Read::new(TABLE, LIST, Vec::new()), read).await
    }

    /// The API secrets of a project, the newest of those that are over too, the oldest first.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn project_secrets(&self, project: ProjectId) -> Result<Vec<SecretRecord>, StoreError> {
        let read = Read::new("project_secrets", SECRETS, params![Param::display(project)]);
        let parse = |row: &Row<'_>| {
            Ok(SecretRecord {
                hash: hash(row, 0)?,
                name: row.text(1)?,
                created_at: time(row, 2)?,
                last_used_at: opt_time(row, 3)?,
                ends_at: opt_time(row, 4)?,
            })
        };
        self.query_all(read, parse).await
    }
}

fn by_secret(row: &Row<'_>) -> Result<BySecret, RowError> {
    Ok(BySecret { project: read(row)?, last_used_at: opt_time(row, 6)? })
}

pub(super) fn read(row: &Row<'_>) -> Result<Project, RowError> {
    Ok(Project {
        id: parsed(row, 0)?,
        name: row.text(1)?,
        public_token: parsed(row, 2)?,
        home_organization: parsed(row, 3)?,
        created_at: time(row, 4)?,
        policy_version: row.int(5)?,
    })
}
