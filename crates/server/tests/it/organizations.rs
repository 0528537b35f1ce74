//! Organizations through the front door.

use std::sync::Arc;

use axum::body::Body;
use http::Method;
use serde_json::{Value, json};
use vestibule_domain::id::{Environment, ProjectId, SessionId};
use vestibule_domain::rbac::asks::FindMember;
use vestibule_domain::rbac::{Actor, Authority, ProjectGrant, builtin_policy};
use vestibule_domain::secret::Token;
use vestibule_domain::session::{Session, SessionDuration};
use vestibule_store::tables::sessions;

use crate::app::{TestApp, on_both_engines};
use crate::reply::Reply;

const ORGANIZATIONS: &str = "/v1/b2b/organizations";

fn path(id: &str) -> String {
    format!("{ORGANIZATIONS}/{id}")
}

/// What a backend sends with no body at all, or with one.
fn body(value: &Value) -> Body {
    if value.is_null() { Body::empty() } else { Body::from(value.to_string()) }
}

/// Asks as the project's backend.
pub(crate) async fn call(app: &TestApp, method: &str, path: &str, value: Value) -> Reply {
    app.raw(Method::try_from(method).unwrap(), path, body(&value)).await
}

/// Asks as the project's backend on behalf of a member.
pub(crate) async fn call_as(app: &TestApp, session: &str, method: &str, path: &str, value: Value) -> Reply {
    let request = app.request(Method::try_from(method).unwrap(), path);
    app.send(request.header("x-stytch-member-session", session).body(body(&value)).unwrap()).await
}

/// The right to find whoever is in a project.
pub(crate) fn everything(project: ProjectId) -> ProjectGrant<FindMember> {
    Authority::of_project(project, Actor::Backend, Arc::new(builtin_policy())).project().unwrap()
}

/// Gives a member a session without a sign-in, and its token.
pub(crate) async fn session_of(app: &TestApp, member: &str) -> String {
    let (store, entropy) = (&app.app.store, app.app.entropy.as_ref());
    let member =
        store.member_anywhere(&everything(app.project.id), member.parse().unwrap()).await.unwrap().unwrap();
    let (token, id) = (Token::generate(entropy), SessionId::generate(Environment::Test, entropy));
    let now = app.app.clock.now();
    let session = Session::start(id, &member, &token, Vec::new(), SessionDuration::DEFAULT, now);
    store.commit(sessions::insert(&session, &app.app.vault, entropy).unwrap()).await.unwrap();
    token.expose().to_owned()
}

#[track_caller]
fn refused(reply: &Reply, status: u16, name: &str) {
    reply.refused(status, name);
}

async fn create(app: &TestApp, body: Value) -> Value {
    let reply = call(app, "POST", ORGANIZATIONS, body).await;
    assert_eq!(reply.status.as_u16(), 200, "{}", reply.json());
    reply.json()["organization"].clone()
}

async fn named(app: &TestApp, name: &str) -> String {
    let organization = create(app, json!({"organization_name": name})).await;
    organization["organization_id"].as_str().unwrap().to_owned()
}

async fn member(app: &TestApp, organization: &str, body: Value) -> String {
    let reply = call(app, "POST", &format!("{}/members", path(organization)), body).await;
    assert_eq!(reply.status.as_u16(), 200, "{}", reply.json());
    reply.json()["member_id"].as_str().unwrap().to_owned()
}

async fn admin(app: &TestApp, organization: &str) -> String {
    let id =
        member(app, organization, json!({"email_address": "admin@acme.test", "roles": ["stytch_admin"]}))
            .await;
    session_of(app, &id).await
}

on_both_engines!(
    a_new_organization_has_every_member_of_the_contract,
    every_setting_is_kept_as_it_was_given,
    id_slug_and_external_id_name_the_same_organization,
    names_are_taken_once,
    wrong_settings_are_refused_by_name,
    an_update_changes_what_it_names,
    an_external_id_can_be_taken_away,
    a_default_connection_can_be_unset_and_deleted,
    changes_at_the_same_time_are_all_kept,
    a_deleted_organization_is_gone_with_its_members,
    a_member_changes_what_their_roles_allow,
    a_search_finds_by_every_filter,
    pages_follow_each_other,
    metrics_count_members_who_are_there,
    the_policies_can_be_read,
);

async fn a_new_organization_has_every_member_of_the_contract(app: TestApp) {
    let reply = call(&app, "POST", ORGANIZATIONS, json!({"organization_name": "Acme"})).await;
    insta::assert_json_snapshot!("organization", reply.ok(), {
        ".request_id" => "request-id", ".organization.organization_id" => "organization-id",
    });
}

async fn every_setting_is_kept_as_it_was_given(app: TestApp) {
    let settings = json!({
        "organization_name": "Acme", "organization_slug": "Acme~1", "organization_logo_url": "https://acme.test/l.png",
        "organization_external_id": "crm|7", "trusted_metadata": {"plan": "gold", "gone": null},
        "sso_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["ACME.test"],
        "email_jit_provisioning": "RESTRICTED", "email_invites": "RESTRICTED", "auth_methods": "RESTRICTED",
        "allowed_auth_methods": ["sso", "magic_link"], "mfa_policy": "REQUIRED_FOR_ALL",
        "mfa_methods": "RESTRICTED", "allowed_mfa_methods": ["totp"],
        "oauth_tenant_jit_provisioning": "RESTRICTED", "allowed_oauth_tenants": {"slack": ["T1"]},
        "claimed_email_domains": ["acme.test"],
        "rbac_email_implicit_role_assignments": [{"domain": "acme.test", "role_id": "stytch_admin"}],
        "first_party_connected_apps_allowed_type": "RESTRICTED", "allowed_first_party_connected_apps": ["a"],
        "third_party_connected_apps_allowed_type": "NOT_ALLOWED", "allowed_third_party_connected_apps": ["b"],
    });
    let organization = create(&app, settings.clone()).await;
    for (name, value) in settings.as_object().unwrap() {
        let expected = match name.as_str() {
            "trusted_metadata" => json!({"plan": "gold"}),
            "email_allowed_domains" => json!(["acme.test"]),
            _ => value.clone(),
        };
        assert_eq!(organization[name], expected, "{name}");
    }
    let id = organization["organization_id"].as_str().unwrap();
    assert_eq!(call(&app, "GET", &path(id), Value::Null).await.json()["organization"], organization);
}

async fn id_slug_and_external_id_name_the_same_organization(app: TestApp) {
    let body = json!({"organization_name": "Acme", "organization_slug": "acme", "organization_external_id": "crm.7"});
    let id = create(&app, body).await["organization_id"].as_str().unwrap().to_owned();
    let encoded = id.replace('-', "%2D");
    for locator in [id.as_str(), &encoded, "ACME", "crm.7", "crm%2E7"] {
        let reply = call(&app, "GET", &path(locator), json!({})).await;
        assert_eq!(reply.json()["organization"]["organization_id"], id.as_str(), "{locator}");
    }
    let home = app.project.home_organization.to_string();
    for stranger in ["acme2", "organization-test-00000000-0000-4000-8000-000000000000", &home, "%00"] {
        let reply = call(&app, "GET", &path(stranger), Value::Null).await;
        assert!([400, 404].contains(&reply.status.as_u16()), "{stranger}: {}", reply.json());
    }
    let other = app.other_project().await;
    refused(&call(&other, "GET", &path(&id), Value::Null).await, 404, "organization_not_found");
}

async fn names_are_taken_once(app: TestApp) {
    let first = json!({"organization_name": "Acme", "organization_external_id": "7", "claimed_email_domains": ["acme.test"]});
    assert_eq!(create(&app, first).await["organization_slug"], "acme");
    let second = create(&app, json!({"organization_name": "Acme"})).await;
    assert!(second["organization_slug"].as_str().unwrap().starts_with("acme-"), "{second}");
    for (field, value, name) in [
        ("organization_slug", json!("ACME"), "organization_slug_already_used"),
        ("organization_external_id", json!("7"), "organization_external_id_already_used"),
        ("claimed_email_domains", json!(["Acme.test"]), "action_not_allowed_email_domain_is_claimed"),
    ] {
        let mut body = json!({"organization_name": "Other"});
        body[field] = value.clone();
        refused(&call(&app, "POST", ORGANIZATIONS, body).await, 400, name);
        let id = second["organization_id"].as_str().unwrap();
        refused(&call(&app, "PUT", &path(id), json!({(field): value})).await, 400, name);
    }
}

async fn wrong_settings_are_refused_by_name(app: TestApp) {
    let id = named(&app, "Acme").await;
    let unknown = "oidc-connection-test-00000000-0000-4000-8000-000000000000";
    for (body, name) in [
        (json!({"organization_name": ""}), "invalid_organization_name"),
        (json!({"organization_slug": "a b"}), "invalid_organization_slug"),
        (json!({"mfa_policy": "SOMETIMES"}), "invalid_field"),
        (json!({"auth_methods": "NOT_ALLOWED"}), "invalid_field"),
        (json!({"allowed_auth_methods": ["telepathy"]}), "invalid_field"),
        (json!({"auth_methods": "RESTRICTED"}), "allowed_auth_methods_required_for_restricted"),
        (
            json!({"auth_methods": "RESTRICTED", "allowed_auth_methods": ["sso"]}),
            "requires_active_sso_connection",
        ),
        (json!({"email_allowed_domains": ["gmail.com"]}), "organization_settings_domain_too_common"),
        (json!({"sso_default_connection_id": unknown}), "invalid_sso_default_connection_id"),
        (json!({"sso_default_connection_id": "okta"}), "invalid_sso_default_connection_id"),
        (
            json!({"sso_jit_provisioning_allowed_connections": [unknown]}),
            "invalid_connection_for_jit_provisioning",
        ),
        (
            json!({"rbac_email_implicit_role_assignments": [{"domain": "a.test", "role_id": "x"}]}),
            "invalid_rbac_role",
        ),
        (json!({"rbac_email_implicit_role_assignments": [{"domain": "a.test"}]}), "missing_required_field"),
        (json!({"trusted_metadata": {"big": "x".repeat(5000)}}), "metadata_too_large"),
        (json!({"organization_name": 5}), "bad_request"),
    ] {
        let reply = call(&app, "PUT", &path(&id), body.clone()).await;
        refused(&reply, 400, name);
    }
    refused(&call(&app, "POST", ORGANIZATIONS, json!({})).await, 400, "missing_required_field");
    let after = call(&app, "GET", &path(&id), Value::Null).await;
    assert_eq!(after.json()["organization"]["organization_name"], "Acme");
}

async fn an_update_changes_what_it_names(app: TestApp) {
    let before =
        create(&app, json!({"organization_name": "Acme", "trusted_metadata": {"a": 1, "b": 2}})).await;
    let id = before["organization_id"].as_str().unwrap();
    app.app.clock.advance(1_000);
    let patch = json!({"organization_name": "Acme 2", "organization_slug": null, "organization_id": "ignored",
        "trusted_metadata": {"a": null, "c": [1]}});
    let after = call(&app, "PUT", &path(id), patch).await.json()["organization"].clone();
    let mut expected = before.clone();
    expected["organization_name"] = json!("Acme 2");
    expected["trusted_metadata"] = json!({"b": 2, "c": [1]});
    expected["updated_at"] = json!("2027-01-15T08:00:01Z");
    assert_eq!(after, expected);
}

async fn an_external_id_can_be_taken_away(app: TestApp) {
    let first = create(&app, json!({"organization_name": "Acme", "organization_external_id": "7"})).await;
    let id = first["organization_id"].as_str().unwrap();
    let reply = call(&app, "DELETE", &format!("{}/external_id", path(id)), Value::Null).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json()["organization"]["organization_external_id"]),
        (200, &Value::Null)
    );
    refused(&call(&app, "GET", &path("7"), Value::Null).await, 404, "organization_not_found");
    create(&app, json!({"organization_name": "Next", "organization_external_id": "7"})).await;
}

async fn a_default_connection_can_be_unset_and_deleted(app: TestApp) {
    let organization = named(&app, "Acme").await;
    let (admin, plain) = (admin(&app, &organization).await, {
        let id = member(&app, &organization, json!({"email_address": "plain@acme.test"})).await;
        session_of(&app, &id).await
    });
    let connect = async || {
        let made = call(&app, "POST", &format!("/v1/b2b/sso/oidc/{organization}"), json!({})).await.ok();
        made["connection"]["connection_id"].as_str().unwrap().to_owned()
    };
    let default = |id: &str| json!({ "sso_default_connection_id": id });
    let settings = path(&organization);
    let shown = async || call(&app, "GET", &settings, Value::Null).await.ok()["organization"].clone();

    for by_member in [false, true] {
        let connection = connect().await;
        let gone = format!("/v1/b2b/sso/{organization}/connections/{connection}");
        let ask = async |method: &str, path: &str, body: Value| match by_member {
            true => call_as(&app, &admin, method, path, body).await,
            false => call(&app, method, path, body).await,
        };
        ask("PUT", &settings, default(&connection)).await.ok();
        refused(&ask("DELETE", &gone, Value::Null).await, 400, "cannot_delete_default_sso_connection");
        // Neither a null nor another change unsets it, and whoever may not set it may not unset it.
        ask("PUT", &settings, json!({"sso_default_connection_id": null, "organization_name": "A"}))
            .await
            .ok();
        refused(
            &call_as(&app, &plain, "PUT", &settings, default("")).await,
            403,
            "session_authorization_error",
        );
        assert_eq!(shown().await["sso_default_connection_id"], connection.as_str());
        let unset = ask("PUT", &settings, default("")).await.ok();
        assert_eq!(unset["organization"]["sso_default_connection_id"], Value::Null);
        ask("DELETE", &gone, Value::Null).await.ok();
    }
    // Unset, it stays so, and nothing is refused for it.
    call(&app, "PUT", &settings, default("")).await.ok();
    assert_eq!(shown().await["sso_default_connection_id"], Value::Null);
}

async fn changes_at_the_same_time_are_all_kept(app: TestApp) {
    let id = named(&app, "Acme").await;
    let writers: Vec<_> = ["a", "b", "c"]
        .map(|key| {
            let (app, path) = (app.clone(), path(&id));
            tokio::spawn(async move {
                call(&app, "PUT", &path, json!({"trusted_metadata": {(key): 1}})).await.status
            })
        })
        .into();
    for writer in writers {
        assert_eq!(writer.await.unwrap(), 200);
    }
    let after = call(&app, "GET", &path(&id), Value::Null).await;
    assert_eq!(after.json()["organization"]["trusted_metadata"], json!({"a": 1, "b": 1, "c": 1}));
}

async fn a_deleted_organization_is_gone_with_its_members(app: TestApp) {
    let id = named(&app, "Acme").await;
    let session = admin(&app, &id).await;
    let reply = call(&app, "DELETE", &path(&id), json!({})).await;
    assert_eq!((reply.status.as_u16(), reply.json()["organization_id"].as_str()), (200, Some(id.as_str())));
    refused(&call(&app, "GET", &path(&id), Value::Null).await, 404, "organization_not_found");
    refused(&call(&app, "DELETE", &path(&id), Value::Null).await, 404, "organization_not_found");
    refused(&call_as(&app, &session, "GET", &path(&id), Value::Null).await, 404, "session_not_found");
    named(&app, "Acme").await;
}

async fn a_member_changes_what_their_roles_allow(app: TestApp) {
    let id = named(&app, "Acme").await;
    let other = named(&app, "Other").await;
    let plain_id = member(&app, &id, json!({"email_address": "bo@acme.test"})).await;
    let (plain, admin) = (session_of(&app, &plain_id).await, admin(&app, &id).await);
    let renamed = || json!({"organization_name": "Ours"});

    let put =
        async |session: &str, id: &str, body: Value| call_as(&app, session, "PUT", &path(id), body).await;
    refused(&put(&plain, &id, renamed()).await, 403, "session_authorization_error");
    assert_eq!(put(&admin, &id, renamed()).await.status, 200);
    refused(&put(&admin, &other, renamed()).await, 403, "session_authorization_tenancy_error");
    refused(&put(&admin, "nowhere", renamed()).await, 403, "session_authorization_tenancy_error");
    let metadata = json!({"trusted_metadata": {"vip": true}});
    refused(&put(&admin, &id, metadata).await, 401, "cannot_update_trusted_metadata");
    let external = json!({"organization_name": "Ours", "organization_external_id": "8"});
    refused(&put(&admin, &id, external).await, 403, "session_authorization_error");
    refused(&put("nobody", &id, renamed()).await, 404, "session_not_found");

    let as_admin =
        async |method: &str, path: &str, body: Value| call_as(&app, &admin, method, path, body).await;
    let create = as_admin("POST", ORGANIZATIONS, json!({"organization_name": "Mine"})).await;
    refused(&create, 403, "session_authorization_error");
    let search = as_admin("POST", &path("search"), json!({})).await;
    refused(&search, 403, "session_authorization_error");
    let external = as_admin("DELETE", &format!("{}/external_id", path(&id)), Value::Null).await;
    refused(&external, 403, "session_authorization_error");
    refused(
        &call_as(&app, &plain, "DELETE", &path(&id), Value::Null).await,
        403,
        "session_authorization_error",
    );
    assert_eq!(as_admin("DELETE", &path(&id), Value::Null).await.status, 200);
}

async fn found(app: &TestApp, body: Value) -> (Vec<String>, Value) {
    let reply = call(app, "POST", &path("search"), body).await;
    let found = reply.ok();
    let names = found["organizations"].as_array().unwrap().iter();
    let names = names.map(|one| one["organization_name"].as_str().unwrap().to_owned()).collect();
    (names, found["results_metadata"].clone())
}

fn query(operator: &str, operands: &[(&str, Value)]) -> Value {
    let operands: Vec<Value> =
        operands.iter().map(|(name, value)| json!({"filter_name": name, "filter_value": value})).collect();
    json!({"query": {"operator": operator, "operands": operands}})
}

async fn a_search_finds_by_every_filter(app: TestApp) {
    let acme = json!({"organization_name": "Acme", "email_allowed_domains": ["acme.test"], "claimed_email_domains": ["acme.example"]});
    let acme = create(&app, acme).await["organization_id"].as_str().unwrap().to_owned();
    named(&app, "Globex").await;
    member(&app, &acme, json!({"email_address": "ada@acme.test"})).await;
    for (name, value) in [
        ("organization_ids", json!([acme])),
        ("organization_slugs", json!(["ACME", "initech"])),
        ("organization_name_fuzzy", json!("cme")),
        ("organization_slug_fuzzy", json!("ACM")),
        ("member_emails", json!(["ADA@acme.test"])),
        ("member_email_fuzzy", json!("ada@")),
        ("allowed_domains", json!(["acme.test"])),
        ("allowed_domain_fuzzy", json!("me.te")),
        ("claimed_email_domains", json!(["acme.example"])),
    ] {
        assert_eq!(found(&app, query("AND", &[(name, value)])).await.0, ["Acme"], "{name}");
    }
    let none = query("AND", &[("has_active_sso_connection", json!(true))]);
    assert_eq!(found(&app, none).await, (vec![], json!({"total": 0, "next_cursor": null})));
    let two = [("organization_name_fuzzy", json!("acme")), ("organization_slugs", json!(["globex"]))];
    assert_eq!(found(&app, query("AND", &two)).await.0, [""; 0]);
    assert_eq!(found(&app, query("OR", &two)).await.0, ["Acme", "Globex"]);
    refused(
        &call(&app, "POST", &path("search"), query("AND", &[("name", json!("a"))])).await,
        400,
        "organization_search_invalid_filter",
    );
}

async fn pages_follow_each_other(app: TestApp) {
    for name in ["One", "Two", "Three"] {
        named(&app, name).await;
        app.app.clock.advance(1);
    }
    let (first, metadata) = found(&app, json!({"limit": 2})).await;
    assert_eq!(
        (first.as_slice(), &metadata["total"]),
        (["One".to_owned(), "Two".to_owned()].as_slice(), &json!(3))
    );
    let (second, metadata) = found(&app, json!({"limit": 2, "cursor": metadata["next_cursor"]})).await;
    assert_eq!((second, metadata), (vec!["Three".to_owned()], json!({"total": 3, "next_cursor": null})));
}

async fn metrics_count_members_who_are_there(app: TestApp) {
    let id = named(&app, "Acme").await;
    let first = member(&app, &id, json!({"email_address": "a@acme.test"})).await;
    member(&app, &id, json!({"email_address": "b@acme.test"})).await;
    let metrics = format!("{}/metrics", path(&id));
    assert_eq!(call(&app, "GET", &metrics, Value::Null).await.json()["member_count"], 2);
    call(&app, "DELETE", &format!("{}/members/{first}", path(&id)), Value::Null).await;
    assert_eq!(call(&app, "GET", &metrics, Value::Null).await.json()["member_count"], 1);
}

async fn the_policies_can_be_read(app: TestApp) {
    let id = named(&app, "Acme").await;
    let policy = call(&app, "GET", "/v1/b2b/rbac/policy?", json!({})).await;
    insta::assert_json_snapshot!("policy", policy.ok(), { ".request_id" => "request-id" });
    let own = call(&app, "GET", &format!("/v1/b2b/rbac/organizations/{id}"), Value::Null).await;
    assert_eq!((own.status.as_u16(), &own.json()["org_policy"]), (200, &json!({"roles": []})));
}
