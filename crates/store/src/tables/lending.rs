//! Connections that are lent: who borrows them, and what holds while that changes. They are found by the columns, so
//! that a borrower that cannot be read is in nobody's way.

use vestibule_domain::Tenant;
use vestibule_domain::connection::Connection;
use vestibule_domain::id::{ConnectionId, OrganizationId, ProjectId};
use vestibule_domain::organization::Organization;

use super::connections::{self, TABLE};
use super::organizations;
use super::row::parsed;
use super::search::Conditions;
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::hold::{Hold, Rank};
use crate::params;
use crate::sql::{Param, Read};
use crate::store::Store;
use crate::vault::Vault;

/// The guard of [`as_loaded`]: others borrow by now.
pub const BORROWERS: Guard = Guard("connection_borrowers");
/// The guard of [`lendable`]: the organization lends as often as it may.
pub const ROOM: Guard = Guard("lending_room");

const OF_CONNECTION: &str = "SELECT id, organization_id FROM connections
     WHERE project_id = ?1 AND source_connection_id = ?2 AND deleted_at IS NULL ORDER BY id";
const OF_ORGANIZATION: &str = "SELECT c.id, c.organization_id FROM connections s
     JOIN connections c ON c.project_id = s.project_id AND c.source_connection_id = s.id
     WHERE s.project_id = ?1 AND s.organization_id = ?2 AND c.deleted_at IS NULL ORDER BY c.id";
/// Whether the lender itself is there is another question.
const AS_MANY_OF_CONNECTION: &str = "SELECT 'as many' WHERE ?3 =
     (SELECT COUNT(*) FROM connections c
      WHERE c.project_id = ?1 AND c.source_connection_id = ?2 AND c.deleted_at IS NULL)";
const AS_MANY_OF_ORGANIZATION: &str = "SELECT 'as many' WHERE ?3 =
     (SELECT COUNT(*) FROM connections s
      JOIN connections c ON c.project_id = s.project_id AND c.source_connection_id = s.id
      WHERE s.project_id = ?1 AND s.organization_id = ?2 AND c.deleted_at IS NULL)";
const HAS_ROOM: &str = "SELECT o.id FROM organizations o
     WHERE o.project_id = ?1 AND o.id = ?2 AND ?3 >
     (SELECT COUNT(*) FROM connections s
      JOIN connections c ON c.project_id = s.project_id AND c.source_connection_id = s.id
      WHERE s.project_id = ?1 AND s.organization_id = ?2 AND c.deleted_at IS NULL)";
const HAS_ROOM_OF_CONNECTION: &str = "SELECT o.id FROM organizations o
     WHERE o.project_id = ?1 AND o.id = ?2 AND ?3 >
     (SELECT COUNT(*) FROM connections c
      WHERE c.project_id = ?1 AND c.source_connection_id = ?4 AND c.deleted_at IS NULL)";
const ORGANIZATIONS: &str = "SELECT id, doc, created_at, version FROM organizations WHERE ";

pub(crate) const ALL: &[&str] = &[
    OF_CONNECTION,
    OF_ORGANIZATION,
    AS_MANY_OF_CONNECTION,
    AS_MANY_OF_ORGANIZATION,
    HAS_ROOM,
    HAS_ROOM_OF_CONNECTION,
];

/// What is lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lent {
    /// One connection of an organization.
    Connection(Tenant, ConnectionId),
    /// All connections of an organization.
    All(Tenant),
}

/// A connection that borrows, and the organization that has it.
#[derive(Clone, Debug)]
pub struct Borrower {
    /// Whose it is.
    pub tenant: Tenant,
    /// The borrowed connection.
    pub connection: ConnectionId,
    /// The organization, unless it cannot be read.
    pub organization: Option<Organization>,
}

impl Lent {
    const fn lender(self) -> Tenant {
        match self {
            Self::Connection(lender, _) | Self::All(lender) => lender,
        }
    }
}

/// Exactly so many borrow when the batch is kept: fails with the guard [`BORROWERS`]. The batch has to lock the lending
/// organization, behind which nobody begins to borrow.
#[must_use]
pub fn as_loaded(lent: Lent, borrowers: usize) -> Hold {
    let (lender, count) = (lent.lender(), i64::try_from(borrowers).unwrap_or(i64::MAX));
    let (sql, of) = match lent {
        Lent::Connection(_, id) => (AS_MANY_OF_CONNECTION, Param::display(id)),
        Lent::All(lender) => (AS_MANY_OF_ORGANIZATION, Param::display(lender.organization_id())),
    };
    let params = params![Param::display(lender.project_id()), of, count];
    Hold::question(Rank::Organization, lender.organization_id(), sql, params).or(BORROWERS)
}

/// The connection is as it was loaded, and its organization lends fewer than `most` times: fails with the guard [`ROOM`],
/// with [`connections::VERSION`] and with [`organizations::EXISTS`]. Those who borrow of one organization do so one after
/// the other.
#[must_use]
pub fn lendable(lent: &Connection, most: usize) -> [Hold; 3] {
    let lender = lent.tenant();
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let params = params![Param::display(lender.project_id()), Param::display(lender.organization_id()), most];
    let room = Hold::question(Rank::Organization, lender.organization_id(), HAS_ROOM, params).or(ROOM);
    [organizations::serialised(lender), room, connections::at_version(lender, lent.id, lent.version)]
}

/// The same where the bound is that of the one connection: fewer than `most` borrow it.
#[must_use]
pub fn lendable_of_home(lent: &Connection, most: usize) -> [Hold; 3] {
    let lender = lent.tenant();
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let params = params![
        Param::display(lender.project_id()),
        Param::display(lender.organization_id()),
        most,
        Param::display(lent.id)
    ];
    let sql = HAS_ROOM_OF_CONNECTION;
    let room = Hold::question(Rank::Organization, lender.organization_id(), sql, params).or(ROOM);
    [organizations::serialised(lender), room, connections::at_version(lender, lent.id, lent.version)]
}

impl Store {
    /// The connection that another one borrows. `None` for one that borrows nothing, and when what it borrowed is not there.
    ///
    /// # Errors
    /// As for [`Store::connection_of`].
    pub async fn lent(&self, vault: &Vault, through: &Connection) -> Result<Option<Connection>, StoreError> {
        match (through.lender(), through.borrowed()) {
            (Some(lender), Some(settings)) => self.connection_of(vault, lender, settings.lent_id).await,
            _ => Ok(None),
        }
    }

    /// Who borrows, in the order of the borrowed connections' ids.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn borrowers(&self, lent: Lent) -> Result<Vec<Borrower>, StoreError> {
        let project = lent.lender().project_id();
        let (sql, of) = match lent {
            Lent::Connection(_, id) => (OF_CONNECTION, Param::display(id)),
            Lent::All(lender) => (OF_ORGANIZATION, Param::display(lender.organization_id())),
        };
        let read = Read::new(TABLE, sql, params![Param::display(project), of]);
        let borrowed = |row: &Row<'_>| -> Result<(ConnectionId, OrganizationId), RowError> {
            Ok((parsed(row, 0)?, parsed(row, 1)?))
        };
        let found = self.query_all(read, borrowed).await?;
        let organizations = self.some_organizations(project, found.iter().map(|(_, id)| *id)).await?;
        let borrower = |(connection, organization)| Borrower {
            tenant: Tenant::stored(project, organization),
            connection,
            organization: organizations.iter().find(|found| found.id == organization).cloned(),
        };
        Ok(found.into_iter().map(borrower).collect())
    }

    async fn some_organizations(
        &self,
        project: ProjectId,
        ids: impl ExactSizeIterator<Item = OrganizationId>,
    ) -> Result<Vec<Organization>, StoreError> {
        if ids.len() == 0 {
            return Ok(Vec::new());
        }
        let mut conditions = Conditions::default();
        let project = conditions.bind(Param::display(project));
        conditions.require(format!("project_id = {project}"));
        let listed = conditions.is_in("id", ids.map(Param::display));
        conditions.require(listed);
        let (clause, params) = conditions.finish();
        let read = Read::composed("organizations", format!("{ORGANIZATIONS}{clause}"), params);
        self.list(read, organizations::read_organization).await
    }
}
