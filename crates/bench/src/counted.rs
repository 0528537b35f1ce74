//! What one sign-in makes the server do, counted and not timed: one browser signs in a few hundred times, one sign-in
//! after the other, so that nothing is shared with anybody.
//!
//! System calls are counted by `strace`, if there is one; statements by a relay before PostgreSQL, which sees each.

use std::fmt;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crate::process::Server;
use crate::relay::{Counts, Relay};
use crate::report::{aligned, number};
use crate::sign_in::{Browser, Person};
use crate::world::World;
use crate::{Result, note};

/// How long a tracer takes to come and to go.
const SETTLE: Duration = Duration::from_millis(700);

/// What is counted: its name and the system calls it is made of; none for all of them.
const CALLS: [(&str, &[&str]); 5] = [
    ("fsync calls, SQLite", &["fsync", "fdatasync"]),
    ("writes to files, SQLite", &["pwrite64", "pwritev"]),
    ("reads of files, SQLite", &["pread64"]),
    ("futex calls, SQLite", &["futex"]),
    ("system calls in all, SQLite", &[]),
];

/// The numbers for one program and one protocol, for one sign-in each.
#[derive(Default)]
struct Column {
    name: String,
    cells: Vec<(&'static str, f64)>,
}

/// The table.
#[derive(Default)]
pub(crate) struct Counted(Vec<Column>);

impl Counted {
    /// Counts on the embedded store, then on PostgreSQL behind a relay.
    pub(crate) async fn count(
        &mut self,
        name: &str,
        embedded: &World,
        postgres: Option<(&World, &Relay)>,
        times: usize,
    ) -> Result<()> {
        for (protocol, of) in [("OIDC", 0), ("SAML", 1)] {
            let mut column = Column { name: format!("{protocol}, {name}"), cells: Vec::new() };
            let people = |world: &World| Arc::clone(if of == 0 { &world.people } else { &world.saml_people });
            let written = embedded.server.process.written()?;
            sign_in(embedded, &people(embedded), times).await?;
            let written = embedded.server.process.written()? - written;
            match Tracer::on(&embedded.server).await {
                Ok(tracer) => {
                    let done = sign_in(embedded, &people(embedded), times).await;
                    let calls = tracer.end().await?;
                    done?;
                    column.add_calls(&calls, times);
                }
                Err(error) => note(&format!("system calls are not counted: {error}")),
            }
            column.add("octets written to the disk, SQLite", written as f64, times);
            if let Some((world, relay)) = postgres {
                let before = relay.counts();
                sign_in(world, &people(world), times).await?;
                column.add_statements(relay.counts().since(before), times);
            }
            self.0.push(column);
        }
        Ok(())
    }
}

impl Column {
    fn add(&mut self, what: &'static str, count: f64, times: usize) {
        self.cells.push((what, count / times as f64));
    }

    fn add_calls(&mut self, calls: &[(String, u64)], times: usize) {
        for (what, names) in CALLS {
            let counted = calls.iter().filter(|(name, _)| names.is_empty() || names.contains(&name.as_str()));
            self.add(what, counted.map(|(_, count)| *count as f64).sum(), times);
        }
    }

    fn add_statements(&mut self, counts: Counts, times: usize) {
        self.add("commits, PostgreSQL", counts.commits as f64, times);
        self.add("SQL statements, PostgreSQL", counts.statements as f64, times);
        self.add("round trips, PostgreSQL", counts.round_trips as f64, times);
        self.add("octets sent, PostgreSQL", counts.octets as f64, times);
    }
}

async fn sign_in(world: &World, people: &[Person], times: usize) -> Result<()> {
    let mut browser = Browser::open(Arc::clone(&world.doors)).await?;
    for person in people.iter().cycle().take(times) {
        browser.sign_in(person).await?;
    }
    Ok(())
}

/// `strace` on a server, with what it says in the end.
struct Tracer {
    process: Child,
    summary: tempfile::NamedTempFile,
}

impl Tracer {
    async fn on(server: &Server) -> Result<Self> {
        let summary = tempfile::NamedTempFile::new()?;
        let mut process = Command::new("strace")
            .args(["-f", "-c", "-U", "calls,name", "-p", &server.process.id().to_string(), "-o"])
            .arg(summary.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        tokio::time::sleep(SETTLE).await;
        match process.try_wait()? {
            Some(status) => Err(format!("strace ended with {status}").into()),
            None => Ok(Self { process, summary }),
        }
    }

    async fn end(mut self) -> Result<Vec<(String, u64)>> {
        Command::new("kill").args(["-INT", &self.process.id().to_string()]).status()?;
        while self.process.try_wait()?.is_none() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(calls(&fs::read_to_string(self.summary.path())?))
    }
}

/// The lines of a summary that have a number and a name, without the sum.
fn calls(summary: &str) -> Vec<(String, u64)> {
    let line = |line: &str| {
        let mut words = line.split_whitespace();
        let count = words.next()?.parse().ok()?;
        Some((words.next()?.to_owned(), count))
    };
    summary.lines().filter_map(line).filter(|(name, _)| name != "total").collect()
}

impl fmt::Display for Counted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![vec!["counted, for one sign-in".to_owned()]];
        let mut names: Vec<&str> = Vec::new();
        for column in &self.0 {
            lines.iter_mut().take(1).for_each(|heading| heading.push(column.name.clone()));
            names.extend(column.cells.iter().map(|(name, _)| name));
        }
        let mut seen = Vec::new();
        names.retain(|name| {
            !seen.contains(name) && {
                seen.push(*name);
                true
            }
        });
        for name in names {
            let value = |column: &Column| {
                column.cells.iter().find(|(found, _)| *found == name).map(|(_, value)| *value)
            };
            let cells = self.0.iter().map(|column| value(column).map_or_else(String::new, number));
            lines.push(std::iter::once(name.to_owned()).chain(cells).collect());
        }
        aligned(&lines, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_read() {
        let summary = "    calls syscall\n--------- ---------\n       12 futex\n        3 fdatasync\n--------- ---------\n       15 total\n";
        assert_eq!(calls(summary), [("futex".to_owned(), 12), ("fdatasync".to_owned(), 3)]);
    }
}
