//! The frontend API: what browsers and phones ask by themselves, with a public token and perhaps a session. The same
//! operations as the backend API, and where only the caller differs the same handlers (ADR 40).

mod admin_portal;
mod bootstrap;
mod caller;
mod connections;
mod cookies;
mod discovery;
mod events;
mod gate;
mod mail;
mod members;
mod organizations;
mod own_member;
mod scim;
mod second_factors;
mod sessions;
mod sso;

use axum::response::{IntoResponse as _, Response};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, Method};
use serde::Serialize;
use vestibule_domain::id::RequestId;
use vestibule_domain::refusal::{Refusal, What};

use super::{Stytch, Success};
use crate::failure::Failure;
use crate::http::cors;
use crate::http::ctx::Ctx;
use crate::http::door::{Door, NO_DIALOG, Reply, Said, say_into};
use crate::http::endpoint::Endpoints;
use crate::http::refused::Named;
use crate::world::App;

pub(crate) use gate::gate;

/// The frontend of the dialect: its successes stand in `data`, its refusals are bare.
pub(crate) struct Sdk;

/// A success.
#[derive(Serialize)]
pub(crate) struct Wrapped<T> {
    data: Success<T>,
}

impl Door for Sdk {
    const NAME: &'static str = "stytch-sdk";

    type Success<T: Serialize> = Wrapped<T>;

    fn success<T: Serialize>(request_id: RequestId, warnings: Vec<String>, body: T) -> Wrapped<T> {
        Wrapped { data: Stytch::success(request_id, warnings, body) }
    }

    fn refuse(refusal: &Refusal, ctx: &Ctx, base_url: &str) -> Said {
        let mut said = Stytch::refuse(refusal, ctx, base_url);
        // A browser would ask the person in front of it for a password.
        if let Some(challenge) = said.headers.get_mut(WWW_AUTHENTICATE) {
            *challenge = NO_DIALOG;
        }
        said
    }

    fn named(what: What) -> Named {
        Stytch::named(what)
    }
}

/// The answer of a handler that stands behind this door only.
type Answer<T> = Result<Reply<Sdk, T>, Failure>;

/// Every endpoint of the frontend API.
pub(crate) fn endpoints() -> Endpoints<Sdk> {
    bootstrap::endpoints()
        .and(events::endpoints())
        .and(sessions::endpoints())
        .and(sso::endpoints())
        .and(connections::endpoints())
        .and(scim::endpoints())
        .and(organizations::endpoints())
        .and(members::endpoints())
        .and(own_member::endpoints())
        .and(discovery::endpoints())
        .and(mail::endpoints())
        .and(second_factors::endpoints())
        .and(admin_portal::endpoints())
}

/// Whether a path is this door's to refuse. One method of the official client forgets a slash.
#[must_use]
pub(crate) fn owns(path: &str) -> bool {
    ["/sdk/v1", "/sdk/v1b2b"]
        .iter()
        .any(|own| path.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// A path that nobody has, also one of a family that is not served: a client takes it for the refusal of that one call.
#[must_use]
pub(crate) fn not_found(
    app: &App,
    ctx: &Ctx,
    method: &Method,
    headers: &HeaderMap,
    refusal: Refusal,
) -> Response {
    let origin = cors::origin(headers);
    if cors::is_preflight(method, headers) {
        return cors::preflight(origin);
    }
    let mut response = Failure::from(refusal).into_response();
    say_into::<Sdk>(&mut response, ctx, app);
    cors::readable(&mut response, origin);
    response
}
