//! Whose addresses a borrowed connection may speak for: its provider is another company's.

use serde_json::{Value, json};

use super::sign_in::{session, signs_in};
use super::{BOTH, Lent, Source};
use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::reply::parameter;
use crate::saml_idp::connect_in;

on_both_engines!(
    a_lender_vouches_for_its_own_domain_alone,
    the_borrowers_own_domain_is_not_the_lenders,
    a_domain_of_somebody_else_is_nobodys_to_bring,
    who_signs_in_by_other_means_is_not_taken_over,
    who_was_planted_is_not_joined,
    a_lender_writes_no_trusted_metadata,
    a_claim_that_changes_counts_at_once,
);

const ADA: &str = "ada@example.com";

async fn claim(app: &TestApp, organization: &str, domains: &[&str]) {
    let path = format!("/v1/b2b/organizations/{organization}");
    app.put(&path, json!({ "claimed_email_domains": domains })).await.ok();
}

fn is_verified(session: &Value) -> bool {
    session["member"]["email_address_verified"] == true
}

async fn a_lender_vouches_for_its_own_domain_alone(app: TestApp) {
    for source in BOTH {
        let lent = Lent::new(&app, source).await;
        assert!(!is_verified(&session(&app, &lent.borrowed, ADA).await), "nobody has claimed it");
        claim(&app, &lent.lender, &["example.com"]).await;
        let verified = session(&app, &lent.borrowed, ADA).await;
        assert!(is_verified(&verified), "{verified}");
        // Another organization's domain, and yet it may bring its people.
        assert!(is_verified(&session(&app, &lent.borrowed, "grace@example.com").await));
        claim(&app, &lent.lender, &[]).await;
    }
}

async fn the_borrowers_own_domain_is_not_the_lenders(app: TestApp) {
    for source in BOTH {
        let lent = Lent::new(&app, source).await;
        claim(&app, &lent.borrower, &["example.com"]).await;
        let mut browser = Browser::new(&app);
        let page = signs_in(&mut browser, &lent.borrowed, ADA).await;
        page.refusal_page("external_connection_address_not_accepted");
        // Nor is whoever waits for their first sign-in anybody whom the lender says they are.
        app.member(&lent.borrower, ADA, json!({ "create_member_as_pending": true })).await;
        signs_in(&mut browser, &lent.borrowed, ADA)
            .await
            .refusal_page("external_connection_address_not_accepted");
        let told = app.traces().await;
        let says = |piece: &str| {
            told.iter().any(|trace| trace["error_message"].as_str().is_some_and(|told| told.contains(piece)))
        };
        assert!(
            says("speaks_for_claimed_domains")
                && says("claimed_email_domains of the organization that lends")
        );
        // The project may say otherwise.
        app.put(&lent.path(), json!({ "speaks_for_claimed_domains": true })).await.ok();
        assert!(is_verified(&session(&app, &lent.borrowed, ADA).await));
        claim(&app, &lent.borrower, &[]).await;
    }
}

async fn a_domain_of_somebody_else_is_nobodys_to_bring(app: TestApp) {
    let lent = Lent::new(&app, Source::Oidc).await;
    let third = app.organization("initech", json!({})).await;
    claim(&app, &third, &["example.com"]).await;
    let mut browser = Browser::new(&app);
    signs_in(&mut browser, &lent.borrowed, ADA)
        .await
        .refusal_page("action_not_allowed_email_domain_is_claimed");
    app.put(&lent.path(), json!({ "speaks_for_claimed_domains": true })).await.ok();
    signs_in(&mut browser, &lent.borrowed, ADA)
        .await
        .refusal_page("action_not_allowed_email_domain_is_claimed");
}

/// Somebody whose address is proven signs in by other means. That another company's provider names the address is no proof.
async fn who_signs_in_by_other_means_is_not_taken_over(app: TestApp) {
    let lent = Lent::new(&app, Source::Oidc).await;
    let own = app.connection(&lent.borrower).await;
    let mut browser = Browser::new(&app);
    let token = browser.token(&own, "grace@example.com").await;
    let grace = text(&app.redeem(&token).await.ok()["member_id"]);
    signs_in(&mut browser, &lent.borrowed, "grace@example.com")
        .await
        .refusal_page("oidc_response_subject_mismatch");
    // What ties her to the other connection is taken away; that a provider has vouched for her stays.
    let path = format!("/v1/vestibule/organizations/{}/members/{grace}/registrations", lent.borrower);
    let registration = text(&app.get(&path).await.ok()["registrations"][0]["registration_id"]);
    app.delete(&format!("{path}/{registration}")).await.ok();
    signs_in(&mut browser, &lent.borrowed, "grace@example.com")
        .await
        .refusal_page("external_connection_address_not_accepted");
    // In the lender's own domain its word is enough.
    claim(&app, &lent.lender, &["example.com"]).await;
    assert_eq!(session(&app, &lent.borrowed, "grace@example.com").await["member_id"], grace.as_str());
}

/// A lender's provider brings an address of the borrower's domain before it is claimed. Whoever then comes by the borrower's
/// own connection is not made one with whom it brought.
async fn who_was_planted_is_not_joined(app: TestApp) {
    let lent = Lent::new(&app, Source::Oidc).await;
    let planted = session(&app, &lent.borrowed, ADA).await;
    claim(&app, &lent.borrower, &["example.com"]).await;
    let own = app.connection(&lent.borrower).await;
    let mut browser = Browser::new(&app);
    signs_in(&mut browser, &own, ADA).await.refusal_page("oidc_response_subject_mismatch");
    let place =
        format!("/v1/b2b/organizations/{}/member?member_id={}", lent.borrower, text(&planted["member_id"]));
    assert_eq!(app.get(&place).await.ok()["member"]["email_address_verified"], false);
}

async fn a_lender_writes_no_trusted_metadata(app: TestApp) {
    let lender = app.organization("acme", json!({})).await;
    let mapping = json!({ "email": "email", "full_name": "name", "plan": "firstName" });
    let at = connect_in(&app, &lender, json!({ "attribute_mapping": mapping })).await;
    let borrower = app.organization("globex", json!({})).await;
    let borrowed = super::borrowed(&app, &borrower, &lender, &at.connection, json!({})).await;
    let theirs = session(&app, &at.connection, ADA).await;
    assert_ne!(theirs["member"]["trusted_metadata"], json!({}), "the mapping maps something");
    for _ in 0..2 {
        let ours = session(&app, &borrowed, ADA).await;
        assert_eq!(ours["member"]["trusted_metadata"], json!({}));
    }
}

/// What was decided by a claim holds until it is kept.
async fn a_claim_that_changes_counts_at_once(app: TestApp) {
    let lent = Lent::new(&app, Source::Oidc).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&lent.borrowed, &[]).await;
    let back = browser.approve(&to, ADA, None).await;
    claim(&app, &lent.lender, &["example.com"]).await;
    let landed = browser.bring(&back).await.location();
    assert!(is_verified(&app.redeem(&parameter(&landed, "token")).await.ok()));
    claim(&app, &lent.lender, &[]).await;
    claim(&app, &lent.borrower, &["example.com"]).await;
    signs_in(&mut browser, &lent.borrowed, "alan@example.com")
        .await
        .refusal_page("external_connection_address_not_accepted");
    // Who is known by subject signs in all the same.
    session(&app, &lent.borrowed, ADA).await;
}
