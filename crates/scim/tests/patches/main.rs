//! Random sequences of PATCH, PUT and DELETE of members, applied by this crate and by models that know nothing of JSON.
//!
//! `VESTIBULE_SCIM_PATCHES` is how many sequences there are; 500 unless it is set. The front door is asked the same by
//! `crates/server/tests/it/directories/random.rs`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod model;

use std::collections::BTreeSet;

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};
use vestibule_scim::ScimRefusal;
use vestibule_scim::patch::{GroupChange, SCHEMA, UserPatch};
use vestibule_scim::resource::{Group, User};

use model::{Chosen, Person, Step, of_members, step, well_formed, written};

fn cases() -> u32 {
    #[expect(clippy::disallowed_methods, reason = "how long a test runs is asked of its environment")]
    let wanted = std::env::var("VESTIBULE_SCIM_PATCHES").ok().and_then(|text| text.parse().ok());
    wanted.unwrap_or(500)
}

/// Whether a step finds the same values again after it was done.
fn says_where_it_leads(step: &Step) -> bool {
    match step {
        Step::Set(chosen, _) | Step::Prefer(chosen, _) => matches!(chosen, Chosen::Kind(_)),
        Step::Put(..) | Step::Merge(..) => false,
        _ => true,
    }
}

fn body(operations: &[Value]) -> Vec<u8> {
    serde_json::to_vec(&json!({ "schemas": [SCHEMA], "Operations": operations })).unwrap()
}

fn patched(user: &User, body: &[u8]) -> Result<User, ScimRefusal> {
    let patch = UserPatch::read(body)?.value;
    let changed = user.patched_by(&patch)?;
    assert_eq!(changed.changes.is_empty(), changed.user == *user, "a change is told, and nothing else");
    Ok(changed.user)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn users_change_as_the_model_does(requests in vec(vec((step(), any::<u8>()), 1..4), 1..8)) {
        let mut person = Person { user_name: "a".to_owned(), ..Person::default() };
        let mut user = User::read(br#"{"userName": "a"}"#).unwrap().value;
        for request in requests {
            let operations: Vec<_> = request.iter().map(|(step, style)| written(step, *style)).collect();
            let body = body(&operations);
            let mut after = person.clone();
            // What fits no user is refused before anything is looked at, and of several such things one is told.
            let hopeless = request.iter().filter_map(|(step, _)| match step {
                Step::Refused(_, scim_type) => Some(*scim_type),
                Step::AddEmails(emails) | Step::ReplaceEmails(emails) => well_formed(emails).err(),
                _ => None,
            });
            let hopeless: Vec<_> = hopeless.collect();
            let done = match request.iter().try_for_each(|(step, _)| after.step(step)) {
                _ if !hopeless.is_empty() => Err(hopeless),
                done => done.map_err(|scim_type| vec![scim_type]),
            };
            match (patched(&user, &body), done) {
                (Ok(now), Ok(())) => {
                    prop_assert_eq!(Value::Object(now.attributes().as_map().clone()), after.json(), "{:?}", operations);
                    let kept = User::kept(&serde_json::to_vec(now.attributes().as_map()).unwrap());
                    prop_assert_eq!(kept.as_ref(), Ok(&now), "what is written is read again as it was");
                    (user, person) = (now, after);
                }
                (Err(refusal), Err(expected)) => {
                    let told = refusal.scim_type().unwrap();
                    prop_assert!(expected.contains(&told), "{refusal} where {expected:?} was expected: {operations:?}");
                }
                (now, expected) => {
                    prop_assert!(false, "{now:?} where {expected:?} was expected: {operations:?} on {user:?}");
                }
            }
        }
    }

    #[test]
    fn a_request_that_comes_twice_changes_nothing_more(
        step in step().prop_filter("after it, its filter chooses somebody else", says_where_it_leads),
        style in any::<u8>(),
    ) {
        let user = User::read(br#"{"userName": "a", "emails": [{"value": "a", "type": "work"}]}"#).unwrap().value;
        let body = body(&[written(&step, style)]);
        if let Ok(once) = patched(&user, &body) {
            prop_assert_eq!(patched(&once, &body), Ok(once));
        }
    }

    #[test]
    fn groups_change_as_sets_do(
        before in btree_set(0..12_u8, 0..8),
        requests in vec(vec((0..7_u8, vec(0..12_u8, 0..4)), 1..5), 1..6),
    ) {
        let mut model = before.clone();
        let mut members = before;
        for request in requests {
            let operations: Vec<_> = request.iter().map(|(kind, ids)| of_members(*kind, ids, |id| format!("u{id}"))).collect();
            for (kind, ids) in &request {
                match kind {
                    0 | 1 => model.extend(ids),
                    2 | 3 => model.retain(|id| !ids.contains(id)),
                    4 | 5 => model = ids.iter().copied().collect(),
                    _ => model.clear(),
                }
            }
            let change = GroupChange::read(&body(&operations)).unwrap().value;
            let apply = |members: &BTreeSet<u8>| -> BTreeSet<u8> {
                (0..12).filter(|id| change.members.keeps(&format!("u{id}"), members.contains(id))).collect()
            };
            members = apply(&members);
            prop_assert_eq!(&members, &model, "{:?}", operations);
            prop_assert_eq!(apply(&members), members.clone(), "twice is once");
            let told: BTreeSet<_> = change.members.added().map(|(id, _)| id).collect();
            prop_assert!(change.members.removed().all(|id| !told.contains(id)));
            prop_assert!(!change.members.is_cleared() || change.members.removed().len() == 0);
        }
    }

    #[test]
    fn whole_groups_are_sets(ids in option::of(vec(0..6_u8, 0..8)), before in btree_set(0..6_u8, 0..6)) {
        let mut group = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "G" });
        if let Some(ids) = &ids {
            group["members"] = ids.iter().map(|id| json!({ "value": format!("u{id}") })).collect();
        }
        let change = Group::read(&serde_json::to_vec(&group).unwrap()).unwrap().value.into_change().value;
        let after: BTreeSet<_> =
            (0..6_u8).filter(|id| change.members.keeps(&format!("u{id}"), before.contains(id))).collect();
        prop_assert_eq!(after, ids.map_or(before, |ids| ids.into_iter().collect()));
    }
}
