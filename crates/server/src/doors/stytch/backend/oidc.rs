//! OpenID Connect connections.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use vestibule_domain::connection::Connection;
use vestibule_domain::rbac::Action;
use vestibule_domain::rbac::asks::{ChangeConnection, CreateConnection};
use vestibule_domain::refusal::{Refusal, Thing, What};

use super::sso::ConnectionPath;

use crate::doors::stytch::caller::Surface;
use crate::doors::stytch::wire::connection::{self as wire, CreateIn, OidcConnectionIn, OidcConnectionOut};
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, Path};
use crate::operations::connections::oidc;
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let one = "/v1/b2b/sso/oidc/{organization_id}/connections/{connection_id}";
    Endpoints::new()
        .post("/v1/b2b/sso/oidc/{organization_id}", Needs::Right(Action::CreateConnection), create::<Stytch>)
        .put(one, Needs::Right(Action::UpdateConnection), update::<Stytch>)
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct ConnectionOut {
    connection: OidcConnectionOut,
}

pub(in crate::doors::stytch) async fn create<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: S::Granted<CreateConnection>,
    Input(body): Input<CreateIn>,
) -> Answer<ConnectionOut, S> {
    let grant = granted.into();
    let (display_name, provider) = body.read()?;
    let connection = oidc::create(&app, &ctx, &grant, &display_name, provider).await?;
    ok(&ctx, ConnectionOut { connection: out(&app, &connection)? })
}

fn out(app: &App, connection: &Connection) -> Result<OidcConnectionOut, Refusal> {
    let settings = connection.oidc().ok_or(What::NotFound(Thing::OidcConnection))?;
    Ok(wire::oidc(app, connection, settings))
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct UpdatedOut {
    connection: OidcConnectionOut,
    warning: String,
}

pub(in crate::doors::stytch) async fn update<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: S::Granted<ChangeConnection>,
    Path(at): Path<ConnectionPath>,
    Input(mut body): Input<OidcConnectionIn>,
) -> Answer<UpdatedOut, S> {
    let grant = granted.into();
    let id = at.id(Thing::OidcConnection)?;
    let updated = oidc::update(&app, &ctx, &grant, id, body.patch()?).await?;
    ok(&ctx, UpdatedOut { connection: out(&app, &updated.connection)?, warning: updated.warning })
}
