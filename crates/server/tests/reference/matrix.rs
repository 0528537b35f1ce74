//! The tables of client methods in `docs/compatibility.md`: the rows of `tests/clients/matrix.json`, each with whether its endpoint
//! is served, and those of `tests/clients/frontend.json`. `tests/clients/matrix.test.mjs` calls every method of the first of which
//! this says so, `it/sdk/walk.rs` every endpoint of the second.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use serde_json::Value;
use vestibule_server::routes;

use super::{root, title};

const FILE: &str = "docs/compatibility.md";
const BEGIN: &str = "<!-- Written from the list of endpoints by crates/server/tests/reference.rs. -->\n";
const END: &str = "<!-- To here. -->\n";
const FRONTEND_BEGIN: &str = "<!-- Calls of the frontend, written from the list of endpoints too. -->\n";
const FRONTEND_END: &str = "<!-- To there. -->\n";
const CLIENTS: [&str; 5] = ["Node", "Python", "Rust", "Java", "Go"];

#[test]
fn the_table_of_methods_is_what_is_served() {
    let file = root().join(FILE);
    let found = fs::read_to_string(&file).unwrap();
    let text = between(&found, (BEGIN, END), &table());
    let text = between(&text, (FRONTEND_BEGIN, FRONTEND_END), &frontend());
    if std::env::var_os("VESTIBULE_WRITE_REFERENCE").is_some() {
        fs::write(&file, &text).unwrap();
        return;
    }
    assert!(
        found == text,
        "{FILE} is out of date: VESTIBULE_WRITE_REFERENCE=1 cargo test -p vestibule-server --test reference"
    );
}

/// A text with another one between two marks.
fn between(text: &str, (begin, end): (&str, &str), inside: &str) -> String {
    let (before, rest) = text.split_once(begin).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    format!("{before}{begin}{inside}{end}{after}")
}

fn served() -> BTreeSet<String> {
    routes::endpoints().iter().map(title).collect()
}

fn frontend() -> String {
    let served = served();
    let calls = fs::read_to_string(root().join("tests/clients/frontend.json")).unwrap();
    let calls: Value = serde_json::from_str(&calls).unwrap();
    let calls = calls["calls"].as_array().unwrap();
    let endpoint = |call: &Value| call["endpoint"].as_str().unwrap().to_owned();
    let count = calls.iter().filter(|call| served.contains(&endpoint(call))).count();
    let mut text =
        format!("\nServed: {count} of {} calls.\n\n| Methods | Endpoint | |\n|---|---|---|\n", calls.len());
    for call in calls {
        let methods: Vec<String> = call["methods"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| format!("`{}`", name.as_str().unwrap()))
            .collect();
        let endpoint = endpoint(call);
        let answer = if served.contains(&endpoint) { "yes" } else { "`route_not_found`" };
        writeln!(text, "| {} | `{endpoint}` | {answer} |", methods.join(", ")).unwrap();
    }
    text.push('\n');
    text
}

fn table() -> String {
    let served = served();
    let matrix = fs::read_to_string(root().join("tests/clients/matrix.json")).unwrap();
    let matrix: Value = serde_json::from_str(&matrix).unwrap();
    let mut methods: Vec<&Value> = matrix["methods"].as_array().unwrap().iter().collect();
    methods.sort_by_key(|row| row["snake"].as_str());
    let is_served = |row: &&&Value| served.contains(row["endpoint"].as_str().unwrap());
    let count = methods.iter().filter(is_served).count();
    let mut text =
        format!("\nServed: {count} of {} methods.\n\n| Method | {} |\n", methods.len(), CLIENTS.join(" | "));
    writeln!(text, "|---|{}", "---|".repeat(CLIENTS.len())).unwrap();
    for row in &methods {
        let served = is_served(&row);
        // A call that is always refused is not answered by any client.
        let cell = match (served, row["refused"].as_str()) {
            (false, None) => "not yet".to_owned(),
            (true, None) => "yes".to_owned(),
            (_, Some(reason)) => reason.to_owned(),
        };
        let name = row["snake"].as_str().unwrap();
        writeln!(text, "| `{name}` | {} |", [cell.as_str(); CLIENTS.len()].join(" | ")).unwrap();
    }
    text.push('\n');
    text
}
