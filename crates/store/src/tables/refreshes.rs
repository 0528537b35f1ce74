//! When identity providers' metadata is read again. Reading belongs to whoever moves a row: of several nodes one.

use vestibule_domain::Time;
use vestibule_domain::id::{ConnectionId, ProjectId};
use vestibule_domain::time::Span;

use super::row::{parsed, time};
use crate::error::{Guard, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

/// The guard of [`claim_due`] and [`claim_now`]: somebody else reads it, or read it just now.
pub const CLAIMED: Guard = Guard("metadata_refresh_claimed");

const DUE: &str = "SELECT connection_id, due_at FROM metadata_refreshes WHERE due_at <= ?1
     ORDER BY due_at, connection_id LIMIT ?2";
const PLAN: &str = "INSERT INTO metadata_refreshes (connection_id, project_id, due_at) VALUES (?1, ?2, ?3)
     ON CONFLICT (connection_id) DO UPDATE SET due_at = ?3";
const FORGET: &str = "DELETE FROM metadata_refreshes WHERE connection_id = ?1";
const CLAIM_DUE: &str = "UPDATE metadata_refreshes SET due_at = ?3, tried_at = ?4
     WHERE connection_id = ?1 AND due_at = ?2";
const CLAIM_NOW: &str = "UPDATE metadata_refreshes SET tried_at = ?2
     WHERE connection_id = ?1 AND (tried_at IS NULL OR tried_at <= ?3)";

pub(crate) const ALL: &[&str] = &[DUE, PLAN, FORGET, CLAIM_DUE, CLAIM_NOW];

/// A reading that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Whose metadata.
    pub connection_id: ConnectionId,
    /// Since when.
    pub due_at: Time,
}

/// Plans the next reading of a connection's metadata.
#[must_use]
pub fn plan(project: ProjectId, connection: ConnectionId, due_at: Time) -> Write {
    Write::any(PLAN, params![Param::display(connection), Param::display(project), due_at])
}

/// Plans no reading any more.
#[must_use]
pub fn forget(connection: ConnectionId) -> Write {
    Write::any(FORGET, params![Param::display(connection)])
}

/// Claims a reading that is due: of all who try, one succeeds. It is due again at `retry_at`, should whoever
/// claimed it never come back. Fails with the guard [`CLAIMED`].
#[must_use]
pub fn claim_due(due: &Due, retry_at: Time, now: Time) -> Write {
    Write::one(CLAIM_DUE, params![Param::display(due.connection_id), due.due_at, retry_at, now], CLAIMED)
}

/// Claims a reading that is not due, unless the last one of any kind was less than `apart` ago. Fails with the guard
/// [`CLAIMED`], also when no reading is planned at all.
#[must_use]
pub fn claim_now(connection: ConnectionId, now: Time, apart: Span) -> Write {
    Write::one(CLAIM_NOW, params![Param::display(connection), now, now.minus(apart)], CLAIMED)
}

impl Store {
    /// Readings that are due, those that have waited for the longest first.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn due_metadata_refreshes(&self, now: Time, limit: u32) -> Result<Vec<Due>, StoreError> {
        let read = Read::new("metadata_refreshes", DUE, params![now, i64::from(limit)]);
        self.list(read, |row| Ok(Due { connection_id: parsed(row, 0)?, due_at: time(row, 1)? })).await
    }
}
