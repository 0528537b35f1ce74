//! Sessions in cookies that no script reads: what an answer shows, and which requests a cookie counts in.

use std::collections::BTreeMap;

use axum::body::Body;
use http::header::{CONTENT_TYPE, COOKIE, ORIGIN, SET_COOKIE};
use http::{Method, Request};
use serde_json::json;

use super::{Company, Frontend, ORIGIN_OF_PAGE, OTHER_ORIGIN, SETTINGS, data};
use crate::app::{TestApp, on_both_engines};
use crate::browser::Browser;
use crate::reply::Reply;

on_both_engines!(
    tokens_are_kept_out_of_the_reach_of_scripts,
    a_cookie_counts_for_the_pages_of_the_project_alone,
    a_sign_in_that_waits_is_kept_too,
    a_token_of_sso_redeemed_as_one_of_oauth_shows_nothing_more,
    without_the_switch_a_cookie_says_nothing,
);

const AUTHENTICATE: &str = "/sdk/v1/b2b/sessions/authenticate";

/// What a browser keeps of an answer: the values, by name, and what else was said of each.
fn kept(reply: &Reply) -> BTreeMap<String, (String, String)> {
    let cookies = reply.headers.get_all(SET_COOKIE).iter().map(|value| {
        let (pair, attributes) = value.to_str().unwrap().split_once(';').unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        (name.to_owned(), (value.to_owned(), attributes.to_owned()))
    });
    cookies.collect()
}

async fn signed_in(app: &TestApp, page: &Frontend, connection: &str) -> Reply {
    let token = Browser::new(app).token(connection, "ada@acme.example.com").await;
    let body = json!({ "sso_token": token, "session_duration_minutes": 60 });
    page.post("/sdk/v1/b2b/sso/authenticate", body).await
}

/// A request with a cookie, and what else its sender can say.
async fn bring(page: &Frontend, method: Method, path: &str, cookie: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = page.from(None).request(method, path);
    for (name, value) in headers {
        request
            .headers_mut()
            .unwrap()
            .insert(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    page.app.send(request.header(COOKIE, cookie).body(Body::from("{}")).unwrap()).await
}

async fn tokens_are_kept_out_of_the_reach_of_scripts(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    app.put(SETTINGS, json!({ "http_only_cookies": true })).await.ok();
    let reply = signed_in(&app, &page, &acme.connection).await;
    let told = data(&reply);
    for name in ["session_token", "session_jwt", "intermediate_session_token"] {
        assert_eq!(told[name], "", "{name}");
    }
    assert_eq!(told["member_session"]["member_id"], acme.member_id.as_str());
    let cookies = kept(&reply);
    let (session, attributes) = &cookies["stytch_session"];
    assert!(!session.is_empty() && !reply.text().contains(session.as_str()));
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=3600"] {
        assert!(attributes.contains(attribute), "{attributes}");
    }
    assert!(cookies["stytch_session_jwt"].1.contains("HttpOnly"));
    assert!(cookies["stytch_intermediate_session_token"].1.contains("Max-Age=0"));
    let cookie = format!("stytch_session={session}");
    let used = bring(&page, Method::POST, AUTHENTICATE, &cookie, &[("origin", ORIGIN_OF_PAGE)]).await;
    assert_eq!(data(&used)["session_token"], "");
    let ended =
        bring(&page, Method::POST, "/sdk/v1/b2b/sessions/revoke", &cookie, &[("origin", ORIGIN_OF_PAGE)])
            .await;
    data(&ended);
    assert!(
        kept(&ended).values().all(|(value, attributes)| value.is_empty() && attributes.contains("Max-Age=0"))
    );
    let gone = bring(&page, Method::POST, AUTHENTICATE, &cookie, &[("origin", ORIGIN_OF_PAGE)]).await;
    gone.refused(404, "session_not_found");
}

/// Whatever another site makes a browser send, the cookie with it is not looked at.
async fn a_cookie_counts_for_the_pages_of_the_project_alone(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    app.put(SETTINGS, json!({ "http_only_cookies": true, "native_apps": true })).await.ok();
    let cookies = kept(&signed_in(&app, &page, &acme.connection).await);
    let cookie = format!("stytch_session={}", cookies["stytch_session"].0);
    let ask =
        async |headers: &[(&str, &str)]| bring(&page, Method::POST, AUTHENTICATE, &cookie, headers).await;
    data(&ask(&[("origin", ORIGIN_OF_PAGE)]).await);
    ask(&[("origin", OTHER_ORIGIN)]).await.refused(400, "bad_domain_for_stytch_sdk");
    ask(&[("origin", "null")]).await.refused(400, "bad_domain_for_stytch_sdk");
    // Who names no origin is no page, and keeps no cookies.
    ask(&[]).await.refused(401, "user_unauthenticated");
    for form in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let reply = ask(&[("origin", ORIGIN_OF_PAGE), ("content-type", form)]).await;
        reply.refused(401, "user_unauthenticated");
    }
    let reading =
        bring(&page, Method::GET, "/sdk/v1/b2b/organizations/me", &cookie, &[("origin", ORIGIN_OF_PAGE)]);
    data(&reading.await);
    let mut bare = Request::builder().method(Method::POST).uri(AUTHENTICATE);
    bare =
        bare.header(ORIGIN, ORIGIN_OF_PAGE).header(COOKIE, &cookie).header(CONTENT_TYPE, "application/json");
    let bare = app.send(bare.body(Body::from("{}")).unwrap()).await;
    bare.refused(401, "invalid_secret_authentication");
}

async fn a_sign_in_that_waits_is_kept_too(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    app.put(SETTINGS, json!({ "http_only_cookies": true })).await.ok();
    let policy = json!({ "mfa_policy": "REQUIRED_FOR_ALL" });
    app.put(&format!("/v1/b2b/organizations/{}", acme.organization), policy).await.ok();
    let reply = signed_in(&app, &page, &acme.connection).await;
    assert_eq!(data(&reply)["intermediate_session_token"], "");
    let cookies = kept(&reply);
    let (token, attributes) = &cookies["stytch_intermediate_session_token"];
    assert!(attributes.contains("HttpOnly") && attributes.contains("Max-Age=600"), "{attributes}");
    assert!(cookies["stytch_session"].1.contains("Max-Age=0"));
    let cookie = format!("stytch_intermediate_session_token={token}");
    let begun = bring(&page, Method::POST, "/sdk/v1/b2b/totp", &cookie, &[("origin", ORIGIN_OF_PAGE)]).await;
    assert_eq!(data(&begun)["member_id"], acme.member_id.as_str());
}

/// The call of the published sample of the SSO page.
async fn a_token_of_sso_redeemed_as_one_of_oauth_shows_nothing_more(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    app.put(SETTINGS, json!({ "http_only_cookies": true })).await.ok();
    let token = Browser::new(&app).token(&acme.connection, "ada@acme.example.com").await;
    let body = json!({ "oauth_token": token, "session_duration_minutes": 60 });
    let reply = page.post("/sdk/v1/b2b/oauth/authenticate", body).await;
    let told = data(&reply);
    for name in ["session_token", "session_jwt", "intermediate_session_token"] {
        assert_eq!(told[name], "", "{name}");
    }
    assert!(kept(&reply)["stytch_session"].1.contains("HttpOnly"));
}

async fn without_the_switch_a_cookie_says_nothing(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let reply = signed_in(&app, &page, &acme.connection).await;
    assert!(kept(&reply).is_empty());
    let cookie = format!("stytch_session={}", data(&reply)["session_token"].as_str().unwrap());
    let brought = bring(&page, Method::POST, AUTHENTICATE, &cookie, &[("origin", ORIGIN_OF_PAGE)]).await;
    brought.refused(401, "user_unauthenticated");
}
