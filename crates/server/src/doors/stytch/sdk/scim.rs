//! The directory of the member's own organization: what differs from the backend API is where its connection stands.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use vestibule_domain::id::DirectoryId;
use vestibule_domain::rbac::Action::{CreateDirectory, DeleteDirectory, ReadDirectory, UpdateDirectory};
use vestibule_domain::rbac::asks;
use vestibule_domain::refusal::{Thing, What};

use super::caller::Granted;
use super::{Answer, Sdk};
use crate::doors::stytch::backend::scim::{self, ConnectionOut, GroupsOut, GroupsParams, RotatingOut};
use crate::doors::stytch::ok;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, required};
use crate::operations::directories;
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Sdk> {
    let all = "/sdk/v1/b2b/scim";
    let one = format!("{all}/{{connection_id}}");
    let changes = Needs::Right(UpdateDirectory);
    Endpoints::new()
        .post(all, Needs::Right(CreateDirectory), scim::create::<Sdk>)
        .get(all, Needs::Right(ReadDirectory), scim::get::<Sdk>)
        .put(&one, changes, scim::update::<Sdk>)
        .delete(&one, Needs::Right(DeleteDirectory), scim::remove::<Sdk>)
        .post(&format!("{all}/groups"), Needs::Right(ReadDirectory), groups)
        .post(&format!("{all}/rotate/start"), changes, rotate_start)
        .post(&format!("{all}/rotate/complete"), changes, rotate_complete)
        .post(&format!("{all}/rotate/cancel"), changes, rotate_cancel)
}

/// The groups of the one directory that there is: the client does not name it.
async fn groups(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: Granted<asks::ReadDirectory>,
    Input(params): Input<GroupsParams>,
) -> Answer<GroupsOut> {
    let grant = granted.into();
    let view = directories::get(&app, &grant).await?;
    let view = view.ok_or_else(|| Failure::from(What::NotFound(Thing::Directory)))?;
    ok(&ctx, params.page(&app, &grant, view.directory.id).await?)
}

#[derive(Deserialize)]
struct RotateIn {
    connection_id: Option<String>,
}

impl RotateIn {
    fn id(&self) -> Result<DirectoryId, Failure> {
        scim::named(required(self.connection_id.as_deref(), "connection_id")?)
    }
}

async fn rotate_start(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: Granted<asks::ChangeDirectory>,
    Input(body): Input<RotateIn>,
) -> Answer<RotatingOut> {
    scim::started(&app, &ctx, &granted.into(), body.id()?).await
}

async fn rotate_complete(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: Granted<asks::ChangeDirectory>,
    Input(body): Input<RotateIn>,
) -> Answer<ConnectionOut> {
    scim::completed(&app, &ctx, &granted.into(), body.id()?).await
}

async fn rotate_cancel(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: Granted<asks::ChangeDirectory>,
    Input(body): Input<RotateIn>,
) -> Answer<ConnectionOut> {
    scim::cancelled(&app, &ctx, &granted.into(), body.id()?).await
}
