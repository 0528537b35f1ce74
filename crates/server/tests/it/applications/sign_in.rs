//! Signing in to an application: `/authorize`, the code, and what it brings.

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request};
use serde_json::json;
use tokio::task::JoinSet;
use url::{Url, form_urlencoded};
use vestibule_domain::Patch;
use vestibule_domain::application::{Application, ApplicationKind, ApplicationPatch, Rotation};
use vestibule_domain::id::ConnectionId;
use vestibule_server::{Tools, login_host};
use vestibule_store::tables::application_connections;

use super::{HERE, MANAGEMENT, ask, claims, error, given, made, named, token, token_at};
use crate::app::{BASE_URL, TestApp, on_both_engines, text};
use crate::browser::{Browser, form_of};
use crate::reply::{Reply, parameter};

on_both_engines!(
    somebody_signs_in_to_an_application_and_is_known,
    a_code_is_good_once_for_its_application_address_and_verifier,
    of_many_who_show_a_code_one_is_answered,
    a_refresh_token_that_is_used_twice_ends_its_family,
    nobody_is_sent_to_an_address_that_is_not_registered,
    what_is_wrong_is_told_to_the_application,
    an_id_token_comes_by_form_post,
    an_address_leads_to_its_provider_and_strangers_look_alike,
    who_is_deleted_is_nobody_any_more,
    what_is_shown_at_another_host_is_not_used_up,
    within_the_leeway_each_of_many_goes_on,
    of_many_who_refresh_at_once_one_goes_on,
);

pub(crate) const CALLBACK: &str = "https://app.example.com/callback";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// An application, and the connection through which people sign in to it.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) app: TestApp,
    pub(crate) application: Application,
    pub(crate) connection: String,
    pub(crate) name: String,
}

pub(crate) async fn scene(app: &TestApp, patch: ApplicationPatch) -> Scene {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    Scene::with(app, &connection, patch).await
}

pub(crate) async fn web(app: &TestApp) -> Scene {
    scene(app, named(ApplicationKind::RegularWeb)).await
}

impl Scene {
    /// A web application for a connection that is there.
    pub(crate) async fn through(app: &TestApp, connection: &str) -> Self {
        Self::with(app, connection, named(ApplicationKind::RegularWeb)).await
    }

    /// An application for a connection that is there.
    pub(crate) async fn with(app: &TestApp, connection: &str, patch: ApplicationPatch) -> Self {
        let patch = ApplicationPatch { callbacks: Patch::Set(vec![CALLBACK.to_owned()]), ..patch };
        let application = made(app, patch, &[]).await;
        let id: ConnectionId = connection.parse().unwrap();
        let enable = application_connections::enable(app.project.id, application.id, id);
        app.app.store.commit(enable).await.unwrap();
        let found = app.app.store.connection(&app.app.vault, app.project.id, id).await.unwrap().unwrap();
        Self {
            app: app.clone(),
            application,
            connection: connection.to_owned(),
            name: found.name.to_string(),
        }
    }

    pub(crate) fn address(&self, more: &[(&str, &str)]) -> String {
        let usual = [
            ("response_type", "code"),
            ("client_id", self.application.client_id.as_str()),
            ("redirect_uri", CALLBACK),
            ("scope", "openid profile email offline_access"),
            ("state", "xyz"),
            ("connection", self.name.as_str()),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let usual = usual.into_iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
        let more = more.iter().copied().filter(|(_, value)| !value.is_empty());
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(usual.chain(more)).finish();
        format!("/authorize?{query}")
    }

    async fn asked(&self, more: &[(&str, &str)]) -> Reply {
        Browser::new(&self.app).get(&self.address(more)).await
    }

    /// The whole way to the answer that the application gets.
    async fn answered(&self, more: &[(&str, &str)]) -> Reply {
        let mut browser = Browser::new(&self.app);
        let provider = browser.get(&self.address(more)).await.location();
        let back = browser.approve(&provider, "ada@example.com", None).await;
        browser.bring(&back).await
    }

    pub(crate) async fn code(&self) -> String {
        parameter(&self.answered(&[]).await.location(), "code")
    }

    async fn shown(&self, application: &Application, more: &[(&str, &str)]) -> Reply {
        let own =
            [("client_id", application.client_id.as_str()), ("client_secret", application.secret.expose())];
        token(&self.app, &[own.as_slice(), more].concat()).await
    }

    pub(crate) async fn redeemed(&self, code: &str) -> Reply {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.shown(&self.application, &form).await
    }

    pub(crate) async fn refreshed(&self, refresh_token: &str) -> Reply {
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        self.shown(&self.application, &form).await
    }
}

async fn userinfo(app: &TestApp, access_token: &str) -> Reply {
    ask(app, HERE, access_token, "/userinfo").await
}

async fn somebody_signs_in_to_an_application_and_is_known(app: TestApp) {
    let scene = web(&app).await;
    let back = scene.answered(&[("nonce", "n-1")]).await.location();
    assert!(back.as_str().starts_with(CALLBACK), "{back}");
    assert_eq!(parameter(&back, "state"), "xyz");
    assert_eq!(parameter(&back, "iss"), format!("{BASE_URL}/"));
    let tokens = given(&scene.redeemed(&parameter(&back, "code")).await);
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["scope"], "openid profile email offline_access");
    let id = claims(&text(&tokens["id_token"]));
    let subject = format!("oidc|{}|subject-ada", scene.name);
    assert_eq!(id["iss"], format!("{BASE_URL}/"));
    assert_eq!(id["sub"], subject);
    assert_eq!(id["aud"], scene.application.client_id.as_str());
    assert_eq!((&id["nonce"], &id["email"]), (&json!("n-1"), &json!("ada@example.com")));
    assert_eq!((&id["name"], &id["nickname"]), (&json!("Ada Lovelace"), &json!("ada")));
    assert_eq!(id["exp"].as_i64().unwrap() - id["iat"].as_i64().unwrap(), 36_000);
    assert!(id["org_id"].is_null() && id["auth_time"].is_i64() && id["sid"].is_string());
    let told = given(&userinfo(&app, &text(&tokens["access_token"])).await);
    assert_eq!((&told["sub"], &told["email"]), (&json!(subject), &json!("ada@example.com")));
    // None of these is good for anything else.
    for kind in ["access_token", "id_token", "refresh_token"] {
        let token = text(&tokens[kind]);
        assert_eq!(ask(&app, HERE, &token, "/api/v2/connections").await.status, 401, "{kind}");
        let session = app.post("/v1/b2b/sessions/authenticate", json!({ "session_jwt": token })).await;
        assert_eq!(session.status, 400, "{kind}");
    }
    for kind in ["id_token", "refresh_token"] {
        assert_eq!(error(&userinfo(&app, &text(&tokens[kind])).await, 401), "invalid_token", "{kind}");
    }
    // What was made here is signed in through there.
    app.session(&scene.connection, "ada@example.com").await;
}

async fn a_code_is_good_once_for_its_application_address_and_verifier(app: TestApp) {
    let scene = web(&app).await;
    let code = scene.code().await;
    let tokens = given(&scene.redeemed(&code).await);
    let access = text(&tokens["access_token"]);
    given(&userinfo(&app, &access).await);
    let again = scene.redeemed(&code).await;
    assert_eq!(error(&again, 403), "invalid_grant");
    assert_eq!(again.json()["error_description"], "Invalid authorization code");
    // Somebody else had it: all that came of it is over.
    assert_eq!(error(&userinfo(&app, &access).await, 401), "invalid_token");
    assert_eq!(error(&scene.refreshed(&text(&tokens["refresh_token"])).await, 403), "invalid_grant");

    let other = made(&app, named(ApplicationKind::RegularWeb), &[]).await;
    let code = scene.code().await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(error(&scene.shown(&other, &form).await, 403), "invalid_grant", "another application's");
    given(&scene.redeemed(&code).await);

    for wrong in [
        [("redirect_uri", "https://app.example.com/other"), ("code_verifier", VERIFIER)],
        [("redirect_uri", CALLBACK), ("code_verifier", CHALLENGE)],
        [("redirect_uri", CALLBACK), ("code_verifier", "")],
    ] {
        let code = scene.code().await;
        let form = [("grant_type", "authorization_code"), ("code", code.as_str()), wrong[0], wrong[1]];
        assert_eq!(error(&scene.shown(&scene.application, &form).await, 403), "invalid_grant");
        assert_eq!(error(&scene.redeemed(&code).await, 403), "invalid_grant", "it is used up by that");
    }
    // A verifier where the challenge was taken away.
    let back = scene.answered(&[("code_challenge", ""), ("code_challenge_method", "")]).await.location();
    assert_eq!(error(&scene.redeemed(&parameter(&back, "code")).await, 403), "invalid_grant");
    let code = scene.code().await;
    app.pass(60);
    assert_eq!(error(&scene.redeemed(&code).await, 403), "invalid_grant", "it is over");
}

async fn of_many_who_show_a_code_one_is_answered(app: TestApp) {
    let scene = std::sync::Arc::new(web(&app).await);
    let code = scene.code().await;
    let shown = (0..8).map(|_| {
        let (scene, code) = (scene.clone(), code.clone());
        async move { scene.redeemed(&code).await }
    });
    let answers = shown.collect::<JoinSet<_>>().join_all().await;
    assert_eq!(answers.iter().filter(|reply| reply.status == 200).count(), 1);
    assert!(answers.iter().all(|reply| matches!(reply.status.as_u16(), 200 | 403)));
}

async fn a_refresh_token_that_is_used_twice_ends_its_family(app: TestApp) {
    let patch = ApplicationPatch { rotation: Patch::Set(Rotation::On), ..named(ApplicationKind::RegularWeb) };
    let scene = scene(&app, patch).await;
    let first = text(&given(&scene.redeemed(&scene.code().await).await)["refresh_token"]);
    app.pass(10);
    let second = given(&scene.refreshed(&first).await);
    let access = text(&second["access_token"]);
    assert!(second["id_token"].is_string());
    let second = text(&second["refresh_token"]);
    assert_ne!(first, second);
    let other = made(&app, named(ApplicationKind::RegularWeb), &[]).await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", second.as_str())];
    assert_eq!(error(&scene.shown(&other, &form).await, 403), "invalid_grant", "another application's");
    let third = text(&given(&scene.refreshed(&second).await)["refresh_token"]);
    app.pass(1);
    let reused = scene.refreshed(&first).await;
    assert_eq!(error(&reused, 403), "invalid_grant");
    assert_eq!(reused.json()["error_description"], "Unknown or invalid refresh token.");
    assert_eq!(error(&scene.refreshed(&third).await, 403), "invalid_grant", "the family is over");
    assert_eq!(error(&userinfo(&app, &access).await, 401), "invalid_token");

    // One that stays, until it is revoked.
    let plain = web_again(&app, &scene).await;
    let kept = text(&given(&plain.redeemed(&plain.code().await).await)["refresh_token"]);
    assert!(given(&plain.refreshed(&kept).await)["refresh_token"].is_null());
    given(&plain.refreshed(&kept).await);
    let form = [
        ("client_id", plain.application.client_id.as_str()),
        ("client_secret", plain.application.secret.expose()),
        ("token", kept.as_str()),
    ];
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    for _ in 0..2 {
        let request = Request::builder().method(Method::POST).uri("/oauth/revoke");
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        assert_eq!(app.send(request.body(Body::from(form.clone())).unwrap()).await.status, 200);
    }
    assert_eq!(error(&plain.refreshed(&kept).await, 403), "invalid_grant");
}

/// Another application for the same connection.
pub(crate) async fn web_again(app: &TestApp, scene: &Scene) -> Scene {
    Scene::through(app, &scene.connection).await
}

async fn nobody_is_sent_to_an_address_that_is_not_registered(app: TestApp) {
    let scene = web(&app).await;
    for address in [
        "https://evil.test/callback",
        "https://app.example.com/callback/",
        "https://app.example.com/callback?x=1",
        "https://app.example.com.evil.test/callback",
        "https://app.example.com@evil.test/callback",
        "HTTPS://app.example.com/callback",
        "javascript:alert(1)",
        "",
    ] {
        for more in [vec![], vec![("response_type", "wrong")], vec![("prompt", "none")]] {
            let refused = scene.asked(&[vec![("redirect_uri", address)], more].concat()).await;
            assert_eq!(refused.status, 400, "{address}: {}", refused.text());
            assert!(!refused.headers.contains_key("location"), "{address}");
        }
    }
    let unknown = scene.asked(&[("client_id", "nobody")]).await;
    assert!(unknown.status.is_client_error() && !unknown.headers.contains_key("location"));
    let twice = format!("{}&redirect_uri=https%3A%2F%2Fevil.test%2F", scene.address(&[]));
    assert_eq!(Browser::new(&app).get(&twice).await.status, 400);
}

async fn what_is_wrong_is_told_to_the_application(app: TestApp) {
    let scene = web(&app).await;
    for (more, named) in [
        (vec![("response_type", "token")], "unsupported_response_type"),
        (vec![("response_mode", "magic")], "invalid_request"),
        (vec![("connection", "no-such-thing")], "invalid_request"),
        (vec![("code_challenge", "short")], "invalid_request"),
        (vec![("code_challenge_method", "S512")], "invalid_request"),
        (vec![("request", "eyJ")], "invalid_request"),
        (vec![("organization", "nobody")], "invalid_request"),
        (vec![("audience", "https://api.test/")], "access_denied"),
        (vec![("audience", MANAGEMENT)], "access_denied"),
        (vec![("prompt", "none")], "login_required"),
        (vec![("prompt", "none login")], "invalid_request"),
    ] {
        let back = scene.asked(&more).await.location();
        assert!(back.as_str().starts_with(CALLBACK), "{back}");
        assert_eq!(parameter(&back, "error"), named, "{more:?}: {back}");
        assert_eq!(
            (parameter(&back, "state"), parameter(&back, "iss")),
            ("xyz".into(), format!("{BASE_URL}/"))
        );
    }
    // A page that keeps no secret needs a challenge; one that is not enabled does not sign in.
    let page =
        ApplicationPatch { callbacks: Patch::Set(vec![CALLBACK.to_owned()]), ..named(ApplicationKind::Spa) };
    let page = Scene { application: made(&app, page, &[]).await, ..web_again(&app, &scene).await };
    let back = page.asked(&[("code_challenge", ""), ("code_challenge_method", "")]).await.location();
    assert_eq!(parameter(&back, "error"), "invalid_request");
    let back = page.asked(&[]).await.location();
    assert_eq!(parameter(&back, "error_description"), "the connection is not enabled");
    // By message: to the registered origin alone, and nothing else may frame it.
    let silent = scene.asked(&[("prompt", "none"), ("response_mode", "web_message")]).await;
    assert!(
        silent.text().contains("login_required") && silent.text().contains("\"https://app.example.com\"")
    );
    let policy = silent.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("frame-ancestors https://app.example.com;"), "{policy}");
}

async fn an_id_token_comes_by_form_post(app: TestApp) {
    let scene = web(&app).await;
    let asked = [("response_type", "id_token"), ("response_mode", "form_post"), ("nonce", "n-2")];
    let page = scene.answered(&asked).await;
    let form = form_of(&page.text());
    assert_eq!(form.url, Url::parse(CALLBACK).unwrap());
    let id = claims(&form.field("id_token"));
    assert_eq!((&id["nonce"], &id["aud"]), (&json!("n-2"), &json!(scene.application.client_id.as_str())));
    assert_eq!(form.field("state"), "xyz");
    let without_nonce =
        scene.asked(&[("response_type", "id_token"), ("response_mode", "fragment")]).await.location();
    assert!(without_nonce.fragment().unwrap().contains("error=invalid_request"), "{without_nonce}");
    let in_query = [("response_type", "id_token"), ("response_mode", "query"), ("nonce", "n")];
    assert!(scene.asked(&in_query).await.location().query().is_none(), "an answer is never in the query");
}

async fn an_address_leads_to_its_provider_and_strangers_look_alike(app: TestApp) {
    let scene = web(&app).await;
    // The only connection is taken without asking.
    assert!(
        scene
            .asked(&[("connection", "")])
            .await
            .location()
            .as_str()
            .starts_with(app.provider.issuer.as_str())
    );
    let stranger = scene.asked(&[("connection", ""), ("identifier", "ada@nowhere.example")]).await;
    assert_eq!(stranger.status, 200);
    assert!(stranger.text().contains("Email does not match any enterprise directory"));
    assert!(!stranger.text().contains(&scene.name) && stranger.text().contains("Log in to"));
    let nothing = scene.asked(&[("connection", ""), ("identifier", "nothing")]).await;
    assert!(nothing.text().contains("Please enter an email address"));
    let hostile = scene.asked(&[("connection", ""), ("identifier", "\"><script>alert(1)</script>")]).await;
    assert!(!hostile.text().contains("<script>alert"));
}

async fn who_is_deleted_is_nobody_any_more(app: TestApp) {
    let scene = web(&app).await;
    let tokens = given(&scene.redeemed(&scene.code().await).await);
    let (access, refresh) = (text(&tokens["access_token"]), text(&tokens["refresh_token"]));
    let code = scene.code().await;
    let found =
        app.post("/v1/b2b/organizations/members/search", json!({ "organization_ids": ["acme"] })).await.ok();
    let member = text(&found["members"][0]["member_id"]);
    app.delete(&format!("/v1/b2b/organizations/acme/members/{member}")).await.ok();
    assert_eq!(error(&userinfo(&app, &access).await, 401), "invalid_token");
    assert_eq!(error(&scene.refreshed(&refresh).await, 403), "invalid_grant");
    assert_eq!(error(&scene.redeemed(&code).await, 403), "invalid_grant");
    let no_token = app.send(Request::builder().uri("/userinfo").body(Body::empty()).unwrap()).await;
    assert_eq!(no_token.headers["www-authenticate"], "Bearer error=\"invalid_token\"");
    let basic = Request::builder().uri("/userinfo").header(AUTHORIZATION, app.basic());
    assert_eq!(app.send(basic.body(Body::empty()).unwrap()).await.status, 401);
}

async fn what_is_shown_at_another_host_is_not_used_up(app: TestApp) {
    let scene = web(&app).await;
    let tools = Tools { now: app.app.clock.now(), entropy: app.app.entropy.as_ref() };
    login_host::add(&app.app.store, app.project.id, &"login.example.test".parse().unwrap(), tools)
        .await
        .unwrap();
    let application = &scene.application;
    let own = [("client_id", application.client_id.as_str()), ("client_secret", application.secret.expose())];
    let code = scene.code().await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let there = token_at(&app, "login.example.test", &[own.as_slice(), &form].concat()).await;
    assert_eq!(error(&there, 403), "invalid_grant");
    let refresh = text(&given(&scene.redeemed(&code).await)["refresh_token"]);
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let there = token_at(&app, "login.example.test", &[own.as_slice(), &form].concat()).await;
    assert_eq!(error(&there, 403), "invalid_grant");
    given(&scene.refreshed(&refresh).await);
}

/// Somebody else has the token: whoever is first goes on, and nobody for long.
async fn of_many_who_refresh_at_once_one_goes_on(app: TestApp) {
    let patch = ApplicationPatch { rotation: Patch::Set(Rotation::On), ..named(ApplicationKind::RegularWeb) };
    let scene = scene(&app, patch).await;
    let tokens = given(&scene.redeemed(&scene.code().await).await);
    let refresh = text(&tokens["refresh_token"]);
    let nodes = [scene.clone(), Scene { app: app.second_node().await, ..scene.clone() }];
    app.pass(1);
    let shown = nodes.iter().cycle().take(12).cloned().map(|scene| {
        let refresh = refresh.clone();
        async move { scene.refreshed(&refresh).await }
    });
    let answers = crate::races::at_once(shown.collect::<Vec<_>>()).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|reply| reply.status == 200);
    assert_eq!(won.len(), 1, "so many went on");
    lost.into_iter().for_each(|reply| assert_eq!(error(reply, 403), "invalid_grant"));
    let next = text(&won[0].json()["refresh_token"]);
    assert_eq!(error(&scene.refreshed(&next).await, 403), "invalid_grant", "the family is over");
    assert_eq!(error(&userinfo(&app, &text(&tokens["access_token"])).await, 401), "invalid_token");
}

async fn within_the_leeway_each_of_many_goes_on(app: TestApp) {
    let patch = ApplicationPatch {
        rotation: Patch::Set(Rotation::On),
        leeway: Patch::Set(30),
        ..named(ApplicationKind::RegularWeb)
    };
    let scene = std::sync::Arc::new(scene(&app, patch).await);
    let refresh = text(&given(&scene.redeemed(&scene.code().await).await)["refresh_token"]);
    let shown = (0..8).map(|_| {
        let (scene, refresh) = (scene.clone(), refresh.clone());
        async move { scene.refreshed(&refresh).await }
    });
    let answers = shown.collect::<JoinSet<_>>().join_all().await;
    for answer in &answers {
        given(&scene.refreshed(&text(&given(answer)["refresh_token"])).await);
    }
    app.pass(30);
    assert_eq!(error(&scene.refreshed(&refresh).await, 403), "invalid_grant", "the leeway is over");
    let last = text(&given(&answers[0])["refresh_token"]);
    assert_eq!(error(&scene.refreshed(&last).await, 403), "invalid_grant", "and with it the family");
}
