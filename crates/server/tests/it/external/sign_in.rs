//! Signing in through a borrowed connection: the lender's provider, client and callback; the borrower's members.

use serde_json::{Value, json};
use url::Url;

use super::{BOTH, Lent, Source, borrowed, lend, lender};
use crate::app::{BASE_URL, LOGIN_URL, SIGNUP_URL, TestApp, on_both_engines, text};
use crate::browser::{Browser, Return};
use crate::provider::CLIENT_ID;
use crate::reply::{Reply, parameter};

on_both_engines!(
    whoever_comes_through_it_is_a_member_of_the_borrower,
    each_organization_has_its_own_member,
    the_borrowers_rules_decide_who_gets_in,
    the_organization_leads_to_it,
    roles_and_groups_count_in_its_sessions,
    a_test_shows_the_borrower,
    traces_and_events_are_the_borrowers,
    an_answer_that_nobody_asked_for_is_the_lenders,
    a_sign_in_of_one_is_none_of_the_other,
    a_gateway_may_bring_the_answer,
    a_refused_sign_in_leads_back_to_the_borrower,
    a_registration_is_relinked,
);

const ADA: &str = "ada@example.com";

/// Signs in at the provider, by whichever protocol it was asked.
pub(super) async fn answered(browser: &Browser, to: &Url, email: &str) -> Return {
    match to.path() {
        "/authorize" => browser.approve(to, email, None).await,
        _ => browser.answer_saml(to, email, &[]).await,
    }
}

pub(super) async fn signs_in(browser: &mut Browser, connection: &str, email: &str) -> Reply {
    let to = browser.start(connection, &[]).await;
    let back = answered(browser, &to, email).await;
    browser.bring(&back).await
}

pub(super) async fn session(app: &TestApp, connection: &str, email: &str) -> Value {
    let landed = signs_in(&mut Browser::new(app), connection, email).await;
    app.redeem(&parameter(&landed.location(), "token")).await.ok()
}

fn sso_factor(session: &Value, source: Source) -> Value {
    let factor = &session["member_session"]["authentication_factors"][0];
    let (delivery, kind) = match source {
        Source::Oidc => ("sso_oidc", "oidc_sso_factor"),
        Source::Saml => ("sso_saml", "saml_sso_factor"),
    };
    assert_eq!((&factor["type"], &factor["delivery_method"]), (&json!("sso"), &json!(delivery)), "{factor}");
    factor[kind].clone()
}

async fn whoever_comes_through_it_is_a_member_of_the_borrower(app: TestApp) {
    for source in BOTH {
        let lent = Lent::new(&app, source).await;
        let mut browser = Browser::new(&app);
        let to = browser.start(&lent.borrowed, &[]).await;
        let callback = format!("{BASE_URL}/v1/b2b/sso/callback/{}", lent.source);
        if source == Source::Oidc {
            assert_eq!(
                (parameter(&to, "client_id"), parameter(&to, "redirect_uri")),
                (CLIENT_ID.to_owned(), callback.clone())
            );
        }
        let back = answered(&browser, &to, ADA).await;
        assert_eq!(back.url.as_str(), callback, "the lender's callback");
        let landed = browser.bring(&back).await.location();
        assert!(landed.as_str().starts_with(SIGNUP_URL), "{landed}");
        assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
        let signed_in = app.redeem(&parameter(&landed, "token")).await.ok();
        assert_eq!(signed_in["organization_id"], lent.borrower.as_str());
        let factor = sso_factor(&signed_in, source);
        assert_eq!(factor["provider_id"], lent.borrowed.as_str());
        let registration = &signed_in["member"]["sso_registrations"][0];
        assert_eq!(registration["connection_id"], lent.borrowed.as_str());
        assert_eq!(
            (&factor["id"], &factor["external_id"]),
            (&registration["registration_id"], &registration["external_id"])
        );
        // The single-use token is used up, and so is the answer.
        app.redeem(&parameter(&landed, "token")).await.refused(404, "sso_token_not_found");
        assert!(browser.bring(&back).await.status.is_client_error());
        let again = signs_in(&mut browser, &lent.borrowed, ADA).await.location();
        assert!(again.as_str().starts_with(LOGIN_URL), "{again}");
        assert_eq!(app.member_count(&lent.borrower).await, 1);
        assert_eq!(app.member_count(&lent.lender).await, 0);
    }
}

/// One person at one provider is two members, and neither's session is worth anything to the other.
async fn each_organization_has_its_own_member(app: TestApp) {
    for source in BOTH {
        let lent = Lent::new(&app, source).await;
        let (theirs, ours) =
            (session(&app, &lent.source, ADA).await, session(&app, &lent.borrowed, ADA).await);
        assert_ne!(theirs["member_id"], ours["member_id"]);
        assert_eq!(
            (&theirs["organization_id"], &ours["organization_id"]),
            (&json!(lent.lender), &json!(lent.borrower))
        );
        let at_ours = format!("/v1/b2b/organizations/{}", lent.borrower);
        app.as_member(
            &text(&theirs["session_token"]),
            http::Method::PUT,
            &at_ours,
            json!({ "organization_name": "x" }),
        )
        .await
        .refused(403, "session_authorization_tenancy_error");
    }
}

async fn the_borrowers_rules_decide_who_gets_in(app: TestApp) {
    for source in BOTH {
        let rules = json!({ "sso_jit_provisioning": "NOT_ALLOWED", "email_invites": "ALL_ALLOWED" });
        let lent = Lent::with(&app, source, rules, json!({})).await;
        let mut browser = Browser::new(&app);
        signs_in(&mut browser, &lent.borrowed, ADA).await.refusal_page("jit_provisioning_not_allowed");
        // The lender lets anybody in; that is its own affair.
        session(&app, &lent.source, ADA).await;
        let member = app.member(&lent.borrower, ADA, json!({ "create_member_as_pending": true })).await;
        let signed_in = session(&app, &lent.borrowed, ADA).await;
        assert_eq!(
            (&signed_in["member_id"], &signed_in["member"]["status"]),
            (&json!(member), &json!("active"))
        );
        let place = format!("/v1/b2b/organizations/{}", lent.borrower);
        let allowed = json!({
            "sso_jit_provisioning": "RESTRICTED",
            "sso_jit_provisioning_allowed_connections": [lent.borrowed],
        });
        app.put(&place, allowed).await.ok();
        session(&app, &lent.borrowed, "alan@example.com").await;
        let methods = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["magic_link"] });
        app.put(&place, methods).await.ok();
        signs_in(&mut browser, &lent.borrowed, ADA)
            .await
            .refusal_page("operation_restricted_by_organization_auth_methods");
    }
}

async fn the_organization_leads_to_it(app: TestApp) {
    let lent = Lent::new(&app, Source::Oidc).await;
    let token = app.project.public_token.to_string();
    let begin = async |browser: &mut Browser| {
        let path = format!("/v1/public/sso/start?public_token={token}&organization_id={}", lent.borrower);
        browser.get(&path).await
    };
    let finished = async |browser: &mut Browser, to: &Url| {
        let back = answered(browser, to, ADA).await;
        let landed = browser.bring(&back).await.location();
        app.redeem(&parameter(&landed, "token")).await.ok()
    };
    let mut browser = Browser::new(&app);
    let to = begin(&mut browser).await.location();
    let only = finished(&mut browser, &to).await;
    assert_eq!(only["organization_id"], lent.borrower.as_str(), "the only one there is");
    app.connection(&lent.borrower).await;
    begin(&mut browser).await.refused(400, "indeterminate_sso_connection_for_organization");
    let default = json!({ "sso_default_connection_id": lent.borrowed });
    app.put(&format!("/v1/b2b/organizations/{}", lent.borrower), default).await.ok();
    let to = begin(&mut browser).await.location();
    let session = finished(&mut browser, &to).await;
    assert_eq!(sso_factor(&session, Source::Oidc)["provider_id"], lent.borrowed.as_str());
}

async fn roles_and_groups_count_in_its_sessions(app: TestApp) {
    let admin = json!([{ "role_id": "stytch_admin", "group": "engineering" }]);
    let lent = Lent::new(&app, Source::Saml).await;
    let roles = |session: &Value| session["member_session"]["roles"].clone();
    assert_eq!(roles(&session(&app, &lent.borrowed, ADA).await), json!(["stytch_member"]));
    app.put(&lent.path(), json!({ "external_group_implicit_role_assignments": admin })).await.ok();
    let in_group = session(&app, &lent.borrowed, ADA).await;
    assert_eq!(roles(&in_group), json!(["stytch_member", "stytch_admin"]));
    let source =
        in_group["member"]["roles"].as_array().unwrap().iter().find(|role| role["role_id"] == "stytch_admin");
    let details = json!({ "connection_id": lent.borrowed, "group": "engineering" });
    assert_eq!(source.unwrap()["sources"], json!([{ "type": "sso_connection_group", "details": details }]));
    // They are roles of the borrower alone.
    assert_eq!(roles(&session(&app, &lent.source, ADA).await), json!(["stytch_member"]));
    let everybody = json!({
        "external_group_implicit_role_assignments": [{ "role_id": "stytch_admin", "group": "nobody" }],
    });
    app.put(&lent.path(), everybody).await.ok();
    assert_eq!(roles(&session(&app, &lent.borrowed, ADA).await), json!(["stytch_member"]));
    let all = json!({ "external_connection_implicit_role_assignments": [{ "role_id": "stytch_admin" }] });
    app.put(&lent.path(), all).await.ok();
    assert_eq!(roles(&session(&app, &lent.borrowed, ADA).await), json!(["stytch_member", "stytch_admin"]));
}

async fn a_test_shows_the_borrower(app: TestApp) {
    for source in BOTH {
        let lent = Lent::new(&app, source).await;
        let mut browser = Browser::new(&app);
        let token = &app.project.public_token;
        let path = format!("/v1/public/sso/test?public_token={token}&connection_id={}", lent.borrowed);
        let to = browser.get(&path).await.location();
        let back = answered(&browser, &to, ADA).await;
        let page = browser.bring(&back).await;
        let text = page.text();
        assert_eq!(page.status, 200, "{text}");
        assert!(text.contains("A new member would be made") && text.contains(&lent.borrowed), "{text}");
        assert!(text.contains("globex-") && !text.contains("acme-"), "{text}");
        assert_eq!(app.member_count(&lent.borrower).await + app.member_count(&lent.lender).await, 0);
        let listed = app.get("/v1/vestibule/sign_in_traces?outcome=tested").await.ok();
        // All of one millisecond: their order says nothing.
        let traces = listed["sign_in_traces"].as_array().unwrap();
        assert!(traces.iter().any(|trace| trace["connection_id"] == lent.borrowed.as_str()), "{listed}");
    }
}

async fn traces_and_events_are_the_borrowers(app: TestApp) {
    for source in BOTH {
        let lent = Lent::new(&app, source).await;
        session(&app, &lent.borrowed, ADA).await;
        app.put(
            &format!("/v1/b2b/organizations/{}", lent.borrower),
            json!({ "sso_jit_provisioning": "NOT_ALLOWED", "email_invites": "ALL_ALLOWED" }),
        )
        .await
        .ok();
        signs_in(&mut Browser::new(&app), &lent.borrowed, "alan@example.com")
            .await
            .refusal_page("jit_provisioning_not_allowed");
        let of = async |organization: &str| {
            let path = format!("/v1/vestibule/sign_in_traces?organization_id={organization}");
            app.get(&path).await.ok()["sign_in_traces"].as_array().unwrap().clone()
        };
        assert_eq!(of(&lent.lender).await, Vec::<Value>::new());
        let traces = of(&lent.borrower).await;
        assert_eq!(traces.len(), 2);
        for trace in traces {
            assert_eq!(trace["connection_id"], lent.borrowed.as_str());
            let steps = trace["steps"].as_array().unwrap();
            let found = steps.iter().find(|step| step["check"] == "connection").unwrap();
            assert!(text(&found["found"]).contains(&lent.source), "{found}");
        }
        let path = format!("/v1/vestibule/events?organization_id={}", lent.borrower);
        let events = app.get(&path).await.ok()["events"].as_array().unwrap().clone();
        let signed_in = events.iter().find(|event| event["action"] == "member.sign_in").unwrap();
        assert_eq!(signed_in["object"]["id"], lent.borrowed.as_str(), "{signed_in}");
    }
}

/// A provider knows one callback. What began there is the lender's, whoever else borrows.
async fn an_answer_that_nobody_asked_for_is_the_lenders(app: TestApp) {
    let lent = Lent::new(&app, Source::Saml).await;
    let at = crate::saml_idp::At { organization: lent.lender.clone(), connection: lent.source.clone() };
    let mut browser = Browser::new(&app);
    let back = browser.begin_saml(&at, ADA, &[]).await;
    let landed = browser.bring(&back).await.location();
    let session = app.redeem(&parameter(&landed, "token")).await.ok();
    assert_eq!(session["organization_id"], lent.lender.as_str());
    // A borrowed connection has no callback.
    let path = format!("/v1/b2b/sso/callback/{}", lent.borrowed);
    browser.post(&path, &back.fields).await.refusal_page("invalid_callback_id");
    browser.get(&format!("{path}?code=1&state=2")).await.refusal_page("invalid_callback_id");
}

/// What a browser keeps says which connection it signs in through: it cannot be exchanged.
async fn a_sign_in_of_one_is_none_of_the_other(app: TestApp) {
    for source in BOTH {
        let lent = Lent::new(&app, source).await;
        let third = app.organization(&super::slug("third"), json!({})).await;
        let other = borrowed(&app, &third, &lent.lender, &lent.source, json!({})).await;
        let (mut ours, mut theirs) = (Browser::new(&app), Browser::new(&app));
        let to = ours.start(&lent.borrowed, &[]).await;
        let other_to = theirs.start(&other, &[]).await;
        // The state of one with the cookie of the other, under its own name and under the other's.
        let back = answered(&ours, &to, ADA).await;
        let (name, value) =
            (ours.cookies.keys().next().unwrap().clone(), theirs.cookies.values().next().unwrap().clone());
        let mut thief = Browser::new(&app);
        thief.cookies.insert(name, value);
        assert!(thief.bring(&back).await.status.is_client_error());
        assert_eq!(app.member_count(&lent.borrower).await + app.member_count(&third).await, 0);
        let landed = ours.bring(&back).await.location();
        let session = app.redeem(&parameter(&landed, "token")).await.ok();
        assert_eq!(session["organization_id"], lent.borrower.as_str());
        let back = answered(&theirs, &other_to, ADA).await;
        let landed = theirs.bring(&back).await.location();
        assert_eq!(app.redeem(&parameter(&landed, "token")).await.ok()["organization_id"], third.as_str());
    }
}

/// Where the answer may come without the cookie, the attempt is kept here, and knows it too.
async fn a_gateway_may_bring_the_answer(app: TestApp) {
    let lent = Lent::new(&app, Source::Saml).await;
    app.put(&lent.source_path(), json!({ "allow_gateway_callback": true })).await.ok();
    let mut browser = Browser::new(&app);
    let to = browser.start(&lent.borrowed, &[]).await;
    let back = answered(&browser, &to, ADA).await;
    let landed = Browser::new(&app).bring(&back).await.location();
    assert_eq!(
        app.redeem(&parameter(&landed, "token")).await.ok()["organization_id"],
        lent.borrower.as_str()
    );
    let to = browser.start(&lent.borrowed, &[]).await;
    let back = answered(&browser, &to, ADA).await;
    app.delete(&format!("/v1/b2b/sso/{}/connections/{}", lent.borrower, lent.borrowed)).await.ok();
    Browser::new(&app).bring(&back).await.refusal_page("invalid_callback_id");
    assert_eq!(app.member_count(&lent.lender).await, 0);
}

async fn a_refused_sign_in_leads_back_to_the_borrower(app: TestApp) {
    let lent = Lent::with(
        &app,
        Source::Oidc,
        json!({ "sso_jit_provisioning": "NOT_ALLOWED", "email_invites": "ALL_ALLOWED" }),
        json!({}),
    )
    .await;
    let mut browser = Browser::new(&app);
    let page = signs_in(&mut browser, &lent.borrowed, ADA).await;
    page.refusal_page("jit_provisioning_not_allowed");
    let text = page.text();
    assert!(text.contains("globex-") && !text.contains("acme-"), "whose sign-in it was: {text}");
    // The same again, for whoever loads the page again.
    let to = browser.start(&lent.borrowed, &[]).await;
    let back = answered(&browser, &to, ADA).await;
    browser.bring(&back).await.refusal_page("jit_provisioning_not_allowed");
    browser.bring(&back).await.refusal_page("jit_provisioning_not_allowed");
}

async fn a_registration_is_relinked(app: TestApp) {
    let lent = Lent::new(&app, Source::Oidc).await;
    let first = session(&app, &lent.borrowed, "subject-grace").await;
    let (member, registration) =
        (text(&first["member_id"]), text(&first["member"]["sso_registrations"][0]["registration_id"]));
    let path = format!(
        "/v1/vestibule/organizations/{}/members/{member}/registrations/{registration}",
        lent.borrower
    );
    let relinked = app.put(&path, json!({ "external_id": "subject-other-grace" })).await.ok();
    assert_eq!(relinked["registration"]["issuer"], app.provider.issuer.as_str());
    let again = session(&app, &lent.borrowed, "subject-other-grace").await;
    assert_eq!(again["member_id"], member.as_str());
    assert_eq!(again["member"]["sso_registrations"][0]["external_id"], "subject-other-grace");
    // Nobody can lend what somebody lent to them.
    let (third, _) = lender(&app, &super::slug("third"), Source::Oidc).await;
    lend(&app, &third, &lent.borrower, &lent.borrowed, json!({}))
        .await
        .refused(404, "external_connection_id_not_found");
}
