//! Starting: the time to the first answer, and what the process holds when nobody asks for anything.

use std::path::Path;
use std::time::Duration;

use crate::process::Binary;
use crate::report::{Bound, Row, Table};
use crate::stats::median;
use crate::{Result, note};

const START_MILLIS: f64 = 50.0;
const IDLE_MIB: f64 = 30.0;
const IDLE: Duration = Duration::from_secs(5);

/// Starts on fresh directories and again on one that is there.
pub(crate) async fn measure(binary: &Binary, times: usize, table: &mut Table) -> Result<()> {
    let mut fresh = Vec::with_capacity(times);
    for _ in 0..times {
        let directory = binary.scratch()?;
        let (elapsed, process) = binary.cold_start(directory.path())?;
        process.stop().await?;
        fresh.push(elapsed);
    }
    push(table, "cold start, fresh data directory", &fresh);
    let directory = binary.scratch()?;
    binary.start(directory.path()).await?.stop().await?;
    let again = again(binary, directory.path(), times).await?;
    push(table, "cold start, existing data directory", &again);
    idle(binary, directory.path(), "", table).await
}

/// Starts on a filled store.
pub(crate) async fn measure_filled(
    binary: &Binary,
    data_dir: &Path,
    times: usize,
    filling: &str,
    table: &mut Table,
) -> Result<()> {
    let elapsed = again(binary, data_dir, times).await?;
    push(table, &format!("cold start, {filling}"), &elapsed);
    idle(binary, data_dir, &format!(", {filling}"), table).await
}

async fn again(binary: &Binary, data_dir: &Path, times: usize) -> Result<Vec<Duration>> {
    let mut taken = Vec::with_capacity(times);
    for _ in 0..times {
        let (elapsed, process) = binary.cold_start(data_dir)?;
        process.stop().await?;
        taken.push(elapsed);
    }
    Ok(taken)
}

fn push(table: &mut Table, what: &str, taken: &[Duration]) {
    let millis = median(taken.iter().map(|elapsed| elapsed.as_secs_f64() * 1000.0));
    table.push(Row::new(what, millis, "ms to first 200").measured(Bound::AtMost(START_MILLIS)));
}

async fn idle(binary: &Binary, data_dir: &Path, what: &str, table: &mut Table) -> Result<()> {
    note("watching an idle server");
    let server = binary.start(data_dir).await?;
    let at_once = server.process.resident()?;
    tokio::time::sleep(IDLE).await;
    let later = server.process.resident()?;
    server.stop().await?;
    let row = |when: &str, mib| Row::new(&format!("idle memory{what}, {when}"), mib, "MiB resident");
    table.push(row("after start", at_once).measured(Bound::AtMost(IDLE_MIB)));
    table.push(row("5 s later", later).measured(Bound::AtMost(IDLE_MIB)));
    Ok(())
}
