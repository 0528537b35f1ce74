//! Signing in by mail, with a second factor, and into an organization that is still to be chosen or made.

use serde_json::{Value, json};
use url::Url;

use super::{Company, Frontend, ORIGIN_OF_PAGE, SETTINGS, data};
use crate::app::{TestApp, on_both_engines, text};
use crate::reply::parameter;
use crate::second_factors::Authenticator;

on_both_engines!(
    a_link_signs_in_and_its_sender_learns_nothing,
    a_code_signs_in,
    a_member_is_invited_by_whoever_asks,
    somebody_finds_and_founds_an_organization,
    what_founders_do_not_say,
    a_second_factor_finishes_a_sign_in,
    whoever_shows_nothing_changes_no_factor,
    recovery_codes_are_for_a_second_factor,
);

const LINKS: &str = "/sdk/v1/b2b/magic_links";
const CODES: &str = "/sdk/v1/b2b/otps/email";
const VERIFIER: &str = "0123456789012345678901234567890123456789012";
const CHALLENGE: &str = "_RpfHqw8pAZIomzVUE7sjRmHSM543WVdC4o-Kc4_3C0";

/// The token of the link that was sent last.
async fn sent_token(app: &TestApp, to: &str) -> String {
    let sent = app.messages_to(to).await.pop().unwrap_or_else(|| panic!("nothing was sent to {to}"));
    let line = sent.text.lines().find(|line| line.starts_with("https://"));
    parameter(&Url::parse(line.unwrap()).unwrap(), "token")
}

/// The code that was sent last.
async fn sent_code(app: &TestApp, to: &str) -> String {
    let sent = app.messages_to(to).await.pop().unwrap_or_else(|| panic!("nothing was sent to {to}"));
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    sent.text.split_whitespace().map(|word| word.trim_end_matches('.')).find(is_code).unwrap().to_owned()
}

async fn a_link_signs_in_and_its_sender_learns_nothing(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let ada = "ada@acme.example.com";
    let mut body = json!({ "organization_id": acme.organization, "email_address": ada, "pkce_code_challenge": CHALLENGE });
    let told = data(&page.post(&format!("{LINKS}/email/login_or_signup"), body.clone()).await);
    assert_eq!(told.as_object().unwrap().len(), 2, "who asks is anybody: {told}");
    let token = sent_token(&app, ada).await;
    let follow = format!("{LINKS}/authenticate");
    let bring = |verifier: Option<&str>| json!({ "magic_links_token": token, "pkce_code_verifier": verifier, "session_duration_minutes": 60 });
    page.post(&follow, bring(None)).await.refused(400, "pkce_expected_code_verifier");
    let came = data(&page.post(&follow, bring(Some(VERIFIER))).await);
    assert_eq!((&came["member_id"], &came["member_authenticated"]), (&json!(acme.member_id), &json!(true)));
    app.put(SETTINGS, json!({ "pkce_required_for_email_magic_links": true })).await.ok();
    body["pkce_code_challenge"] = Value::Null;
    let reply = page.post(&format!("{LINKS}/email/login_or_signup"), body).await;
    reply.refused(400, "invalid_pkce_code_challenge");
    let reply = page.post(&format!("{LINKS}/email/discovery/send"), json!({ "email_address": ada })).await;
    reply.refused(400, "invalid_pkce_code_challenge");
}

async fn a_code_signs_in(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let ada = "ada@acme.example.com";
    let body = json!({ "organization_id": acme.organization, "email_address": ada });
    let told = data(&page.post(&format!("{CODES}/login_or_signup"), body.clone()).await);
    assert_eq!(told.as_object().unwrap().len(), 2, "{told}");
    let mut enter = body;
    enter["code"] = json!(sent_code(&app, ada).await);
    let came = data(&page.post(&format!("{CODES}/authenticate"), enter).await);
    assert_eq!(came["member_id"], acme.member_id.as_str());
}

async fn a_member_is_invited_by_whoever_asks(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let invite = format!("{LINKS}/email/invite");
    let grace = "grace@acme.example.com";
    let body = json!({ "email_address": grace, "invited_by_member_id": acme.member_id });
    acme.member.post(&invite, body.clone()).await.refused(403, "session_authorization_error");
    let made = data(&acme.admin.post(&invite, body).await);
    assert_eq!(made["member"]["status"], "invited");
    let trusted = json!({ "email_address": "eve@acme.example.com", "trusted_metadata": { "plan": "gold" } });
    acme.admin.post(&invite, trusted).await.refused(401, "cannot_update_trusted_metadata");
    let token = sent_token(&app, grace).await;
    let came =
        data(&page.post(&format!("{LINKS}/authenticate"), json!({ "magic_links_token": token })).await);
    assert_eq!(came["member"]["email_address"], grace);
}

/// The token of a sign-in of somebody who has shown an address.
async fn seeker(page: &Frontend, address: &str) -> Value {
    page.app.app.clock.advance(1);
    let told =
        data(&page.post(&format!("{CODES}/discovery/send"), json!({ "email_address": address })).await);
    assert_eq!(told.as_object().unwrap().len(), 2, "{told}");
    let code = sent_code(&page.app, address).await;
    let body = json!({ "email_address": address, "code": code });
    data(&page.post(&format!("{CODES}/discovery/authenticate"), body).await)
}

async fn somebody_finds_and_founds_an_organization(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let open = json!({
        "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.example.com"],
        "trusted_metadata": { "plan": "gold" },
    });
    app.put(&format!("/v1/b2b/organizations/{}", acme.organization), open).await.ok();
    let found = seeker(&page, "new@acme.example.com").await;
    let token = found["intermediate_session_token"].clone();
    let list = json!({ "intermediate_session_token": token });
    let listed = data(&page.post("/sdk/v1/b2b/discovery/organizations", list).await);
    let one = &listed["discovered_organizations"][0];
    assert_eq!(one["membership"]["type"], "eligible_to_join_by_email_domain", "{listed}");
    assert_eq!(one["organization"]["trusted_metadata"], json!({}), "they are no member yet");
    page.post("/sdk/v1/b2b/discovery/organizations", json!({})).await.refused(401, "user_unauthenticated");
    let exchange = "/sdk/v1/b2b/discovery/intermediate_sessions/exchange";
    let none = json!({ "intermediate_session_token": "none", "organization_id": "acme" });
    page.post(exchange, none).await.refused(404, "intermediate_session_not_found");
    let enter = json!({ "intermediate_session_token": token, "organization_id": acme.organization });
    let came = data(&page.post(exchange, enter).await);
    assert_eq!(came["organization_id"], acme.organization.as_str());
    let member = page.with(&text(&came["session_token"]));
    let listed = data(&member.post("/sdk/v1/b2b/discovery/organizations", json!({})).await);
    assert_eq!(listed["discovered_organizations"][0]["membership"]["type"], "active_member");
    let found = seeker(&page, "founder@start.example.com").await;
    let create = "/sdk/v1/b2b/discovery/organizations/create";
    let body = json!({
        "intermediate_session_token": found["intermediate_session_token"], "organization_name": "Start",
        "session_duration_minutes": 60,
    });
    app.put(SETTINGS, json!({ "organization_creation": false })).await.ok();
    page.post(create, body.clone()).await.refused(401, "endpoint_not_authorized_for_sdk");
    app.put(SETTINGS, json!({ "organization_creation": true })).await.ok();
    let came = data(&page.post(create, body).await);
    assert!(came["member_session"]["roles"].as_array().unwrap().contains(&json!("stytch_admin")), "{came}");
}

/// Whoever founds an organization by themselves is not its project.
async fn what_founders_do_not_say(app: TestApp) {
    let page = Frontend::of(&app).await;
    let found = seeker(&page, "founder@start.example.com").await;
    for (name, value, status, error) in [
        ("trusted_metadata", json!({ "plan": "gold" }), 401, "cannot_update_trusted_metadata"),
        ("claimed_email_domains", json!(["start.example.com"]), 403, "session_authorization_error"),
        ("organization_external_id", json!("customer-1"), 403, "session_authorization_error"),
    ] {
        let body = json!({
            "intermediate_session_token": found["intermediate_session_token"], "organization_name": "Start", name: value,
        });
        page.post("/sdk/v1/b2b/discovery/organizations/create", body).await.refused(status, error);
    }
}

async fn a_second_factor_finishes_a_sign_in(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let policy = json!({ "mfa_policy": "REQUIRED_FOR_ALL" });
    app.put(&format!("/v1/b2b/organizations/{}", acme.organization), policy).await.ok();
    let waiting = page.sign_in(&acme.connection, "ada@acme.example.com").await;
    assert_eq!((&waiting["member_authenticated"], &waiting["member_session"]), (&json!(false), &json!(null)));
    let named = |more: Value| {
        let mut body = json!({
            "organization_id": acme.organization, "member_id": acme.member_id,
            "intermediate_session_token": waiting["intermediate_session_token"],
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let begun = data(&page.post("/sdk/v1/b2b/totp", named(json!({}))).await);
    let phone = Authenticator::of(&begun);
    let other = named(json!({ "member_id": acme.admin_id, "code": phone.code(&app) }));
    page.post("/sdk/v1/b2b/totp/authenticate", other).await.refused(404, "intermediate_session_not_found");
    let proof = named(json!({ "code": phone.code(&app), "session_duration_minutes": 60 }));
    let came = data(&page.post("/sdk/v1/b2b/totp/authenticate", proof).await);
    let member = page.with(&text(&came["session_token"]));
    data(&member.post("/sdk/v1/b2b/sessions/authenticate", json!({})).await);
    // A recovery code finishes the next one.
    let waiting = page.sign_in(&acme.connection, "ada@acme.example.com").await;
    let body = json!({
        "organization_id": "acme", "member_id": acme.member_id, "recovery_code": phone.recovery_codes[0],
        "intermediate_session_token": waiting["intermediate_session_token"], "session_duration_minutes": 60,
    });
    let came = data(&page.post("/sdk/v1/b2b/recovery_codes/recover", body).await);
    assert_eq!(came["recovery_codes_remaining"], 9);
}

/// With the project's credentials a factor is added by whoever asks; a public token vouches for nobody.
async fn whoever_shows_nothing_changes_no_factor(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let globex = Company::of(&page, "globex").await;
    let named = json!({
        "organization_id": acme.organization, "member_id": acme.member_id, "code": "123456", "recovery_code": "x",
        "mfa_phone_number": "+15555550123",
    });
    for path in
        ["totp", "totp/authenticate", "otps/sms/send", "otps/sms/authenticate", "recovery_codes/recover"]
    {
        let path = format!("/sdk/v1/b2b/{path}");
        page.post(&path, named.clone()).await.refused(401, "user_unauthenticated");
        for other in [&acme.admin, &globex.admin] {
            let refused = other.post(&path, named.clone()).await;
            assert!(refused.status.is_client_error(), "{path}: {}", refused.text());
            assert_eq!(refused.envelope(), "session_member_mismatch", "{path}");
        }
        let mut body = named.clone();
        body["intermediate_session_token"] = json!("none");
        page.post(&path, body).await.refused(404, "intermediate_session_not_found");
    }
    let path = format!("/v1/b2b/organizations/{}/member?member_id={}", acme.organization, acme.member_id);
    let member = app.get(&path).await.ok();
    assert_eq!(
        (&member["member"]["mfa_phone_number"], &member["member"]["totp_registration_id"]),
        (&json!(""), &json!(""))
    );
}

async fn recovery_codes_are_for_a_second_factor(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let codes = "/sdk/v1/b2b/recovery_codes";
    page.get(codes).await.refused(401, "user_unauthenticated");
    acme.member.get(codes).await.refused(403, "second_factor_required");
    let named = |more: Value| {
        let mut body = json!({ "organization_id": acme.organization, "member_id": acme.member_id });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let begun = data(&acme.member.post("/sdk/v1/b2b/totp", named(json!({}))).await);
    let phone = Authenticator::of(&begun);
    let proof = named(json!({ "code": phone.code(&app) }));
    let came = data(&acme.member.post("/sdk/v1/b2b/totp/authenticate", proof).await);
    assert_eq!(came["member_session"]["authentication_factors"].as_array().unwrap().len(), 2);
    let shown = data(&acme.member.get(codes).await);
    assert_eq!(shown["recovery_codes"].as_array().unwrap().len(), 10);
    let rotated = data(&acme.member.post(&format!("{codes}/rotate"), json!({})).await);
    assert_ne!(rotated["recovery_codes"], shown["recovery_codes"]);
    // Another session of theirs has shown one factor only.
    let again = page.sign_in(&acme.connection, "ada@acme.example.com").await;
    assert_eq!(again["member_authenticated"], true, "{again}, {ORIGIN_OF_PAGE}");
    let plain = page.with(&text(&again["session_token"]));
    plain.get(codes).await.refused(403, "second_factor_required");
    plain.post(&format!("{codes}/rotate"), json!({})).await.refused(403, "second_factor_required");
}
