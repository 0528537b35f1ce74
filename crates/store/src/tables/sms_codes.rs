//! Codes that were sent by text message.

use vestibule_domain::id::MemberId;
use vestibule_domain::mfa::sms::SmsCode;
use vestibule_domain::{Tenant, Time};

use super::row::doc;
use crate::error::{Guard, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

/// The guard of [`redeem`]: the code was used, or another one was sent.
pub const UNUSED: Guard = Guard("sms_code_unused");

const OF_MEMBER: &str = "SELECT member_id, doc FROM sms_codes WHERE project_id = ?1 AND member_id = ?2";
const KEEP: &str = "INSERT INTO sms_codes (project_id, member_id, expires_at, stamp, doc)
     VALUES (?1, ?2, ?3, ?4, ?5)
     ON CONFLICT (project_id, member_id) DO UPDATE
     SET expires_at = excluded.expires_at, stamp = excluded.stamp, doc = excluded.doc";
const REDEEM: &str = "DELETE FROM sms_codes
     WHERE project_id = ?1 AND member_id = ?2 AND stamp = ?3 AND expires_at > ?4";
const FORGET: &str = "DELETE FROM sms_codes WHERE project_id = ?1 AND member_id = ?2";

pub(crate) const ALL: &[&str] = &[OF_MEMBER, KEEP, REDEEM, FORGET];

/// Keeps a new code in the place of the one before it.
#[must_use]
pub fn keep(code: &SmsCode) -> Write {
    let params = params![
        Param::display(code.project_id),
        Param::display(code.member_id),
        code.expires_at,
        &code.stamp,
        Param::json(code)
    ];
    Write::any(KEEP, params)
}

/// Uses a code up: of all who try, one succeeds. Fails with the guard [`UNUSED`].
#[must_use]
pub fn redeem(code: &SmsCode, now: Time) -> Write {
    let params = params![Param::display(code.project_id), Param::display(code.member_id), &code.stamp, now];
    Write::one(REDEEM, params, UNUSED)
}

/// Forgets the code of a member, if there is one: it went to a number that is not theirs any more.
#[must_use]
pub fn forget(tenant: Tenant, member: MemberId) -> Write {
    Write::any(FORGET, params![Param::display(tenant.project_id()), Param::display(member)])
}

impl Store {
    /// The code that a member was sent last, also one that has ended.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn sms_code_of(&self, tenant: Tenant, member: MemberId) -> Result<Option<SmsCode>, StoreError> {
        let params = params![Param::display(tenant.project_id()), Param::display(member)];
        let found: Option<SmsCode> =
            self.query_opt(Read::new("sms_codes", OF_MEMBER, params), |row| doc(row, 1)).await?;
        Ok(found.filter(|code| code.organization_id == tenant.organization_id()))
    }
}
