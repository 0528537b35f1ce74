//! Who hears of each check: a trace, a support tool, or nobody.

use super::{Check, ResponseRefusal};
use vestibule_refusal::Refusal as _;

/// Hears of every check as it is made.
///
/// What a witness hears of an encrypted assertion is more than its sender may know: show it to the people who run
/// the connection, never to the browser that brought the message (see [`ResponseRefusal::EncryptedAssertion`]).
pub trait Witness {
    /// The check passed. `found` tells what was found; calling it is what costs.
    fn passed(&mut self, check: Check, found: impl FnOnce() -> String);

    /// There was nothing to check, because of `reason`.
    fn skipped(&mut self, check: Check, reason: &'static str);

    /// The check failed. It is the last one that is made.
    fn failed(&mut self, check: Check, refusal: &ResponseRefusal);
}

/// Nobody listens; nothing is formatted.
impl Witness for () {
    fn passed(&mut self, _: Check, _: impl FnOnce() -> String) {}
    fn skipped(&mut self, _: Check, _: &'static str) {}
    fn failed(&mut self, _: Check, _: &ResponseRefusal) {}
}

/// What became of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It passed.
    Passed {
        /// What was found.
        found: String,
    },
    /// There was nothing to check.
    Skipped {
        /// Why not.
        reason: &'static str,
    },
    /// It failed.
    Failed {
        /// The refusal's stable code.
        code: &'static str,
        /// The refusal as a sentence.
        sentence: String,
        /// What was found.
        found: Option<String>,
        /// What was expected.
        expected: Option<String>,
    },
    /// An earlier one failed.
    NotReached,
}

/// A witness that keeps an account of all checks, those that were not reached included.
#[derive(Clone, Debug, Default)]
pub struct Account {
    heard: Vec<(Check, Outcome)>,
}

impl Account {
    /// What became of `check`.
    #[must_use]
    pub fn of(&self, check: Check) -> &Outcome {
        self.heard
            .iter()
            .find(|(heard, _)| *heard == check)
            .map_or(&Outcome::NotReached, |(_, outcome)| outcome)
    }

    /// Every check in order, with what became of it.
    pub fn checks(&self) -> impl Iterator<Item = (Check, &Outcome)> {
        Check::ALL.into_iter().map(|check| (check, self.of(check)))
    }

    /// The check that failed, if one did.
    #[must_use]
    pub fn failure(&self) -> Option<(Check, &Outcome)> {
        self.checks().find(|(_, outcome)| matches!(outcome, Outcome::Failed { .. }))
    }
}

impl Witness for Account {
    fn passed(&mut self, check: Check, found: impl FnOnce() -> String) {
        self.heard.push((check, Outcome::Passed { found: found() }));
    }

    fn skipped(&mut self, check: Check, reason: &'static str) {
        self.heard.push((check, Outcome::Skipped { reason }));
    }

    fn failed(&mut self, check: Check, refusal: &ResponseRefusal) {
        let failed = Outcome::Failed {
            code: refusal.code(),
            sentence: refusal.to_string(),
            found: refusal.found(),
            expected: refusal.expected(),
        };
        self.heard.push((check, failed));
    }
}
