//! What a project says about browsers and phones, by its API.

use serde_json::json;

use super::{Frontend, ORIGIN_OF_PAGE, SETTINGS, data};
use crate::app::{TestApp, on_both_engines};

on_both_engines!(
    nobody_is_served_before_it_is_said_who,
    settings_are_changed_one_by_one_and_told,
    what_is_no_setting_is_refused_by_name,
    settings_belong_to_the_project,
);

async fn nobody_is_served_before_it_is_said_who(app: TestApp) {
    let shown = app.get(SETTINGS).await.ok();
    assert_eq!(shown["sdk"]["allowed_origins"], json!([]));
    assert_eq!(shown["sdk"]["native_apps"], false);
    assert_eq!(shown["sdk"]["member_actions"], false);
    let page = Frontend::unserved(&app);
    let path = format!("/sdk/v1/projects/bootstrap/{}", app.project.public_token);
    for origin in [None, Some(ORIGIN_OF_PAGE)] {
        page.from(origin).get(&path).await.refused(400, "bad_domain_for_stytch_sdk");
    }
    app.put(SETTINGS, json!({ "native_apps": true })).await.ok();
    data(&page.from(None).get(&path).await);
    page.get(&path).await.refused(400, "bad_domain_for_stytch_sdk");
}

async fn settings_are_changed_one_by_one_and_told(app: TestApp) {
    let given = json!({ "allowed_origins": ["https://App.example.com/", "http://localhost:3000"] });
    let set = app.put(SETTINGS, given).await.ok();
    let origins = json!([ORIGIN_OF_PAGE, "http://localhost:3000"]);
    assert_eq!(set["sdk"]["allowed_origins"], origins, "a test project may have pages on this machine");
    app.pass(1);
    let more =
        json!({ "max_session_duration_minutes": 30, "pkce_required_for_sso": true, "cookie_domain": "" });
    let set = app.put(SETTINGS, more.clone()).await.ok();
    assert_eq!(set["sdk"]["allowed_origins"], origins, "what is not given stays");
    assert_eq!(set["sdk"]["max_session_duration_minutes"], 30);
    app.put(SETTINGS, more).await.ok();
    let told = app.get("/v1/vestibule/events?action=project.frontend.change").await.ok();
    let told = told["events"].as_array().unwrap();
    assert_eq!(told.len(), 2, "nothing is told of a change of nothing: {told:?}");
    let changed: Vec<&str> =
        told[0]["changes"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!(changed, ["max_session_duration_minutes", "pkce_required_for_sso"]);
}

async fn what_is_no_setting_is_refused_by_name(app: TestApp) {
    for (body, error) in [
        (json!({ "allowed_origins": ["https://*.example.com"] }), "invalid_field"),
        (json!({ "allowed_origins": ["null"] }), "invalid_field"),
        (json!({ "allowed_origins": ["http://app.example.com"] }), "invalid_field"),
        (json!({ "max_session_duration_minutes": 4 }), "invalid_session_duration_minutes"),
        (json!({ "cookie_domain": "example.com" }), "invalid_field"),
        (json!({ "native_apps": "yes" }), "bad_request"),
    ] {
        app.put(SETTINGS, body).await.refused(400, error);
    }
    let many: Vec<String> = (0..101).map(|n| format!("https://{n}.example.com")).collect();
    app.put(SETTINGS, json!({ "allowed_origins": many })).await.refused(400, "invalid_field");
}

async fn settings_belong_to_the_project(app: TestApp) {
    let page = Frontend::of(&app).await;
    let other = Frontend::unserved(&app.other_project().await);
    let path =
        |frontend: &Frontend| format!("/sdk/v1/projects/bootstrap/{}", frontend.app.project.public_token);
    data(&page.get(&path(&page)).await);
    other.get(&path(&other)).await.refused(400, "bad_domain_for_stytch_sdk");
}
