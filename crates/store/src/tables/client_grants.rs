//! What applications may do at APIs.

use vestibule_domain::Time;
use vestibule_domain::application::{Audience, ClientGrant, ClientId};
use vestibule_domain::id::{ApplicationId, ClientGrantId, ProjectId};

use super::row::{doc, parsed, time};
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

const TABLE: &str = "client_grants";

/// The guard of [`update`] and [`delete`]: there is no such grant.
pub const EXISTS: Guard = Guard("client_grant_exists");
/// The unique index that lets an application have one grant at an API.
pub const AUDIENCE: &str = "client_grants_audience";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT g.id, g.project_id, g.application_id, g.audience, g.scopes, g.created_at, a.client_id
             FROM client_grants g
             JOIN applications a ON a.project_id = g.project_id AND a.id = g.application_id
             WHERE g.project_id = ?1 AND ",
            $rest
        )
    };
}

const BY_ID: &str = select!("g.id = ?2");
const AT: &str = select!("a.client_id = ?2 AND g.audience = ?3");
const LIST: &str = select!(
    "(g.created_at, g.id) > (?2, ?3) AND (?6 = '' OR a.client_id = ?6) AND (?7 = '' OR g.audience = ?7)
     ORDER BY g.created_at, g.id LIMIT ?4 OFFSET ?5"
);
const COUNT: &str = "SELECT 'count', COUNT(*) FROM client_grants g
     JOIN applications a ON a.project_id = g.project_id AND a.id = g.application_id
     WHERE g.project_id = ?1 AND (?2 = '' OR a.client_id = ?2) AND (?3 = '' OR g.audience = ?3)";
const INSERT: &str =
    "INSERT INTO client_grants (project_id, id, application_id, audience, scopes, created_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const UPDATE: &str = "UPDATE client_grants SET scopes = ?3 WHERE project_id = ?1 AND id = ?2";
const DELETE: &str = "DELETE FROM client_grants WHERE project_id = ?1 AND id = ?2";
const DELETE_OF: &str = "DELETE FROM client_grants WHERE project_id = ?1 AND application_id = ?2";

pub(crate) const ALL: &[&str] = &[BY_ID, AT, LIST, COUNT, INSERT, UPDATE, DELETE, DELETE_OF];

/// A grant, and by what its application is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// By what its application is known.
    pub client_id: ClientId,
    /// The grant.
    pub grant: ClientGrant,
}

/// Which grants of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only of this application.
    pub client_id: Option<ClientId>,
    /// Only at this API.
    pub audience: Option<Audience>,
}

/// A part of a list, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The last one of the part before.
    pub after: Option<(Time, ClientGrantId)>,
    /// How many are left out.
    pub skip: u32,
    /// How many at most.
    pub take: u32,
}

impl Wanted {
    fn params(&self) -> (String, String) {
        let client_id = self.client_id.as_ref().map(ToString::to_string).unwrap_or_default();
        (client_id, self.audience.as_ref().map(ToString::to_string).unwrap_or_default())
    }
}

/// Keeps a new grant. The index [`AUDIENCE`] refuses a second one of the application at the API.
#[must_use]
pub fn insert(grant: &ClientGrant) -> Write {
    let params = params![
        Param::display(grant.project_id),
        Param::display(grant.id),
        Param::display(grant.application_id),
        Param::display(&grant.audience),
        Param::json(&grant.scopes),
        grant.created_at,
    ];
    Write::any(INSERT, params)
}

/// Keeps other scopes of a grant; fails with the guard [`EXISTS`] when it is gone.
#[must_use]
pub fn update(grant: &ClientGrant) -> Write {
    let (project, id) = (Param::display(grant.project_id), Param::display(grant.id));
    Write::one(UPDATE, params![project, id, Param::json(&grant.scopes)], EXISTS)
}

/// Removes a grant; fails with the guard [`EXISTS`] when it is gone.
#[must_use]
pub fn delete(project: ProjectId, id: ClientGrantId) -> Write {
    Write::one(DELETE, params![Param::display(project), Param::display(id)], EXISTS)
}

/// Removes all grants of an application.
#[must_use]
pub fn delete_of(project: ProjectId, application: ApplicationId) -> Write {
    Write::any(DELETE_OF, params![Param::display(project), Param::display(application)])
}

impl Store {
    /// A grant of the project.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn client_grant(
        &self,
        project: ProjectId,
        id: ClientGrantId,
    ) -> Result<Option<Granted>, StoreError> {
        let params = params![Param::display(project), Param::display(id)];
        self.query_opt(Read::new(TABLE, BY_ID, params), read).await
    }

    /// What an application may do at an API: one point read for each request that it makes there.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn client_grant_at(
        &self,
        project: ProjectId,
        client_id: &ClientId,
        audience: &Audience,
    ) -> Result<Option<Granted>, StoreError> {
        let params = params![Param::display(project), client_id.as_str(), Param::display(audience)];
        self.query_opt(Read::new(TABLE, AT, params), read).await
    }

    /// A part of the project's grants.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn client_grants(
        &self,
        project: ProjectId,
        wanted: &Wanted,
        part: &Part,
    ) -> Result<Vec<Granted>, StoreError> {
        let (client_id, audience) = wanted.params();
        let (after, id) =
            part.after.map_or((i64::MIN, String::new()), |(at, id)| (at.millis(), id.to_string()));
        let (take, skip) = (i64::from(part.take), i64::from(part.skip));
        let params = params![Param::display(project), after, id, take, skip, client_id, audience];
        self.list(Read::new(TABLE, LIST, params), read).await
    }

    /// How many grants the project has.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn count_client_grants(&self, project: ProjectId, wanted: &Wanted) -> Result<i64, StoreError> {
        let (client_id, audience) = wanted.params();
        let read = Read::new(TABLE, COUNT, params![Param::display(project), client_id, audience]);
        Ok(self.query_opt(read, |row| row.int(1)).await?.unwrap_or_default())
    }
}

fn read(row: &Row<'_>) -> Result<Granted, RowError> {
    let grant = ClientGrant {
        id: parsed(row, 0)?,
        project_id: parsed(row, 1)?,
        application_id: parsed(row, 2)?,
        audience: parsed(row, 3)?,
        scopes: doc(row, 4)?,
        created_at: time(row, 5)?,
    };
    Ok(Granted { client_id: parsed(row, 6)?, grant })
}
