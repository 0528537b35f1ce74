//! Organizations.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::id::OrganizationId;
use vestibule_domain::rbac::asks::{CreateOrganization, DeleteOrganization, SearchOrganizations};
use vestibule_domain::rbac::{Action, Entry};

use super::search::{ResultsMetadata, SearchFields};
use crate::doors::stytch::caller::{ByProject, Caller, Here, Surface};
use crate::doors::stytch::wire::{OrganizationIn, OrganizationOut};
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::door::Door;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, Path};
use crate::operations::organizations;
use crate::operations::views::{self, OrganizationView};
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let one = "/v1/b2b/organizations/{organization_id}";
    Endpoints::new()
        .post("/v1/b2b/organizations", Needs::ProjectAlone, create)
        .post("/v1/b2b/organizations/search", Needs::ProjectAlone, search)
        .get(one, Needs::Belonging, show)
        .put(one, Needs::RightsOfFields, update::<Stytch>)
        .delete(one, Needs::Right(Action::DeleteOrganization), remove)
        .get("/v1/b2b/organizations/{organization_id}/metrics", Needs::Belonging, metrics)
        .delete(
            "/v1/b2b/organizations/{organization_id}/external_id",
            Needs::ProjectAloneIn,
            clear_external_id,
        )
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct Body {
    organization: OrganizationOut,
}

impl From<&OrganizationView> for Body {
    fn from(view: &OrganizationView) -> Self {
        Self { organization: view.into() }
    }
}

fn answer<D: Door>(ctx: &Ctx, view: &OrganizationView) -> Answer<Body, D> {
    ok(ctx, Body::from(view))
}

async fn create(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<CreateOrganization>,
    Input(mut body): Input<OrganizationIn>,
) -> Answer<Body> {
    answer(&ctx, &organizations::create(&app, &ctx, &grant, body.patch()?).await?)
}

async fn show(State(app): State<Arc<App>>, ctx: Ctx, Here(entry): Here) -> Answer<Body> {
    answer(&ctx, &views::organization(&app, entry.into_organization()).await?)
}

pub(in crate::doors::stytch) async fn update<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    here: S::Here,
    Input(mut body): Input<OrganizationIn>,
) -> Answer<Body, S> {
    let entry: Entry = here.into();
    let patch = body.patch()?;
    let grant = entry.change_organization(&patch)?;
    answer(&ctx, &organizations::update(&app, &ctx, &grant, patch).await?)
}

#[derive(Deserialize)]
struct OrganizationPath {
    organization_id: String,
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct RemovedOut {
    pub(in crate::doors::stytch) organization_id: OrganizationId,
}

/// One that cannot be read any more is removed by its id, by the project alone.
async fn remove(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Path(path): Path<OrganizationPath>,
) -> Answer<RemovedOut> {
    let entry = match (caller.enter(&app, &path.organization_id).await, path.organization_id.parse()) {
        (Err(Failure::Unreadable(_)), Ok(organization_id)) => {
            let grant = caller.project_grant()?;
            organizations::delete_unreadable(&app, &ctx, &grant, organization_id).await?;
            return ok(&ctx, RemovedOut { organization_id });
        }
        (entry, _) => entry?,
    };
    let grant = entry.grant::<DeleteOrganization>()?;
    organizations::delete(&app, &ctx, &grant).await?;
    ok(&ctx, RemovedOut { organization_id: grant.organization().id })
}

async fn clear_external_id(State(app): State<Arc<App>>, ctx: Ctx, Here(entry): Here) -> Answer<Body> {
    let grant = entry.project_grant()?;
    answer(&ctx, &organizations::clear_external_id(&app, &ctx, &grant).await?)
}

#[derive(Serialize)]
struct MetricsOut {
    member_count: u64,
}

async fn metrics(State(app): State<Arc<App>>, ctx: Ctx, Here(entry): Here) -> Answer<MetricsOut> {
    ok(&ctx, MetricsOut { member_count: app.store.member_count(entry.tenant()).await? })
}

#[derive(Serialize)]
struct FoundOut {
    organizations: Vec<OrganizationOut>,
    results_metadata: ResultsMetadata,
}

async fn search(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<SearchOrganizations>,
    Input(fields): Input<SearchFields>,
) -> Answer<FoundOut> {
    let found = organizations::search(&app, &grant, &fields.for_organizations()?).await?;
    let organizations = found.items.iter().map(OrganizationOut::from).collect();
    let results_metadata = ResultsMetadata::new(found.total, found.next.as_ref());
    ok(&ctx, FoundOut { organizations, results_metadata })
}
