//! RBAC policies of projects. Roles of one organization are part of that organization.
//!
//! No operation writes one yet: every project has the built-in policy. The table has been there since the first version, so
//! a database may hold a policy, which must go on being readable until there is a way to set one.

use vestibule_domain::id::ProjectId;
use vestibule_domain::rbac::Policy;

use super::row::doc;
use crate::error::{Guard, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

/// The guard of [`update`]: the policy has changed meanwhile.
pub const VERSION: Guard = Guard("policy_version");
/// The unique index that refuses a second first policy.
pub const UNIQUE: &str = "policies_pkey";

const FIND: &str = "SELECT project_id, version, doc FROM policies WHERE project_id = ?1";
const INSERT: &str = "INSERT INTO policies (project_id, version, doc) VALUES (?1, 1, ?2)";
const UPDATE: &str =
    "UPDATE policies SET version = version + 1, doc = ?2 WHERE project_id = ?1 AND version = ?3";

pub(crate) const ALL: &[&str] = &[FIND, INSERT, UPDATE];

/// Keeps the first policy of a project, as version 1.
#[must_use]
pub fn insert(project: ProjectId, policy: &Policy) -> Write {
    Write::any(INSERT, params![Param::display(project), Param::json(policy)])
}

/// Replaces a policy; fails with the guard [`VERSION`] when it is not at `expected_version` any more.
#[must_use]
pub fn update(project: ProjectId, policy: &Policy, expected_version: i64) -> Write {
    Write::one(UPDATE, params![Param::display(project), Param::json(policy), expected_version], VERSION)
}

impl Store {
    /// The policy that a project has set, with its version; `None` when it has set none.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn policy(&self, project: ProjectId) -> Result<Option<(Policy, i64)>, StoreError> {
        let read = Read::new("policies", FIND, params![Param::display(project)]);
        self.query_opt(read, |row| Ok((doc(row, 2)?, row.int(1)?))).await
    }
}
