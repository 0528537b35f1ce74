//! What a sign-in is for, and where it was sent: a test signs nobody in, and an answer belongs to the provider that was
//! asked.

use serde_json::{Value, json};
use url::Url;

use crate::app::{BASE_URL, TestApp, on_both_engines};
use crate::browser::Browser;
use crate::provider::{CLIENT_ID, CLIENT_SECRET, Provider};
use crate::reply::Reply;
use crate::saml_idp::connect;

on_both_engines!(
    a_test_shows_what_was_found_and_signs_nobody_in,
    a_test_through_saml_uses_up_its_message,
    a_test_that_is_refused_says_why,
    a_test_of_what_is_not_there_is_refused,
    a_code_is_not_brought_to_another_provider,
    a_response_is_not_judged_for_another_provider,
);

async fn start_test(app: &TestApp, browser: &mut Browser, connection: &str) -> Reply {
    let token = &app.project.public_token;
    browser.get(&format!("/v1/public/sso/test?public_token={token}&connection_id={connection}")).await
}

fn shows(page: &Reply, email: &str, would: &str) {
    let text = page.text();
    assert_eq!(page.status, 200, "{text}");
    assert!(page.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    assert!(text.contains("This was a test: nobody was signed in"), "{text}");
    assert!(text.contains(&format!("<code data-testid=\"test-email\">{email}</code>")), "{text}");
    assert!(text.contains(would), "{text}");
}

/// The newest trace, which is of a test, and the names of its checks.
async fn tested(app: &TestApp) -> (Value, Vec<String>) {
    let listed = app.get("/v1/vestibule/sign_in_traces?outcome=tested").await.ok();
    let trace = listed["sign_in_traces"][0].clone();
    assert_eq!((&trace["outcome"], &trace["member_id"]), (&json!("tested"), &Value::Null));
    let steps = trace["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["passed"] == true), "{trace}");
    let names = steps.iter().map(|step| step["check"].as_str().unwrap().to_owned()).collect();
    (trace, names)
}

async fn a_test_shows_what_was_found_and_signs_nobody_in(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    let mut browser = Browser::new(&app);
    let to = start_test(&app, &mut browser, &connection).await.location();
    let back = browser.approve(&to, "ada@example.com", None).await;
    let page = browser.bring(&back).await;
    shows(&page, "ada@example.com", "A new member would be made");
    assert!(page.text().contains("subject-ada") && page.text().contains("Ada Lovelace"), "{}", page.text());
    assert!(browser.cookies.is_empty(), "the attempt's cookie is taken back");
    assert_eq!(app.member_count(&organization).await, 0);
    let (trace, steps) = tested(&app).await;
    assert!(page.text().contains(trace["request_id"].as_str().unwrap()));
    for check in ["state", "token_exchange", "id_token", "email", "admission"] {
        assert!(steps.iter().any(|step| step == check), "{check}: {trace}");
        assert!(page.text().contains(&format!("<dt>{check}</dt>")), "{check}");
    }
    // It is finished as any sign-in is.
    browser.bring(&back).await.refusal_page("missing_oidc_csrf_cookie");

    // Somebody who is there is found and not touched.
    let session = app.session(&connection, "ada@example.com").await;
    let before = app
        .get(&format!("/v1/b2b/organizations/{organization}/member?member_id={}", id(&session)))
        .await
        .ok();
    let to = start_test(&app, &mut browser, &connection).await.location();
    let back = browser.approve(&to, "ada.king@example.com", None).await;
    let page = browser.bring(&back).await;
    shows(&page, "ada.king@example.com", "A member who signed in before would sign in.");
    let after = app
        .get(&format!("/v1/b2b/organizations/{organization}/member?member_id={}", id(&session)))
        .await
        .ok();
    assert_eq!(before["member"], after["member"]);
}

fn id(session: &Value) -> &str {
    session["member_id"].as_str().unwrap()
}

async fn a_test_through_saml_uses_up_its_message(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let mut browser = Browser::new(&app);
    let to = start_test(&app, &mut browser, &at.connection).await.location();
    let back = browser.answer_saml(&to, "ada@example.com", &[]).await;
    shows(&browser.bring(&back).await, "ada@example.com", "A new member would be made");
    assert_eq!(app.member_count(&at.organization).await, 0);
    let (trace, steps) = tested(&app).await;
    assert!(
        steps.iter().any(|step| step == "assertion_signature")
            && steps.iter().any(|step| step == "admission"),
        "{trace}"
    );
    // Without its state it is no answer to anything, and with it it was used.
    let reply = browser.bring(&back.clone().with("RelayState", None)).await;
    assert!(reply.status.is_client_error(), "{}", reply.text());
    assert!(browser.bring(&back).await.status.is_client_error());
    assert_eq!(app.member_count(&at.organization).await, 0);
}

async fn a_test_that_is_refused_says_why(app: TestApp) {
    let organization = app
        .organization(
            "acme",
            json!({ "sso_jit_provisioning": "NOT_ALLOWED", "email_invites": "ALL_ALLOWED" }),
        )
        .await;
    let connection = app.connection(&organization).await;
    let mut browser = Browser::new(&app);
    let to = start_test(&app, &mut browser, &connection).await.location();
    let back = browser.approve(&to, "ada@example.com", None).await;
    let page = browser.bring(&back).await;
    assert!(page.status.is_client_error(), "{}", page.text());
    let newest = app.traces().await.swap_remove(0);
    assert_eq!(newest["outcome"], "refused");
    page.refusal_page(newest["error_type"].as_str().unwrap());
    assert_eq!(newest["steps"].as_array().unwrap().last().unwrap()["check"], "admission");
    // Whoever tries a connection is an administrator.
    let text = page.text();
    assert!(page.shown("refusal-test").starts_with("This was a test"), "{text}");
    assert!(
        text.contains("data-testid=\"refusal-details\" open>") && text.contains("<span>acme</span>"),
        "{text}"
    );
}

async fn a_test_of_what_is_not_there_is_refused(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let (active, pending) =
        (app.connection(&organization).await, app.pending_connection(&organization).await);
    let token = app.project.public_token.to_string();
    let other = app.other_project().await.project.public_token.to_string();
    for (token, connection, status, code) in [
        ("nonsense", active.as_str(), 400, "invalid_public_token_id"),
        (&token, pending.as_str(), 400, "requires_active_sso_connection"),
        (&token, "nonsense", 404, "sso_connection_not_found"),
        (&other, active.as_str(), 404, "sso_connection_not_found"),
    ] {
        let path = format!("/v1/public/sso/test?public_token={token}&connection_id={connection}");
        let reply = Browser::new(&app).get(&path).await;
        assert_eq!((u16::from(reply.status), reply.envelope()), (status, code.to_owned()), "{path}");
    }
}

/// The connection is given to another provider between start and callback: the code of the first one is kept from it.
async fn a_code_is_not_brought_to_another_provider(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    let other = Provider::start(&app.app.clock, &app.app.entropy, &format!("{BASE_URL}/")).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&connection, &[]).await;
    let back = browser.approve(&to, "ada@example.com", None).await;
    let issuer = &other.issuer;
    let elsewhere = json!({
        "issuer": issuer,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "authorization_url": format!("{issuer}/authorize"),
        "token_url": format!("{issuer}/token"),
        "userinfo_url": format!("{issuer}/userinfo"),
        "jwks_url": format!("{issuer}/jwks"),
    });
    app.put(&format!("/v1/b2b/sso/oidc/{organization}/connections/{connection}"), elsewhere).await.ok();
    refused_as_moved(&app, browser.bring(&back).await).await;
    assert_eq!((other.hits("/token"), other.hits("/jwks")), (0, 0), "the first provider's code was sent on");
    assert_eq!(app.provider.hits("/token"), 0);
    // A sign-in that starts now goes to the new provider and is answered by it.
    let to: Url = browser.start(&connection, &[]).await;
    assert!(to.as_str().starts_with(issuer.as_str()), "{to}");
    other.stop();
}

async fn a_response_is_not_judged_for_another_provider(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&at.connection, &[]).await;
    let back = browser.answer_saml(&to, "ada@example.com", &[]).await;
    let elsewhere = json!({
        "idp_entity_id": "https://other.example.com",
        "idp_sso_url": "https://other.example.com/sso",
    });
    app.put(&at.path(), elsewhere).await.ok();
    refused_as_moved(&app, browser.bring(&back).await).await;
    assert_eq!(app.member_count(&at.organization).await, 0);
}

async fn refused_as_moved(app: &TestApp, page: Reply) {
    page.refusal_page("invalid_callback_id");
    assert!(page.text().contains("was moved to another identity provider"), "{}", page.text());
    let newest = app.traces().await.swap_remove(0);
    let last = newest["steps"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["check"], &last["passed"]), (&json!("provider"), &json!(false)), "{newest}");
}
