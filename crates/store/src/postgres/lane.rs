//! One connection that many reads share: requests are pipelined, statements stay prepared, and a connection
//! that was lost is opened again by the next read.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use tokio_postgres::{Client, Error, Row, Statement};

use super::connect::Target;
use super::{failure, lost, values};
use crate::error::StoreError;
use crate::sql::{Read, Rewritten, dollar_placeholders};

/// A place for one connection.
pub(super) struct Lane {
    target: Arc<Target>,
    session: tokio::sync::Mutex<Option<Arc<Session>>>,
}

/// A live connection with its prepared statements.
pub(super) struct Session {
    client: Client,
    statements: RwLock<HashMap<&'static str, Statement>>,
}

impl Lane {
    pub(super) fn new(target: Arc<Target>) -> Self {
        Self { target, session: tokio::sync::Mutex::new(None) }
    }

    /// The rows of a read. Reads change nothing, so one that lost its connection is tried on a new one.
    pub(super) async fn rows(&self, rewritten: &Rewritten, read: &Read) -> Result<Vec<Row>, StoreError> {
        let session = self.session().await?;
        match session.rows(rewritten, read).await {
            Err(error) if lost(&error) => {
                self.forget(&session).await;
                let session = self.session().await?;
                session.rows(rewritten, read).await.map_err(|error| failure(&error))
            }
            result => result.map_err(|error| failure(&error)),
        }
    }

    async fn forget(&self, session: &Arc<Session>) {
        let mut place = self.session.lock().await;
        if place.as_ref().is_some_and(|current| Arc::ptr_eq(current, session)) {
            *place = None;
        }
    }

    /// The live connection; the first who finds none opens it while the others wait.
    pub(super) async fn session(&self) -> Result<Arc<Session>, StoreError> {
        let mut place = self.session.lock().await;
        if let Some(session) = place.as_ref().filter(|session| !session.client.is_closed()) {
            return Ok(Arc::clone(session));
        }
        let client = self.target.connect().await?;
        let session = Arc::new(Session { client, statements: RwLock::default() });
        *place = Some(Arc::clone(&session));
        Ok(session)
    }
}

impl Session {
    async fn rows(&self, rewritten: &Rewritten, read: &Read) -> Result<Vec<Row>, Error> {
        let statement = match read.sql {
            Cow::Borrowed(sql) => self.prepared(rewritten, sql).await?,
            Cow::Owned(ref sql) => self.client.prepare(&dollar_placeholders(sql)).await?,
        };
        self.client.query(&statement, &values(&read.params)).await
    }

    async fn prepared(&self, rewritten: &Rewritten, sql: &'static str) -> Result<Statement, Error> {
        if let Some(found) = self.statements.read().unwrap_or_else(PoisonError::into_inner).get(sql) {
            return Ok(found.clone());
        }
        let statement = self.client.prepare(&rewritten.sql(sql)).await?;
        self.statements.write().unwrap_or_else(PoisonError::into_inner).insert(sql, statement.clone());
        Ok(statement)
    }
}
