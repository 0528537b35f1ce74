//! What load balancers ask.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::StatusCode;

use crate::world::App;

/// The routes.
pub fn router() -> Router<Arc<App>> {
    Router::new().route("/healthz", get(healthy)).route("/readyz", get(ready))
}

/// The process lives.
async fn healthy() -> &'static str {
    "ok"
}

/// The process can do its work: the store answers.
async fn ready(State(app): State<Arc<App>>) -> Response {
    match app.store.ping().await {
        Ok(()) => "ok".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready: the store does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer").into_response()
        }
    }
}
