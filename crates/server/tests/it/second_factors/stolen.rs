//! What somebody must not do who has a first factor of somebody else's, or a session that was proved by one alone.

use http::Method;
use serde_json::{Value, json};

use super::{Authenticator, NUMBER, OTHER_NUMBER, Person, codes_to, last_code};
use crate::app::{TestApp, on_both_engines, text};
use crate::discovery::shown;

on_both_engines!(
    a_first_factor_alone_adds_no_second_one,
    what_was_left_behind_before_they_enrolled_is_worth_nothing,
    a_session_without_a_second_factor_changes_none,
    a_session_with_a_second_factor_may,
    somebody_elses_address_is_no_first_factor,
    an_address_that_was_left_is_no_first_factor,
    a_first_factor_is_not_enough_once_they_enrolled,
);

/// Whoever asks with a stolen first factor.
fn thief(token: &str) -> Value {
    json!({ "intermediate_session_token": token })
}

fn and(mut with: Value, name: &str, value: Value) -> Value {
    with[name] = value;
    with
}

async fn a_first_factor_alone_adds_no_second_one(app: TestApp) {
    let ada = Person::required(&app, "acme").await;
    let authenticator = ada.enrolled().await;
    let token = ada.intermediate().await;
    let with = thief(&token);
    ada.ask("/v1/b2b/totp", with.clone()).await.refused(400, "active_totp_exists");
    let theirs = and(with.clone(), "mfa_phone_number", json!(OTHER_NUMBER));
    ada.send(theirs).await.refused(403, "second_factor_required");
    assert_eq!(ada.shown().await["mfa_phone_number"], "");
    assert!(codes_to(&app, OTHER_NUMBER).await.is_empty());
    // A number that an administrator wrote down is no way around the authenticator either.
    app.put(&ada.path(""), json!({ "mfa_phone_number": NUMBER })).await.ok();
    ada.send(with.clone()).await.refused(403, "second_factor_required");
    ada.send(json!({})).await.ok();
    let code = last_code(&app, NUMBER).await;
    ada.prove_sms(&code, with.clone()).await.refused(403, "second_factor_required");
    // It is no session: neither recovery codes nor the member are its business.
    for (method, path) in [(Method::GET, ada.codes_path()), (Method::DELETE, ada.path("/totp"))] {
        app.as_member(&token, method, &path, json!({})).await.refused(404, "session_not_found");
    }
    let change = json!({ "mfa_phone_number": OTHER_NUMBER });
    ada.change_oneself(&token, change).await.refused(404, "session_not_found");
    // And the one who has the authenticator goes on with what is left of it all.
    let proved = ada.prove(&authenticator.code(&app), with).await.ok();
    ada.prove_sms(&code, json!({ "session_token": proved["session_token"] })).await.ok();
    // The same by a number that was proved.
    let grace = ada.colleague("grace@acme.example.com").await;
    let token = grace.intermediate().await;
    grace.send(and(thief(&token), "mfa_phone_number", json!("+15555550777"))).await.ok();
    let code = last_code(&app, "+15555550777").await;
    grace.prove_sms(&code, thief(&token)).await.ok();
    let token = grace.intermediate().await;
    grace.ask("/v1/b2b/totp", thief(&token)).await.refused(403, "second_factor_required");
}

async fn what_was_left_behind_before_they_enrolled_is_worth_nothing(app: TestApp) {
    // A registration that the thief began before Ada had a number.
    let ada = Person::required(&app, "acme").await;
    let left = Authenticator::of(
        &ada.begin(and(thief(&ada.intermediate().await), "expiration_minutes", json!(1440))).await,
    );
    ada.with_number().await;
    let token = ada.intermediate().await;
    ada.prove(&left.code(&app), thief(&token)).await.refused(403, "second_factor_required");
    // A number that the thief left before Grace had an authenticator.
    let grace = ada.colleague("grace@acme.example.com").await;
    let token = grace.intermediate().await;
    grace.send(and(thief(&token), "mfa_phone_number", json!(OTHER_NUMBER))).await.ok();
    let code = last_code(&app, OTHER_NUMBER).await;
    grace.enrolled().await;
    grace.prove_sms(&code, thief(&grace.intermediate().await)).await.refused(403, "second_factor_required");
    let waiting = grace.first_factor().await;
    assert_eq!(waiting["mfa_required"]["secondary_auth_initiated"], json!(null), "nothing is sent to it");
}

async fn a_session_without_a_second_factor_changes_none(app: TestApp) {
    let ada = Person::optional(&app, "acme").await;
    let session = ada.session().await;
    // Nobody to protect yet.
    ada.change_oneself(&session, json!({ "mfa_phone_number": NUMBER, "mfa_enrolled": false })).await.ok();
    let with = json!({ "session_token": session });
    ada.send(with.clone()).await.ok();
    ada.prove_sms(&last_code(&app, NUMBER).await, with).await.ok();
    let first_only = ada.session().await;
    let with = json!({ "session_token": first_only });
    ada.ask("/v1/b2b/totp", with.clone()).await.refused(403, "second_factor_required");
    for change in [
        json!({ "mfa_phone_number": OTHER_NUMBER }),
        json!({ "mfa_phone_number": "" }),
        json!({ "mfa_enrolled": true }),
    ] {
        ada.change_oneself(&first_only, change).await.refused(403, "second_factor_required");
    }
    ada.change_oneself(&first_only, json!({ "name": "Ada" })).await.ok();
    // What the backend began is finished by nobody who has less.
    let begun = Authenticator::of(&ada.begin(json!({})).await);
    ada.prove(&begun.code(&app), with.clone()).await.refused(403, "second_factor_required");
    ada.send(with.clone()).await.ok();
    ada.prove_sms(&last_code(&app, NUMBER).await, with.clone()).await.ok();
    ada.prove(&begun.code(&app), with).await.ok();
    let first_only = ada.session().await;
    let own = app.as_member(&first_only, Method::DELETE, &ada.path("/totp"), json!({})).await;
    own.refused(403, "second_factor_required");
}

async fn a_session_with_a_second_factor_may(app: TestApp) {
    let ada = Person::required(&app, "acme").await;
    let proved = ada.with_number().await;
    let session = text(&proved["session_token"]);
    let with = json!({ "session_token": session });
    let authenticator = Authenticator::of(&ada.begin(with.clone()).await);
    ada.prove(&authenticator.code(&app), with).await.ok();
    ada.change_oneself(&session, json!({ "mfa_phone_number": OTHER_NUMBER })).await.ok();
    // An administrator may for others, whatever their own factors.
    let grace = ada.colleague("grace@acme.example.com").await;
    let member = app.as_member(&session, Method::DELETE, &grace.path("/totp"), json!({})).await;
    member.refused(403, "session_authorization_error");
    app.put(&ada.path(""), json!({ "roles": ["stytch_admin"] })).await.ok();
    grace.enrolled().await;
    app.as_member(&session, Method::DELETE, &grace.path("/totp"), json!({})).await.ok();
    app.as_member(&session, Method::DELETE, &ada.path("/totp"), json!({})).await.ok();
    assert_eq!(ada.shown().await["totp_registration_id"], "");
    // The authenticator had proved something in this session.
    let body = json!({ "session_token": session });
    app.post("/v1/b2b/sessions/authenticate", body).await.refused(404, "session_not_found");
}

/// A sign-in through one organization's provider is none in another organization.
async fn somebody_elses_address_is_no_first_factor(app: TestApp) {
    let ada = Person::required(&app, "acme").await;
    let token = ada.intermediate().await;
    let sso_no_more = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["email_otp"] });
    app.put(&format!("/v1/b2b/organizations/{}", ada.organization), sso_no_more).await.ok();
    let error = "action_available_only_once_primary_authentication_is_met";
    ada.ask("/v1/b2b/totp", thief(&token)).await.refused(400, error);
    ada.send(and(thief(&token), "mfa_phone_number", json!(NUMBER))).await.refused(400, error);
    let begun = Authenticator::of(&ada.begin(json!({})).await);
    ada.prove(&begun.code(&app), thief(&token)).await.refused(400, error);
    assert_eq!(ada.shown().await["totp_registration_id"], "");
}

/// Whoever has an address now that a member left has nothing of the member's.
async fn an_address_that_was_left_is_no_first_factor(app: TestApp) {
    let ada = Person::optional(&app, "acme").await;
    app.put(&ada.path(""), json!({ "email_address": "lovelace@acme.example.com" })).await.ok();
    let token = shown(&app, &ada.email).await;
    let error = "action_available_only_once_primary_authentication_is_met";
    ada.ask("/v1/b2b/totp", thief(&token)).await.refused(400, error);
    ada.send(and(thief(&token), "mfa_phone_number", json!(OTHER_NUMBER))).await.refused(400, error);
    let begun = Authenticator::of(&ada.begin(json!({})).await);
    ada.prove(&begun.code(&app), thief(&token)).await.refused(400, error);
    assert_eq!(ada.shown().await["totp_registration_id"], "");
    assert!(codes_to(&app, OTHER_NUMBER).await.is_empty());
    // Who has the one that the member has now goes on.
    let token = shown(&app, "lovelace@acme.example.com").await;
    ada.prove(&begun.code(&app), thief(&token)).await.ok();
}

async fn a_first_factor_is_not_enough_once_they_enrolled(app: TestApp) {
    let ada = Person::optional(&app, "acme").await;
    let session = ada.session().await;
    let with = json!({ "session_token": session, "set_mfa_enrollment": "enroll" });
    let authenticator = Authenticator::of(&ada.begin(json!({ "session_token": session })).await);
    ada.prove(&authenticator.code(&app), with).await.ok();
    let token = ada.intermediate().await;
    app.post("/v1/b2b/sessions/authenticate", json!({ "session_token": token }))
        .await
        .refused(404, "session_not_found");
    app.pass(601);
    let late = ada.prove(&authenticator.code(&app), thief(&token)).await;
    late.refused(404, "intermediate_session_not_found");
}
