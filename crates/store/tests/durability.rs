//! Acknowledged means kept: a process that is killed in the middle of writing loses nothing that it was
//! told is kept.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test that cannot go on should stop")]

mod common;

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use common::{Fixture, NOW};
use vestibule_domain::id::ProjectId;
use vestibule_store::tables::replays;
use vestibule_store::{Options, Read, Store, StoreUrl};

const ACKNOWLEDGED: usize = 1000;
const WRITERS: usize = 16;
const URL: &str = "VESTIBULE_TEST_VICTIM_URL";
const PROJECT: &str = "project-test-11111111-1111-4111-8111-111111111111";
const ISSUER: &str = "https://idp.test";

/// Not a test of its own: the process that is killed. It writes for as long as it lives and says what was
/// acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn victim() {
    let Ok(url) = std::env::var(URL) else { return };
    let store = Store::open(&StoreUrl::parse(&url).unwrap(), &Options::default()).await.unwrap();
    let project: ProjectId = PROJECT.parse().unwrap();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for number in 0.. {
                    let message = format!("{writer}-{number}");
                    store.commit(replays::claim(project, ISSUER, &message, NOW)).await.unwrap();
                    println!("kept {message}");
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
}

/// Lets the victim work on a database, kills it (SIGKILL) while it writes, and looks for what it promised.
async fn kill_and_look(url: &str) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["victim", "--exact", "--nocapture"])
        .env(URL, url)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut promised = HashSet::new();
    for line in lines.map_while(Result::ok) {
        // The harness prints without a line end before the first promise.
        let Some((_, message)) = line.split_once("kept ") else { continue };
        promised.insert(message.to_owned());
        if promised.len() == ACKNOWLEDGED {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(promised.len() >= ACKNOWLEDGED, "the victim ended after {}", promised.len());

    let store = Store::open(&StoreUrl::parse(url).unwrap(), &Options::default()).await.unwrap();
    let read = Read::new("used_messages", "SELECT message_id FROM used_messages", Vec::new());
    let kept: HashSet<String> = store.query_all(read, |row| row.text(0)).await.unwrap().into_iter().collect();
    let lost: Vec<_> = promised.difference(&kept).collect();
    assert!(lost.is_empty(), "lost {} of {}: {lost:?}", lost.len(), promised.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_loses_nothing() {
    let work = |f: Fixture| async move {
        let url = f.url.to_string();
        drop(f);
        kill_and_look(&url).await;
    };
    common::on_sqlite(work).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_loses_nothing() {
    let Some(base) = common::postgres_base() else { return };
    let work = move |f: Fixture| async move {
        let name = f.url.to_string().rsplit('/').next().unwrap().to_owned();
        kill_and_look(&common::with_database(&base, &name)).await;
    };
    common::on_postgres(work).await;
}
