//! Sign-in traces: what is remembered of attempts to sign in, the newest of each connection only.

use vestibule_domain::id::{ConnectionId, OrganizationId, ProjectId, TraceId};
use vestibule_domain::trace::SignInTrace;

use super::row::doc_of;
use super::search::{Cursor, Page};
use crate::dialect::Row;
use crate::error::{RowError, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

const TABLE: &str = "traces";

const INSERT: &str = "INSERT INTO traces (project_id, id, organization_id, connection_id, outcome, at, doc)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const FIND: &str = "SELECT id, doc FROM traces WHERE project_id = ?1 AND id = ?2";
const LIST: &str = "SELECT id, doc, at FROM traces
     WHERE project_id = ?1 AND (at, id) < (?2, ?3)
       AND (?5 = '' OR organization_id = ?5) AND (?6 = '' OR connection_id = ?6) AND (?7 = '' OR outcome = ?7)
     ORDER BY at DESC, id DESC LIMIT ?4";
const CROWDED: &str = "SELECT connection_id FROM traces WHERE project_id = ?1
     GROUP BY connection_id HAVING COUNT(*) > ?2";
const PRUNE: &str = "DELETE FROM traces WHERE project_id = ?1 AND connection_id = ?2 AND (at, id) <
     (SELECT at, id FROM traces WHERE project_id = ?1 AND connection_id = ?2
      ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?3)";

pub(crate) const ALL: &[&str] = &[INSERT, FIND, LIST, CROWDED, PRUNE];

/// Which traces to list; what is `None` does not matter.
#[derive(Clone, Copy, Debug, Default)]
pub struct TraceFilter<'a> {
    /// Only those of an organization.
    pub organization: Option<OrganizationId>,
    /// Only those of a connection.
    pub connection: Option<ConnectionId>,
    /// Only those that ended so: `accepted` or `refused`.
    pub outcome: Option<&'a str>,
}

/// Keeps a trace.
#[must_use]
pub fn insert(trace: &SignInTrace) -> Write {
    let (project, id) = (Param::display(trace.project_id), Param::display(trace.id));
    let (organization, connection) =
        (Param::display(trace.organization_id), Param::display(trace.connection_id));
    let outcome = trace.outcome.as_str();
    Write::any(INSERT, params![project, id, organization, connection, outcome, trace.at, Param::json(trace)])
}

/// Forgets all but the newest `keep` (at least one) traces of a connection: whoever makes many at one makes room for them
/// there.
#[must_use]
pub fn prune(project: ProjectId, connection: &str, keep: u32) -> Write {
    Write::any(PRUNE, params![Param::display(project), connection, i64::from(keep.max(1)) - 1])
}

impl Store {
    /// A trace by its id.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn trace(&self, project: ProjectId, id: TraceId) -> Result<Option<SignInTrace>, StoreError> {
        let read = Read::new(TABLE, FIND, params![Param::display(project), Param::display(id)]);
        self.query_opt(read, read_trace).await
    }

    /// The ids of a project's connections that have more traces than `keep`.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub(crate) async fn crowded_traces(
        &self,
        project: ProjectId,
        keep: u32,
    ) -> Result<Vec<String>, StoreError> {
        let read = Read::new(TABLE, CROWDED, params![Param::display(project), i64::from(keep)]);
        self.scan(project, read, |row| row.text(0)).await
    }

    /// The traces of a project, the newest first.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn traces(
        &self,
        project: ProjectId,
        filter: TraceFilter<'_>,
        before: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<SignInTrace>, StoreError> {
        let (at, id) = Cursor::or_end(before);
        let params = params![
            Param::display(project),
            at,
            id,
            i64::from(limit) + 1,
            filter.organization.map_or_else(String::new, |id| id.to_string()),
            filter.connection.map_or_else(String::new, |id| id.to_string()),
            filter.outcome.unwrap_or_default(),
        ];
        self.page(project, Read::new(TABLE, LIST, params), limit, 2, read_trace).await
    }
}

fn read_trace(row: &Row<'_>) -> Result<SignInTrace, RowError> {
    doc_of(row, 1, |trace: &SignInTrace| trace.id)
}
