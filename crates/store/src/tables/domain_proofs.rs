//! Domains that organizations show to be theirs. Looking for a record belongs to whoever moves a row: of several nodes one.

use vestibule_domain::Time;
use vestibule_domain::domain_proof::{DomainName, DomainProof, MAX_DOMAIN_PROOFS};
use vestibule_domain::id::{OrganizationId, ProjectId};
use vestibule_domain::tenant::Tenant;

use super::organizations;
use super::row::{doc, parsed, time};
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::hold::{Hold, Rank};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

const TABLE: &str = "domain_proofs";

/// The guard of [`update`] and [`delete`]: the proof has changed meanwhile, or is gone.
pub const VERSION: Guard = Guard("domain_proof_version");
/// The guard of [`room`]: the organization shows as many domains as it may.
pub const ROOM: Guard = Guard("domain_proof_room");
/// The guard of [`claim_due`]: somebody else looks.
pub const CLAIMED: Guard = Guard("domain_proof_check_claimed");

const ONE: &str = "SELECT domain, version, doc FROM domain_proofs
     WHERE project_id = ?1 AND organization_id = ?2 AND domain = ?3";
const ALL_OF: &str = "SELECT domain, version, doc FROM domain_proofs
     WHERE project_id = ?1 AND organization_id = ?2 ORDER BY created_at, domain";
const INSERT: &str = "INSERT INTO domain_proofs
     (project_id, organization_id, domain, next_check_at, version, doc, created_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (project_id, organization_id, domain) DO NOTHING";
const UPDATE: &str = "UPDATE domain_proofs SET next_check_at = ?4, version = ?5, doc = ?6
     WHERE project_id = ?1 AND organization_id = ?2 AND domain = ?3 AND version = ?7";
const DELETE: &str = "DELETE FROM domain_proofs
     WHERE project_id = ?1 AND organization_id = ?2 AND domain = ?3 AND version = ?4";
const HAS_ROOM: &str = "SELECT o.id FROM organizations o WHERE o.project_id = ?1 AND o.id = ?2 AND ?3 >
     (SELECT COUNT(*) FROM domain_proofs p WHERE p.project_id = o.project_id AND p.organization_id = o.id)";
const DUE: &str = "SELECT project_id, organization_id, domain, next_check_at FROM domain_proofs
     WHERE next_check_at <= ?1 ORDER BY next_check_at, domain LIMIT ?2";
const CLAIM_DUE: &str = "UPDATE domain_proofs SET next_check_at = ?5
     WHERE project_id = ?1 AND organization_id = ?2 AND domain = ?3 AND next_check_at = ?4";

pub(crate) const ALL: &[&str] = &[ONE, ALL_OF, INSERT, UPDATE, DELETE, HAS_ROOM, DUE, CLAIM_DUE];

/// A look that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The project.
    pub project_id: ProjectId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The domain.
    pub domain: DomainName,
    /// Since when.
    pub due_at: Time,
}

impl Due {
    /// The place.
    #[must_use]
    pub const fn tenant(&self) -> Tenant {
        Tenant::stored(self.project_id, self.organization_id)
    }
}

/// Keeps a new proof. Its batch fails with the guard [`VERSION`] when the organization has one of the domain.
#[must_use]
pub fn insert(proof: &DomainProof) -> Write {
    let mut params = columns(proof);
    params.push(proof.created_at.into());
    Write::one(INSERT, params, VERSION)
}

/// Keeps a changed proof. Its batch fails with the guard [`VERSION`] when it is not at `expected_version` any more.
#[must_use]
pub fn update(proof: &DomainProof, expected_version: i64) -> Write {
    let mut params = columns(proof);
    params.push(expected_version.into());
    Write::one(UPDATE, params, VERSION)
}

/// Removes a proof as it was loaded. Fails with the guard [`VERSION`].
#[must_use]
pub fn delete(proof: &DomainProof) -> Write {
    let mut params = key(proof.tenant(), &proof.domain);
    params.push(proof.version.into());
    Write::one(DELETE, params, VERSION)
}

/// The organization has room for another proof, until the batch is kept: fails with the guard [`ROOM`].
#[must_use]
pub fn room(tenant: Tenant) -> [Hold; 2] {
    let most = i64::try_from(MAX_DOMAIN_PROOFS).unwrap_or(i64::MAX);
    let params = params![Param::display(tenant.project_id()), Param::display(tenant.organization_id()), most];
    let has_room = Hold::question(Rank::Organization, tenant.organization_id(), HAS_ROOM, params).or(ROOM);
    [organizations::serialised(tenant), has_room]
}

/// Claims a look that is due: of all who try, one succeeds. It is due again at `retry_at`, should whoever claimed it never come
/// back. Fails with the guard [`CLAIMED`].
#[must_use]
pub fn claim_due(due: &Due, retry_at: Time) -> Write {
    let mut params = key(due.tenant(), &due.domain);
    params.extend(params![due.due_at, retry_at]);
    Write::one(CLAIM_DUE, params, CLAIMED)
}

fn key(tenant: Tenant, domain: &DomainName) -> Vec<Param> {
    params![Param::display(tenant.project_id()), Param::display(tenant.organization_id()), domain.as_str()]
}

fn columns(proof: &DomainProof) -> Vec<Param> {
    let mut params = key(proof.tenant(), &proof.domain);
    params.extend(params![proof.next_check_at, proof.version, Param::json(proof)]);
    params
}

impl Store {
    /// The organization's proof of a domain.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn domain_proof(
        &self,
        tenant: Tenant,
        domain: &DomainName,
    ) -> Result<Option<DomainProof>, StoreError> {
        self.query_opt(Read::new(TABLE, ONE, key(tenant, domain)), move |row| proof(row, tenant)).await
    }

    /// All proofs of an organization, the oldest first.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn domain_proofs(&self, tenant: Tenant) -> Result<Vec<DomainProof>, StoreError> {
        let params = params![Param::display(tenant.project_id()), Param::display(tenant.organization_id())];
        self.list(Read::new(TABLE, ALL_OF, params), move |row| proof(row, tenant)).await
    }

    /// Looks that are due, those that have waited for the longest first.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn due_domain_checks(&self, now: Time, limit: u32) -> Result<Vec<Due>, StoreError> {
        let read = Read::new(TABLE, DUE, params![now, i64::from(limit)]);
        let due = |row: &Row<'_>| {
            Ok(Due {
                project_id: parsed(row, 0)?,
                organization_id: parsed(row, 1)?,
                domain: parsed(row, 2)?,
                due_at: time(row, 3)?,
            })
        };
        self.list(read, due).await
    }
}

/// The row says whose it is and at which version; the document has the rest.
fn proof(row: &Row<'_>, tenant: Tenant) -> Result<DomainProof, RowError> {
    let proof: DomainProof = doc(row, 2)?;
    let is_its_own = proof.tenant() == tenant && proof.domain.as_str() == row.str(0)?;
    if !is_its_own {
        return Err(RowError::because("the document is another's".to_owned()));
    }
    Ok(DomainProof { version: row.int(1)?, ..proof })
}
