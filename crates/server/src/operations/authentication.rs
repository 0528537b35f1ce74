//! A factor was proved, so there is a session, a session with one factor more, or an intermediate session that waits for
//! what is missing. Whatever the factor is: what proves it says how it is used up and what it relies on (ADR 39).

use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::SessionId;
use vestibule_domain::login::IntermediateSession;
use vestibule_domain::login::demand::{Missing, missing};
use vestibule_domain::member::Member;
use vestibule_domain::metadata::Metadata;
use vestibule_domain::project::Project;
use vestibule_domain::rbac::Actor;
use vestibule_domain::refusal::{Thing, What};
use vestibule_domain::secret::Token;
use vestibule_domain::session::{Factor, Session, SessionDuration, join};
use vestibule_domain::time::Time;
use vestibule_store::tables::{intermediate, members, organizations, quotas, registrations, sessions};
use vestibule_store::{Batch, Guard, Write};

use super::change::{Patience, is_race};
use super::events::Scene;
use super::meaning::meaning;
use super::sessions::{Presented, live};
use super::sms_codes;
use super::views::{self, MemberView, OrganizationView, SessionView};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// A factor that was proved.
#[derive(Debug)]
pub(crate) struct Proved {
    /// The factor.
    pub factor: Factor,
    /// Uses up what proved it, and requires what it relies on beside the organization and the member.
    pub spends: Batch,
    /// The guard by which `spends` fails when somebody else was faster.
    pub spent: Guard,
}

/// Who proved a factor.
#[derive(Debug)]
pub(crate) struct Whose {
    organization: OrganizationView,
    member: MemberView,
    changes: Batch,
}

impl Whose {
    /// A member about whom the proof changes nothing.
    #[must_use]
    pub(crate) fn unchanged(organization: OrganizationView, member: MemberView) -> Self {
        Self::changed(organization, member, Batch::new())
    }

    /// A member as the proof leaves them, and the writes that make them so: somebody arrives, an address is verified. The
    /// writes name the version that was loaded.
    #[must_use]
    pub(crate) fn changed(organization: OrganizationView, member: MemberView, changes: Batch) -> Self {
        let (tenant, id) = (organization.organization.tenant(), member.member.id);
        let changes = changes.requires(organizations::stands(tenant)).requires([members::stands(tenant, id)]);
        Self { organization, member, changes }
    }

    /// Somebody who is a member by the proof, maybe of an organization that is made by it. The writes say themselves what
    /// they rely on.
    #[must_use]
    pub(crate) const fn made(organization: OrganizationView, member: MemberView, makes: Batch) -> Self {
        Self { organization, member, changes: makes }
    }
}

/// What a proof is brought to.
#[derive(Clone, Debug)]
pub(crate) enum Joins {
    /// A session of the same member, which has one factor more then.
    Session(Presented),
    /// The session that a client shows with whatever it does, if it lives and is of the same member; else there is nothing to
    /// join, and a new session begins. What was forgotten in a browser must not keep anybody from signing in.
    Beside(Presented),
    /// A sign-in that is not finished, by the token that was handed out. It is used up.
    Intermediate(Token),
    /// What the same person proved in another session, where it counts here too.
    Carried(Carried),
}

/// What is taken along from a session that stays.
#[derive(Clone, Debug)]
pub(crate) struct Carried {
    /// The session. What it is worth is worth nothing once it has ended.
    pub from: SessionId,
    /// What was proved in it and counts here.
    pub factors: Vec<Factor>,
}

/// The session that somebody would like who proves a factor.
#[derive(Debug, Default)]
pub(crate) struct SessionRequest {
    /// What the factor is to join.
    pub joins: Option<Joins>,
    /// The session's length; the default when absent.
    pub duration: Option<SessionDuration>,
    /// Claims to merge.
    pub custom_claims: Metadata,
    /// The language of what is sent to the member.
    pub locale: Option<String>,
}

impl SessionRequest {
    /// The same wish for a session that joins nothing yet.
    #[must_use]
    pub(crate) fn without_joining(&self) -> Self {
        Self {
            joins: None,
            duration: self.duration,
            custom_claims: self.custom_claims.clone(),
            locale: self.locale.clone(),
        }
    }
}

/// What came of a factor.
#[derive(Debug)]
pub(crate) enum Authenticated {
    /// The member is signed in.
    Session(Box<SessionView>),
    /// Another factor is still missing.
    Intermediate(Box<Intermediate>),
}

/// A sign-in that waits for another factor.
#[derive(Debug)]
pub(crate) struct Intermediate {
    /// The token to go on with.
    pub token: Token,
    /// Until when.
    pub expires_at: Time,
    /// What is missing.
    pub missing: Missing,
    /// Whether a code was sent to the member's phone, for what is missing.
    pub is_code_sent: bool,
    /// The member.
    pub member: MemberView,
    /// The organization.
    pub organization: OrganizationView,
}

/// What a proof joins, as it was found.
#[derive(Debug)]
pub(crate) enum Joined {
    /// A live session of the member.
    Session(Box<Session>),
    /// A sign-in that the member may go on with.
    Intermediate(IntermediateSession),
    /// What was proved in another session.
    Carried(Carried),
}

impl Joined {
    /// What was proved before.
    #[must_use]
    pub(crate) fn factors(&self) -> &[Factor] {
        match self {
            Self::Session(session) => &session.factors,
            Self::Intermediate(waiting) => &waiting.factors,
            Self::Carried(carried) => &carried.factors,
        }
    }
}

/// Turns a proved factor into a session. `whose` gives the member who proved it and their organization, if the proof still
/// counts; it is asked again whenever something changed at the same moment.
///
/// # Errors
/// What `whose` refuses; a proof that somebody else has used up; what [`joined`] refuses; claims that may not be set.
pub(crate) async fn authenticate<L>(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    proved: &Proved,
    request: &SessionRequest,
    whose: impl FnMut() -> L,
) -> Result<Authenticated, Failure>
where
    L: Future<Output = Result<Whose, Failure>>,
{
    proceed(app, ctx, project, Some(proved), request, whose).await
}

/// Goes on with what was proved before, in the organization of `whose`.
///
/// # Errors
/// As for [`authenticate`].
pub(crate) async fn go_on<L>(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    request: &SessionRequest,
    whose: impl FnMut() -> L,
) -> Result<Authenticated, Failure>
where
    L: Future<Output = Result<Whose, Failure>>,
{
    proceed(app, ctx, project, None, request, whose).await
}

async fn proceed<L>(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    proved: Option<&Proved>,
    request: &SessionRequest,
    mut whose: impl FnMut() -> L,
) -> Result<Authenticated, Failure>
where
    L: Future<Output = Result<Whose, Failure>>,
{
    let policy = app.policy(project).await?;
    let mut patience = Patience::default();
    loop {
        let Whose { organization, member, changes } = whose().await?;
        let (tenant, id) = (organization.organization.tenant(), member.member.id);
        let before = match &request.joins {
            Some(Joins::Beside(presented)) => beside(app, ctx, project, presented, &member.member).await?,
            Some(joins) => Some(joined(app, ctx, project, joins, &member.member).await?),
            None => None,
        };
        let factors = together(before.as_ref(), proved.map(|proved| &proved.factor));
        let missing = missing(&organization.organization, &member.member, &factors);
        let spends = used_up(ctx, project, proved, before.as_ref());
        let mut also = Batch::new();
        let (outcome, begins) = if missing.is_nothing() {
            let (session, write) = session(app, ctx, &member.member, before, factors, request)?;
            let event = Scene::proved(ctx, tenant, Actor::Member(id)).event(
                app,
                EventKind::SessionStarted,
                Object::Session(session.id),
            );
            let view = views::session(&policy, session, member, organization);
            (Authenticated::Session(Box::new(view)), [write, event.write()])
        } else {
            let carried = carried(before.as_ref(), proved, factors);
            let code = second_factor(app, ctx, (&missing, request), &organization, &member).await?;
            let is_sent = code.is_some();
            also = code.unwrap_or_default();
            wait(app, ctx, (carried, missing, is_sent), member, organization)
        };
        match app.store.commit(spends.and(changes).with(begins).and(also)).await {
            Ok(()) => return Ok(outcome),
            // Others had the last message sent that there was room for: this one goes on without.
            Err(error) if error.is_guard(quotas::SPENT) => patience.wait(app).await?,
            Err(error) if proved.is_some_and(|proved| error.is_guard(proved.spent)) => {
                return Err(meaning(error));
            }
            // Something went away or changed: looking again says what.
            Err(error) if is_race(&error) => patience.wait(app).await?,
            Err(error) => return Err(meaning(error)),
        }
    }
}

/// The session that is shown beside a proof, where there is one that it can join.
async fn beside(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    presented: &Presented,
    member: &Member,
) -> Result<Option<Joined>, Failure> {
    match live(app, ctx, project, presented).await {
        Ok(view) if view.session.member_id == member.id => Ok(Some(Joined::Session(Box::new(view.session)))),
        Ok(_) => Ok(None),
        Err(failure) if failure.is(What::NotFound(Thing::Session)) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// What is joined, if it is the member's and still good.
///
/// # Errors
/// [`What::OtherMember`] for a session of somebody else. [`Thing::IntermediateSession`] is not found for an unknown, used
/// or ended token, and for one of somebody else: it says nothing about them.
pub(crate) async fn joined(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    joins: &Joins,
    member: &Member,
) -> Result<Joined, Failure> {
    match joins {
        Joins::Session(presented) | Joins::Beside(presented) => {
            let view = live(app, ctx, project, presented).await?;
            if view.session.member_id != member.id {
                return Err(What::OtherMember.into());
            }
            Ok(Joined::Session(Box::new(view.session)))
        }
        Joins::Intermediate(token) => {
            let nobody_s = || Failure::from(What::NotFound(Thing::IntermediateSession));
            let waiting = waiting(app, ctx, project, token).await?;
            let waiting = waiting.for_member(member).ok_or_else(nobody_s)?;
            if !still_counts(app, &waiting, member).await? {
                return Err(nobody_s());
            }
            Ok(Joined::Intermediate(waiting))
        }
        Joins::Carried(carried) => Ok(Joined::Carried(carried.clone())),
    }
}

/// Whether all that was proved before still counts: what was proved by a connection goes with it, or with the bond to it.
async fn still_counts(app: &App, waiting: &IntermediateSession, member: &Member) -> Result<bool, Failure> {
    let bonds: Vec<_> = waiting.factors.iter().filter_map(|factor| factor.kind.registration()).collect();
    if bonds.is_empty() {
        return Ok(true);
    }
    let known = app.store.registrations(member.project_id, member.id).await?;
    let stands = |(id, subject)| known.iter().any(|one| one.id == id && one.external_id == subject);
    Ok(bonds.into_iter().all(stands))
}

/// A sign-in that is not finished, whoever's it is.
///
/// # Errors
/// [`Thing::IntermediateSession`] is not found for an unknown, used or ended token.
pub(crate) async fn waiting(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    token: &Token,
) -> Result<IntermediateSession, Failure> {
    let found = app.store.intermediate_session(project.id, &token.hash()).await?;
    let good = found.filter(|waiting| ctx.now < waiting.expires_at);
    Ok(good.ok_or(What::NotFound(Thing::IntermediateSession))?)
}

/// All that was proved, with what was proved just now.
fn together(before: Option<&Joined>, proved: Option<&Factor>) -> Vec<Factor> {
    let mut factors = before.map(|before| before.factors().to_vec()).unwrap_or_default();
    if let Some(factor) = proved {
        join(&mut factors, factor.clone());
    }
    factors
}

/// What a sign-in that still waits keeps: all of it, or what was proved just now where a session was to be joined. Its
/// end must not be outlived by what it held.
fn carried(before: Option<&Joined>, proved: Option<&Proved>, factors: Vec<Factor>) -> Vec<Factor> {
    match before {
        Some(Joined::Session(_)) => proved.map(|proved| proved.factor.clone()).into_iter().collect(),
        Some(Joined::Intermediate(_) | Joined::Carried(_)) | None => factors,
    }
}

/// Uses up what proved the factor and the sign-in that it is brought to: of two who bring the same, one goes on. A session
/// that something is taken along from stands until that is kept, so that whoever ends it ends what came of it, or nothing
/// comes of it.
fn used_up(ctx: &Ctx, project: &Project, proved: Option<&Proved>, before: Option<&Joined>) -> Batch {
    let spends = proved.map(|proved| proved.spends.clone()).unwrap_or_default();
    match before {
        Some(Joined::Intermediate(waiting)) => {
            let bonds = waiting.factors.iter().filter_map(|factor| factor.kind.registration());
            spends
                .with([intermediate::spend(waiting, ctx.now)])
                .requires(bonds.map(|(id, _)| registrations::stands(waiting.project_id, id)))
        }
        Some(Joined::Carried(carried)) => {
            spends.requires([sessions::stands(project.id, carried.from, ctx.now)])
        }
        Some(Joined::Session(_)) | None => spends,
    }
}

/// A new session, or the one that was joined with what it holds now, and the write that keeps it.
fn session(
    app: &App,
    ctx: &Ctx,
    member: &Member,
    joined: Option<Joined>,
    factors: Vec<Factor>,
    request: &SessionRequest,
) -> Result<(Session, Write), Failure> {
    if let Some(Joined::Session(mut session)) = joined {
        let decided_on = session.version;
        session.factors = factors;
        session.merge_claims(&request.custom_claims)?;
        session.touch(request.duration, ctx.now);
        let write = sessions::update(&session, decided_on);
        return Ok((*session, write));
    }
    let token = Token::generate(app.entropy.as_ref());
    let id = SessionId::generate_at(member.id.environment(), ctx.now, app.entropy.as_ref());
    let duration = request.duration.unwrap_or(SessionDuration::DEFAULT);
    let mut session = Session::start(id, member, &token, factors, duration, ctx.now);
    session.merge_claims(&request.custom_claims)?;
    session.origin = ctx.origin();
    let write = sessions::insert(&session, &app.vault, app.entropy.as_ref())?;
    Ok((session, write))
}

/// What sends a code to whoever is asked for one now (contract 9.6).
async fn second_factor(
    app: &App,
    ctx: &Ctx,
    (missing, request): (&Missing, &SessionRequest),
    organization: &OrganizationView,
    member: &MemberView,
) -> Result<Option<Batch>, Failure> {
    if !missing.second || missing.primary.is_some() {
        return Ok(None);
    }
    let locale = request.locale.as_deref();
    sms_codes::initiated(app, ctx, &organization.organization, &member.member, locale).await
}

fn wait(
    app: &App,
    ctx: &Ctx,
    (factors, missing, is_code_sent): (Vec<Factor>, Missing, bool),
    member: MemberView,
    organization: OrganizationView,
) -> (Authenticated, [Write; 2]) {
    let next = Token::generate(app.entropy.as_ref());
    let tenant = organization.organization.tenant();
    let connection = factors.iter().rev().find_map(|factor| factor.kind.connection());
    let place = connection.map_or(Object::Member(member.member.id), Object::Connection);
    let kind = if missing.primary.is_some() {
        EventKind::FirstFactorAwaited
    } else {
        EventKind::SecondFactorAwaited
    };
    let event = Scene::proved(ctx, tenant, Actor::Member(member.member.id)).event(app, kind, place);
    let session = IntermediateSession::of_member(&next, &member.member, factors, ctx.now);
    let expires_at = session.expires_at;
    let waiting = Intermediate { token: next, expires_at, missing, is_code_sent, member, organization };
    (Authenticated::Intermediate(Box::new(waiting)), [intermediate::insert(&session), event.write()])
}
