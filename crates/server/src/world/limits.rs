//! Rate limits: how much one client ([`Client`]) may ask for. Kept in this process: a node protects itself, and
//! what must hold across nodes (single use) is in the store.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::client::Client;
use crate::failure::Failure;
use crate::world::telemetry::metric;

/// How many messages may be sent, counted in the store for all nodes; 0 for no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageLimits {
    /// To one address in an hour.
    pub to_address_per_hour: u32,
    /// For one project in a minute.
    pub of_project_per_minute: u32,
    /// By text message, for one project in an hour.
    pub texts_of_project_per_hour: u32,
}

/// The limits of this process.
pub struct RateLimits {
    messages: MessageLimits,
    browser: Option<DefaultKeyedRateLimiter<Client>>,
    api_failures: Option<DefaultKeyedRateLimiter<Client>>,
    codes: Option<DefaultKeyedRateLimiter<Client>>,
}

impl RateLimits {
    /// Limits a minute; 0 is no limit.
    #[must_use]
    pub fn new(browser_per_minute: u32, api_failures_per_minute: u32) -> Self {
        Self {
            messages: MessageLimits::default(),
            browser: limiter(browser_per_minute),
            api_failures: limiter(api_failures_per_minute),
            codes: None,
        }
    }

    /// The same with limits of messages.
    #[must_use]
    pub const fn with_messages(mut self, messages: MessageLimits) -> Self {
        self.messages = messages;
        self
    }

    /// How many messages may be sent.
    #[must_use]
    pub const fn messages(&self) -> MessageLimits {
        self.messages
    }

    /// The same with as many tries at codes that people type, for each client and minute; 0 is no limit.
    #[must_use]
    pub fn with_codes(self, per_minute: u32) -> Self {
        Self { codes: limiter(per_minute), ..self }
    }

    /// Counts a try at a code that people type. How often one member's may be tried is in the store.
    ///
    /// # Errors
    /// [`Failure::Limited`].
    pub fn check_code(&self, ip: IpAddr) -> Result<(), Failure> {
        check(self.codes.as_ref(), ip, "codes")
    }

    /// Counts a sign-in request of an address.
    ///
    /// # Errors
    /// [`Failure::Limited`].
    pub fn check_browser(&self, ip: IpAddr) -> Result<(), Failure> {
        check(self.browser.as_ref(), ip, "browser")
    }

    /// Counts an API request with wrong credentials.
    ///
    /// # Errors
    /// [`Failure::Limited`].
    pub fn check_api_failure(&self, ip: IpAddr) -> Result<(), Failure> {
        check(self.api_failures.as_ref(), ip, "api_failures")
    }

    /// Forgets addresses that have not been seen for a while, so that the tables stay small.
    pub fn forget_idle(&self) {
        for limiter in [&self.browser, &self.api_failures, &self.codes].into_iter().flatten() {
            limiter.retain_recent();
        }
    }
}

fn limiter(per_minute: u32) -> Option<DefaultKeyedRateLimiter<Client>> {
    NonZeroU32::new(per_minute).map(|n| RateLimiter::keyed(Quota::per_minute(n)))
}

fn check(
    limiter: Option<&DefaultKeyedRateLimiter<Client>>,
    ip: IpAddr,
    name: &'static str,
) -> Result<(), Failure> {
    let Some(limiter) = limiter else { return Ok(()) };
    let Err(until) = limiter.check_key(&ip.into()) else { return Ok(()) };
    metrics::counter!(metric::RATE_LIMITED, "limit" => name).increment(1);
    // Whole seconds, and the last one has to be over.
    Err(Failure::Limited(until.wait_time_from(DefaultClock::default().now()).as_secs() + 1))
}
