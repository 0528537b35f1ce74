//! Every endpoint, in one place: a newcomer starts reading here.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use http::Uri;

use crate::doors::{self, stytch};
use crate::http::ctx::{self, Ctx};
use crate::http::{door, health};
use crate::world::App;

/// The router of the API and of the browser's endpoints.
pub fn router(app: Arc<App>) -> Router {
    with_layers(app, Router::new())
}

/// The same with more routes, as `vestibule dev` has them.
pub fn with_layers(app: Arc<App>, more: Router<Arc<App>>) -> Router {
    let first_dialect = stytch::router().merge(doors::callback::router()).merge(health::router()).merge(more);
    Router::new()
        .merge(door::behind::<stytch::Stytch>(&app, first_dialect))
        .fallback(not_found)
        .layer(from_fn_with_state(app.clone(), ctx::enter))
        .with_state(app)
}

async fn not_found(State(app): State<Arc<App>>, ctx: Ctx, uri: Uri) -> Response {
    doors::not_found(&app, &ctx, uri.path())
}
