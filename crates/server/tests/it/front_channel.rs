//! Connections whose provider hands the id token to the browser (`type: front_channel`, our own extension).

use serde_json::{Value, json};
use vestibule_testidp::Fault;

use crate::app::{SIGNUP_URL, TestApp, on_both_engines};
use crate::browser::Browser;
use crate::reply::parameter;

on_both_engines!(
    an_id_token_by_form_post_signs_in,
    lies_in_an_id_token_are_refused,
    an_id_token_is_for_one_sign_in,
    channels_are_not_mixed,
);

/// A connection without secret, token and userinfo URLs. The provider's document is out of reach, so that
/// nothing but what is given here is known.
async fn front_channel(app: &TestApp, organization: &str) -> String {
    app.provider.set_path_down(Some("/.well-known/openid-configuration"));
    let settings = json!({
        "type": "front_channel",
        "client_secret": Value::Null,
        "token_url": Value::Null,
        "userinfo_url": Value::Null,
    });
    let connection = app.connection_with(organization, settings).await;
    app.provider.set_path_down(None);
    connection
}

async fn an_id_token_by_form_post_signs_in(app: TestApp) {
    let connection = front_channel(&app, &app.organization("acme", json!({})).await).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&connection, &[]).await;
    assert_eq!(parameter(&to, "response_type"), "id_token");
    assert_eq!(parameter(&to, "response_mode"), "form_post");
    let back = browser.approve(&to, "ada@example.com", None).await;
    assert!(back.is_form);
    let cookies = browser.cookies.clone();
    let target = browser.bring(&back).await.location();
    assert!(target.as_str().starts_with(SIGNUP_URL), "{target}");
    let signed_in = app.redeem(&parameter(&target, "token")).await.ok();
    assert_eq!(signed_in["member"]["email_address"], "ada@example.com");
    assert_eq!((app.provider.hits("/token"), app.provider.hits("/userinfo")), (0, 0));

    browser.cookies = cookies;
    browser.bring(&back).await.refusal_page("unsolicited_oidc_response");
}

async fn lies_in_an_id_token_are_refused(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = front_channel(&app, &organization).await;
    for (fault, code) in [
        (Fault::WrongIssuer, "oidc_invalid_id_token"),
        (Fault::WrongAudience, "oidc_invalid_id_token"),
        (Fault::Expired, "expired_oidc_response"),
        (Fault::WrongNonce, "oidc_invalid_id_token"),
        (Fault::BadSignature, "oidc_invalid_id_token"),
        (Fault::UnknownKid, "oidc_invalid_id_token"),
        (Fault::AlgNone, "oidc_invalid_id_token"),
        (Fault::Hs256WithPublicKey, "oidc_invalid_id_token"),
        (Fault::MissingSub, "oidc_response_subject_missing"),
        (Fault::MissingEmail, "oidc_response_email_missing"),
        (Fault::UnverifiedEmail, "oidc_response_unverified_email"),
        (Fault::AccessDenied, "oidc_user_not_assigned_to_app_in_idp"),
        (Fault::ClockAhead, "oidc_invalid_id_token"),
        (Fault::IatMissing, "oidc_invalid_id_token"),
        (Fault::ForeignState, "unsolicited_oidc_response"),
        // Nobody is there to ask: what the token does not say is missing.
        (Fault::EmailInUserinfo, "oidc_response_email_missing"),
    ] {
        let answer = Browser::new(&app).sign_in_with(&connection, "ada@example.com", Some(fault)).await;
        answer.refusal_page(code);
        assert!(!answer.text().contains("eyJ"), "{fault:?}: a token on the page");
    }
    assert_eq!(app.member_count(&organization).await, 0);
}

/// The nonce ties the token to the browser: somebody else's fresh token is worth nothing in it.
async fn an_id_token_is_for_one_sign_in(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = front_channel(&app, &organization).await;
    let (mut victim, mut attacker) = (Browser::new(&app), Browser::new(&app));
    let of_victim = victim.start(&connection, &[]).await;
    let stolen = victim.approve(&of_victim, "ada@example.com", None).await.field("id_token");
    let of_attacker = attacker.start(&connection, &[]).await;
    let own = attacker.approve(&of_attacker, "alan@example.com", None).await;
    attacker.bring(&own.with("id_token", Some(&stolen))).await.refusal_page("oidc_invalid_id_token");
    assert_eq!(app.member_count(&organization).await, 0);
}

async fn channels_are_not_mixed(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let (front, back) = (front_channel(&app, &organization).await, app.connection(&organization).await);
    let mut browser = Browser::new(&app);

    let to = browser.start(&front, &[]).await;
    let token = browser.approve(&to, "ada@example.com", None).await.field("id_token");
    let only_code = browser.approve(&to, "ada@example.com", None).await;
    let only_code = only_code.with("id_token", None).with("code", Some("a-code"));
    browser.bring(&only_code).await.refusal_page("oidc_invalid_callback_request");

    // A code beside the token is nobody's business: it is not redeemed.
    let to = browser.start(&front, &[]).await;
    let both = browser.approve(&to, "ada@example.com", None).await.with("code", Some("a-code"));
    browser.bring(&both).await;
    assert_eq!(app.provider.hits("/token"), 0);

    let to = browser.start(&back, &[]).await;
    let only_token = browser.approve(&to, "alan@example.com", None).await;
    let only_token = only_token.with("code", None).with("id_token", Some(&token));
    browser.bring(&only_token).await.refusal_page("oidc_invalid_callback_request");
}
