//! Parts of organizations that this server has none of: applications that act for one of them by themselves, domains that are
//! verified by hand, applications that are for one alone. Whoever reads all of an organization finds empty lists.

use std::sync::Arc;

use axum::extract::State;
use serde_json::{Value, json};

use super::needs::*;
use super::{Answer, IdPath, Manager, ok};
use crate::doors::auth0::Auth0;
use crate::http::ctx::Ctx;
use crate::http::endpoint::Endpoints;
use crate::http::input::Path;
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Auth0> {
    let of = |part: &str| format!("/api/v2/organizations/{{id}}/{part}");
    Endpoints::new()
        .get(&of("client-grants"), READ_ORGANIZATIONS, client_grants)
        .get(&of("clients"), READ_ORGANIZATIONS, clients)
        .get(&of("discovery-domains"), READ_ORGANIZATION_DISCOVERY_DOMAINS, discovery_domains)
}

async fn client_grants(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
) -> Answer<Value> {
    nothing(&app, &ctx, &manager, &path, "client_grants").await
}

async fn clients(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
) -> Answer<Value> {
    nothing(&app, &ctx, &manager, &path, "clients").await
}

async fn discovery_domains(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
) -> Answer<Value> {
    nothing(&app, &ctx, &manager, &path, "domains").await
}

/// A page without items, of an organization that is there.
async fn nothing(app: &App, ctx: &Ctx, manager: &Manager, path: &IdPath, list: &str) -> Answer<Value> {
    manager.organization(app, &path.id).await?;
    ok(ctx, json!({ list: [], "start": 0, "limit": 50, "total": 0 }))
}
