//! PKCE and nonce in each of their modes, parameters that a connection adds, and endpoints that are learnt when they are needed.

use serde_json::{Value, json};
use vestibule_domain::Patch;
use vestibule_domain::connection::{
    Channel, CommonPatch, Forwarded, OidcPatch, PkceMode, UpstreamParam, UpstreamParams,
};
use vestibule_testidp::{Fault, Whims};

use super::{set, set_common};
use crate::app::{TestApp, on_both_engines};
use crate::browser::Browser;
use crate::provider::{CLIENT_ID, CLIENT_SECRET};
use crate::reply::parameter;

on_both_engines!(
    each_pkce_mode_sends_what_it_says_and_is_kept_to,
    a_code_of_another_browser_is_worth_nothing,
    settings_that_change_meanwhile_change_no_sign_in,
    a_nonce_that_was_sent_is_met_and_one_that_was_not_is_none,
    an_id_token_by_the_browser_always_has_a_nonce,
    a_connection_adds_parameters_and_replaces_none,
    endpoints_are_learnt_when_somebody_signs_in,
    nobody_signs_in_through_a_connection_that_is_switched_off,
);

const ADA: &str = "ada@example.com";

fn pkce(mode: PkceMode) -> OidcPatch {
    OidcPatch { pkce: Patch::Set(mode), ..OidcPatch::default() }
}

fn without_nonce(yes: bool) -> OidcPatch {
    OidcPatch { no_back_channel_nonce: Patch::Set(yes), ..OidcPatch::default() }
}

fn sent(url: &url::Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

/// A connection whose provider's document announces these methods.
async fn announcing(app: &TestApp, slug: &str, methods: Value) -> String {
    let document = json!({ "code_challenge_methods_supported": methods });
    app.provider.set_whims(Whims { document: document.as_object().unwrap().clone(), ..Whims::default() });
    let organization = app.organization(slug, json!({})).await;
    let connection = app.connection(&organization).await;
    app.provider.set_whims(Whims::default());
    connection
}

async fn each_pkce_mode_sends_what_it_says_and_is_kept_to(app: TestApp) {
    let lists = [json!(["plain", "S256"]), json!(["plain"]), Value::Null];
    let (s256, plain) = (Some("S256"), Some("plain"));
    for (index, (list, auto)) in lists.into_iter().zip([s256, plain, None]).enumerate() {
        let connection = announcing(&app, &format!("acme-{index}"), list).await;
        for (mode, method) in [
            (PkceMode::Auto, auto),
            (PkceMode::S256, s256),
            (PkceMode::Plain, plain),
            (PkceMode::Disabled, None),
        ] {
            set(&app, &connection, pkce(mode)).await;
            let mut browser = Browser::new(&app);
            let to = browser.start(&connection, &[]).await;
            assert_eq!(sent(&to, "code_challenge_method").as_deref(), method, "{mode:?} {index}");
            let back = browser.approve(&to, ADA, None).await;
            // The provider refuses a verifier that does not fit, or that nobody announced.
            browser.bring(&back).await.location();
            let verifier = app.provider.redeemed().remove("code_verifier");
            assert_eq!(verifier.is_some(), method.is_some(), "{mode:?} {index}");
            if method == plain {
                assert_eq!(verifier, sent(&to, "code_challenge"));
            }
        }
    }
}

/// What somebody else was given for their own sign-in is put into the address of one's own.
async fn a_code_of_another_browser_is_worth_nothing(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    for (mode, nonce) in [(PkceMode::S256, true), (PkceMode::Plain, true), (PkceMode::Plain, false)] {
        set(&app, &connection, OidcPatch { pkce: Patch::Set(mode), ..without_nonce(nonce) }).await;
        let (victim, mut attacker) = (&mut Browser::new(&app), Browser::new(&app));
        let of_victim = victim.start(&connection, &[]).await;
        let stolen = victim.approve(&of_victim, ADA, None).await.field("code");
        let of_attacker = attacker.start(&connection, &[]).await;
        let own = attacker.approve(&of_attacker, "alan@example.com", None).await;
        attacker.bring(&own.with("code", Some(&stolen))).await.refusal_page("oidc_auth_code_error");
    }
    // Without PKCE the nonce is what tells.
    set(&app, &connection, OidcPatch { pkce: Patch::Set(PkceMode::Disabled), ..without_nonce(false) }).await;
    let (mut victim, mut attacker) = (Browser::new(&app), Browser::new(&app));
    let of_victim = victim.start(&connection, &[]).await;
    let stolen = victim.approve(&of_victim, ADA, None).await.field("code");
    let of_attacker = attacker.start(&connection, &[]).await;
    let own = attacker.approve(&of_attacker, "alan@example.com", None).await;
    attacker.bring(&own.with("code", Some(&stolen))).await.refusal_page("oidc_invalid_id_token");
    assert_eq!(app.member_count(&organization).await, 0);
}

async fn settings_that_change_meanwhile_change_no_sign_in(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    for (before, after) in [
        (PkceMode::S256, PkceMode::Disabled),
        (PkceMode::Disabled, PkceMode::S256),
        (PkceMode::Plain, PkceMode::S256),
    ] {
        set(&app, &connection, pkce(before)).await;
        let mut browser = Browser::new(&app);
        let to = browser.start(&connection, &[]).await;
        let back = browser.approve(&to, ADA, None).await;
        set(&app, &connection, pkce(after)).await;
        browser.bring(&back).await.location();
    }
    // A nonce that was sent has to be met, whatever the connection is set to by now.
    let mut browser = Browser::new(&app);
    let to = browser.start(&connection, &[]).await;
    let back = browser.approve(&to, ADA, Some(Fault::WrongNonce)).await;
    set(&app, &connection, without_nonce(true)).await;
    browser.bring(&back).await.refusal_page("oidc_invalid_id_token");
}

async fn a_nonce_that_was_sent_is_met_and_one_that_was_not_is_none(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    Browser::new(&app).sign_in_with(&connection, ADA, Some(Fault::WrongNonce)).await.refusal_page("nonce");
    set(&app, &connection, without_nonce(true)).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&connection, &[]).await;
    assert_eq!(sent(&to, "nonce"), None);
    let back = browser.approve(&to, ADA, None).await;
    browser.bring(&back).await.location();
    // A provider that writes one of its own.
    let claims = json!({ "nonce": "of the provider's own" });
    app.provider.set_whims(Whims { claims: claims.as_object().unwrap().clone(), ..Whims::default() });
    browser.sign_in(&connection, ADA).await.location();
    app.provider.set_whims(Whims::default());
    // Everything else is as strict as ever.
    for fault in [Fault::WrongIssuer, Fault::WrongAudience, Fault::BadSignature, Fault::AlgNone] {
        Browser::new(&app)
            .sign_in_with(&connection, ADA, Some(fault))
            .await
            .refusal_page("oidc_invalid_id_token");
    }
}

async fn an_id_token_by_the_browser_always_has_a_nonce(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    let front = OidcPatch { channel: Patch::Set(Channel::FrontChannel), ..without_nonce(true) };
    set(&app, &connection, front).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&connection, &[]).await;
    assert!(sent(&to, "nonce").is_some() && sent(&to, "code_challenge").is_none(), "{to}");
    let back = browser.approve(&to, ADA, None).await;
    browser.bring(&back).await.location();
    Browser::new(&app)
        .sign_in_with(&connection, ADA, Some(Fault::WrongNonce))
        .await
        .refusal_page("oidc_invalid_id_token");
    // One that began as a code, without a nonce, and is answered by an id token that has none either.
    set(&app, &connection, OidcPatch { channel: Patch::Set(Channel::BackChannel), ..OidcPatch::default() })
        .await;
    let mut browser = Browser::new(&app);
    let began = browser.start(&connection, &[]).await;
    set(&app, &connection, OidcPatch { channel: Patch::Set(Channel::FrontChannel), ..OidcPatch::default() })
        .await;
    let other = browser.start(&connection, &[]).await;
    let back = browser.approve(&other, ADA, None).await;
    let state = parameter(&began, "state");
    browser.bring(&back.with("state", Some(&state))).await.refusal_page("oidc_invalid_id_token");
}

async fn a_connection_adds_parameters_and_replaces_none(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    let params = UpstreamParams::from([
        ("hd".to_owned(), UpstreamParam::Value("acme.test".to_owned())),
        ("resource".to_owned(), UpstreamParam::Value("https://api.acme.test".to_owned())),
        ("screen_name".to_owned(), UpstreamParam::Alias(Forwarded::LoginHint)),
        ("login_hint".to_owned(), UpstreamParam::Value("always@acme.test".to_owned())),
    ]);
    let common = CommonPatch { upstream_params: Patch::Set(params), ..CommonPatch::default() };
    set_common(&app, &connection, common).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&connection, &[("provider_hd", "evil.test"), ("login_hint", ADA)]).await;
    assert_eq!(sent(&to, "hd").as_deref(), Some("acme.test"), "{to}");
    assert_eq!(sent(&to, "resource").as_deref(), Some("https://api.acme.test"));
    assert_eq!(sent(&to, "login_hint").as_deref(), Some("always@acme.test"));
    assert_eq!(sent(&to, "screen_name"), None, "this door hands nothing on");
    let back = browser.approve(&to, ADA, None).await;
    browser.bring(&back).await.location();
}

async fn endpoints_are_learnt_when_somebody_signs_in(app: TestApp) {
    const DOCUMENT: &str = "/.well-known/openid-configuration";
    let organization = app.organization("acme", json!({})).await;
    let connection = app.pending_connection(&organization).await;
    let issuer = app.provider.issuer.clone();
    // Neither the token endpoint nor the keys are given, and the provider is down.
    app.provider.set_path_down(Some(DOCUMENT));
    let body = json!({ "issuer": issuer, "authorization_url": format!("{issuer}/authorize"), "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET });
    let path = format!("/v1/b2b/sso/oidc/{organization}/connections/{connection}");
    assert_eq!(app.put(&path, body).await.ok()["connection"]["status"], "pending");
    let mut browser = Browser::new(&app);
    browser.start_reply(&connection, &[]).await.refused(400, "requires_active_sso_connection");
    app.provider.set_path_down(None);
    let asked = app.provider.hits(DOCUMENT);
    // It was asked a moment ago: whoever starts does not make us ask again and again.
    browser.start_reply(&connection, &[]).await.refused(400, "requires_active_sso_connection");
    assert_eq!(app.provider.hits(DOCUMENT), asked);
    app.app.clock.advance(61_000);
    browser.sign_in(&connection, ADA).await.location();
    let shown = app.get(&format!("/v1/b2b/sso/{organization}")).await.ok();
    assert_eq!(shown["oidc_connections"][0]["status"], "active");
    assert_eq!(shown["oidc_connections"][0]["token_url"], format!("{issuer}/token"));
}

async fn nobody_signs_in_through_a_connection_that_is_switched_off(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    let switch = |off| CommonPatch { is_switched_off: Patch::Set(off), ..CommonPatch::default() };
    let mut browser = Browser::new(&app);
    let token = browser.token(&connection, ADA).await;
    let to = browser.start(&connection, &[]).await;
    let back = browser.approve(&to, ADA, None).await;
    set_common(&app, &connection, switch(true)).await;
    browser.bring(&back).await.refusal_page("sso_connection_switched_off");
    browser.start_reply(&connection, &[]).await.refused(400, "sso_connection_switched_off");
    app.redeem(&token).await.refused(400, "sso_connection_switched_off");
    let shown = app.get(&format!("/v1/b2b/sso/{organization}")).await.ok();
    assert_eq!(shown["oidc_connections"][0]["status"], "pending");
    set_common(&app, &connection, switch(false)).await;
    browser.sign_in(&connection, ADA).await.location();
}
