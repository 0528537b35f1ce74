//! The Stytch-compatible dialect (contract sections 1 to 8): the backend API, the browser's endpoints of a sign-in, and
//! what we add to it.

pub mod backend;
pub mod browser;
pub mod caller;
pub mod catalogue;
mod envelope;
mod meanings;
pub mod own;
pub mod page;
pub mod redirect;
pub mod session_jwt;
pub mod wire;

use std::sync::Arc;

use axum::Router;

pub use envelope::{Answer, Nothing, Stytch, done, message, ok};
pub use meanings::kind;

use crate::world::App;

/// Every endpoint of this dialect.
pub fn router() -> Router<Arc<App>> {
    Router::new().merge(backend::router()).merge(browser::router()).merge(own::router())
}
