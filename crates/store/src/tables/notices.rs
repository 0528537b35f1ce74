//! Warnings about the end of verification certificates, and which certificates they are about.

use vestibule_domain::connection::{SamlSettings, VerificationCertificate};
use vestibule_domain::id::{ConnectionId, ProjectId};
use vestibule_domain::{Tenant, Time};

use super::row::{doc, parsed};
use crate::error::StoreError;
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

/// The unique index that refuses a warning for the second time.
pub const GIVEN: &str = "certificate_notices_pkey";

const ENDING: &str = "SELECT id, project_id, organization_id, doc FROM connections
     WHERE deleted_at IS NULL AND first_expiry <= ?1 AND id > ?2 ORDER BY id LIMIT ?3";
const INSERT: &str = "INSERT INTO certificate_notices (connection_id, fingerprint, days, project_id, at)
     VALUES (?1, ?2, ?3, ?4, ?5)";
const OF_CONNECTION: &str =
    "SELECT fingerprint, days FROM certificate_notices WHERE connection_id = ?1 ORDER BY fingerprint, days";
const FORGET: &str = "DELETE FROM certificate_notices WHERE connection_id = ?1";

pub(crate) const ALL: &[&str] = &[ENDING, INSERT, OF_CONNECTION, FORGET];

/// A connection with a certificate that ends soon, or has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ending {
    /// The connection.
    pub connection_id: ConnectionId,
    /// Where it belongs.
    pub tenant: Tenant,
    /// All its certificates.
    pub certificates: Vec<VerificationCertificate>,
}

/// Notes that the warning `days` before the end of a certificate is given. It fails with a violation of [`GIVEN`] for
/// everybody but the first.
#[must_use]
pub fn give(
    project: ProjectId,
    connection: ConnectionId,
    certificate: &VerificationCertificate,
    days: i64,
    now: Time,
) -> Write {
    let connection = Param::display(connection);
    Write::any(INSERT, params![connection, &certificate.fingerprint, days, Param::display(project), now])
}

/// Forgets the warnings of a connection that is deleted.
#[must_use]
pub fn forget(connection: ConnectionId) -> Write {
    Write::any(FORGET, params![Param::display(connection)])
}

impl Store {
    /// Connections of all projects with a certificate that ends before `until`, in the order of their ids and after
    /// `after`. Reads no secret.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn ending_certificates(
        &self,
        until: Time,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Ending>, StoreError> {
        let read = Read::new("connections", ENDING, params![until, after, i64::from(limit)]);
        let parse = |row: &crate::Row<'_>| {
            let (id, settings) = (row.str(0)?, doc::<SamlSettings>(row, 3).map_err(StoreError::from));
            // One that cannot be read keeps its place: a page with fewer would be taken for the last.
            let settings = self.left_out("connections", id, settings).ok().flatten();
            Ok(Ending {
                connection_id: parsed(row, 0)?,
                tenant: Tenant::stored(parsed(row, 1)?, parsed(row, 2)?),
                certificates: settings.unwrap_or_default().verification_certificates,
            })
        };
        self.query_all(read, parse).await
    }

    /// The warnings that were given for a connection: the certificate's fingerprint, and how many days before its end.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn certificate_notices(
        &self,
        connection: ConnectionId,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let read = Read::new("certificate_notices", OF_CONNECTION, params![Param::display(connection)]);
        self.query_all(read, |row| Ok((row.text(0)?, row.int(1)?))).await
    }
}
