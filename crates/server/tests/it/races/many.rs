//! Many changes of one row at once: all are answered and none is lost, on one server and on two.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use vestibule_domain::time::Time;

use super::scene::{ADA, read};
use super::{at_once, said};
use crate::app::{NOW, TestApp, on_both_engines, text};
use crate::reply::Reply;

const AT_ONCE: i64 = 100;
const MOST_CONNECTIONS: usize = 100;
const CREATIONS: usize = 160;
/// How many seconds after the sign-in the session is used.
const LATER: i64 = 100;

on_both_engines!(
    a_session_is_prolonged_a_hundred_times_at_once,
    a_session_is_prolonged_a_hundred_times_at_once_on_two_nodes,
    a_session_takes_a_hundred_claims_at_once,
    a_session_takes_a_hundred_claims_at_once_on_two_nodes,
    a_member_is_updated_a_hundred_times_at_once,
    a_member_is_updated_a_hundred_times_at_once_on_two_nodes,
    an_organization_has_a_hundred_connections_and_no_more,
    an_organization_has_a_hundred_connections_and_no_more_on_two_nodes,
);

async fn a_session_is_prolonged_a_hundred_times_at_once(app: TestApp) {
    prolong(&[app]).await;
}

async fn a_session_is_prolonged_a_hundred_times_at_once_on_two_nodes(app: TestApp) {
    prolong(&[app.second_node().await, app]).await;
}

async fn a_session_takes_a_hundred_claims_at_once(app: TestApp) {
    claim(&[app]).await;
}

async fn a_session_takes_a_hundred_claims_at_once_on_two_nodes(app: TestApp) {
    claim(&[app.second_node().await, app]).await;
}

async fn a_member_is_updated_a_hundred_times_at_once(app: TestApp) {
    update(&[app]).await;
}

async fn a_member_is_updated_a_hundred_times_at_once_on_two_nodes(app: TestApp) {
    update(&[app.second_node().await, app]).await;
}

async fn an_organization_has_a_hundred_connections_and_no_more(app: TestApp) {
    fill(&[app]).await;
}

async fn an_organization_has_a_hundred_connections_and_no_more_on_two_nodes(app: TestApp) {
    fill(&[app.second_node().await, app]).await;
}

/// Sends request `n` to one node after the other, all of them at once.
async fn spread(
    nodes: &[TestApp],
    count: i64,
    request: impl Fn(i64) -> (&'static str, String, Value),
) -> Vec<Reply> {
    let requests = (0..count).zip(nodes.iter().cycle()).map(|(n, node)| {
        let (node, (method, path, body)) = (node.clone(), request(n));
        async move { node.raw(method.parse().unwrap(), &path, body.to_string()).await }
    });
    at_once(requests).await
}

/// What was answered, counted; printed, and compared when something is wrong.
fn counted(what: &str, nodes: &[TestApp], replies: &[Reply]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for reply in replies {
        *counts.entry(said(reply)).or_default() += 1;
    }
    let engine = nodes[0].app.store.engine_name();
    eprintln!("{engine}, {} node(s): {what}: {counts:?}", nodes.len());
    counts
}

async fn signed_in(app: &TestApp) -> Value {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    let session = app.session(&connection, ADA).await;
    app.pass(LATER);
    session
}

/// A session is used with `body` beside its token.
fn usage(token: &Value, body: Value) -> (&'static str, String, Value) {
    let mut body = body;
    body["session_token"] = token.clone();
    ("POST", "/v1/b2b/sessions/authenticate".to_owned(), body)
}

/// Everybody asks for another end. Whose end stays is for the order to say, but it is one that was asked for.
async fn prolong(nodes: &[TestApp]) {
    let session = signed_in(&nodes[0]).await;
    let token = &session["session_token"];
    let request = |n| usage(token, json!({ "session_duration_minutes": 100 + n }));
    let replies = spread(nodes, AT_ONCE, request).await;
    let counts = counted("prolongations", nodes, &replies);
    assert_eq!(counts, BTreeMap::from([("200".to_owned(), replies.len())]));
    let end_of = |reply: &Reply| text(&reply.ok()["member_session"]["expires_at"]);
    let asked: BTreeSet<String> = (0..AT_ONCE)
        .map(|n| Time::from_seconds(NOW.seconds() + LATER + 60 * (100 + n)).to_string())
        .collect();
    assert!(replies.iter().all(|reply| asked.contains(&end_of(reply))), "everybody is told an end of these");
    for node in nodes {
        let (_, path, body) = usage(token, json!({}));
        let end = text(&node.post(&path, body).await.ok()["member_session"]["expires_at"]);
        assert!(asked.contains(&end), "nobody asked for {end}");
        assert_ne!(end, text(&session["member_session"]["expires_at"]));
    }
    // The same end for all: there is only one that can stay.
    let replies = spread(nodes, AT_ONCE, |_| usage(token, json!({ "session_duration_minutes": 600 }))).await;
    counted("prolongations to one end", nodes, &replies);
    let (_, path, body) = usage(token, json!({}));
    let end = &nodes[0].post(&path, body).await.ok()["member_session"]["expires_at"];
    assert!(replies.iter().all(|reply| reply.ok()["member_session"]["expires_at"] == *end), "{end}");
}

/// Everybody sets a claim and an end. The one who came last saw all claims, and that one's end stays.
async fn claim(nodes: &[TestApp]) {
    let session = signed_in(&nodes[0]).await;
    let token = &session["session_token"];
    let request = |n| {
        let claims = json!({ format!("c{n}"): n });
        usage(token, json!({ "session_duration_minutes": 100 + n, "session_custom_claims": claims }))
    };
    let replies = spread(nodes, AT_ONCE, request).await;
    let (_, path, body) = usage(token, json!({}));
    let kept = nodes[0].post(&path, body).await.ok()["member_session"].clone();
    let all = kept["custom_claims"].as_object().unwrap();
    let counts = counted(&format!("claims, of which {} are kept", all.len()), nodes, &replies);
    assert_eq!(counts, BTreeMap::from([("200".to_owned(), replies.len())]));
    let expected: BTreeMap<String, i64> = (0..AT_ONCE).map(|n| (format!("c{n}"), n)).collect();
    assert_eq!(json!(all), json!(expected));
    let last = |reply: &&Reply| reply.ok()["member_session"]["custom_claims"] == kept["custom_claims"];
    let mut ends =
        replies.iter().filter(last).map(|reply| reply.ok()["member_session"]["expires_at"].clone());
    assert!(ends.any(|end| end == kept["expires_at"]), "{kept}");
}

/// Everybody sets a value of their own in one member's metadata.
async fn update(nodes: &[TestApp]) {
    let organization = nodes[0].organization("acme", json!({})).await;
    let member = nodes[0].member(&organization, ADA, json!({})).await;
    let path = format!("/v1/b2b/organizations/{organization}/members/{member}");
    let request = |n| ("PUT", path.clone(), json!({ "untrusted_metadata": { format!("k{n}"): n } }));
    let replies = spread(nodes, AT_ONCE, request).await;
    let expected: BTreeMap<String, i64> = (0..AT_ONCE).map(|n| (format!("k{n}"), n)).collect();
    for node in nodes {
        let path = format!("/v1/b2b/organizations/{organization}/member?member_id={member}");
        let kept = node.get(&path).await.ok()["member"]["untrusted_metadata"].clone();
        let what = format!("updates, of which {} are kept", kept.as_object().unwrap().len());
        let counts = counted(&what, nodes, &replies);
        assert_eq!(counts, BTreeMap::from([("200".to_owned(), replies.len())]));
        assert_eq!(kept, json!(expected));
    }
}

async fn fill(nodes: &[TestApp]) {
    let organization = nodes[0].organization("acme", json!({})).await;
    let path = format!("/v1/b2b/sso/oidc/{organization}");
    let request = |n| ("POST", path.clone(), json!({ "display_name": format!("Connection {n}") }));
    let replies = spread(nodes, i64::try_from(CREATIONS).unwrap(), request).await;
    let listed = nodes[0].get(&format!("/v1/b2b/sso/{organization}")).await;
    let listed = read(&listed).unwrap()["oidc_connections"].as_array().unwrap().len();
    let counts = counted(&format!("creations, of which {listed} are listed"), nodes, &replies);
    let refused = "400 too_many_sso_connections".to_owned();
    let expected = [("200".to_owned(), MOST_CONNECTIONS), (refused, CREATIONS - MOST_CONNECTIONS)];
    assert_eq!(counts, BTreeMap::from(expected));
    assert_eq!(listed, MOST_CONNECTIONS);
}
