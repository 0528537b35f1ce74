//! Applications that members have connected. This server connects none: lists are empty, and whichever is meant is not found.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use vestibule_domain::rbac::asks::{EndApplication, ReadApplications};
use vestibule_domain::rbac::{Action, Entry, Grant};
use vestibule_domain::refusal::{Thing, What};

use super::members::MemberPath;
use crate::doors::stytch::caller::Surface;
use crate::doors::stytch::{Answer, Nothing, Stytch, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::door::Door;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Path;
use crate::operations::members;
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let here = "/v1/b2b/organizations/{organization_id}";
    let right = Needs::Right(Action::ReadMemberApplications);
    Endpoints::new()
        .get(&format!("{here}/connected_apps"), right, of_organization::<Stytch>)
        .get(&format!("{here}/connected_apps/{{connected_app_id}}"), right, one::<Stytch>)
        .get(&format!("{here}/members/{{member_id}}/connected_apps"), right, of_member::<Stytch>)
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct ListOut {
    connected_apps: [(); 0],
}

pub(in crate::doors::stytch) async fn of_organization<S: Surface>(
    ctx: Ctx,
    _: S::Granted<ReadApplications>,
) -> Answer<ListOut, S> {
    ok(&ctx, ListOut { connected_apps: [] })
}

pub(in crate::doors::stytch) async fn one<S: Surface>(_: S::Granted<ReadApplications>) -> Answer<Nothing, S> {
    Err(Failure::from(What::NotFound(Thing::ConnectedApp)))
}

pub(in crate::doors::stytch) async fn of_member<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    here: S::Here,
    Path(path): Path<MemberPath>,
) -> Answer<ListOut, S> {
    listed(&app, &ctx, (here.into(), &path.member_id)).await
}

/// Those of a member.
pub(in crate::doors::stytch) async fn listed<D: Door>(
    app: &App,
    ctx: &Ctx,
    (entry, locator): (Entry, &str),
) -> Answer<ListOut, D> {
    let id = members::find(app, &entry, locator).await?.id;
    let _may: Grant<ReadApplications> = entry.grant_of_member(id)?;
    ok(ctx, ListOut { connected_apps: [] })
}

/// Ends one of a member. Only browsers ask for it.
pub(in crate::doors::stytch) async fn revoke<S: Surface>(
    State(app): State<Arc<App>>,
    here: S::Here,
    Path(path): Path<MemberPath>,
) -> Answer<Nothing, S> {
    ended(&app, (here.into(), &path.member_id)).await
}

/// The same, whoever they are called by.
pub(in crate::doors::stytch) async fn ended<D: Door>(
    app: &App,
    (entry, locator): (Entry, &str),
) -> Answer<Nothing, D> {
    let id = members::find(app, &entry, locator).await?.id;
    let _may: Grant<EndApplication> = entry.grant_of_member(id)?;
    Err(Failure::from(What::NotFound(Thing::ConnectedApp)))
}
