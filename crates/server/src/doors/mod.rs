//! The doors: one folder a dialect. A door translates wire types, calls one operation and translates back; it owns the
//! names, statuses, sentences, envelopes and headers of its dialect, and its 404.

pub(crate) mod auth0;
pub(crate) mod callback;
pub(crate) mod scim;
pub(crate) mod stytch;
mod test_page;

use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, Method, Uri};
use vestibule_domain::refusal::{Refusal, What};
use vestibule_refusal::Excerpt;

use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::door::say_into;
use crate::http::html;
use crate::web;
use crate::world::App;

/// What is meant by an address below that of a directory in which two slashes stand where the directory's ends. Nobody else's
/// addresses are read so.
#[must_use]
pub(crate) fn with_one_slash(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let is_owned = stytch::owns_directory(path) || auth0::owns_directory(path);
    if !is_owned || !path.contains("//") {
        return None;
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(format!("{}{query}", path.replacen("//", "/", 1)).parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// A path that no route has is refused by the door whose paths it resembles. Behind `/` a person finds a page that says
/// what this is.
#[must_use]
pub(crate) fn not_found(app: &App, ctx: &Ctx, method: &Method, path: &str, headers: &HeaderMap) -> Response {
    if path == "/" && ctx.is_read_by_person && matches!(*method, Method::GET | Method::HEAD) {
        return html::home(app, ctx);
    }
    if stytch::owns_directory(path) || auth0::owns_directory(path) {
        let mut response = Failure::from(What::NoSuchRoute).into_response();
        say_into::<scim::Scim>(&mut response, ctx, app);
        return response;
    }
    if auth0::owns(path) {
        let mut response = Failure::from(What::NoSuchRoute).into_response();
        say_into::<auth0::Auth0>(&mut response, ctx, app);
        return response;
    }
    if auth0::oauth::owns(path) {
        let mut response = Failure::from(What::NoSuchRoute).into_response();
        say_into::<auth0::OAuth>(&mut response, ctx, app);
        return response;
    }
    if web::owns(path) {
        let mut response = Failure::from(What::NoSuchRoute).into_response();
        say_into::<web::Pages>(&mut response, ctx, app);
        return response;
    }
    let shown = Excerpt::of(path);
    let hint = if path.contains("//") { " A base URL that ends with a slash gives two of them." } else { "" };
    let refusal = Refusal::new(What::NoSuchRoute).because(format!("The path was {shown}.{hint}"));
    if stytch::sdk::owns(path) {
        return stytch::sdk::not_found(app, ctx, method, headers, refusal);
    }
    let mut response = Failure::from(refusal).into_response();
    say_into::<stytch::Stytch>(&mut response, ctx, app);
    response
}
