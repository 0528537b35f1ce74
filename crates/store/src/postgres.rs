//! The PostgreSQL driver: a few pipelined connections that share the reads, and a pool for batches.
//!
//! A batch is `BEGIN`, its holds and its writes sent in one go, then `COMMIT` when all of them did what they
//! must: two round trips however long it is. Each statement sees what was committed before it began, so one
//! that had to wait for a lock is followed by statements that see what it waited for.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use crate::dialect::{DriverRow, Row};
use crate::error::{RowError, StoreError};
use crate::hold::Lock;
use crate::scans::{AT_ONCE, LONGEST, too_long};
use crate::sql::{Batch, Param, Read, Rewritten, Statement, Write, dollar_placeholders};
use crate::store::Options;

mod connect;
mod lane;

use connect::{Target, Tls};
use lane::Lane;

/// How often a batch that PostgreSQL gave up for the sake of another one is tried.
const ATTEMPTS: u32 = 5;

/// How long a batch waits for a free connection.
const POOL_WAIT: Duration = Duration::from_secs(5);

/// One PostgreSQL database.
pub(crate) struct Postgres {
    pool: Pool,
    /// For what may take long: nothing else waits behind it.
    scans: Pool,
    first: Lane,
    others: Vec<Lane>,
    turn: AtomicUsize,
    /// Held by a batch that is tried again: those that met in a deadlock must not meet in the next one.
    second_tries: Arc<tokio::sync::Mutex<()>>,
    rewritten: Arc<Rewritten>,
}

/// Why an attempt at a batch did not succeed, and whether another one may.
enum Failed {
    /// Nothing was kept, and it is worth trying again.
    Again(StoreError),
    /// Final.
    Final(StoreError),
}

impl Postgres {
    pub(crate) async fn open(url: &str, options: &Options) -> Result<Self, StoreError> {
        let target = Arc::new(Target::parse(url, options.ca_file.as_deref())?);
        let first = Lane::new(Arc::clone(&target));
        let others = (1..options.read_connections).map(|_| Lane::new(Arc::clone(&target))).collect();
        let scanning = target.with_deadline(LONGEST);
        let scans = pool(&scanning, AT_ONCE)?;
        let pool = pool(&target, options.write_connections.max(1))?;
        let store = Self {
            pool,
            scans,
            first,
            others,
            turn: AtomicUsize::new(0),
            second_tries: Arc::default(),
            rewritten: Arc::default(),
        };
        store.first.session().await?;
        Ok(store)
    }

    /// Works in a task of its own: a caller that stops waiting must not leave half a transaction behind.
    pub(crate) async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let (pool, rewritten) = (self.pool.clone(), Arc::clone(&self.rewritten));
        let second_tries = Arc::clone(&self.second_tries);
        let work = async move {
            let mut result = try_commit(&pool, &rewritten, &batch).await;
            for _ in 1..ATTEMPTS {
                let Err(Failed::Again(_)) = result else { break };
                let _alone = second_tries.lock().await;
                result = try_commit(&pool, &rewritten, &batch).await;
            }
            result.map_err(|(Failed::Again(error) | Failed::Final(error))| error)
        };
        tokio::spawn(work).await.map_err(|error| {
            StoreError::Unavailable(format!("a batch was given up, outcome unknown: {error}"))
        })?
    }

    pub(crate) async fn migrate(&self, script: &str, record: Option<Write>) -> Result<bool, StoreError> {
        let mut connection = take(&self.pool).await?;
        let transaction = connection.transaction().await.map_err(|error| failure(&error))?;
        if let Some(record) = record {
            let Statement { sql, params, .. } = &record.statement;
            let sql = self.rewritten.sql(sql);
            let rows = transaction.execute(&*sql, &values(params)).await.map_err(|error| failure(&error))?;
            if rows == 0 {
                return Ok(false);
            }
        }
        transaction.batch_execute(script).await.map_err(|error| failure(&error))?;
        transaction.commit().await.map_err(|error| failure(&error))?;
        Ok(true)
    }

    pub(crate) async fn query<T>(
        &self,
        read: Read,
        parse: impl Fn(&Row<'_>) -> Result<T, RowError> + Send,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.lane().rows(&self.rewritten, &read).await?;
        parsed(&rows, read.table, parse)
    }

    /// Reads on a connection of its own, which gives up after [`LONGEST`].
    pub(crate) async fn scan<T>(
        &self,
        read: Read,
        parse: impl Fn(&Row<'_>) -> Result<T, RowError> + Send,
    ) -> Result<Vec<T>, StoreError> {
        let connection = take(&self.scans).await?;
        let sql = match &read.sql {
            Cow::Borrowed(sql) => self.rewritten.sql(sql).to_string(),
            Cow::Owned(sql) => dollar_placeholders(sql),
        };
        let statement = connection.prepare(&sql).await.map_err(|error| failure(&error))?;
        let rows = connection.query(&statement, &values(&read.params)).await;
        let rows = rows.map_err(|error| match error.code() {
            Some(&SqlState::QUERY_CANCELED) => too_long(),
            _ => failure(&error),
        })?;
        parsed(&rows, read.table, parse)
    }

    pub(crate) async fn prepare(&self, sql: &'static str, lock: Option<Lock>) -> Result<(), StoreError> {
        let connection = take(&self.pool).await?;
        let sql = self.rewritten.locking(sql, clause(lock));
        connection.prepare(&sql).await.map(drop).map_err(|error| failure(&error))
    }

    fn lane(&self) -> &Lane {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        self.others.get(turn % (self.others.len() + 1)).unwrap_or(&self.first)
    }
}

fn parsed<T>(
    rows: &[tokio_postgres::Row],
    table: &'static str,
    parse: impl Fn(&Row<'_>) -> Result<T, RowError>,
) -> Result<Vec<T>, StoreError> {
    let parsed = rows.iter().map(|row| {
        let row = Row(DriverRow::Postgres(row));
        parse(&row).map_err(|error| row.locate(table, error).into())
    });
    parsed.collect()
}

fn pool(target: &Target, size: usize) -> Result<Pool, StoreError> {
    let how = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let config = target.config.clone();
    let manager = match &target.tls {
        Tls::Plain => Manager::from_config(config, tokio_postgres::NoTls, how),
        Tls::Verified(tls) => Manager::from_config(config, tls.clone(), how),
    };
    Pool::builder(manager)
        .max_size(size)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(POOL_WAIT))
        .create_timeout(Some(POOL_WAIT))
        .build()
        .map_err(|error| StoreError::Unavailable(error.to_string()))
}

async fn take(pool: &Pool) -> Result<Object, StoreError> {
    pool.get().await.map_err(|error| StoreError::Unavailable(error.to_string()))
}

async fn try_commit(pool: &Pool, rewritten: &Rewritten, batch: &Batch) -> Result<(), Failed> {
    let connection = take(pool).await.map_err(Failed::Final)?;
    if let Err(error) = send(&connection, rewritten, batch).await {
        // The connection goes back to the pool only alive and without a transaction on it.
        if connection.batch_execute("ROLLBACK").await.is_err() {
            drop(Object::take(connection));
        }
        return Err(error);
    }
    connection.batch_execute("COMMIT").await.map_err(|error| match failure(&error) {
        _ if gave_way(&error) => Failed::Again(failure(&error)),
        StoreError::Unavailable(reason) => Failed::Final(StoreError::Unavailable(format!(
            "lost while committing, outcome unknown: {reason}"
        ))),
        other => Failed::Final(other),
    })
}

/// Begins a batch. One that waits longer than this for a lock gives its connection back, so that those who want the same
/// rows do not take all connections from those who want others: less than [`POOL_WAIT`], and longer than PostgreSQL needs to
/// find a few deadlocks one after the other.
const BEGIN: &str = "BEGIN; SET LOCAL lock_timeout = '4500ms'";

/// Sends `BEGIN`, every hold and every write without waiting in between, then judges the answers in order. After
/// the first statement that fails PostgreSQL refuses the rest, so the first error is the cause.
async fn send(connection: &Object, rewritten: &Rewritten, batch: &Batch) -> Result<(), Failed> {
    let holds = batch.locks().into_iter().map(|(hold, lock)| (&hold.statement, clause(lock)));
    let steps: Vec<(&Statement, &str)> =
        holds.chain(batch.writes.iter().map(|write| (&write.statement, clause(None)))).collect();
    let mut prepared = Vec::with_capacity(steps.len());
    for (step, clause) in &steps {
        let statement = connection.prepare_cached(&rewritten.locking(step.sql, clause)).await;
        prepared.push(statement.map_err(|error| discard(&error))?);
    }
    let parameters: Vec<Vec<&(dyn ToSql + Sync)>> =
        steps.iter().map(|(step, _)| values(&step.params)).collect();
    let mut pending: Vec<Pending<'_>> = Vec::with_capacity(steps.len() + 1);
    pending.push(Box::pin(async { connection.batch_execute(BEGIN).await.map(|()| 0) }));
    for (statement, parameters) in prepared.iter().zip(&parameters) {
        pending.push(Box::pin(connection.execute(statement, parameters)));
    }
    let mut answers = in_order(pending).await.into_iter();
    if let Some(Err(error)) = answers.next() {
        return Err(discard(&error));
    }
    for ((step, _), answer) in steps.iter().zip(answers) {
        let rows = answer.map_err(|error| discard(&error))?;
        step.judge(rows).map_err(Failed::Final)?;
    }
    Ok(())
}

/// What stands at the end of a statement that locks the rows it selects.
const fn clause(lock: Option<Lock>) -> &'static str {
    match lock {
        None => "",
        Some(Lock::Stays) => " FOR KEY SHARE",
        Some(Lock::Unchanged) => " FOR SHARE",
        Some(Lock::Mine) => " FOR NO KEY UPDATE",
        Some(Lock::Going) => " FOR UPDATE",
    }
}

/// Before `COMMIT` is sent nothing is kept, so a lost connection is as good a reason to try again as a
/// deadlock.
fn discard(error: &Error) -> Failed {
    if gave_way(error) || lost(error) { Failed::Again(failure(error)) } else { Failed::Final(failure(error)) }
}

fn gave_way(error: &Error) -> bool {
    matches!(error.code(), Some(&(SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED)))
}

/// Whether the connection is gone, or about to be because the server ends it.
fn lost(error: &Error) -> bool {
    let ended = [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN];
    error.is_closed() || error.code().is_some_and(|code| ended.contains(code))
}

type Pending<'a> = Pin<Box<dyn Future<Output = Result<u64, Error>> + Send + 'a>>;

/// Drives all futures at once, polling them first to last: the driver sends a request at its first poll, so
/// this is also the order on the wire.
async fn in_order(mut pending: Vec<Pending<'_>>) -> Vec<Result<u64, Error>> {
    let mut answers: Vec<Option<Result<u64, Error>>> = pending.iter().map(|_| None).collect();
    std::future::poll_fn(move |context| {
        let mut waiting = false;
        for (future, answer) in pending.iter_mut().zip(&mut answers) {
            if answer.is_some() {
                continue;
            }
            match future.as_mut().poll(context) {
                Poll::Ready(value) => *answer = Some(value),
                Poll::Pending => waiting = true,
            }
        }
        if waiting {
            Poll::Pending
        } else {
            Poll::Ready(answers.iter_mut().filter_map(Option::take).collect())
        }
    })
    .await
}

fn values(params: &[Param]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(value).collect()
}

fn value(param: &Param) -> &(dyn ToSql + Sync) {
    match param {
        Param::Text(text) => text,
        Param::OptText(text) => text,
        Param::Int(number) => number,
        Param::OptInt(number) => number,
        Param::Unwritable(_) => &None::<String>,
    }
}

/// What a driver error means.
fn failure(error: &Error) -> StoreError {
    let Some(detail) = error.as_db_error() else {
        return match std::error::Error::source(error) {
            Some(cause) => StoreError::Unavailable(format!("{error}: {cause}")),
            None => StoreError::Unavailable(error.to_string()),
        };
    };
    let code = detail.code();
    if *code == SqlState::UNIQUE_VIOLATION {
        return StoreError::Unique(detail.constraint().unwrap_or_default().to_owned());
    }
    if *code == SqlState::FOREIGN_KEY_VIOLATION {
        return StoreError::Reference;
    }
    // Classes 08 (connection), 53 (resources), 57 (operator) a transaction that gave way too often, and a lock that others kept.
    let class = code.code().get(..2).unwrap_or_default();
    if matches!(class, "08" | "40" | "53" | "57") || *code == SqlState::LOCK_NOT_AVAILABLE {
        return StoreError::Unavailable(detail.message().to_owned());
    }
    StoreError::Engine(format!("{}: {}", code.code(), detail.message()))
}
