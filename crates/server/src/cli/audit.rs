//! What an operator does to a project, for its audit trail.

use serde_json::Map;
use vestibule_domain::connection::Connection;
use vestibule_domain::event::{Event, EventKind, Object};
use vestibule_domain::id::{AuditId, ProjectId};
use vestibule_domain::identity::Registration;
use vestibule_domain::rbac::Actor;
use vestibule_store::Write;
use vestibule_store::tables::events;

use super::run::Tools;

/// Who is at the terminal is not known: any name the system could give is one that was chosen there.
pub(super) const OPERATOR: &str = "command line";

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

/// The write that keeps what was done to how a member is registered, who was `before` somebody else at the connection.
pub(super) fn event_of_member(
    registration: &Registration,
    kind: EventKind,
    before: &str,
    tools: Tools<'_>,
) -> Write {
    let detail = [
        ("registration_id", registration.id.to_string()),
        ("connection_id", registration.connection_id.to_string()),
        ("before", before.to_owned()),
        ("after", registration.external_id.clone()),
    ];
    events::append(&Event {
        id: AuditId::generate_at(registration.id.environment(), tools.now, tools.entropy),
        project_id: registration.project_id,
        organization_id: Some(registration.organization_id),
        actor: Actor::Operator(OPERATOR.to_owned()),
        kind,
        object: Object::Member(registration.member_id),
        changes: Vec::new(),
        detail: detail.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect(),
        request_id: String::new(),
        ip_address: String::new(),
        at: tools.now,
    })
}

/// The write that keeps what was done to a connection; `about` is a name and a value that says more. Never a secret.
pub(super) fn event_of_connection(
    connection: &Connection,
    kind: EventKind,
    about: (&str, String),
    tools: Tools<'_>,
) -> Write {
    events::append(&Event {
        id: AuditId::generate_at(connection.id.environment(), tools.now, tools.entropy),
        project_id: connection.project_id,
        organization_id: Some(connection.organization_id),
        actor: Actor::Operator(OPERATOR.to_owned()),
        kind,
        object: Object::Connection(connection.id),
        changes: Vec::new(),
        detail: Map::from_iter([(about.0.to_owned(), about.1.into())]),
        request_id: String::new(),
        ip_address: String::new(),
        at: tools.now,
    })
}
