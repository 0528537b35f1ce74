//! What directories send, in the order in which they send it: `tests/corpus` has one file a client, in our own words.
//!
//! Each file is played against a small directory that is nothing but this crate and three maps. Every exchange says what
//! is tolerated in it, and every tolerance must be played by a client that it names.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a corpus that cannot be read fails the test")]

mod directory;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;
use vestibule_scim::tolerance::Tolerance;

use directory::{Directory, Request};

/// Who must be there.
const CLIENTS: [&str; 13] = [
    "authentik",
    "complaints",
    "cyberark",
    "entra",
    "entra-flagged",
    "event-stream",
    "jumpcloud",
    "okta",
    "okta-catalogue",
    "onelogin",
    "pingfederate",
    "pingone",
    "rippling",
];

fn corpus() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let sequence = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, sequence)
        })
        .collect()
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).map(|found| found.as_str().unwrap_or_else(|| panic!("{name} is text in {value}")))
}

/// Whether everything that is expected is there. Lists are whole; what else there is in an object does not matter, and null
/// is what is not there.
fn contains(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => expected
            .iter()
            .all(|(name, expected)| contains(found.get(name).unwrap_or(&Value::Null), expected)),
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len()
                && found.iter().zip(expected).all(|(found, expected)| contains(found, expected))
        }
        _ => found == expected,
    }
}

/// Plays one file. Which tolerances were met in it.
fn play(name: &str, sequence: &Value) -> BTreeSet<Tolerance> {
    let mut directory = Directory::default();
    let mut met = BTreeSet::new();
    for (at, exchange) in sequence["exchanges"].as_array().unwrap().iter().enumerate() {
        let what = format!("{name} {at}: {} ({})", exchange["request"], exchange["why"]);
        let (method, path) = text(exchange, "request").unwrap().split_once(' ').unwrap();
        let query = exchange.get("query").and_then(Value::as_object);
        let query = query.into_iter().flatten().map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
        let body = exchange.get("body").map(|body| match body {
            Value::String(text) => text.clone().into_bytes(),
            body => serde_json::to_vec(body).unwrap(),
        });
        let answer = directory.answer(&Request {
            method,
            path,
            query: query.collect(),
            content_type: text(exchange, "type").or(Some("application/scim+json")),
            authorization: text(exchange, "authorization").unwrap_or("Bearer token"),
            if_match: text(exchange, "ifMatch"),
            body: body.as_deref().unwrap_or_default(),
        });
        assert_eq!(u64::from(answer.status), exchange["status"].as_u64().unwrap(), "{what}: {}", answer.body);
        if let Some(expected) = exchange.get("answer") {
            assert!(
                contains(&answer.body, expected),
                "{what}\nfound    {}\nexpected {expected}",
                answer.body
            );
        }
        let expected = exchange.get("tolerated").and_then(Value::as_array);
        let expected: BTreeSet<_> =
            expected.into_iter().flatten().map(|code| code.as_str().unwrap()).collect();
        let found: BTreeSet<_> = answer.tolerances.iter().map(|found| found.tolerance.code()).collect();
        assert_eq!(found, expected, "{what}: what was tolerated");
        met.extend(answer.tolerances.iter().map(|found| found.tolerance));
    }
    let state = directory.state();
    assert!(
        contains(&state, &sequence["state"]),
        "{name}: in the end\nfound    {state}\nexpected {}",
        sequence["state"]
    );
    met
}

#[test]
fn every_client_is_understood() {
    let corpus = corpus();
    let clients: Vec<_> = corpus.keys().map(String::as_str).collect();
    assert_eq!(clients, CLIENTS);
    let mut played: BTreeMap<Tolerance, BTreeSet<String>> = BTreeMap::new();
    for (name, sequence) in &corpus {
        let client = text(sequence, "client").unwrap();
        for tolerance in play(name, sequence) {
            played.entry(tolerance).or_default().insert(client.to_owned());
        }
    }
    for tolerance in Tolerance::ALL {
        let by = played.get(&tolerance).cloned().unwrap_or_default();
        let named = tolerance.clients().iter().map(|client| client.name());
        let missing: Vec<_> = named.filter(|client| !by.contains(*client)).collect();
        assert!(missing.is_empty(), "{} is not played by {missing:?}", tolerance.code());
    }
}

#[test]
fn who_needs_a_tolerance_is_named() {
    for (name, sequence) in corpus() {
        let client = text(&sequence, "client").unwrap();
        let met = play(&name, &sequence);
        let known =
            Tolerance::ALL.iter().flat_map(|found| found.clients()).any(|found| found.name() == client);
        for tolerance in met.iter().filter(|_| known) {
            let named = tolerance.clients().iter().any(|found| found.name() == client);
            assert!(named, "{client} needs {} and is not named with it", tolerance.code());
        }
    }
}
