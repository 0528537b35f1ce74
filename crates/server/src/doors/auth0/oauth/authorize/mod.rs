//! `/authorize`: somebody is to sign in to an application.

mod organization;
mod page;
mod request;
mod session;
mod way;

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use url::form_urlencoded;
use vestibule_domain::authorization::AuthorizationRequest;
use vestibule_domain::connection::Forwarded;
use vestibule_domain::id::ProjectId;
use vestibule_domain::login::Purpose;
use vestibule_domain::redirect::with_parameters;
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_domain::spelled::Spelled as _;

use self::organization::Known;
use self::request::{Read, read};
use self::way::{Chosen, choose};
use super::OAuth;
use super::answer::tell;
use super::fields::Fields;
use crate::caller::site::{self, Site};
use crate::engine::start::{ProviderHints, Started, ToProvider, begin};
use crate::failure::Failure;
use crate::http::cookies::{self, Brought};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::html;
use crate::http::redirect::found;
use crate::world::App;

/// The longest query that is read.
const MOST_QUERY_BYTES: usize = 16 * 1024;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<OAuth> {
    Endpoints::new().visit("/authorize", Needs::Nothing, "GET", authorize)
}

async fn authorize(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    app.limits.check_browser(ctx.ip)?;
    let query = query.unwrap_or_default();
    if query.len() > MOST_QUERY_BYTES {
        return Err(Refusal::new(What::Unreadable).because("The query is longer than 16384 bytes.").into());
    }
    let site = site::asked(&app, &ctx).await?;
    let mut read = read(&app, &site, Fields::of_form(query.as_bytes())?).await?;
    if let Some(problem) = read.problem.take() {
        return Ok(tell(&ctx, &read.request, &problem.into()));
    }
    let browser = Brought::new(&app, &headers);
    let arrival = Arrival { app: &app, ctx: &ctx, site: &site, browser, headers: &headers, query: &query };
    match go_on(&arrival, &mut read).await {
        Ok(response) => Ok(response),
        Err(failure) => Ok(tell(&ctx, &read.request, &failure)),
    }
}

/// Who asks, where, and with what.
#[derive(Clone, Copy)]
struct Arrival<'a> {
    app: &'a Arc<App>,
    ctx: &'a Ctx,
    site: &'a Site,
    browser: Brought<'a>,
    headers: &'a HeaderMap,
    query: &'a str,
}

/// The application and its address are known: whatever happens now is told to it.
async fn go_on(at: &Arrival<'_>, read: &mut Read) -> Result<Response, Failure> {
    let Arrival { app, ctx, site, .. } = *at;
    let session = session::of(at, read).await?;
    let known = match (organization::known(at, read).await?, &session) {
        (Known::LaterChosen, Some(session)) => organization::chosen(at, read, session).await?,
        (known, _) => known,
    };
    let organization = match known {
        Known::Is(organization) => organization.map(|known| *known),
        Known::Asks(page) => return Ok(page),
        Known::LaterChosen => {
            read.request.chooses_organization = true;
            None
        }
    };
    if let Some(session) = &session
        && let Some(answer) = session::answered(at, read, organization.as_ref(), session).await?
    {
        return Ok(answer);
    }
    if read.wishes.silently {
        return Err(What::NotSignedIn.into());
    }
    let chosen = choose(app, site, &read.application, organization.as_ref(), &read.wishes).await?;
    let way = match chosen {
        Chosen::Way(way) => way,
        Chosen::Ask(candidates) => {
            return Ok(page::ask(at, read, organization.as_ref(), &candidates));
        }
    };
    let hints = ProviderHints {
        scopes: read.wishes.connection_scope.clone(),
        login_hint: read.wishes.identifier.clone().or_else(|| read.wishes.login_hint.clone()),
        freshness: read.request.freshness,
        asked: forwarded(at.query),
        ..ProviderHints::default()
    };
    let purpose = Purpose::Authorization { authorization: Box::new(read.request.clone()) };
    let started = begin(app, ctx, way.as_route(), purpose, &hints).await?;
    Ok(to_provider(app, ctx, at.headers, &started))
}

/// What of the request a connection may hand on.
fn forwarded(query: &str) -> Vec<(Forwarded, String)> {
    let parameters = form_urlencoded::parse(query.as_bytes());
    parameters.filter_map(|(name, value)| Some((Forwarded::named(&name)?, value.into_owned()))).collect()
}

/// Where somebody goes on who was signed in and has still to choose: they ask for the same once more, and their browser has a
/// session by now.
///
/// # Errors
/// The application is gone.
pub(crate) async fn go_on_choosing(
    app: &App,
    ctx: &Ctx,
    project: ProjectId,
    asked: &AuthorizationRequest,
) -> Result<Response, Failure> {
    let application = app.store.application_by_id(&app.vault, project, asked.application_id).await?;
    let application = application.ok_or(What::NotFound(Thing::Application))?;
    let scopes = asked.scopes.join(" ");
    let challenge = asked.challenge.as_ref();
    let parameters = [
        ("client_id", Some(application.client_id.as_str())),
        ("redirect_uri", Some(asked.redirect_uri.as_str())),
        ("response_type", Some(asked.kind.as_str())),
        ("response_mode", Some(asked.mode.as_str())),
        ("scope", Some(scopes.as_str())),
        ("state", asked.state.as_deref()),
        ("nonce", asked.nonce.as_deref()),
        ("audience", asked.audience.as_deref()),
        ("code_challenge", challenge.map(|challenge| challenge.text.as_str())),
        ("code_challenge_method", challenge.map(|challenge| challenge.method.as_str())),
    ];
    let parameters: Vec<(&str, &str)> =
        parameters.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let url = with_parameters(&format!("{}/authorize", asked.origin), &parameters);
    let url = url.ok_or_else(|| Failure::Internal("an origin of ours does not parse".to_owned()))?;
    Ok(found(ctx, &url))
}

fn to_provider(app: &App, ctx: &Ctx, brought: &HeaderMap, started: &Started) -> Response {
    let mut answer = match &started.to {
        ToProvider::Redirect(target) => found(ctx, target),
        ToProvider::Post { action, fields } => html::form_post(ctx, action, fields),
    };
    cookies::keep(app, brought, answer.headers_mut(), &started.state, &started.browser);
    answer
}
