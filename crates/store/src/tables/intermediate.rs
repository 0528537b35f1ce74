//! Sign-ins that wait for another factor, or for the choice of an organization.

use vestibule_domain::Time;
use vestibule_domain::id::ProjectId;
use vestibule_domain::login::IntermediateSession;
use vestibule_domain::secret::TokenHash;

use super::row::doc;
use crate::error::{Guard, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

/// The guard of [`spend`]: it was used before, or has ended.
pub const UNUSED: Guard = Guard("intermediate_session_unused");

const INSERT: &str =
    "INSERT INTO intermediate_sessions (hash, project_id, expires_at, doc) VALUES (?1, ?2, ?3, ?4)";
const FIND: &str = "SELECT hash, doc FROM intermediate_sessions WHERE hash = ?1 AND project_id = ?2";
const SPEND: &str =
    "DELETE FROM intermediate_sessions WHERE hash = ?1 AND project_id = ?2 AND expires_at > ?3";

pub(crate) const ALL: &[&str] = &[INSERT, FIND, SPEND];

/// Keeps a new intermediate session.
#[must_use]
pub fn insert(session: &IntermediateSession) -> Write {
    let project = Param::display(session.project_id);
    Write::any(INSERT, params![session.hash.as_str(), project, session.expires_at, Param::json(session)])
}

/// Uses one up: of all who try, one succeeds. Fails with the guard [`UNUSED`].
#[must_use]
pub fn spend(session: &IntermediateSession, now: Time) -> Write {
    Write::one(SPEND, params![session.hash.as_str(), Param::display(session.project_id), now], UNUSED)
}

impl Store {
    /// The intermediate session with this token, also an expired one.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn intermediate_session(
        &self,
        project: ProjectId,
        hash: &TokenHash,
    ) -> Result<Option<IntermediateSession>, StoreError> {
        let read = Read::new("intermediate_sessions", FIND, params![hash.as_str(), Param::display(project)]);
        self.query_opt(read, |row: &crate::Row<'_>| doc(row, 1)).await
    }
}
