//! The audit trail, written in the same batch as what it tells of.

use std::fmt::Display;

use serde_json::{Map, Value};
use vestibule_domain::Time;
use vestibule_domain::audit::AuditEvent;
use vestibule_domain::connection::Connection;
use vestibule_domain::id::{AuditId, MemberId, OrganizationId, ProjectId};
use vestibule_domain::rbac::{Actor, Permit};
use vestibule_store::Write;
use vestibule_store::tables::audit;

use crate::http::ctx::Ctx;
use crate::world::App;

/// The write that notes an action taken with a permit.
#[must_use]
pub fn note(app: &App, ctx: &Ctx, permit: &Permit, action: &str, target: impl Display) -> Write {
    detailed(app, ctx, permit, action, target, Map::new())
}

/// The same with more that is worth knowing; never a secret.
#[must_use]
pub fn detailed(
    app: &App,
    ctx: &Ctx,
    permit: &Permit,
    action: &str,
    target: impl Display,
    mut detail: Map<String, Value>,
) -> Write {
    let actor = match permit.actor() {
        Actor::Project => None,
        Actor::Member(id) => Some(id),
    };
    let of = Of { project_id: permit.project_id(), organization_id: Some(permit.organization_id()), actor };
    detail.insert("ip_address".to_owned(), Value::String(ctx.ip.to_string()));
    write(app, of, action, target, detail, ctx.request_id.to_string(), ctx.now)
}

/// The write that notes what the server did unasked, such as reading a provider's metadata again.
#[must_use]
pub fn unasked(
    app: &App,
    now: Time,
    of: Of,
    action: &str,
    target: impl Display,
    detail: Map<String, Value>,
) -> Write {
    write(app, of, action, target, detail, String::new(), now)
}

/// Where something happened, and who did it.
#[derive(Clone, Copy, Debug)]
pub struct Of {
    /// The project.
    pub project_id: ProjectId,
    /// The organization, if in one.
    pub organization_id: Option<OrganizationId>,
    /// The member; `None` is the project's backend or the server itself.
    pub actor: Option<MemberId>,
}

impl Of {
    /// What the server does to a connection unasked.
    #[must_use]
    pub const fn connection(connection: &Connection) -> Self {
        Self {
            project_id: connection.project_id,
            organization_id: Some(connection.organization_id),
            actor: None,
        }
    }
}

/// The write that notes an action which needed no permit: a sign-in, or a project's own doing.
#[must_use]
pub fn entry(
    app: &App,
    ctx: &Ctx,
    project_id: ProjectId,
    organization_id: Option<OrganizationId>,
    actor: Option<MemberId>,
    action: &str,
    target: impl Display,
) -> Write {
    let mut detail = Map::new();
    detail.insert("ip_address".to_owned(), Value::String(ctx.ip.to_string()));
    let of = Of { project_id, organization_id, actor };
    write(app, of, action, target, detail, ctx.request_id.to_string(), ctx.now)
}

fn write(
    app: &App,
    of: Of,
    action: &str,
    target: impl Display,
    detail: Map<String, Value>,
    request_id: String,
    at: Time,
) -> Write {
    audit::append(&AuditEvent {
        id: AuditId::generate(of.project_id.environment(), app.entropy.as_ref()),
        project_id: of.project_id,
        organization_id: of.organization_id,
        actor: of.actor,
        action: action.to_owned(),
        target: target.to_string(),
        detail,
        request_id,
        at,
    })
}
