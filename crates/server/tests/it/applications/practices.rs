//! OAuth 2.0 Security Best Current Practice (RFC 9700): what no other test shows. `docs/oauth-security.md` is the whole list.

use axum::body::Body;
use http::Request;
use http::header::{CONTENT_TYPE, HOST};
use serde_json::json;
use vestibule_domain::application::ApplicationKind;

use super::project_connections::{CALLBACK, Shop};
use super::{HERE, MANAGEMENT, ask, claims, error, given, made, management_token, named};
use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::management::said;
use crate::provider::CLIENT_ID;
use crate::reply::{Reply, parameter};

on_both_engines!(
    no_access_token_comes_through_the_browser,
    nobody_shows_a_password_here,
    a_refresh_widens_nothing,
    what_is_asked_for_in_another_type_is_not_passed_over,
    a_token_in_a_query_is_none,
    what_carries_an_answer_is_not_told_further,
    a_form_is_not_sent_on,
    no_application_is_a_person,
);

async fn no_access_token_comes_through_the_browser(app: TestApp) {
    let shop = Shop::open(&app).await;
    let published = app.get("/.well-known/openid-configuration").await.json();
    assert_eq!(published["response_types_supported"], json!(["code", "id_token"]));
    for kind in ["token", "id_token token", "code token", "code id_token token"] {
        let asked = [("response_type", kind), ("nonce", "n")];
        let refused = Browser::new(&app).get(&shop.address(&asked)).await.location();
        let told = refused.fragment().or(refused.query()).unwrap_or_default();
        assert!(told.contains("error=unsupported_response_type"), "{kind}: {refused}");
    }
}

async fn nobody_shows_a_password_here(app: TestApp) {
    let shop = Shop::open(&app).await;
    let published = app.get("/.well-known/openid-configuration").await.json();
    assert!(!published["grant_types_supported"].as_array().unwrap().contains(&json!("password")));
    let form = [("username", "ada@example.com"), ("password", "any"), ("scope", "openid")];
    for grant in ["password", "http://auth0.com/oauth/grant-type/password-realm"] {
        assert_eq!(error(&shop.shown(grant, &form).await, 400), "unsupported_grant_type", "{grant}");
    }
}

async fn a_refresh_widens_nothing(app: TestApp) {
    let shop = Shop::open(&app).await;
    let refresh = text(&shop.tokens().await["refresh_token"]);
    let form = [("refresh_token", refresh.as_str()), ("scope", "openid email profile read:users")];
    assert_eq!(given(&shop.shown("refresh_token", &form).await)["scope"], "openid email");
    let narrow = [("refresh_token", refresh.as_str()), ("scope", "openid")];
    assert_eq!(given(&shop.shown("refresh_token", &narrow).await)["scope"], "openid");
}

/// A `scope` that is a list would otherwise be as good as none, which is everything that was granted.
async fn what_is_asked_for_in_another_type_is_not_passed_over(app: TestApp) {
    let machine = made(&app, named(ApplicationKind::NonInteractive), &["read:users", "delete:users"]).await;
    let own = json!({
        "grant_type": "client_credentials", "client_id": machine.client_id, "client_secret": machine.secret.expose(),
        "audience": MANAGEMENT, "scope": "read:users",
    });
    for (name, value) in [
        ("scope", json!(["read:users"])),
        ("scope", json!({ "0": "read:users" })),
        ("audience", json!([MANAGEMENT])),
        ("client_secret", json!([machine.secret.expose()])),
        ("grant_type", json!(["client_credentials"])),
    ] {
        let mut body = own.clone();
        body[name] = value;
        let reply = posted(&app, body.to_string()).await;
        assert_eq!(error(&reply, 400), "invalid_request", "{name}: {}", reply.text());
    }
    assert_eq!(given(&posted(&app, own.to_string()).await)["scope"], "read:users");
    // What a client keeps there for itself is none of ours.
    let mut body = own;
    body["custom"] = json!({ "a": [1] });
    given(&posted(&app, body.to_string()).await);
}

async fn posted(app: &TestApp, body: String) -> Reply {
    let request = Request::post("/oauth/token").header(HOST, HERE).header(CONTENT_TYPE, "application/json");
    app.send(request.body(Body::from(body)).unwrap()).await
}

async fn a_token_in_a_query_is_none(app: TestApp) {
    let shop = Shop::open(&app).await;
    let access = text(&shop.tokens().await["access_token"]);
    given(&ask(&app, HERE, &access, "/userinfo").await);
    let in_query = Request::get(format!("/userinfo?access_token={access}")).body(Body::empty()).unwrap();
    assert_eq!(error(&app.send(in_query).await, 401), "invalid_token");
}

async fn what_carries_an_answer_is_not_told_further(app: TestApp) {
    let shop = Shop::open(&app).await;
    let page = Browser::new(&app).get(&shop.address(&[("connection", ""), ("identifier", "nobody")])).await;
    let posted = [("response_type", "id_token"), ("response_mode", "form_post"), ("nonce", "n")];
    for reply in [page, shop.answered(&[]).await, shop.answered(&posted).await] {
        assert_eq!(reply.headers["referrer-policy"], "no-referrer", "{}", reply.text());
        assert_eq!(reply.headers["cache-control"], "no-store", "{}", reply.text());
        if reply.status == 200 {
            let policy = reply.headers["content-security-policy"].to_str().unwrap();
            assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
            assert_eq!(reply.headers["x-frame-options"], "DENY");
        }
    }
    let code = parameter(&shop.answered(&[]).await.location(), "code");
    let tokens = shop.shown("authorization_code", &[("code", &code), ("redirect_uri", CALLBACK)]).await;
    assert_eq!(
        (tokens.status.as_u16(), &tokens.headers["cache-control"]),
        (200, &"no-store".parse().unwrap())
    );
}

/// What a provider posts to us is posted to nobody else: 302 is followed with GET.
async fn a_form_is_not_sent_on(app: TestApp) {
    let shop = Shop::open(&app).await;
    let options = json!({ "options": {
        "type": "front_channel",
        "discovery_url": format!("{}/.well-known/openid-configuration", app.provider.issuer),
        "client_id": CLIENT_ID,
    } });
    said(&shop.manager.patch(&format!("/connections/{}", shop.connection), &options).await, 200);
    let mut browser = Browser::new(&app);
    let provider = browser.get(&shop.address(&[])).await.location();
    let back = browser.approve(&provider, "ada@example.com", None).await;
    assert!(back.is_form);
    assert_eq!(browser.bring(&back).await.status, 302);
}

async fn no_application_is_a_person(app: TestApp) {
    let shop = Shop::open(&app).await;
    // Its name may be anything; what tokens say who it is comes from the server.
    let machine = made(&app, named(ApplicationKind::NonInteractive), &["read:users"]).await;
    let token = management_token(&app, &machine).await;
    let (own, person) = (claims(&token), claims(&text(&shop.tokens().await["id_token"])));
    assert_eq!(own["sub"], format!("{}@clients", machine.client_id));
    assert!(!text(&own["sub"]).contains('|') && text(&person["sub"]).contains('|'));
    assert_eq!(error(&ask(&app, HERE, &token, "/userinfo").await, 401), "invalid_token");
}
