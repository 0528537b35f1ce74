//! The connections of a project, whichever of its organizations they belong to, without their secrets: nothing is unsealed to list
//! them.

use vestibule_domain::connection::{Connection, ConnectionName, Strategy};
use vestibule_domain::id::{ConnectionId, ProjectId};

use super::connections::{COLUMNS, TABLE, read_shown};
use super::search::{Conditions, Cursor, Page};
use crate::error::StoreError;
use crate::sql::{Param, Read};
use crate::store::Store;

/// Which connections are wanted. Those that are borrowed are none of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only those that were made for one of these; all when there is none.
    pub strategies: Vec<Strategy>,
    /// Only the one of this name.
    pub name: Option<ConnectionName>,
}

/// Which part of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// How many are left out.
    pub skip: u32,
    /// How many at most.
    pub limit: u32,
    /// Whether all are counted.
    pub counts: bool,
}

impl Wanted {
    fn conditions(&self, project: ProjectId) -> Conditions {
        let mut on = Conditions::default();
        let project = on.bind(Param::display(project));
        on.require(format!("project_id = {project} AND deleted_at IS NULL AND source_connection_id IS NULL"));
        if !self.strategies.is_empty() {
            let clauses: Vec<String> =
                self.strategies.iter().map(|strategy| of_strategy(*strategy, &mut on)).collect();
            on.require(format!("({})", clauses.join(" OR ")));
        }
        if let Some(name) = &self.name {
            let name = on.bind(name.as_str());
            on.require(format!("COALESCE(name, id) = {name}"));
        }
        on
    }
}

/// A strategy stands in the common settings; a connection that says nothing there was made for its protocol alone.
fn of_strategy(strategy: Strategy, on: &mut Conditions) -> String {
    let said = on.bind(format!("%\"strategy\":\"{}\"%", strategy.as_str()));
    let is_said = format!("COALESCE(common, '') LIKE {said}");
    if strategy != Strategy::of_protocol(strategy.protocol()) {
        return is_said;
    }
    let protocol = on.bind(strategy.protocol().as_str());
    format!("({is_said} OR (protocol = {protocol} AND COALESCE(common, '') NOT LIKE '%\"strategy\":%'))")
}

impl Store {
    /// A part of the connections of a project, the oldest first, and how many there are in all if that was asked.
    ///
    /// # Errors
    /// As for [`Store::page`].
    pub async fn connections_of_project(
        &self,
        project: ProjectId,
        wanted: &Wanted,
        window: &Window,
    ) -> Result<(Page<Connection>, u64), StoreError> {
        let mut on = wanted.conditions(project);
        if let Some(after) = &window.after {
            let (at, id) = after.parts();
            let (at, id) = (on.bind(at), on.bind(id.to_owned()));
            on.require(format!("(created_at, id) > ({at}, {id})"));
        }
        let (limit, skip) = (on.bind(i64::from(window.limit) + 1), on.bind(i64::from(window.skip)));
        let (clause, params) = on.finish();
        let sql = format!(
            "SELECT {COLUMNS} FROM connections WHERE {clause} ORDER BY created_at, id LIMIT {limit} OFFSET {skip}"
        );
        let read = Read::composed(TABLE, sql, params);
        let page = self.page(project, read, window.limit, 6, read_shown).await?;
        let total = if window.counts { self.count_connections(project, wanted).await? } else { 0 };
        Ok((page, total))
    }

    async fn count_connections(&self, project: ProjectId, wanted: &Wanted) -> Result<u64, StoreError> {
        let (clause, params) = wanted.conditions(project).finish();
        let sql = format!("SELECT 'count', COUNT(*) FROM connections WHERE {clause}");
        let counts = self.scan(project, Read::composed(TABLE, sql, params), |row| row.int(1)).await?;
        Ok(counts.first().map_or(0, |count| count.unsigned_abs()))
    }

    /// Several connections of a project without their secrets, the oldest first.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn connection_summaries(
        &self,
        project: ProjectId,
        ids: &[ConnectionId],
    ) -> Result<Vec<Connection>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut on = Conditions::default();
        let project = on.bind(Param::display(project));
        on.require(format!("project_id = {project} AND deleted_at IS NULL"));
        let listed = on.is_in("id", ids.iter().map(Param::display));
        on.require(listed);
        let (clause, params) = on.finish();
        let sql = format!("SELECT {COLUMNS} FROM connections WHERE {clause} ORDER BY created_at, id");
        self.list(Read::composed(TABLE, sql, params), read_shown).await
    }
}
