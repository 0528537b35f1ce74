//! Tests of connections.

use serde::{Deserialize, Serialize};
use vestibule_domain::connection_test::{ConnectionTest, TestOutcome};
use vestibule_domain::id::{ConnectionId, ConnectionTestId, ProjectId};
use vestibule_domain::rbac::Actor;
use vestibule_domain::secret::TokenHash;
use vestibule_domain::time::Time;

use super::row::{doc, hash, opt_time, parsed, time};
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

const TABLE: &str = "connection_tests";

/// The guard of [`start`]: it was begun before.
pub const UNSTARTED: Guard = Guard("connection_test_unstarted");

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, project_id, organization_id, connection_id, token_hash, created_at, started_at, doc, outcome
             FROM connection_tests WHERE ",
            $rest
        )
    };
}

const BY_ID: &str = select!("project_id = ?1 AND connection_id = ?2 AND id = ?3");
const LATEST: &str =
    select!("project_id = ?1 AND connection_id = ?2 ORDER BY created_at DESC, id DESC LIMIT 1");
/// The token is a secret of 256 bits that belongs to one project.
const BY_TOKEN: &str = select!("token_hash = ?1");
const INSERT: &str = "INSERT INTO connection_tests
     (project_id, id, organization_id, connection_id, token_hash, created_at, doc) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const START: &str =
    "UPDATE connection_tests SET started_at = ?3 WHERE project_id = ?1 AND id = ?2 AND started_at IS NULL";
const FINISH: &str = "UPDATE connection_tests SET outcome = ?3
     WHERE project_id = ?1 AND id = ?2 AND started_at IS NOT NULL AND outcome IS NULL";

pub(crate) const ALL: &[&str] = &[BY_ID, LATEST, BY_TOKEN, INSERT, START, FINISH];

#[derive(Serialize, Deserialize)]
struct Document {
    settings: String,
    by: Actor,
    #[serde(default)]
    return_to: String,
}

/// Keeps a test that nobody has begun.
#[must_use]
pub fn insert(test: &ConnectionTest) -> Write {
    let document =
        Document { settings: test.settings.clone(), by: test.by.clone(), return_to: test.return_to.clone() };
    let params = params![
        Param::display(test.project_id),
        Param::display(test.id),
        Param::display(test.organization_id),
        Param::display(test.connection_id),
        test.token_hash.as_str(),
        test.created_at,
        Param::json(&document),
    ];
    Write::any(INSERT, params)
}

/// Begins a test: of all who try, one does. Fails with the guard [`UNSTARTED`].
#[must_use]
pub fn start(test: &ConnectionTest, now: Time) -> Write {
    Write::one(START, params![Param::display(test.project_id), Param::display(test.id), now], UNSTARTED)
}

/// Keeps how a test ended, unless it has ended.
#[must_use]
pub fn finish(project: ProjectId, id: ConnectionTestId, outcome: &TestOutcome) -> Write {
    Write::any(FINISH, params![Param::display(project), Param::display(id), Param::json(outcome)])
}

impl Store {
    /// The test of an id, of a connection.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn connection_test(
        &self,
        project: ProjectId,
        connection: ConnectionId,
        id: ConnectionTestId,
    ) -> Result<Option<ConnectionTest>, StoreError> {
        let params = params![Param::display(project), Param::display(connection), Param::display(id)];
        self.query_opt(Read::new(TABLE, BY_ID, params), test).await
    }

    /// The latest test of a connection.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn latest_connection_test(
        &self,
        project: ProjectId,
        connection: ConnectionId,
    ) -> Result<Option<ConnectionTest>, StoreError> {
        let params = params![Param::display(project), Param::display(connection)];
        self.query_opt(Read::new(TABLE, LATEST, params), test).await
    }

    /// The test of a token, whichever project it is of: whoever holds the token knows nothing else.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn connection_test_of_token(
        &self,
        token: &TokenHash,
    ) -> Result<Option<ConnectionTest>, StoreError> {
        self.query_opt(Read::new(TABLE, BY_TOKEN, params![token.as_str()]), test).await
    }
}

fn test(row: &Row<'_>) -> Result<ConnectionTest, RowError> {
    let document: Document = doc(row, 7)?;
    let outcome = match row.opt_text(8)? {
        Some(_) => Some(doc::<TestOutcome>(row, 8)?),
        None => None,
    };
    Ok(ConnectionTest {
        id: parsed(row, 0)?,
        project_id: parsed(row, 1)?,
        organization_id: parsed(row, 2)?,
        connection_id: parsed(row, 3)?,
        token_hash: hash(row, 4)?,
        created_at: time(row, 5)?,
        started_at: opt_time(row, 6)?,
        settings: document.settings,
        by: document.by,
        return_to: document.return_to,
        outcome,
    })
}
