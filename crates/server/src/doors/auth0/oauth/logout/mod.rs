//! Signing out: `/v2/logout`, and `/oidc/logout` (OpenID Connect RP-Initiated Logout 1.0). Both end the session of the browser and what
//! applications were granted in it, and lead to a registered address or to a page of ours.

mod federated;
mod page;
mod request;

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use vestibule_domain::login_session::LoginSession;
use vestibule_domain::secret::{Secret, Token, derive};

use self::request::{Asked, Kind};
use super::OAuth;
use super::fields::Fields;
use crate::caller::site::{self, Site};
use crate::failure::Failure;
use crate::http::cookies::{self, Brought};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::redirect::found;
use crate::operations::login_sessions;
use crate::world::App;

/// Where the browser comes back to from the identity provider.
const BACK: &str = "/v2/logout/callback";

/// The endpoints of this folder.
pub(super) fn endpoints() -> Endpoints<OAuth> {
    Endpoints::new()
        .visit("/v2/logout", Needs::Nothing, "GET", plain)
        .visit(BACK, Needs::Nothing, "GET", back)
        .visit("/oidc/logout", Needs::Nothing, "GET, POST", by_query)
        .post("/oidc/logout", Needs::Nothing, by_form)
}

async fn plain(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    app.limits.check_browser(ctx.ip)?;
    sign_out(&app, &ctx, Kind::Plain, request::of_query(query)?, &headers).await
}

async fn by_query(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    app.limits.check_browser(ctx.ip)?;
    sign_out(&app, &ctx, Kind::RpInitiated, request::of_query(query)?, &headers).await
}

async fn by_form(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Failure> {
    app.limits.check_browser(ctx.ip)?;
    sign_out(&app, &ctx, Kind::RpInitiated, fields, &headers).await
}

/// The browser was at the identity provider. The address that it is to go to comes with it and is looked at once more.
async fn back(State(app): State<Arc<App>>, ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    app.limits.check_browser(ctx.ip)?;
    let site = site::asked(&app, &ctx).await?;
    let fields = federated::target(request::of_query(query)?)?;
    let asked = request::read(&app, &ctx, &site, Kind::Back, fields).await?;
    Ok(leave(&ctx, &site, &asked))
}

async fn sign_out(
    app: &App,
    ctx: &Ctx,
    kind: Kind,
    fields: Fields,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    let site = site::asked(app, ctx).await?;
    request::require_visit(headers)?;
    let asked = request::read(app, ctx, &site, kind, fields).await?;
    let project = site.project.id;
    let token = Brought::new(app, headers).session(project);
    let session = login_sessions::live(app, ctx, project, token.as_ref()).await?;
    if let (Some(_), Some(token)) = (&session, &token)
        && kind == Kind::RpInitiated
        && !asked.is_vouched_for(session.as_ref())
        && !asked.is_confirmed(&confirmation(token))
    {
        return Ok(page::confirm(&site, &asked, &confirmation(token)));
    }
    // An application signs out whom its ID token is about, and nobody who has signed in to this browser since.
    let own = session.as_ref().filter(|session| asked.ends(session));
    let elsewhere = match asked.session.filter(|id| own.is_none_or(|own| own.id != *id)) {
        Some(id) => app.store.login_session_by_id(project, id).await?,
        None => None,
    };
    for session in own.into_iter().chain(&elsewhere) {
        login_sessions::end(app, ctx, session).await?;
    }
    let mut answer = match own {
        Some(own) if asked.federated => match federated::begin(app, ctx, &site, own, &asked).await? {
            Some(to_provider) => to_provider,
            None => leave(ctx, &site, &asked),
        },
        _ => leave(ctx, &site, &asked),
    };
    if own.is_some() || session.is_none() {
        cookies::forget_session(app, answer.headers_mut(), project);
    }
    Ok(answer)
}

/// What the form of our own page carries, which no other page can know.
fn confirmation(token: &Token) -> Secret {
    Secret::new(derive("sign out", &[token.expose()]))
}

/// Where the browser goes that is signed out.
fn leave(ctx: &Ctx, site: &Site, asked: &Asked) -> Response {
    match asked.destination() {
        Some(destination) => found(ctx, &destination),
        None => page::signed_out(site),
    }
}

impl Asked {
    /// Whether this session is one that the request is about.
    fn ends(&self, session: &LoginSession) -> bool {
        self.session.is_none_or(|id| id == session.id)
    }
}
