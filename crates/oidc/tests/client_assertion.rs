//! Client assertions as somebody shows them to us.

mod common;

use serde_json::{Value, json};
use vestibule_oidc::UnixSeconds;
use vestibule_oidc::client_assertion::{
    AssertionError, AssertionExpectations, VerifiedAssertion, claimed_client, verify,
};

use common::{Forger, NOW};

fn claims() -> Value {
    json!({ "iss": "app", "sub": "app", "aud": "https://login.test/", "exp": NOW + 180, "iat": NOW, "jti": "a" })
}

fn judged(key: &Forger, claims: &Value) -> Result<VerifiedAssertion, AssertionError> {
    judge(key, &key.token(claims))
}

fn judge(key: &Forger, compact: &str) -> Result<VerifiedAssertion, AssertionError> {
    let expectations = AssertionExpectations {
        keys: &key.keys(),
        client_id: "app",
        audiences: &["https://login.test/", "https://login.test/oauth/token"],
        now: UnixSeconds(NOW),
    };
    verify(compact, &expectations)
}

fn with(name: &str, value: Value) -> Value {
    common::with(claims(), name, value)
}

fn typed(key: &Forger, typ: &str) -> String {
    let header = json!({ "alg": key.name, "kid": key.kid, "typ": typ });
    key.raw(&header.to_string(), claims().to_string().as_bytes())
}

#[test]
fn an_assertion_for_us_is_taken() {
    for name in ["RS256", "RS384", "PS256", "PS384", "ES256", "ES384"] {
        assert!(judged(&Forger::new(name), &claims()).is_ok(), "{name}");
    }
    assert!(judged(&Forger::new("EdDSA"), &claims()).is_err(), "it is not announced");
    let key = Forger::new("RS256");
    let taken = judged(&key, &claims()).unwrap();
    assert_eq!((taken.id.as_str(), taken.forget_after), ("a", UnixSeconds(NOW + 240)));
    assert!(judged(&key, &with("aud", json!(["https://login.test/oauth/token"]))).is_ok());
    let typed = typed(&key, "client-authentication+jwt");
    assert!(judge(&key, &typed).is_ok());
    assert_eq!(claimed_client(&typed).as_deref(), Some("app"));
}

#[test]
fn what_was_made_for_others_or_lives_too_long_is_not() {
    let key = Forger::new("RS256");
    let wrong = [
        ("iss", json!("other")),
        ("sub", json!("other")),
        ("sub", json!(null)),
        ("aud", json!("https://evil.test/")),
        ("aud", json!(["https://login.test/", "https://evil.test/"])),
        ("aud", json!([])),
        ("exp", json!(NOW - 61)),
        ("exp", json!(NOW + 3600)),
        ("exp", json!("soon")),
        ("iat", json!(NOW + 61)),
        ("nbf", json!(NOW + 3600)),
        ("jti", json!("")),
        ("jti", json!("x".repeat(256))),
        ("jti", json!(7)),
    ];
    for (name, value) in wrong {
        assert!(judged(&key, &with(name, value.clone())).is_err(), "{name}: {value}");
    }
    for missing in ["iss", "sub", "aud", "exp", "jti"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(missing);
        assert!(judged(&key, &claims).is_err(), "{missing}");
    }
}

#[test]
fn only_the_clients_own_keys_count() {
    let (ours, other) = (Forger::new("RS256"), Forger::new("RS384"));
    let forged = other.token(&claims());
    assert!(matches!(judge(&ours, &forged), Err(AssertionError::Jws(_))));
    let access = typed(&ours, "at+jwt");
    assert!(matches!(judge(&ours, &access), Err(AssertionError::Jws(_))));
    for text in ["", "a.b.c", &"a".repeat(9000)] {
        assert!(judge(&ours, text).is_err());
        assert_eq!(claimed_client(text), None);
    }
}
