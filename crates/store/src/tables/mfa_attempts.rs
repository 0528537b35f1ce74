//! How often somebody tried to prove a second factor of a member, counted before each try is judged.

use vestibule_domain::id::MemberId;
use vestibule_domain::mfa::attempts::Attempts;
use vestibule_domain::{Tenant, Time};

use super::row::time;
use crate::error::{Guard, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

/// The guard of [`keep`]: somebody else has tried meanwhile.
pub const LOADED: Guard = Guard("mfa_attempts_loaded");

const OF_MEMBER: &str =
    "SELECT member_id, failures, last_at FROM mfa_attempts WHERE project_id = ?1 AND member_id = ?2";
const KEEP: &str = "INSERT INTO mfa_attempts (project_id, member_id, failures, last_at) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT (project_id, member_id) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at
     WHERE mfa_attempts.failures = ?5 AND mfa_attempts.last_at = ?6";
const REFUND: &str = "UPDATE mfa_attempts SET failures = failures - 1
     WHERE project_id = ?1 AND member_id = ?2 AND failures > 0";
const FORGET: &str = "DELETE FROM mfa_attempts WHERE project_id = ?1 AND member_id = ?2";

pub(crate) const ALL: &[&str] = &[OF_MEMBER, KEEP, REFUND, FORGET];

/// Keeps one try more than was loaded; fails with the guard [`LOADED`] when somebody else has tried meanwhile.
#[must_use]
pub fn keep(tenant: Tenant, member: MemberId, tries: Attempts, loaded: Attempts) -> Write {
    let params = params![
        Param::display(tenant.project_id()),
        Param::display(member),
        i64::from(tries.failures),
        tries.last_at,
        i64::from(loaded.failures),
        loaded.last_at,
    ];
    Write::one(KEEP, params, LOADED)
}

/// Gives one try back, for what was no guess.
#[must_use]
pub fn refund(tenant: Tenant, member: MemberId) -> Write {
    Write::any(REFUND, params![Param::display(tenant.project_id()), Param::display(member)])
}

/// Forgets the tries of a member.
#[must_use]
pub fn forget(tenant: Tenant, member: MemberId) -> Write {
    Write::any(FORGET, params![Param::display(tenant.project_id()), Param::display(member)])
}

impl Store {
    /// The tries of a member.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn mfa_attempts(&self, tenant: Tenant, member: MemberId) -> Result<Attempts, StoreError> {
        let params = params![Param::display(tenant.project_id()), Param::display(member)];
        let read = |row: &crate::Row<'_>| {
            // More than fit are as many as there can be.
            let failures = u32::try_from(row.int(1)?.max(0)).unwrap_or(u32::MAX);
            Ok(Attempts { failures, last_at: time(row, 2)? })
        };
        let found = self.query_opt(Read::new("mfa_attempts", OF_MEMBER, params), read).await?;
        Ok(found.unwrap_or(Attempts { failures: 0, last_at: Time::default() }))
    }
}
