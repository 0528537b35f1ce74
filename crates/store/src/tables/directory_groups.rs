//! The groups of directories and who is in them. A change of a group costs what it says and not what the group has: members
//! are rows of their own, and nothing here reads all of them to change one.

use std::collections::HashMap;

use vestibule_domain::Time;
use vestibule_domain::directory::{Directory, DirectoryGroup};
use vestibule_domain::id::{DirectoryGroupId, DirectoryId, DirectoryUserId, ProjectId};

use super::row::{parsed, time};
use super::search::Conditions;
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

const TABLE: &str = "directory_groups";
const MEMBERSHIPS: &str = "directory_memberships";

/// The guard of [`change`] and [`delete`]: there is no such group, or it is another version of it.
pub const EXISTS: Guard = Guard("directory_group_exists");
/// The guard of [`add_member`]: the directory has no such person.
pub const NO_USER: Guard = Guard("directory_group_member");
/// The unique index that refuses a name used twice in a directory.
pub const NAME: &str = "directory_groups_name";

const COLUMNS: &str =
    "g.id, g.directory_id, g.display_name, g.external_id, g.created_at, g.updated_at, g.version";
const INSERT: &str = "INSERT INTO directory_groups
     (project_id, directory_id, id, name_key, display_name, external_id, created_at, updated_at, version)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
/// What is not said stays. `?9` is the version that is wanted, or -1 for any.
const CHANGE: &str = "UPDATE directory_groups
     SET name_key = COALESCE(CAST(?4 AS TEXT), name_key), display_name = COALESCE(CAST(?5 AS TEXT), display_name),
         external_id = CASE WHEN CAST(?6 AS BIGINT) = 1 THEN CAST(?7 AS TEXT) ELSE external_id END, updated_at = ?8,
         version = version + 1
     WHERE project_id = ?1 AND directory_id = ?2 AND id = ?3 AND (version = ?9 OR ?9 < 0)";
const DELETE: &str = "DELETE FROM directory_groups
     WHERE project_id = ?1 AND directory_id = ?2 AND id = ?3 AND (version = ?4 OR ?4 < 0)";
const CLEAR: &str = "DELETE FROM directory_memberships WHERE project_id = ?1 AND group_id = ?2";
const REMOVE: &str =
    "DELETE FROM directory_memberships WHERE project_id = ?1 AND group_id = ?2 AND user_id = ?3";
const ADD: &str = "INSERT INTO directory_memberships (project_id, group_id, user_id, display)
     SELECT u.project_id, CAST(?3 AS TEXT), u.id, CAST(?5 AS TEXT) FROM directory_users u
     WHERE u.project_id = ?1 AND u.directory_id = ?2 AND u.id = ?4
     ON CONFLICT (project_id, group_id, user_id) DO UPDATE SET display = excluded.display";
const MEMBERS: &str = "SELECT s.user_id, s.display FROM directory_memberships s
     WHERE s.project_id = ?1 AND s.group_id = ?2 ORDER BY s.user_id";

pub(crate) const ALL: &[&str] = &[INSERT, CHANGE, DELETE, CLEAR, REMOVE, ADD, MEMBERS];

/// By what a group is looked for. An index answers each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupTerm {
    /// The id.
    Id(String),
    /// What it is called, folded.
    Name(String),
    /// The directory's own identifier.
    ExternalId(String),
    /// Somebody who is in it.
    Member(String),
}

/// What of a group's head is to change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeadChange {
    /// The new name: folded, and as it is shown.
    pub name: Option<(String, String)>,
    /// The directory's new identifier, or that there is none.
    pub external_id: Option<Option<String>>,
}

/// Somebody who is in a group, and what the directory calls them there.
pub type GroupMember = (DirectoryUserId, Option<String>);

/// Keeps a new group; refused by [`NAME`].
#[must_use]
pub fn insert(project: ProjectId, group: &DirectoryGroup, name_key: &str) -> Write {
    let params = params![
        Param::display(project),
        Param::display(group.directory_id),
        Param::display(group.id),
        name_key,
        &group.display_name,
        group.external_id.clone(),
        group.created_at,
        group.updated_at,
        group.version,
    ];
    Write::any(INSERT, params)
}

/// Changes what is said of a group, and counts its version; fails with the guard [`EXISTS`], also when it is not at the
/// version that is wanted.
#[must_use]
pub fn change(
    directory: &Directory,
    id: DirectoryGroupId,
    said: &HeadChange,
    wanted: Option<i64>,
    now: Time,
) -> Write {
    let (name_key, name) = said.name.clone().unzip();
    let params = params![
        Param::display(directory.project_id),
        Param::display(directory.id),
        Param::display(id),
        name_key,
        name,
        said.external_id.is_some(),
        said.external_id.clone().flatten(),
        now,
        wanted.unwrap_or(-1),
    ];
    Write::one(CHANGE, params, EXISTS)
}

/// Forgets a group, with who is in it and the roles that it gives; fails with the guard [`EXISTS`].
#[must_use]
pub fn delete(directory: &Directory, id: DirectoryGroupId, wanted: Option<i64>) -> Write {
    let (project, place) = (Param::display(directory.project_id), Param::display(directory.id));
    Write::one(DELETE, params![project, place, Param::display(id), wanted.unwrap_or(-1)], EXISTS)
}

/// Everybody leaves a group.
#[must_use]
pub fn clear(project: ProjectId, id: DirectoryGroupId) -> Write {
    Write::any(CLEAR, params![Param::display(project), Param::display(id)])
}

/// Somebody leaves a group, if they are in it.
#[must_use]
pub fn remove_member(project: ProjectId, id: DirectoryGroupId, user: &str) -> Write {
    Write::any(REMOVE, params![Param::display(project), Param::display(id), user])
}

/// Somebody of the directory is in a group from now on; fails with the guard [`NO_USER`].
#[must_use]
pub fn add_member(directory: &Directory, id: DirectoryGroupId, user: &str, display: Option<&str>) -> Write {
    let params = params![
        Param::display(directory.project_id),
        Param::display(directory.id),
        Param::display(id),
        user,
        display.map(str::to_owned),
    ];
    Write::one(ADD, params, NO_USER)
}

impl Store {
    /// The groups of a directory that all of the terms name.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn directory_groups_by(
        &self,
        project: ProjectId,
        directory: DirectoryId,
        terms: &[GroupTerm],
        most: u32,
    ) -> Result<Vec<DirectoryGroup>, StoreError> {
        let mut conditions = in_directory(project, directory);
        for term in terms {
            let clause = term.clause(&mut conditions);
            conditions.require(clause);
        }
        let most = conditions.bind(i64::from(most));
        let (clause, params) = conditions.finish();
        let sql = format!(
            "SELECT {COLUMNS} FROM directory_groups g WHERE {clause} ORDER BY g.created_at, g.id LIMIT {most}"
        );
        self.query_all(Read::composed(TABLE, sql, params), group).await
    }

    /// A group of a directory.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn directory_group(
        &self,
        project: ProjectId,
        directory: DirectoryId,
        id: DirectoryGroupId,
    ) -> Result<Option<DirectoryGroup>, StoreError> {
        let terms = [GroupTerm::Id(id.to_string())];
        Ok(self.directory_groups_by(project, directory, &terms, 1).await?.pop())
    }

    /// A part of the groups of a directory, the oldest first: those behind `after`, without the first `skip` of them.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn directory_groups(
        &self,
        project: ProjectId,
        directory: DirectoryId,
        after: Option<(Time, DirectoryGroupId)>,
        skip: u64,
        take: u32,
    ) -> Result<Vec<DirectoryGroup>, StoreError> {
        let mut conditions = in_directory(project, directory);
        if let Some((at, id)) = after {
            let (at, id) = (conditions.bind(at), conditions.bind(Param::display(id)));
            conditions.require(format!("(g.created_at, g.id) > ({at}, {id})"));
        }
        let take = conditions.bind(i64::from(take));
        let skip = conditions.bind(i64::try_from(skip).unwrap_or(i64::MAX));
        let (clause, params) = conditions.finish();
        let sql = format!(
            "SELECT {COLUMNS} FROM directory_groups g WHERE {clause}
             ORDER BY g.created_at, g.id LIMIT {take} OFFSET {skip}"
        );
        self.scan(project, Read::composed(TABLE, sql, params), group).await
    }

    /// How many groups a directory has.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn count_directory_groups(
        &self,
        project: ProjectId,
        directory: DirectoryId,
    ) -> Result<u64, StoreError> {
        let (clause, params) = in_directory(project, directory).finish();
        let sql = format!("SELECT 'count', COUNT(*) FROM directory_groups g WHERE {clause}");
        let counts = self.scan(project, Read::composed(TABLE, sql, params), |row| row.int(1)).await?;
        Ok(counts.first().and_then(|count| u64::try_from(*count).ok()).unwrap_or_default())
    }

    /// Who is in a group.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn directory_group_members(
        &self,
        project: ProjectId,
        id: DirectoryGroupId,
    ) -> Result<Vec<GroupMember>, StoreError> {
        let read = Read::new(MEMBERSHIPS, MEMBERS, params![Param::display(project), Param::display(id)]);
        self.scan(project, read, |row| Ok((parsed(row, 0)?, row.opt_text(1)?))).await
    }

    /// How many are in each of some groups.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn directory_group_sizes(
        &self,
        project: ProjectId,
        groups: &[DirectoryGroupId],
    ) -> Result<HashMap<DirectoryGroupId, usize>, StoreError> {
        let mut conditions = Conditions::default();
        let project_id = conditions.bind(Param::display(project));
        let among = conditions.is_in("group_id", groups.iter().map(Param::display));
        conditions.require(format!("project_id = {project_id} AND {among}"));
        let (clause, params) = conditions.finish();
        let sql =
            format!("SELECT group_id, COUNT(*) FROM directory_memberships WHERE {clause} GROUP BY group_id");
        let sizes = self
            .scan(project, Read::composed(MEMBERSHIPS, sql, params), |row| {
                Ok((parsed(row, 0)?, usize::try_from(row.int(1)?).unwrap_or(usize::MAX)))
            })
            .await?;
        Ok(sizes.into_iter().collect())
    }

    /// The groups that some people are in: the person, the group and what it is called.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn directory_groups_of(
        &self,
        project: ProjectId,
        users: &[DirectoryUserId],
    ) -> Result<Vec<(DirectoryUserId, DirectoryGroupId, String)>, StoreError> {
        if users.is_empty() {
            return Ok(Vec::new());
        }
        let mut conditions = Conditions::default();
        let project = conditions.bind(Param::display(project));
        let among = conditions.is_in("s.user_id", users.iter().map(Param::display));
        conditions.require(format!("s.project_id = {project} AND {among}"));
        let (clause, params) = conditions.finish();
        let sql = format!(
            "SELECT s.user_id, g.id, g.display_name FROM directory_memberships s
             JOIN directory_groups g ON g.project_id = s.project_id AND g.id = s.group_id
             WHERE {clause} ORDER BY g.created_at, g.id"
        );
        let parse = |row: &Row<'_>| Ok((parsed(row, 0)?, parsed(row, 1)?, row.text(2)?));
        self.query_all(Read::composed(MEMBERSHIPS, sql, params), parse).await
    }
}

fn in_directory(project: ProjectId, directory: DirectoryId) -> Conditions {
    let mut conditions = Conditions::default();
    let project = conditions.bind(Param::display(project));
    let directory = conditions.bind(Param::display(directory));
    conditions.require(format!("g.project_id = {project} AND g.directory_id = {directory}"));
    conditions
}

impl GroupTerm {
    fn clause(&self, on: &mut Conditions) -> String {
        match self {
            Self::Id(id) => format!("g.id = {}", on.bind(id)),
            Self::Name(name) => format!("g.name_key = {}", on.bind(name)),
            Self::ExternalId(id) => format!("g.external_id = {}", on.bind(id)),
            Self::Member(user) => format!(
                "EXISTS (SELECT 1 FROM directory_memberships s WHERE s.project_id = g.project_id
                     AND s.group_id = g.id AND s.user_id = {})",
                on.bind(user)
            ),
        }
    }
}

fn group(row: &Row<'_>) -> Result<DirectoryGroup, RowError> {
    Ok(DirectoryGroup {
        id: parsed(row, 0)?,
        directory_id: parsed(row, 1)?,
        display_name: row.text(2)?,
        external_id: row.opt_text(3)?,
        created_at: time(row, 4)?,
        updated_at: time(row, 5)?,
        version: row.int(6)?,
    })
}
