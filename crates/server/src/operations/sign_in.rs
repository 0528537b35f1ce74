//! Signing in: a proved identity becomes a single-use token for the application, and the token becomes a
//! session (contract 9.1 and 3.1.1).

use url::Url;
use vestibule_domain::admission::{Admission, AdmissionKind, Known, admit};
use vestibule_domain::connection::Connection;
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::{ConnectionKind, SessionId};
use vestibule_domain::identity::Identity;
use vestibule_domain::login::{
    INTERMEDIATE_LIFETIME, IntermediateSession, Landing, Proof, SSO_TOKEN_LIFETIME, SsoToken,
};
use vestibule_domain::member::{Member, MemberStatus};
use vestibule_domain::metadata::Metadata;
use vestibule_domain::organization::{MfaPolicy, Organization};
use vestibule_domain::project::Project;
use vestibule_domain::rbac::Actor;
use vestibule_domain::redirect::with_parameters;
use vestibule_domain::refusal::{PkceProblem, Refusal, Thing, What};
use vestibule_domain::secret::Token;
use vestibule_domain::session::{Factor, FactorKind, Session, SessionDuration, SsoProtocol};
use vestibule_domain::time::Time;
use vestibule_oidc::pkce;
use vestibule_store::tables::{
    connections, intermediate, members, organizations, registrations, replays, sessions, tokens,
};
use vestibule_store::{Batch, Hold, StoreError, Write};

use super::change::{Patience, is_race};
use super::events::Scene;
use super::meaning::meaning;
use super::sessions::{Presented, live};
use super::views::{self, MemberView, OrganizationView, SessionView};
use crate::engine::trace::Steps;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::connections::require_active;
use crate::world::App;

/// An identity at the end of a sign-in.
pub struct Arrival<'a> {
    /// Where to go on to; the attempt it belongs to, if any, is used up.
    pub landing: &'a Landing,
    /// The connection that proved the identity.
    pub connection: &'a Connection,
    /// The identity, and what bounds its proof.
    pub proof: &'a Proof,
}

/// Finds or makes the member of an identity and gives the URL that takes the browser back to the
/// application, with the single-use token in it.
///
/// # Errors
/// The refusals of [`admit`], a proof that was used before, or the store's.
pub async fn arrive(app: &App, ctx: &Ctx, arrival: &Arrival<'_>, steps: &mut Steps) -> Result<Url, Failure> {
    let (landing, connection) = (arrival.landing, arrival.connection);
    let tenant = connection.tenant();
    let mark = steps.mark();
    let mut patience = Patience::default();
    let mut version = connection.version;
    loop {
        steps.forget_after(mark);
        let organization = app.store.organization_of(tenant).await?;
        let organization = organization.ok_or(What::NotFound(Thing::Organization))?;
        let known = known(app, &organization, &arrival.proof.identity).await?;
        let admission = admit(&organization, &arrival.proof.identity, known, ctx.now, app.entropy.as_ref())
            .inspect_err(|refusal| {
            steps.failed("admission", refusal.to_string(), "a member of the organization");
        })?;
        let token = Token::generate(app.entropy.as_ref());
        steps.passed("admission", admitted_as(admission.kind));
        let member = admission.member.id;
        // The claim comes first: of two who bring one message at once, the second is told just that.
        let batch = Batch::new()
            .with(claim(arrival))
            .with(admission_writes(&admission))
            .with([
                tokens::insert(&sso_token(arrival, &admission, &token, ctx.now)),
                Scene::proved(ctx, tenant, Actor::Member(member))
                    .event(app, EventKind::MemberSignedIn, Object::Connection(connection.id))
                    .write(),
                steps.accepted(app, ctx, connection, landing.login, member),
            ])
            .requires(organizations::stands(tenant))
            .requires([connections::at_version(tenant, connection.id, version)]);
        match app.store.commit(batch).await {
            Ok(()) => return back_to_application(landing, &organization, admission.kind, &token),
            Err(error) if error.is_unique(replays::USED) => {
                steps.forget_after(mark);
                steps.failed("replay", "a message that was used before", "a message that is used once");
                return Err(meaning(error));
            }
            Err(error) if error.is_guard(connections::VERSION) => {
                version = still_the_same(app, connection).await?;
            }
            // Somebody changed the member, or signed in as the same new member, at the same moment.
            Err(error) if is_race(&error) || is_twin(&error) => {}
            Err(error) => return Err(meaning(error)),
        }
        patience.wait(app).await?;
    }
}

/// The version of a connection that was changed since it proved the identity, if it still leads to the same provider.
async fn still_the_same(app: &App, proved_by: &Connection) -> Result<i64, Failure> {
    let found = app.store.connection_of(&app.vault, proved_by.tenant(), proved_by.id).await?;
    let now = found.ok_or(What::UnknownCallback)?;
    require_active(&now)?;
    if now.provider() != proved_by.provider() {
        return Err(Refusal::new(What::UnknownCallback)
            .because(
                "The connection was moved to another identity provider during this sign-in. Start again.",
            )
            .into());
    }
    Ok(now.version)
}

/// Whether somebody else made the same member or registration at the same moment.
fn is_twin(error: &StoreError) -> bool {
    error.is_unique(registrations::SUBJECT) || error.is_unique(members::EMAIL)
}

/// The write that uses up the message, if it is one that can be used once.
fn claim(arrival: &Arrival<'_>) -> Option<Write> {
    let (connection, message) = (arrival.connection, arrival.proof.message.as_ref()?);
    Some(replays::claim(connection.project_id, connection.id, &message.id, message.until))
}

const fn admitted_as(kind: AdmissionKind) -> &'static str {
    match kind {
        AdmissionKind::Existing => "a member who signed in before",
        AdmissionKind::Linked => "a member known by address",
        AdmissionKind::Created => "a new member",
    }
}

/// What the decision needs, and no more: most sign-ins are of a known subject with the address the member
/// has anyway, and then nobody has to be looked up by address.
async fn known(app: &App, organization: &Organization, identity: &Identity) -> Result<Known, Failure> {
    let (project, tenant) = (organization.project_id, organization.tenant());
    let registered = app.store.registered_member(tenant, identity.connection_id, &identity.subject).await?;
    let registered = registered.filter(|(_, member)| member.status != MemberStatus::Deleted);
    let known_address = registered.as_ref().map(|(_, member)| &member.email);
    let by_email = match &identity.email {
        email if email.as_ref() == known_address => None,
        Some(email) => app.store.member_by_email(tenant, email).await?,
        None => None,
    };
    let by_email_has_other_subject = match &by_email {
        // Only who is not known by subject may be tied to a member by address.
        Some(member) if registered.is_none() => app
            .store
            .registrations(project, member.id)
            .await?
            .iter()
            .any(|r| r.connection_id == identity.connection_id && r.external_id != identity.subject),
        _ => false,
    };
    Ok(Known { registered, by_email, by_email_has_other_subject })
}

fn admission_writes(admission: &Admission) -> Vec<Write> {
    let (member, decided_on) = (&admission.member, admission.decided_on_version);
    let member = match admission.kind {
        AdmissionKind::Created => Some(members::insert(member)),
        AdmissionKind::Existing | AdmissionKind::Linked => {
            (member.version != decided_on).then(|| members::update(member, decided_on))
        }
    };
    let registration = match admission.kind {
        AdmissionKind::Existing => registrations::update(&admission.registration),
        AdmissionKind::Created | AdmissionKind::Linked => registrations::insert(&admission.registration),
    };
    member.into_iter().chain([registration]).collect()
}

fn sso_token(arrival: &Arrival<'_>, admission: &Admission, token: &Token, now: Time) -> SsoToken {
    let (valid_until, expires_at) = (arrival.proof.valid_until, now.plus(SSO_TOKEN_LIFETIME));
    SsoToken {
        hash: token.hash(),
        project_id: arrival.connection.project_id,
        organization_id: arrival.connection.organization_id,
        member_id: admission.member.id,
        connection_id: arrival.connection.id,
        registration_id: admission.registration.id,
        external_id: admission.registration.external_id.clone(),
        code_challenge: arrival.landing.code_challenge.clone(),
        valid_until,
        created_at: now,
        expires_at: valid_until.map_or(expires_at, |end| expires_at.min(end)),
    }
}

fn back_to_application(
    landing: &Landing,
    organization: &Organization,
    kind: AdmissionKind,
    token: &Token,
) -> Result<Url, Failure> {
    let base = match kind {
        AdmissionKind::Created => &landing.signup_redirect_url,
        AdmissionKind::Existing | AdmissionKind::Linked => &landing.login_redirect_url,
    };
    let parameters =
        [("slug", organization.slug.as_str()), ("stytch_token_type", "sso"), ("token", token.expose())];
    with_parameters(base, &parameters)
        .ok_or_else(|| Failure::Internal("a stored redirect URL does not parse".to_owned()))
}

/// What the application's backend shows to get a session.
#[derive(Debug)]
pub struct Redemption {
    /// The token of the redirect.
    pub sso_token: Token,
    /// The PKCE verifier, when the sign-in was started with a challenge.
    pub code_verifier: Option<String>,
    /// A session of the same member that the factor is to join.
    pub session: Option<Presented>,
    /// The session's length; the default when absent.
    pub duration: Option<SessionDuration>,
    /// Claims to merge.
    pub custom_claims: Metadata,
}

/// What came of a redemption.
#[derive(Debug)]
pub enum Redeemed {
    /// The member is signed in.
    Session(Box<SessionView>),
    /// A second factor is still missing.
    Intermediate(Box<Intermediate>),
}

/// A sign-in that waits for a second factor.
#[derive(Debug)]
pub struct Intermediate {
    /// The token to go on with.
    pub token: Token,
    /// Until when.
    pub expires_at: Time,
    /// The member.
    pub member: MemberView,
    /// The organization.
    pub organization: OrganizationView,
}

/// Redeems an SSO token. Of any number of callers exactly one wins.
///
/// # Errors
/// `sso_token_not_found` for an unknown, used or expired token and for one whose connection or member is
/// gone; the PKCE rows; `session_member_mismatch`.
pub async fn redeem(app: &App, ctx: &Ctx, project: &Project, ask: Redemption) -> Result<Redeemed, Failure> {
    let token = app.store.sso_token(project.id, &ask.sso_token.hash()).await?;
    let token = token.filter(|stored| stored.redeemed_at.is_none() && ctx.now < stored.token.expires_at);
    let token = token.ok_or(What::NotFound(Thing::SsoToken))?.token;
    check_verifier(token.code_challenge.as_deref(), ask.code_verifier.as_deref())?;
    let _turn = app.turns.at(token.hash.as_str()).await;
    let mut patience = Patience::default();
    loop {
        let (organization, member) = owner(app, &token).await?;
        let joined = match &ask.session {
            Some(presented) => Some(joined_session(app, ctx, project, presented, &member).await?),
            None => None,
        };
        let factor = factor(&token, ctx.now);
        let member = views::member(app, &organization, member).await?;
        let organization = views::organization(app, organization).await?;
        let (outcome, begins) =
            if joined.is_none() && needs_second_factor(&organization.organization, &member.member) {
                wait_for_second_factor(app, ctx, &token, factor, member, organization)
            } else {
                let (session, write) = session(app, ctx, &member.member, joined, factor, &ask)?;
                let event = Scene::proved(ctx, token.tenant(), Actor::Member(token.member_id)).event(
                    app,
                    EventKind::SessionStarted,
                    Object::Session(session.id),
                );
                let view = views::session(session, member, organization);
                (Redeemed::Session(Box::new(view)), [write, event.write()])
            };
        let batch = Batch::from(tokens::redeem(&token, ctx.now)).with(begins).requires(stands(&token));
        match app.store.commit(batch).await {
            Ok(()) => return Ok(outcome),
            Err(error) if error.is_guard(tokens::UNREDEEMED) => return Err(meaning(error)),
            // Something went away or changed: looking again says what.
            Err(error) if is_race(&error) => patience.wait(app).await?,
            Err(error) => return Err(meaning(error)),
        }
    }
}

/// What a session relies on that begins with this token.
fn stands(token: &SsoToken) -> impl Iterator<Item = Hold> {
    let tenant = token.tenant();
    let parts = [
        connections::stands(tenant, token.connection_id),
        members::stands(tenant, token.member_id),
        registrations::stands(token.project_id, token.registration_id),
    ];
    organizations::stands(tenant).into_iter().chain(parts)
}

/// RFC 7636 section 4.6, towards the application. Verifiers of browsers are hexadecimal, of phones
/// base64url: anything of the right length is hashed as it is.
fn check_verifier(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), Refusal> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(What::Pkce(PkceProblem::VerifierUnexpected).into()),
        (Some(_), None) => Err(What::Pkce(PkceProblem::VerifierMissing).into()),
        (Some(_), Some(verifier)) if !(43..=128).contains(&verifier.len()) => {
            Err(What::Pkce(PkceProblem::VerifierLength).into())
        }
        (Some(challenge), Some(verifier)) if pkce::challenge_matches(verifier, challenge) => Ok(()),
        (Some(_), Some(_)) => Err(What::Pkce(PkceProblem::Mismatch).into()),
    }
}

/// The token's organization and member, with the connection checked again: a connection that was removed
/// or a member who was deleted since the callback signs nobody in.
async fn owner(app: &App, token: &SsoToken) -> Result<(Organization, Member), Failure> {
    let (tenant, gone) = (token.tenant(), || Failure::from(What::NotFound(Thing::SsoToken)));
    let connection = app.store.connection_of(&app.vault, tenant, token.connection_id).await?;
    require_active(&connection.ok_or_else(gone)?)?;
    let organization = app.store.organization_of(tenant).await?.ok_or_else(gone)?;
    let member = app.store.member_of(tenant, token.member_id).await?;
    let member = member.filter(|member| member.status == MemberStatus::Active).ok_or_else(gone)?;
    if !organization.allows_sso() && !member.is_breakglass {
        return Err(What::MethodNotAllowedHere.into());
    }
    Ok((organization, member))
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

fn factor(token: &SsoToken, now: Time) -> Factor {
    let protocol = match token.connection_id.kind() {
        ConnectionKind::Oidc => SsoProtocol::Oidc,
        ConnectionKind::Saml | ConnectionKind::External => SsoProtocol::Saml,
    };
    let kind = FactorKind::Sso {
        protocol,
        registration_id: token.registration_id,
        connection_id: token.connection_id,
        external_id: token.external_id.clone(),
    };
    Factor { kind, created_at: now, last_authenticated_at: token.created_at, valid_until: token.valid_until }
}

fn needs_second_factor(organization: &Organization, member: &Member) -> bool {
    organization.policy.mfa_policy == MfaPolicy::RequiredForAll || member.mfa_enrolled
}

/// A new session, or the presented one with one factor more, and the write that keeps it.
fn session(
    app: &App,
    ctx: &Ctx,
    member: &Member,
    joined: Option<Session>,
    factor: Factor,
    ask: &Redemption,
) -> Result<(Session, Write), Failure> {
    if let Some(mut session) = joined {
        let decided_on = session.version;
        session.add_factor(factor);
        session.merge_claims(&ask.custom_claims)?;
        session.touch(ask.duration, ctx.now);
        let write = sessions::update(&session, decided_on);
        return Ok((session, write));
    }
    let token = Token::generate(app.entropy.as_ref());
    let id = SessionId::generate(member.id.environment(), app.entropy.as_ref());
    let duration = ask.duration.unwrap_or(SessionDuration::DEFAULT);
    let mut session = Session::start(id, member, &token, vec![factor], duration, ctx.now);
    session.merge_claims(&ask.custom_claims)?;
    session.origin = ctx.origin();
    let write = sessions::insert(&session, &app.vault, app.entropy.as_ref())?;
    Ok((session, write))
}

fn wait_for_second_factor(
    app: &App,
    ctx: &Ctx,
    token: &SsoToken,
    factor: Factor,
    member: MemberView,
    organization: OrganizationView,
) -> (Redeemed, [Write; 2]) {
    let next = Token::generate(app.entropy.as_ref());
    let expires_at = ctx.now.plus(INTERMEDIATE_LIFETIME);
    let session = IntermediateSession {
        hash: next.hash(),
        project_id: token.project_id,
        organization_id: token.organization_id,
        member_id: token.member_id,
        factors: vec![factor],
        expires_at,
    };
    let event = Scene::proved(ctx, token.tenant(), Actor::Member(token.member_id)).event(
        app,
        EventKind::SecondFactorAwaited,
        Object::Connection(token.connection_id),
    );
    let waiting = Intermediate { token: next, expires_at, member, organization };
    (Redeemed::Intermediate(Box::new(waiting)), [intermediate::insert(&session), event.write()])
}
