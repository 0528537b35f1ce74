//! The table of client methods in `docs/compatibility.md`: the rows of `tests/clients/matrix.json`, each with whether its endpoint
//! is served. `tests/clients/matrix.test.mjs` calls every method of which this says so.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use serde_json::Value;
use vestibule_server::routes;

use super::{root, title};

const FILE: &str = "docs/compatibility.md";
const BEGIN: &str = "<!-- Written from the list of endpoints by crates/server/tests/reference.rs. -->\n";
const END: &str = "<!-- To here. -->\n";
const CLIENTS: [&str; 5] = ["Node", "Python", "Rust", "Java", "Go"];

#[test]
fn the_table_of_methods_is_what_is_served() {
    let file = root().join(FILE);
    let found = fs::read_to_string(&file).unwrap();
    let (before, rest) = found.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let text = format!("{before}{BEGIN}{}{END}{after}", table());
    if std::env::var_os("VESTIBULE_WRITE_REFERENCE").is_some() {
        fs::write(&file, &text).unwrap();
        return;
    }
    assert!(
        found == text,
        "{FILE} is out of date: VESTIBULE_WRITE_REFERENCE=1 cargo test -p vestibule-server --test reference"
    );
}

fn table() -> String {
    let served: BTreeSet<String> = routes::endpoints().iter().map(title).collect();
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
