//! The audit trail as the project reads it: `GET /v1/vestibule/events`.

mod walk;

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde_json::{Value, json};

use self::walk::Walk;
use crate::app::{TestApp, on_both_engines, text};

on_both_engines!(
    every_mutation_is_told_without_secrets,
    updates_say_what_changed,
    events_are_filtered_and_paged,
    what_is_deleted_leaves_its_events,
    events_belong_to_the_project,
    what_is_too_deep_hides_nothing,
    long_values_are_told_by_their_length,
);

const EVENTS: &str = "/v1/vestibule/events";

/// The events of the project, newest first.
async fn events(app: &TestApp, query: &str) -> Vec<Value> {
    let listed = app.get(&format!("{EVENTS}?{query}")).await.ok();
    listed["events"].as_array().unwrap().clone()
}

/// Walks through everything that changes something and looks at all that was told.
async fn every_mutation_is_told_without_secrets(app: TestApp) {
    let walk = Walk::through(&app).await;
    walk.missed_nothing();
    let told = events(&app, "limit=1000").await;
    let trail = serde_json::to_string(&told).unwrap();
    for (what, secret) in &walk.secrets {
        assert!(secret.len() >= 14, "{what} is too short to be looked for: {secret}");
        assert!(!trail.contains(secret.as_str()), "the {what} is in the audit trail");
    }
    for mark in ["PRIVATE KEY", "\"eyJ", "BEGIN"] {
        assert!(!trail.contains(mark), "{mark} is in the audit trail");
    }
    for event in &told {
        let members: Vec<&str> = event.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = [
            "action",
            "actor",
            "at",
            "changes",
            "detail",
            "event_id",
            "ip_address",
            "object",
            "organization_id",
            "request_id",
        ];
        assert_eq!(members, expected);
    }
    // One of each kind, the first that happened.
    let mut kinds = BTreeMap::new();
    for event in told.iter().rev() {
        kinds.entry(text(&event["action"])).or_insert_with(|| without_chance(event));
    }
    insta::assert_json_snapshot!("one_event_of_each_kind", kinds);
}

async fn updates_say_what_changed(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    let newest =
        async |object: &str| events(&app, &format!("object_id={object}&limit=1")).await.swap_remove(0);
    app.pass(1);
    let body = json!({ "organization_name": "Acme Corp", "mfa_policy": "REQUIRED_FOR_ALL" });
    app.put(&format!("/v1/b2b/organizations/{organization}"), body).await.ok();
    let told = newest(&organization).await;
    let changed: BTreeSet<String> =
        told["changes"].as_array().unwrap().iter().map(|change| text(&change["field"])).collect();
    assert_eq!(changed, BTreeSet::from(["mfa_policy".to_owned(), "name".to_owned()]), "{told}");
    app.pass(1);
    let path = format!("/v1/b2b/sso/oidc/{organization}/connections/{connection}");
    app.put(&path, json!({ "client_id": "another", "client_secret": "another-secret-of-the-client" }))
        .await
        .ok();
    let changes = newest(&connection).await["changes"].clone();
    let client = json!({ "field": "client_id", "before": crate::provider::CLIENT_ID, "after": "another" });
    let secret = json!({ "field": "client_secret", "before": "[secret]", "after": "[secret]" });
    assert_eq!(changes, json!([client, secret]));
    // What changes nothing says so.
    app.pass(1);
    app.put(&path, json!({ "client_id": "another" })).await.ok();
    let told = newest(&connection).await;
    assert_eq!(told["changes"], json!([]), "{told}");
}

async fn events_are_filtered_and_paged(app: TestApp) {
    let (acme, globex) =
        (app.organization("acme", json!({})).await, app.organization("globex", json!({})).await);
    for organization in [&acme, &globex] {
        for name in ["ada", "grace"] {
            app.pass(1);
            app.member(organization, &format!("{name}@{organization}.example.com"), json!({})).await;
        }
    }
    let all = events(&app, "").await;
    assert_eq!(all.len(), 6);
    assert_eq!(
        (&all[0]["action"], &all[5]["action"]),
        (&json!("member.create"), &json!("organization.create"))
    );
    for locator in [acme.as_str(), "acme"] {
        let of_acme = events(&app, &format!("organization_id={locator}")).await;
        assert_eq!(of_acme.len(), 3);
        assert!(of_acme.iter().all(|event| event["organization_id"] == acme.as_str()));
    }
    assert_eq!(events(&app, "action=member.create").await.len(), 4);
    let one = text(&all[0]["object"]["id"]);
    assert_eq!(events(&app, &format!("object_id={one}")).await, [all[0].clone()]);
    assert_eq!(events(&app, &format!("organization_id=acme&object_id={one}")).await, [] as [Value; 0]);
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("{EVENTS}?limit=4&cursor={cursor}")).await.ok();
        pages.extend(page["events"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        next.clone_into(&mut cursor);
    }
    assert_eq!(pages, all);
    for wrong in ["limit=0", "limit=1001", "cursor=x", "limit=x"] {
        assert_eq!(app.get(&format!("{EVENTS}?{wrong}")).await.status, 400, "{wrong}");
    }
    app.get(&format!("{EVENTS}?organization_id=nobody")).await.refused(404, "organization_not_found");
}

async fn what_is_deleted_leaves_its_events(app: TestApp) {
    let acme = app.organization("acme", json!({})).await;
    app.pass(1);
    app.delete(&format!("/v1/b2b/organizations/{acme}")).await.ok();
    let told = events(&app, &format!("organization_id={acme}")).await;
    let actions: Vec<&str> = told.iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["organization.delete", "organization.create"]);
}

async fn events_belong_to_the_project(app: TestApp) {
    let acme = app.organization("acme", json!({})).await;
    let other = app.other_project().await;
    for query in [String::new(), format!("organization_id={acme}"), format!("object_id={acme}")] {
        assert_eq!(events(&other, &query).await, [] as [Value; 0], "{query}");
    }
}

/// An event without the random part of its ids, and without a port that differs from run to run.
fn without_chance(event: &Value) -> Value {
    match event {
        Value::String(text) => masked(text).into(),
        Value::Array(list) => list.iter().map(without_chance).collect(),
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), without_chance(value))).collect(),
        other => other.clone(),
    }
}

fn masked(text: &str) -> String {
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let mut out = text.to_owned();
    let mut at = 0;
    while at + 36 <= out.len() {
        match out.get(at..at + 36) {
            Some(id) if id.matches('-').count() == 4 && id.as_bytes()[8] == b'-' && hex(id) => {
                out.replace_range(at..at + 36, "…");
            }
            _ => {}
        }
        at += 1;
    }
    if out.len() == 64 && hex(&out) {
        return "a fingerprint".to_owned();
    }
    match out.split_once("127.0.0.1:") {
        Some((before, after)) => {
            let rest = after.trim_start_matches(|digit: char| digit.is_ascii_digit());
            format!("{before}127.0.0.1:port{rest}")
        }
        None => out,
    }
}

async fn long_values_are_told_by_their_length(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let domains: Vec<String> =
        (0..500).map(|number| format!("d{number}.{}.example", "x".repeat(50))).collect();
    let long = json!({ "email_allowed_domains": domains, "organization_name": "Acme 2" });
    for body in [long, json!({ "email_allowed_domains": ["acme.example"] })] {
        app.put(&format!("/v1/b2b/organizations/{organization}"), body).await.ok();
    }
    let told = events(&app, "action=organization.update").await;
    assert_eq!(told.len(), 2);
    for event in &told {
        assert!(event.to_string().len() < 8 * 1024, "{} bytes", event.to_string().len());
        let changed = event["changes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|change| change["field"] == "email_allowed_domains");
        assert!(changed.unwrap().to_string().contains(" bytes]"), "{event}");
    }
}

/// What could be kept and not be read again inside of an event would leave no trace of who changed what.
async fn what_is_too_deep_hides_nothing(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let member = app.member(&organization, "ada@acme.example", json!({})).await;
    let deep = |levels: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    let path = format!("/v1/b2b/organizations/{organization}/members/{member}");
    let organization_path = format!("/v1/b2b/organizations/{organization}");
    let session = crate::organizations::session_of(&app, &member).await;
    let claims =
        |levels| format!(r#"{{"session_token":"{session}","session_custom_claims":{}}}"#, deep(levels));
    for levels in [32, 100, 124] {
        for field in ["trusted_metadata", "untrusted_metadata"] {
            let body = format!(r#"{{"name":"Eve","{field}":{}}}"#, deep(levels));
            app.raw(Method::PUT, &path, body).await.refused(400, "metadata_too_large");
        }
        let body = format!(r#"{{"organization_name":"Eve","trusted_metadata":{}}}"#, deep(levels));
        app.raw(Method::PUT, &organization_path, body).await.refused(400, "metadata_too_large");
        let used = app.raw(Method::POST, "/v1/b2b/sessions/authenticate", claims(levels)).await;
        assert_eq!(used.status, 400, "{}", used.text());
    }
    let body = format!(r#"{{"name":"Ada","untrusted_metadata":{}}}"#, deep(31));
    app.raw(Method::PUT, &path, body).await.ok();
    app.raw(Method::POST, "/v1/b2b/sessions/authenticate", claims(31)).await.ok();
    let told = events(&app, "action=member.update").await;
    assert_eq!(told.len(), 1);
    assert!(told[0]["changes"].to_string().contains("[[[["), "{}", told[0]);
}
