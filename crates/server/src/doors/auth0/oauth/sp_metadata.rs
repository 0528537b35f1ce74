//! `GET /samlp/metadata?connection={name}`: our own metadata for the identity provider of a SAML connection, by the name that this
//! dialect calls it. Which project is meant is said by the host that was asked.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde::Deserialize;
use vestibule_domain::connection::ConnectionName;
use vestibule_domain::refusal::{Thing, What};

use super::OAuth;
use crate::caller::site;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Params;
use crate::operations::connections::sp_metadata;
use crate::world::App;

/// The endpoint of this file.
pub(super) fn endpoints() -> Endpoints<OAuth> {
    Endpoints::new().get("/samlp/metadata", Needs::Nothing, metadata)
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    connection: String,
}

async fn metadata(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Params(named): Params<Named>,
) -> Result<Response, Failure> {
    app.limits.check_browser(ctx.ip)?;
    let not_found = || Failure::from(What::NotFound(Thing::SamlConnection));
    let name = ConnectionName::parse(&named.connection).map_err(|_| not_found())?;
    let site = site::asked(&app, &ctx).await?;
    let found = app.store.connection_named(&app.vault, site.project.id, &name).await?;
    let connection = found.ok_or_else(not_found)?;
    let settings = connection.saml().ok_or_else(not_found)?;
    let known_as = app.known_as(&connection, connection.common.callback, &site.origin);
    let document = sp_metadata::document(&known_as, settings)?;
    let headers = [(CONTENT_TYPE, sp_metadata::MEDIA_TYPE), (CACHE_CONTROL, "public, max-age=300")];
    Ok((headers, document).into_response())
}
