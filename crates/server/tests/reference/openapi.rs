//! `spec/openapi.json`, which the server answers at `/openapi.json`: the endpoints of the first dialect as OpenAPI 3.1. What is
//! asked comes from the types, what is answered from `tests/clients/shapes.json`, what is refused from the catalogue.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Map, Value, json};
use vestibule_server::{Endpoint, ErrorKind, Needs, Shape, routes};

use super::bounds::{self, MOST_BODY_BYTES};
use super::frontend::is_frontend;
use super::{PAGES, answer_of, needs, page_of, required, root, shapes, title};

const FILE: &str = "spec/openapi.json";
pub(super) const JSON: &str = "application/json";
pub(super) const HTML: &str = "text/html";
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// What is answered where it is no envelope: by the end of the path, each status with its media type.
const OTHERS: [(&str, &[(&str, &str)]); 11] = [
    ("/sso/tests/{test_token}", &[("302", JSON), ("200", HTML)]),
    ("/sso/start", &[("302", JSON), ("200", HTML)]),
    ("/sso/test", &[("302", JSON), ("200", HTML)]),
    ("/sso/callback/{connection_id}", &CALLBACK),
    ("/sso/callback/{connection_id}/", &CALLBACK),
    ("/errors/{status}", &[("200", HTML)]),
    ("/oidc/{connection_id}/jwks", &[("200", "application/jwk-set+json")]),
    ("/saml/{connection_id}/metadata", &[("200", "application/samlmetadata+xml")]),
    ("/openapi.json", &[("200", JSON)]),
    ("/healthz", &[("200", "text/plain")]),
    ("/readyz", &[("200", "text/plain"), ("503", "text/plain")]),
];

/// The browser goes on to the application, sees what a test has found, or hears that the provider does not answer.
const CALLBACK: [(&str, &str); 4] = [("302", JSON), ("200", HTML), ("502", HTML), ("504", HTML)];

/// What identity providers bring to the callback (OpenID Connect Core section 3; SAML bindings sections 3.4 and 3.5).
const BROUGHT: [&str; 9] = [
    "state",
    "code",
    "iss",
    "id_token",
    "error",
    "error_description",
    "error_uri",
    "SAMLResponse",
    "RelayState",
];

#[test]
fn the_document_is_what_is_served() {
    is_written(FILE, &document());
}

/// Holds a document against its file, or writes it.
#[track_caller]
pub(super) fn is_written(name: &str, document: &Value) {
    let mut text = serde_json::to_string_pretty(document).unwrap();
    text.push('\n');
    let file = root().join(name);
    if std::env::var_os("VESTIBULE_WRITE_REFERENCE").is_some() {
        fs::write(&file, &text).unwrap();
    }
    let found = fs::read_to_string(file).unwrap_or_default();
    assert!(
        found == text,
        "{name} is out of date: VESTIBULE_WRITE_REFERENCE=1 cargo test -p vestibule-server --test reference"
    );
}

#[test]
fn every_call_has_a_name_of_its_own() {
    names_are_told_apart(&document());
}

#[track_caller]
pub(super) fn names_are_told_apart(document: &Value) {
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap());
    let names: Vec<&str> = operations.map(|(_, call)| call["operationId"].as_str().unwrap()).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    for name in names {
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'), "{name}");
    }
}

fn document() -> Value {
    let shapes = shapes();
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for endpoint in routes::endpoints().iter().filter(|endpoint| endpoint.door.starts_with("stytch")) {
        let told = names.entry(named(endpoint)).and_modify(|told| *told += 1).or_insert(1);
        let call = call(endpoint, *told, &shapes);
        let method = endpoint.method.as_str().to_ascii_lowercase();
        paths.entry(endpoint.path.clone()).or_default().insert(method, call);
    }
    let tags = PAGES.iter().map(|(_, name, about, _)| json!({ "name": name, "description": about }));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Vestibule",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Enterprise single sign-on, in the language of the Stytch B2B API.",
            "description": "Members of a body that are null count as absent, and those that nobody knows are ignored. Answers may \
                get further members with any version.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags.collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "securitySchemes": {
                "project": {
                    "type": "http", "scheme": "basic", "description": "The project's id and secret.",
                },
                "frontend": {
                    "type": "http", "scheme": "basic",
                    "description": "The project's public token, and a member's session token or the public token again.",
                },
                "member_session": {
                    "type": "apiKey", "in": "header", "name": "X-Stytch-Member-Session",
                    "description": "The session token of the member for whom the backend asks.",
                },
                "member_session_jwt": {
                    "type": "apiKey", "in": "header", "name": "X-Stytch-Member-SessionJWT",
                    "description": "The same as a session JWT.",
                },
            },
            "schemas": objects(&shapes),
            "responses": refusals(),
        },
    })
}

/// What a call is called. One handler may stand behind both doors.
fn named(endpoint: &Endpoint) -> String {
    if is_frontend(endpoint) { format!("sdk_{}", endpoint.name()) } else { endpoint.name() }
}

/// One call. The handler that answers at several addresses has a number behind its name at the further ones.
fn call(endpoint: &Endpoint, told: usize, shapes: &Value) -> Value {
    let name = named(endpoint);
    let (id, handler) = match told {
        1 => (name.clone(), name),
        _ => (format!("{name}_{told}"), name),
    };
    let mut call = json!({
        "operationId": id,
        "summary": handler.replace('_', " "),
        "description": needs(endpoint),
        "parameters": parameters(endpoint),
        "responses": responses(endpoint, shapes),
        "security": security(endpoint),
    });
    if let Some(page) = page_of(&endpoint.path) {
        let tags = PAGES.iter().filter(|(file, ..)| *file == page).map(|(_, name, ..)| *name);
        call["tags"] = tags.collect();
    }
    if let Some(body) = body(endpoint) {
        call["requestBody"] = body;
    }
    call
}

fn security(endpoint: &Endpoint) -> Value {
    match endpoint.needs {
        Needs::Nothing => json!([]),
        _ if is_frontend(endpoint) => json!([{ "frontend": [] }]),
        Needs::OpenedLink => json!([]),
        Needs::SignIn => json!([{ "sign_in": [] }]),
        Needs::Directory(_) => json!([{ "directory": [] }]),
        Needs::AnyScope(_) | Needs::EveryScope(_) => json!([{ "management": [] }]),
        Needs::Project | Needs::ProjectAlone | Needs::ProjectAloneIn => {
            json!([{ "project": [] }])
        }
        Needs::Session | Needs::Belonging | Needs::Right(_) | Needs::RightsOfFields => json!([
            { "project": [] },
            { "project": [], "member_session": [] },
            { "project": [], "member_session_jwt": [] },
        ]),
    }
}

// --- what is asked ---------------------------------------------------------------------------------------------------

fn parameters(endpoint: &Endpoint) -> Vec<Value> {
    let demanded = required::members(&title(endpoint));
    let in_query = asked_in_query(endpoint).into_iter().map(|(name, shape)| {
        let schema = given(&shape, &endpoint.path, name);
        let mut parameter = json!({ "name": name, "in": "query", "schema": schema });
        if demanded.contains(&name) {
            parameter["required"] = true.into();
        }
        parameter
    });
    in_path(endpoint).into_iter().chain(in_query).collect()
}

pub(super) fn in_path(endpoint: &Endpoint) -> Vec<Value> {
    let holes = endpoint.path.split('{').skip(1).filter_map(|piece| piece.split('}').next());
    let parameter = |name: &str| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } });
    holes.map(parameter).collect()
}

fn asked_in_query(endpoint: &Endpoint) -> Vec<(&'static str, Shape)> {
    match endpoint.takes().query {
        Some(Shape::Object(members)) => members,
        None if is_callback(endpoint) && endpoint.method == "GET" => brought(),
        _ => Vec::new(),
    }
}

fn is_callback(endpoint: &Endpoint) -> bool {
    endpoint.path.contains("/sso/callback/")
}

fn brought() -> Vec<(&'static str, Shape)> {
    BROUGHT.map(|name| (name, Shape::Text)).to_vec()
}

/// What a browser posts is a form; all else is JSON.
fn body(endpoint: &Endpoint) -> Option<Value> {
    if let Some(shape) = endpoint.takes().body {
        return Some(json_body(endpoint, given(&shape, &endpoint.path, "")));
    }
    let is_form = endpoint.method == "POST" && endpoint.needs == Needs::Nothing && !is_frontend(endpoint);
    let fields = if is_callback(endpoint) { brought() } else { asked_in_query(endpoint) };
    is_form.then(|| {
        let schema = given(&Shape::Object(fields), &endpoint.path, "");
        json!({ "content": { FORM: { "schema": schema } } })
    })
}

/// A JSON body of this schema, with what it must have.
pub(super) fn json_body(endpoint: &Endpoint, schema: Value) -> Value {
    let about = format!("At most {MOST_BODY_BYTES} bytes. No body is an empty object.");
    let mut schema = absent_as_null(schema, false);
    let demanded = required::members(&title(endpoint));
    demanded.iter().for_each(|way| required::demand(&mut schema, way));
    let mut body = json!({ "description": about, "content": { JSON: { "schema": schema } } });
    if demanded.iter().any(|way| !way.contains(['.', '[']) || way.starts_with("[]")) {
        body["required"] = true.into();
    }
    body
}

/// The schema of what is given under a name.
pub(super) fn given(shape: &Shape, path: &str, name: &str) -> Value {
    match shape {
        Shape::Anything if name == "attribute_mapping" => {
            with(json!({ "type": ["object", "string"] }), bounds::map(path, name))
        }
        Shape::Anything => json!({}),
        Shape::Text => with(json!({ "type": "string" }), bounds::text(path, name)),
        Shape::Number => with(json!({ "type": "integer" }), bounds::number(path, name)),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Map => with(json!({ "type": "object" }), bounds::map(path, name)),
        Shape::List(item) => {
            let (list, text) = bounds::list(path, name);
            let item = match item.as_ref() {
                Shape::Text => with(json!({ "type": "string" }), text),
                item => absent_as_null(given(item, path, name), false),
            };
            with(json!({ "type": "array", "items": item }), list)
        }
        Shape::Object(members) => {
            let members = members.iter().map(|(name, shape)| ((*name).to_owned(), given(shape, path, name)));
            json!({ "type": "object", "properties": Value::Object(members.collect()) })
        }
    }
}

/// Members of a JSON body may be null, which is to leave them away.
pub(super) fn absent_as_null(mut schema: Value, itself: bool) -> Value {
    if let Some(members) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for member in members.values_mut() {
            *member = absent_as_null(member.take(), true);
        }
    }
    if itself {
        if let Some(names) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            names.push(Value::Null);
        }
        match schema.get_mut("type") {
            Some(Value::Array(kinds)) => kinds.push("null".into()),
            Some(kind) => *kind = json!([kind.take(), "null"]),
            None => {}
        }
    }
    schema
}

pub(super) fn with(mut schema: Value, more: Value) -> Value {
    if let (Value::Object(schema), Value::Object(more)) = (&mut schema, more) {
        schema.extend(more);
    }
    schema
}

// --- what is answered ------------------------------------------------------------------------------------------------

fn responses(endpoint: &Endpoint, shapes: &Value) -> Value {
    let mut answers = Map::new();
    for status in refused_with(endpoint) {
        answers.insert(status.to_string(), json!({ "$ref": format!("#/components/responses/{status}") }));
    }
    // What reads the requests says it before anybody knows whose they are.
    answers.insert(
        "431".to_owned(),
        json!({ "description": "The head of the request is larger than any that is taken." }),
    );
    let title = title(endpoint);
    if let Some(answer) = answer_of(&title) {
        let mut schema = envelope(&shapes["answers"][answer]);
        if is_frontend(endpoint) {
            schema = json!({ "type": "object", "required": ["data"], "properties": { "data": schema } });
        }
        answers.insert(
            "200".to_owned(),
            json!({ "description": "Done.", "content": { JSON: { "schema": schema } } }),
        );
        return answers.into();
    }
    let other = OTHERS.iter().find(|(end, _)| endpoint.path.ends_with(end));
    assert!(other.is_some(), "nothing says what {title} answers");
    for (status, media) in other.unwrap().1 {
        let about = match *status {
            "302" => "The browser is sent on.",
            "502" | "504" => "The identity provider does not answer as it should.",
            "503" => "Not now.",
            _ => "Done.",
        };
        let answer =
            json!({ "description": about, "content": { *media: { "schema": schema_of(media, status) } } });
        answers.insert((*status).to_owned(), answer);
    }
    answers.into()
}

fn schema_of(media: &str, status: &str) -> Value {
    match (media, status) {
        (JSON, "302") => json!({ "$ref": "#/components/schemas/Redirect" }),
        (JSON, _) => json!({ "type": "object" }),
        ("application/jwk-set+json", _) => json!({
            "type": "object",
            "required": ["keys"],
            "properties": { "keys": { "type": "array", "items": { "type": "object" } } },
        }),
        _ => json!({ "type": "string" }),
    }
}

/// With which statuses a call may be refused.
fn refused_with(endpoint: &Endpoint) -> BTreeSet<u16> {
    let mut statuses = BTreeSet::from([500, 503]);
    if endpoint.path.ends_with('z') {
        return BTreeSet::new();
    }
    if endpoint.needs != Needs::Nothing {
        statuses.extend([400, 401, 403, 404, 429]);
    } else if endpoint.path.starts_with("/v1/") || endpoint.path.starts_with("/b2b/") {
        statuses.extend([400, 404, 429]);
    } else if is_frontend(endpoint) {
        statuses.extend([400, 413]);
    } else if endpoint.path.contains('{') {
        statuses.extend([400, 404]);
    }
    if body(endpoint).is_some() || is_callback(endpoint) {
        statuses.insert(413);
    }
    statuses
}

/// A refusal for each status: with the names that it can have, or the page that a browser gets in its place.
fn refusals() -> Value {
    let statuses: BTreeSet<u16> = ErrorKind::ALL.iter().map(|kind| kind.status()).collect();
    let refusals = statuses.into_iter().map(|status| {
        let kinds = ErrorKind::ALL.iter().filter(|kind| kind.status() == status);
        let names: BTreeSet<&str> = kinds.map(|kind| kind.name()).collect();
        let schema = json!({
            "allOf": [
                { "$ref": "#/components/schemas/Error" },
                { "properties": { "status_code": { "const": status }, "error_type": { "enum": names } } },
            ],
        });
        let mut refusal = json!({
            "description": format!("Refused; `/errors/{status}` explains each `error_type`. A browser gets a page."),
            "content": { JSON: { "schema": schema }, HTML: { "schema": { "type": "string" } } },
        });
        if let Some(header) = match status {
            401 => Some("WWW-Authenticate"),
            429 | 503 => Some("Retry-After"),
            _ => None,
        } {
            refusal["headers"] = json!({ header: { "schema": { "type": "string" } } });
        }
        (status.to_string(), refusal)
    });
    Value::Object(refusals.collect())
}

/// The answer of a success.
fn envelope(members: &Value) -> Value {
    let own = json!({
        "request_id": "string",
        "status_code": "integer",
    });
    let mut schema = object(&with(own, members.clone()));
    schema["properties"]["status_code"] = json!({ "const": 200 });
    schema["properties"]["warnings"] = json!({ "type": "array", "items": { "type": "string" } });
    schema
}

fn objects(shapes: &Value) -> Value {
    let objects = shapes["objects"].as_object().unwrap();
    let mut schemas: Map<String, Value> =
        objects.iter().map(|(name, members)| (name.clone(), object(members))).collect();
    let redirect = json!({ "request_id": "string", "status_code": "integer", "redirect_url": "string" });
    schemas.insert("Redirect".to_owned(), object(&redirect));
    schemas.into()
}

pub(super) fn object(members: &Value) -> Value {
    let members = members.as_object().unwrap();
    let kind = |kind: &Value| kind.as_str().unwrap().to_owned();
    let required: Vec<&String> =
        members.iter().filter(|(_, of)| !kind(of).ends_with(" or null")).map(|(name, _)| name).collect();
    let properties = members.iter().map(|(name, of)| (name.clone(), typed(&kind(of))));
    json!({ "type": "object", "required": required, "properties": Value::Object(properties.collect()) })
}

/// The schema of a type of `shapes.json`.
pub(super) fn typed(kind: &str) -> Value {
    if let Some(kind) = kind.strip_suffix(" or null") {
        let schema = typed(kind);
        return match schema.get("$ref") {
            Some(_) => json!({ "anyOf": [schema, { "type": "null" }] }),
            None => absent_as_null(schema, true),
        };
    }
    if kind.contains(" or ") {
        return json!({ "anyOf": kind.split(" or ").map(typed).collect::<Vec<_>>() });
    }
    if let Some(item) = kind.strip_suffix("[]") {
        return json!({ "type": "array", "items": typed(item) });
    }
    if let Some(item) = kind.strip_prefix("map of ") {
        return json!({ "type": "object", "additionalProperties": typed(item) });
    }
    if let Some(names) = kind.strip_prefix("one of ") {
        return json!({ "type": "string", "enum": names.split(' ').collect::<Vec<_>>() });
    }
    match kind {
        "time" => json!({ "type": "string", "format": "date-time" }),
        "string" | "integer" | "boolean" | "object" => json!({ "type": kind }),
        name => json!({ "$ref": format!("#/components/schemas/{name}") }),
    }
}
