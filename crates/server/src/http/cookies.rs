//! The cookies of browsers that sign in: the one that binds a sign-in to the browser that started it, and the one of its session
//! with the pages where people sign in.
//!
//! The first kind: one cookie for each attempt, so that two
//! tabs do not disturb each other; its name carries the beginning of the attempt's hash, its value the
//! browser's secret. The second: one cookie for each project, whose value is the session's token.

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use vestibule_domain::Time;
use vestibule_domain::id::{ProjectId, TraceId};
use vestibule_domain::login_session::LoginSession;
use vestibule_domain::secret::{Token, TokenHash};

use crate::world::App;

const PREFIX: &str = "vestibule-login-";
const SESSION: &str = "vestibule-sso-";
/// Longer than the attempt lives: who comes back too late is told that, and not that the cookie was lost. The store keeps
/// what has ended for an hour, for the same reason.
const LIFETIME: Duration = Duration::minutes(70);
/// How long a browser that loads the page of a refused sign-in again is told why it was refused.
const TOLD: Duration = Duration::minutes(10);
/// Sign-ins of one browser that can be unfinished at once. Each costs about 150 bytes in the header of every request; the
/// cookies of those that began first go.
const MOST_UNFINISHED: usize = 8;
/// Cookies that one answer takes away. A browser that comes with more has them from somewhere else, and no answer grows
/// with what a request makes up.
const MOST_FORGOTTEN: usize = 10;

/// Gives the browser its secret. `brought` are the headers of its request: of more unfinished sign-ins than there may be,
/// the first are forgotten. Browsers send the oldest cookie first (RFC 6265 section 5.4).
pub(crate) fn keep(
    app: &App,
    brought: &HeaderMap,
    headers: &mut HeaderMap,
    state: &TokenHash,
    secret: &Token,
) {
    let prefix = format!("{}{PREFIX}", host_prefix(app));
    let unfinished: Vec<String> = cookies(brought)
        .map(|cookie| cookie.name().to_owned())
        .filter(|name| name.starts_with(&prefix))
        .collect();
    let too_many = (unfinished.len() + 1).saturating_sub(MOST_UNFINISHED).min(MOST_FORGOTTEN);
    for name in unfinished.into_iter().take(too_many) {
        append(headers, &cookie(app, name, "", Duration::ZERO));
    }
    append(headers, &cookie(app, name(app, state), secret.expose(), LIFETIME));
}

/// Puts in its place how the sign-in ended, for a browser that loads the page again.
pub(crate) fn tell(app: &App, headers: &mut HeaderMap, state: &TokenHash, trace: TraceId) {
    append(headers, &cookie(app, name(app, state), &trace.to_string(), TOLD));
}

/// Takes it away.
pub(crate) fn forget(app: &App, headers: &mut HeaderMap, state: &TokenHash) {
    append(headers, &cookie(app, name(app, state), "", Duration::ZERO));
}

/// What a browser has brought with its request.
#[derive(Clone, Copy)]
pub(crate) struct Brought<'a> {
    app: &'a App,
    headers: &'a HeaderMap,
}

impl<'a> Brought<'a> {
    /// What these headers have.
    pub(crate) const fn new(app: &'a App, headers: &'a HeaderMap) -> Self {
        Self { app, headers }
    }

    /// The secret that the browser keeps for an attempt.
    #[must_use]
    pub(crate) fn secret(self, state: &TokenHash) -> Option<Token> {
        self.value(&name(self.app, state))
    }

    /// The token of the browser's session.
    #[must_use]
    pub(crate) fn session(self, project: ProjectId) -> Option<Token> {
        self.value(&session_name(self.app, project)).filter(|token| !token.expose().is_empty())
    }

    fn value(self, name: &str) -> Option<Token> {
        let found = cookies(self.headers).find(|cookie| cookie.name() == name);
        found.map(|cookie| Token::presented(cookie.value()))
    }
}

/// Gives the browser the token of its session, until that ends in any case.
pub(crate) fn keep_session(
    app: &App,
    headers: &mut HeaderMap,
    session: &LoginSession,
    token: &Token,
    now: Time,
) {
    let left = Duration::milliseconds(session.ends_at.millis().saturating_sub(now.millis()));
    append(headers, &cookie(app, session_name(app, session.project_id), token.expose(), left));
}

/// Takes it away.
pub(crate) fn forget_session(app: &App, headers: &mut HeaderMap, project: ProjectId) {
    append(headers, &cookie(app, session_name(app, project), "", Duration::ZERO));
}

pub(super) fn cookies(headers: &HeaderMap) -> impl Iterator<Item = Cookie<'_>> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
}

/// On https the `__Host-` prefix keeps other hosts of the domain from planting one.
pub(super) fn host_prefix(app: &App) -> &'static str {
    if app.is_https() { "__Host-" } else { "" }
}

fn name(app: &App, state: &TokenHash) -> String {
    let handle: String = state.as_str().chars().take(12).collect();
    format!("{}{PREFIX}{handle}", host_prefix(app))
}

/// Each project has its own: on a developer's machine, several servers are one host.
fn session_name(app: &App, project: ProjectId) -> String {
    let id = project.to_string();
    let end = id.rsplit('-').next().unwrap_or_default();
    format!("{}{SESSION}{end}", host_prefix(app))
}

/// `SameSite=None`, because a provider that answers by form post makes a cross-site request, and an application that asks who is
/// signed in does so in a frame on its own site. It needs `Secure`; on plain http, which only a developer's machine has, the
/// browser's default must do.
fn cookie<'a>(app: &App, name: String, value: &'a str, lifetime: Duration) -> Cookie<'a> {
    let (secure, same_site) = if app.is_https() { (true, SameSite::None) } else { (false, SameSite::Lax) };
    Cookie::build((name, value))
        .max_age(lifetime)
        .path("/")
        .http_only(true)
        .secure(secure)
        .same_site(same_site)
        .build()
}

pub(super) fn append(headers: &mut HeaderMap, cookie: &Cookie<'_>) {
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        headers.append(SET_COOKIE, value);
    }
}
