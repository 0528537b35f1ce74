//! Time as SAML writes it (core 1.3.3) and as this crate counts it: milliseconds that somebody else read from a clock.

use std::fmt;

use thiserror::Error;
use vestibule_refusal::Excerpt;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The largest offset of a zone (XML Schema part 2, section 3.2.7.3).
const MOST_OFFSET: i64 = 14 * HOUR;

/// Days from 0000-03-01, where this calendar counts from, to 1970-01-01.
const DAYS_BEFORE_EPOCH: i64 = 719_468;
/// Days of 400 years, after which the calendar repeats.
const DAYS_OF_AN_ERA: i64 = 146_097;

/// Milliseconds since 1970-01-01T00:00:00Z.
///
/// Prints as `xs:dateTime` in UTC, the form that SAML messages carry: `2026-02-28T12:00:00Z`, with three digits of
/// fraction when there are milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(pub i64);

/// A text that is not an `xs:dateTime` with a zone.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{found} is not a time in UTC such as 2026-02-28T12:00:00Z")]
pub struct NotATime {
    /// What was written instead.
    pub found: Excerpt,
}

/// A text that is not a positive `xs:duration`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{found} is not a length of time such as PT6H")]
pub struct NotADuration {
    /// What was written instead.
    pub found: Excerpt,
}

impl UnixMillis {
    /// This time moved by `millis`, staying at the end of the range rather than wrapping.
    #[must_use]
    pub const fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// The milliseconds from `earlier` to this time, negative when it is the other way round.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Reads an `xs:dateTime`: `YYYY-MM-DDThh:mm:ss`, up to nine digits of fraction (what is finer than a millisecond is
    /// cut off), then `Z` or an offset such as `+00:00` or `-11:30`. Core 1.3.3 wants UTC; a time with an offset is the
    /// same moment to everybody, and some providers write nothing else.
    ///
    /// A time without a zone, a day that the month does not have, an offset of more than 14 hours, a leap second,
    /// `24:00:00` and years of other than four digits are refused.
    pub fn from_xs_date_time(text: &str) -> Result<Self, NotATime> {
        date_time(text.as_bytes()).ok_or_else(|| NotATime { found: Excerpt::of(text) })
    }
}

impl fmt::Display for UnixMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0.div_euclid(DAY));
        let time = self.0.rem_euclid(DAY);
        let (hour, minute, second) = (time / HOUR, time / MINUTE % 60, time / SECOND % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match time % SECOND {
            0 => f.write_str("Z"),
            millis => write!(f, ".{millis:03}Z"),
        }
    }
}

/// Reads a non-negative `xs:duration` (metadata 2.3.1, `cacheDuration`) as milliseconds.
///
/// A month counts 30 days and a year 365: for how long to keep a document, that is near enough. Sums that leave the
/// range stay at its end.
pub fn duration_millis(text: &str) -> Result<i64, NotADuration> {
    duration(text.as_bytes()).ok_or_else(|| NotADuration { found: Excerpt::of(text) })
}

fn date_time(text: &[u8]) -> Option<UnixMillis> {
    let (date_and_time, rest) = text.split_at_checked(19)?;
    let &[y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, b'T', h1, h2, b':', mi1, mi2, b':', s1, s2] =
        date_and_time
    else {
        return None;
    };
    let (year, month, day) = (number(&[y1, y2, y3, y4])?, number(&[mo1, mo2])?, number(&[d1, d2])?);
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[mi1, mi2])?, number(&[s1, s2])?);
    let in_range = year >= 1 && (1..=days_of(year, month)?).contains(&day);
    if !in_range || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (millis, zone) = fraction(rest)?;
    let local = days(year, month, day) * DAY + hour * HOUR + minute * MINUTE + second * SECOND + millis;
    Some(UnixMillis(local - offset(zone)?))
}

/// How far a zone is ahead of UTC (XML Schema part 2, section 3.2.7.3).
fn offset(zone: &[u8]) -> Option<i64> {
    let (sign, h1, h2, m1, m2) = match *zone {
        [b'Z'] => return Some(0),
        [b'+', h1, h2, b':', m1, m2] => (1, h1, h2, m1, m2),
        [b'-', h1, h2, b':', m1, m2] => (-1, h1, h2, m1, m2),
        _ => return None,
    };
    let (hours, minutes) = (number(&[h1, h2])?, number(&[m1, m2])?);
    let length = hours * HOUR + minutes * MINUTE;
    (minutes <= 59 && length <= MOST_OFFSET).then_some(sign * length)
}

/// The milliseconds of an optional fraction of a second, and what follows it.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some((b'.', rest)) = text.split_first() else { return Some((0, text)) };
    let (digits, rest) = digits(rest);
    if !(1..=9).contains(&digits.len()) {
        return None;
    }
    let millis = number(digits)? * 1_000_000_000 / 10_i64.pow(u32::try_from(digits.len()).ok()?) / 1_000_000;
    Some((millis, rest))
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, &[]))
}

/// A number of up to eighteen digits.
fn number(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    digits.iter().try_fold(0_i64, |sum, byte| {
        byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte.wrapping_sub(b'0')))
    })
}

fn days_of(year: i64, month: i64) -> Option<i64> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 if leap => Some(29),
        2 => Some(28),
        _ => None,
    }
}

// Both directions count years from March, so that the leap day is a year's last day and months before it have a
// regular length: five months are 153 days.

/// Days from 1970-01-01 to a day of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let years = if month > 2 { year } else { year - 1 };
    let leap_days = years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400);
    let months = (month + 9) % 12;
    years * 365 + leap_days + (months * 153 + 2) / 5 + (day - 1) - DAYS_BEFORE_EPOCH
}

/// The year, month and day of a number of days from 1970-01-01.
fn civil(days_from_epoch: i64) -> (i64, i64, i64) {
    let since_march = days_from_epoch + DAYS_BEFORE_EPOCH;
    let (era, day) = (since_march.div_euclid(DAYS_OF_AN_ERA), since_march.rem_euclid(DAYS_OF_AN_ERA));
    // A first guess that is at most one year late, and then the year that holds the day.
    let guess = day / 365;
    let first_day = |year: i64| year * 365 + year / 4 - year / 100 + year / 400;
    let year = if first_day(guess) > day { guess - 1 } else { guess };
    let day = day - first_day(year);
    let months = (day * 5 + 2) / 153;
    let month = if months < 10 { months + 3 } else { months - 9 };
    let year = era * 400 + year + i64::from(months >= 10);
    (year, month, day - (months * 153 + 2) / 5 + 1)
}

fn duration(text: &[u8]) -> Option<i64> {
    let rest = text.strip_prefix(b"P")?;
    let at = rest.iter().position(|byte| *byte == b'T').unwrap_or(rest.len());
    let (date, time) = rest.split_at_checked(at)?;
    let whole_days = parts(date, &[(b'Y', 365 * DAY), (b'M', 30 * DAY), (b'D', DAY)])?;
    let Some((_, time)) = time.split_first() else {
        return (!date.is_empty()).then_some(whole_days);
    };
    if time.is_empty() {
        return None;
    }
    Some(whole_days.saturating_add(parts(time, &[(b'H', HOUR), (b'M', MINUTE), (b'S', SECOND)])?))
}

/// Sums numbers with their units, which come in the order of `units`, each at most once. Seconds may have a fraction.
fn parts(text: &[u8], units: &[(u8, i64)]) -> Option<i64> {
    let Some(((unit, millis), units)) = units.split_first() else {
        return text.is_empty().then_some(0);
    };
    let (whole, rest) = digits(text);
    let (part, rest) = if *unit == b'S' { fraction(rest)? } else { (0, rest) };
    match rest.split_first() {
        Some((found, rest)) if found == unit => {
            let this = number(whole)?.saturating_mul(*millis).saturating_add(part);
            Some(this.saturating_add(parts(rest, units)?))
        }
        _ => parts(text, units),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(text: &str) -> Option<i64> {
        UnixMillis::from_xs_date_time(text).ok().map(|time| time.0)
    }

    #[test]
    fn reads_utc_with_any_fraction() {
        assert_eq!(millis("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(millis("2024-02-29T12:00:00Z"), Some(1_709_208_000_000));
        assert_eq!(millis("2024-02-29T12:00:00.1Z"), Some(1_709_208_000_100));
        assert_eq!(millis("2024-02-29T12:00:00.1239999Z"), Some(1_709_208_000_123));
        assert_eq!(millis("2024-02-29T12:00:00.123456789Z"), Some(1_709_208_000_123));
        assert_eq!(millis("0001-01-01T00:00:00Z"), Some(-62_135_596_800_000));
        assert_eq!(millis("9999-12-31T23:59:59.999Z"), Some(253_402_300_799_999));
    }

    #[test]
    fn reads_a_moment_from_any_zone() {
        let noon = millis("2024-02-29T12:00:00Z");
        for text in [
            "2024-02-29T12:00:00+00:00",
            "2024-02-29T12:00:00-00:00",
            "2024-02-29T13:00:00+01:00",
            "2024-02-29T23:00:00.0000000+11:00",
            "2024-03-01T02:00:00+14:00",
            "2024-02-28T22:00:00-14:00",
            "2024-02-29T08:30:00-03:30",
        ] {
            assert_eq!(millis(text), noon, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_a_moment() {
        for text in [
            "",
            "2024-02-29",
            "2024-02-29T12:00:00",
            "2024-02-29T12:00:00z",
            "2024-02-29T12:00:00+0000",
            "2024-02-29T12:00:00+00",
            "2024-02-29T12:00:00+1:00",
            "2024-02-29T12:00:00+01:60",
            "2024-02-29T12:00:00+14:01",
            "2024-02-29T12:00:00-15:00",
            "2024-02-29T12:00:00+01:00Z",
            "2024-02-29T12:00:00Z+01:00",
            "2024-02-29T12:00:00 +01:00",
            "2024-02-29T12:00:00\u{2212}01:00",
            "2024-02-29T12:00:00.Z",
            "2024-02-29T12:00:00.1234567890Z",
            "2024-02-29T12:00:00,5Z",
            "2024-02-29 12:00:00Z",
            " 2024-02-29T12:00:00Z",
            "2024-02-29T12:00:00Z ",
            "2023-02-29T12:00:00Z",
            "1900-02-29T12:00:00Z",
            "2024-04-31T12:00:00Z",
            "2024-13-01T12:00:00Z",
            "2024-00-01T12:00:00Z",
            "2024-01-00T12:00:00Z",
            "0000-01-01T00:00:00Z",
            "+024-01-01T00:00:00Z",
            "12024-01-01T00:00:00Z",
            "-2024-01-01T00:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T23:60:00Z",
            "2024-01-01T23:59:60Z",
            "２024-01-01T00:00Z",
        ] {
            assert_eq!(millis(text), None, "{text}");
        }
        assert_eq!(millis("2000-02-29T00:00:00Z"), Some(951_782_400_000));
    }

    #[test]
    fn what_is_printed_is_what_is_read() {
        // Steps of a prime number of seconds meet every month, leap days and the turns of centuries.
        let mut time = -62_135_596_800_000_i64;
        while time < 253_402_300_799_999 {
            let printed = UnixMillis(time).to_string();
            assert_eq!(millis(&printed), Some(time), "{printed}");
            time += 7_000_003 * 1_009;
        }
        assert_eq!(UnixMillis(1_709_208_000_000).to_string(), "2024-02-29T12:00:00Z");
        assert_eq!(UnixMillis(-1).to_string(), "1969-12-31T23:59:59.999Z");
        for extreme in [i64::MIN, i64::MAX] {
            assert!(UnixMillis(extreme).to_string().ends_with('Z'));
        }
    }

    #[test]
    fn every_day_of_four_centuries_is_its_own() {
        let mut expected = days(1999, 12, 31);
        for year in 2000..2400 {
            for month in 1..=12 {
                for day in 1..=days_of(year, month).unwrap() {
                    expected += 1;
                    assert_eq!(days(year, month, day), expected);
                    assert_eq!(civil(expected), (year, month, day));
                }
            }
        }
        assert_eq!(expected - days(1999, 12, 31), DAYS_OF_AN_ERA);
    }

    #[test]
    fn reads_durations() {
        for (text, expected) in [
            ("PT6H", Some(6 * HOUR)),
            ("P1D", Some(DAY)),
            ("P1Y2M3DT4H5M6.5S", Some((365 + 60 + 3) * DAY + 4 * HOUR + 5 * MINUTE + 6_500)),
            ("PT0S", Some(0)),
            ("PT604800S", Some(7 * DAY)),
            ("P1M", Some(30 * DAY)),
            ("PT1M", Some(MINUTE)),
            ("P999999999999999999Y", Some(i64::MAX)),
            ("", None),
            ("P", None),
            ("PT", None),
            ("P1DT", None),
            ("P1", None),
            ("-PT1H", None),
            ("P1H", None),
            ("PT1D", None),
            ("PT1M1H", None),
            ("PT1H1H", None),
            ("PTH", None),
            ("P1.5D", None),
            ("PT.5S", None),
            ("PT1.S", None),
            ("P9999999999999999999D", None),
            ("6 hours", None),
        ] {
            assert_eq!(duration_millis(text).ok(), expected, "{text}");
        }
    }
}
