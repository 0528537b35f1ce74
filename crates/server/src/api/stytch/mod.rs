//! The Stytch-compatible backend API (contract sections 3, 4, 7 and 8).

pub mod members;
pub mod oidc;
pub mod organizations;
pub mod rbac;
pub mod saml;
pub mod search;
pub mod session_jwt;
pub mod sessions;
pub mod sso;
pub mod wire;

use std::sync::Arc;

use axum::Router;

use crate::app::App;

/// Every endpoint of this dialect.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .merge(organizations::router())
        .merge(members::router())
        .merge(rbac::router())
        .merge(sso::router())
        .merge(oidc::router())
        .merge(saml::router())
        .merge(sessions::router())
}
