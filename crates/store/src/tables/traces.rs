//! Sign-in traces: what is remembered of attempts to sign in, the newest of each connection only.

use vestibule_domain::Time;
use vestibule_domain::id::{ConnectionId, OrganizationId, ProjectId, RequestId, TraceId};
use vestibule_domain::trace::SignInTrace;

use super::row::doc_of;
use super::search::{Conditions, Cursor, Page};
use crate::dialect::Row;
use crate::error::{RowError, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

const TABLE: &str = "traces";

const INSERT: &str = "INSERT INTO traces (project_id, id, organization_id, connection_id, outcome, at, doc)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const FIND: &str = "SELECT id, doc FROM traces WHERE project_id = ?1 AND id = ?2";
const CROWDED: &str = "SELECT connection_id FROM traces WHERE project_id = ?1
     GROUP BY connection_id HAVING COUNT(*) > ?2";
const PRUNE: &str = "DELETE FROM traces WHERE project_id = ?1 AND connection_id = ?2 AND (at, id) <
     (SELECT at, id FROM traces WHERE project_id = ?1 AND connection_id = ?2
      ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?3)";

const PRUNE_ABANDONED: &str = "DELETE FROM traces WHERE project_id = ?1 AND connection_id = ?2
     AND outcome = 'abandoned' AND (at, id) <
     (SELECT at, id FROM traces WHERE project_id = ?1 AND connection_id = ?2 AND outcome = 'abandoned'
      ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?3)";

pub(crate) const ALL: &[&str] = &[INSERT, FIND, CROWDED, PRUNE, PRUNE_ABANDONED];

/// How most sign-ins end.
const ACCEPTED: &str = "accepted";
/// The condition of the indexes of the others (migration 39).
const NOT_ACCEPTED: &str = "outcome <> 'accepted'";

/// Traces that a search by what only they say looks through.
const LOOKED_THROUGH: u32 = 5000;
/// Those that it reads at once.
const AT_ONCE: u32 = 500;

/// Which traces to list; what is `None` does not matter.
#[derive(Clone, Copy, Debug, Default)]
pub struct TraceFilter<'a> {
    /// Only those of an organization.
    pub organization: Option<OrganizationId>,
    /// Only those of a connection.
    pub connection: Option<ConnectionId>,
    /// Only those that ended so: one of [`vestibule_domain::trace::TraceOutcome::NAMES`].
    pub outcome: Option<&'a str>,
    /// Only those that ended at this time or later.
    pub since: Option<Time>,
    /// Only those that ended before this time.
    pub until: Option<Time>,
}

impl TraceFilter<'_> {
    /// Whether a trace is meant.
    #[must_use]
    pub fn holds(&self, trace: &SignInTrace) -> bool {
        self.organization.is_none_or(|id| trace.organization_id == id)
            && self.connection.is_none_or(|id| trace.connection_id == id)
            && self.outcome.is_none_or(|outcome| trace.outcome.as_str() == outcome)
            && self.since.is_none_or(|since| trace.at >= since)
            && self.until.is_none_or(|until| trace.at < until)
    }

    /// The statement for one page. Only what is asked for stands in it, so that an index of exactly that is taken: those of a
    /// connection, of an organization, and of the few that were not accepted.
    #[must_use]
    pub fn read(self, project: ProjectId, before: Option<&Cursor>, limit: u32) -> Read {
        // What ended before a time stands behind it, as behind a cursor.
        let until = self.until.map(|until| Cursor::new(until, ""));
        let before = match (&until, before) {
            (Some(until), Some(before)) if before.at() >= until.at() => Some(until),
            (Some(until), None) => Some(until),
            (_, before) => before,
        };
        let mut on = Conditions::default();
        let given = [
            ("project_id", Some(project.to_string())),
            // A connection belongs to one organization: its own index is the narrower one, and the engine is kept from the other.
            (
                if self.connection.is_some() { "organization_id || ''" } else { "organization_id" },
                self.organization.map(|id| id.to_string()),
            ),
            ("connection_id", self.connection.map(|id| id.to_string())),
            ("outcome", self.outcome.map(str::to_owned)),
        ];
        for (column, value) in given {
            if let Some(value) = value {
                let value = on.bind(value);
                on.require(format!("{column} = {value}"));
            }
        }
        if self.outcome.is_some_and(|outcome| outcome != ACCEPTED) {
            // What the index of those says, to the letter: a parameter alone would prove nothing to an engine.
            on.require(NOT_ACCEPTED.to_owned());
        }
        if let Some(since) = self.since {
            let since = on.bind(since);
            on.require(format!("at >= {since}"));
        }
        let (at, id) = Cursor::or_end(before);
        let (at, id) = (on.bind(at), on.bind(id));
        on.require(format!("(at, id) < ({at}, {id})"));
        let most = on.bind(i64::from(limit) + 1);
        let (clause, params) = on.finish();
        let sql =
            format!("SELECT id, doc, at FROM traces WHERE {clause} ORDER BY at DESC, id DESC LIMIT {most}");
        Read::composed(TABLE, sql, params)
    }
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

/// Forgets all but the newest `keep` (at least one) traces of a connection's sign-ins that nobody finished: strangers can
/// begin as many as they like, and push out nothing but each other's.
#[must_use]
pub fn prune_abandoned(project: ProjectId, connection: ConnectionId, keep: u32) -> Write {
    let params = params![Param::display(project), Param::display(connection), i64::from(keep.max(1)) - 1];
    Write::any(PRUNE_ABANDONED, params)
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

    /// The trace that a request left, if the filter holds for it. One from before requests named their traces is looked for
    /// among the newest that it holds for: what others' sign-ins leave pushes it out of nobody's sight.
    ///
    /// # Errors
    /// As for [`Store::query_opt`] and [`Store::scan`].
    pub async fn trace_of(
        &self,
        project: ProjectId,
        request: RequestId,
        filter: TraceFilter<'_>,
    ) -> Result<Option<SignInTrace>, StoreError> {
        let named = self.trace(project, request.trace(project.environment())).await?;
        if named.is_some() || request.is_dated() {
            return Ok(named.filter(|trace| filter.holds(trace)));
        }
        let said = request.to_string();
        let is_its = |trace: &SignInTrace| trace.request_id == said;
        let found = self.traces_where(project, filter, None, 1, is_its).await?;
        Ok(found.items.into_iter().next())
    }

    /// The traces of a project of which `is_meant` holds, the newest first. It looks through so many at most: a page may
    /// have fewer than `limit`, or none, and still say where the next begins.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn traces_where(
        &self,
        project: ProjectId,
        filter: TraceFilter<'_>,
        before: Option<&Cursor>,
        limit: u32,
        is_meant: impl Fn(&SignInTrace) -> bool,
    ) -> Result<Page<SignInTrace>, StoreError> {
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut items, mut before, mut left) = (Vec::new(), before.cloned(), LOOKED_THROUGH);
        loop {
            let page = self.traces(project, filter, before.as_ref(), AT_ONCE).await?;
            for trace in page.items.into_iter().filter(&is_meant) {
                if items.len() == most {
                    let last = items.last().map(|last: &SignInTrace| Cursor::new(last.at, last.id));
                    return Ok(Page { items, next: last });
                }
                items.push(trace);
            }
            left = left.saturating_sub(AT_ONCE);
            if page.next.is_none() || left == 0 {
                return Ok(Page { items, next: page.next });
            }
            before = page.next;
        }
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
        self.page(project, filter.read(project, before, limit), limit, 2, read_trace).await
    }
}

fn read_trace(row: &Row<'_>) -> Result<SignInTrace, RowError> {
    doc_of(row, 1, |trace: &SignInTrace| trace.id)
}
