//! `vestibule project sdk`, by the program, with a server that runs meanwhile.

use std::path::Path;

use serde_json::json;

use super::SETTINGS;
use crate::app::{postgres_base, with_own_database};
use crate::program::{KEY, Place};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_are_changed_by_command_on_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    settings_are_changed_by_command(directory.path(), "sqlite:v.db");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_are_changed_by_command_on_postgres() {
    let Some(base) = postgres_base() else { return };
    let directory = tempfile::tempdir().unwrap();
    with_own_database(&base, async |url: String| settings_are_changed_by_command(directory.path(), &url))
        .await;
}

fn settings_are_changed_by_command(directory: &Path, database: &str) {
    let place = Place { directory, database };
    let secret = place.prepare();
    let server = place.serve(KEY);
    let id = &secret.0;
    let shown = || server.ok(&secret, "GET", SETTINGS, &json!({}))["sdk"].clone();
    assert!(place.ok(&format!("project sdk show {id} {KEY}")).contains("native apps             false"));
    let line =
        format!("project sdk set {id} --allow-origin https://App.example.com/ --member-actions true {KEY}");
    assert!(place.ok(&line).contains("allowed origin          https://app.example.com\n"));
    assert_eq!(shown()["allowed_origins"], json!(["https://app.example.com"]));
    assert_eq!(shown()["member_actions"], true);
    let again = place.run(&line);
    assert!(String::from_utf8(again.stderr).unwrap().contains("nothing to change"));
    let wildcard = place.refused(&format!("project sdk set {id} --allow-origin https://*.example.com {KEY}"));
    assert!(wildcard.contains("wildcard"), "{wildcard}");
    let line = format!("project sdk set {id} --remove-origin https://app.example.com {KEY}");
    place.ok(&line);
    assert_eq!(shown()["allowed_origins"], json!([]));
    assert_eq!(shown()["member_actions"], true, "what is not given stays");
    assert!(place.refused(&line).contains("is not among the origins"));
    let json: serde_json::Value =
        serde_json::from_str(&place.ok(&format!("project sdk show {id} --json {KEY}"))).unwrap();
    assert_eq!(json, shown());
    let told = place.ok(&format!("audit {id} {KEY} --action project.frontend.change"));
    assert_eq!(told.lines().count(), 2, "{told}");
}
