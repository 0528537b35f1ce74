//! The walls of the house: which crate may depend on which, and which names may stand in which file. Whoever
//! needs a new edge changes the table here, with a reason.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a repository that cannot be read fails the test"
)]

#[path = "layering/house.rs"]
mod house;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// Crate, and the crates of this workspace that it may depend on.
const EDGES: [(&str, &[&str]); 9] = [
    // What foreign text may show of itself.
    ("domain", &["refusal"]),
    // How protocols refuse: one trait and one excerpt for all of them.
    ("refusal", &[]),
    ("oidc", &["refusal"]),
    ("saml", &["refusal"]),
    ("scim", &["refusal"]),
    ("store", &["domain"]),
    // Shares no code with the verifier: a mistake cannot be made twice.
    ("testidp", &[]),
    ("server", &["domain", "oidc", "refusal", "saml", "scim", "store", "testidp"]),
    // Measures the finished program from outside; it prepares a database through the store. What judging a SAML response
    // costs is measured against the bare cryptography in one process; what is judged is made without the crate.
    ("bench", &["domain", "saml", "store", "testidp"]),
];

/// What crates without IO must not depend on: runtimes, servers, clients, databases, clocks.
const IO_CRATES: [&str; 16] = [
    "tokio",
    "axum",
    "hyper",
    "hyper-util",
    "reqwest",
    "tower",
    "tower-http",
    "rusqlite",
    "tokio-postgres",
    "deadpool-postgres",
    "rustls",
    "tokio-rustls",
    "tracing",
    "metrics",
    "clap",
    "rand",
];

/// What their source must not name either.
const IO_NAMES: [&str; 12] = [
    "tokio::",
    "axum::",
    "reqwest::",
    "rusqlite::",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "std::env",
    "std::fs",
    "std::net::Tcp",
    "std::thread",
    "std::process",
];

const PURE: [&str; 5] = ["domain", "oidc", "refusal", "saml", "scim"];

/// A name, and the only files that may have it: a prefix of the path below `crates/`. Each must be in use.
const PLACES: [(&str, &[&str]); 9] = [
    ("reqwest", &["server/src/world/fetch/"]),
    // The operator's own mail server: nobody else names it, so nothing has to be judged.
    ("lettre", &["server/src/world/post/smtp.rs"]),
    ("rusqlite", &["store/src/sqlite", "store/src/dialect.rs"]),
    ("tokio_postgres", &["store/src/postgres", "store/src/dialect.rs"]),
    ("deadpool", &["store/src/postgres"]),
    ("SystemTime", &["server/src/world/clock.rs", "bench/src/"]),
    // The library's signing functions take its own generator; nothing else is drawn from it.
    (
        "aws_lc_rs::rand",
        &["server/src/world/entropy.rs", "oidc/src/jose/sign.rs", "testidp/src/", "bench/src/"],
    ),
    // What is served is what is listed (ADR 0019); the sample application of `vestibule dev`, its outbox, its directory and the
    // listener for metrics are no part of it.
    (
        ".route(",
        &[
            "server/src/http/endpoint.rs",
            "server/src/dev/directory.rs",
            "server/src/dev/outbox.rs",
            "server/src/dev/sample.rs",
            "server/src/world/telemetry.rs",
            "testidp/src/",
        ],
    ),
    (".nest(", &["server/src/dev/mod.rs", "testidp/src/"]),
];

/// The words of the dialects. Outside its door one stands only in these files, each for a reason, and only as long as
/// it does.
const WORDS: [&str; 2] = ["stytch", "auth0"];
const SPOKEN: [(&str, &str); 15] = [
    ("server/src/doors/mod.rs", "the list of doors"),
    ("server/src/doors/callback.rs", "gives the end of a sign-in to the door that began it"),
    ("server/src/routes.rs", "the list of doors"),
    ("server/src/lib.rs", "gives the doors to the tests"),
    ("server/src/dev/mod.rs", "the ready file names what clients of the second dialect are given"),
    ("bench/src/process.rs", "the ready file names what clients of the second dialect are given"),
    ("server/src/dev/account.rs", "the sample application is a client of the first dialect"),
    ("server/src/dev/sample.rs", "the sample application is a client of the first dialect"),
    ("server/src/cli/rbac.rs", "says which ids are kept for what is built in"),
    ("domain/src/rbac/policy/mod.rs", "ids that are kept for what is built in"),
    ("domain/src/rbac/policy/check/tests.rs", "ids that are kept for what is built in"),
    (
        "server/src/doors/stytch/wire/session.rs",
        "the only name that the first dialect's closed list has for the factor of a session brought from elsewhere",
    ),
    ("domain/src/project.rs", "the issuer of session JWTs, which every client of the first dialect checks"),
    ("domain/src/rbac/builtin.rs", "resources and roles that clients of the first dialect know by these ids"),
    ("domain/src/session.rs", "claims that a session may not have, because clients read them in its JWT"),
];

const MOST_LINES: usize = 600;

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn manifest(path: &Path) -> Table {
    fs::read_to_string(path).unwrap().parse().unwrap()
}

fn names() -> BTreeSet<String> {
    let entries = fs::read_dir(crates()).unwrap().map(|entry| entry.unwrap());
    let found = entries.filter(|entry| entry.path().join("Cargo.toml").exists());
    found.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

fn dependencies(name: &str, section: &str) -> BTreeSet<String> {
    let manifest = manifest(&crates().join(name).join("Cargo.toml"));
    let table = manifest.get(section).and_then(Value::as_table);
    table.map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

/// Every Rust file below a directory, as a path below `crates/` and its text.
fn files(below: &Path, found: &mut Vec<(String, String)>) {
    let Ok(entries) = fs::read_dir(below) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(crates()).unwrap().to_str().unwrap().to_owned();
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

fn sources(name: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    files(&crates().join(name).join("src"), &mut found);
    found
}

/// The code without comments and without its unit tests, which may read files and name the time.
fn code(text: &str) -> String {
    let program = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = program.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_crate_stands_in_the_table() {
    let known: BTreeSet<String> = EDGES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(), known);
}

#[test]
fn crates_depend_only_where_the_table_says() {
    for (name, allowed) in EDGES {
        let mut used = BTreeSet::new();
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for dependency in dependencies(name, section) {
                let Some(ours) = dependency.strip_prefix("vestibule-") else { continue };
                assert!(allowed.contains(&ours), "{name} may not depend on {ours} ({section})");
                used.insert(ours.to_owned());
            }
        }
        let allowed: BTreeSet<String> = allowed.iter().map(|ours| (*ours).to_owned()).collect();
        assert_eq!(used, allowed, "{name} needs less than the table says");
    }
}

#[test]
fn protocols_and_domain_have_no_windows() {
    for name in PURE {
        let found = dependencies(name, "dependencies");
        let forbidden: Vec<_> = found.iter().filter(|found| IO_CRATES.contains(&found.as_str())).collect();
        assert!(forbidden.is_empty(), "{name} depends on {forbidden:?}");
        for (file, text) in sources(name) {
            let code = code(&text);
            for forbidden in IO_NAMES {
                assert!(!code.contains(forbidden), "{file} names {forbidden}");
            }
        }
    }
}

#[test]
fn the_domain_knows_no_wire_type() {
    let own_words = ["json!(", "vestibule_oidc", "vestibule_store", "status_code", "error_type\"", "axum"];
    for (file, text) in sources("domain") {
        let code = code(&text);
        for word in own_words {
            assert!(!code.contains(word), "{file} names {word}");
        }
    }
}

/// The code of every crate, by its path below `crates/`.
fn program() -> Vec<(String, String)> {
    let files = names().into_iter().flat_map(|name| sources(&name));
    files.map(|(file, text)| (file, code(&text))).collect()
}

#[test]
fn names_stay_in_their_places() {
    let program = program();
    let mut wrong = Vec::new();
    for (word, places) in PLACES {
        for (file, _) in program.iter().filter(|(_, code)| code.contains(word)) {
            if !places.iter().any(|place| file.starts_with(place)) {
                wrong.push(format!("{file} names {word}, which belongs to {places:?}"));
            }
        }
        for place in places {
            if !program.iter().any(|(file, code)| file.starts_with(place) && code.contains(word)) {
                wrong.push(format!("{place} does not name {word} any more: take it off the list"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_words_of_a_dialect_stay_behind_its_door() {
    let program: Vec<_> = program().into_iter().map(|(file, code)| (file, code.to_lowercase())).collect();
    let mut wrong = Vec::new();
    for word in WORDS {
        let door = format!("server/src/doors/{word}/");
        assert!(
            program.iter().any(|(file, code)| file.starts_with(&door) && code.contains(word)),
            "no {door}"
        );
        for (file, _) in program.iter().filter(|(_, code)| code.contains(word)) {
            if !file.starts_with(&door) && !SPOKEN.iter().any(|(listed, _)| listed == file) {
                wrong.push(format!("{file} says {word}"));
            }
        }
    }
    for (listed, reason) in SPOKEN {
        let speaks = |code: &str| WORDS.iter().any(|word| code.contains(word));
        if !program.iter().any(|(file, code)| file == listed && speaks(code)) {
            wrong.push(format!("{listed} needs no exception any more ({reason})"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let root = manifest(&crates().parent().unwrap().join("Cargo.toml"));
    let rust = root["workspace"]["lints"]["rust"].as_table().unwrap();
    assert_eq!(rust.get("unsafe_code").and_then(Value::as_str), Some("forbid"));
    for name in names() {
        let manifest = manifest(&crates().join(&name).join("Cargo.toml"));
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        assert_eq!(lints.and_then(Value::as_bool), Some(true), "{name}: [lints] workspace = true");
    }
}

#[test]
fn files_stay_readable() {
    let mut found = Vec::new();
    files(&crates(), &mut found);
    assert!(found.len() > 100, "only {} files were found", found.len());
    let long: Vec<String> = found
        .iter()
        .map(|(file, text)| (file, text.lines().count()))
        .filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(file, lines)| format!("{file}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "at most {MOST_LINES} lines: {long:?}");
}
