//! The language that somebody chooses on a page. `?language=de` shows any page in it, and the browser keeps the choice for the pages that
//! follow, until it is closed.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use cookie::{Cookie, SameSite};
use http::{HeaderMap, Uri};
use url::form_urlencoded;

use super::cookies::{append, cookies, host_prefix};
use super::languages::Language;
use crate::world::App;

const PARAMETER: &str = "language";
const COOKIE: &str = "vestibule-language";

/// What was chosen: now, or before in this browser.
pub(super) fn of_request(app: &App, uri: &Uri, headers: &HeaderMap) -> Option<Language> {
    asked(uri).or_else(|| {
        let name = name(app);
        let kept = cookies(headers).find(|cookie| cookie.name() == name)?;
        Language::of(kept.value())
    })
}

/// The layer of pages with a choice: the browser keeps what was chosen just now.
pub(crate) async fn keep(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let chosen = asked(request.uri());
    let mut response = next.run(request).await;
    if let Some(language) = chosen {
        let cookie = Cookie::build((name(&app), language.tag()))
            .path("/")
            .http_only(true)
            .secure(app.is_https())
            .same_site(SameSite::Lax)
            .build();
        append(response.headers_mut(), &cookie);
    }
    response
}

fn asked(uri: &Uri) -> Option<Language> {
    let mut query = form_urlencoded::parse(uri.query()?.as_bytes());
    Language::of(&query.find(|(name, _)| name == PARAMETER)?.1)
}

fn name(app: &App) -> String {
    format!("{}{COOKIE}", host_prefix(app))
}
