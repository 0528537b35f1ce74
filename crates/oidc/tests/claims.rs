//! Userinfo and the merged claims: whose they are, and what they say about an e-mail address.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a fixture that cannot be made is a failed test"
)]

mod common;

use common::{Forger, claims, exact_issuer, expectations, with};
use serde_json::{Value, json};
use url::Url;
use vestibule_oidc::claims::{Claims, EmailClaim, Verified};
use vestibule_oidc::id_token::{VerifiedIdToken, verify};
use vestibule_oidc::request::Method;
use vestibule_oidc::token::AccessToken;
use vestibule_oidc::userinfo::{self, Userinfo, UserinfoError};
use vestibule_oidc::{Excerpt, Refusal as _};

/// A verified id token with more claims than the required ones.
fn id_token(more: &Value) -> VerifiedIdToken {
    let forger = Forger::new("EdDSA");
    let (keys, issuer) = (forger.keys(), exact_issuer());
    let all = more.as_object().unwrap().iter().fold(claims(), |all, (name, value)| {
        let mut all = all;
        all[name] = value.clone();
        all
    });
    verify(&forger.token(&all), &expectations(&keys, &issuer)).unwrap()
}

fn parse(body: &Value) -> Result<Userinfo, UserinfoError> {
    userinfo::parse(200, Some("application/json"), body.to_string().as_bytes(), &id_token(&json!({})))
}

fn merged(token: &Value, info: &Value) -> Claims {
    let id_token = id_token(token);
    let body = with(info.clone(), "sub", json!("subject-7")).to_string();
    let info = userinfo::parse(200, None, body.as_bytes(), &id_token).unwrap();
    Claims::merged(&id_token, &info)
}

#[test]
fn the_request_carries_the_token_in_the_header() {
    let endpoint = Url::parse("https://idp.example/me?x=1").unwrap();
    let request = userinfo::request(&endpoint, &AccessToken::parse("at-1").unwrap());
    assert_eq!((request.method(), request.url()), (Method::Get, &endpoint));
    assert!(request.headers().any(|header| header == ("authorization", "Bearer at-1")));
    assert!(!format!("{request:?}").contains("at-1"));
    assert!(AccessToken::parse("a\r\nb").is_none());
}

#[test]
fn it_is_asked_only_when_something_is_missing() {
    let token = id_token(&json!({ "email": "a@example.com", "name": null }));
    assert!(!userinfo::is_needed(&token, &[]));
    assert!(!userinfo::is_needed(&token, &["email", "sub"]));
    assert!(userinfo::is_needed(&token, &["email", "name"]));
    assert!(userinfo::is_needed(&token, &["groups"]));
}

#[test]
fn userinfo_is_about_the_same_subject() {
    assert_eq!(
        parse(&json!({ "sub": "subject-7", "name": "Ada" })).unwrap().claim("name"),
        Some(&json!("Ada"))
    );
    for other in ["subject-8", "SUBJECT-7", "", "subject-7 "] {
        let error = parse(&json!({ "sub": other })).unwrap_err();
        assert_eq!(error.code(), "userinfo_subject_mismatch");
        assert_eq!((error.found().as_deref(), error.expected().as_deref()), (Some(other), Some("subject-7")));
    }
    for body in [json!({}), json!({ "sub": null }), json!({ "sub": 7 }), json!({ "sub": ["subject-7"] })] {
        assert_eq!(parse(&body).unwrap_err(), UserinfoError::SubjectMissing);
    }
}

#[test]
fn other_answers_are_refused() {
    let token = id_token(&json!({}));
    let parse =
        |status, content_type, body: &[u8]| userinfo::parse(status, content_type, body, &token).unwrap_err();
    let good = br#"{"sub":"subject-7"}"#;
    assert_eq!(parse(401, Some("application/json"), good), UserinfoError::Status(401));
    for content_type in ["application/jwt", "Application/JWT; charset=utf-8", " application/jwt "] {
        assert_eq!(parse(200, Some(content_type), good), UserinfoError::Jwt);
    }
    assert!(matches!(parse(200, Some("text/html"), b"<html>"), UserinfoError::Json(_)));
    assert!(matches!(parse(200, None, br#"{"sub":"x","sub":"subject-7"}"#), UserinfoError::Json(_)));
    let large = [good.as_slice(), &vec![b' '; 256 * 1024]].concat();
    assert!(matches!(parse(200, None, &large), UserinfoError::Json(_)));
}

#[test]
fn what_was_signed_wins_and_userinfo_fills_the_rest() {
    let claims = merged(
        &json!({ "name": "Signed", "title": null }),
        &json!({ "name": "Other", "title": "Dr", "groups": ["a"] }),
    );
    assert_eq!(claims.text("name"), Some("Signed"));
    assert_eq!(claims.text("title"), Some("Dr"));
    assert_eq!(claims.claim("groups"), Some(&json!(["a"])));
    assert_eq!(claims.subject(), "subject-7");
    assert!(!format!("{claims:?}").contains("Signed"));
}

#[test]
fn claims_about_the_token_never_come_from_userinfo() {
    let forged = json!({ "iss": "https://evil.example", "aud": "x", "azp": "x", "nonce": "x", "exp": 9, "iat": 9, "nbf": 9,
        "acr": "high", "amr": ["mfa"], "auth_time": 9, "at_hash": "x", "c_hash": "x", "tid": "x", "oid": "x" });
    let claims = merged(&json!({}), &forged);
    for name in forged.as_object().unwrap().keys() {
        assert_ne!(claims.claim(name), forged.get(name), "{name}");
    }
    assert_eq!(claims.all().len(), 6);
}

fn verified(claims: &Value) -> Verified {
    Claims::of(&id_token(claims)).email_verification()
}

#[test]
fn verification_is_read_in_all_its_spellings() {
    use Verified::{Unstated, Unverified, Verified as Yes};
    for (value, expected) in [
        (json!(true), Yes),
        (json!("true"), Yes),
        (json!("True"), Yes),
        (json!("1"), Yes),
        (json!(1), Yes),
        (json!(null), Unstated),
        (json!(false), Unverified),
        (json!("false"), Unverified),
        (json!("0"), Unverified),
        (json!(0), Unverified),
        (json!(""), Unverified),
        (json!("yes"), Unverified),
        (json!(2), Unverified),
        (json!(1.5), Unverified),
        (json!([true]), Unverified),
        (json!({}), Unverified),
    ] {
        assert_eq!(verified(&json!({ "email_verified": value })), expected, "email_verified {value}");
        assert_eq!(verified(&json!({ "xms_edov": value })), expected, "xms_edov {value}");
        assert_eq!(verified(&json!({ "email_verified": value, "xms_edov": false })), Unverified);
        assert_eq!(verified(&json!({ "email_verified": false, "xms_edov": value })), Unverified);
    }
    assert_eq!(verified(&json!({})), Unstated);
    assert_eq!(verified(&json!({ "email_verified": true, "xms_edov": true })), Yes);
}

#[test]
fn what_speaks_against_an_address_is_said_as_it_was_found() {
    let denial = |claims: &Value| Claims::of(&id_token(claims)).denial();
    for (value, said) in [
        (json!(false), "false"),
        (json!("False"), "false"),
        (json!("yes"), "\"yes\" (text), where"),
        (json!(""), "\"\" (text), where"),
        (json!(0), "0 (a number), where"),
        (json!([]), "a list of 0, where"),
        (json!({ "a": "secret" }), "an object, where"),
    ] {
        for name in ["email_verified", "xms_edov"] {
            let found = denial(&json!({ name: value })).unwrap();
            assert!(found.starts_with(&format!("{name}: {said}")), "{found}");
            assert_eq!(found.contains("true or false is expected"), said != "false", "{found}");
        }
    }
    let both = json!({ "email_verified": "yes", "xms_edov": false });
    assert_eq!(denial(&both).unwrap(), "xms_edov: false");
    for nothing in [json!({}), json!({ "email_verified": true }), json!({ "email_verified": null })] {
        assert_eq!(denial(&nothing), None);
    }
}

#[test]
fn an_address_is_text() {
    let email = |value: Value| Claims::of(&id_token(&json!({ "email": value }))).email();
    let address = "Ada@Example.com".to_owned();
    assert_eq!(email(json!(address)), Some(EmailClaim { address, verified: Verified::Unstated }));
    for none in [json!(null), json!(""), json!(["a@example.com"]), json!({}), json!(7)] {
        assert_eq!(email(none), None);
    }
}

#[test]
fn one_sources_word_never_covers_another_sources_address() {
    let email = |token: Value, info: Value| {
        merged(&token, &info).email().map(|claim| (claim.address, claim.verified))
    };
    let (a, b) = ("a@example.com", "b@example.com");
    let said = |address: &str, verified| Some((address.to_owned(), verified));
    // The id token names no address: everything about it is userinfo's, also against an id token's stray "verified".
    assert_eq!(email(json!({}), json!({ "email": b, "email_verified": true })), said(b, Verified::Verified));
    assert_eq!(email(json!({ "email_verified": true }), json!({ "email": b })), said(b, Verified::Unstated));
    assert_eq!(
        email(json!({ "xms_edov": true }), json!({ "email": b, "email_verified": false })),
        said(b, Verified::Unverified)
    );
    // Both name one: the id token's stands, and only what is said about the same address is added.
    assert_eq!(
        email(json!({ "email": a }), json!({ "email": b, "email_verified": true })),
        said(a, Verified::Unstated)
    );
    assert_eq!(
        email(json!({ "email": a }), json!({ "email": a, "email_verified": true })),
        said(a, Verified::Verified)
    );
    assert_eq!(
        email(json!({ "email": a }), json!({ "email": a, "email_verified": false })),
        said(a, Verified::Unverified)
    );
    assert_eq!(
        email(json!({ "email": a, "email_verified": false }), json!({ "email": a, "email_verified": true })),
        said(a, Verified::Unverified)
    );
    assert_eq!(email(json!({ "email": a }), json!({ "email_verified": true })), said(a, Verified::Unstated));
}

#[test]
fn subject_mismatch_carries_both_names() {
    let error = parse(&json!({ "sub": "x" })).unwrap_err();
    let expected =
        UserinfoError::SubjectMismatch { found: Excerpt::of("x"), expected: Excerpt::of("subject-7") };
    assert_eq!(error, expected);
}

#[test]
fn trust_travels_with_the_value() {
    let address = |claims: &Value, name| Claims::of(&id_token(claims)).address(name).unwrap();
    let is = |claims: &Value, name, verified| {
        assert_eq!(address(claims, name).unwrap().verified, verified, "{claims} {name}");
    };
    let (yes, no, unstated) = (Verified::Verified, Verified::Unverified, Verified::Unstated);
    let other = |said: Value| json!({ "email": "a@x.test", "email_verified": said, "upn": "b@y.test" });
    is(&other(json!(true)), "email", yes);
    is(&other(json!(false)), "email", no);
    // What is said of the claim `email` is nothing about another address, neither for nor against it.
    is(&other(json!(true)), "upn", unstated);
    is(&other(json!(false)), "upn", unstated);
    is(&json!({ "email_verified": false, "upn": "b@y.test" }), "upn", unstated);
    is(&json!({ "email": null, "email_verified": true, "upn": "b@y.test" }), "upn", unstated);
    is(
        &json!({ "email": ["a@x.test", "b@y.test"], "email_verified": true, "upn": "b@y.test" }),
        "upn",
        unstated,
    );
    // The same address by another name is the same address.
    is(&json!({ "email": "A@x.test", "email_verified": true, "upn": "a@X.test" }), "upn", yes);
    is(&json!({ "email": "a@x.test", "email_verified": false, "upn": "a@x.test" }), "upn", no);
    is(&json!({ "email": ["a@x.test"], "email_verified": true }), "email", yes);
    assert_eq!(address(&json!({ "email": "  " }), "email"), None);
}

#[test]
fn what_userinfo_alone_says_of_an_address_is_read() {
    let asked = |claims: &Value| userinfo::may_say_verified(&id_token(claims));
    assert!(asked(&json!({ "email": "a@x.test" })));
    assert!(!asked(&json!({ "email": "a@x.test", "email_verified": false })));
    assert!(!asked(&json!({ "upn": "a@x.test" })));
    let said = |info: &Value| {
        merged(&json!({ "email": "a@x.test" }), info).address("email").unwrap().unwrap().verified
    };
    assert_eq!(said(&json!({ "email": "A@X.test", "email_verified": true })), Verified::Verified);
    assert_eq!(said(&json!({ "email": "a@x.test", "email_verified": "false" })), Verified::Unverified);
    assert_eq!(said(&json!({ "email": "b@x.test", "email_verified": true })), Verified::Unstated);
    assert_eq!(said(&json!({ "email_verified": true })), Verified::Unstated);
}

#[test]
fn a_claim_of_the_wrong_kind_is_named_as_such() {
    for (value, kind) in [
        (json!(["a@x.test", "b@x.test"]), "a list of 2"),
        (json!([]), "a list of 0"),
        (json!([7]), "a list of 1"),
        (json!(7), "a number"),
        (json!(true), "true or false"),
        (json!({ "value": "a@x.test" }), "an object"),
    ] {
        let error = Claims::of(&id_token(&json!({ "email": value }))).address("email").unwrap_err();
        assert_eq!((error.found.as_str(), error.claim.as_str()), (kind, "email"));
        assert!(error.to_string().contains(kind), "{error}");
    }
    let claims = Claims::of(&id_token(&json!({ "one": ["x"], "blank": "\t ", "null": null })));
    assert_eq!(claims.one_text("one").unwrap(), Some("x"));
    assert_eq!((claims.one_text("blank").unwrap(), claims.one_text("null").unwrap()), (None, None));
    assert!(
        claims.names().iter().any(|name| name.as_str() == "one")
            && !claims.names().iter().any(|n| n.as_str() == "iss")
    );
}
