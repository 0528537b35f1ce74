//! Signing in by mail through the front door: magic links and one-time codes, for members, for those who become one, for
//! those who are invited, and for those who look for their organizations.

use http::Method;
use serde_json::{Value, json};
use url::Url;
use vestibule_server::post::Post;

use crate::app::{DISCOVERY_URL, INVITE_URL, LOGIN_URL, SIGNUP_URL, TestApp, on_both_engines, text};
use crate::reply::{Reply, parameter};

const AT_ONCE: usize = 50;
pub(crate) const LINK: &str = "/v1/b2b/magic_links/email/login_or_signup";
const FOLLOW: &str = "/v1/b2b/magic_links/authenticate";
pub(crate) const INVITE: &str = "/v1/b2b/magic_links/email/invite";
pub(crate) const SEEK: &str = "/v1/b2b/magic_links/email/discovery/send";
const FIND: &str = "/v1/b2b/magic_links/discovery/authenticate";
pub(crate) const CODE: &str = "/v1/b2b/otps/email/login_or_signup";
const ENTER: &str = "/v1/b2b/otps/email/authenticate";
pub(crate) const SEEK_BY_CODE: &str = "/v1/b2b/otps/email/discovery/send";
const FIND_BY_CODE: &str = "/v1/b2b/otps/email/discovery/authenticate";
const VERIFIER: &str = "0123456789012345678901234567890123456789012";
const CHALLENGE: &str = "_RpfHqw8pAZIomzVUE7sjRmHSM543WVdC4o-Kc4_3C0";
pub(crate) const ADA: &str = "ada@acme.test";

on_both_engines!(
    a_link_signs_a_member_in_once,
    somebody_becomes_a_member_by_a_link,
    what_the_organization_does_not_let_in,
    a_link_is_bound_to_its_challenge,
    a_link_that_counts_no_more,
    a_code_signs_a_member_in_once,
    a_code_is_guessed_five_times,
    nobody_is_revealed_by_a_wrong_code,
    somebody_is_invited,
    invitations_have_rules,
    somebody_finds_their_organizations,
    a_token_of_one_kind_is_none_of_another,
    one_of_fifty_wins,
    nodes_share_what_is_sent,
    without_mail_nothing_is_promised,
    what_cannot_be_asked_for,
);

/// Asks, a little later than before: what is sent has an order.
pub(crate) async fn post(app: &TestApp, path: &str, body: Value) -> Reply {
    app.app.clock.advance(1);
    app.post(path, body).await
}

/// The link that was sent last.
async fn link(app: &TestApp, to: &str) -> Url {
    let sent = app.messages_to(to).await.pop().unwrap_or_else(|| panic!("nothing was sent to {to}"));
    let line = sent.text.lines().find(|line| line.starts_with("https://"));
    Url::parse(line.unwrap_or_else(|| panic!("no link in: {}", sent.text))).unwrap()
}

/// The token of the link that was sent last.
pub(crate) async fn token(app: &TestApp, to: &str) -> String {
    parameter(&link(app, to).await, "token")
}

/// The code that was sent last.
pub(crate) async fn code(app: &TestApp, to: &str) -> String {
    let sent = app.messages_to(to).await.pop().unwrap_or_else(|| panic!("nothing was sent to {to}"));
    let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    let code = sent.text.lines().find(is_code);
    code.unwrap_or_else(|| panic!("no code in: {}", sent.text)).to_owned()
}

/// A code that is not this one.
fn other_than(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

pub(crate) async fn send(app: &TestApp, path: &str, organization: &str, to: &str) -> Reply {
    post(app, path, json!({ "organization_id": organization, "email_address": to })).await
}

async fn follow(app: &TestApp, token: &str) -> Reply {
    post(app, FOLLOW, json!({ "magic_links_token": token })).await
}

async fn enter(app: &TestApp, organization: &str, to: &str, code: &str) -> Reply {
    let body = json!({ "organization_id": organization, "email_address": to, "code": code });
    post(app, ENTER, body).await
}

/// An organization with a member who has never shown their address.
pub(crate) async fn acme(app: &TestApp, policy: Value) -> String {
    let organization = app.organization("acme", policy).await;
    app.member(&organization, ADA, json!({ "name": "Ada" })).await;
    organization
}

pub(crate) async fn member(app: &TestApp, organization: &str, email: &str) -> Value {
    let path = format!("/v1/b2b/organizations/{organization}/member?email_address={email}");
    app.get(&path).await.ok()["member"].clone()
}

async fn a_link_signs_a_member_in_once(app: TestApp) {
    let organization = acme(&app, json!({})).await;
    let sent = send(&app, LINK, "acme", "Ada@Acme.test").await.ok();
    assert_eq!((&sent["member_created"], &sent["member"]["status"]), (&json!(false), &json!("active")));
    assert_eq!(sent["member"]["email_address_verified"], false);
    let url = link(&app, ADA).await;
    assert!(url.as_str().starts_with(LOGIN_URL), "{url}");
    assert_eq!(parameter(&url, "stytch_token_type"), "multi_tenant_magic_links");
    let token = parameter(&url, "token");
    let body = json!({ "magic_links_token": token, "session_duration_minutes": 30 });
    let session = post(&app, FOLLOW, body).await.ok();
    assert_eq!(session["organization_id"], organization.as_str());
    assert_eq!((&session["member_authenticated"], &session["reset_sessions"]), (&json!(true), &json!(false)));
    assert_eq!(session["member"]["email_address_verified"], true);
    let factor = &session["member_session"]["authentication_factors"][0];
    assert_eq!((&factor["type"], &factor["delivery_method"]), (&json!("magic_link"), &json!("email")));
    assert_eq!(factor["email_factor"]["email_address"], ADA);
    assert_eq!(session["method_id"], factor["email_factor"]["email_id"]);
    assert!(text(&session["method_id"]).starts_with("email-test-"));
    assert_eq!(member(&app, &organization, ADA).await["email_address_verified"], true);
    follow(&app, &token).await.refused(401, "unable_to_auth_magic_link");
    // It can join a session that is there.
    send(&app, LINK, &organization, ADA).await.ok();
    let again = self::token(&app, ADA).await;
    let joined = json!({ "magic_links_token": again, "session_token": session["session_token"] });
    let joined = post(&app, FOLLOW, joined).await.ok();
    assert_eq!(joined["member_session"]["member_session_id"], session["member_session"]["member_session_id"]);
}

async fn somebody_becomes_a_member_by_a_link(app: TestApp) {
    let open = json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.test"] });
    let organization = app.organization("acme", open).await;
    for (path, address) in [(LINK, "grace@acme.test"), (CODE, "joan@acme.test")] {
        let sent = send(&app, path, &organization, address).await.ok();
        assert_eq!((&sent["member_created"], &sent["member"]["status"]), (&json!(true), &json!("pending")));
        let again = send(&app, path, &organization, address).await.ok();
        assert_eq!((&again["member_created"], &again["member_id"]), (&json!(false), &sent["member_id"]));
        let session = if path == LINK {
            assert!(link(&app, address).await.as_str().starts_with(SIGNUP_URL));
            follow(&app, &token(&app, address).await).await.ok()
        } else {
            enter(&app, &organization, address, &code(&app, address).await).await.ok()
        };
        assert_eq!(session["member"]["status"], "active");
        assert_eq!(session["member"]["email_address_verified"], true);
    }
    let kinds = app.get("/v1/vestibule/events").await.ok();
    let kinds: Vec<_> =
        kinds["events"].as_array().unwrap().iter().map(|event| text(&event["action"])).collect();
    for kind in ["member.create", "member.sign_in_mail", "member.update", "session.start"] {
        assert!(kinds.iter().any(|found| found == kind), "{kind} is not among {kinds:?}");
    }
}

async fn what_the_organization_does_not_let_in(app: TestApp) {
    let domains = ["acme.test", "claimed.test"];
    let open = json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": domains });
    let organization = app.organization("acme", open).await;
    for path in [LINK, CODE] {
        let refused = "email_jit_provisioning_not_allowed";
        send(&app, path, &organization, "eve@elsewhere.test").await.refused(400, refused);
        send(&app, path, "nobody", "eve@acme.test").await.refused(404, "organization_not_found");
    }
    let claimed = json!({ "claimed_email_domains": ["claimed.test"] });
    app.organization("owner", claimed).await;
    let claimed = "action_not_allowed_email_domain_is_claimed";
    send(&app, LINK, &organization, "eve@claimed.test").await.refused(400, claimed);

    let closed = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["email_otp"] });
    let closed = app.organization("closed", closed).await;
    app.member(&closed, ADA, json!({})).await;
    app.member(&closed, "chief@acme.test", json!({ "is_breakglass": true })).await;
    let refused = "operation_restricted_by_organization_auth_methods";
    send(&app, LINK, &closed, ADA).await.refused(400, refused);
    send(&app, LINK, &closed, "chief@acme.test").await.ok();
    follow(&app, &token(&app, "chief@acme.test").await).await.ok();
    send(&app, CODE, &closed, ADA).await.ok();
    // Closed after it was sent.
    let path = format!("/v1/b2b/organizations/{closed}");
    app.put(&path, json!({ "allowed_auth_methods": ["magic_link"] })).await.ok();
    enter(&app, &closed, ADA, &code(&app, ADA).await).await.refused(400, refused);
    for nobody in ["eve@elsewhere.test", "eve@acme.test", "eve@claimed.test"] {
        assert!(app.messages_to(nobody).await.is_empty(), "{nobody}");
    }
}

async fn a_link_is_bound_to_its_challenge(app: TestApp) {
    acme(&app, json!({})).await;
    let body = json!({ "organization_id": "acme", "email_address": ADA, "pkce_code_challenge": CHALLENGE });
    post(&app, LINK, body).await.ok();
    let token = token(&app, ADA).await;
    follow(&app, &token).await.refused(400, "pkce_expected_code_verifier");
    let with = |verifier: &str| json!({ "magic_links_token": token, "pkce_code_verifier": verifier });
    post(&app, FOLLOW, with(&VERIFIER.replace('0', "1"))).await.refused(400, "pkce_mismatch");
    post(&app, FOLLOW, with("short")).await.refused(400, "invalid_pkce_code_verifier");
    post(&app, FOLLOW, with(VERIFIER)).await.ok();
    send(&app, LINK, "acme", ADA).await.ok();
    let plain = self::token(&app, ADA).await;
    let unasked = json!({ "magic_links_token": plain, "pkce_code_verifier": VERIFIER });
    post(&app, FOLLOW, unasked).await.refused(400, "pkce_did_not_expect_code_verifier");
}

async fn a_link_that_counts_no_more(app: TestApp) {
    let organization = acme(&app, json!({})).await;
    let dead = "unable_to_auth_magic_link";
    send(&app, LINK, &organization, ADA).await.ok();
    let first = token(&app, ADA).await;
    let other = app.other_project().await;
    follow(&other, &first).await.refused(401, dead);
    app.pass(3600);
    follow(&app, &first).await.refused(401, dead);
    let short = json!({ "organization_id": "acme", "email_address": ADA, "login_expiration_minutes": 5 });
    post(&app, LINK, short).await.ok();
    let short = token(&app, ADA).await;
    app.pass(299);
    follow(&app, &short).await.ok();

    // The address is another's now, or nobody's.
    send(&app, LINK, &organization, ADA).await.ok();
    let stale = token(&app, ADA).await;
    let member = text(&member(&app, &organization, ADA).await["member_id"]);
    let path = format!("/v1/b2b/organizations/{organization}/members/{member}");
    app.put(&path, json!({ "email_address": "countess@acme.test" })).await.ok();
    follow(&app, &stale).await.refused(401, dead);
    send(&app, LINK, &organization, "countess@acme.test").await.ok();
    let gone = token(&app, "countess@acme.test").await;
    app.delete(&path).await.ok();
    follow(&app, &gone).await.refused(401, dead);
    for nonsense in ["", "nonsense", "\0", &"x".repeat(10_000)] {
        let answer = follow(&app, nonsense).await;
        assert!(matches!(answer.status.as_u16(), 400 | 401), "{}", answer.text());
    }
}

async fn a_code_signs_a_member_in_once(app: TestApp) {
    let organization = acme(&app, json!({})).await;
    send(&app, CODE, &organization, ADA).await.ok();
    let first = code(&app, ADA).await;
    send(&app, CODE, &organization, ADA).await.ok();
    let second = code(&app, ADA).await;
    if first != second {
        enter(&app, &organization, ADA, &first).await.refused(404, "otp_code_not_found");
    }
    let spaced = format!(" {} {} ", &second[..3], &second[3..]);
    let session = enter(&app, "acme", ADA, &spaced).await.ok();
    let factor = &session["member_session"]["authentication_factors"][0];
    assert_eq!((&factor["type"], &factor["delivery_method"]), (&json!("email_otp"), &json!("email")));
    assert_eq!(factor["email_factor"]["email_address"], ADA);
    assert_eq!(session["method_id"], factor["email_factor"]["email_id"]);
    assert_eq!(session["member"]["email_address_verified"], true);
    enter(&app, &organization, ADA, &second).await.refused(404, "otp_code_not_found");
    send(&app, CODE, &organization, ADA).await.ok();
    app.pass(600);
    enter(&app, &organization, ADA, &code(&app, ADA).await).await.refused(404, "otp_code_not_found");
}

async fn a_code_is_guessed_five_times(app: TestApp) {
    let organization = acme(&app, json!({})).await;
    send(&app, CODE, &organization, ADA).await.ok();
    let right = code(&app, ADA).await;
    let wrong = other_than(&right);
    // In parallel: no more are compared than one after another.
    let guesses: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (app, organization, wrong) = (app.clone(), organization.clone(), wrong.clone());
            tokio::spawn(async move { enter(&app, &organization, ADA, &wrong).await })
        })
        .collect();
    for guess in guesses {
        guess.await.unwrap().refused(404, "otp_code_not_found");
    }
    enter(&app, &organization, ADA, &right).await.refused(404, "otp_code_not_found");
    // A new code has tries of its own, until the address has had too many wrong ones.
    for _ in 0..2 {
        send(&app, CODE, &organization, ADA).await.ok();
        let wrong = other_than(&code(&app, ADA).await);
        for _ in 0..4 {
            enter(&app, &organization, ADA, &wrong).await.refused(404, "otp_code_not_found");
        }
    }
    send(&app, CODE, &organization, ADA).await.ok();
    enter(&app, &organization, ADA, &code(&app, ADA).await).await.ok();
    let mut tries = 0;
    let limited = loop {
        send(&app, CODE, &organization, ADA).await.ok();
        let wrong = other_than(&code(&app, ADA).await);
        let mut answers = Vec::new();
        for _ in 0..5 {
            answers.push(enter(&app, &organization, ADA, &wrong).await);
            tries += 1;
        }
        if let Some(limited) = answers.into_iter().find(|answer| answer.status == 429) {
            break limited;
        }
        assert!(tries <= 20, "a right code makes up for those before it, and no more");
    };
    limited.refused(429, "too_many_requests");
    assert!(limited.headers.contains_key("retry-after"));
    app.pass(86_401);
    send(&app, CODE, &organization, ADA).await.ok();
    enter(&app, &organization, ADA, &code(&app, ADA).await).await.ok();
}

async fn nobody_is_revealed_by_a_wrong_code(app: TestApp) {
    let organization = acme(&app, json!({})).await;
    send(&app, CODE, &organization, ADA).await.ok();
    let wrong = other_than(&code(&app, ADA).await);
    let without_id = |reply: Reply| {
        let mut body = reply.json();
        body["request_id"] = json!("");
        (reply.status, body)
    };
    let known = without_id(enter(&app, &organization, ADA, &wrong).await);
    app.member(&organization, "grace@acme.test", json!({})).await;
    for stranger in ["grace@acme.test", "nobody@acme.test", "nobody@elsewhere.test"] {
        assert_eq!(without_id(enter(&app, &organization, stranger, &wrong).await), known, "{stranger}");
    }
    for path in [SEEK, SEEK_BY_CODE] {
        let known = without_id(post(&app, path, json!({ "email_address": ADA })).await);
        let unknown = without_id(post(&app, path, json!({ "email_address": "nobody@elsewhere.test" })).await);
        assert_eq!(known, unknown);
        assert_eq!(known.0, 200);
    }
    assert_eq!(app.messages_to("nobody@elsewhere.test").await.len(), 2);
}

async fn somebody_is_invited(app: TestApp) {
    let organization = acme(&app, json!({ "email_invites": "ALL_ALLOWED" })).await;
    let inviter = text(&member(&app, &organization, ADA).await["member_id"]);
    let body = json!({
        "organization_id": "acme", "email_address": "grace@navy.test", "name": "Grace", "roles": ["stytch_admin"],
        "trusted_metadata": { "rank": "admiral" }, "invited_by_member_id": inviter, "locale": "fr",
    });
    let invited = post(&app, INVITE, body.clone()).await.ok();
    let member = &invited["member"];
    assert_eq!((&member["status"], &member["name"]), (&json!("invited"), &json!("Grace")));
    assert_eq!(member["trusted_metadata"]["rank"], "admiral");
    let sent = app.messages_to("grace@navy.test").await.pop().unwrap();
    assert_eq!(sent.subject, "Ada vous invite à rejoindre acme");
    let url = link(&app, "grace@navy.test").await;
    assert!(url.as_str().starts_with(INVITE_URL), "{url}");
    let first = parameter(&url, "token");
    // Again, as they are.
    let again = post(&app, INVITE, body.clone()).await.ok();
    assert_eq!(again["member_id"], invited["member_id"]);
    app.pass(6 * 86_400);
    let session = follow(&app, &first).await.ok();
    assert_eq!(session["member"]["status"], "active");
    assert_eq!(session["member"]["is_admin"], true);
    post(&app, INVITE, body).await.refused(400, "duplicate_member_email");
}

async fn invitations_have_rules(app: TestApp) {
    let organization = acme(&app, json!({ "email_invites": "NOT_ALLOWED" })).await;
    let invite = async |who: &str, more: Value| {
        let mut body = json!({ "organization_id": organization, "email_address": who });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        post(&app, INVITE, body).await
    };
    let not_allowed = "member_email_invites_not_allowed";
    invite("grace@navy.test", json!({})).await.refused(400, not_allowed);
    let path = format!("/v1/b2b/organizations/{organization}");
    let restricted = json!({ "email_invites": "RESTRICTED", "email_allowed_domains": ["acme.test"] });
    app.put(&path, restricted).await.ok();
    invite("grace@navy.test", json!({})).await.refused(400, not_allowed);
    invite("grace@acme.test", json!({ "roles": ["captain"] })).await.refused(400, "invalid_rbac_role");
    let nobody = "member-test-00000000-0000-4000-8000-000000000000";
    invite("grace@acme.test", json!({ "invited_by_member_id": nobody }))
        .await
        .refused(404, "member_not_found");
    invite("grace@acme.test", json!({})).await.ok();
    let elsewhere = json!({ "invite_redirect_url": "https://elsewhere.test/" });
    let unknown = "no_match_for_provided_magic_link_url";
    invite("joan@acme.test", elsewhere).await.refused(400, unknown);
    // A member needs the right to add members.
    send(&app, LINK, &organization, ADA).await.ok();
    let session = follow(&app, &token(&app, ADA).await).await.ok();
    let session = text(&session["session_token"]);
    let body = json!({ "organization_id": organization, "email_address": "joan@acme.test" });
    app.as_member(&session, Method::POST, INVITE, body).await.refused(403, "session_authorization_error");
}

async fn somebody_finds_their_organizations(app: TestApp) {
    let organization = acme(&app, json!({})).await;
    let open = json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.test"] });
    let other = app.organization("open", open).await;
    for by_code in [false, true] {
        let found = if by_code {
            post(&app, SEEK_BY_CODE, json!({ "email_address": ADA, "locale": "ja" })).await.ok();
            let body = json!({ "email_address": ADA, "code": code(&app, ADA).await });
            let found = post(&app, FIND_BY_CODE, body.clone()).await.ok();
            post(&app, FIND_BY_CODE, body).await.refused(404, "otp_code_not_found");
            found
        } else {
            let body = json!({ "email_address": ADA, "pkce_code_challenge": CHALLENGE });
            post(&app, SEEK, body).await.ok();
            let url = link(&app, ADA).await;
            assert!(url.as_str().starts_with(DISCOVERY_URL), "{url}");
            assert_eq!(parameter(&url, "stytch_token_type"), "discovery");
            let token = parameter(&url, "token");
            let body = json!({ "discovery_magic_links_token": token, "pkce_code_verifier": VERIFIER });
            let found = post(&app, FIND, body.clone()).await.ok();
            post(&app, FIND, body).await.refused(401, "unable_to_auth_magic_link");
            found
        };
        assert_eq!(found["email_address"], ADA);
        let listed = found["discovered_organizations"].as_array().unwrap();
        let at = |id: &str| listed.iter().find(|one| one["organization"]["organization_id"] == id).unwrap();
        assert_eq!(at(&organization)["membership"]["type"], "active_member");
        assert_eq!(at(&other)["membership"]["type"], "eligible_to_join_by_email_domain");
        let body = json!({
            "intermediate_session_token": found["intermediate_session_token"], "organization_id": organization,
        });
        let exchange = "/v1/b2b/discovery/intermediate_sessions/exchange";
        let session = post(&app, exchange, body.clone()).await.ok();
        assert_eq!(session["member_authenticated"], true);
        post(&app, exchange, body).await.refused(404, "intermediate_session_not_found");
    }
}

async fn a_token_of_one_kind_is_none_of_another(app: TestApp) {
    let organization = acme(&app, json!({})).await;
    send(&app, LINK, &organization, ADA).await.ok();
    let login = token(&app, ADA).await;
    post(&app, SEEK, json!({ "email_address": ADA })).await.ok();
    let discovery = token(&app, ADA).await;
    let dead = "unable_to_auth_magic_link";
    post(&app, FIND, json!({ "discovery_magic_links_token": login })).await.refused(401, dead);
    follow(&app, &discovery).await.refused(401, dead);
    app.redeem(&login).await.refused(404, "sso_token_not_found");
    let path = "/v1/b2b/sessions/authenticate";
    post(&app, path, json!({ "session_token": login })).await.refused(404, "session_not_found");
    // A code of an organization is none of discovery, nor of another organization.
    send(&app, CODE, &organization, ADA).await.ok();
    let code = code(&app, ADA).await;
    let wrong = "otp_code_not_found";
    post(&app, FIND_BY_CODE, json!({ "email_address": ADA, "code": code })).await.refused(404, wrong);
    let other = app.organization("globex", json!({})).await;
    app.member(&other, ADA, json!({})).await;
    enter(&app, &other, ADA, &code).await.refused(404, wrong);
    // None of them was used up by it.
    follow(&app, &login).await.ok();
    post(&app, FIND, json!({ "discovery_magic_links_token": discovery })).await.ok();
    enter(&app, &organization, ADA, &code).await.ok();
}

/// How many of many who ask for the same at once, on two nodes, are signed in.
async fn winners(one: &TestApp, two: &TestApp, path: &'static str, body: Value, loser: (u16, &str)) -> usize {
    let callers: Vec<_> = (0..AT_ONCE)
        .map(|number| {
            let (app, body) = (if number % 2 == 0 { one.clone() } else { two.clone() }, body.clone());
            tokio::spawn(async move { app.post(path, body).await })
        })
        .collect();
    let mut winners = 0;
    for caller in callers {
        let answer = caller.await.unwrap();
        if answer.status == 200 {
            winners += 1;
        } else {
            answer.refused(loser.0, loser.1);
        }
    }
    winners
}

async fn one_of_fifty_wins(app: TestApp) {
    let organization = acme(&app, json!({})).await;
    let two = app.second_node().await;
    let (dead, wrong) = ((401, "unable_to_auth_magic_link"), (404, "otp_code_not_found"));
    send(&app, LINK, &organization, ADA).await.ok();
    let body = json!({ "magic_links_token": token(&app, ADA).await });
    assert_eq!(winners(&app, &two, FOLLOW, body, dead).await, 1);
    post(&app, SEEK, json!({ "email_address": ADA })).await.ok();
    let body = json!({ "discovery_magic_links_token": token(&app, ADA).await });
    assert_eq!(winners(&app, &two, FIND, body, dead).await, 1);
    send(&app, CODE, &organization, ADA).await.ok();
    let code = code(&app, ADA).await;
    let body = json!({ "organization_id": organization, "email_address": ADA, "code": code });
    assert_eq!(winners(&app, &two, ENTER, body, wrong).await, 1);
    post(&app, SEEK_BY_CODE, json!({ "email_address": ADA })).await.ok();
    let body = json!({ "email_address": ADA, "code": self::code(&app, ADA).await });
    assert_eq!(winners(&app, &two, FIND_BY_CODE, body, wrong).await, 1);
    // Many who ask for a link make one member.
    let open = json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.test"] });
    let open = app.organization("open", open).await;
    let body = json!({ "organization_id": open, "email_address": "grace@acme.test" });
    assert_eq!(winners(&app, &two, LINK, body, (0, "")).await, AT_ONCE);
    assert_eq!(app.member_count(&open).await, 1);
}

async fn nodes_share_what_is_sent(app: TestApp) {
    let organization = acme(&app, json!({})).await;
    let two = app.second_node().await;
    // The other node has another data key, which this one has not seen yet.
    app.app.vault.rotate_data_key(app.app.entropy.as_ref(), app.app.clock.now()).await.unwrap();
    send(&app, CODE, &organization, ADA).await.ok();
    enter(&two, &organization, ADA, &code(&app, ADA).await).await.ok();
    send(&two, LINK, &organization, ADA).await.ok();
    follow(&app, &token(&two, ADA).await).await.ok();
}

async fn without_mail_nothing_is_promised(app: TestApp) {
    let organization = acme(&app, json!({})).await;
    let node = app.posting_node(Post::Sent { mail: None, sms: None }).await;
    let body = json!({ "organization_id": organization, "email_address": ADA });
    for path in [LINK, CODE, INVITE, SEEK, SEEK_BY_CODE] {
        post(&node, path, body.clone()).await.refused(400, "email_delivery_not_configured");
    }
    assert!(app.messages_to(ADA).await.is_empty());
}

async fn what_cannot_be_asked_for(app: TestApp) {
    let organization = acme(&app, json!({})).await;
    let with = |name: &str, value: Value| {
        let mut body = json!({ "organization_id": organization, "email_address": ADA });
        body[name] = value;
        body
    };
    for (name, value, error) in [
        ("email_address", json!("no address"), "invalid_email"),
        ("email_address", Value::Null, "missing_required_field"),
        ("organization_id", Value::Null, "missing_required_field"),
        ("locale", json!("klingon"), "invalid_locale"),
        ("login_expiration_minutes", json!(1), "invalid_field"),
        ("signup_expiration_minutes", json!(99_999), "invalid_field"),
    ] {
        for path in [LINK, CODE] {
            post(&app, path, with(name, value.clone())).await.refused(400, error);
        }
    }
    for (name, value, error) in [
        ("login_redirect_url", json!("https://elsewhere.test/"), "no_match_for_provided_magic_link_url"),
        ("signup_redirect_url", json!(LOGIN_URL), "no_match_for_provided_magic_link_url"),
        ("login_redirect_url", json!("javascript:alert(1)"), "invalid_redirect_url"),
        ("pkce_code_challenge", json!("short"), "invalid_pkce_code_challenge"),
    ] {
        post(&app, LINK, with(name, value)).await.refused(400, error);
    }
    assert!(app.messages_to(ADA).await.is_empty());
    for locale in ["en", "es", "pt-br", "ptbr", "fr", "de-DE"] {
        post(&app, LINK, with("locale", json!(locale))).await.ok();
    }
    let subjects: Vec<_> = app.messages_to(ADA).await.into_iter().map(|sent| sent.subject).collect();
    assert_eq!(
        subjects,
        [
            "Sign in to acme",
            "Iniciar sesión en acme",
            "Sign in to acme",
            "Sign in to acme",
            "Se connecter à acme",
            "Bei acme anmelden",
        ]
    );
}
