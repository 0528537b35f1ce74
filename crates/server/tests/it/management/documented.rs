//! What the document says of the bodies of the Management API is what the server asks for, and whatever stands in them is bounded.

use http::Method;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use vestibule_server::Endpoint;

use super::walls::{Things, all};
use super::{Manager, refused, said};
use crate::app::{TestApp, on_both_engines};
use crate::documented::document;
use crate::endpoints::bounds::{MOST_ANSWERED, values};
use crate::endpoints::required::{take, ways};
use crate::reply::Reply;

/// As long as a query can be.
const LONGEST_QUERY: usize = 60_000;

on_both_engines!(what_is_required_is_documented, no_field_takes_without_bound);

async fn what_is_required_is_documented(app: TestApp) {
    let manager = Manager::new(&app).await;
    let (things, nobodys) = (Things::of(&manager).await, Things::nobodys());
    let mut demanded = 0;
    for endpoint in all() {
        let path = things.fill(&endpoint);
        let asked = format!("{} {path}", endpoint.method);
        for name in required_in_query(&endpoint) {
            demanded += 1;
            let message = refused(&manager.get(&path).await, 400).1;
            assert!(message.contains(&format!("Missing required property: {name}")), "{asked}: {message}");
        }
        let Some(schema) = body(&endpoint) else { continue };
        let whole = filled(&things, schema, "");
        for way in all_ways(schema) {
            demanded += 1;
            let mut lacking = whole.clone();
            take(&mut lacking, &way);
            let answer = manager.send(endpoint.method.clone(), &path, lacking.to_string()).await;
            let message = refused(&answer, 400).1;
            let name = way.rsplit_once('.').map_or(way.as_str(), |(_, name)| name);
            let expected = format!("Missing required property: {name}");
            assert!(message.contains(&expected), "{asked}, {way}: {message}");
        }
        // With all of them something else is refused, if anything is.
        let path = if endpoint.method == Method::DELETE { nobodys.fill(&endpoint) } else { path };
        let answer = manager.send(endpoint.method.clone(), &path, whole.to_string()).await;
        assert!(
            !answer.text().contains("Missing required property"),
            "{asked} needs more: {}",
            answer.text()
        );
    }
    assert!(demanded >= 15, "only {demanded} members are required");
}

async fn no_field_takes_without_bound(app: TestApp) {
    let manager = Manager::new(&app).await;
    let (things, nobodys) = (Things::of(&manager).await, Things::nobodys());
    let values = values();
    let mut fed = 0;
    for endpoint in all() {
        let things = if endpoint.method == Method::DELETE { &nobodys } else { &things };
        let path = things.fill(&endpoint);
        if endpoint.method == Method::GET {
            for name in parameters(&endpoint) {
                let long = "x".repeat(LONGEST_QUERY);
                for query in [format!("{name}={long}"), format!("{name}=a&").repeat(500)] {
                    bounded(&endpoint, &name, &manager.get(&format!("{path}?{query}")).await);
                }
            }
        }
        let Some(schema) = body(&endpoint).filter(|schema| kind(schema) == Some("object")) else { continue };
        let whole = filled(things, schema, "");
        for name in schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name) {
            fed += 1;
            for value in &values {
                let mut body = whole.clone();
                body[name] = value.clone();
                let answer = manager.send(endpoint.method.clone(), &path, body.to_string()).await;
                bounded(&endpoint, name, &answer);
            }
        }
    }
    assert!(fed >= 100, "only {fed} fields were fed");
    for endpoint in all().iter().filter(|endpoint| endpoint.method == Method::GET) {
        bounded(endpoint, "", &manager.get(&things.fill(endpoint)).await);
    }
}

#[track_caller]
fn bounded(endpoint: &Endpoint, name: &str, answer: &Reply) {
    let asked = format!("{} {} with {name}", endpoint.method, endpoint.path);
    assert!(!answer.status.is_server_error(), "{asked}: {}", answer.text());
    assert!(answer.body.len() <= MOST_ANSWERED, "{asked}: {} bytes", answer.body.len());
    if answer.status.is_client_error() {
        refused(answer, answer.status.as_u16());
    } else {
        assert!(answer.body.is_empty() || answer.headers.contains_key(CONTENT_TYPE), "{asked}");
        said(answer, answer.status.as_u16());
    }
}

fn call(endpoint: &Endpoint) -> &'static Value {
    let method = endpoint.method.as_str().to_ascii_lowercase();
    &document(endpoint.door)["paths"][&endpoint.path][method]
}

/// The schema of the body that an endpoint takes.
fn body(endpoint: &Endpoint) -> Option<&'static Value> {
    call(endpoint)["requestBody"]["content"].get("application/json").map(|content| &content["schema"])
}

fn in_query(endpoint: &Endpoint) -> impl Iterator<Item = &'static Value> {
    let parameters = call(endpoint)["parameters"].as_array().into_iter().flatten();
    parameters.filter(|parameter| parameter["in"] == "query")
}

fn parameters(endpoint: &Endpoint) -> Vec<String> {
    in_query(endpoint).map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
}

fn required_in_query(endpoint: &Endpoint) -> Vec<&'static str> {
    let required = in_query(endpoint).filter(|parameter| parameter["required"] == true);
    required.map(|parameter| parameter["name"].as_str().unwrap()).collect()
}

/// The ways to what is required, also of a body that is a list.
fn all_ways(schema: &Value) -> Vec<String> {
    let of_items = ways(&schema["items"]).into_iter().map(|way| format!("[].{way}"));
    ways(schema).into_iter().chain(of_items).collect()
}

/// The type of a schema, beside null.
fn kind(schema: &Value) -> Option<&str> {
    schema["type"].as_str().or_else(|| schema["type"][0].as_str())
}

/// A body with everything that is required.
fn filled(things: &Things, schema: &Value, name: &str) -> Value {
    let known = match name {
        "client_id" => json!(things.client),
        "connection_id" => json!(things.connection),
        "members" => json!([things.user.replace("%7C", "|")]),
        "roles" => json!(["stytch_admin"]),
        "strategy" => json!("oidc"),
        "status" => json!(true),
        "mapping" => json!([]),
        _ => Value::Null,
    };
    if !known.is_null() {
        return known;
    }
    match kind(schema) {
        Some("array") => json!([filled(things, &schema["items"], "")]),
        Some("object") => {
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let members = &schema["properties"];
            required.map(|name| (name.to_owned(), filled(things, &members[name], name))).collect()
        }
        _ => json!("mallory"),
    }
}
