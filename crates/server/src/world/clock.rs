//! The one place that reads the time of day. One `now` per request is read here and passed on as a value.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::time::Instant;
use vestibule_domain::time::{Span, Time};

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

    /// A time that only ever passes, whatever is done to the clock of the machine: for how long something has been known. It
    /// begins with the process and says nothing about the time of day.
    #[must_use]
    pub fn steady(&self) -> Time {
        match self {
            Self::System => steady_now(),
            Self::Fixed(_) => self.now(),
        }
    }
}

/// When the steady clock was first asked, and what time it was.
static BEGAN: OnceLock<(Instant, Time)> = OnceLock::new();

fn steady_now() -> Time {
    let (began, at) = BEGAN.get_or_init(|| (Instant::now(), system_now()));
    at.plus(Span::millis_of(i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX)))
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
    fn the_steady_clock_passes() {
        let before = Clock::System.steady();
        std::thread::sleep(std::time::Duration::from_millis(20));
        let passed = Clock::System.steady().millis() - before.millis();
        assert!((20..2_000).contains(&passed), "{passed}");
        assert_eq!(Clock::fixed(before).steady(), before);
    }

    #[test]
    fn the_system_clock_is_after_this_was_written() {
        assert!(Clock::System.now() > Time::from_millis(1_750_000_000_000));
    }
}
