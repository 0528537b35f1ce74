//! Warnings about the ends of certificates, secrets and tokens, and what they are about.

use vestibule_domain::calendar::{self, Ending};
use vestibule_domain::connection::{OidcSettings, Protocol, SamlSettings};
use vestibule_domain::directory::Directory;
use vestibule_domain::id::{ConnectionId, ConnectionKind, ProjectId};
use vestibule_domain::{Tenant, Time};

use super::row::{doc, parsed};
use crate::dialect::Row;
use crate::error::{RowError, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

/// The unique index that refuses a warning for the second time.
pub const GIVEN: &str = "certificate_notices_pkey";

const ENDING: &str = "SELECT id, project_id, organization_id, doc, display_name FROM connections
     WHERE deleted_at IS NULL AND first_expiry <= ?1 AND id > ?2 ORDER BY id LIMIT ?3";
const DIRECTORIES: &str = "SELECT id, project_id, organization_id, doc FROM directories
     WHERE deleted_at IS NULL AND id > ?1 ORDER BY id LIMIT ?2";
const INSERT: &str = "INSERT INTO certificate_notices (connection_id, fingerprint, days, project_id, at)
     VALUES (?1, ?2, ?3, ?4, ?5)";
const OF_CONNECTION: &str =
    "SELECT fingerprint, days FROM certificate_notices WHERE connection_id = ?1 ORDER BY fingerprint, days";
const FORGET: &str = "DELETE FROM certificate_notices WHERE connection_id = ?1";

pub(crate) const ALL: &[&str] = &[ENDING, DIRECTORIES, INSERT, OF_CONNECTION, FORGET];

/// A connection or a directory of which something ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Holder {
    /// Its id: what the next page begins after.
    pub id: String,
    /// Where it belongs.
    pub tenant: Tenant,
    /// All of it that ends.
    pub endings: Vec<Ending>,
}

/// Notes that the warning `days` before an end is given. It fails with a violation of [`GIVEN`] for everybody but the first.
#[must_use]
pub fn give(project: ProjectId, holder: &str, ending: &Ending, days: i64, now: Time) -> Write {
    Write::any(INSERT, params![holder, ending.mark(), days, Param::display(project), now])
}

/// Forgets the warnings of a connection that is deleted.
#[must_use]
pub fn forget(connection: ConnectionId) -> Write {
    Write::any(FORGET, params![Param::display(connection)])
}

impl Store {
    /// Connections of all projects of which something ends before `until`, in the order of their ids and after `after`. Reads
    /// no secret.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn connections_with_ends(
        &self,
        (until, now): (Time, Time),
        after: &str,
        limit: u32,
    ) -> Result<Vec<Holder>, StoreError> {
        let read = Read::new("connections", ENDING, params![until, after, i64::from(limit)]);
        let parse = |row: &Row<'_>| {
            let (id, found) = (row.str(0)?, connection_endings(row, now).map_err(StoreError::from));
            // One that cannot be read keeps its place: a page with fewer would be taken for the last.
            let endings = self.left_out("connections", id, found).ok().flatten().unwrap_or_default();
            Ok(Holder {
                id: id.to_owned(),
                tenant: Tenant::stored(parsed(row, 1)?, parsed(row, 2)?),
                endings,
            })
        };
        self.query_all(read, parse).await
    }

    /// Directories of all projects with what ends of each, in the order of their ids and after `after`.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn directories_with_ends(
        &self,
        now: Time,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Holder>, StoreError> {
        let read = Read::new("directories", DIRECTORIES, params![after, i64::from(limit)]);
        let parse = |row: &Row<'_>| {
            let (id, found) = (row.str(0)?, doc::<Directory>(row, 3).map_err(StoreError::from));
            let directory = self.left_out("directories", id, found).ok().flatten();
            Ok(Holder {
                id: id.to_owned(),
                tenant: Tenant::stored(parsed(row, 1)?, parsed(row, 2)?),
                endings: directory.map_or_else(Vec::new, |one| calendar::of_directory(&one, now)),
            })
        };
        self.query_all(read, parse).await
    }

    /// The warnings that were given for a connection or a directory: about what, and how many days before its end.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn certificate_notices(&self, holder: &str) -> Result<Vec<(String, i64)>, StoreError> {
        let read = Read::new("certificate_notices", OF_CONNECTION, params![holder]);
        self.query_all(read, |row| Ok((row.text(0)?, row.int(1)?))).await
    }
}

fn connection_endings(row: &Row<'_>, now: Time) -> Result<Vec<Ending>, RowError> {
    let id: ConnectionId = parsed(row, 0)?;
    let protocol = match id.kind() {
        ConnectionKind::Saml => Protocol::Saml(Box::new(doc::<SamlSettings>(row, 3)?)),
        ConnectionKind::Oidc => Protocol::Oidc(Box::new(doc::<OidcSettings>(row, 3)?)),
        ConnectionKind::External => return Ok(Vec::new()),
    };
    Ok(calendar::of_connection(id, row.str(4)?, &protocol, now))
}
