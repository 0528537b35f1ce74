//! The Management API, a file for each of its resources. Whoever asks is an application whose token has the scopes that the call
//! is listed with; what it may do in the project is bounded by nothing else.

mod client_grants;
mod clients;
mod connections;
mod document;
mod enabled;
mod enabled_connections;
mod keys;
mod logs;
mod members;
mod needs;
mod not_here;
mod organization_parts;
mod organizations;
mod reach;
mod scim;
mod tenant;
mod users;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use vestibule_domain::refusal::{Thing, What};

use super::Auth0;
use super::holder::Holder as Manager;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::door::Reply;
use crate::http::endpoint::Endpoints;

/// The endpoints of the API.
pub(super) fn endpoints() -> Endpoints<Auth0> {
    connections::endpoints()
        .and(enabled::endpoints())
        .and(keys::endpoints())
        .and(scim::endpoints())
        .and(not_here::endpoints())
        .and(clients::endpoints())
        .and(client_grants::endpoints())
        .and(organizations::endpoints())
        .and(organization_parts::endpoints())
        .and(enabled_connections::endpoints())
        .and(members::endpoints())
        .and(users::endpoints())
        .and(logs::endpoints())
        .and(tenant::endpoints())
        .and(document::endpoints())
}

/// What a call answers.
type Answer<T> = Result<Answered<T>, Failure>;

/// A body with its status.
struct Answered<T>(StatusCode, Reply<Auth0, T>);

impl<T: Serialize> IntoResponse for Answered<T> {
    fn into_response(self) -> Response {
        let Self(status, reply) = self;
        match status {
            StatusCode::NO_CONTENT => status.into_response(),
            _ => (status, reply).into_response(),
        }
    }
}

/// A success.
fn ok<T: Serialize>(ctx: &Ctx, body: T) -> Answer<T> {
    with(StatusCode::OK, ctx, body)
}

/// A success with a status of its own.
fn with<T: Serialize>(status: StatusCode, ctx: &Ctx, body: T) -> Answer<T> {
    Ok(Answered(status, Reply::new(ctx, body)))
}

/// How something was taken away: somebody else who was faster did the same.
fn gone<T>(done: Result<T, Failure>, thing: Thing) -> Result<(), Failure> {
    match done {
        Err(failure) if !failure.is(What::NotFound(thing)) => Err(failure),
        _ => Ok(()),
    }
}

/// Nothing to say.
#[derive(Serialize)]
struct Empty {}

/// The path of a thing.
#[derive(Deserialize)]
struct IdPath {
    id: String,
}
