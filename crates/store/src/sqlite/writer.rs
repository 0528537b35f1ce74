//! The writer thread: group commit.
//!
//! While one sync is under way, further batches queue up; the next transaction takes them all. One that fails
//! takes nothing of the others with it: each runs under its own savepoint, except while there is nothing to lose
//! yet. Nobody is told "kept" before the one `COMMIT` has returned.

use rusqlite::{Connection, params_from_iter};
use tokio::sync::{mpsc, oneshot};

use super::failure;
use crate::error::StoreError;
use crate::sql::{Batch, Statement, Write};

/// Batches that share one sync at most; bounds how long the first of them waits.
const GROUP: usize = 256;

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the writer is asked to do.
pub(super) enum Job {
    /// Keep a batch.
    Batch(Batch, Reply<()>),
    /// Run a migration script unless its record is already there.
    Migrate(&'static str, Option<Write>, Reply<bool>),
}

/// Works until every sender is gone.
pub(super) fn run(connection: &Connection, mut queue: mpsc::Receiver<Job>) {
    while let Some(first) = queue.blocking_recv() {
        let mut group = Vec::new();
        let mut next = Some(first);
        while let Some(job) = next {
            match job {
                Job::Batch(batch, reply) => group.push((batch, reply)),
                Job::Migrate(script, record, reply) => {
                    keep(connection, std::mem::take(&mut group));
                    answer(reply, migrate(connection, script, record.as_ref()));
                }
            }
            next = if group.len() < GROUP { queue.try_recv().ok() } else { None };
        }
        keep(connection, group);
    }
}

/// Keeps a group of batches with one sync and answers each.
fn keep(connection: &Connection, group: Vec<(Batch, Reply<()>)>) {
    if group.is_empty() {
        return;
    }
    let (batches, replies): (Vec<Batch>, Vec<Reply<()>>) = group.into_iter().unzip();
    match transaction(connection, &batches) {
        Ok(results) => replies.into_iter().zip(results).for_each(|(reply, result)| answer(reply, result)),
        Err(error) => replies.into_iter().for_each(|reply| answer(reply, Err(error.clone()))),
    }
}

/// Applies batches between `BEGIN IMMEDIATE` and `COMMIT`. An error means that nothing of any was kept.
fn transaction(
    connection: &Connection,
    batches: &[Batch],
) -> Result<Vec<Result<(), StoreError>>, StoreError> {
    run_sql(connection, "BEGIN IMMEDIATE")?;
    let kept = apply_all(connection, batches).and_then(|results| {
        run_sql(connection, "COMMIT")?;
        Ok(results)
    });
    if kept.is_err() {
        abandon(connection);
    }
    kept
}

/// Applies each batch, or nothing of it. An error means that the whole transaction is lost.
fn apply_all(connection: &Connection, batches: &[Batch]) -> Result<Vec<Result<(), StoreError>>, StoreError> {
    let mut results = Vec::with_capacity(batches.len());
    let mut anything_kept = false;
    for batch in batches {
        let result = if anything_kept {
            under_savepoint(connection, batch)?
        } else {
            as_the_first(connection, batch)?
        };
        anything_kept |= result.is_ok();
        results.push(result);
    }
    Ok(results)
}

/// Applies a batch in a transaction that holds nothing else, which begins anew when the batch fails. A savepoint would
/// have every page copied that the batch touches.
fn as_the_first(connection: &Connection, batch: &Batch) -> Result<Result<(), StoreError>, StoreError> {
    let result = still_under_way(connection, keep_under(connection, batch))?;
    if result.is_err() {
        run_sql(connection, "ROLLBACK")?;
        run_sql(connection, "BEGIN IMMEDIATE")?;
    }
    Ok(result)
}

/// Applies a batch after others of the same transaction.
fn under_savepoint(connection: &Connection, batch: &Batch) -> Result<Result<(), StoreError>, StoreError> {
    run_sql(connection, "SAVEPOINT batch")?;
    let result = still_under_way(connection, keep_under(connection, batch))?;
    if result.is_err() {
        run_sql(connection, "ROLLBACK TO batch")?;
    }
    run_sql(connection, "RELEASE batch")?;
    Ok(result)
}

/// What became of a batch, if the transaction goes on. A full disk or an I/O error makes SQLite give up all of it.
fn still_under_way(
    connection: &Connection,
    result: Result<(), StoreError>,
) -> Result<Result<(), StoreError>, StoreError> {
    match result {
        Err(cause) if connection.is_autocommit() => Err(cause),
        result => Ok(result),
    }
}

/// Checks what the batch relies on, then writes. Nobody else writes meanwhile, so nothing has to be locked.
fn keep_under(connection: &Connection, batch: &Batch) -> Result<(), StoreError> {
    for hold in batch.conditions() {
        hold.statement.judge(u64::from(exists(connection, &hold.statement)?))?;
    }
    batch.writes.iter().try_for_each(|write| write.statement.judge(execute(connection, &write.statement)?))
}

fn exists(connection: &Connection, question: &Statement) -> Result<bool, StoreError> {
    let failed = |error: rusqlite::Error| failure(connection, &error);
    let mut statement = connection.prepare_cached(question.sql).map_err(failed)?;
    statement.exists(params_from_iter(&question.params)).map_err(failed)
}

fn execute(connection: &Connection, change: &Statement) -> Result<u64, StoreError> {
    let failed = |error: rusqlite::Error| failure(connection, &error);
    let mut statement = connection.prepare_cached(change.sql).map_err(failed)?;
    let rows = statement.execute(params_from_iter(&change.params)).map_err(failed)?;
    Ok(u64::try_from(rows).unwrap_or(u64::MAX))
}

fn migrate(connection: &Connection, script: &str, record: Option<&Write>) -> Result<bool, StoreError> {
    run_sql(connection, "BEGIN IMMEDIATE")?;
    let recorded = record.map_or(Ok(1), |record| execute(connection, &record.statement));
    let applied = recorded.and_then(|rows| {
        if rows == 0 {
            return Ok(false);
        }
        connection.execute_batch(script).map_err(|error| failure(connection, &error))?;
        Ok(true)
    });
    let finished = applied.and_then(|applied| run_sql(connection, "COMMIT").map(|()| applied));
    if finished.is_err() {
        abandon(connection);
    }
    finished
}

fn run_sql(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(|error| failure(connection, &error))?;
    statement.execute([]).map(drop).map_err(|error| failure(connection, &error))
}

fn abandon(connection: &Connection) {
    if connection.is_autocommit() {
        return;
    }
    if let Err(error) = connection.execute_batch("ROLLBACK") {
        tracing::error!(%error, "a transaction could not be rolled back");
    }
}

/// A caller that hung up is not told; the batch was kept or refused all the same.
fn answer<T>(reply: Reply<T>, result: Result<T, StoreError>) {
    drop(reply.send(result));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Guard;
    use crate::sql::Param;

    const MISSING: Guard = Guard("missing");

    fn table() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE things (name TEXT NOT NULL PRIMARY KEY, filler TEXT)")
            .unwrap();
        connection
    }

    fn insert(name: &'static str) -> Write {
        Write::any("INSERT INTO things (name) VALUES (?1)", vec![Param::from(name)])
    }

    fn rename(name: &'static str) -> Write {
        Write::one("UPDATE things SET filler = 'x' WHERE name = ?1", vec![Param::from(name)], MISSING)
    }

    fn names(connection: &Connection) -> Vec<String> {
        let mut statement = connection.prepare("SELECT name FROM things ORDER BY name").unwrap();
        let names = statement.query_map([], |row| row.get(0)).unwrap();
        names.collect::<rusqlite::Result<_>>().unwrap()
    }

    #[test]
    fn a_batch_that_fails_takes_nothing_of_the_others_with_it() {
        let connection = table();
        let batches = [
            Batch::from([insert("lost first"), rename("nobody")]),
            Batch::from([insert("lost second"), rename("nobody")]),
            Batch::from([insert("kept first")]),
            Batch::from([insert("lost third"), rename("nobody")]),
            Batch::from([insert("kept first")]),
            Batch::from([insert("kept second"), rename("kept first")]),
        ];
        let results = transaction(&connection, &batches).unwrap();
        let kept: Vec<bool> = results.iter().map(Result::is_ok).collect();
        assert_eq!(kept, [false, false, true, false, false, true]);
        assert!(connection.is_autocommit());
        assert_eq!(names(&connection), ["kept first", "kept second"]);
    }

    #[test]
    fn a_transaction_that_is_given_up_keeps_nothing_and_is_said_to() {
        let connection = table();
        let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        connection.execute_batch(&format!("PRAGMA max_page_count = {}", pages + 1)).unwrap();
        let large = Write::any(
            "INSERT INTO things (name, filler) VALUES (?1, hex(zeroblob(65536)))",
            vec![Param::from("large")],
        );
        let batches = [Batch::from([insert("small")]), Batch::from([large]), Batch::from([insert("after")])];
        match transaction(&connection, &batches) {
            // Either only the batch that found no room is lost, or all of them are; nobody is told otherwise.
            Ok(results) => {
                assert_eq!(results.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
                assert_eq!(names(&connection), ["after", "small"]);
            }
            Err(_) => assert!(names(&connection).is_empty()),
        }
        assert!(connection.is_autocommit());
    }
}
