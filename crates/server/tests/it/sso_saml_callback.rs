//! The assertion consumer service: who may bring what, how often, until when.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::json;

use crate::app::{TestApp, on_both_engines};
use crate::browser::{Browser, Return};
use crate::reply::{Reply, parameter};
use crate::saml_idp::{At, connect, connect_in};

const AT_ONCE: usize = 50;

on_both_engines!(
    one_of_fifty_posts_wins,
    one_of_fifty_answers_wins,
    a_response_is_used_once,
    only_the_browser_that_started_may_finish,
    a_sign_in_ends_after_ten_minutes,
    what_is_gone_signs_nobody_in,
    a_lost_relay_state_is_named,
    a_field_is_given_once,
    a_response_in_a_query_needs_a_gateway,
    garbage_is_a_page,
);

/// Posts one form fifty times at once; the answers by whether they are redirects.
async fn fifty(browser: &Browser, back: &Return) -> (usize, Vec<Reply>) {
    let callers: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (mut browser, back) = (browser.clone(), back.clone());
            tokio::spawn(async move { browser.bring(&back).await })
        })
        .collect();
    let (mut redirects, mut refused) = (0, Vec::new());
    for caller in callers {
        let answer = caller.await.unwrap();
        if answer.status == 302 {
            redirects += 1;
        } else {
            refused.push(answer);
        }
    }
    (redirects, refused)
}

async fn one_of_fifty_posts_wins(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let browser = Browser::new(&app);
    // Of somebody new, and of somebody who is known.
    for round in 0..2 {
        let back = browser.begin_saml(&at, "ada@example.com", &[]).await;
        let (redirects, refused) = fifty(&browser, &back).await;
        assert_eq!(redirects, 1, "round {round}");
        refused.iter().for_each(|page| page.refusal_page("duplicate_saml_response"));
    }
    assert_eq!(app.member_count(&at.organization).await, 1);
}

async fn one_of_fifty_answers_wins(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&at.connection, &[]).await;
    let back = browser.answer_saml(&to, "ada@example.com", &[]).await;
    let (redirects, refused) = fifty(&browser, &back).await;
    assert_eq!(redirects, 1);
    refused.iter().for_each(|page| page.refusal_page("unsolicited_saml_response"));
}

async fn a_response_is_used_once(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&at.connection, &[]).await;
    let back = browser.answer_saml(&to, "ada@example.com", &[]).await;
    let cookies = browser.cookies.clone();
    browser.bring(&back).await.location();
    browser.bring(&back).await.refusal_page("missing_saml_csrf_cookie");
    browser.cookies = cookies;
    browser.bring(&back).await.refusal_page("unsolicited_saml_response");

    let begun = browser.begin_saml(&at, "ada@example.com", &[]).await;
    browser.bring(&begun).await.location();
    for _ in 0..4 {
        app.pass(60);
        let page = browser.bring(&begun).await;
        page.refusal_page("duplicate_saml_response");
    }
    // What is remembered may be forgotten once it is too old anyway.
    app.pass(3600);
    browser.bring(&begun).await.refusal_page("expired_saml_response");
    // A refusal after the verdict uses nothing up: nobody was let in.
    let settings = json!({ "sso_jit_provisioning": "NOT_ALLOWED", "email_invites": "ALL_ALLOWED" });
    let closed = app.organization("closed", settings).await;
    let closed = connect_in(&app, &closed, json!({})).await;
    let begun = browser.begin_saml(&closed, "ada@example.com", &[]).await;
    browser.bring(&begun).await.refusal_page("jit_provisioning_not_allowed");
    app.member(&closed.organization, "ada@example.com", json!({})).await;
    browser.bring(&begun).await.location();
}

async fn only_the_browser_that_started_may_finish(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let (mut victim, mut attacker) = (Browser::new(&app), Browser::new(&app));
    // The attacker signs in as themselves and has the victim's browser post the answer.
    let to = attacker.start(&at.connection, &[]).await;
    let back = attacker.answer_saml(&to, "alan@example.com", &[]).await;
    victim.bring(&back).await.refusal_page("missing_saml_csrf_cookie");
    victim.start(&at.connection, &[]).await;
    victim.bring(&back).await.refusal_page("missing_saml_csrf_cookie");
    let (own, foreign) = (victim.cookies.values().next().unwrap(), attacker.cookies.keys().next().unwrap());
    victim.cookies = [(foreign.clone(), own.clone())].into();
    victim.bring(&back).await.refusal_page("saml_csrf_cookie_mismatch");
    // The state of the victim's own sign-in does not help: the answer is to another request.
    let own = victim.start(&at.connection, &[]).await;
    let own_state = parameter(&own, "RelayState");
    let swapped = back.clone().with("RelayState", Some(&own_state));
    victim.bring(&swapped).await.refusal_page("unsolicited_saml_response");
    assert_eq!(app.member_count(&at.organization).await, 0);
    attacker.bring(&back).await.location();
}

async fn a_sign_in_ends_after_ten_minutes(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let mut browser = Browser::new(&app);
    let (in_time, late) =
        (browser.start(&at.connection, &[]).await, browser.start(&at.connection, &[]).await);
    app.pass(599);
    let back = browser.answer_saml(&in_time, "ada@example.com", &[]).await;
    browser.bring(&back).await.location();
    app.pass(1);
    let back = browser.answer_saml(&late, "ada@example.com", &[]).await;
    browser.bring(&back).await.refusal_page("expired_saml_response");
}

async fn what_is_gone_signs_nobody_in(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let mut browser = Browser::new(&app);
    let url = app.provider.saml().sso_url().to_owned();
    let token = browser.saml_token(&at, "ada@example.com").await;
    let begun = browser.begin_saml(&at, "ada@example.com", &[]).await;
    let to = browser.start(&at.connection, &[]).await;
    let back = browser.answer_saml(&to, "ada@example.com", &[]).await;

    app.put(&at.path(), json!({ "idp_sso_url": "" })).await.ok();
    browser.clone().bring(&back).await.refusal_page("requires_active_sso_connection");
    browser.clone().bring(&begun).await.refusal_page("requires_active_sso_connection");
    browser.start_reply(&at.connection, &[]).await.refused(400, "requires_active_sso_connection");
    app.redeem(&token).await.refused(400, "requires_active_sso_connection");
    app.put(&at.path(), json!({ "idp_sso_url": url })).await.ok();

    let to = browser.start(&at.connection, &[]).await;
    let back = browser.answer_saml(&to, "ada@example.com", &[]).await;
    app.delete(&format!("/v1/b2b/sso/{}/connections/{}", at.organization, at.connection)).await.ok();
    browser.clone().bring(&back).await.refusal_page("invalid_callback_id");
    browser.clone().bring(&begun).await.refusal_page("invalid_callback_id");
    app.redeem(&token).await.refused(404, "sso_token_not_found");

    let other = connect(&app, "globex", json!({})).await;
    let begun = browser.begin_saml(&other, "ada@example.com", &[]).await;
    app.delete(&format!("/v1/b2b/organizations/{}", other.organization)).await.ok();
    let page = browser.bring(&begun).await;
    assert!(page.status.is_client_error(), "{}", page.text());
}

async fn a_lost_relay_state_is_named(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&at.connection, &[]).await;
    let back = browser.answer_saml(&to, "ada@example.com", &[]).await;
    browser.bring(&back.clone().with("RelayState", None)).await.refusal_page("missing_saml_relay_state");
    browser.bring(&back.clone().with("RelayState", Some(""))).await.refusal_page("missing_saml_relay_state");
    for foreign in ["/dashboard", &"x".repeat(43), &"y".repeat(100_000), "\0"] {
        let foreign = back.clone().with("RelayState", Some(foreign));
        browser.bring(&foreign).await.refusal_page("unsolicited_saml_response");
    }
    browser.bring(&back).await.location();
}

async fn a_field_is_given_once(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&at.connection, &[]).await;
    let back = browser.answer_saml(&to, "ada@example.com", &[]).await;
    for name in ["SAMLResponse", "RelayState"] {
        let mut twice = back.clone();
        twice.fields.push((name.to_owned(), back.field(name)));
        browser.bring(&twice).await.refusal_page("invalid_saml_response");
    }
    let mut more = back.clone();
    more.fields.push(("something_else".to_owned(), "1".to_owned()));
    browser.bring(&more).await.location();
}

async fn a_response_in_a_query_needs_a_gateway(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&at.connection, &[]).await;
    let mut back = browser.answer_saml(&to, "ada@example.com", &[]).await;
    back.is_form = false;
    browser.bring(&back).await.refusal_page("invalid_saml_response");
    browser.get(&at.acs()).await.refusal_page("missing_saml_response");
    app.put(&at.path(), json!({ "allow_gateway_callback": true })).await.ok();
    browser.bring(&back).await.location();
}

async fn garbage_is_a_page(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&at.connection, &[]).await;
    let back = browser.answer_saml(&to, "ada@example.com", &[]).await;
    let response = |text: &str| back.clone().with("SAMLResponse", Some(text)).with("RelayState", None);
    let encoded = |octets: &[u8]| STANDARD.encode(octets);
    let large = format!("<a>{}</a>", "x".repeat(400 * 1024));
    let cases = [
        (back.clone().with("SAMLResponse", None), "missing_saml_response"),
        (response(""), "missing_saml_response"),
        (response("%%%"), "invalid_saml_response"),
        (response("AAE"), "invalid_saml_response"),
        (response(&encoded(b"not xml")), "invalid_xml_saml_response"),
        (response(&encoded(&[0xff, 0xfe, 0, 1])), "invalid_xml_saml_response"),
        (response(&encoded(b"<a><script>alert(1)</script></a>")), "invalid_saml_response"),
        (response(&encoded(large.as_bytes())), "invalid_saml_response"),
        (response(&encoded(&vec![b' '; 600 * 1024])), "invalid_saml_response"),
    ];
    for (number, (back, code)) in cases.iter().enumerate() {
        let page = browser.clone().bring(back).await;
        assert!(page.text().contains(code), "{number}: {} {}", page.status, page.text());
        page.refusal_page(code);
        assert!(!page.text().contains("<script>alert"), "{}", page.text());
    }
    let huge = response(&"A".repeat(1_100_000));
    assert_eq!(browser.bring(&huge).await.status, 413);
    let not_a_form = http::Request::post(at.acs()).header("content-type", "text/xml").body("<a/>".into());
    app.send(not_a_form.unwrap()).await.refusal_page("missing_saml_response");
    for method in [Method::PUT, Method::DELETE, Method::TRACE] {
        let request = http::Request::builder().method(method).uri(at.acs()).body("".into()).unwrap();
        app.send(request).await.refused(405, "method_not_allowed");
    }
    the_other_protocol_is_not_understood(&app, &at, &back).await;
    // None of it used the sign-in up.
    browser.bring(&back).await.location();
}

async fn the_other_protocol_is_not_understood(app: &TestApp, at: &At, back: &Return) {
    let mut browser = Browser::new(app);
    let code = format!("{}?code=c&state={}", at.acs(), back.field("RelayState"));
    browser.get(&code).await.refusal_page("missing_saml_response");
    let oidc = app.connection(&at.organization).await;
    let mut astray = back.clone();
    astray.url = at.acs().replace(&at.connection, &oidc).parse().unwrap();
    browser.bring(&astray).await.refusal_page("missing_oidc_state_param");
}
