//! Clients and what they are granted.

use serde_json::{Value, json};

use super::{Manager, refused, said};
use crate::app::{TestApp, on_both_engines, text};

on_both_engines!(a_client_from_its_making_to_its_end, grants_of_clients, who_may_see_secrets);

async fn a_client_from_its_making_to_its_end(app: TestApp) {
    let manager = Manager::new(&app).await;
    let body = json!({
        "name": "Shop", "app_type": "regular_web", "callbacks": ["https://shop.test/callback"], "oidc_conformant": true,
        "allowed_logout_urls": ["https://shop.test"], "jwt_configuration": { "alg": "RS256", "lifetime_in_seconds": 3600 },
        "refresh_token": { "rotation_type": "rotating", "expiration_type": "expiring", "token_lifetime": 86_400 },
        "organization_usage": "require", "client_metadata": { "team": "a" },
    });
    let made = said(&manager.post("/clients", &body).await, 201);
    let id = text(&made["client_id"]);
    assert_eq!(id.len(), 32);
    assert!(text(&made["client_secret"]).len() >= 32, "{made}");
    for name in [
        "name",
        "app_type",
        "callbacks",
        "allowed_logout_urls",
        "organization_usage",
        "client_metadata",
        "oidc_conformant",
    ] {
        assert_eq!(made[name], body[name], "{name}");
    }
    assert_eq!(made["refresh_token"]["rotation_type"], "rotating");
    let path = format!("/clients/{id}");
    let changed = said(&manager.patch(&path, &json!({ "name": "Store", "callbacks": [] })).await, 200);
    assert_eq!(
        (&changed["name"], &changed["callbacks"], &changed["organization_usage"]),
        (&json!("Store"), &json!([]), &json!("require"))
    );
    let rotated = said(&manager.post(&format!("{path}/rotate-secret"), &Value::Null).await, 200);
    assert_ne!(rotated["client_secret"], made["client_secret"]);
    app.pass(1);
    let page = said(&manager.get("/clients?page=0&per_page=1&include_totals=true").await, 200);
    assert_eq!((&page["total"], &page["limit"], &page["start"]), (&json!(2), &json!(1), &json!(0)));
    let taken = said(&manager.get("/clients?take=1").await, 200);
    let rest = said(&manager.get(&format!("/clients?take=1&from={}", text(&taken["next"]))).await, 200);
    assert!(
        rest.get("next").is_none() && rest["clients"][0]["client_id"] != taken["clients"][0]["client_id"]
    );
    let web = said(&manager.get("/clients?app_type=regular_web&is_global=false&fields=client_id").await, 200);
    assert_eq!(web, json!([{ "client_id": id }]));
    said(&manager.delete(&path).await, 204);
    said(&manager.delete(&path).await, 204);
    assert_eq!(refused(&manager.get(&path).await, 404).0, "inexistent_client");
    for body in [
        json!({}),
        json!({ "name": "<b>" }),
        json!({ "name": "a", "colour": 1 }),
        json!({ "name": "a", "callbacks": ["javascript:alert(1)"] }),
    ] {
        assert_eq!(refused(&manager.post("/clients", &body).await, 400).0, "invalid_body", "{body}");
    }
}

async fn grants_of_clients(app: TestApp) {
    let manager = Manager::new(&app).await;
    let client = said(
        &manager.post("/clients", &json!({ "name": "Machine", "app_type": "non_interactive" })).await,
        201,
    );
    let client = text(&client["client_id"]);
    let audience = "https://127.0.0.1:4000/api/v2/";
    let body = json!({ "client_id": client, "audience": audience, "scope": ["read:connections"] });
    let made = said(&manager.post("/client-grants", &body).await, 201);
    assert!(text(&made["id"]).starts_with("cgr_"));
    for name in ["client_id", "audience", "scope"] {
        assert_eq!(made[name], body[name]);
    }
    assert_eq!(refused(&manager.post("/client-grants", &body).await, 409).0, "grant_conflict");
    let path = format!("/client-grants/{}", text(&made["id"]));
    let changed = said(&manager.patch(&path, &json!({ "scope": ["read:users"] })).await, 200);
    assert_eq!(changed["scope"], json!(["read:users"]));
    let listed = said(
        &manager.get(&format!("/client-grants?client_id={client}&audience={audience}&take=10")).await,
        200,
    );
    assert_eq!(listed["client_grants"].as_array().unwrap().len(), 1);
    said(&manager.delete(&path).await, 204);
    said(&manager.delete(&path).await, 204);
    assert_eq!(refused(&manager.get(&path).await, 404).0, "inexistent_client_grant");
    let nobody = json!({ "client_id": "nobody", "audience": audience, "scope": [] });
    assert_eq!(refused(&manager.post("/client-grants", &nobody).await, 404).0, "inexistent_client");
}

async fn who_may_see_secrets(app: TestApp) {
    let all = Manager::new(&app).await;
    let made = said(&all.post("/clients", &json!({ "name": "Shop" })).await, 201);
    let path = format!("/clients/{}", text(&made["client_id"]));
    let reader = Manager::with(&app, &["read:clients"]).await;
    assert!(said(&reader.get(&path).await, 200).get("client_secret").is_none());
    let listed = said(&reader.get("/clients").await, 200);
    assert!(listed.as_array().unwrap().iter().all(|one| one.get("client_secret").is_none()), "{listed}");
    let keeper = Manager::with(&app, &["read:clients", "read:client_keys"]).await;
    assert_eq!(said(&keeper.get(&path).await, 200)["client_secret"], made["client_secret"]);
}
