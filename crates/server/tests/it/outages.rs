//! A provider that fails is nobody's fault here: the page says so with its status, leads back to the beginning, and goes on
//! saying it when it is loaded again.

use std::time::Duration;

use serde_json::json;
use vestibule_testidp::{Fault, Whims};

use crate::app::{BASE_URL, TestApp, on_both_engines};
use crate::browser::{Browser, Return};
use crate::reply::Reply;
use crate::saml_idp::connect;

on_both_engines!(
    an_outage_is_a_page_that_leads_back,
    a_provider_that_is_late_is_504,
    a_read_is_tried_once_more,
    a_page_loaded_again_says_why,
    nobody_else_is_told_why,
    a_stranger_learns_no_name,
);

async fn answered(app: &TestApp, connection: &str, fault: Option<Fault>) -> (Browser, Return) {
    let mut browser = Browser::new(app);
    let to = browser.start(connection, &[]).await;
    let back = browser.approve(&to, "ada@example.com", fault).await;
    (browser, back)
}

/// Where a page's link leads that begins anew.
fn again(page: &Reply) -> String {
    let text = page.text();
    let before = text.split("data-testid=\"refusal-again\"").next().unwrap();
    let link = before.rsplit("href=\"").next().unwrap().split('"').next().unwrap();
    let link = link.replace("&#38;", "&").replace("&amp;", "&");
    link.strip_prefix(BASE_URL).unwrap_or_else(|| panic!("no link on: {text}")).to_owned()
}

async fn an_outage_is_a_page_that_leads_back(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    // Who has no address without it is nobody while user information is out of reach.
    let nobody = json!({ "email": null, "email_verified": null }).as_object().unwrap().clone();
    app.provider.set_whims(Whims { claims: nobody, ..Whims::default() });
    for path in ["/token", "/jwks", "/userinfo"] {
        let (mut browser, back) = answered(&app, &connection, None).await;
        app.provider.set_path_down(Some(path));
        let page = browser.bring(&back).await;
        assert_eq!(page.status.as_u16(), 502, "{path}: {}", page.text());
        page.refusal_page("oidc_provider_unreachable");
        assert!(page.text().contains("503"), "{path}: {}", page.text());
        let begun = browser.get(&again(&page)).await;
        assert_eq!(begun.status.as_u16(), 302, "{path}: {}", begun.text());
        app.provider.set_path_down(None);
    }
    assert_eq!(app.provider.hits("/token"), 3, "a code is sent once");
    // What it cannot say by a status it says by an error.
    for error in ["server_error", "temporarily_unavailable"] {
        let (mut browser, back) = answered(&app, &connection, None).await;
        let page = browser.bring(&back.with("code", None).with("error", Some(error))).await;
        assert!(page.status.as_u16() == 502 && page.text().contains(error), "{}", page.text());
        assert_eq!(browser.get(&again(&page)).await.status.as_u16(), 302);
    }
}

async fn a_provider_that_is_late_is_504(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    let impatient = app.impatient_node(Duration::from_millis(300)).await;
    let (mut browser, mut back) = answered(&impatient, &connection, None).await;
    for path in ["/token", "/jwks"] {
        app.provider.hold(Some(path));
        let page = browser.bring(&back).await;
        app.provider.hold(None);
        assert_eq!(page.status.as_u16(), 504, "{path}: {}", page.text());
        assert!(page.text().contains("did not finish its answer within"), "{}", page.text());
        assert_eq!(browser.get(&again(&page)).await.status.as_u16(), 302);
        (browser, back) = answered(&impatient, &connection, None).await;
    }
}

async fn a_read_is_tried_once_more(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    app.provider.blink("/jwks");
    Browser::new(&app).sign_in(&connection, "ada@example.com").await.location();
    assert_eq!(app.provider.hits("/jwks"), 2);
    // What may have done something is not.
    let asked = app.provider.hits("/token");
    app.provider.blink("/token");
    let page = Browser::new(&app).sign_in(&connection, "ada@example.com").await;
    assert_eq!((page.status.as_u16(), app.provider.hits("/token")), (502, asked + 1));
}

async fn a_page_loaded_again_says_why(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    let (mut browser, back) = answered(&app, &connection, None).await;
    app.provider.set_path_down(Some("/token"));
    let first = browser.bring(&back).await;
    app.provider.set_path_down(None);
    app.pass(60);
    for _ in 0..2 {
        let reloaded = browser.bring(&back).await;
        assert_eq!(reloaded.status.as_u16(), 502, "{}", reloaded.text());
        reloaded.refusal_page("oidc_provider_unreachable");
        assert_eq!(reloaded.shown("refusal-trace"), first.shown("refusal-trace"));
        // Where it was to end is known no longer: the way on is the application's.
        let text = reloaded.text();
        assert!(!text.contains("refusal-again") && text.contains("refusal-back"), "{text}");
    }
    // The same at another node, and for any refusal of either protocol.
    let (mut browser, back) = answered(&app, &connection, Some(Fault::WrongNonce)).await;
    let first = browser.bring(&back).await;
    let mut elsewhere = Browser::new(&app.second_node().await);
    elsewhere.cookies = browser.cookies.clone();
    let reloaded = elsewhere.bring(&back).await;
    reloaded.refusal_page("oidc_invalid_id_token");
    assert_eq!(reloaded.shown("refusal-trace"), first.shown("refusal-trace"));
    let at = connect(&app, "globex", json!({})).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&at.connection, &[]).await;
    let back = browser.answer_saml(&to, "ada@example.com", &[("fault", "wrong_audience")]).await;
    for _ in 0..2 {
        browser.bring(&back).await.refusal_page("invalid_audience_saml_response");
    }
    // A sign-in that was accepted is over, as before.
    let (mut browser, back) = answered(&app, &connection, None).await;
    browser.bring(&back).await.location();
    assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
    assert!(browser.bring(&back).await.status.is_client_error());
}

async fn nobody_else_is_told_why(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    let (mut browser, back) = answered(&app, &connection, Some(Fault::WrongNonce)).await;
    browser.bring(&back).await.refusal_page("oidc_invalid_id_token");
    Browser::new(&app).bring(&back).await.refusal_page("missing_oidc_csrf_cookie");
    // Nor by the trace of another sign-in.
    let (mut other, own) = answered(&app, &connection, Some(Fault::WrongAudience)).await;
    other.bring(&own).await.refusal_page("oidc_invalid_id_token");
    let name = browser.cookies.keys().next().unwrap().clone();
    let foreign = other.cookies.values().next().unwrap().clone();
    browser.cookies.insert(name, foreign);
    browser.bring(&back).await.refusal_page("unsolicited_oidc_response");
}

/// Who brings an answer without the sign-in that asked for it is told neither whose connection it is nor where to begin.
async fn a_stranger_learns_no_name(app: TestApp) {
    let name = "A Customer Nobody Knows";
    let organization = app.organization("acme", json!({ "organization_name": name })).await;
    let connection = app.connection(&organization).await;
    let (mut browser, back) = answered(&app, &connection, Some(Fault::WrongNonce)).await;
    let first = browser.bring(&back).await;
    assert!(first.text().contains(name), "{}", first.text());
    assert!(browser.bring(&back).await.text().contains(name), "the page is loaded again");
    let stray = back.clone().with("code", None).with("state", None);
    for query in [back, stray.clone(), stray.with("error", Some("server_error"))] {
        let page = Browser::new(&app).bring(&query).await;
        let text = page.text();
        assert!(page.status.as_u16() >= 400 && text.contains("refusal-back"), "{text}");
        assert!(!text.contains(name) && !text.contains("refusal-again"), "{text}");
    }
}
