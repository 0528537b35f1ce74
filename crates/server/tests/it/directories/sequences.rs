//! What the clients of directories send, in the order in which they send it: the corpus of the protocol's crate, played at the
//! front door. Afterwards the directory is what it is to be, and each person who has an address is a member.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use axum::body::Body;
use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE, IF_MATCH};
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::Directory;
use crate::app::{TestApp, on_both_engines, text};
use crate::reply::Reply;

on_both_engines!(
    authentik,
    complaints,
    cyberark,
    entra,
    entra_flagged,
    event_stream,
    jumpcloud,
    okta,
    okta_catalogue,
    onelogin,
    pingfederate,
    pingone,
    rippling,
);

macro_rules! played {
    ($($test:ident = $file:literal;)*) => {
        $(async fn $test(app: TestApp) {
            play(&app, $file).await;
        })*

        #[test]
        fn every_sequence_is_played() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scim/tests/corpus");
            let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
            let files: BTreeSet<_> = files.map(|name| name.into_string().unwrap()).collect();
            assert_eq!(files, BTreeSet::from([$($file.to_owned()),*]));
        }
    };
}

played! {
    authentik = "authentik.json";
    complaints = "complaints.json";
    cyberark = "cyberark.json";
    entra = "entra.json";
    entra_flagged = "entra-flagged.json";
    event_stream = "event-stream.json";
    jumpcloud = "jumpcloud.json";
    okta = "okta.json";
    okta_catalogue = "okta-catalogue.json";
    onelogin = "onelogin.json";
    pingfederate = "pingfederate.json";
    pingone = "pingone.json";
    rippling = "rippling.json";
}

/// The address that answers of the corpus have.
const ADDRESS: &str = "https://sso.example/scim/v2/connections/c1";

/// The ids of a sequence, which counts what is made, and those that the directory gave.
struct Ids {
    made: usize,
    known: BTreeMap<String, String>,
    address: String,
}

impl Ids {
    /// A text with the directory's ids in the place of the sequence's.
    fn put(&self, text: &str) -> String {
        let mut put = String::new();
        let mut word = String::new();
        for c in text.replace(ADDRESS, &self.address).chars().chain(['\0']) {
            if c.is_ascii_alphanumeric() {
                word.push(c);
                continue;
            }
            put.push_str(self.known.get(&word).map_or(&word, |id| id));
            word.clear();
            if c != '\0' {
                put.push(c);
            }
        }
        put
    }

    fn put_in(&self, value: &Value) -> Value {
        serde_json::from_str(&self.put(&value.to_string())).unwrap()
    }

    fn learn(&mut self, prefix: char, reply: &Reply) {
        self.made += 1;
        self.known.insert(format!("{prefix}{}", self.made), text(&reply.json()["id"]));
    }
}

fn corpus(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scim/tests/corpus").join(file);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

async fn play(app: &TestApp, file: &str) {
    let sequence = corpus(file);
    let directory = Directory::connect(app, "acme", json!({})).await;
    let mut ids = Ids { made: 0, known: BTreeMap::new(), address: directory.address() };
    let strangers = strangers(&sequence);
    for word in &strangers {
        ids.known.insert(word.clone(), directory.user(word, &json!({})).await);
    }
    for (at, exchange) in sequence["exchanges"].as_array().unwrap().iter().enumerate() {
        let what = format!("{file} {at}: {} ({})", exchange["request"], exchange["why"]);
        let (method, path) = exchange["request"].as_str().unwrap().split_once(' ').unwrap();
        app.pass(1);
        let reply = directory.app.send(request(&directory, &ids, exchange, (method, path))).await;
        assert_eq!(
            u64::from(reply.status.as_u16()),
            exchange["status"].as_u64().unwrap(),
            "{what}: {}",
            reply.text()
        );
        if reply.status == 201 {
            ids.learn(if path.starts_with("/Groups") { 'g' } else { 'u' }, &reply);
        }
        if let Some(expected) = exchange.get("answer") {
            let expected = ids.put_in(expected);
            assert!(
                contains(&reply.json(), &expected),
                "{what}\nfound    {}\nexpected {expected}",
                reply.text()
            );
        }
        if method != "GET" && reply.status.is_success() && !path.ends_with(".search") {
            let expected = exchange.get("tolerated").and_then(Value::as_array);
            let expected: BTreeSet<_> = expected.into_iter().flatten().map(text).collect();
            let told = &directory.requests().await[0];
            let tolerated = told["tolerated"].as_array().unwrap().iter();
            let found: BTreeSet<_> = tolerated.map(|one| text(&one["tolerance"])).collect();
            assert_eq!(found, expected, "{what}: what was tolerated");
            assert_eq!(
                (&told["outcome"], &told["method"]),
                (&json!("done"), &json!(method)),
                "{what}: {told}"
            );
        } else if reply.status.is_client_error() {
            let told = &directory.requests().await[0];
            assert_eq!(told["outcome"], "refused", "{what}: {told}");
            assert_eq!(told["status"], reply.status.as_u16(), "{what}: {told}");
        }
    }
    let found = state(&directory, &strangers).await;
    let expected = ids.put_in(&sequence["state"]);
    assert!(contains(&found, &expected), "{file}: in the end\nfound    {found}\nexpected {expected}");
    members_are_who_the_directory_says(&directory).await;
}

/// Who is put into groups and made by nothing that is sent: they are there before.
fn strangers(sequence: &Value) -> BTreeSet<String> {
    let exchanges = sequence["exchanges"].as_array().unwrap();
    let made = exchanges.iter().filter(|exchange| exchange["status"] == 201).count();
    let groups = exchanges.iter().filter(|exchange| text(&exchange["request"]).contains(" /Groups"));
    let sent = groups.map(|exchange| exchange["body"].to_string()).collect::<Vec<_>>().join(" ");
    let words = sent.split(|c: char| !c.is_ascii_alphanumeric());
    let is_stranger = |word: &&str| {
        word.strip_prefix('u').and_then(|at| at.parse::<usize>().ok()).is_some_and(|at| at > made)
    };
    words.filter(is_stranger).map(str::to_owned).collect()
}

fn request(
    directory: &Directory,
    ids: &Ids,
    exchange: &Value,
    (method, path): (&str, &str),
) -> Request<Body> {
    let mut query = Serializer::new(String::new());
    for (name, value) in exchange.get("query").and_then(Value::as_object).into_iter().flatten() {
        query.append_pair(name, &ids.put(value.as_str().unwrap()));
    }
    let uri = format!("{}{}?{}", directory.path(), ids.put(path), query.finish());
    let authorization = exchange.get("authorization").map_or("Bearer token".to_owned(), text);
    let authorization = authorization.replace("token", &directory.token);
    let kind = exchange.get("type").map_or("application/scim+json".to_owned(), text);
    let mut request = Request::builder()
        .method(method)
        .uri(uri)
        .header(AUTHORIZATION, authorization)
        .header(CONTENT_TYPE, kind);
    if let Some(tags) = exchange.get("ifMatch") {
        request = request.header(IF_MATCH, text(tags));
    }
    let body = exchange.get("body").map(|body| match body {
        Value::String(text) => ids.put(text),
        body => ids.put(&body.to_string()),
    });
    request.body(Body::from(body.unwrap_or_default())).unwrap()
}

/// Whether everything that is expected is there. Lists are whole, in whatever order; null is what is not there.
fn contains(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => expected
            .iter()
            .all(|(name, expected)| contains(found.get(name).unwrap_or(&Value::Null), expected)),
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len()
                && expected.iter().all(|expected| found.iter().any(|found| contains(found, expected)))
        }
        _ => found == expected,
    }
}

/// Everything that is there, by names; those who were there before by their ids.
async fn state(directory: &Directory, before: &BTreeSet<String>) -> Value {
    let users = directory.get("/Users?count=200").await.json();
    let users = users["Resources"].as_array().unwrap().clone();
    let name = |user: &Value| {
        let (id, name) = (text(&user["id"]), text(&user["userName"]));
        (id.clone(), if before.contains(&name) { id } else { name })
    };
    let names: BTreeMap<String, String> = users.iter().map(name).collect();
    let groups = directory.get("/Groups?count=200").await.json();
    let groups: BTreeMap<String, Vec<String>> = groups["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| {
            let members = group["members"].as_array().unwrap().iter();
            let named = members.map(|member| names[member["value"].as_str().unwrap()].clone());
            (text(&group["displayName"]), named.collect())
        })
        .collect();
    let users: BTreeMap<String, Value> =
        users.into_iter().map(|user| (text(&user["userName"]), user)).collect();
    json!({ "users": users, "groups": groups })
}

/// Whoever the directory lets in is a member, and nobody else of its people is.
async fn members_are_who_the_directory_says(directory: &Directory) {
    let users = directory.get("/Users?count=200").await.json();
    for user in users["Resources"].as_array().unwrap() {
        let primary = user["emails"].as_array().and_then(|emails| {
            let primary = emails.iter().find(|email| email["primary"] == true).or_else(|| emails.first());
            primary.map(|email| text(&email["value"]))
        });
        let Some(address) = primary.filter(|address| address.contains('@')) else { continue };
        let member = directory.member(&address.to_lowercase()).await;
        let status = member.as_ref().map(|member| text(&member["status"]));
        let expected = if user["active"] == true { "active" } else { "deleted" };
        match status {
            // Whoever was never let in was never made.
            None => assert_eq!(expected, "deleted", "{user}"),
            Some(status) => assert_eq!(status, expected, "{user}"),
        }
        if let Some(member) = member {
            assert_eq!(member["scim_registration"]["registration_id"], user["id"]);
            assert_eq!(member["scim_registration"]["connection_id"], directory.id.as_str());
        }
    }
}
