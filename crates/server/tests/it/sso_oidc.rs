//! Signing in through an identity provider that speaks OpenID Connect: who becomes which member.

use serde_json::{Value, json};
use vestibule_testidp::Fault;

use crate::app::{LOGIN_URL, SIGNUP_URL, TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::reply::parameter;

on_both_engines!(
    a_member_signs_in_and_comes_back,
    an_address_links_only_inside_the_organization,
    an_invited_member_becomes_active,
    jit_provisioning_follows_the_organization,
    restricted_methods_spare_breakglass_members,
    a_changed_address_retires_the_old_one,
    a_recycled_address_is_not_merged,
    an_address_in_userinfo_is_enough,
    one_member_may_have_two_connections,
    mapped_claims_become_trusted_metadata,
    a_deleted_member_is_not_signed_in,
    every_way_of_client_authentication,
    the_way_of_client_authentication_is_left_to_the_provider_again,
);

async fn a_member_signs_in_and_comes_back(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    let mut browser = Browser::new(&app);

    let back = browser.sign_in(&connection, "ada@example.com").await.location();
    assert!(back.as_str().starts_with(SIGNUP_URL), "{back}");
    assert_eq!(parameter(&back, "stytch_token_type"), "sso");
    assert_eq!(parameter(&back, "slug"), "acme");
    assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);

    let signed_in = app.redeem(&parameter(&back, "token")).await.ok();
    let member = &signed_in["member"];
    assert_eq!(member["email_address"], "ada@example.com");
    assert_eq!(member["name"], "Ada Lovelace");
    assert_eq!(member["status"], "active");
    assert_eq!(member["sso_registrations"][0]["connection_id"], connection.as_str());
    assert_eq!(member["sso_registrations"][0]["external_id"], "subject-ada");
    assert_eq!(signed_in["organization_id"], organization.as_str());
    assert_eq!(signed_in["member_authenticated"], true);
    assert_eq!(signed_in["member_session"]["authentication_factors"][0]["delivery_method"], "sso_oidc");

    let again = browser.sign_in(&connection, "ada@example.com").await.location();
    assert!(again.as_str().starts_with(LOGIN_URL), "{again}");
    let second = app.redeem(&parameter(&again, "token")).await.ok();
    assert_eq!(second["member_id"], signed_in["member_id"]);
    assert_ne!(second["session_token"], signed_in["session_token"]);
    assert_eq!(app.member_count(&organization).await, 1);
}

async fn an_address_links_only_inside_the_organization(app: TestApp) {
    let (acme, globex) =
        (app.organization("acme", json!({})).await, app.organization("globex", json!({})).await);
    let of_acme = app.member(&acme, "ada@example.com", json!({})).await;
    let connection = app.connection(&globex).await;

    // Globex's provider says that it is Ada: that makes her a member of Globex and nothing else.
    let signed_in = app.session(&connection, "ada@example.com").await;
    assert_eq!(signed_in["organization_id"], globex.as_str());
    assert_ne!(signed_in["member_id"], of_acme.as_str());
    let untouched = app.get(&format!("/v1/b2b/organizations/{acme}/member?member_id={of_acme}")).await.ok();
    assert_eq!(untouched["member"]["sso_registrations"], json!([]));
    assert_eq!((app.member_count(&acme).await, app.member_count(&globex).await), (1, 1));
}

async fn an_invited_member_becomes_active(app: TestApp) {
    let organization = app
        .organization(
            "acme",
            json!({ "sso_jit_provisioning": "NOT_ALLOWED", "email_invites": "ALL_ALLOWED" }),
        )
        .await;
    let connection = app.connection(&organization).await;
    let pending =
        app.member(&organization, "Ada@Example.com", json!({ "create_member_as_pending": true })).await;
    let back = Browser::new(&app).sign_in(&connection, "ada@example.com").await.location();
    assert!(back.as_str().starts_with(LOGIN_URL), "{back}");
    let signed_in = app.redeem(&parameter(&back, "token")).await.ok();
    assert_eq!(signed_in["member_id"], pending.as_str());
    assert_eq!(signed_in["member"]["status"], "active");
}

async fn jit_provisioning_follows_the_organization(app: TestApp) {
    let organization = app
        .organization(
            "acme",
            json!({
                "sso_jit_provisioning": "NOT_ALLOWED", "email_invites": "ALL_ALLOWED",
                "claimed_email_domains": ["example.com"],
            }),
        )
        .await;
    let (listed, other) = (app.connection(&organization).await, app.connection(&organization).await);
    let mut browser = Browser::new(&app);
    for connection in [&listed, &other] {
        let refused = browser.sign_in(connection, "ada@example.com").await;
        refused.refusal_page("jit_provisioning_not_allowed");
    }
    let path = format!("/v1/b2b/organizations/{organization}");
    let restricted = json!({
        "sso_jit_provisioning": "RESTRICTED",
        "sso_jit_provisioning_allowed_connections": [listed],
    });
    app.put(&path, restricted).await.ok();
    browser.sign_in(&other, "ada@example.com").await.refusal_page("jit_provisioning_not_allowed");
    assert_eq!(app.member_count(&organization).await, 0);
    assert!(browser.sign_in(&listed, "ada@example.com").await.location().as_str().starts_with(SIGNUP_URL));
    // Now that she is a member, every connection of the organization signs her in that
    // vouches for her in its own domain.
    assert!(browser.sign_in(&other, "ada@example.com").await.location().as_str().starts_with(LOGIN_URL));
}

async fn restricted_methods_spare_breakglass_members(app: TestApp) {
    let methods = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["magic_link"] });
    let organization = app.organization("acme", methods).await;
    let connection = app.connection(&organization).await;
    app.member(&organization, "ada@example.com", json!({ "is_breakglass": true })).await;
    app.member(&organization, "alan@example.com", json!({})).await;
    let mut browser = Browser::new(&app);
    for email in ["alan@example.com", "grace@example.com"] {
        let refused = browser.sign_in(&connection, email).await;
        refused.refusal_page("operation_restricted_by_organization_auth_methods");
    }
    app.session(&connection, "ada@example.com").await;

    // The rule may also change between callback and redemption.
    let path = format!("/v1/b2b/organizations/{organization}");
    app.put(&path, json!({ "allowed_auth_methods": ["sso"] })).await.ok();
    let token = browser.token(&connection, "alan@example.com").await;
    app.put(&path, json!({ "allowed_auth_methods": ["magic_link"] })).await.ok();
    app.redeem(&token).await.refused(400, "operation_restricted_by_organization_auth_methods");
}

async fn a_changed_address_retires_the_old_one(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    let before = app.session(&connection, "ada@example.com").await;
    // An address that another member has is not taken away from them.
    let other = app.member(&organization, "ada.king@example.com", json!({})).await;
    let same = app.session(&connection, "ada.king@example.com").await;
    assert_eq!(same["member_id"], before["member_id"]);
    assert_eq!(same["member"]["email_address"], "ada@example.com");
    app.delete(&format!("/v1/b2b/organizations/{organization}/members/{other}")).await.ok();

    let after = app.session(&connection, "ada.king@example.com").await;
    assert_eq!(after["member_id"], before["member_id"]);
    assert_eq!(after["member"]["email_address"], "ada.king@example.com");
    assert_eq!(after["member"]["retired_email_addresses"][0]["email_address"], "ada@example.com");
    // One that was their own is theirs again, and is no longer retired.
    let back = app.session(&connection, "ada@example.com").await;
    assert_eq!(back["member_id"], before["member_id"]);
    assert_eq!(back["member"]["email_address"], "ada@example.com");
    assert_eq!(back["member"]["retired_email_addresses"].as_array().map(Vec::len), Some(1));
    assert_eq!(back["member"]["retired_email_addresses"][0]["email_address"], "ada.king@example.com");
}

async fn a_recycled_address_is_not_merged(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    app.session(&connection, "subject-grace").await;
    let refused = Browser::new(&app).sign_in(&connection, "subject-other-grace").await;
    refused.refusal_page("oidc_response_subject_mismatch");
    assert_eq!(app.member_count(&organization).await, 1);
}

async fn an_address_in_userinfo_is_enough(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    let mut browser = Browser::new(&app);
    browser.sign_in(&connection, "ada@example.com").await.location();
    assert_eq!(app.provider.hits("/userinfo"), 0, "the id token said everything");
    let back =
        browser.sign_in_with(&connection, "alan@example.com", Some(Fault::EmailInUserinfo)).await.location();
    let signed_in = app.redeem(&parameter(&back, "token")).await.ok();
    assert_eq!(signed_in["member"]["email_address"], "alan@example.com");
    assert_eq!(app.provider.hits("/userinfo"), 1);
}

async fn one_member_may_have_two_connections(app: TestApp) {
    let organization = app.organization("acme", json!({ "claimed_email_domains": ["example.com"] })).await;
    let (first, second) = (app.connection(&organization).await, app.connection(&organization).await);
    let one = app.session(&first, "ada@example.com").await;
    let two = app.session(&second, "ada@example.com").await;
    assert_eq!(one["member_id"], two["member_id"]);
    let registrations = two["member"]["sso_registrations"].as_array().unwrap();
    let mut connections: Vec<String> = registrations.iter().map(|one| text(&one["connection_id"])).collect();
    let mut expected = vec![first, second];
    connections.sort();
    expected.sort();
    assert_eq!(connections, expected);
}

async fn mapped_claims_become_trusted_metadata(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let mapping = json!({ "attribute_mapping": { "teams": "groups", "idp_user_id": "email" } });
    let connection = app.connection_with(&organization, mapping).await;
    let signed_in = app.session(&connection, "ada@example.com").await;
    assert_eq!(signed_in["member"]["trusted_metadata"]["teams"], json!(["engineering"]), "{signed_in}");
    assert_eq!(signed_in["member"]["sso_registrations"][0]["external_id"], "ada@example.com");
}

async fn a_deleted_member_is_not_signed_in(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    let member = text(&app.session(&connection, "ada@example.com").await["member_id"]);
    let token = Browser::new(&app).token(&connection, "ada@example.com").await;
    app.delete(&format!("/v1/b2b/organizations/{organization}/members/{member}")).await.ok();
    app.redeem(&token).await.refused(404, "sso_token_not_found");
    app.put(
        &format!("/v1/b2b/organizations/{organization}"),
        json!({ "sso_jit_provisioning": "NOT_ALLOWED", "email_invites": "ALL_ALLOWED" }),
    )
    .await
    .ok();
    let refused = Browser::new(&app).sign_in(&connection, "ada@example.com").await;
    refused.refusal_page("jit_provisioning_not_allowed");
}

async fn every_way_of_client_authentication(app: TestApp) {
    let organization = app.organization("acme", json!({ "claimed_email_domains": ["example.com"] })).await;
    for (method, accepted) in [
        ("client_secret_basic", true),
        ("client_secret_post", true),
        // The test provider knows neither: what counts is that its refusal signs nobody in.
        ("private_key_jwt", false),
        ("none", false),
    ] {
        let setting: Value = json!({ "token_endpoint_auth_method": method });
        let connection = app.connection_with(&organization, setting).await;
        let answer = Browser::new(&app).sign_in(&connection, "ada@example.com").await;
        if accepted {
            answer.location();
        } else {
            answer.refusal_page("oidc_auth_code_error");
            assert!(answer.text().contains(method), "{}", answer.text());
        }
    }
}

async fn the_way_of_client_authentication_is_left_to_the_provider_again(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection =
        app.connection_with(&organization, json!({ "token_endpoint_auth_method": "none" })).await;
    let path = format!("/v1/b2b/sso/oidc/{organization}/connections/{connection}");
    let put = |method: &'static str| app.put(&path, json!({ "token_endpoint_auth_method": method }));
    put("secret").await.refused(400, "invalid_field");
    let unset = put("").await.ok();
    assert_eq!(unset["connection"]["token_endpoint_auth_method"], "client_secret_basic");
    Browser::new(&app).sign_in(&connection, "ada@example.com").await.location();
}
