//! Organizations (contract 3.2).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::{delete, get, post};
use serde::Serialize;
use vestibule_domain::id::OrganizationId;

use super::search::{ResultsMetadata, SearchFields};
use crate::doors::stytch::caller::Caller;
use crate::doors::stytch::wire::{OrganizationFields, OrganizationOut};
use crate::doors::stytch::{Answer, ok};
use crate::http::ctx::Ctx;
use crate::http::input::{Input, Path};
use crate::operations::organizations;
use crate::operations::views::{self, OrganizationView};
use crate::world::App;

const RESOURCE: &str = "stytch.organization";

/// The routes of this file.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/b2b/organizations", post(create))
        .route("/v1/b2b/organizations/search", post(search))
        .route("/v1/b2b/organizations/{organization_id}", get(show).put(update).delete(remove))
        .route("/v1/b2b/organizations/{organization_id}/metrics", get(metrics))
        .route("/v1/b2b/organizations/{organization_id}/external_id", delete(clear_external_id))
}

fn answer(ctx: &Ctx, view: &OrganizationView) -> Answer {
    #[derive(Serialize)]
    struct Body {
        organization: OrganizationOut,
    }
    ok(ctx, Body { organization: view.into() })
}

async fn create(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(fields): Input<OrganizationFields>,
) -> Answer {
    organizations::require_project(&caller)?;
    let view = organizations::create(&app, &ctx, caller.project.id, fields.into_patch()?).await?;
    answer(&ctx, &view)
}

async fn show(State(app): State<Arc<App>>, ctx: Ctx, caller: Caller, Path(id): Path<String>) -> Answer {
    let organization = caller.organization(&app, &id).await?;
    answer(&ctx, &views::organization(&app, organization).await?)
}

async fn update(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Path(id): Path<String>,
    Input(fields): Input<OrganizationFields>,
) -> Answer {
    let organization = caller.organization(&app, &id).await?;
    let patch = fields.into_patch()?;
    let permit = organizations::permit_update(&app, &caller, &organization, &patch)?;
    let view = organizations::update(&app, &ctx, &permit, organization, patch).await?;
    answer(&ctx, &view)
}

async fn remove(State(app): State<Arc<App>>, ctx: Ctx, caller: Caller, Path(id): Path<String>) -> Answer {
    #[derive(Serialize)]
    struct Body {
        organization_id: OrganizationId,
    }
    let organization = caller.organization(&app, &id).await?;
    let permit = caller.permit(&app, organization.id, RESOURCE, &["delete"])?;
    organizations::delete(&app, &ctx, &permit).await?;
    ok(&ctx, Body { organization_id: organization.id })
}

async fn clear_external_id(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let organization = caller.organization(&app, &id).await?;
    organizations::require_project(&caller)?;
    let permit = caller.permit(&app, organization.id, RESOURCE, &[])?;
    let view = organizations::clear_external_id(&app, &ctx, &permit, organization).await?;
    answer(&ctx, &view)
}

async fn metrics(State(app): State<Arc<App>>, ctx: Ctx, caller: Caller, Path(id): Path<String>) -> Answer {
    #[derive(Serialize)]
    struct Body {
        member_count: u64,
    }
    let organization = caller.organization(&app, &id).await?;
    let member_count = app.store.member_count(caller.project.id, organization.id).await?;
    ok(&ctx, Body { member_count })
}

async fn search(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(fields): Input<SearchFields>,
) -> Answer {
    #[derive(Serialize)]
    struct Body {
        organizations: Vec<OrganizationOut>,
        results_metadata: ResultsMetadata,
    }
    organizations::require_project(&caller)?;
    let found = organizations::search(&app, &caller.project, &fields.for_organizations()?).await?;
    let organizations = found.items.iter().map(OrganizationOut::from).collect();
    ok(&ctx, Body { organizations, results_metadata: ResultsMetadata::new(found.total, found.next.as_ref()) })
}
