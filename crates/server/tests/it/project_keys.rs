//! The secrets and keys of a project, seen and replaced by its own backend.

use http::Method;
use serde_json::{Value, json};
use vestibule_server::api_secrets::keep_uses;

use crate::app::{TestApp, on_both_engines, text};

on_both_engines!(
    a_secret_is_made_listed_and_revoked,
    a_secret_is_rotated_while_both_are_good,
    the_last_secret_stays,
    two_revocations_at_once_leave_a_secret,
    a_secret_has_an_end,
    as_many_secrets_as_may_be,
    the_use_of_a_secret_is_kept_but_not_at_each_request,
    a_session_key_is_rotated,
    as_many_session_keys_as_may_be,
    whoever_is_not_the_project_learns_nothing,
);

const SECRETS: &str = "/v1/vestibule/project/secrets";
const KEYS: &str = "/v1/vestibule/project/session_keys";
const MINUTE: i64 = 60;

fn with(app: &TestApp, secret: &str) -> TestApp {
    let mut same = app.clone();
    secret.clone_into(&mut same.secret);
    same
}

async fn works(app: &TestApp) -> bool {
    let answer = app.get("/v1/b2b/rbac/policy").await;
    assert!(matches!(answer.status.as_u16(), 200 | 401), "{}", answer.text());
    answer.status == 200
}

async fn listed(app: &TestApp) -> Vec<Value> {
    app.get(SECRETS).await.ok()["secrets"].as_array().unwrap().clone()
}

/// What is listed of one.
async fn shown(app: &TestApp, id: &str) -> Value {
    listed(app).await.into_iter().find(|secret| secret["secret_id"] == id).unwrap()
}

async fn make(app: &TestApp, body: Value) -> (String, String) {
    let made = app.post(SECRETS, body).await.ok();
    (text(&made["secret"]["secret_id"]), text(&made["api_secret"]))
}

async fn actions(app: &TestApp) -> Vec<Value> {
    let events = app.get("/v1/vestibule/events").await.ok();
    events["events"].as_array().unwrap().clone()
}

async fn a_secret_is_made_listed_and_revoked(app: TestApp) {
    let (id, secret) = make(&app, json!({ "name": "worker" })).await;
    assert!(secret.starts_with("secret-test-"));
    let other = app.second_node().await;
    assert!(works(&with(&app, &secret)).await && works(&with(&other, &secret)).await, "on every node");

    let all = listed(&app).await;
    assert_eq!(all.len(), 2);
    let one = shown(&app, &id).await;
    assert_eq!((&one["name"], &one["status"]), (&json!("worker"), &json!("active")));
    assert_eq!((&one["last_used_at"], &one["expires_at"]), (&Value::Null, &Value::Null));
    assert!(!app.get(SECRETS).await.text().contains(&secret), "it was shown once");

    let over = app.delete(&format!("{SECRETS}/{id}")).await.ok();
    assert_eq!(over["secret"]["status"], "ended");
    assert!(!works(&with(&app, &secret)).await && !works(&with(&other, &secret)).await);
    assert!(works(&app).await, "the other one goes on");
    app.delete(&format!("{SECRETS}/{id}")).await.refused(404, "api_secret_not_found");
    app.post(&format!("{SECRETS}/{id}/rotate"), json!({})).await.refused(404, "api_secret_not_found");
    assert_eq!(shown(&app, &id).await["status"], "ended", "it is listed on");

    let told = actions(&app).await;
    let names: Vec<_> = told.iter().map(|event| text(&event["action"])).collect();
    assert!(names.contains(&"project.secret.create".to_owned()), "{names:?}");
    assert!(names.contains(&"project.secret.revoke".to_owned()), "{names:?}");
    assert!(told.iter().all(|event| event["detail"]["secret_id"] == id.as_str()), "{told:?}");

    for body in [json!({}), json!({ "name": "" }), json!({ "name": "a\nb" }), json!({ "name": 1 })] {
        assert_eq!(app.post(SECRETS, body).await.status, 400);
    }
    app.delete(&format!("{SECRETS}/nonsense")).await.refused(404, "api_secret_not_found");
}

async fn a_secret_is_rotated_while_both_are_good(app: TestApp) {
    let (id, old) = make(&app, json!({ "name": "worker" })).await;
    let rotated = app.post(&format!("{SECRETS}/{id}/rotate"), json!({ "overlap_minutes": 10 })).await.ok();
    assert_eq!(rotated["secret"]["name"], "worker");
    assert_eq!(rotated["replaced"]["secret_id"], id.as_str());
    assert_eq!(rotated["replaced"]["status"], "ending");
    let new = text(&rotated["api_secret"]);
    let other = app.second_node().await;
    for node in [&app, &other] {
        assert!(works(&with(node, &old)).await && works(&with(node, &new)).await);
    }
    app.pass(10 * MINUTE - 1);
    assert!(works(&with(&app, &old)).await);
    app.pass(1);
    for node in [&app, &other] {
        assert!(!works(&with(node, &old)).await, "its time is over");
        assert!(works(&with(node, &new)).await);
    }
    assert_eq!(shown(&app, &id).await["status"], "ended");
    let next = text(&rotated["secret"]["secret_id"]);
    for overlap in [json!(-1), json!(43_201), json!("ten")] {
        let answer =
            app.post(&format!("{SECRETS}/{next}/rotate"), json!({ "overlap_minutes": overlap })).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    app.post(&format!("{SECRETS}/{next}/rotate"), json!({ "overlap_minutes": 0 })).await.ok();
    assert!(!works(&with(&app, &new)).await, "without an overlap it is over at once");
    // The last one can be replaced all the same: its successor stays.
    let own = listed(&app).await.into_iter().find(|secret| secret["name"] == "").unwrap();
    app.post(&format!("{SECRETS}/{}/rotate", text(&own["secret_id"])), json!({})).await.ok();
    assert!(works(&app).await, "a day is the usual overlap");
}

async fn the_last_secret_stays(app: TestApp) {
    let own = text(&listed(&app).await[0]["secret_id"]);
    app.delete(&format!("{SECRETS}/{own}")).await.refused(400, "cannot_revoke_last_api_secret");
    assert!(works(&app).await);
    // One that is about to end is nothing to rely on.
    let (spare, _) = make(&app, json!({ "name": "spare" })).await;
    app.post(&format!("{SECRETS}/{spare}/rotate"), json!({ "overlap_minutes": 30 })).await.ok();
    let new = listed(&app).await.into_iter().find(|one| one["name"] == "spare" && one["status"] == "active");
    app.delete(&format!("{SECRETS}/{}", text(&new.unwrap()["secret_id"]))).await.ok();
    app.delete(&format!("{SECRETS}/{own}")).await.refused(400, "cannot_revoke_last_api_secret");
    app.delete(&format!("{SECRETS}/{spare}")).await.ok();
}

async fn two_revocations_at_once_leave_a_secret(app: TestApp) {
    let own = text(&listed(&app).await[0]["secret_id"]);
    let mut held = app.clone();
    let mut last = own;
    for _ in 0..6 {
        let (id, secret) = make(&held, json!({ "name": "next" })).await;
        let next = with(&app, &secret);
        let other = held.second_node().await;
        let (one, two) = (format!("{SECRETS}/{last}"), format!("{SECRETS}/{id}"));
        let (a, b) = tokio::join!(other.delete(&one), held.delete(&two));
        // Whoever comes second finds the last one, or is nobody any more.
        assert_eq!(
            [&a, &b].iter().filter(|answer| answer.status == 200).count(),
            1,
            "{} {}",
            a.text(),
            b.text()
        );
        if a.status == 200 {
            (held, last) = (next, id);
        }
        assert!(works(&held).await);
    }
}

async fn a_secret_has_an_end(app: TestApp) {
    let at = |minutes: i64| {
        let now = app.app.clock.now();
        json!({ "name": "trial", "expires_at": now.plus(vestibule_domain::time::Span::minutes(minutes)).to_string() })
    };
    app.post(SECRETS, at(59)).await.refused(400, "invalid_field");
    app.post(SECRETS, json!({ "name": "trial", "expires_at": "tomorrow" })).await.refused(400, "bad_request");
    let (id, secret) = make(&app, at(120)).await;
    assert_eq!(shown(&app, &id).await["status"], "ending");
    assert!(works(&with(&app, &secret)).await);
    app.pass(120 * MINUTE);
    assert!(!works(&with(&app, &secret)).await);
    app.delete(&format!("{SECRETS}/{id}")).await.refused(404, "api_secret_not_found");
}

async fn as_many_secrets_as_may_be(app: TestApp) {
    let mut first = None;
    for _ in 0..19 {
        let (id, _) = make(&app, json!({ "name": "one of many" })).await;
        first.get_or_insert(id);
    }
    app.post(SECRETS, json!({ "name": "one more" })).await.refused(400, "too_many_api_secrets");
    app.delete(&format!("{SECRETS}/{}", first.unwrap())).await.ok();
    make(&app, json!({ "name": "one more" })).await;
}

async fn the_use_of_a_secret_is_kept_but_not_at_each_request(app: TestApp) {
    let (id, secret) = make(&app, json!({ "name": "worker" })).await;
    let worker = with(&app, &secret);
    let used_at = async || shown(&app, &id).await["last_used_at"].clone();
    let kept = async || keep_uses(&app.app).await.unwrap();
    kept().await;
    works(&worker).await;
    assert_eq!(used_at().await, Value::Null, "a request writes nothing");
    kept().await;
    let first = used_at().await;
    assert_eq!(first, app.app.clock.now().to_string());
    app.pass(4 * MINUTE);
    works(&worker).await;
    kept().await;
    assert_eq!(used_at().await, first, "once in five minutes is enough");
    app.pass(MINUTE);
    works(&worker).await;
    kept().await;
    assert_eq!(used_at().await, app.app.clock.now().to_string());
    // A secret that is none leaves no trace.
    assert!(!works(&with(&app, "secret-test-nobody")).await);
    app.pass(10 * MINUTE);
    kept().await;
    assert!(!works(&with(&app, "secret-test-nobody")).await);
    assert_eq!(kept().await, 0);
}

async fn a_session_key_is_rotated(app: TestApp) {
    let keys = async || app.get(KEYS).await.ok()["session_keys"].as_array().unwrap().clone();
    let jwks = async |node: &TestApp| {
        let path = format!("/v1/b2b/sessions/jwks/{}", app.project.id);
        let keys = node.get(&path).await.ok()["keys"].as_array().unwrap().clone();
        keys.iter().map(|key| text(&key["kid"])).collect::<Vec<_>>()
    };
    let other = app.second_node().await;
    let old = jwks(&other).await;
    assert_eq!(keys().await.len(), 1);
    assert_eq!((&keys().await[0]["signs"], &keys().await[0]["retired_at"]), (&json!(true), &Value::Null));

    app.pass(1);
    let rotated = app.post(&format!("{KEYS}/rotate"), json!({})).await.ok();
    let new = text(&rotated["session_key"]["key_id"]);
    assert_eq!(jwks(&app).await, [old[0].clone(), new.clone()], "published at once");
    let signing = async || {
        let all = keys().await;
        let signs: Vec<_> = all.iter().filter(|key| key["signs"] == true).collect();
        assert_eq!((all.len(), signs.len()), (2, 1), "{all:?}");
        text(&signs[0]["key_id"])
    };
    assert_eq!(signing().await, old[0], "what nobody knows yet signs nothing");
    app.pass(2 * MINUTE);
    assert_eq!(signing().await, new);
    assert_eq!(jwks(&other).await, [old[0].clone(), new], "on every node");
    let first = &keys().await[0];
    assert!(first["retired_at"].is_string() && first["published_until"].is_string(), "{first}");
    let told = actions(&app).await;
    assert_eq!(told[0]["action"], "project.session_key.rotate");
    assert_eq!(told[0]["detail"]["key_id"], rotated["session_key"]["key_id"]);
}

async fn as_many_session_keys_as_may_be(app: TestApp) {
    for _ in 0..9 {
        app.pass(1);
        app.post(&format!("{KEYS}/rotate"), json!({})).await.ok();
    }
    let refused = app.post(&format!("{KEYS}/rotate"), json!({})).await.refused(400, "too_many_session_keys");
    assert!(text(&refused["error_message"]).contains("forget-session"), "{refused}");
    app.pass(31 * 86_400);
    app.post(&format!("{KEYS}/rotate"), json!({})).await.ok();
}

async fn whoever_is_not_the_project_learns_nothing(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    let session = text(&app.session(&connection, "ada@acme.example").await["session_token"]);
    let (id, _) = make(&app, json!({ "name": "worker" })).await;
    let other = app.other_project().await;
    assert!(!other.get(SECRETS).await.text().contains(&id));
    other.delete(&format!("{SECRETS}/{id}")).await.refused(404, "api_secret_not_found");
    for (method, path) in [
        (Method::GET, SECRETS.to_owned()),
        (Method::POST, SECRETS.to_owned()),
        (Method::DELETE, format!("{SECRETS}/{id}")),
        (Method::GET, KEYS.to_owned()),
        (Method::POST, format!("{KEYS}/rotate")),
    ] {
        let answer = app.as_member(&session, method, &path, json!({ "name": "mine" })).await;
        answer.refused(403, "session_authorization_error");
    }
}
