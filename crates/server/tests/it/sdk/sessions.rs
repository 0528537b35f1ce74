//! Sessions of browsers: shown with every request, used by many tabs at once, ended in one of them.

use http::Method;
use serde_json::json;
use tokio::task::JoinSet;

use super::{Company, Frontend, SETTINGS, data};
use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;

on_both_engines!(
    a_session_is_used_and_ended,
    fifty_tabs_use_one_session_at_once,
    a_second_factor_joins_the_session_that_is_shown,
    what_was_forgotten_in_a_browser_keeps_nobody_out,
    sessions_are_no_longer_than_the_project_allows,
    an_administrator_ends_sessions_of_members,
    what_is_not_offered_says_so,
);

const AUTHENTICATE: &str = "/sdk/v1/b2b/sessions/authenticate";
const REVOKE: &str = "/sdk/v1/b2b/sessions/revoke";

async fn a_session_is_used_and_ended(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let used = data(&acme.member.post(AUTHENTICATE, json!({})).await);
    assert_eq!(used["member_id"], acme.member_id.as_str());
    assert_eq!(used["organization"]["organization_id"], acme.organization.as_str());
    assert_eq!(used["member_session"]["member_id"], acme.member_id.as_str());
    let again = data(&acme.member.post(AUTHENTICATE, json!({})).await);
    assert_eq!(
        again["session_token"], used["session_token"],
        "a token that changed would sign other tabs out"
    );
    assert_eq!(again["member_session"]["expires_at"], used["member_session"]["expires_at"]);
    app.pass(60);
    let longer = data(&acme.member.post(AUTHENTICATE, json!({ "session_duration_minutes": 120 })).await);
    assert_ne!(longer["member_session"]["expires_at"], used["member_session"]["expires_at"]);
    data(&acme.member.raw(Method::POST, REVOKE, "").await);
    for path in [AUTHENTICATE, REVOKE] {
        acme.member.post(path, json!({})).await.refused(404, "session_not_found");
    }
    // Ended for the backend too.
    let body = json!({ "session_token": used["session_token"] });
    app.post("/v1/b2b/sessions/authenticate", body).await.refused(404, "session_not_found");
    page.post(REVOKE, json!({})).await.refused(401, "user_unauthenticated");
}

async fn fifty_tabs_use_one_session_at_once(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    app.pass(10);
    let bodies = (0..50).map(|tab| match tab % 5 {
        0 => json!({ "session_duration_minutes": 60 }),
        _ => json!({}),
    });
    let mut tabs = JoinSet::new();
    for body in bodies {
        let tab = acme.member.clone();
        tabs.spawn(async move { tab.post(AUTHENTICATE, body).await });
    }
    let used = tabs.join_all().await;
    let tokens: Vec<String> = used.iter().map(|reply| text(&data(reply)["session_token"])).collect();
    assert!(tokens.iter().all(|token| token == &tokens[0]));
    data(&acme.member.post(AUTHENTICATE, json!({})).await);
}

async fn a_second_factor_joins_the_session_that_is_shown(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let before = data(&acme.member.post(AUTHENTICATE, json!({})).await);
    let token = Browser::new(&app).token(&acme.connection, "ada@acme.example.com").await;
    let body = json!({ "sso_token": token, "session_duration_minutes": 60 });
    let after = data(&acme.member.post("/sdk/v1/b2b/sso/authenticate", body).await);
    let id = |told: &serde_json::Value| text(&told["member_session"]["member_session_id"]);
    assert_eq!(id(&after), id(&before));
}

/// A session that has ended, or of somebody else, is what a browser often still has when somebody signs in.
async fn what_was_forgotten_in_a_browser_keeps_nobody_out(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let globex = Company::of(&page, "globex").await;
    for stale in [&page.with("forgotten"), &globex.admin, &acme.admin] {
        let token = Browser::new(&app).token(&acme.connection, "ada@acme.example.com").await;
        let body = json!({ "sso_token": token, "session_duration_minutes": 60 });
        let came = data(&stale.post("/sdk/v1/b2b/sso/authenticate", body).await);
        assert_eq!(came["member_id"], acme.member_id.as_str());
        assert_eq!(came["member_session"]["authentication_factors"].as_array().unwrap().len(), 1);
    }
    // Theirs are as they were.
    data(&globex.admin.post(AUTHENTICATE, json!({})).await);
    data(&acme.admin.post(AUTHENTICATE, json!({})).await);
}

async fn sessions_are_no_longer_than_the_project_allows(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    app.put(SETTINGS, json!({ "max_session_duration_minutes": 30 })).await.ok();
    let too_long = json!({ "session_duration_minutes": 31 });
    let refused =
        acme.member.post(AUTHENTICATE, too_long).await.refused(400, "invalid_session_duration_minutes");
    assert!(refused["error_message"].as_str().unwrap().contains("max_session_duration_minutes"), "{refused}");
    let token = Browser::new(&app).token(&acme.connection, "ada@acme.example.com").await;
    let sso = "/sdk/v1/b2b/sso/authenticate";
    let asked = |minutes: i64| json!({ "sso_token": token, "session_duration_minutes": minutes });
    page.post(sso, asked(60)).await.refused(400, "invalid_session_duration_minutes");
    let came = data(&page.post(sso, asked(30)).await);
    assert_eq!(came["member_session"]["started_at"], "2027-01-15T08:00:00Z");
    assert_eq!(came["member_session"]["expires_at"], "2027-01-15T08:30:00Z");
    let token = Browser::new(&app).token(&acme.connection, "ada@acme.example.com").await;
    let unasked = data(&page.post(sso, json!({ "sso_token": token })).await);
    assert_eq!(unasked["member_session"]["expires_at"], "2027-01-15T08:30:00Z", "the default is an hour");
}

async fn an_administrator_ends_sessions_of_members(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let globex = Company::of(&page, "globex").await;
    let of = |id: &str| format!("{REVOKE}/{id}");
    acme.member.post(&of(&acme.admin_id), json!({})).await.refused(403, "session_authorization_error");
    globex.admin.post(&of(&acme.member_id), json!({})).await.refused(404, "member_not_found");
    data(&acme.member.post(AUTHENTICATE, json!({})).await);
    data(&acme.admin.raw(Method::POST, &of(&acme.member_id), "").await);
    acme.member.post(AUTHENTICATE, json!({})).await.refused(404, "session_not_found");
    app.put(SETTINGS, json!({ "member_actions": false })).await.ok();
    acme.admin.post(&of(&acme.admin_id), json!({})).await.refused(401, "endpoint_not_authorized_for_sdk");
    // One's own session is no action on members.
    data(&acme.admin.post(REVOKE, json!({})).await);
}

async fn what_is_not_offered_says_so(app: TestApp) {
    let page = Frontend::of(&app).await;
    for name in ["attest", "exchange_access_token"] {
        let path = format!("/sdk/v1/b2b/sessions/{name}");
        page.post(&path, json!({})).await.refused(400, "feature_not_supported");
    }
}
