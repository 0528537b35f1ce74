//! What became of the requests of directories, the newest of each directory only.

use vestibule_domain::directory::DirectoryTrace;
use vestibule_domain::id::{DirectoryId, DirectoryTraceId, ProjectId};

use super::row::doc_of;
use super::search::{Cursor, Page};
use crate::dialect::Row;
use crate::error::{RowError, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

const TABLE: &str = "directory_traces";

const INSERT: &str = "INSERT INTO directory_traces (project_id, id, directory_id, outcome, at, doc)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const FIND: &str =
    "SELECT id, doc FROM directory_traces WHERE project_id = ?1 AND directory_id = ?2 AND id = ?3";
const LIST: &str = "SELECT id, doc, at FROM directory_traces
     WHERE project_id = ?1 AND directory_id = ?2 AND (at, id) < (?3, ?4) AND (?6 = '' OR outcome = ?6)
     ORDER BY at DESC, id DESC LIMIT ?5";
const CROWDED: &str = "SELECT directory_id FROM directory_traces WHERE project_id = ?1
     GROUP BY directory_id HAVING COUNT(*) > ?2";
const PRUNE: &str = "DELETE FROM directory_traces WHERE project_id = ?1 AND directory_id = ?2 AND (at, id) <
     (SELECT at, id FROM directory_traces WHERE project_id = ?1 AND directory_id = ?2
      ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?3)";

pub(crate) const ALL: &[&str] = &[INSERT, FIND, LIST, CROWDED, PRUNE];

/// Keeps a trace.
#[must_use]
pub fn insert(trace: &DirectoryTrace) -> Write {
    let params = params![
        Param::display(trace.project_id),
        Param::display(trace.id),
        Param::display(trace.directory_id),
        trace.outcome.as_str(),
        trace.at,
        Param::json(trace),
    ];
    Write::any(INSERT, params)
}

/// Forgets all but the newest `keep` (at least one) traces of a directory.
#[must_use]
pub(super) fn prune(project: ProjectId, directory: &str, keep: u32) -> Write {
    Write::any(PRUNE, params![Param::display(project), directory, i64::from(keep.max(1)) - 1])
}

impl Store {
    /// A trace of a directory.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn directory_trace(
        &self,
        project: ProjectId,
        directory: DirectoryId,
        id: DirectoryTraceId,
    ) -> Result<Option<DirectoryTrace>, StoreError> {
        let params = params![Param::display(project), Param::display(directory), Param::display(id)];
        self.query_opt(Read::new(TABLE, FIND, params), trace).await
    }

    /// Traces of a directory, the newest first; only those that ended so, if that is said.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn directory_traces(
        &self,
        project: ProjectId,
        directory: DirectoryId,
        outcome: Option<&str>,
        before: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<DirectoryTrace>, StoreError> {
        let (at, id) = Cursor::or_end(before);
        let params = params![
            Param::display(project),
            Param::display(directory),
            at,
            id,
            i64::from(limit) + 1,
            outcome.unwrap_or_default(),
        ];
        self.page(project, Read::new(TABLE, LIST, params), limit, 2, trace).await
    }

    /// The ids of a project's directories that have more traces than `keep`.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub(super) async fn crowded_directory_traces(
        &self,
        project: ProjectId,
        keep: u32,
    ) -> Result<Vec<String>, StoreError> {
        let read = Read::new(TABLE, CROWDED, params![Param::display(project), i64::from(keep)]);
        self.scan(project, read, |row| row.text(0)).await
    }
}

fn trace(row: &Row<'_>) -> Result<DirectoryTrace, RowError> {
    doc_of(row, 1, |trace: &DirectoryTrace| trace.id)
}
