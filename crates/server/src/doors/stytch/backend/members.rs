//! Members.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::id::{IdError, MemberId, OrganizationId};
use vestibule_domain::member::Member;
use vestibule_domain::organization::Organization;
use vestibule_domain::rbac::asks::{FindMember, ReactivateMember, SearchMembers};
use vestibule_domain::rbac::{Action, Entry, Grant};
use vestibule_domain::refusal::{Field, Refusal, What, sentence};

use super::search::{MemberSearchFields, ResultsMetadata};
use crate::doors::stytch::caller::{ByProject, Caller, Here, Surface};
use crate::doors::stytch::wire::{MemberIn, MemberOut, OrganizationOut};
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::door::Door;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, Params, Path};
use crate::operations::mfa::totp;
use crate::operations::views::{self, MemberView};
use crate::operations::{members, organizations};
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let search_path = "/v1/b2b/organizations/members/search";
    let anywhere = "/v1/b2b/organizations/members/dangerously_get/{member_id}";
    let all = "/v1/b2b/organizations/{organization_id}/members";
    let one = "/v1/b2b/organizations/{organization_id}/members/{member_id}";
    Endpoints::new()
        .post(search_path, Needs::Right(Action::SearchMembers), search)
        .get(anywhere, Needs::ProjectAlone, dangerously_get)
        .post(all, Needs::Right(Action::CreateMember), create::<Stytch>)
        .get("/v1/b2b/organizations/{organization_id}/member?member_id", Needs::Belonging, show)
        .put(one, Needs::RightsOfFields, update::<Stytch>)
        .delete(one, Needs::Right(Action::DeleteMember), remove::<Stytch>)
        .put(&format!("{one}/reactivate"), Needs::Right(Action::CreateMember), reactivate::<Stytch>)
        .delete(&format!("{one}/external_id"), Needs::ProjectAloneIn, clear_external_id)
        .delete(&format!("{one}/totp"), Needs::Right(Action::DeleteMemberTotp), remove_totp::<Stytch>)
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct Body {
    member_id: MemberId,
    member: MemberOut,
    organization: OrganizationOut,
}

/// Answers with a member and their organization.
pub(super) async fn answer<D: Door>(
    app: &App,
    ctx: &Ctx,
    organization: Organization,
    view: &MemberView,
) -> Answer<Body, D> {
    let organization = views::organization(app, organization).await?;
    ok(ctx, Body { member_id: view.member.id, member: view.into(), organization: (&organization).into() })
}

/// The member in a path, by id or external id.
#[derive(Deserialize)]
pub(in crate::doors::stytch) struct MemberPath {
    pub(in crate::doors::stytch) member_id: String,
}

pub(in crate::doors::stytch) async fn create<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    here: S::Here,
    Input(body): Input<MemberIn>,
) -> Answer<Body, S> {
    let entry: Entry = here.into();
    let draft = body.into_draft()?;
    let grant = entry.create_member(&draft)?;
    let view = members::create(&app, &ctx, &grant, draft).await?;
    answer(&app, &ctx, grant.organization().clone(), &view).await
}

#[derive(Deserialize)]
struct MemberLocator {
    member_id: Option<String>,
    email_address: Option<String>,
}

async fn show(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Here(entry): Here,
    Params(locator): Params<MemberLocator>,
) -> Answer<Body> {
    let member = located(&app, &entry, locator).await?;
    let view = views::member(&app, entry.organization(), member).await?;
    answer(&app, &ctx, entry.into_organization(), &view).await
}

async fn located(app: &App, entry: &Entry, locator: MemberLocator) -> Result<Member, Failure> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    match (given(locator.member_id), given(locator.email_address)) {
        (Some(id), None) => members::find(app, entry, &id).await,
        (None, Some(email)) => members::find_by_email(app, entry, &email).await,
        (None, None) => {
            Err(Refusal::new(What::MissingField).because("member_id or email_address is required.").into())
        }
        (Some(_), Some(_)) => Err(Refusal::new(What::Invalid(Field::Setting))
            .because("Give member_id or email_address, not both.")
            .into()),
    }
}

pub(in crate::doors::stytch) async fn update<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    here: S::Here,
    Path(path): Path<MemberPath>,
    Input(body): Input<MemberIn>,
) -> Answer<Body, S> {
    change(&app, &ctx, (here.into(), &path.member_id), body).await
}

/// Changes a member, whoever they are called by.
pub(in crate::doors::stytch) async fn change<D: Door>(
    app: &App,
    ctx: &Ctx,
    (entry, locator): (Entry, &str),
    body: MemberIn,
) -> Answer<Body, D> {
    let member = members::find(app, &entry, locator).await?;
    let id = member.id;
    let patch = body.into_patch()?;
    entry.require_second_factor_for(&member, &patch)?;
    let grant = entry.change_member(id, &patch)?;
    let view = members::update(app, ctx, &grant, id, patch).await?;
    answer(app, ctx, grant.organization().clone(), &view).await
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct RemovedOut {
    member_id: MemberId,
}

pub(in crate::doors::stytch) async fn remove<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    here: S::Here,
    Path(path): Path<MemberPath>,
) -> Answer<RemovedOut, S> {
    let entry: Entry = here.into();
    let member_id = match (members::find(&app, &entry, &path.member_id).await, path.member_id.parse()) {
        (Err(Failure::Unreadable(_)), Ok(member_id)) => {
            let grant = entry.delete_member(member_id)?;
            members::erase(&app, &ctx, &grant, member_id).await?;
            return ok(&ctx, RemovedOut { member_id });
        }
        (found, _) => found?.id,
    };
    let grant = entry.delete_member(member_id)?;
    members::delete(&app, &ctx, &grant, member_id).await?;
    ok(&ctx, RemovedOut { member_id })
}

pub(in crate::doors::stytch) async fn reactivate<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: S::Granted<ReactivateMember>,
    Path(path): Path<MemberPath>,
) -> Answer<Body, S> {
    let grant = granted.into();
    let id = path.member_id.parse().map_err(not_an_id)?;
    let view = members::reactivate(&app, &ctx, &grant, id).await?;
    answer(&app, &ctx, grant.organization().clone(), &view).await
}

fn not_an_id(error: IdError) -> Refusal {
    Refusal::new(What::Invalid(Field::MemberId))
        .because(format!("{} An external id is not taken here.", sentence(error)))
}

async fn clear_external_id(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Here(entry): Here,
    Path(path): Path<MemberPath>,
) -> Answer<Body> {
    entry.require_project()?;
    let id = members::find(&app, &entry, &path.member_id).await?.id;
    let grant = entry.project_grant()?;
    let view = members::clear_external_id(&app, &ctx, &grant, id).await?;
    answer(&app, &ctx, grant.organization().clone(), &view).await
}

pub(in crate::doors::stytch) async fn remove_totp<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    here: S::Here,
    Path(path): Path<MemberPath>,
) -> Answer<Body, S> {
    without_totp(&app, &ctx, (here.into(), &path.member_id)).await
}

/// Takes the authenticator application of a member away.
pub(in crate::doors::stytch) async fn without_totp<D: Door>(
    app: &App,
    ctx: &Ctx,
    (entry, locator): (Entry, &str),
) -> Answer<Body, D> {
    let member = members::find(app, &entry, locator).await?;
    let grant = entry.delete_totp(&member)?;
    let view = totp::delete(app, ctx, &grant, &member).await?;
    answer(app, ctx, grant.organization().clone(), &view).await
}

#[derive(Deserialize)]
struct DangerousParams {
    include_deleted: Option<String>,
}

async fn dangerously_get(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<FindMember>,
    Path(path): Path<MemberPath>,
    Params(params): Params<DangerousParams>,
) -> Answer<Body> {
    let include_deleted = flag("include_deleted", params.include_deleted.as_deref())?;
    let id = path.member_id.parse().map_err(not_an_id)?;
    let (organization, member) = members::find_anywhere(&app, &grant, id, include_deleted).await?;
    let view = views::member(&app, &organization, member).await?;
    answer(&app, &ctx, organization, &view).await
}

pub(super) fn flag(name: &str, text: Option<&str>) -> Result<bool, Refusal> {
    match text.unwrap_or_default() {
        "" | "false" | "False" | "0" => Ok(false),
        "true" | "True" | "1" => Ok(true),
        other => Err(Refusal::new(What::Invalid(Field::Setting))
            .found(format!("{other:?} in {name}"))
            .expected("true or false")),
    }
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct FoundOut {
    members: Vec<MemberOut>,
    organizations: BTreeMap<String, OrganizationOut>,
    results_metadata: ResultsMetadata,
}

async fn search(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(mut fields): Input<MemberSearchFields>,
) -> Answer<FoundOut> {
    let asked =
        organizations_asked(&app, &caller, fields.organization_ids.take().unwrap_or_default()).await?;
    found(&app, &ctx, &asked, fields).await
}

/// The members that a search finds, with their organizations.
pub(in crate::doors::stytch) async fn found<D: Door>(
    app: &App,
    ctx: &Ctx,
    asked: &[Grant<SearchMembers>],
    fields: MemberSearchFields,
) -> Answer<FoundOut, D> {
    let found = members::search(app, asked, &fields.for_members()?).await?;
    let members = found.items.iter().map(MemberOut::from).collect();
    let seen: HashSet<OrganizationId> = found.items.iter().map(|view| view.member.organization_id).collect();
    let shown = asked.iter().map(Grant::organization).filter(|organization| seen.contains(&organization.id));
    let shown: Vec<Organization> = shown.cloned().collect();
    let shown = match shown.first() {
        Some(first) => organizations::viewed(app, first.project_id, shown).await?,
        None => Vec::new(),
    };
    let organizations = shown.iter().map(|view| (view.organization.id.to_string(), view.into())).collect();
    let results_metadata = ResultsMetadata::new(found.total, found.next.as_ref());
    ok(ctx, FoundOut { members, organizations, results_metadata })
}

/// The most organizations one search may name.
const MAX_ORGANIZATIONS: usize = 1000;

/// The organizations to search in; the caller may search in each of them.
async fn organizations_asked(
    app: &App,
    caller: &Caller,
    locators: Vec<String>,
) -> Result<Vec<Grant<SearchMembers>>, Failure> {
    if locators.is_empty() {
        return Err(What::NoOrganizationToSearch.into());
    }
    if locators.len() > MAX_ORGANIZATIONS {
        return Err(Refusal::new(What::Invalid(Field::Setting))
            .because(format!("organization_ids may name at most {MAX_ORGANIZATIONS} organizations."))
            .into());
    }
    let mut asked: Vec<Grant<SearchMembers>> = Vec::with_capacity(locators.len());
    let mut known = HashSet::new();
    for locator in locators {
        let entry = match caller.enter(app, &locator).await {
            // One that cannot be read hides no other.
            Err(unreadable @ Failure::Unreadable(_)) => {
                unreadable.log();
                continue;
            }
            entry => entry?,
        };
        let grant = entry.grant()?;
        if known.insert(grant.organization().id) {
            asked.push(grant);
        }
    }
    Ok(asked)
}
