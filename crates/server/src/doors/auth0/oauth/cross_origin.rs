//! Which pages may read the answers of the authorization server (Fetch standard, section 3.3). Its documents anybody may. What an
//! application is answered, its own pages may: those of the origins that it has registered, and of its callbacks. No cookie counts at
//! these endpoints, so none is allowed along.
//!
//! A preflight names no application, and is answered alike for all: what follows is then read by those who may.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderValue};
use vestibule_domain::application::{Application, is_registered_origin};

use crate::http::cors;
use crate::http::ctx::Ctx;
use crate::world::App;

/// What pages send beside what they always may.
const HEADERS: HeaderValue = HeaderValue::from_static("authorization, content-type, auth0-client");
/// Endpoints that pages of applications ask.
const FOR_APPLICATIONS: [&str; 3] = ["/oauth/token", "/oauth/revoke", "/userinfo"];
const DOCUMENTS: &str = "/.well-known/";

/// The layer around the authorization server, outside of its door, so that its refusals can be read too.
pub(crate) async fn shared(State(_): State<Arc<App>>, ctx: Ctx, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_document = path.starts_with(DOCUMENTS) || path.ends_with("/.well-known/jwks.json");
    if !is_document && !FOR_APPLICATIONS.contains(&path) {
        return next.run(request).await;
    }
    let origin = cors::origin(request.headers());
    if cors::is_preflight(request.method(), request.headers()) {
        return cors::preflight_without_cookies(origin, HEADERS);
    }
    let mut response = next.run(request).await;
    let may_read = is_document || ctx.is_asked_by_own_page.get().is_some();
    cors::readable_without_cookies(&mut response, origin.filter(|_| may_read));
    response
}

/// Notes that an application's own page asks, where one does.
pub(super) fn note_page(ctx: &Ctx, headers: &HeaderMap, application: &Application) {
    let settings = &application.settings;
    let Some(origin) = cors::origin(headers) else { return };
    let registered = settings.web_origins.iter().chain(&settings.allowed_origins);
    let is_own = |origin: &str| is_registered_origin(origin, registered, &settings.callbacks);
    if origin.to_str().is_ok_and(is_own) {
        // One request is noted once.
        let _first = ctx.is_asked_by_own_page.set(());
    }
}
