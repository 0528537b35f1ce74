//! Every endpoint, in one place: a newcomer starts reading here.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use tower_http::catch_panic::CatchPanicLayer;
use vestibule_domain::fault::{Fault, FaultKind};

use crate::api;
use crate::app::App;
use crate::ctx::{self, Ctx};
use crate::input::BODY_LIMIT;
use crate::reply::Failure;
use crate::sso;

/// The router of the API and of the browser's endpoints.
pub fn router(app: Arc<App>) -> Router {
    with_layers(app, Router::new())
}

/// The same with more routes, as `vestibule dev` has them.
pub fn with_layers(app: Arc<App>, more: Router<Arc<App>>) -> Router {
    Router::new()
        .merge(api::errors::router())
        .merge(api::health::router())
        .merge(api::sp_metadata::router())
        .merge(api::stytch::router())
        .merge(api::traces::router())
        .merge(sso::router())
        .merge(more)
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn_with_state(app.clone(), ctx::enter))
        .with_state(app)
}

async fn not_found() -> Failure {
    FaultKind::RouteNotFound.into()
}

async fn method_not_allowed(_: Ctx, method: http::Method) -> Failure {
    Fault::new(FaultKind::MethodNotAllowed).because(format!("Found {method}.")).into()
}

/// A panic is a defect: the client gets the opaque row, the log the message.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over")]
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    use axum::response::IntoResponse as _;
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message");
    Failure::Internal(format!("panicked: {message}")).into_response()
}
