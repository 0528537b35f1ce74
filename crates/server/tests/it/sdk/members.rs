//! Members and their organization, by the browser of an administrator and by one's own.

use http::Method;
use serde_json::json;

use super::{Company, Frontend, data};
use crate::app::{TestApp, on_both_engines, text};

on_both_engines!(
    an_administrator_keeps_the_organization,
    an_administrator_keeps_its_members,
    somebody_keeps_their_own_record,
    what_only_the_backend_writes,
    an_organization_is_found_by_its_slug_alone,
    paths_that_clients_misspell,
    nobody_is_told_who_is_a_member,
);

const MEMBERS: &str = "/sdk/v1/b2b/organizations/members";
const ME: &str = "/sdk/v1/b2b/organizations/me";

async fn an_administrator_keeps_the_organization(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    for who in [&acme.admin, &acme.member] {
        assert_eq!(data(&who.get(ME).await)["organization"]["organization_id"], acme.organization.as_str());
    }
    let change = json!({ "organization_name": "Acme Corp", "mfa_policy": "REQUIRED_FOR_ALL" });
    acme.member.put(ME, change.clone()).await.refused(403, "session_authorization_error");
    assert_eq!(data(&acme.admin.put(ME, change).await)["organization"]["organization_name"], "Acme Corp");
    acme.member.delete(ME).await.refused(403, "session_authorization_error");
    assert_eq!(data(&acme.admin.delete(ME).await)["organization_id"], acme.organization.as_str());
    app.get("/v1/b2b/organizations/acme").await.refused(404, "organization_not_found");
    acme.admin.get(ME).await.refused(404, "session_not_found");
}

async fn an_administrator_keeps_its_members(app: TestApp) {
    let page = Frontend::of(&app).await;
    let (acme, globex) = (Company::of(&page, "acme").await, Company::of(&page, "globex").await);
    let new = json!({ "email_address": "grace@acme.example.com", "name": "Grace", "create_member_as_pending": true });
    acme.member.post(MEMBERS, new.clone()).await.refused(403, "session_authorization_error");
    let made = data(&acme.admin.post(MEMBERS, new).await);
    let grace = text(&made["member_id"]);
    assert_eq!((&made["member"]["name"], &made["member"]["status"]), (&json!("Grace"), &json!("pending")));
    let search = format!("{ME}/members/search");
    let by_role = json!({ "filter_name": "statuses", "filter_value": ["active", "invited", "pending"] });
    let query = json!({ "limit": 15, "query": { "operator": "AND", "operands": [by_role] } });
    acme.member.post(&search, query.clone()).await.refused(403, "session_authorization_error");
    let found = data(&acme.admin.post(&search, query.clone()).await);
    assert_eq!(found["results_metadata"]["total"], 3, "{found}");
    assert!(found["organizations"][&acme.organization].is_object(), "{found}");
    // A body names no other place to search in.
    let elsewhere = json!({ "organization_ids": [acme.organization] });
    let found = data(&globex.admin.post(&search, elsewhere).await);
    assert!(!found.to_string().contains(&acme.organization), "{found}");
    let one = format!("{MEMBERS}/{grace}");
    let change = json!({ "member_id": grace, "name": "Admiral", "roles": ["stytch_admin"] });
    assert_eq!(data(&acme.admin.put(&one, change.clone()).await)["member"]["name"], "Admiral");
    globex.admin.put(&one, change.clone()).await.refused(404, "member_not_found");
    acme.member.put(&one, change).await.refused(403, "session_authorization_error");
    let of = |what: &str| format!("{MEMBERS}/{what}/{grace}");
    data(&acme.admin.delete(&of("mfa_phone_numbers")).await);
    acme.admin.delete(&of("totp")).await.refused(400, "action_available_only_for_active_members");
    let password = format!("{MEMBERS}/passwords/member-password-test-00000000-0000-4000-8000-000000000000");
    acme.admin.delete(&password).await.refused(404, "member_password_not_found");
    let unlink = json!({ "email_address": "old@acme.example.com" });
    acme.admin.post(&format!("{one}/unlink_retired_email"), unlink).await.refused(404, "email_not_found");
    let moved = json!({ "email_address": "hopper@acme.example.com", "delivery_method": "EMAIL_OTP" });
    data(&acme.admin.post(&format!("{one}/start_email_update"), moved).await);
    assert_eq!(app.messages_to("hopper@acme.example.com").await.len(), 1);
    acme.member.delete(&one).await.refused(403, "session_authorization_error");
    assert_eq!(data(&acme.admin.delete(&one).await)["member_id"], grace.as_str());
    // Nobody has shown that the address is theirs.
    acme.admin.put(&format!("{one}/reactivate"), json!({})).await.refused(400, "inactive_email");
}

async fn somebody_keeps_their_own_record(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let me = data(&acme.member.get(&format!("{MEMBERS}/me")).await);
    assert_eq!(me["member"]["member_id"], acme.member_id.as_str());
    let update = format!("{MEMBERS}/update");
    let mine = json!({ "name": "Ada", "untrusted_metadata": { "theme": "dark" }, "mfa_phone_number": "+15555550123" });
    let told = data(&acme.member.put(&update, mine).await);
    assert_eq!((&told["member"]["name"], &told["member_id"]), (&json!("Ada"), &json!(acme.member_id)));
    // The way to other members is not the way to oneself.
    let other = json!({ "name": "Mallory", "member_id": acme.admin_id });
    data(&acme.member.put(&update, other).await);
    let boss = data(&acme.admin.get(&format!("{MEMBERS}/me")).await);
    assert_ne!(boss["member"]["name"], "Mallory");
    let own_roles = json!({ "roles": ["stytch_admin"] });
    acme.member.put(&update, own_roles).await.refused(403, "cannot_update_own_roles");
    let told = data(&acme.member.delete(&format!("{MEMBERS}/deletePhoneNumber")).await);
    assert_eq!(told["member"]["mfa_phone_number"], "");
    acme.member.delete(&format!("{MEMBERS}/deleteTOTP")).await.refused(404, "totp_not_found");
    let moved = json!({ "email_address": "lovelace@acme.example.com", "delivery_method": "EMAIL_OTP" });
    data(&acme.member.post(&format!("{MEMBERS}/start_email_update"), moved).await);
    let unlink = json!({ "email_address": "old@acme.example.com" });
    acme.member
        .post(&format!("{MEMBERS}/unlink_retired_email"), unlink)
        .await
        .refused(404, "email_not_found");
    assert_eq!(
        data(&acme.member.get(&format!("{MEMBERS}/connected_apps")).await)["connected_apps"],
        json!([])
    );
    let app_of = "connected-app-test-00000000-0000-4000-8000-000000000000";
    let revoke = format!("{MEMBERS}/connected_apps/{app_of}/revoke");
    acme.member.post(&revoke, json!({})).await.refused(404, "connected_app_not_found");
    page.get(&format!("{MEMBERS}/me")).await.refused(401, "user_unauthenticated");
}

async fn what_only_the_backend_writes(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let trusted = json!({ "trusted_metadata": { "plan": "gold" } });
    acme.admin.put(ME, trusted.clone()).await.refused(401, "cannot_update_trusted_metadata");
    let one = format!("{MEMBERS}/{}", acme.member_id);
    acme.admin.put(&one, trusted.clone()).await.refused(401, "cannot_update_trusted_metadata");
    acme.member
        .put(&format!("{MEMBERS}/update"), trusted)
        .await
        .refused(401, "cannot_update_trusted_metadata");
    for (name, value) in [
        ("organization_external_id", json!("customer-1")),
        ("claimed_email_domains", json!(["acme.example.com"])),
        ("allowed_first_party_connected_apps", json!(["a"])),
    ] {
        acme.admin.put(ME, json!({ name: value })).await.refused(403, "session_authorization_error");
    }
    let external = json!({ "external_id": "employee-1" });
    acme.admin.put(&one, external).await.refused(403, "session_authorization_error");
}

async fn an_organization_is_found_by_its_slug_alone(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let one = format!("/v1/b2b/organizations/{}", acme.organization);
    let secret = json!({ "organization_external_id": "customer-1", "trusted_metadata": { "plan": "gold" } });
    app.put(&one, secret).await.ok();
    let find = async |slug: &str| {
        let body = json!({ "organization_slug": slug });
        data(&page.post("/sdk/v1/b2b/organizations/search", body).await)["organization"].clone()
    };
    let found = find("acme").await;
    assert_eq!(found["organization_id"], acme.organization.as_str());
    assert_eq!(found["sso_active_connections"][0]["connection_id"], acme.connection.as_str());
    for hidden in ["trusted_metadata", "organization_external_id", "claimed_email_domains", "custom_roles"] {
        assert!(found.get(hidden).is_none(), "{hidden}: {found}");
    }
    for other in [acme.organization.as_str(), "customer-1", "nobody", ""] {
        assert!(find(other).await.is_null(), "{other}");
    }
    let home = app.project.home_organization.to_string();
    assert!(find(&home).await.is_null());
}

async fn paths_that_clients_misspell(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    for begin in ["/sdk/v1/b2b", "/sdk/v1b2b"] {
        let path = format!("{begin}/organizations/members/{}/connected_apps", acme.member_id);
        assert_eq!(data(&acme.admin.get(&path).await)["connected_apps"], json!([]));
        let of_boss = format!("{begin}/organizations/members/{}/connected_apps", acme.admin_id);
        acme.member.get(&of_boss).await.refused(403, "session_authorization_error");
    }
    acme.admin.get("/sdk/v1b2b/organizations/me").await.refused(404, "route_not_found");
}

/// Prebuilt screens ask whether somebody has a password, before anybody has signed in.
async fn nobody_is_told_who_is_a_member(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    for address in ["boss@acme.example.com", "nobody@acme.example.com"] {
        let body = json!({ "email_address": address, "organization_id": acme.organization });
        let told = data(&page.ask(Method::POST, &format!("{MEMBERS}/search"), body).await);
        assert_eq!(told["member"], json!(null));
    }
}
