//! The people of directories, and their addresses. The address of somebody whom a directory has removed or locked out stays,
//! so that nobody comes back by it unasked.

use vestibule_domain::directory::{Directory, DirectoryUser};
use vestibule_domain::id::{ConnectionId, DirectoryId, DirectoryUserId, MemberId, ProjectId};
use vestibule_domain::member::MemberStatus;
use vestibule_domain::{Tenant, Time};

use super::directories::place;
use super::organizations;
use super::row::{opt_parsed, parsed, time};
use super::search::Conditions;
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::hold::{Hold, Lock, Rank};
use crate::params;
use crate::sql::{Batch, Param, Read, Write};
use crate::store::Store;

const TABLE: &str = "directory_users";

/// The guard of [`update`] and [`delete`]: what the directory says of the person has changed meanwhile, or the person is gone.
pub const VERSION: Guard = Guard("directory_user_version");
/// The guard of [`not_locked_out`]: a directory has removed or locked out whoever has the address.
pub const LOCKED_OUT: Guard = Guard("directory_locked_out");
/// The unique index that refuses a name used twice in a directory.
pub const USER_NAME: &str = "directory_users_user_name";
/// The unique index that refuses an external id used twice in a directory.
pub const EXTERNAL_ID: &str = "directory_users_external_id";
/// The unique index that refuses a member who is two people of a directory.
pub const MEMBER: &str = "directory_users_member";

const COLUMNS: &str = "u.id, u.directory_id, u.member_id, u.user_name, u.external_id, u.active, u.created_at,
         u.updated_at, u.version, u.doc, m.status";
const FROM: &str = "FROM directory_users u
     LEFT JOIN members m ON m.project_id = u.project_id AND m.id = u.member_id";

const INSERT: &str = "INSERT INTO directory_users
     (project_id, directory_id, id, member_id, user_name, external_id, active, updated_at, version, doc, created_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
const UPDATE: &str = "UPDATE directory_users
     SET member_id = ?4, user_name = ?5, external_id = ?6, active = ?7, updated_at = ?8, version = ?9, doc = ?10
     WHERE project_id = ?1 AND directory_id = ?2 AND id = ?3 AND version = ?11";
const DELETE: &str = "DELETE FROM directory_users
     WHERE project_id = ?1 AND directory_id = ?2 AND id = ?3 AND version = ?4";
const FORGET_ADDRESSES: &str = "DELETE FROM directory_addresses WHERE project_id = ?1 AND user_id = ?2";
const LOCK_OUT: &str = "UPDATE directory_addresses SET locked_out = 1 WHERE project_id = ?1 AND user_id = ?2";
const INSERT_ADDRESS: &str = "INSERT INTO directory_addresses
     (project_id, organization_id, address, directory_id, user_id, locked_out) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
     ON CONFLICT (project_id, organization_id, address, user_id) DO UPDATE SET locked_out = excluded.locked_out";
/// Somebody who is made anew is not kept out by whom they were. What another directory has said is not this one's to take back.
const LET_IN: &str = "DELETE FROM directory_addresses
     WHERE project_id = ?1 AND organization_id = ?2 AND address = ?3 AND directory_id = ?4 AND locked_out = 1 AND NOT EXISTS
     (SELECT 1 FROM directory_users u
      WHERE u.project_id = directory_addresses.project_id AND u.id = directory_addresses.user_id)";
/// The home organization has the connections of many customers: there a directory's word counts at its own connection.
const IS_LOCKED_OUT: &str = "SELECT a.user_id FROM directory_addresses a
     JOIN directories d ON d.project_id = a.project_id AND d.id = a.directory_id
     JOIN organizations o ON o.project_id = a.project_id AND o.id = a.organization_id
     WHERE a.project_id = ?1 AND a.organization_id = ?2 AND a.address = ?3 AND a.locked_out = 1
       AND d.deleted_at IS NULL AND d.lets_return = 0
       AND (o.is_home = 0 OR d.connection_id IN ('', ?4)) LIMIT 1";
/// An organization that is gone has no directory either: that it stands is asked elsewhere.
const NOT_LOCKED_OUT: &str = "SELECT 'let in' FROM (SELECT COUNT(*) AS kept_out FROM directory_addresses a
     JOIN directories d ON d.project_id = a.project_id AND d.id = a.directory_id
     JOIN organizations o ON o.project_id = a.project_id AND o.id = a.organization_id
     WHERE a.project_id = ?1 AND a.organization_id = ?2 AND a.address = ?3 AND a.locked_out = 1
       AND d.deleted_at IS NULL AND d.lets_return = 0
       AND (o.is_home = 0 OR d.connection_id IN ('', ?4))) found WHERE found.kept_out = 0";
const IS_PROVISIONED: &str = "SELECT u.id FROM directory_users u
     JOIN directories d ON d.project_id = u.project_id AND d.id = u.directory_id
     WHERE u.project_id = ?1 AND u.member_id = ?2 AND d.deleted_at IS NULL LIMIT 1";

pub(crate) const ALL: &[&str] = &[
    INSERT,
    UPDATE,
    DELETE,
    FORGET_ADDRESSES,
    LOCK_OUT,
    INSERT_ADDRESS,
    LET_IN,
    IS_LOCKED_OUT,
    NOT_LOCKED_OUT,
    IS_PROVISIONED,
];

/// By what somebody is looked for. An index answers each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserTerm {
    /// The id.
    Id(String),
    /// The name in the directory, folded.
    UserName(String),
    /// The directory's own identifier.
    ExternalId(String),
    /// One of the addresses, folded.
    Address(String),
}

/// Keeps somebody new; refused by [`USER_NAME`], [`EXTERNAL_ID`] and [`MEMBER`].
#[must_use]
pub fn insert(directory: &Directory, user: &DirectoryUser, addresses: &[String]) -> Batch {
    let mut params = columns(directory.project_id, user);
    params.push(user.created_at.into());
    Batch::from(Write::any(INSERT, params)).with(keep_addresses(directory, user, addresses))
}

/// Keeps what a directory says of somebody now; fails with the guard [`VERSION`] when it is not at `expected_version` any
/// more, and as [`insert`].
#[must_use]
pub fn update(
    directory: &Directory,
    user: &DirectoryUser,
    addresses: &[String],
    expected_version: i64,
) -> Batch {
    let mut params = columns(directory.project_id, user);
    params.push(expected_version.into());
    let (project, id) = (Param::display(directory.project_id), Param::display(user.id));
    Batch::from([Write::one(UPDATE, params, VERSION), Write::any(FORGET_ADDRESSES, params![project, id])])
        .with(keep_addresses(directory, user, addresses))
}

/// Forgets somebody as they were loaded, but for their addresses: nobody comes back by them unasked. Fails with the guard
/// [`VERSION`].
#[must_use]
pub fn delete(directory: &Directory, user: &DirectoryUser) -> [Write; 2] {
    let (project, id) = (Param::display(directory.project_id), Param::display(user.id));
    let params = params![project.clone(), Param::display(directory.id), id.clone(), user.version];
    [Write::any(LOCK_OUT, params![project, id]), Write::one(DELETE, params, VERSION)]
}

/// No directory keeps out whoever comes with the address, until the batch is kept: fails with the guard [`LOCKED_OUT`].
/// `through` is the connection that they come through.
#[must_use]
pub fn not_locked_out(tenant: Tenant, address: &str, through: Option<ConnectionId>) -> [Hold; 2] {
    let (project, id) = (tenant.project_id(), tenant.organization_id());
    let params = params![Param::display(project), Param::display(id), address, Param::Text(place(through))];
    let question = Hold::question(Rank::Organization, id, NOT_LOCKED_OUT, params).or(LOCKED_OUT);
    [organizations::row(tenant, Lock::Unchanged), question]
}

fn keep_addresses(directory: &Directory, user: &DirectoryUser, addresses: &[String]) -> Vec<Write> {
    let (project, organization) =
        (Param::display(directory.project_id), Param::display(directory.organization_id));
    let of = |address: &String| {
        let kept = params![
            project.clone(),
            organization.clone(),
            address,
            Param::display(directory.id),
            Param::display(user.id),
            !user.active
        ];
        let let_in = params![project.clone(), organization.clone(), address, Param::display(directory.id)];
        let let_in = user.active.then(|| Write::any(LET_IN, let_in));
        let_in.into_iter().chain([Write::any(INSERT_ADDRESS, kept)]).collect::<Vec<_>>()
    };
    addresses.iter().flat_map(of).collect()
}

fn columns(project: ProjectId, user: &DirectoryUser) -> Vec<Param> {
    params![
        Param::display(project),
        Param::display(user.directory_id),
        Param::display(user.id),
        Param::opt_display(user.member_id),
        &user.user_name,
        user.external_id.clone(),
        user.active,
        user.updated_at,
        user.version,
        &user.attributes,
    ]
}

impl Store {
    /// The people of a directory whom all of the terms name.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn directory_users_by(
        &self,
        project: ProjectId,
        directory: DirectoryId,
        terms: &[UserTerm],
        most: u32,
    ) -> Result<Vec<DirectoryUser>, StoreError> {
        let mut conditions = in_directory(project, directory);
        for term in terms {
            let clause = term.clause(&mut conditions);
            conditions.require(clause);
        }
        let most = conditions.bind(i64::from(most));
        let (clause, params) = conditions.finish();
        let sql = format!("SELECT {COLUMNS} {FROM} WHERE {clause} ORDER BY u.created_at, u.id LIMIT {most}");
        self.query_all(Read::composed(TABLE, sql, params), user).await
    }

    /// Somebody whom a directory has.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn directory_user(
        &self,
        project: ProjectId,
        directory: DirectoryId,
        id: DirectoryUserId,
    ) -> Result<Option<DirectoryUser>, StoreError> {
        let terms = [UserTerm::Id(id.to_string())];
        Ok(self.directory_users_by(project, directory, &terms, 1).await?.pop())
    }

    /// A part of the people of a directory, the oldest first: those behind `after`, without the first `skip` of them.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn directory_users(
        &self,
        project: ProjectId,
        directory: DirectoryId,
        after: Option<(Time, DirectoryUserId)>,
        skip: u64,
        take: u32,
    ) -> Result<Vec<DirectoryUser>, StoreError> {
        let mut conditions = in_directory(project, directory);
        if let Some((at, id)) = after {
            let (at, id) = (conditions.bind(at), conditions.bind(Param::display(id)));
            conditions.require(format!("(u.created_at, u.id) > ({at}, {id})"));
        }
        let take = conditions.bind(i64::from(take));
        let skip = conditions.bind(i64::try_from(skip).unwrap_or(i64::MAX));
        let (clause, params) = conditions.finish();
        let sql = format!(
            "SELECT {COLUMNS} {FROM} WHERE {clause} ORDER BY u.created_at, u.id LIMIT {take} OFFSET {skip}"
        );
        self.scan(project, Read::composed(TABLE, sql, params), user).await
    }

    /// How many people a directory has.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn count_directory_users(
        &self,
        project: ProjectId,
        directory: DirectoryId,
    ) -> Result<u64, StoreError> {
        let (clause, params) = in_directory(project, directory).finish();
        let sql = format!("SELECT 'count', COUNT(*) FROM directory_users u WHERE {clause}");
        let counts = self.scan(project, Read::composed(TABLE, sql, params), |row| row.int(1)).await?;
        Ok(counts.first().and_then(|count| u64::try_from(*count).ok()).unwrap_or_default())
    }

    /// What directories say of some members.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn directory_users_of(
        &self,
        project: ProjectId,
        members: &[MemberId],
    ) -> Result<Vec<DirectoryUser>, StoreError> {
        if members.is_empty() {
            return Ok(Vec::new());
        }
        let mut conditions = Conditions::default();
        let project = conditions.bind(Param::display(project));
        let among = conditions.is_in("u.member_id", members.iter().map(Param::display));
        conditions.require(format!("u.project_id = {project} AND {among} AND d.deleted_at IS NULL"));
        let (clause, params) = conditions.finish();
        let sql = format!(
            "SELECT {COLUMNS} {FROM}
             JOIN directories d ON d.project_id = u.project_id AND d.id = u.directory_id WHERE {clause}"
        );
        self.list(Read::composed(TABLE, sql, params), user).await
    }

    /// Whether a directory has somebody who is the member.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn is_provisioned(&self, project: ProjectId, member: MemberId) -> Result<bool, StoreError> {
        let params = params![Param::display(project), Param::display(member)];
        Ok(self.query_opt(Read::new(TABLE, IS_PROVISIONED, params), |_| Ok(())).await?.is_some())
    }

    /// Whether a directory of the organization has removed or locked out whoever has the address, folded, and keeps them out.
    /// `through` is the connection that they come through.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn is_locked_out(
        &self,
        tenant: Tenant,
        address: &str,
        through: Option<ConnectionId>,
    ) -> Result<bool, StoreError> {
        let params = params![
            Param::display(tenant.project_id()),
            Param::display(tenant.organization_id()),
            address,
            Param::Text(place(through))
        ];
        Ok(self.query_opt(Read::new(TABLE, IS_LOCKED_OUT, params), |_| Ok(())).await?.is_some())
    }
}

fn in_directory(project: ProjectId, directory: DirectoryId) -> Conditions {
    let mut conditions = Conditions::default();
    let project = conditions.bind(Param::display(project));
    let directory = conditions.bind(Param::display(directory));
    conditions.require(format!("u.project_id = {project} AND u.directory_id = {directory}"));
    conditions
}

impl UserTerm {
    fn clause(&self, on: &mut Conditions) -> String {
        match self {
            Self::Id(id) => format!("u.id = {}", on.bind(id)),
            Self::UserName(name) => format!("u.user_name = {}", on.bind(name)),
            Self::ExternalId(id) => format!("u.external_id = {}", on.bind(id)),
            Self::Address(address) => format!(
                "u.id IN (SELECT a.user_id FROM directory_addresses a JOIN directories d
                     ON d.project_id = a.project_id AND d.id = a.directory_id
                 WHERE a.project_id = u.project_id AND a.organization_id = d.organization_id
                   AND d.id = u.directory_id AND a.address = {})",
                on.bind(address)
            ),
        }
    }
}

fn user(row: &Row<'_>) -> Result<DirectoryUser, RowError> {
    let status = row.opt_text(10)?.and_then(|status| MemberStatus::from_name(&status));
    Ok(DirectoryUser {
        id: parsed(row, 0)?,
        directory_id: parsed(row, 1)?,
        member_id: opt_parsed(row, 2)?,
        user_name: row.text(3)?,
        external_id: row.opt_text(4)?,
        active: row.int(5)? != 0,
        created_at: time(row, 6)?,
        updated_at: time(row, 7)?,
        version: row.int(8)?,
        attributes: row.text(9)?,
        member_status: status,
    })
}
