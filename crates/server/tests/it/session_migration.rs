//! Sessions of another system, asked for at its user-info endpoint.

use axum::Router;
use axum::routing::get;
use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::app::{TestApp, on_both_engines, text};

on_both_engines!(
    a_session_of_another_system_becomes_one_here,
    without_an_endpoint_it_is_said_where_to_name_one,
    whom_the_other_system_does_not_vouch_for,
    what_the_organization_demands_is_not_passed_by,
);

const PATH: &str = "/v1/vestibule/project/session_migration";

/// The other system: the token says what it answers.
async fn other_system() -> String {
    async fn userinfo(headers: HeaderMap) -> (StatusCode, String) {
        let token = headers[AUTHORIZATION].to_str().unwrap().strip_prefix("Bearer ").unwrap().to_owned();
        let claims = |claims: Value| (StatusCode::OK, claims.to_string());
        match token.as_str() {
            "ada" => claims(json!({ "sub": "u1", "email": "Ada@acme.example", "email_verified": true })),
            "disowned" => claims(json!({ "email": "ada@acme.example", "email_verified": false })),
            "nobody" => claims(json!({ "email": "nobody@acme.example" })),
            "grace" => claims(json!({ "email": "grace@acme.example" })),
            "nameless" => claims(json!({ "sub": "u2" })),
            "list" => claims(json!(["ada@acme.example"])),
            "long" => claims(json!({ "email": "ada@acme.example", "pad": "x".repeat(100_000) })),
            "broken" => (StatusCode::BAD_GATEWAY, String::new()),
            _ => (StatusCode::UNAUTHORIZED, String::new()),
        }
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/userinfo", get(userinfo));
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}/userinfo")
}

async fn migrate(app: &TestApp, token: &str) -> crate::reply::Reply {
    let body =
        json!({ "session_token": token, "organization_id": "acme", "session_custom_claims": { "a": 1 } });
    app.post("/v1/b2b/sessions/migrate", body).await
}

async fn named(app: &TestApp) -> String {
    let acme = app.organization("acme", json!({})).await;
    app.member(&acme, "ada@acme.example", json!({})).await;
    app.put(PATH, json!({ "userinfo_url": other_system().await })).await.ok();
    acme
}

async fn a_session_of_another_system_becomes_one_here(app: TestApp) {
    named(&app).await;
    let session = migrate(&app, "ada").await.ok();
    assert_eq!(session["member"]["email_address"], "ada@acme.example");
    let shown = &session["member_session"];
    let factor = &shown["authentication_factors"][0];
    assert_eq!((&factor["type"], &factor["delivery_method"]), (&json!("imported"), &json!("imported_auth0")));
    assert_eq!(shown["custom_claims"], json!({ "a": 1 }));
    for name in ["session_token", "session_jwt"] {
        let body = json!({ name: text(&session[name]) });
        app.post("/v1/b2b/sessions/authenticate", body).await.ok();
    }
    let body = json!({ "session_token": "ada", "organization_id": "acme", "session_duration_minutes": 1 });
    app.post("/v1/b2b/sessions/migrate", body).await.refused(400, "invalid_session_duration_minutes");
    for missing in [json!({ "session_token": "ada" }), json!({ "organization_id": "acme" })] {
        app.post("/v1/b2b/sessions/migrate", missing).await.refused(400, "missing_required_field");
    }
}

async fn without_an_endpoint_it_is_said_where_to_name_one(app: TestApp) {
    named(&app).await;
    let told = app.get("/v1/vestibule/events?action=project.session_migration.change").await.ok();
    assert_eq!(told["events"].as_array().unwrap().len(), 1);
    let url = text(&app.get(PATH).await.ok()["userinfo_url"]);
    assert_eq!(told["events"][0]["detail"]["after"], url.as_str());
    for wrong in ["ftp://a.example/", "http://a.example/userinfo", "nonsense", "https://10.0.0.1/userinfo"] {
        app.put(PATH, json!({ "userinfo_url": wrong })).await.refused(400, "invalid_userinfo_url");
    }
    assert_eq!(app.get(PATH).await.ok()["userinfo_url"], url.as_str());
    assert_eq!(app.other_project().await.get(PATH).await.ok()["userinfo_url"], "");
    app.put(PATH, json!({ "userinfo_url": "" })).await.ok();
    let said = migrate(&app, "ada").await.refused(400, "feature_not_configured");
    assert!(text(&said["error_message"]).contains(PATH), "{said}");
}

async fn whom_the_other_system_does_not_vouch_for(app: TestApp) {
    let acme = named(&app).await;
    app.member(&acme, "grace@acme.example", json!({ "create_member_as_pending": true })).await;
    for (token, status, name) in [
        ("unknown", 404, "session_not_found"),
        ("", 404, "session_not_found"),
        ("a\u{7f}b", 404, "session_not_found"),
        ("nobody", 404, "member_not_found"),
        ("grace", 400, "action_available_only_for_active_members"),
        ("disowned", 400, "oidc_response_unverified_email"),
        ("nameless", 400, "oidc_response_email_missing"),
        ("list", 400, "oidc_invalid_userinfo"),
        ("long", 400, "oidc_provider_unreachable"),
        ("broken", 400, "oidc_provider_unreachable"),
    ] {
        migrate(&app, token).await.refused(status, name);
    }
}

async fn what_the_organization_demands_is_not_passed_by(app: TestApp) {
    let acme = named(&app).await;
    let path = format!("/v1/b2b/organizations/{acme}");
    let restricted = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["magic_link"] });
    app.put(&path, restricted).await.ok();
    migrate(&app, "ada").await.refused(400, "operation_restricted_by_organization_auth_methods");
    app.put(&path, json!({ "auth_methods": "ALL_ALLOWED", "mfa_policy": "REQUIRED_FOR_ALL" })).await.ok();
    let said = migrate(&app, "ada").await.refused(400, "operation_restricted_by_organization_auth_methods");
    assert!(text(&said["error_message"]).contains("second factor"), "{said}");
    app.put(&path, json!({ "mfa_policy": "OPTIONAL" })).await.ok();
    migrate(&app, "ada").await.ok();
}
