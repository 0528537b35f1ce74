//! What browsers and phones may ask a project for, read with the project whose public token they show.

use vestibule_domain::id::{ProjectId, PublicToken};
use vestibule_domain::project::{FrontendSettings, Project};

use super::projects;
use super::row::doc;
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

/// The guard of [`set`]: the settings have changed meanwhile.
pub const VERSION: Guard = Guard("frontend_settings_version");

const FIND: &str = "SELECT project_id, version, doc FROM frontend_settings WHERE project_id = ?1";
const SET: &str = "INSERT INTO frontend_settings (project_id, version, doc) VALUES (?1, ?2, ?3)
     ON CONFLICT (project_id) DO UPDATE SET version = excluded.version, doc = excluded.doc
     WHERE frontend_settings.version = ?4";
const BY_PUBLIC_TOKEN: &str =
    "SELECT p.id, p.name, p.public_token, p.home_organization_id, p.created_at, p.policy_version, f.doc
     FROM projects p LEFT JOIN frontend_settings f ON f.project_id = p.id
     WHERE p.public_token = ?1";

pub(crate) const ALL: &[&str] = &[FIND, SET, BY_PUBLIC_TOKEN];

/// Keeps the settings of a project; fails with the guard [`VERSION`] when they are not at `expected_version` any more,
/// which is 0 where there were none.
#[must_use]
pub fn set(project: ProjectId, settings: &FrontendSettings, expected_version: i64) -> Write {
    let (id, next) = (Param::display(project), expected_version + 1);
    Write::one(SET, params![id, next, Param::json(settings), expected_version], VERSION)
}

impl Store {
    /// The settings of a project, with their version: those of a project where nobody has made any, and 0.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn frontend_settings(&self, project: ProjectId) -> Result<(FrontendSettings, i64), StoreError> {
        let read = Read::new("frontend_settings", FIND, params![Param::display(project)]);
        let found = self.query_opt(read, |row| Ok((doc(row, 2)?, row.int(1)?))).await?;
        Ok(found.unwrap_or_default())
    }

    /// A project by what a browser shows, with its settings: one point read per request of a browser.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn frontend(
        &self,
        token: PublicToken,
    ) -> Result<Option<(Project, FrontendSettings)>, StoreError> {
        let parse = |row: &Row<'_>| -> Result<(Project, FrontendSettings), RowError> {
            let settings = match row.opt_str(6)? {
                Some(_) => doc(row, 6)?,
                None => FrontendSettings::default(),
            };
            Ok((projects::read(row)?, settings))
        };
        self.query_opt(Read::new("projects", BY_PUBLIC_TOKEN, params![Param::display(token)]), parse).await
    }
}
