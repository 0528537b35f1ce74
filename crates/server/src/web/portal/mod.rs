//! The set-up portal: an administrator of a customer connects, tests and switches on their company's sign-in, in the words of their
//! own identity provider (ADR 50). Whoever holds a link has no account: the link says for which organization and what for.

mod attributes;
mod certificate;
mod certificates;
mod changes;
mod connection;
mod domain;
mod domains;
mod enable;
mod enter;
mod entry;
mod landing;
mod our_values;
mod outcome;
mod overview;
mod problem;
mod providers;
mod sign_in;
mod sign_ins;
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
        .and(sign_ins::endpoints())
        .and(sign_in::endpoints())
        .and(certificates::endpoints())
        .and(certificate::endpoints())
        .and(changes::endpoints())
}

/// Where the pages of a link are.
fn home(handle: &str) -> String {
    format!("/setup/{handle}")
}
