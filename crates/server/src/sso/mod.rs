//! Signing in, the browser's part: start, callback, and what the identity provider is asked in between. One
//! engine for every protocol; a folder for what only one protocol does: the request to the provider, reading
//! its answer, and judging it.

pub mod attempt;
pub mod callback;
pub mod cookie;
pub mod oidc;
pub mod page;
pub mod reply;
pub mod saml;
pub mod start;
pub mod trace;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::app::App;

/// The browser's endpoints (contract section 5). Both spellings of the start path are known to clients.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/public/sso/start", get(start::start))
        .route("/b2b/public/sso/start", get(start::start))
        .route("/v1/b2b/public/sso/start", get(start::start))
        .route("/v1/b2b/sso/callback/{connection_id}", get(callback::query).post(callback::form))
}
