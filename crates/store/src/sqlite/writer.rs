//! The writer thread: group commit.
//!
//! While one sync is under way, further batches queue up; the next transaction takes them all. Each runs
//! under its own savepoint, so that one that fails takes nothing of the others with it, and nobody is told
//! "kept" before the one `COMMIT` has returned.

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
    match transaction(connection, |connection| batches.iter().map(|batch| apply(connection, batch)).collect())
    {
        Ok(results) => replies.into_iter().zip(results).for_each(|(reply, result)| answer(reply, result)),
        Err(error) => replies.into_iter().for_each(|reply| answer(reply, Err(error.clone()))),
    }
}

/// Runs `work` between `BEGIN IMMEDIATE` and `COMMIT`. An error means that nothing was kept.
fn transaction(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Vec<Result<(), StoreError>>,
) -> Result<Vec<Result<(), StoreError>>, StoreError> {
    run_sql(connection, "BEGIN IMMEDIATE")?;
    let results = work(connection);
    // A full disk or an I/O error makes SQLite give up the whole transaction, not only the savepoint.
    if connection.is_autocommit() {
        let cause = results.into_iter().find_map(Result::err);
        return Err(cause.unwrap_or_else(|| StoreError::Engine("the transaction was given up".to_owned())));
    }
    if let Err(error) = run_sql(connection, "COMMIT") {
        abandon(connection);
        return Err(error);
    }
    Ok(results)
}

/// Applies one batch under a savepoint, or nothing of it.
fn apply(connection: &Connection, batch: &Batch) -> Result<(), StoreError> {
    run_sql(connection, "SAVEPOINT batch")?;
    let result = keep_under(connection, batch);
    if result.is_err() && !connection.is_autocommit() {
        run_sql(connection, "ROLLBACK TO batch")?;
    }
    if !connection.is_autocommit() {
        run_sql(connection, "RELEASE batch")?;
    }
    result
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
