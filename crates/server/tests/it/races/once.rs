//! What is good once, brought by fifty at the same moment: one of them goes on and the others are told why not, on one server
//! and on two. Links and codes of a sign-in by mail are in `by_mail.rs`, second factors in `second_factors/together.rs`, the
//! exchange of what was shown in `discovery.rs`; here is what is left of them.

use serde_json::{Value, json};

use super::{at_once, is_done, is_orderly, name_of};
use crate::app::{TestApp, on_both_engines, text};
use crate::by_mail::{code, token};
use crate::discovery::shown;
use crate::reply::Reply;

const AT_ONCE: usize = 50;
const CREATE: &str = "/v1/b2b/discovery/organizations/create";
const EXCHANGE: &str = "/v1/b2b/discovery/intermediate_sessions/exchange";
const FOLLOW: &str = "/v1/b2b/magic_links/authenticate";
const ENTER: &str = "/v1/b2b/otps/email/authenticate";
const ADA: &str = "ada@acme.test";
const NEW: &str = "lovelace@acme.test";

on_both_engines!(
    one_address_founds_one_of_fifty_organizations,
    one_address_founds_one_of_fifty_organizations_on_two_nodes,
    what_was_shown_leads_to_one_place_of_many,
    what_was_shown_leads_to_one_place_of_many_on_two_nodes,
    an_invitation_is_followed_by_one_of_fifty,
    an_invitation_is_followed_by_one_of_fifty_on_two_nodes,
    a_link_to_another_address_is_followed_by_one_of_fifty,
    a_link_to_another_address_is_followed_by_one_of_fifty_on_two_nodes,
    a_code_to_another_address_is_entered_by_one_of_fifty,
    a_code_to_another_address_is_entered_by_one_of_fifty_on_two_nodes,
);

async fn one_address_founds_one_of_fifty_organizations(app: TestApp) {
    founding(&[app]).await;
}

async fn one_address_founds_one_of_fifty_organizations_on_two_nodes(app: TestApp) {
    founding(&[app.second_node().await, app]).await;
}

async fn what_was_shown_leads_to_one_place_of_many(app: TestApp) {
    choosing(&[app]).await;
}

async fn what_was_shown_leads_to_one_place_of_many_on_two_nodes(app: TestApp) {
    choosing(&[app.second_node().await, app]).await;
}

async fn an_invitation_is_followed_by_one_of_fifty(app: TestApp) {
    invitation(&[app]).await;
}

async fn an_invitation_is_followed_by_one_of_fifty_on_two_nodes(app: TestApp) {
    invitation(&[app.second_node().await, app]).await;
}

async fn a_link_to_another_address_is_followed_by_one_of_fifty(app: TestApp) {
    moving_by_link(&[app]).await;
}

async fn a_link_to_another_address_is_followed_by_one_of_fifty_on_two_nodes(app: TestApp) {
    moving_by_link(&[app.second_node().await, app]).await;
}

async fn a_code_to_another_address_is_entered_by_one_of_fifty(app: TestApp) {
    moving_by_code(&[app]).await;
}

async fn a_code_to_another_address_is_entered_by_one_of_fifty_on_two_nodes(app: TestApp) {
    moving_by_code(&[app.second_node().await, app]).await;
}

/// Sends all requests at the same moment, to one node after the other, and gives what the one was told who went on.
async fn winner(nodes: &[TestApp], requests: Vec<(&'static str, Value)>, loser: &str) -> Value {
    let asking = requests.into_iter().zip(nodes.iter().cycle().cloned());
    let replies: Vec<Reply> =
        at_once(asking.map(|((path, body), node)| async move { node.post(path, body).await })).await;
    let (won, lost): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| is_done(reply));
    for reply in lost {
        assert!(is_orderly(reply) && name_of(reply).as_deref() == Some(loser), "{}", reply.text());
    }
    assert_eq!(won.len(), 1, "so many went on");
    won[0].json()
}

async fn organizations(app: &TestApp) -> usize {
    let found = app.post("/v1/b2b/organizations/search", json!({})).await.ok();
    found["organizations"].as_array().unwrap().len()
}

/// The live sessions of a member.
async fn sessions(app: &TestApp, came: &Value) -> usize {
    let (organization, member) = (text(&came["organization_id"]), text(&came["member_id"]));
    let path = format!("/v1/b2b/sessions?organization_id={organization}&member_id={member}");
    app.get(&path).await.ok()["member_sessions"].as_array().unwrap().len()
}

async fn founding(nodes: &[TestApp]) {
    let app = &nodes[0];
    let before = organizations(app).await;
    let body = json!({ "intermediate_session_token": shown(app, ADA).await });
    let came = winner(nodes, vec![(CREATE, body); AT_ONCE], "intermediate_session_not_found").await;
    assert_eq!(organizations(app).await, before + 1);
    assert_eq!(sessions(app, &came).await, 1);
}

/// To organizations that know the address, to one that lets it in, and to new ones.
async fn choosing(nodes: &[TestApp]) {
    let app = &nodes[0];
    let open = json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.test"] });
    let places = [
        app.organization("acme", json!({})).await,
        app.organization("globex", json!({})).await,
        app.organization("open", open).await,
    ];
    for organization in &places[..2] {
        app.member(organization, ADA, json!({ "create_member_as_pending": true })).await;
    }
    let (before, token) = (organizations(app).await, shown(app, ADA).await);
    let to =
        |place: &String| (EXCHANGE, json!({ "intermediate_session_token": token, "organization_id": place }));
    let new = (CREATE, json!({ "intermediate_session_token": token }));
    let requests: Vec<_> = places.iter().map(to).chain([new]).cycle().take(AT_ONCE).collect();
    let came = winner(nodes, requests, "intermediate_session_not_found").await;
    assert_eq!(sessions(app, &came).await, 1);
    let is_there = organizations(app).await - before + app.member_count(&places[2]).await;
    let went_there = usize::from(!places[..2].contains(&text(&came["organization_id"])));
    assert_eq!(is_there, went_there, "whoever did not go on has made nothing");
    for organization in &places[..2] {
        let path = format!("/v1/b2b/organizations/{organization}/member?email_address={ADA}");
        let status = app.get(&path).await.ok()["member"]["status"].clone();
        let arrived = came["organization_id"] == organization.as_str();
        assert_eq!(status == "active", arrived, "{organization}: {status}");
    }
}

async fn invitation(nodes: &[TestApp]) {
    let app = &nodes[0];
    let organization = app.organization("acme", json!({ "email_invites": "ALL_ALLOWED" })).await;
    let invited = json!({ "organization_id": organization, "email_address": ADA });
    app.post("/v1/b2b/magic_links/email/invite", invited).await.ok();
    let body = json!({ "magic_links_token": token(app, ADA).await });
    let came = winner(nodes, vec![(FOLLOW, body); AT_ONCE], "unable_to_auth_magic_link").await;
    assert_eq!(sessions(app, &came).await, 1);
    assert_eq!(app.member_count(&organization).await, 1);
}

/// A member whose address is about to be another.
async fn moving(app: &TestApp, method: &str) -> String {
    let organization = app.organization("acme", json!({})).await;
    let member = app.member(&organization, ADA, json!({})).await;
    let path = format!("/v1/b2b/organizations/{organization}/members/{member}/start_email_update");
    app.post(&path, json!({ "email_address": NEW, "delivery_method": method })).await.ok();
    organization
}

async fn moved(app: &TestApp, came: &Value) {
    let member = &came["member"];
    let retired = member["retired_email_addresses"].as_array().unwrap();
    assert_eq!((&member["email_address"], retired.len()), (&json!(NEW), 1));
    assert_eq!(sessions(app, came).await, 1);
}

async fn moving_by_link(nodes: &[TestApp]) {
    let app = &nodes[0];
    moving(app, "EMAIL_MAGIC_LINK").await;
    let body = json!({ "magic_links_token": token(app, NEW).await });
    let came = winner(nodes, vec![(FOLLOW, body); AT_ONCE], "unable_to_auth_magic_link").await;
    moved(app, &came).await;
}

async fn moving_by_code(nodes: &[TestApp]) {
    let app = &nodes[0];
    let organization = moving(app, "EMAIL_OTP").await;
    let body = json!({ "organization_id": organization, "email_address": NEW, "code": code(app, NEW).await });
    let came = winner(nodes, vec![(ENTER, body); AT_ONCE], "otp_code_not_found").await;
    moved(app, &came).await;
}
