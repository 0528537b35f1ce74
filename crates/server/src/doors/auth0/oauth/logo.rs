//! `GET /login/logos/{connection_name}`: the logo on the button of a connection, as we have fetched it. A browser that is about to sign in
//! asks nobody else for it, and nobody else learns that it is.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use vestibule_domain::connection::ConnectionName;
use vestibule_domain::refusal::{Thing, What};

use super::OAuth;
use crate::caller::site;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Path;
use crate::world::App;

/// The endpoint of this file.
pub(super) fn endpoints() -> Endpoints<OAuth> {
    Endpoints::new().get("/login/logos/{connection_name}", Needs::Nothing, logo)
}

/// Only what stands on a button is shown: of any other connection nobody learns here that there is one.
async fn logo(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Path(connection_name): Path<String>,
) -> Result<Response, Failure> {
    app.limits.check_browser(ctx.ip)?;
    let not_found = || Failure::from(What::NotFound(Thing::Connection));
    let name = ConnectionName::parse(&connection_name).map_err(|_| not_found())?;
    let project = site::asked(&app, &ctx).await?.project.id;
    let found = app.store.connection_named(&app.vault, project, &name).await?;
    let shown = found.filter(|one| one.common.shows_button && !one.common.icon_url.is_empty());
    let connection = shown.ok_or_else(not_found)?;
    let errand = app.fetcher.for_tenant(connection.tenant());
    let logo = app.logos.get(errand, connection.id, &connection.common.icon_url, ctx.now).await;
    let logo = logo.ok_or_else(not_found)?;
    let headers = [
        (CONTENT_TYPE, logo.kind),
        (CACHE_CONTROL, "public, max-age=3600"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ];
    Ok((headers, logo.bytes.to_vec()).into_response())
}
