//! Messages of identity providers that may be used once.

use vestibule_domain::Time;
use vestibule_domain::id::{ConnectionId, ProjectId};

use crate::params;
use crate::sql::{Param, Write};

/// The unique index that refuses a message for the second time.
pub const USED: &str = "replays_pkey";

const INSERT: &str =
    "INSERT INTO replays (connection_id, message_id, project_id, expires_at) VALUES (?1, ?2, ?3, ?4)";

pub(crate) const ALL: &[&str] = &[INSERT];

/// Claims a message (an assertion id, a `jti`, a hash) of a connection. It fails with a violation of
/// [`USED`] for everybody but the first. It is remembered until `expires_at`, when the message is too old
/// anyway.
#[must_use]
pub fn claim(project: ProjectId, connection: ConnectionId, message: &str, expires_at: Time) -> Write {
    Write::any(INSERT, params![Param::display(connection), message, Param::display(project), expires_at])
}
