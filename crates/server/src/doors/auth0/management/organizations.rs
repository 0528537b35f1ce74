//! Organizations of the project.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use vestibule_domain::organization::Organization;
use vestibule_domain::rbac::asks::{DeleteOrganization, SearchOrganizations};
use vestibule_domain::refusal::{Refusal, SearchPart, Thing, What};
use vestibule_store::tables::organizations::OrganizationFilter;
use vestibule_store::tables::search::{Operator, Search};

use super::enabled_connections::{self, enable};
use super::needs::*;
use super::{Answer, IdPath, Manager, ok, with};
use crate::doors::auth0::Auth0;
use crate::doors::auth0::wire::body::Body;
use crate::doors::auth0::wire::listing::{BOUNDS, Fields, Paging};
use crate::doors::auth0::wire::organization::{self as wire, OrganizationIn};
use crate::doors::auth0::wire::query::{Query, wrong};
use crate::http::ctx::Ctx;
use crate::http::endpoint::Endpoints;
use crate::http::input::Path;
use crate::operations::organizations;
use crate::world::App;

/// What is further back than this is read from where the page before ended.
const MOST_SEEN: u32 = 1000;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Auth0> {
    let one = "/api/v2/organizations/{id}";
    Endpoints::new()
        .get("/api/v2/organizations", READ_ORGANIZATIONS, list)
        .post("/api/v2/organizations", CREATE_ORGANIZATIONS, create)
        .get("/api/v2/organizations/name/{name}", READ_ORGANIZATIONS, by_name)
        .get(one, READ_ORGANIZATIONS, show)
        .patch(one, UPDATE_ORGANIZATIONS, update)
        .delete(one, DELETE_ORGANIZATIONS, remove)
}

#[derive(Deserialize)]
struct NamePath {
    name: String,
}

/// An organization as it is shown.
pub(super) fn shown(organization: &Organization) -> Value {
    wire::show(organization)
}

async fn list(State(app): State<Arc<App>>, ctx: Ctx, manager: Manager, query: Query) -> Answer<Value> {
    let (paging, fields) = (Paging::read(&query, BOUNDS)?, Fields::read(&query)?);
    let reach = paging.skip() + paging.limit;
    if reach > MOST_SEEN {
        let reason = format!("You can only page through the first {MOST_SEEN} records.");
        return Err(wrong(SearchPart::Cursor, reason, "page").into());
    }
    let mut filters = Vec::new();
    if let Some(q) = query.text("q") {
        let name = q.strip_prefix("name:").or_else(|| q.strip_prefix("display_name:")).unwrap_or(q);
        filters.push(OrganizationFilter::NameFuzzy(name.trim_matches(['"', '*']).to_owned()));
    }
    let search = Search { operator: Operator::And, filters, after: paging.after.clone(), limit: reach };
    let found = organizations::search(&app, &manager.grant::<SearchOrganizations>()?, &search).await?;
    let wanted = found.items.iter().skip(paging.skip() as usize);
    let items = wanted.map(|view| fields.of(shown(&view.organization))).collect();
    ok(&ctx, paging.shown("organizations", items, found.total, found.next.as_ref()))
}

async fn create(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Body(body): Body<OrganizationIn>,
) -> Answer<Value> {
    let (patch, wanted) = body.read(true)?;
    // All that is named must be there before anything is made.
    for one in &wanted {
        manager.connection_of(&app, one.connection()?).await?;
    }
    let view = organizations::create(&app, &ctx, &manager.grant()?, patch).await?;
    for one in wanted {
        let connection = one.connection()?;
        enable(&app, &ctx, &manager, view.organization.id, connection, one.read()?).await?;
    }
    let entry = manager.place(&app, view.organization.id).await?;
    let mut answer = shown(entry.organization());
    let enabled = enabled_connections::all(&app, &entry).await?;
    if let (Value::Object(members), false) = (&mut answer, enabled.is_empty()) {
        let rows = enabled.iter().map(|one| wire::show_enabled(entry.organization(), one, false)).collect();
        members.insert("enabled_connections".to_owned(), Value::Array(rows));
    }
    with(StatusCode::CREATED, &ctx, answer)
}

async fn show(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
) -> Answer<Value> {
    ok(&ctx, shown(manager.organization(&app, &path.id).await?.organization()))
}

async fn by_name(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<NamePath>,
) -> Answer<Value> {
    let found = app.store.organization(manager.project().id, &path.name).await?;
    // It is looked for by whatever names it; here only one of them counts.
    let found = found.filter(|organization| organization.slug.eq_ignore_ascii_case(&path.name));
    let found = found.ok_or_else(|| Refusal::from(What::NotFound(Thing::Organization)))?;
    ok(&ctx, shown(&found))
}

async fn update(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
    Body(body): Body<OrganizationIn>,
) -> Answer<Value> {
    let entry = manager.organization(&app, &path.id).await?;
    let (patch, _) = body.read(false)?;
    let grant = entry.change_organization(&patch)?;
    let view = organizations::update(&app, &ctx, &grant, patch).await?;
    ok(&ctx, shown(&view.organization))
}

async fn remove(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
) -> Answer<Value> {
    let entry = manager.organization(&app, &path.id).await?;
    organizations::delete(&app, &ctx, &entry.grant::<DeleteOrganization>()?).await?;
    with(StatusCode::NO_CONTENT, &ctx, Value::Null)
}
