//! What happens to those who borrow when the organization that lends changes its connection, or goes away.

use serde_json::json;

use super::sign_in::{answered, session, signs_in};
use super::{BOTH, Lent, Source, borrowed, connections, organization};
use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::provider::Provider;
use crate::reply::{Reply, parameter};
use crate::saml_connections::certificate;

on_both_engines!(
    what_is_not_active_any_more_refuses_the_sign_in,
    it_follows_to_another_provider,
    certificates_are_the_lenders,
    a_removed_connection_takes_along_what_was_lent,
    a_removed_organization_takes_along_what_it_lent,
    a_removed_borrower_is_nothing_to_the_lender,
    a_token_is_worth_nothing_once_the_lender_has_taken_back,
    a_sign_in_that_waits_for_more_ends_with_what_it_borrowed,
    a_sign_in_under_way_ends_with_what_it_borrowed,
    nobody_lends_without_bound,
);

const ADA: &str = "ada@example.com";

async fn is_live(app: &TestApp, token: &str) -> bool {
    app.post("/v1/b2b/sessions/authenticate", json!({ "session_token": token })).await.status == 200
}

async fn start(app: &TestApp, connection: &str) -> Reply {
    Browser::new(app).start_reply(connection, &[]).await
}

async fn what_is_not_active_any_more_refuses_the_sign_in(app: TestApp) {
    for source in BOTH {
        let lent = Lent::new(&app, source).await;
        let signed_in = session(&app, &lent.borrowed, ADA).await;
        let (mut browser, cleared) = (
            Browser::new(&app),
            match source {
                Source::Oidc => json!({ "client_id": "" }),
                Source::Saml => json!({ "idp_sso_url": "" }),
            },
        );
        let to = browser.start(&lent.borrowed, &[]).await;
        let back = answered(&browser, &to, ADA).await;
        app.put(&lent.source_path(), cleared).await.ok();
        let told = start(&app, &lent.borrowed).await.refused(400, "requires_active_sso_connection");
        let sentence = text(&told["error_message"]);
        assert!(sentence.contains("borrowed") && sentence.contains(&lent.source), "{sentence}");
        assert!(!sentence.contains("client_id") && !sentence.contains("idp_sso_url"), "not what: {sentence}");
        browser.bring(&back).await.refusal_page("requires_active_sso_connection");
        // The contract knows no other status; whoever chooses among active ones does not find it.
        assert_eq!(connections(&app, &lent.borrower).await[0]["status"], "active");
        assert_eq!(organization(&app, &lent.borrower).await["sso_active_connections"], json!([]));
        let by_organization = format!(
            "/v1/public/sso/start?public_token={}&organization_id={}",
            app.project.public_token, lent.borrower
        );
        app.get(&by_organization).await.refused(400, "no_sso_connection_exists_for_organization");
        // As with any connection, sessions stay.
        assert!(is_live(&app, &text(&signed_in["session_token"])).await);
        let third = app.organization(&super::slug("third"), json!({})).await;
        super::lend(&app, &third, &lent.lender, &lent.source, json!({}))
            .await
            .refused(400, "external_connection_not_active");
    }
}

/// The lender moves: the people are those of the new provider, and who was known is found by address, once.
async fn it_follows_to_another_provider(app: TestApp) {
    let lent = Lent::new(&app, Source::Oidc).await;
    let before = session(&app, &lent.borrowed, ADA).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&lent.borrowed, &[]).await;
    let back = answered(&browser, &to, ADA).await;
    let prefix = format!("{}/", crate::app::BASE_URL);
    let other = Provider::start(&app.app.clock, &app.app.entropy, &prefix).await;
    let issuer = other.issuer.clone();
    let moved = json!({
        "issuer": issuer, "authorization_url": format!("{issuer}/authorize"), "token_url": format!("{issuer}/token"),
        "userinfo_url": format!("{issuer}/userinfo"), "jwks_url": format!("{issuer}/jwks"),
    });
    app.put(&lent.source_path(), moved).await.ok();
    browser.bring(&back).await.refusal_page("invalid_callback_id");
    let after = session(&app.at(&other), &lent.borrowed, ADA).await;
    assert_eq!(after["member_id"], before["member_id"]);
    assert_eq!(after["member"]["sso_registrations"].as_array().unwrap().len(), 1);
    other.stop();
}

async fn certificates_are_the_lenders(app: TestApp) {
    let lent = Lent::new(&app, Source::Saml).await;
    session(&app, &lent.borrowed, ADA).await;
    let shown = app.get(&format!("/v1/b2b/sso/{}", lent.lender)).await.ok();
    let old = text(&shown["saml_connections"][0]["verification_certificates"][0]["certificate_id"]);
    app.put(&lent.source_path(), json!({ "x509_certificate": certificate("spare", 2040) })).await.ok();
    app.delete(&format!("{}/verification_certificates/{old}", lent.source_path())).await.ok();
    signs_in(&mut Browser::new(&app), &lent.borrowed, ADA).await.refusal_page("saml_certificate_mismatch");
    app.put(&lent.source_path(), json!({ "x509_certificate": crate::saml_idp::certificate(&app) }))
        .await
        .ok();
    session(&app, &lent.borrowed, ADA).await;
}

async fn a_removed_connection_takes_along_what_was_lent(app: TestApp) {
    for source in BOTH {
        let lent = Lent::new(&app, source).await;
        let third = app.organization(&super::slug("third"), json!({})).await;
        let other = borrowed(&app, &third, &lent.lender, &lent.source, json!({})).await;
        let sessions = [
            session(&app, &lent.borrowed, ADA).await,
            session(&app, &other, ADA).await,
            session(&app, &lent.source, ADA).await,
        ];
        let own = app.connection(&lent.borrower).await;
        let untouched = app.session(&own, "alan@example.com").await;
        let place = format!("/v1/b2b/organizations/{}", lent.borrower);
        let named = json!({
            "sso_default_connection_id": lent.borrowed,
            "sso_jit_provisioning": "RESTRICTED",
            "sso_jit_provisioning_allowed_connections": [lent.borrowed, own],
        });
        app.put(&place, named).await.ok();
        app.pass(1);
        lent.remove_source(&app).await.ok();
        for session in &sessions {
            assert!(!is_live(&app, &text(&session["session_token"])).await, "{session}");
        }
        assert!(is_live(&app, &text(&untouched["session_token"])).await);
        for organization in [&lent.borrower, &third] {
            assert_eq!(connections(&app, organization).await, json!([]));
        }
        let borrower = organization(&app, &lent.borrower).await;
        assert_eq!(borrower["sso_default_connection_id"], json!(null));
        assert_eq!(borrower["sso_jit_provisioning_allowed_connections"], json!([own]));
        assert_eq!(borrower["sso_active_connections"].as_array().unwrap().len(), 1);
        let member = text(&sessions[0]["member_id"]);
        let shown =
            app.get(&format!("/v1/b2b/organizations/{}/member?member_id={member}", lent.borrower)).await.ok();
        assert_eq!(shown["member"]["sso_registrations"], json!([]));
        start(&app, &lent.borrowed).await.refused(404, "sso_connection_not_found");
        // The borrower is told, and not who it was.
        let told = app.get(&format!("/v1/vestibule/events?object_id={}&limit=1", lent.borrowed)).await.ok();
        let told = &told["events"][0];
        assert_eq!(
            (&told["action"], &told["actor"]["type"]),
            (&json!("connection.delete"), &json!("server"))
        );
        assert_eq!(told["organization_id"], lent.borrower.as_str());
    }
}

async fn a_removed_organization_takes_along_what_it_lent(app: TestApp) {
    let lent = Lent::new(&app, Source::Oidc).await;
    let signed_in = session(&app, &lent.borrowed, ADA).await;
    app.put(
        &format!("/v1/b2b/organizations/{}", lent.borrower),
        json!({ "sso_default_connection_id": lent.borrowed }),
    )
    .await
    .ok();
    app.delete(&format!("/v1/b2b/organizations/{}", lent.lender)).await.ok();
    assert!(!is_live(&app, &text(&signed_in["session_token"])).await);
    assert_eq!(connections(&app, &lent.borrower).await, json!([]));
    assert_eq!(organization(&app, &lent.borrower).await["sso_default_connection_id"], json!(null));
    start(&app, &lent.borrowed).await.refused(404, "sso_connection_not_found");
}

async fn a_removed_borrower_is_nothing_to_the_lender(app: TestApp) {
    let lent = Lent::new(&app, Source::Oidc).await;
    let theirs = session(&app, &lent.source, ADA).await;
    session(&app, &lent.borrowed, ADA).await;
    app.delete(&format!("/v1/b2b/organizations/{}", lent.borrower)).await.ok();
    assert!(is_live(&app, &text(&theirs["session_token"])).await);
    session(&app, &lent.source, ADA).await;
    lent.remove_source(&app).await.ok();
}

async fn a_token_is_worth_nothing_once_the_lender_has_taken_back(app: TestApp) {
    for source in BOTH {
        let lent = Lent::new(&app, source).await;
        let landed = signs_in(&mut Browser::new(&app), &lent.borrowed, ADA).await.location();
        lent.remove_source(&app).await.ok();
        app.redeem(&parameter(&landed, "token")).await.refused(404, "sso_token_not_found");
    }
}

/// An intermediate session holds what was proved, and no longer than that counts.
async fn a_sign_in_that_waits_for_more_ends_with_what_it_borrowed(app: TestApp) {
    for takes_back in [false, true] {
        let lent =
            Lent::with(&app, Source::Oidc, json!({ "mfa_policy": "REQUIRED_FOR_ALL" }), json!({})).await;
        let waiting = session(&app, &lent.borrowed, ADA).await;
        assert_eq!(waiting["member_authenticated"], false, "{waiting}");
        let place = format!("/v1/b2b/organizations/{}", lent.borrower);
        app.put(&place, json!({ "mfa_policy": "OPTIONAL" })).await.ok();
        if takes_back {
            lent.remove_source(&app).await.ok();
        }
        let body = json!({
            "intermediate_session_token": waiting["intermediate_session_token"],
            "organization_id": lent.borrower,
        });
        let gone_on = app.post("/v1/b2b/discovery/intermediate_sessions/exchange", body).await;
        if takes_back {
            gone_on.refused(404, "intermediate_session_not_found");
        } else {
            assert_eq!(gone_on.ok()["member_authenticated"], true);
        }
    }
}

async fn a_sign_in_under_way_ends_with_what_it_borrowed(app: TestApp) {
    for source in BOTH {
        for takes_back in [true, false] {
            let lent = Lent::new(&app, source).await;
            let mut browser = Browser::new(&app);
            let to = browser.start(&lent.borrowed, &[]).await;
            let back = answered(&browser, &to, ADA).await;
            if takes_back {
                lent.remove_source(&app).await.ok();
            } else {
                app.delete(&format!("/v1/b2b/sso/{}/connections/{}", lent.borrower, lent.borrowed))
                    .await
                    .ok();
            }
            browser.bring(&back).await.refusal_page("invalid_callback_id");
            let there = app.member_count(&lent.borrower).await + app.member_count(&lent.lender).await;
            assert_eq!(there, 0);
        }
    }
}

/// All that one organization lends can be taken back in one batch.
async fn nobody_lends_without_bound(app: TestApp) {
    let lent = Lent::new(&app, Source::Oidc).await;
    for count in 1..vestibule_domain::connection::MAX_LENT {
        let another = app.organization(&format!("borrower-{count}"), json!({})).await;
        borrowed(&app, &another, &lent.lender, &lent.source, json!({})).await;
    }
    let last = app.organization("one-too-many", json!({})).await;
    let another = app.connection(&lent.lender).await;
    for source in [&lent.source, &another] {
        super::lend(&app, &last, &lent.lender, source, json!({}))
            .await
            .refused(400, "too_many_external_sso_connections");
    }
    app.delete(&format!("/v1/b2b/organizations/{}", lent.lender)).await.ok();
    assert_eq!(connections(&app, &lent.borrower).await, json!([]));
}
