//! What an operator does to a project, for its audit trail.

use serde_json::Map;
use vestibule_domain::event::{Event, EventKind, Object};
use vestibule_domain::id::{AuditId, ProjectId};
use vestibule_domain::rbac::Actor;
use vestibule_store::Write;
use vestibule_store::tables::events;

use super::run::Tools;

/// Who is at the terminal is not known: any name the system could give is one that was chosen there.
const OPERATOR: &str = "command line";

/// The write that keeps it; `about` is a name and a value that says more. Never a secret.
pub(super) fn event(project: ProjectId, kind: EventKind, about: (&str, String), tools: Tools<'_>) -> Write {
    events::append(&Event {
        id: AuditId::generate_at(project.environment(), tools.now, tools.entropy),
        project_id: project,
        organization_id: None,
        actor: Actor::Operator(OPERATOR.to_owned()),
        kind,
        object: Object::Project(project),
        changes: Vec::new(),
        detail: Map::from_iter([(about.0.to_owned(), about.1.into())]),
        request_id: String::new(),
        ip_address: String::new(),
        at: tools.now,
    })
}
