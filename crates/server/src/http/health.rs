//! What load balancers ask.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

use super::door::Door;
use super::endpoint::{Endpoints, Needs};
use crate::world::App;

/// The endpoints. They speak no dialect but for the refusal of a wrong method, which is that of their door.
pub(crate) fn endpoints<D: Door>() -> Endpoints<D> {
    Endpoints::new().get("/healthz", Needs::Nothing, healthy).get("/readyz", Needs::Nothing, ready)
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
