//! One connection that many reads share: requests are pipelined, statements stay prepared, and a connection
//! that was lost is opened again by the next read.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_postgres::{Client, Error, Row, Statement};

use super::connect::Target;
use super::{READ_DEADLINE, failure, lost, silent, typed, values};
use crate::error::StoreError;
use crate::sql::{Read, Rewritten, dollar_placeholders};

/// A place for one connection.
pub(super) struct Lane {
    target: Arc<Target>,
    /// Where the connection is driven.
    home: Handle,
    session: tokio::sync::Mutex<Option<Arc<Session>>>,
}

/// A live connection with its prepared statements.
pub(super) struct Session {
    client: Client,
    /// How often a connection to the same place had fallen silent when this one was opened.
    silences: u64,
    statements: RwLock<HashMap<&'static str, Statement>>,
}

impl Lane {
    pub(super) fn new(target: Arc<Target>, home: Handle) -> Self {
        Self { target, home, session: tokio::sync::Mutex::new(None) }
    }

    /// The rows of a read. Reads change nothing, so one that lost its connection is tried on a new one; a connection that
    /// does not answer in time counts as lost for all who share it.
    pub(super) async fn rows(&self, rewritten: &Rewritten, read: &Read) -> Result<Vec<Row>, StoreError> {
        let session = self.session().await?;
        match timeout(READ_DEADLINE, session.rows(rewritten, read)).await {
            Ok(Ok(rows)) => return Ok(rows),
            Ok(Err(error)) if !lost(&error) => return Err(failure(&error)),
            Ok(Err(_)) => self.forget(&session).await,
            Err(_) => self.suspect(&session),
        }
        let session = self.session().await?;
        match timeout(READ_DEADLINE, session.rows(rewritten, read)).await {
            Ok(rows) => rows.map_err(|error| failure(&error)),
            Err(_) => {
                self.suspect(&session);
                Err(silent(READ_DEADLINE))
            }
        }
    }

    /// Gives up this connection and all that were opened before it fell silent, on every lane.
    fn suspect(&self, session: &Session) {
        let (before, after) = (session.silences, session.silences + 1);
        // Whoever else waited for the same connection has said so already.
        let _ = self.target.silences.compare_exchange(before, after, Ordering::Relaxed, Ordering::Relaxed);
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
        let silences = self.target.silences.load(Ordering::Relaxed);
        let is_good = |session: &&Arc<Session>| !session.client.is_closed() && session.silences == silences;
        if let Some(session) = place.as_ref().filter(is_good) {
            return Ok(Arc::clone(session));
        }
        let target = Arc::clone(&self.target);
        let opening = self.home.spawn(async move { target.connect().await });
        let client = opening.await.map_err(|error| StoreError::Unavailable(error.to_string()))??;
        let session = Arc::new(Session { client, silences, statements: RwLock::default() });
        *place = Some(Arc::clone(&session));
        Ok(session)
    }
}

impl Session {
    async fn rows(&self, rewritten: &Rewritten, read: &Read) -> Result<Vec<Row>, Error> {
        let statement = match read.sql {
            Cow::Borrowed(sql) => self.prepared(rewritten, sql).await?,
            // One that is not asked again is not prepared: that would be a way there and back of its own.
            Cow::Owned(ref sql) => {
                return self.client.query_typed(&dollar_placeholders(sql), &typed(&read.params)).await;
            }
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
