//! Any octets as a PATCH of a user and of a group: nothing panics, a changed user is a user, what changed is told, and
//! members are what the last word about each says.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vestibule_scim::patch::{GroupChange, UserPatch};
use vestibule_scim::problem::Problem;
use vestibule_scim::resource::{Group, GroupHead, User};

static USERS: LazyLock<[User; 2]> = LazyLock::new(|| {
    let full = br#"{
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada", "active": false, "title": "T",
        "name": { "givenName": "Ada", "familyName": "L" },
        "emails": [{ "value": "a@x", "type": "work", "primary": true }, { "value": "b@x", "type": "home" }],
        "addresses": [{ "type": "work", "locality": "Wien" }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "d", "manager": { "value": "2" } }
    }"#;
    [&full[..], br#"{"userName": "bob"}"#].map(|body| User::read(body).expect("a user").value)
});

fn of_user(data: &[u8]) {
    let patch = match UserPatch::read(data) {
        Ok(read) => read.value,
        Err(refusal) => return check(&Problem::from(refusal)),
    };
    for user in USERS.iter() {
        match user.patched_by(&patch) {
            Err(refusal) => check(&Problem::from(refusal)),
            Ok(changed) => {
                assert_eq!(changed.changes.is_empty(), changed.user == *user);
                let kept = serde_json::to_vec(changed.user.attributes().as_map()).expect("it is JSON");
                assert_eq!(
                    User::kept(&kept).as_ref(),
                    Ok(&changed.user),
                    "what is written is read again as it was"
                );
            }
        }
    }
}

fn check(problem: &Problem) {
    assert!((400..=501).contains(&problem.status) && !problem.detail.is_empty());
}

fn of_group(change: &GroupChange) {
    let head = GroupHead { display_name: "G".to_owned(), external_id: Some("e".to_owned()) };
    let (after, changes) = head.changed_by(change);
    assert_eq!(changes.is_empty(), after == head);
    assert!(!after.display_name.is_empty());
    let members = &change.members;
    assert!(members.added().all(|(id, _)| !id.is_empty() && members.keeps(id, false)));
    assert!(members.removed().all(|id| !members.is_cleared() && !members.keeps(id, true)));
    assert_eq!(members.keeps("nobody's id", true), !members.is_cleared());
}

fuzz_target!(|data: &[u8]| {
    of_user(data);
    if let Ok(change) = GroupChange::read(data) {
        if !change.value.members.removed().any(|id| id == "nobody's id")
            && !change.value.members.added().any(|(id, _)| id == "nobody's id")
        {
            of_group(&change.value);
        }
    }
    if let Ok(group) = Group::read(data) {
        let named = group.value.members.as_ref().map(Vec::len);
        let change = group.value.into_change().value;
        assert_eq!(named, change.members.is_cleared().then_some(change.members.added().len()));
    }
});
