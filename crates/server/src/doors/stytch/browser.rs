//! The browser's endpoints of a sign-in (contract section 5). All spellings of the start path are known to clients.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::engine::{callback, start};
use crate::world::App;

/// Every endpoint of the browser.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/public/sso/start", get(start::start))
        .route("/b2b/public/sso/start", get(start::start))
        .route("/v1/b2b/public/sso/start", get(start::start))
        .route("/v1/b2b/sso/callback/{connection_id}", get(callback::query).post(callback::form))
}
