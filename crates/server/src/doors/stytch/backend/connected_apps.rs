//! Applications that members have connected. This server connects none: lists are empty, and whichever is meant is not found.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use vestibule_domain::rbac::asks::ReadApplications;
use vestibule_domain::rbac::{Action, Grant};
use vestibule_domain::refusal::{Thing, What};

use super::members::MemberPath;
use crate::doors::stytch::caller::{Granted, Here};
use crate::doors::stytch::{Answer, Nothing, Stytch, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Path;
use crate::operations::members;
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let here = "/v1/b2b/organizations/{organization_id}";
    let right = Needs::Right(Action::ReadMemberApplications);
    Endpoints::new()
        .get(&format!("{here}/connected_apps"), right, of_organization)
        .get(&format!("{here}/connected_apps/{{connected_app_id}}"), right, one)
        .get(&format!("{here}/members/{{member_id}}/connected_apps"), right, of_member)
}

#[derive(Serialize)]
struct ListOut {
    connected_apps: [(); 0],
}

async fn of_organization(ctx: Ctx, _: Granted<ReadApplications>) -> Answer<ListOut> {
    ok(&ctx, ListOut { connected_apps: [] })
}

async fn one(_: Granted<ReadApplications>) -> Answer<Nothing> {
    Err(Failure::from(What::NotFound(Thing::ConnectedApp)))
}

async fn of_member(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Here(entry): Here,
    Path(path): Path<MemberPath>,
) -> Answer<ListOut> {
    let id = members::find(&app, &entry, &path.member_id).await?.id;
    let _may: Grant<ReadApplications> = entry.grant_of_member(id)?;
    ok(&ctx, ListOut { connected_apps: [] })
}
