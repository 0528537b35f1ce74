//! Signing keys. The private part is sealed.

use vestibule_domain::Time;
use vestibule_domain::entropy::Entropy;
use vestibule_domain::id::{ProjectId, SigningKeyId};
use vestibule_domain::project::{KeyStanding, SigningKey};

use super::row::{opt_time, parsed, time};
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;
use crate::vault::{SealedColumn, Vault, place};

const TABLE: &str = "signing_keys";
const COLUMN: &str = "sealed_private_key";

/// The unique index that lets a project have one active key.
pub const ACTIVE: &str = "signing_keys_active";
/// The guard of [`retire`]: the key has been retired already.
pub const SIGNS: Guard = Guard("signing_key_signs");

const LIST: &str = "SELECT id, project_id, sealed_private_key, created_at, retired_at FROM signing_keys
     WHERE project_id = ?1 ORDER BY created_at, id";
const STANDING: &str =
    "SELECT id, created_at, retired_at FROM signing_keys WHERE project_id = ?1 ORDER BY created_at, id";
const INSERT: &str = "INSERT INTO signing_keys (project_id, id, sealed_private_key, created_at, retired_at)
     VALUES (?1, ?2, ?3, ?4, ?5)";
const RETIRE: &str = "UPDATE signing_keys SET retired_at = ?3
     WHERE project_id = ?1 AND id = ?2 AND retired_at IS NULL";
const DELETE: &str = "DELETE FROM signing_keys WHERE project_id = ?1 AND id = ?2 AND retired_at IS NOT NULL";

pub(crate) const SEALED: SealedColumn = SealedColumn {
    table: TABLE,
    column: COLUMN,
    select: "SELECT id, sealed_private_key FROM signing_keys WHERE sealed_private_key NOT LIKE ?1 LIMIT ?2",
    update: "UPDATE signing_keys SET sealed_private_key = ?2 WHERE id = ?1 AND sealed_private_key = ?3",
};

pub(crate) const ALL: &[&str] = &[LIST, STANDING, INSERT, RETIRE, DELETE, SEALED.select, SEALED.update];

/// Keeps a new signing key. The index [`ACTIVE`] refuses it while another one of the project is active.
///
/// # Errors
/// When the private part cannot be sealed.
pub fn insert(key: &SigningKey, vault: &Vault, entropy: &dyn Entropy) -> Result<Write, StoreError> {
    let sealed = vault.seal(&place(TABLE, COLUMN, &key.id.to_string()), &key.private_key, entropy)?;
    let (project, id) = (Param::display(key.project_id), Param::display(key.id));
    Ok(Write::any(INSERT, params![project, id, sealed, key.created_at, key.retired_at]))
}

/// Stops signing with a key; fails with the guard [`SIGNS`] when it stopped before.
#[must_use]
pub fn retire(project: ProjectId, id: SigningKeyId, now: Time) -> Write {
    Write::one(RETIRE, params![Param::display(project), Param::display(id), now], SIGNS)
}

/// Forgets a retired key.
#[must_use]
pub fn forget(project: ProjectId, id: SigningKeyId) -> Write {
    Write::any(DELETE, params![Param::display(project), Param::display(id)])
}

impl Store {
    /// The signing keys of a project, retired ones too, the oldest first. A retired one whose private part cannot be
    /// unsealed is left out as by [`Store::list`]: it only says that old tokens are ours.
    ///
    /// # Errors
    /// As for [`Store::query_all`] and [`Vault::unseal`].
    pub async fn signing_keys(
        &self,
        vault: &Vault,
        project: ProjectId,
    ) -> Result<Vec<SigningKey>, StoreError> {
        let rows = self.query_all(Read::new(TABLE, LIST, params![Param::display(project)]), read).await?;
        let mut keys = Vec::with_capacity(rows.len());
        for (mut key, sealed) in rows {
            let unsealed = vault.unseal(&place(TABLE, COLUMN, &key.id.to_string()), &sealed).await;
            let private_key = match key.retired_at {
                Some(_) => self.left_out(TABLE, key.id, unsealed)?,
                None => Some(unsealed?),
            };
            let Some(private_key) = private_key else { continue };
            key.private_key = private_key;
            keys.push(key);
        }
        Ok(keys)
    }

    /// A project's signing keys without their private parts, the oldest first: one that cannot be used can still be replaced.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn key_standings(&self, project: ProjectId) -> Result<Vec<KeyStanding>, StoreError> {
        let read = Read::new(TABLE, STANDING, params![Param::display(project)]);
        let parse = |row: &Row<'_>| {
            Ok(KeyStanding { id: parsed(row, 0)?, created_at: time(row, 1)?, retired_at: opt_time(row, 2)? })
        };
        self.query_all(read, parse).await
    }
}

fn read(row: &Row<'_>) -> Result<(SigningKey, String), RowError> {
    let key = SigningKey {
        id: parsed(row, 0)?,
        project_id: parsed(row, 1)?,
        private_key: vestibule_domain::secret::Secret::default(),
        created_at: time(row, 3)?,
        retired_at: opt_time(row, 4)?,
    };
    Ok((key, row.text(2)?))
}
