//! Users: those who came through a connection, whichever dialect it was made through.

use serde_json::{Value, json};

use super::{Manager, refused, said};
use crate::app::{TestApp, on_both_engines, text};
use crate::applications::sign_in::web;
use crate::browser::Browser;

on_both_engines!(
    users_are_read_searched_changed_and_removed,
    what_happened_is_in_the_log,
    whoever_comes_is_counted_whichever_way,
);

/// One person comes through the first dialect, to an application, and through a connection that another organization borrows; is made a
/// member somewhere, which is no sign-in; and stays one person.
async fn whoever_comes_is_counted_whichever_way(app: TestApp) {
    let manager = Manager::new(&app).await;
    let scene = web(&app).await;
    app.session(&scene.connection, "ada@example.com").await;
    app.session(&scene.connection, "ada@example.com").await;
    app.pass(5);
    let first = said(&manager.get("/users").await, 200)[0].clone();
    assert_eq!(
        (&first["logins_count"], first["last_login"] == first["created_at"]),
        (&json!(2), true),
        "{first}"
    );
    scene.code().await;
    for (name, assigns) in [("globex", true), ("initech", false)] {
        let enabled = json!([{ "connection_id": scene.connection, "assign_membership_on_login": assigns }]);
        let body = json!({ "name": name, "enabled_connections": enabled });
        said(&manager.post("/organizations", &body).await, 201);
    }
    let there = app.get("/v1/b2b/sso/globex").await.ok();
    let borrowed = text(&there["external_connections"][0]["connection_id"]);
    app.pass(5);
    app.redeem(&Browser::new(&app).token(&borrowed, "ada@example.com").await).await.ok();
    let initech = text(&said(&manager.get("/organizations/name/initech").await, 200)["id"]);
    app.pass(5);
    let members = json!({ "members": [first["user_id"]] });
    said(&manager.post(&format!("/organizations/{initech}/members"), &members).await, 204);
    let listed = said(&manager.get("/users").await, 200);
    let path = format!("/users/{}", text(&first["user_id"]).replace('|', "%7C"));
    let single = said(&manager.get(&path).await, 200);
    assert_eq!(listed, json!([single]));
    assert_eq!(single["logins_count"], 4, "{single}");
    let at = |user: &Value| text(&user["last_login"]).parse::<jiff::Timestamp>().unwrap();
    assert_eq!(at(&single).duration_since(at(&first)).as_secs(), 10, "{single}");
    text(&single["last_ip"]).parse::<std::net::IpAddr>().unwrap();
}

async fn users_are_read_searched_changed_and_removed(app: TestApp) {
    let manager = Manager::new(&app).await;
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    for person in ["ada@acme.test", "grace@acme.test"] {
        app.pass(1);
        app.session(&connection, person).await;
    }
    let all = said(&manager.get("/users?include_totals=true&search_engine=v3").await, 200);
    assert_eq!((&all["total"], &all["length"]), (&json!(2), &json!(2)), "{all}");
    let name = text(&all["users"][0]["identities"][0]["connection"]);
    let ada = text(&all["users"][0]["user_id"]);
    assert!(ada.starts_with(&format!("oidc|{name}|")), "{all}");
    let find = async |query: &str| -> Vec<String> {
        let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
        let found = said(&manager.get(&format!("/users?q={query}")).await, 200);
        found.as_array().unwrap().iter().map(|user| text(&user["email"])).collect()
    };
    assert_eq!(find("email:\"ada@acme.test\"").await, ["ada@acme.test"]);
    assert_eq!(find("email:ada@acme.test OR email:grace@acme.test").await.len(), 2);
    assert_eq!(
        find(&format!("identities.connection:\"{name}\" AND email:grace*")).await,
        ["grace@acme.test"]
    );
    assert_eq!(find(&format!("user_id:\"{ada}\"")).await, ["ada@acme.test"]);
    assert_eq!(find("identities.connection:\"nobody\"").await, [""; 0]);
    assert_eq!(refused(&manager.get("/users?q=emial%3Aada").await, 400).0, "invalid_query_string");
    let by_email = said(&manager.get("/users-by-email?email=Ada@acme.test").await, 200);
    assert_eq!(by_email[0]["user_id"], ada);
    let path = format!("/users/{}", ada.replace('|', "%7C"));
    let user = said(&manager.get(&path).await, 200);
    for member in [
        "user_id",
        "email",
        "email_verified",
        "name",
        "nickname",
        "identities",
        "created_at",
        "updated_at",
        "last_login",
    ] {
        assert!(user.get(member).is_some(), "{member}: {user}");
    }
    for member in ["iss", "aud", "exp", "nonce", "user_metadata", "app_metadata"] {
        assert!(user.get(member).is_none(), "{member}: {user}");
    }
    let change = json!({ "user_metadata": { "colour": "red" }, "app_metadata": { "plan": "gold" } });
    let changed = said(&manager.patch(&path, &change).await, 200);
    assert_eq!(
        (&changed["user_metadata"], &changed["app_metadata"]),
        (&change["user_metadata"], &change["app_metadata"])
    );
    let members = json!({ "organization_ids": [organization] });
    let found = app.post("/v1/b2b/organizations/members/search", members).await.ok();
    assert_eq!(found["members"][0]["trusted_metadata"], json!({ "plan": "gold" }), "{found}");
    let (code, message) = refused(&manager.patch(&path, &json!({ "name": "Other" })).await, 400);
    assert!(code == "invalid_body" && message.contains("on property name"), "{message}");
    for (body, status) in [(json!({ "colour": 1 }), 400), (json!({ "blocked": true }), 400)] {
        assert_eq!(manager.patch(&path, &body).await.status, status);
    }
    said(&manager.delete(&path).await, 204);
    said(&manager.delete(&path).await, 204);
    let gone = refused(&manager.get(&path).await, 404);
    assert_eq!(gone, ("inexistent_user".to_owned(), "The user does not exist.".to_owned()));
    assert_eq!(app.member_count(&organization).await, 1);
    for id in ["nobody", "oidc%7Cacme", "oidc%7Cacme%7C1", "samlp%7Cx%7C1", "%00%7C%00%7C%00"] {
        assert_eq!(refused(&manager.get(&format!("/users/{id}")).await, 404).0, "inexistent_user", "{id}");
    }
}

async fn what_happened_is_in_the_log(app: TestApp) {
    let manager = Manager::new(&app).await;
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    app.pass(1);
    app.session(&connection, "ada@acme.test").await;
    let log = said(&manager.get("/logs?per_page=100").await, 200);
    let sign_in = log.as_array().unwrap().iter().find(|entry| entry["type"] == "s").unwrap();
    for member in
        ["log_id", "date", "connection", "connection_id", "strategy", "ip", "user_agent", "description"]
    {
        assert!(sign_in[member].is_string(), "{member}: {sign_in}");
    }
    assert_eq!(sign_in["strategy_type"], "enterprise");
    let one: Value = said(&manager.get(&format!("/logs/{}", text(&sign_in["log_id"]))).await, 200);
    assert_eq!(&one, sign_in);
    assert!(log.as_array().unwrap().iter().any(|entry| entry["type"] == "sapi"), "{log}");
    let mut seen = 0;
    let mut next = "/logs?take=2".to_owned();
    loop {
        let page = said(&manager.get(&next).await, 200);
        seen += page["logs"].as_array().unwrap().len();
        let Some(place) = page["next"].as_str() else { break };
        next = format!("/logs?take=2&from={place}");
    }
    assert_eq!(seen, log.as_array().unwrap().len());
}
