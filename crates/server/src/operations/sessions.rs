//! Sessions: look up, use, list and end (contract 3.4 and 9.7).

use vestibule_domain::id::{MemberId, SessionId};
use vestibule_domain::member::{Member, MemberStatus};
use vestibule_domain::metadata::Metadata;
use vestibule_domain::organization::Organization;
use vestibule_domain::project::Project;
use vestibule_domain::rbac::Permit;
use vestibule_domain::refusal::{Thing, What};
use vestibule_domain::secret::Token;
use vestibule_domain::session::{Session, SessionDuration};
use vestibule_store::tables::sessions;

use super::audit;
use super::views::{self, SessionView};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// A session as somebody showed it: by its token, or by its id out of a JWT whose signature was verified.
#[derive(Debug)]
pub enum Presented {
    /// The opaque token.
    Token(Token),
    /// The id in a verified JWT.
    Verified(SessionId),
}

/// How a session is to be used.
#[derive(Debug, Default)]
pub struct Use {
    /// A new end, counted from now.
    pub duration: Option<SessionDuration>,
    /// Claims to merge.
    pub custom_claims: Metadata,
}

/// The session that was shown, if it is live and its member still active.
///
/// # Errors
/// `session_not_found`.
pub async fn live(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    presented: &Presented,
) -> Result<SessionView, Failure> {
    let session = find(app, project, presented).await?.filter(|session| session.is_live(ctx.now));
    view(app, session.ok_or(What::NotFound(Thing::Session))?).await
}

/// The session that was shown, live or not.
///
/// # Errors
/// The store's.
pub async fn find(app: &App, project: &Project, presented: &Presented) -> Result<Option<Session>, Failure> {
    Ok(match presented {
        Presented::Token(token) => app.store.session_by_token(&app.vault, project.id, &token.hash()).await?,
        Presented::Verified(id) => app.store.session(&app.vault, project.id, *id).await?,
    })
}

async fn view(app: &App, session: Session) -> Result<SessionView, Failure> {
    let member = app.store.member_by_id(session.project_id, session.member_id).await?;
    let member = member
        .filter(|member| member.status == MemberStatus::Active)
        .ok_or(What::NotFound(Thing::Session))?;
    let organization = app.store.organization_by_id(session.project_id, session.organization_id).await?;
    let organization = organization.ok_or(What::NotFound(Thing::Session))?;
    let member = views::member(app, &organization, member).await?;
    let organization = views::organization(app, organization).await?;
    Ok(views::session(session, member, organization))
}

/// Uses a session: notes the time, perhaps moves its end and merges claims.
///
/// # Errors
/// `session_not_found`, or claims that may not be set.
pub async fn authenticate(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    presented: &Presented,
    usage: &Use,
) -> Result<SessionView, Failure> {
    for _ in 0..super::ATTEMPTS {
        let mut view = live(app, ctx, project, presented).await?;
        let before = view.session.clone();
        view.session.merge_claims(&usage.custom_claims)?;
        view.session.touch(usage.duration, ctx.now);
        let write = if usage.duration.is_none() && usage.custom_claims.is_empty() {
            // Times are shown in whole seconds: a second use within one changes nothing to be saved.
            if before.last_accessed_at.seconds() == ctx.now.seconds() {
                return Ok(view);
            }
            sessions::touch(project.id, view.session.id, ctx.now, None)
        } else {
            sessions::update(&view.session, before.version)
        };
        match app.store.commit([write]).await {
            Ok(()) => return Ok(view),
            Err(error) if error.is_guard(sessions::VERSION) || error.is_guard(sessions::LIVE) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::Unavailable("a session kept changing under this request".to_owned()))
}

/// The live sessions of a member.
///
/// # Errors
/// The store's.
pub async fn list(
    app: &App,
    ctx: &Ctx,
    organization: Organization,
    member: Member,
) -> Result<Vec<SessionView>, Failure> {
    let live =
        app.store.live_sessions(&app.vault, member.project_id, organization.id, member.id, ctx.now).await?;
    // Active connections are no part of a session as it is shown.
    let member = views::member(app, &organization, member).await?;
    let organization = views::OrganizationView { organization, active_connections: Vec::new() };
    Ok(live
        .into_iter()
        .map(|session| views::session(session, member.clone(), organization.clone()))
        .collect())
}

/// Ends one session.
///
/// # Errors
/// The store's.
pub async fn revoke(app: &App, ctx: &Ctx, permit: &Permit, session: SessionId) -> Result<(), Failure> {
    let note = audit::note(app, ctx, permit, "session.revoke", session);
    Ok(app.store.commit([sessions::revoke(permit.project_id(), session), note]).await?)
}

/// Ends all sessions of a member.
///
/// # Errors
/// The store's.
pub async fn revoke_member(app: &App, ctx: &Ctx, permit: &Permit, member: MemberId) -> Result<(), Failure> {
    let note = audit::note(app, ctx, permit, "session.revoke_all", member);
    Ok(app.store.commit([sessions::revoke_of_member(permit.project_id(), member), note]).await?)
}
