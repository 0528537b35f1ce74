//! Through which connections people sign in to which applications.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use vestibule_domain::application::ClientId;
use vestibule_domain::rbac::asks::{ChangeProjectApplications, ReadProjectApplications};
use vestibule_domain::refusal::{SearchPart, Thing, What};

use super::needs::*;
use super::{Answer, IdPath, Manager, ok, with};
use crate::doors::auth0::Auth0;
use crate::doors::auth0::wire::body::{Body, invalid, required};
use crate::doors::auth0::wire::connection::{self as wire, View};
use crate::doors::auth0::wire::listing::Fields;
use crate::doors::auth0::wire::query::{Query, wrong};
use crate::http::ctx::Ctx;
use crate::http::endpoint::Endpoints;
use crate::http::input::Path;
use crate::operations::applications;
use crate::world::App;

/// The most of one page.
const MOST: u32 = 1000;
/// The most changes at once.
const MOST_CHANGES: usize = 50;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Auth0> {
    let clients = "/api/v2/connections/{id}/clients";
    Endpoints::new().get(clients, READ_CONNECTIONS, list).patch(clients, UPDATE_CONNECTIONS, change).get(
        "/api/v2/clients/{client_id}/connections",
        READ_CLIENT_CONNECTIONS,
        of_client,
    )
}

async fn list(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
    query: Query,
) -> Answer<Value> {
    let take = query.number("take", &(1..=MOST))?.unwrap_or(50);
    let after = query.text("from").map(str::parse::<ClientId>).transpose();
    let after = after.map_err(|_| wrong(SearchPart::Cursor, "a place that no page gave", "from"))?;
    let (connection, _) = manager.connection(&app, &path.id).await?;
    let grant = manager.grant::<ReadProjectApplications>()?;
    let mut found =
        applications::of_connection(&app, &grant, connection.id, after.as_ref(), take + 1).await?;
    let more = found.len() > take as usize;
    found.truncate(take as usize);
    let clients: Vec<Value> = found.iter().map(|id| json!({ "client_id": id.as_str() })).collect();
    let mut page = Map::from_iter([("clients".to_owned(), Value::Array(clients))]);
    page.extend(found.last().filter(|_| more).map(|last| ("next".to_owned(), json!(last.as_str()))));
    ok(&ctx, Value::Object(page))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SwitchIn {
    client_id: Option<String>,
    status: Option<bool>,
}

async fn change(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
    Body(body): Body<Vec<SwitchIn>>,
) -> Answer<Value> {
    if body.is_empty() || body.len() > MOST_CHANGES {
        return Err(
            invalid(format_args!("Expected 1 to {MOST_CHANGES} items but found {}", body.len()), "").into()
        );
    }
    let mut changes = Vec::with_capacity(body.len());
    for SwitchIn { client_id, status } in body {
        let client = required(client_id, "client_id")?.parse::<ClientId>();
        let client = client.map_err(|_| What::NotFound(Thing::Application))?;
        changes.push((client, required(status, "status")?));
    }
    let (connection, _) = manager.connection(&app, &path.id).await?;
    let grant = manager.grant::<ChangeProjectApplications>()?;
    applications::enable(&app, &ctx, &grant, connection.id, &changes).await?;
    with(StatusCode::NO_CONTENT, &ctx, Value::Null)
}

#[derive(Deserialize)]
struct ClientPath {
    client_id: String,
}

async fn of_client(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<ClientPath>,
    query: Query,
) -> Answer<Value> {
    let take = query.number("take", &(1..=100))?.unwrap_or(50);
    let fields = Fields::read(&query)?;
    let grant = manager.grant::<ReadProjectApplications>()?;
    let client = path.client_id.parse::<ClientId>().map_err(|_| What::NotFound(Thing::Application))?;
    let after = query.text("from").map(str::parse).transpose();
    let after = after.map_err(|_| wrong(SearchPart::Cursor, "a place that no page gave", "from"))?;
    let mut found = applications::connections_of(&app, &grant, &client, after, take + 1).await?;
    let more = found.len() > take as usize;
    found.truncate(take as usize);
    let strategies: Vec<&str> = query.all("strategy").collect();
    let is_wanted = |strategy: &str| strategies.is_empty() || strategies.contains(&strategy);
    let connections: Vec<Value> = found
        .iter()
        .filter(|connection| is_wanted(connection.strategy().as_str()))
        .map(|connection| fields.of(wire::show(connection, &[], View::Listed)))
        .collect();
    let mut page = Map::from_iter([("connections".to_owned(), Value::Array(connections))]);
    page.extend(found.last().filter(|_| more).map(|last| ("next".to_owned(), json!(last.id.to_string()))));
    ok(&ctx, Value::Object(page))
}
