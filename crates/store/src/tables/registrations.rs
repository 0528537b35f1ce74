//! Registrations: which subject at which connection is which member.

use vestibule_domain::Tenant;
use vestibule_domain::id::{ConnectionId, MemberId, ProjectId, RegistrationId};
use vestibule_domain::identity::{Arrivals, Registration, Subject, SubjectKey};
use vestibule_domain::member::Member;

use super::members;
use super::row::{doc, parsed, time};
use super::search::Conditions;
use super::sessions;
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::hold::{Hold, Lock, Rank};
use crate::params;
use crate::sql::{Batch, Param, Read, Write};
use crate::store::Store;

const TABLE: &str = "identities";

/// The guard of [`update`] and [`stands`]: the registration is gone.
pub const EXISTS: Guard = Guard("registration_exists");
/// The unique index that refuses a subject registered twice in an organization.
pub const SUBJECT: &str = "identities_subject";
/// The unique index that refuses a second subject of one connection for one member.
pub const BOND: &str = "identities_bond";

macro_rules! select {
    ($more:literal, $rest:literal) => {
        concat!(
            "SELECT i.id, i.project_id, i.organization_id, i.member_id, i.connection_id, i.external_id,
             i.created_at, i.last_login_at, i.attributes, i.idp_groups, i.issuer, i.qualifiers, i.subject_key, i.said,
             i.logins, i.last_ip",
            $more,
            " FROM identities i ",
            $rest
        )
    };
}

/// What is bound to no issuer or to no qualifiers is from before those were kept; what says all of it goes before.
const WITH_MEMBER: &str = select!(
    ", m.doc, m.created_at, m.version",
    "JOIN members m ON m.project_id = i.project_id AND m.id = i.member_id
     WHERE i.connection_id = ?3 AND i.subject_key IN (?4, ?5) AND i.organization_id = ?2 AND i.project_id = ?1
         AND i.issuer IN (?6, '') AND i.qualifiers IN (?7, '')
     ORDER BY i.issuer DESC, i.qualifiers DESC, i.created_at, i.id LIMIT 1"
);
const BY_KEY: &str = select!(
    "",
    "WHERE i.connection_id = ?3 AND i.subject_key = ?4 AND i.organization_id = ?2 AND i.project_id = ?1
         AND i.issuer = ?5 AND i.qualifiers = ?6"
);
const OF_MEMBER: &str =
    select!("", "WHERE i.project_id = ?1 AND i.member_id = ?2 ORDER BY i.created_at, i.id");
const OF_MEMBERS: &str = select!("", "WHERE ");
const INSERT: &str = "INSERT INTO identities
     (id, project_id, organization_id, member_id, connection_id, external_id, created_at, last_login_at,
      attributes, idp_groups, issuer, qualifiers, subject_key, said, last_ip, logins)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
const UPDATE: &str = "UPDATE identities SET last_login_at = ?3, attributes = ?4, idp_groups = ?5, said = ?6,
         last_ip = ?7, logins = COALESCE(logins, 1) + 1
     WHERE project_id = ?1 AND id = ?2";
const REBIND: &str = "UPDATE identities SET external_id = ?3, issuer = ?4, qualifiers = ?5, subject_key = ?6
     WHERE project_id = ?1 AND id = ?2";
/// Also those through connections that borrow it.
const SET_ATTRIBUTES: &str = "UPDATE identities SET attributes = ?3 WHERE project_id = ?1 AND id = ?2";
const DELETE: &str = "DELETE FROM identities WHERE project_id = ?1 AND member_id = ?3 AND id = ?2";
const DELETE_OF_MEMBER: &str = "DELETE FROM identities WHERE project_id = ?1 AND member_id = ?2";
const DELETE_OF_CONNECTION: &str = "DELETE FROM identities WHERE project_id = ?1 AND connection_id = ?2";

pub(crate) const ALL: &[&str] = &[
    SET_ATTRIBUTES,
    WITH_MEMBER,
    BY_KEY,
    OF_MEMBER,
    INSERT,
    UPDATE,
    REBIND,
    DELETE,
    DELETE_OF_MEMBER,
    DELETE_OF_CONNECTION,
];

const ROW: &str = "SELECT id FROM identities WHERE project_id = ?1 AND id = ?2";
const ALL_OF_MEMBER: &str = "SELECT id FROM identities WHERE project_id = ?1 AND member_id = ?2 ORDER BY id";
const ALL_OF_CONNECTION: &str =
    "SELECT id FROM identities WHERE project_id = ?1 AND connection_id = ?2 ORDER BY id";

pub(crate) const LOCKED: &[&str] = &[ROW, ALL_OF_MEMBER, ALL_OF_CONNECTION];

/// Keeps the registration of somebody who signs in for the first time, or who is known and has not come yet.
#[must_use]
pub fn insert(registration: &Registration) -> Write {
    let params = params![
        Param::display(registration.id),
        Param::display(registration.project_id),
        Param::display(registration.organization_id),
        Param::display(registration.member_id),
        Param::display(registration.connection_id),
        &registration.external_id,
        registration.created_at,
        registration.last_login_at,
        Param::json(&registration.attributes),
        Param::json(&registration.groups),
        &registration.key.issuer,
        &registration.key.qualifiers,
        &registration.key.value,
        Param::OptText(said(registration)),
        last_ip(registration),
        registration.arrivals.count,
    ];
    let parent = members::row(registration.tenant(), registration.member_id, Lock::Stays);
    Write::any(INSERT, params).locking(parent)
}

/// Keeps what the latest sign-in said; fails with the guard [`EXISTS`] when the registration is gone.
#[must_use]
pub fn update(registration: &Registration) -> Write {
    let params = params![
        Param::display(registration.project_id),
        Param::display(registration.id),
        registration.last_login_at,
        Param::json(&registration.attributes),
        Param::json(&registration.groups),
        Param::OptText(said(registration)),
        last_ip(registration),
    ];
    let own = row(registration.project_id, registration.id, Lock::Mine);
    Write::one(UPDATE, params, EXISTS).locking(own)
}

/// Keeps changed attributes of somebody who does not sign in just now; fails with the guard [`EXISTS`] when the registration is
/// gone.
#[must_use]
pub fn set_attributes(registration: &Registration) -> Write {
    let params = params![
        Param::display(registration.project_id),
        Param::display(registration.id),
        Param::json(&registration.attributes),
    ];
    let own = row(registration.project_id, registration.id, Lock::Mine);
    Write::one(SET_ATTRIBUTES, params, EXISTS).locking(own)
}

/// Keeps that a registration leads to another subject; fails with the guard [`EXISTS`] when it is gone.
#[must_use]
pub fn rebind(registration: &Registration) -> Write {
    let params = params![
        Param::display(registration.project_id),
        Param::display(registration.id),
        &registration.external_id,
        &registration.key.issuer,
        &registration.key.qualifiers,
        &registration.key.value,
    ];
    // Columns of a unique index: PostgreSQL locks such a row like one that goes.
    Write::one(REBIND, params, EXISTS).locking(row(registration.project_id, registration.id, Lock::Going))
}

/// Takes a registration away with the sessions that came of it; fails with the guard [`EXISTS`] when it is gone.
#[must_use]
pub fn release(registration: &Registration) -> Batch {
    Batch::from([ended(registration), delete(registration)])
}

/// Keeps that a registration leads to another subject, whose sessions those of the old one are not; fails as [`rebind`].
#[must_use]
pub fn relink(registration: &Registration) -> Batch {
    Batch::from([ended(registration), rebind(registration)])
}

fn ended(registration: &Registration) -> Write {
    let Registration { project_id, member_id, connection_id, .. } = registration;
    sessions::revoke_of_member_by_connection(*project_id, *member_id, *connection_id)
}

fn delete(registration: &Registration) -> Write {
    let params = params![
        Param::display(registration.project_id),
        Param::display(registration.id),
        Param::display(registration.member_id),
    ];
    Write::one(DELETE, params, EXISTS).locking(row(registration.project_id, registration.id, Lock::Going))
}

fn last_ip(registration: &Registration) -> Param {
    Param::OptText(Some(registration.arrivals.last_ip.clone()).filter(|ip| !ip.is_empty()))
}

fn said(registration: &Registration) -> Option<String> {
    registration.said.as_ref().and_then(|said| serde_json::to_string(said).ok())
}

/// Forgets all registrations of a member.
#[must_use]
pub fn delete_of_member(project: ProjectId, member: MemberId) -> Write {
    let params = params![Param::display(project), Param::display(member)];
    let rows = Hold::rows(Rank::Registration, ALL_OF_MEMBER, params.clone());
    Write::any(DELETE_OF_MEMBER, params).locking(rows)
}

/// Forgets all registrations of a connection.
#[must_use]
pub fn delete_of_connection(project: ProjectId, connection: ConnectionId) -> Write {
    let params = params![Param::display(project), Param::display(connection)];
    let rows = Hold::rows(Rank::Registration, ALL_OF_CONNECTION, params.clone());
    Write::any(DELETE_OF_CONNECTION, params).locking(rows)
}

/// The registration is not forgotten until the batch is kept; it may change, as it does with every sign-in: fails with
/// the guard [`EXISTS`].
#[must_use]
pub fn stands(project: ProjectId, id: RegistrationId) -> Hold {
    row(project, id, Lock::Stays).or(EXISTS)
}

fn row(project: ProjectId, id: RegistrationId, lock: Lock) -> Hold {
    Hold::row(Rank::Registration, id, lock, ROW, params![Param::display(project), Param::display(id)])
}

impl Store {
    /// The registration of a subject in an organization, with its member, who may be deleted.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn registered_member(
        &self,
        tenant: Tenant,
        connection: ConnectionId,
        subject: &Subject,
    ) -> Result<Option<(Registration, Member)>, StoreError> {
        let key = subject.key();
        let params = params![
            Param::display(tenant.project_id()),
            Param::display(tenant.organization_id()),
            Param::display(connection),
            &key.value,
            subject.kept_before(),
            &key.issuer,
            &key.qualifiers,
        ];
        let read = Read::new(TABLE, WITH_MEMBER, params);
        let with_member = |row: &Row<'_>| {
            Ok((registration(row)?, members::dated(doc(row, 16)?, time(row, 17)?, row.int(18)?)))
        };
        self.query_opt(read, with_member).await
    }

    /// The registration of a subject at a connection of an organization, by all that it is found by.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn registered_by_key(
        &self,
        tenant: Tenant,
        connection: ConnectionId,
        key: &SubjectKey,
    ) -> Result<Option<Registration>, StoreError> {
        let params = params![
            Param::display(tenant.project_id()),
            Param::display(tenant.organization_id()),
            Param::display(connection),
            &key.value,
            &key.issuer,
            &key.qualifiers,
        ];
        self.query_opt(Read::new(TABLE, BY_KEY, params), registration).await
    }

    /// The registrations of a member, the oldest first. All or none: whom an address may be linked to is decided by
    /// them, and one that is overlooked would open what it closes.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn registrations(
        &self,
        project: ProjectId,
        member: MemberId,
    ) -> Result<Vec<Registration>, StoreError> {
        self.query_all(of(project, member), registration).await
    }

    /// The registrations of several members, for a page of them. Only to show: what cannot be read is left out.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn registrations_of(
        &self,
        project: ProjectId,
        members: &[MemberId],
    ) -> Result<Vec<Registration>, StoreError> {
        let mut conditions = Conditions::default();
        let project = conditions.bind(Param::display(project));
        conditions.require(format!("i.project_id = {project}"));
        let listed = conditions.is_in("i.member_id", members.iter().map(Param::display));
        conditions.require(listed);
        let (clause, params) = conditions.finish();
        let sql = format!("{OF_MEMBERS}{clause} ORDER BY i.created_at, i.id");
        self.list(Read::composed(TABLE, sql, params), registration).await
    }
}

/// The read of the registrations of a member, the oldest first.
pub(super) fn of(project: ProjectId, member: MemberId) -> Read {
    Read::new(TABLE, OF_MEMBER, params![Param::display(project), Param::display(member)])
}

pub(super) fn registration(row: &Row<'_>) -> Result<Registration, RowError> {
    Ok(Registration {
        id: parsed(row, 0)?,
        project_id: parsed(row, 1)?,
        organization_id: parsed(row, 2)?,
        member_id: parsed(row, 3)?,
        connection_id: parsed(row, 4)?,
        external_id: row.text(5)?,
        created_at: time(row, 6)?,
        last_login_at: time(row, 7)?,
        attributes: doc(row, 8)?,
        groups: doc(row, 9)?,
        key: SubjectKey { issuer: row.text(10)?, qualifiers: row.text(11)?, value: row.text(12)? },
        // What cannot be read any more is as good as not kept.
        said: row.opt_str(13)?.and_then(|said| serde_json::from_str(said).ok()),
        // One from before they were counted came at least once.
        arrivals: Arrivals {
            count: row.opt_int(14)?.unwrap_or(1),
            last_ip: row.opt_text(15)?.unwrap_or_default(),
        },
    })
}
