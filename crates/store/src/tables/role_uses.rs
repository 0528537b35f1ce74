//! Where roles are assigned, and which roles organizations have of their own: for whoever is about to change the policy of a
//! project. These look at all of a project, page by page, where they hold up nobody.

use serde::Deserialize;
use vestibule_domain::connection::RoleAssignments;
use vestibule_domain::id::{ConnectionId, OrganizationId, ProjectId};
use vestibule_domain::organization::EmailRoleAssignment;
use vestibule_domain::rbac::Role;

use super::row::{doc, parsed};
use super::search::{Conditions, listed_pattern};
use crate::dialect::Row;
use crate::error::{RowError, StoreError};
use crate::params;
use crate::sql::{Param, Read};
use crate::store::Store;

/// Rows that are looked at together.
const PAGE: i64 = 500;
/// Roles whose members are counted together.
const TOGETHER: usize = 50;

/// Documents are written without spaces. What is found too much is seen when it is read.
const ORGANIZATIONS: &str = "SELECT id, doc FROM organizations WHERE project_id = ?1 AND id > ?2
     AND (doc LIKE '%\"email_role_assignments\":[{%' OR doc LIKE '%\"custom_roles\":[{%')
     ORDER BY id LIMIT ?3";
const CONNECTIONS: &str = "SELECT id, role_assignments FROM connections WHERE project_id = ?1 AND id > ?2
     AND deleted_at IS NULL AND role_assignments IS NOT NULL ORDER BY id LIMIT ?3";

const DIRECTORIES: &str = "SELECT r.role_id, COUNT(DISTINCT r.directory_id) FROM directory_group_roles r
     JOIN directories d ON d.project_id = r.project_id AND d.id = r.directory_id
     WHERE r.project_id = ?1 AND d.deleted_at IS NULL GROUP BY r.role_id";

pub(crate) const ALL: &[&str] = &[ORGANIZATIONS, CONNECTIONS, DIRECTORIES];

/// What an organization has to do with roles.
#[derive(Clone, Debug)]
pub struct OrganizationRoles {
    /// The organization.
    pub id: OrganizationId,
    /// What it gives to the addresses of domains.
    pub by_domain: Vec<EmailRoleAssignment>,
    /// What exists in it only.
    pub own: Vec<Role>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RolesDoc {
    email_role_assignments: Vec<EmailRoleAssignment>,
    custom_roles: Vec<Role>,
}

impl Store {
    /// How many members, without deleted ones, have each of some roles by name.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn members_with_roles(
        &self,
        project: ProjectId,
        roles: &[String],
    ) -> Result<Vec<u64>, StoreError> {
        let mut counts = Vec::with_capacity(roles.len());
        for some in roles.chunks(TOGETHER) {
            let mut conditions = Conditions::default();
            let each = some.iter().map(|role| {
                let pattern = conditions.bind(listed_pattern(role));
                format!("COUNT(CASE WHEN roles LIKE {pattern} ESCAPE '\\' THEN 1 END)")
            });
            let each = each.collect::<Vec<_>>().join(", ");
            let project_id = conditions.bind(Param::display(project));
            conditions.require(format!("project_id = {project_id} AND status <> 'deleted'"));
            let (clause, params) = conditions.finish();
            let sql = format!("SELECT 'count', {each} FROM members WHERE {clause}");
            let columns = some.len();
            let read = move |row: &Row<'_>| (1..=columns).map(|column| row.int(column)).collect();
            let rows: Vec<Vec<i64>> =
                self.scan(project, Read::composed("members", sql, params), read).await?;
            counts.extend(rows.into_iter().flatten().map(|count| u64::try_from(count).unwrap_or(0)));
        }
        Ok(counts)
    }

    /// The organizations that have to do with roles, in the order of their ids, from behind one on; those that cannot be read
    /// are left out. Gives also the id behind which there are more.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn organizations_with_roles(
        &self,
        project: ProjectId,
        after: &str,
    ) -> Result<(Vec<OrganizationRoles>, Option<String>), StoreError> {
        self.page_of_roles(project, "organizations", ORGANIZATIONS, after, of_organization).await
    }

    /// The connections that give roles, as [`Store::organizations_with_roles`].
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn connections_with_roles(
        &self,
        project: ProjectId,
        after: &str,
    ) -> Result<(Vec<(ConnectionId, RoleAssignments)>, Option<String>), StoreError> {
        self.page_of_roles(project, "connections", CONNECTIONS, after, of_connection).await
    }

    /// The roles that groups of directories give, and how many directories give each.
    ///
    /// # Errors
    /// As for [`Store::scan`].
    pub async fn roles_of_directories(&self, project: ProjectId) -> Result<Vec<(String, u64)>, StoreError> {
        let read = Read::new("directory_group_roles", DIRECTORIES, params![Param::display(project)]);
        self.scan(project, read, |row| Ok((row.text(0)?, u64::try_from(row.int(1)?).unwrap_or(0)))).await
    }

    async fn page_of_roles<T: Send + 'static>(
        &self,
        project: ProjectId,
        table: &'static str,
        sql: &'static str,
        after: &str,
        read: fn(&Row<'_>) -> Result<T, RowError>,
    ) -> Result<(Vec<T>, Option<String>), StoreError> {
        let store = self.clone();
        let statement = Read::new(table, sql, params![Param::display(project), after, PAGE]);
        let rows =
            self.scan(project, statement, move |row| Ok((row.text(0)?, store.shown(table, row, read(row)))));
        let rows = rows.await?;
        let is_whole = i64::try_from(rows.len()).is_ok_and(|count| count >= PAGE);
        let last = rows.last().filter(|_| is_whole).map(|(id, _)| id.clone());
        Ok((rows.into_iter().filter_map(|(_, item)| item).collect(), last))
    }
}

fn of_organization(row: &Row<'_>) -> Result<OrganizationRoles, RowError> {
    let RolesDoc { email_role_assignments: by_domain, custom_roles: own } = doc(row, 1)?;
    Ok(OrganizationRoles { id: parsed(row, 0)?, by_domain, own })
}

fn of_connection(row: &Row<'_>) -> Result<(ConnectionId, RoleAssignments), RowError> {
    Ok((parsed(row, 0)?, doc(row, 1)?))
}
