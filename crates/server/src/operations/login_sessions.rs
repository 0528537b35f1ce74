//! The session that a browser has with the pages where people sign in: begun by a sign-in for an application, asked when the next
//! application wants to know who somebody is, and ended by signing out.

use vestibule_domain::authorization::AuthorizationRequest;
use vestibule_domain::connection::Way;
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::{LoginSessionId, OrganizationId, ProjectId};
use vestibule_domain::login_session::{LoginSession, Proven};
use vestibule_domain::member::MemberStatus;
use vestibule_domain::organization::Organization;
use vestibule_domain::rbac::Actor;
use vestibule_domain::refusal::Thing;
use vestibule_domain::secret::Token;
use vestibule_domain::tenant::Tenant;
use vestibule_store::tables::{login_sessions, sign_outs};
use vestibule_store::{Batch, Write};

use super::events::Scene;
use super::meaning::meaning;
use super::sign_in::Proved;
use super::sign_in_grants::{self, Granted, Person};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// A session as it was just begun, with the token that only its browser gets.
#[derive(Debug)]
pub(crate) struct Began {
    /// The session.
    pub session: LoginSession,
    /// The token.
    pub token: Token,
}

/// The live session of a browser that has this token.
///
/// # Errors
/// The store's.
pub(crate) async fn live(
    app: &App,
    ctx: &Ctx,
    project: ProjectId,
    token: Option<&Token>,
) -> Result<Option<LoginSession>, Failure> {
    let Some(token) = token else { return Ok(None) };
    let found = app.store.login_session(project, &token.hash()).await?;
    Ok(found.filter(|session| session.is_live(ctx.now)))
}

/// What is kept of the session of somebody who was proved. `before` is the session of their browser until now: of the same
/// person it goes on under its id and with another token; of somebody else it ends.
pub(crate) fn begin(
    app: &App,
    ctx: &Ctx,
    proved: Proved<'_>,
    before: Option<&LoginSession>,
) -> (Vec<Write>, Began) {
    let source = proved.route.source();
    let proven = Proven {
        source_id: source.id,
        provider: source.provider().to_owned(),
        subject: proved.proof.identity.subject.key(),
        external_id: proved.proof.identity.subject.value.clone(),
        // A clock that goes ahead of ours has asked nobody in the future.
        authenticated_at: proved.proof.authenticated_at.unwrap_or(ctx.now).min(ctx.now),
        valid_until: proved.proof.valid_until,
    };
    let project = source.project_id;
    let token = Token::generate(app.entropy.as_ref());
    let same = before.filter(|before| before.proven.is_same_person(&proven));
    let id = same.map_or_else(
        || LoginSessionId::generate(project.environment(), app.entropy.as_ref()),
        |before| before.id,
    );
    let session = LoginSession::begin(id, project, token.hash(), proven, ctx.now);
    let writes = match (same, before) {
        (Some(_), _) => vec![login_sessions::prove_again(&session)],
        (None, Some(other)) => {
            vec![login_sessions::end(project, other.id), login_sessions::insert(&session)]
        }
        (None, None) => vec![login_sessions::insert(&session)],
    };
    (writes, Began { session, token })
}

/// Answers an application out of a session, for somebody who [stands](person) where the way leads. `None` where the session was
/// ended meanwhile.
///
/// # Errors
/// The store's.
pub(crate) async fn answer(
    app: &App,
    ctx: &Ctx,
    session: &LoginSession,
    way: &Way,
    request: &AuthorizationRequest,
    person: &Person,
) -> Result<Option<Granted>, Failure> {
    let route = way.as_route();
    let whose = (&person.member, &person.registration);
    let (writes, granted) = sign_in_grants::begin(app, ctx, route, request, whose, session);
    let scene = Scene::proved(ctx, route.through().tenant(), Actor::Member(person.member.id));
    let event = scene
        .event(app, EventKind::LoginSessionUsed, Object::Application(request.application_id))
        .with("connection_id", route.id().to_string());
    let batch = Batch::from(login_sessions::touch(session, session.used(ctx.now), ctx.now))
        .with(writes)
        .with([event.write()]);
    match app.store.commit(batch).await {
        Ok(()) => Ok(Some(granted)),
        // Somebody signed out at this very moment.
        Err(error) if error.is_guard(login_sessions::LIVE) => Ok(None),
        Err(error) => Err(meaning(error)),
    }
}

/// As whom somebody is known where a way leads, if the session is of its provider and they may sign in there now.
///
/// # Errors
/// The store's.
pub(crate) async fn person(app: &App, session: &LoginSession, way: &Way) -> Result<Option<Person>, Failure> {
    if !session.is_by(way.as_route()) {
        return Ok(None);
    }
    let through = way.as_route().through();
    let found = app.store.registered_by_key(through.tenant(), through.id, &session.proven.subject).await?;
    let Some(registration) = found else { return Ok(None) };
    match sign_in_grants::standing(app, (&registration).into(), Thing::Session).await {
        Ok(person) => Ok(Some(person)),
        Err(Failure::Refused(_)) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// The organizations that somebody is a member of, by name: those where the subject that was proved is registered. Not the home
/// organization, which is nobody's company.
///
/// # Errors
/// The store's.
pub(crate) async fn organizations(
    app: &App,
    session: &LoginSession,
    most: usize,
) -> Result<Vec<Organization>, Failure> {
    let (project, proven) = (session.project_id, &session.proven);
    let known = app.store.person(project, proven.source_id, &proven.external_id).await?;
    let theirs = known
        .iter()
        .filter(|one| one.registration.key == proven.subject && one.member.status == MemberStatus::Active);
    let mut ids: Vec<OrganizationId> = theirs.map(|one| one.member.organization_id).collect();
    ids.dedup();
    let mut found = Vec::new();
    for id in ids.into_iter().take(most) {
        found.extend(app.store.organization(project, &id.to_string()).await?);
    }
    found.sort_by(|one: &Organization, other| one.name.cmp(&other.name));
    Ok(found)
}

/// Signs a browser out, with what applications were granted in its session. Each organization is told of its own member.
///
/// # Errors
/// The store's.
pub(crate) async fn end(app: &App, ctx: &Ctx, session: &LoginSession) -> Result<(), Failure> {
    let (project, id) = (session.project_id, session.id);
    let members = app.store.members_of_login_session(project, id).await?;
    let told = members.into_iter().map(|(organization, member)| {
        let scene = Scene::proved(ctx, Tenant::stored(project, organization), Actor::Member(member));
        scene.event(app, EventKind::LoginSessionEnded, Object::Member(member)).write()
    });
    let batch = Batch::from(sign_outs::of_browser(project, id)).with(told);
    app.store.commit(batch).await.map_err(meaning)
}
