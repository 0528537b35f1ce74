//! Projects and their API secrets.

use vestibule_domain::Time;
use vestibule_domain::id::{OrganizationId, ProjectId, PublicToken};
use vestibule_domain::organization::Organization;
use vestibule_domain::project::Project;
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

/// The guard of [`revoke_secret`].
pub const SECRET_ACTIVE: Guard = Guard("project_secret_active");
/// The guard of [`another_secret`].
pub const SECRET_LEFT: Guard = Guard("project_secret_left");

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
const BY_SECRET: &str = select!(
    "JOIN project_secrets s ON s.project_id = p.id
     WHERE s.project_id = ?1 AND s.secret_hash = ?2 AND s.revoked_at IS NULL"
);
/// Whoever may know the project may know whether it has such an organization. Never the home organization.
const BY_SECRET_WITH_ORGANIZATION: &str =
    "SELECT p.id, p.name, p.public_token, p.home_organization_id, p.created_at, p.policy_version,
         o.id, o.doc, o.created_at, o.version
     FROM project_secrets s JOIN projects p ON p.id = s.project_id
     LEFT JOIN organizations o ON o.project_id = s.project_id AND o.id = ?3 AND o.is_home = 0
     WHERE s.project_id = ?1 AND s.secret_hash = ?2 AND s.revoked_at IS NULL";
const LIST: &str = select!("ORDER BY p.created_at, p.id");
const SECRETS: &str = "SELECT secret_hash, created_at, revoked_at FROM project_secrets
     WHERE project_id = ?1 ORDER BY created_at, secret_hash";
const INSERT: &str = "INSERT INTO projects (id, name, public_token, home_organization_id, created_at)
     VALUES (?1, ?2, ?3, ?4, ?5)";
const INSERT_SECRET: &str =
    "INSERT INTO project_secrets (project_id, secret_hash, created_at) VALUES (?1, ?2, ?3)";
const REVOKE_SECRET: &str = "UPDATE project_secrets SET revoked_at = ?3
     WHERE project_id = ?1 AND secret_hash = ?2 AND revoked_at IS NULL";

const RENAME: &str = "UPDATE projects SET name = ?2 WHERE id = ?1";

const ROW: &str = "SELECT id FROM projects WHERE id = ?1";
const ANOTHER_SECRET: &str = "SELECT secret_hash FROM project_secrets
     WHERE project_id = ?1 AND secret_hash <> ?2 AND revoked_at IS NULL";

pub(crate) const ALL: &[&str] = &[
    BY_ID,
    BY_PUBLIC_TOKEN,
    BY_SECRET,
    BY_SECRET_WITH_ORGANIZATION,
    LIST,
    SECRETS,
    INSERT,
    INSERT_SECRET,
    REVOKE_SECRET,
    ANOTHER_SECRET,
    RENAME,
];
pub(crate) const LOCKED: &[&str] = &[ROW];

/// An API secret as it is kept: only its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRecord {
    /// The hash.
    pub hash: TokenHash,
    /// When it was made.
    pub created_at: Time,
    /// When it stopped being good.
    pub revoked_at: Option<Time>,
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
pub fn insert_secret(project: ProjectId, hash: &TokenHash, now: Time) -> Write {
    Write::any(INSERT_SECRET, params![Param::display(project), hash.as_str(), now])
}

/// Calls a project something else.
#[must_use]
pub fn rename(project: ProjectId, name: &str) -> Write {
    Write::any(RENAME, params![Param::display(project), name])
}

/// Ends an API secret; fails with the guard [`SECRET_ACTIVE`] when it is not good any more.
#[must_use]
pub fn revoke_secret(project: ProjectId, hash: &TokenHash, now: Time) -> Write {
    Write::one(REVOKE_SECRET, params![Param::display(project), hash.as_str(), now], SECRET_ACTIVE)
}

/// The row of a project, which may not be there.
pub(super) fn row(project: ProjectId, lock: Lock) -> Hold {
    Hold::row(Rank::Project, project, lock, ROW, params![Param::display(project)])
}

/// The project has a good API secret beside this one, until the batch is kept: fails with the guard [`SECRET_LEFT`].
#[must_use]
pub fn another_secret(project: ProjectId, hash: &TokenHash) -> [Hold; 2] {
    let id = Param::display(project);
    [
        row(project, Lock::Mine),
        Hold::question(Rank::Project, project, ANOTHER_SECRET, params![id, hash.as_str()]).or(SECRET_LEFT),
    ]
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
    ) -> Result<Option<Project>, StoreError> {
        let params = params![Param::display(id), secret.as_str()];
        self.query_opt(Read::new(TABLE, BY_SECRET, params), read).await
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
    ) -> Result<Option<(Project, Result<Option<Organization>, StoreError>)>, StoreError> {
        let params = params![Param::display(id), secret.as_str(), Param::display(organization)];
        let with_organization = |row: &Row<'_>| {
            let organization = match row.opt_str(6)? {
                Some(id) => organizations::organization_at(row, 6)
                    .map(Some)
                    .map_err(|error| StoreError::from(error.at("organizations", id))),
                None => Ok(None),
            };
            Ok((read(row)?, organization))
        };
        let found = self.query_opt(Read::new(TABLE, BY_SECRET_WITH_ORGANIZATION, params), with_organization);
        Ok(found.await?.map(|(project, organization)| {
            (project, organization.inspect_err(|error| self.count_unreadable(error)))
        }))
    }

    /// All projects, the oldest first.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn projects(&self) -> Result<Vec<Project>, StoreError> {
        self.list(Read::new(TABLE, LIST, Vec::new()), read).await
    }

    /// The API secrets of a project, revoked ones too, the oldest first.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn project_secrets(&self, project: ProjectId) -> Result<Vec<SecretRecord>, StoreError> {
        let read = Read::new("project_secrets", SECRETS, params![Param::display(project)]);
        let parse = |row: &Row<'_>| {
            Ok(SecretRecord { hash: hash(row, 0)?, created_at: time(row, 1)?, revoked_at: opt_time(row, 2)? })
        };
        self.query_all(read, parse).await
    }
}

fn read(row: &Row<'_>) -> Result<Project, RowError> {
    Ok(Project {
        id: parsed(row, 0)?,
        name: row.text(1)?,
        public_token: parsed(row, 2)?,
        home_organization: parsed(row, 3)?,
        created_at: time(row, 4)?,
        policy_version: row.int(5)?,
    })
}
