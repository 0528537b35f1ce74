//! Sessions in cookies that no script reads. The names are those that clients write themselves where this is off, so that a
//! product's own server finds a session in both.
//!
//! Here a cookie is a credential that browsers send by themselves, so it counts only in a request that a page of the project
//! has made: the gate has held its origin against the list, and what is no read has to be JSON, which no form of another site
//! can send without asking first.

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method};
use vestibule_domain::project::FrontendSettings;
use vestibule_domain::secret::Token;

use crate::doors::stytch::wire::tokens::Tokens;
use crate::http::ctx::Ctx;
use crate::world::App;

const SESSION: &str = "stytch_session";
const SESSION_JWT: &str = "stytch_session_jwt";
const INTERMEDIATE: &str = "stytch_intermediate_session_token";
const INTERMEDIATE_LIFETIME: Duration = Duration::minutes(10);

/// What a browser keeps.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// A session.
    pub session: Option<Token>,
    /// A sign-in that waits.
    pub intermediate: Option<Token>,
}

/// What a browser brings, if the request is one that only a page of the project can have made.
pub(super) fn brought(method: &Method, headers: &HeaderMap) -> Kept {
    if !matches!(*method, Method::GET | Method::HEAD) && !is_json(headers) {
        return Kept::default();
    }
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut kept = Kept::default();
    for cookie in pairs.flat_map(Cookie::split_parse).filter_map(Result::ok) {
        let place = match cookie.name() {
            SESSION => &mut kept.session,
            INTERMEDIATE => &mut kept.intermediate,
            _ => continue,
        };
        if !cookie.value().is_empty() {
            // The one for the nearest path and domain comes first (RFC 6265 section 5.4).
            place.get_or_insert_with(|| Token::presented(cookie.value()));
        }
    }
    kept
}

fn is_json(headers: &HeaderMap) -> bool {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    media.eq_ignore_ascii_case("application/json")
}

/// Lets the browser keep what an answer had: a session, or a sign-in that waits in its place.
pub(super) fn keep(app: &App, ctx: &Ctx, settings: &FrontendSettings, tokens: &Tokens) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let session = tokens.session_ends.map(|ends| Duration::seconds(ends.seconds() - ctx.now.seconds()));
    let waits = (!tokens.intermediate.is_empty()).then_some(INTERMEDIATE_LIFETIME);
    let over = Duration::ZERO;
    for (name, value, life) in [
        (SESSION, &tokens.session, session.unwrap_or(over)),
        (SESSION_JWT, &tokens.session_jwt, session.unwrap_or(over)),
        (INTERMEDIATE, &tokens.intermediate, waits.unwrap_or(over)),
    ] {
        let mut cookie = Cookie::build((name, value.as_str()))
            .max_age(life)
            .path("/")
            .http_only(true)
            .secure(app.is_https())
            .same_site(SameSite::Lax)
            .build();
        if !settings.cookie_domain.is_empty() {
            cookie.set_domain(settings.cookie_domain.as_str());
        }
        if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
            headers.append(SET_COOKIE, value);
        }
    }
    headers
}
