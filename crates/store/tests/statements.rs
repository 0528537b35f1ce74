//! Every statement is one that both engines understand.

mod common;

use std::collections::HashSet;

use common::{Fixture, on_both_engines};
use vestibule_store::Lock;
use vestibule_store::tables::{locked, statements};

on_both_engines!(every_statement_prepares, every_hold_prepares_with_every_lock);

async fn every_statement_prepares(f: Fixture) {
    for statement in statements() {
        let result = f.store.prepare(statement).await;
        assert!(result.is_ok(), "{statement}\n{result:?}");
    }
}

async fn every_hold_prepares_with_every_lock(f: Fixture) {
    assert!(locked().len() > 15, "found {}", locked().len());
    for statement in locked() {
        for lock in [Lock::Stays, Lock::Unchanged, Lock::Mine, Lock::Going] {
            let result = f.store.prepare_locking(statement, lock).await;
            assert!(result.is_ok(), "{statement} {lock:?}\n{result:?}");
        }
    }
}

#[test]
fn the_registry_is_complete() {
    let all = [statements(), locked()].concat();
    let registered: HashSet<&str> = all.iter().copied().collect();
    assert_eq!(registered.len(), all.len(), "a statement is registered twice");
    assert!(registered.len() > 80, "found {}", registered.len());
}

/// A `const` that holds a statement but is not in its module's list would escape the test above.
#[test]
fn every_module_lists_its_statements() {
    let tables = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tables");
    for entry in std::fs::read_dir(tables).unwrap() {
        let path = entry.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        let list_of = |name: &str| {
            let (_, list) = source.split_once(&format!("const {name}: &[&str] ="))?;
            Some(list.split_once("];").unwrap().0)
        };
        let Some(all) = list_of("ALL") else { continue };
        let list = format!("{all},{}", list_of("LOCKED").unwrap_or_default());
        let listed: HashSet<&str> = list.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
        for (name, _) in texts(&source).filter(|(_, text)| is_statement(text)) {
            assert!(listed.contains(name), "{}: {name} is not in ALL", path.display());
        }
    }
}

/// The name and the source of each private constant that is a text.
fn texts(source: &str) -> impl Iterator<Item = (&str, &str)> {
    let constants = source.split("\nconst ").skip(1);
    constants.filter_map(|rest| {
        let (name, rest) = rest.split_once(": &str =")?;
        let (text, _) = rest.split_once(";\n")?;
        Some((name, text.trim()))
    })
}

/// Whether it can be run as it is: names of tables, conditions and statements whose condition is still open cannot.
/// Those are composed, and the searches that compose them are run by their own tests.
fn is_statement(text: &str) -> bool {
    let verbs = ["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE ", "\"WITH "];
    let written_out = verbs.iter().any(|verb| text.starts_with(verb));
    let by_a_macro =
        text.split_once("!(").is_some_and(|(name, _)| name.chars().all(|c| c.is_alphanumeric() || c == '_'));
    let end = text.trim_end_matches(['"', ')', ' ']);
    let open = ["WHERE", " AND", "!("].iter().any(|open| end.ends_with(open));
    (written_out || by_a_macro) && !open
}
