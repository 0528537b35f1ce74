//! The tenant's settings, and where browsers go by them.

use http::Method;
use serde_json::{Value, json};
use vestibule_server::routes::management_scopes;

use super::{Manager, refused, said};
use crate::app::{TestApp, on_both_engines};
use crate::applications::{ELSEWHERE, elsewhere};
use crate::browser::Browser;

const SETTINGS: &str = "/tenants/settings";

on_both_engines!(
    settings_are_kept_and_given_back,
    without_a_client_the_tenants_own_addresses_count,
    what_cannot_be_is_refused,
);

async fn settings_are_kept_and_given_back(app: TestApp) {
    let manager = Manager::new(&app).await;
    let new = said(&manager.get(SETTINGS).await, 200);
    assert_eq!(new["allowed_logout_urls"], json!([]));
    assert_eq!((&new["session_lifetime"], &new["idle_session_lifetime"]), (&json!(168), &json!(72)));
    let change = json!({
        "allowed_logout_urls": ["https://bye.test/"], "friendly_name": "Acme", "support_email": "help@acme.test",
        "session_lifetime_in_minutes": 10080, "flags": { "enable_sso": true },
    });
    let changed = said(&manager.patch(SETTINGS, &change).await, 200);
    for name in ["allowed_logout_urls", "friendly_name", "support_email", "flags"] {
        assert_eq!(changed[name], change[name], "{name}");
    }
    assert_eq!(
        said(&manager.patch(SETTINGS, &json!({ "support_email": null })).await, 200)["support_email"],
        Value::Null
    );
    // What was read is written back without a difference, and nothing is noted of it.
    let read = said(&manager.get(SETTINGS).await, 200);
    assert_eq!(said(&manager.patch(SETTINGS, &read).await, 200), read);
    assert_eq!(
        said(&manager.get(&format!("{SETTINGS}?fields=friendly_name")).await, 200),
        json!({ "friendly_name": "Acme" })
    );
    let events = app.get("/v1/vestibule/events?action=project.login_settings.change").await.ok();
    assert_eq!(events["events"].as_array().unwrap().len(), 2, "{events}");
    // Another tenant has its own.
    let other = elsewhere(&app).await;
    let theirs = Manager::at(&other, ELSEWHERE, management_scopes()).await;
    assert_eq!(said(&theirs.get(SETTINGS).await, 200)["allowed_logout_urls"], json!([]));
}

async fn without_a_client_the_tenants_own_addresses_count(app: TestApp) {
    let manager = Manager::new(&app).await;
    let change = json!({ "allowed_logout_urls": ["https://bye.test/", "https://*.acme.test/out"] });
    said(&manager.patch(SETTINGS, &change).await, 200);
    let mut browser = Browser::new(&app);
    let query = |path: &str, name: &str, address: &str| {
        let address: String = url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
        format!("{path}?{name}={address}")
    };
    for (path, name) in [("/v2/logout", "returnTo"), ("/oidc/logout", "post_logout_redirect_uri")] {
        for address in ["https://bye.test/", "https://shop.acme.test/out"] {
            assert_eq!(browser.get(&query(path, name, address)).await.location().as_str(), address, "{path}");
        }
        for address in [
            "https://bye.test/x",
            "https://bye.test",
            "https://bye.test.evil.test/",
            "https://bye.test@evil.test/",
            "https://a.b.acme.test/out",
            "//bye.test/",
            "javascript:alert(1)",
        ] {
            let refused = browser.get(&query(path, name, address)).await;
            assert_eq!(refused.status, 400, "{path} {address}: {}", refused.text());
            assert!(!refused.headers.contains_key("location"), "{path} {address}");
        }
    }
    // An application has its own list, and none of the tenant's.
    let made = said(&manager.post("/clients", &json!({ "name": "Shop" })).await, 201);
    let path = format!("/v2/logout?client_id={}", made["client_id"].as_str().unwrap());
    assert_eq!(browser.get(&format!("{path}&returnTo=https%3A%2F%2Fbye.test%2F")).await.status, 400);
}

async fn what_cannot_be_is_refused(app: TestApp) {
    let manager = Manager::new(&app).await;
    for (body, code) in [
        (json!({ "session_lifetime": 1000 }), "operation_not_supported"),
        (json!({ "idle_session_lifetime_in_minutes": 1 }), "operation_not_supported"),
        (json!({ "colour": "red" }), "invalid_body"),
        (json!({ "allowed_logout_urls": ["javascript:alert(1)"] }), "invalid_body"),
        (json!({ "allowed_logout_urls": "https://bye.test/" }), "invalid_body"),
        (json!({ "flags": { "x": "y".repeat(20_000) } }), "invalid_body"),
    ] {
        let reply = manager.send(Method::PATCH, SETTINGS, body.to_string()).await;
        assert_eq!(refused(&reply, 400).0, code, "{body}");
    }
}
