//! What operators add to the built-in policy of their projects. Roles of one organization are part of that organization.
//!
//! The version stands in the project's row too, which every request reads: so each of them knows which policy is in force
//! without asking for it (ADR 33).

use vestibule_domain::id::ProjectId;
use vestibule_domain::rbac::Additions;

use super::projects;
use super::row::doc;
use crate::error::{Guard, StoreError};
use crate::hold::Lock;
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

/// The guard of [`set`]: the policy has changed meanwhile.
pub const VERSION: Guard = Guard("policy_version");

const FIND: &str = "SELECT project_id, version, doc FROM policies WHERE project_id = ?1";
const COUNT_UP: &str = "UPDATE projects SET policy_version = ?2 WHERE id = ?1 AND policy_version = ?3";
const SET: &str = "INSERT INTO policies (project_id, version, doc) VALUES (?1, ?2, ?3)
     ON CONFLICT (project_id) DO UPDATE SET version = excluded.version, doc = excluded.doc";

pub(crate) const ALL: &[&str] = &[FIND, COUNT_UP, SET];

/// Keeps what a project adds, in the place of what it added before; fails with the guard [`VERSION`] when that is not at
/// `expected_version` any more, which is 0 where there was nothing.
#[must_use]
pub fn set(project: ProjectId, additions: &Additions, expected_version: i64) -> [Write; 2] {
    let (id, next) = (Param::display(project), expected_version + 1);
    let count_up = Write::one(COUNT_UP, params![id.clone(), next, expected_version], VERSION);
    [
        count_up.locking(projects::row(project, Lock::Mine)),
        Write::any(SET, params![id, next, Param::json(additions)]),
    ]
}

impl Store {
    /// What a project adds, with its version; `None` when it has never added anything.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn policy(&self, project: ProjectId) -> Result<Option<(Additions, i64)>, StoreError> {
        let read = Read::new("policies", FIND, params![Param::display(project)]);
        self.query_opt(read, |row| Ok((doc(row, 2)?, row.int(1)?))).await
    }
}
