//! The backend API.

pub(crate) mod connected_apps;
pub(crate) mod debug;
pub(crate) mod discovery;
pub(crate) mod email_otps;
pub(crate) mod external;
pub(crate) mod magic_links;
pub(crate) mod member_parts;
pub(crate) mod members;
pub(crate) mod migrate;
pub(crate) mod not_offered;
pub(crate) mod oidc;
pub(crate) mod organizations;
pub(crate) mod rbac;
pub(crate) mod recovery_codes;
pub(crate) mod saml;
pub(crate) mod scim;
pub(crate) mod search;
pub(crate) mod sessions;
pub(crate) mod sms_codes;
pub(crate) mod sso;
pub(crate) mod totp;

use crate::doors::stytch::Stytch;
use crate::http::endpoint::Endpoints;

/// Every endpoint of the backend API.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    organizations::endpoints()
        .and(members::endpoints())
        .and(member_parts::endpoints())
        .and(connected_apps::endpoints())
        .and(rbac::endpoints())
        .and(sso::endpoints())
        .and(oidc::endpoints())
        .and(saml::endpoints())
        .and(external::endpoints())
        .and(scim::endpoints())
        .and(magic_links::endpoints())
        .and(email_otps::endpoints())
        .and(sessions::endpoints())
        .and(discovery::endpoints())
        .and(migrate::endpoints())
        .and(not_offered::endpoints())
        .and(debug::endpoints())
        .and(totp::endpoints())
        .and(recovery_codes::endpoints())
        .and(sms_codes::endpoints())
}
