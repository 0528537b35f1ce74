//! Copies of the embedded database: whatever was acknowledged is in them, and nothing is put in place that is not whole.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::app::{postgres_base, with_own_database};
use crate::program::{KEY, Place};

type Credentials = (String, String);

/// Whether a server on a database has these organizations.
fn has_all(directory: &Path, database: &str, secret: &Credentials, ids: &[String]) {
    let database = format!("sqlite:{database}");
    let at_once = format!("{KEY} --limits-lame-duck-seconds 0");
    let server = Place { directory, database: &database }.serve(&at_once);
    for id in ids {
        server.ok(secret, "GET", &format!("/v1/b2b/organizations/{id}"), &json!({}));
    }
    server.stop();
}

#[test]
fn after_a_clean_stop_the_file_alone_is_everything() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let place = Place { directory, database: "sqlite:v.db" };
    let secret = place.prepare();
    let server = place.serve(&format!("{KEY} --limits-lame-duck-seconds 0"));
    let ids: Vec<_> = (0..20).map(|number| server.organization(&secret, &format!("o{number}"))).collect();
    assert!(fs::metadata(directory.join("v.db-wal")).unwrap().len() > 0);
    server.stop();
    assert!(
        fs::metadata(directory.join("v.db-wal")).map_or(0, |log| log.len()) == 0,
        "the log was not folded"
    );
    fs::copy(directory.join("v.db"), directory.join("copied.db")).unwrap();
    has_all(directory, "copied.db", &secret, &ids);
}

#[test]
fn backups_at_any_moment_have_all_that_was_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let place = Place { directory, database: "sqlite:v.db" };
    let secret = place.prepare();
    let server = place.serve(KEY);
    let (acknowledged, enough) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let backups: Vec<_> = thread::scope(|scope| {
        for writer in 0..4 {
            let (server, secret, acknowledged, enough) = (&server, &secret, &acknowledged, &enough);
            scope.spawn(move || {
                for number in 0.. {
                    if enough.load(Ordering::SeqCst) {
                        return;
                    }
                    let id = server.organization(secret, &format!("w{writer}-{number}"));
                    acknowledged.lock().unwrap().push(id);
                }
            });
        }
        let made = (0..4_usize).map(|round| {
            thread::sleep(Duration::from_millis(37 * (round as u64 + 1)));
            while acknowledged.lock().unwrap().len() <= round {
                thread::sleep(Duration::from_millis(10));
            }
            let before = acknowledged.lock().unwrap().clone();
            place.ok(&format!("backup b{round}.db"));
            (format!("b{round}.db"), before)
        });
        let made = made.collect();
        enough.store(true, Ordering::SeqCst);
        made
    });
    for (file, before) in &backups {
        assert!(!before.is_empty());
        has_all(directory, file, &secret, before);
    }
    assert!(place.refused("backup b0.db").contains("never replaces a file"));

    // Killed: what is in the log alone is in a backup, too.
    let all = acknowledged.into_inner().unwrap();
    drop(server);
    place.ok("backup killed.db");
    has_all(directory, "killed.db", &secret, &all);

    // Put back, while nobody uses what stands there.
    let server = place.serve(KEY);
    let later = server.organization(&secret, "later");
    assert!(place.refused("restore b3.db").contains("in use"));
    server.ok(&secret, "GET", &format!("/v1/b2b/organizations/{later}"), &json!({}));
    drop(server);
    place.ok("restore b3.db");
    has_all(directory, "v.db", &secret, &backups[3].1);
    let kept =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let kept: Vec<_> =
        kept.filter(|name| name.contains(".before-restore-") && !name.ends_with("-wal")).collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    has_all(directory, &kept[0], &secret, &[later]);
}

#[test]
fn the_doctor_and_the_server_know_a_database_that_is_not_whole() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let place = Place { directory, database: "sqlite:v.db" };
    place.prepare();
    let doctor = format!("doctor --base-url https://sso.example.com {KEY}");
    assert!(place.ok(&doctor).contains("every page can be read"));
    place.ok("backup good.db");

    let mut bytes = fs::read(directory.join("v.db")).unwrap();
    let half = bytes.len() / 2;
    bytes[half..].fill(0x55);
    fs::write(directory.join("v.db"), &bytes).unwrap();
    let said = String::from_utf8(place.run(&doctor).stdout).unwrap();
    assert!(said.contains("FAIL") && said.contains("v.db"), "{said}");
    place.ok("restore good.db");

    // A path that is misspelt is no new database, and one without tables is not served.
    let elsewhere = Place { directory, database: "sqlite:other.db" };
    let serve = format!("serve --listen 127.0.0.1:0 --base-url https://sso.example.com {KEY}");
    assert!(elsewhere.refused(&serve).contains("does not exist"));
    assert!(!directory.join("other.db").exists());
    fs::write(directory.join("other.db"), "").unwrap();
    assert!(elsewhere.refused(&serve).contains("has no tables"));
    let plan = place.ok(&format!("migrate --plan {KEY}"));
    assert!(!plan.contains("would apply"), "{plan}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_has_its_own_tools_and_lost_tables_are_missed() {
    let Some(base) = postgres_base() else { return };
    let directory = tempfile::tempdir().unwrap();
    with_own_database(&base, async |url: String| {
        let place = Place { directory: directory.path(), database: &url };
        place.prepare();
        let refused = place.refused("backup v.dump");
        assert!(refused.contains("pg_dump") && !refused.contains("vestibule@"), "{refused}");
        assert!(place.refused("restore v.dump").contains("pg_restore"));
        crate::app::admin(&url, "DROP TABLE certificate_notices").await;
        let serve = format!("serve --listen 127.0.0.1:0 --base-url https://sso.example.com {KEY}");
        assert!(place.refused(&serve).contains("has lost certificate_notices"));
        let doctor = place.run(&format!("doctor --base-url https://sso.example.com {KEY}"));
        let said = String::from_utf8(doctor.stdout).unwrap();
        assert!(said.contains("FAIL") && said.contains("has lost certificate_notices"), "{said}");
    })
    .await;
}
