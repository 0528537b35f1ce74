//! Registered redirect URLs.

use vestibule_domain::id::ProjectId;
use vestibule_domain::redirect::{RedirectKind, RedirectUrl};

use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

const TABLE: &str = "redirect_urls";

/// The guard of [`remove`] and [`make_default`]: there is no such URL.
pub const EXISTS: Guard = Guard("redirect_url_exists");
/// The unique index that refuses a URL registered twice for one kind.
pub const UNIQUE: &str = "redirect_urls_pkey";

const LIST: &str = "SELECT url, kind, is_default FROM redirect_urls WHERE project_id = ?1 ORDER BY kind, url";
const FIND: &str = "SELECT url, kind, is_default FROM redirect_urls
     WHERE project_id = ?1 AND kind = ?2 AND url = ?3";
const DEFAULT: &str = "SELECT url, kind, is_default FROM redirect_urls
     WHERE project_id = ?1 AND kind = ?2 AND is_default = 1";
const DEFAULTS: &str =
    "SELECT url, kind, is_default FROM redirect_urls WHERE project_id = ?1 AND is_default = 1";
const INSERT: &str = "INSERT INTO redirect_urls (project_id, kind, url, is_default) VALUES (?1, ?2, ?3, ?4)";
const DELETE: &str = "DELETE FROM redirect_urls WHERE project_id = ?1 AND kind = ?2 AND url = ?3";
const CLEAR_DEFAULT: &str =
    "UPDATE redirect_urls SET is_default = 0 WHERE project_id = ?1 AND kind = ?2 AND is_default = 1";
const SET_DEFAULT: &str =
    "UPDATE redirect_urls SET is_default = 1 WHERE project_id = ?1 AND kind = ?2 AND url = ?3";

pub(crate) const ALL: &[&str] = &[LIST, FIND, DEFAULT, DEFAULTS, INSERT, DELETE, CLEAR_DEFAULT, SET_DEFAULT];

/// Registers a URL; as the default it takes the place of the one before.
#[must_use]
pub fn add(project: ProjectId, url: &RedirectUrl) -> Vec<Write> {
    let mut writes = Vec::new();
    if url.is_default {
        writes.push(clear_default(project, url.kind));
    }
    let params = params![Param::display(project), url.kind.as_str(), &url.url, url.is_default];
    writes.push(Write::any(INSERT, params));
    writes
}

/// Takes a URL off the list; fails with the guard [`EXISTS`] when it is not on it.
#[must_use]
pub fn remove(project: ProjectId, kind: RedirectKind, url: &str) -> Write {
    Write::one(DELETE, params![Param::display(project), kind.as_str(), url], EXISTS)
}

/// Makes a registered URL the default of its kind; fails with the guard [`EXISTS`] when it is not registered.
#[must_use]
pub fn make_default(project: ProjectId, kind: RedirectKind, url: &str) -> Vec<Write> {
    let set = Write::one(SET_DEFAULT, params![Param::display(project), kind.as_str(), url], EXISTS);
    vec![clear_default(project, kind), set]
}

fn clear_default(project: ProjectId, kind: RedirectKind) -> Write {
    Write::any(CLEAR_DEFAULT, params![Param::display(project), kind.as_str()])
}

impl Store {
    /// All registered URLs of a project.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn redirect_urls(&self, project: ProjectId) -> Result<Vec<RedirectUrl>, StoreError> {
        self.list(Read::new(TABLE, LIST, params![Param::display(project)]), read).await
    }

    /// The registered URL that is exactly this text (in WHATWG normal form), if it is registered for `kind`.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn redirect_url(
        &self,
        project: ProjectId,
        kind: RedirectKind,
        url: &str,
    ) -> Result<Option<RedirectUrl>, StoreError> {
        let params = params![Param::display(project), kind.as_str(), url];
        self.query_opt(Read::new(TABLE, FIND, params), read).await
    }

    /// The default URLs, one of a kind.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn default_redirect_urls(&self, project: ProjectId) -> Result<Vec<RedirectUrl>, StoreError> {
        self.query_all(Read::new(TABLE, DEFAULTS, params![Param::display(project)]), read).await
    }

    /// The default URL of a kind.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn default_redirect_url(
        &self,
        project: ProjectId,
        kind: RedirectKind,
    ) -> Result<Option<RedirectUrl>, StoreError> {
        self.query_opt(Read::new(TABLE, DEFAULT, params![Param::display(project), kind.as_str()]), read).await
    }
}

fn read(row: &Row<'_>) -> Result<RedirectUrl, RowError> {
    let kind = row.str(1)?;
    let kind = RedirectKind::from_name(kind)
        .ok_or_else(|| RowError::because(format!("column 1: {kind:?} is no kind of redirect URL")))?;
    Ok(RedirectUrl { kind, url: row.text(0)?, is_default: row.int(2)? == 1 })
}
