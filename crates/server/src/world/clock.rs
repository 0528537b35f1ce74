//! The one place that reads the time of day. One `now` per request is read here and passed on as a value.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use vestibule_domain::time::Time;

/// Where `now` comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The clock of the machine.
    System,
    /// A clock that stands until it is moved: for tests. Milliseconds since the epoch.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn fixed(start: Time) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(start.millis())))
    }

    /// Moves a fixed clock by `millis`; the system clock does not move.
    pub fn advance(&self, millis: i64) {
        if let Self::Fixed(now) = self {
            now.fetch_add(millis, Ordering::SeqCst);
        }
    }

    /// The time now, in milliseconds since the epoch.
    #[must_use]
    pub fn now(&self) -> Time {
        match self {
            Self::System => system_now(),
            Self::Fixed(now) => Time::from_millis(now.load(Ordering::SeqCst)),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that the ban points to")]
fn system_now() -> Time {
    let now = SystemTime::now();
    let millis = match now.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        // A machine whose clock stands before 1970 gets the negative time it asked for.
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis),
    };
    Time::from_millis(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_when_told() {
        let clock = Clock::fixed(Time::from_millis(1_000));
        let same = clock.clone();
        clock.advance(500);
        assert_eq!(same.now(), Time::from_millis(1_500));
    }

    #[test]
    fn the_system_clock_is_after_this_was_written() {
        assert!(Clock::System.now() > Time::from_millis(1_750_000_000_000));
    }
}
