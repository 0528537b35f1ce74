//! What may happen once happens once, however many ask at the same moment.

use serde_json::json;

use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;

const AT_ONCE: usize = 50;

on_both_engines!(
    one_of_fifty_redemptions_wins,
    one_of_fifty_callbacks_wins,
    a_token_waits_five_minutes,
    a_token_belongs_to_its_project,
    fifty_first_sign_ins_make_one_member,
);

async fn one_of_fifty_redemptions_wins(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    let token = Browser::new(&app).token(&connection, "ada@example.com").await;
    let nodes = [app.clone(), app.second_node().await];
    let callers: Vec<_> = (0..AT_ONCE)
        .map(|number| {
            let (app, token) = (nodes[number % 2].clone(), token.clone());
            tokio::spawn(async move { app.redeem(&token).await })
        })
        .collect();
    let mut winners = Vec::new();
    for caller in callers {
        let answer = caller.await.unwrap();
        if answer.status == 200 {
            winners.push(answer.ok());
        } else {
            answer.refused(404, "sso_token_not_found");
        }
    }
    assert_eq!(winners.len(), 1);
    let member = text(&winners[0]["member_id"]);
    let sessions =
        app.get(&format!("/v1/b2b/sessions?organization_id={organization}&member_id={member}")).await.ok();
    assert_eq!(sessions["member_sessions"].as_array().unwrap().len(), 1);
}

async fn one_of_fifty_callbacks_wins(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&connection, &[]).await;
    let back = browser.approve(&to, "ada@example.com", None).await;
    let callers: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (mut browser, back) = (browser.clone(), back.clone());
            tokio::spawn(async move { browser.bring(&back).await })
        })
        .collect();
    let mut redirects = 0;
    for caller in callers {
        let answer = caller.await.unwrap();
        if answer.status == 302 {
            redirects += 1;
        } else {
            answer.refusal_page("unsolicited_oidc_response");
        }
    }
    assert_eq!(redirects, 1);
    assert_eq!(app.provider.hits("/token"), 1, "the code was shown to the provider once");
}

async fn a_token_waits_five_minutes(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    let mut browser = Browser::new(&app);
    let (in_time, late) = (
        browser.token(&connection, "ada@example.com").await,
        browser.token(&connection, "ada@example.com").await,
    );
    app.pass(299);
    app.redeem(&in_time).await.ok();
    app.redeem(&in_time).await.refused(404, "sso_token_not_found");
    app.pass(1);
    app.redeem(&late).await.refused(404, "sso_token_not_found");
    for nonsense in ["", "nonsense", "\0", &"x".repeat(10_000)] {
        let answer = app.redeem(nonsense).await;
        assert!(answer.status.is_client_error(), "{}", answer.text());
    }
}

async fn a_token_belongs_to_its_project(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    let token = Browser::new(&app).token(&connection, "ada@example.com").await;
    app.other_project().await.redeem(&token).await.refused(404, "sso_token_not_found");
    app.redeem(&token).await.ok();
}

/// Somebody opens many tabs on their first day. A few at the same moment all get through; of very many
/// some may be told to try again, but none makes a second Ada.
async fn fifty_first_sign_ins_make_one_member(app: TestApp) {
    for (slug, tabs, all_succeed) in [("acme", 5, true), ("globex", AT_ONCE, false)] {
        let organization = app.organization(slug, json!({})).await;
        let connection = app.connection(&organization).await;
        let tabs: Vec<_> = (0..tabs)
            .map(|_| {
                let (mut browser, connection) = (Browser::new(&app), connection.clone());
                tokio::spawn(async move { browser.sign_in(&connection, "ada@example.com").await })
            })
            .collect();
        let mut signed_in = 0;
        for tab in tabs {
            let answer = tab.await.unwrap();
            if answer.status == 503 && !all_succeed {
                assert!(answer.text().contains("service_unavailable"), "{}", answer.text());
                continue;
            }
            answer.location();
            signed_in += 1;
        }
        assert!(signed_in >= 5, "only {signed_in}");
        assert_eq!(app.member_count(&organization).await, 1);
    }
}
