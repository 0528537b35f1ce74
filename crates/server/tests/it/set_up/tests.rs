//! Tests of connections that somebody prepares: what they say, and that they change nothing.

use serde_json::{Value, json};

use super::{Link, Visitor, fields};
use crate::app::{BASE_URL, TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::saml_idp::connect;

on_both_engines!(
    a_prepared_test_says_who_would_sign_in_and_changes_nothing,
    a_failed_test_names_the_setting_in_the_consoles_words,
    a_test_is_begun_once_in_time_and_for_the_settings_it_was_prepared_for,
    a_test_that_nobody_answers_names_the_usual_errors,
    a_test_of_another_connection_is_unknown,
);

fn tests(connection: &str) -> String {
    format!("/v1/vestibule/connections/{connection}/tests")
}

/// A prepared test: its path, and where it begins.
async fn prepare(app: &TestApp, connection: &str) -> (String, String) {
    let made = app.post(&tests(connection), json!({})).await.ok();
    let test = &made["connection_test"];
    assert_eq!((&test["status"], &test["checks"]), (&json!("waiting"), &json!([])));
    let url = text(&made["url"]).strip_prefix(BASE_URL).unwrap().to_owned();
    (format!("{}/{}", tests(connection), text(&test["test_id"])), url)
}

async fn result(app: &TestApp, path: &str) -> Value {
    app.get(path).await.ok()["connection_test"].clone()
}

/// Everything that a test must leave as it is.
async fn state(app: &TestApp, organization: &str) -> Value {
    let members = json!({ "organization_ids": [organization], "limit": 1000 });
    json!([
        app.post("/v1/b2b/organizations/members/search", members).await.ok()["members"],
        app.get(&format!("/v1/b2b/organizations/{organization}")).await.ok()["organization"],
        app.get(&format!("/v1/b2b/sso/{organization}")).await.ok()["saml_connections"],
        app.get(&format!("/v1/b2b/sso/{organization}")).await.ok()["oidc_connections"],
    ])
}

async fn a_prepared_test_says_who_would_sign_in_and_changes_nothing(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let roles = json!({ "saml_connection_implicit_role_assignments": [{ "role_id": "stytch_admin" }] });
    app.put(&at.path(), roles).await.ok();
    let before = state(&app, &at.organization).await;
    let (path, begin) = prepare(&app, &at.connection).await;
    let mut browser = Browser::new(&app);
    let to = browser.get(&begin).await.location();
    assert_eq!(result(&app, &path).await["status"], "running");
    let back = browser.answer_saml(&to, "ada@example.com", &[]).await;
    let page = browser.bring(&back).await;
    assert!(page.text().contains("This was a test: nobody was signed in"), "{}", page.text());
    let passed = result(&app, &path).await;
    assert_eq!((&passed["status"], &passed["would"]), (&json!("passed"), &json!("create")));
    let identity = &passed["identity"];
    assert_eq!(identity["email_address"], "ada@example.com");
    assert!(identity["roles"].as_array().unwrap().contains(&json!("stytch_admin")), "{identity}");
    let checks = passed["checks"].as_array().unwrap();
    assert!(checks.len() > 3 && checks.iter().all(|check| check["passed"] == true), "{passed}");
    assert_eq!(before, state(&app, &at.organization).await, "a test changes nothing");
    // Somebody who is there is found, and stays as they are.
    browser.saml_token(&at, "ada@example.com").await;
    let before = state(&app, &at.organization).await;
    let (path, begin) = prepare(&app, &at.connection).await;
    let to = browser.get(&begin).await.location();
    let back = browser.answer_saml(&to, "ada@example.com", &[]).await;
    browser.bring(&back).await;
    assert_eq!(result(&app, &path).await["would"], "sign_in");
    assert_eq!(before, state(&app, &at.organization).await);
    // The message has proved somebody once.
    assert!(browser.bring(&back).await.status.is_client_error());
}

async fn a_failed_test_names_the_setting_in_the_consoles_words(app: TestApp) {
    for (label, fault, error, cure, setting) in [
        (
            "okta",
            "wrong_audience",
            "invalid_audience_saml_response",
            "set_audience",
            "Audience URI (SP Entity ID)",
        ),
        (
            "microsoft-entra",
            "wrong_audience",
            "invalid_audience_saml_response",
            "set_audience",
            "Identifier (Entity ID)",
        ),
        ("onelogin", "unsigned", "missing_signature_saml_response", "sign", "SAML signature element"),
        (
            "keycloak",
            "wrong_recipient",
            "invalid_recipient_saml_response",
            "set_acs_url",
            "Valid redirect URIs",
        ),
    ] {
        let at = connect(
            &app,
            &format!("{label}-{}", fault.replace('_', "-")),
            json!({ "identity_provider": label }),
        )
        .await;
        let (path, begin) = prepare(&app, &at.connection).await;
        let mut browser = Browser::new(&app);
        let to = browser.get(&begin).await.location();
        let back = browser.answer_saml(&to, "ada@example.com", &[("fault", fault)]).await;
        let page = browser.bring(&back).await;
        assert!(page.status.is_client_error(), "{}", page.text());
        let failed = result(&app, &path).await;
        assert_eq!((&failed["status"], &failed["error_type"]), (&json!("failed"), &json!(error)), "{failed}");
        assert_eq!(
            (&failed["remedy"]["cure"], &failed["remedy"]["setting"]),
            (&json!(cure), &json!(setting)),
            "{failed}"
        );
        assert_eq!(failed["identity"], Value::Null);
        assert!(
            failed["checks"].as_array().unwrap().iter().any(|check| check["passed"] == false),
            "{failed}"
        );
    }
}

async fn a_test_is_begun_once_in_time_and_for_the_settings_it_was_prepared_for(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let (path, begin) = prepare(&app, &at.connection).await;
    let mut browser = Browser::new(&app);
    browser.get(&begin).await.location();
    assert_eq!(browser.get(&begin).await.status, 404, "once");
    app.pass(11 * 60);
    assert_eq!(result(&app, &path).await["status"], "expired");
    let (_, begin) = prepare(&app, &at.connection).await;
    app.pass(10 * 60);
    assert_eq!(browser.get(&begin).await.status, 404, "in time");
    // Another address of the provider is another setting; a name is none.
    let (_, begin) = prepare(&app, &at.connection).await;
    app.put(&at.path(), json!({ "display_name": "Another name" })).await.ok();
    browser.get(&begin).await.location();
    let (path, begin) = prepare(&app, &at.connection).await;
    app.put(&at.path(), json!({ "idp_sso_url": "https://idp.example.com/other" })).await.ok();
    assert_eq!(browser.get(&begin).await.status, 404);
    assert_eq!(result(&app, &path).await["out_of_date"], true);
    assert_eq!(browser.get("/v1/public/sso/tests/nobodys").await.status, 404);
}

/// Whom the provider shows an error of its own, it does not send back.
async fn a_test_that_nobody_answers_names_the_usual_errors(app: TestApp) {
    let link = Link::made(&app, "acme", json!({})).await;
    let mut visitor = Visitor::with(&app, &link).await;
    let at = visitor.choose("microsoft-entra", "saml").await;
    let metadata = format!("{}/saml/metadata", app.provider.issuer);
    let preview = visitor.submit(&format!("{at}/theirs"), &[("metadata_url", &metadata)]).await;
    visitor.post(&format!("{at}/theirs"), fields(&preview), &[]).await;
    let begun = visitor.get(&format!("{at}/test/begin")).await.location_path();
    visitor.browser.get(&begun).await.location();
    let page = visitor.get(&format!("{at}/test")).await.text();
    assert!(page.contains("The test is under way in another tab.") && page.contains("data-waits"), "{page}");
    app.pass(120);
    let page = visitor.get(&format!("{at}/test")).await.text();
    assert!(page.contains("AADSTS50105") && page.contains("Let them in."), "{page}");
}

async fn a_test_of_another_connection_is_unknown(app: TestApp) {
    let (acme, globex) = (connect(&app, "acme", json!({})).await, connect(&app, "globex", json!({})).await);
    let (path, _) = prepare(&app, &acme.connection).await;
    let id = path.rsplit('/').next().unwrap();
    app.get(&format!("{}/{id}", tests(&globex.connection))).await.refused(404, "connection_test_not_found");
    let other = app.other_project().await;
    other.get(&path).await.refused(404, "sso_connection_not_found");
    other.post(&tests(&acme.connection), json!({})).await.refused(404, "sso_connection_not_found");
    let pending = app.pending_connection(&acme.organization).await;
    let refused = app.post(&tests(&pending), json!({})).await;
    assert!(refused.status == 400 && refused.text().contains("Missing:"), "{}", refused.text());
}
