//! Signing out: whose session ends, and where the browser goes.

use http::{Method, Request};
use serde_json::json;
use url::form_urlencoded;
use vestibule_domain::Patch;
use vestibule_domain::application::{ApplicationKind, ApplicationPatch};

use super::sign_in::{CALLBACK, Scene, scene};
use super::{error, given, made, named};
use crate::app::{BASE_URL, TestApp, on_both_engines, text};
use crate::browser::{Browser, form_of};
use crate::management::{Manager, said};
use crate::reply::{Reply, parameter};

on_both_engines!(
    whoever_logs_out_is_signed_out_with_what_was_granted,
    nobody_is_led_to_an_address_that_is_not_registered,
    an_id_token_that_has_expired_vouches_for_signing_out,
    without_an_id_token_the_person_is_asked,
    an_id_token_of_somebody_else_signs_nobody_out,
    a_picture_that_names_the_address_signs_nobody_out,
    the_provider_is_asked_to_sign_out_too,
);

const LOGGED_OUT: &str = "https://app.example.com/bye?x=1";

/// Somebody who is signed in.
struct Home {
    scene: Scene,
    browser: Browser,
    id_token: String,
    refresh: String,
}

async fn home(app: &TestApp) -> Home {
    let urls = ["https://*.app.example.com/", LOGGED_OUT].map(str::to_owned);
    let patch =
        ApplicationPatch { logout_urls: Patch::Set(urls.into()), ..named(ApplicationKind::RegularWeb) };
    of(scene(app, patch).await, "ada@example.com").await
}

async fn of(scene: Scene, email: &str) -> Home {
    let mut browser = Browser::new(&scene.app);
    let provider = browser.get(&scene.address(&[("prompt", "login")])).await.location();
    let back = browser.approve(&provider, email, None).await;
    let code = parameter(&browser.bring(&back).await.location(), "code");
    let tokens = given(&scene.redeemed(&code).await);
    let (id_token, refresh) = (text(&tokens["id_token"]), text(&tokens["refresh_token"]));
    Home { scene, browser, id_token, refresh }
}

impl Home {
    async fn asks(&mut self, path: &str, parameters: &[(&str, &str)]) -> Reply {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.browser.get(&format!("{path}?{query}")).await
    }

    fn client(&self) -> String {
        self.scene.application.client_id.to_string()
    }

    async fn is_signed_in(&mut self) -> bool {
        let back = self.browser.get(&self.scene.address(&[("prompt", "none")])).await.location();
        assert!(back.as_str().starts_with(CALLBACK));
        back.query_pairs().any(|(name, _)| name == "code")
    }

    async fn finds_itself_out(mut self) {
        assert!(!self.is_signed_in().await);
        assert!(!self.browser.cookies.keys().any(|name| name.starts_with("vestibule-sso-")));
        assert_eq!(error(&self.scene.refreshed(&self.refresh).await, 403), "invalid_grant");
    }
}

async fn whoever_logs_out_is_signed_out_with_what_was_granted(app: TestApp) {
    let mut one = home(&app).await;
    let client = one.client();
    let left = one.asks("/v2/logout", &[("client_id", &client), ("returnTo", LOGGED_OUT)]).await;
    assert_eq!(left.location().as_str(), LOGGED_OUT);
    one.finds_itself_out().await;
    for (parameters, leads_to) in [
        (vec![("client_id", client.as_str()), ("auth0Client", "e30")], Some(LOGGED_OUT)),
        (
            vec![("client_id", &client), ("returnTo", "https://acme.app.example.com/")],
            Some("https://acme.app.example.com/"),
        ),
        (vec![], None),
    ] {
        let mut one = of(home_again(&app, &client).await, "ada@example.com").await;
        let left = one.asks("/v2/logout", &parameters).await;
        match leads_to {
            Some(address) => assert_eq!(left.location().as_str(), address),
            None => assert!(left.status == 200 && left.text().contains("You are logged out")),
        }
        one.finds_itself_out().await;
    }
    // Whoever has no session is let go all the same.
    let mut nobody = Browser::new(&app);
    let left = nobody.get(&format!("/v2/logout?client_id={client}")).await;
    assert_eq!(left.location().as_str(), LOGGED_OUT);
    assert!(nobody.get("/v2/logout?client_id=nobody").await.status.is_client_error());
}

/// The scene once more.
async fn home_again(app: &TestApp, client: &str) -> Scene {
    let found = app.app.store.application(&app.app.vault, app.project.id, &client.parse().unwrap()).await;
    let application = found.unwrap().unwrap();
    let ids = app.app.store.connections_of_application(app.project.id, application.id, None, None).await;
    let id = ids.unwrap().remove(0);
    let connection = app.app.store.connection(&app.app.vault, app.project.id, id).await.unwrap().unwrap();
    Scene { app: app.clone(), application, connection: id.to_string(), name: connection.name.to_string() }
}

async fn nobody_is_led_to_an_address_that_is_not_registered(app: TestApp) {
    let mut home = home(&app).await;
    let (client, hint) = (home.client(), home.id_token.clone());
    for address in [
        "https://evil.test/",
        "https://app.example.com/bye",
        "https://app.example.com/bye?x=1&y=2",
        "https://app.example.com/bye?x=1#a",
        "https://app.example.com.evil.test/bye?x=1",
        "https://app.example.com@evil.test/bye?x=1",
        "https://a.b.app.example.com/",
        "//evil.test/",
        "/\\evil.test",
        "javascript:alert(1)",
        CALLBACK,
    ] {
        for (path, parameters) in [
            ("/v2/logout", vec![("client_id", client.as_str()), ("returnTo", address)]),
            ("/v2/logout", vec![("returnTo", address)]),
            ("/oidc/logout", vec![("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", address)]),
            ("/oidc/logout", vec![("post_logout_redirect_uri", address)]),
        ] {
            let refused = home.asks(path, &parameters).await;
            assert_eq!(refused.status, 400, "{path} {address}: {}", refused.text());
            assert!(!refused.headers.contains_key("location"), "{path} {address}");
        }
    }
    // Registered, but nobody says whose it is.
    assert_eq!(home.asks("/v2/logout", &[("returnTo", LOGGED_OUT)]).await.status, 400);
    assert!(home.is_signed_in().await, "a refused request changes nothing");
}

async fn an_id_token_that_has_expired_vouches_for_signing_out(app: TestApp) {
    let mut home = home(&app).await;
    app.pass(86_400);
    let (client, hint) = (home.client(), home.id_token.clone());
    let other = made(&app, named(ApplicationKind::RegularWeb), &[]).await;
    let access = given(&home.scene.refreshed(&home.refresh).await);
    let mut letters: Vec<char> = hint.chars().collect();
    let at = letters.len() - 20;
    letters[at] = if letters[at] == 'A' { 'B' } else { 'A' };
    let forged: String = letters.into_iter().collect();
    for (hint, client) in [
        (hint.as_str(), other.client_id.as_str()),
        (&forged, &client),
        (&text(&access["access_token"]), &client),
        ("eyJhbGciOiJub25lIn0.e30.", &client),
        ("x", &client),
    ] {
        let asked =
            [("id_token_hint", hint), ("client_id", client), ("post_logout_redirect_uri", LOGGED_OUT)];
        let refused = home.asks("/oidc/logout", &asked).await;
        assert_eq!(refused.status, 400, "{}", refused.text());
    }
    let asked =
        [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", LOGGED_OUT), ("state", "s 1")];
    let left = home.asks("/oidc/logout", &asked).await.location();
    assert_eq!(left.as_str(), format!("{LOGGED_OUT}&state=s+1"));
    home.finds_itself_out().await;
    let metadata = Browser::new(&app).get("/.well-known/openid-configuration").await.json();
    assert_eq!(metadata["end_session_endpoint"], format!("{BASE_URL}/oidc/logout"));
}

async fn without_an_id_token_the_person_is_asked(app: TestApp) {
    let mut home = home(&app).await;
    let client = home.client();
    let asked = [("client_id", client.as_str()), ("post_logout_redirect_uri", LOGGED_OUT), ("state", "s")];
    let page = home.asks("/oidc/logout", &asked).await;
    assert!(page.status == 200 && page.text().contains("Log out?"), "{}", page.text());
    assert!(home.is_signed_in().await);
    // Another page can post the form, but not what only ours knows.
    let form = form_of(&page.text().replace("action=\"/oidc", &format!("action=\"{BASE_URL}/oidc")));
    let forged = form.clone().with("confirmation", Some("guessed"));
    let again = home.browser.post("/oidc/logout", &forged.fields).await;
    assert!(again.status == 200 && home.is_signed_in().await);
    let left = home.browser.post("/oidc/logout", &form.fields).await;
    assert_eq!(left.location().as_str(), format!("{LOGGED_OUT}&state=s"));
    home.finds_itself_out().await;
}

async fn an_id_token_of_somebody_else_signs_nobody_out(app: TestApp) {
    let mut ada = home(&app).await;
    let client = ada.client();
    let grace = of(home_again(&app, &client).await, "grace@example.com").await;
    // Grace's application signs her out, in a browser in which Ada is by now.
    let asked = [("id_token_hint", grace.id_token.as_str()), ("post_logout_redirect_uri", LOGGED_OUT)];
    let left = ada.asks("/oidc/logout", &asked).await;
    assert_eq!(left.location().as_str(), LOGGED_OUT);
    assert!(ada.is_signed_in().await);
    given(&ada.scene.refreshed(&ada.refresh).await);
    assert_eq!(error(&grace.scene.refreshed(&grace.refresh).await, 403), "invalid_grant");
}

async fn a_picture_that_names_the_address_signs_nobody_out(app: TestApp) {
    let mut home = home(&app).await;
    let cookies: Vec<String> =
        home.browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    for mode in ["no-cors", "cors"] {
        let request = Request::builder().method(Method::GET).uri("/v2/logout").header("sec-fetch-mode", mode);
        let request = request.header("cookie", cookies.join("; ")).header("host", super::HERE);
        let refused = app.send(request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(refused.status, 403, "{mode}");
    }
    assert!(home.is_signed_in().await);
}

async fn the_provider_is_asked_to_sign_out_too(app: TestApp) {
    let manager = Manager::new(&app).await;
    let mut options = manager.options();
    let provider = app.provider.issuer.as_str().trim_end_matches('/').to_owned();
    let discovery =
        Request::get("/.well-known/openid-configuration").body(axum::body::Body::empty()).unwrap();
    let mut document = Browser::new(&app).at_provider(discovery).await.json();
    document["end_session_endpoint"] = json!(format!("{provider}/end?tenant=1"));
    options.as_object_mut().unwrap().remove("discovery_url");
    options["oidc_metadata"] = document;
    let body = json!({ "strategy": "oidc", "name": "acme-oidc", "options": options });
    let made = said(&manager.post("/connections", &body).await, 201);
    let mut home = home(&app).await;
    let enabled = json!([{ "client_id": home.client(), "status": true }]);
    let path = format!("/connections/{}/clients", text(&made["id"]));
    said(&manager.patch(&path, &enabled).await, 204);
    home.scene.name = "acme-oidc".to_owned();
    let mut home = of(home.scene, "grace@example.com").await;
    let client = home.client();
    let asked = [("client_id", client.as_str()), ("returnTo", LOGGED_OUT)];
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(asked).finish();
    let to = home.browser.get(&format!("/v2/logout?federated&{query}")).await.location();
    assert!(to.as_str().starts_with(&format!("{provider}/end?tenant=1&")), "{to}");
    assert_eq!(parameter(&to, "client_id"), crate::provider::CLIENT_ID);
    let back = parameter(&to, "post_logout_redirect_uri");
    assert_eq!(back, format!("{BASE_URL}/v2/logout/callback"));
    let state = parameter(&to, "state");
    let left = home.asks("/v2/logout/callback", &[("state", &state)]).await;
    assert_eq!(left.location().as_str(), LOGGED_OUT);
    home.finds_itself_out().await;
    // What comes back is believed no more than what came first.
    use base64::Engine as _;
    let evil = format!("client_id={client}&post_logout_redirect_uri=https%3A%2F%2Fevil.test%2F");
    let evil = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(evil);
    for state in [evil.as_str(), "%", "x"] {
        let refused = Browser::new(&app).get(&format!("/v2/logout/callback?state={state}")).await;
        assert!(!refused.headers.contains_key("location"), "{state}");
    }
}
