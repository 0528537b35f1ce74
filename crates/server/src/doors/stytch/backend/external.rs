//! Borrowed connections, which the contract calls external.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use vestibule_domain::connection::Connection;
use vestibule_domain::rbac::Action;
use vestibule_domain::rbac::asks::{BorrowConnection, ChangeConnection};
use vestibule_domain::refusal::{Thing, What};

use super::sso::ConnectionPath;
use crate::doors::stytch::caller::{Granted, Here};
use crate::doors::stytch::wire::external_connection::{
    self as wire, ExternalConnectionIn, ExternalConnectionOut, ExternalCreateIn,
};
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, Path, required};
use crate::operations::connections::external::{self, Wanted};
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let one = "/v1/b2b/sso/external/{organization_id}/connections/{connection_id}";
    Endpoints::new().post("/v1/b2b/sso/external/{organization_id}", Needs::ProjectAloneIn, create).put(
        one,
        Needs::Right(Action::UpdateConnection),
        update,
    )
}

#[derive(Serialize)]
struct ConnectionOut {
    connection: ExternalConnectionOut,
}

fn answer(ctx: &Ctx, connection: &Connection) -> Answer<ConnectionOut> {
    let settings = connection.borrowed().ok_or(What::NotFound(Thing::Connection))?;
    ok(ctx, ConnectionOut { connection: wire::external(connection, settings) })
}

async fn create(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Here(entry): Here,
    Input(mut body): Input<ExternalCreateIn>,
) -> Answer<ConnectionOut> {
    let grant = entry.project_grant::<BorrowConnection>()?;
    let lender = required(body.external_organization_id.take(), "external_organization_id")?;
    let connection = required(body.external_connection_id.take(), "external_connection_id")?;
    let display_name = body.display_name.take().unwrap_or_default();
    let (wanted, patch) = (Wanted { lender: &lender, connection: &connection }, body.patch()?);
    let made = external::create(&app, &ctx, &grant, &wanted, &display_name, patch).await?;
    answer(&ctx, &made)
}

async fn update(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Granted(grant): Granted<ChangeConnection>,
    Path(at): Path<ConnectionPath>,
    Input(mut body): Input<ExternalConnectionIn>,
) -> Answer<ConnectionOut> {
    let id = at.id(Thing::Connection)?;
    answer(&ctx, &external::update(&app, &ctx, &grant, id, body.patch()?).await?)
}
