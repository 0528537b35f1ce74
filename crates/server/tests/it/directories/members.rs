//! What becomes of members: a person of the directory and whoever signs in is one member; who is locked out is out at once, in
//! every way; and nobody whom the directory has removed comes back unasked.

use http::Method;
use serde_json::json;

use super::{Directory, refused};
use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;

on_both_engines!(
    a_person_and_a_sign_in_are_one_member,
    who_is_there_already_is_tied,
    who_is_locked_out_is_out_at_once,
    a_sign_in_under_way_ends_with_a_refusal,
    nobody_who_was_removed_comes_back_unasked,
    who_was_removed_may_return_where_that_is_said,
    who_is_made_anew_has_another_id,
    an_address_follows_the_directory,
    the_directory_says_what_its_people_are_called,
    what_the_backend_did_is_seen_by_the_directory,
    who_has_no_address_is_nobody_yet,
    a_directory_that_is_disconnected_says_nothing_more,
);

fn work(address: &str) -> serde_json::Value {
    json!({ "emails": [{ "value": address, "type": "work", "primary": true }] })
}

async fn a_person_and_a_sign_in_are_one_member(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let connection = app.connection(&directory.organization).await;
    let user = directory.user("ada", &work("Ada@Acme.example.com")).await;
    let provisioned = directory.member("ada@acme.example.com").await.unwrap();
    assert_eq!(provisioned["status"], "active");
    let session = app.session(&connection, "ada@acme.example.com").await;
    assert_eq!(session["member"]["member_id"], provisioned["member_id"]);
    let registration = &session["member"]["scim_registration"];
    assert_eq!(registration["registration_id"], user.as_str());
    assert_eq!(registration["scim_attributes"]["user_name"], "ada");
    assert_eq!(registration["scim_attributes"]["emails"][0]["value"], "Ada@Acme.example.com");
    assert_eq!(app.member_count(&directory.organization).await, 1);
    let active = &session["organization"]["scim_active_connection"];
    assert_eq!(active["connection_id"], directory.id.as_str());
    assert!(directory.token.ends_with(&text(&active["bearer_token_last_four"])));
}

async fn who_is_there_already_is_tied(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let more = json!({ "name": "Countess", "roles": ["stytch_admin"] });
    let member = app.member(&directory.organization, "ada@acme.example.com", more).await;
    directory.user("ada@acme.example.com", &json!({ "displayName": "Ada" })).await;
    let tied = directory.member("ada@acme.example.com").await.unwrap();
    assert_eq!((&tied["member_id"], &tied["name"]), (&json!(member), &json!("Countess")));
    assert_eq!(tied["is_admin"], true, "what somebody was given by name stays");
    // A second person of the directory is not the same member.
    let body = json!({ "userName": "other", "emails": [{ "value": "ada@acme.example.com" }] });
    assert_eq!(refused(&directory.post("/Users", &body).await), (409, "uniqueness".to_owned()));
}

async fn who_is_locked_out_is_out_at_once(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let connection = app.connection(&directory.organization).await;
    let user = directory.user("ada@acme.example.com", &json!({})).await;
    let session = app.session(&connection, "ada@acme.example.com").await;
    let (token, member) = (text(&session["session_token"]), text(&session["member"]["member_id"]));
    let waiting = Browser::new(&app).token(&connection, "ada@acme.example.com").await;
    let roles = json!({ "roles": ["stytch_admin"] });
    let place = format!("/v1/b2b/organizations/{}/members/{member}", directory.organization);
    app.put(&place, roles).await.ok();

    let shown = directory.set_active(&user, false).await;
    assert_eq!((shown.status.as_u16(), &shown.json()["active"]), (200, &json!(false)));
    let asked = app.post("/v1/b2b/sessions/authenticate", json!({ "session_token": token })).await;
    asked.refused(404, "session_not_found");
    app.redeem(&waiting).await.refused(404, "sso_token_not_found");
    let gone = directory.member("ada@acme.example.com").await.unwrap();
    assert_eq!((&gone["status"], &gone["is_admin"]), (&json!("deleted"), &json!(false)));
    let page = Browser::new(&app).sign_in(&connection, "ada@acme.example.com").await;
    page.refusal_page("member_removed_by_directory");
    // Whoever is out can still be read, and found.
    assert_eq!(directory.get(&format!("/Users/{user}")).await.json()["active"], false);
    let filter = "/Users?filter=userName%20eq%20%22ada%40acme.example.com%22%20and%20active%20eq%20false";
    assert_eq!(directory.get(filter).await.json()["totalResults"], 1);

    let back = directory.set_active(&user, true).await;
    assert_eq!(back.json()["active"], true);
    let session = app.session(&connection, "ada@acme.example.com").await;
    assert_eq!(session["member"]["member_id"], member.as_str(), "the same member as before");
    assert_eq!(session["member"]["is_admin"], false, "roles given by name do not come back");
}

/// The provider has answered, and the answer is brought when the directory has locked the person out.
async fn a_sign_in_under_way_ends_with_a_refusal(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let connection = app.connection(&directory.organization).await;
    let user = directory.user("ada@acme.example.com", &json!({})).await;
    app.session(&connection, "ada@acme.example.com").await;
    for _ in 0..2 {
        let mut browser = Browser::new(&app);
        let authorize = browser.start(&connection, &[]).await;
        let back = browser.approve(&authorize, "ada@acme.example.com", None).await;
        assert_eq!(directory.set_active(&user, false).await.status, 200);
        browser.bring(&back).await.refusal_page("member_removed_by_directory");
        assert_eq!(directory.set_active(&user, true).await.status, 200);
    }
}

async fn nobody_who_was_removed_comes_back_unasked(app: TestApp) {
    let policy = json!({
        "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.example.com"],
    });
    let directory = Directory::connect(&app, "acme", policy).await;
    let connection = app.connection(&directory.organization).await;
    let user = directory.user("ada", &work("ada@acme.example.com")).await;
    assert_eq!(directory.delete(&format!("/Users/{user}")).await.status, 204);
    assert_eq!(refused(&directory.get(&format!("/Users/{user}")).await).0, 404);
    assert_eq!(refused(&directory.delete(&format!("/Users/{user}")).await).0, 404);
    let page = Browser::new(&app).sign_in(&connection, "ada@acme.example.com").await;
    page.refusal_page("member_removed_by_directory");
    let body = json!({ "organization_id": directory.organization, "email_address": "ada@acme.example.com" });
    let mailed = app.post("/v1/b2b/magic_links/email/login_or_signup", body).await;
    mailed.refused(400, "member_removed_by_directory");
    // Somebody else of the company comes in as before.
    app.session(&connection, "grace@acme.example.com").await;
    // The backend's word is somebody's decision.
    let again = app.member(&directory.organization, "ada@acme.example.com", json!({})).await;
    let session = app.session(&connection, "ada@acme.example.com").await;
    assert_eq!(session["member"]["member_id"], again.as_str());
}

async fn who_was_removed_may_return_where_that_is_said(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let connection = app.connection(&directory.organization).await;
    let path = format!("/v1/b2b/scim/{}/connection", directory.organization);
    let shown = app.get(&path).await.ok();
    assert_eq!(shown["connection"]["removed_members_may_return"], false);
    let removed = directory.user("ada@acme.example.com", &json!({})).await;
    let locked = directory.user("grace@acme.example.com", &json!({})).await;
    let before = directory.member("ada@acme.example.com").await.unwrap();
    assert_eq!(directory.delete(&format!("/Users/{removed}")).await.status, 204);
    assert_eq!(directory.set_active(&locked, false).await.status, 200);
    let says = async |may: bool| {
        let body = json!({ "removed_members_may_return": may });
        let changed = app.put(&format!("{path}/{}", directory.id), body).await.ok();
        assert_eq!(changed["connection"]["removed_members_may_return"], may);
        assert_eq!(changed["connection"]["display_name"], "People");
    };
    says(true).await;
    // They are somebody new, without what they had.
    let session = app.session(&connection, "ada@acme.example.com").await;
    assert_ne!(session["member"]["member_id"], before["member_id"]);
    says(false).await;
    let page = Browser::new(&app).sign_in(&connection, "grace@acme.example.com").await;
    page.refusal_page("member_removed_by_directory");
    says(true).await;
    let session = app.session(&connection, "grace@acme.example.com").await;
    // Whom the directory activates is who has come back since.
    assert_eq!(directory.set_active(&locked, true).await.status, 200);
    let now = directory.member("grace@acme.example.com").await.unwrap();
    assert_eq!(now["member_id"], session["member"]["member_id"]);
}

async fn who_is_made_anew_has_another_id(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let connection = app.connection(&directory.organization).await;
    let one = directory.user("ada@acme.example.com", &json!({ "externalId": "1" })).await;
    let before = directory.member("ada@acme.example.com").await.unwrap();
    assert_eq!(directory.delete(&format!("/Users/{one}")).await.status, 204);
    let two = directory.user("ada@acme.example.com", &json!({ "externalId": "2" })).await;
    assert_ne!(one, two);
    let session = app.session(&connection, "ada@acme.example.com").await;
    assert_eq!(session["member"]["scim_registration"]["external_id"], "2");
    assert_ne!(session["member"]["member_id"], before["member_id"], "who is deleted stays so");
}

async fn an_address_follows_the_directory(app: TestApp) {
    let claimed = json!({ "claimed_email_domains": ["acme.example.com"] });
    let directory = Directory::connect(&app, "acme", claimed).await;
    app.organization("globex", json!({ "claimed_email_domains": ["globex.example.com"] })).await;
    let user = directory.user("ada", &work("ada@acme.example.com")).await;
    directory.user("bob", &work("bob@acme.example.com")).await;
    let member = directory.member("ada@acme.example.com").await.unwrap();
    assert_eq!(member["email_address_verified"], true, "the domain is the organization's");
    let to = |address: &str| json!([{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": address }]);
    let place = format!("/Users/{user}");
    assert_eq!(directory.patch(&place, &to("ada.king@acme.example.com")).await.status, 200);
    let moved = directory.member("ada.king@acme.example.com").await.unwrap();
    assert_eq!((&moved["member_id"], &moved["email_address_verified"]), (&member["member_id"], &json!(true)));
    assert_eq!(moved["retired_email_addresses"][0]["email_address"], "ada@acme.example.com");
    // Nobody's address is taken, and nothing of a refused request is done.
    let taken = directory.patch(&place, &to("bob@acme.example.com")).await;
    assert_eq!(refused(&taken), (409, "uniqueness".to_owned()));
    let foreign = directory.patch(&place, &to("ada@globex.example.com")).await;
    assert_eq!(refused(&foreign), (400, "invalidValue".to_owned()));
    let shown = directory.get(&place).await.json();
    assert_eq!(shown["emails"][0]["value"], "ada.king@acme.example.com");
    // In a domain that is nobody's the address is the member's, and not verified.
    assert_eq!(directory.patch(&place, &to("ada@elsewhere.example.com")).await.status, 200);
    let outside = directory.member("ada@elsewhere.example.com").await.unwrap();
    assert_eq!(outside["email_address_verified"], false);
}

/// The directory's name stands before the provider's, and behind what somebody has written since it last changed.
async fn the_directory_says_what_its_people_are_called(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let connection = app.connection(&directory.organization).await;
    let user = directory.user("ada@acme.example.com", &json!({ "displayName": "Ada King" })).await;
    let name = async || directory.member("ada@acme.example.com").await.unwrap()["name"].clone();
    app.provider.set_people(&[("ada", "ada@acme.example.com", "Lady Lovelace")]);
    app.session(&connection, "ada@acme.example.com").await;
    assert_eq!(name().await, "Ada King");
    let member = text(&directory.member("ada@acme.example.com").await.unwrap()["member_id"]);
    let place = format!("/v1/b2b/organizations/{}/members/{member}", directory.organization);
    app.put(&place, json!({ "name": "Countess" })).await.ok();
    let title = json!([{ "op": "add", "path": "title", "value": "Analyst" }]);
    assert_eq!(directory.patch(&format!("/Users/{user}"), &title).await.status, 200);
    assert_eq!(name().await, "Countess", "what the directory has not changed stays");
    let named = json!([{ "op": "replace", "path": "displayName", "value": "Ada Byron" }]);
    assert_eq!(directory.patch(&format!("/Users/{user}"), &named).await.status, 200);
    assert_eq!(name().await, "Ada Byron");
}

async fn what_the_backend_did_is_seen_by_the_directory(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let user = directory.user("ada@acme.example.com", &json!({})).await;
    let member = text(&directory.member("ada@acme.example.com").await.unwrap()["member_id"]);
    let place = format!("/v1/b2b/organizations/{}/members/{member}", directory.organization);
    app.delete(&place).await.ok();
    assert_eq!(directory.get(&format!("/Users/{user}")).await.json()["active"], false);
    // A change of something else does not let them in again; saying so does.
    let title = json!([{ "op": "add", "path": "title", "value": "Analyst" }]);
    assert_eq!(directory.patch(&format!("/Users/{user}"), &title).await.json()["active"], false);
    assert_eq!(directory.set_active(&user, true).await.json()["active"], true);
    assert_eq!(directory.member("ada@acme.example.com").await.unwrap()["status"], "active");
    // Who comes back by a sign-in after that is one member with whom the directory has.
    let connection = app.connection(&directory.organization).await;
    app.delete(&place).await.ok();
    let session = app.session(&connection, "ada@acme.example.com").await;
    assert_ne!(session["member"]["member_id"], member.as_str());
    assert_eq!(directory.set_active(&user, true).await.json()["active"], true);
    let one = directory.member("ada@acme.example.com").await.unwrap();
    assert_eq!(one["member_id"], session["member"]["member_id"]);
    assert_eq!(one["scim_registration"]["registration_id"], user.as_str());
}

async fn who_has_no_address_is_nobody_yet(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let user = directory.user("ada", &json!({})).await;
    let inactive = directory.user("bob@acme.example.com", &json!({ "active": false })).await;
    assert_eq!(app.member_count(&directory.organization).await, 0);
    let added = json!([{ "op": "add", "path": "emails", "value": [{ "value": "ada@acme.example.com" }] }]);
    assert_eq!(directory.patch(&format!("/Users/{user}"), &added).await.status, 200);
    assert_eq!(directory.member("ada@acme.example.com").await.unwrap()["status"], "active");
    let connection = app.connection(&directory.organization).await;
    let page = Browser::new(&app).sign_in(&connection, "bob@acme.example.com").await;
    page.refusal_page("member_removed_by_directory");
    assert_eq!(directory.set_active(&inactive, true).await.status, 200);
    app.session(&connection, "bob@acme.example.com").await;
}

async fn a_directory_that_is_disconnected_says_nothing_more(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let connection = app.connection(&directory.organization).await;
    let one = directory.user("ada@acme.example.com", &json!({})).await;
    let two = directory.user("bob@acme.example.com", &json!({})).await;
    assert_eq!(directory.delete(&format!("/Users/{two}")).await.status, 204);
    let path = format!("/v1/b2b/scim/{}/connection", directory.organization);
    let removed = app.delete(&format!("{path}/{}", directory.id)).await.ok();
    assert_eq!(removed["connection_id"], directory.id.as_str());
    assert_eq!(refused(&directory.get(&format!("/Users/{one}")).await).0, 401);
    let ada = directory.member("ada@acme.example.com").await.unwrap();
    assert_eq!((&ada["status"], &ada["scim_registration"]), (&json!("active"), &json!(null)));
    app.session(&connection, "bob@acme.example.com").await;
    assert_eq!(app.get(&path).await.ok()["connection"], json!(null));
    // Another one finds the members who are there.
    let next = Directory::of(&app, &directory.organization).await;
    next.user("ada@acme.example.com", &json!({})).await;
    let tied = next.member("ada@acme.example.com").await.unwrap();
    assert_eq!(tied["member_id"], ada["member_id"]);
    let answer = next.send(Method::GET, "/Users", "").await.json();
    assert_eq!(answer["totalResults"], 1);
}
