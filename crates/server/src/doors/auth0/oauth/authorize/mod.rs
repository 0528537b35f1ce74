//! `/authorize`: somebody is to sign in to an application.

mod page;
mod request;
mod way;

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use vestibule_domain::login::Purpose;
use vestibule_domain::refusal::{Refusal, Thing, What};

use self::request::{Read, in_organization, read};
use self::way::{Chosen, choose};
use super::OAuth;
use super::answer::tell;
use super::fields::Fields;
use crate::caller::site::{self, Site};
use crate::doors::auth0::wire::ids;
use crate::engine::start::{ProviderHints, Started, ToProvider, begin};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::redirect::found;
use crate::http::{cookies, html};
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
    match go_on(&app, &ctx, &site, &mut read, &query, &headers).await {
        Ok(response) => Ok(response),
        Err(failure) => Ok(tell(&ctx, &read.request, &failure)),
    }
}

/// The application and its address are known: whatever happens now is told to it.
async fn go_on(
    app: &Arc<App>,
    ctx: &Ctx,
    site: &Site,
    read: &mut Read,
    query: &str,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    let organization = match &read.wishes.organization {
        None => None,
        Some(called) => {
            let id = ids::read_organization(called).map(|id| id.to_string());
            let locator = id.as_deref().unwrap_or(called);
            let found = app.store.organization(site.project.id, locator).await?;
            let found = found.ok_or(What::NotFound(Thing::Organization))?;
            in_organization(&mut read.request, &found, called);
            Some(found)
        }
    };
    if read.wishes.silently {
        return Err(What::NotSignedIn.into());
    }
    let chosen = choose(app, site, &read.application, organization.as_ref(), &read.wishes).await?;
    let way = match chosen {
        Chosen::Way(way) => way,
        Chosen::Ask(candidates) => {
            return Ok(page::ask(ctx, site, read, organization.as_ref(), &candidates, query));
        }
    };
    let hints = ProviderHints {
        scopes: read.wishes.connection_scope.clone(),
        login_hint: read.wishes.identifier.clone().or_else(|| read.wishes.login_hint.clone()),
        ..ProviderHints::default()
    };
    let purpose = Purpose::Authorization { authorization: Box::new(read.request.clone()) };
    let started = begin(app, ctx, way.as_route(), purpose, &hints).await?;
    Ok(to_provider(app, ctx, headers, &started))
}

fn to_provider(app: &App, ctx: &Ctx, brought: &HeaderMap, started: &Started) -> Response {
    let mut answer = match &started.to {
        ToProvider::Redirect(target) => found(ctx, target),
        ToProvider::Post { action, fields } => html::form_post(ctx, action, fields),
    };
    cookies::keep(app, brought, answer.headers_mut(), &started.state, &started.browser);
    answer
}
