//! Directories of connections, as the second dialect sets them up: the same resources at another address, with tokens that may
//! be told what they let their holder do.

use axum::body::Body;
use http::header::AUTHORIZATION;
use http::{Method, Request};
use serde_json::{Value, json};

use super::refused as said_no;
use crate::app::{TestApp, on_both_engines, text};
use crate::management::{Manager, refused, said};
use crate::reply::Reply;

on_both_engines!(
    a_configuration_is_made_changed_and_removed,
    tokens_are_two_and_may_be_narrow,
    people_are_members
);

async fn configured(app: &TestApp) -> (Manager, String) {
    let manager = Manager::new(app).await;
    let connection = manager.connection("acme").await;
    let path = format!("/connections/{connection}/scim-configuration");
    said(&manager.post(&path, &json!({})).await, 201);
    (manager, connection)
}

async fn asked(
    app: &TestApp,
    connection: &str,
    token: &str,
    method: Method,
    path: &str,
    body: Value,
) -> Reply {
    let request = Request::builder()
        .method(method)
        .uri(format!("/scim/v2/connections/{connection}{path}"))
        .header(AUTHORIZATION, format!("Bearer {token}"));
    app.send(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn a_configuration_is_made_changed_and_removed(app: TestApp) {
    let manager = Manager::new(&app).await;
    let connection = manager.connection("acme").await;
    let path = format!("/connections/{connection}/scim-configuration");
    assert_eq!(refused(&manager.get(&path).await, 404).1, "Not Found");
    let made = said(&manager.post(&path, &json!(null)).await, 201);
    assert_eq!(made["user_id_attribute"], "externalId");
    assert_eq!(made["mapping"].as_array().unwrap().len(), 32);
    assert_eq!((&made["connection_id"], &made["connection_name"]), (&json!(connection), &json!("acme")));
    for name in ["strategy", "tenant_name", "created_at", "updated_on"] {
        assert!(made[name].is_string(), "{made}");
    }
    let again = manager.post(&path, &json!({})).await;
    assert!(refused(&again, 400).1.contains("already exists"));
    let own =
        json!({ "user_id_attribute": "userName", "mapping": [{ "auth0": "email", "scim": "userName" }] });
    let changed = said(&manager.patch(&path, &own).await, 200);
    assert_eq!((&changed["mapping"], &changed["user_id_attribute"]), (&own["mapping"], &json!("userName")));
    assert_eq!(said(&manager.get(&path).await, 200), changed);
    refused(&manager.patch(&path, &json!({ "user_id_attribute": "userName" })).await, 400);
    let defaults = said(&manager.get(&format!("{path}/default-mapping")).await, 200);
    assert_eq!(defaults["mapping"], made["mapping"]);
    assert_eq!(manager.delete(&path).await.status, 204);
    refused(&manager.get(&path).await, 404);
}

async fn tokens_are_two_and_may_be_narrow(app: TestApp) {
    let (manager, connection) = configured(&app).await;
    let path = format!("/connections/{connection}/scim-configuration/tokens");
    let narrow =
        said(&manager.post(&path, &json!({ "scopes": ["get:users"], "token_lifetime": 900 })).await, 201);
    let (token, id) = (text(&narrow["token"]), text(&narrow["token_id"]));
    assert!(token.starts_with(&format!("{id}.")) && id.starts_with("tok_"), "{narrow}");
    refused(&manager.post(&path, &json!({ "token_lifetime": 60 })).await, 400);
    refused(&manager.post(&path, &json!({ "scopes": ["everything"] })).await, 400);
    let whole = said(&manager.post(&path, &json!({})).await, 201);
    assert_eq!(
        refused(&manager.post(&path, &json!({})).await, 409).1,
        "Maximum of 2 tokens already issued for this connection"
    );
    let listed = said(&manager.get(&path).await, 200);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert!(!listed.to_string().contains(&token), "{listed}");
    // The narrow one reads and does not write; what the directory tells of itself is for both.
    let ask =
        async |token: &str, method, path, body| asked(&app, &connection, token, method, path, body).await;
    assert_eq!(ask(&token, Method::GET, "/Users", json!({})).await.status, 200);
    assert_eq!(ask(&token, Method::GET, "/Schemas", json!({})).await.status, 200);
    let written = ask(&token, Method::POST, "/Users", json!({ "userName": "ada" })).await;
    assert_eq!(said_no(&written).0, 403);
    let whole = text(&whole["token"]);
    assert_eq!(ask(&whole, Method::POST, "/Users", json!({ "userName": "ada" })).await.status, 201);
    app.pass(901);
    assert_eq!(said_no(&ask(&token, Method::GET, "/Users", json!({})).await).0, 401);
    assert_eq!(manager.delete(&format!("{path}/{id}")).await.status, 204);
    refused(&manager.delete(&format!("{path}/{id}")).await, 404);
}

async fn people_are_members(app: TestApp) {
    let (manager, connection) = configured(&app).await;
    let path = format!("/connections/{connection}/scim-configuration");
    let token = text(&said(&manager.post(&format!("{path}/tokens"), &json!({})).await, 201)["token"]);
    let body = json!({ "userName": "ada@acme.test", "externalId": "1", "active": true });
    let made = asked(&app, &connection, &token, Method::POST, "/Users", body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let location = text(&made.json()["meta"]["location"]);
    assert!(location.contains(&format!("/scim/v2/connections/{connection}/Users/")), "{location}");
    // The connection goes, and its directory with it.
    assert_eq!(manager.delete(&format!("/connections/{connection}")).await.status.as_u16() / 100, 2);
    assert_eq!(said_no(&asked(&app, &connection, &token, Method::GET, "/Users", json!({})).await).0, 401);
}
