//! What the server would have sent: messages are kept here, to be read on a page and as text. Nothing leaves a developer's
//! machine.

use std::fmt::Write as _;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{RawQuery, Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderValue, StatusCode};
use url::{Url, form_urlencoded};
use vestibule_domain::redirect::is_loopback;

use super::account::{FRAME, POLICY};
use crate::failure::Failure;
use crate::http::html::{Frame, html};
use crate::operations::outbox::{self, Shown};
use crate::world::App;

/// The page.
pub(super) const PAGE: &str = "/outbox";
/// The same as text, for programs: `?to=` names a recipient, the newest message is the last.
pub(super) const TEXT: &str = "/outbox.txt";

/// The routes of the outbox.
pub(super) fn router() -> Router<Arc<App>> {
    let on_page = async |State(app): State<Arc<App>>, RawQuery(query): RawQuery| {
        let to = recipient(query.as_deref());
        page(to.as_deref(), outbox::shown(&app, to.as_deref()).await)
    };
    let as_text = async |State(app): State<Arc<App>>, RawQuery(query): RawQuery| {
        text(outbox::shown(&app, recipient(query.as_deref()).as_deref()).await)
    };
    Router::new().route(PAGE, get(on_page)).route(TEXT, get(as_text)).layer(from_fn(asked_here))
}

/// What is kept here lets somebody in, and whoever can reach the page may read it. A stranger's page in the developer's
/// browser can have its own name lead to this machine (DNS rebinding), but cannot make the browser say another name.
async fn asked_here(request: Request, next: Next) -> Response {
    if names_this_machine(request.headers().get(HOST)) {
        return next.run(request).await;
    }
    let why = "The outbox is read under the name of this machine: localhost or a loopback address.\n";
    (StatusCode::MISDIRECTED_REQUEST, why).into_response()
}

fn names_this_machine(host: Option<&HeaderValue>) -> bool {
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    Url::parse(&format!("http://{host}/")).is_ok_and(|url| is_loopback(&url))
}

fn recipient(query: Option<&str>) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    pairs.find(|(name, _)| name == "to").map(|(_, to)| to.into_owned()).filter(|to| !to.is_empty())
}

#[derive(Template)]
#[template(path = "outbox.html")]
struct Page<'a> {
    frame: Frame<'static>,
    to: &'a str,
    messages: Vec<Entry<'a>>,
}

struct Entry<'a> {
    at: String,
    to: &'a str,
    subject: &'a str,
    /// Each line, and whether it is a link.
    lines: Vec<(&'a str, bool)>,
}

/// The newest first, for people.
fn page(to: Option<&str>, found: Result<Vec<Shown>, Failure>) -> Response {
    let found = match found {
        Ok(found) => found,
        Err(failure) => return failure.into_response(),
    };
    let messages = found
        .iter()
        .rev()
        .map(|shown| Entry {
            at: shown.at.to_string(),
            to: shown.to.expose(),
            subject: &shown.subject,
            lines: shown.text.lines().map(|line| (line, line.starts_with("http"))).collect(),
        })
        .collect();
    let page = Page { frame: FRAME, to: to.unwrap_or_default(), messages };
    html(StatusCode::OK, page.render().unwrap_or_default(), POLICY)
}

/// The newest last, for programs.
fn text(found: Result<Vec<Shown>, Failure>) -> Response {
    let found = match found {
        Ok(found) => found,
        Err(failure) => return failure.into_response(),
    };
    let mut all = String::new();
    for Shown { id, at, to, subject, text } in &found {
        // Writing to a text does not fail.
        let _ = write!(
            all,
            "Message: {id}\nDate: {at}\nTo: {}\nSubject: {subject}\n\n{}\n\n--------\n",
            to.expose(),
            text.trim_end()
        );
    }
    let mut response = all.into_response();
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outbox_is_read_under_the_name_of_this_machine() {
        for (host, is_ours) in [
            ("127.0.0.1:8787", true),
            ("localhost", true),
            ("[::1]:8787", true),
            ("evil.test:8787", false),
            ("127.0.0.1.evil.test", false),
            ("localhost.evil.test", false),
            ("127.0.0.1@evil.test", false),
            ("", false),
        ] {
            assert_eq!(names_this_machine(HeaderValue::from_str(host).ok().as_ref()), is_ours, "{host}");
        }
        assert!(!names_this_machine(None));
    }
}
