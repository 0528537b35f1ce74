//! The same asked of the Management API by many at one moment, on one server and on two: one of them goes on, or all of them do with
//! the same result, and nothing is there twice.

use serde_json::{Value, json};

use super::{Manager, refused, said};
use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::races::at_once;
use crate::reply::Reply;

const AT_ONCE: usize = 12;

on_both_engines!(
    of_many_connections_of_one_name_one_is_made,
    of_many_organizations_of_one_name_one_is_made,
    a_connection_is_enabled_for_an_organization_once,
    somebody_joins_an_organization_once,
    a_client_is_granted_an_api_once,
    applications_are_enabled_by_many_at_once,
    a_connection_goes_once_and_takes_everything_with_it,
);

/// Two nodes that one client asks in turn.
async fn nodes(app: &TestApp) -> Vec<Manager> {
    let manager = Manager::new(app).await;
    let second = Manager { app: app.second_node().await, ..manager.clone() };
    vec![manager, second]
}

/// Sends the same body to one path, many times at one moment.
async fn posted(nodes: &[Manager], path: &str, body: &Value) -> Vec<Reply> {
    let asking = nodes.iter().cycle().take(AT_ONCE).cloned();
    at_once(asking.map(|node| {
        let (path, body) = (path.to_owned(), body.clone());
        async move { node.post(&path, &body).await }
    }))
    .await
}

/// Exactly one was answered with success, the others were told that it is there.
#[track_caller]
fn one_won(replies: &[Reply], success: u16) -> Value {
    let (won, lost): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == success);
    for reply in lost {
        refused(reply, 409);
    }
    assert_eq!(won.len(), 1, "so many went on");
    said(won[0], success)
}

async fn of_many_connections_of_one_name_one_is_made(app: TestApp) {
    let nodes = nodes(&app).await;
    let body = json!({ "strategy": "oidc", "name": "acme", "options": nodes[0].options() });
    let made = one_won(&posted(&nodes, "/connections", &body).await, 201);
    let listed = said(&nodes[0].get("/connections?name=acme").await, 200);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["id"], made["id"]);
}

async fn of_many_organizations_of_one_name_one_is_made(app: TestApp) {
    let nodes = nodes(&app).await;
    let made = one_won(&posted(&nodes, "/organizations", &json!({ "name": "acme" })).await, 201);
    let listed = said(&nodes[0].get("/organizations").await, 200);
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["id"]), (1, &made["id"]));
}

async fn a_connection_is_enabled_for_an_organization_once(app: TestApp) {
    let nodes = nodes(&app).await;
    let connection = nodes[0].connection("acme").await;
    let made = said(&nodes[0].post("/organizations", &json!({ "name": "acme" })).await, 201);
    let path = format!("/organizations/{}/enabled_connections", text(&made["id"]));
    let body = json!({ "connection_id": connection, "assign_membership_on_login": true });
    one_won(&posted(&nodes, &path, &body).await, 201);
    let listed = said(&nodes[0].get(&path).await, 200);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["assign_membership_on_login"], true);
}

async fn somebody_joins_an_organization_once(app: TestApp) {
    let nodes = nodes(&app).await;
    let connection = nodes[0].connection("acme").await;
    for (name, assigns) in [("acme", true), ("globex", false)] {
        let enabled = json!([{ "connection_id": connection, "assign_membership_on_login": assigns }]);
        let body = json!({ "name": name, "enabled_connections": enabled });
        said(&nodes[0].post("/organizations", &body).await, 201);
    }
    let there = app.get("/v1/b2b/sso/acme").await.ok();
    let borrowed = text(&there["external_connections"][0]["connection_id"]);
    app.redeem(&Browser::new(&app).token(&borrowed, "ada@acme.test").await).await.ok();
    let user = said(&nodes[0].get("/users").await, 200)[0]["user_id"].clone();
    let globex = text(&said(&nodes[0].get("/organizations/name/globex").await, 200)["id"]);
    let path = format!("/organizations/{globex}/members");
    for reply in posted(&nodes, &path, &json!({ "members": [user] })).await {
        said(&reply, 204);
    }
    let members = said(&nodes[0].get(&path).await, 200);
    assert_eq!((members.as_array().unwrap().len(), &members[0]["user_id"]), (1, &user));
    assert_eq!(app.member_count("globex").await, 1);
}

async fn a_client_is_granted_an_api_once(app: TestApp) {
    let nodes = nodes(&app).await;
    let client = said(&nodes[0].post("/clients", &json!({ "name": "Shop" })).await, 201);
    let body = json!({ "client_id": client["client_id"], "audience": "https://api.test/", "scope": ["a"] });
    one_won(&posted(&nodes, "/client-grants", &body).await, 201);
    let path = format!("/client-grants?client_id={}", text(&client["client_id"]));
    assert_eq!(said(&nodes[0].get(&path).await, 200).as_array().unwrap().len(), 1);
}

async fn applications_are_enabled_by_many_at_once(app: TestApp) {
    let nodes = nodes(&app).await;
    let connection = nodes[0].connection("acme").await;
    let path = format!("/connections/{connection}/clients");
    let mut clients = Vec::new();
    for number in 0..AT_ONCE {
        let body = json!({ "name": format!("Shop {number}") });
        clients.push(text(&said(&nodes[0].post("/clients", &body).await, 201)["client_id"]));
    }
    let asking = nodes.iter().cycle().zip(clients.clone()).map(|(node, client)| {
        let (node, path) = (node.clone(), path.clone());
        async move { node.patch(&path, &json!([{ "client_id": client, "status": true }])).await }
    });
    for reply in at_once(asking.collect::<Vec<_>>()).await {
        said(&reply, 204);
    }
    let listed = said(&nodes[0].get(&path).await, 200);
    let mut found: Vec<String> =
        listed["clients"].as_array().unwrap().iter().map(|one| text(&one["client_id"])).collect();
    found.sort();
    clients.sort();
    assert_eq!(found, clients, "no change is lost to another");
}

async fn a_connection_goes_once_and_takes_everything_with_it(app: TestApp) {
    let nodes = nodes(&app).await;
    let connection = nodes[0].connection("acme").await;
    let enabled = json!([{ "connection_id": connection }]);
    let body = json!({ "name": "acme", "enabled_connections": enabled });
    let made = said(&nodes[0].post("/organizations", &body).await, 201);
    let path = format!("/connections/{connection}");
    let asking = nodes.iter().cycle().take(AT_ONCE).cloned().map(|node| {
        let path = path.clone();
        async move { node.delete(&path).await }
    });
    let replies = at_once(asking.collect::<Vec<_>>()).await;
    for reply in &replies {
        assert!(matches!(reply.status.as_u16(), 202 | 204), "{}", reply.text());
    }
    assert!(replies.iter().any(|reply| reply.status == 202), "somebody took it away");
    refused(&nodes[0].get(&path).await, 404);
    let path = format!("/organizations/{}/enabled_connections", text(&made["id"]));
    assert_eq!(said(&nodes[0].get(&path).await, 200), json!([]));
    let body = json!({ "strategy": "oidc", "name": "acme", "options": nodes[0].options() });
    said(&nodes[0].post("/connections", &body).await, 201);
}
