//! Many at the same moment, on one node and on two: one of them wins.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::{NUMBER, Person, last_code};
use crate::app::{TestApp, on_both_engines};
use crate::reply::Reply;

const AT_ONCE: usize = 50;

on_both_engines!(
    a_step_is_used_by_one_of_fifty,
    a_step_is_used_by_one_of_fifty_on_two_nodes,
    a_text_code_is_used_by_one_of_fifty,
    a_text_code_is_used_by_one_of_fifty_on_two_nodes,
    a_recovery_code_is_used_by_one_of_fifty,
    a_recovery_code_is_used_by_one_of_fifty_on_two_nodes,
    a_sign_in_is_finished_by_one_of_fifty,
    fifty_guesses_at_once_are_five,
    fifty_guesses_at_once_on_two_nodes_are_five,
    fifty_sends_at_once_are_five,
    one_authenticator_is_begun_by_many,
);

/// Sends all bodies at the same moment, to one node after the other.
async fn at_once(nodes: &[TestApp], path: &str, bodies: Vec<Value>) -> Vec<Reply> {
    let barrier = Arc::new(Barrier::new(bodies.len()));
    let mut asking = JoinSet::new();
    for (node, body) in nodes.iter().cycle().zip(bodies) {
        let (node, path, barrier) = (node.clone(), path.to_owned(), barrier.clone());
        asking.spawn(async move {
            barrier.wait().await;
            node.post(&path, body).await
        });
    }
    asking.join_all().await
}

/// How many were signed in; everybody else was refused in an orderly way.
#[track_caller]
fn winners(replies: &[Reply], refusals: &[&str]) -> usize {
    let refused = |reply: &&Reply| {
        let is_done = reply.status == 200;
        assert!(is_done || refusals.contains(&reply.envelope().as_str()), "{}", reply.text());
        is_done
    };
    replies.iter().filter(refused).count()
}

/// Fifty sign-ins that wait, so that the second factor alone is contended for.
async fn waiting(ada: &Person) -> Vec<String> {
    let mut tokens = Vec::new();
    for _ in 0..AT_ONCE {
        tokens.push(ada.intermediate().await);
        ada.app.pass(1);
    }
    tokens
}

async fn step(nodes: &[TestApp]) {
    let ada = Person::required(&nodes[0], "acme").await;
    let authenticator = ada.enrolled().await;
    let tokens = waiting(&ada).await;
    let code = authenticator.code(&nodes[0]);
    let bodies =
        tokens.iter().map(|token| ada.body(json!({ "code": code, "intermediate_session_token": token })));
    let replies = at_once(nodes, "/v1/b2b/totp/authenticate", bodies.collect()).await;
    assert_eq!(winners(&replies, &["totp_code_already_authenticated", "too_many_requests"]), 1);
    nodes[0].pass(3600);
    let token = ada.intermediate().await;
    let body =
        ada.body(json!({ "code": authenticator.code(&nodes[0]), "intermediate_session_token": token }));
    nodes[0].post("/v1/b2b/totp/authenticate", body).await.ok();
}

async fn a_step_is_used_by_one_of_fifty(app: TestApp) {
    step(&[app]).await;
}

async fn a_step_is_used_by_one_of_fifty_on_two_nodes(app: TestApp) {
    step(&[app.second_node().await, app]).await;
}

async fn text_code(nodes: &[TestApp]) {
    let ada = Person::required(&nodes[0], "acme").await;
    ada.with_number().await;
    let tokens = waiting(&ada).await;
    let code = last_code(&nodes[0], NUMBER).await;
    let bodies =
        tokens.iter().map(|token| ada.body(json!({ "code": code, "intermediate_session_token": token })));
    let replies = at_once(nodes, "/v1/b2b/otps/sms/authenticate", bodies.collect()).await;
    assert_eq!(winners(&replies, &["unable_to_auth_otp_code", "too_many_requests"]), 1);
}

async fn a_text_code_is_used_by_one_of_fifty(app: TestApp) {
    text_code(&[app]).await;
}

async fn a_text_code_is_used_by_one_of_fifty_on_two_nodes(app: TestApp) {
    text_code(&[app.second_node().await, app]).await;
}

async fn recovery(nodes: &[TestApp]) {
    let ada = Person::required(&nodes[0], "acme").await;
    let codes = ada.enrolled().await.recovery_codes;
    let tokens = waiting(&ada).await;
    let bodies = tokens
        .iter()
        .map(|token| ada.body(json!({ "recovery_code": codes[0], "intermediate_session_token": token })));
    let replies = at_once(nodes, "/v1/b2b/recovery_codes/recover", bodies.collect()).await;
    assert_eq!(winners(&replies, &["unable_to_authenticate_recovery_code", "too_many_requests"]), 1);
    let left = nodes[0].get(&ada.codes_path()).await.ok();
    assert_eq!(left["recovery_codes"].as_array().unwrap().len(), 9);
}

async fn a_recovery_code_is_used_by_one_of_fifty(app: TestApp) {
    recovery(&[app]).await;
}

async fn a_recovery_code_is_used_by_one_of_fifty_on_two_nodes(app: TestApp) {
    recovery(&[app.second_node().await, app]).await;
}

/// One sign-in that waits, and ten good codes for it at the same moment: one of them is used up, and it once.
async fn a_sign_in_is_finished_by_one_of_fifty(app: TestApp) {
    let nodes = [app.second_node().await, app];
    let ada = Person::required(&nodes[0], "acme").await;
    let codes = ada.enrolled().await.recovery_codes;
    let token = ada.intermediate().await;
    let bodies = codes.iter().cycle().take(AT_ONCE);
    let bodies =
        bodies.map(|code| ada.body(json!({ "recovery_code": code, "intermediate_session_token": token })));
    let replies = at_once(&nodes, "/v1/b2b/recovery_codes/recover", bodies.collect()).await;
    let refusals =
        ["intermediate_session_not_found", "unable_to_authenticate_recovery_code", "too_many_requests"];
    assert_eq!(winners(&replies, &refusals), 1);
    let left = nodes[0].get(&ada.codes_path()).await.ok();
    assert_eq!(
        left["recovery_codes"].as_array().unwrap().len(),
        9,
        "a code that signed nobody in is not used up"
    );
}

async fn guesses(nodes: &[TestApp]) {
    let ada = Person::required(&nodes[0], "acme").await;
    let authenticator = ada.enrolled().await;
    let token = ada.intermediate().await;
    let wrong = authenticator.wrong_code(&nodes[0]);
    let body = ada.body(json!({ "code": wrong, "intermediate_session_token": token }));
    let replies = at_once(nodes, "/v1/b2b/totp/authenticate", vec![body; AT_ONCE]).await;
    let judged = replies.iter().filter(|reply| reply.envelope() == "unable_to_authenticate_totp").count();
    assert_eq!(judged, 5);
    assert_eq!(winners(&replies, &["unable_to_authenticate_totp", "too_many_requests"]), 0);
}

async fn fifty_guesses_at_once_are_five(app: TestApp) {
    guesses(&[app]).await;
}

async fn fifty_guesses_at_once_on_two_nodes_are_five(app: TestApp) {
    guesses(&[app.second_node().await, app]).await;
}

async fn fifty_sends_at_once_are_five(app: TestApp) {
    let nodes = [app.second_node().await, app];
    let ada = Person::optional(&nodes[0], "acme").await;
    let body = ada.body(json!({ "mfa_phone_number": NUMBER }));
    let replies = at_once(&nodes, "/v1/b2b/otps/sms/send", vec![body; AT_ONCE]).await;
    assert_eq!(winners(&replies, &["too_many_requests"]), 5);
    assert_eq!(super::codes_to(&nodes[0], NUMBER).await.len(), 5);
    assert!(replies.iter().all(|reply| reply.status == 200 || reply.headers.contains_key("retry-after")));
}

async fn one_authenticator_is_begun_by_many(app: TestApp) {
    let nodes = [app.second_node().await, app];
    let ada = Person::optional(&nodes[0], "acme").await;
    let replies = at_once(&nodes, "/v1/b2b/totp", vec![ada.body(json!({})); 20]).await;
    assert_eq!(winners(&replies, &[]), 20);
    let migrations = vec![ada.body(json!({ "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" })); 20];
    let replies = at_once(&nodes, "/v1/b2b/totp/migrate", migrations).await;
    assert_eq!(winners(&replies, &["active_totp_exists"]), 1);
}
