//! The audit trail: appended, never changed.

use vestibule_domain::audit::AuditEvent;
use vestibule_domain::id::ProjectId;

use super::row::doc_of;
use super::search::{Cursor, Page};
use crate::error::StoreError;
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

const INSERT: &str =
    "INSERT INTO audit_events (project_id, id, organization_id, at, doc) VALUES (?1, ?2, ?3, ?4, ?5)";
const LIST: &str = "SELECT id, doc FROM audit_events
     WHERE project_id = ?1 AND (at, id) < (?2, ?3) ORDER BY at DESC, id DESC LIMIT ?4";

pub(crate) const ALL: &[&str] = &[INSERT, LIST];

/// Appends an event; it belongs in the batch of the change it tells of.
#[must_use]
pub fn append(event: &AuditEvent) -> Write {
    let organization = Param::opt_display(event.organization_id);
    let (project, id) = (Param::display(event.project_id), Param::display(event.id));
    Write::any(INSERT, params![project, id, organization, event.at, Param::json(event)])
}

impl Store {
    /// The events of a project, the newest first.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn audit_events(
        &self,
        project: ProjectId,
        before: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<AuditEvent>, StoreError> {
        let (at, id) = Cursor::or_end(before);
        let params = params![Param::display(project), at, id, i64::from(limit) + 1];
        let read = Read::new("audit_events", LIST, params);
        let events = self.query_all(read, |row| doc_of(row, 1, |event: &AuditEvent| event.id)).await?;
        Ok(Page::cut(events, limit, |event| Cursor::new(event.at, event.id)))
    }
}
