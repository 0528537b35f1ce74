//! How much a project and an address may ask for.

use http::header::RETRY_AFTER;
use serde_json::json;
use vestibule_server::ApiLimits;

use crate::app::{TestApp, on_both_engines};
use crate::reply::Reply;

on_both_engines!(searches_of_a_project_have_a_limit, requests_of_a_project_have_a_limit);

#[track_caller]
fn limited(answer: &Reply) {
    answer.refused(429, "too_many_requests");
    let seconds: u64 = answer.headers[RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=61).contains(&seconds), "{seconds}");
}

async fn searches_of_a_project_have_a_limit(app: TestApp) {
    let acme = app.organization("acme", json!({})).await;
    let app = app.strict_node(ApiLimits { searches: 2, ..ApiLimits::default() }).await;
    let other = app.other_project().await;
    let organizations = async |app: &TestApp| app.post("/v1/b2b/organizations/search", json!({})).await;
    let members = async || {
        app.post("/v1/b2b/organizations/members/search", json!({ "organization_ids": [acme] })).await
    };
    organizations(&app).await.ok();
    members().await.ok();
    limited(&members().await);
    limited(&organizations(&app).await);
    organizations(&other).await.ok();
    app.get(&format!("/v1/b2b/organizations/{acme}")).await.ok();
}

async fn requests_of_a_project_have_a_limit(app: TestApp) {
    let app = app.strict_node(ApiLimits { of_project: 2, ..ApiLimits::default() }).await;
    let other = app.other_project().await;
    for _ in 0..2 {
        app.get("/v1/debug/whoami").await.ok();
    }
    limited(&app.get("/v1/debug/whoami").await);
    other.get("/v1/debug/whoami").await.ok();
    // Of one address: whoever it says it is.
    let app = app.strict_node(ApiLimits { of_client: 1, ..ApiLimits::default() }).await;
    app.get("/v1/debug/whoami").await.ok();
    limited(&app.get("/v1/debug/whoami").await);
}
