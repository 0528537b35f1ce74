//! The attempt a browser comes back with: it is found by its state, belongs to one connection and one
//! browser, ends after ten minutes and is used once. The same for every protocol.

use vestibule_domain::login::{LoginAttempt, NotFinishable};
use vestibule_domain::refusal::What;
use vestibule_domain::secret::Token;
use vestibule_store::Batch;
use vestibule_store::tables::logins;

use super::callback::SignIn;
use crate::failure::Failure;
use crate::operations::connections::moved;

/// How one protocol says what is wrong with an attempt (contract 8.3).
#[derive(Debug)]
pub(super) struct AttemptRefusals {
    /// Nobody waits for this answer.
    pub(super) unsolicited: What,
    /// The browser has no cookie of the attempt.
    pub(super) missing_cookie: What,
    /// The browser has another cookie.
    pub(super) other_browser: What,
    /// It took too long.
    pub(super) expired: What,
}

impl SignIn<'_> {
    /// The attempt of a state, if there is one.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn attempt_of(&self, state: &Token) -> Result<Option<LoginAttempt>, Failure> {
        Ok(self.app.store.login_attempt(&state.hash()).await?.map(|stored| stored.attempt))
    }

    /// The refusal of a state that nobody waits for.
    pub(super) fn nobody_waits(&mut self, refusals: &AttemptRefusals) -> Failure {
        self.steps.failed("state", "a state nobody waits for", "the state of a sign-in under way");
        refusals.unsolicited.into()
    }

    /// The secret that this browser holds for an attempt.
    ///
    /// # Errors
    /// The browser has none.
    pub(super) fn browser_of(
        &mut self,
        attempt: &LoginAttempt,
        refusals: &AttemptRefusals,
    ) -> Result<Token, Failure> {
        (self.browser)(&attempt.state_hash).ok_or_else(|| {
            self.steps.failed("browser", "no cookie of this sign-in", "the browser that started it");
            refusals.missing_cookie.into()
        })
    }

    /// Checks that an attempt may be finished at this connection by this browser, and makes it this sign-in's: it is
    /// used up by [`SignIn::use_up`] or, where nothing is fetched first, in the batch that saves the outcome. A connection
    /// that leads to another provider since gets nothing of what the first one sent. `browser` is `None` where a trusted
    /// gateway speaks for the browser.
    ///
    /// # Errors
    /// As `refusals` say it, or [`moved`]; the steps then end with the failed check.
    pub(super) fn take(
        &mut self,
        attempt: &LoginAttempt,
        browser: Option<&Token>,
        refusals: &AttemptRefusals,
    ) -> Result<(), Failure> {
        let now = self.ctx.now;
        attempt.check(self.connection.id, browser, now).map_err(|why| {
            let (kind, found) = match why {
                NotFinishable::OtherConnection => (refusals.unsolicited, "the state of another connection"),
                NotFinishable::OtherBrowser => (refusals.other_browser, "another browser's cookie"),
                NotFinishable::Expired => (refusals.expired, "a sign-in that took over 10 minutes"),
            };
            self.steps.failed("state", found, "this connection's sign-in in this browser");
            kind
        })?;
        self.steps.passed("state", "");
        self.attempt = Some(attempt.clone());
        self.spends = Some(logins::finish(attempt, now));
        if !attempt.was_sent_to(self.connection.provider()) {
            self.steps.failed(
                "provider",
                "another identity provider",
                "the one that the sign-in was sent to",
            );
            return Err(moved().into());
        }
        Ok(())
    }

    /// Uses the attempt up now: whatever happens next, no second callback gets this far.
    ///
    /// # Errors
    /// Somebody else was faster, or the store's.
    pub(super) async fn use_up(&mut self, refusals: &AttemptRefusals) -> Result<(), Failure> {
        match self.app.store.commit(Batch::new().with(self.spends.take())).await {
            Ok(()) => Ok(()),
            Err(error) if error.is_guard(logins::UNFINISHED) => Err(self.used_before(refusals)),
            Err(error) => Err(error.into()),
        }
    }

    /// The refusal of an attempt that somebody else has used up.
    pub(super) fn used_before(&mut self, refusals: &AttemptRefusals) -> Failure {
        (self.attempt, self.spends) = (None, None);
        self.steps.failed("state", "a state that was used before", "a state that is used once");
        refusals.unsolicited.into()
    }
}
