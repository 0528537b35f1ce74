//! Members (contract 3.3).

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::{delete, get, post, put};
use serde::{Deserialize, Serialize};
use vestibule_domain::id::{IdError, MemberId, OrganizationId};
use vestibule_domain::member::{Member, MemberStatus};
use vestibule_domain::organization::Organization;
use vestibule_domain::refusal::{Field, Refusal, Thing, What, sentence};

use super::search::{ResultsMetadata, SearchFields};
use crate::doors::stytch::caller::Caller;
use crate::doors::stytch::wire::{MemberFields, MemberOut, OrganizationOut};
use crate::doors::stytch::{Answer, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::input::{Input, Params, Path};
use crate::operations::members;
use crate::operations::organizations::{self, require_project};
use crate::operations::views::{self, MemberView};
use crate::world::App;

const RESOURCE: &str = "stytch.member";

/// The routes of this file.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/b2b/organizations/members/search", post(search))
        .route("/v1/b2b/organizations/members/dangerously_get/{member_id}", get(dangerously_get))
        .route("/v1/b2b/organizations/{organization_id}/members", post(create))
        .route("/v1/b2b/organizations/{organization_id}/member", get(show))
        .route("/v1/b2b/organizations/{organization_id}/members/{member_id}", put(update).delete(remove))
        .route("/v1/b2b/organizations/{organization_id}/members/{member_id}/reactivate", put(reactivate))
        .route(
            "/v1/b2b/organizations/{organization_id}/members/{member_id}/external_id",
            delete(clear_external_id),
        )
}

/// Answers with a member and their organization.
async fn answer(app: &App, ctx: &Ctx, organization: Organization, view: &MemberView) -> Answer {
    #[derive(Serialize)]
    struct Body {
        member_id: MemberId,
        member: MemberOut,
        organization: OrganizationOut,
    }
    let organization = views::organization(app, organization).await?;
    let body = Body { member_id: view.member.id, member: view.into(), organization: (&organization).into() };
    ok(ctx, body)
}

async fn create(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Path(organization_id): Path<String>,
    Input(fields): Input<MemberFields>,
) -> Answer {
    let organization = caller.organization(&app, &organization_id).await?;
    let draft = fields.into_draft()?;
    let permit = members::permit_create(&app, &caller, &organization, &draft)?;
    let view = members::create(&app, &ctx, &permit, &organization, draft).await?;
    answer(&app, &ctx, organization, &view).await
}

#[derive(Deserialize)]
struct MemberLocator {
    member_id: Option<String>,
    email_address: Option<String>,
}

async fn show(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Path(organization_id): Path<String>,
    Params(locator): Params<MemberLocator>,
) -> Answer {
    let organization = caller.organization(&app, &organization_id).await?;
    let member = located(&app, &organization, locator).await?;
    let view = views::member(&app, &organization, member).await?;
    answer(&app, &ctx, organization, &view).await
}

async fn located(app: &App, organization: &Organization, locator: MemberLocator) -> Result<Member, Failure> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    match (given(locator.member_id), given(locator.email_address)) {
        (Some(id), None) => members::find(app, organization, &id).await,
        (None, Some(email)) => members::find_by_email(app, organization, &email).await,
        (None, None) => {
            Err(Refusal::new(What::MissingField).because("member_id or email_address is required.").into())
        }
        (Some(_), Some(_)) => Err(Refusal::new(What::Invalid(Field::Setting))
            .because("Give member_id or email_address, not both.")
            .into()),
    }
}

async fn update(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Path((organization_id, member_id)): Path<(String, String)>,
    Input(fields): Input<MemberFields>,
) -> Answer {
    let organization = caller.organization(&app, &organization_id).await?;
    let member = members::find(&app, &organization, &member_id).await?;
    let patch = fields.into_patch();
    let permit = members::permit_update(&app, &caller, &organization, member.id, &patch)?;
    let view = members::update(&app, &ctx, &permit, &organization, member, patch).await?;
    answer(&app, &ctx, organization, &view).await
}

async fn remove(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Path((organization_id, member_id)): Path<(String, String)>,
) -> Answer {
    #[derive(Serialize)]
    struct Body {
        member_id: MemberId,
    }
    let organization = caller.organization(&app, &organization_id).await?;
    let member = members::find(&app, &organization, &member_id).await?;
    let permit = members::permit_delete(&app, &caller, &organization, member.id)?;
    let member_id = member.id;
    members::delete(&app, &ctx, &permit, member).await?;
    ok(&ctx, Body { member_id })
}

async fn reactivate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Path((organization_id, member_id)): Path<(String, String)>,
) -> Answer {
    let organization = caller.organization(&app, &organization_id).await?;
    // There is no action of its own for it: who may add members may bring one back.
    let permit = caller.permit(&app, organization.id, RESOURCE, &["create"])?;
    let id = member_id.parse().map_err(not_an_id)?;
    let view = members::reactivate(&app, &ctx, &permit, &organization, id).await?;
    answer(&app, &ctx, organization, &view).await
}

fn not_an_id(error: IdError) -> Refusal {
    Refusal::new(What::Invalid(Field::MemberId))
        .because(format!("{} An external id is not taken here.", sentence(error)))
}

async fn clear_external_id(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Path((organization_id, member_id)): Path<(String, String)>,
) -> Answer {
    let organization = caller.organization(&app, &organization_id).await?;
    require_project(&caller)?;
    let permit = caller.permit(&app, organization.id, RESOURCE, &[])?;
    let member = members::find(&app, &organization, &member_id).await?;
    let view = members::clear_external_id(&app, &ctx, &permit, &organization, member).await?;
    answer(&app, &ctx, organization, &view).await
}

#[derive(Deserialize)]
struct DangerousParams {
    include_deleted: Option<String>,
}

async fn dangerously_get(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Path(member_id): Path<String>,
    Params(params): Params<DangerousParams>,
) -> Answer {
    require_project(&caller)?;
    let include_deleted = flag("include_deleted", params.include_deleted.as_deref())?;
    let id: MemberId = member_id.parse().map_err(not_an_id)?;
    let found = app.store.member_by_id(caller.project.id, id).await?;
    let found = found.filter(|member| include_deleted || member.status != MemberStatus::Deleted);
    let member = found.ok_or(What::NotFound(Thing::Member))?;
    let organization = app.store.organization_by_id(caller.project.id, member.organization_id).await?;
    let organization = organization.ok_or(What::NotFound(Thing::Member))?;
    let view = views::member(&app, &organization, member).await?;
    answer(&app, &ctx, organization, &view).await
}

fn flag(name: &str, text: Option<&str>) -> Result<bool, Refusal> {
    match text.unwrap_or_default() {
        "" | "false" | "False" | "0" => Ok(false),
        "true" | "True" | "1" => Ok(true),
        other => Err(Refusal::new(What::Invalid(Field::Setting))
            .found(format!("{other:?} in {name}"))
            .expected("true or false")),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct MemberSearch {
    organization_ids: Option<Vec<String>>,
    #[serde(flatten)]
    search: SearchFields,
}

async fn search(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(fields): Input<MemberSearch>,
) -> Answer {
    #[derive(Serialize)]
    struct Body {
        members: Vec<MemberOut>,
        organizations: BTreeMap<String, OrganizationOut>,
        results_metadata: ResultsMetadata,
    }
    let asked = organizations_asked(&app, &caller, fields.organization_ids.unwrap_or_default()).await?;
    let found = members::search(&app, &caller.project, &asked, &fields.search.for_members()?).await?;
    let members = found.items.iter().map(MemberOut::from).collect();
    let seen: HashSet<OrganizationId> = found.items.iter().map(|view| view.member.organization_id).collect();
    let shown = asked.into_iter().filter(|organization| seen.contains(&organization.id)).collect();
    let shown = organizations::viewed(&app, caller.project.id, shown).await?;
    let organizations = shown.iter().map(|view| (view.organization.id.to_string(), view.into())).collect();
    let results_metadata = ResultsMetadata::new(found.total, found.next.as_ref());
    ok(&ctx, Body { members, organizations, results_metadata })
}

/// The most organizations one search may name.
const MAX_ORGANIZATIONS: usize = 1000;

/// The organizations to search in; the caller may search in each of them.
async fn organizations_asked(
    app: &App,
    caller: &Caller,
    locators: Vec<String>,
) -> Result<Vec<Organization>, Failure> {
    if locators.is_empty() {
        return Err(What::NoOrganizationToSearch.into());
    }
    if locators.len() > MAX_ORGANIZATIONS {
        return Err(Refusal::new(What::Invalid(Field::Setting))
            .because(format!("organization_ids may name at most {MAX_ORGANIZATIONS} organizations."))
            .into());
    }
    let mut asked: Vec<Organization> = Vec::with_capacity(locators.len());
    for locator in locators {
        let organization = caller.organization(app, &locator).await?;
        caller.permit(app, organization.id, RESOURCE, &["search"])?;
        if asked.iter().all(|known| known.id != organization.id) {
            asked.push(organization);
        }
    }
    Ok(asked)
}
