//! A host that has not answered an organization several times in a row is left alone for a while, then tried once: those
//! who wait for it learn at once what they would learn after the deadline, and their organization's places stay free.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use vestibule_store::Payer;

use super::FetchPolicy;

/// Beyond it those whose rest is over are forgotten.
const MOST: usize = 10_000;

/// Who asks whom.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Way {
    pub(super) payer: Payer,
    /// Host and port.
    pub(super) authority: String,
}

/// The hosts that fail. A host that answers is not here.
#[derive(Clone, Debug)]
pub(super) struct Breakers {
    failing: Arc<Mutex<HashMap<Way, Failing>>>,
    after: u32,
    rest: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Failing {
    in_a_row: u32,
    until: Instant,
    on_trial: bool,
}

/// The host is not asked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Resting {
    /// Until it may be asked again: at least 1.
    pub(super) seconds: u64,
}

/// A request that may go. What came of it is to be told; a request that nobody waited for to its end says nothing.
#[derive(Debug)]
pub(super) struct Passage {
    breakers: Breakers,
    way: Way,
    is_trial: bool,
}

impl Breakers {
    pub(super) fn new(policy: &FetchPolicy) -> Self {
        Self { failing: Arc::default(), after: policy.rests_after.max(1), rest: policy.rest }
    }

    /// Whether a request would be refused now.
    pub(super) fn check(&self, way: &Way, now: Instant) -> Result<(), Resting> {
        match self.failing().get(way) {
            Some(failing) if failing.in_a_row >= self.after => failing.check(now),
            _ => Ok(()),
        }
    }

    /// Lets a request go, or the one that tries whether the host is back.
    pub(super) fn pass(&self, way: Way, now: Instant) -> Result<Passage, Resting> {
        let mut is_trial = false;
        if let Some(failing) = self.failing().get_mut(&way)
            && failing.in_a_row >= self.after
        {
            failing.check(now)?;
            (failing.on_trial, is_trial) = (true, true);
        }
        Ok(Passage { breakers: self.clone(), way, is_trial })
    }

    fn failing(&self) -> MutexGuard<'_, HashMap<Way, Failing>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Failing {
    fn check(self, now: Instant) -> Result<(), Resting> {
        let left = self.until.saturating_duration_since(now);
        if left.is_zero() && !self.on_trial {
            return Ok(());
        }
        Err(Resting { seconds: left.as_secs() + 1 })
    }
}

impl Passage {
    /// The host answered.
    pub(super) fn answered(self) {
        self.breakers.failing().remove(&self.way);
    }

    /// The host did not answer.
    pub(super) fn failed(mut self, now: Instant) {
        let mut failing = self.breakers.failing();
        if failing.len() >= MOST {
            failing.retain(|_, other| other.until > now || other.on_trial);
        }
        let until = now + self.breakers.rest;
        let known =
            failing.entry(self.way.clone()).or_insert(Failing { in_a_row: 0, until, on_trial: false });
        known.in_a_row = known.in_a_row.saturating_add(1);
        known.until = until;
        known.on_trial &= !self.is_trial;
        drop(failing);
        self.is_trial = false;
    }
}

impl Drop for Passage {
    /// Nobody knows what came of it: the next one tries.
    fn drop(&mut self) {
        if self.is_trial
            && let Some(failing) = self.breakers.failing().get_mut(&self.way)
        {
            failing.on_trial = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Duration = Duration::from_secs(10);

    fn breakers() -> Breakers {
        Breakers::new(&FetchPolicy { rests_after: 3, rest: REST, ..FetchPolicy::default() })
    }

    fn way() -> Way {
        Way { payer: Payer::Operator, authority: "idp.example:443".to_owned() }
    }

    fn failing(breakers: &Breakers, times: u32, now: Instant) {
        for _ in 0..times {
            breakers.pass(way(), now).unwrap().failed(now);
        }
    }

    #[test]
    fn failures_in_a_row_open_it_and_one_trial_closes_it() {
        let (breakers, start) = (breakers(), Instant::now());
        failing(&breakers, 2, start);
        breakers.pass(way(), start).unwrap().answered();
        failing(&breakers, 3, start);
        assert_eq!(breakers.check(&way(), start), Err(Resting { seconds: 11 }));
        let other = Way { authority: "other.example:443".to_owned(), ..way() };
        assert!(breakers.pass(other, start).is_ok());
        let later = start + REST;
        let trial = breakers.pass(way(), later).unwrap();
        assert!(breakers.pass(way(), later).is_err(), "one tries, the others wait");
        trial.failed(later);
        assert!(breakers.check(&way(), later).is_err());
        breakers.pass(way(), later + REST).unwrap().answered();
        failing(&breakers, 2, later + REST);
        assert_eq!(breakers.check(&way(), later + REST), Ok(()));
    }

    #[test]
    fn a_trial_that_nobody_waited_for_is_made_again() {
        let (breakers, start) = (breakers(), Instant::now());
        failing(&breakers, 3, start);
        drop(breakers.pass(way(), start + REST).unwrap());
        assert!(breakers.pass(way(), start + REST).is_ok());
    }
}
