//! The pages, and how a browser is sent from one to the other.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};

use crate::api::{Connection, Organization, Refused};

#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignIn<'a> {
    pub notice: &'a str,
}

#[derive(Template)]
#[template(path = "account.html")]
pub struct Account<'a> {
    pub email: &'a str,
    pub organization: &'a Organization,
    pub roles: &'a str,
}

#[derive(Template)]
#[template(path = "connections.html")]
pub struct Connections<'a> {
    pub notice: &'a str,
    pub connections: &'a [Connection],
}

#[derive(Template)]
#[template(path = "refused.html")]
pub struct Refusal<'a> {
    pub sentence: &'a str,
}

pub fn page(status: StatusCode, template: &impl Template) -> Result<Response, Refused> {
    Ok((status, Html(template.render()?)).into_response())
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let text = Refusal { sentence: &self.sentence }.render().unwrap_or_default();
        (self.status, Html(text)).into_response()
    }
}

/// What `?notice=` may name. A link chooses a sentence of ours; it must not bring one of its own.
pub fn sentence(notice: &str) -> &'static str {
    match notice {
        "begin" => "Please begin here.",
        "sign-in" => "Please sign in.",
        "again" => "Please sign in again.",
        "second-factor" => "Your company asks for a second factor, which this example does not show.",
        "signed-out" => "You are signed out.",
        "unknown" => "We know no company sign-in for this address, or more than one.",
        "created" => "Created.",
        "saved" => "Saved.",
        _ => "",
    }
}

/// Sends the browser to a page of ours with a notice for it.
pub fn away(path: &str, notice: &str) -> Redirect {
    Redirect::to(&format!("{path}?notice={notice}"))
}
