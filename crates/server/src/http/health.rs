//! What load balancers ask.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::RETRY_AFTER;

use super::door::Door;
use super::endpoint::{Endpoints, Needs};
use crate::world::App;

/// Whether the process lives.
const LIVES: &str = "/healthz";
/// Whether it can do its work.
const READY: &str = "/readyz";

/// The endpoints. They speak no dialect but for the refusal of a wrong method, which is that of their door.
pub(crate) fn endpoints<D: Door>() -> Endpoints<D> {
    Endpoints::new().get(LIVES, Needs::Nothing, healthy).get(READY, Needs::Nothing, ready)
}

/// Whether a path is one of those that are answered also when nothing else is.
pub(super) fn is_asked_at(path: &str) -> bool {
    matches!(path, LIVES | READY)
}

/// The process lives.
async fn healthy() -> &'static str {
    "ok"
}

/// The process can do its work: it is not about to stop, and the store takes writes and gives what it has.
async fn ready(State(app): State<Arc<App>>) -> Response {
    let ready = if app.shutdown.is_leaving() {
        Err("stopping")
    } else {
        app.readiness.ask(&app.store, app.clock.now()).await
    };
    match ready {
        Ok(()) => "ok".into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], why).into_response(),
    }
}
