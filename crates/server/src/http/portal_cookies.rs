//! The cookie of whoever goes on with a link into the set-up portal: one for each link, so that two do not disturb each other.

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::HeaderMap;
use vestibule_domain::secret::Token;

use super::cookies::{append, cookies, host_prefix};
use crate::world::App;

const PREFIX: &str = "vestibule-setup-";

/// Gives the browser the secret of its session with the link of this handle. It goes with the browser's session, or when its
/// time is over. `Lax`: whoever comes back from the provider, or from a mail, goes on where they were.
pub(crate) fn keep(app: &App, headers: &mut HeaderMap, handle: &str, secret: &Token, minutes: i64) {
    let cookie = Cookie::build((name(app, handle), secret.expose()))
        .max_age(Duration::minutes(minutes))
        .path("/")
        .http_only(true)
        .secure(app.is_https())
        .same_site(SameSite::Lax)
        .build();
    append(headers, &cookie);
}

/// The secret that the browser keeps for the link of this handle.
pub(crate) fn secret(app: &App, headers: &HeaderMap, handle: &str) -> Option<Token> {
    let name = name(app, handle);
    cookies(headers).find(|cookie| cookie.name() == name).map(|cookie| Token::presented(cookie.value()))
}

fn name(app: &App, handle: &str) -> String {
    format!("{}{PREFIX}{handle}", host_prefix(app))
}
