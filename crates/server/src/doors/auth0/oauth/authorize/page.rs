//! The page on which somebody says who they are, so that they are led to their company's identity provider. It is a form that
//! asks for the same again with an address, and needs no script and no memory of ours. An address that leads nowhere is answered
//! alike, whoever's it is.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use url::form_urlencoded;
use vestibule_domain::connection::Connection;
use vestibule_domain::email::EmailAddress;
use vestibule_domain::organization::Organization;

use super::request::Read;
use crate::caller::site::Site;
use crate::http::ctx::Ctx;
use crate::http::html::{Frame, html};
use crate::http::languages::Language;

/// The form leads to this server, which redirects to providers: browsers hold that against the list too.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self' https: http://127.0.0.1:* http://localhost:*";

#[derive(Template)]
#[template(path = "identifier.html")]
struct Identifier<'a> {
    frame: Frame<'a>,
    company: &'a str,
    application: &'a str,
    fields: Vec<(String, String)>,
    identifier: &'a str,
    problem: &'static str,
    buttons: Vec<Button>,
}

struct Button {
    name: String,
    label: String,
}

/// Asks.
pub(super) fn ask(
    ctx: &Ctx,
    site: &Site,
    read: &Read,
    organization: Option<&Organization>,
    candidates: &[Connection],
    query: &str,
) -> Response {
    let typed = read.wishes.identifier.as_deref();
    let problem = match typed {
        None => "",
        Some(text) if EmailAddress::parse(text).is_err() => "Please enter an email address",
        Some(_) => "Email does not match any enterprise directory",
    };
    let company = organization.map_or(site.project.name.as_str(), |organization| organization.name.as_str());
    let fields = form_urlencoded::parse(query.as_bytes()).into_owned();
    let page = Identifier {
        frame: Frame { language: Language::default(), product: &site.project.name, ..Frame::default() },
        company,
        application: &read.application.settings.name,
        fields: fields.filter(|(name, _)| !matches!(name.as_str(), "identifier" | "connection")).collect(),
        identifier: typed.or(read.wishes.login_hint.as_deref()).unwrap_or_default(),
        problem,
        buttons: candidates.iter().filter(|one| one.common.shows_button).map(button).collect(),
    };
    let _ = ctx;
    html(StatusCode::OK, page.render().unwrap_or_default(), POLICY)
}

fn button(connection: &Connection) -> Button {
    let name = connection.name.to_string();
    let label =
        if connection.display_name.is_empty() { name.clone() } else { connection.display_name.clone() };
    Button { name, label: format!("Continue with {label}") }
}
