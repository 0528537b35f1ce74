//! Organizations, the connections that are enabled for them, and their members.

use serde_json::json;

use super::{Manager, refused, said};
use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;

on_both_engines!(
    an_organization_from_its_making_to_its_end,
    connections_are_enabled_and_taken_back,
    members_and_their_roles,
    one_organization_for_both_dialects,
);

async fn an_organization_from_its_making_to_its_end(app: TestApp) {
    let manager = Manager::new(&app).await;
    let connection = manager.connection("acme-oidc").await;
    let body = json!({
        "name": "acme", "display_name": "Acme Inc.", "metadata": { "tier": "gold" }, "branding": { "logo_url": "https://cdn.test/a.png" },
        "enabled_connections": [{ "connection_id": connection, "assign_membership_on_login": true }],
    });
    let made = said(&manager.post("/organizations", &body).await, 201);
    let id = text(&made["id"]);
    assert!(id.starts_with("org_"));
    for name in ["name", "display_name", "metadata", "branding"] {
        assert_eq!(made[name], body[name], "{name}");
    }
    assert_eq!(made["enabled_connections"][0]["connection_id"], connection);
    let path = format!("/organizations/{id}");
    let by_name = said(&manager.get("/organizations/name/acme").await, 200);
    assert_eq!(by_name, said(&manager.get(&path).await, 200));
    let changed = said(
        &manager.patch(&path, &json!({ "display_name": "Acme", "metadata": { "tier": null } })).await,
        200,
    );
    assert_eq!((&changed["display_name"], changed.get("metadata")), (&json!("Acme"), None));
    app.pass(1);
    said(&manager.post("/organizations", &json!({ "name": "globex" })).await, 201);
    let taken = refused(&manager.post("/organizations", &json!({ "name": "acme" })).await, 409);
    let sentence = "An organization with this name already exists.";
    assert_eq!(taken, ("organization_conflict".to_owned(), sentence.to_owned()));
    let first = said(&manager.get("/organizations?include_totals=true&take=1").await, 200);
    let next = format!("/organizations?take=1&from={}", text(&first["next"]));
    let last = said(&manager.get(&next).await, 200);
    assert!(last["organizations"][0]["name"] == "globex" && last.get("next").is_none(), "{last}");
    let page = said(&manager.get("/organizations?include_totals=true&page=1&per_page=1").await, 200);
    assert_eq!((&page["total"], &page["organizations"][0]["name"]), (&json!(2), &json!("globex")));
    said(&manager.delete(&path).await, 204);
    let gone = refused(&manager.get(&path).await, 404);
    assert_eq!(gone, (String::new(), "No organization found by that id or name".to_owned()));
    let home = app.project.home_organization.to_string();
    assert_eq!(
        manager.get(&format!("/organizations/{home}")).await.status,
        404,
        "the home organization is not shown"
    );
    assert_eq!(manager.get(&format!("/organizations/name/home-{home}")).await.status, 404);
}

async fn connections_are_enabled_and_taken_back(app: TestApp) {
    let manager = Manager::new(&app).await;
    let connection = manager.connection("acme-oidc").await;
    let organization =
        text(&said(&manager.post("/organizations", &json!({ "name": "acme" })).await, 201)["id"]);
    for (resource, key) in [("enabled_connections", "enabled_connections"), ("connections", "connections")] {
        let place = format!("/organizations/{organization}/{resource}");
        let one = format!("{place}/{connection}");
        let row = said(&manager.post(&place, &json!({ "connection_id": connection })).await, 201);
        assert_eq!(
            (&row["assign_membership_on_login"], &row["show_as_button"]),
            (&json!(false), &json!(false))
        );
        assert_eq!(manager.post(&place, &json!({ "connection_id": connection })).await.status, 409);
        let change = json!({ "assign_membership_on_login": true, "show_as_button": true });
        let row = said(&manager.patch(&one, &change).await, 200);
        assert_eq!(
            (&row["assign_membership_on_login"], &row["show_as_button"]),
            (&json!(true), &json!(true))
        );
        assert_eq!(said(&manager.get(&one).await, 200), row);
        let listed = said(&manager.get(&format!("{place}?include_totals=true")).await, 200);
        assert_eq!((&listed["total"], &listed[key][0]), (&json!(1), &row));
        said(&manager.delete(&one).await, 204);
        said(&manager.delete(&one).await, 204);
        assert_eq!(refused(&manager.get(&one).await, 404).0, "inexistent_connection");
        let bad = json!({ "connection_id": "con_nobody" });
        assert_eq!(refused(&manager.post(&place, &bad).await, 404).0, "inexistent_connection");
    }
}

async fn members_and_their_roles(app: TestApp) {
    let manager = Manager::new(&app).await;
    let connection = manager.connection("acme-oidc").await;
    let wanted = json!([{ "connection_id": connection, "assign_membership_on_login": true }]);
    let acme = said(
        &manager.post("/organizations", &json!({ "name": "acme", "enabled_connections": wanted })).await,
        201,
    );
    let globex = said(
        &manager.post("/organizations", &json!({ "name": "globex", "enabled_connections": wanted })).await,
        201,
    );
    let (acme, globex) = (text(&acme["id"]), text(&globex["id"]));
    let there = app.get("/v1/b2b/sso/acme").await.ok();
    let borrowed = text(&there["external_connections"][0]["connection_id"]);
    let token = Browser::new(&app).token(&borrowed, "ada@acme.test").await;
    app.redeem(&token).await.ok();
    let place = format!("/organizations/{acme}/members");
    let members = said(&manager.get(&format!("{place}?include_totals=true&take=50")).await, 200);
    let user = text(&members["members"][0]["user_id"]);
    assert!(user.starts_with("oidc|acme-oidc|"), "{members}");
    assert_eq!(members["members"][0]["email"], "ada@acme.test");
    let encoded = user.replace('|', "%7C");
    let elsewhere = format!("/organizations/{globex}/members");
    for _ in 0..2 {
        said(&manager.post(&elsewhere, &json!({ "members": [user] })).await, 204);
    }
    let members = said(&manager.get(&elsewhere).await, 200);
    assert_eq!(members[0]["user_id"], user);
    let organizations = said(&manager.get(&format!("/users/{encoded}/organizations")).await, 200);
    assert_eq!(organizations.as_array().unwrap().len(), 2);
    assert_eq!(said(&manager.get("/users?include_totals=true").await, 200)["total"], 1, "one person, once");
    let roles = format!("{place}/{encoded}/roles");
    said(&manager.post(&roles, &json!({ "roles": ["stytch_admin"] })).await, 204);
    let held = said(&manager.get(&roles).await, 200);
    assert!(held.as_array().unwrap().iter().any(|role| role["id"] == "stytch_admin"), "{held}");
    let unknown = manager.post(&roles, &json!({ "roles": ["rol_nobody"] })).await;
    assert_eq!(refused(&unknown, 400).0, "invalid_body");
    said(
        &manager.send(http::Method::DELETE, &roles, json!({ "roles": ["stytch_admin"] }).to_string()).await,
        204,
    );
    let body = json!({ "members": [user] }).to_string();
    said(&manager.send(http::Method::DELETE, &elsewhere, body.clone()).await, 204);
    said(&manager.send(http::Method::DELETE, &elsewhere, body).await, 204);
    assert_eq!(said(&manager.get(&elsewhere).await, 200), json!([]));
    let nobody = json!({ "members": ["oidc|acme-oidc|nobody"] });
    assert_eq!(refused(&manager.post(&place, &nobody).await, 404).0, "inexistent_user");
}

async fn one_organization_for_both_dialects(app: TestApp) {
    let manager = Manager::new(&app).await;
    let there = app.organization("acme", json!({})).await;
    let own = app.connection(&there).await;
    let here = said(&manager.get("/organizations/name/acme").await, 200);
    let rows =
        said(&manager.get(&format!("/organizations/{}/enabled_connections", text(&here["id"]))).await, 200);
    assert_eq!(rows[0]["assign_membership_on_login"], true);
    let id = text(&rows[0]["connection_id"]);
    assert_eq!(said(&manager.get(&format!("/connections/{own}")).await, 200)["id"], id);
    let place = format!("/organizations/{}/enabled_connections/{id}", text(&here["id"]));
    assert_eq!(refused(&manager.delete(&place).await, 400).0, "operation_not_supported");
    said(&manager.patch(&place, &json!({ "assign_membership_on_login": false })).await, 200);
    let there = app.get(&format!("/v1/b2b/organizations/{there}")).await.ok();
    assert_eq!(there["organization"]["sso_jit_provisioning"], "RESTRICTED");
    assert_eq!(there["organization"]["sso_jit_provisioning_allowed_connections"], json!([]));
}
