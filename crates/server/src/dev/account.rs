//! The part of the sample application that is behind its sign-in: it takes the token, keeps a session in a cookie, shows whose it
//! is and ends it. It does what an application's backend does, with the operations behind the API.

use askama::Template;
use axum::response::{IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::header::{CACHE_CONTROL, COOKIE, REFERRER_POLICY, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;
use vestibule_domain::organization::OrganizationPatch;
use vestibule_domain::project::Project;
use vestibule_domain::rbac::{Actor, Authority};
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_domain::secret::Token;
use vestibule_domain::session::FactorKind;

use super::setup::{self, Credentials, PRODUCT};
use crate::doors::stytch::page::{self, Beside};
use crate::doors::stytch::session_jwt;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::html::{Frame, html};
use crate::http::languages::Language;
use crate::http::refused::Whereabouts;
use crate::operations::authentication::{Authenticated, SessionRequest};
use crate::operations::by_mail::links;
use crate::operations::discovery;
use crate::operations::sessions::{self, Presented, Use};
use crate::operations::sso_tokens::{self, Redemption};
use crate::operations::views::SessionView;
use crate::world::App;

/// Where browsers come back with a token.
pub(super) const AUTHENTICATE: &str = "/sample/authenticate";
/// The page behind the sign-in.
pub(super) const ACCOUNT: &str = "/sample/account";
/// Ends the session.
pub(super) const SIGN_OUT: &str = "/sample/sign-out";
/// The page in front of it, for those whose session has ended, and for those who ended it.
const ENDED: &str = "/?session=ended";
const SIGNED_OUT: &str = "/?session=signed-out";

/// No other port's: cookies do not tell the ports of a host apart, and other programs of a developer are there as well.
const COOKIE_NAME: &str = "vestibule-sample-session";

/// Nothing is loaded from anywhere. Forms and links lead to this origin only; `form-action` also guards the redirects that
/// follow.
pub(super) const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'";

/// What its pages have around them.
pub(super) const FRAME: Frame<'static> =
    Frame { language: Language::English, product: PRODUCT, organization: "" };

#[derive(Template)]
#[template(path = "sample_member.html")]
struct Member<'a> {
    frame: Frame<'static>,
    email: &'a str,
    name: &'a str,
    member_id: String,
    organization: &'a str,
    organization_id: String,
    session_id: String,
    expires_at: String,
    roles: String,
    groups: String,
    claims: String,
}

/// Exchanges the token for a session, keeps that and goes on to the account: the address with the token, which is spent now, is
/// not the one that is reloaded. Whoever comes back to it all the same, and is signed in, goes on as well. Whoever comes
/// without a token was not sent here by a sign-in: perhaps by the way back out of a refused one.
pub(super) async fn authenticate(
    app: &App,
    ctx: &Ctx,
    credentials: &Credentials,
    headers: &HeaderMap,
    token: Option<(&str, &str)>,
) -> Response {
    let Some(token) = token else { return Redirect::to("/").into_response() };
    match redeem(app, ctx, credentials, token).await {
        Ok(view) => away(ACCOUNT, &kept(ctx, &view)),
        Err(failure) if is_spent(&failure) && visitor(app, ctx, credentials, headers).await.is_some() => {
            Redirect::to(ACCOUNT).into_response()
        }
        Err(failure) => refused(app, ctx, &failure),
    }
}

/// The page of whoever is signed in.
pub(super) async fn show(app: &App, ctx: &Ctx, credentials: &Credentials, headers: &HeaderMap) -> Response {
    match shown(app, ctx, credentials, headers).await {
        Ok(text) => private(html(StatusCode::OK, text, POLICY)),
        Err(failure) if failure.refusal().what == What::NotFound(Thing::Session) => away(ENDED, &forgotten()),
        Err(failure) => refused(app, ctx, &failure),
    }
}

/// Ends the session at the server, not only in this browser. One that has ended already is as good.
pub(super) async fn sign_out(
    app: &App,
    ctx: &Ctx,
    credentials: &Credentials,
    headers: &HeaderMap,
) -> Response {
    if let Err(failure) = end(app, ctx, credentials, headers).await
        && failure.refusal().what != What::NotFound(Thing::Session)
    {
        return refused(app, ctx, &failure);
    }
    away(SIGNED_OUT, &forgotten())
}

/// Whoever is signed in, if somebody is.
pub(super) async fn visitor(
    app: &App,
    ctx: &Ctx,
    credentials: &Credentials,
    headers: &HeaderMap,
) -> Option<SessionView> {
    let shown = presented(headers).ok()?;
    let project = project(app, credentials).await.ok()?;
    sessions::live(app, ctx, &project, &shown).await.ok()
}

/// The page that says so, with the way back to the start of this application.
fn refused(app: &App, ctx: &Ctx, failure: &Failure) -> Response {
    failure.log();
    let back = format!("{}/", app.base_url);
    let at = Whereabouts { product: PRODUCT.to_owned(), back, ..Whereabouts::default() };
    page::refusal(app, ctx, &failure.refusal(), &Beside { at, ..Beside::default() })
}

async fn redeem(
    app: &App,
    ctx: &Ctx,
    credentials: &Credentials,
    (kind, token): (&str, &str),
) -> Result<Box<SessionView>, Failure> {
    let (project, token) = (project(app, credentials).await?, Token::presented(token));
    let session = SessionRequest::default();
    let came = match kind {
        "multi_tenant_magic_links" => links::follow(app, ctx, &project, (&token, None), &session).await?.0,
        "discovery" => settled(app, ctx, &project, &token, session).await?,
        _ => {
            let ask = Redemption { sso_token: token, code_verifier: None, solicited_only: false, session };
            sso_tokens::redeem(app, ctx, &project, ask).await?
        }
    };
    match came {
        Authenticated::Session(view) => Ok(view),
        Authenticated::Intermediate(_) => Err(Refusal::new(What::ActiveMembersOnly)
            .because("The organization asks for a second factor, which the sample application does not show.")
            .into()),
    }
}

/// An application would ask where its visitor wants to go. This one goes on in the first organization that they find, and
/// makes one for whoever finds none: they are its administrator.
async fn settled(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    token: &Token,
    session: SessionRequest,
) -> Result<Authenticated, Failure> {
    let found = links::discover(app, ctx, project, token, None).await?;
    match found.organizations.first() {
        Some(one) => {
            let organization = &one.organization.organization;
            discovery::exchange(app, ctx, project, organization, found.token, session).await
        }
        None => {
            let named_after_them = OrganizationPatch::default();
            discovery::create(app, ctx, project, found.token, named_after_them, session).await
        }
    }
}

fn is_spent(failure: &Failure) -> bool {
    matches!(failure.refusal().what, What::NotFound(Thing::SsoToken | Thing::MagicLink))
}

async fn shown(
    app: &App,
    ctx: &Ctx,
    credentials: &Credentials,
    headers: &HeaderMap,
) -> Result<String, Failure> {
    let presented = presented(headers)?;
    let project = project(app, credentials).await?;
    let view = sessions::authenticate(app, ctx, &project, &presented, &Use::default()).await?;
    let jwt = session_jwt::mint(app, ctx, &project, &view).await?;
    Ok(member_page(&view, &jwt))
}

async fn end(app: &App, ctx: &Ctx, credentials: &Credentials, headers: &HeaderMap) -> Result<(), Failure> {
    let presented = presented(headers)?;
    let project = project(app, credentials).await?;
    let authority = Authority::of_project(project.id, Actor::Backend, app.policy(&project).await?);
    let (grant, session) = sessions::grant_of_session(app, ctx, &project, &authority, &presented).await?;
    sessions::revoke(app, ctx, &grant, session).await
}

async fn project(app: &App, credentials: &Credentials) -> Result<Project, Failure> {
    setup::project(app, credentials).await.map_err(|error| Failure::Internal(error.to_string()))
}

/// The session that the browser keeps.
fn presented(headers: &HeaderMap) -> Result<Presented, Failure> {
    let mut cookies = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok);
    let found = cookies.find(|cookie| cookie.name() == COOKIE_NAME);
    let cookie = found.ok_or(What::NotFound(Thing::Session))?;
    Ok(Presented::Token(Token::presented(cookie.value())))
}

/// Until the session ends. Scripts do not read it, and forms of other sites do not send it.
fn kept(ctx: &Ctx, view: &SessionView) -> Cookie<'static> {
    let left = view.session.expires_at.seconds() - ctx.now.seconds();
    cookie(view.session.token.expose().to_owned(), Duration::seconds(left))
}

fn forgotten() -> Cookie<'static> {
    cookie(String::new(), Duration::ZERO)
}

fn cookie(value: String, life: Duration) -> Cookie<'static> {
    Cookie::build((COOKIE_NAME, value))
        .max_age(life)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .build()
}

fn away(to: &str, cookie: &Cookie<'_>) -> Response {
    let mut response = Redirect::to(to).into_response();
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    private(response)
}

/// Pages about a person are in no cache: the way back after signing out shows none.
fn private(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn member_page(view: &SessionView, jwt: &str) -> String {
    let member = &view.member.member;
    let page = Member {
        frame: FRAME,
        email: member.email.as_str(),
        name: &member.name,
        member_id: member.id.to_string(),
        organization: &view.organization.organization.name,
        organization_id: view.organization.organization.id.to_string(),
        session_id: view.session.id.to_string(),
        expires_at: view.session.expires_at.to_string(),
        roles: view.roles.join(", "),
        groups: groups(view).join(", "),
        claims: decoded(jwt),
    };
    page.render().unwrap_or_default()
}

/// The groups that the provider named at the sign-in behind this session: SAML's by the connection's mapping, those of OpenID
/// Connect as the claim `groups`.
fn groups(view: &SessionView) -> Vec<String> {
    let mut found = Vec::new();
    for factor in &view.session.factors {
        let FactorKind::Sso { registration_id, .. } = &factor.kind else { continue };
        let registrations = view.member.registrations.iter();
        for registration in registrations.filter(|registration| registration.id == *registration_id) {
            let claim = registration.attributes.get("groups").and_then(Value::as_array);
            let claimed = claim.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
            match registration.groups.is_empty() {
                true => found.extend(claimed),
                false => found.extend(registration.groups.iter().cloned()),
            }
        }
    }
    found
}

/// The payload of a token, for reading.
fn decoded(jwt: &str) -> String {
    let payload = jwt.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims: Option<Value> = payload.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    claims.and_then(|claims| serde_json::to_string_pretty(&claims).ok()).unwrap_or_default()
}
