//! Authenticator applications: one a member. The secret and the recovery codes are sealed together.

use serde::{Deserialize, Serialize};
use vestibule_domain::Tenant;
use vestibule_domain::entropy::Entropy;
use vestibule_domain::id::MemberId;
use vestibule_domain::mfa::recovery::RecoveryCodes;
use vestibule_domain::mfa::totp::{TotpRegistration, TotpSecret, TotpState};
use vestibule_domain::secret::Secret;

use super::members;
use super::row::{opt_time, parsed, time};
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::hold::Lock;
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;
use crate::vault::{SealedColumn, Vault, place};

const TABLE: &str = "totp_registrations";
const COLUMN: &str = "sealed_secrets";

/// The guard of [`begin`]: the member has an application that was proved.
pub const NONE_ACTIVE: Guard = Guard("totp_none_active");
/// The guard of [`update`] and [`delete`]: it has changed meanwhile, or another has taken its place.
pub const VERSION: Guard = Guard("totp_version");

const OF_MEMBER: &str = "SELECT id, project_id, organization_id, member_id, sealed_secrets, last_step,
         expires_at, created_at, version
     FROM totp_registrations WHERE project_id = ?1 AND organization_id = ?2 AND member_id = ?3";
const BEGIN: &str = "INSERT INTO totp_registrations
     (project_id, organization_id, member_id, id, sealed_secrets, last_step, expires_at, created_at, version)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
     ON CONFLICT (project_id, member_id) DO UPDATE
     SET id = excluded.id, sealed_secrets = excluded.sealed_secrets, last_step = excluded.last_step,
         expires_at = excluded.expires_at, created_at = excluded.created_at, version = excluded.version
     WHERE totp_registrations.expires_at IS NOT NULL";
const UPDATE: &str = "UPDATE totp_registrations
     SET sealed_secrets = ?4, last_step = ?5, expires_at = ?6, version = ?7
     WHERE project_id = ?1 AND member_id = ?2 AND id = ?3 AND version = ?8";
const DELETE: &str = "DELETE FROM totp_registrations
     WHERE project_id = ?1 AND member_id = ?2 AND id = ?3 AND version = ?4";
const DELETE_OF_MEMBER: &str = "DELETE FROM totp_registrations WHERE project_id = ?1 AND member_id = ?2";
const DELETE_OF_ORGANIZATION: &str =
    "DELETE FROM totp_registrations WHERE project_id = ?1 AND organization_id = ?2";

pub(crate) const SEALED: SealedColumn = SealedColumn {
    table: TABLE,
    column: COLUMN,
    select: "SELECT id, sealed_secrets FROM totp_registrations WHERE sealed_secrets NOT LIKE ?1 LIMIT ?2",
    update: "UPDATE totp_registrations SET sealed_secrets = ?2 WHERE id = ?1 AND sealed_secrets = ?3",
};

pub(crate) const ALL: &[&str] = &[
    OF_MEMBER,
    BEGIN,
    UPDATE,
    DELETE,
    DELETE_OF_MEMBER,
    DELETE_OF_ORGANIZATION,
    SEALED.select,
    SEALED.update,
];

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Secrets {
    secret: String,
    recovery_codes: Vec<String>,
}

/// Keeps a new application in the place of one that was never proved; fails with the guard [`NONE_ACTIVE`] when the member
/// has one that was.
///
/// # Errors
/// As for [`Vault::seal`].
pub fn begin(totp: &TotpRegistration, vault: &Vault, entropy: &dyn Entropy) -> Result<Write, StoreError> {
    let params = params![
        Param::display(totp.project_id),
        Param::display(totp.organization_id),
        Param::display(totp.member_id),
        Param::display(totp.id),
        sealed(totp, vault, entropy)?,
        totp.last_step,
        expires_at(totp),
        totp.created_at,
        totp.version,
    ];
    let tenant = Tenant::stored(totp.project_id, totp.organization_id);
    Ok(Write::one(BEGIN, params, NONE_ACTIVE).locking(members::row(tenant, totp.member_id, Lock::Stays)))
}

/// Keeps a changed application; fails with the guard [`VERSION`] when it is not at `expected_version` any more.
///
/// # Errors
/// As for [`Vault::seal`].
pub fn update(
    totp: &TotpRegistration,
    expected_version: i64,
    vault: &Vault,
    entropy: &dyn Entropy,
) -> Result<Write, StoreError> {
    let params = params![
        Param::display(totp.project_id),
        Param::display(totp.member_id),
        Param::display(totp.id),
        sealed(totp, vault, entropy)?,
        totp.last_step,
        expires_at(totp),
        totp.version,
        expected_version,
    ];
    Ok(Write::one(UPDATE, params, VERSION))
}

/// Takes an application away as it was loaded; fails with the guard [`VERSION`] when it has changed since.
#[must_use]
pub fn delete(totp: &TotpRegistration) -> Write {
    let params = params![
        Param::display(totp.project_id),
        Param::display(totp.member_id),
        Param::display(totp.id),
        totp.version
    ];
    Write::one(DELETE, params, VERSION)
}

/// Forgets the application of a member, if there is one.
#[must_use]
pub fn delete_of_member(tenant: Tenant, member: MemberId) -> Write {
    Write::any(DELETE_OF_MEMBER, params![Param::display(tenant.project_id()), Param::display(member)])
}

/// Forgets those of all members of an organization.
#[must_use]
pub(super) fn delete_of_organization(tenant: Tenant) -> Write {
    let params = params![Param::display(tenant.project_id()), Param::display(tenant.organization_id())];
    Write::any(DELETE_OF_ORGANIZATION, params)
}

fn expires_at(totp: &TotpRegistration) -> Param {
    Param::OptInt(match totp.state {
        TotpState::Active => None,
        TotpState::Pending(until) => Some(until.millis()),
    })
}

fn sealed(totp: &TotpRegistration, vault: &Vault, entropy: &dyn Entropy) -> Result<String, StoreError> {
    let secrets = Secrets {
        secret: totp.secret.expose().to_owned(),
        recovery_codes: totp.recovery_codes.expose().map(str::to_owned).collect(),
    };
    let text = serde_json::to_string(&secrets).map_err(|error| StoreError::Document(error.to_string()))?;
    vault.seal(&place(TABLE, COLUMN, &totp.id.to_string()), &Secret::from(text), entropy)
}

impl Store {
    /// The application of a member, also one that waits for its first proof or has waited for too long.
    ///
    /// # Errors
    /// As for [`Store::query_opt`] and [`Vault::unseal`].
    pub async fn totp_of(
        &self,
        vault: &Vault,
        tenant: Tenant,
        member: MemberId,
    ) -> Result<Option<TotpRegistration>, StoreError> {
        let params = params![
            Param::display(tenant.project_id()),
            Param::display(tenant.organization_id()),
            Param::display(member)
        ];
        let Some((mut totp, sealed)) = self.query_opt(Read::new(TABLE, OF_MEMBER, params), read).await?
        else {
            return Ok(None);
        };
        let text = vault.unseal(&place(TABLE, COLUMN, &totp.id.to_string()), &sealed).await?;
        // What the parser says may quote what was sealed.
        let secrets: Secrets = serde_json::from_str(text.expose())
            .map_err(|_| StoreError::Document(format!("the secrets of {} cannot be read", totp.id)))?;
        totp.secret = TotpSecret::kept(secrets.secret);
        totp.recovery_codes = RecoveryCodes::kept(secrets.recovery_codes);
        Ok(Some(totp))
    }
}

/// An application without its secrets, and those as they are kept.
fn read(row: &Row<'_>) -> Result<(TotpRegistration, String), RowError> {
    let totp = TotpRegistration {
        id: parsed(row, 0)?,
        project_id: parsed(row, 1)?,
        organization_id: parsed(row, 2)?,
        member_id: parsed(row, 3)?,
        secret: TotpSecret::kept(String::new()),
        recovery_codes: RecoveryCodes::default(),
        state: opt_time(row, 6)?.map_or(TotpState::Active, TotpState::Pending),
        last_step: row.int(5)?,
        created_at: time(row, 7)?,
        version: row.int(8)?,
    };
    Ok((totp, row.text(4)?))
}
