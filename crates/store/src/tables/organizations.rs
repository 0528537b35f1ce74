//! Organizations and their e-mail domains.

use vestibule_domain::Tenant;
use vestibule_domain::id::{OrganizationId, ProjectId, id_prefix};
use vestibule_domain::name::{NameKey, NameKind};
use vestibule_domain::organization::Organization;
use vestibule_domain::rbac::ProjectGrant;

use super::retired_emails;
use super::row::{doc_of, parsed, time};
use super::search::{Conditions, Found, Reach, Search, Sought};
use super::{application_connections, sign_outs, totp};
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::hold::{Hold, Lock, Rank};
use crate::params;
use crate::sql::{Batch, Param, Read, Write};
use crate::store::Store;

const TABLE: &str = "organizations";

/// The guard of [`update`]: the organization has changed meanwhile.
pub const VERSION: Guard = Guard("organization_version");
/// The guard of [`delete`]: there is no such organization.
pub const EXISTS: Guard = Guard("organization_exists");
/// The guard of [`insert`] and [`update`]: another organization of the project has the slug as one of its names.
pub const SLUG: Guard = Guard("organization_slug");
/// The same for the external id.
pub const EXTERNAL_ID: Guard = Guard("organization_external_id");
/// The guard of [`unclaimed`]: another organization has claimed the domain.
pub const CLAIMED: Guard = Guard("organization_claims_domain");
/// The guard of [`claims`]: the organization has not claimed the domain any more.
pub const CLAIMS: Guard = Guard("organization_claims");
/// The unique index that refuses a slug used twice in a project, whatever its case.
pub const SLUG_INDEX: &str = "organizations_slug";
/// The unique index that refuses an external id used twice in a project.
pub const EXTERNAL_ID_INDEX: &str = "organizations_external_id";
/// The unique index that refuses a domain claimed twice in a project.
pub const CLAIMED_DOMAIN: &str = "organization_domains_claimed";

const BY_ID: &str =
    "SELECT id, doc, created_at, version, is_home FROM organizations WHERE project_id = ?1 AND id = ?2";
const LISTED_BY_ID: &str = "SELECT id, doc, created_at, version FROM organizations
     WHERE project_id = ?1 AND id = ?2 AND is_home = 0";
const BY_NAME: &str = "SELECT o.id, o.doc, o.created_at, o.version FROM organization_names n
     JOIN organizations o ON o.project_id = n.project_id AND o.id = n.organization_id
     WHERE n.project_id = ?1 AND n.name_key = ?2";
const BY_CLAIMED_DOMAIN: &str = "SELECT organization_id FROM organization_domains
     WHERE project_id = ?1 AND kind = 'claimed' AND domain = ?2";
const BY_ALLOWED_DOMAIN: &str = "SELECT o.id, o.doc, o.created_at, o.version FROM organization_domains d
     JOIN organizations o ON o.project_id = d.project_id AND o.id = d.organization_id
     WHERE d.project_id = ?1 AND d.kind = 'allowed' AND d.domain = ?2 ORDER BY o.created_at, o.id LIMIT ?3";
const UNCLAIMED: &str = "SELECT o.id FROM organizations o WHERE o.project_id = ?1 AND o.id = ?2
     AND NOT EXISTS (SELECT 1 FROM organization_domains d WHERE d.project_id = ?1 AND d.kind = 'claimed'
     AND d.domain = ?3 AND d.organization_id <> ?2)";
const HAS_CLAIMED: &str = "SELECT organization_id FROM organization_domains
     WHERE project_id = ?1 AND organization_id = ?2 AND kind = 'claimed' AND domain = ?3";
const INSERT: &str = "INSERT INTO organizations
     (project_id, id, slug, slug_key, name, external_id, is_home, created_at, version, doc)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
const UPDATE: &str = "UPDATE organizations
     SET slug = ?3, slug_key = ?4, name = ?5, external_id = ?6, version = ?7, doc = ?8
     WHERE project_id = ?1 AND id = ?2 AND version = ?9";
const INSERT_DOMAIN: &str = "INSERT INTO organization_domains (project_id, organization_id, kind, domain)
     VALUES (?1, ?2, ?3, ?4) ON CONFLICT (project_id, organization_id, kind, domain) DO NOTHING";
/// Takes a name that is free or already its own: another's is left alone.
const TAKE_NAME: &str = "INSERT INTO organization_names (project_id, name_key, organization_id)
     VALUES (?1, ?2, ?3)
     ON CONFLICT (project_id, name_key) DO UPDATE SET organization_id = excluded.organization_id
     WHERE organization_names.organization_id = excluded.organization_id";
const DELETE: &str = "DELETE FROM organizations WHERE project_id = ?1 AND id = ?2 AND is_home = 0";

const DELETE_NAMES: &str = "DELETE FROM organization_names WHERE project_id = ?1 AND organization_id = ?2";
const DELETE_DOMAINS: &str =
    "DELETE FROM organization_domains WHERE project_id = ?1 AND organization_id = ?2";
const DELETE_IDENTITIES: &str = "DELETE FROM identities WHERE project_id = ?1 AND organization_id = ?2";
const DELETE_MEMBERS: &str = "DELETE FROM members WHERE project_id = ?1 AND organization_id = ?2";
/// With all that is theirs.
const DELETE_DIRECTORIES: &str = "DELETE FROM directories WHERE project_id = ?1 AND organization_id = ?2";
const DELETE_HOME_DOMAINS: &str =
    "DELETE FROM connection_domains WHERE project_id = ?1 AND organization_id = ?2";
const DELETE_CONNECTIONS: &str = "DELETE FROM connections WHERE project_id = ?1 AND organization_id = ?2";

/// Kept by the database itself, whoever adds and removes organizations.
const HOW_MANY: &str = "SELECT 'count', listed FROM organization_counts WHERE project_id = ?1";

const ROW: &str = "SELECT id FROM organizations WHERE project_id = ?1 AND id = ?2";
const AT_VERSION: &str = "SELECT id FROM organizations WHERE project_id = ?1 AND id = ?2 AND version = ?3";

pub(crate) const ALL: &[&str] = &[
    BY_ID,
    LISTED_BY_ID,
    BY_NAME,
    BY_CLAIMED_DOMAIN,
    BY_ALLOWED_DOMAIN,
    UNCLAIMED,
    HAS_CLAIMED,
    INSERT,
    UPDATE,
    INSERT_DOMAIN,
    TAKE_NAME,
    DELETE,
    DELETE_NAMES,
    DELETE_DOMAINS,
    DELETE_IDENTITIES,
    DELETE_MEMBERS,
    DELETE_DIRECTORIES,
    DELETE_HOME_DOMAINS,
    DELETE_CONNECTIONS,
    HOW_MANY,
];

/// What belongs to an organization, to be locked before it is deleted.
const IDENTITIES: &str =
    "SELECT id FROM identities WHERE project_id = ?1 AND organization_id = ?2 ORDER BY id";
const MEMBERS: &str = "SELECT id FROM members WHERE project_id = ?1 AND organization_id = ?2 ORDER BY id";
const DIRECTORIES: &str =
    "SELECT id FROM directories WHERE project_id = ?1 AND organization_id = ?2 ORDER BY id";
const CONNECTIONS: &str =
    "SELECT id FROM connections WHERE project_id = ?1 AND organization_id = ?2 ORDER BY id";

pub(crate) const LOCKED: &[&str] = &[ROW, AT_VERSION, IDENTITIES, MEMBERS, DIRECTORIES, CONNECTIONS];

/// A filter of a search for organizations. A list holds when one of its values does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrganizationFilter {
    /// Its id.
    Ids(Vec<String>),
    /// Its slug, whatever the case.
    Slugs(Vec<String>),
    /// A part of its name.
    NameFuzzy(String),
    /// A part of its slug.
    SlugFuzzy(String),
    /// The address of one of its members.
    MemberEmails(Vec<String>),
    /// A part of the address of one of its members.
    MemberEmailFuzzy(String),
    /// A domain among its `email_allowed_domains`.
    AllowedDomains(Vec<String>),
    /// A part of one of these.
    AllowedDomainFuzzy(String),
    /// A domain among its `claimed_email_domains`.
    ClaimedDomains(Vec<String>),
    /// Whether it has an active connection.
    HasActiveConnection(bool),
    /// A connection of its.
    ConnectionId(String),
}

/// The organization stands until the batch is kept: fails with the guard [`EXISTS`]. Whatever is put into an
/// organization requires it, so that an organization which is being removed takes in nothing more.
#[must_use]
pub fn stands(tenant: Tenant) -> [Hold; 1] {
    [row(tenant, Lock::Stays).or(EXISTS)]
}

/// The organization is as it was loaded until the batch is kept: fails with the guard [`VERSION`].
#[must_use]
pub fn at_version(tenant: Tenant, version: i64) -> [Hold; 1] {
    let params =
        params![Param::display(tenant.project_id()), Param::display(tenant.organization_id()), version];
    let id = tenant.organization_id();
    [Hold::row(Rank::Organization, id, Lock::Unchanged, AT_VERSION, params).or(VERSION)]
}

/// The organization has claimed the domain until the batch is kept: fails with the guard [`CLAIMS`].
#[must_use]
pub fn claims(tenant: Tenant, domain: &str) -> [Hold; 2] {
    let (project, id) = (tenant.project_id(), tenant.organization_id());
    let params = params![Param::display(project), Param::display(id), domain.to_ascii_lowercase()];
    let claims = Hold::question(Rank::Organization, id, HAS_CLAIMED, params).or(CLAIMS);
    [row(tenant, Lock::Unchanged).or(CLAIMS), claims]
}

/// No other organization of the project has claimed the domain when the batch is kept: fails with the guard [`CLAIMED`].
#[must_use]
pub fn unclaimed(tenant: Tenant, domain: &str) -> Hold {
    let (project, id) = (tenant.project_id(), tenant.organization_id());
    let params = params![Param::display(project), Param::display(id), domain.to_ascii_lowercase()];
    Hold::question(Rank::Organization, id, UNCLAIMED, params).or(CLAIMED)
}

/// The organization stands, and all batches that require this take turns, for instance to count what is in it:
/// fails with the guard [`EXISTS`].
#[must_use]
pub fn serialised(tenant: Tenant) -> Hold {
    row(tenant, Lock::Mine).or(EXISTS)
}

/// The row of an organization, which may not be there.
pub(super) fn row(tenant: Tenant, lock: Lock) -> Hold {
    let params = params![Param::display(tenant.project_id()), Param::display(tenant.organization_id())];
    Hold::row(Rank::Organization, tenant.organization_id(), lock, ROW, params)
}

/// Keeps a new organization; fails with the guards [`SLUG`] and [`EXTERNAL_ID`] when another has the name.
#[must_use]
pub fn insert(organization: &Organization) -> Vec<Write> {
    let mut writes = inserted(organization, false);
    writes.extend(names(organization));
    writes
}

/// Keeps the home organization of a project, which no list and no search shows and no name finds.
#[must_use]
pub fn insert_home(organization: &Organization) -> Vec<Write> {
    inserted(organization, true)
}

fn inserted(organization: &Organization, is_home: bool) -> Vec<Write> {
    let params = params![
        Param::display(organization.project_id),
        Param::display(organization.id),
        &organization.slug,
        organization.slug.to_ascii_lowercase(),
        &organization.name,
        organization.external_id.clone(),
        is_home,
        organization.created_at,
        organization.version,
        Param::json(organization),
    ];
    let mut writes = vec![Write::any(INSERT, params)];
    writes.extend(domains(organization));
    writes
}

/// Keeps a changed organization; fails with the guard [`VERSION`] when it is not at `expected_version` any
/// more, and as [`insert`].
#[must_use]
pub fn update(organization: &Organization, expected_version: i64) -> Vec<Write> {
    let (project, id) = (Param::display(organization.project_id), Param::display(organization.id));
    let params = params![
        project.clone(),
        id.clone(),
        &organization.slug,
        organization.slug.to_ascii_lowercase(),
        &organization.name,
        organization.external_id.clone(),
        organization.version,
        Param::json(organization),
        expected_version,
    ];
    // As firmly as for a deletion: slug and external id are columns that a foreign key could name, and
    // PostgreSQL locks a row whose such columns change like one that goes.
    let update = Write::one(UPDATE, params, VERSION).locking(row(organization.tenant(), Lock::Going));
    let key = || vec![project.clone(), id.clone()];
    let mut writes = vec![update, Write::any(DELETE_DOMAINS, key()), Write::any(DELETE_NAMES, key())];
    writes.extend(domains(organization));
    writes.extend(names(organization));
    writes
}

/// Takes the names in the order of their keys, so that two who want each other's do not wait in a circle.
fn names(organization: &Organization) -> impl Iterator<Item = Write> {
    let (project, id) = (Param::display(organization.project_id), Param::display(organization.id));
    organization.names().into_iter().map(move |(key, kind)| {
        let taken = match kind {
            NameKind::Slug => SLUG,
            NameKind::ExternalId => EXTERNAL_ID,
        };
        Write::one(TAKE_NAME, params![project.clone(), key.as_str(), id.clone()], taken)
    })
}

fn domains(organization: &Organization) -> impl Iterator<Item = Write> {
    let (project, id) = (Param::display(organization.project_id), Param::display(organization.id));
    let allowed = organization.policy.email_allowed_domains.iter().map(|domain| ("allowed", domain));
    let claimed = organization.policy.claimed_email_domains.iter().map(|domain| ("claimed", domain));
    allowed.chain(claimed).map(move |(kind, domain)| {
        Write::any(INSERT_DOMAIN, params![project.clone(), id.clone(), kind, domain.to_ascii_lowercase()])
    })
}

/// Deletes an organization with its members, their sessions and registrations, and its connections. Fails
/// with the guard [`EXISTS`] when there is none. The home organization cannot be deleted.
///
/// It is locked before anything else: who adds to it at the same moment is waited for, and what they added goes
/// too; who comes later waits, and is then refused.
#[must_use]
pub fn delete(tenant: Tenant) -> Batch {
    let key = || params![Param::display(tenant.project_id()), Param::display(tenant.organization_id())];
    let all = |rank, delete, rows| Write::any(delete, key()).locking(Hold::rows(rank, rows, key()));
    Batch::from(sign_outs::of_organization(tenant)).with([
        all(Rank::Registration, DELETE_IDENTITIES, IDENTITIES),
        totp::delete_of_organization(tenant),
        all(Rank::Member, DELETE_MEMBERS, MEMBERS),
        application_connections::forget_organization(tenant),
        all(Rank::Directory, DELETE_DIRECTORIES, DIRECTORIES),
        all(Rank::Connection, DELETE_CONNECTIONS, CONNECTIONS),
        Write::any(DELETE_HOME_DOMAINS, key()),
        retired_emails::release_all(tenant),
        Write::any(DELETE_DOMAINS, key()),
        Write::any(DELETE_NAMES, key()),
        Write::one(DELETE, key(), EXISTS).locking(row(tenant, Lock::Going)),
    ])
}

impl Store {
    /// An organization by whatever an API user may name it by: its id, its slug or its external id. A text that begins as an
    /// id does is one or nothing; every name has one owner, so none goes before another. Never the home organization.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn organization(
        &self,
        project: ProjectId,
        locator: &str,
    ) -> Result<Option<Organization>, StoreError> {
        if id_prefix(locator).is_some() {
            let Ok(id) = locator.parse::<OrganizationId>() else { return Ok(None) };
            let read = Read::new(TABLE, LISTED_BY_ID, params![Param::display(project), Param::display(id)]);
            return self.query_opt(read, read_organization).await;
        }
        let key = NameKey::of(locator);
        let read = Read::new(TABLE, BY_NAME, params![Param::display(project), key.as_str()]);
        let owner = self.query_opt(read, read_organization).await?;
        // Nobody else can have the name in any case; an external id is found as it was given, as it always was.
        let is_meant = |found: &Organization| {
            NameKey::of(&found.slug) == key || found.external_id.as_deref() == Some(locator)
        };
        Ok(owner.filter(is_meant))
    }

    /// An organization as a place, without reading what it says: for those who have the whole project. Never the home
    /// organization.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn place_of_organization<A>(
        &self,
        grant: &ProjectGrant<A>,
        id: OrganizationId,
    ) -> Result<Option<Tenant>, StoreError> {
        let params = params![Param::display(grant.project_id()), Param::display(id)];
        let read = Read::new(TABLE, LISTED_BY_ID, params);
        let found: Option<OrganizationId> = self.query_opt(read, |row| parsed(row, 0)).await?;
        Ok(found.map(|id| Tenant::stored(grant.project_id(), id)))
    }

    /// The organization of a tenant, also the home organization.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn organization_of(&self, tenant: Tenant) -> Result<Option<Organization>, StoreError> {
        self.query_opt(of(tenant), read_any_organization).await
    }

    /// The organization that has claimed an e-mail domain.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn organization_claiming(
        &self,
        project: ProjectId,
        domain: &str,
    ) -> Result<Option<OrganizationId>, StoreError> {
        let params = params![Param::display(project), domain.to_ascii_lowercase()];
        self.query_opt(Read::new("organization_domains", BY_CLAIMED_DOMAIN, params), |row| parsed(row, 0))
            .await
    }

    /// The organizations that name an e-mail domain among those they let in, the oldest first.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn organizations_allowing(
        &self,
        project: ProjectId,
        domain: &str,
        most: i64,
    ) -> Result<Vec<Organization>, StoreError> {
        let params = params![Param::display(project), domain.to_ascii_lowercase(), most];
        self.query_all(Read::new(TABLE, BY_ALLOWED_DOMAIN, params), read_organization).await
    }

    /// Searches a project's organizations.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn search_organizations(
        &self,
        project: ProjectId,
        search: &Search<OrganizationFilter>,
    ) -> Result<Found<Organization>, StoreError> {
        let mut conditions = Conditions::default();
        let in_project = conditions.bind(Param::display(project));
        conditions.require(format!("o.project_id = {in_project}"));
        let reach = search.reach(OrganizationFilter::reach);
        let all = || Read::new("organization_counts", HOW_MANY, params![Param::display(project)]);
        let known = search.filters.is_empty().then(all);
        conditions.require(format!("{}o.is_home = 0", reach.sign()));
        let clauses: Vec<String> =
            search.filters.iter().map(|filter| filter.clause(&in_project, &mut conditions)).collect();
        conditions.require_filters(search.operator, &clauses);
        self.search(
            project,
            Sought { table: TABLE, alias: "o", conditions, reach, known },
            search,
            read_organization,
        )
        .await
    }
}

impl OrganizationFilter {
    fn reach(&self) -> Reach {
        match self {
            Self::Ids(keys) | Self::Slugs(keys) => Reach::of_keys(keys.len()),
            Self::NameFuzzy(_)
            | Self::SlugFuzzy(_)
            | Self::MemberEmails(_)
            | Self::AllowedDomains(_)
            | Self::ClaimedDomains(_)
            | Self::ConnectionId(_) => Reach::Narrow,
            Self::MemberEmailFuzzy(_) | Self::AllowedDomainFuzzy(_) | Self::HasActiveConnection(_) => {
                Reach::Wide
            }
        }
    }

    fn clause(&self, project: &str, on: &mut Conditions) -> String {
        let lower =
            |values: &[String]| -> Vec<String> { values.iter().map(|v| v.to_ascii_lowercase()).collect() };
        match self {
            Self::Ids(ids) => on.is_in("o.id", ids),
            Self::Slugs(slugs) => on.is_in("o.slug_key", lower(slugs)),
            Self::NameFuzzy(text) => called(project, "name", "lower(o.name)", text, on),
            Self::SlugFuzzy(text) => called(project, "slug", "o.slug_key", text, on),
            Self::MemberEmails(emails) => with_member(project, &on.is_in("m.email", lower(emails))),
            Self::MemberEmailFuzzy(text) => with_member(project, &on.contains("m.email", text)),
            Self::AllowedDomains(domains) => {
                with_domain(project, "allowed", &on.is_in("d.domain", lower(domains)))
            }
            Self::AllowedDomainFuzzy(text) => with_domain(project, "allowed", &on.contains("d.domain", text)),
            Self::ClaimedDomains(domains) => {
                with_domain(project, "claimed", &on.is_in("d.domain", lower(domains)))
            }
            Self::HasActiveConnection(true) => with_connection(project, IS_ACTIVE),
            Self::HasActiveConnection(false) => format!("NOT ({})", with_connection(project, IS_ACTIVE)),
            Self::ConnectionId(id) => {
                let id = on.bind(id);
                with_connection(project, &format!("c.id = {id}"))
            }
        }
    }
}

/// A part of what organizations are called is the beginning of one of its tails, which the database keeps up to so many signs:
/// a longer part is looked for in what its first signs found.
const TAIL: usize = 32;

fn called(project: &str, kind: &str, column: &str, text: &str, on: &mut Conditions) -> String {
    let begins: String = text.chars().take(TAIL).collect();
    let tails = on.begins("t.tail", &begins);
    let found = format!(
        "o.id IN (SELECT t.organization_id FROM organization_tails t
         WHERE t.project_id = {project} AND t.called = '{kind}' AND {tails})"
    );
    if begins.len() == text.len() {
        return found;
    }
    format!("({found} AND {})", on.contains(column, text))
}

fn with_member(project: &str, clause: &str) -> String {
    format!(
        "o.id IN (SELECT m.organization_id FROM members m
         WHERE m.project_id = {project} AND m.status <> 'deleted' AND {clause})"
    )
}

fn with_domain(project: &str, kind: &str, clause: &str) -> String {
    format!(
        "o.id IN (SELECT d.organization_id FROM organization_domains d
         WHERE d.project_id = {project} AND d.kind = '{kind}' AND {clause})"
    )
}

/// That members can sign in through a connection, which may be borrowed.
const IS_ACTIVE: &str = "c.status = 'active' AND (c.source_connection_id IS NULL OR EXISTS
     (SELECT 1 FROM connections s
      WHERE s.id = c.source_connection_id AND s.status = 'active' AND s.deleted_at IS NULL))";

fn with_connection(project: &str, clause: &str) -> String {
    format!(
        "o.id IN (SELECT c.organization_id FROM connections c
         WHERE c.project_id = {project} AND c.deleted_at IS NULL AND {clause})"
    )
}

/// The read of an organization, also of the home organization.
pub(super) fn of(tenant: Tenant) -> Read {
    let params = params![Param::display(tenant.project_id()), Param::display(tenant.organization_id())];
    Read::new(TABLE, BY_ID, params)
}

/// Of a row that also says whether it is the home organization.
fn read_any_organization(row: &Row<'_>) -> Result<Organization, RowError> {
    let organization = read_organization(row)?;
    Ok(Organization { is_home: row.int(4)? != 0, ..organization })
}

pub(crate) fn read_organization(row: &Row<'_>) -> Result<Organization, RowError> {
    organization_at(row, 0)
}

/// The organization whose id stands in a column, and the rest behind it.
pub(super) fn organization_at(row: &Row<'_>, id: usize) -> Result<Organization, RowError> {
    let mut organization = doc_of(row, id + 1, |organization: &Organization| organization.id)?;
    // What pages and updates are decided by stands beside the document; it counts, whatever that says.
    (organization.created_at, organization.version) = (time(row, id + 2)?, row.int(id + 3)?);
    organization.updated_at = organization.updated_at.max(organization.created_at);
    Ok(organization)
}
