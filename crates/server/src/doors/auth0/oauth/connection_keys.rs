//! `GET /oauth/connection/{name}/.well-known/jwks.json`: the keys by which an identity provider knows a connection as its client.
//! Which project is meant is said by the host that was asked.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use vestibule_domain::connection::ConnectionName;
use vestibule_domain::refusal::{Thing, What};

use super::OAuth;
use crate::caller::site;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Path;
use crate::http::key_set;
use crate::operations::connections::assertion_key;
use crate::world::App;

/// The endpoint of this file.
pub(super) fn endpoints() -> Endpoints<OAuth> {
    Endpoints::new().get("/oauth/connection/{connection_name}/.well-known/jwks.json", Needs::Nothing, keys)
}

async fn keys(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Path(connection_name): Path<String>,
) -> Result<Response, Failure> {
    app.limits.check_browser(ctx.ip)?;
    let not_found = || Failure::from(What::NotFound(Thing::OidcConnection));
    let name = ConnectionName::parse(&connection_name).map_err(|_| not_found())?;
    let project = site::asked(&app, &ctx).await?.project.id;
    let found = app.store.connection_named(&app.vault, project, &name).await?;
    let connection = found.filter(|found| found.oidc().is_some()).ok_or_else(not_found)?;
    Ok(key_set::of_client(assertion_key::published(&app, &connection, ctx.now).await?))
}
