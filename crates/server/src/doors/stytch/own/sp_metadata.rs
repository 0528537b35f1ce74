//! Our own metadata, for identity providers to read: `GET /v1/public/sso/saml/{connection_id}/metadata`. It says
//! nothing that a sign-in would not show, so it needs no credentials.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use vestibule_domain::id::ConnectionId;
use vestibule_domain::refusal::{Thing, What};

use crate::doors::stytch::Stytch;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Path;
use crate::operations::connections::sp_metadata;
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    Endpoints::new().get("/v1/public/sso/saml/{connection_id}/metadata", Needs::Nothing, metadata)
}

async fn metadata(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Path(connection): Path<String>,
) -> Result<Response, Failure> {
    app.limits.check_browser(ctx.ip)?;
    let id: ConnectionId =
        connection.parse().map_err(|_| Failure::from(What::NotFound(Thing::SamlConnection)))?;
    let connection = app.store.connection_at_callback(&app.vault, id).await?;
    let connection = connection.ok_or(What::NotFound(Thing::SamlConnection))?;
    let settings = connection.saml().ok_or(What::NotFound(Thing::SamlConnection))?;
    let document = sp_metadata::document(&app.known_now(&connection), settings)?;
    let headers = [(CONTENT_TYPE, sp_metadata::MEDIA_TYPE), (CACHE_CONTROL, "public, max-age=300")];
    Ok((headers, document).into_response())
}
