//! Discovery: somebody who has shown an address goes on in an organization that knows it, in one that lets it in, or in a new
//! one. What was shown counts once.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use vestibule_domain::login::IntermediateSession;
use vestibule_domain::secret::Token;
use vestibule_domain::session::{EmailMethod, Factor, FactorKind};
use vestibule_store::tables::intermediate;

use crate::app::{TestApp, on_both_engines, text};
use crate::by_mail::code;

on_both_engines!(
    an_address_leads_to_those_who_know_it_and_those_who_let_it_in,
    a_crowd_hides_nobody_who_has_claimed_the_domain,
    an_organization_is_entered_by_an_address,
    a_domain_that_is_let_in_makes_a_member,
    a_new_organization_has_its_founder_as_administrator,
    what_was_shown_is_used_once,
    what_was_shown_is_nothing_to_others,
    a_session_by_mail_goes_on_elsewhere_and_one_by_sso_does_not,
    who_left_an_address_speaks_for_it_no_more,
    what_counts_in_one_organization_counts_in_no_other,
    a_strangers_address_is_not_kept_in_a_session,
    what_an_organization_demands_is_asked_for,
);

const LIST: &str = "/v1/b2b/discovery/organizations";
const CREATE: &str = "/v1/b2b/discovery/organizations/create";
const EXCHANGE: &str = "/v1/b2b/discovery/intermediate_sessions/exchange";

/// The token of somebody who has shown that mail to an address reaches them, as a magic link leaves it.
pub(crate) async fn shown(app: &TestApp, address: &str) -> String {
    let now = app.app.clock.now();
    let token = Token::generate(app.app.entropy.as_ref());
    let address = address.to_owned().try_into().unwrap();
    let kind = FactorKind::Email { method: EmailMethod::MagicLink, address };
    let factor = Factor { kind, created_at: now, last_authenticated_at: now, valid_until: None };
    let waiting = IntermediateSession::unplaced(&token, app.project.id, vec![factor], now);
    app.app.store.commit(intermediate::insert(&waiting)).await.unwrap();
    token.expose().to_owned()
}

async fn listed(app: &TestApp, body: Value) -> Vec<(String, String, bool)> {
    let found = app.post(LIST, body).await.ok();
    let one = |found: &Value| {
        let slug = text(&found["organization"]["organization_slug"]);
        (slug, text(&found["membership"]["type"]), found["member_authenticated"] == true)
    };
    let mut found: Vec<_> = found["discovered_organizations"].as_array().unwrap().iter().map(one).collect();
    // All were made in the same moment.
    found.sort();
    found
}

async fn an_address_leads_to_those_who_know_it_and_those_who_let_it_in(app: TestApp) {
    let jit = json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.com"] });
    let acme = app.organization("acme", json!({})).await;
    let globex = app.organization("globex", json!({})).await;
    app.organization("initech", jit.clone()).await;
    app.organization("closed", json!({ "email_allowed_domains": ["acme.com"] })).await;
    let hooli = app.organization("hooli", jit).await;
    app.organization("stranger", json!({})).await;
    app.member(&acme, "ada@acme.com", json!({})).await;
    app.member(&globex, "ada@acme.com", json!({ "create_member_as_pending": true })).await;
    app.member(&hooli, "ada@acme.com", json!({})).await;
    let token = shown(&app, "ada@acme.com").await;
    let expected = [
        ("acme", "active_member", true),
        ("globex", "pending_member", true),
        ("hooli", "active_member", true),
        ("initech", "eligible_to_join_by_email_domain", true),
    ];
    let expected: Vec<_> =
        expected.iter().map(|(slug, kind, yes)| ((*slug).to_owned(), (*kind).to_owned(), *yes)).collect();
    let by_token = json!({ "intermediate_session_token": token });
    assert_eq!(listed(&app, by_token.clone()).await, expected);
    assert_eq!(listed(&app, by_token).await, expected, "looking uses nothing up");
    app.post(LIST, json!({})).await.refused(400, "no_session_arguments");
    let both = json!({ "intermediate_session_token": token, "session_token": "other" });
    app.post(LIST, both).await.refused(400, "too_many_session_arguments");
    let unknown = json!({ "intermediate_session_token": "unknown" });
    app.post(LIST, unknown).await.refused(404, "intermediate_session_not_found");
    // A domain that another organization has claimed is let in by nobody else.
    app.put("/v1/b2b/organizations/acme", json!({ "claimed_email_domains": ["acme.com"] })).await.ok();
    let token = shown(&app, "eve@acme.com").await;
    assert_eq!(listed(&app, json!({ "intermediate_session_token": token })).await, []);
}

/// A list has an end, and whoever likes can found organizations that let other people's domains in.
async fn a_crowd_hides_nobody_who_has_claimed_the_domain(app: TestApp) {
    let jit = json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.com"] });
    for number in 0..100 {
        app.organization(&format!("squatter-{number}"), jit.clone()).await;
    }
    app.pass(1);
    app.organization("acme", jit).await;
    let token = shown(&app, "ada@acme.com").await;
    assert_eq!(listed(&app, json!({ "intermediate_session_token": token })).await.len(), 100);
    app.put("/v1/b2b/organizations/acme", json!({ "claimed_email_domains": ["acme.com"] })).await.ok();
    let found = listed(&app, json!({ "intermediate_session_token": token })).await;
    assert_eq!(found, [("acme".to_owned(), "eligible_to_join_by_email_domain".to_owned(), true)]);
}

async fn an_organization_is_entered_by_an_address(app: TestApp) {
    let acme = app.organization("acme", json!({})).await;
    let member = app.member(&acme, "ada@acme.com", json!({ "create_member_as_pending": true })).await;
    let token = shown(&app, "ada@acme.com").await;
    let body = json!({
        "intermediate_session_token": token, "organization_id": "acme",
        "session_duration_minutes": 30, "session_custom_claims": { "plan": "pro" },
    });
    let came = app.post(EXCHANGE, body).await.ok();
    assert_eq!((&came["member_authenticated"], &came["member_id"]), (&json!(true), &json!(member)));
    assert_eq!(
        (&came["member"]["status"], &came["member"]["email_address_verified"]),
        (&json!("active"), &json!(true))
    );
    let factor = &came["member_session"]["authentication_factors"][0];
    assert_eq!((&factor["type"], &factor["delivery_method"]), (&json!("magic_link"), &json!("email")));
    assert_eq!(factor["email_factor"]["email_address"], "ada@acme.com");
    assert_eq!(came["member_session"]["custom_claims"]["plan"], "pro");
    let session = json!({ "session_token": came["session_token"] });
    app.post("/v1/b2b/sessions/authenticate", session).await.ok();
}

async fn a_domain_that_is_let_in_makes_a_member(app: TestApp) {
    let jit = json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.com"] });
    let acme = app.organization("acme", jit).await;
    app.organization("globex", json!({})).await;
    let token = shown(&app, "ada@acme.com").await;
    let to =
        |organization: &str| json!({ "intermediate_session_token": token, "organization_id": organization });
    app.post(EXCHANGE, to("globex")).await.refused(404, "member_not_found");
    app.post(EXCHANGE, to("nobody")).await.refused(404, "organization_not_found");
    let came = app.post(EXCHANGE, to("acme")).await.ok();
    assert_eq!(
        (&came["member"]["status"], &came["member"]["email_address_verified"]),
        (&json!("active"), &json!(true))
    );
    assert_eq!(app.member_count(&acme).await, 1);
    let other = shown(&app, "ada@other.com").await;
    let refused = json!({ "intermediate_session_token": other, "organization_id": "acme" });
    app.post(EXCHANGE, refused).await.refused(404, "member_not_found");
}

async fn a_new_organization_has_its_founder_as_administrator(app: TestApp) {
    let token = shown(&app, "ada@acme.com").await;
    let body = json!({
        "intermediate_session_token": token, "organization_name": "Acme", "organization_slug": "acme",
        "email_allowed_domains": ["acme.com"], "email_jit_provisioning": "RESTRICTED",
    });
    let made = app.post(CREATE, body).await.ok();
    assert_eq!(made["organization"]["organization_slug"], "acme");
    assert_eq!(made["organization"]["email_allowed_domains"], json!(["acme.com"]));
    assert_eq!(
        (&made["member"]["is_admin"], &made["member"]["email_address_verified"]),
        (&json!(true), &json!(true))
    );
    let roles = &made["member_session"]["roles"];
    assert!(roles.as_array().unwrap().contains(&json!("stytch_admin")), "{roles}");
    let again = json!({ "intermediate_session_token": token, "organization_name": "Acme" });
    app.post(CREATE, again).await.refused(404, "intermediate_session_not_found");
    // A name that is taken costs the sign-in nothing, and a derived one is made distinct.
    let token = shown(&app, "alan@acme.com").await;
    let taken =
        json!({ "intermediate_session_token": token, "organization_name": "A", "organization_slug": "acme" });
    app.post(CREATE, taken).await.refused(400, "organization_slug_already_used");
    let named = json!({ "intermediate_session_token": token, "organization_name": "Acme" });
    let made = app.post(CREATE, named).await.ok();
    assert_ne!(made["organization"]["organization_slug"], "acme");
    // Nobody founds a company beside the one that has claimed the domain.
    app.put("/v1/b2b/organizations/acme", json!({ "claimed_email_domains": ["acme.com"] })).await.ok();
    let token = shown(&app, "eve@acme.com").await;
    let beside = json!({ "intermediate_session_token": token, "organization_name": "Acme too" });
    app.post(CREATE, beside).await.refused(400, "action_not_allowed_email_domain_is_claimed");
}

async fn what_was_shown_is_used_once(app: TestApp) {
    let acme = app.organization("acme", json!({})).await;
    app.member(&acme, "ada@acme.com", json!({})).await;
    let token = shown(&app, "ada@acme.com").await;
    let nodes = [Arc::new(app.second_node().await), Arc::new(app.second_node().await)];
    let body = json!({ "intermediate_session_token": token, "organization_id": acme });
    let mut tries = JoinSet::new();
    for number in 0..50 {
        let (node, body) = (nodes[number % 2].clone(), body.clone());
        tries.spawn(async move { node.post(EXCHANGE, body).await });
    }
    let answers = tries.join_all().await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1);
    for answer in lost {
        answer.refused(404, "intermediate_session_not_found");
    }
    let member = won[0].json()["member_id"].clone();
    let list = format!("/v1/b2b/sessions?organization_id=acme&member_id={}", text(&member));
    assert_eq!(app.get(&list).await.ok()["member_sessions"].as_array().unwrap().len(), 1);
    let late = shown(&app, "ada@acme.com").await;
    app.pass(10 * 60);
    let body = json!({ "intermediate_session_token": late, "organization_id": acme });
    app.post(EXCHANGE, body).await.refused(404, "intermediate_session_not_found");
}

async fn what_was_shown_is_nothing_to_others(app: TestApp) {
    let other = app.other_project().await;
    let acme = other.organization("acme", json!({})).await;
    other.member(&acme, "ada@acme.com", json!({})).await;
    let token = shown(&app, "ada@acme.com").await;
    let body = json!({ "intermediate_session_token": token, "organization_id": "acme" });
    other.post(EXCHANGE, body).await.refused(404, "intermediate_session_not_found");
    // A sign-in of one organization's member leads into no other.
    let home = app.organization("home", json!({ "mfa_policy": "REQUIRED_FOR_ALL" })).await;
    let away = app.organization("away", json!({})).await;
    app.member(&away, "ada@acme.com", json!({})).await;
    let connection = app.connection(&home).await;
    let waiting = app.session(&connection, "ada@acme.com").await;
    let bound = text(&waiting["intermediate_session_token"]);
    let body = json!({ "intermediate_session_token": bound, "organization_id": away });
    app.post(EXCHANGE, body).await.refused(404, "intermediate_session_not_found");
    let found = listed(&app, json!({ "intermediate_session_token": bound })).await;
    assert_eq!(found, [("home".to_owned(), "active_member".to_owned(), false)]);
    let body = json!({ "intermediate_session_token": bound, "organization_name": "Mine" });
    app.post(CREATE, body).await.refused(404, "intermediate_session_not_found");
    // No token of one kind passes for another.
    let session = app.session_token().await;
    for path in [LIST, EXCHANGE, CREATE] {
        let body = json!({ "intermediate_session_token": session, "organization_id": away });
        app.post(path, body).await.refused(404, "intermediate_session_not_found");
    }
    let as_session = json!({ "session_token": shown(&app, "ada@acme.com").await });
    app.post("/v1/b2b/sessions/authenticate", as_session).await.refused(404, "session_not_found");
}

impl TestApp {
    /// The token of a session that somebody has.
    async fn session_token(&self) -> String {
        let organization = self.organization("any", json!({})).await;
        let connection = self.connection(&organization).await;
        text(&self.session(&connection, "any@example.com").await["session_token"])
    }
}

async fn a_session_by_mail_goes_on_elsewhere_and_one_by_sso_does_not(app: TestApp) {
    let path = "/v1/b2b/sessions/exchange";
    let acme = app.organization("acme", json!({})).await;
    let globex = app.organization("globex", json!({})).await;
    app.member(&acme, "ada@acme.com", json!({})).await;
    app.member(&globex, "ada@acme.com", json!({})).await;
    let token = shown(&app, "ada@acme.com").await;
    let body = json!({ "intermediate_session_token": token, "organization_id": acme });
    let session = text(&app.post(EXCHANGE, body).await.ok()["session_token"]);
    let body = json!({ "session_token": session, "organization_id": globex });
    let came = app.post(path, body).await.ok();
    assert_eq!(came["organization_id"], json!(globex));
    assert_ne!(came["session_token"], json!(session));
    app.post("/v1/b2b/sessions/authenticate", json!({ "session_token": session })).await.ok();
    let connection = app.connection(&acme).await;
    let by_sso = text(&app.session(&connection, "alan@acme.com").await["session_token"]);
    app.member(&globex, "alan@acme.com", json!({})).await;
    let body = json!({ "session_token": by_sso, "organization_id": globex });
    app.post(path, body).await.refused(400, "insufficient_factors_for_session_exchange");
    let nothing = json!({ "organization_id": globex });
    app.post(path, nothing).await.refused(400, "no_session_arguments");
    let nowhere = json!({ "session_token": session, "organization_id": "nobody" });
    app.post(path, nowhere).await.refused(404, "organization_not_found");
}

/// A session of a member of an organization, by mail to an address.
async fn by_mail(app: &TestApp, organization: &str, address: &str) -> Value {
    let token = shown(app, address).await;
    let body = json!({ "intermediate_session_token": token, "organization_id": organization });
    app.post(EXCHANGE, body).await.ok()
}

async fn who_left_an_address_speaks_for_it_no_more(app: TestApp) {
    let path = "/v1/b2b/sessions/exchange";
    let acme = app.organization("acme", json!({})).await;
    let globex = app.organization("globex", json!({})).await;
    app.organization(
        "initech",
        json!({
            "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.com"],
        }),
    )
    .await;
    let ada = app.member(&acme, "ada@acme.com", json!({})).await;
    app.member(&globex, "ada@acme.com", json!({})).await;
    let session = text(&by_mail(&app, &acme, "ada@acme.com").await["session_token"]);
    let by_session = json!({ "session_token": session });
    assert_eq!(listed(&app, by_session.clone()).await.len(), 3);
    let member = format!("/v1/b2b/organizations/acme/members/{ada}");
    app.put(&member, json!({ "email_address": "lovelace@acme.com" })).await.ok();
    // Somebody else may have it by now.
    for elsewhere in ["globex", "initech"] {
        let body = json!({ "session_token": session, "organization_id": elsewhere });
        app.post(path, body).await.refused(400, "insufficient_factors_for_session_exchange");
    }
    let home = ("acme".to_owned(), "active_member".to_owned(), true);
    assert_eq!(listed(&app, by_session.clone()).await, [home]);
    // At home it is their session as before.
    app.post(path, json!({ "session_token": session, "organization_id": acme })).await.ok();
    // The one that they have proved since leads on, and not the one before it.
    app.member(&globex, "countess@acme.com", json!({})).await;
    let update = json!({ "email_address": "countess@acme.com", "delivery_method": "EMAIL_OTP" });
    app.post(&format!("{member}/start_email_update"), update).await.ok();
    let code = code(&app, "countess@acme.com").await;
    let body = json!({
        "organization_id": acme, "email_address": "countess@acme.com", "code": code, "session_token": session,
    });
    app.post("/v1/b2b/otps/email/authenticate", body).await.ok();
    let body = json!({ "session_token": session, "organization_id": globex });
    let came = app.post(path, body).await.ok();
    assert_eq!(came["member"]["email_address"], "countess@acme.com");
    let factors = came["member_session"]["authentication_factors"].as_array().unwrap();
    assert_eq!(factors.len(), 1, "{factors:?}");
}

async fn what_counts_in_one_organization_counts_in_no_other(app: TestApp) {
    let acme = app.organization("acme", json!({})).await;
    let connection = app.connection(&acme).await;
    let by_sso = text(&app.session(&connection, "ada@acme.com").await["session_token"]);
    let strict = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["sso"] });
    let globex = app.organization("globex", strict).await;
    app.member(&globex, "ada@acme.com", json!({})).await;
    let asked = json!({ "organization_id": acme, "email_address": "ada@acme.com" });
    app.post("/v1/b2b/otps/email/login_or_signup", asked).await.ok();
    let code = code(&app, "ada@acme.com").await;
    let body = json!({
        "organization_id": acme, "email_address": "ada@acme.com", "code": code, "session_token": by_sso,
    });
    let session = text(&app.post("/v1/b2b/otps/email/authenticate", body).await.ok()["session_token"]);
    // The provider of one company has nothing to say in the other, neither when it is listed nor when it is entered.
    let found = listed(&app, json!({ "session_token": session })).await;
    let of = |slug: &str, yes| (slug.to_owned(), "active_member".to_owned(), yes);
    assert_eq!(found, [of("acme", true), of("globex", false)]);
    let body = json!({ "session_token": session, "organization_id": globex });
    let waiting = app.post("/v1/b2b/sessions/exchange", body).await.ok();
    assert_eq!(waiting["primary_required"], json!({ "allowed_auth_methods": ["sso"] }));
}

/// What somebody shows of another address does not become a part of their session, by which they would go on for as long as
/// that lasts.
async fn a_strangers_address_is_not_kept_in_a_session(app: TestApp) {
    let acme = app.organization("acme", json!({})).await;
    app.member(&acme, "eve@acme.com", json!({})).await;
    let asked = json!({ "organization_id": acme, "email_address": "eve@acme.com" });
    app.post("/v1/b2b/otps/email/login_or_signup", asked).await.ok();
    let body = json!({
        "organization_id": acme, "email_address": "eve@acme.com", "code": code(&app, "eve@acme.com").await,
        "intermediate_session_token": shown(&app, "ada@acme.com").await,
    });
    let came = app.post("/v1/b2b/otps/email/authenticate", body).await.ok();
    let factors = came["member_session"]["authentication_factors"].as_array().unwrap();
    let addresses: Vec<_> = factors.iter().map(|factor| &factor["email_factor"]["email_address"]).collect();
    assert_eq!(addresses, ["eve@acme.com"]);
}

async fn what_an_organization_demands_is_asked_for(app: TestApp) {
    let strict = json!({
        "auth_methods": "RESTRICTED", "allowed_auth_methods": ["sso"], "mfa_policy": "REQUIRED_FOR_ALL",
    });
    let acme = app.organization("acme", json!({})).await;
    let connection = app.connection(&acme).await;
    app.put("/v1/b2b/organizations/acme", strict).await.ok();
    let member = app.member(&acme, "ada@acme.com", json!({})).await;
    let token = shown(&app, "ada@acme.com").await;
    let body = json!({ "intermediate_session_token": token, "organization_id": acme });
    let waiting = app.post(EXCHANGE, body.clone()).await.ok();
    assert_eq!(waiting["member_authenticated"], false);
    assert_eq!(waiting["primary_required"], json!({ "allowed_auth_methods": ["sso"] }));
    assert_eq!(waiting["mfa_required"], json!({ "member_options": null, "secondary_auth_initiated": null }));
    assert_eq!((&waiting["session_token"], &waiting["member_session"]), (&json!(""), &Value::Null));
    app.post(EXCHANGE, body).await.refused(404, "intermediate_session_not_found");
    // Who is exempt from the restriction is not from the second factor.
    let exempt = json!({ "is_breakglass": true });
    app.put(&format!("/v1/b2b/organizations/acme/members/{member}"), exempt).await.ok();
    let next = text(&waiting["intermediate_session_token"]);
    let body = json!({ "intermediate_session_token": next, "organization_id": acme });
    let waiting = app.post(EXCHANGE, body).await.ok();
    assert_eq!(waiting["primary_required"], Value::Null);
    assert_ne!(waiting["mfa_required"], Value::Null);
    // A sign-in through the provider may take along what was shown before.
    let next = text(&waiting["intermediate_session_token"]);
    app.put("/v1/b2b/organizations/acme", json!({ "mfa_policy": "OPTIONAL" })).await.ok();
    let sso_token = crate::browser::Browser::new(&app).token(&connection, "alan@acme.com").await;
    let body = json!({ "sso_token": sso_token, "intermediate_session_token": next });
    app.post("/v1/b2b/sso/authenticate", body).await.refused(404, "intermediate_session_not_found");
}
