//! Signing in: an identity that a connection proved becomes a member of its organization, and a single-use token for the
//! application. A test decides the same and keeps nothing of it.

use vestibule_domain::admission::{Admission, Known, Registering, admit};
use vestibule_domain::connection::{Connection, Route};
use vestibule_domain::event::{EventKind, Facts, Object};
use vestibule_domain::identity::{Identity, Registration};
use vestibule_domain::login::{Proof, SSO_TOKEN_LIFETIME, SsoToken};
use vestibule_domain::member::{Member, MemberStatus};
use vestibule_domain::organization::Organization;
use vestibule_domain::rbac::Actor;
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_domain::secret::Token;
use vestibule_domain::tenant::Tenant;
use vestibule_domain::time::Time;
use vestibule_domain::vouching::DomainOwner;
use vestibule_store::tables::{
    connections, directory_users, logins, members, organizations, registrations, replays, retired_emails,
    tokens,
};
use vestibule_store::{Batch, Hold, StoreError, Write};

use super::change::{Patience, is_race};
use super::connections::{choice, moved};
use super::events::Scene;
use super::meaning::meaning;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// An identity, and the connections as they were when they proved it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proved<'a> {
    /// The way that it came.
    pub route: Route<'a>,
    /// The identity, and what bounds its proof.
    pub proof: &'a Proof,
    /// Uses up the attempt that it belongs to, where that is still to be done.
    pub spends: Option<&'a Write>,
    /// Whether it began at the identity provider, so that there is no attempt.
    pub unsolicited: bool,
}

/// What somebody signs in to, which decides whether the project itself is a place to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entrance {
    /// An organization, whose sessions are all that the first dialect knows.
    Organization,
    /// An application, whose users may be the project's own.
    Application,
}

/// Who an identity is.
#[derive(Debug)]
pub(crate) struct Admitted {
    /// The organization of the connection that was signed in through.
    pub organization: Organization,
    /// The member, and how they were found.
    pub admission: Admission,
    /// What was found of the address' domain, if that was asked for.
    of_domain: Vec<Hold>,
}

/// Why an identity is nobody here.
#[derive(Debug)]
pub(crate) enum NotAdmitted {
    /// The organization does not take them.
    Refused(Refusal),
    /// The attempt was used up by somebody else.
    AttemptUsed,
    /// What proved the identity was used before.
    Replayed(Failure),
    /// Something else is in the way.
    Failed(Failure),
}

impl From<Failure> for NotAdmitted {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<StoreError> for NotAdmitted {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Finds or makes the member of an identity and gives the single-use token that the application gets. `record` gives the
/// trace, which is kept in the same batch.
///
/// # Errors
/// The refusals of [`admit`], a proof that was used before, or the store's.
pub(crate) async fn issue_token(
    app: &App,
    ctx: &Ctx,
    proved: Proved<'_>,
    code_challenge: Option<&str>,
    record: impl Fn(&Admission) -> Write,
) -> Result<(Admitted, Token), NotAdmitted> {
    let give = |admission: &Admission| {
        let token = Token::generate(app.entropy.as_ref());
        let stored = sso_token(proved, admission, &token, code_challenge, ctx.now);
        (vec![tokens::insert(&stored)], token)
    };
    kept(app, ctx, (proved, Entrance::Organization), give, record).await
}

/// Finds or makes the member of an identity and keeps what `give` makes of it for an application, in one batch with the trace
/// that `record` gives.
///
/// # Errors
/// As for [`issue_token`].
pub(crate) async fn keep<T>(
    app: &App,
    ctx: &Ctx,
    proved: Proved<'_>,
    give: impl Fn(&Admission) -> (Vec<Write>, T),
    record: impl Fn(&Admission) -> Write,
) -> Result<(Admitted, T), NotAdmitted> {
    kept(app, ctx, (proved, Entrance::Application), give, record).await
}

async fn kept<T>(
    app: &App,
    ctx: &Ctx,
    (proved, entrance): (Proved<'_>, Entrance),
    give: impl Fn(&Admission) -> (Vec<Write>, T),
    record: impl Fn(&Admission) -> Write,
) -> Result<(Admitted, T), NotAdmitted> {
    let connection = proved.route.through();
    let tenant = connection.tenant();
    let mut patience = Patience::default();
    let mut held = connections::as_loaded(proved.route);
    loop {
        let admitted = admitted(app, ctx, proved, entrance).await?;
        let admission = &admitted.admission;
        let (given, token) = give(admission);
        let events = events(app, ctx, connection, admission);
        let batch = used_up(proved)
            .with(admission_writes(admission))
            .and(
                admission
                    .before
                    .as_ref()
                    .map_or_else(Batch::new, |before| retired_emails::moved(before, &admission.member)),
            )
            .with(given)
            .with([record(admission)])
            .with(events)
            .requires(organizations::at_version(tenant, admitted.organization.version))
            .requires(admitted.of_domain.clone())
            .requires(held.clone());
        match app.store.commit(batch).await {
            Ok(()) => return Ok((admitted, token)),
            Err(error) if error.is_guard(connections::VERSION) => {
                held = still_the_same(app, proved.route).await?;
            }
            Err(error) if error.is_guard(logins::UNFINISHED) => return Err(NotAdmitted::AttemptUsed),
            // Somebody changed the organization or the member, claimed the domain for another organization, or signed in as the
            // same new member, at the same moment.
            Err(error) if is_race(&error) || is_twin(&error) || error.is_guard(organizations::CLAIMED) => {}
            Err(error) => return Err(refused(error)),
        }
        patience.wait(app).await?;
    }
}

/// Decides who an identity is and keeps nothing of it but the trace that `record` gives. What proved it is used up all
/// the same: a message proves an identity once, whatever for.
///
/// # Errors
/// As for [`issue_token`].
pub(crate) async fn test(
    app: &App,
    ctx: &Ctx,
    proved: Proved<'_>,
    record: impl Fn(&Admission) -> Vec<Write>,
) -> Result<Admitted, NotAdmitted> {
    let admitted = admitted(app, ctx, proved, Entrance::Application).await?;
    let batch = used_up(proved).with(record(&admitted.admission));
    app.store.commit(batch).await.map_err(refused)?;
    Ok(admitted)
}

/// Which member of the organization an identity is now.
async fn admitted(
    app: &App,
    ctx: &Ctx,
    proved: Proved<'_>,
    entrance: Entrance,
) -> Result<Admitted, NotAdmitted> {
    let (route, identity) = (proved.route, &proved.proof.identity);
    let organization = app.store.organization_of(route.through().tenant()).await?;
    let organization = organization.ok_or_else(|| Failure::from(What::NotFound(Thing::Organization)))?;
    if organization.is_home && entrance == Entrance::Organization {
        return Err(NotAdmitted::Refused(Refusal::new(What::JitNotAllowed).because(
            "The connection is the project's own, and its people sign in to applications. An organization's people come through a \
             connection of the organization, which may be one that borrows this.",
        )));
    }
    let (known, of_domain) = known(app, &organization, route, identity).await?;
    let admission = admit(&organization, route, identity, known, ctx.now, app.entropy.as_ref());
    let mut admission = admission.map_err(NotAdmitted::Refused)?;
    admission.registration.arrivals.last_ip = ctx.ip.to_string();
    Ok(Admitted { admission, organization, of_domain })
}

fn refused(error: StoreError) -> NotAdmitted {
    if error.is_guard(logins::UNFINISHED) {
        return NotAdmitted::AttemptUsed;
    }
    let replayed = error.is_unique(replays::USED) || error.is_guard(replays::UNUSED);
    let is_reserved = error.is_guard(retired_emails::RESERVED);
    let failure = meaning(error);
    if let (true, Failure::Refused(refusal)) = (is_reserved, &failure) {
        return NotAdmitted::Refused(refusal.clone());
    }
    if replayed { NotAdmitted::Replayed(failure) } else { NotAdmitted::Failed(failure) }
}

/// What holds of connections that were changed since they proved the identity, if they still lead to the same provider.
async fn still_the_same(app: &App, proved_by: Route<'_>) -> Result<Vec<Hold>, Failure> {
    let through = proved_by.through();
    let found = app.store.connection_of(&app.vault, through.tenant(), through.id).await?;
    let way = choice::way(app, found.ok_or(What::UnknownCallback)?).await?;
    let now = way.as_route();
    now.ready()?;
    if now.source().provider() != proved_by.source().provider() {
        return Err(moved().into());
    }
    Ok(connections::as_loaded(now))
}

/// Whether somebody else made the same member or registration at the same moment.
fn is_twin(error: &StoreError) -> bool {
    [registrations::SUBJECT, registrations::BOND, members::EMAIL].iter().any(|index| error.is_unique(index))
}

/// Uses up the attempt and the message. They come first: of two who bring one answer at once, the second is told just
/// that.
fn used_up(proved: Proved<'_>) -> Batch {
    let message = proved.proof.message.as_ref();
    let source = proved.route.source();
    let (project, issuer) = (source.project_id, source.provider());
    let claim = message.map(|message| replays::claim(project, issuer, &message.id, message.until));
    let unused = message.map(|message| replays::unused(project, issuer, &message.formerly));
    Batch::new().with(proved.spends.cloned()).with(claim).requires(unused)
}

/// What the decision needs, and what has to be so still when it is kept. No more is looked up: most sign-ins are of a known
/// subject with the address the member has anyway, and then nobody has to be looked up by address.
async fn known(
    app: &App,
    organization: &Organization,
    route: Route<'_>,
    identity: &Identity,
) -> Result<(Known, Vec<Hold>), Failure> {
    let (project, tenant) = (organization.project_id, organization.tenant());
    let registered = app.store.registered_member(tenant, route.id(), &identity.subject).await?;
    let registered = registered.filter(|(_, member)| member.status != MemberStatus::Deleted);
    let has_it = registered.as_ref().map(|(_, member)| &member.email);
    let Some(email) = identity.email.as_ref().map(|email| &email.address) else {
        let provisioned = match &registered {
            Some((_, member)) if member.provisioned_by.is_some() => {
                app.store.is_provisioned(project, member.id).await?
            }
            _ => false,
        };
        return Ok((Known { registered, provisioned, ..Known::default() }, Vec::new()));
    };
    let is_theirs = has_it == Some(email);
    let by_email = if is_theirs { None } else { app.store.member_by_email(tenant, email).await? };
    let by_email = match by_email {
        Some(member) => {
            let registrations = app.store.registrations(project, member.id).await?;
            Some((member, registrations))
        }
        None => None,
    };
    let (registered, by_email) = match (registered, by_email) {
        (None, Some((member, registrations))) => registered_meanwhile(route, identity, member, registrations),
        both => both,
    };
    let (domain, held) = match route.lender() {
        Some(lender) => seen_from(app, lender, organization, route, email.domain()).await?,
        None if organization.owns_domain(email.domain()) => (DomainOwner::Ours, Vec::new()),
        None if is_theirs => (DomainOwner::Nobody, Vec::new()),
        None => match app.store.organization_claiming(project, email.domain()).await? {
            Some(_) => (DomainOwner::Another, Vec::new()),
            None => (DomainOwner::Nobody, vec![organizations::unclaimed(tenant, email.domain())]),
        },
    };
    let is_new = registered.is_none() && by_email.is_none();
    let mut held = held;
    let (mut locked_out, source) = (false, Some(route.source().id));
    // Who borrows a connection takes whom its directory lets in, also of those whom they know.
    let places = [is_new.then_some(tenant), route.lender()];
    for place in places.into_iter().flatten() {
        locked_out |= app.store.is_locked_out(place, email.as_str(), source).await?;
        held.extend(directory_users::not_locked_out(place, email.as_str(), source));
    }
    let known_as = registered.as_ref().map(|(_, member)| member);
    let provisioned = match known_as.or(by_email.as_ref().map(|(member, _)| member)) {
        Some(member) if member.provisioned_by.is_some() => {
            app.store.is_provisioned(project, member.id).await?
        }
        _ => false,
    };
    Ok((Known { registered, by_email, domain, locked_out, provisioned }, held))
}

/// Whose a domain is, seen from the organization that lends the connection.
async fn seen_from(
    app: &App,
    lender: Tenant,
    borrower: &Organization,
    route: Route<'_>,
    domain: &str,
) -> Result<(DomainOwner, Vec<Hold>), Failure> {
    let owner = app.store.organization_claiming(lender.project_id(), domain).await?;
    Ok(match owner {
        Some(id) if id == lender.organization_id() => {
            (DomainOwner::Ours, organizations::claims(lender, domain).into())
        }
        Some(id) if id == borrower.id && route.speaks_for_claimed_domains() => {
            (DomainOwner::Ours, Vec::new())
        }
        Some(id) if id == borrower.id => (DomainOwner::Borrowers, Vec::new()),
        Some(_) => (DomainOwner::Another, Vec::new()),
        None => (DomainOwner::Nobody, vec![organizations::unclaimed(borrower.tenant(), domain)]),
    })
}

type Registered = Option<(Registration, Member)>;
type ByEmail = Option<(Member, Vec<Registration>)>;

/// Somebody who was found by address may have been registered as this very subject since that was looked up.
fn registered_meanwhile(
    route: Route<'_>,
    identity: &Identity,
    member: Member,
    registrations: Vec<Registration>,
) -> (Registered, ByEmail) {
    let key = identity.subject.key();
    let same = |one: &&Registration| one.connection_id == route.id() && one.key == key;
    match registrations.iter().find(same).cloned() {
        Some(same) => (Some((same, member)), None),
        None => (None, Some((member, registrations))),
    }
}

/// What happened, in the order in which it did: somebody was made or changed, and signed in.
fn events(app: &App, ctx: &Ctx, connection: &Connection, admission: &Admission) -> Vec<Write> {
    let member = &admission.member;
    let scene = Scene::proved(ctx, connection.tenant(), Actor::Member(member.id));
    let of_member = |kind| scene.event(app, kind, Object::Member(member.id));
    let made_or_changed = match &admission.before {
        None => Some(of_member(EventKind::MemberCreated).changed(Facts::default(), member)),
        Some(before) if member.version != before.version => {
            Some(of_member(EventKind::MemberUpdated).changed(before, member))
        }
        Some(_) => None,
    };
    let mut signed_in = scene.event(app, EventKind::MemberSignedIn, Object::Connection(connection.id));
    if let Some(by) = admission.linked_by {
        signed_in = signed_in.with("linked_by", by.as_str());
        if by.is_loud() {
            tracing::warn!(connection = %connection.id, member = %member.id, by = by.as_str(), "a sign-in was tied to a \
                member because a switch of the connection is on");
        }
    }
    let made_or_changed = made_or_changed.map(|event| event.with("connection_id", connection.id.to_string()));
    made_or_changed.into_iter().chain([signed_in]).map(|event| event.write()).collect()
}

fn admission_writes(admission: &Admission) -> Vec<Write> {
    let (member, registration) = (&admission.member, &admission.registration);
    let member = match &admission.before {
        None => Some(members::insert(member)),
        Some(before) => (member.version != before.version).then(|| members::update(member, before.version)),
    };
    let registration = match admission.registering {
        Registering::New => vec![registrations::insert(registration)],
        Registering::Same => vec![registrations::update(registration)],
        Registering::Rebound => {
            vec![registrations::update(registration), registrations::rebind(registration)]
        }
    };
    member.into_iter().chain(registration).collect()
}

fn sso_token(
    proved: Proved<'_>,
    admission: &Admission,
    token: &Token,
    code_challenge: Option<&str>,
    now: Time,
) -> SsoToken {
    let (valid_until, expires_at) = (proved.proof.valid_until, now.plus(SSO_TOKEN_LIFETIME));
    let (route, through) = (proved.route, proved.route.through());
    SsoToken {
        hash: token.hash(),
        project_id: through.project_id,
        organization_id: through.organization_id,
        member_id: admission.member.id,
        connection_id: through.id,
        registration_id: admission.registration.id,
        external_id: admission.registration.external_id.clone(),
        protocol: route.is_borrowed().then(|| route.protocol()),
        code_challenge: code_challenge.map(str::to_owned),
        unsolicited: proved.unsolicited,
        valid_until,
        created_at: now,
        expires_at: valid_until.map_or(expires_at, |end| expires_at.min(end)),
    }
}
