//! Applications on a phone: a way back by a scheme of their own, which any other application there may claim, and sign-ins that
//! their client has not begun.

use serde_json::json;
use url::Url;
use vestibule_domain::redirect::{RedirectKind, RedirectUrl};
use vestibule_store::tables::redirects;

use super::{Company, Frontend, data};
use crate::app::{TestApp, on_both_engines};
use crate::browser::Browser;
use crate::reply::{Reply, parameter};
use crate::saml_idp::connect;

on_both_engines!(
    an_application_is_come_back_to_by_its_own_scheme,
    nothing_goes_to_a_scheme_without_a_challenge,
    schemes_that_are_nobodys_are_refused_at_the_start,
    a_sign_in_that_began_elsewhere_is_refused_where_that_was_asked,
);

const BACK: &str = "myapp://callback";
const VERIFIER: &str = "0123456789012345678901234567890123456789012";
const CHALLENGE: &str = "_RpfHqw8pAZIomzVUE7sjRmHSM543WVdC4o-Kc4_3C0";
const TWICE: [(&str, &str); 2] = [("login_redirect_url", BACK), ("signup_redirect_url", BACK)];

async fn registered(app: &TestApp, kinds: &[RedirectKind]) {
    for &kind in kinds {
        let url = RedirectUrl { kind, url: BACK.to_owned(), is_default: false };
        app.app.store.commit(redirects::add(app.project.id, &url)).await.unwrap();
    }
}

/// The start of a phone's client, with the challenge that it always has and more.
async fn start(app: &TestApp, connection: &str, more: &[(&str, &str)]) -> Reply {
    Browser::new(app).start_reply(connection, more).await
}

async fn an_application_is_come_back_to_by_its_own_scheme(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let begun = [TWICE[0], TWICE[1], ("pkce_code_challenge", CHALLENGE)];
    start(&app, &acme.connection, &begun).await.refused(400, "no_match_for_provided_sso_url");
    registered(&app, &[RedirectKind::Login, RedirectKind::Signup]).await;
    // To the letter, as any other.
    for other in
        ["myapp://callback/", "myapp://callback2", "myapp://Callback", "myapp:/callback", "myapp2://callback"]
    {
        let begun = [("login_redirect_url", other), TWICE[1], ("pkce_code_challenge", CHALLENGE)];
        start(&app, &acme.connection, &begun).await.refused(400, "no_match_for_provided_sso_url");
    }
    let mut browser = Browser::new(&app);
    let to = browser.start(&acme.connection, &begun).await;
    let back = browser.approve(&to, "ada@acme.example.com", None).await;
    let to = browser.bring(&back).await.location();
    assert!(to.as_str().starts_with("myapp://callback?slug=acme&stytch_token_type=sso&token="), "{to}");
    let bring = |verifier: Option<&str>| json!({ "sso_token": parameter(&to, "token"), "pkce_code_verifier": verifier, "session_duration_minutes": 60 });
    let authenticate = "/sdk/v1/b2b/sso/authenticate";
    page.post(authenticate, bring(None)).await.refused(400, "pkce_expected_code_verifier");
    let came = data(&page.post(authenticate, bring(Some(VERIFIER))).await);
    assert_eq!(came["member_id"], acme.member_id.as_str());
}

async fn nothing_goes_to_a_scheme_without_a_challenge(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let all = [RedirectKind::Login, RedirectKind::Signup, RedirectKind::Invite, RedirectKind::Discovery];
    registered(&app, &all).await;
    let one = [TWICE[0]];
    let other = [TWICE[1]];
    for more in [&TWICE[..], &one, &other] {
        start(&app, &acme.connection, more).await.refused(400, "invalid_pkce_code_challenge");
    }
    let links = "/sdk/v1/b2b/magic_links/email";
    let ada = "ada@acme.example.com";
    let by_mail = |challenge: Option<&str>| json!({ "organization_id": acme.organization, "email_address": ada, "login_redirect_url": BACK, "pkce_code_challenge": challenge });
    page.post(&format!("{links}/login_or_signup"), by_mail(None))
        .await
        .refused(400, "invalid_pkce_code_challenge");
    data(&page.post(&format!("{links}/login_or_signup"), by_mail(Some(CHALLENGE))).await);
    assert!(app.messages_to(ada).await.pop().unwrap().text.contains("myapp://callback?stytch_token_type="));
    let seek = json!({ "email_address": ada, "discovery_redirect_url": BACK });
    page.post(&format!("{links}/discovery/send"), seek).await.refused(400, "invalid_pkce_code_challenge");
    let invite = json!({ "email_address": "grace@acme.example.com", "invite_redirect_url": BACK });
    acme.admin.post(&format!("{links}/invite"), invite).await.refused(400, "invalid_pkce_code_challenge");
    // As the project's own, it is none the safer.
    registered_as_default(&app).await;
    start(&app, &acme.connection, &[]).await.refused(400, "invalid_pkce_code_challenge");
    start(&app, &acme.connection, &[("pkce_code_challenge", CHALLENGE)]).await.location();
    let at = connect(&app, "globex", json!({})).await;
    let mut browser = Browser::new(&app);
    let back = browser.begin_saml(&at, "ada@example.com", &[]).await;
    let refused = browser.bring(&back).await;
    refused.refusal_page("invalid_login_sso_url");
    assert!(refused.text().contains("own scheme"), "{}", refused.text());
}

async fn registered_as_default(app: &TestApp) {
    for kind in [RedirectKind::Login, RedirectKind::Signup] {
        app.app.store.commit(redirects::make_default(app.project.id, kind, BACK)).await.unwrap();
    }
}

/// Even one that somebody has written into the list.
async fn schemes_that_are_nobodys_are_refused_at_the_start(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    for hostile in [
        "javascript:alert(1)",
        "javascript://app.example.com/%0Aalert(1)",
        "JAVASCRIPT://x/",
        "data:text/html,x",
        "vbscript://x/",
        "file:///etc/passwd",
        "intent://app/#Intent;scheme=https;end",
        "myapp:callback",
    ] {
        for kind in [RedirectKind::Login, RedirectKind::Signup] {
            let url = RedirectUrl { kind, url: Url::parse(hostile).unwrap().to_string(), is_default: false };
            app.app.store.commit(redirects::add(app.project.id, &url)).await.unwrap();
        }
        let begun = [
            ("login_redirect_url", hostile),
            ("signup_redirect_url", hostile),
            ("pkce_code_challenge", CHALLENGE),
        ];
        start(&app, &acme.connection, &begun).await.refused(400, "invalid_redirect_url");
    }
}

/// Anybody can send a browser to the end of a sign-in that they began at their own provider. A client that begins every
/// sign-in itself says so.
async fn a_sign_in_that_began_elsewhere_is_refused_where_that_was_asked(app: TestApp) {
    let page = Frontend::of(&app).await;
    let at = connect(&app, "acme", json!({})).await;
    let mut browser = Browser::new(&app);
    let back = browser.begin_saml(&at, "eve@example.com", &[]).await;
    let token = parameter(&browser.bring(&back).await.location(), "token");
    let bring = |verifier: Option<&str>, solicited_only: bool| {
        let body =
            json!({ "sso_token": token, "pkce_code_verifier": verifier, "solicited_only": solicited_only });
        page.post("/sdk/v1/b2b/sso/authenticate", body)
    };
    for verifier in [None, Some(VERIFIER)] {
        bring(verifier, true).await.refused(400, "pkce_did_not_expect_code_verifier");
    }
    // It has not been spent: an application that takes such sign-ins does.
    data(&bring(Some(VERIFIER), false).await);
}
