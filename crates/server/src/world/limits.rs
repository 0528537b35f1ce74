//! Rate limits: how much one client ([`Client`]) or one project may ask for. Kept in this process: a node protects itself,
//! and what must hold across nodes (single use) is in the store.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use vestibule_domain::id::ProjectId;

use super::client::Client;
use crate::failure::Failure;
use crate::world::telemetry::metric;

/// Those who are counted each by themselves. More of them in a minute share [`CROWD`] counts: the memory has a bound, and
/// so has what a flood of addresses can ask for.
const MOST: usize = 100_000;
const CROWD: u64 = 1024;

/// Limits a minute; 0 is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerMinute {
    /// Sign-in requests of one client address.
    pub browser: u32,
    /// API requests with wrong credentials of one client address.
    pub api_failures: u32,
    /// API requests of one client address with right credentials.
    pub api_of_client: u32,
    /// API requests of one project.
    pub api_of_project: u32,
    /// Searches of one project.
    pub searches: u32,
}

/// The limits of this process.
pub struct RateLimits {
    browser: Limit<Client>,
    api_failures: Limit<Client>,
    api_of_client: Limit<Client>,
    api_of_project: Limit<ProjectId>,
    searches: Limit<ProjectId>,
}

impl RateLimits {
    /// Limits as given.
    #[must_use]
    pub fn new(given: PerMinute) -> Self {
        Self {
            browser: Limit::new("browser", given.browser),
            api_failures: Limit::new("api_failures", given.api_failures),
            api_of_client: Limit::new("api_of_client", given.api_of_client),
            api_of_project: Limit::new("api_of_project", given.api_of_project),
            searches: Limit::new("searches", given.searches),
        }
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

    /// Counts an API request of a project that has said who it is.
    ///
    /// # Errors
    /// [`Failure::Limited`].
    pub fn check_api(&self, project: ProjectId, ip: IpAddr) -> Result<(), Failure> {
        self.api_of_client.check(ip.into())?;
        self.api_of_project.check(project)
    }

    /// Counts a search of a project.
    ///
    /// # Errors
    /// [`Failure::Limited`].
    pub fn check_search(&self, project: ProjectId) -> Result<(), Failure> {
        self.searches.check(project)
    }

    /// Forgets whoever has not been seen for a while, so that the tables stay small.
    pub fn forget_idle(&self) {
        for limit in [&self.browser, &self.api_failures, &self.api_of_client] {
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
    table: Option<DefaultKeyedRateLimiter<Counted<K>>>,
    crowd: RandomState,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(name: &'static str, per_minute: u32) -> Self {
        let table = NonZeroU32::new(per_minute).map(|n| RateLimiter::keyed(Quota::per_minute(n)));
        Self { name, table, crowd: RandomState::new() }
    }

    fn check(&self, key: K) -> Result<(), Failure> {
        let Some(table) = &self.table else { return Ok(()) };
        let counted = if table.len() < MOST {
            Counted::Somebody(key)
        } else {
            Counted::Crowd(self.crowd.hash_one(key) % CROWD)
        };
        let Err(until) = table.check_key(&counted) else { return Ok(()) };
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
        let limits = RateLimits::new(PerMinute { api_of_client: 2, searches: 1, ..PerMinute::default() });
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
        let limits = RateLimits::new(PerMinute { api_failures: 5, ..PerMinute::default() });
        let mut refused = 0;
        for number in 0..u32::try_from(MOST).unwrap() + 20_000 {
            refused += usize::from(limits.check_api_failure(IpAddr::from(number.to_be_bytes())).is_err());
        }
        assert!(limits.api_failures.table.as_ref().unwrap().len() <= MOST + 1024);
        assert!(refused > 10_000, "{refused}: who is one too many shares what the crowd has");
    }
}
