//! When something about a connection is due: the next reading of its metadata, and warnings about its certificates.

use crate::time::{Span, Time};

/// The least time between two scheduled readings of one document.
const SOONEST: Span = Span::minutes(60);
/// The longest, whatever the document allows.
const LATEST: Span = Span::days(1);

/// How many days before its end a certificate is warned about.
pub const EXPIRY_WARNINGS: [i64; 4] = [90, 30, 7, 1];

/// When metadata is read again: within a day, before it ends and as often as it asks for (`validUntil` and
/// `cacheDuration`, SAML metadata 2.3.2), yet not more than once an hour. `chance` moves the time by up to a quarter,
/// so that what was configured together is not fetched together.
#[must_use]
pub fn next_metadata_reading(
    now: Time,
    valid_until: Option<Time>,
    cache_millis: Option<i64>,
    chance: u16,
) -> Time {
    let left = valid_until.map(|end| end.millis().saturating_sub(now.millis()));
    let asked = [left, cache_millis].into_iter().flatten().min().unwrap_or(LATEST.millis());
    let longest = asked.clamp(SOONEST.millis(), LATEST.millis());
    let earlier = longest / 4 * i64::from(chance) / i64::from(u16::MAX);
    now.plus(Span::millis_of((longest - earlier).max(SOONEST.millis())))
}

/// Which warning a certificate that ends at `end` is due for now: of several that have passed only the latest, so that
/// a certificate that is added shortly before its end raises one.
#[must_use]
pub fn expiry_warning(end: Time, now: Time) -> Option<i64> {
    EXPIRY_WARNINGS.into_iter().rev().find(|days| now >= end.minus(Span::days(*days)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_seconds(1_700_000_000);
    const HOUR: i64 = 3_600_000;

    fn hours(valid: Option<i64>, cache: Option<i64>, chance: u16) -> f64 {
        let until = valid.map(|hours| NOW.plus(Span::millis_of(hours * HOUR)));
        let next = next_metadata_reading(NOW, until, cache.map(|hours| hours * HOUR), chance);
        #[expect(clippy::cast_precision_loss, reason = "a few days in milliseconds")]
        let hours = (next.millis() - NOW.millis()) as f64 / HOUR as f64;
        hours
    }

    #[test]
    fn readings_are_between_an_hour_and_a_day_apart() {
        assert!((hours(None, None, 0) - 24.0).abs() < 0.01);
        assert!((hours(None, None, u16::MAX) - 18.0).abs() < 0.01);
        assert!((hours(Some(8), None, 0) - 8.0).abs() < 0.01);
        assert!((hours(Some(8), Some(4), 0) - 4.0).abs() < 0.01);
        assert!((hours(Some(999), Some(999), 0) - 24.0).abs() < 0.01);
        for chance in [0, 1000, u16::MAX] {
            assert!((hours(Some(-5), None, chance) - 1.0).abs() < 0.01);
            assert!((hours(None, Some(0), chance) - 1.0).abs() < 0.01);
        }
    }

    #[test]
    fn of_several_warnings_the_latest_is_due() {
        let in_days = |days| expiry_warning(NOW.plus(Span::days(days)), NOW);
        assert_eq!(in_days(91), None);
        assert_eq!(in_days(90), Some(90));
        assert_eq!(in_days(31), Some(90));
        assert_eq!(in_days(30), Some(30));
        assert_eq!(in_days(5), Some(7));
        assert_eq!(in_days(1), Some(1));
        assert_eq!(in_days(-400), Some(1));
    }
}
