//! What clients may do at APIs on their own account.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use vestibule_domain::id::ClientGrantId;
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_store::tables::client_grants::{Granted, Part, Wanted};
use vestibule_store::tables::search::Cursor;

use super::needs::*;
use super::{Answer, Manager, gone, ok, with};
use crate::doors::auth0::Auth0;
use crate::doors::auth0::wire::body::{Body, required};
use crate::doors::auth0::wire::ids;
use crate::doors::auth0::wire::listing::{BOUNDS, Paging};
use crate::doors::auth0::wire::query::Query;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::Endpoints;
use crate::http::input::Path;
use crate::operations::client_grants;
use crate::world::App;

/// What ids of grants begin with.
const WORD: &str = "cgr_";

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Auth0> {
    let one = "/api/v2/client-grants/{grant_id}";
    Endpoints::new()
        .get("/api/v2/client-grants", READ_CLIENT_GRANTS, list)
        .post("/api/v2/client-grants", CREATE_CLIENT_GRANTS, create)
        .get(one, READ_CLIENT_GRANTS, show)
        .patch(one, UPDATE_CLIENT_GRANTS, update)
        .delete(one, DELETE_CLIENT_GRANTS, remove)
}

#[derive(Deserialize)]
struct GrantPath {
    grant_id: String,
}

impl GrantPath {
    fn id(&self) -> Result<ClientGrantId, Failure> {
        ids::read_of(WORD, &self.grant_id).ok_or(What::NotFound(Thing::ClientGrant).into())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct GrantIn {
    client_id: Option<String>,
    audience: Option<String>,
    scope: Option<Vec<String>>,
    organization_usage: Option<String>,
    allow_any_organization: Option<bool>,
    subject_type: Option<String>,
    authorization_details_types: Option<Vec<String>>,
    allow_all_scopes: Option<bool>,
    is_system: Option<bool>,
    default_for: Option<String>,
}

impl GrantIn {
    /// The scopes, and nothing else than what there is here.
    fn scopes(&mut self) -> Result<Option<Vec<String>>, Refusal> {
        let asked = [
            ("organization_usage", self.organization_usage.as_deref().is_some_and(|usage| usage != "deny")),
            ("allow_any_organization", self.allow_any_organization == Some(true)),
            ("subject_type", self.subject_type.as_deref().is_some_and(|kind| kind != "client")),
            (
                "authorization_details_types",
                self.authorization_details_types.as_ref().is_some_and(|list| !list.is_empty()),
            ),
            ("allow_all_scopes", self.allow_all_scopes == Some(true)),
            ("is_system", self.is_system == Some(true)),
            ("default_for", self.default_for.is_some()),
        ];
        match asked.into_iter().find(|(_, asked)| *asked) {
            Some((name, _)) => {
                Err(Refusal::new(What::NotOffered)
                    .because(format!("{name} is not supported by this server.")))
            }
            None => Ok(self.scope.take()),
        }
    }
}

fn shown(manager: &Manager, granted: &Granted) -> Value {
    json!({
        "id": ids::of(WORD, &granted.grant.id),
        "client_id": granted.client_id.as_str(),
        "audience": manager.audience_shown(&granted.grant.audience),
        "scope": granted.grant.scopes,
        "subject_type": "client",
    })
}

async fn list(State(app): State<Arc<App>>, ctx: Ctx, manager: Manager, query: Query) -> Answer<Value> {
    let paging = Paging::read(&query, BOUNDS)?;
    let client_id = query.text("client_id").map(str::parse).transpose();
    let Ok(client_id) = client_id else {
        return ok(&ctx, paging.shown("client_grants", Vec::new(), 0, None));
    };
    let audience = query.text("audience").map(|text| manager.audience(text)).transpose()?;
    let wanted = Wanted { client_id, audience };
    let part = Part { after: paging.place()?, skip: paging.skip(), take: paging.limit + 1 };
    let (mut found, total) = client_grants::list(&app, &manager.grant()?, &wanted, &part).await?;
    let more = found.len() > paging.limit as usize;
    found.truncate(paging.limit as usize);
    let next = found.last().filter(|_| more).map(|last| Cursor::new(last.grant.created_at, last.grant.id));
    let shown = found.iter().map(|one| shown(&manager, one)).collect();
    ok(&ctx, paging.shown("client_grants", shown, total.unsigned_abs(), next.as_ref()))
}

async fn create(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Body(mut body): Body<GrantIn>,
) -> Answer<Value> {
    let scopes = body.scopes()?.unwrap_or_default();
    let client = required(body.client_id, "client_id")?;
    let client = client.parse().map_err(|_| What::NotFound(Thing::Application))?;
    let audience = manager.audience(&required(body.audience, "audience")?)?;
    let grant = manager.grant()?;
    let made = client_grants::create(&app, &ctx, &grant, &client, audience, scopes).await?;
    with(StatusCode::CREATED, &ctx, shown(&manager, &made))
}

async fn show(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<GrantPath>,
) -> Answer<Value> {
    ok(&ctx, shown(&manager, &client_grants::get(&app, &manager.grant()?, path.id()?).await?))
}

async fn update(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<GrantPath>,
    Body(mut body): Body<GrantIn>,
) -> Answer<Value> {
    let id = path.id()?;
    let Some(scopes) = body.scopes()? else {
        let found = client_grants::get(&app, &manager.grant()?, id).await?;
        return ok(&ctx, shown(&manager, &found));
    };
    let changed = client_grants::update(&app, &ctx, &manager.grant()?, id, scopes).await?;
    ok(&ctx, shown(&manager, &changed))
}

async fn remove(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<GrantPath>,
) -> Answer<Value> {
    gone(client_grants::delete(&app, &ctx, &manager.grant()?, path.id()?).await, Thing::ClientGrant)?;
    with(StatusCode::NO_CONTENT, &ctx, Value::Null)
}
