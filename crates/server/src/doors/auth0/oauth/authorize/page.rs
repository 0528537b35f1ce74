//! The pages on which somebody says who they are and as a member of which organization. On the first they say who they are, so that they are led to their company's identity provider. Each is a form that
//! asks for the same again with an answer, and needs no script and no memory of ours. An address that leads nowhere is answered
//! alike, whoever's it is.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use url::form_urlencoded;
use vestibule_domain::connection::Connection;
use vestibule_domain::email::EmailAddress;
use vestibule_domain::organization::Organization;

use super::Arrival;
use super::request::{Read, TYPED_ORGANIZATION};
use crate::doors::auth0::wire::ids;
use crate::http::html::{Frame, html};
use crate::http::languages::Language;

/// The form leads to this server, which redirects to providers: browsers hold that against the list too.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self' https: http://127.0.0.1:* http://localhost:*";

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
    /// The address of its logo, if it has one.
    logo: Option<String>,
}

#[derive(Template)]
#[template(path = "organization.html")]
struct WhichOrganization<'a> {
    frame: Frame<'a>,
    application: &'a str,
    fields: Vec<(String, String)>,
    typed: &'a str,
    /// Names and what they are called by; none where one is to be typed.
    choices: Vec<(String, &'a str)>,
    field: &'static str,
}

/// Asks who somebody is.
pub(super) fn ask(
    at: &Arrival<'_>,
    read: &Read,
    organization: Option<&Organization>,
    candidates: &[Connection],
) -> Response {
    let typed = read.wishes.identifier.as_deref();
    let problem = match typed {
        None => "",
        Some(text) if EmailAddress::parse(text).is_err() => "Please enter an email address",
        Some(_) => "Email does not match any enterprise directory",
    };
    let company =
        organization.map_or(at.site.project.name.as_str(), |organization| organization.name.as_str());
    let page = Identifier {
        frame: frame(at),
        company,
        application: &read.application.settings.name,
        fields: repeated(at, &["identifier", "connection"]),
        identifier: typed.or(read.wishes.login_hint.as_deref()).unwrap_or_default(),
        problem,
        buttons: candidates.iter().filter(|one| one.common.shows_button).map(button).collect(),
    };
    html(StatusCode::OK, page.render().unwrap_or_default(), POLICY)
}

/// Asks for the name of an organization; `typed` is one that there is not.
pub(super) fn ask_organization(at: &Arrival<'_>, read: &Read, typed: &str) -> Response {
    let page = WhichOrganization {
        frame: frame(at),
        application: &read.application.settings.name,
        fields: repeated(at, &[TYPED_ORGANIZATION]),
        typed,
        choices: Vec::new(),
        field: TYPED_ORGANIZATION,
    };
    html(StatusCode::OK, page.render().unwrap_or_default(), POLICY)
}

/// Lets somebody choose among the organizations that they are a member of.
pub(super) fn choose_organization(at: &Arrival<'_>, read: &Read, among: &[Organization]) -> Response {
    let choice = |organization: &'_ Organization| ids::organization(organization.id);
    let page = WhichOrganization {
        frame: frame(at),
        application: &read.application.settings.name,
        fields: repeated(at, &["organization"]),
        typed: "",
        choices: among.iter().map(|one| (choice(one), one.name.as_str())).collect(),
        field: "organization",
    };
    html(StatusCode::OK, page.render().unwrap_or_default(), POLICY)
}

fn frame<'a>(at: &Arrival<'a>) -> Frame<'a> {
    Frame { language: Language::default(), product: &at.site.project.name, ..Frame::default() }
}

/// What was asked for, to be asked for again: all but what the form itself says.
fn repeated(at: &Arrival<'_>, without: &[&str]) -> Vec<(String, String)> {
    let fields = form_urlencoded::parse(at.query.as_bytes()).into_owned();
    fields.filter(|(name, _)| !without.contains(&name.as_str())).collect()
}

fn button(connection: &Connection) -> Button {
    let name = connection.name.to_string();
    let label =
        if connection.display_name.is_empty() { name.clone() } else { connection.display_name.clone() };
    let logo = (!connection.common.icon_url.is_empty()).then(|| format!("/login/logos/{name}"));
    Button { name, label: format!("Continue with {label}"), logo }
}
