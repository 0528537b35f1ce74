//! Roles, resources and actions: what a project adds, what an organization has of its own, and what both grant.

mod assigned;
mod commands;
mod table;

use http::Method;
use serde_json::{Value, json};
use vestibule_domain::rbac::builtin_policy;
use vestibule_store::Write;

use self::assigned::{
    a_role_is_not_given_by_its_name_coming_back, an_organization_is_told_of_by_what_it_has_of_its_own,
    roles_by_domain_connection_and_group_say_where_they_come_from,
    roles_that_are_assigned_do_not_go_unawares,
};
use self::table::every_role_and_every_action;
use crate::app::{TestApp, on_both_engines, text};
use crate::reply::Reply;

on_both_engines!(
    a_policy_is_compared_set_shown_and_told,
    a_policy_is_the_projects,
    what_cannot_be_a_policy_changes_nothing,
    a_member_sets_no_policy,
    a_change_is_in_force_on_the_other_node_with_the_next_request,
    of_those_who_change_a_policy_at_once_each_is_in_force_after_the_other,
    a_policy_that_cannot_be_read_leaves_what_is_built_in,
    an_organization_has_roles_of_its_own,
    what_cannot_be_an_organizations_role_changes_nothing,
    roles_that_are_assigned_do_not_go_unawares,
    a_role_is_not_given_by_its_name_coming_back,
    an_organization_is_told_of_by_what_it_has_of_its_own,
    roles_by_domain_connection_and_group_say_where_they_come_from,
    every_role_and_every_action,
);

const OURS: &str = "/v1/vestibule/rbac/policy";

/// Documents and invoices, and who may do what with them.
fn policy() -> Value {
    json!({
        "resources": [
            { "resource_id": "documents", "description": "What people write", "actions": ["read", "write", "delete"] },
            { "resource_id": "invoices", "description": "", "actions": ["view", "pay"] },
        ],
        "roles": [
            { "role_id": "editor", "description": "Writes", "permissions": [{ "resource_id": "documents", "actions": ["*"] }] },
            { "role_id": "auditor", "description": "Looks", "permissions": [
                { "resource_id": "documents", "actions": ["read"] },
                { "resource_id": "invoices", "actions": ["*"] },
                { "resource_id": "stytch.member", "actions": ["search"] },
                { "resource_id": "stytch.sso", "actions": ["get"] },
            ] },
        ],
        "scopes": [
            { "scope": "documents:read", "description": "Read documents", "permissions": [
                { "resource_id": "documents", "actions": ["read"] },
            ] },
        ],
    })
}

/// The same without one of its roles.
fn without(role: &str) -> Value {
    let mut policy = policy();
    policy["roles"].as_array_mut().unwrap().retain(|given| given["role_id"] != role);
    policy
}

async fn set(app: &TestApp, policy: Value) -> Value {
    app.put(OURS, json!({ "policy": policy })).await.ok()
}

/// The roles that an organization is to have.
async fn set_own(app: &TestApp, organization: &str, roles: Value) -> Reply {
    let path = format!("/v1/b2b/rbac/organizations/{organization}");
    app.put(&path, json!({ "org_policy": { "roles": roles } })).await
}

/// A member with a session.
struct Signed {
    organization: String,
    connection: String,
    member: String,
    email: String,
    token: String,
    jwt: String,
}

/// A new organization with somebody who is signed in and has these roles.
async fn signed_in(app: &TestApp, slug: &str, roles: &[&str]) -> Signed {
    let organization = app.organization(slug, json!({})).await;
    let connection = app.connection(&organization).await;
    signed_in_at(app, organization, connection, roles).await
}

async fn signed_in_at(app: &TestApp, organization: String, connection: String, roles: &[&str]) -> Signed {
    let email = format!("ada@{}.example", organization.rsplit('-').next().unwrap());
    let member = app.member(&organization, &email, json!({ "roles": roles })).await;
    let session = app.session(&connection, &email).await;
    assert_eq!(session["member_id"], member.as_str());
    let (token, jwt) = (text(&session["session_token"]), text(&session["session_jwt"]));
    Signed { organization, connection, member, email, token, jwt }
}

impl Signed {
    /// Asks whether the session allows an action, by its token or its JWT.
    async fn check(&self, app: &TestApp, shown: (&str, &str), resource: &str, action: &str) -> Reply {
        let (name, value) = shown;
        let check =
            json!({ "organization_id": self.organization, "resource_id": resource, "action": action });
        app.post("/v1/b2b/sessions/authenticate", json!({ name: value, "authorization_check": check })).await
    }

    /// The roles that allow it by token and JWT alike; none when it is refused.
    async fn granted(&self, app: &TestApp, resource: &str, action: &str) -> Vec<String> {
        let mut answers = Vec::new();
        for shown in [("session_token", self.token.as_str()), ("session_jwt", self.jwt.as_str())] {
            let answer = self.check(app, shown, resource, action).await;
            if answer.status == 403 {
                answer.refused(403, "session_authorization_error");
                answers.push(Vec::new());
                continue;
            }
            let verdict = &answer.ok()["verdict"];
            assert_eq!(verdict["authorized"], true, "{verdict}");
            answers.push(verdict["granting_roles"].as_array().unwrap().iter().map(text).collect());
        }
        assert_eq!(answers[0], answers[1], "{resource} {action}");
        answers.remove(0)
    }

    /// The roles that the session says, which are those in its JWT.
    async fn roles(&self, app: &TestApp) -> Vec<String> {
        let answer =
            app.post("/v1/b2b/sessions/authenticate", json!({ "session_token": self.token })).await.ok();
        let said: Vec<String> =
            answer["member_session"]["roles"].as_array().unwrap().iter().map(text).collect();
        let path =
            format!("/v1/b2b/sessions?organization_id={}&member_id={}", self.organization, self.member);
        let listed = app.get(&path).await.ok();
        assert_eq!(listed["member_sessions"][0]["roles"], json!(said));
        said
    }

    /// Calls an endpoint with the rights of the member.
    async fn call(&self, app: &TestApp, method: Method, path: &str, body: Value) -> Reply {
        app.as_member(&self.token, method, path, body).await
    }
}

async fn a_policy_is_compared_set_shown_and_told(app: TestApp) {
    let shown = app.get(OURS).await.ok();
    assert_eq!((&shown["version"], &shown["policy"]["scopes"]), (&json!(0), &json!([])));
    assert_eq!(shown["policy"]["roles"].as_array().unwrap().len(), 2);

    let diff = format!("{OURS}/diff");
    let compared = app.post(&diff, json!({ "policy": policy() })).await.ok();
    assert_eq!((&compared["version"], &compared["consequences"]), (&json!(0), &json!([])));
    let added =
        json!({ "part": "role", "id": "editor", "change": "add", "gained": ["documents: *"], "lost": [] });
    assert_eq!(compared["changes"][2], added, "{compared}");
    assert_eq!(compared["changes"].as_array().unwrap().len(), 5);
    assert_eq!(app.get(OURS).await.ok()["version"], 0, "it was only compared");

    let done = set(&app, policy()).await;
    assert_eq!((&done["version"], &done["changes"]), (&json!(1), &compared["changes"]));
    let shown = app.get(OURS).await.ok();
    assert_eq!(shown["policy"], done["policy"]);
    assert_eq!(app.get("/v1/b2b/rbac/policy").await.ok()["policy"], shown["policy"]);
    let builtin = builtin_policy();
    assert_eq!(shown["policy"]["roles"][0], serde_json::to_value(&builtin.roles[0]).unwrap());
    assert_eq!(shown["policy"]["roles"][2], policy()["roles"][0]);
    assert_eq!(shown["policy"]["resources"][5], policy()["resources"][0]);
    assert_eq!(shown["policy"]["scopes"], policy()["scopes"]);

    // What is shown can be given back, and what changes nothing is no change.
    let again = app.put(OURS, json!({ "policy": shown["policy"], "expected_version": 1 })).await.ok();
    assert_eq!((&again["version"], &again["changes"]), (&json!(1), &json!([])));
    let told = app.get("/v1/vestibule/events?action=project.rbac_policy.change").await.ok();
    assert_eq!(told["events"].as_array().unwrap().len(), 1);
    let event = &told["events"][0];
    assert_eq!(event["object"]["id"], app.project.id.to_string());
    assert_eq!(event["changes"][2]["field"], "role editor");
    assert_eq!(event["changes"][2]["after"], policy()["roles"][0]);

    let stale = json!({ "policy": {}, "expected_version": 0 });
    let moved = app.put(OURS, stale).await.refused(400, "rbac_policy_changed");
    assert!(text(&moved["error_message"]).contains("Found version 1, expected version 0."), "{moved}");
    app.put(OURS, json!({})).await.refused(400, "missing_required_field");
    let emptied = app.put(OURS, json!({ "policy": {}, "expected_version": 1 })).await.ok();
    assert_eq!(emptied["version"], 2);
    assert_eq!(app.get("/v1/b2b/rbac/policy").await.ok()["policy"], json!(builtin));
}

async fn a_policy_is_the_projects(app: TestApp) {
    let other = app.other_project().await;
    set(&app, policy()).await;
    assert_eq!(other.get(OURS).await.ok()["version"], 0);
    assert_eq!(other.get("/v1/b2b/rbac/policy").await.ok()["policy"], json!(builtin_policy()));
    let body = json!({ "email_address": "ada@example.com", "roles": ["editor"] });
    for (of, status) in [(&app, 200), (&other, 400)] {
        let organization = of.organization("acme", json!({})).await;
        let made = of.post(&format!("/v1/b2b/organizations/{organization}/members"), body.clone()).await;
        assert_eq!(made.status.as_u16(), status, "{}", made.text());
    }
    assert_eq!(
        other.get("/v1/vestibule/events?action=project.rbac_policy.change").await.ok()["events"],
        json!([])
    );
}

async fn what_cannot_be_a_policy_changes_nothing(app: TestApp) {
    set(&app, policy()).await;
    let role = |role: Value| json!({ "resources": policy()["resources"], "roles": [role] });
    let on = |resource: &str, action: &str| {
        role(json!({ "role_id": "r", "permissions": [{ "resource_id": resource, "actions": [action] }] }))
    };
    let resource =
        |id: &str, actions: Value| json!({ "resources": [{ "resource_id": id, "actions": actions }] });
    let many: Vec<Value> = (0..300).map(|n| json!({ "role_id": format!("r{n}") })).collect();
    let cases = [
        (role(json!({ "role_id": "stytch_boss" })), "rbac_reserved_id"),
        (role(json!({ "role_id": "Stytch_boss" })), "rbac_reserved_id"),
        (resource("stytch.documents", json!(["read"])), "rbac_reserved_id"),
        (json!({ "scopes": [{ "scope": "openid" }] }), "rbac_reserved_id"),
        (role(json!({ "role_id": "two words" })), "invalid_rbac_id"),
        (role(json!({ "role_id": "" })), "invalid_rbac_id"),
        (role(json!({ "role_id": "x".repeat(129) })), "invalid_rbac_id"),
        (resource("documents", json!(["*"])), "invalid_rbac_id"),
        (role(json!({ "description": "nameless" })), "missing_required_field"),
        (json!({ "roles": [{ "role_id": "r" }, { "role_id": "r" }] }), "rbac_duplicate_id"),
        (on("papers", "read"), "invalid_rbac_resource"),
        (on("documents", "shred"), "invalid_rbac_action"),
        (on("stytch.self", "fly"), "invalid_rbac_action"),
        (role(json!({ "role_id": "stytch_admin", "permissions": [] })), "rbac_builtin_not_changeable"),
        (resource("stytch.self", json!(["fly"])), "rbac_builtin_not_changeable"),
        (resource("documents", json!([])), "invalid_rbac_policy"),
        (json!({ "roles": many }), "invalid_rbac_policy"),
        (json!({ "roles": "all" }), "bad_request"),
        (json!({ "roles": [{ "role_id": "r", "description": "x".repeat(1025) }] }), "invalid_rbac_policy"),
    ];
    for (given, error) in cases {
        app.put(OURS, json!({ "policy": given, "force": true })).await.refused(400, error);
        app.post(&format!("{OURS}/diff"), json!({ "policy": given })).await.refused(400, error);
    }
    assert_eq!(app.get(OURS).await.ok()["version"], 1);
}

async fn a_member_sets_no_policy(app: TestApp) {
    let admin = signed_in(&app, "acme", &["stytch_admin"]).await;
    let own = format!("/v1/b2b/rbac/organizations/{}", admin.organization);
    let body = json!({ "policy": policy(), "org_policy": { "roles": [] } });
    for (method, path) in [
        (Method::GET, OURS),
        (Method::PUT, OURS),
        (Method::POST, "/v1/vestibule/rbac/policy/diff"),
        (Method::PUT, own.as_str()),
    ] {
        admin.call(&app, method, path, body.clone()).await.refused(403, "session_authorization_error");
    }
    admin.call(&app, Method::GET, &own, json!({})).await.ok();
    assert_eq!(app.get(OURS).await.ok()["version"], 0);
}

/// Two servers on one database: none of them keeps what the other has changed.
async fn a_change_is_in_force_on_the_other_node_with_the_next_request(app: TestApp) {
    let other = app.second_node().await;
    set(&app, policy()).await;
    let ada = signed_in(&app, "acme", &["auditor"]).await;
    let path = format!("/v1/b2b/sso/{}", ada.organization);
    for node in [&app, &other] {
        assert_eq!(ada.granted(node, "documents", "read").await, ["auditor"]);
        ada.call(node, Method::GET, &path, json!({})).await.ok();
    }
    for _ in 0..3 {
        // Taken away here, gone there; and given back there, here again.
        let mut narrowed = policy();
        narrowed["roles"][1]["permissions"] = json!([{ "resource_id": "documents", "actions": ["write"] }]);
        set(&app, narrowed).await;
        assert_eq!(ada.granted(&other, "documents", "read").await, [] as [&str; 0]);
        assert_eq!(ada.granted(&other, "documents", "write").await, ["auditor"]);
        let refused = ada.call(&other, Method::GET, &path, json!({})).await;
        refused.refused(403, "session_authorization_error");
        let shown = other.get("/v1/b2b/rbac/policy").await.ok();
        assert_eq!(shown["policy"]["roles"][3]["permissions"][0]["actions"], json!(["write"]));
        set(&other, policy()).await;
        assert_eq!(ada.granted(&app, "documents", "read").await, ["auditor"]);
        ada.call(&app, Method::GET, &path, json!({})).await.ok();
    }
    // A role that an organization has goes the same way.
    let clerk = json!([{ "role_id": "clerk", "permissions": [{ "resource_id": "documents", "actions": ["delete"] }] }]);
    set_own(&app, &ada.organization, clerk).await.ok();
    let member = format!("/v1/b2b/organizations/{}/members/{}", ada.organization, ada.member);
    app.put(&member, json!({ "roles": ["clerk"], "preserve_existing_sessions": true })).await.ok();
    assert_eq!(ada.granted(&other, "documents", "delete").await, ["clerk"]);
    set_own(&app, &ada.organization, json!([])).await.ok();
    assert_eq!(ada.granted(&other, "documents", "delete").await, [] as [&str; 0]);
}

async fn of_those_who_change_a_policy_at_once_each_is_in_force_after_the_other(app: TestApp) {
    let other = app.second_node().await;
    let one = |n: usize| json!({ "policy": { "resources": [{ "resource_id": format!("r{n}"), "actions": ["x"] }] } });
    let mut under_way = tokio::task::JoinSet::new();
    for n in 0..12 {
        let node = if n % 2 == 0 { app.clone() } else { other.clone() };
        under_way.spawn(async move { node.put(OURS, one(n)).await.ok()["version"].as_i64().unwrap() });
    }
    let mut versions = under_way.join_all().await;
    versions.sort_unstable();
    assert_eq!(versions, (1..=12).collect::<Vec<_>>());
    // Of those who expect one version one is first.
    let mut under_way = tokio::task::JoinSet::new();
    for n in 20..30 {
        let node = if n % 2 == 0 { app.clone() } else { other.clone() };
        let mut body = one(n);
        body["expected_version"] = json!(12);
        under_way.spawn(async move { node.put(OURS, body).await });
    }
    let answers = under_way.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for late in answers.iter().filter(|answer| answer.status != 200) {
        late.refused(400, "rbac_policy_changed");
    }
    let told = app.get("/v1/vestibule/events?action=project.rbac_policy.change").await.ok();
    assert_eq!(told["events"].as_array().unwrap().len(), 13);
}

/// Additions only add, so that without them nobody may more than with them.
async fn a_policy_that_cannot_be_read_leaves_what_is_built_in(app: TestApp) {
    set(&app, policy()).await;
    let ada = signed_in(&app, "acme", &["editor", "stytch_admin"]).await;
    let other = app.second_node().await;
    let break_it = "UPDATE policies SET doc = '{\"roles\":7}' WHERE project_id = ?1";
    app.app.store.commit(Write::any(break_it, vec![app.project.id.to_string().into()])).await.unwrap();
    // A server that has not read it before.
    assert_eq!(ada.granted(&other, "documents", "write").await, [] as [&str; 0]);
    assert_eq!(ada.granted(&other, "stytch.sso", "create").await, ["stytch_admin"]);
    assert_eq!(other.get("/v1/b2b/rbac/policy").await.ok()["policy"], json!(builtin_policy()));
    let refused = other.put(OURS, json!({ "policy": policy() })).await.refused(400, "rbac_policy_in_use");
    assert!(text(&refused["error_message"]).contains("cannot be read"), "{refused}");
    let healed = other.put(OURS, json!({ "policy": policy(), "force": true })).await.ok();
    assert_eq!(healed["version"], 2);
    for node in [&app, &other] {
        assert_eq!(ada.granted(node, "documents", "write").await, ["editor"]);
    }
}

async fn an_organization_has_roles_of_its_own(app: TestApp) {
    set(&app, policy()).await;
    let ada = signed_in(&app, "acme", &[]).await;
    let globex = app.organization("globex", json!({})).await;
    let path = format!("/v1/b2b/rbac/organizations/{}", ada.organization);
    assert_eq!(app.get(&path).await.ok()["org_policy"], json!({ "roles": [] }));
    let clerk = json!({ "role_id": "clerk", "description": "Files", "permissions": [
        { "resource_id": "documents", "actions": ["write"] },
        { "resource_id": "stytch.sso", "actions": ["get"] },
    ] });
    let kept = set_own(&app, &ada.organization, json!([clerk])).await.ok();
    assert_eq!(kept["org_policy"], json!({ "roles": [clerk] }));
    assert_eq!(app.get(&path).await.ok()["org_policy"], json!({ "roles": [clerk] }));
    let shown = app.get(&format!("/v1/b2b/organizations/{}", ada.organization)).await.ok();
    assert_eq!(shown["organization"]["custom_roles"], json!([clerk]));
    assert_eq!(app.get("/v1/b2b/rbac/policy").await.ok()["policy"]["roles"].as_array().unwrap().len(), 4);

    // It can be given here and not elsewhere.
    let member = format!("/v1/b2b/organizations/{}/members/{}", ada.organization, ada.member);
    app.put(&member, json!({ "roles": ["clerk"] })).await.ok();
    let elsewhere = json!({ "email_address": "eve@example.com", "roles": ["clerk"] });
    let refused = app.post(&format!("/v1/b2b/organizations/{globex}/members"), elsewhere).await;
    refused.refused(400, "invalid_rbac_role");
    assert_eq!(ada.roles(&app).await, ["stytch_member", "clerk"]);
    assert_eq!(ada.granted(&app, "documents", "write").await, ["clerk"]);
    assert_eq!(ada.granted(&app, "documents", "read").await, [] as [&str; 0]);
    let connections = format!("/v1/b2b/sso/{}", ada.organization);
    ada.call(&app, Method::GET, &connections, json!({})).await.ok();

    // What it may do changes at once, and ends at once when it goes.
    let reader =
        json!({ "role_id": "clerk", "permissions": [{ "resource_id": "documents", "actions": ["read"] }] });
    set_own(&app, &ada.organization, json!([reader])).await.ok();
    assert_eq!(ada.granted(&app, "documents", "write").await, [] as [&str; 0]);
    assert_eq!(ada.granted(&app, "documents", "read").await, ["clerk"]);
    let refused = ada.call(&app, Method::GET, &connections, json!({})).await;
    refused.refused(403, "session_authorization_error");
    set_own(&app, &ada.organization, json!([])).await.ok();
    assert_eq!(ada.granted(&app, "documents", "read").await, [] as [&str; 0]);
    assert_eq!(ada.roles(&app).await, ["stytch_member"]);

    let query = format!("object_id={}&action=organization.update", ada.organization);
    let told = app.get(&format!("/v1/vestibule/events?{query}")).await.ok();
    let told = told["events"].as_array().unwrap();
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|event| event["changes"][0]["field"] == "custom_roles"), "{told:?}");
}

async fn what_cannot_be_an_organizations_role_changes_nothing(app: TestApp) {
    set(&app, policy()).await;
    let organization = app.organization("acme", json!({})).await;
    let clerk = json!([{ "role_id": "clerk", "description": "", "permissions": [] }]);
    set_own(&app, &organization, clerk.clone()).await.ok();
    let on = |resource: &str, action: &str| json!([{ "role_id": "r", "permissions": [{ "resource_id": resource, "actions": [action] }] }]);
    let many = |count: usize, long: usize| -> Value {
        (0..count).map(|n| json!({ "role_id": format!("r{n}"), "description": "x".repeat(long) })).collect()
    };
    for (roles, error) in [
        (json!([{ "role_id": "editor" }]), "rbac_duplicate_id"),
        (json!([{ "role_id": "stytch_admin" }]), "rbac_duplicate_id"),
        (json!([{ "role_id": "stytch_clerk" }]), "rbac_reserved_id"),
        (json!([{ "role_id": "a" }, { "role_id": "a" }]), "rbac_duplicate_id"),
        (json!([{ "role_id": "a b" }]), "invalid_rbac_id"),
        (json!([{}]), "missing_required_field"),
        (Value::Null, "missing_required_field"),
        (on("papers", "read"), "invalid_rbac_resource"),
        (on("documents", "shred"), "invalid_rbac_action"),
        (many(51, 0), "invalid_rbac_policy"),
        (many(20, 1000), "invalid_rbac_policy"),
    ] {
        set_own(&app, &organization, roles).await.refused(400, error);
    }
    let path = format!("/v1/b2b/rbac/organizations/{organization}");
    app.put(&path, json!({})).await.refused(400, "missing_required_field");
    assert_eq!(app.get(&path).await.ok()["org_policy"]["roles"], clerk);
    set_own(&app, "nobody", json!([])).await.refused(404, "organization_not_found");
    // An organization that only an id names, and a slug, are the same.
    set_own(&app, "acme", json!([])).await.ok();
    assert_eq!(app.get(&path).await.ok()["org_policy"]["roles"], json!([]));
}
