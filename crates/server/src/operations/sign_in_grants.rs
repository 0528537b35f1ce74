//! What comes of signing in to an application: the code, the tokens that it brings, and whose they are.

use vestibule_domain::application::{Application, GrantType, Rotation};
use vestibule_domain::authorization::{
    AuthorizationRequest, CODE_LIFETIME, GRANT_LIFETIME, SignInGrant, check_verifier,
};
use vestibule_domain::connection::{Connection, Route};
use vestibule_domain::id::{ConnectionId, MemberId, ProjectId, RegistrationId, SignInGrantId};
use vestibule_domain::identity::Registration;
use vestibule_domain::login_session::LoginSession;
use vestibule_domain::member::{Member, MemberStatus};
use vestibule_domain::profile::UserId;
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_domain::secret::Token;
use vestibule_domain::session::AuthMethod;
use vestibule_domain::tenant::Tenant;
use vestibule_domain::time::{Span, Time};
use vestibule_store::tables::login_sessions;
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
    /// The connection that leads to their provider.
    pub source: Connection,
}

/// Who shows a code or a token, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asker<'a> {
    /// The application that has proved itself.
    pub application: &'a Application,
    /// The origin that it asked.
    pub origin: &'a str,
}

impl Asker<'_> {
    /// Whether a grant is the application's, and is of the origin that it asked: elsewhere it would be another issuer's.
    fn has(self, grant: &SignInGrant) -> bool {
        grant.request.application_id == self.application.id && grant.request.origin == self.origin
    }
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

/// What an application is granted, and the code that leads to it.
#[derive(Debug)]
pub(crate) struct Granted {
    /// The grant.
    pub grant: SignInGrant,
    /// The code.
    pub code: Token,
}

/// What is kept of a sign-in that an application asked for, in the session of the browser.
pub(crate) fn begin(
    app: &App,
    ctx: &Ctx,
    route: Route<'_>,
    request: &AuthorizationRequest,
    (member, registration): (&Member, &Registration),
    session: &LoginSession,
) -> (Vec<Write>, Granted) {
    let through = route.through();
    let grant = SignInGrant {
        id: SignInGrantId::generate(through.project_id.environment(), app.entropy.as_ref()),
        project_id: through.project_id,
        organization_id: through.organization_id,
        member_id: member.id,
        connection_id: through.id,
        registration_id: registration.id,
        subject: UserId::of(route.source(), registration).to_string(),
        session_id: Some(session.id),
        request: request.clone(),
        authenticated_at: session.proven.authenticated_at,
        expires_at: ctx.now.plus(GRANT_LIFETIME),
    };
    let code = Token::generate(app.entropy.as_ref());
    let application = request.application_id;
    let writes = vec![
        login_sessions::note_use(grant.project_id, session.id, member.id, application),
        sign_in_grants::insert(&grant),
        sign_in_grants::insert_code(&code.hash(), &grant, ctx.now.plus(CODE_LIFETIME)),
    ];
    (writes, Granted { grant, code })
}

/// Redeems a code. Of any number of callers exactly one wins. A code that is used again ends all that came of it: one of the two
/// who had it has stolen it (RFC 6749 section 4.1.2).
///
/// # Errors
/// [`Thing::AuthorizationCode`], also for one of another application or address; [`What::Pkce`].
pub(crate) async fn redeem_code(
    app: &App,
    ctx: &Ctx,
    asker: Asker<'_>,
    code: &Token,
    redirect_uri: Option<&str>,
    verifier: Option<&str>,
) -> Result<Redeemed, Failure> {
    let project = asker.application.project_id;
    let gone = || Failure::from(What::NotFound(Thing::AuthorizationCode));
    let found = app.store.authorization_code(project, &code.hash()).await?.ok_or_else(gone)?;
    let grant = found.grant;
    // Who asks in another's name, or at another address of ours, uses up nothing.
    if !asker.has(&grant) {
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
    let (refresh, kept) = first_refresh(app, ctx, asker.application, &grant);
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
/// and is used again ends the whole family. Within the leeway that the application has, each of them gets another: its tabs, or
/// its second try, are itself.
///
/// # Errors
/// [`Thing::RefreshToken`].
pub(crate) async fn refresh(
    app: &App,
    ctx: &Ctx,
    asker: Asker<'_>,
    token: &Token,
) -> Result<Redeemed, Failure> {
    let project = asker.application.project_id;
    let gone = || Failure::from(What::NotFound(Thing::RefreshToken));
    let leeway = Span::seconds(asker.application.settings.refresh.leeway);
    // Whoever was beaten to it looks again, and finds it replaced: there is no third time.
    for _ in 0..2 {
        let found = app.store.refresh_token(project, &token.hash()).await?.ok_or_else(gone)?;
        if !asker.has(&found.grant) || ctx.now >= found.expires_at {
            return Err(gone());
        }
        if let Some(replaced_at) = found.replaced_at
            && ctx.now >= replaced_at.plus(leeway)
        {
            end(app, &found.grant).await?;
            return Err(gone());
        }
        let person = person(app, &found.grant, Thing::RefreshToken).await?;
        let (next, batch) = going_on(app, ctx, asker.application, &found);
        match app.store.commit(batch).await {
            Ok(()) => return Ok(Redeemed { grant: found.grant, person, refresh: next }),
            Err(error) if error.is_guard(sign_in_grants::REFRESH_UNUSED) => {}
            Err(error) => return Err(meaning(error)),
        }
    }
    Err(gone())
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

/// The connection that leads to the provider of whoever is registered, without its secrets.
async fn source(app: &App, of: Registered) -> Result<Option<Connection>, Failure> {
    let project = of.tenant.project_id();
    let through = app.store.connection_summaries(project, &[of.connection]).await?.pop();
    match through.as_ref().and_then(Connection::borrowed).map(|settings| settings.lent_id) {
        Some(lent) => Ok(app.store.connection_summaries(project, &[lent]).await?.pop()),
        None => Ok(through),
    }
}

async fn end(app: &App, grant: &SignInGrant) -> Result<(), Failure> {
    Ok(app.store.commit(sign_in_grants::delete(grant.project_id, grant.id)).await?)
}

/// Whose a grant is, with the connection checked again: who was deleted since, or whose connection was removed, has nothing any
/// more. `otherwise` is what is then not there.
async fn person(app: &App, grant: &SignInGrant, otherwise: Thing) -> Result<Person, Failure> {
    let registered = Registered {
        tenant: grant.tenant(),
        member: grant.member_id,
        connection: grant.connection_id,
        id: grant.registration_id,
    };
    standing(app, registered, otherwise).await
}

/// Which registration of which member.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Registered {
    /// The place of the member.
    pub tenant: Tenant,
    /// The member.
    pub member: MemberId,
    /// The connection that they sign in through.
    pub connection: ConnectionId,
    /// The registration.
    pub id: RegistrationId,
}

impl From<&Registration> for Registered {
    fn from(of: &Registration) -> Self {
        Self { tenant: of.tenant(), member: of.member_id, connection: of.connection_id, id: of.id }
    }
}

/// Somebody who is registered, as they stand now.
///
/// # Errors
/// `otherwise`, when they or their connection are gone, or [`What::MethodNotAllowedHere`].
pub(crate) async fn standing(app: &App, of: Registered, otherwise: Thing) -> Result<Person, Failure> {
    let gone = || Failure::from(What::NotFound(otherwise));
    let standing = app.store.standing(of.tenant, of.member).await?;
    let Standing { member, organization, active_connections, registrations, .. } = standing;
    let organization = organization.ok_or_else(gone)?;
    if !active_connections.iter().any(|active| active.id == of.connection) {
        let connection = app.store.connection_of(&app.vault, of.tenant, of.connection).await?;
        choice::way(app, connection.ok_or_else(gone)?).await?.as_route().ready()?;
    }
    let member = member.filter(|member| member.status == MemberStatus::Active).ok_or_else(gone)?;
    if !organization.allows(AuthMethod::Sso) && !member.is_breakglass {
        return Err(What::MethodNotAllowedHere.into());
    }
    let registration = registrations.into_iter().find(|one| one.id == of.id);
    let registration = registration.ok_or_else(gone)?;
    let source = source(app, of).await?.ok_or_else(gone)?;
    Ok(Person { member, registration, source })
}
