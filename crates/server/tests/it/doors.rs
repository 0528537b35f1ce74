//! Each door says its own refusals, wrong methods, missing paths and panics, and takes nothing from an answer that layers
//! further in have put there.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE};
use http::{Method, Request};
use serde_json::json;
use tower::ServiceExt as _;
use vestibule_domain::refusal::What;
use vestibule_server::Auth0;
use vestibule_server::Failure;
use vestibule_server::RateLimits;
use vestibule_server::Stytch;
use vestibule_server::{Ctx, enter};
use vestibule_server::{Door, behind};
use vestibule_server::{Endpoints, Needs};

use crate::app::{TestApp, on_both_engines};
use crate::reply::Reply;

on_both_engines!(
    a_panic_is_said_by_its_door,
    a_path_that_is_no_text_is_said_by_its_door,
    headers_of_inner_layers_survive_a_refusal,
    limits_say_when_to_come_back,
    paths_of_the_second_dialect_are_refused_in_its_words,
);

/// A door with a handler for everything that can go wrong.
fn faulty<D: Door>(app: &TestApp) -> Router {
    let limits = Arc::new(RateLimits::new(0, 1));
    let limited = async move |ctx: Ctx| limits.check_api_failure(ctx.ip);
    let endpoints = Endpoints::<D>::new()
        .get("/panics", Needs::Nothing, panics)
        .get("/cookie", Needs::Nothing, cookie)
        .post("/cookie", Needs::Nothing, cookie)
        .get("/limited", Needs::Nothing, limited);
    behind::<D>(&app.app, endpoints.into_routes())
        .layer(from_fn_with_state(app.app.clone(), enter))
        .with_state(app.app.clone())
}

async fn panics() -> Result<(), Failure> {
    panic!("a secret that nobody may read")
}

async fn cookie() -> Response {
    ([(SET_COOKIE, "a=b")], Failure::from(What::Unreadable)).into_response()
}

async fn send(router: &Router, method: Method, path: &str) -> Reply {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
    Reply::read(response).await
}

async fn a_panic_is_said_by_its_door(app: TestApp) {
    let first = send(&faulty::<Stytch>(&app), Method::GET, "/panics").await;
    first.refused(500, "internal_server_error");
    let second = send(&faulty::<Auth0>(&app), Method::GET, "/panics").await;
    let body = json!({ "statusCode": 500, "error": "Internal Server Error", "message": "An internal server error occurred" });
    assert_eq!((second.status.as_u16(), second.json()), (500, body));
    for answer in [first, second] {
        assert!(!answer.text().contains("secret"));
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    }
}

async fn headers_of_inner_layers_survive_a_refusal(app: TestApp) {
    for (router, media) in [
        (faulty::<Stytch>(&app), "application/json"),
        (faulty::<Auth0>(&app), "application/json; charset=utf-8"),
    ] {
        let answer = send(&router, Method::GET, "/cookie").await;
        assert_eq!((answer.status.as_u16(), &answer.headers[SET_COOKIE]), (400, &"a=b".parse().unwrap()));
        assert_eq!(answer.headers[CONTENT_TYPE], media);
        let answer = send(&router, Method::DELETE, "/cookie").await;
        assert_eq!(
            (answer.status.as_u16(), &answer.headers[ALLOW]),
            (405, &"GET,HEAD,POST".parse().unwrap())
        );
        assert_eq!(answer.headers[CONTENT_TYPE], media);
    }
}

async fn limits_say_when_to_come_back(app: TestApp) {
    let first = faulty::<Stytch>(&app);
    assert_eq!(send(&first, Method::GET, "/limited").await.status, 200);
    let answer = send(&first, Method::GET, "/limited").await;
    answer.refused(429, "too_many_requests");
    soon(&answer);
    let second = faulty::<Auth0>(&app);
    send(&second, Method::GET, "/limited").await;
    let answer = send(&second, Method::GET, "/limited").await;
    let body = json!({
        "statusCode": 429, "error": "Too Many Requests", "message": "Global limit has been reached",
        "errorCode": "too_many_requests",
    });
    assert_eq!((answer.status.as_u16(), answer.json()), (429, body));
    soon(&answer);
}

#[track_caller]
fn soon(answer: &Reply) {
    let seconds: u64 = answer.headers[RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=61).contains(&seconds), "{seconds}");
}

async fn paths_of_the_second_dialect_are_refused_in_its_words(app: TestApp) {
    let missing = json!({ "statusCode": 404, "error": "Not Found", "message": "Not Found" });
    for path in ["/api/v2", "/api/v2/", "/api/v2/nothing", "/api/v2/connections/con_1/nothing"] {
        let answer = app.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (404, missing.clone()), "{path}");
    }
    for path in ["/api/v2x", "/api/v1/connections", "/v1/api/v2/connections", "/API/v2/connections"] {
        app.get(path).await.refused(404, "route_not_found");
    }
    let unauthorized = json!({
        "statusCode": 401, "error": "Unauthorized", "message": "Invalid token", "errorCode": "Unauthorized",
    });
    for header in [None, Some("Bearer"), Some("Bearer eyJhbGciOiJub25lIn0.e30."), Some("Basic YTpi")] {
        let mut request = Request::get("/api/v2/connections/con_KSTUfqlg41KKwagU");
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let answer = app.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (401, unauthorized.clone()));
        assert_eq!(answer.headers[WWW_AUTHENTICATE], "Bearer");
        assert_eq!(answer.headers[CONTENT_TYPE], "application/json; charset=utf-8");
    }
}

async fn a_path_that_is_no_text_is_said_by_its_door(app: TestApp) {
    for method in [Method::GET, Method::POST] {
        let reply = app.raw(method, "/v1/b2b/sso/callback/%ff", "").await;
        reply.refused(400, "bad_request");
    }
}
