//! Settings of the tenant, which is the project.

use std::sync::Arc;

use axum::extract::State;
use serde_json::Value;

use super::needs::*;
use super::{Answer, Manager, ok};
use crate::doors::auth0::Auth0;
use crate::doors::auth0::wire::body::Body;
use crate::doors::auth0::wire::options::Given;
use crate::doors::auth0::wire::query::Query;
use crate::doors::auth0::wire::{listing::Fields, tenant as wire};
use crate::http::ctx::Ctx;
use crate::http::endpoint::Endpoints;
use crate::operations::login_settings;
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Auth0> {
    let path = "/api/v2/tenants/settings";
    Endpoints::new().get(path, READ_TENANT_SETTINGS, show).patch(path, UPDATE_TENANT_SETTINGS, update)
}

async fn show(State(app): State<Arc<App>>, ctx: Ctx, manager: Manager, query: Query) -> Answer<Value> {
    let fields = Fields::read(&query)?;
    let settings = login_settings::current(&app, &manager.grant()?).await?;
    ok(&ctx, fields.of(wire::show(&settings, manager.project())))
}

async fn update(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Body(body): Body<Given>,
) -> Answer<Value> {
    let changed = login_settings::change(&app, &ctx, &manager.grant()?, wire::read(body)?).await?;
    ok(&ctx, wire::show(&changed, manager.project()))
}
