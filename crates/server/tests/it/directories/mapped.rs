//! People of a directory that belongs to a connection: what their attributes become, that a sign-in and the directory mean one
//! person, and that one customer's directory has no word about another customer's people.

use axum::body::Body;
use http::header::AUTHORIZATION;
use http::{Method, Request};
use serde_json::{Value, json};
use vestibule_server::routes::management_scopes;

use super::refused as said_no;
use crate::app::{TestApp, on_both_engines, text};
use crate::applications::project_connections::Shop;
use crate::applications::{ELSEWHERE, claims, elsewhere, error};
use crate::browser::Browser;
use crate::management::{Manager, refused, said};
use crate::reply::{Reply, parameter};

on_both_engines!(
    attributes_become_a_user,
    a_mapping_says_what_is_kept,
    a_sign_in_and_the_directory_mean_one_user,
    a_subject_follows_the_directory,
    another_customers_people_are_not_its_to_touch,
    a_lock_out_reaches_who_borrows_the_connection,
    configurations_are_listed,
);

/// The directory of a connection, with a token.
#[derive(Clone)]
struct People {
    app: TestApp,
    connection: String,
    token: String,
}

impl People {
    async fn of(manager: &Manager, connection: &str, configuration: &Value) -> Self {
        let path = format!("/connections/{connection}/scim-configuration");
        said(&manager.post(&path, configuration).await, 201);
        let token = text(&said(&manager.post(&format!("{path}/tokens"), &json!({})).await, 201)["token"]);
        Self { app: manager.app.clone(), connection: connection.to_owned(), token }
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Reply {
        self.app.pass(1);
        let request = Request::builder()
            .method(method)
            .uri(format!("/scim/v2/connections/{}{path}", self.connection))
            .header(AUTHORIZATION, format!("Bearer {}", self.token));
        self.app.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    async fn add(&self, body: &Value) -> String {
        let made = self.send(Method::POST, "/Users", body).await;
        assert_eq!(made.status, 201, "{}", made.text());
        text(&made.json()["id"])
    }

    async fn patch(&self, user: &str, path: &str, value: Value) -> Reply {
        let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
        let operations = json!([{ "op": "replace", "path": path, "value": value }]);
        let body = json!({ "schemas": [schema], "Operations": operations });
        self.send(Method::PATCH, &format!("/Users/{user}"), &body).await
    }
}

/// Somebody whom the test provider knows.
fn ada(more: &Value) -> Value {
    let mut ada = json!({ "userName": "ada@example.com", "externalId": "subject-ada", "active": true });
    for (name, value) in more.as_object().unwrap() {
        ada[name] = value.clone();
    }
    ada
}

async fn user(manager: &Manager, id: &str) -> Reply {
    manager.get(&format!("/users/{}", id.replace('|', "%7C"))).await
}

async fn attributes_become_a_user(app: TestApp) {
    let manager = Manager::new(&app).await;
    let connection = manager.connection("acme").await;
    let people = People::of(&manager, &connection, &json!({})).await;
    let company = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let id = people
        .add(&ada(&json!({
            "displayName": "Ada King", "name": { "givenName": "Ada", "familyName": "King" }, "title": "Countess",
            "addresses": [{ "type": "work", "locality": "London" }], "nickName": "al",
            company: { "department": "Engines", "manager": { "value": "m-1" } },
        })))
        .await;
    let known = "oidc|acme|subject-ada";
    let shown = said(&user(&manager, known).await, 200);
    for (name, value) in [
        ("email", "ada@example.com"),
        ("name", "Ada King"),
        ("given_name", "Ada"),
        ("family_name", "King"),
        ("nickname", "al"),
        ("preferred_username", "ada@example.com"),
    ] {
        assert_eq!(shown[name], value, "{name}: {shown}");
    }
    let kept = &shown["app_metadata"];
    assert_eq!((&kept["title"], &kept["city"]), (&json!("Countess"), &json!("London")), "{shown}");
    assert_eq!((&kept["department"], &kept["manager"]), (&json!("Engines"), &json!("m-1")), "{shown}");
    assert!(shown.get("last_login").is_none(), "nobody has come yet: {shown}");
    // What the backend has written stays; what the directory wrote follows it, and goes with it.
    let path = format!("/users/{}", known.replace('|', "%7C"));
    said(&manager.patch(&path, &json!({ "app_metadata": { "city": "Paris", "plan": "gold" } })).await, 200);
    assert_eq!(people.patch(&id, "title", json!("Lady")).await.status, 200);
    assert_eq!(people.patch(&id, "addresses[type eq \"work\"].locality", json!("Rome")).await.status, 200);
    assert_eq!(people.patch(&id, &format!("{company}:department"), Value::Null).await.status, 200);
    assert_eq!(people.patch(&id, "name.givenName", json!("Augusta")).await.status, 200);
    let shown = said(&user(&manager, known).await, 200);
    let kept = &shown["app_metadata"];
    assert_eq!(
        (&kept["title"], &kept["city"], &kept["plan"]),
        (&json!("Lady"), &json!("Paris"), &json!("gold")),
        "{shown}"
    );
    assert!(kept.get("department").is_none(), "{shown}");
    assert_eq!(shown["given_name"], "Augusta", "{shown}");
    assert_eq!(people.patch(&id, "active", json!("False")).await.status, 200);
    refused(&user(&manager, known).await, 404);
    assert_eq!(people.patch(&id, "active", json!(true)).await.status, 200);
    said(&user(&manager, known).await, 200);
}

async fn a_mapping_says_what_is_kept(app: TestApp) {
    let manager = Manager::new(&app).await;
    let connection = manager.connection("acme").await;
    let mapping = json!([
        { "auth0": "email", "scim": "emails[type eq \"work\"].value" },
        { "auth0": "app_metadata.office", "scim": "title" },
    ]);
    let configuration = json!({ "user_id_attribute": "userName", "mapping": mapping });
    let people = People::of(&manager, &connection, &configuration).await;
    let id = people
        .add(&json!({
            "userName": "subject-ada", "displayName": "Ada", "title": "North", "nickName": "al",
            "emails": [
                { "type": "home", "value": "home@example.com", "primary": true },
                { "type": "work", "value": "ada@example.com" },
            ],
        }))
        .await;
    let shown = people.send(Method::GET, &format!("/Users/{id}"), &json!({})).await.json();
    assert!(shown.get("displayName").is_none() && shown.get("nickName").is_none(), "{shown}");
    assert_eq!((&shown["title"], &shown["emails"][1]["type"]), (&json!("North"), &json!("work")), "{shown}");
    let known = said(&user(&manager, "oidc|acme|subject-ada").await, 200);
    assert_eq!(
        (&known["email"], &known["app_metadata"]["office"]),
        (&json!("ada@example.com"), &json!("North"))
    );
    // What is not mapped is ignored, and changes nothing.
    let version = shown["meta"]["version"].clone();
    let same = people.patch(&id, "displayName", json!("Countess")).await;
    assert_eq!((same.status.as_u16(), &same.json()["meta"]["version"]), (200, &version));
    // What is no mapping is refused.
    let path = format!("/connections/{connection}/scim-configuration");
    for (user_id, mapping) in [
        ("shoeSize", json!([])),
        ("externalId", json!([{ "auth0": "size", "scim": "shoeSize" }])),
        ("externalId", json!([{ "auth0": "a", "scim": "title" }, { "auth0": "b", "scim": "title" }])),
        ("externalId", json!([{ "auth0": "a", "scim": "title" }, { "auth0": "a", "scim": "nickName" }])),
        ("externalId", json!([{ "auth0": "", "scim": "title" }])),
    ] {
        let body = json!({ "user_id_attribute": user_id, "mapping": mapping });
        refused(&manager.patch(&path, &body).await, 400);
    }
}

async fn a_sign_in_and_the_directory_mean_one_user(app: TestApp) {
    let shop = Shop::open(&app).await;
    // Somebody who was there before the directory spoke of them, at another address.
    let before = claims(&text(&shop.tokens().await["id_token"]));
    let people = People::of(&shop.manager, &shop.connection, &json!({})).await;
    let id =
        people.add(&ada(&json!({ "userName": "ada.king@example.com", "displayName": "Ada King" }))).await;
    let tokens = shop.tokens().await;
    let after = claims(&text(&tokens["id_token"]));
    assert_eq!((&before["sub"], &after["sub"]), (&json!("oidc|hooli-oidc|subject-ada"), &before["sub"]));
    let all = said(&shop.manager.get("/users").await, 200);
    assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
    // Locked out, nothing of theirs is good any more, and nobody comes back by signing in.
    assert_eq!(people.patch(&id, "active", json!(false)).await.status, 200);
    let refresh = text(&tokens["refresh_token"]);
    let again = shop.shown("refresh_token", &[("refresh_token", &refresh)]).await;
    assert_eq!(error(&again, 403), "invalid_grant");
    let location = shop.answered(&[]).await.location();
    assert_eq!(parameter(&location, "error"), "access_denied", "{location}");
    assert_eq!(said(&shop.manager.get("/users").await, 200), json!([]));
    // The directory lets them in again, and they are who they were.
    assert_eq!(people.patch(&id, "active", json!(true)).await.status, 200);
    assert_eq!(claims(&text(&shop.tokens().await["id_token"]))["sub"], before["sub"]);
}

async fn a_subject_follows_the_directory(app: TestApp) {
    let shop = Shop::open(&app).await;
    let people = People::of(&shop.manager, &shop.connection, &json!({})).await;
    let id = people.add(&ada(&json!({ "externalId": "typed-wrong" }))).await;
    said(&user(&shop.manager, "oidc|hooli-oidc|typed-wrong").await, 200);
    assert_eq!(people.patch(&id, "externalId", json!("subject-ada")).await.status, 200);
    refused(&user(&shop.manager, "oidc|hooli-oidc|typed-wrong").await, 404);
    let tokens = shop.tokens().await;
    assert_eq!(claims(&text(&tokens["id_token"]))["sub"], "oidc|hooli-oidc|subject-ada");
    // What a sign-in has made is not the directory's to lead elsewhere.
    let other = json!({ "userName": "bob@example.com", "externalId": "2" });
    let bob = people.add(&other).await;
    let taken = people.patch(&bob, "externalId", json!("subject-ada")).await;
    assert_eq!(said_no(&taken), (409, "uniqueness".to_owned()));
    assert_eq!(said(&user(&shop.manager, "oidc|hooli-oidc|2").await, 200)["email"], "bob@example.com");
}

/// The home organization has the connections of many customers. Whatever one customer's directory says, the people of another
/// come and go as before.
async fn another_customers_people_are_not_its_to_touch(app: TestApp) {
    let shop = Shop::open(&app).await;
    let own = People::of(&shop.manager, &shop.connection, &json!({})).await;
    let elsewhere = shop.manager.connection("elsewhere").await;
    let hostile = People::of(&shop.manager, &elsewhere, &json!({})).await;
    shop.tokens().await;
    let known = said(&user(&shop.manager, "oidc|hooli-oidc|subject-ada").await, 200);
    // Their address does not make them its people.
    let taken = hostile.send(Method::POST, "/Users", &ada(&json!({ "displayName": "Mallory" }))).await;
    assert_eq!(said_no(&taken), (409, "uniqueness".to_owned()));
    let theirs = hostile.add(&json!({ "userName": "mallory@evil.example", "externalId": "1" })).await;
    let moved = hostile.patch(&theirs, "userName", json!("ada@example.com")).await;
    assert_eq!(said_no(&moved), (409, "uniqueness".to_owned()));
    assert_eq!(said(&user(&shop.manager, "oidc|hooli-oidc|subject-ada").await, 200), known);
    // It keeps nobody out who comes through another connection.
    let id = own.add(&ada(&json!({}))).await;
    said(&shop.manager.delete("/users/oidc%7Chooli-oidc%7Csubject-ada").await, 204);
    own.send(Method::DELETE, &format!("/Users/{id}"), &json!({})).await;
    let error = parameter(&shop.answered(&[]).await.location(), "error");
    assert_eq!(error, "access_denied", "its own directory does");
    // Nor does it take back what their own directory has said.
    let made = hostile.send(Method::POST, "/Users", &ada(&json!({ "active": false }))).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let emails = json!([{ "value": "eve@evil.example", "primary": true }, { "value": "ada@example.com" }]);
    hostile.add(&json!({ "userName": "eve", "emails": emails })).await;
    assert_eq!(parameter(&shop.answered(&[]).await.location(), "error"), "access_denied");
    // Their own one lets them in again, whatever the other one says.
    let locked = json!({ "userName": "x", "active": false, "emails": [{ "value": "ada@example.com" }] });
    hostile.add(&locked).await;
    own.add(&ada(&json!({}))).await;
    assert_eq!(claims(&text(&shop.tokens().await["id_token"]))["sub"], "oidc|hooli-oidc|subject-ada");
}

async fn a_lock_out_reaches_who_borrows_the_connection(app: TestApp) {
    let shop = Shop::open(&app).await;
    let people = People::of(&shop.manager, &shop.connection, &json!({})).await;
    let id = people.add(&ada(&json!({}))).await;
    let acme = app.organization("acme", json!({})).await;
    let organization = said(&shop.manager.get("/organizations/name/acme").await, 200);
    let lent = json!({ "connection_id": shop.connection, "assign_membership_on_login": true });
    let path = format!("/organizations/{}/enabled_connections", text(&organization["id"]));
    said(&shop.manager.post(&path, &lent).await, 201);
    let listed = app.get(&format!("/v1/b2b/sso/{acme}")).await.ok();
    let borrowed = text(&listed["external_connections"][0]["connection_id"]);
    let session = app.session(&borrowed, "ada@example.com").await;
    let token = text(&session["session_token"]);
    assert_eq!(people.patch(&id, "active", json!(false)).await.status, 200);
    let asked = app.post("/v1/b2b/sessions/authenticate", json!({ "session_token": token })).await;
    asked.refused(404, "session_not_found");
    let page = Browser::new(&app).sign_in(&borrowed, "ada@example.com").await;
    page.refusal_page("member_removed_by_directory");
    // Others of the customer come as before, and they themselves once the directory says so.
    app.session(&borrowed, "grace@example.com").await;
    assert_eq!(people.patch(&id, "active", json!(true)).await.status, 200);
    app.session(&borrowed, "ada@example.com").await;
}

async fn configurations_are_listed(app: TestApp) {
    let manager = Manager::new(&app).await;
    let path = "/connections-scim-configurations";
    assert_eq!(said(&manager.get(path).await, 200), json!({ "scim_configurations": [] }));
    let mut made = Vec::new();
    for name in ["one", "two", "three"] {
        let connection = manager.connection(name).await;
        let configuration = format!("/connections/{connection}/scim-configuration");
        made.push(said(&manager.post(&configuration, &json!({})).await, 201));
    }
    let first = said(&manager.get(&format!("{path}?take=2")).await, 200);
    assert_eq!(first["scim_configurations"], json!(made[..2]));
    let rest = said(&manager.get(&format!("{path}?take=2&from={}", text(&first["next"]))).await, 200);
    assert_eq!(rest, json!({ "scim_configurations": [made[2]] }));
    // Those of another project are not among them.
    let other = elsewhere(&app).await;
    let stranger = Manager::at(&other, ELSEWHERE, management_scopes()).await;
    assert_eq!(said(&stranger.get(path).await, 200)["scim_configurations"], json!([]));
}
