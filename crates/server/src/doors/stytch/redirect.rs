//! How the browser is sent on: to the identity provider, and back to the application.

use axum::response::Response;
use http::HeaderMap;
use url::{Url, form_urlencoded};
use vestibule_domain::admission::AdmissionKind;
use vestibule_domain::id::ConnectionId;
use vestibule_domain::login::ReturnTo;
use vestibule_domain::project::Project;
use vestibule_domain::redirect::with_parameters;
use vestibule_domain::secret::Token;

use crate::engine::outcome::SignedIn;
use crate::engine::start::{Started, ToProvider};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::redirect::found;
use crate::http::{cookies, html};
use crate::operations::by_mail::LinkKind;
use crate::world::App;

/// Takes the browser to the identity provider, with the secret that it brings back. `brought` are the headers of its
/// request.
#[must_use]
pub(crate) fn to_provider(app: &App, ctx: &Ctx, brought: &HeaderMap, started: &Started) -> Response {
    let mut answer = match &started.to {
        ToProvider::Redirect(target) => found(ctx, target),
        ToProvider::Post { action, fields } => html::form_post(ctx, action, fields),
    };
    cookies::keep(app, brought, answer.headers_mut(), &started.state, &started.browser);
    answer
}

/// Takes the browser back to the application with its token.
///
/// # Errors
/// A stored URL that is none.
pub(crate) fn with_token(ctx: &Ctx, signed_in: &SignedIn) -> Result<Response, Failure> {
    let back = match signed_in.admission {
        AdmissionKind::Created => &signed_in.return_to.signup_redirect_url,
        AdmissionKind::Existing | AdmissionKind::Linked => &signed_in.return_to.login_redirect_url,
    };
    let parameters = [
        ("slug", signed_in.organization.slug.as_str()),
        ("stytch_token_type", "sso"),
        ("token", signed_in.token.expose()),
    ];
    let target = with_parameters(back, &parameters)
        .ok_or_else(|| Failure::Internal("a stored redirect URL does not parse".to_owned()))?;
    Ok(found(ctx, &target))
}

/// Puts the token of a magic link into the URL that it leads to.
pub(crate) fn magic_link(url: &str, kind: LinkKind, token: &Token) -> Option<Url> {
    let kind = match kind {
        LinkKind::Member => "multi_tenant_magic_links",
        LinkKind::Discovery => "discovery",
    };
    with_parameters(url, &[("stytch_token_type", kind), ("token", token.expose())])
}

/// Where a sign-in begins anew that is to end at the same place.
#[must_use]
pub(crate) fn anew(app: &App, project: &Project, connection: ConnectionId, to: &ReturnTo) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("public_token", &project.public_token.to_string());
    query.append_pair("connection_id", &connection.to_string());
    query.append_pair("login_redirect_url", &to.login_redirect_url);
    query.append_pair("signup_redirect_url", &to.signup_redirect_url);
    if let Some(challenge) = &to.code_challenge {
        query.append_pair("pkce_code_challenge", challenge);
    }
    format!("{}/v1/public/sso/start?{}", app.base_url, query.finish())
}
