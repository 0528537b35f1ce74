//! The cookie that binds a sign-in to the browser that started it. One cookie for each attempt, so that two
//! tabs do not disturb each other; its name carries the beginning of the attempt's hash, its value the
//! browser's secret.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use vestibule_domain::secret::{Token, TokenHash};

use crate::world::App;

const PREFIX: &str = "vestibule-login-";
const SECONDS: i64 = 600;

/// On https the `__Host-` prefix keeps other hosts of the domain from planting one.
fn name(app: &App, state: &TokenHash) -> String {
    let host = if app.is_https() { "__Host-" } else { "" };
    let handle: String = state.as_str().chars().take(12).collect();
    format!("{host}{PREFIX}{handle}")
}

/// `SameSite=None`, because a provider that answers by form post makes a cross-site request. It needs
/// `Secure`; on plain http, which only a developer's machine has, the browser's default must do.
fn attributes(app: &App) -> &'static str {
    if app.is_https() {
        "; Path=/; HttpOnly; Secure; SameSite=None"
    } else {
        "; Path=/; HttpOnly; SameSite=Lax"
    }
}

/// The header that gives the browser its secret.
#[must_use]
pub fn set(app: &App, state: &TokenHash, secret: &Token) -> Option<HeaderValue> {
    let text = format!("{}={}; Max-Age={SECONDS}{}", name(app, state), secret.expose(), attributes(app));
    HeaderValue::from_str(&text).ok()
}

/// The header that takes it away.
#[must_use]
pub fn clear(app: &App, state: &TokenHash) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{}=; Max-Age=0{}", name(app, state), attributes(app))).ok()
}

/// The secret the browser holds for an attempt.
#[must_use]
pub fn read(app: &App, headers: &HeaderMap, state: &TokenHash) -> Option<Token> {
    let name = name(app, state);
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| Token::presented(value))
}
