//! Secrets among the settings, as they are shown.

use serde::{Serialize as _, Serializer};
use vestibule_domain::secret::Secret;

/// Says that there is one, and not which.
#[expect(clippy::ref_option, reason = "the signature that serde calls")]
pub(super) fn masked<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(|_| "(not shown)").serialize(serializer)
}
