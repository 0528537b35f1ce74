//! Discovery: somebody has shown an address, and chooses where to go with it: into an organization that knows it, into one
//! that lets its domain in, or into a new one.

use std::collections::HashSet;

use vestibule_domain::Tenant;
use vestibule_domain::email::EmailAddress;
use vestibule_domain::event::{EventKind, Facts, Object};
use vestibule_domain::id::MemberId;
use vestibule_domain::login::demand::{Missing, missing};
use vestibule_domain::login::elsewhere;
use vestibule_domain::member::{Member, MemberDraft, MemberStatus};
use vestibule_domain::organization::{Organization, OrganizationPatch};
use vestibule_domain::project::Project;
use vestibule_domain::rbac::{ADMIN_ROLE, Actor, role_grants};
use vestibule_domain::refusal::{Name, Refusal, Thing, What};
use vestibule_domain::secret::Token;
use vestibule_domain::session::Factor;
use vestibule_domain::{Patch, email};
use vestibule_store::Batch;
use vestibule_store::tables::{directory_users, members, organizations};

use super::authentication::{Authenticated, Carried, Joins, SessionRequest, Whose, go_on, waiting};
use super::directories;
use super::events::Scene;
use super::organizations::make;
use super::sessions::{Presented, live};
use super::views::{self, MemberView, OrganizationView};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// Most organizations of each kind that are listed.
const MOST: i64 = 100;

/// By what somebody is known who looks for organizations.
#[derive(Debug)]
pub(crate) enum Seeker {
    /// A sign-in that is not finished.
    Intermediate(Token),
    /// A session.
    Session(Presented),
}

/// How somebody belongs to an organization, or could.
#[derive(Debug)]
pub(crate) enum Membership {
    /// They are a member, active or not yet.
    Member(Box<MemberView>),
    /// They may join, because the organization lets in this domain.
    Domain(String),
}

/// An organization that somebody may go on in.
#[derive(Debug)]
pub(crate) struct Discovered {
    /// The organization.
    pub organization: OrganizationView,
    /// How they belong there.
    pub membership: Membership,
    /// What they would still have to prove.
    pub missing: Missing,
}

/// What somebody has shown who looks for organizations.
struct Shown {
    address: EmailAddress,
    /// The organization that it was shown in, and all of it, which counts there.
    home: Option<(Tenant, Vec<Factor>)>,
    /// What of it counts elsewhere; nothing, where they may go on at home alone.
    elsewhere: Vec<Factor>,
}

impl Shown {
    /// What counts in an organization; `None` where nothing does.
    fn counting_in(&self, tenant: Tenant) -> Option<&[Factor]> {
        match &self.home {
            Some((home, factors)) if *home == tenant => Some(factors),
            _ => Some(self.elsewhere.as_slice()).filter(|factors| !factors.is_empty()),
        }
    }
}

/// The organizations that somebody may go on in with what they have shown, those they belong to first.
///
/// # Errors
/// What they are known by is unknown or has ended.
pub(crate) async fn list(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    seeker: &Seeker,
) -> Result<(EmailAddress, Vec<Discovered>), Failure> {
    let shown = shown(app, ctx, project, seeker).await?;
    let mut found = Vec::new();
    let mut known = HashSet::new();
    for member in app.store.members_by_address(project.id, &shown.address, MOST).await? {
        let tenant = member.tenant();
        known.insert(tenant.organization_id());
        let Some(factors) = shown.counting_in(tenant) else { continue };
        if let Some(one) = known_in(app, tenant, member, factors).await? {
            found.push(one);
        }
    }
    if !shown.elsewhere.is_empty() {
        for organization in letting_in(app, project, &shown.address).await? {
            if !known.contains(&organization.id) {
                found.push(open_to(app, ctx, organization, &shown).await?);
            }
        }
    }
    Ok((shown.address, found))
}

/// The organizations that let an address in: the one alone that has claimed its domain, however many others name it.
async fn letting_in(
    app: &App,
    project: &Project,
    address: &EmailAddress,
) -> Result<Vec<Organization>, Failure> {
    let domain = address.domain();
    let mut named = match app.store.organization_claiming(project.id, domain).await? {
        Some(claimant) => {
            let claimant = Tenant::stored(project.id, claimant);
            app.store.organization_of(claimant).await?.into_iter().collect()
        }
        None => app.store.organizations_allowing(project.id, domain, MOST).await?,
    };
    named.retain(|organization| organization.lets_in_by_mail(address));
    Ok(named)
}

async fn known_in(
    app: &App,
    tenant: Tenant,
    member: Member,
    factors: &[Factor],
) -> Result<Option<Discovered>, Failure> {
    let Some(organization) = app.store.organization_of(tenant).await? else { return Ok(None) };
    let member = views::member(app, &organization, member).await?;
    let missing = missing(&organization, &member.member, factors);
    let organization = views::organization(app, organization).await?;
    Ok(Some(Discovered { organization, membership: Membership::Member(Box::new(member)), missing }))
}

async fn open_to(
    app: &App,
    ctx: &Ctx,
    organization: Organization,
    shown: &Shown,
) -> Result<Discovered, Failure> {
    let joining = joining(app, ctx, &organization, &shown.address)?;
    let missing = missing(&organization, &joining, &shown.elsewhere);
    let membership = Membership::Domain(shown.address.domain().to_owned());
    Ok(Discovered { organization: views::organization(app, organization).await?, membership, missing })
}

async fn shown(app: &App, ctx: &Ctx, project: &Project, seeker: &Seeker) -> Result<Shown, Failure> {
    match seeker {
        Seeker::Intermediate(token) => {
            let waiting = waiting(app, ctx, project, token).await?;
            let unknown = || Failure::from(What::NotFound(Thing::IntermediateSession));
            if let (Some(organization), Some(member)) = (waiting.organization_id, waiting.member_id) {
                let home = Tenant::stored(project.id, organization);
                let address = app.store.member_of(home, member).await?.ok_or_else(unknown)?.email;
                return Ok(Shown { address, home: Some((home, waiting.factors)), elsewhere: Vec::new() });
            }
            let address = waiting.address().cloned().ok_or_else(unknown)?;
            Ok(Shown { address, home: None, elsewhere: waiting.factors })
        }
        Seeker::Session(presented) => {
            let view = live(app, ctx, project, presented).await?;
            let address = view.member.member.email;
            let elsewhere = elsewhere(&view.session.factors, &address);
            let home = Some((view.session.tenant(), view.session.factors));
            Ok(Shown { address, home, elsewhere })
        }
    }
}

/// Goes on in an organization with a sign-in that is not finished.
///
/// # Errors
/// The token is unknown, used, ended or bound to another organization; nobody there has the address, and the organization
/// does not let it in.
pub(crate) async fn exchange(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    organization: &Organization,
    token: Token,
    mut request: SessionRequest,
) -> Result<Authenticated, Failure> {
    let bound = waiting(app, ctx, project, &token).await?;
    request.joins = Some(Joins::Intermediate(token));
    let tenant = organization.tenant();
    if let (Some(home), Some(member)) = (bound.organization_id, bound.member_id) {
        if home != organization.id {
            return Err(What::NotFound(Thing::IntermediateSession).into());
        }
        return go_on(app, ctx, project, &request, || standing(app, tenant, member)).await;
    }
    let address = bound.address().cloned().ok_or(What::NotFound(Thing::IntermediateSession))?;
    go_on(app, ctx, project, &request, || arrival(app, ctx, tenant, &address)).await
}

/// Goes on in another organization with a session: what counts there too is carried over, and the session stays.
///
/// # Errors
/// The session is unknown or has ended; [`What::NothingCarried`]; nobody there has the address, and the organization does
/// not let it in.
pub(crate) async fn exchange_session(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    organization: &Organization,
    presented: &Presented,
    mut request: SessionRequest,
) -> Result<Authenticated, Failure> {
    let view = live(app, ctx, project, presented).await?;
    let (tenant, from) = (organization.tenant(), view.session.id);
    if view.session.organization_id == organization.id {
        let member = view.session.member_id;
        request.joins = Some(Joins::Carried(Carried { from, factors: view.session.factors }));
        return go_on(app, ctx, project, &request, || standing(app, tenant, member)).await;
    }
    // Whoever has another address now speaks for the one that they left no more.
    let address = view.member.member.email;
    let factors = elsewhere(&view.session.factors, &address);
    if factors.is_empty() {
        return Err(Refusal::new(What::NothingCarried)
            .found("a session by factors that count in its own organization alone")
            .expected(
                "a session with a magic link or a code by mail to the address that the member has now, or a sign-in to that \
                 organization",
            )
            .into());
    }
    request.joins = Some(Joins::Carried(Carried { from, factors }));
    go_on(app, ctx, project, &request, || arrival(app, ctx, tenant, &address)).await
}

/// A member who is there.
async fn standing(app: &App, tenant: Tenant, id: MemberId) -> Result<Whose, Failure> {
    let gone = || Failure::from(What::NotFound(Thing::Member));
    let organization = app.store.organization_of(tenant).await?.ok_or_else(gone)?;
    let found = app.store.member_of(tenant, id).await?;
    let member = found.filter(|member| member.status == MemberStatus::Active).ok_or_else(gone)?;
    let member = views::member(app, &organization, member).await?;
    Ok(Whose::unchanged(views::organization(app, organization).await?, member))
}

/// Whoever has an address in an organization, as somebody who has shown it: a member, who arrives by it, or somebody whom
/// the organization lets in.
///
/// # Errors
/// There is no such organization; nobody has the address, and it is not let in.
pub(crate) async fn arrival(
    app: &App,
    ctx: &Ctx,
    tenant: Tenant,
    address: &EmailAddress,
) -> Result<Whose, Failure> {
    let found = app.store.organization_of(tenant).await?;
    let organization = found.ok_or(What::NotFound(Thing::Organization))?;
    match app.store.member_by_email(tenant, address).await? {
        Some(member) => arriving(app, ctx, organization, member, address).await,
        None if organization.lets_in_by_mail(address) => {
            directories::require_not_locked_out(app, tenant, address).await?;
            let member = joining(app, ctx, &organization, address)?;
            let makes = made(app, ctx, &member)
                .requires(organizations::at_version(tenant, organization.version))
                .requires(directory_users::not_locked_out(tenant, address.as_str(), None))
                .requires([organizations::unclaimed(tenant, address.domain())]);
            let member = views::member(app, &organization, member).await?;
            Ok(Whose::made(views::organization(app, organization).await?, member, makes))
        }
        None => Err(What::NotFound(Thing::Member).into()),
    }
}

/// A member who has shown an address of theirs: they arrive, and it is verified if it is the one they have now.
async fn arriving(
    app: &App,
    ctx: &Ctx,
    organization: Organization,
    before: Member,
    address: &EmailAddress,
) -> Result<Whose, Failure> {
    let mut member = before.clone();
    member.arrive();
    member.reached(address);
    let mut changes = Batch::new();
    if member != before {
        member.touch(ctx.now);
        let scene = Scene::proved(ctx, member.tenant(), Actor::Member(member.id));
        let event = scene.event(app, EventKind::MemberUpdated, Object::Member(member.id));
        let event = event.changed(&before, &member);
        changes = changes.with([members::update(&member, before.version), event.write()]);
    }
    let member = views::member(app, &organization, member).await?;
    Ok(Whose::changed(views::organization(app, organization).await?, member, changes))
}

/// Somebody whom an organization lets in by an address that they have shown.
fn joining(
    app: &App,
    ctx: &Ctx,
    organization: &Organization,
    address: &EmailAddress,
) -> Result<Member, Failure> {
    let id = MemberId::generate(organization.id.environment(), app.entropy.as_ref());
    let draft = MemberDraft { email_address: address.as_str().to_owned(), ..MemberDraft::default() };
    let mut member = Member::create(id, organization.tenant(), draft, |_| false, ctx.now)?;
    member.reached(address);
    Ok(member)
}

fn made(app: &App, ctx: &Ctx, member: &Member) -> Batch {
    let scene = Scene::proved(ctx, member.tenant(), Actor::Member(member.id));
    let event = scene.event(app, EventKind::MemberCreated, Object::Member(member.id));
    let event = event.changed(Facts::default(), member);
    Batch::from([members::insert(member), event.write()])
}

/// Makes an organization whose first member, and administrator, is whoever holds a sign-in that is not bound to one.
///
/// # Errors
/// The token is unknown, used, ended or bound to an organization; the rules of the API; a name that another organization
/// has; an address in a domain that another organization has claimed.
pub(crate) async fn create(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    token: Token,
    mut patch: OrganizationPatch,
    mut request: SessionRequest,
) -> Result<Authenticated, Failure> {
    let policy = app.policy(project).await?;
    let unbound = waiting(app, ctx, project, &token).await?;
    let address = unbound.address().cloned().filter(|_| unbound.organization_id.is_none());
    let address = address.ok_or(What::NotFound(Thing::IntermediateSession))?;
    if app.store.organization_claiming(project.id, address.domain()).await?.is_some() {
        return Err(What::Taken(Name::ClaimedDomain).into());
    }
    if patch.name.is_keep() {
        patch.name = Patch::Set(named_after(&address));
    }
    request.joins = Some(Joins::Intermediate(token));
    let (address, request) = (&address, &request);
    make(app, ctx, (project.id, &policy), patch, |organization: Organization| async move {
        let first = || async { founder(app, ctx, organization.clone(), address) };
        go_on(app, ctx, project, request, first).await
    })
    .await
}

/// What an organization is called that nobody has named: after the company's domain, or the person where it is one of a
/// public mail provider.
fn named_after(address: &EmailAddress) -> String {
    let domain = address.domain();
    let local = address.as_str().strip_suffix(domain).unwrap_or_default().trim_end_matches('@');
    if email::is_public_mail_domain(domain) { local.to_owned() } else { domain.to_owned() }
}

/// An organization that is being made, and its first member.
fn founder(
    app: &App,
    ctx: &Ctx,
    organization: Organization,
    address: &EmailAddress,
) -> Result<Whose, Failure> {
    let id = MemberId::generate(organization.id.environment(), app.entropy.as_ref());
    let draft = MemberDraft {
        email_address: address.as_str().to_owned(),
        roles: vec![ADMIN_ROLE.to_owned()],
        ..MemberDraft::default()
    };
    let mut member = Member::create(id, organization.tenant(), draft, |role| role == ADMIN_ROLE, ctx.now)?;
    member.reached(address);
    let scene = Scene::proved(ctx, organization.tenant(), Actor::Member(id));
    let event = scene
        .event(app, EventKind::OrganizationCreated, Object::Organization(organization.id))
        .changed(Facts::default(), &organization);
    let makes =
        Batch::from(organizations::insert(&organization)).with([event.write()]).and(made(app, ctx, &member));
    let grants = role_grants(&member, &organization, &[]);
    let member = MemberView { member, registrations: Vec::new(), grants, provisioned: None };
    let organization = OrganizationView { organization, active_connections: Vec::new(), directory: None };
    Ok(Whose::made(organization, member, makes))
}
