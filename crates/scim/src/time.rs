//! Time as SCIM writes it (RFC 7643 section 2.3.5) and as this crate counts it: milliseconds that somebody else read
//! from a clock.

use std::fmt;

use jiff::Timestamp;

/// Milliseconds since 1970-01-01T00:00:00Z. Prints as `xsd:dateTime` in UTC with three digits of fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// Reads an `xsd:dateTime` with a zone; a fraction beyond milliseconds is cut. `None` when it is something else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // A calendar would also take a day in words, a blank between day and time, or a bracketed zone.
        let shaped = text.len() <= 40
            && text.as_bytes().get(10) == Some(&b'T')
            && text.bytes().all(|byte| byte.is_ascii_digit() || b"T:.+-Z".contains(&byte));
        let read = shaped.then(|| text.parse::<Timestamp>().ok()).flatten()?;
        Some(Self(read.as_nanosecond().div_euclid(1_000_000).try_into().ok()?))
    }
}

impl fmt::Display for UnixMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_millisecond(self.0) {
            Ok(time) => write!(f, "{time:.3}"),
            Err(_) => write!(f, "{} ms since 1970", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_go_there_and_back() {
        for (text, millis) in [
            ("1970-01-01T00:00:00.000Z", 0),
            ("2011-05-13T04:42:34.000Z", 1_305_261_754_000),
            ("2026-11-29T22:30:18.123Z", 1_795_991_418_123),
        ] {
            assert_eq!(UnixMillis(millis).to_string(), text);
            assert_eq!(UnixMillis::parse(text), Some(UnixMillis(millis)));
        }
        assert_eq!(UnixMillis::parse("2011-05-13T06:42:34+02:00"), Some(UnixMillis(1_305_261_754_000)));
        assert_eq!(UnixMillis::parse("1969-12-31T23:59:59.9999Z"), Some(UnixMillis(-1)));
        assert_eq!(UnixMillis::parse("2011-05-13T04:42:34.1239Z"), Some(UnixMillis(1_305_261_754_123)));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in
            ["", "2011-05-13", "2011-05-13T04:42:34", "2011-05-13 04:42:34Z", "now", "2011-13-13T04:42:34Z"]
        {
            assert_eq!(UnixMillis::parse(text), None, "{text}");
        }
        assert!(UnixMillis(i64::MAX).to_string().contains("ms"));
    }
}
