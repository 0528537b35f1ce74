//! Members through the front door.

use serde_json::{Value, json};

use crate::app::{TestApp, on_both_engines};
use crate::organizations::{call, call_as, everything, session_of};
use crate::reply::Reply;

const SEARCH: &str = "/v1/b2b/organizations/members/search";

#[track_caller]
fn refused(reply: &Reply, status: u16, name: &str) {
    reply.refused(status, name);
}

#[track_caller]
fn id_of(reply: &Reply, name: &str) -> String {
    reply.ok()[name].as_str().unwrap().to_owned()
}

/// A company with the paths of its members.
struct Company {
    app: TestApp,
    id: String,
}

impl Company {
    async fn new(app: TestApp, settings: Value) -> Self {
        let mut body = json!({"organization_name": "Acme"});
        body.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        let reply = call(&app, "POST", "/v1/b2b/organizations", body).await;
        assert_eq!(reply.status.as_u16(), 200, "{}", reply.json());
        let id = reply.json()["organization"]["organization_id"].as_str().unwrap().to_owned();
        Self { app, id }
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/b2b/organizations/{}/{rest}", self.id)
    }

    async fn call(&self, method: &str, rest: &str, body: Value) -> Reply {
        call(&self.app, method, &self.path(rest), body).await
    }

    async fn call_as(&self, session: &str, method: &str, rest: &str, body: Value) -> Reply {
        call_as(&self.app, session, method, &self.path(rest), body).await
    }

    async fn member(&self, body: Value) -> String {
        id_of(&self.call("POST", "members", body).await, "member_id")
    }

    /// A member with a session, and roles.
    async fn signed_in(&self, email: &str, roles: &[&str]) -> (String, String) {
        let id = self.member(json!({"email_address": email, "roles": roles})).await;
        let session = session_of(&self.app, &id).await;
        (id, session)
    }

    /// Verifies a member's address, as a sign-in would.
    async fn verify(&self, id: &str) {
        let project = self.app.project.id;
        let mut member = self
            .app
            .app
            .store
            .member_anywhere(&everything(project), id.parse().unwrap())
            .await
            .unwrap()
            .unwrap();
        let version = member.version;
        member.email_verified = true;
        member.touch(self.app.app.clock.now());
        let write = vestibule_store::tables::members::update(&member, version);
        self.app.app.store.commit(write).await.unwrap();
    }
}

on_both_engines!(
    a_new_member_has_every_member_of_the_contract,
    every_field_is_kept_as_it_was_given,
    a_member_is_found_by_exactly_one_locator,
    another_organizations_member_is_as_unknown_as_nobody,
    wrong_fields_are_refused_by_name,
    an_update_changes_what_it_names,
    a_changed_address_is_unverified_and_the_old_one_retired,
    a_deleted_member_is_signed_out_and_can_come_back,
    an_external_id_can_be_taken_away,
    a_member_may_change_themselves_but_not_their_rights,
    a_member_adds_and_removes_members_as_their_roles_say,
    a_search_finds_by_every_filter,
    a_search_stays_in_the_organizations_it_names,
);

async fn a_new_member_has_every_member_of_the_contract(app: TestApp) {
    let company = Company::new(app, json!({})).await;
    let body = json!({"email_address": " Ada@ACME.test ", "name": null, "create_member_as_pending": null});
    let reply = company.call("POST", "members", body).await;
    insta::assert_json_snapshot!("member", reply.ok(), {
        ".request_id" => "request-id", ".organization" => "organization",
        ".member_id" => "member-id", ".member.member_id" => "member-id", ".member.organization_id" => "organization-id",
    });
}

async fn every_field_is_kept_as_it_was_given(app: TestApp) {
    let assignments = json!([{"domain": "acme.test", "role_id": "stytch_admin"}]);
    let company = Company::new(app, json!({"rbac_email_implicit_role_assignments": assignments})).await;
    let fields = json!({
        "email_address": "ada@acme.test", "name": "Ada", "trusted_metadata": {"a": 1}, "untrusted_metadata": {"b": [2]},
        "is_breakglass": true, "mfa_phone_number": "+15555550123", "mfa_enrolled": true, "external_id": "employee|1",
    });
    let reply = company.call("POST", "members", fields.clone()).await;
    for (name, value) in fields.as_object().unwrap() {
        assert_eq!(&reply.json()["member"][name], value, "{name}");
    }
    assert_eq!(reply.json()["member"]["is_admin"], false, "nobody has verified the address");
    let id = id_of(&reply, "member_id");
    company.verify(&id).await;
    let verified = company.call("GET", &format!("member?member_id={id}"), Value::Null).await;
    insta::assert_json_snapshot!("member_roles", verified.json()["member"]["roles"]);
    assert_eq!(verified.json()["member"]["is_admin"], true);
    let pending =
        json!({"email_address": "bo@acme.test", "create_member_as_pending": true, "roles": ["stytch_admin"]});
    let pending = company.call("POST", "members", pending).await;
    assert_eq!(
        (&pending.json()["member"]["status"], pending.json()["member"]["is_admin"].as_bool()),
        (&json!("pending"), Some(true))
    );
}

async fn a_member_is_found_by_exactly_one_locator(app: TestApp) {
    let company = Company::new(app, json!({})).await;
    let id = company.member(json!({"email_address": "ada@acme.test", "external_id": "employee-1"})).await;
    for query in [
        format!("member_id={id}"),
        "member_id=employee-1".to_owned(),
        "email_address=ADA%40acme.test&member_id=".to_owned(),
    ] {
        let reply = company.call("GET", &format!("member?organization_id=x&{query}"), json!({})).await;
        assert_eq!(id_of(&reply, "member_id"), id, "{query}");
        assert_eq!(reply.json()["organization"]["organization_id"], company.id.as_str());
    }
    for (query, status, name) in [
        ("", 400, "missing_required_field"),
        ("?member_id=a&email_address=b", 400, "invalid_field"),
        ("?email_address=nobody", 400, "invalid_email"),
        ("?email_address=bo@acme.test", 404, "member_not_found"),
        ("?member_id=employee-2", 404, "member_not_found"),
    ] {
        refused(&company.call("GET", &format!("member{query}"), Value::Null).await, status, name);
    }
}

async fn another_organizations_member_is_as_unknown_as_nobody(app: TestApp) {
    let company = Company::new(app, json!({})).await;
    let id = company.member(json!({"email_address": "ada@acme.test"})).await;
    let other =
        call(&company.app, "POST", "/v1/b2b/organizations", json!({"organization_name": "Other"})).await;
    let other = other.json()["organization"]["organization_id"].as_str().unwrap().to_owned();
    let path = |rest: &str| format!("/v1/b2b/organizations/{other}/{rest}");
    for (method, rest) in [
        ("GET", format!("member?member_id={id}")),
        ("PUT", format!("members/{id}")),
        ("DELETE", format!("members/{id}")),
        ("PUT", format!("members/{id}/reactivate")),
        ("DELETE", format!("members/{id}/external_id")),
    ] {
        refused(&call(&company.app, method, &path(&rest), json!({})).await, 404, "member_not_found");
    }
    assert_eq!(
        company.call("GET", &format!("member?member_id={id}"), Value::Null).await.json()["member"]["status"],
        "active"
    );
}

async fn wrong_fields_are_refused_by_name(app: TestApp) {
    let company = Company::new(app, json!({})).await;
    company.member(json!({"email_address": "ada@acme.test", "external_id": "1"})).await;
    let claims = json!({"organization_name": "Claims", "claimed_email_domains": ["claimed.test"]});
    call(&company.app, "POST", "/v1/b2b/organizations", claims).await;
    let id = company.member(json!({"email_address": "bo@acme.test"})).await;
    for (body, name) in [
        (json!({"email_address": "ADA@acme.test"}), "duplicate_member_email"),
        (json!({"email_address": "nobody"}), "invalid_email"),
        (json!({"email_address": "eve@claimed.test"}), "action_not_allowed_email_domain_is_claimed"),
        (json!({"email_address": "c@acme.test", "external_id": "1"}), "duplicate_member_external_id"),
        (json!({"email_address": "c@acme.test", "external_id": "a b"}), "invalid_member_external_id"),
        (json!({"email_address": "c@acme.test", "roles": ["boss"]}), "invalid_rbac_role"),
        (json!({"email_address": "c@acme.test", "mfa_phone_number": "555"}), "invalid_phone_number"),
        (
            json!({"email_address": "c@acme.test", "trusted_metadata": {"a": "x".repeat(5000)}}),
            "metadata_too_large",
        ),
        (json!({"email_address": "c@acme.test", "is_breakglass": "yes"}), "bad_request"),
    ] {
        refused(&company.call("POST", "members", body.clone()).await, 400, name);
        refused(&company.call("PUT", &format!("members/{id}"), body).await, 400, name);
    }
    refused(&company.call("POST", "members", json!({})).await, 400, "missing_required_field");
    let method = json!({"default_mfa_method": "pigeon"});
    refused(&company.call("PUT", &format!("members/{id}"), method).await, 400, "invalid_field");
    let lost = "/v1/b2b/organizations/nowhere/members";
    refused(
        &call(&company.app, "POST", lost, json!({"email_address": "c@acme.test"})).await,
        404,
        "organization_not_found",
    );
}

async fn an_update_changes_what_it_names(app: TestApp) {
    let company = Company::new(app, json!({})).await;
    let body = json!({"email_address": "ada@acme.test", "untrusted_metadata": {"a": 1, "b": 2}, "roles": ["stytch_admin"]});
    let id = company.member(body).await;
    company.verify(&id).await;
    let before =
        company.call("GET", &format!("member?member_id={id}"), Value::Null).await.json()["member"].clone();
    company.app.app.clock.advance(1_000);
    let patch = json!({"name": "Ada", "untrusted_metadata": {"a": null}, "roles": [], "preserve_existing_sessions": true,
        "email_address": null, "mfa_enrolled": null, "member_id": "ignored"});
    let after = company.call("PUT", &format!("members/{id}"), patch).await.json()["member"].clone();
    let mut expected = before;
    expected["name"] = json!("Ada");
    expected["untrusted_metadata"] = json!({"b": 2});
    expected["is_admin"] = json!(false);
    expected["roles"] =
        json!([{"role_id": "stytch_member", "sources": [{"type": "direct_assignment", "details": {}}]}]);
    expected["updated_at"] = json!("2027-01-15T08:00:01Z");
    assert_eq!(after, expected);
}

async fn a_changed_address_is_unverified_and_the_old_one_retired(app: TestApp) {
    let company = Company::new(app, json!({})).await;
    let id = company.member(json!({"email_address": "ada@acme.test"})).await;
    company.verify(&id).await;
    let path = format!("members/{id}");
    let moved =
        company.call("PUT", &path, json!({"email_address": "ada@new.test"})).await.json()["member"].clone();
    assert_eq!(
        (&moved["email_address"], &moved["email_address_verified"]),
        (&json!("ada@new.test"), &json!(false))
    );
    assert_eq!(moved["retired_email_addresses"][0]["email_address"], "ada@acme.test");
    let unlinked = json!({"email_address": "ada@third.test", "unlink_email": true});
    let again = company.call("PUT", &path, unlinked).await.json()["member"].clone();
    assert_eq!(again["retired_email_addresses"], moved["retired_email_addresses"]);
}

async fn a_deleted_member_is_signed_out_and_can_come_back(app: TestApp) {
    let company = Company::new(app, json!({})).await;
    let (id, session) = company.signed_in("ada@acme.test", &["stytch_admin"]).await;
    let path = format!("members/{id}");
    let again = format!("{path}/reactivate");
    refused(&company.call("PUT", &again, json!({})).await, 400, "member_reactivation_not_deleted");
    assert_eq!(id_of(&company.call("DELETE", &path, json!({})).await, "member_id"), id);
    refused(
        &company.call_as(&session, "GET", &format!("member?member_id={id}"), Value::Null).await,
        404,
        "session_not_found",
    );
    for (method, rest) in [
        ("GET", format!("member?member_id={id}")),
        ("GET", "member?email_address=ada@acme.test".into()),
        ("PUT", path.clone()),
        ("DELETE", path.clone()),
    ] {
        refused(&company.call(method, &rest, json!({})).await, 404, "member_not_found");
    }
    let anywhere = format!("/v1/b2b/organizations/members/dangerously_get/{id}");
    refused(&call(&company.app, "GET", &anywhere, Value::Null).await, 404, "member_not_found");
    let gone = call(&company.app, "GET", &format!("{anywhere}?include_deleted=true"), Value::Null).await;
    assert_eq!(
        (&gone.json()["member"]["status"], &gone.json()["member"]["roles"]),
        (&json!("deleted"), &json!([]))
    );

    refused(&company.call("PUT", &again, json!({})).await, 400, "inactive_email");
    company.verify(&id).await;
    let successor = company.member(json!({"email_address": "ada@acme.test"})).await;
    refused(&company.call("PUT", &again, json!({})).await, 400, "duplicate_member_email");
    company.call("DELETE", &format!("members/{successor}"), Value::Null).await;
    let back = company.call("PUT", &again, json!({})).await;
    assert_eq!(
        (&back.json()["member"]["status"], &back.json()["member"]["is_admin"]),
        (&json!("active"), &json!(false))
    );
    refused(&company.call("PUT", "members/employee-1/reactivate", json!({})).await, 400, "invalid_member_id");
}

async fn an_external_id_can_be_taken_away(app: TestApp) {
    let company = Company::new(app, json!({})).await;
    let id = company.member(json!({"email_address": "ada@acme.test", "external_id": "1"})).await;
    let reply = company.call("DELETE", "members/1/external_id", json!({})).await;
    assert_eq!((id_of(&reply, "member_id"), &reply.json()["member"]["external_id"]), (id, &Value::Null));
    refused(&company.call("DELETE", "members/1/external_id", json!({})).await, 404, "member_not_found");
}

async fn a_member_may_change_themselves_but_not_their_rights(app: TestApp) {
    let company = Company::new(app, json!({})).await;
    let (ada, admin) = company.signed_in("ada@acme.test", &["stytch_admin"]).await;
    let (bo, plain) = company.signed_in("bo@acme.test", &[]).await;
    let (own, others) = (format!("members/{bo}"), format!("members/{ada}"));
    let put =
        async |session: &str, path: &str, body: Value| company.call_as(session, "PUT", path, body).await;

    let mine = json!({"name": "Bo", "untrusted_metadata": {"a": 1}, "mfa_phone_number": "+15555550123",
        "mfa_enrolled": true, "default_mfa_method": "totp"});
    assert_eq!(put(&plain, &own, mine.clone()).await.status, 200);
    refused(&put(&plain, &others, json!({"name": "Countess"})).await, 403, "session_authorization_error");
    refused(&put(&plain, &own, json!({"is_breakglass": true})).await, 403, "session_authorization_error");
    refused(&put(&plain, &own, json!({"external_id": "7"})).await, 403, "session_authorization_error");
    refused(&put(&plain, &own, json!({"trusted_metadata": {}})).await, 401, "cannot_update_trusted_metadata");
    for body in [json!({"roles": ["stytch_admin"]}), json!({"email_address": "bo@new.test"})] {
        refused(&put(&plain, &own, body.clone()).await, 403, "cannot_update_own_roles");
        refused(&put(&admin, &others, body).await, 403, "cannot_update_own_roles");
    }
    let rights = json!({"roles": ["stytch_admin"], "email_address": "bo@new.test", "is_breakglass": true});
    assert_eq!(put(&admin, &own, rights).await.status, 200);
    refused(&put(&admin, &own, json!({"trusted_metadata": {}})).await, 401, "cannot_update_trusted_metadata");
}

async fn a_member_adds_and_removes_members_as_their_roles_say(app: TestApp) {
    let company =
        Company::new(app, json!({"email_invites": "RESTRICTED", "email_allowed_domains": ["acme.test"]}))
            .await;
    let (_, admin) = company.signed_in("ada@acme.test", &["stytch_admin"]).await;
    let (bo, plain) = company.signed_in("bo@acme.test", &[]).await;
    let (cy, other) = company.signed_in("cy@acme.test", &[]).await;
    let add = async |session: &str, body: Value| company.call_as(session, "POST", "members", body).await;
    let someone = json!({"email_address": "someone@acme.test"});

    refused(&add(&plain, someone.clone()).await, 403, "session_authorization_error");
    assert_eq!(add(&admin, someone.clone()).await.status, 200);
    refused(
        &add(&admin, json!({"email_address": "x@else.test"})).await,
        400,
        "member_email_invites_not_allowed",
    );
    let trusted = json!({"email_address": "y@acme.test", "trusted_metadata": {}});
    refused(&add(&admin, trusted).await, 401, "cannot_update_trusted_metadata");
    assert_eq!(company.call("POST", "members", json!({"email_address": "x@else.test"})).await.status, 200);
    let closed = json!({"email_invites": "NOT_ALLOWED"});
    assert_eq!(
        call(&company.app, "PUT", &format!("/v1/b2b/organizations/{}", company.id), closed).await.status,
        200
    );
    refused(
        &add(&admin, json!({"email_address": "z@acme.test"})).await,
        400,
        "member_email_invites_not_allowed",
    );

    let path = format!("members/{bo}");
    refused(&company.call_as(&other, "DELETE", &path, Value::Null).await, 403, "session_authorization_error");
    assert_eq!(
        company.call_as(&plain, "DELETE", &path, Value::Null).await.status,
        200,
        "everybody may leave"
    );
    refused(
        &company.call_as(&other, "PUT", &format!("{path}/reactivate"), json!({})).await,
        403,
        "session_authorization_error",
    );
    assert_eq!(company.call_as(&admin, "DELETE", &format!("members/{cy}"), Value::Null).await.status, 200);
    let anywhere = format!("/v1/b2b/organizations/members/dangerously_get/{cy}");
    refused(
        &call_as(&company.app, &admin, "GET", &anywhere, Value::Null).await,
        403,
        "session_authorization_error",
    );
}

async fn found(company: &Company, name: &str, value: Value) -> Vec<String> {
    let query = json!({"operator": "AND", "operands": [{"filter_name": name, "filter_value": value}]});
    let body = json!({"organization_ids": [company.id], "query": query});
    let reply = call(&company.app, "POST", SEARCH, body).await;
    let found = reply.ok();
    let members = found["members"].as_array().unwrap().iter();
    members.map(|member| member["email_address"].as_str().unwrap().to_owned()).collect()
}

async fn a_search_finds_by_every_filter(app: TestApp) {
    let company = Company::new(app, json!({})).await;
    let ada = json!({"email_address": "ada@acme.test", "is_breakglass": true, "mfa_phone_number": "+15555550123",
        "roles": ["stytch_admin"], "external_id": "1"});
    let ada = company.member(ada).await;
    company.app.app.clock.advance(1);
    company.member(json!({"email_address": "bo@acme.test", "create_member_as_pending": true})).await;
    company.app.app.clock.advance(1);
    let gone = company.member(json!({"email_address": "gone@acme.test"})).await;
    company.call("DELETE", &format!("members/{gone}"), Value::Null).await;
    for (name, value, expected) in [
        ("member_ids", json!([ada]), vec!["ada@acme.test"]),
        ("member_ids", json!(["1"]), vec!["ada@acme.test"]),
        ("member_emails", json!(["ADA@acme.test", "x@acme.test"]), vec!["ada@acme.test"]),
        ("member_email_fuzzy", json!("acme"), vec!["ada@acme.test", "bo@acme.test"]),
        ("member_is_breakglass", json!(true), vec!["ada@acme.test"]),
        ("statuses", json!(["pending"]), vec!["bo@acme.test"]),
        ("statuses", json!(["deleted"]), vec!["gone@acme.test"]),
        ("member_mfa_phone_numbers", json!(["+15555550123"]), vec!["ada@acme.test"]),
        ("member_mfa_phone_number_fuzzy", json!("5550"), vec!["ada@acme.test"]),
        ("member_password_exists", json!(true), vec![]),
        ("member_roles", json!(["stytch_admin"]), vec!["ada@acme.test"]),
    ] {
        assert_eq!(found(&company, name, value).await, expected, "{name}");
    }
}

async fn a_search_stays_in_the_organizations_it_names(app: TestApp) {
    let company = Company::new(app, json!({})).await;
    let (_, admin) = company.signed_in("ada@acme.test", &["stytch_admin"]).await;
    let (_, plain) = company.signed_in("bo@acme.test", &[]).await;
    let other = json!({"organization_name": "Other", "organization_slug": "other"});
    call(&company.app, "POST", "/v1/b2b/organizations", other).await;
    company.app.member("other", "x@other.test", json!({})).await;

    let both = json!({"organization_ids": [company.id, "other", "OTHER"], "limit": 2});
    let reply = call(&company.app, "POST", SEARCH, both.clone()).await;
    assert_eq!(reply.json()["results_metadata"]["total"], 3);
    let mut rest = both.clone();
    rest["cursor"] = reply.json()["results_metadata"]["next_cursor"].clone();
    let rest = call(&company.app, "POST", SEARCH, rest).await;
    assert_eq!(
        (rest.json()["members"].as_array().unwrap().len(), &rest.json()["results_metadata"]["next_cursor"]),
        (1, &Value::Null)
    );
    let shown = reply.json()["organizations"].as_object().unwrap().len()
        + rest.json()["organizations"].as_object().unwrap().len();
    assert!((2..=3).contains(&shown), "only organizations of members on the page are shown");

    let own = json!({"organization_ids": [company.id]});
    assert_eq!(
        call_as(&company.app, &admin, "POST", SEARCH, own.clone()).await.json()["results_metadata"]["total"],
        2
    );
    refused(
        &call_as(&company.app, &admin, "POST", SEARCH, both).await,
        403,
        "session_authorization_tenancy_error",
    );
    refused(&call_as(&company.app, &plain, "POST", SEARCH, own).await, 403, "session_authorization_error");
    for (body, status, name) in [
        (json!({}), 400, "member_search_missing_organization_ids"),
        (json!({"organization_ids": []}), 400, "member_search_missing_organization_ids"),
        (json!({"organization_ids": ["nowhere"]}), 404, "organization_not_found"),
        (json!({"organization_ids": ["other"], "limit": 0}), 400, "member_search_invalid_limit"),
        (json!({"organization_ids": ["other"], "cursor": "x"}), 400, "member_search_invalid_cursor"),
        (
            json!({"organization_ids": ["other"], "query": {"operator": "NOT"}}),
            400,
            "member_search_invalid_operator",
        ),
    ] {
        refused(&call(&company.app, "POST", SEARCH, body).await, status, name);
    }
}
