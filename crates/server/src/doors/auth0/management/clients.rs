//! Applications of the project, which this dialect calls clients.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use vestibule_domain::application::{Application, ClientId};
use vestibule_domain::refusal::{Thing, What};
use vestibule_store::tables::applications::{Part, Wanted};
use vestibule_store::tables::search::Cursor;

use super::needs::*;
use super::{Answer, Manager, gone, ok, with};
use crate::doors::auth0::Auth0;
use crate::doors::auth0::wire::body::Body;
use crate::doors::auth0::wire::client as wire;
use crate::doors::auth0::wire::listing::{BOUNDS, Fields, Paging};
use crate::doors::auth0::wire::options::Given;
use crate::doors::auth0::wire::query::Query;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::Endpoints;
use crate::http::input::Path;
use crate::operations::applications;
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Auth0> {
    let one = "/api/v2/clients/{client_id}";
    Endpoints::new()
        .get("/api/v2/clients", READ_CLIENTS, list)
        .post("/api/v2/clients", CREATE_CLIENTS, create)
        .get(one, READ_CLIENTS, show)
        .patch(one, UPDATE_CLIENTS, update)
        .delete(one, DELETE_CLIENTS, remove)
        .post(&format!("{one}/rotate-secret"), UPDATE_CLIENT_KEYS, rotate)
}

#[derive(Deserialize)]
struct ClientPath {
    client_id: String,
}

impl ClientPath {
    /// What it names. A text that no client is called is nobody's.
    fn id(&self) -> Result<ClientId, Failure> {
        self.client_id.parse().map_err(|_| What::NotFound(Thing::Application).into())
    }
}

/// A client for whoever asks: its secret is for those who may see keys.
fn shown(manager: &Manager, application: &Application) -> Value {
    wire::show(application, &manager.tenant(), manager.may("read:client_keys"))
}

async fn list(State(app): State<Arc<App>>, ctx: Ctx, manager: Manager, query: Query) -> Answer<Value> {
    let (paging, fields) = (Paging::read(&query, BOUNDS)?, Fields::read(&query)?);
    let wanted = Wanted {
        kinds: wire::kinds(query.text("app_type").unwrap_or_default())?,
        first_party: query.flag("is_first_party")?,
    };
    if query.flag("is_global")? == Some(true) {
        // There is no client that is everybody's.
        return ok(&ctx, paging.shown("clients", Vec::new(), 0, None));
    }
    let part = Part { after: paging.place()?, skip: paging.skip(), take: paging.limit + 1 };
    let (mut found, total) = applications::list(&app, &manager.grant()?, &wanted, &part).await?;
    let more = found.len() > paging.limit as usize;
    found.truncate(paging.limit as usize);
    let next = found.last().filter(|_| more).map(|last| Cursor::new(last.created_at, last.id));
    let clients = found.iter().map(|one| fields.of(shown(&manager, one))).collect();
    ok(&ctx, paging.shown("clients", clients, total.unsigned_abs(), next.as_ref()))
}

async fn create(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Body(body): Body<Given>,
) -> Answer<Value> {
    let made = applications::create(&app, &ctx, &manager.grant()?, wire::read(body, true)?).await?;
    with(StatusCode::CREATED, &ctx, wire::show(&made, &manager.tenant(), true))
}

async fn show(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<ClientPath>,
    query: Query,
) -> Answer<Value> {
    let fields = Fields::read(&query)?;
    let found = applications::get(&app, &manager.grant()?, &path.id()?).await?;
    ok(&ctx, fields.of(shown(&manager, &found)))
}

async fn update(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<ClientPath>,
    Body(body): Body<Given>,
) -> Answer<Value> {
    let (grant, patch) = (manager.grant()?, wire::read(body, false)?);
    let changed = applications::update(&app, &ctx, &grant, &path.id()?, patch).await?;
    ok(&ctx, shown(&manager, &changed))
}

/// One that is gone already is gone.
async fn remove(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<ClientPath>,
) -> Answer<Value> {
    gone(applications::delete(&app, &ctx, &manager.grant()?, &path.id()?).await, Thing::Application)?;
    with(StatusCode::NO_CONTENT, &ctx, Value::Null)
}

async fn rotate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<ClientPath>,
) -> Answer<Value> {
    let rotated = applications::rotate_secret(&app, &ctx, &manager.grant()?, &path.id()?).await?;
    ok(&ctx, wire::show(&rotated, &manager.tenant(), true))
}
