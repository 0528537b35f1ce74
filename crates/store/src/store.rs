//! The store as its users see it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::dialect::{Engine, Row, StoreUrl};
use crate::error::{RowError, StoreError};
use crate::sql::{Batch, Read};

/// How to open a store.
#[derive(Clone, Debug)]
pub struct Options {
    /// PostgreSQL: connections for writing; as many batches can be under way at once.
    pub write_connections: usize,
    /// PostgreSQL: connections that share the reads, each of them pipelined.
    pub read_connections: usize,
    /// PostgreSQL: a PEM file with certificate authorities to trust besides the public ones.
    pub ca_file: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { write_connections: 16, read_connections: 4, ca_file: None }
    }
}

/// What the server remembers. Cheap to clone; all clones are one store.
#[derive(Clone)]
pub struct Store {
    pub(crate) engine: Arc<Engine>,
}

impl Store {
    /// Opens the store at `url`. An SQLite file is created when there is none; nothing is migrated.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file cannot be opened or the server not be reached,
    /// [`StoreError::Url`] when the URL cannot be read.
    pub async fn open(url: &StoreUrl, options: &Options) -> Result<Self, StoreError> {
        Ok(Self { engine: Arc::new(Engine::open(url, options).await?) })
    }

    /// Keeps a batch: all of it, in order, on disk, or nothing. A caller that stops waiting does not undo it.
    ///
    /// # Errors
    /// [`StoreError::Guard`] when a write did not touch the rows it must, [`StoreError::Unique`] and
    /// [`StoreError::Reference`] when an index or key refused one, [`StoreError::Unavailable`] when the
    /// database cannot do it now.
    pub async fn commit(&self, batch: impl Into<Batch>) -> Result<(), StoreError> {
        let batch = batch.into();
        if batch.is_empty() {
            return Ok(());
        }
        self.engine.commit(batch).await
    }

    /// Reads at most one row. Sees every write acknowledged before. For reads by key, which take
    /// microseconds.
    ///
    /// # Errors
    /// [`StoreError::Row`] when the row is not what it should be or there is more than one.
    pub async fn query_opt<T>(
        &self,
        read: Read,
        parse: impl Fn(&Row<'_>) -> Result<T, RowError> + Send,
    ) -> Result<Option<T>, StoreError> {
        let table = read.table;
        let mut rows = self.engine.query(read, parse).await?;
        if rows.len() > 1 {
            let reason = format!("found {} rows, expected at most one", rows.len());
            return Err(RowError::because(reason).at(table, "?").into());
        }
        Ok(rows.pop())
    }

    /// Reads all rows of a short list that an index delivers.
    ///
    /// # Errors
    /// [`StoreError::Row`] when a row is not what it should be.
    pub async fn query_all<T>(
        &self,
        read: Read,
        parse: impl Fn(&Row<'_>) -> Result<T, RowError> + Send,
    ) -> Result<Vec<T>, StoreError> {
        self.engine.query(read, parse).await
    }

    /// Reads all rows of a statement that may have to look at many, such as a search. It runs where it does
    /// not hold up other requests.
    ///
    /// # Errors
    /// [`StoreError::Row`] when a row is not what it should be.
    pub async fn scan<T: Send + 'static>(
        &self,
        read: Read,
        parse: impl Fn(&Row<'_>) -> Result<T, RowError> + Send + 'static,
    ) -> Result<Vec<T>, StoreError> {
        self.engine.scan(read, parse).await
    }

    /// Parses a statement without running it; for tests.
    ///
    /// # Errors
    /// What the engine says against it.
    pub async fn prepare(&self, sql: &'static str) -> Result<(), StoreError> {
        self.engine.prepare(sql).await
    }

    /// `sqlite` or `postgres`, for people.
    #[must_use]
    pub fn engine_name(&self) -> &'static str {
        self.engine.name()
    }

    /// Whether the database answers now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.query_all(Read::new("ping", "SELECT 'pong'", Vec::new()), |row| row.text(0)).await.map(drop)
    }
}
