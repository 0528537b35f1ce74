//! SCIM connections: the directories of organizations (contract 3.7). What the directories themselves ask is another door's.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::Time;
use vestibule_domain::id::{DirectoryGroupId, DirectoryId};
use vestibule_domain::rbac::asks::{ChangeDirectory, CreateDirectory, DeleteDirectory, ReadDirectory};
use vestibule_domain::rbac::{Action, Grant};
use vestibule_domain::refusal::{Field, Refusal, Thing, What};
use vestibule_store::tables::search::Cursor;

use crate::doors::stytch::caller::{Granted, Surface};
use crate::doors::stytch::wire::scim_connection::{
    ScimConnectionIn, ScimConnectionOut, ScimConnectionWithNextTokenOut, ScimConnectionWithTokenOut,
    ScimCreateIn, ScimGroupOut,
};
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::door::Door;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, Params, Path};
use crate::operations::directories;
use crate::world::App;

/// Groups on a page when nothing is said, and at most.
const PAGE: u32 = 100;
const MOST: u32 = 1000;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let place = "/v1/b2b/scim/{organization_id}/connection";
    let one = format!("{place}/{{connection_id}}");
    let changes = Needs::Right(Action::UpdateDirectory);
    Endpoints::new()
        .post(place, Needs::Right(Action::CreateDirectory), create::<Stytch>)
        .get(place, Needs::Right(Action::ReadDirectory), get::<Stytch>)
        .put(&one, changes, update::<Stytch>)
        .delete(&one, Needs::Right(Action::DeleteDirectory), remove::<Stytch>)
        .get(&one, Needs::Right(Action::ReadDirectory), groups)
        .post(&format!("{one}/rotate/start"), changes, rotate_start)
        .post(&format!("{one}/rotate/complete"), changes, rotate_complete)
        .post(&format!("{one}/rotate/cancel"), changes, rotate_cancel)
}

/// The connection in a path.
#[derive(Deserialize)]
pub(in crate::doors::stytch) struct DirectoryPath {
    connection_id: String,
}

impl DirectoryPath {
    /// Its id.
    ///
    /// # Errors
    /// There is none of this form.
    pub(in crate::doors::stytch) fn id(&self) -> Result<DirectoryId, Failure> {
        named(&self.connection_id)
    }
}

/// The connection that a text names.
///
/// # Errors
/// There is none of this form.
pub(in crate::doors::stytch) fn named(text: &str) -> Result<DirectoryId, Failure> {
    text.parse().map_err(|_| What::NotFound(Thing::Directory).into())
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct CreatedOut {
    connection: ScimConnectionWithTokenOut,
}

pub(in crate::doors::stytch) async fn create<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: S::Granted<CreateDirectory>,
    Input(body): Input<ScimCreateIn>,
) -> Answer<CreatedOut, S> {
    let grant = granted.into();
    let (directory, token) = directories::create(&app, &ctx, &grant, body.patch()?).await?;
    ok(&ctx, CreatedOut { connection: ScimConnectionWithTokenOut::of(&app, &directory, &token) })
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct ConnectionOut {
    connection: Option<ScimConnectionOut>,
}

pub(in crate::doors::stytch) async fn get<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: S::Granted<ReadDirectory>,
) -> Answer<ConnectionOut, S> {
    let found = directories::get(&app, &granted.into()).await?;
    ok(&ctx, ConnectionOut { connection: found.map(|view| ScimConnectionOut::of(&app, &view)) })
}

pub(in crate::doors::stytch) async fn update<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: S::Granted<ChangeDirectory>,
    Path(at): Path<DirectoryPath>,
    Input(body): Input<ScimConnectionIn>,
) -> Answer<ConnectionOut, S> {
    let grant = granted.into();
    let id = at.id()?;
    let (patch, roles) = body.read()?;
    let view = directories::update(&app, &ctx, &grant, id, patch, roles).await?;
    ok(&ctx, ConnectionOut { connection: Some(ScimConnectionOut::of(&app, &view)) })
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct RemovedOut {
    connection_id: DirectoryId,
}

pub(in crate::doors::stytch) async fn remove<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: S::Granted<DeleteDirectory>,
    Path(at): Path<DirectoryPath>,
) -> Answer<RemovedOut, S> {
    let grant = granted.into();
    let connection_id = at.id()?;
    directories::delete(&app, &ctx, &grant, connection_id).await?;
    ok(&ctx, RemovedOut { connection_id })
}

/// Which groups.
#[derive(Deserialize)]
pub(in crate::doors::stytch) struct GroupsParams {
    pub(in crate::doors::stytch) cursor: Option<String>,
    pub(in crate::doors::stytch) limit: Option<u32>,
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct GroupsOut {
    scim_groups: Vec<ScimGroupOut>,
    next_cursor: Option<String>,
}

/// How many are wanted on a page.
///
/// # Errors
/// None, or more than there may be.
pub(in crate::doors::stytch) fn limit(given: Option<u32>) -> Result<u32, Refusal> {
    match given.unwrap_or(PAGE) {
        limit @ 1..=MOST => Ok(limit),
        other => Err(Refusal::new(What::Invalid(Field::Setting))
            .found(format!("{other} in limit"))
            .expected(format!("1 to {MOST}"))),
    }
}

impl GroupsParams {
    fn after(&self) -> Result<Option<(Time, DirectoryGroupId)>, Refusal> {
        let Some(text) = self.cursor.as_deref().filter(|text| !text.is_empty()) else { return Ok(None) };
        let read = Cursor::parse(text).and_then(|cursor| {
            let (at, id) = cursor.parts();
            Some((at, id.parse().ok()?))
        });
        let wrong = || Refusal::new(What::Invalid(Field::Setting)).because("cursor is none that was given.");
        read.ok_or_else(wrong).map(Some)
    }

    /// The page of groups.
    ///
    /// # Errors
    /// A cursor that is none, or there is no such connection.
    pub(in crate::doors::stytch) async fn page(
        &self,
        app: &App,
        grant: &Grant<ReadDirectory>,
        id: DirectoryId,
    ) -> Result<GroupsOut, Failure> {
        let limit = limit(self.limit)?;
        let (groups, next) = directories::groups_of(app, grant, id, self.after()?, limit).await?;
        let organization = grant.organization().id;
        Ok(GroupsOut {
            scim_groups: groups.iter().map(|group| ScimGroupOut::of(organization, group)).collect(),
            next_cursor: next.map(|(at, id)| Cursor::new(at, id).to_string()),
        })
    }
}

async fn groups(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: Granted<ReadDirectory>,
    Path(at): Path<DirectoryPath>,
    Params(params): Params<GroupsParams>,
) -> Answer<GroupsOut> {
    let page = params.page(&app, &granted.0, at.id()?).await?;
    ok(&ctx, page)
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct RotatingOut {
    connection: ScimConnectionWithNextTokenOut,
}

async fn rotate_start(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: Granted<ChangeDirectory>,
    Path(at): Path<DirectoryPath>,
) -> Answer<RotatingOut> {
    started(&app, &ctx, &granted.0, at.id()?).await
}

/// Begins to replace the token.
pub(in crate::doors::stytch) async fn started<D: Door>(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeDirectory>,
    id: DirectoryId,
) -> Answer<RotatingOut, D> {
    let (view, token) = directories::start_rotation(app, ctx, grant, id).await?;
    ok(ctx, RotatingOut { connection: ScimConnectionWithNextTokenOut::of(app, &view, &token) })
}

async fn rotate_complete(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: Granted<ChangeDirectory>,
    Path(at): Path<DirectoryPath>,
) -> Answer<ConnectionOut> {
    completed(&app, &ctx, &granted.0, at.id()?).await
}

/// Ends the token in use.
pub(in crate::doors::stytch) async fn completed<D: Door>(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeDirectory>,
    id: DirectoryId,
) -> Answer<ConnectionOut, D> {
    let view = directories::complete_rotation(app, ctx, grant, id).await?;
    ok(ctx, ConnectionOut { connection: Some(ScimConnectionOut::of(app, &view)) })
}

async fn rotate_cancel(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: Granted<ChangeDirectory>,
    Path(at): Path<DirectoryPath>,
) -> Answer<ConnectionOut> {
    cancelled(&app, &ctx, &granted.0, at.id()?).await
}

/// Goes on with the token in use.
pub(in crate::doors::stytch) async fn cancelled<D: Door>(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeDirectory>,
    id: DirectoryId,
) -> Answer<ConnectionOut, D> {
    let view = directories::cancel_rotation(app, ctx, grant, id).await?;
    ok(ctx, ConnectionOut { connection: Some(ScimConnectionOut::of(app, &view)) })
}
