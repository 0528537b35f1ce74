//! The authorization server of this dialect: what applications and browsers ask (OAuth 2.0, OpenID Connect).

mod answer;
mod asked;
mod authorize;
mod client_credentials;
mod connection_keys;
pub(crate) mod cross_origin;
mod envelope;
mod fields;
mod grants;
mod logo;
mod logout;
mod metadata;
mod person;
mod sp_metadata;
mod token;
mod userinfo;

pub(crate) use authorize::go_on_choosing;
pub use envelope::OAuth;

use axum::response::Response;
use vestibule_domain::authorization::{AuthorizationRequest, ResponseKind};
use vestibule_domain::refusal::{Thing, What};

use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::Endpoints;
use crate::operations::sign_in_grants::{Granted, Person};
use crate::world::App;

/// Every endpoint of it.
pub(crate) fn endpoints() -> Endpoints<OAuth> {
    metadata::endpoints()
        .and(authorize::endpoints())
        .and(logo::endpoints())
        .and(logout::endpoints())
        .and(token::endpoints())
        .and(userinfo::endpoints())
        .and(connection_keys::endpoints())
        .and(sp_metadata::endpoints())
}

/// Whether a path is one of its own.
#[must_use]
pub(crate) fn owns(path: &str) -> bool {
    let below =
        |word: &str| path.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    ["/oauth", "/authorize", "/userinfo", "/v2", "/oidc", "/login", "/samlp", "/.well-known"]
        .into_iter()
        .any(below)
}

/// Gives an application what it asked for: somebody signed in to it.
///
/// # Errors
/// The application is gone, or the project's keys cannot be had.
pub(crate) async fn answer(
    app: &App,
    ctx: &Ctx,
    person: &Person,
    granted: &Granted,
) -> Result<Response, Failure> {
    let Granted { grant, code } = granted;
    let asked = &grant.request;
    if asked.kind == ResponseKind::Code {
        return Ok(answer::give(ctx, asked, vec![("code", code.expose().to_owned())]));
    }
    let (project_id, id) = (grant.project_id, asked.application_id);
    let project = app.store.project(project_id).await?;
    let project = project.ok_or_else(|| Failure::Internal("a grant's project is gone".to_owned()))?;
    let application = app.store.application_by_id(&app.vault, project_id, id).await?;
    let application = application.ok_or(What::NotFound(Thing::Application))?;
    let token = person::id_token(app, ctx, (&project, &application), grant, person, None).await?;
    Ok(answer::give(ctx, asked, vec![("id_token", token)]))
}

/// Tells an application why nobody signed in to it.
pub(crate) fn refuse(ctx: &Ctx, asked: &AuthorizationRequest, failure: &Failure) -> Response {
    answer::tell(ctx, asked, failure)
}
