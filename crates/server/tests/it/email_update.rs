//! Another address for a member, which is theirs when they bring back what was sent there.

use http::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, on_both_engines, text};
use crate::by_mail::{code, token};
use crate::organizations::session_of;
use crate::reply::Reply;

on_both_engines!(
    an_address_is_theirs_when_they_follow_the_link,
    an_address_is_theirs_when_they_enter_the_code,
    what_cannot_become_theirs,
    what_was_taken_meanwhile,
    whose_address_a_member_may_change,
);

const NEW: &str = "ada.lovelace@acme.example";

async fn start(app: &TestApp, member: &str, body: Value) -> Reply {
    let path = format!("/v1/b2b/organizations/acme/members/{member}/start_email_update");
    app.post(&path, body).await
}

async fn follow(app: &TestApp, token: &str) -> Reply {
    app.post("/v1/b2b/magic_links/authenticate", json!({ "magic_links_token": token })).await
}

async fn acme(app: &TestApp) -> (String, String) {
    let acme = app.organization("acme", json!({})).await;
    let ada = app.member(&acme, "ada@acme.example", json!({})).await;
    (acme, ada)
}

async fn an_address_is_theirs_when_they_follow_the_link(app: TestApp) {
    let (_, ada) = acme(&app).await;
    let asked = start(&app, &ada, json!({ "email_address": NEW })).await.ok();
    assert_eq!(asked["member"]["email_address"], "ada@acme.example", "nothing changes before it is proved");
    assert!(app.messages_to("ada@acme.example").await.is_empty());
    let token = token(&app, NEW).await;
    let session = follow(&app, &token).await.ok();
    let member = &session["member"];
    assert_eq!((&session["member_id"], &member["email_address"]), (&json!(ada), &json!(NEW)));
    assert_eq!(member["email_address_verified"], true);
    assert_eq!(member["retired_email_addresses"][0]["email_address"], "ada@acme.example");
    follow(&app, &token).await.refused(401, "unable_to_auth_magic_link");
    // The old one is reserved.
    let taken =
        app.post("/v1/b2b/organizations/acme/members", json!({ "email_address": "ada@acme.example" })).await;
    taken.refused(400, "duplicate_member_email");
}

async fn an_address_is_theirs_when_they_enter_the_code(app: TestApp) {
    let (acme, ada) = acme(&app).await;
    start(&app, &ada, json!({ "email_address": NEW, "delivery_method": "EMAIL_OTP" })).await.ok();
    let code = code(&app, NEW).await;
    let body = json!({ "organization_id": acme, "email_address": NEW, "code": code });
    let session = app.post("/v1/b2b/otps/email/authenticate", body).await.ok();
    assert_eq!((&session["member_id"], &session["member"]["email_address"]), (&json!(ada), &json!(NEW)));
}

async fn what_cannot_become_theirs(app: TestApp) {
    let (acme, ada) = acme(&app).await;
    let grace = app.member(&acme, "grace@acme.example", json!({})).await;
    let path = format!("/v1/b2b/organizations/{acme}/members/{grace}");
    app.put(&path, json!({ "email_address": "grace2@acme.example" })).await.ok();
    app.organization("globex", json!({ "claimed_email_domains": ["globex.example"] })).await;
    for (body, name) in [
        (json!({}), "missing_required_field"),
        (json!({ "email_address": "nobody" }), "invalid_email"),
        (json!({ "email_address": "ada@acme.example" }), "invalid_email"),
        (json!({ "email_address": "grace2@acme.example" }), "duplicate_member_email"),
        (json!({ "email_address": "grace@acme.example" }), "duplicate_member_email"),
        (json!({ "email_address": "ada@globex.example" }), "action_not_allowed_email_domain_is_claimed"),
        (json!({ "email_address": NEW, "delivery_method": "PIGEON" }), "invalid_field"),
    ] {
        start(&app, &ada, body).await.refused(400, name);
    }
    let restricted = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["email_otp"] });
    app.put(&format!("/v1/b2b/organizations/{acme}"), restricted).await.ok();
    let refused = start(&app, &ada, json!({ "email_address": NEW })).await;
    refused.refused(400, "operation_restricted_by_organization_auth_methods");
    assert!(app.messages_to(NEW).await.is_empty());
}

/// Who has the address when it is proved keeps it.
async fn what_was_taken_meanwhile(app: TestApp) {
    let (acme, ada) = acme(&app).await;
    start(&app, &ada, json!({ "email_address": NEW })).await.ok();
    let token = token(&app, NEW).await;
    app.member(&acme, NEW, json!({})).await;
    follow(&app, &token).await.refused(400, "duplicate_member_email");
    let shown = app.get(&format!("/v1/b2b/organizations/acme/member?member_id={ada}")).await.ok();
    assert_eq!(shown["member"]["email_address"], "ada@acme.example");
}

async fn whose_address_a_member_may_change(app: TestApp) {
    let (acme, ada) = acme(&app).await;
    let grace = app.member(&acme, "grace@acme.example", json!({})).await;
    let session = session_of(&app, &ada).await;
    let as_ada = async |member: &str, address: &str| {
        let path = format!("/v1/b2b/organizations/acme/members/{member}/start_email_update");
        app.as_member(&session, Method::POST, &path, json!({ "email_address": address })).await
    };
    let refused = as_ada(&grace, "grace2@acme.example").await.refused(403, "session_authorization_error");
    assert!(text(&refused["error_message"]).contains("update.info.email"), "{refused}");
    as_ada(&ada, NEW).await.ok();
}
