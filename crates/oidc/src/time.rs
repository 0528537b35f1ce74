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

impl fmt::Display for UnixSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_before_the_epoch_round_down_too() {
        assert_eq!(UnixSeconds::from_millis(1999), UnixSeconds(1));
        assert_eq!(UnixSeconds::from_millis(-1), UnixSeconds(-1));
    }
}
