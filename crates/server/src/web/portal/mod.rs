//! The set-up portal: an administrator of a customer connects, tests and switches on their company's sign-in, in the words of their
//! own identity provider (ADR 50). Whoever holds a link has no account: the link says for which organization and what for.

mod attributes;
mod connection;
mod domain;
mod domains;
mod enable;
mod enter;
mod entry;
mod landing;
mod overview;
mod problem;
mod providers;
mod steps;
mod subject;
mod test;
mod theirs;
mod theirs_oidc;
mod theirs_saml;
mod values;

use super::Pages;
use crate::http::endpoint::Endpoints;

/// The endpoints of the portal.
pub(super) fn endpoints() -> Endpoints<Pages> {
    landing::endpoints()
        .and(overview::endpoints())
        .and(providers::endpoints())
        .and(connection::endpoints())
        .and(domains::endpoints())
        .and(domain::endpoints())
}

/// Where the pages of a link are.
fn home(handle: &str) -> String {
    format!("/setup/{handle}")
}
