//! Policies, as backends read and cache them (contract 3.5).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use serde::Serialize;

use crate::doors::stytch::caller::Caller;
use crate::doors::stytch::wire::{PolicyOut, RoleOut};
use crate::doors::stytch::{Answer, ok};
use crate::http::ctx::Ctx;
use crate::http::input::Path;
use crate::world::App;

/// The routes of this file.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/b2b/rbac/policy", get(policy))
        .route("/v1/b2b/rbac/organizations/{organization_id}", get(organization_policy))
}

async fn policy(State(app): State<Arc<App>>, ctx: Ctx, _: Caller) -> Answer {
    #[derive(Serialize)]
    struct Body {
        policy: PolicyOut,
    }
    ok(&ctx, Body { policy: PolicyOut::from(&app.policy) })
}

async fn organization_policy(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Path(organization_id): Path<String>,
) -> Answer {
    #[derive(Serialize)]
    struct OrgPolicy {
        roles: Vec<RoleOut>,
    }
    #[derive(Serialize)]
    struct Body {
        org_policy: OrgPolicy,
    }
    let organization = caller.organization(&app, &organization_id).await?;
    let roles = organization.custom_roles.iter().map(RoleOut::from).collect();
    ok(&ctx, Body { org_policy: OrgPolicy { roles } })
}
