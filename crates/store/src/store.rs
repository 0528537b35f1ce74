//! The store as its users see it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::runtime::Handle;
use vestibule_domain::Time;
use vestibule_domain::id::ProjectId;

use crate::dialect::{Engine, Row, StoreUrl, Take};
use crate::error::{RowError, StoreError};
use crate::hold::Lock;
use crate::places::{Payer, Places};
use crate::scans;
use crate::sql::{Batch, Read, Write};
use crate::tables::events;
use crate::tables::search::{Cursor, Page};

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
    unreadable: Arc<AtomicU64>,
    scans: Arc<Places>,
    /// Where scans run, whoever asks for them.
    home: Handle,
}

impl Store {
    /// Opens the store at `url`. An SQLite file is created when there is none; nothing is migrated.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file cannot be opened or the server not be reached,
    /// [`StoreError::Url`] when the URL cannot be read.
    pub async fn open(url: &StoreUrl, options: &Options) -> Result<Self, StoreError> {
        Ok(Self {
            engine: Arc::new(Engine::open(url, options).await?),
            unreadable: Arc::default(),
            scans: Arc::new(scans::places()),
            home: Handle::current(),
        })
    }

    /// Keeps a batch: all of it, in order, on disk, or nothing. A caller that stops waiting does not undo it.
    ///
    /// # Errors
    /// [`StoreError::Guard`] when a row it requires is not there (the first in the order of locks) or else a
    /// write did not touch the rows it must (the first), [`StoreError::Unique`] and
    /// [`StoreError::Reference`] when an index or key refused one, [`StoreError::Unavailable`] when the
    /// database cannot do it now.
    pub async fn commit(&self, batch: impl Into<Batch>) -> Result<(), StoreError> {
        let batch = batch.into();
        if batch.is_empty() {
            return Ok(());
        }
        let told = events::told(&batch);
        self.engine.commit(batch).await?;
        told.iter().for_each(events::Told::log);
        Ok(())
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
        let rows = self.engine.query(read, parse).await;
        let mut rows = rows.inspect_err(|error| self.count_unreadable(error))?;
        if rows.len() > 1 {
            let reason = format!("found {} rows, expected at most one", rows.len());
            return Err(RowError::because(reason).at(table, "?").into());
        }
        Ok(rows.pop())
    }

    /// Reads all rows of a short list that an index delivers, for decisions that need every one of them. What is
    /// shown is read by [`Store::list`].
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

    /// Several reads by key in one go; each row goes to what stands beside its read.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub(crate) async fn query_together(&self, reads: &mut [(Read, Take<'_>)]) -> Result<(), StoreError> {
        self.engine.query_together(reads).await.inspect_err(|error| self.count_unreadable(error))
    }

    /// What was parsed of a row that is only shown, or nothing, as by [`Store::list`].
    pub(crate) fn shown<T>(
        &self,
        table: &'static str,
        row: &Row<'_>,
        found: Result<T, RowError>,
    ) -> Option<T> {
        readable(&self.unreadable, table, row, found)
    }

    /// Reads all rows of a statement of a project that may have to look at many, such as a search. It runs where it does
    /// not hold up other requests.
    ///
    /// # Errors
    /// [`StoreError::Row`] when a row is not what it should be, [`StoreError::Unavailable`] when it takes too long or too
    /// many are under way.
    pub async fn scan<T: Send + 'static>(
        &self,
        project: ProjectId,
        read: Read,
        parse: impl Fn(&Row<'_>) -> Result<T, RowError> + Send + 'static,
    ) -> Result<Vec<T>, StoreError> {
        let turn = self.scans.take(Payer::Project(project)).await.map_err(scans::too_many)?;
        let engine = self.engine.clone();
        // A caller that stops waiting does not end the scan, and must not give its turn away.
        let work = async move {
            let rows = engine.scan(read, parse).await;
            drop(turn);
            rows
        };
        self.home
            .spawn(work)
            .await
            .map_err(|error| StoreError::Unavailable(format!("a search was given up: {error}")))?
    }

    /// Like [`Store::query_all`], but a row that cannot be read hides no other: it is left out, logged without
    /// its content, and counted by [`Store::unreadable_rows`].
    ///
    /// # Errors
    /// None that a row is the reason of.
    pub async fn list<T>(
        &self,
        read: Read,
        parse: impl Fn(&Row<'_>) -> Result<T, RowError> + Send,
    ) -> Result<Vec<T>, StoreError> {
        let table = read.table;
        let seen = self.unreadable.clone();
        let rows = self.engine.query(read, move |row| Ok(readable(&seen, table, row, parse(row)))).await?;
        Ok(rows.into_iter().flatten().collect())
    }

    /// Like [`Store::scan`], for one page of up to `limit` rows out of `limit` + 1 that are ordered by the column
    /// `at` and the id. A row that cannot be read is left out as by [`Store::list`]; what follows it is still found.
    ///
    /// # Errors
    /// None that a row is the reason of, unless it cannot be said where it stands.
    pub(crate) async fn page<T: Send + 'static>(
        &self,
        project: ProjectId,
        read: Read,
        limit: u32,
        at: usize,
        parse: impl Fn(&Row<'_>) -> Result<T, RowError> + Send + 'static,
    ) -> Result<Page<T>, StoreError> {
        Ok(Page::cut(self.rows_of_page(Some(project), read, at, parse).await?, limit))
    }

    /// The rows that [`Page::cut`] makes a page of. `payer` is the project in whose places they are looked for, or nobody for
    /// a page that is read by key.
    ///
    /// # Errors
    /// As for [`Store::page`].
    pub(crate) async fn rows_of_page<T: Send + 'static>(
        &self,
        payer: Option<ProjectId>,
        read: Read,
        at: usize,
        parse: impl Fn(&Row<'_>) -> Result<T, RowError> + Send + 'static,
    ) -> Result<Vec<(Cursor, Option<T>)>, StoreError> {
        let table = read.table;
        let seen = self.unreadable.clone();
        let placed = move |row: &Row<'_>| {
            let place = Cursor::new(Time::from_millis(row.int(at)?), row.str(0)?);
            Ok((place, readable(&seen, table, row, parse(row))))
        };
        match payer {
            Some(project) => self.scan(project, read, placed).await,
            None => self.engine.query(read, placed).await,
        }
    }

    /// What was read, or `None` for a row whose sealed part or document cannot be read, which is left out as by
    /// [`Store::list`].
    ///
    /// # Errors
    /// Every other error.
    pub(crate) fn left_out<T>(
        &self,
        table: &'static str,
        id: impl std::fmt::Display,
        found: Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match found {
            Ok(value) => Ok(Some(value)),
            Err(StoreError::Row(_) | StoreError::Seal(_) | StoreError::Document(_)) => {
                note_unreadable(&self.unreadable, table, &id.to_string());
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// How many rows this store has met that cannot be read, since it was opened. Each needs somebody's eye: it is
    /// in the log with table and id.
    #[must_use]
    pub fn unreadable_rows(&self) -> u64 {
        self.unreadable.load(Ordering::Relaxed)
    }

    pub(crate) fn count_unreadable(&self, error: &StoreError) {
        if let StoreError::Row(row) = error {
            note_unreadable(&self.unreadable, row.table, &row.id);
        }
    }

    /// Parses a statement without running it; for tests.
    ///
    /// # Errors
    /// What the engine says against it.
    pub async fn prepare(&self, sql: &'static str) -> Result<(), StoreError> {
        self.engine.prepare(sql, None).await
    }

    /// Parses the statement of a hold with one of its locks, without running it; for tests.
    ///
    /// # Errors
    /// What the engine says against it.
    pub async fn prepare_locking(&self, sql: &'static str, lock: Lock) -> Result<(), StoreError> {
        self.engine.prepare(sql, Some(lock)).await
    }

    /// `sqlite` or `postgres`, for people.
    #[must_use]
    pub fn engine_name(&self) -> &'static str {
        self.engine.name()
    }

    /// How the database is, in numbers.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.engine.figures()
    }

    /// Whether the store can do its work: the database is where it was opened, takes a write that reaches the disk, and is
    /// read, each the way requests do it. It has no deadline of its own.
    ///
    /// # Errors
    /// What a request would meet.
    pub async fn probe(&self, now: Time) -> Result<(), StoreError> {
        self.engine.is_in_place()?;
        self.commit(Write::any(PROBE, vec![now.into()])).await?;
        self.engine.read_aside(Read::new("probes", PROBED, Vec::new()), |row| row.int(1)).await.map(drop)
    }
}

/// How the database is, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Bytes of the embedded database's file, and of its write-ahead log.
    pub file: Option<(u64, u64)>,
    /// Connections that write, by state: `open`, `idle`, `most`, and `waiting` for one.
    pub connections: Vec<(&'static str, usize)>,
}

const PROBE: &str = "UPDATE probes SET at = ?1 WHERE id = 1";
const PROBED: &str = "SELECT 'probe', at FROM probes WHERE id = 1";
pub(crate) const ALL: &[&str] = &[PROBE, PROBED];

fn readable<T>(
    seen: &AtomicU64,
    table: &'static str,
    row: &Row<'_>,
    found: Result<T, RowError>,
) -> Option<T> {
    found.inspect_err(|_| note_unreadable(seen, table, row.str(0).unwrap_or("?"))).ok()
}

/// Says which row it is and nothing that stands in it.
fn note_unreadable(seen: &AtomicU64, table: &'static str, id: &str) {
    seen.fetch_add(1, Ordering::Relaxed);
    tracing::error!(table, id, "a stored row cannot be read");
}
