//! An application on its own account: `client_credentials`.

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{Method, Request};
use serde_json::{Value, json};
use vestibule_domain::Patch;
use vestibule_domain::application::{ApplicationKind, ApplicationPatch, Proof};

use super::{
    ELSEWHERE, HERE, MANAGEMENT, ask, claims, elsewhere, error, given, made, management_token, named, token,
    token_at,
};
use crate::app::{BASE_URL, TestApp, basic, on_both_engines, text};
use crate::reply::Reply;

on_both_engines!(
    a_machine_gets_a_token_in_every_shape,
    a_token_is_no_wider_than_its_grant,
    wrong_requests_are_refused_in_the_words_of_the_protocol,
    a_public_client_never_acts_on_its_own_account,
    what_is_removed_is_over_at_once,
    a_client_of_another_project_is_nobody,
    the_metadata_says_what_works,
);

async fn json_token(app: &TestApp, body: &Value, authorization: Option<String>) -> Reply {
    let request = Request::builder().method(Method::POST).uri("/oauth/token").header(HOST, HERE);
    let mut request = request.header(CONTENT_TYPE, "application/json");
    if let Some(authorization) = authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    app.send(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn a_machine_gets_a_token_in_every_shape(app: TestApp) {
    let machine =
        made(&app, named(ApplicationKind::NonInteractive), &["read:connections", "read:users"]).await;
    let (id, secret) = (machine.client_id.as_str(), machine.secret.expose());
    assert_eq!(id.len(), 32);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_secret", secret),
        ("audience", MANAGEMENT),
    ];
    let answer = given(&token(&app, &form).await);
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], 86_400);
    assert_eq!(answer["scope"], "read:connections read:users");
    let claims = claims(&text(&answer["access_token"]));
    let now = app.app.clock.now().seconds();
    assert_eq!(
        claims,
        json!({
            "iss": format!("{BASE_URL}/"), "sub": format!("{id}@clients"), "aud": MANAGEMENT, "iat": now,
            "exp": now + 86_400, "scope": "read:connections read:users", "gty": "client-credentials", "azp": id,
        })
    );
    // As older clients write it, with an organization that is none.
    let body = json!({
        "grant_type": "client_credentials", "client_id": id, "client_secret": secret, "audience": MANAGEMENT,
        "organization": null,
    });
    given(&json_token(&app, &body, None).await);
    // In the header; the secret encoded as a form or not.
    let encoded = secret.replace('-', "%2D").replace('_', "%5F");
    for secret in [secret, &encoded] {
        let body = json!({ "grant_type": "client_credentials", "audience": "http://127.0.0.1:4000/api/v2/" });
        given(&json_token(&app, &body, Some(basic(id, secret))).await);
    }
}

async fn a_token_is_no_wider_than_its_grant(app: TestApp) {
    let machine = made(&app, named(ApplicationKind::NonInteractive), &["read:users", "read:clients"]).await;
    let (id, secret) = (machine.client_id.as_str(), machine.secret.expose());
    let asked = |scope: &'static str| {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", id),
            ("client_secret", secret),
            ("audience", MANAGEMENT),
            ("scope", scope),
        ];
        let app = app.clone();
        async move { token(&app, &form).await }
    };
    assert_eq!(given(&asked("read:clients").await)["scope"], "read:clients");
    let refused = asked("read:clients read:connections").await;
    assert_eq!(error(&refused, 403), "access_denied");
    assert!(refused.text().contains("Client has not been granted scopes: read:connections"));
    let token = management_token(&app, &machine).await;
    let refused = ask(&app, HERE, &token, "/api/v2/connections").await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json()["errorCode"], "insufficient_scope");
    assert_eq!(refused.json()["message"], "Insufficient scope, expected any of: read:connections");
}

async fn wrong_requests_are_refused_in_the_words_of_the_protocol(app: TestApp) {
    let machine = made(&app, named(ApplicationKind::NonInteractive), &["read:users"]).await;
    let (id, secret) = (machine.client_id.as_str(), machine.secret.expose());
    let good = [
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_secret", secret),
        ("audience", MANAGEMENT),
    ];
    let with = |name: &'static str, value: &'static str| {
        let mut form = good.to_vec();
        form.retain(|(given, _)| *given != name);
        if !value.is_empty() {
            form.push((name, value));
        }
        let app = app.clone();
        async move { token(&app, &form).await }
    };
    for (name, value, status, named) in [
        ("grant_type", "", 400, "invalid_request"),
        ("grant_type", "password", 400, "unsupported_grant_type"),
        ("client_id", "", 400, "invalid_request"),
        ("client_id", "nobody", 401, "invalid_client"),
        ("client_id", "a b\u{0}", 401, "invalid_client"),
        ("client_secret", "", 401, "invalid_client"),
        ("client_secret", "wrong", 401, "invalid_client"),
        ("audience", "", 403, "access_denied"),
        ("audience", "https://evil.test/api/v2/", 403, "access_denied"),
        ("audience", "https://127.0.0.1:4000/api/v2", 403, "access_denied"),
        ("audience", "https://127.0.0.1:4000.evil.test/api/v2/", 403, "access_denied"),
        ("organization", "org_x", 400, "invalid_request"),
    ] {
        let refused = with(name, value).await;
        assert_eq!(error(&refused, status), named, "{name}={value}");
        assert_eq!(refused.headers["cache-control"], "no-store");
    }
    let twice = [good.as_slice(), &[("audience", MANAGEMENT)]].concat();
    assert_eq!(error(&token(&app, &twice).await, 400), "invalid_request");
    let body = json!({ "grant_type": "client_credentials", "client_secret": secret, "audience": MANAGEMENT });
    let several = json_token(&app, &body, Some(basic(id, secret))).await;
    assert_eq!(error(&several, 400), "invalid_request", "two proofs at once");
}

async fn a_public_client_never_acts_on_its_own_account(app: TestApp) {
    for kind in [ApplicationKind::Spa, ApplicationKind::Native] {
        let page = made(&app, named(kind), &["read:users"]).await;
        for secret in ["", page.secret.expose()] {
            let form = [
                ("grant_type", "client_credentials"),
                ("client_id", page.client_id.as_str()),
                ("client_secret", secret),
                ("audience", MANAGEMENT),
            ];
            assert_eq!(error(&token(&app, &form).await, 403), "unauthorized_client");
        }
    }
    let patch = ApplicationPatch {
        grant_types: Patch::Set(vec!["authorization_code".to_owned()]),
        proof: Patch::Set(Proof::SecretInBody),
        ..named(ApplicationKind::RegularWeb)
    };
    let web = made(&app, patch, &["read:users"]).await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", web.client_id.as_str()),
        ("client_secret", web.secret.expose()),
        ("audience", MANAGEMENT),
    ];
    assert_eq!(error(&token(&app, &form).await, 403), "unauthorized_client");
}

async fn what_is_removed_is_over_at_once(app: TestApp) {
    let machine = made(&app, named(ApplicationKind::NonInteractive), &["read:connections"]).await;
    let token = management_token(&app, &machine).await;
    assert_ne!(ask(&app, HERE, &token, "/api/v2/connections").await.status, 401);
    app.pass(86_400);
    let over = ask(&app, HERE, &token, "/api/v2/connections").await;
    assert_eq!(over.status, 401);
    assert_eq!(over.json()["errorCode"], "Unauthorized");

    let token = management_token(&app, &machine).await;
    let store = &app.app.store;
    let found = store.application(&app.app.vault, app.project.id, &machine.client_id).await.unwrap().unwrap();
    let writes = [
        vestibule_store::tables::client_grants::delete_of(app.project.id, found.id),
        vestibule_store::tables::applications::delete(&found),
    ];
    store.commit(writes).await.unwrap();
    assert_eq!(ask(&app, HERE, &token, "/api/v2/connections").await.status, 401);
}

async fn a_client_of_another_project_is_nobody(app: TestApp) {
    let other = elsewhere(&app).await;
    let machine = made(&app, named(ApplicationKind::NonInteractive), &["read:connections"]).await;
    let theirs = made(&other, named(ApplicationKind::NonInteractive), &["read:connections"]).await;
    let form = |of: &vestibule_domain::application::Application, host: &str| {
        [
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", of.client_id.to_string()),
            ("client_secret", of.secret.expose().to_owned()),
            ("audience", format!("https://{host}/api/v2/")),
        ]
    };
    let asked = |of: &vestibule_domain::application::Application, host: &'static str| {
        let (app, form) = (app.clone(), form(of, host));
        async move {
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            token_at(&app, host, &form).await
        }
    };
    assert_eq!(error(&asked(&machine, ELSEWHERE).await, 401), "invalid_client");
    let ours = text(&given(&asked(&machine, HERE).await)["access_token"]);
    let theirs_given = text(&given(&asked(&theirs, ELSEWHERE).await)["access_token"]);
    assert_eq!(claims(&theirs_given)["iss"], format!("http://{ELSEWHERE}/"));
    assert_ne!(ask(&app, ELSEWHERE, &theirs_given, "/api/v2/connections").await.status, 401);
    for (host, token) in [(HERE, &theirs_given), (ELSEWHERE, &ours), ("nobody.test", &ours)] {
        assert_eq!(ask(&app, host, token, "/api/v2/connections").await.status, 401, "{host}");
    }
    let nowhere = asked(&machine, "nobody.test").await;
    assert_eq!(error(&nowhere, 404), "invalid_request");
}

async fn the_metadata_says_what_works(app: TestApp) {
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let metadata = given(&app.send(Request::builder().uri(path).body(Body::empty()).unwrap()).await);
        assert_eq!(metadata["issuer"], format!("{BASE_URL}/"));
        assert_eq!(metadata["token_endpoint"], format!("{BASE_URL}/oauth/token"));
    }
    let machine = made(&app, named(ApplicationKind::NonInteractive), &["read:connections"]).await;
    let token = management_token(&app, &machine).await;
    let keys = Request::builder().uri("/.well-known/jwks.json").body(Body::empty()).unwrap();
    let keys = given(&app.send(keys).await);
    let keys = vestibule_oidc::jose::JwkSet::parse(keys.to_string().as_bytes()).unwrap();
    let allowed = vestibule_oidc::jose::AlgorithmSet::from_names(["RS256"]);
    vestibule_oidc::jose::jws::verify(&token, &keys, allowed).unwrap();
}
