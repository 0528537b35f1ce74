//! Members.

use vestibule_domain::email::EmailAddress;
use vestibule_domain::id::{MemberId, ProjectId, id_prefix};
use vestibule_domain::member::{Member, MemberStatus};
use vestibule_domain::rbac::{Authority, MEMBER_ROLE, ProjectGrant};
use vestibule_domain::{Tenant, Time};

use super::organizations;
use super::row::{doc_of, time};
use super::search::{Conditions, Found, Reach, Search, Sought, listed, listed_pattern};
use super::{registrations, retired_emails, sign_outs, totp};
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::hold::{Hold, Lock, Rank};
use crate::params;
use crate::sql::{Batch, Param, Read, Write};
use crate::store::Store;

const TABLE: &str = "members";

/// The guard of [`update`] and [`at_version`]: the member has changed meanwhile.
pub const VERSION: Guard = Guard("member_version");
/// The guard of [`stands`] and [`erase`]: there is no such member.
pub const EXISTS: Guard = Guard("member_exists");
/// The guard of [`acts`]: who asked for the change was removed meanwhile.
pub const ACTS: Guard = Guard("member_acts");
/// The unique index that refuses an address used twice among an organization's members that are not deleted.
pub const EMAIL: &str = "members_email";
/// The unique index that refuses an external id used twice among them.
pub const EXTERNAL_ID: &str = "members_external_id";

const BY_ID: &str = "SELECT id, doc, created_at, version FROM members WHERE project_id = ?1 AND id = ?2";
const IN_ORGANIZATION: &str = "SELECT id, doc, created_at, version FROM members WHERE project_id = ?1 AND organization_id = ?2 AND id = ?3";
const BY_EXTERNAL_ID: &str = "SELECT id, doc, created_at, version FROM members
     WHERE project_id = ?1 AND organization_id = ?2 AND external_id = ?3 AND status <> 'deleted'";
const BY_EMAIL: &str = "SELECT id, doc, created_at, version FROM members
     WHERE project_id = ?1 AND organization_id = ?2 AND email = ?3 AND status <> 'deleted'";
const BY_ADDRESS: &str = "SELECT id, doc, created_at, version FROM members
     WHERE project_id = ?1 AND email = ?2 AND status <> 'deleted' ORDER BY created_at, id LIMIT ?3";
const COUNT: &str = "SELECT 'count', COUNT(*) FROM members
     WHERE project_id = ?1 AND organization_id = ?2 AND status <> 'deleted'";
/// Nobody is made with an address that is reserved for another member.
const INSERT: &str = "INSERT INTO members
     (project_id, organization_id, id, external_id, email, status, is_breakglass, mfa_phone_number, roles,
      created_at, version, doc)
     SELECT CAST(?1 AS TEXT), CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(?4 AS TEXT), CAST(?5 AS TEXT),
         CAST(?6 AS TEXT), CAST(?7 AS BIGINT), CAST(?8 AS TEXT), CAST(?9 AS TEXT), CAST(?10 AS BIGINT),
         CAST(?11 AS BIGINT), CAST(?12 AS TEXT)
     WHERE NOT EXISTS (SELECT 1 FROM retired_emails r
         WHERE r.project_id = ?1 AND r.organization_id = ?2 AND r.email = ?5 AND r.member_id <> ?3)";
const UPDATE: &str = "UPDATE members
     SET external_id = ?4, email = ?5, status = ?6, is_breakglass = ?7, mfa_phone_number = ?8, roles = ?9,
         version = ?10, doc = ?11
     WHERE project_id = ?1 AND organization_id = ?2 AND id = ?3 AND version = ?12";

const ROW: &str = "SELECT id FROM members WHERE project_id = ?1 AND organization_id = ?2 AND id = ?3";
const STANDS: &str = "SELECT id FROM members
     WHERE project_id = ?1 AND organization_id = ?2 AND id = ?3 AND status <> 'deleted'";

const AT_VERSION: &str = "SELECT id FROM members
     WHERE project_id = ?1 AND organization_id = ?2 AND id = ?3 AND version = ?4";

const DELETE: &str = "DELETE FROM members WHERE project_id = ?1 AND organization_id = ?2 AND id = ?3";

pub(crate) const ALL: &[&str] =
    &[BY_ID, IN_ORGANIZATION, BY_EXTERNAL_ID, BY_EMAIL, BY_ADDRESS, COUNT, INSERT, UPDATE, DELETE];

pub(crate) const LOCKED: &[&str] = &[ROW, STANDS, AT_VERSION];

/// A filter of a search for members. A list holds when one of its values does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberFilter {
    /// Their id or external id.
    Ids(Vec<String>),
    /// Their address.
    Emails(Vec<String>),
    /// A part of their address.
    EmailFuzzy(String),
    /// Whether they are exempt from restrictions of sign-in methods.
    IsBreakglass(bool),
    /// Where they stand. Without this filter deleted members are not found.
    Statuses(Vec<MemberStatus>),
    /// Their phone number.
    PhoneNumbers(Vec<String>),
    /// A part of their phone number.
    PhoneNumberFuzzy(String),
    /// Whether they have a password. No table holds passwords, so nobody has.
    PasswordExists(bool),
    /// A role given to them by name, or the one that every active member has.
    Roles(Vec<String>),
}

/// The member stands as they are until the batch is kept: fails with the guard [`EXISTS`].
#[must_use]
pub fn stands(tenant: Tenant, id: MemberId) -> Hold {
    present(tenant, id, Lock::Unchanged).or(EXISTS)
}

/// The member by whom something is changed stands until the batch is kept: fails with the guard [`ACTS`].
#[must_use]
pub fn acts(tenant: Tenant, id: MemberId) -> Hold {
    present(tenant, id, Lock::Stays).or(ACTS)
}

/// A member who is not deleted.
fn present(tenant: Tenant, id: MemberId, lock: Lock) -> Hold {
    let params = params![
        Param::display(tenant.project_id()),
        Param::display(tenant.organization_id()),
        Param::display(id)
    ];
    Hold::row(Rank::Member, id, lock, STANDS, params)
}

/// The member, who may be deleted, is as they were loaded until the batch is kept: fails with the guard [`VERSION`].
#[must_use]
pub fn at_version(tenant: Tenant, id: MemberId, version: i64) -> Hold {
    let params = params![
        Param::display(tenant.project_id()),
        Param::display(tenant.organization_id()),
        Param::display(id),
        version
    ];
    Hold::row(Rank::Member, id, Lock::Unchanged, AT_VERSION, params).or(VERSION)
}

/// The row of a member, who may be deleted or not be there.
pub(super) fn row(tenant: Tenant, id: MemberId, lock: Lock) -> Hold {
    let params = params![
        Param::display(tenant.project_id()),
        Param::display(tenant.organization_id()),
        Param::display(id)
    ];
    Hold::row(Rank::Member, id, lock, ROW, params)
}

/// Keeps a new member; fails with the guard [`retired_emails::RESERVED`] when the address was another's and is reserved.
#[must_use]
pub fn insert(member: &Member) -> Write {
    let mut params = columns(member);
    params.insert(9, member.created_at.into());
    Write::one(INSERT, params, retired_emails::RESERVED)
        .locking(organizations::row(member.tenant(), Lock::Stays))
}

/// Keeps a changed member, also a deleted one; fails with the guard [`VERSION`] when they are not at
/// `expected_version` any more.
#[must_use]
pub fn update(member: &Member, expected_version: i64) -> Write {
    let mut params = columns(member);
    params.push(expected_version.into());
    Write::one(UPDATE, params, VERSION).locking(row(member.tenant(), member.id, Lock::Mine))
}

/// Removes a member without a trace, with their sessions and registrations; fails with the guard [`EXISTS`] when there
/// is none. It reads nothing: this is how somebody leaves whose row cannot be read. Everybody else is marked as
/// deleted by [`update`], so that history stays readable.
#[must_use]
pub fn erase(tenant: Tenant, id: MemberId) -> Batch {
    let params = params![
        Param::display(tenant.project_id()),
        Param::display(tenant.organization_id()),
        Param::display(id)
    ];
    Batch::from(sign_outs::of_member(tenant.project_id(), id)).with([
        registrations::delete_of_member(tenant.project_id(), id),
        retired_emails::release(tenant.project_id(), id),
        totp::delete_of_member(tenant, id),
        Write::one(DELETE, params, EXISTS).locking(row(tenant, id, Lock::Going)),
    ])
}

fn columns(member: &Member) -> Vec<Param> {
    params![
        Param::display(member.project_id),
        Param::display(member.organization_id),
        Param::display(member.id),
        member.external_id.clone(),
        member.email.as_str(),
        member.status.as_str(),
        member.is_breakglass,
        &member.mfa_phone_number,
        listed(&member.roles),
        member.version,
        Param::json(member),
    ]
}

impl Store {
    /// A member of an organization by id or external id.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn member(&self, tenant: Tenant, locator: &str) -> Result<Option<Member>, StoreError> {
        let params = || {
            params![Param::display(tenant.project_id()), Param::display(tenant.organization_id()), locator]
        };
        // A text that begins as an id does is one or nothing.
        if id_prefix(locator).is_some() {
            if locator.parse::<MemberId>().is_err() {
                return Ok(None);
            }
            return self.query_opt(Read::new(TABLE, IN_ORGANIZATION, params()), read_member).await;
        }
        self.query_opt(Read::new(TABLE, BY_EXTERNAL_ID, params()), read_member).await
    }

    /// A member of an organization by id, also a deleted one.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn member_of(&self, tenant: Tenant, id: MemberId) -> Result<Option<Member>, StoreError> {
        self.query_opt(of(tenant, id), read_member).await
    }

    /// Everybody in a project who has an address, the oldest first: for somebody who has shown that it is theirs.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn members_by_address(
        &self,
        project: ProjectId,
        address: &EmailAddress,
        most: i64,
    ) -> Result<Vec<Member>, StoreError> {
        let params = params![Param::display(project), address.as_str(), most];
        self.query_all(Read::new(TABLE, BY_ADDRESS, params), read_member).await
    }

    /// Where a member belongs, for whoever is about to be let in there or not.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn tenant_of_member(
        &self,
        asked_by: &Authority,
        id: MemberId,
    ) -> Result<Option<Tenant>, StoreError> {
        let read =
            Read::new(TABLE, BY_ID, params![Param::display(asked_by.project_id()), Param::display(id)]);
        Ok(self.query_opt(read, read_member).await?.map(|member| member.tenant()))
    }

    /// A member of a project, whatever their organization: for those who have the whole project.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn member_anywhere<A>(
        &self,
        grant: &ProjectGrant<A>,
        id: MemberId,
    ) -> Result<Option<Member>, StoreError> {
        let read = Read::new(TABLE, BY_ID, params![Param::display(grant.project_id()), Param::display(id)]);
        self.query_opt(read, read_member).await
    }

    /// The member of an organization who has an address now; deleted members have none.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn member_by_email(
        &self,
        tenant: Tenant,
        email: &EmailAddress,
    ) -> Result<Option<Member>, StoreError> {
        let params = params![
            Param::display(tenant.project_id()),
            Param::display(tenant.organization_id()),
            email.as_str()
        ];
        self.query_opt(Read::new(TABLE, BY_EMAIL, params), read_member).await
    }

    /// How many members an organization has, without deleted ones.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn member_count(&self, tenant: Tenant) -> Result<u64, StoreError> {
        let read = Read::new(
            TABLE,
            COUNT,
            params![Param::display(tenant.project_id()), Param::display(tenant.organization_id())],
        );
        let counts = self.scan(tenant.project_id(), read, |row| row.int(1)).await?;
        Ok(counts.first().map_or(0, |count| u64::try_from(*count).unwrap_or(0)))
    }

    /// Searches the members of some organizations of one project; those of another project are not searched.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn search_members(
        &self,
        tenants: impl IntoIterator<Item = Tenant>,
        search: &Search<MemberFilter>,
    ) -> Result<Found<Member>, StoreError> {
        let mut tenants = tenants.into_iter();
        let Some(first) = tenants.next() else { return Ok(Found::nothing()) };
        let same = tenants.filter(|tenant| tenant.project_id() == first.project_id());
        let organizations: Vec<Param> = std::iter::once(first)
            .chain(same)
            .map(|tenant| Param::display(tenant.organization_id()))
            .collect();
        let reach = reach(search, organizations.len());
        let mut conditions = Conditions::default();
        let project = conditions.bind(Param::display(first.project_id()));
        conditions.require(format!("m.project_id = {project}"));
        let inside = conditions.is_in("m.organization_id", organizations);
        conditions.require(inside);
        if !search.filters.iter().any(|filter| matches!(filter, MemberFilter::Statuses(_))) {
            conditions.require("m.status <> 'deleted'".to_owned());
        }
        let clauses: Vec<String> =
            search.filters.iter().map(|filter| filter.clause(&mut conditions)).collect();
        conditions.require_filters(search.operator, &clauses);
        let sought = Sought { table: TABLE, alias: "m", conditions, reach, known: None };
        self.search(first.project_id(), sought, search, read_member).await
    }
}

/// Members who are not deleted have an index by organization and address.
fn reach(search: &Search<MemberFilter>, organizations: usize) -> Reach {
    if search.filters.iter().any(|filter| matches!(filter, MemberFilter::Statuses(_))) {
        return Reach::Wide;
    }
    search.reach(|filter| match filter {
        MemberFilter::Emails(emails) => Reach::of_keys(emails.len().saturating_mul(organizations)),
        _ => Reach::Wide,
    })
}

impl MemberFilter {
    fn clause(&self, on: &mut Conditions) -> String {
        match self {
            Self::Ids(ids) => {
                let (id, external_id) = (on.is_in("m.id", ids), on.is_in("m.external_id", ids));
                format!("({id} OR {external_id})")
            }
            Self::Emails(emails) => {
                on.is_in("m.email", emails.iter().map(|email| email.to_ascii_lowercase()))
            }
            Self::EmailFuzzy(text) => on.contains("m.email", text),
            Self::IsBreakglass(yes) => {
                let yes = on.bind(*yes);
                format!("m.is_breakglass = {yes}")
            }
            Self::Statuses(statuses) => on.is_in("m.status", statuses.iter().map(|status| status.as_str())),
            Self::PhoneNumbers(numbers) => on.is_in("m.mfa_phone_number", numbers),
            Self::PhoneNumberFuzzy(text) => on.contains("m.mfa_phone_number", text),
            Self::PasswordExists(yes) => if *yes { "1 = 0" } else { "1 = 1" }.to_owned(),
            Self::Roles(roles) => {
                let clauses: Vec<String> = roles.iter().map(|role| has_role(role, on)).collect();
                if clauses.is_empty() { "1 = 0".to_owned() } else { format!("({})", clauses.join(" OR ")) }
            }
        }
    }
}

fn has_role(role: &str, on: &mut Conditions) -> String {
    if role == MEMBER_ROLE {
        return "m.status = 'active'".to_owned();
    }
    let pattern = on.bind(listed_pattern(role));
    format!("m.roles LIKE {pattern} ESCAPE '\\'")
}

/// The read of a member, also of a deleted one.
pub(super) fn of(tenant: Tenant, id: MemberId) -> Read {
    let params = params![
        Param::display(tenant.project_id()),
        Param::display(tenant.organization_id()),
        Param::display(id)
    ];
    Read::new(TABLE, IN_ORGANIZATION, params)
}

pub(crate) fn read_member(row: &Row<'_>) -> Result<Member, RowError> {
    let member = doc_of(row, 1, |member: &Member| member.id)?;
    Ok(dated(member, time(row, 2)?, row.int(3)?))
}

/// What pages and updates are decided by stands beside the document; it counts, whatever that says.
pub(super) fn dated(mut member: Member, created_at: Time, version: i64) -> Member {
    (member.created_at, member.version) = (created_at, version);
    member.updated_at = member.updated_at.max(created_at);
    member
}
