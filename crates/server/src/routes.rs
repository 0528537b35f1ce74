//! Every endpoint, in one place: a newcomer starts reading here. Each file of a door lists its own, with what they need;
//! [`endpoints`] is all of them.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use tower::Service as _;

use crate::doors::stytch::sdk;
use crate::doors::{self, auth0, callback, scim, stytch};
use crate::http::chosen_language;
use crate::http::ctx::{self, Ctx};
use crate::http::door;
use crate::http::endpoint::{Endpoint, Endpoints};
use crate::http::health;
use crate::web;
use crate::world::App;

/// What this server serves.
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    [
        first_dialect().list(),
        frontend().list(),
        second_dialect().list(),
        authorization_server().list(),
        directories().list(),
        web::endpoints().list(),
    ]
    .concat()
}

/// Every scope of the Management API.
#[must_use]
pub fn management_scopes() -> &'static [&'static str] {
    auth0::scopes::ALL
}

fn first_dialect() -> Endpoints<stytch::Stytch> {
    stytch::endpoints().and(callback::endpoints()).and(health::endpoints())
}

fn frontend() -> Endpoints<sdk::Sdk> {
    sdk::endpoints()
}

fn second_dialect() -> Endpoints<auth0::Auth0> {
    auth0::endpoints()
}

fn directories() -> Endpoints<scim::Scim> {
    scim::endpoints::<stytch::Directories>().and(scim::endpoints::<auth0::Directories>())
}

fn authorization_server() -> Endpoints<auth0::OAuth> {
    auth0::oauth::endpoints().and(callback::shared_endpoints())
}

/// The router of the API and of the browser's endpoints.
pub fn router(app: Arc<App>) -> Router {
    with_layers(app, Router::new())
}

/// The same with more routes, as `vestibule dev` has them.
pub fn with_layers(app: Arc<App>, more: Router<Arc<App>>) -> Router {
    let gated = from_fn_with_state(app.clone(), sdk::gate);
    let shared = from_fn_with_state(app.clone(), auth0::oauth::cross_origin::shared);
    let told = from_fn_with_state(app.clone(), auth0::told);
    let slashed = directories().into_routes().fallback(scim::no_such_route);
    let slashed = door::behind::<scim::Scim>(&app, slashed).with_state(app.clone());
    let not_found = move |State(app): State<Arc<App>>, ctx: Ctx, request: Request| {
        not_found(app, ctx, slashed.clone(), request)
    };
    let chosen = from_fn_with_state(app.clone(), chosen_language::keep);
    Router::new()
        .merge(door::behind::<stytch::Stytch>(&app, first_dialect().into_routes().merge(more)))
        .merge(door::behind::<sdk::Sdk>(&app, frontend().into_routes()).layer(gated))
        .merge(door::behind::<auth0::Auth0>(&app, second_dialect().into_routes()).layer(told))
        .merge(door::behind::<scim::Scim>(&app, directories().into_routes()))
        .merge(door::behind::<auth0::OAuth>(&app, authorization_server().into_routes()).layer(shared))
        .merge(door::behind::<web::Pages>(&app, web::endpoints().into_routes()).layer(chosen))
        .fallback(not_found)
        .layer(from_fn_with_state(app.clone(), ctx::enter))
        .with_state(app)
}

/// What load balancers ask, by itself, for a listener that others do not reach.
pub(crate) fn health(app: Arc<App>) -> Router {
    health::endpoints::<stytch::Stytch>().into_routes().with_state(app)
}

/// Some directories are given an address that ends with a slash and put another behind it: what is meant is there.
async fn not_found(app: Arc<App>, ctx: Ctx, mut slashed: Router, mut request: Request) -> Response {
    if let Some(uri) = doors::with_one_slash(request.uri()) {
        *request.uri_mut() = uri;
        return slashed.call(request).await.into_response();
    }
    doors::not_found(&app, &ctx, request.method(), request.uri().path(), request.headers())
}
