//! Sign-ins that wait for a second factor.

use vestibule_domain::id::ProjectId;
use vestibule_domain::login::IntermediateSession;
use vestibule_domain::secret::TokenHash;

use super::row::doc;
use crate::error::StoreError;
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

const INSERT: &str =
    "INSERT INTO intermediate_sessions (hash, project_id, expires_at, doc) VALUES (?1, ?2, ?3, ?4)";
const FIND: &str = "SELECT hash, doc FROM intermediate_sessions WHERE hash = ?1 AND project_id = ?2";

pub(crate) const ALL: &[&str] = &[INSERT, FIND];

/// Keeps a new intermediate session.
#[must_use]
pub fn insert(session: &IntermediateSession) -> Write {
    let project = Param::display(session.project_id);
    Write::any(INSERT, params![session.hash.as_str(), project, session.expires_at, Param::json(session)])
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
