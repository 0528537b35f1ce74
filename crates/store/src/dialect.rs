//! The one place that knows that there are two drivers.

use std::fmt;
use std::path::PathBuf;

use crate::error::{RowError, StoreError};
use crate::hold::Lock;
use crate::postgres::Postgres;
use crate::sql::{Batch, Read, Write, check};
use crate::sqlite::Sqlite;
use crate::store::{Figures, Options};

/// Where the data lives. Prints without credentials.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A database that is gone when the store is closed (a temporary SQLite file that nobody syncs).
    Memory,
    /// A `postgres://` URL, credentials included.
    Postgres(String),
}

impl StoreUrl {
    /// Reads `postgres://…`, `postgresql://…`, `sqlite::memory:`, `sqlite:PATH` or a plain path.
    ///
    /// # Errors
    /// [`StoreError::Url`] for an empty text and for any other scheme.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let text = text.trim();
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = match text.strip_prefix("sqlite:") {
            Some(":memory:") => return Ok(Self::Memory),
            Some(path) => path.strip_prefix("//").unwrap_or(path),
            None => text,
        };
        if path.is_empty() {
            return Err(StoreError::Url("found an empty text, expected a path or postgres://…".to_owned()));
        }
        if let Some((scheme, _)) = path.split_once("://") {
            return Err(StoreError::Url(format!(
                "found the scheme {scheme:?}, expected sqlite:PATH, a plain path or postgres://…"
            )));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Memory => f.write_str("sqlite::memory:"),
            Self::Postgres(url) => {
                let rest = url.split_once("://").map_or("", |(_, rest)| rest);
                let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
                write!(f, "postgres://{}", place.split_once('?').map_or(place, |(place, _)| place))
            }
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A migration in the forms of both engines.
pub(crate) struct Script {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

/// What waits for PostgreSQL is kept apart: in place, every operation of the server would carry the room for it, with
/// every read that it makes, also on SQLite, where a read waits for nothing.
pub(crate) enum Engine {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

impl Engine {
    pub(crate) async fn open(url: &StoreUrl, options: &Options) -> Result<Self, StoreError> {
        match url {
            StoreUrl::Sqlite(path) => Ok(Self::Sqlite(Sqlite::open(path)?)),
            StoreUrl::Memory => Ok(Self::Sqlite(Sqlite::open_temporary()?)),
            StoreUrl::Postgres(url) => Ok(Self::Postgres(Box::new(Postgres::open(url, options).await?))),
        }
    }

    pub(crate) async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        batch.params().try_for_each(check)?;
        match self {
            Self::Sqlite(engine) => engine.commit(batch).await,
            Self::Postgres(engine) => Box::pin(engine.commit(batch)).await,
        }
    }

    /// Runs a migration and `record` in one transaction, unless `record` finds it already applied.
    pub(crate) async fn migrate(&self, script: &Script, record: Option<Write>) -> Result<bool, StoreError> {
        match self {
            Self::Sqlite(engine) => engine.migrate(script.sqlite, record).await,
            Self::Postgres(engine) => Box::pin(engine.migrate(script.postgres, record)).await,
        }
    }

    /// Whether the database has such a table; the one question that each engine is asked in its own words.
    pub(crate) async fn has_table(&self, name: &str) -> Result<bool, StoreError> {
        let sql = match self {
            Self::Sqlite(_) => "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?1",
            Self::Postgres(_) => {
                "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?1"
            }
        };
        let found = self.query(Read::new("catalog", sql, vec![name.into()]), |row| row.text(0)).await?;
        Ok(!found.is_empty())
    }

    pub(crate) async fn query<T>(
        &self,
        read: Read,
        parse: impl Fn(&Row<'_>) -> Result<T, RowError> + Send,
    ) -> Result<Vec<T>, StoreError> {
        check(&read.params)?;
        match self {
            Self::Sqlite(engine) => engine.query(&read, parse),
            Self::Postgres(engine) => Box::pin(engine.query(read, parse)).await,
        }
    }

    /// Several reads in one go; each row goes to what stands beside its read.
    pub(crate) async fn query_together(&self, reads: &mut [(Read, Take<'_>)]) -> Result<(), StoreError> {
        reads.iter().try_for_each(|(read, _)| check(&read.params))?;
        match self {
            Self::Sqlite(engine) => engine.query_together(reads),
            Self::Postgres(engine) => Box::pin(engine.query_together(reads)).await,
        }
    }

    /// Like [`Engine::query`] for statements that may take more than microseconds: they must not hold up the
    /// other requests of the thread.
    pub(crate) async fn scan<T: Send + 'static>(
        &self,
        read: Read,
        parse: impl Fn(&Row<'_>) -> Result<T, RowError> + Send + 'static,
    ) -> Result<Vec<T>, StoreError> {
        check(&read.params)?;
        match self {
            Self::Sqlite(engine) => engine.scan(read, parse).await,
            Self::Postgres(engine) => Box::pin(engine.scan(read, parse)).await,
        }
    }

    /// Like [`Engine::query`], but never on the calling thread, should the disk be slow.
    pub(crate) async fn read_aside<T: Send + 'static>(
        &self,
        read: Read,
        parse: impl Fn(&Row<'_>) -> Result<T, RowError> + Send + 'static,
    ) -> Result<Vec<T>, StoreError> {
        match self {
            Self::Sqlite(engine) => engine.scan(read, parse).await,
            Self::Postgres(engine) => engine.query(read, parse).await,
        }
    }

    /// Parses a statement without running it, with the lock that it takes on PostgreSQL.
    pub(crate) async fn prepare(&self, sql: &'static str, lock: Option<Lock>) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(engine) => engine.prepare(sql),
            Self::Postgres(engine) => Box::pin(engine.prepare(sql, lock)).await,
        }
    }

    /// Whether the database is where it was opened.
    pub(crate) fn is_in_place(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(engine) => engine.is_in_place(),
            Self::Postgres(_) => Ok(()),
        }
    }

    pub(crate) fn figures(&self) -> Figures {
        match self {
            Self::Sqlite(engine) => engine.figures(),
            Self::Postgres(engine) => engine.figures(),
        }
    }

    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }
}

/// What becomes of each row of a read.
pub(crate) type Take<'a> = &'a mut (dyn FnMut(&Row<'_>) -> Result<(), RowError> + Send);

/// One row of either driver. Columns are counted from 0, the first is the row's id.
pub struct Row<'a>(pub(crate) DriverRow<'a>);

pub(crate) enum DriverRow<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    /// A text.
    ///
    /// # Errors
    /// When the column is missing, NULL or not a text.
    pub fn text(&self, column: usize) -> Result<String, RowError> {
        self.str(column).map(str::to_owned)
    }

    /// A text, borrowed from the row.
    ///
    /// # Errors
    /// When the column is missing, NULL or not a text.
    pub fn str(&self, column: usize) -> Result<&str, RowError> {
        self.opt_str(column)?.ok_or_else(|| null(column))
    }

    /// A text or NULL.
    ///
    /// # Errors
    /// When the column is missing or not a text.
    pub fn opt_text(&self, column: usize) -> Result<Option<String>, RowError> {
        Ok(self.opt_str(column)?.map(str::to_owned))
    }

    /// A text or NULL, borrowed from the row.
    ///
    /// # Errors
    /// When the column is missing or not a text.
    pub fn opt_str(&self, column: usize) -> Result<Option<&str>, RowError> {
        match self.0 {
            DriverRow::Sqlite(row) => {
                let value = row.get_ref(column).map_err(|error| wrong(column, error))?;
                value.as_str_or_null().map_err(|error| wrong(column, error))
            }
            DriverRow::Postgres(row) => row.try_get(column).map_err(|error| wrong(column, error)),
        }
    }

    /// A number.
    ///
    /// # Errors
    /// When the column is missing, NULL or not a whole number.
    pub fn int(&self, column: usize) -> Result<i64, RowError> {
        self.opt_int(column)?.ok_or_else(|| null(column))
    }

    /// A number or NULL.
    ///
    /// # Errors
    /// When the column is missing or not a whole number.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, RowError> {
        match self.0 {
            DriverRow::Sqlite(row) => {
                let value = row.get_ref(column).map_err(|error| wrong(column, error))?;
                value.as_i64_or_null().map_err(|error| wrong(column, error))
            }
            DriverRow::Postgres(row) => row.try_get(column).map_err(|error| wrong(column, error)),
        }
    }

    /// Adds table and id to an error that parsing this row met.
    pub(crate) fn locate(&self, table: &'static str, error: RowError) -> RowError {
        let id = self.opt_str(0).ok().flatten().unwrap_or("?");
        error.at(table, id)
    }
}

fn null(column: usize) -> RowError {
    RowError::because(format!("column {column}: found NULL"))
}

fn wrong(column: usize, error: impl fmt::Display) -> RowError {
    RowError::because(format!("column {column}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        assert_eq!(StoreUrl::parse("sqlite:/data/v.db"), Ok(StoreUrl::Sqlite("/data/v.db".into())));
        assert_eq!(StoreUrl::parse("sqlite:///data/v.db"), Ok(StoreUrl::Sqlite("/data/v.db".into())));
        assert_eq!(StoreUrl::parse("data/v.db"), Ok(StoreUrl::Sqlite("data/v.db".into())));
        assert_eq!(StoreUrl::parse("sqlite::memory:"), Ok(StoreUrl::Memory));
        assert!(StoreUrl::parse("mysql://x").is_err());
        assert!(StoreUrl::parse(" ").is_err());
    }

    #[test]
    fn credentials_do_not_print() {
        let url = StoreUrl::parse("postgres://u:hunter2@db.test:5432/v?sslmode=require").unwrap();
        assert_eq!(url.to_string(), "postgres://db.test:5432/v");
    }
}
