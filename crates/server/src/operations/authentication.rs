//! A factor was proved, so there is a session, a session with one factor more, or an intermediate session that waits for
//! what is missing. Whatever the factor is: what proves it says how it is used up and what it relies on.

use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::SessionId;
use vestibule_domain::login::{INTERMEDIATE_LIFETIME, IntermediateSession};
use vestibule_domain::member::Member;
use vestibule_domain::metadata::Metadata;
use vestibule_domain::organization::{MfaPolicy, Organization};
use vestibule_domain::project::Project;
use vestibule_domain::rbac::Actor;
use vestibule_domain::refusal::What;
use vestibule_domain::secret::Token;
use vestibule_domain::session::{Factor, FactorKind, Session, SessionDuration};
use vestibule_domain::time::Time;
use vestibule_store::tables::{intermediate, members, organizations, sessions};
use vestibule_store::{Batch, Guard, Write};

use super::change::{Patience, is_race};
use super::events::Scene;
use super::meaning::meaning;
use super::sessions::{Presented, live};
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

/// The session that somebody would like who proves a factor.
#[derive(Debug, Default)]
pub(crate) struct SessionRequest {
    /// A session of the same member that the factor is to join.
    pub joins: Option<Presented>,
    /// The session's length; the default when absent.
    pub duration: Option<SessionDuration>,
    /// Claims to merge.
    pub custom_claims: Metadata,
}

/// What came of a factor.
#[derive(Debug)]
pub(crate) enum Authenticated {
    /// The member is signed in.
    Session(Box<SessionView>),
    /// A second factor is still missing.
    Intermediate(Box<Intermediate>),
}

/// A sign-in that waits for a second factor.
#[derive(Debug)]
pub(crate) struct Intermediate {
    /// The token to go on with.
    pub token: Token,
    /// Until when.
    pub expires_at: Time,
    /// The member.
    pub member: MemberView,
    /// The organization.
    pub organization: OrganizationView,
}

/// Turns a proved factor into a session. `whose` gives the member who proved it and their organization, if the proof still
/// counts; it is asked again whenever something changed at the same moment.
///
/// # Errors
/// What `whose` refuses; a proof that somebody else has used up; [`What::OtherMember`] for a session to join that is
/// somebody else's; claims that may not be set.
pub(crate) async fn authenticate<L>(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    proved: &Proved,
    request: &SessionRequest,
    mut whose: impl FnMut() -> L,
) -> Result<Authenticated, Failure>
where
    L: Future<Output = Result<(OrganizationView, MemberView), Failure>>,
{
    let mut patience = Patience::default();
    loop {
        let (organization, member) = whose().await?;
        let (tenant, id) = (organization.organization.tenant(), member.member.id);
        let joined = match &request.joins {
            Some(presented) => Some(joined_session(app, ctx, project, presented, &member.member).await?),
            None => None,
        };
        let factor = proved.factor.clone();
        let (outcome, begins) =
            if lacks_second_factor(&organization.organization, &member.member, joined.as_ref(), &factor) {
                wait_for_second_factor(app, ctx, factor, member, organization)
            } else {
                let (session, write) = session(app, ctx, &member.member, joined, factor, request)?;
                let event = Scene::proved(ctx, tenant, Actor::Member(id)).event(
                    app,
                    EventKind::SessionStarted,
                    Object::Session(session.id),
                );
                let view = views::session(session, member, organization);
                (Authenticated::Session(Box::new(view)), [write, event.write()])
            };
        let batch = proved
            .spends
            .clone()
            .with(begins)
            .requires(organizations::stands(tenant))
            .requires([members::stands(tenant, id)]);
        match app.store.commit(batch).await {
            Ok(()) => return Ok(outcome),
            Err(error) if error.is_guard(proved.spent) => return Err(meaning(error)),
            // Something went away or changed: looking again says what.
            Err(error) if is_race(&error) => patience.wait(app).await?,
            Err(error) => return Err(meaning(error)),
        }
    }
}

async fn joined_session(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    presented: &Presented,
    member: &Member,
) -> Result<Session, Failure> {
    let view = live(app, ctx, project, presented).await?;
    if view.session.member_id != member.id {
        return Err(What::OtherMember.into());
    }
    Ok(view.session)
}

/// Whether a second factor is needed and neither the session to join nor what was proved just now has one. That there is
/// a session says nothing: it may be from before a second factor was needed.
fn lacks_second_factor(
    organization: &Organization,
    member: &Member,
    joined: Option<&Session>,
    proved: &Factor,
) -> bool {
    let is_needed = organization.policy.mfa_policy == MfaPolicy::RequiredForAll || member.mfa_enrolled;
    let mut factors = joined.into_iter().flat_map(|session| &session.factors).chain([proved]);
    is_needed && !factors.any(|factor| factor.kind.is_second())
}

/// A new session, or the presented one with one factor more, and the write that keeps it.
fn session(
    app: &App,
    ctx: &Ctx,
    member: &Member,
    joined: Option<Session>,
    factor: Factor,
    request: &SessionRequest,
) -> Result<(Session, Write), Failure> {
    if let Some(mut session) = joined {
        let decided_on = session.version;
        session.add_factor(factor);
        session.merge_claims(&request.custom_claims)?;
        session.touch(request.duration, ctx.now);
        let write = sessions::update(&session, decided_on);
        return Ok((session, write));
    }
    let token = Token::generate(app.entropy.as_ref());
    let id = SessionId::generate_at(member.id.environment(), ctx.now, app.entropy.as_ref());
    let duration = request.duration.unwrap_or(SessionDuration::DEFAULT);
    let mut session = Session::start(id, member, &token, vec![factor], duration, ctx.now);
    session.merge_claims(&request.custom_claims)?;
    session.origin = ctx.origin();
    let write = sessions::insert(&session, &app.vault, app.entropy.as_ref())?;
    Ok((session, write))
}

fn wait_for_second_factor(
    app: &App,
    ctx: &Ctx,
    factor: Factor,
    member: MemberView,
    organization: OrganizationView,
) -> (Authenticated, [Write; 2]) {
    let next = Token::generate(app.entropy.as_ref());
    let expires_at = ctx.now.plus(INTERMEDIATE_LIFETIME);
    let tenant = organization.organization.tenant();
    let event = Scene::proved(ctx, tenant, Actor::Member(member.member.id)).event(
        app,
        EventKind::SecondFactorAwaited,
        proved_at(&factor),
    );
    let session = IntermediateSession {
        hash: next.hash(),
        project_id: tenant.project_id(),
        organization_id: Some(tenant.organization_id()),
        member_id: Some(member.member.id),
        factors: vec![factor],
        expires_at,
    };
    let waiting = Intermediate { token: next, expires_at, member, organization };
    (Authenticated::Intermediate(Box::new(waiting)), [intermediate::insert(&session), event.write()])
}

/// What an event names as the place where a factor was proved.
const fn proved_at(factor: &Factor) -> Object {
    match &factor.kind {
        FactorKind::Sso { connection_id, .. } => Object::Connection(*connection_id),
    }
}
