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

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout};
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};

use crate::dialect::{DriverRow, Row, Take};
use crate::error::{RowError, StoreError};
use crate::hold::Lock;
use crate::scans::{AT_ONCE, LONGEST, too_long};
use crate::sql::{Batch, Param, Read, Rewritten, Statement, Write, dollar_placeholders};
use crate::store::{Figures, Options};

mod connect;
mod lane;

use connect::{Target, Tls, WHOLE_CONNECT};
use lane::Lane;

/// How often a batch that PostgreSQL gave up for the sake of another one is tried.
const ATTEMPTS: u32 = 5;

/// How long a batch waits for a free connection.
const POOL_WAIT: Duration = Duration::from_secs(5);

/// How long a read by key may take before its connection is given up.
const READ_DEADLINE: Duration = Duration::from_secs(5);
/// How long the statements of a batch may take together, waiting for locks too, and then its `COMMIT`. More than the server
/// gives one statement, so that it is the server who says why, unless it is silent.
const BATCH_DEADLINE: Duration = Duration::from_secs(12);

/// How long after a connection was refused because there are too many one is asked for again.
const BETWEEN_TRIES: Duration = Duration::from_millis(25);

/// One PostgreSQL database.
pub(crate) struct Postgres {
    /// Where connections are driven and batches kept, whoever asks: who has little of a processor must not make those wait
    /// who want the same connection or row.
    home: Handle,
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
        let home = Handle::current();
        let lane = || Lane::new(Arc::clone(&target), home.clone());
        let first = lane();
        let others = (1..options.read_connections).map(|_| lane()).collect();
        let scanning = target.with_deadline(LONGEST);
        let scans = pool(&scanning, AT_ONCE)?;
        let pool = pool(&target, options.write_connections.max(1))?;
        let store = Self {
            home,
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
        self.home.spawn(work).await.map_err(|error| {
            StoreError::Unavailable(format!("a batch was given up, outcome unknown: {error}"))
        })?
    }

    pub(crate) async fn migrate(&self, script: &str, record: Option<Write>) -> Result<bool, StoreError> {
        let mut connection = take(&self.pool).await?;
        let transaction = connection.transaction().await.map_err(|error| failure(&error))?;
        // Tables can be large, and whoever asked for it waits.
        let unbounded = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s'";
        transaction.batch_execute(unbounded).await.map_err(|error| failure(&error))?;
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

    /// Several reads, sent in one go over one connection.
    pub(crate) async fn query_together(&self, reads: &mut [(Read, Take<'_>)]) -> Result<(), StoreError> {
        let lane = self.lane();
        let asked = reads.iter().map(|(read, _)| lane.rows(&self.rewritten, read));
        let answers = in_order(asked.map(|asked| -> Pending<'_, _> { Box::pin(asked) }).collect()).await;
        for ((read, take), rows) in reads.iter_mut().zip(answers) {
            parsed(&rows?, read.table, take)?;
        }
        Ok(())
    }

    /// Reads on a connection of its own, which gives up after [`LONGEST`].
    pub(crate) async fn scan<T>(
        &self,
        read: Read,
        parse: impl Fn(&Row<'_>) -> Result<T, RowError> + Send,
    ) -> Result<Vec<T>, StoreError> {
        let connection = take(&self.scans).await?;
        let rows = async {
            match &read.sql {
                Cow::Borrowed(sql) => {
                    connection.query(&*self.rewritten.sql(sql), &values(&read.params)).await
                }
                Cow::Owned(sql) => {
                    connection.query_typed(&dollar_placeholders(sql), &typed(&read.params)).await
                }
            }
        };
        let deadline = LONGEST + READ_DEADLINE;
        let Ok(rows) = timeout(deadline, rows).await else {
            give_up(&self.scans, connection);
            return Err(silent(deadline));
        };
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

    pub(crate) fn figures(&self) -> Figures {
        let status = self.pool.status();
        let connections = vec![
            ("open", status.size),
            ("idle", status.available),
            ("most", status.max_size),
            ("waiting", status.waiting),
        ];
        Figures { file: None, connections }
    }

    fn lane(&self) -> &Lane {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        self.others.get(turn % (self.others.len() + 1)).unwrap_or(&self.first)
    }
}

fn parsed<T>(
    rows: &[tokio_postgres::Row],
    table: &'static str,
    mut parse: impl FnMut(&Row<'_>) -> Result<T, RowError>,
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
        .create_timeout(Some(WHOLE_CONNECT))
        .build()
        .map_err(|error| StoreError::Unavailable(error.to_string()))
}

/// A connection of the pool. When the server refuses another one, as it does beyond its own bound, one of those that are
/// there is waited for.
async fn take(pool: &Pool) -> Result<Object, StoreError> {
    let until = Instant::now() + POOL_WAIT;
    loop {
        match pool.get().await {
            Ok(connection) => return Ok(connection),
            Err(PoolError::Backend(error))
                if error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS) && Instant::now() < until =>
            {
                tokio::time::sleep(BETWEEN_TRIES).await;
            }
            Err(error) => return Err(unreached(&error)),
        }
    }
}

fn unreached(error: &PoolError) -> StoreError {
    match error {
        PoolError::Backend(error) => match failure(error) {
            StoreError::Engine(why) => StoreError::Unavailable(why),
            other => other,
        },
        other => StoreError::Unavailable(other.to_string()),
    }
}

/// Drops a connection that is no good any more, and those that wait in the pool: they lead to the same place.
fn give_up(pool: &Pool, connection: Object) {
    drop(Object::take(connection));
    pool.retain(|_, _| false);
}

/// What is said of a database that does not answer.
fn silent(after: Duration) -> StoreError {
    StoreError::Unavailable(format!("no answer within {} s; the connection was given up", after.as_secs()))
}

async fn try_commit(pool: &Pool, rewritten: &Rewritten, batch: &Batch) -> Result<(), Failed> {
    let connection = take(pool).await.map_err(Failed::Final)?;
    let Ok(sent) = timeout(BATCH_DEADLINE, send(&connection, rewritten, batch)).await else {
        give_up(pool, connection);
        return Err(Failed::Final(silent(BATCH_DEADLINE)));
    };
    if let Err((error, fate)) = sent {
        if fate == Fate::LeadsNowhere {
            give_up(pool, connection);
        // The connection goes back to the pool only alive and without a transaction on it.
        } else if !matches!(timeout(READ_DEADLINE, connection.batch_execute("ROLLBACK")).await, Ok(Ok(()))) {
            drop(Object::take(connection));
        }
        return Err(error);
    }
    let unknown = |reason: String| {
        Failed::Final(StoreError::Unavailable(format!("lost while committing, outcome unknown: {reason}")))
    };
    let Ok(committed) = timeout(BATCH_DEADLINE, connection.batch_execute("COMMIT")).await else {
        give_up(pool, connection);
        return Err(unknown(silent(BATCH_DEADLINE).to_string()));
    };
    committed.map_err(|error| match failure(&error) {
        _ if gave_way(&error) => Failed::Again(failure(&error)),
        StoreError::Unavailable(reason) => unknown(reason),
        other => Failed::Final(other),
    })
}

/// What becomes of the connection of a batch that failed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Others may use it.
    Stays,
    /// It leads to a node that takes no writes.
    LeadsNowhere,
}

/// Begins a batch. One that waits longer than this for a lock gives its connection back, so that those who want the same
/// rows do not take all connections from those who want others: less than [`POOL_WAIT`], and longer than PostgreSQL needs to
/// find a few deadlocks one after the other.
const BEGIN: &str = "BEGIN; SET LOCAL lock_timeout = '4500ms'";

/// Sends `BEGIN`, every hold and every write without waiting in between, then judges the answers in order. After
/// the first statement that fails PostgreSQL refuses the rest, so the first error is the cause.
async fn send(connection: &Object, rewritten: &Rewritten, batch: &Batch) -> Result<(), (Failed, Fate)> {
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
    let mut pending: Vec<Pending<'_, _>> = Vec::with_capacity(steps.len() + 1);
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
        step.judge(rows).map_err(|error| (Failed::Final(error), Fate::Stays))?;
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
/// deadlock. So is a node that takes no writes: the next connection is to one that does.
fn discard(error: &Error) -> (Failed, Fate) {
    let again = gave_way(error) || lost(error);
    let failed = if again { Failed::Again(failure(error)) } else { Failed::Final(failure(error)) };
    (failed, if reads_only(error) { Fate::LeadsNowhere } else { Fate::Stays })
}

/// Whether the connection leads to a node that takes no writes, or none any more.
fn reads_only(error: &Error) -> bool {
    error.code() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION)
}

fn gave_way(error: &Error) -> bool {
    matches!(error.code(), Some(&(SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED)))
}

/// Whether the connection is gone, or about to be because the server ends it.
fn lost(error: &Error) -> bool {
    let ended = [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN];
    error.is_closed() || reads_only(error) || error.code().is_some_and(|code| ended.contains(code))
}

type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Drives all futures at once, polling them first to last: the driver sends a request at its first poll, so
/// this is also the order on the wire.
async fn in_order<T>(mut pending: Vec<Pending<'_, T>>) -> Vec<T> {
    let mut answers: Vec<Option<T>> = pending.iter().map(|_| None).collect();
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

/// The values of a statement that is not prepared, with their types: nobody else says what they are.
fn typed(params: &[Param]) -> Vec<(&(dyn ToSql + Sync), Type)> {
    let of = |param: &Param| match param {
        Param::Text(_) | Param::OptText(_) | Param::Unwritable(_) => Type::TEXT,
        Param::Int(_) | Param::OptInt(_) => Type::INT8,
    };
    params.iter().map(|param| (value(param), of(param))).collect()
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
    // Classes 08 (connection), 53 (resources), 57 (operator), 58 (system: a disk that fails), a transaction that gave way too
    // often, a lock that others kept, a node that takes no writes, and a transaction that stood still for too long.
    let class = code.code().get(..2).unwrap_or_default();
    let passing = [
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
    ];
    if matches!(class, "08" | "40" | "53" | "57" | "58") || passing.contains(code) {
        return StoreError::Unavailable(detail.message().to_owned());
    }
    StoreError::Engine(format!("{}: {}", code.code(), detail.message()))
}
