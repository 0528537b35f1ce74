//! Id tokens: the good one under every algorithm, and each check failing alone.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a fixture that cannot be made is a failed test"
)]

mod common;

use common::{
    CLIENT, Forger, ISSUER, NAMES, NONCE, NOW, base64url, claims, exact_issuer, expectations, key_set, with,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use vestibule_oidc::id_token::{
    IdTokenError, IdTokenExpectations, Nonce, TokenKeys, VerifiedIdToken, verify,
};
use vestibule_oidc::jose::{AlgorithmSet, HmacAlgorithm, HmacKey, JwsError};
use vestibule_oidc::{Issuer, IssuerRule, JsonError, Refusal as _, UnixSeconds, UrlPolicy};

const TENANT: &str = "11111111-2222-3333-4444-555555555555";
const OTHER_TENANT: &str = "99999999-2222-3333-4444-555555555555";

fn judge(claims: &Value) -> Result<VerifiedIdToken, IdTokenError> {
    judge_with(claims, |_| {})
}

fn judge_with(
    claims: &Value,
    change: impl FnOnce(&mut IdTokenExpectations<'_>),
) -> Result<VerifiedIdToken, IdTokenError> {
    let forger = Forger::new("ES256");
    let (keys, issuer) = (forger.keys(), exact_issuer());
    let mut expected = expectations(&keys, &issuer);
    change(&mut expected);
    verify(&forger.token(claims), &expected)
}

/// The refusal when one claim is replaced, or taken out when the value is null.
fn refusal(claim: &str, value: Value) -> IdTokenError {
    judge(&with(claims(), claim, value)).unwrap_err()
}

fn accepts(claim: &str, value: Value) {
    let changed = with(claims(), claim, value);
    assert!(judge(&changed).is_ok(), "{changed}");
}

#[test]
fn the_good_token_passes_under_every_algorithm() {
    for name in NAMES {
        let forger = Forger::new(name);
        let (keys, issuer) = (forger.keys(), exact_issuer());
        let token = forger.token(&with(claims(), "groups", json!(["a", "b"])));
        let verified = verify(&token, &expectations(&keys, &issuer)).unwrap();
        assert_eq!(verified.subject(), "subject-7");
        assert_eq!(verified.header().algorithm_name(), name);
        assert_eq!(verified.claim("groups"), Some(&json!(["a", "b"])));
        assert_eq!(verified.claim("nobody"), None);
        assert_eq!(verified.claims().len(), 7);
    }
}

#[test]
fn hmac_passes_only_where_the_connection_says_so() {
    let secret = [7; 32];
    let signed =
        format!("{}.{}", base64url(br#"{"alg":"HS256"}"#), base64url(claims().to_string().as_bytes()));
    let primitive = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret);
    let tag = aws_lc_rs::hmac::sign(&primitive, signed.as_bytes());
    let token = format!("{signed}.{}", base64url(tag.as_ref()));
    let (keys, issuer) = (Forger::new("RS256").keys(), exact_issuer());
    let key = HmacKey::from_client_secret(&secret, HmacAlgorithm::Hs256).unwrap();
    let mut expected = expectations(&keys, &issuer);
    assert!(matches!(verify(&token, &expected), Err(IdTokenError::Jws(JwsError::Algorithm { .. }))));
    expected.keys = TokenKeys::ClientSecret(&key);
    assert_eq!(verify(&token, &expected).unwrap().subject(), "subject-7");
}

#[test]
fn signature_refusals_are_passed_on() {
    let forger = Forger::new("RS256");
    let issuer = exact_issuer();
    let keys = key_set(&[with(forger.jwk(), "kid", json!("other"))]);
    let error = verify(&forger.token(&claims()), &expectations(&keys, &issuer)).unwrap_err();
    assert!(error.is_unknown_key());
    assert_eq!((error.code(), error.found().as_deref()), ("token_key_unknown", Some("key-1")));
    let keys = forger.keys();
    let mut expected = expectations(&keys, &issuer);
    expected.keys = TokenKeys::Published { keys: &keys, allowed: AlgorithmSet::from_names(["ES256"]) };
    let error = verify(&forger.token(&claims()), &expected).unwrap_err();
    assert!(!error.is_unknown_key());
    assert_eq!(error.expected().as_deref(), Some("ES256"));
}

#[test]
fn claims_are_one_unambiguous_object() {
    let forger = Forger::new("ES256");
    let (keys, issuer) = (forger.keys(), exact_issuer());
    let refused = |payload: &str| {
        verify(&forger.raw(&forger.header(), payload.as_bytes()), &expectations(&keys, &issuer)).unwrap_err()
    };
    let twice = claims().to_string().replacen('{', r#"{"sub":"admin","#, 1);
    assert!(matches!(refused(&twice), IdTokenError::Payload(JsonError::DuplicateMember(_))));
    assert_eq!(refused("[]"), IdTokenError::Payload(JsonError::NotAnObject));
    for payload in ["", "{", "not json", "{}{}"] {
        assert!(matches!(refused(payload), IdTokenError::Payload(JsonError::Malformed { .. })), "{payload}");
    }
}

#[test]
fn the_issuer_is_compared_byte_for_byte() {
    for other in [
        "https://idp.example/",
        "https://IDP.example",
        "http://idp.example",
        "https://idp.example.evil",
        "",
        "https://idp.exampl",
    ] {
        let error = refusal("iss", json!(other));
        assert_eq!(error.code(), "id_token_issuer");
        assert_eq!(error.found().as_deref(), Some(other));
        assert_eq!(error.expected().as_deref(), Some(ISSUER));
    }
    for other in [json!(null), json!([ISSUER]), json!(7), json!({ "iss": ISSUER })] {
        assert!(matches!(refusal("iss", other), IdTokenError::Issuer { .. }));
    }
    assert_eq!(refusal("iss", json!(null)).found().as_deref(), Some("nothing"));
}

#[test]
fn entra_tokens_are_of_the_pinned_tenant() {
    let forger = Forger::new("RS256");
    let keys = forger.keys();
    let address = |tenant: &str| format!("https://login.example/{tenant}/v2.0");
    let configured = Issuer::parse(&address(TENANT), UrlPolicy::HttpsOnly).unwrap();
    let rule = IssuerRule::from_discovered(&address("{tenantid}"), &configured).unwrap();
    let judge = |iss: &str, tid: Value| {
        let claims = with(with(with(claims(), "iss", json!(iss)), "tid", tid), "oid", json!("object-1"));
        verify(&forger.token(&claims), &expectations(&keys, &rule))
    };
    let verified = judge(&address(TENANT), json!(TENANT)).unwrap();
    assert_eq!((verified.entra_tenant_id(), verified.entra_object_id()), (Some(TENANT), Some("object-1")));
    for tid in [json!(OTHER_TENANT), json!(null), json!(""), json!([TENANT])] {
        assert!(matches!(judge(&address(TENANT), tid), Err(IdTokenError::Tenant { .. })));
    }
    for iss in [address(OTHER_TENANT), address("{tenantid}"), address("common")] {
        assert!(matches!(judge(&iss, json!(TENANT)), Err(IdTokenError::Issuer { .. })), "{iss}");
        assert!(matches!(judge(&iss, json!(OTHER_TENANT)), Err(IdTokenError::Issuer { .. })), "{iss}");
    }
}

#[test]
fn the_audience_holds_us_and_others_only_with_an_authorized_party() {
    accepts("aud", json!([CLIENT]));
    accepts("azp", json!(CLIENT));
    for aud in [
        json!("client-2"),
        json!([]),
        json!(["client-2"]),
        json!(""),
        json!("client-1 "),
        json!(7),
        json!(null),
    ] {
        let error = refusal("aud", aud);
        assert_eq!((error.code(), error.expected().as_deref()), ("id_token_audience", Some(CLIENT)));
    }
    for aud in [json!([CLIENT, "client-2"]), json!(["client-2", CLIENT]), json!([CLIENT, 7])] {
        assert!(matches!(refusal("aud", aud.clone()), IdTokenError::OtherAudience { .. }));
        let both = with(with(claims(), "aud", aud.clone()), "azp", json!(CLIENT));
        assert!(judge(&both).is_ok());
        let foreign = with(with(claims(), "aud", aud), "azp", json!("client-2"));
        assert!(matches!(judge(&foreign), Err(IdTokenError::AuthorizedParty { .. })));
    }
    for azp in [json!("client-2"), json!(""), json!([CLIENT]), json!(7)] {
        assert!(matches!(refusal("azp", azp), IdTokenError::AuthorizedParty { .. }));
    }
}

#[test]
fn expiry_is_required_and_has_a_minute_of_tolerance() {
    accepts("exp", json!(NOW - 59));
    accepts("exp", json!(NOW as f64 + 0.5));
    assert_eq!(
        refusal("exp", json!(NOW - 60)),
        IdTokenError::Expired { expired: UnixSeconds(NOW - 60), now: UnixSeconds(NOW) }
    );
    assert!(matches!(refusal("exp", json!(0)), IdTokenError::Expired { .. }));
    assert!(matches!(refusal("exp", json!(-1)), IdTokenError::Expired { .. }));
    assert_eq!(refusal("exp", json!(null)), IdTokenError::Missing("exp"));
    for wrong in [json!("1700000300"), json!([NOW]), json!(true), json!(1e300), json!({})] {
        assert!(matches!(refusal("exp", wrong), IdTokenError::NotATime { claim: "exp", .. }));
    }
    assert!(matches!(
        judge_with(&claims(), |e| e.now = UnixSeconds(i64::MAX)),
        Err(IdTokenError::Expired { .. })
    ));
    let none = judge_with(&with(claims(), "exp", json!(NOW)), |e| e.skew_seconds = 0);
    assert!(matches!(none, Err(IdTokenError::Expired { .. })));
}

#[test]
fn the_time_of_issue_is_required_and_near() {
    accepts("iat", json!(NOW + 60));
    accepts("iat", json!(NOW - 86_400));
    assert!(matches!(refusal("iat", json!(NOW + 61)), IdTokenError::IssuedInFuture { .. }));
    assert!(matches!(refusal("iat", json!(i64::MAX)), IdTokenError::IssuedInFuture { .. }));
    assert!(matches!(refusal("iat", json!(NOW - 86_401)), IdTokenError::IssuedTooLongAgo { .. }));
    assert!(matches!(refusal("iat", json!(i64::MIN)), IdTokenError::IssuedTooLongAgo { .. }));
    assert_eq!(refusal("iat", json!(null)), IdTokenError::Missing("iat"));
    assert!(matches!(refusal("iat", json!("now")), IdTokenError::NotATime { claim: "iat", .. }));
    // Milliseconds in place of seconds lie far in the future.
    assert!(matches!(refusal("iat", json!(NOW * 1000)), IdTokenError::IssuedInFuture { .. }));
}

#[test]
fn not_before_is_kept_when_present() {
    accepts("nbf", json!(NOW + 60));
    assert!(matches!(refusal("nbf", json!(NOW + 61)), IdTokenError::NotYetValid { .. }));
    assert!(matches!(refusal("nbf", json!("soon")), IdTokenError::NotATime { claim: "nbf", .. }));
}

#[test]
fn the_nonce_is_the_one_of_this_attempt() {
    let almost = NONCE.to_lowercase();
    for wrong in [json!("another"), json!(""), json!(almost), json!(&NONCE[1..]), json!(format!("{NONCE} "))]
    {
        let error = refusal("nonce", wrong);
        assert_eq!(error, IdTokenError::Nonce);
        // Neither of the two is told.
        assert_eq!(error.found().as_deref(), Some("another nonce"));
        assert_eq!(error.expected().as_deref(), Some("the nonce of the request"));
    }
    for absent in [json!(null), json!(7), json!([NONCE])] {
        assert_eq!(refusal("nonce", absent), IdTokenError::Missing("nonce"));
    }
    let empty = judge_with(&with(claims(), "nonce", json!("")), |e| e.nonce = Nonce::Sent(""));
    assert_eq!(empty.unwrap_err(), IdTokenError::Nonce);
}

#[test]
fn where_no_nonce_was_sent_none_is_asked_for() {
    for nonce in [json!(null), json!("of the provider's own"), json!(7)] {
        let token = with(claims(), "nonce", nonce);
        assert!(judge_with(&token, |e| e.nonce = Nonce::NotSent).is_ok());
    }
}

#[test]
fn the_subject_is_short_text() {
    accepts("sub", json!("a".repeat(255)));
    assert_eq!(refusal("sub", json!(null)), IdTokenError::Missing("sub"));
    for (wrong, kind) in [
        (json!(""), "an empty text"),
        (json!("  "), "an empty text"),
        (json!("\t\n"), "an empty text"),
        (json!("\u{a0}"), "an empty text"),
        (json!("a".repeat(256)), "a text of 256 bytes"),
        (json!(7), "a number"),
        (json!(["a"]), "a list of 1"),
        (json!({}), "an object"),
        (json!("a\u{0}b"), "control characters"),
        (json!("a\nb"), "control characters"),
        (json!("a\u{85}b"), "control characters"),
    ] {
        let said = refusal("sub", wrong).to_string();
        assert!(
            said.contains(&format!("subject is {}", kind.replace("control", "a text with control"))),
            "{said}"
        );
        assert!(said.contains("expected text of 1 to 255 bytes without control characters"), "{said}");
    }
    accepts("sub", json!(" a "));
}

#[test]
fn an_asked_for_age_needs_a_recent_authentication() {
    let judge = |auth_time: Value| {
        judge_with(&with(claims(), "auth_time", auth_time), |e| e.max_age_seconds = Some(600)).map(drop)
    };
    assert_eq!(judge(json!(NOW - 660)), Ok(()));
    assert!(matches!(judge(json!(NOW - 661)), Err(IdTokenError::AuthenticatedTooLongAgo { .. })));
    assert_eq!(judge(json!(null)), Err(IdTokenError::Missing("auth_time")));
    assert!(matches!(judge(json!("x")), Err(IdTokenError::NotATime { claim: "auth_time", .. })));
}

/// The left half of the hash, made with the primitives again.
fn half_hash(name: &str, value: &str) -> String {
    use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
    let algorithm = match &name[name.len().saturating_sub(3)..] {
        "256" => &SHA256,
        "384" => &SHA384,
        _ => &SHA512,
    };
    let hash = digest(algorithm, value.as_bytes());
    base64url(&hash.as_ref()[..hash.as_ref().len() / 2])
}

#[test]
fn hashes_bind_the_token_to_what_came_with_it() {
    for name in NAMES {
        let forger = Forger::new(name);
        let (keys, issuer) = (forger.keys(), exact_issuer());
        let mut expected = expectations(&keys, &issuer);
        expected.access_token = Some("the access token");
        expected.code = Some("the code");
        let judge = |at_hash: Value, c_hash: Value| {
            let claims = with(with(claims(), "at_hash", at_hash), "c_hash", c_hash);
            verify(&forger.token(&claims), &expected).map(drop)
        };
        let (at, c) = (half_hash(name, "the access token"), half_hash(name, "the code"));
        assert_eq!(judge(json!(at), json!(c)), Ok(()), "{name}");
        assert_eq!(judge(json!(null), json!(null)), Ok(()));
        assert_eq!(judge(json!(c), json!(c)), Err(IdTokenError::AccessTokenHash));
        assert_eq!(judge(json!(at), json!(at)), Err(IdTokenError::CodeHash));
        for wrong in [json!(""), json!(7), json!(format!("{at}=")), json!(&at[1..])] {
            assert_eq!(judge(wrong.clone(), json!(null)), Err(IdTokenError::AccessTokenHash));
            assert_eq!(judge(json!(null), wrong), Err(IdTokenError::CodeHash));
        }
    }
}

#[test]
fn the_example_hash_of_openid_connect_core() {
    // OpenID Connect Core appendix A.4: the access token and its at_hash under RS256.
    let forger = Forger::new("RS256");
    let (keys, issuer) = (forger.keys(), exact_issuer());
    let mut expected = expectations(&keys, &issuer);
    expected.access_token = Some("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
    let token = forger.token(&with(claims(), "at_hash", json!("77QmUPtjPfzWtF2AnpK9RQ")));
    assert!(verify(&token, &expected).is_ok());
}

#[test]
fn refusals_and_debug_output_never_carry_the_token() {
    let forger = Forger::new("ES256");
    let (keys, issuer) = (forger.keys(), exact_issuer());
    let token = forger.token(&with(claims(), "email", json!("ada@example.com")));
    let signature = token.rsplit('.').next().unwrap().to_owned();
    let verified = verify(&token, &expectations(&keys, &issuer)).unwrap();
    assert!(!format!("{verified:?}").contains("ada@example.com"));
    for change in ["iss", "aud", "exp", "nonce", "sub"] {
        let error = judge(&with(claims(), change, json!(null))).unwrap_err();
        let shown = format!("{error} {error:?} {:?} {:?}", error.found(), error.expected());
        assert!(!shown.contains(NONCE) && !shown.contains(&signature), "{shown}");
    }
    let long = refusal("iss", json!("x".repeat(10_000)));
    assert!(long.to_string().len() < 1000);
    let control = refusal("iss", json!("<b>\u{202e}\r\nSet-Cookie: x"));
    assert!(!control.to_string().contains(['\r', '\n', '\u{202e}']));
}

proptest! {
    /// Whatever the claims are, an accepted token means exactly what was signed, for us, from the issuer, now.
    #[test]
    fn accepted_means_every_rule_held(
        iss in prop_oneof![Just(json!(ISSUER)), Just(json!("https://evil.example")), Just(json!(null))],
        aud in prop_oneof![Just(json!(CLIENT)), Just(json!([CLIENT, "x"])), Just(json!("x")), Just(json!([]))],
        azp in prop_oneof![Just(json!(null)), Just(json!(CLIENT)), Just(json!("x"))],
        exp in prop_oneof![Just(json!(NOW - 61)), Just(json!(NOW + 1)), Just(json!("1"))],
        iat in prop_oneof![Just(json!(NOW)), Just(json!(NOW + 100)), Just(json!(NOW - 90_000))],
        nonce in prop_oneof![Just(json!(NONCE)), Just(json!("x"))],
        sub in prop_oneof![Just(json!("s")), Just(json!("")), Just(json!(5))],
    ) {
        let mut all = claims();
        for (name, value) in
            [("iss", &iss), ("aud", &aud), ("azp", &azp), ("exp", &exp), ("iat", &iat), ("nonce", &nonce), ("sub", &sub)]
        {
            all = with(all, name, value.clone());
        }
        let audience_fine = (aud == json!(CLIENT) && azp != json!("x")) || (aud == json!([CLIENT, "x"]) && azp == json!(CLIENT));
        let fine = iss == json!(ISSUER) && audience_fine && exp == json!(NOW + 1) && iat == json!(NOW)
            && nonce == json!(NONCE) && sub == json!("s");
        let judged = judge(&all);
        prop_assert_eq!(judged.is_ok(), fine);
        if let Ok(verified) = judged {
            prop_assert_eq!(&Value::Object(verified.claims().clone()), &all);
        }
    }
}
