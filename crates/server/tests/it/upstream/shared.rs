//! The address that connections share: the state alone says whose answer it is, and an answer comes where its request said.

use serde_json::json;
use vestibule_domain::Patch;
use vestibule_domain::connection::{
    CallbackAddress, Channel, CommonPatch, ConnectionName, OidcPatch, PkceMode,
};
use vestibule_store::{Param, Write};

use super::{change, load, set, set_common};
use crate::app::{BASE_URL, TestApp, on_both_engines};
use crate::browser::{Browser, Return};
use crate::reply::parameter;
use crate::saml_idp::connect;

on_both_engines!(
    codes_and_id_tokens_come_to_the_shared_address,
    an_answer_comes_where_its_request_said,
    connections_are_not_mixed_up,
    only_the_browser_that_began_is_taken,
    a_saml_connection_is_known_by_its_name,
    what_nobody_asked_for_is_taken_by_its_name_in_the_project_of_the_host,
    keys_are_published_by_name,
);

const ADA: &str = "ada@example.com";
const SHARED: &str = "/login/callback";

fn shares() -> CommonPatch {
    CommonPatch { callback: Patch::Set(CallbackAddress::Shared), ..CommonPatch::default() }
}

async fn sharing(app: &TestApp, slug: &str) -> (String, String) {
    let organization = app.organization(slug, json!({})).await;
    let connection = app.connection(&organization).await;
    set_common(app, &connection, shares()).await;
    (organization, connection)
}

async fn rename(app: &TestApp, id: &str, name: &str) {
    let update = "UPDATE connections SET name = ?2 WHERE id = ?1";
    let params = vec![Param::from(id), Param::from(name)];
    app.app.store.commit(Write::any(update, params)).await.unwrap();
}

fn at(back: &Return, path: &str) -> Return {
    let mut back = back.clone();
    back.url = format!("{BASE_URL}{path}").parse().unwrap();
    back
}

async fn codes_and_id_tokens_come_to_the_shared_address(app: TestApp) {
    let (_, connection) = sharing(&app, "acme").await;
    for channel in [Channel::BackChannel, Channel::FrontChannel] {
        set(&app, &connection, OidcPatch { channel: Patch::Set(channel), ..OidcPatch::default() }).await;
        let mut browser = Browser::new(&app);
        let to = browser.start(&connection, &[]).await;
        assert_eq!(parameter(&to, "redirect_uri"), format!("{BASE_URL}{SHARED}"));
        let back = browser.approve(&to, ADA, None).await;
        assert_eq!(back.is_form, channel == Channel::FrontChannel);
        let cookies = browser.cookies.clone();
        let target = browser.bring(&back).await.location();
        app.redeem(&parameter(&target, "token")).await.ok();
        if channel == Channel::BackChannel {
            assert_eq!(app.provider.redeemed()["redirect_uri"], format!("{BASE_URL}{SHARED}"));
        }
        // Once.
        browser.cookies = cookies;
        browser.bring(&back).await.refusal_page("unsolicited_oidc_response");
    }
}

async fn an_answer_comes_where_its_request_said(app: TestApp) {
    let (_, shared) = sharing(&app, "acme").await;
    let own = app.connection(&app.organization("globex", json!({})).await).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&shared, &[]).await;
    let back = browser.approve(&to, ADA, None).await;
    let elsewhere = at(&back, &format!("/v1/b2b/sso/callback/{shared}"));
    browser.clone().bring(&elsewhere).await.refusal_page("unsolicited_oidc_response");
    let to = browser.start(&own, &[]).await;
    let back = browser.approve(&to, ADA, None).await;
    browser.clone().bring(&at(&back, SHARED)).await.refusal_page("unsolicited_oidc_response");
    // Where it is registered does not move with the setting: what was sent before comes back to where it was sent.
    let to = browser.start(&own, &[]).await;
    let back = browser.approve(&to, ADA, None).await;
    set_common(&app, &own, shares()).await;
    browser.bring(&back).await.location();
}

async fn connections_are_not_mixed_up(app: TestApp) {
    let ((acme, first), (globex, second)) = (sharing(&app, "acme").await, sharing(&app, "globex").await);
    for connection in [&first, &second] {
        let loose = OidcPatch { pkce: Patch::Set(PkceMode::Disabled), ..OidcPatch::default() };
        set(&app, connection, loose).await;
    }
    let mut browser = Browser::new(&app);
    let of_first = browser.start(&first, &[]).await;
    let of_second = browser.start(&second, &[]).await;
    let answer = browser.approve(&of_first, ADA, None).await;
    // The first one's code with the second one's state: the state decides, and the code is none of its sign-in.
    let mixed = answer.clone().with("state", Some(&parameter(&of_second, "state")));
    browser.clone().bring(&mixed).await.refusal_page("oidc_invalid_id_token");
    // A name beside the state decides nothing: it may only agree.
    let name = load(&app, &second).await.name;
    let named = answer.clone().with("connection", Some(name.as_str()));
    browser.clone().bring(&named).await.refusal_page("unsolicited_oidc_response");
    // Another provider's answer says who it is.
    let other = answer.clone().with("iss", Some("https://other.test"));
    browser.clone().bring(&other).await.refusal_page("oidc_invalid_callback_request");
    assert_eq!(app.member_count(&acme).await + app.member_count(&globex).await, 0);
}

async fn only_the_browser_that_began_is_taken(app: TestApp) {
    let (organization, connection) = sharing(&app, "acme").await;
    let (mut victim, mut attacker) = (Browser::new(&app), Browser::new(&app));
    let to = attacker.start(&connection, &[]).await;
    let back = attacker.approve(&to, "mallory@example.com", None).await;
    victim.bring(&back).await.refusal_page("missing_oidc_csrf_cookie");
    // With a cookie of its own under the attacker's name.
    let name = attacker.cookies.keys().next().unwrap().clone();
    victim.start(&connection, &[]).await;
    let own = victim.cookies.values().next().unwrap().clone();
    victim.cookies.insert(name, own);
    victim.bring(&back).await.refusal_page("oidc_csrf_cookie_mismatch");
    for state in ["", "made-up", &"x".repeat(600)] {
        let is_none = state.is_empty() || state.len() > 512;
        let code = if is_none { "missing_oidc_state_param" } else { "unsolicited_oidc_response" };
        attacker.clone().bring(&back.clone().with("state", Some(state))).await.refusal_page(code);
    }
    let twice = Return { fields: [back.fields.clone(), back.fields.clone()].concat(), ..back.clone() };
    attacker.clone().bring(&twice).await.refusal_page("missing_oidc_state_param");
    app.app.clock.advance(11 * 60_000);
    attacker.bring(&back).await.refusal_page("expired_oidc_response");
    assert_eq!(app.member_count(&organization).await, 0);
}

async fn a_saml_connection_is_known_by_its_name(app: TestApp) {
    let saml = connect(&app, "acme", json!({})).await;
    set_common(&app, &saml.connection, shares()).await;
    let name = load(&app, &saml.connection).await.name;
    let metadata = app.get(&format!("/v1/public/sso/saml/{}/metadata", saml.connection)).await.text();
    let by_name = app.get(&format!("/samlp/metadata?connection={name}")).await;
    assert_eq!((by_name.status.as_u16(), by_name.text()), (200, metadata.clone()));
    let oidc = app.connection(&app.organization("globex", json!({})).await).await;
    for nobody in ["", "?connection=nobody", &format!("?connection={}", load(&app, &oidc).await.name)] {
        assert_eq!(app.get(&format!("/samlp/metadata{nobody}")).await.status, 404, "{nobody}");
    }
    let acs = format!("{BASE_URL}{SHARED}?connection={name}");
    let entity_id = format!("urn:vestibule:{}:{name}", app.project.id);
    assert!(metadata.contains(&acs) && metadata.contains(&entity_id), "{metadata}");
    let mut browser = Browser::new(&app);
    let to = browser.start(&saml.connection, &[]).await;
    let back = browser.answer_saml(&to, ADA, &[]).await;
    assert_eq!(back.url.as_str(), acs);
    // At the connection's own address, and without the name: the recipient does not fit, or nobody is named.
    browser
        .clone()
        .bring(&at(&back, &format!("/v1/b2b/sso/callback/{}", saml.connection)))
        .await
        .refusal_page("unsolicited_saml_response");
    browser
        .clone()
        .bring(&at(&back, &format!("{SHARED}?connection=another")))
        .await
        .refusal_page("unsolicited_saml_response");
    browser.bring(&back).await.location();
    // A name of our own choice, as the provider knows us.
    change(&app, &saml.connection, |connection| {
        let patch = vestibule_domain::connection::SamlPatch {
            sp_entity_id: Patch::Set("urn:acme:sso".to_owned()),
            ..vestibule_domain::connection::SamlPatch::default()
        };
        let urls = vestibule_domain::connection::UrlPolicy::HttpsOrLoopback;
        connection.apply_saml(patch, None, urls, app.app.clock.now()).unwrap();
    })
    .await;
    browser.sign_in_saml(&saml, ADA, &[]).await.location();
}

async fn what_nobody_asked_for_is_taken_by_its_name_in_the_project_of_the_host(app: TestApp) {
    let saml = connect(&app, "acme", json!({})).await;
    set_common(&app, &saml.connection, shares()).await;
    let name = load(&app, &saml.connection).await.name;
    let entity_id = format!("urn:vestibule:{}:{name}", app.project.id);
    let acs = format!("{BASE_URL}{SHARED}?connection={name}");
    let fields = [("acs_url", acs.as_str()), ("audience", entity_id.as_str())];
    let mut browser = Browser::new(&app);
    let back = browser.begin_at(&fields, ADA).await;
    // Nobody is named.
    browser.clone().bring(&at(&back, SHARED)).await.refusal_page("unsolicited_saml_response");
    browser
        .clone()
        .bring(&at(&back, &format!("{SHARED}?connection=nobody")))
        .await
        .refusal_page("invalid_callback_id");
    browser
        .clone()
        .bring(&at(&back, &format!("{SHARED}?connection={name}&connection={name}")))
        .await
        .refusal_page("unsolicited_saml_response");
    // Nor at the address that the provider was not told.
    let own = at(&back, &format!("/v1/b2b/sso/callback/{}", saml.connection));
    browser.clone().bring(&own).await.refusal_page("invalid_callback_id");
    browser.bring(&back).await.location();
    let other = connect(&app, "globex", json!({})).await;
    rename(&app, &other.connection, "spare").await;
    assert_eq!(load(&app, &other.connection).await.name, ConnectionName::parse("spare").unwrap());
    let back = browser.begin_at(&fields, ADA).await;
    // It is one of the project's, and its answers do not come here.
    browser
        .clone()
        .bring(&at(&back, &format!("{SHARED}?connection=spare")))
        .await
        .refusal_page("invalid_callback_id");
    // Of several projects the host says which is meant, and this one says none.
    app.other_project().await;
    browser.bring(&back).await.refusal_page("invalid_callback_id");
}

async fn keys_are_published_by_name(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let settings = json!({ "token_endpoint_auth_method": "private_key_jwt" });
    let connection = app.connection_with(&organization, settings).await;
    let name = load(&app, &connection).await.name;
    let by_name = app.get(&format!("/oauth/connection/{name}/.well-known/jwks.json")).await;
    let by_id = app.get(&format!("/v1/public/sso/oidc/{connection}/jwks")).await;
    assert_eq!((by_name.status.as_u16(), by_name.text()), (200, by_id.text()));
    assert!(by_name.text().contains("\"kid\"") && !by_name.text().contains("\"d\""), "{}", by_name.text());
    let saml = connect(&app, "globex", json!({})).await;
    let of_saml = load(&app, &saml.connection).await.name;
    for nobody in ["nobody", "a_b", of_saml.as_str()] {
        let missing = app.get(&format!("/oauth/connection/{nobody}/.well-known/jwks.json")).await;
        assert_eq!(missing.status, 404, "{nobody}: {}", missing.text());
    }
}
