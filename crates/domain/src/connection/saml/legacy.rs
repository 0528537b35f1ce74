//! The legacy switches of a SAML connection: weak algorithms that a provider cannot do without for now.
//! Off unless somebody turns one on, and each ends by itself.

use serde::{Deserialize, Serialize};

use crate::refusal::{Field, Refusal, What};
use crate::time::{Span, Time};

/// The longest a legacy switch may stay on.
pub const LEGACY_MOST: Span = Span::days(180);

/// Until when weak algorithms are accepted from a connection's provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LegacySwitches {
    /// Signatures and digests with SHA-1.
    pub sha1_until: Option<Time>,
    /// Inclusive canonicalisation (Canonical XML 1.0), under which context can leak into signed content.
    pub inclusive_c14n_until: Option<Time>,
}

impl LegacySwitches {
    /// Whether SHA-1 is accepted now.
    #[must_use]
    pub fn allows_sha1(&self, now: Time) -> bool {
        self.sha1_until.is_some_and(|until| now < until)
    }

    /// Whether inclusive canonicalisation is accepted now.
    #[must_use]
    pub fn allows_inclusive_c14n(&self, now: Time) -> bool {
        self.inclusive_c14n_until.is_some_and(|until| now < until)
    }
}

/// Checks when a switch is to end. `kind` and `setting` say which switch it is.
///
/// # Errors
/// An end that has passed or is more than [`LEGACY_MOST`] ahead.
pub(in crate::connection) fn checked_until(
    kind: Field,
    setting: &str,
    end: Time,
    now: Time,
) -> Result<Time, Refusal> {
    if end <= now || end > now.plus(LEGACY_MOST) {
        return Err(Refusal::new(What::Invalid(kind))
            .found(format!("{end} in {setting}"))
            .expected(format!("a time after {now} and not after {}", now.plus(LEGACY_MOST))));
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_ends_by_itself() {
        let now = Time::from_seconds(1_700_000_000);
        let until = now.plus(Span::days(1));
        let switches = LegacySwitches { sha1_until: Some(until), inclusive_c14n_until: None };
        assert!(switches.allows_sha1(now) && !switches.allows_inclusive_c14n(now));
        assert!(!switches.allows_sha1(until));
    }

    #[test]
    fn an_end_is_ahead_and_not_far() {
        let now = Time::from_seconds(1_700_000_000);
        let last = now.plus(LEGACY_MOST);
        let check = |end| checked_until(Field::LegacySwitch, "a_switch", end, now);
        assert_eq!(check(last), Ok(last));
        for refused in [now, now.minus(Span::days(1)), last.plus(Span::seconds(1))] {
            let refusal = check(refused).unwrap_err();
            assert_eq!(refusal.what, What::Invalid(Field::LegacySwitch));
            assert!(refusal.detail().unwrap().contains("a_switch"));
        }
    }
}
