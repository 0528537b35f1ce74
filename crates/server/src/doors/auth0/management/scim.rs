//! The SCIM configuration of a connection: the directory whose people sign in through it.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use vestibule_domain::connection::Connection;
use vestibule_domain::directory::{Directory, TokenForm};
use vestibule_domain::rbac::Entry;
use vestibule_domain::rbac::asks::{ChangeDirectory, CreateDirectory, DeleteDirectory, ReadDirectory};
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_store::tables::search::Cursor;

use super::needs::*;
use super::{Answer, Empty, IdPath, Manager, ok, with};
use crate::doors::auth0::Auth0;
use crate::doors::auth0::wire::body::Body;
use crate::doors::auth0::wire::listing::{BOUNDS, Paging};
use crate::doors::auth0::wire::query::Query;
use crate::doors::auth0::wire::scim::{self as wire, ConfigurationIn, TokenIn};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::Endpoints;
use crate::http::input::Path;
use crate::operations::directories::{self, Place};
use crate::operations::events::Scene;
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Auth0> {
    let one = "/api/v2/connections/{id}/scim-configuration";
    let tokens = format!("{one}/tokens");
    Endpoints::new()
        .get(one, READ_SCIM, get)
        .post(one, CREATE_SCIM, create)
        .patch(one, UPDATE_SCIM, update)
        .delete(one, DELETE_SCIM, remove)
        .get(&format!("{one}/default-mapping"), READ_SCIM, default_mapping)
        .get(&tokens, READ_SCIM_TOKENS, list_tokens)
        .post(&tokens, CREATE_SCIM_TOKENS, create_token)
        .delete(&format!("{tokens}/{{token_id}}"), DELETE_SCIM_TOKENS, remove_token)
        .get("/api/v2/connections-scim-configurations", READ_SCIM, list)
}

/// A connection that may have a directory, and the organization that it belongs to.
async fn connection(app: &App, manager: &Manager, id: &str) -> Result<(Connection, Entry), Failure> {
    let (connection, entry) = manager.connection(app, id).await?;
    if !wire::has_directories(connection.strategy()) {
        return Err(Refusal::new(What::NotFound(Thing::Directory)).into());
    }
    Ok((connection, entry))
}

fn place(connection: &Connection) -> Place {
    Place { tenant: connection.tenant(), connection: Some(connection.id) }
}

async fn get(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
) -> Answer<Value> {
    let (connection, entry) = connection(&app, &manager, &path.id).await?;
    let _may = entry.grant::<ReadDirectory>()?;
    let directory = directories::at(&app, place(&connection)).await?;
    ok(&ctx, wire::configuration(&manager.tenant(), &connection, &directory))
}

/// The configurations of all connections, always as a page that says where the next one begins.
async fn list(State(app): State<Arc<App>>, ctx: Ctx, manager: Manager, query: Query) -> Answer<Value> {
    let paging = Paging::read(&query, BOUNDS)?;
    let (found, next) =
        directories::of_connections(&app, &manager.grant()?, paging.place()?, paging.limit).await?;
    let mut shown = Vec::with_capacity(found.len());
    for directory in &found {
        let Some(id) = directory.connection_id else { continue };
        // One that goes just now is shown no more.
        if let Ok(connection) = manager.connection_of(&app, id).await {
            shown.push(wire::configuration(&manager.tenant(), &connection, directory));
        }
    }
    let next = next.map(|(at, id)| Cursor::new(at, id));
    ok(&ctx, Paging::taken("scim_configurations", shown, next.as_ref()))
}

async fn create(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
    Body(body): Body<ConfigurationIn>,
) -> Answer<Value> {
    let patch = body.patch(false)?;
    let (connection, entry) = connection(&app, &manager, &path.id).await?;
    let scene = Scene::of(&ctx, &entry.grant::<CreateDirectory>()?);
    let made = directories::connect(&app, &ctx, &scene, place(&connection), patch, None).await?;
    with(StatusCode::CREATED, &ctx, wire::configuration(&manager.tenant(), &connection, &made))
}

async fn update(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
    Body(body): Body<ConfigurationIn>,
) -> Answer<Value> {
    let patch = body.patch(true)?;
    let (connection, entry) = connection(&app, &manager, &path.id).await?;
    let directory = directories::at(&app, place(&connection)).await?;
    let grant = entry.grant::<ChangeDirectory>()?;
    let view = directories::update(&app, &ctx, &grant, directory.id, patch, None).await?;
    ok(&ctx, wire::configuration(&manager.tenant(), &connection, &view.directory))
}

async fn remove(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
) -> Answer<Empty> {
    let (connection, entry) = connection(&app, &manager, &path.id).await?;
    let directory = directories::at(&app, place(&connection)).await?;
    directories::delete(&app, &ctx, &entry.grant::<DeleteDirectory>()?, directory.id).await?;
    with(StatusCode::NO_CONTENT, &ctx, Empty {})
}

async fn default_mapping(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
) -> Answer<Value> {
    connection(&app, &manager, &path.id).await?;
    ok(&ctx, json!({ "mapping": wire::default_mapping() }))
}

async fn list_tokens(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
) -> Answer<Value> {
    let (connection, entry) = connection(&app, &manager, &path.id).await?;
    let _may = entry.grant::<ReadDirectory>()?;
    let directory = directories::at(&app, place(&connection)).await?;
    let uses = directories::token_uses(&app, &directory).await?;
    let shown = directory.tokens.iter().map(|token| {
        let used = uses.iter().find(|(hash, _)| *hash == token.hash).and_then(|(_, at)| *at);
        wire::token(token, used)
    });
    ok(&ctx, shown.collect())
}

async fn create_token(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
    Body(body): Body<TokenIn>,
) -> Answer<Value> {
    let (scopes, lifetime) = body.read()?;
    let (connection, entry) = connection(&app, &manager, &path.id).await?;
    let scene = Scene::of(&ctx, &entry.grant::<ChangeDirectory>()?);
    let token = directories::limited_token(TokenForm::Named, scopes, lifetime, ctx.now, &app);
    let load = || directories::at(&app, place(&connection));
    directories::give_token(&app, &ctx, &scene, load, connection.id, &token).await?;
    with(StatusCode::CREATED, &ctx, wire::new_token(&token))
}

#[derive(Deserialize)]
struct TokenPath {
    id: String,
    token_id: String,
}

async fn remove_token(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<TokenPath>,
) -> Answer<Empty> {
    let (connection, entry) = connection(&app, &manager, &path.id).await?;
    let scene = Scene::of(&ctx, &entry.grant::<ChangeDirectory>()?);
    let load = || directories::at(&app, place(&connection));
    let decide = |directory: &mut Directory| directory.remove_token(&path.token_id, ctx.now);
    directories::revoke_token(&app, &scene, load, connection.id, decide).await?;
    with(StatusCode::NO_CONTENT, &ctx, Empty {})
}
