//! The attempt a browser comes back with: it is found in its cookie, or by its state where we keep it ourselves, belongs to
//! one connection and one browser, ends after ten minutes and is used once. The same for every protocol.

use std::net::Ipv6Addr;

use vestibule_domain::connection::Route;
use vestibule_domain::email::is_domain;
use vestibule_domain::id::{ConnectionId, ConnectionKind};
use vestibule_domain::login::state::Body;
use vestibule_domain::login::{
    ATTEMPT_LIFETIME, AttemptSecrets, LoginAttempt, NotFinishable, Purpose, login_id,
};
use vestibule_domain::refusal::{Refusal, What};
use vestibule_domain::secret::Token;
use vestibule_domain::trace::{Refused, TraceOutcome};
use vestibule_store::tables::logins::{self, StoredAttempt};
use vestibule_store::{Batch, Write};

use super::callback::SignIn;
use super::kept;
use super::outcome::Before;
use crate::failure::Failure;
use crate::operations::connections::moved;

const TOO_LONG: &str = "a sign-in that took over 10 minutes";
const IN_TIME: &str = "an answer within 10 minutes of the start";
const NO_COOKIE: &str = "no cookie of this sign-in";
const ITS_BROWSER: &str = "the browser that started it";
const NOT_BORROWED: &str = "a borrowed connection that was removed";
const OTHER_CONNECTION: &str = "the state of another connection";
/// What is said of an answer that came to another address than the one that the provider was told.
pub(super) const OTHER_ADDRESS: &str = "an answer at another address than the provider was told";
const OTHER_COOKIE: &str = "another browser's cookie";
const THIS_SIGN_IN: &str = "this connection's sign-in in this browser";
const BEGIN_AGAIN: &str = "Begin again, and finish in the same browser, with cookies allowed.";

/// How one protocol says what is wrong with an attempt.
#[derive(Debug)]
pub(super) struct AttemptRefusals {
    /// Nobody waits for this answer.
    pub(super) unsolicited: What,
    /// The browser has no cookie of the attempt.
    pub(super) missing_cookie: What,
    /// It has none here, because the sign-in began under another name of this server.
    pub(super) began_elsewhere: What,
    /// The browser has another cookie.
    pub(super) other_browser: What,
    /// It took too long.
    pub(super) expired: What,
}

/// An attempt that waits for its answer.
#[derive(Debug)]
pub(super) struct Waiting {
    /// The attempt.
    pub(super) attempt: LoginAttempt,
    /// Whether its browser was sent to the provider that the connection leads to now.
    sent_here: bool,
    /// Uses it up, where it is kept.
    spends: Write,
}

/// Says that a browser has no cookie, and why it may have none: it keeps one for the host where it got it. That host is what
/// a client has said, and is named only if it can be one.
fn no_cookie(base: &str, began_as: &str, refusals: &AttemptRefusals) -> Refusal {
    let host = base.split_once("://").map_or(base, |(_, host)| host);
    if !is_host(began_as) || began_as.eq_ignore_ascii_case(host) {
        return Refusal::new(refusals.missing_cookie).because(BEGIN_AGAIN);
    }
    Refusal::new(refusals.began_elsewhere).because(format!(
        "This sign-in began at {began_as}, and answers come back to {host}, where the browser has no cookie of it: let \
         the application begin sign-ins at {base}."
    ))
}

/// Whether a text is a name or an address with or without a port (RFC 9110 section 7.2).
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let literal = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_host = match literal {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => is_domain(host.strip_suffix('.').unwrap_or(host)),
    };
    is_host && host.len() <= 253 && port.is_none_or(is_port)
}

impl SignIn<'_> {
    /// The attempt of a state, if there is one. One that its browser should have brought, and did not, is refused here.
    ///
    /// # Errors
    /// The attempt was used up, or its browser is missing or another, as `refusals` say it; the store's.
    pub(super) async fn attempt_of(
        &mut self,
        state: &Token,
        refusals: &AttemptRefusals,
    ) -> Result<Option<Waiting>, Failure> {
        let (hash, now) = (state.hash(), self.ctx.now);
        self.app.starts.answered(&hash);
        let stored = self.app.store.login_attempt(&hash).await?;
        if let Some(StoredAttempt::Open(attempt)) = stored {
            if attempt.connection_id.kind() == ConnectionKind::External {
                self.note_borrower(attempt.connection_id, refusals).await?;
            }
            let (spends, sent_here) =
                (logins::finish(&attempt, now), attempt.was_sent_to(self.connection.provider()));
            return Ok(Some(Waiting { attempt: *attempt, sent_here, spends }));
        }
        let ours = kept::ours(self.app, state, now).await?;
        let brought = self.browser.secret(&hash);
        if stored.is_some() && (ours.is_none() || brought.is_some()) {
            if let Some(told) = &brought {
                self.before = self.ended_before(state, told).await?;
            }
            return Err(self.used_before(refusals));
        }
        if let (Some(ours), Some(browser)) = (&ours, &brought)
            && let Some(ticket) = kept::read_ticket(self.app, state, browser)
        {
            if !ticket.is_for(self.connection.id) {
                self.steps.failed("state", OTHER_CONNECTION, THIS_SIGN_IN);
                return Err(refusals.unsolicited.into());
            }
            if let Some(through) = ticket.through {
                self.note_borrower(through, refusals).await?;
            }
            // What the provider calls itself may have been learned meanwhile.
            let learned = self.connection.saml().is_some_and(|settings| settings.learns_provider);
            let sent_here =
                ticket.was_sent_to(self.connection.provider()) || learned && ticket.was_sent_to("");
            let secrets = AttemptSecrets { state: state.clone(), browser: browser.clone() };
            let begun = LoginAttempt::begin(self.through(), &secrets, ticket.purpose, ours.made_at());
            let attempt = LoginAttempt { sent: ticket.sent, ..begun };
            let spends = logins::claim(&attempt);
            return Ok(Some(Waiting { attempt, sent_here, spends }));
        }
        match ours {
            Some(ours) => Err(self.without_its_browser(&ours, brought.is_some(), refusals)),
            None => Ok(None),
        }
    }

    /// Notes that somebody signs in through a connection that borrows the one of this callback.
    ///
    /// # Errors
    /// It was removed meanwhile, or it does not borrow this one.
    async fn note_borrower(
        &mut self,
        through: ConnectionId,
        refusals: &AttemptRefusals,
    ) -> Result<(), Failure> {
        let lent = self.connection;
        let found = self.app.store.connection(&self.app.vault, lent.project_id, through).await?;
        let Some(found) = found else {
            self.steps.failed("connection", NOT_BORROWED, "the connection that the sign-in began with");
            return Err(Refusal::new(What::UnknownCallback)
                .because("The connection that this sign-in began with was removed meanwhile.")
                .into());
        };
        if Route::borrowed(&found, lent).is_none() {
            self.steps.failed("state", OTHER_CONNECTION, THIS_SIGN_IN);
            return Err(refusals.unsolicited.into());
        }
        let whose = format!("{} of {}, which is borrowed", lent.id, lent.organization_id);
        self.steps.passed("connection", whose);
        self.borrower = Some(found);
        Ok(())
    }

    /// How the sign-in of a state ended, as its browser was told when it was refused ([`crate::http::cookies::tell`]). What is
    /// told again is what that browser has seen: the refusal, and no more of the trace.
    async fn ended_before(&self, state: &Token, told: &Token) -> Result<Option<Before>, Failure> {
        let Ok(id) = told.expose().parse() else { return Ok(None) };
        let found = self.app.store.trace(self.connection.project_id, id).await?;
        let login = login_id(self.connection.id.environment(), state);
        // The state alone says which sign-in it was; a borrowed connection's came back here too.
        let is_here = |id: ConnectionId| id == self.connection.id || id.kind() == ConnectionKind::External;
        let ended = found.filter(|found| is_here(found.connection_id) && found.login_id == Some(login));
        Ok(match ended.map(|ended| ended.outcome) {
            Some(TraceOutcome::Refused(Refused::Meant { refusal })) => Some(Before { refusal, trace: id }),
            _ => None,
        })
    }

    /// The refusal of a state of ours that came without the browser it belongs to.
    fn without_its_browser(&mut self, ours: &Body, has_another: bool, refusals: &AttemptRefusals) -> Failure {
        // Browsers drop cookies when they end, and some earlier.
        if self.ctx.now >= ours.made_at().plus(ATTEMPT_LIFETIME) {
            self.steps.failed("state", TOO_LONG, IN_TIME);
            return refusals.expired.into();
        }
        if has_another {
            self.steps.failed("state", OTHER_COOKIE, THIS_SIGN_IN);
            return refusals.other_browser.into();
        }
        self.steps.failed("browser", NO_COOKIE, ITS_BROWSER);
        no_cookie(&self.app.base_url, ours.other_name(), refusals).into()
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
        self.browser.secret(&attempt.state_hash).ok_or_else(|| {
            // Browsers drop cookies when they end, and some earlier.
            if self.ctx.now >= attempt.expires_at {
                self.steps.failed("state", TOO_LONG, IN_TIME);
                return refusals.expired.into();
            }
            self.steps.failed("browser", NO_COOKIE, ITS_BROWSER);
            no_cookie(&self.app.base_url, &attempt.began_as, refusals).into()
        })
    }

    /// The secret of a browser whose answer a gateway may have brought, which has not its cookie. Without one the answer must
    /// come from the address that the sign-in began at: a gateway that passes that on is a trusted proxy.
    ///
    /// # Errors
    /// Neither the cookie nor the address.
    pub(super) fn browser_or_gateway_of(
        &mut self,
        attempt: &LoginAttempt,
        refusals: &AttemptRefusals,
    ) -> Result<Option<Token>, Failure> {
        if self.browser.secret(&attempt.state_hash).is_none() && attempt.began_at(self.ctx.ip) {
            return Ok(None);
        }
        self.browser_of(attempt, refusals).map(Some)
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
        waiting: Waiting,
        browser: Option<&Token>,
        refusals: &AttemptRefusals,
    ) -> Result<Purpose, Failure> {
        let Waiting { attempt, sent_here, spends } = waiting;
        attempt.check(self.through().id, self.callback, browser, self.ctx.now).map_err(|why| {
            let (kind, found) = match why {
                NotFinishable::OtherConnection => (refusals.unsolicited, OTHER_CONNECTION),
                NotFinishable::OtherBrowser => (refusals.other_browser, OTHER_COOKIE),
                NotFinishable::OtherAddress => (refusals.unsolicited, OTHER_ADDRESS),
                NotFinishable::Expired => (refusals.expired, TOO_LONG),
            };
            let expected = if found == TOO_LONG { IN_TIME } else { THIS_SIGN_IN };
            self.steps.failed("state", found, expected);
            kind
        })?;
        self.steps.passed("state", "");
        let purpose = attempt.purpose.clone();
        (self.attempt, self.spends) = (Some(attempt), Some(spends));
        if !matches!(purpose, Purpose::PreparedTest { .. }) {
            self.connection.check_switched_on()?;
        }
        if !sent_here {
            self.steps.failed(
                "provider",
                "another identity provider",
                "the one that the sign-in was sent to",
            );
            return Err(moved().into());
        }
        Ok(purpose)
    }

    /// Uses the attempt up now, because something is fetched before there is an outcome: of any number who bring the same
    /// answer to any nodes, one gets this far, and what a second one would be told by the provider is not the outcome.
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

#[cfg(test)]
mod tests {
    use vestibule_domain::refusal::Via;

    use super::*;

    const REFUSALS: &AttemptRefusals = &crate::engine::oidc::REFUSALS;

    #[test]
    fn only_what_can_be_a_host_is_named() {
        let (label, base) = ("a".repeat(63), "https://sso.test");
        let longest = format!("{label}.{label}.{label}.{}", "a".repeat(61));
        for host in
            ["localhost:4000", "a.test", "a.test.", "192.0.2.1:80", "[2001:db8::1]:443", "[::1]", &longest]
        {
            let refusal = no_cookie(base, host, REFUSALS);
            assert_eq!(refusal.what, What::BeganElsewhere(Via::Oidc), "{host}");
            assert!(refusal.note.contains(&format!("began at {host},")), "{host}");
        }
        for other in [
            "",
            "<b>evil",
            "a b",
            "evil.test, call 555",
            "a.test:99999",
            "a.test:+80",
            "a.test:",
            "user@a.test",
            "a..test",
            "[::1",
            "::1",
            "[a.test]",
            "a.test/x",
            &format!("{longest}a"),
            &"a.".repeat(127),
            "sso.test",
        ] {
            let refusal = no_cookie(base, other, REFUSALS);
            assert_eq!(refusal.what, What::NoBrowser(Via::Oidc), "{other}");
            assert!(refusal.note.starts_with("Begin again"), "{other}");
        }
    }
}
