//! Messages of identity providers that may be used once.

use vestibule_domain::Time;
use vestibule_domain::id::ProjectId;

use crate::params;
use crate::sql::{Param, Write};

/// The unique index that refuses a message for the second time.
pub const USED: &str = "used_messages_pkey";

const INSERT: &str =
    "INSERT INTO used_messages (project_id, issuer, message_id, expires_at) VALUES (?1, ?2, ?3, ?4)";

pub(crate) const ALL: &[&str] = &[INSERT];

/// Claims a message (an assertion id, a `jti`, a hash) of an issuer, for all connections of a project that lead to it. It
/// fails with a violation of [`USED`] for everybody but the first. It is remembered until `expires_at`, when the message is
/// too old anyway, whatever the clock.
#[must_use]
pub fn claim(project: ProjectId, issuer: &str, message: &str, expires_at: Time) -> Write {
    Write::any(INSERT, params![Param::display(project), issuer, message, expires_at])
}
