//! Who is let in at all, and who may read an answer: public token, origin, preflight, bootstrap, events.

use axum::body::Body;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, ORIGIN, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use http::{Method, Request};
use serde_json::json;
use vestibule_server::ApiLimits;

use super::{Company, Frontend, ORIGIN_OF_PAGE, OTHER_ORIGIN, SETTINGS, data};
use crate::app::{BASE_URL, TestApp, basic, on_both_engines};
use crate::reply::Reply;

on_both_engines!(
    bootstrap_is_what_clients_decode,
    a_preflight_is_the_same_for_everybody,
    every_refusal_can_be_read_by_the_page,
    only_the_exact_origin_is_served,
    credentials_that_are_none_are_final,
    events_are_taken_and_bounded,
    too_many_requests_can_be_read,
    the_same_host_is_an_origin_too,
);

const WHO: &str = "/sdk/v1/b2b/sessions/authenticate";

fn bootstrap_of(app: &TestApp) -> String {
    format!("/sdk/v1/projects/bootstrap/{}", app.project.public_token)
}

/// The page of this origin, and no other, may read an answer.
#[track_caller]
pub(super) fn readable(reply: &Reply, origin: Option<&str>) {
    let allowed = reply.headers.get(ACCESS_CONTROL_ALLOW_ORIGIN).map(|value| value.to_str().unwrap());
    assert_eq!(allowed, origin, "{}", reply.text());
    let credentials =
        reply.headers.get(ACCESS_CONTROL_ALLOW_CREDENTIALS).map(|value| value.to_str().unwrap());
    assert_eq!(credentials, origin.map(|_| "true"));
    let varies = reply.headers.get_all(VARY).iter().any(|value| value == "origin");
    assert!(varies, "a cache gives it to another origin: {:?}", reply.headers);
}

async fn bootstrap_is_what_clients_decode(app: TestApp) {
    let page = Frontend::of(&app).await;
    let reply = page.get(&bootstrap_of(&app)).await;
    readable(&reply, Some(ORIGIN_OF_PAGE));
    let told = data(&reply);
    assert_eq!(told["vertical"], "B2B");
    assert_eq!(told["project_name"], "Acme Software");
    assert_eq!(told["captcha_settings"], json!({ "enabled": false }));
    assert_eq!(told["dfp_protected_auth_enabled"], false);
    assert_eq!(told["pkce_required_for_sso"], false);
    assert_eq!(told["create_organization_enabled"], true);
    // Clients that find it missing fail.
    assert!(told.as_object().unwrap().contains_key("password_config") && told["password_config"].is_null());
    let roles = told["rbac_policy"]["roles"].as_array().unwrap();
    assert!(roles.iter().any(|role| role["role_id"] == "stytch_admin"), "{roles:?}");
    app.put(SETTINGS, json!({ "pkce_required_for_sso": true, "organization_creation": false })).await.ok();
    let told = data(&page.get(&bootstrap_of(&app)).await);
    assert_eq!(
        (&told["pkce_required_for_sso"], &told["create_organization_enabled"]),
        (&json!(true), &json!(false))
    );
    // The path alone says whose it is.
    let bare = Request::builder().uri(bootstrap_of(&app)).header(ORIGIN, ORIGIN_OF_PAGE);
    data(&app.send(bare.body(Body::empty()).unwrap()).await);
}

async fn a_preflight_is_the_same_for_everybody(app: TestApp) {
    let paths = [
        WHO,
        "/sdk/v1/events",
        "/sdk/v1/b2b/no/such/family",
        "/sdk/v1b2b/organizations/members/m/connected_apps",
    ];
    for path in paths {
        for origin in [ORIGIN_OF_PAGE, OTHER_ORIGIN, "null"] {
            let asked = Request::builder()
                .method(Method::OPTIONS)
                .uri(path)
                .header(ORIGIN, origin)
                .header(ACCESS_CONTROL_REQUEST_METHOD, "PUT")
                .header(
                    ACCESS_CONTROL_REQUEST_HEADERS,
                    "authorization,content-type,x-sdk-client,x-sdk-parent-host",
                );
            let told = app.send(asked.body(Body::empty()).unwrap()).await;
            assert_eq!(told.status, 204, "{path}");
            readable(&told, Some(origin));
            let header = |name| told.headers[name].to_str().unwrap();
            assert_eq!(header(ACCESS_CONTROL_ALLOW_METHODS), "GET, POST, PUT, DELETE");
            for name in ["authorization", "content-type", "x-sdk-client", "x-sdk-parent-host"] {
                assert!(header(ACCESS_CONTROL_ALLOW_HEADERS).contains(name), "{name}");
            }
            assert_eq!(header(ACCESS_CONTROL_MAX_AGE), "86400");
        }
    }
}

async fn every_refusal_can_be_read_by_the_page(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let refusals = [
        (page.post(WHO, json!({})).await, 401, "user_unauthenticated"),
        (page.with("gone").post(WHO, json!({})).await, 404, "session_not_found"),
        (acme.member.get("/sdk/v1/b2b/sso").await, 403, "session_authorization_error"),
        (acme.admin.raw(Method::POST, "/sdk/v1/b2b/sso/oidc", "[").await, 400, "bad_request"),
        (
            acme.admin.raw(Method::POST, "/sdk/v1/b2b/sso/oidc", "x".repeat(300_000)).await,
            413,
            "request_body_too_large",
        ),
        (acme.admin.raw(Method::PATCH, "/sdk/v1/b2b/sso/oidc", "").await, 405, "method_not_allowed"),
        (acme.admin.get("/sdk/v1/b2b/impersonation").await, 404, "route_not_found"),
        (acme.admin.post("/sdk/v1/b2b/passwords/authenticate", json!({})).await, 404, "route_not_found"),
        (page.get("/sdk/v1").await, 404, "route_not_found"),
    ];
    for (reply, status, error) in refusals {
        let body = reply.refused(status, error);
        readable(&reply, Some(ORIGIN_OF_PAGE));
        // A client takes these for something else.
        for member in ["data", "body", "params", "query"] {
            assert!(body.get(member).is_none(), "{body}");
        }
    }
}

async fn only_the_exact_origin_is_served(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    data(&acme.admin.get("/sdk/v1/b2b/sso").await);
    for origin in [
        OTHER_ORIGIN,
        "null",
        "https://app.example.com:444",
        "http://app.example.com",
        "https://APP.example.com",
        "https://app.example.com/",
        "https://app.example.com https://evil.example",
        "https://xapp.example.com",
        "",
    ] {
        let reply = acme.admin.from(Some(origin)).get("/sdk/v1/b2b/sso").await;
        reply.refused(400, "bad_domain_for_stytch_sdk");
        assert!(!reply.text().contains("connection_id"), "{origin}: {}", reply.text());
        readable(&reply, Some(origin));
    }
    let reply = acme.admin.from(None).get("/sdk/v1/b2b/sso").await;
    reply.refused(400, "bad_domain_for_stytch_sdk");
    readable(&reply, None);
}

async fn credentials_that_are_none_are_final(app: TestApp) {
    let page = Frontend::of(&app).await;
    let public = app.project.public_token.to_string();
    let other = app.other_project().await.project.public_token.to_string();
    let nobody = "public-token-test-00000000-0000-4000-8000-000000000000";
    for (header, status, error) in [
        (None, 401, "invalid_secret_authentication"),
        (Some("Basic !!!".to_owned()), 401, "invalid_secret_authentication"),
        (Some(format!("Bearer {public}")), 401, "invalid_secret_authentication"),
        (Some(basic("", "")), 401, "unauthorized_credentials"),
        (Some(basic(nobody, nobody)), 401, "unauthorized_credentials"),
        (Some(basic(&app.project.id.to_string(), &app.secret)), 401, "unauthorized_credentials"),
        (Some(basic(&other, &other)), 400, "bad_domain_for_stytch_sdk"),
    ] {
        let mut request = Request::builder().method(Method::POST).uri(WHO).header(ORIGIN, ORIGIN_OF_PAGE);
        if let Some(header) = header {
            request = request.header(AUTHORIZATION, header);
        }
        let reply = app.send(request.body(Body::from("{}")).unwrap()).await;
        reply.refused(status, error);
        readable(&reply, Some(ORIGIN_OF_PAGE));
        if let Some(challenge) = reply.headers.get(WWW_AUTHENTICATE) {
            assert!(!challenge.to_str().unwrap().starts_with("Basic"), "a browser asks for a password");
        }
    }
    // The secret of the backend is no session.
    page.with(&app.secret).post(WHO, json!({})).await.refused(404, "session_not_found");
}

async fn events_are_taken_and_bounded(app: TestApp) {
    Frontend::of(&app).await;
    let tell = async |body: String| {
        let request = Request::builder().method(Method::POST).uri("/sdk/v1/events");
        app.send(request.header(ORIGIN, OTHER_ORIGIN).body(Body::from(body)).unwrap()).await
    };
    let one =
        json!({ "telemetry": { "event_id": "e" }, "event": { "event_name": "render_b2b_login_screen" } });
    let reply = tell(json!([one]).to_string()).await;
    data(&reply);
    readable(&reply, Some(OTHER_ORIGIN));
    data(&tell("[]".to_owned()).await);
    tell("{}".to_owned()).await.refused(400, "bad_request");
    tell(format!("[{}\"\"]", "\"x\",".repeat(20_000))).await.refused(413, "request_body_too_large");
    assert!(app.get("/v1/vestibule/events").await.ok().to_string().find("render_b2b").is_none());
}

async fn too_many_requests_can_be_read(app: TestApp) {
    Frontend::of(&app).await;
    let strict = app.strict_node(ApiLimits { of_client: 2, ..ApiLimits::default() }).await;
    let page = Frontend::unserved(&strict);
    for _ in 0..2 {
        page.post(WHO, json!({})).await.refused(401, "user_unauthenticated");
    }
    let reply = page.post(WHO, json!({})).await;
    reply.refused(429, "too_many_requests");
    readable(&reply, Some(ORIGIN_OF_PAGE));
    assert!(reply.headers.contains_key(RETRY_AFTER));
}

/// A page of this very host names no origin when it reads; its browser says that it is one.
async fn the_same_host_is_an_origin_too(app: TestApp) {
    app.put(SETTINGS, json!({ "allowed_origins": [BASE_URL] })).await.ok();
    let page = Frontend::unserved(&app).from(None);
    let asked = |site: &str| {
        let request = page.request(Method::GET, &bootstrap_of(&app)).header("sec-fetch-site", site);
        request.body(Body::empty()).unwrap()
    };
    data(&app.send(asked("same-origin")).await);
    for site in ["same-site", "cross-site", "none"] {
        app.send(asked(site)).await.refused(400, "bad_domain_for_stytch_sdk");
    }
    app.put(SETTINGS, json!({ "allowed_origins": [ORIGIN_OF_PAGE] })).await.ok();
    app.send(asked("same-origin")).await.refused(400, "bad_domain_for_stytch_sdk");
}
