//! `vestibule audit`: the audit trail of a project, the newest first.

use std::process::ExitCode;

use vestibule_store::tables::events::EventFilter;

use super::args::{AuditArgs, AuditFormat};
use super::open::CliError;
use super::out;
use super::run::{known_project, store};
use crate::operations::event_view::EventView;

/// Events that are read at once.
const PAGE: u32 = 500;

/// Writes what the filters leave, a line an event.
///
/// # Errors
/// There is no such project, or the store's.
pub(super) async fn run(arguments: AuditArgs) -> Result<ExitCode, CliError> {
    let AuditArgs { project_id, organization, action, object, since, until, limit, format, config } =
        arguments;
    let store = store(*config).await?;
    let project = known_project(&store, project_id).await?;
    let filter = EventFilter { organization, kind: action, object, since, until };
    let (mut left, mut cursor) = (limit.unwrap_or(u64::MAX), None);
    while left > 0 {
        let most = PAGE.min(u32::try_from(left).unwrap_or(PAGE));
        let page = store.events(project.id, &filter, cursor.as_ref(), most).await?;
        left = left.saturating_sub(page.items.len() as u64);
        for event in page.items {
            let event = EventView::from(event);
            match format {
                AuditFormat::Text => out::answer(event),
                AuditFormat::Ndjson => out::answer(serde_json::to_string(&event).unwrap_or_default()),
            }
        }
        let Some(next) = page.next else { break };
        cursor = Some(next);
    }
    Ok(ExitCode::SUCCESS)
}
