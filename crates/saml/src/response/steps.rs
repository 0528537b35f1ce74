//! One check after the other, each heard by the witness.

use super::{Check, ResponseRefusal, Witness};

/// Passes each outcome on to the witness and back to the caller.
pub(super) struct Steps<'w, W> {
    pub(super) witness: &'w mut W,
}

impl<W: Witness> Steps<'_, W> {
    /// `check` ended in `outcome`.
    pub(super) fn step<T>(
        &mut self,
        check: Check,
        outcome: Result<T, ResponseRefusal>,
        found: impl FnOnce(&T) -> String,
    ) -> Result<T, ResponseRefusal> {
        match &outcome {
            Ok(value) => self.witness.passed(check, || found(value)),
            Err(refusal) => self.witness.failed(refusal.check(), refusal),
        }
        outcome
    }

    /// There was nothing to check.
    pub(super) fn skip(&mut self, check: Check, reason: &'static str) {
        self.witness.skipped(check, reason);
    }
}
