//! Messages of identity providers that may be used once.

use vestibule_domain::Time;
use vestibule_domain::id::ProjectId;

use crate::error::Guard;
use crate::hold::{Hold, Rank};
use crate::params;
use crate::sql::{Param, Write};

/// The unique index that refuses a message for the second time.
pub const USED: &str = "used_messages_pkey";
/// The guard of [`unused`]: the message was used.
pub const UNUSED: Guard = Guard("used_messages_unused");

const INSERT: &str =
    "INSERT INTO used_messages (project_id, issuer, message_id, expires_at) VALUES (?1, ?2, ?3, ?4)";

const NOT_USED: &str = "SELECT p.id FROM projects p WHERE p.id = ?1 AND NOT EXISTS
     (SELECT 1 FROM used_messages u WHERE u.project_id = ?1 AND u.issuer = ?2 AND u.message_id = ?3)";

pub(crate) const ALL: &[&str] = &[INSERT, NOT_USED];

/// Claims a message of an issuer, for all connections of a project that lead to it. `message` is something that no other
/// connection can make (ADR 23): whoever claims a name keeps it from everybody. It fails with a violation of [`USED`] for everybody but the first. It is remembered until `expires_at`, when the message is
/// too old anyway, whatever the clock.
#[must_use]
pub fn claim(project: ProjectId, issuer: &str, message: &str, expires_at: Time) -> Write {
    Write::any(INSERT, params![Param::display(project), issuer, message, expires_at])
}

/// Nobody has claimed the message when the batch is kept: fails with the guard [`UNUSED`]. It keeps nobody from claiming it:
/// it is for names by which messages were claimed once and are no more.
#[must_use]
pub fn unused(project: ProjectId, issuer: &str, message: &str) -> Hold {
    let params = params![Param::display(project), issuer, message];
    Hold::question(Rank::Project, project, NOT_USED, params).or(UNUSED)
}
