//! What comes of signing in to an application: the code, the tokens that it brings, and whose they are.

use vestibule_domain::admission::Admission;
use vestibule_domain::application::{Application, GrantType, Rotation};
use vestibule_domain::authorization::{
    AuthorizationRequest, CODE_LIFETIME, GRANT_LIFETIME, SignInGrant, check_verifier,
};
use vestibule_domain::connection::Route;
use vestibule_domain::id::{ProjectId, SignInGrantId};
use vestibule_domain::identity::Registration;
use vestibule_domain::member::{Member, MemberStatus};
use vestibule_domain::profile::UserId;
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_domain::secret::Token;
use vestibule_domain::session::AuthMethod;
use vestibule_domain::time::{Span, Time};
use vestibule_store::tables::sign_in_grants::{self, StoredRefresh};
use vestibule_store::tables::together::Standing;
use vestibule_store::{Batch, Write};

use super::connections::choice;
use super::meaning::meaning;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// How long a refresh token is kept that does not end by itself: so that none is kept for good.
const ENDLESS: Span = Span::days(5 * 365);

/// The person of a grant, as they stand now.
#[derive(Debug)]
pub(crate) struct Person {
    /// Who.
    pub member: Member,
    /// As which subject of the connection.
    pub registration: Registration,
}

/// A grant that was redeemed.
#[derive(Debug)]
pub(crate) struct Redeemed {
    /// The grant.
    pub grant: SignInGrant,
    /// Whose it is.
    pub person: Person,
    /// The token that goes on with it.
    pub refresh: Option<Token>,
}

/// What is kept of a sign-in that an application asked for, and the code that leads to it.
pub(crate) fn begin(
    app: &App,
    ctx: &Ctx,
    route: Route<'_>,
    request: &AuthorizationRequest,
    admission: &Admission,
) -> (Vec<Write>, (Token, SignInGrant)) {
    let (through, source) = (route.through(), route.source());
    let grant = SignInGrant {
        id: SignInGrantId::generate(through.project_id.environment(), app.entropy.as_ref()),
        project_id: through.project_id,
        organization_id: through.organization_id,
        member_id: admission.member.id,
        connection_id: through.id,
        registration_id: admission.registration.id,
        subject: UserId::of(source, &admission.registration).to_string(),
        request: request.clone(),
        authenticated_at: ctx.now,
        expires_at: ctx.now.plus(GRANT_LIFETIME),
    };
    let code = Token::generate(app.entropy.as_ref());
    let kept = sign_in_grants::insert_code(&code.hash(), &grant, ctx.now.plus(CODE_LIFETIME));
    (vec![sign_in_grants::insert(&grant), kept], (code, grant))
}

/// Redeems a code. Of any number of callers exactly one wins. A code that is used again ends all that came of it: one of the two
/// who had it has stolen it (RFC 6749 section 4.1.2).
///
/// # Errors
/// [`Thing::AuthorizationCode`], also for one of another application or address; [`What::Pkce`].
pub(crate) async fn redeem_code(
    app: &App,
    ctx: &Ctx,
    application: &Application,
    code: &Token,
    redirect_uri: Option<&str>,
    verifier: Option<&str>,
) -> Result<Redeemed, Failure> {
    let project = application.project_id;
    let gone = || Failure::from(What::NotFound(Thing::AuthorizationCode));
    let found = app.store.authorization_code(project, &code.hash()).await?.ok_or_else(gone)?;
    let grant = found.grant;
    if grant.request.application_id != application.id {
        return Err(gone());
    }
    if found.used_at.is_some() {
        end(app, &grant).await?;
        return Err(gone());
    }
    if ctx.now >= found.expires_at {
        return Err(gone());
    }
    let used = sign_in_grants::use_code(project, &found.hash, ctx.now);
    let fits = redirect_uri == Some(grant.request.redirect_uri.as_str());
    let judged = match fits {
        true => check_verifier(grant.request.challenge.as_ref(), verifier),
        false => Err(Refusal::new(What::NotFound(Thing::AuthorizationCode))),
    };
    // Whoever shows it with something else may try no other: the code is used up by it.
    if let Err(refusal) = judged {
        let _already = app.store.commit(used).await;
        return Err(refusal.into());
    }
    let person = person(app, &grant, Thing::AuthorizationCode).await?;
    let (refresh, kept) = first_refresh(app, ctx, application, &grant);
    match app.store.commit(Batch::from(used).with(kept)).await {
        Ok(()) => Ok(Redeemed { grant, person, refresh }),
        Err(error) if error.is_guard(sign_in_grants::CODE_UNUSED) => {
            end(app, &grant).await?;
            Err(gone())
        }
        Err(error) => Err(meaning(error)),
    }
}

/// Goes on with a refresh token. Where it is replaced, of any number of callers exactly one gets the next; one that was replaced
/// and is used again ends the whole family, but for the leeway that the application has.
///
/// # Errors
/// [`Thing::RefreshToken`].
pub(crate) async fn refresh(
    app: &App,
    ctx: &Ctx,
    application: &Application,
    token: &Token,
) -> Result<Redeemed, Failure> {
    let project = application.project_id;
    let gone = || Failure::from(What::NotFound(Thing::RefreshToken));
    let found = app.store.refresh_token(project, &token.hash()).await?.ok_or_else(gone)?;
    if found.grant.request.application_id != application.id || ctx.now >= found.expires_at {
        return Err(gone());
    }
    let policy = &application.settings.refresh;
    let leeway = Span::seconds(policy.leeway);
    if let Some(replaced_at) = found.replaced_at
        && ctx.now >= replaced_at.plus(leeway)
    {
        end(app, &found.grant).await?;
        return Err(gone());
    }
    let person = person(app, &found.grant, Thing::RefreshToken).await?;
    let (next, batch) = going_on(app, ctx, application, &found);
    match app.store.commit(batch).await {
        Ok(()) => Ok(Redeemed { grant: found.grant, person, refresh: next }),
        // Somebody else used it at this very moment.
        Err(error) if error.is_guard(sign_in_grants::REFRESH_UNUSED) => {
            if policy.rotation == Rotation::On && policy.leeway == 0 {
                end(app, &found.grant).await?;
            }
            Err(gone())
        }
        Err(error) => Err(meaning(error)),
    }
}

/// What is written when a refresh token is used, and the one that takes its place.
fn going_on(
    app: &App,
    ctx: &Ctx,
    application: &Application,
    found: &StoredRefresh,
) -> (Option<Token>, Batch) {
    let grant = &found.grant;
    let expires_at = idle_end(application, ctx.now, found.ends_at);
    let prolonged = sign_in_grants::prolong(grant.project_id, grant.id, expires_at);
    if application.settings.refresh.rotation == Rotation::Off {
        let touched = sign_in_grants::touch_refresh(grant.project_id, &found.hash, ctx.now, expires_at);
        return (None, Batch::from([touched, prolonged]));
    }
    let next = Token::generate(app.entropy.as_ref());
    let kept = sign_in_grants::insert_refresh(&next.hash(), grant, ctx.now, found.ends_at, expires_at);
    // Within the leeway it was replaced already, and gives another once more.
    let replaced = found
        .replaced_at
        .is_none()
        .then(|| sign_in_grants::replace_refresh(grant.project_id, &found.hash, ctx.now));
    (Some(next), Batch::new().with(replaced).with([kept, prolonged]))
}

fn first_refresh(
    app: &App,
    ctx: &Ctx,
    application: &Application,
    grant: &SignInGrant,
) -> (Option<Token>, Vec<Write>) {
    if !grant.request.asks("offline_access") || !application.settings.may(GrantType::RefreshToken) {
        return (None, Vec::new());
    }
    let ends_at = ctx.now.plus(application.settings.refresh.absolute().unwrap_or(ENDLESS));
    let expires_at = idle_end(application, ctx.now, ends_at);
    let token = Token::generate(app.entropy.as_ref());
    let writes = vec![
        sign_in_grants::insert_refresh(&token.hash(), grant, ctx.now, ends_at, expires_at),
        sign_in_grants::prolong(grant.project_id, grant.id, expires_at),
    ];
    (Some(token), writes)
}

fn idle_end(application: &Application, now: Time, ends_at: Time) -> Time {
    application.settings.refresh.idle().map_or(ends_at, |idle| now.plus(idle).min(ends_at))
}

/// Ends what a refresh token goes on with. What is unknown has ended already.
///
/// # Errors
/// The store's.
pub(crate) async fn revoke(app: &App, application: &Application, token: &Token) -> Result<(), Failure> {
    let found = app.store.refresh_token(application.project_id, &token.hash()).await?;
    match found.filter(|found| found.grant.request.application_id == application.id) {
        Some(found) => end(app, &found.grant).await,
        None => Ok(()),
    }
}

/// The person of a grant that holds.
///
/// # Errors
/// [`Thing::Session`] when it has ended, or whoever it is of may not sign in any more.
pub(crate) async fn holder(
    app: &App,
    ctx: &Ctx,
    project: ProjectId,
    id: SignInGrantId,
) -> Result<(SignInGrant, Person), Failure> {
    let grant = app.store.sign_in_grant(project, id, ctx.now).await?;
    let grant = grant.ok_or(What::NotFound(Thing::Session))?;
    let person = person(app, &grant, Thing::Session).await?;
    Ok((grant, person))
}

async fn end(app: &App, grant: &SignInGrant) -> Result<(), Failure> {
    Ok(app.store.commit(sign_in_grants::delete(grant.project_id, grant.id)).await?)
}

/// Whose a grant is, with the connection checked again: who was deleted since, or whose connection was removed, has nothing any
/// more. `otherwise` is what is then not there.
async fn person(app: &App, grant: &SignInGrant, otherwise: Thing) -> Result<Person, Failure> {
    let gone = || Failure::from(What::NotFound(otherwise));
    let standing = app.store.standing(grant.tenant(), grant.member_id).await?;
    let Standing { member, organization, active_connections, registrations } = standing;
    let organization = organization.ok_or_else(gone)?;
    if !active_connections.iter().any(|active| active.id == grant.connection_id) {
        let connection = app.store.connection_of(&app.vault, grant.tenant(), grant.connection_id).await?;
        choice::way(app, connection.ok_or_else(gone)?).await?.as_route().ready()?;
    }
    let member = member.filter(|member| member.status == MemberStatus::Active).ok_or_else(gone)?;
    if !organization.allows(AuthMethod::Sso) && !member.is_breakglass {
        return Err(What::MethodNotAllowedHere.into());
    }
    let registration = registrations.into_iter().find(|one| one.id == grant.registration_id);
    Ok(Person { member, registration: registration.ok_or_else(gone)? })
}
