//! The backend API (contract section 3).

pub mod members;
pub mod oidc;
pub mod organizations;
pub mod rbac;
pub mod saml;
pub mod search;
pub mod sessions;
pub mod sso;

use std::sync::Arc;

use axum::Router;

use crate::world::App;

/// Every endpoint of the backend API.
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
