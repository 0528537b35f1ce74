//! Pages of applications that ask from their own origin.

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN};
use http::{Method, Request};
use url::form_urlencoded;
use vestibule_domain::Patch;
use vestibule_domain::application::{ApplicationKind, ApplicationPatch};

use super::sign_in::{CALLBACK, VERIFIER, scene};
use super::{HERE, given, named};
use crate::app::{TestApp, on_both_engines, text};
use crate::reply::Reply;

on_both_engines!(pages_of_an_application_read_its_answers_and_no_others);

fn reader(reply: &Reply) -> Option<&str> {
    assert!(!reply.headers.contains_key("access-control-allow-credentials"));
    reply.headers.get("access-control-allow-origin").map(|origin| origin.to_str().unwrap())
}

async fn ask(
    app: &TestApp,
    method: Method,
    path: &str,
    origin: &str,
    more: &[(&str, &str)],
    body: String,
) -> Reply {
    let mut request = Request::builder().method(method).uri(path).header(HOST, HERE).header(ORIGIN, origin);
    for (name, value) in more {
        request = request.header(*name, *value);
    }
    app.send(request.body(Body::from(body)).unwrap()).await
}

async fn pages_of_an_application_read_its_answers_and_no_others(app: TestApp) {
    let patch = ApplicationPatch {
        web_origins: Patch::Set(vec!["https://web.example.com".to_owned()]),
        allowed_origins: Patch::Set(vec!["https://*.more.example.com".to_owned()]),
        ..named(ApplicationKind::Spa)
    };
    let scene = scene(&app, patch).await;
    let client = scene.application.client_id.as_str();
    let own = ["https://app.example.com", "https://web.example.com", "https://a.more.example.com"];
    let others = ["https://evil.test", "https://app.example.com.evil.test", "http://app.example.com", "null"];
    let form =
        |pairs: &[(&str, &str)]| form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let typed = (CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded");
    let mut access = String::new();
    for origin in own {
        let code = scene.code().await;
        let body = form(&[
            ("grant_type", "authorization_code"),
            ("client_id", client),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ]);
        let reply = ask(&app, Method::POST, "/oauth/token", origin, &[typed], body).await;
        assert_eq!(reader(&reply), Some(origin));
        access = text(&given(&reply)["access_token"]);
    }
    let bearer = format!("Bearer {access}");
    for (origin, expected) in
        own.map(|own| (own, Some(own))).into_iter().chain(others.map(|other| (other, None)))
    {
        // What is refused is read, too.
        let body = form(&[("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", "x")]);
        let reply = ask(&app, Method::POST, "/oauth/token", origin, &[typed], body.clone()).await;
        assert_eq!((reply.status.as_u16(), reader(&reply)), (403, expected), "{origin}");
        assert!(reply.headers.get_all("vary").iter().any(|vary| vary == "origin"));
        let told =
            ask(&app, Method::GET, "/userinfo", origin, &[(AUTHORIZATION.as_str(), &bearer)], String::new())
                .await;
        assert_eq!((told.status.as_u16(), reader(&told)), (200, expected), "{origin}");
        let revoked = form(&[("client_id", client), ("token", "x")]);
        let reply = ask(&app, Method::POST, "/oauth/revoke", origin, &[typed], revoked).await;
        assert_eq!(reader(&reply), expected, "{origin}");
        // Documents are everybody's; a preflight says nothing about anybody; nothing else is shared.
        for path in ["/.well-known/openid-configuration", "/.well-known/jwks.json"] {
            assert_eq!(reader(&ask(&app, Method::GET, path, origin, &[], String::new()).await), Some(origin));
        }
        let asks =
            [("access-control-request-method", "POST"), ("access-control-request-headers", "auth0-client")];
        let preflight = ask(&app, Method::OPTIONS, "/oauth/token", origin, &asks, String::new()).await;
        assert_eq!((preflight.status.as_u16(), reader(&preflight)), (204, Some(origin)));
        assert!(preflight.headers["access-control-allow-headers"].to_str().unwrap().contains("auth0-client"));
        let authorize = ask(&app, Method::GET, &scene.address(&[]), origin, &[], String::new()).await;
        assert_eq!(reader(&authorize), None);
    }
}
