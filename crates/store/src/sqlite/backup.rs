//! Copies of an SQLite database that lose nothing: made while it is used, looked through before they count, and put back
//! without a log beside them that belongs to another.
//!
//! Copying the file alone loses what its write-ahead log holds, and copying both takes them at two moments. So a copy is
//! what one read transaction sees (`VACUUM INTO`), and what is put back comes without a log.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::create_private;
use crate::error::StoreError;

/// How long a copy waits for its turn to look at the database.
const PATIENCE: Duration = Duration::from_secs(5);

/// A database file that was looked through and found whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// The newest migration in it; 0 when there is none.
    pub migration: i64,
    /// Its size in bytes.
    pub bytes: u64,
    /// How much of that holds nothing. It is used again; a backup does without.
    pub free: u64,
}

/// Copies the database at `from`, which may be in use, to the new file `to`, and looks the copy through. `to` appears
/// when it is whole and on disk.
///
/// # Errors
/// [`StoreError::File`] when there is no database, `to` exists, there is no room, or the copy is not whole.
pub fn backup(from: &Path, to: &Path) -> Result<Whole, StoreError> {
    if to.exists() {
        return Err(is_not_right(to, "is there already: a backup never replaces a file"));
    }
    let partial = beside(to, ".partial");
    let made = copy_of(from, &partial).and_then(|()| settle(&partial, to));
    if made.is_err() {
        // What is left of an attempt is nothing that anybody could use.
        drop(fs::remove_file(&partial));
    }
    made
}

/// Puts the backup `from` in the place of the database at `to`, which nobody may be using. What stood there is kept beside
/// it, with `aside` at the end of its name: the path is answered.
///
/// # Errors
/// [`StoreError::File`] when the backup is not whole, the database is in use, or the system refuses.
pub fn restore(from: &Path, to: &Path, aside: &str) -> Result<(Whole, Option<PathBuf>), StoreError> {
    look_through(from)?;
    let partial = beside(to, ".partial");
    drop(fs::remove_file(&partial));
    create_private(&partial).map_err(|error| refused_by_system(&partial, &error))?;
    fs::copy(from, &partial).map_err(|error| refused_by_system(&partial, &error))?;
    let kept = move_aside(to, aside)?;
    Ok((settle(&partial, to)?, kept))
}

/// Looks a database file through without changing it: every page, every reference.
///
/// # Errors
/// [`StoreError::File`] with what is wrong with it.
pub fn look_through(path: &Path) -> Result<Whole, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let failed = |error: rusqlite::Error| unreadable(path, &error);
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    let said: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if said != "ok" {
        return Err(is_not_right(path, format!("is damaged: {said}")));
    }
    let dangling = connection.prepare("PRAGMA foreign_key_check").and_then(|mut check| check.exists([]));
    if dangling.map_err(failed)? {
        return Err(is_not_right(path, "is damaged: a row refers to one that is not there"));
    }
    let has_ledger = connection
        .prepare("SELECT name FROM sqlite_master WHERE name = 'schema_migrations'")
        .and_then(|mut ledger| ledger.exists([]))
        .map_err(failed)?;
    let newest = "SELECT coalesce(max(version), 0) FROM schema_migrations";
    let migration = if has_ledger { connection.query_row(newest, [], |row| row.get(0)) } else { Ok(0) };
    let pragma = |sql| connection.query_row(sql, [], |row| row.get::<_, u64>(0)).map_err(failed);
    let free = pragma("PRAGMA freelist_count")? * pragma("PRAGMA page_size")?;
    let bytes = fs::metadata(path).map_err(|error| refused_by_system(path, &error))?.len();
    Ok(Whole { migration: migration.map_err(failed)?, bytes, free })
}

/// Whether the file came into being later, by more than `tolerance`, than the write-ahead log beside it: then the log is
/// another database's, as when a copy was put in the place of a database whose log stayed. Opening it would write the log
/// over the copy. `false` where the system does not keep such times.
#[must_use]
pub fn is_younger_than_its_log(path: &Path, tolerance: Duration) -> bool {
    let Ok(log) = fs::metadata(beside(path, "-wal")) else { return false };
    let Ok(database) = fs::metadata(path) else { return false };
    let (Ok(database), Ok(born)) = (database.created(), log.created()) else { return false };
    log.len() > 0 && database.duration_since(born).is_ok_and(|later| later > tolerance)
}

/// What one read transaction sees, as a file that only its owner can read.
fn copy_of(from: &Path, to: &Path) -> Result<(), StoreError> {
    drop(fs::remove_file(to));
    create_private(to).map_err(|error| refused_by_system(to, &error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let failed = |error: rusqlite::Error| unreadable(from, &error);
    let connection = Connection::open_with_flags(from, flags).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    let Some(name) = to.to_str() else { return Err(is_not_right(to, "is no text")) };
    connection.execute("VACUUM INTO ?1", [name]).map(drop).map_err(failed)
}

/// Looks a new file through, brings it to disk and gives it its name.
fn settle(partial: &Path, to: &Path) -> Result<Whole, StoreError> {
    let whole = look_through(partial)?;
    let named = || -> io::Result<()> {
        File::open(partial)?.sync_all()?;
        fs::rename(partial, to)?;
        let directory = to.parent().filter(|directory| !directory.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
    };
    named().map_err(|error| refused_by_system(to, &error))?;
    Ok(whole)
}

/// Takes what stands at `path` out of the way, log and all. A database that can be opened has its log folded into it first.
fn move_aside(path: &Path, aside: &str) -> Result<Option<PathBuf>, StoreError> {
    if !path.exists() {
        // A log without its database is of no use to anybody, and would be taken for the new one's.
        for end in ["-wal", "-shm"] {
            drop(fs::remove_file(beside(path, end)));
        }
        return Ok(None);
    }
    close_for_good(path)?;
    let kept = beside(path, aside);
    if kept.exists() {
        return Err(is_not_right(&kept, "is there already"));
    }
    for end in ["", "-wal", "-shm"] {
        let from = beside(path, end);
        if from.exists() {
            fs::rename(&from, beside(&kept, end)).map_err(|error| refused_by_system(&from, &error))?;
        }
    }
    Ok(Some(kept))
}

/// Leaves the write-ahead log, which SQLite does only when nobody else has the database open.
fn close_for_good(path: &Path) -> Result<(), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let left = Connection::open_with_flags(path, flags).and_then(|connection| {
        connection.busy_timeout(Duration::from_secs(1))?;
        connection.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0))
    });
    match left {
        Ok(mode) if mode == "delete" => Ok(()),
        // What cannot be read any more is what a backup is for.
        Err(rusqlite::Error::SqliteFailure(code, _))
            if matches!(code.code, ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) =>
        {
            Ok(())
        }
        Ok(_) => Err(is_not_right(path, "is in use: stop the server first")),
        Err(rusqlite::Error::SqliteFailure(code, _))
            if matches!(code.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) =>
        {
            Err(is_not_right(path, "is in use: stop the server first"))
        }
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// The path with something at its end.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// What is wrong with a file, in words that go on after its path.
fn is_not_right(path: &Path, how: impl std::fmt::Display) -> StoreError {
    StoreError::File(format!("{} {how}", path.display()))
}

fn refused_by_system(path: &Path, error: &io::Error) -> StoreError {
    StoreError::File(format!("{}: {error}", path.display()))
}

/// SQLite's words for a file that is not there, or is something else, name neither or name it twice.
fn unreadable(path: &Path, error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        _ if path.is_dir() => is_not_right(path, "is a directory"),
        Some(ErrorCode::CannotOpen) if !path.exists() => is_not_right(path, "is not there"),
        Some(ErrorCode::CannotOpen) => is_not_right(path, "cannot be opened"),
        Some(ErrorCode::NotADatabase) => is_not_right(path, "is no database"),
        _ => StoreError::File(format!("{}: {error}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(path: &Path, rows: u32) -> Connection {
        let connection = Connection::open(path).unwrap();
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
                 CREATE TABLE things (name TEXT NOT NULL PRIMARY KEY)",
            )
            .unwrap();
        for row in 0..rows {
            connection.execute("INSERT INTO things VALUES (?1)", [row.to_string()]).unwrap();
        }
        connection
    }

    fn rows(path: &Path) -> u32 {
        let connection = Connection::open(path).unwrap();
        connection.query_row("SELECT count(*) FROM things", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_backup_has_what_only_the_log_holds() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let (from, to) = (directory.path().join("v.db"), directory.path().join("copy.db"));
        let used = database(&from, 50);
        assert!(fs::metadata(beside(&from, "-wal")).unwrap().len() > 0);
        assert_eq!(backup(&from, &to).unwrap().migration, 0);
        drop(used);
        assert_eq!(rows(&to), 50);
        assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(backup(&from, &to).unwrap_err().to_string().contains("never replaces"));
        assert!(!beside(&to, ".partial").exists());
    }

    #[test]
    fn nothing_is_restored_under_somebody_or_beside_a_foreign_log() {
        let directory = tempfile::tempdir().unwrap();
        let (live, copy) = (directory.path().join("v.db"), directory.path().join("copy.db"));
        let used = database(&live, 3);
        backup(&live, &copy).unwrap();
        used.execute("INSERT INTO things VALUES ('later')", []).unwrap();
        let refused = restore(&copy, &live, ".before").unwrap_err().to_string();
        assert!(refused.contains("in use"), "{refused}");
        assert_eq!(rows(&live), 4);
        // Killed: the log stays.
        std::mem::forget(used);
        fs::copy(&live, directory.path().join("v2.db")).unwrap();
        let second = directory.path().join("v2.db");
        fs::copy(beside(&live, "-wal"), beside(&second, "-wal")).unwrap();
        let (_, kept) = restore(&copy, &second, ".before").unwrap();
        assert_eq!((rows(&second), rows(&kept.unwrap())), (3, 4));
        assert!(!beside(&second, "-wal").exists());
    }

    #[test]
    fn what_is_refused_is_told_once_and_truly() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        drop(database(&path("v.db"), 3));
        fs::write(path("vestibule.toml"), "listen = \"127.0.0.1:8787\"\n".repeat(50)).unwrap();
        fs::create_dir(path("folder")).unwrap();
        let there = backup(&path("v.db"), &path("vestibule.toml")).unwrap_err();
        let mut told = vec![(there, "vestibule.toml is there already: a backup never replaces a file")];
        for (name, expected) in [
            ("vestibule.toml", "vestibule.toml is no database"),
            ("nofile.db", "nofile.db is not there"),
            ("folder", "folder is a directory"),
        ] {
            told.push((restore(&path(name), &path("v.db"), ".before").unwrap_err(), expected));
            told.push((backup(&path(name), &path("copy.db")).unwrap_err(), expected));
        }
        for (error, expected) in told {
            assert_eq!(error.to_string(), format!("{}/{expected}", directory.path().display()));
        }
        assert_eq!(rows(&path("v.db")), 3);
    }

    #[test]
    fn what_is_damaged_is_neither_backed_up_nor_restored() {
        let directory = tempfile::tempdir().unwrap();
        let (live, copy) = (directory.path().join("v.db"), directory.path().join("copy.db"));
        drop(database(&live, 2000));
        backup(&live, &copy).unwrap();
        let mut bytes = fs::read(&copy).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 4096].fill(0xAA);
        fs::write(&copy, &bytes).unwrap();
        assert!(look_through(&copy).is_err());
        assert!(restore(&copy, &live, ".before").is_err());
        assert_eq!(rows(&live), 2000);
        // A database that cannot be read is replaced all the same.
        let good = directory.path().join("good.db");
        backup(&live, &good).unwrap();
        fs::write(&live, "not a database, whatever it was before").unwrap();
        restore(&good, &live, ".before").unwrap();
        assert_eq!(rows(&live), 2000);
    }

    #[test]
    fn a_file_that_came_after_its_log_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let live = directory.path().join("v.db");
        let used = database(&live, 3);
        assert!(!is_younger_than_its_log(&live, Duration::ZERO));
        backup(&live, &directory.path().join("copy.db")).unwrap();
        std::mem::forget(used);
        std::thread::sleep(Duration::from_millis(20));
        fs::remove_file(&live).unwrap();
        fs::copy(directory.path().join("copy.db"), &live).unwrap();
        let knows = fs::metadata(&live).unwrap().created().is_ok();
        assert_eq!(is_younger_than_its_log(&live, Duration::ZERO), knows);
        assert!(!is_younger_than_its_log(&live, Duration::from_secs(60)));
    }
}
