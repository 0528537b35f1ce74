//! How often somebody may try to prove a second factor: a try is paid for before it is judged, so that those who guess at the
//! same moment gain nothing by it. What is paid comes back with a success, and is forgotten after a day.

use crate::time::{Span, Time};

/// Wrong codes in a row that cost nothing but themselves.
const FREE: u32 = 5;
/// The first wait; each further wrong code doubles it.
const FIRST_WAIT: i64 = 60;
/// The longest wait.
const LONGEST_WAIT: i64 = 3600;
/// How long failures are remembered.
pub const REMEMBERED: Span = Span::days(1);

/// The tries of a member that nothing has come of yet, with any of their second factors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// How many in a row.
    pub failures: u32,
    /// When the last was.
    pub last_at: Time,
}

impl Attempts {
    /// One try more.
    ///
    /// # Errors
    /// The seconds until the next try may be made: the wait always ends.
    pub fn pay(self, now: Time) -> Result<Self, u64> {
        let failures = if self.last_at.plus(REMEMBERED) <= now { 0 } else { self.failures };
        let until = self.last_at.plus(Self { failures, ..self }.wait());
        if now < until {
            let left = until.millis().saturating_sub(now.millis());
            return Err(u64::try_from(left).unwrap_or_default().div_ceil(1000));
        }
        Ok(Self { failures: failures.saturating_add(1), last_at: now })
    }

    /// Whether the try that was just paid for is the last before a wait.
    #[must_use]
    pub fn locks(self) -> bool {
        self.failures >= FREE
    }

    /// How long after the last try the next one may come.
    fn wait(self) -> Span {
        let Some(beyond) = self.failures.checked_sub(FREE) else { return Span::seconds(0) };
        let doubled = FIRST_WAIT.checked_shl(beyond).filter(|wait| *wait > 0).unwrap_or(LONGEST_WAIT);
        // Shifting beyond 57 places would come out at zero: nobody waits less for more failures.
        Span::seconds(if beyond > 10 { LONGEST_WAIT } else { doubled.min(LONGEST_WAIT) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_seconds(1_800_000_000);

    #[test]
    fn five_are_free_and_then_every_one_costs_twice_the_wait() {
        let mut attempts = Attempts::default();
        for _ in 0..5 {
            attempts = attempts.pay(NOW).unwrap();
        }
        assert!(attempts.locks());
        let (mut now, mut waits) = (NOW, Vec::new());
        for _ in 0..9 {
            let seconds = attempts.pay(now).unwrap_err();
            now = now.plus(Span::seconds(i64::try_from(seconds).unwrap()));
            waits.push(seconds);
            assert!(attempts.pay(now.minus(Span::millis_of(1))).is_err());
            attempts = attempts.pay(now).unwrap();
        }
        assert_eq!(waits, [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
    }

    #[test]
    fn failures_are_forgotten_and_no_number_of_them_shortens_the_wait() {
        for failures in [20, 58, 64, 70, u32::MAX] {
            let attempts = Attempts { failures, last_at: NOW };
            assert_eq!(attempts.pay(NOW), Err(3600), "{failures}");
            assert_eq!(attempts.pay(NOW.plus(Span::days(1))).unwrap().failures, 1);
        }
        // A clock that is set back lengthens no wait beyond what it was set back by, and the failures stay.
        assert!(Attempts { failures: 5, last_at: NOW }.pay(NOW.minus(Span::seconds(1))).is_err());
    }
}
