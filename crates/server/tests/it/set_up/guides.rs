//! Guides to consoles, as the API gives them.

use serde_json::Value;

use crate::app::{TestApp, on_both_engines};

on_both_engines!(guides_are_there_for_everybody_to_render);

async fn guides_are_there_for_everybody_to_render(app: TestApp) {
    let all = app.get("/v1/vestibule/provider_guides").await.ok();
    let all = all["provider_guides"].as_array().unwrap();
    assert_eq!(all.len(), 19);
    let names: Vec<&str> = all.iter().map(|one| one["name"].as_str().unwrap()).collect();
    for name in ["Microsoft Entra ID", "Okta", "Google Workspace", "AD FS", "PingOne", "authentik"] {
        assert!(names.contains(&name), "{names:?}");
    }
    let okta = app.get("/v1/vestibule/provider_guides?identity_provider=okta").await.ok();
    let okta = &okta["provider_guides"][0];
    assert_eq!(okta["saml"]["ours"][1]["label"], "Audience URI (SP Entity ID)");
    assert_eq!(
        okta["saml"]["create"][1],
        serde_json::json!({ "act": "press", "label": "Create App Integration" })
    );
    assert_eq!(okta["scim"]["ours"][0]["value"], "scim_base_url");
    let google = app.get("/v1/vestibule/provider_guides?identity_provider=google-workspace").await.ok();
    let google = &google["provider_guides"][0];
    assert_eq!((&google["saml"]["order"], &google["scim"]), (&Value::from("theirs_first"), &Value::Null));
    app.get("/v1/vestibule/provider_guides?identity_provider=x").await.refused(400, "invalid_field");
}
