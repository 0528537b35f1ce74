//! What happens at the same moment.

use serde_json::{Value, json};

use super::Directory;
use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::races::at_once;
use crate::reply::Reply;

on_both_engines!(
    one_person_made_twice_is_one,
    no_membership_is_lost,
    a_token_that_is_taken_away_changes_nothing_more,
    nobody_gets_in_after_they_are_locked_out,
);

/// A request of a directory.
type Asked = (&'static str, String, Value);

/// Sends all of them at the same moment.
async fn sent(requests: Vec<(Directory, Asked)>) -> Vec<Reply> {
    at_once(requests.into_iter().map(|(directory, (method, path, body))| async move {
        directory.send(method.parse().unwrap(), &path, body.to_string()).await
    }))
    .await
}

fn count(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|reply| reply.status == status).count()
}

async fn one_person_made_twice_is_one(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let twin = Directory { app: app.second_node().await, ..directory.clone() };
    for round in 0..5 {
        let body =
            json!({ "userName": format!("ada{round}@acme.example.com"), "externalId": round.to_string() });
        let requests = (0..6).map(|at| {
            let node = if at % 2 == 0 { &directory } else { &twin };
            (node.clone(), ("POST", "/Users".to_owned(), body.clone()))
        });
        let replies = sent(requests.collect()).await;
        assert_eq!((count(&replies, 201), count(&replies, 409)), (1, 5), "{replies:?}");
    }
    assert_eq!(app.member_count(&directory.organization).await, 5);
}

/// A group is added to by many, while some of its people leave and others are removed.
async fn no_membership_is_lost(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let mut people = Vec::new();
    for at in 0..24 {
        people.push(directory.user(&format!("u{at}"), &json!({})).await);
    }
    let (leaving, staying) = people.split_at(8);
    let leaving: Vec<&str> = leaving.iter().map(String::as_str).collect();
    let group = directory.group("Staff", &leaving).await;
    let change = |operation: Value| -> Asked {
        let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
        ("PATCH", format!("/Groups/{group}"), json!({ "schemas": [schema], "Operations": [operation] }))
    };
    let come = staying
        .iter()
        .map(|id| change(json!({ "op": "add", "path": "members", "value": [{ "value": id }] })));
    let go = leaving[..4]
        .iter()
        .map(|id| change(json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") })));
    let removed = leaving[4..].iter().map(|id| ("DELETE", format!("/Users/{id}"), json!({})));
    let all = come.chain(go).chain(removed).map(|asked| (directory.clone(), asked));
    let replies = sent(all.collect()).await;
    assert_eq!(count(&replies, 204), 24, "{replies:?}");
    let shown = directory.get(&format!("/Groups/{group}")).await.json();
    let mut inside: Vec<String> =
        shown["members"].as_array().unwrap().iter().map(|member| text(&member["value"])).collect();
    inside.sort();
    let mut expected = staying.to_vec();
    expected.sort();
    assert_eq!(inside, expected);
}

async fn a_token_that_is_taken_away_changes_nothing_more(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let path = format!("/v1/b2b/scim/{}/connection/{}/rotate", directory.organization, directory.id);
    let started = app.post(&format!("{path}/start"), json!({})).await.ok();
    let next = directory.with_token(&text(&started["connection"]["next_bearer_token"]));
    let writes = (0..12).map(|at| {
        let body = json!({ "userName": format!("u{at}") });
        (directory.clone(), ("POST", "/Users".to_owned(), body))
    });
    let (complete, asking) = (format!("{path}/complete"), app.clone());
    let completing = tokio::spawn(async move { asking.post(&complete, json!({})).await });
    let replies = sent(writes.collect()).await;
    completing.await.unwrap().ok();
    let made = count(&replies, 201);
    assert_eq!(count(&replies, 401), 12 - made, "{replies:?}");
    let late = directory.post("/Users", &json!({ "userName": "late" })).await;
    assert_eq!(late.status, 401);
    assert_eq!(next.get("/Users").await.json()["totalResults"], made);
}

/// Whatever a sign-in has reached when its person is locked out: from the acknowledgement on it leads nowhere.
async fn nobody_gets_in_after_they_are_locked_out(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let connection = app.connection(&directory.organization).await;
    for round in 0..6 {
        let address = format!("ada{round}@acme.example.com");
        let user = directory.user(&address, &json!({})).await;
        let mut browser = Browser::new(&app);
        let authorize = browser.start(&connection, &[]).await;
        let back = browser.approve(&authorize, &address, None).await;
        let (brought, out) = tokio::join!(browser.bring(&back), directory.set_active(&user, false));
        assert_eq!(out.status, 200, "{}", out.text());
        if brought.status == 302 {
            let token =
                brought.location().query_pairs().find(|(name, _)| name == "token").unwrap().1.into_owned();
            app.redeem(&token).await.refused(404, "sso_token_not_found");
        }
        let members = directory.member(&address).await.unwrap();
        assert_eq!(members["status"], "deleted", "{members}");
        assert_eq!(app.member_count(&directory.organization).await, 0);
    }
}
