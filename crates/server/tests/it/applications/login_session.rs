//! The session that a browser has where people sign in: who is answered out of it, and what ends it.

use http::Method;
use serde_json::json;
use url::Url;
use vestibule_domain::Patch;
use vestibule_domain::application::{ApplicationKind, ApplicationPatch, Rotation};

use super::sign_in::{CALLBACK, Scene, scene, web, web_again};
use super::{claims, elsewhere, error, given, made, named};
use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::management::{Manager, said};
use crate::reply::{Reply, parameter};

on_both_engines!(
    who_is_signed_in_is_not_sent_to_the_provider_again,
    who_has_to_be_asked_again_is,
    a_session_ends_unused_and_in_any_case,
    whoever_is_expected_is_answered_for_and_nobody_else,
    an_application_is_answered_for_connections_of_its_own,
    ending_a_members_sessions_ends_what_applications_were_granted,
    a_deleted_member_is_signed_out,
    a_connection_that_is_switched_off_signs_its_people_out,
    a_deleted_connection_signs_its_people_out,
    a_deleted_organization_leaves_nothing,
    a_planted_session_becomes_nobodys,
    a_session_of_one_project_is_nothing_at_another,
    a_page_in_a_frame_is_answered_by_message,
    nobody_finishes_a_sign_in_of_another_browser,
);

/// Somebody who has signed in with this browser, and what the application got.
struct SignedIn {
    browser: Browser,
    code: String,
}

async fn signed_in(scene: &Scene) -> SignedIn {
    let mut browser = Browser::new(&scene.app);
    let back = by_provider(scene, &mut browser, &scene.address(&[]), "ada@example.com").await;
    SignedIn { browser, code: parameter(&back, "code") }
}

/// The whole way through the provider.
async fn by_provider(scene: &Scene, browser: &mut Browser, address: &str, email: &str) -> Url {
    let provider = browser.get(address).await.location();
    assert!(provider.as_str().starts_with(scene.app.provider.issuer.as_str()), "{provider}");
    let back = browser.approve(&provider, email, None).await;
    browser.bring(&back).await.location()
}

/// What a browser is answered that nobody may be shown anything in.
async fn silently(scene: &Scene, browser: &mut Browser) -> Url {
    browser.get(&scene.address(&[("prompt", "none"), ("connection", "")])).await.location()
}

#[track_caller]
fn is_code(back: &Url) -> String {
    assert!(back.as_str().starts_with(CALLBACK), "{back}");
    parameter(back, "code")
}

#[track_caller]
fn is_refused(back: &Url, expected: &str) {
    assert!(back.as_str().starts_with(CALLBACK), "{back}");
    assert_eq!(parameter(back, "error"), expected, "{back}");
}

fn session_cookie(browser: &Browser) -> (String, String) {
    let mut found = browser.cookies.iter().filter(|(name, _)| name.starts_with("vestibule-sso-"));
    let (name, value) = found.next().unwrap();
    assert!(found.next().is_none());
    (name.clone(), value.clone())
}

async fn who_is_signed_in_is_not_sent_to_the_provider_again(app: TestApp) {
    let scene = web(&app).await;
    let SignedIn { mut browser, code } = signed_in(&scene).await;
    let first = claims(&text(&given(&scene.redeemed(&code).await)["id_token"]));
    app.pass(100);
    // Asked as usual and silently, with and without the connection's name, by this application and by another.
    let other = web_again(&app, &scene).await;
    for more in
        [vec![], vec![("prompt", "none")], vec![("connection", "")], vec![("login_hint", "ada@example.com")]]
    {
        for asks in [&scene, &other] {
            let code = is_code(&browser.get(&asks.address(&more)).await.location());
            let again = claims(&text(&given(&asks.redeemed(&code).await)["id_token"]));
            for same in ["sid", "auth_time", "sub", "email"] {
                assert_eq!(first[same], again[same], "{same} {more:?}");
            }
            assert_eq!(again["iat"].as_i64().unwrap() - first["iat"].as_i64().unwrap(), 100);
        }
    }
    // Another browser has no session, and what is stored is no token.
    is_refused(&silently(&scene, &mut Browser::new(&app)).await, "login_required");
    let (name, value) = session_cookie(&browser);
    assert_eq!(value.len(), 43);
    let hash = vestibule_domain::secret::Token::presented(&value).hash();
    let mut thief = Browser::new(&app);
    for forged in [hash.as_str(), "", "x"] {
        thief.cookies.insert(name.clone(), forged.to_owned());
        is_refused(&silently(&scene, &mut thief).await, "login_required");
    }
}

async fn who_has_to_be_asked_again_is(app: TestApp) {
    let scene = web(&app).await;
    let SignedIn { mut browser, code } = signed_in(&scene).await;
    let first = claims(&text(&given(&scene.redeemed(&code).await)["id_token"]));
    let before = session_cookie(&browser);
    app.pass(300);
    is_code(&browser.get(&scene.address(&[("max_age", "300")])).await.location());
    for (asked, told) in [
        (("prompt", "login"), ("prompt", "login")),
        (("max_age", "299"), ("max_age", "299")),
        (("max_age", "0"), ("max_age", "0")),
    ] {
        let provider = browser.get(&scene.address(&[asked])).await.location();
        assert_eq!(parameter(&provider, told.0), told.1, "{provider}");
    }
    let choose = browser.get(&scene.address(&[("prompt", "select_account")])).await.location();
    assert!(choose.as_str().starts_with(app.provider.issuer.as_str()));
    let stale = [("prompt", "none"), ("max_age", "10")];
    is_refused(&browser.get(&scene.address(&stale)).await.location(), "login_required");
    let bad = browser.get(&scene.address(&[("max_age", "-1")])).await.location();
    is_refused(&bad, "invalid_request");
    let again =
        by_provider(&scene, &mut browser, &scene.address(&[("prompt", "login")]), "ada@example.com").await;
    let again = claims(&text(&given(&scene.redeemed(&parameter(&again, "code")).await)["id_token"]));
    assert_eq!(again["auth_time"].as_i64().unwrap() - first["auth_time"].as_i64().unwrap(), 300);
    assert_eq!(again["sid"], first["sid"], "the session of the same person goes on");
    // By another token: the one before is nobody's.
    let after = session_cookie(&browser);
    assert_ne!(before.1, after.1);
    let mut old = Browser::new(&app);
    old.cookies.insert(before.0, before.1);
    is_refused(&silently(&scene, &mut old).await, "login_required");
}

async fn a_session_ends_unused_and_in_any_case(app: TestApp) {
    const DAY: i64 = 86_400;
    let scene = web(&app).await;
    let mut unused = signed_in(&scene).await.browser;
    let mut used = signed_in(&scene).await.browser;
    for _ in 0..3 {
        app.pass(2 * DAY);
        is_code(&silently(&scene, &mut used).await);
    }
    is_refused(&silently(&scene, &mut unused).await, "login_required");
    app.pass(DAY);
    is_refused(&silently(&scene, &mut used).await, "login_required");
}

async fn whoever_is_expected_is_answered_for_and_nobody_else(app: TestApp) {
    let scene = web(&app).await;
    let SignedIn { mut browser, code } = signed_in(&scene).await;
    let own = text(&given(&scene.redeemed(&code).await)["id_token"]);
    let mut other = Browser::new(&app);
    let back = by_provider(&scene, &mut other, &scene.address(&[]), "grace@example.com").await;
    let tokens = given(&scene.redeemed(&parameter(&back, "code")).await);
    let (others, access) = (text(&tokens["id_token"]), text(&tokens["access_token"]));
    let hinted = |name: &'static str, hint: String| (name, hint);
    for (hint, is_own) in [
        (hinted("id_token_hint", own.clone()), true),
        (hinted("id_token_hint", others), false),
        (hinted("id_token_hint", access), false),
        (hinted("id_token_hint", format!("{own}x")), false),
        (hinted("login_hint", "grace@example.com".to_owned()), false),
        (hinted("login_hint", "Ada@Example.com".to_owned()), true),
        (hinted("login_hint", "no address".to_owned()), true),
    ] {
        let asked = [("prompt", "none"), (hint.0, hint.1.as_str())];
        let back = browser.get(&scene.address(&asked)).await.location();
        match is_own {
            true => drop(is_code(&back)),
            false => is_refused(&back, "login_required"),
        }
    }
    // Whoever types another address is led to where that leads.
    let typed = browser.get(&scene.address(&[("connection", ""), ("identifier", "grace@example.com")])).await;
    assert_eq!(typed.status, 200);
}

async fn an_application_is_answered_for_connections_of_its_own(app: TestApp) {
    let scene = web(&app).await;
    let mut browser = signed_in(&scene).await.browser;
    let callbacks = Patch::Set(vec![CALLBACK.to_owned()]);
    let patch = ApplicationPatch { callbacks, ..named(ApplicationKind::RegularWeb) };
    let stranger = Scene { application: made(&app, patch, &[]).await, ..scene.clone() };
    for connection in ["", scene.name.as_str()] {
        let asked = [("prompt", "none"), ("connection", connection)];
        is_refused(&browser.get(&stranger.address(&asked)).await.location(), "login_required");
    }
    let manager = Manager::new(&app).await;
    let second = manager.connection("second").await;
    let enabled = json!([{ "client_id": scene.application.client_id.as_str(), "status": true }]);
    said(&manager.patch(&format!("/connections/{second}/clients"), &enabled).await, 204);
    let asked = [("prompt", "none"), ("connection", "second")];
    is_refused(&browser.get(&scene.address(&asked)).await.location(), "login_required");
    let asked = [("connection", "second")];
    let provider = browser.get(&scene.address(&asked)).await.location();
    assert!(provider.as_str().starts_with(app.provider.issuer.as_str()), "{provider}");
    is_code(&silently(&scene, &mut browser).await);
}

/// Somebody with a session and a refresh token, and what is left of both after something.
struct Left {
    scene: Scene,
    browser: Browser,
    refresh: String,
}

async fn left(app: &TestApp) -> Left {
    let patch = ApplicationPatch { rotation: Patch::Set(Rotation::On), ..named(ApplicationKind::RegularWeb) };
    let scene = scene(app, patch).await;
    let SignedIn { browser, code } = signed_in(&scene).await;
    let refresh = text(&given(&scene.redeemed(&code).await)["refresh_token"]);
    Left { scene, browser, refresh }
}

impl Left {
    async fn ends_as_nothing(mut self) {
        is_refused(&silently(&self.scene, &mut self.browser).await, "login_required");
        assert_eq!(error(&self.scene.refreshed(&self.refresh).await, 403), "invalid_grant");
        let project = self.scene.app.project.id;
        let rows = self.scene.app.app.store.project_rows(project).await.unwrap();
        let kept = rows.iter().filter(|(table, _)| matches!(*table, "sign_in_grants" | "refresh_tokens"));
        assert_eq!(kept.count(), 0, "{rows:?}");
    }

    async fn member(&self) -> String {
        let search = json!({ "organization_ids": ["acme"] });
        let found = self.scene.app.post("/v1/b2b/organizations/members/search", search).await.ok();
        text(&found["members"][0]["member_id"])
    }
}

async fn ending_a_members_sessions_ends_what_applications_were_granted(app: TestApp) {
    let left = left(&app).await;
    let body = json!({ "member_id": left.member().await });
    app.post("/v1/b2b/sessions/revoke", body).await.ok();
    left.ends_as_nothing().await;
}

async fn a_deleted_member_is_signed_out(app: TestApp) {
    let left = left(&app).await;
    let member = left.member().await;
    app.delete(&format!("/v1/b2b/organizations/acme/members/{member}")).await.ok();
    left.ends_as_nothing().await;
}

async fn a_connection_that_is_switched_off_signs_its_people_out(app: TestApp) {
    let left = left(&app).await;
    let manager = Manager::new(&app).await;
    let switch = async |on: bool| {
        let body = json!({ "authentication": { "active": on } });
        said(&manager.patch(&format!("/connections/{}", left.scene.connection), &body).await, 200);
    };
    switch(false).await;
    switch(true).await;
    left.ends_as_nothing().await;
}

async fn a_deleted_connection_signs_its_people_out(app: TestApp) {
    let left = left(&app).await;
    app.delete(&format!("/v1/b2b/sso/acme/connections/{}", left.scene.connection)).await.ok();
    left.ends_as_nothing().await;
}

async fn a_deleted_organization_leaves_nothing(app: TestApp) {
    let left = left(&app).await;
    app.delete("/v1/b2b/organizations/acme").await.ok();
    left.ends_as_nothing().await;
    let rows = app.app.store.project_rows(app.project.id).await.unwrap();
    assert!(rows.iter().all(|(table, _)| *table != "application_connections"), "{rows:?}");
}

async fn a_planted_session_becomes_nobodys(app: TestApp) {
    let scene = web(&app).await;
    // The attacker's session is put into the victim's browser, where the victim signs in.
    let mut attacker = signed_in(&scene).await.browser;
    let planted = session_cookie(&attacker);
    let mut victim = Browser::new(&app);
    victim.cookies.insert(planted.0.clone(), planted.1.clone());
    let back =
        by_provider(&scene, &mut victim, &scene.address(&[("prompt", "login")]), "grace@example.com").await;
    let subject = |reply: &Reply| claims(&text(&given(reply)["id_token"]))["sub"].clone();
    let grace = subject(&scene.redeemed(&parameter(&back, "code")).await);
    assert_ne!(session_cookie(&victim).1, planted.1);
    // Whoever has the planted token has nothing of it: it ended when somebody else signed in.
    is_refused(&silently(&scene, &mut attacker).await, "login_required");
    let code = is_code(&silently(&scene, &mut victim).await);
    assert_eq!(subject(&scene.redeemed(&code).await), grace);
}

async fn a_session_of_one_project_is_nothing_at_another(app: TestApp) {
    let scene = web(&app).await;
    let browser = signed_in(&scene).await.browser;
    let (_, token) = session_cookie(&browser);
    let there = elsewhere(&app).await;
    let other = web(&there).await;
    let tail = there.project.id.to_string().rsplit('-').next().unwrap().to_owned();
    let request = http::Request::builder().method(Method::GET).uri(other.address(&[("prompt", "none")]));
    let request = request.header("host", super::ELSEWHERE);
    let request = request.header("cookie", format!("vestibule-sso-{tail}={token}"));
    let reply = there.send(request.body(axum::body::Body::empty()).unwrap()).await;
    is_refused(&reply.location(), "login_required");
}

async fn a_page_in_a_frame_is_answered_by_message(app: TestApp) {
    let scene = web(&app).await;
    let mut browser = signed_in(&scene).await.browser;
    let asked = [("prompt", "none"), ("response_mode", "web_message")];
    let page = browser.get(&scene.address(&asked)).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("\"code\":") && page.text().contains("\"https://app.example.com\""));
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("frame-ancestors https://app.example.com;"), "{policy}");
    assert!(!page.headers.contains_key("x-frame-options"));
    // No page is there to take a message at an application's own scheme.
    let patch = ApplicationPatch {
        callbacks: Patch::Set(vec!["com.example.app:/cb".to_owned()]),
        ..named(ApplicationKind::Native)
    };
    let native = Scene { application: made(&app, patch, &[]).await, ..scene.clone() };
    let asked = [("redirect_uri", "com.example.app:/cb"), ("response_mode", "web_message")];
    let refused = browser.get(&native.address(&asked)).await.location();
    assert_eq!(parameter(&refused, "error"), "invalid_request", "{refused}");
}

async fn nobody_finishes_a_sign_in_of_another_browser(app: TestApp) {
    let scene = web(&app).await;
    let mut attacker = Browser::new(&app);
    let provider = attacker.get(&scene.address(&[])).await.location();
    let back = attacker.approve(&provider, "eve@example.com", None).await;
    let mut victim = Browser::new(&app);
    let answer = victim.bring(&back).await;
    assert!(
        !answer
            .headers
            .get_all("set-cookie")
            .iter()
            .any(|cookie| cookie.to_str().unwrap().contains("vestibule-sso-"))
    );
    is_refused(&silently(&scene, &mut victim).await, "login_required");
    // One that is under way in the victim's own browser is not finished by it either.
    victim.get(&scene.address(&[])).await;
    victim.bring(&back).await;
    is_refused(&silently(&scene, &mut victim).await, "login_required");
}
