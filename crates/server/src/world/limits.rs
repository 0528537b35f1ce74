//! Rate limits: how much one client ([`Client`]) or one project may ask for. Kept in this process: a node protects itself, and
//! what must hold across nodes (single use) is in the store.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::{StateInformationMiddleware, StateSnapshot};
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use vestibule_domain::id::ProjectId;

use super::client::Client;
use crate::failure::Failure;
use crate::world::api_limits::ApiLimits;
use crate::world::telemetry::metric;

/// Those who are counted each by themselves. More of them in a minute share [`CROWD`] counts: the memory has a bound, and
/// so has what a flood of addresses can ask for.
const MOST: usize = 100_000;
const CROWD: u64 = 1024;

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

/// How much more somebody may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// How much there is when nothing was asked for.
    pub limit: u32,
    /// How much is left.
    pub remaining: u32,
    /// In how many seconds all of it is there again.
    pub whole_in: u32,
}

impl Allowance {
    fn of(limit: u32, remaining: u32) -> Self {
        let used = limit.saturating_sub(remaining);
        let whole_in = (u64::from(used) * 60).div_ceil(u64::from(limit.max(1)));
        Self { limit, remaining, whole_in: u32::try_from(whole_in).unwrap_or(u32::MAX) }
    }
}

/// The limits of this process.
pub struct RateLimits {
    messages: MessageLimits,
    browser: Limit<Client>,
    api_failures: Limit<Client>,
    codes: Limit<Client>,
    api_of_client: Limit<Client>,
    api_of_project: Limit<ProjectId>,
    searches: Limit<ProjectId>,
}

impl RateLimits {
    /// Limits a minute; 0 is no limit.
    #[must_use]
    pub fn new(browser_per_minute: u32, api_failures_per_minute: u32) -> Self {
        Self {
            messages: MessageLimits::default(),
            browser: Limit::new("browser", browser_per_minute),
            api_failures: Limit::new("api_failures", api_failures_per_minute),
            codes: Limit::new("codes", 0),
            api_of_client: Limit::new("api_of_client", 0),
            api_of_project: Limit::new("api_of_project", 0),
            searches: Limit::new("searches", 0),
        }
    }

    /// The same with limits of the API.
    #[must_use]
    pub fn with_api(self, limits: ApiLimits) -> Self {
        Self {
            api_of_client: Limit::new("api_of_client", limits.of_client),
            api_of_project: Limit::new("api_of_project", limits.of_project),
            searches: Limit::new("searches", limits.searches),
            ..self
        }
    }

    /// Counts an API request of a project that has said who it is. What is left is that of the narrower limit, if there is one.
    ///
    /// # Errors
    /// [`Failure::Limited`].
    pub fn check_api(&self, project: ProjectId, ip: IpAddr) -> Result<Option<Allowance>, Failure> {
        let of_client = self.api_of_client.counted(ip.into())?;
        let of_project = self.api_of_project.counted(project)?;
        Ok(of_client.into_iter().chain(of_project).min_by_key(|allowance| allowance.remaining))
    }

    /// How many API requests there are a minute by the narrower limit, if there is one.
    #[must_use]
    pub fn api_per_minute(&self) -> Option<u32> {
        self.api_of_client.per_minute.into_iter().chain(self.api_of_project.per_minute).min()
    }

    /// Counts a search of a project.
    ///
    /// # Errors
    /// [`Failure::Limited`].
    pub fn check_search(&self, project: ProjectId) -> Result<(), Failure> {
        self.searches.check(project)
    }

    /// The same with limits of messages.
    #[must_use]
    pub fn with_messages(self, messages: MessageLimits) -> Self {
        Self { messages, ..self }
    }

    /// How many messages may be sent.
    #[must_use]
    pub const fn messages(&self) -> MessageLimits {
        self.messages
    }

    /// The same with as many tries at codes that people type, for each client and minute; 0 is no limit.
    #[must_use]
    pub fn with_codes(self, per_minute: u32) -> Self {
        Self { codes: Limit::new("codes", per_minute), ..self }
    }

    /// Counts a try at a code that people type. How often one member's may be tried is in the store.
    ///
    /// # Errors
    /// [`Failure::Limited`].
    pub fn check_code(&self, ip: IpAddr) -> Result<(), Failure> {
        self.codes.check(ip.into())
    }

    /// Counts a sign-in request of an address.
    ///
    /// # Errors
    /// [`Failure::Limited`].
    pub fn check_browser(&self, ip: IpAddr) -> Result<(), Failure> {
        self.browser.check(ip.into())
    }

    /// Counts an API request with wrong credentials.
    ///
    /// # Errors
    /// [`Failure::Limited`].
    pub fn check_api_failure(&self, ip: IpAddr) -> Result<(), Failure> {
        self.api_failures.check(ip.into())
    }

    /// Forgets whoever has not been seen for a while, so that the tables stay small.
    pub fn forget_idle(&self) {
        for limit in [&self.browser, &self.api_failures, &self.codes, &self.api_of_client] {
            limit.forget_idle();
        }
        for limit in [&self.api_of_project, &self.searches] {
            limit.forget_idle();
        }
    }
}

/// Who is counted: somebody, or one of many.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Counted<K> {
    Somebody(K),
    Crowd(u64),
}

/// One limit; without a table when there is none.
struct Limit<K: Hash + Eq + Clone> {
    name: &'static str,
    per_minute: Option<u32>,
    table: Option<Table<K>>,
    crowd: RandomState,
}

type Table<K> =
    RateLimiter<Counted<K>, DefaultKeyedStateStore<Counted<K>>, DefaultClock, StateInformationMiddleware>;

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(name: &'static str, per_minute: u32) -> Self {
        let quota = NonZeroU32::new(per_minute).map(Quota::per_minute);
        let table = quota.map(|quota| RateLimiter::keyed(quota).with_middleware());
        let per_minute = (per_minute > 0).then_some(per_minute);
        Self { name, per_minute, table, crowd: RandomState::new() }
    }

    fn check(&self, key: K) -> Result<(), Failure> {
        self.counted(key).map(drop)
    }

    fn counted(&self, key: K) -> Result<Option<Allowance>, Failure> {
        let Some(table) = &self.table else { return Ok(None) };
        let counted = if table.len() < MOST {
            Counted::Somebody(key)
        } else {
            Counted::Crowd(self.crowd.hash_one(key) % CROWD)
        };
        let limit = self.per_minute.unwrap_or_default();
        let left = |state: StateSnapshot| Allowance::of(limit, state.remaining_burst_capacity());
        let until = match table.check_key(&counted) {
            Ok(state) => return Ok(Some(left(state))),
            Err(until) => until,
        };
        metrics::counter!(metric::RATE_LIMITED, "limit" => self.name).increment(1);
        // Whole seconds, and the last one has to be over.
        Err(Failure::Limited(until.wait_time_from(DefaultClock::default().now()).as_secs() + 1))
    }

    fn forget_idle(&self) {
        if let Some(table) = &self.table {
            table.retain_recent();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_a_project_have_their_own_counts() {
        let limits =
            RateLimits::new(0, 0).with_api(ApiLimits { of_client: 2, searches: 1, ..ApiLimits::default() });
        let project = |digit: u8| format!("project-test-00000000-0000-4000-8000-00000000000{digit}");
        let (one, other): (ProjectId, ProjectId) = (project(1).parse().unwrap(), project(2).parse().unwrap());
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(limits.check_search(one).is_ok() && limits.check_search(other).is_ok());
        assert!(matches!(limits.check_search(one), Err(Failure::Limited(1..=60))));
        assert!(limits.check_api(one, ip("2001:db8:0:1::1")).is_ok());
        assert!(limits.check_api(other, ip("2001:db8:0:1::2")).is_ok());
        assert!(limits.check_api(one, ip("2001:db8:0:1::3")).is_err(), "a /64 is one client");
        assert!(limits.check_api(one, ip("2001:db8:0:2::3")).is_ok());
        assert!(limits.check_browser(ip("192.0.2.1")).is_ok(), "0 is no limit");
    }

    #[test]
    fn a_flood_of_addresses_takes_bounded_memory() {
        let limits = RateLimits::new(0, 5);
        let mut refused = 0;
        for number in 0..u32::try_from(MOST).unwrap() + 20_000 {
            refused += usize::from(limits.check_api_failure(IpAddr::from(number.to_be_bytes())).is_err());
        }
        assert!(limits.api_failures.table.as_ref().unwrap().len() <= MOST + 1024);
        assert!(refused > 10_000, "{refused}: who is one too many shares what the crowd has");
    }
}
