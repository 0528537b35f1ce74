//! What an operator does to a project, for its audit trail.

use serde_json::Map;
use vestibule_domain::application::{Application, ClientGrant};
use vestibule_domain::connection::Connection;
use vestibule_domain::event::{Change, Event, EventKind, Object, changes};
use vestibule_domain::id::{AuditId, OrganizationId, ProjectId};
use vestibule_domain::identity::Registration;
use vestibule_domain::project::{FrontendSettings, SecretRecord};
use vestibule_domain::rbac::Actor;
use vestibule_store::Write;
use vestibule_store::tables::events;

use super::run::Tools;

/// Who is at the terminal is not known: any name the system could give is one that was chosen there.
pub(super) const OPERATOR: &str = "command line";

/// The write that keeps what was done to a project; `about` is a name and a value that says more. Never a secret.
pub(super) fn event(project: ProjectId, kind: EventKind, about: (&str, String), tools: Tools<'_>) -> Write {
    done_to(Object::Project(project), (project, None), kind, [about], tools)
}

/// The write that keeps what was done to an API secret of a project.
pub(super) fn event_of_secret(
    project: ProjectId,
    kind: EventKind,
    secret: &SecretRecord,
    tools: Tools<'_>,
) -> Write {
    let detail = [
        ("secret_id", secret.id(project.environment()).to_string()),
        ("handle", secret.handle()),
        ("name", secret.name.clone()),
        ("ends_at", secret.ends_at.map(|end| end.to_string()).unwrap_or_default()),
    ];
    done_to(Object::Project(project), (project, None), kind, detail, tools)
}

/// The write that keeps what was done to an application, or to what it may do.
pub(super) fn event_of_application(
    application: &Application,
    kind: EventKind,
    grant: Option<&ClientGrant>,
    tools: Tools<'_>,
) -> Write {
    let detail = [
        ("client_id", application.client_id.to_string()),
        ("name", application.settings.name.clone()),
        ("audience", grant.map(|grant| grant.audience.to_string()).unwrap_or_default()),
        ("scopes", grant.map(|grant| grant.scopes.join(" ")).unwrap_or_default()),
    ];
    let detail = detail.into_iter().filter(|(_, value)| !value.is_empty());
    done_to(Object::Application(application.id), (application.project_id, None), kind, detail, tools)
}

/// The write that keeps what was changed about browsers and phones.
pub(super) fn event_of_frontend(
    project: ProjectId,
    before: &FrontendSettings,
    after: &FrontendSettings,
    tools: Tools<'_>,
) -> Write {
    let mut event = event_of(Object::Project(project), (project, None), EventKind::FrontendChanged, tools);
    event.changes = changes(&before.into(), &after.into());
    events::append(&event)
}

/// The write that keeps what was changed of a project's policy.
pub(super) fn event_of_policy(
    project: ProjectId,
    changes: Vec<Change>,
    more: usize,
    tools: Tools<'_>,
) -> Write {
    let mut event = event_of(Object::Project(project), (project, None), EventKind::RbacPolicyChanged, tools);
    event.changes = changes;
    if more > 0 {
        event.detail.insert("more_changes".to_owned(), more.into());
    }
    events::append(&event)
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
    let owner = (registration.project_id, Some(registration.organization_id));
    done_to(Object::Member(registration.member_id), owner, kind, detail, tools)
}

/// The write that keeps what was done to a connection; `about` is a name and a value that says more. Never a secret.
pub(super) fn event_of_connection(
    connection: &Connection,
    kind: EventKind,
    about: (&str, String),
    tools: Tools<'_>,
) -> Write {
    let owner = (connection.project_id, Some(connection.organization_id));
    done_to(Object::Connection(connection.id), owner, kind, [about], tools)
}

fn done_to<'a>(
    object: Object,
    owner: (ProjectId, Option<OrganizationId>),
    kind: EventKind,
    detail: impl IntoIterator<Item = (&'a str, String)>,
    tools: Tools<'_>,
) -> Write {
    let mut event = event_of(object, owner, kind, tools);
    event.detail = detail.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    events::append(&event)
}

fn event_of(
    object: Object,
    (project_id, organization_id): (ProjectId, Option<OrganizationId>),
    kind: EventKind,
    tools: Tools<'_>,
) -> Event {
    Event {
        id: AuditId::generate_at(project_id.environment(), tools.now, tools.entropy),
        project_id,
        organization_id,
        actor: Actor::Operator(OPERATOR.to_owned()),
        kind,
        object,
        changes: Vec::new(),
        detail: Map::new(),
        request_id: String::new(),
        ip_address: String::new(),
        at: tools.now,
    }
}
