//! People as applications know them: a subject at a connection, whichever organizations they are members of. There is no table of
//! them; they are what the registrations say, each once, by the oldest of its registrations.

use vestibule_domain::id::{ConnectionId, ProjectId};
use vestibule_domain::identity::{Arrivals, Arrived, Registration};
use vestibule_domain::member::Member;
use vestibule_domain::{Tenant, Time};

use super::connections::TABLE as CONNECTIONS;
use super::members;
use super::registrations::registration;
use super::row::{doc, parsed, time};
use super::search::{Conditions, Cursor, Page};
use crate::dialect::Row;
use crate::error::{RowError, StoreError};
use crate::sql::{Param, Read};
use crate::store::Store;

const TABLE: &str = "identities";

/// The registration, its member, and the connection that it comes to: for one that is borrowed, the one that it borrows.
const COLUMNS: &str = "i.id, i.project_id, i.organization_id, i.member_id, i.connection_id, i.external_id,
     i.created_at, i.last_login_at, i.attributes, i.idp_groups, i.issuer, i.qualifiers, i.subject_key, i.said,
     i.logins, i.last_ip, m.doc, m.created_at, m.version, COALESCE(c.source_connection_id, c.id)";
const JOINED: &str = "identities i
     JOIN members m ON m.project_id = i.project_id AND m.id = i.member_id AND m.status <> 'deleted'
     JOIN connections c ON c.id = i.connection_id AND c.deleted_at IS NULL";
/// No other registration of the same subject at the same connection is older.
const IS_FIRST: &str = "NOT EXISTS (SELECT 1 FROM identities o
     JOIN connections oc ON oc.id = o.connection_id AND oc.deleted_at IS NULL
     JOIN members om ON om.project_id = o.project_id AND om.id = o.member_id AND om.status <> 'deleted'
     WHERE o.project_id = i.project_id AND o.external_id = i.external_id
         AND oc.project_id = i.project_id
         AND (oc.id = COALESCE(c.source_connection_id, c.id)
              OR oc.source_connection_id = COALESCE(c.source_connection_id, c.id))
         AND (o.created_at < i.created_at OR (o.created_at = i.created_at AND o.id < i.id)))";

/// What people are looked for by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonFilter {
    /// Their address, exactly.
    Email(String),
    /// A part of their address.
    EmailPart(String),
    /// A connection by its name.
    Connection(String),
    /// A subject at a connection of this name.
    Subject(String, String),
    /// What they are called, in whatever case; only the beginning of it when the flag is set.
    Name(String, bool),
}

/// Which people are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Lists of filters: all of one list have to hold. No list at all is everybody.
    pub any_of: Vec<Vec<PersonFilter>>,
    /// Only those of the connection of this name.
    pub connection: Option<String>,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// How many are left out.
    pub skip: u32,
    /// How many at most.
    pub limit: u32,
}

/// One registration of somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The connection that it comes to.
    pub connection_id: ConnectionId,
    /// The registration.
    pub registration: Registration,
    /// The member.
    pub member: Member,
}

impl Standing {
    /// When they came through this registration.
    #[must_use]
    pub fn arrived(&self) -> Arrived {
        let Registration { id, external_id, last_login_at, arrivals, .. } = &self.registration;
        Arrived {
            id: *id,
            connection_id: self.connection_id,
            external_id: external_id.clone(),
            last_login_at: *last_login_at,
            arrivals: arrivals.clone(),
        }
    }
}

impl PersonFilter {
    fn clause(&self, on: &mut Conditions) -> String {
        match self {
            Self::Email(text) => {
                let text = on.bind(text.to_ascii_lowercase());
                format!("m.email = {text}")
            }
            Self::EmailPart(text) => on.contains("m.email", text),
            Self::Connection(name) => named(name, on),
            Self::Subject(name, subject) => {
                let (named, subject) = (named(name, on), on.bind(subject.clone()));
                format!("({named} AND i.external_id = {subject})")
            }
            Self::Name(text, begins) => {
                // It stands in the member's document alone, as JSON writes it.
                let quoted = serde_json::to_string(&text.to_lowercase()).unwrap_or_default();
                let end = if *begins { "" } else { "\"" };
                on.contains("lower(m.doc)", &format!("\"name\":\"{}{end}", quoted.trim_matches('"')))
            }
        }
    }
}

fn named(name: &str, on: &mut Conditions) -> String {
    let name = on.bind(name.to_owned());
    format!(
        "COALESCE(c.source_connection_id, c.id) IN (SELECT n.id FROM {CONNECTIONS} n
         WHERE n.project_id = i.project_id AND COALESCE(n.name, n.id) = {name} AND n.deleted_at IS NULL)"
    )
}

impl Store {
    /// A page of the people of a project, the oldest first.
    ///
    /// # Errors
    /// As for [`Store::page`].
    pub async fn people(&self, project: ProjectId, wanted: &Wanted) -> Result<Page<Standing>, StoreError> {
        let conditions = within(project, wanted);
        self.standings(project, conditions, wanted.after.as_ref(), wanted.skip, wanted.limit).await
    }

    /// A page of registrations with their members, the oldest first.
    async fn standings(
        &self,
        project: ProjectId,
        mut conditions: Conditions,
        after: Option<&Cursor>,
        skip: u32,
        limit: u32,
    ) -> Result<Page<Standing>, StoreError> {
        if let Some(after) = after {
            let (at, id) = after.parts();
            let (at, id) = (conditions.bind(at), conditions.bind(id.to_owned()));
            conditions.require(format!("(i.created_at, i.id) > ({at}, {id})"));
        }
        let (most, skip) = (conditions.bind(i64::from(limit) + 1), conditions.bind(i64::from(skip)));
        let (clause, params) = conditions.finish();
        let sql = format!(
            "SELECT {COLUMNS} FROM {JOINED} WHERE {clause} ORDER BY i.created_at, i.id LIMIT {most} OFFSET {skip}"
        );
        self.page(project, Read::composed(TABLE, sql, params), limit, 6, standing).await
    }

    /// How many people there are on all pages, counted up to `most`.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn count_people(
        &self,
        project: ProjectId,
        wanted: &Wanted,
        most: u32,
    ) -> Result<u64, StoreError> {
        let mut conditions = within(project, wanted);
        let most = conditions.bind(i64::from(most));
        let (clause, params) = conditions.finish();
        let sql = format!(
            "SELECT 'count', COUNT(*) FROM (SELECT i.id FROM {JOINED} WHERE {clause} LIMIT {most}) counted"
        );
        let counts = self.scan(project, Read::composed(TABLE, sql, params), |row| row.int(1)).await?;
        Ok(counts.first().map_or(0, |count| count.unsigned_abs()))
    }

    /// A page of the members of an organization that have come through a connection, the oldest first.
    ///
    /// # Errors
    /// As for [`Store::page`].
    pub async fn people_in(
        &self,
        tenant: Tenant,
        after: Option<&Cursor>,
        skip: u32,
        limit: u32,
    ) -> Result<Page<Standing>, StoreError> {
        self.standings(tenant.project_id(), inside(tenant), after, skip, limit).await
    }

    /// How many of an organization's members have come through a connection.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn count_people_in(&self, tenant: Tenant) -> Result<u64, StoreError> {
        let (clause, params) = inside(tenant).finish();
        let sql = format!("SELECT 'count', COUNT(*) FROM {JOINED} WHERE {clause}");
        let read = Read::composed(TABLE, sql, params);
        let counts = self.scan(tenant.project_id(), read, |row| row.int(1)).await?;
        Ok(counts.first().map_or(0, |count| count.unsigned_abs()))
    }

    /// When each of the people of these subjects at these connections came, by registration.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn arrived(&self, project: ProjectId, of: &[Standing]) -> Result<Vec<Arrived>, StoreError> {
        let mut conditions = Conditions::default();
        let bound = conditions.bind(Param::display(project));
        conditions.require(format!("i.project_id = {bound}"));
        let subjects = of.iter().map(|one| one.registration.external_id.clone());
        let subjects = conditions.is_in("i.external_id", subjects);
        conditions.require(subjects);
        let connections = of.iter().map(|one| Param::display(one.connection_id));
        let connections = conditions.is_in("COALESCE(c.source_connection_id, c.id)", connections);
        conditions.require(connections);
        let (clause, params) = conditions.finish();
        let sql = format!(
            "SELECT i.id, COALESCE(c.source_connection_id, c.id), i.external_id, i.last_login_at, i.logins, i.last_ip
             FROM {JOINED} WHERE {clause}"
        );
        self.scan(project, Read::composed(TABLE, sql, params), arrived).await
    }

    /// All registrations of somebody, the oldest first.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn person(
        &self,
        project: ProjectId,
        connection: ConnectionId,
        subject: &str,
    ) -> Result<Vec<Standing>, StoreError> {
        let mut conditions = Conditions::default();
        let project = conditions.bind(Param::display(project));
        let (id, subject) =
            (conditions.bind(Param::display(connection)), conditions.bind(subject.to_owned()));
        conditions.require(format!("i.project_id = {project} AND i.external_id = {subject}"));
        conditions.require(format!(
            "i.connection_id IN (SELECT s.id FROM {CONNECTIONS} s WHERE s.project_id = {project}
             AND s.deleted_at IS NULL AND (s.id = {id} OR s.source_connection_id = {id}))"
        ));
        let (clause, params) = conditions.finish();
        let sql = format!("SELECT {COLUMNS} FROM {JOINED} WHERE {clause} ORDER BY i.created_at, i.id");
        self.list(Read::composed(TABLE, sql, params), standing).await
    }
}

/// The members of one organization, each by one registration.
fn inside(tenant: Tenant) -> Conditions {
    let mut conditions = Conditions::default();
    let project = conditions.bind(Param::display(tenant.project_id()));
    let organization = conditions.bind(Param::display(tenant.organization_id()));
    conditions.require(format!("i.project_id = {project} AND i.organization_id = {organization}"));
    conditions.require(
        "NOT EXISTS (SELECT 1 FROM identities o WHERE o.project_id = i.project_id AND o.member_id = i.member_id
         AND (o.created_at < i.created_at OR (o.created_at = i.created_at AND o.id < i.id)))"
            .to_owned(),
    );
    conditions
}

fn within(project: ProjectId, wanted: &Wanted) -> Conditions {
    let mut conditions = Conditions::default();
    let project = conditions.bind(Param::display(project));
    conditions.require(format!("i.project_id = {project}"));
    let mut clause = |filter: &PersonFilter| filter.clause(&mut conditions);
    let all =
        |clauses: Vec<String>| if clauses.is_empty() { "1 = 1".to_owned() } else { clauses.join(" AND ") };
    let lists: Vec<String> =
        wanted.any_of.iter().map(|list| all(list.iter().map(&mut clause).collect())).collect();
    if !lists.is_empty() {
        conditions.require(format!("({})", lists.join(" OR ")));
    }
    if let Some(name) = &wanted.connection {
        let of_connection = named(name, &mut conditions);
        conditions.require(of_connection);
    }
    conditions.require(IS_FIRST.to_owned());
    conditions
}

fn arrived(row: &Row<'_>) -> Result<Arrived, RowError> {
    Ok(Arrived {
        id: parsed(row, 0)?,
        connection_id: parsed(row, 1)?,
        external_id: row.text(2)?,
        last_login_at: time(row, 3)?,
        arrivals: Arrivals {
            count: row.opt_int(4)?.unwrap_or(1),
            last_ip: row.opt_text(5)?.unwrap_or_default(),
        },
    })
}

fn standing(row: &Row<'_>) -> Result<Standing, RowError> {
    let created_at: Time = time(row, 17)?;
    Ok(Standing {
        connection_id: parsed(row, 19)?,
        registration: registration(row)?,
        member: members::dated(doc(row, 16)?, created_at, row.int(18)?),
    })
}
