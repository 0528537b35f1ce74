//! An organization that is deleted while it is in use: the deletion is done at the first try, and nobody else
//! gets an answer that they can make nothing of.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;

use super::{is_orderly, pause, rounds, said};
use crate::app::{TestApp, on_both_engines};
use crate::browser::Browser;
use crate::reply::Reply;

/// Rounds, each with an organization of its own.
const ROUNDS: usize = 20;
const CLIENTS: usize = 8;
/// How often each client does its thing.
const TIMES: usize = 4;

on_both_engines!(a_busy_organization_is_deleted_at_the_first_try);

async fn a_busy_organization_is_deleted_at_the_first_try(app: TestApp) {
    let rounds = rounds(ROUNDS);
    let (mut deletions, mut others, mut remains) = (BTreeMap::new(), BTreeMap::new(), 0);
    for round in 0..rounds {
        let organization = app.organization(&format!("busy-{round}"), json!({})).await;
        let connection = app.connection(&organization).await;
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            clients.spawn(work(app.clone(), client, organization.clone(), connection.clone()));
        }
        let path = format!("/v1/b2b/organizations/{organization}");
        pause(Duration::from_millis(u64::try_from(5 + 3 * (round % 10)).unwrap())).await;
        let deleted = app.delete(&path).await;
        *deletions.entry(said(&deleted)).or_insert(0_usize) += 1;
        for reply in clients.join_all().await.into_iter().flatten() {
            let answer = if is_orderly(&reply) { "orderly".to_owned() } else { said(&reply) };
            *others.entry(answer).or_insert(0_usize) += 1;
        }
        remains += usize::from(app.get(&path).await.status != 404);
    }
    let engine = app.app.store.engine_name();
    let table = format!("{engine}: {rounds} busy organizations: deletions {deletions:?}, others {others:?}");
    eprintln!("{table}, {remains} remain");
    assert_eq!(deletions, BTreeMap::from([("200".to_owned(), rounds)]), "{table}");
    assert!(others.keys().all(|answer| answer == "orderly"), "{table}");
    assert_eq!(remains, 0, "{table}");
}

/// What one client of an organization does all the time.
async fn work(app: TestApp, client: usize, organization: String, connection: String) -> Vec<Reply> {
    let mut answers = Vec::new();
    for time in 0..TIMES {
        let address = format!("person-{client}-{time}@example.com");
        match client % 3 {
            0 => {
                let path = format!("/v1/b2b/organizations/{organization}/members");
                answers.push(app.post(&path, json!({ "email_address": address })).await);
            }
            1 => {
                let path = format!("/v1/b2b/sso/oidc/{organization}");
                answers.push(app.post(&path, json!({ "display_name": "Another" })).await);
            }
            _ => answers.extend(sign_in(&app, &connection, &address).await),
        }
    }
    answers
}

/// As far as it goes.
async fn sign_in(app: &TestApp, connection: &str, address: &str) -> Vec<Reply> {
    let mut browser = Browser::new(app);
    let started = browser.start_reply(connection, &[]).await;
    if !started.status.is_redirection() {
        return vec![started];
    }
    let back = browser.approve(&started.location(), address, None).await;
    let ended = browser.bring(&back).await;
    if !ended.status.is_redirection() {
        return vec![started, ended];
    }
    let to = ended.location();
    let token = to.query_pairs().find(|(name, _)| name == "token").unwrap().1.into_owned();
    let redeemed = app.redeem(&token).await;
    vec![started, ended, redeemed]
}
