//! What an operator does to a project, for its audit trail.

use serde_json::Map;
use vestibule_domain::event::{Event, EventKind, Object};
use vestibule_domain::id::{AuditId, ProjectId};
use vestibule_domain::rbac::Actor;
use vestibule_store::Write;
use vestibule_store::tables::events;

use super::run::Tools;

/// The write that keeps it; `about` is a name and a value that says more. Never a secret.
pub(super) fn event(project: ProjectId, kind: EventKind, about: (&str, String), tools: Tools<'_>) -> Write {
    events::append(&Event {
        id: AuditId::generate(project.environment(), tools.entropy),
        project_id: project,
        organization_id: None,
        actor: Actor::Operator(account()),
        kind,
        object: Object::Project(project),
        changes: Vec::new(),
        detail: Map::from_iter([(about.0.to_owned(), about.1.into())]),
        request_id: String::new(),
        ip_address: String::new(),
        at: tools.now,
    })
}

/// The account at the terminal, as the system names it: it is a hint, and no proof.
fn account() -> String {
    let named = |variable| std::env::var(variable).ok().filter(|name| !name.is_empty());
    named("SUDO_USER").or_else(|| named("USER")).unwrap_or_else(|| "unknown".to_owned())
}
