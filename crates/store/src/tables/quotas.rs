//! How often something may be done in a while, counted for all nodes: each use is a guarded write.

use vestibule_domain::Time;
use vestibule_domain::id::ProjectId;
use vestibule_domain::time::Span;

use super::row::time;
use crate::error::{Guard, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

/// The guard of [`take`]: it was done as often as it may.
pub const SPENT: Guard = Guard("quota_spent");

const TAKE: &str = "INSERT INTO quotas (project_id, subject, since, used) VALUES (?1, ?2, ?3, 1)
     ON CONFLICT (project_id, subject) DO UPDATE SET
       used = CASE WHEN quotas.since <= ?4 THEN 1 ELSE quotas.used + 1 END,
       since = CASE WHEN quotas.since <= ?4 THEN ?3 ELSE quotas.since END
     WHERE quotas.since <= ?4 OR quotas.used < ?5";
const FORGET: &str = "DELETE FROM quotas WHERE project_id = ?1 AND subject = ?2";
const FIND: &str = "SELECT subject, since FROM quotas WHERE project_id = ?1 AND subject = ?2 AND used >= ?3";

pub(crate) const ALL: &[&str] = &[TAKE, FORGET, FIND];

/// How often something may be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// What, by whom.
    pub subject: String,
    /// How often.
    pub most: i64,
    /// In which time, from the first use on; at most a day.
    pub per: Span,
}

/// Uses a quota once. Fails with the guard [`SPENT`].
#[must_use]
pub fn take(project: ProjectId, quota: &Quota, now: Time) -> Write {
    let params = params![Param::display(project), &quota.subject, now, now.minus(quota.per), quota.most];
    Write::one(TAKE, params, SPENT)
}

/// Forgets all uses, because one of them went well.
#[must_use]
pub fn forget(project: ProjectId, quota: &Quota) -> Write {
    Write::any(FORGET, params![Param::display(project), &quota.subject])
}

impl Store {
    /// When a quota is good again that is spent.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn quota_ends(&self, project: ProjectId, quota: &Quota) -> Result<Option<Time>, StoreError> {
        let read = Read::new("quotas", FIND, params![Param::display(project), &quota.subject, quota.most]);
        let since = self.query_opt(read, |row| time(row, 1)).await?;
        Ok(since.map(|since| since.plus(quota.per)))
    }
}
