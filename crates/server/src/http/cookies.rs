//! The cookie that binds a sign-in to the browser that started it. One cookie for each attempt, so that two
//! tabs do not disturb each other; its name carries the beginning of the attempt's hash, its value the
//! browser's secret.

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use vestibule_domain::secret::{Token, TokenHash};

use crate::world::App;

const PREFIX: &str = "vestibule-login-";
const LIFETIME: Duration = Duration::minutes(10);

/// Gives the browser its secret.
pub(crate) fn keep(app: &App, headers: &mut HeaderMap, state: &TokenHash, secret: &Token) {
    append(headers, &cookie(app, state, secret.expose(), LIFETIME));
}

/// Takes it away.
pub(crate) fn forget(app: &App, headers: &mut HeaderMap, state: &TokenHash) {
    append(headers, &cookie(app, state, "", Duration::ZERO));
}

/// The secret that the browser keeps for an attempt.
#[must_use]
pub(crate) fn secret(app: &App, headers: &HeaderMap, state: &TokenHash) -> Option<Token> {
    let name = name(app, state);
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| Token::presented(cookie.value()))
}

/// On https the `__Host-` prefix keeps other hosts of the domain from planting one.
fn name(app: &App, state: &TokenHash) -> String {
    let host = if app.is_https() { "__Host-" } else { "" };
    let handle: String = state.as_str().chars().take(12).collect();
    format!("{host}{PREFIX}{handle}")
}

/// `SameSite=None`, because a provider that answers by form post makes a cross-site request. It needs
/// `Secure`; on plain http, which only a developer's machine has, the browser's default must do.
fn cookie<'a>(app: &App, state: &TokenHash, value: &'a str, lifetime: Duration) -> Cookie<'a> {
    let (secure, same_site) = if app.is_https() { (true, SameSite::None) } else { (false, SameSite::Lax) };
    Cookie::build((name(app, state), value))
        .max_age(lifetime)
        .path("/")
        .http_only(true)
        .secure(secure)
        .same_site(same_site)
        .build()
}

fn append(headers: &mut HeaderMap, cookie: &Cookie<'_>) {
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        headers.append(SET_COOKIE, value);
    }
}
