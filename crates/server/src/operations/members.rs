//! Members: make, change, find, remove and bring back.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use vestibule_domain::Tenant;
use vestibule_domain::email::EmailAddress;
use vestibule_domain::event::{EventKind, Facts, Object};
use vestibule_domain::id::{ConnectionId, MemberId, OrganizationId};
use vestibule_domain::identity::Registration;
use vestibule_domain::member::{Member, MemberDraft, MemberPatch, MemberStatus, checked_email};
use vestibule_domain::organization::{Access, Organization};
use vestibule_domain::rbac::asks::{
    ChangeMember, CreateMember, DeleteMember, FindMember, ReactivateMember, SearchMembers,
};
use vestibule_domain::rbac::{Entry, Grant, ProjectGrant, role_grants};
use vestibule_domain::refusal::{Name, Refusal, Thing, What};
use vestibule_store::Write;
use vestibule_store::tables::members::MemberFilter;
use vestibule_store::tables::search::Search;
use vestibule_store::tables::{
    members, organizations as organization_rows, registrations, retired_emails, sessions, sign_outs,
    sms_codes, totp,
};

use super::change::{Decision, change};
use super::events::Scene;
use super::meaning::meaning;
use super::organizations::{Found, naming_roles};
use super::views::{self, ConnectionRoles, MemberView, Provisioning};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// A member of an organization by id or external id; deleted ones are not found.
///
/// # Errors
/// There is none.
pub(crate) async fn find(app: &App, entry: &Entry, locator: &str) -> Result<Member, Failure> {
    let found = app.store.member(entry.tenant(), locator).await?;
    let found = found.filter(|member| member.status != MemberStatus::Deleted);
    Ok(found.ok_or(What::NotFound(Thing::Member))?)
}

/// A member of an organization by address.
///
/// # Errors
/// The text is no address, or nobody has it.
pub(crate) async fn find_by_email(app: &App, entry: &Entry, text: &str) -> Result<Member, Failure> {
    let found = app.store.member_by_email(entry.tenant(), &checked_email(text)?).await?;
    Ok(found.ok_or(What::NotFound(Thing::Member))?)
}

/// A member of a project and their organization, whatever it is.
///
/// # Errors
/// There is none, or they are deleted and those are not asked for.
pub(crate) async fn find_anywhere(
    app: &App,
    grant: &ProjectGrant<FindMember>,
    id: MemberId,
    include_deleted: bool,
) -> Result<(Organization, Member), Failure> {
    let found = app.store.member_anywhere(grant, id).await?;
    let found = found.filter(|member| include_deleted || member.status != MemberStatus::Deleted);
    let member = found.ok_or(What::NotFound(Thing::Member))?;
    let organization = app.store.organization_of(member.tenant()).await?;
    Ok((organization.ok_or(What::NotFound(Thing::Member))?, member))
}

/// Refuses an address in a domain that another organization has claimed for itself.
pub(crate) async fn require_unclaimed(
    app: &App,
    tenant: Tenant,
    email: &EmailAddress,
) -> Result<(), Failure> {
    match app.store.organization_claiming(tenant.project_id(), email.domain()).await? {
        Some(claimant) if claimant != tenant.organization_id() => {
            Err(What::Taken(Name::ClaimedDomain).into())
        }
        _ => Ok(()),
    }
}

/// Makes a member.
///
/// # Errors
/// The rules of the API, an address or external id that another member has, or an organization that
/// does not let members add this address.
pub(crate) async fn create(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<CreateMember>,
    draft: MemberDraft,
) -> Result<MemberView, Failure> {
    let (tenant, organization) = (grant.tenant(), grant.organization());
    let id = MemberId::generate(grant.environment(), app.entropy.as_ref());
    let role_exists = |role: &str| grant.policy().has_role_in(organization, role);
    let member = Member::create(id, tenant, draft, role_exists, ctx.now)
        .map_err(|refusal| naming_roles(grant.policy(), organization, refusal))?;
    if grant.actor().member().is_some() {
        may_invite(organization, &member.email)?;
    }
    require_unclaimed(app, tenant, &member.email).await?;
    let event = Scene::of(ctx, grant)
        .event(app, EventKind::MemberCreated, Object::Member(id))
        .changed(Facts::default(), &member);
    let batch = event
        .acted()
        .with([members::insert(&member)])
        .requires(organization_rows::stands(tenant))
        .requires([organization_rows::unclaimed(tenant, member.email.domain())]);
    app.store.commit(batch).await.map_err(meaning)?;
    views::member(app, organization, member).await
}

/// Whether members may add an address (`email_invites`). The project's backend always may.
pub(crate) fn may_invite(organization: &Organization, email: &EmailAddress) -> Result<(), Refusal> {
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
/// The rules of the API, or an address or external id that another member has.
pub(crate) async fn update(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeMember>,
    id: MemberId,
    patch: MemberPatch,
) -> Result<MemberView, Failure> {
    if let Some(text) = patch.email_address.value() {
        require_unclaimed(app, grant.tenant(), &checked_email(text)?).await?;
    }
    // Loaded with the member, so that both are new when it is decided anew.
    let granting = Mutex::new(Vec::new());
    let load = async || {
        let member = load(app, grant.tenant(), id).await?;
        *granting.lock().unwrap_or_else(PoisonError::into_inner) =
            roles_by_connection(app, &member, &patch).await?;
        Ok(member)
    };
    let decide = |member: &mut Member| {
        require_present(member)?;
        let before = member.clone();
        // What was given before may be kept: it grants nothing when the role has gone.
        let role_exists = |role: &str| {
            grant.policy().has_role_in(grant.organization(), role)
                || before.roles.iter().any(|given| given == role)
        };
        member
            .apply(patch.clone(), role_exists, ctx.now)
            .map_err(|refusal| naming_roles(grant.policy(), grant.organization(), refusal))?;
        if !member.differs_from(&before) {
            *member = before;
            return Ok(Decision::Leave(()));
        }
        let taken = |role: &String| before.roles.contains(role) && !member.roles.contains(role);
        let granting = granting.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = granting.iter().filter(|(role, _)| taken(role)).map(|(_, connection)| {
            sessions::revoke_of_member_by_connection(member.project_id, member.id, *connection)
        });
        let event = Scene::of(ctx, grant)
            .event(app, EventKind::MemberUpdated, Object::Member(id))
            .changed(&before, &*member);
        let moves = member.email != before.email;
        let unclaimed = moves.then(|| organization_rows::unclaimed(grant.tenant(), member.email.domain()));
        let addresses = retired_emails::moved(&before, member);
        Ok(Decision::save(event.acted().with(ended).requires(unclaimed).and(addresses)))
    };
    let (member, ()) = change(app, id, load, decide).await?;
    views::member(app, grant.organization(), member).await
}

/// Which roles the member's connections grant, when a change of roles is to end the sessions in which such a role
/// would live on (`preserve_existing_sessions`).
async fn roles_by_connection(
    app: &App,
    member: &Member,
    patch: &MemberPatch,
) -> Result<Vec<(String, ConnectionId)>, Failure> {
    if patch.roles.is_keep() || patch.preserve_existing_sessions {
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
/// Somebody removed the member meanwhile.
pub(crate) async fn clear_external_id(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeMember>,
    id: MemberId,
) -> Result<MemberView, Failure> {
    change_one(app, ctx, grant, id, EventKind::MemberExternalIdCleared, |member| {
        require_present(member)?;
        member.external_id = None;
        member.touch(ctx.now);
        Ok(())
    })
    .await
}

/// Brings a deleted member back.
///
/// # Errors
/// The member is not deleted, has no verified address, or somebody else has the address or external id now.
pub(crate) async fn reactivate(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ReactivateMember>,
    id: MemberId,
) -> Result<MemberView, Failure> {
    change_one(app, ctx, grant, id, EventKind::MemberReactivated, |member| {
        member.reactivate(ctx.now)?;
        let is_vouched_for = member.email_verified || member.email_stated;
        if is_vouched_for { Ok(()) } else { Err(What::NoVerifiedAddress.into()) }
    })
    .await
}

async fn change_one<A>(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<A>,
    id: MemberId,
    kind: EventKind,
    decide: impl Fn(&mut Member) -> Result<(), Refusal>,
) -> Result<MemberView, Failure> {
    let decide = |member: &mut Member| {
        let before = member.clone();
        decide(member)?;
        let event =
            Scene::of(ctx, grant).event(app, kind.clone(), Object::Member(id)).changed(&before, &*member);
        Ok(Decision::save(event.acted().and(retired_emails::moved(&before, member))))
    };
    let (member, ()) = change(app, id, || load(app, grant.tenant(), id), decide).await?;
    views::member(app, grant.organization(), member).await
}

/// Removes a member: their sessions end, their registrations are forgotten, what they were stays readable.
///
/// # Errors
/// Somebody else removed them first.
pub(crate) async fn delete(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<DeleteMember>,
    id: MemberId,
) -> Result<(), Failure> {
    let decide = |member: &mut Member| {
        require_present(member)?;
        let before = member.clone();
        member.delete(ctx.now);
        let event = Scene::of(ctx, grant).event(app, EventKind::MemberDeleted, Object::Member(id));
        let over = ended(grant.tenant(), id);
        Ok(Decision::save(event.acted().with(over).and(retired_emails::moved(&before, member))))
    };
    change(app, id, || load(app, grant.tenant(), id), decide).await.map(drop)
}

/// Everything by which a member is signed in, and could be again, whoever removes them.
pub(in crate::operations) fn ended(tenant: Tenant, id: MemberId) -> impl IntoIterator<Item = Write> {
    let project = tenant.project_id();
    let ways = [
        registrations::delete_of_member(project, id),
        totp::delete_of_member(tenant, id),
        sms_codes::forget(tenant, id),
    ];
    sign_outs::of_member(project, id).into_iter().chain(ways)
}

/// Removes a member whose row cannot be read any more, with their sessions and registrations; nothing of them stays.
///
/// # Errors
/// There is none.
pub(crate) async fn erase(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<DeleteMember>,
    id: MemberId,
) -> Result<(), Failure> {
    let event = Scene::of(ctx, grant)
        .event(app, EventKind::MemberDeleted, Object::Member(id))
        .with("unreadable", true);
    app.store.commit(members::erase(grant.tenant(), id).and(event.acted())).await.map_err(meaning)
}

pub(super) async fn load(app: &App, tenant: Tenant, id: MemberId) -> Result<Member, Failure> {
    Ok(app.store.member_of(tenant, id).await?.ok_or(What::NotFound(Thing::Member))?)
}

pub(super) fn require_present(member: &Member) -> Result<(), Refusal> {
    if member.status == MemberStatus::Deleted { Err(What::NotFound(Thing::Member).into()) } else { Ok(()) }
}

/// Searches the members of some organizations of a project.
///
/// # Errors
/// The project has searched as often as it may, or the store's.
pub(crate) async fn search(
    app: &App,
    grants: &[Grant<SearchMembers>],
    search: &Search<MemberFilter>,
) -> Result<Found<MemberView>, Failure> {
    if let Some(grant) = grants.first() {
        app.limits.check_search(grant.project_id())?;
    }
    let inside: HashMap<OrganizationId, &Organization> =
        grants.iter().map(|grant| (grant.organization().id, grant.organization())).collect();
    let found = app.store.search_members(grants.iter().map(Grant::tenant), search).await?;
    let mut registrations = registrations_of(app, &found.page.items).await?;
    let roles = ConnectionRoles::of_members(app, &found.page.items, registrations.values().flatten()).await?;
    let mut said = Provisioning::of(app, &found.page.items).await?;
    let view = |member: Member| {
        let organization = inside.get(&member.organization_id)?;
        let registrations = registrations.remove(&member.id).unwrap_or_default();
        let mut granted = roles.granted_by(&registrations);
        granted.extend(said.roles_of(member.id));
        let grants = role_grants(&member, organization, &granted);
        Some(MemberView { provisioned: said.of_member(member.id), registrations, grants, member })
    };
    let items = found.page.items.into_iter().filter_map(view).collect();
    Ok(Found { items, total: found.total, next: found.page.next })
}

async fn registrations_of(
    app: &App,
    members: &[Member],
) -> Result<HashMap<MemberId, Vec<Registration>>, Failure> {
    let mut by_member: HashMap<MemberId, Vec<Registration>> = HashMap::new();
    let Some(first) = members.first() else { return Ok(by_member) };
    let ids: Vec<MemberId> = members.iter().map(|member| member.id).collect();
    for registration in app.store.registrations_of(first.project_id, &ids).await? {
        by_member.entry(registration.member_id).or_default().push(registration);
    }
    Ok(by_member)
}
