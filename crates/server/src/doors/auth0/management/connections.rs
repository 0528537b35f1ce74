//! Connections of the project. One that is made here belongs to the project's home organization; one that an organization made
//! for itself through the other dialect stands in the same list.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde_json::{Value, json};
use vestibule_domain::connection::{CallbackAddress, CommonPatch, Connection, ConnectionName, Strategy};
use vestibule_domain::id::ConnectionId;
use vestibule_domain::patch::Patch;
use vestibule_domain::rbac::asks::{
    ChangeConnection, CreateConnection, DeleteConnection, ReadProjectApplications,
};
use vestibule_domain::refusal::{SearchPart, Thing, What};
use vestibule_store::tables::connection_lists::Wanted as ListWanted;

use super::needs::*;
use super::{Answer, Empty, IdPath, Manager, gone, ok, with};
use crate::doors::auth0::Auth0;
use crate::doors::auth0::wire::body::Body;
use crate::doors::auth0::wire::connection::{self as wire, Change, ConnectionIn, ConnectionPatchIn, View};
use crate::doors::auth0::wire::ids;
use crate::doors::auth0::wire::listing::{BOUNDS, Bounds, Fields, Paging};
use crate::doors::auth0::wire::options::OptionsIn;
use crate::doors::auth0::wire::query::{Query, wrong};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::Endpoints;
use crate::http::input::Path;
use crate::operations::applications;
use crate::operations::connections;
use crate::operations::connections::described::described;
use crate::operations::connections::whole::{self, New};
use crate::world::App;

/// Connections are small: by pages more are shown at once than of other things.
const USUAL: Bounds = Bounds { usual: 100, ..BOUNDS };

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Auth0> {
    let one = "/api/v2/connections/{id}";
    Endpoints::new()
        .get("/api/v2/connections", READ_CONNECTIONS, list)
        .post("/api/v2/connections", CREATE_CONNECTIONS, create)
        .get(one, READ_CONNECTIONS, show)
        .patch(one, UPDATE_CONNECTIONS, update)
        .delete(one, DELETE_CONNECTIONS, remove)
        .get(&format!("{one}/status"), READ_CONNECTIONS, status)
        .delete(&format!("{one}/users"), DELETE_USERS, delete_user)
}

async fn list(State(app): State<Arc<App>>, ctx: Ctx, manager: Manager, query: Query) -> Answer<Value> {
    let (paging, fields) = (Paging::read(&query, USUAL)?, Fields::read(&query)?);
    let Some(wanted) = wanted(&query)? else {
        return ok(&ctx, paging.shown("connections", Vec::new(), 0, None));
    };
    let found = connections::list_all(&app, &manager.grant()?, &wanted, &paging.window()).await?;
    let clients = clients_of(&app, &manager, &found.items).await?;
    let shown = found.items.iter().zip(&clients);
    let shown = shown.map(|(one, clients)| fields.of(wire::show(one, clients, View::Listed))).collect();
    ok(&ctx, paging.shown("connections", shown, found.total, found.next.as_ref()))
}

/// Which connections are wanted; `None` for a name that no connection can have.
fn wanted(query: &Query) -> Result<Option<ListWanted>, Failure> {
    let mut strategies = Vec::new();
    let mut named_others = false;
    for name in query.all("strategy").flat_map(|list| list.split(',')) {
        match Strategy::from_name(name) {
            Some(strategy) => strategies.push(strategy),
            None if name.len() <= 64 => named_others = true,
            None => return Err(wrong(SearchPart::Filter, "No enum match", "strategy").into()),
        }
    }
    if strategies.is_empty() && named_others {
        // Strategies that this server does not have: there are no such connections.
        return Ok(None);
    }
    let name = match query.text("name").map(ConnectionName::parse) {
        Some(Err(_)) => return Ok(None),
        Some(Ok(name)) => Some(name),
        None => None,
    };
    Ok(Some(ListWanted { strategies, name }))
}

/// The clients of several connections, in their order.
async fn clients_of(app: &App, manager: &Manager, of: &[Connection]) -> Result<Vec<Vec<String>>, Failure> {
    let grant = manager.grant::<ReadProjectApplications>()?;
    let ids: Vec<ConnectionId> = of.iter().map(|connection| connection.id).collect();
    let found = applications::of_connections(app, &grant, &ids).await?;
    let of = |id: &ConnectionId| {
        let mine = found.iter().filter(|(connection, _)| connection == id);
        mine.map(|(_, client)| client.to_string()).collect()
    };
    Ok(ids.iter().map(of).collect())
}

async fn shown(app: &App, manager: &Manager, connection: &Connection) -> Result<Value, Failure> {
    let clients = clients_of(app, manager, std::slice::from_ref(connection)).await?;
    Ok(wire::show(connection, clients.first().map_or(&[], Vec::as_slice), View::Single))
}

async fn create(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Body(body): Body<ConnectionIn>,
) -> Answer<Value> {
    let wanted = body.read()?;
    let grant = manager.home::<CreateConnection>(&app).await?;
    let Change { display_name, options, enabled_clients, common } = wanted.change;
    let common = CommonPatch { callback: Patch::Set(CallbackAddress::Shared), ..common };
    let display_name = display_name.given().unwrap_or_default();
    let new = New { name: wanted.name, strategy: wanted.strategy, display_name: &display_name };
    // Whoever is to use it must be there before it is made.
    let clients = manager.clients(&app, enabled_clients.unwrap_or_default()).await?;
    let made = match OptionsIn::read(options.unwrap_or_default(), wanted.strategy)? {
        OptionsIn::Oidc(options) => {
            let found = described(&app, grant.tenant(), options.wanted()).await?;
            let mut patch = options.patch(found.as_ref(), true)?;
            patch.common = merged(patch.common, common);
            whole::make_oidc(&app, &ctx, &grant, new, patch, found.as_ref()).await?
        }
        OptionsIn::Saml(options) => {
            let (mut patch, supplied) = options.patch()?;
            patch.common = merged(patch.common, common);
            whole::make_saml(&app, &ctx, &grant, new, patch, supplied).await?
        }
    };
    if !clients.is_empty() {
        applications::enable_only(&app, &ctx, &manager.grant()?, made.id, &clients).await?;
    }
    with(StatusCode::CREATED, &ctx, shown(&app, &manager, &made).await?)
}

/// What options say of what connections of every strategy have, and what the body says beside them. Neither names what the
/// other does.
fn merged(options: CommonPatch, beside: CommonPatch) -> CommonPatch {
    CommonPatch {
        is_switched_off: beside.is_switched_off,
        is_domain_level: beside.is_domain_level,
        shows_button: beside.shows_button,
        realms: beside.realms,
        metadata: beside.metadata,
        callback: beside.callback,
        ..options
    }
}

async fn show(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
    query: Query,
) -> Answer<Value> {
    let fields = Fields::read(&query)?;
    let (connection, _) = manager.connection(&app, &path.id).await?;
    ok(&ctx, fields.of(shown(&app, &manager, &connection).await?))
}

async fn update(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
    Body(body): Body<ConnectionPatchIn>,
) -> Answer<Value> {
    let Change { display_name, options, enabled_clients, common } = body.read()?;
    let (connection, entry) = manager.connection(&app, &path.id).await?;
    let (id, strategy) = (connection.id, connection.strategy());
    let grant = entry.grant::<ChangeConnection>()?;
    let clients = match enabled_clients {
        Some(clients) => Some(manager.clients(&app, clients).await?),
        None => None,
    };
    let changed = match options.map(|options| OptionsIn::read(options, strategy)).transpose()? {
        None => whole::change_common(&app, &ctx, &grant, id, display_name, common).await?,
        Some(OptionsIn::Oidc(options)) => {
            let found = described(&app, grant.tenant(), options.wanted()).await?;
            let mut patch = options.patch(found.as_ref(), false)?;
            patch.common = merged(patch.common, common);
            patch.display_name = display_name;
            whole::replace_oidc(&app, &ctx, &grant, id, &patch, found.as_ref()).await?
        }
        Some(OptionsIn::Saml(options)) => {
            let (mut patch, supplied) = options.patch()?;
            patch.common = merged(patch.common, common);
            patch.display_name = display_name;
            whole::replace_saml(&app, &ctx, &grant, id, patch, supplied).await?
        }
    };
    if let Some(clients) = clients {
        applications::enable_only(&app, &ctx, &manager.grant()?, id, &clients).await?;
    }
    ok(&ctx, shown(&app, &manager, &changed).await?)
}

/// One that is gone already is gone: nothing has to be said of it.
async fn remove(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
) -> Answer<Value> {
    let (connection, entry) = match manager.connection(&app, &path.id).await {
        Err(failure)
            if failure.is(What::NotFound(Thing::Connection)) && ids::read_connection(&path.id).is_some() =>
        {
            return with(StatusCode::NO_CONTENT, &ctx, Value::Null);
        }
        found => found?,
    };
    let done = connections::delete(&app, &ctx, &entry.grant::<DeleteConnection>()?, connection.id).await;
    gone(done, Thing::Connection)?;
    with(StatusCode::ACCEPTED, &ctx, json!({ "deleted_at": ctx.now.to_string() }))
}

/// Whether the connection can be used. It has no agent that could be away; what it may lack is what signing in needs.
async fn status(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
) -> Answer<Empty> {
    let (connection, _) = manager.connection(&app, &path.id).await?;
    if connection.status() == vestibule_domain::connection::ConnectionStatus::Active {
        return ok(&ctx, Empty {});
    }
    Err(What::NotFound(Thing::Connection).into())
}

/// Only databases of passwords take a user away by address, and there are none here.
async fn delete_user(
    State(app): State<Arc<App>>,
    manager: Manager,
    Path(path): Path<IdPath>,
) -> Answer<Empty> {
    manager.connection(&app, &path.id).await?;
    Err(vestibule_domain::refusal::Refusal::new(What::NotOffered)
        .because("Users are deleted by address in database connections only.")
        .into())
}
