//! What the documents say is shown by a test is shown by one that exists.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const DOCUMENTS: [&str; 2] = ["docs/attacks.md", "docs/races.md"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Everything that is written in Rust, in one text.
fn source(directory: &Path, into: &mut String) {
    for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            source(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

/// The names between backticks in the last column of the tables that are tests: at least three words, and neither a fault of the
/// test provider nor what a status is called.
fn named(document: &str) -> BTreeSet<&str> {
    let rows = document.lines().filter(|line| line.starts_with("| "));
    let last = rows.filter_map(|row| row.trim_end_matches([' ', '|']).rsplit(" | ").next());
    last.flat_map(tests_in).collect()
}

fn tests_in(cell: &str) -> Vec<&str> {
    let parts: Vec<&str> = cell.split('`').collect();
    let quoted = parts.chunks_exact(2).filter_map(|pair| match pair {
        [before, name] => Some((*before, *name)),
        _ => None,
    });
    let is_other = |before: &str| {
        before.ends_with("fault ") || before.trim_end().ends_with(|c: char| c.is_ascii_digit())
    };
    let is_test =
        |before: &str, name: &str| !is_other(before) && is_function(name) && name.matches('_').count() > 1;
    quoted.filter(|(before, name)| is_test(before, name)).map(|(_, name)| name).collect()
}

fn is_function(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[test]
fn every_test_that_a_document_names_exists() {
    let mut code = String::new();
    source(&root().join("crates"), &mut code);
    for document in DOCUMENTS {
        let text = fs::read_to_string(root().join(document)).unwrap();
        let names = named(&text);
        assert!(names.len() > 10, "{document} names {names:?} alone");
        let missing: Vec<_> = names.iter().filter(|name| !code.contains(&format!("fn {name}("))).collect();
        assert!(missing.is_empty(), "{document} names tests that there are not: {missing:?}");
    }
}
