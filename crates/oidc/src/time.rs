//! Time as this crate sees it: a number of seconds that somebody else read from a clock.

use std::fmt;

/// Whole seconds since 1970-01-01T00:00:00Z, the unit of every time in a JWT (RFC 7519 `NumericDate`).
///
/// The rest of the product counts milliseconds; the two only meet in [`UnixSeconds::from_millis`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixSeconds(pub i64);

impl UnixSeconds {
    /// The second that a count of milliseconds since the epoch lies in.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.div_euclid(1000))
    }

    /// Whether it only makes sense as milliseconds that somebody took for seconds.
    #[must_use]
    pub fn seems_milliseconds(self) -> bool {
        MILLISECONDS.contains(&self.0)
    }

    /// This time moved by `seconds`, staying at the end of the range rather than wrapping.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// This time moved back by `seconds`, staying at the end of the range rather than wrapping.
    #[must_use]
    pub const fn minus(self, seconds: i64) -> Self {
        Self(self.0.saturating_sub(seconds))
    }
}

/// The years 2001 to 2286, counted in milliseconds: as seconds they lie tens of thousands of years ahead.
const MILLISECONDS: std::ops::Range<i64> = 1_000_000_000_000..10_000_000_000_000;

/// As people and logs write it, `2026-11-28T21:28:10Z`; beyond the year 9999 the number, with what it seems to mean.
impl fmt::Display for UnixSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DAY: i64 = 86_400;
        if !(0..253_402_300_800).contains(&self.0) {
            write!(f, "{} seconds since 1970", self.0)?;
            if self.seems_milliseconds() {
                write!(
                    f,
                    " (in milliseconds it would be {}; times in tokens are in seconds)",
                    Self::from_millis(self.0)
                )?;
            }
            return Ok(());
        }
        let (days, seconds) = (self.0 / DAY, self.0 % DAY);
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// The date of a day after 1970-01-01, in years that begin in March so that the leap day is their last.
const fn civil(days: i64) -> (i64, i64, i64) {
    let day = days + 719_468;
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let (in_january, month_shown) = if month < 10 { (0, month + 3) } else { (1, month - 9) };
    (year + era * 400 + in_january, month_shown, of_year - (153 * month + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_as_times() {
        for (seconds, shown) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (1_800_000_000, "2027-01-15T08:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
            (
                1_795_901_290_000,
                "1795901290000 seconds since 1970 (in milliseconds it would be 2026-11-28T21:28:10Z; times in tokens are in seconds)",
            ),
            (i64::MAX, "9223372036854775807 seconds since 1970"),
            (-1, "-1 seconds since 1970"),
        ] {
            assert_eq!(UnixSeconds(seconds).to_string(), shown);
        }
    }

    #[test]
    fn milliseconds_before_the_epoch_round_down_too() {
        assert_eq!(UnixSeconds::from_millis(1999), UnixSeconds(1));
        assert_eq!(UnixSeconds::from_millis(-1), UnixSeconds(-1));
    }
}
