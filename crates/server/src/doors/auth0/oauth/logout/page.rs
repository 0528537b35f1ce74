//! The pages of signing out: whether to, where no application vouches for the request, and that it is done.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use vestibule_domain::application::ClientId;
use vestibule_domain::secret::Secret;

use super::request::Asked;
use crate::caller::site::Site;
use crate::http::html::{Frame, POLICY, html};
use crate::http::languages::Language;

/// The form leads to this server, which may redirect to the application: browsers hold that against the list too.
const ASKING: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self' https: http://127.0.0.1:* http://localhost:*";

#[derive(Template)]
#[template(path = "logout.html")]
struct SigningOut<'a> {
    frame: Frame<'a>,
    /// What the form posts; nothing once it is done.
    fields: Vec<(&'static str, &'a str)>,
}

fn frame(site: &Site) -> Frame<'_> {
    Frame { language: Language::default(), product: &site.project.name, ..Frame::default() }
}

/// Asks whether to sign out.
pub(super) fn confirm(site: &Site, asked: &Asked, confirmation: &Secret) -> Response {
    let federated = asked.federated.then_some("true");
    let fields = [
        ("client_id", asked.client_id.as_ref().map(ClientId::as_str)),
        ("post_logout_redirect_uri", asked.leads_to.as_deref()),
        ("state", asked.state.as_deref()),
        ("federated", federated),
        ("confirmation", Some(confirmation.expose())),
    ];
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let page = SigningOut { frame: frame(site), fields };
    html(StatusCode::OK, page.render().unwrap_or_default(), ASKING)
}

/// Says that it is done.
pub(super) fn signed_out(site: &Site) -> Response {
    let page = SigningOut { frame: frame(site), fields: Vec::new() };
    html(StatusCode::OK, page.render().unwrap_or_default(), POLICY)
}
