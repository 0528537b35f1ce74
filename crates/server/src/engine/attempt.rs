//! The attempt a browser comes back with: it is found by its state, belongs to one connection and one
//! browser, ends after ten minutes and is used once. The same for every protocol.

use vestibule_domain::login::{LoginAttempt, NotFinishable};
use vestibule_domain::refusal::What;
use vestibule_domain::secret::Token;
use vestibule_store::tables::logins;

use super::callback::Visit;
use super::cookie;
use crate::failure::Failure;

/// The rows in which one protocol says what is wrong with an attempt (contract 8.3).
#[derive(Debug)]
pub struct AttemptRows {
    /// Nobody waits for this answer.
    pub unsolicited: What,
    /// The browser has no cookie of the attempt.
    pub missing_cookie: What,
    /// The browser has another cookie.
    pub other_browser: What,
    /// It took too long.
    pub expired: What,
}

impl Visit<'_> {
    /// The attempt of a state, if there is one.
    ///
    /// # Errors
    /// The store's.
    pub async fn attempt_of(&self, state: &Token) -> Result<Option<LoginAttempt>, Failure> {
        Ok(self.app.store.login_attempt(&state.hash()).await?.map(|stored| stored.attempt))
    }

    /// The row for a state that nobody waits for.
    pub fn nobody_waits(&mut self, rows: &AttemptRows) -> Failure {
        self.steps.failed("state", "a state nobody waits for", "the state of a sign-in under way");
        rows.unsolicited.into()
    }

    /// The secret that this browser holds for an attempt.
    ///
    /// # Errors
    /// The row for a browser that has none.
    pub fn browser_of(&mut self, attempt: &LoginAttempt, rows: &AttemptRows) -> Result<Token, Failure> {
        cookie::read(self.app, self.headers, &attempt.state_hash).ok_or_else(|| {
            self.steps.failed("browser", "no cookie of this sign-in", "the browser that started it");
            rows.missing_cookie.into()
        })
    }

    /// Checks that an attempt may be finished at this connection by this browser, and uses it up: whatever
    /// happens next, no second callback gets this far. `browser` is `None` where a trusted gateway speaks
    /// for the browser.
    ///
    /// # Errors
    /// The rows; the steps then end with the failed check.
    pub async fn use_up(
        &mut self,
        attempt: &LoginAttempt,
        browser: Option<&Token>,
        rows: &AttemptRows,
    ) -> Result<(), Failure> {
        let now = self.ctx.now;
        attempt.check(self.connection.id, browser, now).map_err(|why| {
            let (kind, found) = match why {
                NotFinishable::OtherConnection => (rows.unsolicited, "the state of another connection"),
                NotFinishable::OtherBrowser => (rows.other_browser, "another browser's cookie"),
                NotFinishable::Expired => (rows.expired, "a sign-in that took over 10 minutes"),
            };
            self.steps.failed("state", found, "this connection's sign-in in this browser");
            kind
        })?;
        match self.app.store.commit([logins::finish(attempt, now)]).await {
            Ok(()) => {}
            Err(error) if error.is_guard(logins::UNFINISHED) => {
                self.steps.failed("state", "a state that was used before", "a state that is used once");
                return Err(rows.unsolicited.into());
            }
            Err(error) => return Err(error.into()),
        }
        self.steps.passed("state", "");
        self.attempt = Some(attempt.clone());
        Ok(())
    }
}
