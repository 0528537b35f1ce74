//! Borrowed connections, which the contract calls external.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use vestibule_domain::connection::Connection;
use vestibule_domain::rbac::asks::{BorrowConnection, ChangeConnection};
use vestibule_domain::rbac::{Action, Entry};
use vestibule_domain::refusal::{Thing, What};

use super::sso::ConnectionPath;
use crate::doors::stytch::caller::Surface;
use crate::doors::stytch::wire::external_connection::{
    self as wire, ExternalConnectionIn, ExternalConnectionOut, ExternalCreateIn,
};
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::http::ctx::Ctx;
use crate::http::door::Door;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, Path, required};
use crate::operations::connections::external::{self, Wanted};
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let one = "/v1/b2b/sso/external/{organization_id}/connections/{connection_id}";
    Endpoints::new()
        .post("/v1/b2b/sso/external/{organization_id}", Needs::ProjectAloneIn, create::<Stytch>)
        .put(one, Needs::Right(Action::UpdateConnection), update::<Stytch>)
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct ConnectionOut {
    connection: ExternalConnectionOut,
}

fn answer<D: Door>(ctx: &Ctx, connection: &Connection) -> Answer<ConnectionOut, D> {
    let settings = connection.borrowed().ok_or(What::NotFound(Thing::Connection))?;
    ok(ctx, ConnectionOut { connection: wire::external(connection, settings) })
}

pub(in crate::doors::stytch) async fn create<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    here: S::Here,
    Input(mut body): Input<ExternalCreateIn>,
) -> Answer<ConnectionOut, S> {
    let entry: Entry = here.into();
    let grant = entry.project_grant::<BorrowConnection>()?;
    let lender = required(body.external_organization_id.take(), "external_organization_id")?;
    let connection = required(body.external_connection_id.take(), "external_connection_id")?;
    let display_name = body.display_name.take().unwrap_or_default();
    let (wanted, patch) = (Wanted::Named { lender: &lender, connection: &connection }, body.patch()?);
    let made = external::create(&app, &ctx, &grant, &wanted, &display_name, patch).await?;
    answer(&ctx, &made)
}

pub(in crate::doors::stytch) async fn update<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: S::Granted<ChangeConnection>,
    Path(at): Path<ConnectionPath>,
    Input(mut body): Input<ExternalConnectionIn>,
) -> Answer<ConnectionOut, S> {
    let grant = granted.into();
    let id = at.id(Thing::Connection)?;
    answer(&ctx, &external::update(&app, &ctx, &grant, id, body.patch()?).await?)
}
