//! Random sequences of changes and random filters at the front door, judged by what knows nothing of it: a record with fields, a
//! set, and an evaluator of trees, which are those by which the protocol's crate is judged.
//!
//! `VESTIBULE_DIRECTORY_CASES` is how many of each there are on each engine.

#[path = "../../../../scim/tests/patches/model.rs"]
mod model;
#[path = "../../../../scim/tests/filters/trees.rs"]
mod trees;

use std::collections::BTreeSet;

use http::Method;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use vestibule_scim::problem::ScimType;

use self::model::{Person, Step, of_members, step, well_formed, written};
use self::trees::{Style, holds, leaf, nested, user, write};
use super::{Directory, refused};
use crate::app::{TestApp, on_both_engines, text};

on_both_engines!(
    users_change_as_the_model_does,
    groups_change_as_sets_do,
    filters_find_whom_the_evaluator_finds,
);

fn cases(usual: usize) -> usize {
    std::env::var("VESTIBULE_DIRECTORY_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Draws what a strategy gives; the same in each run.
fn draw<S: Strategy>(runner: &mut TestRunner, strategy: S) -> S::Value {
    strategy.new_tree(runner).unwrap().current()
}

/// What a resource says of itself, without what we write.
fn said(mut shown: Value) -> Value {
    let members = shown.as_object_mut().unwrap();
    for ours in ["schemas", "id", "meta"] {
        members.remove(ours);
    }
    shown
}

async fn users_change_as_the_model_does(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let mut runner = TestRunner::deterministic();
    for _ in 0..cases(25) {
        let requests = draw(&mut runner, vec(vec((step(), any::<u8>()), 1..4), 1..8));
        let mut person = Person { user_name: "a".to_owned(), ..Person::default() };
        let id = directory.user("a", &json!({})).await;
        let place = format!("/Users/{id}");
        for request in requests {
            let operations: Value = request.iter().map(|(step, style)| written(step, *style)).collect();
            let hopeless = request.iter().filter_map(|(step, _)| match step {
                Step::Refused(_, scim_type) => Some(*scim_type),
                Step::AddEmails(emails) | Step::ReplaceEmails(emails) => well_formed(emails).err(),
                _ => None,
            });
            let hopeless: Vec<_> = hopeless.collect();
            let mut after = person.clone();
            let done = match request.iter().try_for_each(|(step, _)| after.step(step)) {
                _ if !hopeless.is_empty() => Err(hopeless),
                done => done.map_err(|scim_type| vec![scim_type]),
            };
            let answer = directory.patch(&place, &operations).await;
            match done {
                Ok(()) => {
                    assert_eq!(answer.status, 200, "{operations}: {}", answer.text());
                    person = after;
                }
                Err(expected) => {
                    let (status, told) = refused(&answer);
                    let expected: Vec<_> = expected.into_iter().map(ScimType::name).collect();
                    assert_eq!(status, 400, "{operations}: {}", answer.text());
                    assert!(expected.contains(&told.as_str()), "{told} where {expected:?}: {operations}");
                }
            }
            let mut expected = person.json();
            expected["active"] = json!(person.active.unwrap_or(true));
            assert_eq!(said(directory.get(&place).await.json()), expected, "{operations}");
        }
        assert_eq!(directory.delete(&place).await.status, 204);
    }
}

async fn groups_change_as_sets_do(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let mut runner = TestRunner::deterministic();
    let mut people = Vec::new();
    for at in 0..12 {
        people.push(directory.user(&format!("u{at}"), &json!({})).await);
    }
    let name = |id: u8| people[usize::from(id)].clone();
    for round in 0..cases(25) {
        let requests = draw(&mut runner, vec(vec((0..7_u8, vec(0..12_u8, 0..4)), 1..5), 1..6));
        let group = directory.group(&format!("G{round}"), &[]).await;
        let place = format!("/Groups/{group}");
        let mut model = BTreeSet::new();
        for request in requests {
            let mut operations = Vec::new();
            for (kind, ids) in &request {
                match kind {
                    0 | 1 => model.extend(ids.iter().copied()),
                    2 | 3 => model.retain(|id| !ids.contains(id)),
                    4 | 5 => model = ids.iter().copied().collect(),
                    _ => model.clear(),
                }
                operations.push(of_members(*kind, ids, name));
            }
            let answer = directory.patch(&place, &Value::Array(operations.clone())).await;
            assert_eq!(answer.status, 204, "{operations:?}: {}", answer.text());
            let shown = directory.get(&place).await.json();
            let members = shown["members"].as_array().cloned().unwrap_or_default();
            let inside: BTreeSet<String> = members.iter().map(|member| text(&member["value"])).collect();
            assert_eq!(members.len(), inside.len(), "{shown}");
            assert_eq!(inside, model.iter().map(|id| name(*id)).collect(), "{operations:?}");
        }
        assert_eq!(directory.delete(&place).await.status, 204);
    }
}

async fn filters_find_whom_the_evaluator_finds(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let mut runner = TestRunner::deterministic();
    let names = ["a", "b", "ab", "aB c", "\u{e9}", "x@y.example", "\u{df}", "a\"b"];
    for name in names {
        let mut body = draw(&mut runner, user());
        body["userName"] = json!(name);
        // Of what does not go together, the name alone is made.
        if directory.post("/Users", &body).await.status != 201 {
            directory.user(name, &json!({})).await;
        }
    }
    let all = directory.get("/Users").await.json();
    let people = all["Resources"].as_array().unwrap();
    assert_eq!(people.len(), names.len(), "{all}");
    let mut found = 0;
    for _ in 0..cases(150) {
        let (tree, style) = draw(&mut runner, (nested(leaf()), vec(any::<u8>(), 7)));
        let mut filter = String::new();
        write(&tree, 0, &mut Style(style.iter().cycle()), &mut filter);
        // A project searches so often and no oftener.
        app.pass(5);
        let schema = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
        let body = json!({ "schemas": [schema], "filter": filter, "count": 100 }).to_string();
        let answer = directory.send(Method::POST, "/Users/.search", body).await;
        assert_eq!(answer.status, 200, "{filter}: {}", answer.text());
        let answer = answer.json();
        let ids = |list: &[Value]| list.iter().map(|one| text(&one["id"])).collect::<Vec<_>>();
        let expected: Vec<Value> = people.iter().filter(|one| holds(&tree, one)).cloned().collect();
        assert_eq!(ids(answer["Resources"].as_array().unwrap()), ids(&expected), "{filter}");
        assert_eq!(answer["totalResults"], expected.len(), "{filter}");
        found += expected.len();
    }
    assert!(found > 0, "a filter that finds nobody shows nothing");
}
