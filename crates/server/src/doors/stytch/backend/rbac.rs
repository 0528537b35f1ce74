//! Policies, as backends read and cache them (contract 3.5).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use serde::Serialize;

use crate::doors::stytch::caller::{Caller, Here};
use crate::doors::stytch::wire::{PolicyOut, RoleOut};
use crate::doors::stytch::{Answer, ok};
use crate::http::ctx::Ctx;
use crate::world::App;

/// The routes of this file.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/b2b/rbac/policy", get(policy))
        .route("/v1/b2b/rbac/organizations/{organization_id}", get(organization_policy))
}

#[derive(Serialize)]
struct ProjectPolicyOut {
    policy: PolicyOut,
}

async fn policy(State(app): State<Arc<App>>, ctx: Ctx, _: Caller) -> Answer<ProjectPolicyOut> {
    ok(&ctx, ProjectPolicyOut { policy: PolicyOut::from(&app.policy) })
}

#[derive(Serialize)]
struct OwnRolesOut {
    roles: Vec<RoleOut>,
}

#[derive(Serialize)]
struct OrganizationPolicyOut {
    org_policy: OwnRolesOut,
}

async fn organization_policy(ctx: Ctx, Here(entry): Here) -> Answer<OrganizationPolicyOut> {
    let roles = entry.organization().custom_roles.iter().map(RoleOut::from).collect();
    ok(&ctx, OrganizationPolicyOut { org_policy: OwnRolesOut { roles } })
}
