//! Names of hosts under which a project signs people in. A name belongs to one project of the whole installation.

use vestibule_domain::Time;
use vestibule_domain::id::ProjectId;
use vestibule_domain::project::{LoginHost, Project};

use super::projects;
use crate::error::{Guard, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

const TABLE: &str = "login_hosts";

/// The guard of [`remove`]: it is no name of the project.
pub const EXISTS: Guard = Guard("login_host_exists");
/// The unique index that refuses a name that a project has.
pub const UNIQUE: &str = "login_hosts_pkey";

// By the name alone: it says which project, and is unique among all.
const PROJECT_AT: &str =
    "SELECT p.id, p.name, p.public_token, p.home_organization_id, p.created_at, p.policy_version
     FROM login_hosts h JOIN projects p ON p.id = h.project_id WHERE h.host = ?1";
// Of an installation with one project there is no question which is meant.
const FIRST_TWO: &str =
    "SELECT p.id, p.name, p.public_token, p.home_organization_id, p.created_at, p.policy_version
     FROM projects p ORDER BY p.created_at, p.id LIMIT 2";
const LIST: &str = "SELECT host FROM login_hosts WHERE project_id = ?1 ORDER BY host";
const INSERT: &str = "INSERT INTO login_hosts (host, project_id, created_at) VALUES (?1, ?2, ?3)";
const DELETE: &str = "DELETE FROM login_hosts WHERE project_id = ?1 AND host = ?2";

pub(crate) const ALL: &[&str] = &[PROJECT_AT, FIRST_TWO, LIST, INSERT, DELETE];

/// Gives a project a name. The index [`UNIQUE`] refuses one that a project has.
#[must_use]
pub fn add(project: ProjectId, host: &LoginHost, now: Time) -> Write {
    Write::any(INSERT, params![host.as_str(), Param::display(project), now])
}

/// Takes a name from a project; fails with the guard [`EXISTS`] when it is not the project's.
#[must_use]
pub fn remove(project: ProjectId, host: &LoginHost) -> Write {
    Write::one(DELETE, params![Param::display(project), host.as_str()], EXISTS)
}

impl Store {
    /// The project that signs people in under a name.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn project_at(&self, host: &LoginHost) -> Result<Option<Project>, StoreError> {
        self.query_opt(Read::new(TABLE, PROJECT_AT, params![host.as_str()]), projects::read).await
    }

    /// The project of an installation that has one. `None` where there are several, or none.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn only_project(&self) -> Result<Option<Project>, StoreError> {
        let mut projects =
            self.query_all(Read::new("projects", FIRST_TWO, Vec::new()), projects::read).await?;
        Ok(projects.pop().filter(|_| projects.is_empty()))
    }

    /// The names of a project.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn login_hosts(&self, project: ProjectId) -> Result<Vec<String>, StoreError> {
        self.list(Read::new(TABLE, LIST, params![Param::display(project)]), |row| row.text(0)).await
    }
}
