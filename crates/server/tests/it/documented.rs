//! Every answer that a test gets is one of those that `spec/openapi.json`, or `spec/auth0.openapi.json` for the second dialect, knows
//! for its call: status, media type and body. What the documents do not have yet is for `tests/reference.rs` to find.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use http::Method;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::reply::Reply;

/// The documents: of the first dialect, and of the second.
fn documents() -> &'static [Value; 2] {
    static DOCUMENTS: OnceLock<[Value; 2]> = OnceLock::new();
    DOCUMENTS.get_or_init(|| {
        ["openapi.json", "auth0.openapi.json"].map(|name| {
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec").join(name);
            serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
        })
    })
}

/// The document that tells of a door.
pub(crate) fn document(door: &str) -> &'static Value {
    let [first, second] = documents();
    if door.starts_with("auth0") { second } else { first }
}

/// Holds an answer against the document.
#[track_caller]
pub(crate) fn check(method: &Method, path: &str, reply: &Reply) {
    let Some((document, call)) = call(method, path) else { return };
    let asked = format!("{method} {path}");
    let status = reply.status.as_str();
    let answer = &call["responses"][status];
    assert!(answer.is_object(), "{asked}: {status} is not in the document: {}", reply.text());
    let answer = resolved(document, answer);
    if reply.body.is_empty() && answer.get("content").is_none() {
        return;
    }
    let media = reply.headers.get(CONTENT_TYPE).map_or("", |media| media.to_str().unwrap());
    let media = media.split(';').next().unwrap_or_default();
    let schema = &answer["content"][media]["schema"];
    assert!(schema.is_object(), "{asked}: {status} as {media:?} is not in the document: {}", reply.text());
    if media.ends_with("json") {
        let misfits = misfits(document, schema, &reply.json(), "$");
        assert!(
            misfits.is_empty(),
            "{asked}: {status} is not as documented: {misfits:?} in {}",
            reply.text()
        );
    }
}

/// The call whose path this is. Of several, the one that says more of it, as the router chooses.
fn call(method: &Method, path: &str) -> Option<(&'static Value, &'static Value)> {
    documents().iter().find_map(|document| Some((document, call_in(document, method, path)?)))
}

fn call_in(document: &'static Value, method: &Method, path: &str) -> Option<&'static Value> {
    let given: Vec<&str> = path.split('/').collect();
    let is_hole = |piece: &str| piece.starts_with('{');
    let fits = |template: &str| {
        let pieces: Vec<&str> = template.split('/').collect();
        pieces.len() == given.len()
            && pieces
                .iter()
                .zip(&given)
                .all(|(piece, given)| piece == given || is_hole(piece) && !given.is_empty())
    };
    let paths = document["paths"].as_object()?.iter().filter(|(template, _)| fits(template));
    let chosen = paths.min_by_key(|(template, _)| template.split('/').map(is_hole).collect::<Vec<_>>())?;
    chosen.1.get(method.as_str().to_ascii_lowercase())
}

fn resolved(document: &'static Value, schema: &'static Value) -> &'static Value {
    match schema["$ref"].as_str() {
        Some(place) => document.pointer(place.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

/// Every way in which a value is not what its schema says, as far as the document says it.
fn misfits(document: &'static Value, schema: &'static Value, value: &Value, at: &str) -> Vec<String> {
    let schema = resolved(document, schema);
    let misfits = |schema, value: &Value, at: &str| misfits(document, schema, value, at);
    let mut found = Vec::new();
    let is = |kind: &Value| kind.as_str().is_some_and(|kind| is_a(kind, value));
    let kinds = &schema["type"];
    if !kinds.is_null() && !is(kinds) && !kinds.as_array().is_some_and(|kinds| kinds.iter().any(is)) {
        return vec![format!("{at} is no {kinds}")];
    }
    if schema["enum"].as_array().is_some_and(|names| !names.contains(value)) {
        found.push(format!("{at} is {value}"));
    }
    if schema.get("const").is_some_and(|only| only != value) {
        found.push(format!("{at} is {value}"));
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        found.extend(misfits(part, value, at));
    }
    if let Some(choices) = schema["anyOf"].as_array()
        && !choices.iter().any(|choice| misfits(choice, value, at).is_empty())
    {
        found.push(format!("{at} fits none of its choices"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(name).is_none() {
            found.push(format!("{at}.{name} is missing"));
        }
    }
    for (name, item) in value.as_object().into_iter().flatten() {
        let known = schema["properties"].get(name).or_else(|| schema.get("additionalProperties"));
        if let Some(known) = known {
            found.extend(misfits(known, item, &format!("{at}.{name}")));
        }
    }
    if let (Some(item), Some(items)) = (schema.get("items"), value.as_array()) {
        items.iter().for_each(|value| found.extend(misfits(item, value, &format!("{at}[]"))));
    }
    found
}

fn is_a(kind: &str, value: &Value) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        unknown => panic!("the document has a type {unknown}"),
    }
}

#[test]
fn what_does_not_fit_is_told() {
    let document = document("stytch");
    let schema = &document["components"]["schemas"]["Session"];
    let misfits =
        misfits(document, schema, &serde_json::json!({ "roles": [1], "started_at": 7 }), "$").join("\n");
    for expected in ["$.member_id is missing", "$.roles[] is no \"string\"", "$.started_at is no \"string\""]
    {
        assert!(misfits.contains(expected), "{misfits}");
    }
    let call = |path| call(&Method::GET, path).map(|(_, call)| call["operationId"].as_str().unwrap());
    assert_eq!(call("/v1/b2b/organizations/acme"), Some("organizations_show"));
    assert_eq!(call("/v1/b2b/rbac/policy"), Some("rbac_policy"));
    assert_eq!(call("/v1/b2b/organizations/"), None);
    assert_eq!(call("/api/v2/organizations/name/acme"), Some("organizations_by_name"));
}
