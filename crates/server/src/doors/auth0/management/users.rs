//! Users of the project's connections.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use vestibule_domain::profile::UserId;
use vestibule_domain::refusal::{SearchPart, Thing, What};
use vestibule_store::tables::people::{PersonFilter, Wanted};

use super::needs::*;
use super::organizations::shown as shown_organization;
use super::{Answer, Empty, Manager, gone, ok, with};
use crate::doors::auth0::Auth0;
use crate::doors::auth0::wire::body::Body;
use crate::doors::auth0::wire::listing::{BOUNDS, Fields, Paging};
use crate::doors::auth0::wire::options::Given;
use crate::doors::auth0::wire::query::{Query, wrong};
use crate::doors::auth0::wire::user::{self as wire, UserPatchIn};
use crate::doors::auth0::wire::user_query;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::Endpoints;
use crate::http::input::Path;
use crate::operations::members;
use crate::operations::people::{self, Person};
use crate::world::App;

/// What is further back than this is looked for by a narrower search.
const MOST_SEEN: u32 = 1000;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Auth0> {
    let one = "/api/v2/users/{user_id}";
    Endpoints::new()
        .get("/api/v2/users", READ_USERS, list)
        .post("/api/v2/users", CREATE_USERS, create)
        .get("/api/v2/users-by-email", READ_USERS, by_email)
        .get(one, READ_USERS, show)
        .patch(one, UPDATE_USERS, update)
        .delete(one, DELETE_USERS, remove)
        .get(&format!("{one}/organizations"), READ_USER_ORGANIZATIONS, organizations)
}

#[derive(Deserialize)]
pub(super) struct UserPath {
    user_id: String,
}

impl UserPath {
    async fn person(&self, app: &App, manager: &Manager) -> Result<Person, Failure> {
        person(app, manager, &self.user_id).await
    }
}

/// Somebody by their id.
pub(super) async fn person(app: &App, manager: &Manager, id: &str) -> Result<Person, Failure> {
    let user = UserId::parse(id).ok_or(What::NotFound(Thing::Member))?;
    let home = manager.project().home_organization;
    people::find(app, &manager.grant()?, home, &user).await
}

async fn list(State(app): State<Arc<App>>, ctx: Ctx, manager: Manager, query: Query) -> Answer<Value> {
    let (paging, fields) = (Paging::read(&query, BOUNDS)?, Fields::read(&query)?);
    if query.text("search_engine").is_some_and(|engine| engine != "v3") {
        return Err(wrong(SearchPart::Filter, "only v3 is supported", "search_engine").into());
    }
    if paging.skip() + paging.limit > MOST_SEEN {
        let reason = format!("You can only page through the first {MOST_SEEN} records.");
        return Err(wrong(SearchPart::Cursor, reason, "page").into());
    }
    let wanted = Wanted {
        any_of: query.text("q").map(user_query::read).transpose()?.unwrap_or_default(),
        connection: query.text("connection").map(str::to_owned),
        after: paging.after.clone(),
        skip: paging.skip(),
        limit: paging.limit,
    };
    let found = people::list(&app, &manager.grant()?, &wanted, paging.counts()).await?;
    let users = found
        .items
        .iter()
        .map(|(source, one)| fields.of(wire::show(source, one, manager.origin())))
        .collect();
    ok(&ctx, paging.shown("users", users, found.total, found.next.as_ref()))
}

/// Users of enterprise connections are made by signing in.
async fn create(_: Manager, Body(_): Body<Given>) -> Answer<Empty> {
    Err(vestibule_domain::refusal::Refusal::new(What::NotOffered)
        .because("Users are created in database and passwordless connections only: those of enterprise connections are made by signing in.")
        .into())
}

async fn by_email(State(app): State<Arc<App>>, ctx: Ctx, manager: Manager, query: Query) -> Answer<Value> {
    let fields = Fields::read(&query)?;
    let Some(email) = query.text("email") else {
        return Err(wrong(SearchPart::Filter, "Missing required property: email", "email").into());
    };
    let wanted = Wanted {
        any_of: vec![vec![PersonFilter::Email(email.to_owned())]],
        limit: BOUNDS.most,
        ..Wanted::default()
    };
    let found = people::list(&app, &manager.grant()?, &wanted, false).await?;
    let users = found
        .items
        .iter()
        .map(|(source, one)| fields.of(wire::show(source, one, manager.origin())))
        .collect();
    ok(&ctx, Value::Array(users))
}

async fn show(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<UserPath>,
    query: Query,
) -> Answer<Value> {
    let fields = Fields::read(&query)?;
    let person = path.person(&app, &manager).await?;
    ok(&ctx, fields.of(wire::show(&person.connection, person.shown()?, manager.origin())))
}

/// What is kept of somebody is kept by each of their organizations, so that all are told.
async fn update(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<UserPath>,
    Body(body): Body<UserPatchIn>,
) -> Answer<Value> {
    let person = path.person(&app, &manager).await?;
    let patch = body.patch(person.connection.common.profile_sync)?;
    for standing in &person.standings {
        let entry = manager.place(&app, standing.member.organization_id).await?;
        let grant = entry.change_member(standing.member.id, &patch)?;
        members::update(&app, &ctx, &grant, standing.member.id, patch.clone()).await?;
    }
    let changed = path.person(&app, &manager).await?;
    ok(&ctx, wire::show(&changed.connection, changed.shown()?, manager.origin()))
}

/// Somebody who is gone is gone from every organization. Who is gone already is gone.
async fn remove(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<UserPath>,
) -> Answer<Value> {
    let person = match path.person(&app, &manager).await {
        Err(failure) if failure.is(What::NotFound(Thing::Member)) => {
            return with(StatusCode::NO_CONTENT, &ctx, Value::Null);
        }
        found => found?,
    };
    for standing in &person.standings {
        let entry = manager.place(&app, standing.member.organization_id).await?;
        let grant = entry.delete_member(standing.member.id)?;
        gone(members::delete(&app, &ctx, &grant, standing.member.id).await, Thing::Member)?;
    }
    with(StatusCode::NO_CONTENT, &ctx, Value::Null)
}

async fn organizations(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<UserPath>,
    query: Query,
) -> Answer<Value> {
    let paging = Paging::read(&query, BOUNDS)?;
    let person = path.person(&app, &manager).await?;
    let home = manager.project().home_organization;
    let mut shown = Vec::new();
    for standing in person.standings.iter().filter(|one| one.member.organization_id != home) {
        let entry = manager.place(&app, standing.member.organization_id).await?;
        shown.push(shown_organization(entry.organization()));
    }
    let total = shown.len() as u64;
    let items = shown.into_iter().skip(paging.skip() as usize).take(paging.limit as usize).collect();
    ok(&ctx, paging.shown("organizations", items, total, None))
}
