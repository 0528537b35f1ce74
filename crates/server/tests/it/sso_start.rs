//! What an application may ask of the start of a sign-in.

use axum::body::Body;
use axum::extract::Request;
use http::header::{ALLOW, CONTENT_TYPE, LOCATION, SET_COOKIE};
use serde_json::json;
use url::form_urlencoded;
use vestibule_store::{Guard, Param, Write};

use crate::app::{LOGIN_URL, TestApp, on_both_engines};
use crate::browser::Browser;
use crate::reply::parameter;

on_both_engines!(
    a_start_sends_the_browser_to_the_provider,
    a_start_that_makes_no_sense_is_refused,
    a_connection_may_be_named_by_its_organization,
    a_connection_that_cannot_be_read_is_not_passed_over,
    redirect_urls_are_matched_exactly,
    a_look_at_a_start_begins_nothing,
    a_form_that_is_too_large_is_refused_in_the_envelope,
    pkce_binds_the_token_to_its_application,
);

async fn a_form_that_is_too_large_is_refused_in_the_envelope(app: TestApp) {
    let form = format!("public_token={}", "x".repeat(300 * 1024));
    let request = Request::post("/v1/public/sso/start")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form));
    app.send(request.unwrap()).await.refused(413, "request_body_too_large");
}

async fn a_start_sends_the_browser_to_the_provider(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection_with(&organization, json!({ "custom_scopes": "groups" })).await;
    let mut browser = Browser::new(&app);
    let more = [
        ("custom_scopes", "calendar+files"),
        ("login_hint", "ada@example.com"),
        ("provider_prompt", "login"),
        ("unknown", "ignored"),
    ];
    let reply = browser.start_reply(&connection, &more).await;
    let to = reply.location();
    let body = reply.json();
    assert_eq!((&body["status_code"], &body["redirect_url"]), (&json!(302), &json!(to.as_str())));

    assert!(to.as_str().starts_with(&format!("{}/authorize?", app.provider.issuer)), "{to}");
    assert_eq!(parameter(&to, "response_type"), "code");
    assert_eq!(parameter(&to, "scope"), "openid email profile groups calendar files");
    assert_eq!(parameter(&to, "login_hint"), "ada@example.com");
    assert_eq!(parameter(&to, "prompt"), "login");
    assert_eq!(parameter(&to, "code_challenge_method"), "S256");
    assert_eq!(parameter(&to, "code_challenge").len(), 43);
    assert!(parameter(&to, "redirect_uri").ends_with(&format!("/v1/b2b/sso/callback/{connection}")));
    assert!(parameter(&to, "state").len() >= 43 && parameter(&to, "nonce").len() >= 43);

    let cookie = reply.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("Path=/"), "{cookie}");
    assert!(!cookie.contains(&parameter(&to, "state")), "{cookie}");

    // What makes the flow safe cannot be replaced by the application.
    for name in ["state", "nonce", "redirect_uri", "client_id", "response_type", "scope", "code_challenge"] {
        let name = format!("provider_{name}");
        let reply = browser.start_reply(&connection, &[(&name, "mine")]).await;
        assert_eq!(reply.status, 400, "{name}: {}", reply.text());
        reply.envelope();
    }
}

async fn a_start_that_makes_no_sense_is_refused(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let (active, pending) =
        (app.connection(&organization).await, app.pending_connection(&organization).await);
    let token = app.project.public_token.to_string();
    let secret = app.secret.clone();
    let other = app.other_project().await;
    let elsewhere = other.connection(&other.organization("acme", json!({})).await).await;
    let unknown = "oidc-connection-test-00000000-0000-4000-8000-000000000000";
    let unknown_token = "public-token-test-00000000-0000-4000-8000-000000000000";
    let locate = |id: &str| vec![("public_token", token.clone()), ("connection_id", id.to_owned())];
    let with = |name: &'static str, value: &str| {
        let mut query = locate(&active);
        query.push((name, value.to_owned()));
        query
    };
    let cases = [
        (vec![("connection_id", active.clone())], 400, "invalid_public_token_id"),
        (
            vec![("public_token", "nonsense".into()), ("connection_id", active.clone())],
            400,
            "invalid_public_token_id",
        ),
        (vec![("public_token", secret), ("connection_id", active.clone())], 400, "invalid_public_token_id"),
        (
            vec![("public_token", unknown_token.into()), ("connection_id", active.clone())],
            404,
            "public_token_not_found",
        ),
        (vec![("public_token", token.clone())], 400, "missing_sso_connection_locator"),
        (with("organization_id", "acme"), 400, "too_many_sso_connection_locators"),
        (locate(unknown), 404, "sso_connection_not_found"),
        (locate("nonsense"), 404, "sso_connection_not_found"),
        (locate(&elsewhere), 404, "sso_connection_not_found"),
        (locate(&pending), 400, "requires_active_sso_connection"),
        (with("public_token", &token), 400, "bad_request"),
        (with("connection_id", &active), 400, "bad_request"),
        (with("pkce_code_challenge", "short"), 400, "invalid_pkce_code_challenge"),
        (with("pkce_code_challenge", &"=".repeat(43)), 400, "invalid_pkce_code_challenge"),
        (with("custom_scopes", "a\"b"), 400, "bad_request"),
        (with("login_hint", &"x".repeat(9000)), 400, "bad_request"),
    ];
    for (query, status, error) in cases {
        let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(&query).finish();
        let reply = Browser::new(&app).get(&format!("/v1/public/sso/start?{text}")).await;
        assert!(!reply.headers.contains_key("set-cookie"), "{query:?}");
        reply.refused(status, error);
    }
}

async fn a_connection_may_be_named_by_its_organization(app: TestApp) {
    let organization = app.organization("acme", json!({ "organization_external_id": "customer-17" })).await;
    let start = |path: &str, locator: &str| {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("public_token", &app.project.public_token.to_string())
            .append_pair("organization_id", locator)
            .finish();
        let (app, url) = (app.clone(), format!("{path}?{query}"));
        async move { Browser::new(&app).get(&url).await }
    };
    let path = "/v1/public/sso/start";
    start(path, "acme").await.refused(400, "no_sso_connection_exists_for_organization");
    start(path, "nobody").await.refused(404, "organization_not_found");
    let first = app.connection(&organization).await;
    for path in ["/v1/public/sso/start", "/b2b/public/sso/start"] {
        for locator in [organization.as_str(), "acme", "customer-17"] {
            let to = start(path, locator).await.location();
            assert!(parameter(&to, "redirect_uri").ends_with(&first), "{to}");
        }
    }
    let second = app.connection(&organization).await;
    start(path, "acme").await.refused(400, "indeterminate_sso_connection_for_organization");
    let settings = format!("/v1/b2b/organizations/{organization}");
    app.put(&settings, json!({ "sso_default_connection_id": second })).await.ok();
    let to = start(path, "acme").await.location();
    assert!(parameter(&to, "redirect_uri").ends_with(&second), "{to}");
}

/// What cannot be read still counts: nobody is sent to another provider because of it.
async fn a_connection_that_cannot_be_read_is_not_passed_over(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let (_, spoilt) = (app.connection(&organization).await, app.connection(&organization).await);
    let sql = "UPDATE connections SET doc = ?2 WHERE id = ?1";
    let write = Write::one(sql, vec![Param::from(spoilt.as_str()), "{".into()], Guard("spoilt"));
    app.app.store.commit([write]).await.unwrap();
    let token = &app.project.public_token;
    let url = format!("/v1/public/sso/start?public_token={token}&organization_id=acme");
    let reply = Browser::new(&app).get(&url).await;
    reply.refused(400, "indeterminate_sso_connection_for_organization");
}

async fn redirect_urls_are_matched_exactly(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    let mut browser = Browser::new(&app);
    for same in
        [LOGIN_URL, "https://APP.example.com:443/authenticate", "https://app.example.com/x/../authenticate"]
    {
        browser.start(&connection, &[("login_redirect_url", same)]).await;
    }
    for (url, error) in [
        ("https://app.example.com/authenticate/", "no_match_for_provided_sso_url"),
        ("https://app.example.com/authenticate?next=/", "no_match_for_provided_sso_url"),
        ("https://app.example.com/authenticate%2f..", "no_match_for_provided_sso_url"),
        ("https://app.example.com/Authenticate", "no_match_for_provided_sso_url"),
        ("https://app.example.com.evil.example/authenticate", "no_match_for_provided_sso_url"),
        ("https://evil.example/https://app.example.com/authenticate", "no_match_for_provided_sso_url"),
        ("https://app.example.com:8443/authenticate", "no_match_for_provided_sso_url"),
        // Registered, but for sign-ups.
        (crate::app::SIGNUP_URL, "no_match_for_provided_sso_url"),
        ("http://app.example.com/authenticate", "invalid_redirect_url"),
        ("https://app.example.com@evil.example/authenticate", "invalid_redirect_url"),
        ("https://evil.example\\@app.example.com/authenticate", "invalid_redirect_url"),
        ("https://app.example.com/authenticate#fragment", "invalid_redirect_url"),
        ("https://app.example.com/authenticate\r\nLocation: https://evil.example", "invalid_redirect_url"),
        ("https://app.example.com/auth\tenticate", "invalid_redirect_url"),
        (" https://app.example.com/authenticate", "invalid_redirect_url"),
        ("//app.example.com/authenticate", "invalid_redirect_url"),
        ("/authenticate", "invalid_redirect_url"),
        ("javascript:alert(1)//app.example.com/authenticate", "invalid_redirect_url"),
        ("data:text/html,hello", "invalid_redirect_url"),
    ] {
        for name in ["login_redirect_url", "signup_redirect_url"] {
            if url == crate::app::SIGNUP_URL && name == "signup_redirect_url" {
                continue;
            }
            browser.start_reply(&connection, &[(name, url)]).await.refused(400, error);
        }
    }
}

async fn a_look_at_a_start_begins_nothing(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    let query = format!("public_token={}&connection_id={connection}", app.project.public_token);
    for path in ["/v1/public/sso/start", "/b2b/public/sso/start", "/v1/b2b/public/sso/start"] {
        let request = Request::head(format!("{path}?{query}")).body(Body::empty()).unwrap();
        let reply = app.send(request).await;
        assert!(reply.status == 405 && reply.headers[ALLOW] == "GET, POST", "{path}");
        assert!(!reply.headers.contains_key(SET_COOKIE) && !reply.headers.contains_key(LOCATION), "{path}");
        for request in [Request::get(format!("{path}?{query}")), Request::post(format!("{path}?{query}"))] {
            assert_eq!(app.send(request.body(Body::empty()).unwrap()).await.status.as_u16(), 302, "{path}");
        }
    }
}

async fn pkce_binds_the_token_to_its_application(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    // The official browser client sends 128 hexadecimal digits, phones send base64url.
    let hexadecimal = "0123456789abcdef".repeat(8);
    for verifier in [hexadecimal.as_str(), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"] {
        let token = challenged(&app, &connection, verifier).await;
        let redeem = |verifier: Option<&str>| {
            let body = json!({ "sso_token": token, "pkce_code_verifier": verifier });
            let app = app.clone();
            async move { app.post("/v1/b2b/sso/authenticate", body).await }
        };
        redeem(None).await.refused(400, "pkce_expected_code_verifier");
        redeem(Some("")).await.refused(400, "pkce_expected_code_verifier");
        redeem(Some(&"0".repeat(128))).await.refused(400, "pkce_mismatch");
        redeem(Some("too-short")).await.refused(400, "invalid_pkce_code_verifier");
        redeem(Some(&"0".repeat(129))).await.refused(400, "invalid_pkce_code_verifier");
        // The wrong tries did not use the token up.
        redeem(Some(verifier)).await.ok();
        redeem(Some(verifier)).await.refused(404, "sso_token_not_found");
    }
    let token = Browser::new(&app).token(&connection, "ada@example.com").await;
    let body = json!({ "sso_token": token, "pkce_code_verifier": hexadecimal });
    app.post("/v1/b2b/sso/authenticate", body).await.refused(400, "pkce_did_not_expect_code_verifier");
}

async fn challenged(app: &TestApp, connection: &str, verifier: &str) -> String {
    use base64::Engine as _;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    let challenge = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest);
    let mut browser = Browser::new(app);
    let to = browser.start(connection, &[("pkce_code_challenge", &challenge)]).await;
    let back = browser.approve(&to, "ada@example.com", None).await;
    parameter(&browser.bring(&back).await.location(), "token")
}
