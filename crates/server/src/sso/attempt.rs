//! The attempt a browser comes back with: it is found by its state, belongs to one connection and one
//! browser, ends after ten minutes and is used once. The same for every protocol.

use http::HeaderMap;
use vestibule_domain::fault::FaultKind;
use vestibule_domain::id::ConnectionId;
use vestibule_domain::login::{AttemptSecrets, LoginAttempt, NotFinishable};
use vestibule_domain::secret::Token;
use vestibule_store::tables::logins;

use super::cookie;
use super::trace::Steps;
use crate::app::App;
use crate::ctx::Ctx;
use crate::reply::Failure;

/// The rows in which one protocol says what is wrong with an attempt (contract 8.3).
#[derive(Debug)]
pub struct AttemptRows {
    /// Nobody waits for this answer.
    pub unsolicited: FaultKind,
    /// The browser has no cookie of the attempt.
    pub missing_cookie: FaultKind,
    /// The browser has another cookie.
    pub other_browser: FaultKind,
    /// It took too long.
    pub expired: FaultKind,
}

/// Finds the attempt of a state, checks that this browser may finish it at this connection, and uses it up:
/// whatever happens next, no second callback gets this far.
///
/// # Errors
/// The rows; `steps` then ends with the failed check.
pub async fn take(
    app: &App,
    ctx: &Ctx,
    headers: &HeaderMap,
    connection: ConnectionId,
    state: &str,
    rows: &AttemptRows,
    steps: &mut Steps,
) -> Result<(LoginAttempt, AttemptSecrets), Failure> {
    let state = Token::presented(state);
    let hash = state.hash();
    let Some(stored) = app.store.login_attempt(&hash).await? else {
        steps.failed("state", "a state nobody waits for", "the state of a sign-in under way");
        return Err(rows.unsolicited.into());
    };
    let attempt = stored.attempt;
    let Some(browser) = cookie::read(app, headers, &hash) else {
        steps.failed("browser", "no cookie of this sign-in", "the browser that started it");
        return Err(rows.missing_cookie.into());
    };
    attempt.check(connection, &browser, ctx.now).map_err(|why| {
        let (kind, found) = match why {
            NotFinishable::OtherConnection => (rows.unsolicited, "the state of another connection"),
            NotFinishable::OtherBrowser => (rows.other_browser, "another browser's cookie"),
            NotFinishable::Expired => (rows.expired, "a sign-in that took over 10 minutes"),
        };
        steps.failed("state", found, "this connection's sign-in in this browser");
        kind
    })?;
    match app.store.commit([logins::finish(&attempt, ctx.now)]).await {
        Ok(()) => {}
        Err(error) if error.is_guard(logins::UNFINISHED) => {
            steps.failed("state", "a state that was used before", "a state that is used once");
            return Err(rows.unsolicited.into());
        }
        Err(error) => return Err(error.into()),
    }
    steps.passed("state", "");
    Ok((attempt, AttemptSecrets { state, browser }))
}
