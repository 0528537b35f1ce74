//! Signing in through an identity provider that speaks OpenID Connect.

use serde_json::json;

use crate::app::{LOGIN_URL, SIGNUP_URL, TestApp, on_both_engines};
use crate::browser::Browser;
use crate::reply::parameter;

on_both_engines!(a_member_signs_in_and_comes_back);

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
    assert_eq!(signed_in["member"]["email_address"], "ada@example.com");
    assert_eq!(signed_in["member"]["name"], "Ada Lovelace");
    assert_eq!(signed_in["member"]["status"], "active");
    assert_eq!(signed_in["organization_id"], organization.as_str());
    assert_eq!(signed_in["member_authenticated"], true);

    let again = browser.sign_in(&connection, "ada@example.com").await.location();
    assert!(again.as_str().starts_with(LOGIN_URL), "{again}");
    let second = app.redeem(&parameter(&again, "token")).await.ok();
    assert_eq!(second["member_id"], signed_in["member_id"]);
    assert_ne!(second["session_token"], signed_in["session_token"]);
}
