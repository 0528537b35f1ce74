//! The backend API (contract section 3).

pub mod members;
pub mod oidc;
pub mod organizations;
pub mod rbac;
pub mod saml;
pub mod search;
pub mod sessions;
pub mod sso;

use crate::doors::stytch::Stytch;
use crate::http::endpoint::Endpoints;

/// Every endpoint of the backend API.
pub fn endpoints() -> Endpoints<Stytch> {
    organizations::endpoints()
        .and(members::endpoints())
        .and(rbac::endpoints())
        .and(sso::endpoints())
        .and(oidc::endpoints())
        .and(saml::endpoints())
        .and(sessions::endpoints())
}
