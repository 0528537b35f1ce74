//! The provider's values: by its metadata, or by hand.

use axum::response::Response;
use vestibule_domain::connection::Protocol;
use vestibule_domain::refusal::What;

use super::enter::Shown;
use super::subject::Subject;
use super::{theirs_oidc, theirs_saml};
use crate::http::form::Form;

/// The page.
pub(super) fn look(subject: &Subject) -> Response {
    match &subject.connection.protocol {
        Protocol::Saml(settings) => theirs_saml::look(subject, settings),
        Protocol::Oidc(settings) => theirs_oidc::look(subject, settings),
        Protocol::External(_) => super::subject::answer(true, Ok(String::new())),
    }
}

/// What was entered.
pub(super) async fn submit(subject: &Subject, form: &Form) -> Shown {
    match &subject.connection.protocol {
        Protocol::Saml(settings) => theirs_saml::submit(subject, settings, form).await,
        Protocol::Oidc(settings) => theirs_oidc::submit(subject, settings, form).await,
        Protocol::External(_) => Err(What::NoSuchRoute.into()),
    }
}
