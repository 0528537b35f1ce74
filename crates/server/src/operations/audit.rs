//! The audit trail, written in the same batch as what it tells of.

use std::fmt::Display;

use serde_json::{Map, Value};
use vestibule_domain::audit::AuditEvent;
use vestibule_domain::id::{AuditId, MemberId, OrganizationId, ProjectId};
use vestibule_domain::rbac::{Actor, Permit};
use vestibule_store::Write;
use vestibule_store::tables::audit;

use crate::app::App;
use crate::ctx::Ctx;

/// The write that notes an action taken with a permit.
#[must_use]
pub fn note(app: &App, ctx: &Ctx, permit: &Permit, action: &str, target: impl Display) -> Write {
    let actor = match permit.actor() {
        Actor::Project => None,
        Actor::Member(id) => Some(id),
    };
    entry(app, ctx, permit.project_id(), Some(permit.organization_id()), actor, action, target)
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
    audit::append(&AuditEvent {
        id: AuditId::generate(project_id.environment(), app.entropy.as_ref()),
        project_id,
        organization_id,
        actor,
        action: action.to_owned(),
        target: target.to_string(),
        detail,
        request_id: ctx.request_id.to_string(),
        at: ctx.now,
    })
}
