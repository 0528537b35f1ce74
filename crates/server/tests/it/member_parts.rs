//! Parts of members that have endpoints of their own: retired addresses, phone numbers, passwords, providers, connected apps.

use http::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::organizations::session_of;

on_both_engines!(
    a_retired_address_is_reserved_until_it_is_unlinked,
    an_address_that_is_forgotten_is_free,
    who_takes_and_who_leaves_an_address_at_once,
    a_deleted_members_addresses_are_free,
    a_sign_in_does_not_take_a_reserved_address,
    addresses_of_one_member_are_bounded,
    members_unlink_what_is_theirs,
    a_phone_number_is_removed,
    there_are_no_passwords_and_no_connected_apps,
    what_providers_say_of_a_member,
    products_that_are_not_here_say_so,
    a_client_asks_who_it_is,
);

fn members(organization: &str) -> String {
    format!("/v1/b2b/organizations/{organization}/members")
}

async fn retired(app: &TestApp, organization: &str, member: &str) -> Vec<(String, String)> {
    let shown =
        app.get(&format!("/v1/b2b/organizations/{organization}/member?member_id={member}")).await.ok();
    let listed = shown["member"]["retired_email_addresses"].as_array().unwrap().clone();
    listed.iter().map(|one| (text(&one["email_id"]), text(&one["email_address"]))).collect()
}

/// Gives a member another address.
async fn readdress(app: &TestApp, organization: &str, member: &str, email: &str, more: Value) {
    let mut body = json!({ "email_address": email });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    app.put(&format!("{}/{member}", members(organization)), body).await.ok();
}

async fn a_retired_address_is_reserved_until_it_is_unlinked(app: TestApp) {
    let (acme, globex) =
        (app.organization("acme", json!({})).await, app.organization("globex", json!({})).await);
    let ada = app.member(&acme, "ada@acme.example", json!({})).await;
    let grace = app.member(&acme, "grace@acme.example", json!({})).await;
    readdress(&app, &acme, &ada, "ada.lovelace@acme.example", json!({})).await;
    let listed = retired(&app, &acme, &ada).await;
    assert_eq!(listed.len(), 1);
    let (id, address) = listed[0].clone();
    assert!(id.starts_with("email-test-") && address == "ada@acme.example", "{id} {address}");

    // Nobody else of the organization can have it, in whatever case; elsewhere it is free.
    for wanted in ["ada@acme.example", "Ada@Acme.example"] {
        let made = app.post(&members(&acme), json!({ "email_address": wanted })).await;
        let said = made.refused(400, "duplicate_member_email");
        assert!(text(&said["error_message"]).contains("unlink_retired_email"), "{said}");
        let body = json!({ "email_address": wanted });
        let taken = app.put(&format!("{}/{grace}", members(&acme)), body).await;
        taken.refused(400, "duplicate_member_email");
    }
    app.member(&globex, "ada@acme.example", json!({})).await;

    // Its own member can.
    readdress(&app, &acme, &ada, "ada@acme.example", json!({})).await;
    assert_eq!(retired(&app, &acme, &ada).await[0].1, "ada.lovelace@acme.example");
    readdress(&app, &acme, &ada, "ada.lovelace@acme.example", json!({})).await;
    assert_eq!(retired(&app, &acme, &ada).await, [(id.clone(), address)], "the id is that of the address");

    let unlink = format!("{}/{ada}/unlink_retired_email", members(&acme));
    app.post(&unlink, json!({})).await.refused(400, "missing_required_field");
    app.post(&unlink, json!({ "email_id": "nonsense" })).await.refused(404, "email_not_found");
    app.post(&unlink, json!({ "email_address": "nonsense" })).await.refused(400, "invalid_email");
    let current = json!({ "email_address": "ada.lovelace@acme.example" });
    app.post(&unlink, current).await.refused(404, "email_not_found");
    let both = json!({ "email_id": id, "email_address": "other@acme.example" });
    app.post(&unlink, both).await.refused(404, "email_not_found");
    let of_grace = format!("{}/{grace}/unlink_retired_email", members(&acme));
    app.post(&of_grace, json!({ "email_id": id })).await.refused(404, "email_not_found");

    let done = app.post(&unlink, json!({ "email_id": id })).await.ok();
    assert_eq!((&done["member_id"], &done["organization_id"]), (&json!(ada), &json!(acme)));
    assert_eq!(done["member"]["retired_email_addresses"], json!([]));
    assert_eq!(done["organization"]["organization_id"], acme.as_str());
    app.post(&unlink, json!({ "email_id": id })).await.refused(404, "email_not_found");
    readdress(&app, &acme, &grace, "ada@acme.example", json!({})).await;
    let told = app.get("/v1/vestibule/events?action=member.unlink_retired_email").await.ok();
    assert_eq!(told["events"][0]["object"]["id"], ada.as_str());
}

async fn an_address_that_is_forgotten_is_free(app: TestApp) {
    let acme = app.organization("acme", json!({})).await;
    let ada = app.member(&acme, "ada@acme.example", json!({})).await;
    readdress(&app, &acme, &ada, "ada.lovelace@acme.example", json!({ "unlink_email": true })).await;
    assert_eq!(retired(&app, &acme, &ada).await, []);
    app.member(&acme, "ada@acme.example", json!({})).await;
}

/// Whoever is first has it: two members never do, one now and one reserved.
async fn who_takes_and_who_leaves_an_address_at_once(app: TestApp) {
    let acme = app.organization("acme", json!({})).await;
    let other = app.second_node().await;
    for round in 0..12 {
        let address = format!("ada{round}@acme.example");
        let ada = app.member(&acme, &address, json!({})).await;
        let left = json!({ "email_address": format!("new{round}@acme.example") });
        let (path, all) = (format!("{}/{ada}", members(&acme)), members(&acme));
        let (left, taken) =
            tokio::join!(app.put(&path, left), other.post(&all, json!({ "email_address": address })));
        left.ok();
        taken.refused(400, "duplicate_member_email");
    }
}

async fn a_deleted_members_addresses_are_free(app: TestApp) {
    let acme = app.organization("acme", json!({ "claimed_email_domains": ["acme.example"] })).await;
    let connection = app.connection(&acme).await;
    let ada = text(&app.session(&connection, "ada.lovelace@acme.example").await["member_id"]);
    readdress(&app, &acme, &ada, "ada@acme.example", json!({})).await;
    // Mail to the new address reaches them.
    let shown = crate::discovery::shown(&app, "ada@acme.example").await;
    let body = json!({ "intermediate_session_token": shown, "organization_id": acme });
    app.post("/v1/b2b/discovery/intermediate_sessions/exchange", body).await.ok();
    app.delete(&format!("{}/{ada}", members(&acme))).await.ok();
    app.member(&acme, "ada.lovelace@acme.example", json!({})).await;
    // Who took the address of a deleted member has it reserved when they leave it, also from that member.
    let taker = app.member(&acme, "ada@acme.example", json!({})).await;
    readdress(&app, &acme, &taker, "taker@acme.example", json!({})).await;
    let back = format!("{}/{ada}/reactivate", members(&acme));
    app.put(&back, json!({})).await.refused(400, "duplicate_member_email");
    let unlink = format!("{}/{taker}/unlink_retired_email", members(&acme));
    app.post(&unlink, json!({ "email_address": "ada@acme.example" })).await.ok();
    assert_eq!(app.put(&back, json!({})).await.ok()["member"]["retired_email_addresses"], json!([]));
    // An organization goes with all of it.
    readdress(&app, &acme, &taker, "next@acme.example", json!({})).await;
    app.delete(&format!("/v1/b2b/organizations/{acme}")).await.ok();
}

async fn a_sign_in_does_not_take_a_reserved_address(app: TestApp) {
    let acme = app.organization("acme", json!({})).await;
    let connection = app.connection(&acme).await;
    let ada = app.member(&acme, "ada@acme.example", json!({})).await;
    readdress(&app, &acme, &ada, "ada.lovelace@acme.example", json!({})).await;
    let mut browser = Browser::new(&app);
    let refused = browser.sign_in(&connection, "ada@acme.example").await;
    refused.refusal_page("duplicate_member_email");
    let trace = &app.traces().await[0];
    assert_eq!(trace["error_type"], "duplicate_member_email", "{trace}");
    assert!(trace.to_string().contains("unlink_retired_email"), "{trace}");
}

async fn addresses_of_one_member_are_bounded(app: TestApp) {
    let acme = app.organization("acme", json!({})).await;
    let ada = app.member(&acme, "ada0@acme.example", json!({})).await;
    for number in 1..=22 {
        readdress(&app, &acme, &ada, &format!("ada{number}@acme.example"), json!({})).await;
    }
    let listed = retired(&app, &acme, &ada).await;
    assert_eq!((listed.len(), listed[0].1.as_str()), (20, "ada2@acme.example"));
    app.member(&acme, "ada0@acme.example", json!({})).await;
    let taken = app.post(&members(&acme), json!({ "email_address": "ada2@acme.example" })).await;
    taken.refused(400, "duplicate_member_email");
}

async fn members_unlink_what_is_theirs(app: TestApp) {
    let acme = app.organization("acme", json!({})).await;
    let ada = app.member(&acme, "ada@acme.example", json!({})).await;
    let grace = app.member(&acme, "grace@acme.example", json!({})).await;
    for (member, name) in [(&ada, "ada"), (&grace, "grace")] {
        readdress(&app, &acme, member, &format!("{name}2@acme.example"), json!({})).await;
    }
    let session = session_of(&app, &ada).await;
    let unlink = async |member: &str, address: &str| {
        let path = format!("{}/{member}/unlink_retired_email", members(&acme));
        app.as_member(&session, Method::POST, &path, json!({ "email_address": address })).await
    };
    let refused = unlink(&grace, "grace@acme.example").await.refused(403, "session_authorization_error");
    assert!(text(&refused["error_message"]).contains("update.info.unlink.retired-email"), "{refused}");
    unlink(&ada, "ada@acme.example").await.ok();
}

async fn a_phone_number_is_removed(app: TestApp) {
    let acme = app.organization("acme", json!({})).await;
    let phone = json!({ "mfa_phone_number": "+15555550123" });
    let ada = app.member(&acme, "ada@acme.example", phone).await;
    let path = format!("{}/{ada}", members(&acme));
    app.put(&path, json!({ "default_mfa_method": "sms_otp", "mfa_enrolled": true })).await.ok();
    let delete = format!("{}/mfa_phone_numbers/{ada}", members(&acme));
    let done = app.delete(&delete).await.ok();
    let member = &done["member"];
    assert_eq!((&member["mfa_phone_number"], &member["default_mfa_method"]), (&json!(""), &json!("")));
    assert_eq!(
        member["mfa_enrolled"], true,
        "nobody loses a second factor that is asked for by losing a number"
    );
    app.delete(&delete).await.ok();
    let told = app.get("/v1/vestibule/events?action=member.delete_mfa_phone_number").await.ok();
    assert_eq!(told["events"].as_array().unwrap().len(), 1, "what was not there is not removed twice");

    let grace = app.member(&acme, "grace@acme.example", json!({})).await;
    let session = session_of(&app, &grace).await;
    let as_grace = async |member: &str| {
        let path = format!("{}/mfa_phone_numbers/{member}", members(&acme));
        app.as_member(&session, Method::DELETE, &path, json!({})).await
    };
    as_grace(&ada).await.refused(403, "session_authorization_error");
    as_grace(&grace).await.ok();
}

async fn there_are_no_passwords_and_no_connected_apps(app: TestApp) {
    let acme = app.organization("acme", json!({})).await;
    let ada = app.member(&acme, "ada@acme.example", json!({})).await;
    let here = format!("/v1/b2b/organizations/{acme}");
    app.delete(&format!("{here}/members/passwords/member-password-test-1"))
        .await
        .refused(404, "member_password_not_found");
    for path in [format!("{here}/connected_apps"), format!("{here}/members/{ada}/connected_apps")] {
        assert_eq!(app.get(&path).await.ok()["connected_apps"], json!([]));
    }
    app.get(&format!("{here}/connected_apps/connected-app-test-1"))
        .await
        .refused(404, "connected_app_not_found");
    app.get(&format!("{here}/members/nobody/connected_apps")).await.refused(404, "member_not_found");
    let session = session_of(&app, &ada).await;
    let own = format!("{here}/members/{ada}/connected_apps");
    assert_eq!(app.as_member(&session, Method::GET, &own, json!({})).await.ok()["connected_apps"], json!([]));
}

async fn what_providers_say_of_a_member(app: TestApp) {
    let acme = app.organization("acme", json!({})).await;
    let connection = app.connection(&acme).await;
    let session = app.session(&connection, "ada@acme.example").await;
    let ada = text(&session["member_id"]);
    let path = format!("{}/{ada}/oidc_providers", members(&acme));
    let shown = app.get(&format!("{path}?include_refresh_token=true")).await.ok();
    let listed = shown["registrations"].as_array().unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["connection_id"], connection.as_str());
    assert_eq!(
        listed[0]["provider_subject"], session["member"]["sso_registrations"][0]["external_id"],
        "{shown}"
    );
    // What it does not keep it does not invent.
    for name in ["id_token", "access_token"] {
        assert_eq!(listed[0][name], "");
    }
    app.get(&format!("{path}?include_refresh_token=perhaps")).await.refused(400, "invalid_field");
    let grace = app.member(&acme, "grace@acme.example", json!({})).await;
    let nobody = app.get(&format!("{}/{grace}/oidc_providers", members(&acme))).await.ok();
    assert_eq!(nobody["registrations"], json!([]));
}

async fn products_that_are_not_here_say_so(app: TestApp) {
    let attest = async |body| app.post("/v1/b2b/sessions/attest", body).await;
    attest(json!({})).await.refused(400, "missing_required_field");
    let said = attest(json!({ "profile_id": "p", "token": "t" })).await.refused(400, "feature_not_supported");
    assert!(text(&said["error_message"]).contains("sessions/migrate"), "{said}");
    let exchange = async |body| app.post("/v1/b2b/sessions/exchange_access_token", body).await;
    exchange(json!({})).await.refused(400, "missing_required_field");
    let said = exchange(json!({ "access_token": "t" })).await.refused(400, "feature_not_supported");
    assert!(text(&said["error_message"]).contains("sessions/exchange"), "{said}");
    for id in ["nonsense", "project-test-00000000-0000-4000-8000-000000000000"] {
        app.get(&format!("/v1/b2b/sessions/jwks/{id}")).await.refused(404, "project_not_found");
    }
}

async fn a_client_asks_who_it_is(app: TestApp) {
    let said = app.get("/v1/debug/whoami").await.ok();
    assert_eq!(said["project_id"], app.project.id.to_string());
    assert_eq!(said["name"], app.project.name);
}
