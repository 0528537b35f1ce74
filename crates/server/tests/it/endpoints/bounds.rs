//! Whatever is given in any field, however long: it is refused in the door's words, or what is kept of it is short.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use http::Method;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};
use vestibule_server::Endpoint;

use super::line;
use super::scene::{Ids, all, refusal};
use crate::app::TestApp;
use crate::reply::Reply;

/// As long as a text in a body can be.
const LONG: usize = 250 * 1024;
const MANY: usize = 20_000;
/// As long as a query can be.
const LONGEST_QUERY: usize = 60_000;
/// Names that are tried with one request.
const TOGETHER: usize = 12;
/// No answer is longer, also one that lists the connections that this test makes and the trail of what it does.
pub(crate) const MOST_ANSWERED: usize = 512 * 1024;

pub(super) async fn no_field_takes_without_bound(app: TestApp) {
    let ids = Ids::of(&app, "acme").await;
    let nobodys = Ids::nobodys();
    let (names, values) = (names(), values());
    let mut fed = 0;
    for endpoint in all() {
        // What takes something away is asked for what nobody has.
        let ids = if endpoint.method == Method::DELETE { &nobodys } else { &ids };
        let address = ids.fill(&endpoint);
        if endpoint.method == Method::GET {
            for some in names.chunks(TOGETHER) {
                let joined = if address.contains('?') { '&' } else { '?' };
                let long = "x".repeat(LONGEST_QUERY / TOGETHER);
                let query = some.iter().map(|name| format!("{name}={long}")).collect::<Vec<_>>().join("&");
                let answer = app.raw(Method::GET, &format!("{address}{joined}{query}"), "").await;
                bounded(&endpoint, &some.join(", "), &answer);
            }
        }
        let mut body = ids.body();
        for name in read(&app, &endpoint, &address, &names).await {
            fed += 1;
            for value in &values {
                let before = body[&name].take();
                body[&name] = value.clone();
                let answer = app.raw(endpoint.method.clone(), &address, body.to_string()).await;
                bounded(&endpoint, &name, &answer);
                body[&name] = before;
            }
        }
    }
    // The list of names is read from the sources: one that finds few would let everything pass.
    assert!(fed >= 130, "only {fed} fields were fed");
    for endpoint in all().iter().filter(|endpoint| endpoint.method == Method::GET) {
        bounded(endpoint, "", &app.get(&ids.fill(endpoint)).await);
    }
}

#[track_caller]
fn bounded(endpoint: &Endpoint, name: &str, answer: &Reply) {
    let asked = format!("{} with {name}", line(endpoint));
    assert!(!answer.status.is_server_error(), "{asked}: {}", answer.text());
    // The document grows with what is served, and with nothing that is asked.
    let is_document = endpoint.path.ends_with("/openapi.json");
    assert!(
        is_document || answer.body.len() <= MOST_ANSWERED,
        "{asked}: {} of {} bytes",
        answer.status,
        answer.body.len()
    );
    let kind = answer.headers.get(CONTENT_TYPE).map_or(&b""[..], |kind| kind.as_bytes());
    if answer.status.is_client_error() && !kind.starts_with(b"text/") {
        refusal(endpoint.door, answer);
    }
}

/// The names of the fields that the endpoint reads.
async fn read(app: &TestApp, endpoint: &Endpoint, address: &str, names: &[String]) -> Vec<String> {
    let mut read = Vec::new();
    for some in names.chunks(TOGETHER) {
        if !reads_any(app, endpoint, address, some).await {
            continue;
        }
        for name in some {
            if reads_any(app, endpoint, address, std::slice::from_ref(name)).await {
                read.push(name.clone());
            }
        }
    }
    read
}

/// Whether it reads any of these: no field is a list of empty lists.
async fn reads_any(app: &TestApp, endpoint: &Endpoint, address: &str, names: &[String]) -> bool {
    let body: Map<String, Value> = names.iter().map(|name| (name.clone(), json!([[]]))).collect();
    let answer = app.raw(endpoint.method.clone(), address, Value::from(body).to_string()).await;
    answer.status == 400 && answer.text().contains("The body is not what was expected")
}

pub(crate) fn values() -> Vec<Value> {
    let long = || "x".repeat(LONG);
    let many =
        |of: &dyn Fn(usize) -> Value, count: usize| Value::from((0..count).map(of).collect::<Vec<_>>());
    let domain = |n: usize| json!(format!("d{n}.example"));
    let assignment = |n: usize| json!({ "domain": format!("d{n}.example"), "role_id": "stytch_admin", "group": format!("g{n}") });
    vec![
        json!(long()),
        json!([long()]),
        json!({ "key": long() }),
        json!({ "slack": [long()] }),
        many(&|n| json!(format!("t{n}")), MANY),
        many(&domain, MANY * 3 / 5),
        many(&assignment, MANY / 6),
        json!({ "slack": many(&|n| json!(format!("t{n}")), MANY) }),
        (0..MANY / 2).map(|n| (format!("k{n}"), json!(format!("t{n}")))).collect::<Map<_, _>>().into(),
    ]
}

/// Every name that a field of a body or a query may have, and many that none has: what stands before a colon in the sources
/// of the doors, and their other names.
fn names() -> Vec<String> {
    let mut names = BTreeSet::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/doors"), &mut |text| {
        for line in text.lines() {
            let line = line.trim_start().trim_start_matches("pub ");
            let field = line.split_once(": ").or_else(|| line.split_once(" as \"")).map(|(name, _)| name);
            let other = line.split_once("as \"").or_else(|| line.split_once("rename = \""));
            let other = other.and_then(|(_, rest)| rest.split('"').next());
            names.extend(field.into_iter().chain(other).filter(|name| is_name(name)).map(str::to_owned));
        }
    });
    names.into_iter().collect()
}

fn is_name(text: &str) -> bool {
    text.len() > 1 && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn sources(folder: &Path, read: &mut impl FnMut(&str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, read);
        } else {
            read(&fs::read_to_string(&path).unwrap());
        }
    }
}
