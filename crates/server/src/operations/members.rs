//! Members: make, change, find, remove and bring back (contract 3.3).

use std::collections::HashMap;

use vestibule_domain::email::EmailAddress;
use vestibule_domain::id::{ConnectionId, MemberId, OrganizationId};
use vestibule_domain::identity::Registration;
use vestibule_domain::member::{Member, MemberDraft, MemberPatch, MemberStatus, checked_email};
use vestibule_domain::organization::{Access, Organization};
use vestibule_domain::project::Project;
use vestibule_domain::rbac::{Actor, Permit, role_grants};
use vestibule_domain::refusal::{Name, Refusal, Thing, What};
use vestibule_store::tables::members::MemberFilter;
use vestibule_store::tables::search::Search;
use vestibule_store::tables::{members, registrations, sessions};
use vestibule_store::{Batch, StoreError, Write};

use super::audit;
use super::organizations::{Found, knows_role, require_project};
use super::views::{self, ConnectionRoles, MemberView};
use crate::doors::stytch::caller::Caller;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

const RESOURCE: &str = "stytch.member";
const SELF: &str = "stytch.self";

/// Permission to make a member. Roles, the exemption from sign-in rules, and what is the project's alone
/// need the same rights here as in an update, or making a member would be the way around them.
///
/// # Errors
/// The member who asks belongs elsewhere, lacks a role, or gives a field that is the project's alone.
pub fn permit_create(
    app: &App,
    caller: &Caller,
    organization: &Organization,
    draft: &MemberDraft,
) -> Result<Permit, Refusal> {
    let mut actions = vec!["create"];
    if !draft.roles.is_empty() {
        actions.push("update.settings.roles");
    }
    if draft.is_breakglass {
        actions.push("update.settings.is-breakglass");
    }
    let permit = caller.permit(app, organization.id, RESOURCE, &actions)?;
    project_fields(caller, draft.trusted_metadata.is_some(), draft.external_id.is_some())?;
    Ok(permit)
}

/// Permission to change a member: every field needs its action on `stytch.member`, or on one's own record
/// the same action on `stytch.self` for some of them (contract 7.5).
///
/// # Errors
/// The member who asks belongs elsewhere, lacks a role, gives a field that is the project's alone, or wants
/// to change their own roles or address.
pub fn permit_update(
    app: &App,
    caller: &Caller,
    organization: &Organization,
    target: MemberId,
    patch: &MemberPatch,
) -> Result<Permit, Refusal> {
    let permit = caller.permit(app, organization.id, RESOURCE, &[])?;
    project_fields(caller, patch.trusted_metadata.is_some(), patch.external_id.is_some())?;
    let is_own = caller.member_id() == Some(target);
    if is_own && (patch.roles.is_some() || patch.email_address.is_some()) {
        return Err(What::OwnRoles.into());
    }
    for (action, also_on_self) in patch.required_actions() {
        let allowed_on_self =
            is_own && also_on_self && caller.permit(app, organization.id, SELF, &[action]).is_ok();
        if !allowed_on_self {
            caller.permit(app, organization.id, RESOURCE, &[action])?;
        }
    }
    Ok(permit)
}

/// Permission to remove a member; everybody may leave whose roles say so.
///
/// # Errors
/// The member who asks belongs elsewhere or lacks a role.
pub fn permit_delete(
    app: &App,
    caller: &Caller,
    organization: &Organization,
    target: MemberId,
) -> Result<Permit, Refusal> {
    if caller.member_id() == Some(target)
        && let Ok(permit) = caller.permit(app, organization.id, SELF, &["delete"])
    {
        return Ok(permit);
    }
    caller.permit(app, organization.id, RESOURCE, &["delete"])
}

fn project_fields(caller: &Caller, trusted_metadata: bool, external_id: bool) -> Result<(), Refusal> {
    if trusted_metadata && caller.member_id().is_some() {
        return Err(What::TrustedMetadataByMember.into());
    }
    if external_id { require_project(caller) } else { Ok(()) }
}

/// A member of an organization by id or external id; deleted ones are not found.
///
/// # Errors
/// `member_not_found`.
pub async fn find(app: &App, organization: &Organization, locator: &str) -> Result<Member, Failure> {
    let found = app.store.member(organization.project_id, organization.id, locator).await?;
    Ok(found.filter(|member| member.status != MemberStatus::Deleted).ok_or(What::NotFound(Thing::Member))?)
}

/// A member of an organization by address.
///
/// # Errors
/// `invalid_email` or `member_not_found`.
pub async fn find_by_email(app: &App, organization: &Organization, text: &str) -> Result<Member, Failure> {
    let email = checked_email(text)?;
    let found = app.store.member_by_email(organization.project_id, organization.id, &email).await?;
    Ok(found.ok_or(What::NotFound(Thing::Member))?)
}

/// Refuses an address in a domain that another organization has claimed for itself.
async fn require_unclaimed(
    app: &App,
    organization: &Organization,
    email: &EmailAddress,
) -> Result<(), Failure> {
    match app.store.organization_claiming(organization.project_id, email.domain()).await? {
        Some(claimant) if claimant != organization.id => Err(What::Taken(Name::ClaimedDomain).into()),
        _ => Ok(()),
    }
}

/// Makes a member.
///
/// # Errors
/// The rules of contract 3.3, an address or external id that another member has, or an organization that
/// does not let members add this address.
pub async fn create(
    app: &App,
    ctx: &Ctx,
    permit: &Permit,
    organization: &Organization,
    draft: MemberDraft,
) -> Result<MemberView, Failure> {
    let project = permit.project_id();
    let id = MemberId::generate(project.environment(), app.entropy.as_ref());
    let role_exists = |role: &str| knows_role(app, organization, role);
    let member = Member::create(id, project, organization.id, draft, role_exists, ctx.now)?;
    if let Actor::Member(_) = permit.actor() {
        may_invite(organization, &member.email)?;
    }
    require_unclaimed(app, organization, &member.email).await?;
    let note = audit::note(app, ctx, permit, "member.create", id);
    app.store.commit(vec![members::insert(&member), note]).await.map_err(refusal)?;
    views::member(app, organization, member).await
}

/// Whether members may add an address (contract 3.2.1, `email_invites`). The project's backend always may.
fn may_invite(organization: &Organization, email: &EmailAddress) -> Result<(), Refusal> {
    let policy = &organization.policy;
    let refused = |why: &str| Err(Refusal::new(What::InvitesNotAllowed).because(why));
    match policy.email_invites {
        Access::AllAllowed => Ok(()),
        Access::NotAllowed => refused("email_invites is NOT_ALLOWED."),
        Access::Restricted if policy.email_allowed_domains.iter().any(|d| d == email.domain()) => Ok(()),
        Access::Restricted => refused("The address is in none of email_allowed_domains."),
    }
}

/// Changes a member as a whole or not at all.
///
/// # Errors
/// The rules of contract 3.3, or an address or external id that another member has.
pub async fn update(
    app: &App,
    ctx: &Ctx,
    permit: &Permit,
    organization: &Organization,
    member: Member,
    patch: MemberPatch,
) -> Result<MemberView, Failure> {
    if let Some(text) = &patch.email_address {
        require_unclaimed(app, organization, &checked_email(text)?).await?;
    }
    let role_exists = |role: &str| knows_role(app, organization, role);
    let granting = granting(app, &member, &patch).await?;
    change(app, ctx, permit, organization, member, "member.update", |member| {
        require_present(member)?;
        let before = member.roles.clone();
        member.apply(patch.clone(), role_exists, ctx.now, app.entropy.as_ref())?;
        let taken = |role: &String| before.contains(role) && !member.roles.contains(role);
        let ended = granting.iter().filter(|(role, _)| taken(role));
        Ok(ended
            .map(|(_, connection)| {
                sessions::revoke_of_member_by_connection(member.project_id, member.id, *connection)
            })
            .collect())
    })
    .await
}

/// Which roles the member's connections grant, when a change of roles is to end the sessions in which such a role
/// would live on (contract 3.3, `preserve_existing_sessions`).
async fn granting(
    app: &App,
    member: &Member,
    patch: &MemberPatch,
) -> Result<Vec<(String, ConnectionId)>, Failure> {
    if patch.roles.is_none() || patch.preserve_existing_sessions {
        return Ok(Vec::new());
    }
    let registrations = app.store.registrations(member.project_id, member.id).await?;
    let roles = ConnectionRoles::of(app, member.project_id, &registrations).await?;
    let granted = roles.granted_by(&registrations).into_iter();
    Ok(granted.filter_map(|(role, source)| Some((role, source.connection()?))).collect())
}

/// Takes the API user's own id away from a member.
///
/// # Errors
/// `member_not_found` when somebody removed the member meanwhile.
pub async fn clear_external_id(
    app: &App,
    ctx: &Ctx,
    permit: &Permit,
    organization: &Organization,
    member: Member,
) -> Result<MemberView, Failure> {
    change(app, ctx, permit, organization, member, "member.clear_external_id", |member| {
        require_present(member)?;
        member.external_id = None;
        member.touch(ctx.now);
        Ok(Vec::new())
    })
    .await
}

/// Brings a deleted member back.
///
/// # Errors
/// The member is not deleted, has no verified address, or somebody else has the address or external id now.
pub async fn reactivate(
    app: &App,
    ctx: &Ctx,
    permit: &Permit,
    organization: &Organization,
    id: MemberId,
) -> Result<MemberView, Failure> {
    let member = load(app, permit, id).await?;
    change(app, ctx, permit, organization, member, "member.reactivate", |member| {
        member.reactivate(ctx.now)?;
        if member.email_verified { Ok(Vec::new()) } else { Err(What::NoVerifiedAddress.into()) }
    })
    .await
}

/// Removes a member: their sessions end, their registrations are forgotten, what they were stays readable.
///
/// # Errors
/// `member_not_found` when somebody else removed them first.
pub async fn delete(app: &App, ctx: &Ctx, permit: &Permit, mut member: Member) -> Result<(), Failure> {
    let (project, id) = (permit.project_id(), member.id);
    for _ in 0..super::ATTEMPTS {
        require_present(&member)?;
        let decided_on = member.version;
        member.delete(ctx.now);
        let batch = vec![
            members::update(&member, decided_on),
            registrations::delete_of_member(project, id),
            sessions::revoke_of_member(project, id),
            audit::note(app, ctx, permit, "member.delete", id),
        ];
        match app.store.commit(batch).await {
            Ok(()) => return Ok(()),
            Err(error) if error.is_guard(members::VERSION) => member = load(app, permit, id).await?,
            Err(error) => return Err(refusal(error)),
        }
    }
    Err(busy())
}

/// Loads, decides and saves until nobody else was faster. What `decide` gives is saved in the same batch.
async fn change(
    app: &App,
    ctx: &Ctx,
    permit: &Permit,
    organization: &Organization,
    mut member: Member,
    action: &str,
    decide: impl Fn(&mut Member) -> Result<Vec<Write>, Refusal>,
) -> Result<MemberView, Failure> {
    for _ in 0..super::ATTEMPTS {
        let decided_on = member.version;
        let more = decide(&mut member)?;
        let note = audit::note(app, ctx, permit, action, member.id);
        let batch = Batch::new().with([members::update(&member, decided_on), note]).with(more);
        match app.store.commit(batch).await {
            Ok(()) => return views::member(app, organization, member).await,
            Err(error) if error.is_guard(members::VERSION) => member = load(app, permit, member.id).await?,
            Err(error) => return Err(refusal(error)),
        }
    }
    Err(busy())
}

async fn load(app: &App, permit: &Permit, id: MemberId) -> Result<Member, Failure> {
    let found = app.store.member_by_id(permit.project_id(), id).await?;
    let is_here = |member: &Member| member.organization_id == permit.organization_id();
    Ok(found.filter(is_here).ok_or(What::NotFound(Thing::Member))?)
}

fn require_present(member: &Member) -> Result<(), Refusal> {
    if member.status == MemberStatus::Deleted { Err(What::NotFound(Thing::Member).into()) } else { Ok(()) }
}

fn busy() -> Failure {
    Failure::Unavailable("a member kept changing under this request".to_owned())
}

/// What a refused write means to the one who asked.
fn refusal(error: StoreError) -> Failure {
    let index = match &error {
        StoreError::Unique(index) => index.as_str(),
        // The organization was removed between loading it and saving its member.
        StoreError::Reference => return What::NotFound(Thing::Organization).into(),
        _ => return error.into(),
    };
    match index {
        members::EMAIL => What::Taken(Name::MemberEmail).into(),
        members::EXTERNAL_ID => What::Taken(Name::MemberExternalId).into(),
        _ => error.into(),
    }
}

/// Searches the members of some organizations of a project.
///
/// # Errors
/// The store's.
pub async fn search(
    app: &App,
    project: &Project,
    organizations: &[Organization],
    search: &Search<MemberFilter>,
) -> Result<Found<MemberView>, Failure> {
    let inside: HashMap<OrganizationId, &Organization> =
        organizations.iter().map(|organization| (organization.id, organization)).collect();
    let ids: Vec<OrganizationId> = inside.keys().copied().collect();
    let found = app.store.search_members(project.id, &ids, search).await?;
    let mut registrations = registrations_of(app, project, &found.page.items).await?;
    let roles = ConnectionRoles::of(app, project.id, registrations.values().flatten()).await?;
    let view = |member: Member| {
        let organization = inside.get(&member.organization_id)?;
        let registrations = registrations.remove(&member.id).unwrap_or_default();
        let grants = role_grants(&member, organization, &roles.granted_by(&registrations));
        Some(MemberView { registrations, grants, member })
    };
    let items = found.page.items.into_iter().filter_map(view).collect();
    Ok(Found { items, total: found.total, next: found.page.next })
}

async fn registrations_of(
    app: &App,
    project: &Project,
    members: &[Member],
) -> Result<HashMap<MemberId, Vec<Registration>>, Failure> {
    let mut by_member: HashMap<MemberId, Vec<Registration>> = HashMap::new();
    if members.is_empty() {
        return Ok(by_member);
    }
    let ids: Vec<MemberId> = members.iter().map(|member| member.id).collect();
    for registration in app.store.registrations_of(project.id, &ids).await? {
        by_member.entry(registration.member_id).or_default().push(registration);
    }
    Ok(by_member)
}
