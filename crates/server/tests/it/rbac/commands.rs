//! `vestibule rbac`, by the program, with a server that runs meanwhile.

use std::path::Path;

use serde_json::{Value, json};

use super::{policy, without};
use crate::app::{postgres_base, text, with_own_database};
use crate::program::{KEY, Place};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_is_a_file_on_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    a_policy_is_a_file(directory.path(), "sqlite:v.db");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_is_a_file_on_postgres() {
    let Some(base) = postgres_base() else { return };
    let directory = tempfile::tempdir().unwrap();
    with_own_database(&base, async |url: String| a_policy_is_a_file(directory.path(), &url)).await;
}

fn a_policy_is_a_file(directory: &Path, database: &str) {
    let place = Place { directory, database };
    let secret = place.prepare();
    let server = place.serve(KEY);
    let id = &secret.0;
    let file = |name: &str, policy: &Value| {
        std::fs::write(directory.join(name), policy.to_string()).unwrap();
    };
    let in_force = || server.ok(&secret, "GET", "/v1/b2b/rbac/policy", &json!({}))["policy"].clone();
    let builtin = in_force();
    let shown = || -> Value { serde_json::from_str(&place.ok(&format!("rbac show {id} {KEY}"))).unwrap() };
    assert_eq!(shown(), json!({ "policy": builtin }));

    file("policy.json", &policy());
    let lines = [
        "+ resource documents: read, write, delete",
        "+ resource invoices: view, pay",
        "+ role editor: documents: *",
        "+ role auditor: documents: read, invoices: *, stytch.member: search, stytch.sso: get",
        "+ scope documents:read: documents: read",
        "",
    ];
    assert_eq!(place.ok(&format!("rbac diff {id} policy.json {KEY}")), lines.join("\n"));
    let asked = place.run(&format!("rbac apply {id} policy.json {KEY}"));
    assert_eq!(asked.status.code(), Some(1));
    assert_eq!(String::from_utf8(asked.stdout).unwrap(), lines.join("\n"), "the diff comes first");
    assert!(String::from_utf8(asked.stderr).unwrap().contains("nothing was changed: --yes"));
    assert_eq!(in_force(), builtin);
    assert_eq!(place.ok(&format!("rbac apply {id} policy.json {KEY} --yes")), lines.join("\n"));
    assert_eq!(shown()["policy"], in_force());
    assert_eq!(in_force()["roles"][2], policy()["roles"][0]);
    assert_eq!(
        place.ok(&format!("rbac apply {id} policy.json {KEY} --yes")),
        "",
        "nothing is left to change"
    );
    assert_eq!(place.ok(&format!("audit {id} {KEY} --action project.rbac_policy.change")).lines().count(), 1);

    // What is shown can be applied as it is, and so can the answer of the API.
    file("shown.json", &shown());
    file("answer.json", &server.ok(&secret, "GET", "/v1/b2b/rbac/policy", &json!({})));
    for name in ["shown.json", "answer.json"] {
        assert_eq!(place.ok(&format!("rbac diff {id} {name} {KEY}")), "", "{name}");
    }

    let organization =
        server.ok(&secret, "POST", "/v1/b2b/organizations", &json!({ "organization_name": "Acme" }));
    let members =
        format!("/v1/b2b/organizations/{}/members", text(&organization["organization"]["organization_id"]));
    let ada = json!({ "email_address": "ada@example.com", "roles": ["auditor"] });
    server.ok(&secret, "POST", &members, &ada);
    file("less.json", &without("auditor"));
    let refused = place.refused(&format!("rbac apply {id} less.json {KEY} --yes"));
    assert!(refused.contains("The role auditor goes, and 1 member has it: it grants nothing"), "{refused}");
    assert!(refused.contains("--force changes it all the same"), "{refused}");
    assert_eq!(in_force(), shown()["policy"]);
    assert_eq!(in_force()["roles"].as_array().unwrap().len(), 4);
    let forced = place.ok(&format!("rbac apply {id} less.json {KEY} --yes --force"));
    assert!(forced.starts_with("- role auditor: documents: read"), "{forced}");
    assert_eq!(in_force()["roles"].as_array().unwrap().len(), 3);

    // What is no policy is refused with where and why.
    for (given, why) in [
        (json!({ "roles": [{ "role_id": "stytch_boss" }] }), "Found \"stytch_boss\" in roles[0].role_id"),
        (json!({ "roles": [{ "role_id": "r", "permission": [] }] }), "unknown members: roles[].permission"),
        (json!([]), "expected an object with roles, resources and scopes"),
    ] {
        file("wrong.json", &given);
        for command in ["diff", "apply --yes"] {
            let (command, more) = command.split_once(' ').unwrap_or((command, ""));
            let refused = place.refused(format!("rbac {command} {id} wrong.json {KEY} {more}").trim());
            assert!(refused.contains(why), "{refused}");
        }
    }
    assert!(place.refused(&format!("rbac diff {id} missing.json {KEY}")).contains("missing.json"));
    server.stop();
}
