//! `spec/auth0.openapi.json`, which the server answers at `/api/v2/openapi.json`: the endpoints of the second dialect as OpenAPI 3.1
//! (ADR 54). Bodies come from the types, who may call from `Needs`, refusals from the catalogues; what no type says is in
//! `tests/clients/auth0_shapes.json`: queries, forms, bodies that are open, and answers.

#[path = "auth0/bounds.rs"]
pub(super) mod bounds;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Map, Value, json};
use vestibule_domain::refusal::What;
use vestibule_server::{Door as _, Endpoint, Needs, OAuth, Shape, routes, row};

use super::openapi::{
    FORM, HTML, JSON, given, in_path, is_written, json_body, names_are_told_apart, object, typed,
};
use super::{needs, required, root, title};

const FILE: &str = "spec/auth0.openapi.json";
/// A form that a browser posts is no JSON.
const POSTED: &str = "posted";

#[test]
fn the_document_is_what_is_served() {
    is_written(FILE, &document());
}

#[test]
fn every_call_has_a_name_of_its_own() {
    names_are_told_apart(&document());
}

/// What is said of a call that is none would be read by nobody.
#[test]
fn every_call_that_is_described_is_served() {
    let served: BTreeSet<String> = served().iter().map(title).collect();
    let described: BTreeSet<String> = shapes()["calls"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(served, described);
}

/// Queries are read by name, which no type says: every name that is read in the sources of the Management API is in a query of the document,
/// and every name in a query is read.
#[test]
fn every_parameter_that_is_read_is_documented() {
    let mut read = BTreeSet::new();
    let sources = root().join("crates/server/src/doors/auth0");
    for folder in ["management", "wire"] {
        for entry in fs::read_dir(sources.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap_or_default();
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            for asked in ["query.text(\"", "query.flag(\"", "query.number(\"", "query.all(\""] {
                let names = text.split(asked).skip(1).filter_map(|rest| rest.split('"').next());
                read.extend(names.map(str::to_owned));
            }
        }
    }
    let document = document();
    let calls = document["paths"].as_object().unwrap().iter();
    let calls = calls.filter(|(path, _)| path.starts_with("/api/v2/"));
    let calls = calls.flat_map(|(_, methods)| methods.as_object().unwrap().values());
    let parameters = calls.flat_map(|call| call["parameters"].as_array().unwrap());
    let in_query = parameters.filter(|parameter| parameter["in"] == "query");
    let told: BTreeSet<String> = in_query.map(|one| one["name"].as_str().unwrap().to_owned()).collect();
    // Searches in the log are refused, by either name.
    read.remove("search");
    assert_eq!(read, told);
}

fn shapes() -> Value {
    let file = root().join("tests/clients/auth0_shapes.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

fn served() -> Vec<Endpoint> {
    let mut endpoints = routes::endpoints();
    endpoints.retain(|endpoint| endpoint.door.starts_with("auth0"));
    endpoints
}

/// Whether a call is one of the Management API; the others are those of the authorization server.
fn is_managed(endpoint: &Endpoint) -> bool {
    endpoint.door == "auth0"
}

fn document() -> Value {
    let shapes = shapes();
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for endpoint in served() {
        let told = names.entry(endpoint.name()).and_modify(|told| *told += 1).or_insert(1);
        let call = call(&endpoint, *told, &shapes);
        let method = endpoint.method.as_str().to_ascii_lowercase();
        paths.entry(endpoint.path.clone()).or_default().insert(method, call);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Vestibule",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Enterprise connections, their management and signing in to applications, in the language of Auth0.",
            "description": "Members of a body that are null count as absent; members that a body does not have are refused, except in \
                `options`, which keeps what it is given. Names in a query that nobody knows are ignored, and so is one without a value. \
                Answers may get further members with any version.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": TAGS.map(|(_, name, about)| json!({ "name": name, "description": about })),
        "paths": paths,
        "components": {
            "securitySchemes": {
                "management": {
                    "type": "oauth2",
                    "description": "A token for the audience `https://{domain}/api/v2/`.",
                    "flows": { "clientCredentials": { "tokenUrl": "/oauth/token", "scopes": scopes() } },
                },
                "sign_in": {
                    "type": "http", "scheme": "bearer",
                    "description": "The access token that an application got when somebody signed in to it.",
                },
            },
            "schemas": objects(&shapes),
            "responses": refusals(),
        },
    })
}

/// Families of calls: what their paths begin with, what they are called, and what they are about. The first that fits has one.
const TAGS: [(&[&str], &str, &str); 6] = [
    (
        &["/api/v2/connections", "/api/v2/self-service-profiles"],
        "Connections",
        "How people sign in: identity providers, by OpenID Connect or SAML.",
    ),
    (&["/api/v2/client"], "Clients", "Applications, and what they may do at APIs on their own account."),
    (&["/api/v2/organizations"], "Organizations", "Customers, their connections and members."),
    (&["/api/v2/users", "/avatars"], "Users", "People who have signed in."),
    (&["/api/v2/"], "Tenant", "Settings, what happened, and this document."),
    (&["/"], "Authorization server", "Signing in to applications (OAuth 2.0, OpenID Connect)."),
];

fn scopes() -> Value {
    let scopes = routes::management_scopes().iter().map(|scope| ((*scope).to_owned(), json!("")));
    Value::Object(scopes.collect())
}

fn call(endpoint: &Endpoint, told: usize, shapes: &Value) -> Value {
    let described = &shapes["calls"][title(endpoint)];
    let name = endpoint.name();
    let tag = TAGS.iter().find(|(starts, ..)| starts.iter().any(|start| endpoint.path.starts_with(start)));
    let mut call = json!({
        "operationId": if told == 1 { name.clone() } else { format!("{name}_{told}") },
        "summary": name.replace('_', " "),
        "description": needs(endpoint),
        "tags": tag.map(|(_, name, _)| name).into_iter().collect::<Vec<_>>(),
        "parameters": parameters(endpoint, described, shapes),
        "responses": responses(endpoint, described),
        "security": security(endpoint),
    });
    if let Some(body) = body(endpoint, described, shapes) {
        call["requestBody"] = body;
    }
    call
}

fn security(endpoint: &Endpoint) -> Value {
    match endpoint.needs {
        Needs::Nothing => json!([]),
        Needs::SignIn => json!([{ "sign_in": [] }]),
        Needs::AnyScope(scopes) => {
            scopes.iter().map(|scope| json!({ "management": [scope] })).collect::<Vec<_>>().into()
        }
        Needs::EveryScope(scopes) => json!([{ "management": scopes }]),
        other => panic!("{}: {other:?} is of another dialect", title(endpoint)),
    }
}

// --- what is asked ---------------------------------------------------------------------------------------------------

/// The parameters of a list of groups, each a name of `queries` or written out.
fn named(groups: &Value, shapes: &Value) -> Map<String, Value> {
    let groups = groups.as_array().into_iter().flatten();
    let group = |group: &Value| match group.as_str() {
        Some(name) => shapes["queries"][name].as_object().unwrap().clone(),
        None => group.as_object().unwrap().clone(),
    };
    groups.flat_map(group).collect()
}

fn parameters(endpoint: &Endpoint, described: &Value, shapes: &Value) -> Vec<Value> {
    let demanded = required::members(&title(endpoint));
    let in_query = named(&described["query"], shapes).into_iter().map(|(name, schema)| {
        let is_required = demanded.contains(&name.as_str());
        json!({ "name": name, "in": "query", "required": is_required, "schema": schema })
    });
    in_path(endpoint).into_iter().chain(in_query).collect()
}

fn body(endpoint: &Endpoint, described: &Value, shapes: &Value) -> Option<Value> {
    if let Some(name) = described["body"].as_str() {
        let mut schema = object(&shapes["bodies"][name]);
        // Of what is open, only what `required.rs` demands has to be there.
        schema.as_object_mut().unwrap().remove("required");
        return Some(or_null(json_body(endpoint, schema)));
    }
    let (groups, medias): (&Value, &[&str]) = match (&described["form"], &described[POSTED]) {
        (Value::Null, Value::Null) => {
            let shape = endpoint.takes().body?;
            assert!(shape != Shape::Map, "nothing says what is in the body of {}", title(endpoint));
            return Some(or_null(json_body(endpoint, given(&shape, &endpoint.path, ""))));
        }
        (Value::Null, posted) => (posted, &[FORM]),
        (form, _) => (form, &[FORM, JSON]),
    };
    let demanded = required::members(&title(endpoint));
    let schema = json!({ "type": "object", "properties": named(groups, shapes), "required": demanded });
    let content = medias.iter().map(|media| ((*media).to_owned(), json!({ "schema": schema })));
    Some(json!({ "required": !demanded.is_empty(), "content": Value::Object(content.collect()) }))
}

/// `null` is an empty object, where nothing has to be said.
fn or_null(mut body: Value) -> Value {
    if body["required"] != true {
        let schema = &mut body["content"][JSON]["schema"];
        if schema["type"] == "object" {
            schema["type"] = json!(["object", "null"]);
        }
    }
    body
}

// --- what is answered ------------------------------------------------------------------------------------------------

fn responses(endpoint: &Endpoint, described: &Value) -> Value {
    let prefix = if is_managed(endpoint) { "management" } else { "oauth" };
    let refused = refused_with(endpoint, described).into_iter().map(|status| {
        (status.to_string(), json!({ "$ref": format!("#/components/responses/{prefix}_{status}") }))
    });
    let mut answers: Map<String, Value> = refused.collect();
    answers.insert(
        "431".to_owned(),
        json!({ "description": "The head of the request is larger than any that is taken." }),
    );
    for (status, kind) in described.as_object().unwrap() {
        if !status.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let kind = kind.as_str().unwrap();
        let about = if status == "302" { "The browser is sent on." } else { "Done." };
        let mut answer = json!({ "description": about });
        match kind {
            "" => {}
            media if media.contains('/') => {
                answer["content"] = json!({ media: { "schema": of_media(media) } });
            }
            kind => answer["content"] = json!({ JSON: { "schema": typed(kind) } }),
        }
        answers.insert(status.clone(), answer);
    }
    answers.into()
}

fn of_media(media: &str) -> Value {
    if media.ends_with("json") {
        json!({ "$ref": "#/components/schemas/Keys" })
    } else {
        json!({ "type": "string" })
    }
}

/// With which statuses a call may be refused.
fn refused_with(endpoint: &Endpoint, described: &Value) -> BTreeSet<u16> {
    let mut statuses = BTreeSet::from([500, 503]);
    if endpoint.path.ends_with("/openapi.json") {
        return statuses;
    }
    let takes_body = endpoint.method != "GET";
    if is_managed(endpoint) {
        statuses.extend([404, 429]);
        if endpoint.needs != Needs::Nothing {
            statuses.extend([400, 401, 403]);
        }
        if takes_body {
            statuses.extend([409, 413]);
        }
        return statuses;
    }
    statuses.extend([400, 404, 429]);
    if endpoint.needs == Needs::SignIn || !described["form"].is_null() {
        statuses.insert(401);
    }
    if takes_body {
        statuses.extend([403, 413, 415]);
    }
    if described["query"] != Value::Null || described[POSTED] != Value::Null {
        statuses.extend([403, 502, 504]);
    }
    statuses
}

/// The refusals of both doors, each with the names that it can have.
fn refusals() -> Value {
    let mut refusals = Map::new();
    for status in [400, 401, 403, 404, 409, 413, 429, 500, 503] {
        let rows = What::all().into_iter().map(row).filter(|row| row.status.as_u16() == status);
        let codes: BTreeSet<&str> = rows.filter_map(|row| row.code).collect();
        let schema = json!({
            "allOf": [
                { "$ref": "#/components/schemas/ManagementError" },
                { "properties": { "statusCode": { "const": status }, "errorCode": { "enum": codes } } },
            ],
        });
        refusals.insert(format!("management_{status}"), refusal(status, &schema));
    }
    let codes: BTreeSet<&str> = What::all().into_iter().map(|what| OAuth::named(what).code).collect();
    for status in [400, 401, 403, 404, 413, 415, 429, 500, 502, 503, 504] {
        let schema = json!({
            "allOf": [
                { "$ref": "#/components/schemas/OAuthError" },
                { "properties": { "error": { "enum": codes } } },
            ],
        });
        refusals.insert(format!("oauth_{status}"), refusal(status, &schema));
    }
    refusals.into()
}

fn refusal(status: u16, schema: &Value) -> Value {
    let mut refusal = json!({
        "description": "Refused. A browser gets a page.",
        "content": { JSON: { "schema": schema }, HTML: { "schema": { "type": "string" } } },
    });
    let header = match status {
        401 => Some("WWW-Authenticate"),
        429 | 503 => Some("Retry-After"),
        _ => None,
    };
    if let Some(header) = header {
        refusal["headers"] = json!({ header: { "schema": { "type": "string" } } });
    }
    refusal
}

/// The objects, and those of which a client may ask for some members alone.
fn objects(shapes: &Value) -> Value {
    let text = shapes.to_string();
    let mut schemas = Map::new();
    for (name, members) in shapes["objects"].as_object().unwrap() {
        let whole = object(members);
        let part = format!("{name}Part");
        if text.contains(&part) {
            let mut schema = whole.clone();
            schema.as_object_mut().unwrap().remove("required");
            schemas.insert(part, schema);
        }
        schemas.insert(name.clone(), whole);
    }
    schemas.into()
}
