//! Groups and what they give: why a member has a role, and that it goes when the reason goes.

use serde_json::{Value, json};

use super::{Directory, refused};
use crate::app::{TestApp, on_both_engines, text};

on_both_engines!(
    a_group_gives_a_role_and_takes_it_away,
    an_assignment_names_what_there_is,
    a_group_changes_by_what_is_said,
    who_is_not_there_is_in_no_group,
    groups_are_found,
);

async fn assign(app: &TestApp, directory: &Directory, roles: Value) -> Value {
    let path = format!("/v1/b2b/scim/{}/connection/{}", directory.organization, directory.id);
    let changed = app.put(&path, json!({ "scim_group_implicit_role_assignments": roles })).await.ok();
    changed["connection"]["scim_group_implicit_role_assignments"].clone()
}

async fn a_group_gives_a_role_and_takes_it_away(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let connection = app.connection(&directory.organization).await;
    let ada = directory.user("ada@acme.example.com", &json!({})).await;
    let group = directory.group("Admins", &[&ada]).await;
    let shown = assign(&app, &directory, json!([{ "role_id": "stytch_admin", "group_id": group }])).await;
    assert_eq!(shown, json!([{ "role_id": "stytch_admin", "group_id": group, "group_name": "Admins" }]));
    let session = app.session(&connection, "ada@acme.example.com").await;
    assert_eq!(session["member"]["is_admin"], true);
    let why = session["member"]["roles"].as_array().unwrap().iter();
    let why = why.clone().find(|role| role["role_id"] == "stytch_admin").unwrap();
    let source = json!({ "type": "scim_connection_group",
        "details": { "connection_id": directory.id, "group_id": group } });
    assert_eq!(why["sources"], json!([source]));
    let token = text(&session["session_token"]);
    let roles = async || {
        let asked = app.post("/v1/b2b/sessions/authenticate", json!({ "session_token": token })).await.ok();
        asked["member_session"]["roles"].clone()
    };
    assert_eq!(roles().await, json!(["stytch_member", "stytch_admin"]));

    let leave = json!([{ "op": "remove", "path": format!("members[value eq \"{ada}\"]") }]);
    assert_eq!(directory.patch(&format!("/Groups/{group}"), &leave).await.status, 204);
    assert_eq!(roles().await, json!(["stytch_member"]), "at once, in the session that is there");
    let come = json!([{ "op": "add", "path": "members", "value": [{ "value": ada }] }]);
    assert_eq!(directory.patch(&format!("/Groups/{group}"), &come).await.status, 204);
    assert_eq!(roles().await, json!(["stytch_member", "stytch_admin"]));
    assert_eq!(directory.delete(&format!("/Groups/{group}")).await.status, 204);
    assert_eq!(roles().await, json!(["stytch_member"]));
    let path = format!("/v1/b2b/scim/{}/connection", directory.organization);
    let left = app.get(&path).await.ok();
    assert_eq!(left["connection"]["scim_group_implicit_role_assignments"], json!([]));
}

async fn an_assignment_names_what_there_is(app: TestApp) {
    let (acme, globex) = (
        Directory::connect(&app, "acme", json!({})).await,
        Directory::connect(&app, "globex", json!({})).await,
    );
    let (own, foreign) = (acme.group("Staff", &[]).await, globex.group("Staff", &[]).await);
    let path = format!("/v1/b2b/scim/{}/connection/{}", acme.organization, acme.id);
    let assigned = async |role: &str, group: &str| {
        let roles = json!([{ "role_id": role, "group_id": group }]);
        app.put(&path, json!({ "scim_group_implicit_role_assignments": roles })).await
    };
    assigned("stytch_admin", &foreign).await.refused(400, "scim_group_role_assignment_group_not_found");
    assigned("stytch_admin", "nobody").await.refused(400, "scim_group_role_assignment_group_not_found");
    let unknown = assigned("nobody", &own).await;
    assert_eq!(unknown.status, 400, "{}", unknown.text());
    assigned("stytch_admin", &own).await.ok();
    // A body that says something else says nothing of roles by an empty list; one that says nothing else takes them away.
    let renamed = json!({ "display_name": "People", "scim_group_implicit_role_assignments": [] });
    let kept = app.put(&path, renamed).await.ok();
    assert_eq!(kept["connection"]["scim_group_implicit_role_assignments"][0]["group_id"], own.as_str());
    assert_eq!(assign(&app, &acme, json!([])).await, json!([]));
}

async fn a_group_changes_by_what_is_said(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let mut people = Vec::new();
    for name in ["ada", "bob", "cyd", "dan"] {
        people.push(directory.user(name, &json!({})).await);
    }
    let group = directory.group("Staff", &[&people[0], &people[1]]).await;
    let place = format!("/Groups/{group}");
    let inside = async || {
        let shown = directory.get(&place).await.json();
        let members = shown["members"].as_array().unwrap().clone();
        let mut names: Vec<usize> = members
            .iter()
            .map(|member| people.iter().position(|id| member["value"] == id.as_str()).unwrap())
            .collect();
        names.sort_unstable();
        names
    };
    let member = |at: usize| json!({ "value": people[at] });
    // The last word about each counts, whatever the others say.
    let operations = json!([
        { "op": "add", "path": "members", "value": [member(2), member(3)] },
        { "op": "remove", "path": "members", "value": [member(0)] },
        { "op": "Remove", "path": format!("members[value eq \"{}\"]", people[3]) },
        { "op": "replace", "value": { "displayName": "Everybody" } },
    ]);
    assert_eq!(directory.patch(&place, &operations).await.status, 204);
    assert_eq!(inside().await, [1, 2]);
    assert_eq!(directory.get(&place).await.json()["displayName"], "Everybody");
    // A whole body without members leaves them; one with a list is what it says.
    assert_eq!(directory.put(&place, &json!({ "displayName": "All" })).await.status, 200);
    assert_eq!(inside().await, [1, 2]);
    let whole = json!({ "displayName": "All", "members": [member(0), member(2)] });
    assert_eq!(directory.put(&place, &whole).await.json()["members"].as_array().unwrap().len(), 2);
    assert_eq!(inside().await, [0, 2]);
    let cleared = json!([{ "op": "replace", "path": "members", "value": [] }]);
    assert_eq!(directory.patch(&place, &cleared).await.status, 204);
    assert!(inside().await.is_empty());
    let shown = directory.get(&format!("{place}?excludedAttributes=members")).await.json();
    assert!(shown.get("members").is_none());
}

async fn who_is_not_there_is_in_no_group(app: TestApp) {
    let (acme, globex) = (
        Directory::connect(&app, "acme", json!({})).await,
        Directory::connect(&app, "globex", json!({})).await,
    );
    let foreign = globex.user("ada", &json!({})).await;
    let group = acme.group("Staff", &[]).await;
    for id in [foreign.as_str(), "nobody"] {
        let come = json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
        let answer = acme.patch(&format!("/Groups/{group}"), &come).await;
        assert_eq!(refused(&answer), (400, "invalidValue".to_owned()));
        let body = json!({ "displayName": "Other", "members": [{ "value": id }] });
        assert_eq!(refused(&acme.post("/Groups", &body).await), (400, "invalidValue".to_owned()));
    }
    assert_eq!(acme.get("/Groups").await.json()["totalResults"], 1);
    // Who is removed is in no group any more.
    let user = acme.user("bob", &json!({})).await;
    let come = json!([{ "op": "add", "path": "members", "value": [{ "value": user }] }]);
    assert_eq!(acme.patch(&format!("/Groups/{group}"), &come).await.status, 204);
    assert_eq!(acme.get(&format!("/Users/{user}")).await.json()["groups"][0]["value"], group.as_str());
    assert_eq!(acme.delete(&format!("/Users/{user}")).await.status, 204);
    assert_eq!(acme.get(&format!("/Groups/{group}")).await.json()["members"], json!([]));
}

async fn groups_are_found(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let user = directory.user("ada", &json!({})).await;
    let staff = directory.group("Staff", &[&user]).await;
    directory.group("Guests", &[]).await;
    let found = async |filter: &str| {
        let query =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("filter", filter).finish();
        let listed = directory.get(&format!("/Groups?{query}")).await.json();
        let groups = listed["Resources"].as_array().unwrap().iter();
        groups.map(|group| text(&group["displayName"])).collect::<Vec<_>>()
    };
    assert_eq!(found("displayName eq \"STAFF\"").await, ["Staff"]);
    assert_eq!(found(&format!("id eq \"{staff}\"")).await, ["Staff"]);
    assert_eq!(found(&format!("members[value eq \"{user}\"]")).await, ["Staff"]);
    assert!(found(&format!("members eq \"{user}\" and displayName sw \"G\"")).await.is_empty());
    assert_eq!(found("displayName co \"s\" and not (displayName eq \"staff\")").await, ["Guests"]);
    let scanned = directory.get("/Groups?filter=members%20pr").await;
    assert_eq!(refused(&scanned), (400, "tooMany".to_owned()));
    let again = directory.post("/Groups", &json!({ "displayName": "staff" })).await;
    assert_eq!(refused(&again), (409, "uniqueness".to_owned()));
}
