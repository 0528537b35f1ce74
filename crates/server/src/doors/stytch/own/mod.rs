//! What this server adds to the dialect, in its envelope (`docs/compatibility.md`).

pub mod connection_test;
pub mod errors;
pub mod sp_metadata;
pub mod traces;

use std::sync::Arc;

use axum::Router;

use crate::world::App;

/// Every endpoint of our own.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .merge(connection_test::router())
        .merge(errors::router())
        .merge(sp_metadata::router())
        .merge(traces::router())
}
