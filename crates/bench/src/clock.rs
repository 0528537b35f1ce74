//! The clocks of a measurement: the one place here that reads them.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Now, for differences.
#[expect(clippy::disallowed_methods, reason = "measuring elapsed time is what this program is for")]
pub(crate) fn instant() -> Instant {
    Instant::now()
}

/// Now, since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "the provider and the filled rows need the time of the run")]
pub(crate) fn since_epoch() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
