//! The SQLite driver: one writer thread that shares a sync among the batches that wait, and read-only
//! connections that belong to the threads which use them.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi, params_from_iter};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::dialect::{DriverRow, Row, Take};
use crate::error::{RowError, StoreError};
use crate::scans::{LONGEST, too_long};
use crate::sql::{Batch, Param, Read, Write};
use crate::store::Figures;

pub mod backup;
mod writer;

use writer::Job;

/// Batches that may wait for the writer before callers wait to enqueue.
const QUEUE: usize = 1024;

/// How long a connection waits for a lock that another process holds (a command-line tool, a backup).
const BUSY: Duration = Duration::from_secs(5);

/// One SQLite database file.
pub(crate) struct Sqlite {
    place: Arc<Place>,
    jobs: Option<mpsc::Sender<Job>>,
    writer: Option<JoinHandle<()>>,
}

/// A database file and its number in this process, by which threads find their connection to it.
struct Place {
    number: u64,
    path: PathBuf,
    temporary: Option<PathBuf>,
    /// Device and number of the file that was opened.
    file: Option<(u64, u64)>,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(directory) = &self.temporary {
            // A leftover in the temporary directory is no reason to fail.
            drop(std::fs::remove_dir_all(directory));
        }
    }
}

struct Reader {
    number: u64,
    place: Weak<Place>,
    connection: Connection,
}

thread_local! {
    static READERS: RefCell<Vec<Reader>> = const { RefCell::new(Vec::new()) };
}

static PLACES: AtomicU64 = AtomicU64::new(1);

impl Sqlite {
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent)
                .map_err(|error| StoreError::Unavailable(format!("{}: {error}", parent.display())))?;
        }
        Self::start(path.to_owned(), None)
    }

    pub(crate) fn open_temporary() -> Result<Self, StoreError> {
        let directory = temporary_directory()?;
        Self::start(directory.join("vestibule.db"), Some(directory))
    }

    fn start(path: PathBuf, temporary: Option<PathBuf>) -> Result<Self, StoreError> {
        let sync = if temporary.is_some() { "OFF" } else { "FULL" };
        create_private(&path)
            .map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
        let (number, file) = (PLACES.fetch_add(1, Ordering::Relaxed), file_at(&path));
        let place = Arc::new(Place { number, path, temporary, file });
        let connection = open_writer(&place.path, sync).map_err(|error| opening(&place.path, &error))?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        let writer = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                writer::run(&connection, queue);
                fold_log(&connection);
            })
            .map_err(|error| StoreError::Unavailable(format!("no thread for the writer: {error}")))?;
        Ok(Self { place, jobs: Some(jobs), writer: Some(writer) })
    }

    pub(crate) async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Batch(batch, reply)).await?;
        answer.await.map_err(|_| writer_gone())?
    }

    pub(crate) async fn migrate(
        &self,
        script: &'static str,
        record: Option<Write>,
    ) -> Result<bool, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Migrate(script, record, reply)).await?;
        answer.await.map_err(|_| writer_gone())?
    }

    async fn send(&self, job: Job) -> Result<(), StoreError> {
        let jobs = self.jobs.as_ref().ok_or_else(writer_gone)?;
        jobs.send(job).await.map_err(|_| writer_gone())
    }

    /// Reads on the calling thread: a point read takes microseconds, less than handing it to another thread.
    pub(crate) fn query<T>(
        &self,
        read: &Read,
        parse: impl Fn(&Row<'_>) -> Result<T, RowError>,
    ) -> Result<Vec<T>, StoreError> {
        with_reader(&self.place, |connection| select(connection, read, parse))
    }

    /// The same for several reads, which see one moment: they share what beginning and ending a read costs.
    pub(crate) fn query_together(&self, reads: &mut [(Read, Take<'_>)]) -> Result<(), StoreError> {
        with_reader(&self.place, |connection| {
            run(connection, "BEGIN")?;
            let read = reads.iter_mut().try_for_each(|(read, take)| each(connection, read, take));
            let ended = run(connection, "COMMIT");
            read.and(ended)
        })
    }

    pub(crate) async fn scan<T: Send + 'static>(
        &self,
        read: Read,
        parse: impl Fn(&Row<'_>) -> Result<T, RowError> + Send + 'static,
    ) -> Result<Vec<T>, StoreError> {
        let place = Arc::clone(&self.place);
        let (tell, told) = oneshot::channel();
        let work = move || {
            with_reader(&place, |connection| {
                // Whoever looks at everything would have everything in the map.
                connection
                    .pragma_update(None, "mmap_size", 0)
                    .map_err(|error| failure(connection, &error))?;
                // Nobody to tell is nobody who waits.
                drop(tell.send(connection.get_interrupt_handle()));
                select(connection, &read, parse)
            })
        };
        let mut reading = tokio::task::spawn_blocking(work);
        let given_up = |error| StoreError::Unavailable(format!("a read was given up: {error}"));
        if let Ok(read) = timeout(LONGEST, &mut reading).await {
            return read.map_err(given_up)?;
        }
        if let Ok(handle) = told.await {
            handle.interrupt();
        }
        match reading.await.map_err(given_up)? {
            Ok(rows) => Ok(rows),
            Err(_) => Err(too_long()),
        }
    }

    pub(crate) fn figures(&self) -> Figures {
        let bytes = |end: &str| {
            let mut path = self.place.path.clone().into_os_string();
            path.push(end);
            std::fs::metadata(path).map_or(0, |file| file.len())
        };
        Figures { file: Some((bytes(""), bytes("-wal"))), connections: Vec::new() }
    }

    /// Whether the file that was opened is still the one at its path: writes to one that was deleted or replaced succeed, and
    /// are lost.
    pub(crate) fn is_in_place(&self) -> Result<(), StoreError> {
        if self.place.file == file_at(&self.place.path) {
            return Ok(());
        }
        let path = self.place.path.display();
        Err(StoreError::Unavailable(format!("{path} was deleted or replaced while it was in use")))
    }

    pub(crate) fn prepare(&self, sql: &str) -> Result<(), StoreError> {
        with_reader(&self.place, |connection| {
            connection.prepare(sql).map(drop).map_err(|error| failure(connection, &error))
        })
    }
}

/// Lets the writer finish what it was given.
impl Drop for Sqlite {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has nothing left to finish.
            drop(writer.join());
        }
    }
}

fn select<T>(
    connection: &Connection,
    read: &Read,
    parse: impl Fn(&Row<'_>) -> Result<T, RowError>,
) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::new();
    each(connection, read, |row| {
        found.push(parse(row)?);
        Ok(())
    })?;
    Ok(found)
}

fn each(
    connection: &Connection,
    read: &Read,
    mut take: impl FnMut(&Row<'_>) -> Result<(), RowError>,
) -> Result<(), StoreError> {
    let failed = |error: rusqlite::Error| failure(connection, &error);
    let mut statement = connection.prepare_cached(&read.sql).map_err(failed)?;
    let mut rows = statement.query(params_from_iter(&read.params)).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let row = Row(DriverRow::Sqlite(row));
        take(&row).map_err(|error| row.locate(read.table, error))?;
    }
    Ok(())
}

fn run(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    let failed = |error: rusqlite::Error| failure(connection, &error);
    connection.prepare_cached(sql).map_err(failed)?.execute([]).map(drop).map_err(failed)
}

/// Lends the calling thread's connection, opening it at the first use. A nested use gets one of its own.
fn with_reader<T>(
    place: &Arc<Place>,
    work: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let kept = READERS.with_borrow_mut(|readers| {
        let position = readers.iter().position(|reader| reader.number == place.number)?;
        Some(readers.swap_remove(position))
    });
    let reader = match kept {
        Some(reader) => reader,
        None => Reader {
            number: place.number,
            place: Arc::downgrade(place),
            connection: open_reader(&place.path).map_err(|error| opening(&place.path, &error))?,
        },
    };
    let result = work(&reader.connection);
    READERS.with_borrow_mut(|readers| {
        readers.retain(|reader| reader.place.strong_count() > 0);
        readers.push(reader);
    });
    result
}

/// Makes the file readable for its owner alone; SQLite gives the files beside it the same permissions.
#[cfg(unix)]
fn create_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path).map(drop)
}

#[cfg(not(unix))]
fn create_private(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

/// What tells a file from any other.
#[cfg(unix)]
fn file_at(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn file_at(_path: &Path) -> Option<(u64, u64)> {
    None
}

/// Brings everything into the one file, so that whoever copies it after a stop has all of it. Closing would do it only if no
/// thread had a connection for reading left.
fn fold_log(connection: &Connection) {
    drop(connection.busy_timeout(Duration::from_secs(1)));
    let folded = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    match folded {
        Ok(0) => {}
        Ok(_) => tracing::warn!("the write-ahead log is still being read and stays beside the database"),
        Err(error) => tracing::warn!(%error, "the write-ahead log stays beside the database"),
    }
}

fn open_writer(path: &Path, sync: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {sync}; PRAGMA foreign_keys = ON;
         PRAGMA cache_size = -2048; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864;"
    ))?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

/// Without a memory map: what the disk cannot give of a mapped page ends the process, where a read is an error of one
/// request (ADR 30).
fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.execute_batch(
        "PRAGMA query_only = ON; PRAGMA cache_size = -2048; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;",
    )?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

/// A directory that did not exist before.
fn temporary_directory() -> Result<PathBuf, StoreError> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let base = std::env::temp_dir();
    for _ in 0..10_000 {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let directory = base.join(format!("vestibule-{}-{number}", std::process::id()));
        match std::fs::create_dir(&directory) {
            Ok(()) => return Ok(directory),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(StoreError::Unavailable(format!("{}: {error}", directory.display()))),
        }
    }
    Err(StoreError::Unavailable("no free name in the temporary directory".to_owned()))
}

fn opening(path: &Path, error: &rusqlite::Error) -> StoreError {
    StoreError::Unavailable(format!("{}: {error}", path.display()))
}

fn writer_gone() -> StoreError {
    StoreError::Unavailable("the writer has stopped".to_owned())
}

impl ToSql for Param {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Self::Text(text) | Self::OptText(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Int(number) | Self::OptInt(Some(number)) => ValueRef::Integer(*number),
            Self::OptText(None) | Self::OptInt(None) | Self::Unwritable(_) => ValueRef::Null,
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

/// What a driver error means. Needs the connection to name the unique index.
fn failure(connection: &Connection, error: &rusqlite::Error) -> StoreError {
    let rusqlite::Error::SqliteFailure(code, message) = error else {
        return StoreError::Engine(error.to_string());
    };
    match (code.extended_code, code.code) {
        (ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY, _) => {
            let message = message.as_deref().unwrap_or_default();
            StoreError::Unique(unique_name(connection, message).unwrap_or_else(|| message.to_owned()))
        }
        (ffi::SQLITE_CONSTRAINT_FOREIGNKEY, _) => StoreError::Reference,
        (
            _,
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::CannotOpen
            // A disk that fails, or that the system has made read-only: not the request's fault, and maybe over soon. A
            // page that the disk cannot give (EIO) is told as a broken image.
            | ErrorCode::SystemIoFailure
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::ReadOnly
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::OperationInterrupted,
        ) => StoreError::Unavailable(error.to_string()),
        _ => StoreError::Engine(error.to_string()),
    }
}

/// SQLite names an expression index in its message, but of others only the columns: then the index over
/// just these columns is the one. A primary key is named as PostgreSQL would.
fn unique_name(connection: &Connection, message: &str) -> Option<String> {
    let detail = message.strip_prefix("UNIQUE constraint failed: ")?;
    if let Some(name) = detail.strip_prefix("index '") {
        return name.strip_suffix('\'').map(str::to_owned);
    }
    let (table, _) = detail.split_once('.')?;
    let columns: Vec<&str> = detail.split(", ").filter_map(|part| Some(part.split_once('.')?.1)).collect();
    let mut indexes = connection
        .prepare_cached("SELECT name, origin FROM pragma_index_list(?1) WHERE \"unique\" = 1")
        .ok()?;
    let named = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    let found: Vec<(String, String)> = indexes.query_map([table], named).ok()?.flatten().collect();
    let (name, origin) = found.into_iter().find(|(name, _)| index_columns(connection, name) == columns)?;
    Some(if origin == "pk" { format!("{table}_pkey") } else { name })
}

fn index_columns(connection: &Connection, index: &str) -> Vec<String> {
    let read = || {
        let mut statement =
            connection.prepare_cached("SELECT name FROM pragma_index_info(?1) ORDER BY seqno")?;
        statement.query_map([index], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()
    };
    read().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The environment of the build says so (`.cargo/config.toml`); without it threads that read wait for each other.
    #[test]
    fn no_lock_is_shared_by_all_connections_of_the_process() {
        let connection = Connection::open_in_memory().unwrap();
        let mut statement = connection.prepare("PRAGMA compile_options").unwrap();
        let options = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let options: Vec<String> = options.collect::<rusqlite::Result<_>>().unwrap();
        assert!(options.iter().any(|option| option == "DEFAULT_MEMSTATUS=0"), "{options:?}");
        assert!(!options.iter().any(|option| option == "ENABLE_MEMORY_MANAGEMENT"), "{options:?}");
    }

    /// As SQLite tells EIO on a read, too (`SQLITE_IOERR_CORRUPTFS`): the drill of the failing disk shows that one.
    #[test]
    fn a_page_that_cannot_be_read_is_not_the_requests_fault() {
        let sqlite = Sqlite::open_temporary().unwrap();
        let writer = open_writer(&sqlite.place.path, "OFF").unwrap();
        let rows = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
             INSERT INTO things SELECT 'thing ' || i FROM n";
        let filled = format!("CREATE TABLE things (id TEXT); {rows}; PRAGMA wal_checkpoint(TRUNCATE)");
        writer.execute_batch(&filled).unwrap();
        let file = std::fs::OpenOptions::new().write(true).open(&sqlite.place.path).unwrap();
        let length = file.metadata().unwrap().len();
        let broken = vec![0x55; usize::try_from(length).unwrap() - 4096];
        std::os::unix::fs::FileExt::write_all_at(&file, &broken, 4096).unwrap();
        let read = sqlite.query(&Read::new("things", "SELECT id FROM things", Vec::new()), |row| row.text(0));
        assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    }

    #[test]
    fn reads_that_belong_together_see_one_moment_and_leave_nothing_open() {
        let sqlite = Sqlite::open_temporary().unwrap();
        let writer = std::sync::Mutex::new(open_writer(&sqlite.place.path, "OFF").unwrap());
        let write = |sql: &str| writer.lock().unwrap().execute_batch(sql).unwrap();
        write("CREATE TABLE things (id TEXT); INSERT INTO things VALUES ('1')");
        let count = || Read::new("things", "SELECT 'count', COUNT(*) FROM things", Vec::new());
        let mut counts = Vec::new();
        let mut again = Vec::new();
        let mut first = |row: &Row<'_>| {
            counts.push(row.int(1)?);
            write("INSERT INTO things VALUES ('2')");
            Ok(())
        };
        let mut second = |row: &Row<'_>| {
            again.push(row.int(1)?);
            Ok(())
        };
        sqlite.query_together(&mut [(count(), &mut first), (count(), &mut second)]).unwrap();
        assert_eq!((counts, again), (vec![1], vec![1]));
        assert_eq!(sqlite.query(&count(), |row| row.int(1)), Ok(vec![2]));

        let mut refuse = |_: &Row<'_>| Err(RowError::because("unreadable"));
        let refused = sqlite.query_together(&mut [(count(), &mut refuse)]);
        assert!(matches!(refused, Err(StoreError::Row(_))), "{refused:?}");
        write("INSERT INTO things VALUES ('3')");
        assert_eq!(sqlite.query(&count(), |row| row.int(1)), Ok(vec![3]), "the first moment is over");
    }
}
