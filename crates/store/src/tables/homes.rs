//! What connections are found by besides their ids: the name that applications ask for, and the domains of addresses whose
//! people are led to one.

use vestibule_domain::connection::{Connection, ConnectionName};
use vestibule_domain::id::{ConnectionId, ProjectId};

use super::connections::{BY_HOME_DOMAIN, BY_NAME};
use crate::error::StoreError;
use crate::params;
use crate::sql::{Param, Write};
use crate::store::Store;
use crate::vault::Vault;

const FORGET_DOMAINS: &str = "DELETE FROM connection_domains WHERE connection_id = ?1";
const INSERT_DOMAIN: &str =
    "INSERT INTO connection_domains (project_id, organization_id, domain, connection_id)
     VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";

pub(crate) const ALL: &[&str] = &[FORGET_DOMAINS, INSERT_DOMAIN];

/// Keeps whose people are led to a connection, beside what keeps the connection itself: by it
/// [`Store::connections_at_home`] finds it.
#[must_use]
pub fn home_domains(connection: &Connection) -> Vec<Write> {
    let insert = |domain: &String| {
        let params = params![
            Param::display(connection.project_id),
            Param::display(connection.organization_id),
            domain,
            Param::display(connection.id),
        ];
        Write::any(INSERT_DOMAIN, params)
    };
    let domains = connection.common.home_domains.iter().map(insert);
    std::iter::once(forget_domains(connection.id)).chain(domains).collect()
}

/// Nobody is led to a connection any more.
#[must_use]
pub fn forget_domains(id: ConnectionId) -> Write {
    Write::any(FORGET_DOMAINS, params![Param::display(id)])
}

impl Store {
    /// The connection of a project that has this name, exactly. Borrowed ones are called by their ids.
    ///
    /// # Errors
    /// As for [`Store::query_opt`] and [`Vault::unseal`].
    pub async fn connection_named(
        &self,
        vault: &Vault,
        project: ProjectId,
        name: &ConnectionName,
    ) -> Result<Option<Connection>, StoreError> {
        self.one_connection(vault, BY_NAME, params![Param::display(project), name.as_str()]).await
    }

    /// The connections of a project to which the people of a domain are led, the oldest first, at most so many. The domain is
    /// compared in lower case.
    ///
    /// # Errors
    /// As for [`Store::list`] and [`Vault::unseal`].
    pub async fn connections_at_home(
        &self,
        vault: &Vault,
        project: ProjectId,
        domain: &str,
        most: u32,
    ) -> Result<Vec<Connection>, StoreError> {
        let params = params![Param::display(project), domain.to_ascii_lowercase(), i64::from(most)];
        self.all_connections(vault, BY_HOME_DOMAIN, params).await
    }
}
