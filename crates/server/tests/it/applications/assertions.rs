//! `private_key_jwt`: an application proves itself by its own key.

use serde_json::{Value, json};
use tokio::task::JoinSet;
use vestibule_domain::Patch;
use vestibule_domain::application::{Application, ApplicationKey, ApplicationKind, ApplicationPatch, Proof};
use vestibule_domain::id::{ApplicationKeyId, Environment};
use vestibule_oidc::jose::{SigningAlgorithm, SigningKey};

use super::{MANAGEMENT, error, given, made, named, token};
use crate::app::{TestApp, on_both_engines, signing_key};
use crate::reply::Reply;

on_both_engines!(an_assertion_is_taken_once, only_the_registered_key_counts);

fn key() -> SigningKey {
    SigningKey::from_pkcs8(signing_key(), SigningAlgorithm::Rs256, "application").unwrap()
}

async fn keyed(app: &TestApp, expires_in: i64) -> Application {
    let now = app.app.clock.now();
    let jwk = serde_json::to_value(key().public_jwk()).unwrap();
    let registered = ApplicationKey {
        id: ApplicationKeyId::generate(Environment::Test, app.app.entropy.as_ref()),
        name: String::new(),
        jwk: jwk.as_object().cloned().unwrap(),
        created_at: now,
        expires_at: Some(now.plus(vestibule_domain::time::Span::seconds(expires_in))),
    };
    let patch = ApplicationPatch {
        proof: Patch::Set(Proof::PrivateKey),
        keys: Patch::Set(vec![registered]),
        ..named(ApplicationKind::NonInteractive)
    };
    made(app, patch, &["read:users"]).await
}

fn claims(app: &TestApp, of: &Application, jti: &str) -> Value {
    let now = app.app.clock.now().seconds();
    let id = of.client_id.as_str();
    json!({ "iss": id, "sub": id, "aud": "https://127.0.0.1:4000/", "iat": now, "exp": now + 180, "jti": jti })
}

async fn show(app: &TestApp, assertion: &str, more: &[(&str, &str)]) -> Reply {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion),
        ("audience", MANAGEMENT),
    ];
    token(app, &[form.as_slice(), more].concat()).await
}

async fn an_assertion_is_taken_once(app: TestApp) {
    let machine = keyed(&app, 3600).await;
    let assertion = key().sign(&claims(&app, &machine, "one")).unwrap();
    given(&show(&app, &assertion, &[]).await);
    assert_eq!(error(&show(&app, &assertion, &[]).await, 401), "invalid_client");
    // Of many who show one at once, one is given a token.
    let assertion = key().sign(&claims(&app, &machine, "two")).unwrap();
    let shown = (0..8).map(|_| {
        let (app, assertion, id) = (app.clone(), assertion.clone(), machine.client_id.to_string());
        async move { show(&app, &assertion, &[("client_id", &id)]).await }
    });
    let answers = shown.collect::<JoinSet<_>>().join_all().await;
    assert_eq!(answers.iter().filter(|reply| reply.status == 200).count(), 1);
    assert!(answers.iter().all(|reply| matches!(reply.status.as_u16(), 200 | 401)));
}

async fn only_the_registered_key_counts(app: TestApp) {
    let machine = keyed(&app, 3600).await;
    let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let der = aws_lc_rs::encoding::AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
    let other = SigningKey::from_pkcs8(der.as_ref(), SigningAlgorithm::Rs256, "application").unwrap();
    let forged = other.sign(&claims(&app, &machine, "forged")).unwrap();
    assert_eq!(error(&show(&app, &forged, &[]).await, 401), "invalid_client");
    let mut to_others = claims(&app, &machine, "others");
    to_others["aud"] = json!(["https://127.0.0.1:4000/", "https://evil.test/"]);
    let to_others = key().sign(&to_others).unwrap();
    assert_eq!(error(&show(&app, &to_others, &[]).await, 401), "invalid_client");
    // The secret counts for nothing here, and an assertion for nothing where there is a secret.
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", machine.client_id.as_str()),
        ("client_secret", machine.secret.expose()),
        ("audience", MANAGEMENT),
    ];
    assert_eq!(error(&token(&app, &form).await, 401), "invalid_client");
    let by_secret = made(&app, named(ApplicationKind::NonInteractive), &["read:users"]).await;
    let assertion = key().sign(&claims(&app, &by_secret, "secret")).unwrap();
    assert_eq!(error(&show(&app, &assertion, &[]).await, 401), "invalid_client");
    // A key that has ended.
    app.pass(3600);
    let late = key().sign(&claims(&app, &machine, "late")).unwrap();
    assert_eq!(error(&show(&app, &late, &[]).await, 401), "invalid_client");
    let other = key().sign(&claims(&app, &machine, "other")).unwrap();
    assert_eq!(error(&show(&app, &other, &[("client_id", "somebody")]).await, 400), "invalid_request");
}
