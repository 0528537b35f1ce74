//! Where a project lets sessions of another system be asked for.

use vestibule_domain::id::ProjectId;

use crate::error::StoreError;
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

const FIND: &str = "SELECT project_id, userinfo_url FROM session_migrations WHERE project_id = ?1";
const SET: &str = "INSERT INTO session_migrations (project_id, userinfo_url) VALUES (?1, ?2)
     ON CONFLICT (project_id) DO UPDATE SET userinfo_url = excluded.userinfo_url";
const UNSET: &str = "DELETE FROM session_migrations WHERE project_id = ?1";

pub(crate) const ALL: &[&str] = &[FIND, SET, UNSET];

/// Keeps the address of a user-info endpoint, or that there is none.
#[must_use]
pub fn set(project: ProjectId, userinfo_url: Option<&str>) -> Write {
    match userinfo_url {
        Some(url) => Write::any(SET, params![Param::display(project), url]),
        None => Write::any(UNSET, params![Param::display(project)]),
    }
}

impl Store {
    /// The address of the user-info endpoint that a project has named, if it has.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn session_migration(&self, project: ProjectId) -> Result<Option<String>, StoreError> {
        let read = Read::new("session_migrations", FIND, params![Param::display(project)]);
        self.query_opt(read, |row| row.text(1)).await
    }
}
