//! Sessions: look up, use, list and end.

use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::{MemberId, SessionId};
use vestibule_domain::member::MemberStatus;
use vestibule_domain::metadata::Metadata;
use vestibule_domain::project::Project;
use vestibule_domain::rbac::asks::EndSessions;
use vestibule_domain::rbac::{Authority, Entry, Grant, session_roles};
use vestibule_domain::refusal::{Thing, What};
use vestibule_domain::secret::Token;
use vestibule_domain::session::{FactorKind, Session, SessionDuration};
use vestibule_store::Batch;
use vestibule_store::tables::together::{SignedIn, Standing};
use vestibule_store::tables::{sessions, sign_outs};

use super::change::{Decision, change};
use super::events::Scene;
use super::meaning::meaning;
use super::views::{self, ListedSession, MemberView, OrganizationView, SessionView};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// A session as somebody showed it: by its token, or by its id out of a JWT whose signature was verified.
#[derive(Clone, Debug)]
pub(crate) enum Presented {
    /// The opaque token.
    Token(Token),
    /// The id in a verified JWT.
    Verified(SessionId),
}

/// How a session is to be used.
#[derive(Debug, Default)]
pub(crate) struct Use {
    /// A new end, counted from now.
    pub duration: Option<SessionDuration>,
    /// Claims to merge.
    pub custom_claims: Metadata,
}

/// The session that was shown, if it is live and its member still active.
///
/// # Errors
/// `session_not_found`.
pub(crate) async fn live(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    presented: &Presented,
) -> Result<SessionView, Failure> {
    let session = find(app, project, presented).await?.filter(|session| session.is_live(ctx.now));
    view(app, project, session.ok_or(What::NotFound(Thing::Session))?).await
}

/// The session that was shown, live or not.
///
/// # Errors
/// The store's.
pub(crate) async fn find(
    app: &App,
    project: &Project,
    presented: &Presented,
) -> Result<Option<Session>, Failure> {
    Ok(match presented {
        Presented::Token(token) => app.store.session_by_token(&app.vault, project.id, &token.hash()).await?,
        Presented::Verified(id) => app.store.session(&app.vault, project.id, *id).await?,
    })
}

async fn view(app: &App, project: &Project, session: Session) -> Result<SessionView, Failure> {
    let standing = app.store.standing(session.tenant(), session.member_id).await?;
    let Standing { member, organization, active_connections, registrations, directory } = standing;
    let member = member
        .filter(|member| member.status == MemberStatus::Active)
        .ok_or(What::NotFound(Thing::Session))?;
    let organization = organization.ok_or(What::NotFound(Thing::Session))?;
    let member = views::member_with(app, &organization, member, registrations).await?;
    if !stands(&session, &member) {
        return Err(What::NotFound(Thing::Session).into());
    }
    let policy = app.policy(project).await?;
    Ok(views::session(
        &policy,
        session,
        member,
        OrganizationView { organization, active_connections, directory },
    ))
}

/// Whether everything a session was proved by still stands: a connection that is removed takes its registrations with it,
/// and an authenticator that is removed all that it and its recovery codes proved. What was proved in other ways is not
/// taken away by anything that happens to the member later.
fn stands(session: &Session, member: &MemberView) -> bool {
    session.factors.iter().all(|factor| match &factor.kind {
        FactorKind::Sso { registration_id, .. } => {
            member.registrations.iter().any(|registration| registration.id == *registration_id)
        }
        FactorKind::Totp { totp_id } | FactorKind::RecoveryCode { totp_id } => {
            member.member.totp_id == Some(*totp_id)
        }
        FactorKind::Email { .. } | FactorKind::Sms { .. } | FactorKind::Imported { .. } => true,
    })
}

/// Uses a session: notes the time, perhaps moves its end and merges claims. Those who prolong one session at the same
/// moment all get what they asked for, one after the other.
///
/// # Errors
/// There is no such session that lives, or claims that may not be set.
pub(crate) async fn authenticate(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    presented: &Presented,
    usage: &Use,
) -> Result<SessionView, Failure> {
    let view = live(app, ctx, project, presented).await?;
    if usage.duration.is_none() && usage.custom_claims.is_empty() {
        return used(app, ctx, view).await;
    }
    let id = view.session.id;
    let load = || async {
        let found = app.store.session(&app.vault, project.id, id).await?;
        let live = found.filter(|session| session.is_live(ctx.now));
        Ok(live.ok_or(What::NotFound(Thing::Session))?)
    };
    let decide = |session: &mut Session| {
        session.merge_claims(&usage.custom_claims)?;
        session.touch(usage.duration, ctx.now);
        Ok(Decision::save(Batch::new()))
    };
    let (session, ()) = change(app, id, load, decide).await?;
    Ok(SessionView { session, ..view })
}

/// Notes that a session was used.
async fn used(app: &App, ctx: &Ctx, mut view: SessionView) -> Result<SessionView, Failure> {
    let before = view.session.last_accessed_at;
    view.session.touch(None, ctx.now);
    // Times are shown in whole seconds: a second use within one changes nothing to be saved.
    if before.seconds() == ctx.now.seconds() {
        return Ok(view);
    }
    let write = sessions::touch(view.session.project_id, view.session.id, ctx.now, None);
    app.store.commit(write).await.map_err(meaning)?;
    Ok(view)
}

/// The live sessions of a member.
///
/// # Errors
/// There is no such member.
pub(crate) async fn list(
    app: &App,
    ctx: &Ctx,
    entry: Entry,
    member: &str,
) -> Result<Vec<ListedSession>, Failure> {
    let found = app.store.signed_in(&app.vault, entry.tenant(), member, ctx.now).await?;
    let SignedIn { member, registrations, sessions } = found.ok_or(What::NotFound(Thing::Member))?;
    let (organization, policy) = (entry.organization(), entry.policy());
    let member = views::member_with(app, organization, member, registrations).await?;
    let shown = |session: Session| {
        let roles = session_roles(policy, organization, &member.grants, &session.factor_connections());
        ListedSession { session, roles, organization_slug: organization.slug.clone() }
    };
    Ok(sessions.into_iter().filter(|session| stands(session, &member)).map(shown).collect())
}

/// The right to end a session that was shown.
///
/// # Errors
/// There is none that lives, or it is not the asker's to end.
pub(crate) async fn grant_of_session(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    authority: &Authority,
    presented: &Presented,
) -> Result<(Grant<EndSessions>, SessionId), Failure> {
    let found = find(app, project, presented).await?.filter(|session| session.is_live(ctx.now));
    let session = found.ok_or_else(|| authority.lacks(Thing::Session))?;
    let organization = app.store.organization_of(session.tenant()).await?;
    let entry = authority.clone().enter(organization)?;
    Ok((entry.end_sessions(session.member_id)?, session.id))
}

/// The right to end all sessions of a member, who may belong to any organization of the project.
///
/// # Errors
/// There is no such member, or their sessions are not the asker's to end.
pub(crate) async fn grant_of_member(
    app: &App,
    authority: &Authority,
    id: MemberId,
) -> Result<Grant<EndSessions>, Failure> {
    let tenant =
        app.store.tenant_of_member(authority, id).await?.ok_or_else(|| authority.lacks(Thing::Member))?;
    let entry = authority.clone().enter(app.store.organization_of(tenant).await?)?;
    Ok(entry.end_sessions(id)?)
}

/// Ends one session.
///
/// # Errors
/// The store's.
pub(crate) async fn revoke(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<EndSessions>,
    session: SessionId,
) -> Result<(), Failure> {
    let event = Scene::of(ctx, grant).event(app, EventKind::SessionRevoked, Object::Session(session));
    let batch = event.acted().with([sessions::revoke(grant.project_id(), session)]);
    app.store.commit(batch).await.map_err(meaning)
}

/// Signs a member out everywhere: all their sessions end, and what applications were granted for them.
///
/// # Errors
/// The store's.
pub(crate) async fn revoke_member(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<EndSessions>,
    member: MemberId,
) -> Result<(), Failure> {
    let event = Scene::of(ctx, grant).event(app, EventKind::MemberSessionsRevoked, Object::Member(member));
    let batch = event.acted().with(sign_outs::of_member(grant.project_id(), member));
    app.store.commit(batch).await.map_err(meaning)
}
