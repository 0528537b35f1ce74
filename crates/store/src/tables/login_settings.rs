//! What a project decides for the pages where its people sign in and out.

use vestibule_domain::id::ProjectId;
use vestibule_domain::project::LoginSettings;

use super::row::doc;
use crate::error::{Guard, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

/// The guard of [`set`]: the settings have changed meanwhile.
pub const VERSION: Guard = Guard("login_settings_version");

const FIND: &str = "SELECT project_id, version, doc FROM login_settings WHERE project_id = ?1";
const SET: &str = "INSERT INTO login_settings (project_id, version, doc) VALUES (?1, ?2, ?3)
     ON CONFLICT (project_id) DO UPDATE SET version = excluded.version, doc = excluded.doc
     WHERE login_settings.version = ?4";

pub(crate) const ALL: &[&str] = &[FIND, SET];

/// Keeps the settings of a project; fails with the guard [`VERSION`] when they are not at `expected_version` any more,
/// which is 0 where there were none.
#[must_use]
pub fn set(project: ProjectId, settings: &LoginSettings, expected_version: i64) -> Write {
    let (id, next) = (Param::display(project), expected_version + 1);
    Write::one(SET, params![id, next, Param::json(settings), expected_version], VERSION)
}

impl Store {
    /// The settings of a project, with their version: those of a project where nobody has made any, and 0.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn login_settings(&self, project: ProjectId) -> Result<(LoginSettings, i64), StoreError> {
        let read = Read::new("login_settings", FIND, params![Param::display(project)]);
        let found = self.query_opt(read, |row| Ok((doc(row, 2)?, row.int(1)?))).await?;
        Ok(found.unwrap_or_default())
    }
}
