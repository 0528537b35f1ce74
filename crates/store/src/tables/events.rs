//! Events: the audit trail, appended and never changed.

use vestibule_domain::Time;
use vestibule_domain::event::Event;
use vestibule_domain::id::{AuditId, OrganizationId, ProjectId};

use super::row::doc_of;
use super::search::{Conditions, Cursor, Page};
use crate::error::StoreError;
use crate::params;
use crate::sql::{Batch, Param, Read, Write};
use crate::store::Store;

const TABLE: &str = "audit_events";

const INSERT: &str = "INSERT INTO audit_events (project_id, id, organization_id, at, action, object_id, doc)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

const ONE: &str = "SELECT id, doc FROM audit_events WHERE project_id = ?1 AND id = ?2";

pub(crate) const ALL: &[&str] = &[INSERT, ONE];

/// Which events are meant. Nothing given is all of a project's.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Those in an organization.
    pub organization: Option<OrganizationId>,
    /// Those of one kind, by its name. Events from before version 0.2 are not found by it.
    pub kind: Option<String>,
    /// Those of one object, by its id. Events from before version 0.2 are not found by it.
    pub object: Option<String>,
    /// Those at this time or later.
    pub since: Option<Time>,
    /// Those before this time.
    pub until: Option<Time>,
}

/// Appends an event; it belongs in the batch of the change it tells of.
#[must_use]
pub fn append(event: &Event) -> Write {
    let params = params![
        Param::display(event.project_id),
        Param::display(event.id),
        Param::opt_display(event.organization_id),
        event.at,
        event.kind.as_str(),
        Param::display(&event.object),
        Param::json(event),
    ];
    Write::any(INSERT, params)
}

/// What the log says of a change that was kept: what was done to what, and where. The rest is in the trail.
pub(crate) struct Told {
    project: String,
    organization: String,
    action: String,
    object: String,
}

/// What is to be said of a batch. Sign-ins and sessions have lines of their own.
pub(crate) fn told(batch: &Batch) -> Vec<Told> {
    let events = batch.writes.iter().filter(|write| write.statement.sql == INSERT);
    let told = events.filter_map(|write| {
        let text = |at: usize| match write.statement.params.get(at) {
            Some(Param::Text(text) | Param::OptText(Some(text))) => text.clone(),
            _ => String::new(),
        };
        let action = text(4);
        let is_change = !action.starts_with("session.") && !action.starts_with("member.");
        is_change.then(|| Told { project: text(0), organization: text(2), action, object: text(5) })
    });
    told.collect()
}

impl Told {
    /// Says it.
    pub(crate) fn log(&self) {
        let Self { project, organization, action, object } = self;
        tracing::info!(project, organization, action, object, "changed");
    }
}

impl Store {
    /// An event of a project.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn event(&self, project: ProjectId, id: AuditId) -> Result<Option<Event>, StoreError> {
        let read = Read::new(TABLE, ONE, params![Param::display(project), Param::display(id)]);
        self.query_opt(read, |row| doc_of(row, 1, |event: &Event| event.id)).await
    }

    /// The events of a project, the newest first.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn events(
        &self,
        project: ProjectId,
        filter: &EventFilter,
        before: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<Event>, StoreError> {
        let mut conditions = Conditions::default();
        let in_project = conditions.bind(Param::display(project));
        conditions.require(format!("project_id = {in_project}"));
        let organization = filter.organization.map(|id| id.to_string());
        let given =
            [("organization_id", &organization), ("action", &filter.kind), ("object_id", &filter.object)];
        for (column, value) in given {
            if let Some(value) = value {
                let value = conditions.bind(value);
                conditions.require(format!("{column} = {value}"));
            }
        }
        for (time, sign) in [(filter.since, ">="), (filter.until, "<")] {
            if let Some(time) = time {
                let time = conditions.bind(time);
                conditions.require(format!("at {sign} {time}"));
            }
        }
        let (at, id) = Cursor::or_end(before);
        let (at, id) = (conditions.bind(at), conditions.bind(id));
        conditions.require(format!("(at, id) < ({at}, {id})"));
        let most = conditions.bind(i64::from(limit) + 1);
        let (clause, params) = conditions.finish();
        let sql = format!(
            "SELECT id, doc, at FROM audit_events WHERE {clause} ORDER BY at DESC, id DESC LIMIT {most}"
        );
        let read = Read::composed(TABLE, sql, params);
        self.page(project, read, limit, 2, |row| doc_of(row, 1, |event: &Event| event.id)).await
    }
}
