//! How much a project and an address may ask for.

use http::header::RETRY_AFTER;
use serde_json::json;
use vestibule_server::ApiLimits;

use crate::app::{TestApp, on_both_engines};
use crate::reply::Reply;
use crate::second_factors::Person;

on_both_engines!(
    searches_of_a_project_have_a_limit,
    requests_of_a_project_have_a_limit,
    tries_at_codes_of_an_address_have_a_limit,
);

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

/// Whoever guesses a little at many members is stopped as well as who guesses a lot at one.
async fn tries_at_codes_of_an_address_have_a_limit(app: TestApp) {
    let ada = Person::required(&app, "acme").await;
    let authenticator = ada.enrolled().await;
    let grace = ada.colleague("grace@acme.example.com").await;
    let graces = grace.enrolled().await;
    let node = app.doubting_node(2).await;
    let tried = async |node: &TestApp, who: &Person, code: String| {
        let with = json!({ "code": code, "intermediate_session_token": who.intermediate().await });
        Person { app: node.clone(), ..who.clone() }.ask("/v1/b2b/totp/authenticate", with).await
    };
    for (who, code) in [(&ada, authenticator.wrong_code(&app)), (&grace, graces.wrong_code(&app))] {
        tried(&node, who, code).await.refused(401, "unable_to_authenticate_totp");
    }
    limited(&tried(&node, &ada, authenticator.code(&app)).await);
    tried(&app, &ada, authenticator.code(&app)).await.ok();
}
