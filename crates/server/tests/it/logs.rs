//! No log holds a personal value, a token, a secret, an assertion or a key, whatever the configured filter asks for. A
//! process of its own logs everything there is at `trace` while people sign in by both protocols and in every wrong way;
//! what it wrote is searched for every value that went over a wire meanwhile. At the end it tells all of them on purpose:
//! a search that does not find those has found nothing before.

mod journey;
mod values;

use std::process::Command;

use vestibule_server::config::{Log, LogFormat, LogTarget};
use vestibule_server::start_logs;

use self::values::Values;
use crate::app::{TestApp, postgres_base};

/// Where the process that is watched writes what must not be in its log.
const NOTES: &str = "VESTIBULE_TEST_LOG_NOTES";
/// What it logs before it begins to tell secrets.
const CONTROL: &str = "from here on secrets are told on purpose";
/// A filter that asks for everything, also by the names of those who would tell.
const EVERYTHING: &str =
    "trace,tokio_postgres=trace,tokio_postgres::query=trace,hyper=trace,h2=trace,rustls=trace";

#[test]
fn no_log_holds_a_value_on_sqlite() {
    search("logs::watched::sqlite");
}

#[test]
fn no_log_holds_a_value_on_postgres() {
    if postgres_base().is_some() {
        search("logs::watched::postgres");
    }
}

fn search(watched: &str) {
    let directory = tempfile::tempdir().unwrap();
    let notes = directory.path().join("values.json");
    let run = Command::new(std::env::current_exe().unwrap())
        .args([watched, "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .env(NOTES, &notes)
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(run.status.success(), "{log}\n{}", String::from_utf8_lossy(&run.stderr));
    let values = Values::read(&notes);
    let (before, after) = log.split_once(CONTROL).unwrap();

    let leaks: Vec<_> = before.lines().filter_map(|line| Some((values.first_in(line)?, line))).collect();
    assert!(
        leaks.is_empty(),
        "{} lines, such as {:#?}",
        leaks.len(),
        leaks.iter().take(5).collect::<Vec<_>>()
    );
    // It did log everything: our own lines at debug and below.
    for level in ["\"DEBUG\"", "\"INFO\"", "\"WARN\"", "\"TRACE\""] {
        assert!(before.contains(level), "nothing at {level}");
    }
    let kinds = values.kinds_in(after);
    assert_eq!(kinds, values.kinds(), "the search does not find what is there");
    assert!(!log.contains("a library told"), "a library's line below a warning");
    assert!(log.contains("a library warned"), "warnings of libraries are kept");
}

mod watched {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "logs everything; started by the tests that search what it logs"]
    async fn sqlite() {
        crate::app::on_sqlite(super::watched_journey).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "logs everything; started by the tests that search what it logs"]
    async fn postgres() {
        crate::app::on_postgres(super::watched_journey).await;
    }
}

async fn watched_journey(app: TestApp) {
    let Ok(notes) = std::env::var(NOTES) else { return };
    let log = Log { format: LogFormat::Json, level: EVERYTHING.to_owned(), target: LogTarget::Stdout };
    let _logs = start_logs(&log).unwrap();
    tracing::trace!(target: "vestibule_server", "everything is logged");
    let values = journey::walk(&app).await;
    values.write(notes.as_ref());

    tracing::warn!(target: "tokio_postgres::query", "a library warned");
    tracing::debug!(target: "tokio_postgres::query", "a library told");
    tracing::info!(target: "hyper_util::client", "a library told");
    tracing::trace!(target: "rustls", "a library told");
    tracing::info!(target: "vestibule_server", "{CONTROL}");
    for (kind, value) in values.all() {
        tracing::trace!(target: "vestibule_server::operations", kind, value, "told");
    }
}
