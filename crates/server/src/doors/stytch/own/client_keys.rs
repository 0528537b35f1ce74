//! The keys by which an identity provider knows a connection as its client: `GET
//! /v1/public/sso/oidc/{connection_id}/jwks`, for `private_key_jwt`. Public halves alone, so it needs no credentials.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use vestibule_domain::id::ConnectionId;
use vestibule_domain::refusal::{Thing, What};

use crate::doors::stytch::Stytch;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Path;
use crate::http::key_set;
use crate::operations::connections::assertion_key;
use crate::world::App;

/// The endpoint of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    Endpoints::new().get("/v1/public/sso/oidc/{connection_id}/jwks", Needs::Nothing, keys)
}

async fn keys(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Path(connection): Path<String>,
) -> Result<Response, Failure> {
    app.limits.check_browser(ctx.ip)?;
    let not_found = || Failure::from(What::NotFound(Thing::OidcConnection));
    let id: ConnectionId = connection.parse().map_err(|_| not_found())?;
    let connection = app.store.connection_at_callback(&app.vault, id).await?.ok_or_else(not_found)?;
    connection.oidc().ok_or_else(not_found)?;
    Ok(key_set::of_client(assertion_key::published(&app, &connection, ctx.now).await?))
}
