//! Connections by the browser of an administrator, and the end of a sign-in.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::json;

use super::{Company, Frontend, SETTINGS, data};
use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::reply::parameter;
use crate::saml_connections::certificate;

on_both_engines!(
    an_administrator_does_all_that_the_documents_show,
    connections_of_another_organization_are_nobodys,
    only_the_project_lends,
    without_the_switch_members_act_on_nothing,
    verifiers_of_browsers_and_phones,
    a_token_of_sso_is_one_wherever_it_is_brought,
    connections_are_found_by_address,
);

async fn an_administrator_does_all_that_the_documents_show(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let all = "/sdk/v1/b2b/sso";
    let listed = data(&acme.admin.get(all).await);
    for kind in ["saml_connections", "oidc_connections", "external_connections"] {
        assert!(listed[kind].is_array(), "{listed}");
    }
    let made = data(&acme.admin.post(&format!("{all}/oidc"), json!({ "display_name": "Okta" })).await);
    let oidc = text(&made["connection"]["connection_id"]);
    let body =
        json!({ "connection_id": oidc, "client_id": "c", "client_secret": "s", "identity_provider": "okta" });
    let changed = data(&acme.admin.put(&format!("{all}/oidc/{oidc}"), body).await);
    assert_eq!(changed["connection"]["client_id"], "c");
    assert!(changed["warning"].is_string(), "{changed}");
    let made = data(&acme.admin.post(&format!("{all}/saml"), json!({ "display_name": "ADFS" })).await);
    let saml = text(&made["connection"]["connection_id"]);
    let one = format!("{all}/saml/{saml}");
    // The admin portal sends the mapping of a draft first.
    let mapping = json!({ "attribute_mapping": { "email": "NameID", "first_name": "firstName", "last_name": "lastName" } });
    data(&acme.admin.put(&one, mapping).await);
    let two = format!("{}\n{}", certificate("first", 2040), certificate("second", 2040));
    let body = json!({
        "connection_id": saml, "idp_entity_id": "https://idp.example.com", "x509_certificate": two,
        "idp_sso_url": "https://idp.example.com/sso",
    });
    let changed = data(&acme.admin.put(&one, body).await);
    assert_eq!(changed["connection"]["status"], "active", "{changed}");
    let certificates = changed["connection"]["verification_certificates"].as_array().unwrap();
    let first = text(&certificates[0]["certificate_id"]);
    let removed = data(&acme.admin.delete(&format!("{one}/verification_certificates/{first}")).await);
    assert_eq!(removed["certificate_id"], first.as_str());
    let last = text(&certificates[1]["certificate_id"]);
    let refused = acme.admin.delete(&format!("{one}/verification_certificates/{last}")).await;
    refused.refused(400, "cannot_delete_last_sso_verification_key");
    for spelling in ["encryption_private_key", "encryption_private_keys"] {
        let nobodys = "saml-encryption-key-test-00000000-0000-4000-8000-000000000000";
        let reply = acme.admin.delete(&format!("{one}/{spelling}/{nobodys}")).await;
        reply.refused(404, "sso_encryption_private_key_not_found");
    }
    let url = acme.admin.put(&format!("{one}/url"), json!({ "connection_id": saml })).await;
    url.refused(400, "missing_required_field");
    for id in [&oidc, &saml] {
        assert_eq!(data(&acme.admin.delete(&format!("{all}/{id}")).await)["connection_id"], id.as_str());
    }
    // The audit trail says that a member did it.
    let told = app.get("/v1/vestibule/events?action=connection.delete").await.ok();
    assert_eq!(told["events"][0]["actor"]["type"], "member", "{told}");
    assert_eq!(told["events"][0]["actor"]["id"], acme.admin_id.as_str());
}

async fn connections_of_another_organization_are_nobodys(app: TestApp) {
    let page = Frontend::of(&app).await;
    let (acme, globex) = (Company::of(&page, "acme").await, Company::of(&page, "globex").await);
    let one = format!("/sdk/v1/b2b/sso/oidc/{}", acme.connection);
    globex
        .admin
        .put(&one, json!({ "display_name": "Mallory" }))
        .await
        .refused(404, "sso_connection_not_found");
    let one = format!("/sdk/v1/b2b/sso/{}", acme.connection);
    globex.admin.delete(&one).await.refused(404, "sso_connection_not_found");
    // A body says nothing about whose it is.
    let body = json!({ "display_name": "Mallory", "organization_id": acme.organization });
    let made = data(&globex.admin.post("/sdk/v1/b2b/sso/oidc", body).await);
    assert_eq!(made["connection"]["organization_id"], globex.organization.as_str());
}

async fn only_the_project_lends(app: TestApp) {
    let page = Frontend::of(&app).await;
    let (acme, globex) = (Company::of(&page, "acme").await, Company::of(&page, "globex").await);
    let body = json!({
        "external_organization_id": acme.organization, "external_connection_id": acme.connection,
    });
    let refused = globex.admin.post("/sdk/v1/b2b/sso/external", body).await;
    refused.refused(403, "session_authorization_error");
}

async fn without_the_switch_members_act_on_nothing(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    app.put(SETTINGS, json!({ "member_actions": false })).await.ok();
    for who in [&acme.admin, &acme.member] {
        for (method, path) in [
            (Method::GET, "/sdk/v1/b2b/sso".to_owned()),
            (Method::POST, "/sdk/v1/b2b/sso/saml".to_owned()),
            (Method::DELETE, format!("/sdk/v1/b2b/sso/{}", acme.connection)),
        ] {
            who.ask(method, &path, json!({})).await.refused(401, "endpoint_not_authorized_for_sdk");
        }
        data(&who.post("/sdk/v1/b2b/sessions/authenticate", json!({})).await);
        let config = data(&who.get("/sdk/v1/b2b/admin_portal_config").await);
        assert_eq!(config["sso_config"]["can_create_saml_connection"], false);
    }
}

/// Browsers make hexadecimal verifiers of up to 128 characters, phones 64, and RFC 7636 says base64url of 43.
async fn verifiers_of_browsers_and_phones(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let sso = "/sdk/v1/b2b/sso/authenticate";
    for verifier in ["0a".repeat(32), "0a".repeat(50), "0a".repeat(64), "aB-_".repeat(11)[..43].to_owned()] {
        let challenge = challenge_of(&verifier);
        let token = challenged_token(&app, &acme.connection, &challenge).await;
        let body = |verifier: Option<&str>| json!({ "sso_token": token, "pkce_code_verifier": verifier });
        page.post(sso, body(None)).await.refused(400, "pkce_expected_code_verifier");
        let wrong = "f".repeat(64);
        page.post(sso, body(Some(&wrong))).await.refused(400, "pkce_mismatch");
        // A wrong one has not used the token up.
        data(&page.post(sso, body(Some(&verifier))).await);
        page.post(sso, body(Some(&verifier))).await.refused(404, "sso_token_not_found");
    }
    let token = Browser::new(&app).token(&acme.connection, "ada@acme.example.com").await;
    let stale = json!({ "sso_token": token, "pkce_code_verifier": "0a".repeat(32) });
    page.post(sso, stale).await.refused(400, "pkce_did_not_expect_code_verifier");
    // Where the project asks for it, a start without a challenge is refused.
    app.put(SETTINGS, json!({ "pkce_required_for_sso": true })).await.ok();
    let mut browser = Browser::new(&app);
    let refused = browser.start_reply(&acme.connection, &[]).await;
    refused.refused(400, "invalid_pkce_code_challenge");
    let challenge = challenge_of(&"0a".repeat(32));
    browser.start(&acme.connection, &[("pkce_code_challenge", &challenge)]).await;
}

async fn challenged_token(app: &TestApp, connection: &str, challenge: &str) -> String {
    let mut browser = Browser::new(app);
    let authorize = browser.start(connection, &[("pkce_code_challenge", challenge)]).await;
    let back = browser.approve(&authorize, "ada@acme.example.com", None).await;
    parameter(&browser.bring(&back).await.location(), "token")
}

fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

/// The published sample redeems the token of an SSO sign-in as one of OAuth.
async fn a_token_of_sso_is_one_wherever_it_is_brought(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let token = Browser::new(&app).token(&acme.connection, "ada@acme.example.com").await;
    let body = json!({ "oauth_token": token, "session_duration_minutes": 60 });
    let came = data(&page.post("/sdk/v1/b2b/oauth/authenticate", body.clone()).await);
    assert_eq!(came["member_authenticated"], true);
    assert_eq!(came["provider_values"], json!({}));
    page.post("/sdk/v1/b2b/oauth/authenticate", body).await.refused(404, "sso_token_not_found");
}

async fn connections_are_found_by_address(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let find = async |address: &str| {
        let path = format!("/sdk/v1/b2b/sso/discovery/connections?email_address={address}");
        data(&page.get(&path).await)["connections"].clone()
    };
    let found = find("ada%40acme.example.com").await;
    assert_eq!(found[0]["connection_id"], acme.connection.as_str(), "{found}");
    assert_eq!(found[0].as_object().unwrap().len(), 3, "{found}");
    assert_eq!(find("nobody%40acme.example.com").await, json!([]));
    let one = format!("/v1/b2b/organizations/{}", acme.organization);
    app.put(&one, json!({ "email_allowed_domains": ["acme.example.com"] })).await.ok();
    let found = find("nobody%40acme.example.com").await;
    assert_eq!(found[0]["connection_id"], acme.connection.as_str(), "{found}");
    let nobody =
        json!({ "sso_jit_provisioning": "RESTRICTED", "sso_jit_provisioning_allowed_connections": [] });
    app.put(&one, nobody).await.ok();
    assert_eq!(find("nobody%40acme.example.com").await, json!([]));
    page.get("/sdk/v1/b2b/sso/discovery/connections").await.refused(400, "invalid_email");
}
