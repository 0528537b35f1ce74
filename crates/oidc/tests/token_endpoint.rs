//! Redeeming a code: how the client authenticates, and what is made of the answer.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a fixture that cannot be made is a failed test"
)]

mod common;

use std::collections::HashMap;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa;
use common::{base64url, with};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};
use vestibule_oidc::callback::{AuthorizationCode, CallbackExpectations, Channel, Delivery, Grant, Response};
use vestibule_oidc::client_auth::{
    AssertionKey, AssertionSigner, ClientAssertion, ClientAuth, ClientAuthError, ClientAuthMethod,
    ClientSecret, FormerClientKey,
};
use vestibule_oidc::jose::{
    AlgorithmSet, JwkSet, JwsError, SignatureAlgorithm, SigningAlgorithm, SigningKey, b64, jws,
};
use vestibule_oidc::pkce::CodeVerifier;
use vestibule_oidc::request::{Method, Request};
use vestibule_oidc::token::{self, TokenError, TokenErrorCode, TokenRequest};
use vestibule_oidc::{Excerpt, Issuer, Refusal as _, UnixSeconds, UrlPolicy};

const ISSUER: &str = "https://idp.example/tenant";

fn code() -> AuthorizationCode {
    let parameters = [("state".to_owned(), "s".to_owned()), ("code".to_owned(), "c+&=/ d".to_owned())];
    let issuer = Issuer::parse(ISSUER, UrlPolicy::HttpsOnly).unwrap();
    let expected = CallbackExpectations {
        channel: Channel::Code,
        delivered: Delivery::Query,
        issuer: &issuer,
        response_issuer_announced: false,
    };
    match Response::read(&parameters).unwrap().judge(&expected).unwrap() {
        Grant::Code(code) => code,
        Grant::IdToken(_) => panic!("the channel is Code"),
    }
}

fn build(auth: ClientAuth<'_>) -> Result<Request, ClientAuthError> {
    let endpoint = Url::parse("https://idp.example/token?tenant=1").unwrap();
    let request = TokenRequest {
        endpoint: &endpoint,
        client_id: "client:1 é",
        auth,
        code: &code(),
        redirect_uri: "https://sso.example/callback/1",
        verifier: Some(&CodeVerifier::from_entropy([1; 32])),
    }
    .build()?;
    assert_eq!((request.method(), request.url()), (Method::Post, &endpoint));
    Ok(request)
}

fn form(request: &Request) -> HashMap<String, String> {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(request.body().unwrap().as_bytes()).into_owned().collect();
    let map: HashMap<String, String> = pairs.iter().cloned().collect();
    assert_eq!(map.len(), pairs.len());
    assert_eq!(map["grant_type"], "authorization_code");
    assert_eq!(map["code"], "c+&=/ d");
    assert_eq!(map["redirect_uri"], "https://sso.example/callback/1");
    assert_eq!(map["code_verifier"], base64url(&[1; 32]));
    map
}

fn header(request: &Request, name: &str) -> Option<String> {
    request.headers().find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
}

#[test]
fn basic_encodes_both_halves_before_joining_them() {
    let secret = ClientSecret::new("s:e c+r%t");
    let request = build(ClientAuth::SecretBasic(secret)).unwrap();
    let sent = header(&request, "authorization").unwrap();
    let joined = "client%3A1+%C3%A9:s%3Ae+c%2Br%25t";
    // Standard base64 with padding, here from the url alphabet by hand.
    let encoded = base64url(joined.as_bytes()).replace('-', "+").replace('_', "/");
    assert_eq!(sent.trim_end_matches('='), format!("Basic {encoded}"));
    assert_eq!(sent.strip_prefix("Basic ").unwrap().len() % 4, 0);
    let form = form(&request);
    assert_eq!(form.len(), 4, "neither name nor secret in the body");
    assert_eq!(header(&request, "content-type").as_deref(), Some("application/x-www-form-urlencoded"));
}

#[test]
fn post_sends_name_and_secret_in_the_body() {
    let secret = ClientSecret::new("s&e=c");
    let request = build(ClientAuth::SecretPost(secret)).unwrap();
    assert_eq!(header(&request, "authorization"), None);
    let form = form(&request);
    assert_eq!((form["client_id"].as_str(), form["client_secret"].as_str()), ("client:1 é", "s&e=c"));
    assert!(!format!("{request:?}").contains("s&e=c"));
}

#[test]
fn a_public_client_sends_its_name_only() {
    let request = build(ClientAuth::None).unwrap();
    assert_eq!(header(&request, "authorization"), None);
    let form = form(&request);
    assert_eq!((form.len(), form["client_id"].as_str()), (5, "client:1 é"));
}

fn signing_key() -> SigningKey {
    let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
    SigningKey::from_pkcs8(pair.as_der().unwrap().as_ref(), SigningAlgorithm::Rs256, "client-key").unwrap()
}

#[test]
fn a_client_assertion_is_for_one_audience_and_is_no_other_token() {
    let key = AssertionKey::new(signing_key());
    let assertion = ClientAssertion {
        key: AssertionSigner::Own(&key),
        audience: ISSUER,
        jti: "id-1",
        now: UnixSeconds(1000),
        lifetime_seconds: 60,
    };
    let form = form(&build(ClientAuth::PrivateKeyJwt(assertion)).unwrap());
    assert_eq!(form["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    assert!(!form.contains_key("client_secret"));
    let keys: JwkSet = key.verification_key().into_iter().collect();
    // What verifies id tokens and sessions does not take it, whosever key it is.
    let refused = jws::verify(&form["client_assertion"], &keys, AlgorithmSet::all()).unwrap_err();
    assert_eq!(refused, JwsError::Type { found: Excerpt::of("client-authentication+jwt") });
    let parts: Vec<&str> = form["client_assertion"].split('.').collect();
    let header: Value = serde_json::from_slice(&b64::decode(parts[0]).unwrap()).unwrap();
    assert_eq!(header, json!({ "alg": "RS256", "kid": "client-key", "typ": "client-authentication+jwt" }));
    let signed = format!("{}.{}", parts[0], parts[1]);
    let signature = b64::decode(parts[2]).unwrap();
    assert!(keys.keys()[0].verifies(SignatureAlgorithm::Rs256, signed.as_bytes(), &signature));
    let claims: Value = serde_json::from_slice(&b64::decode(parts[1]).unwrap()).unwrap();
    let expected = json!({ "iss": "client:1 é", "sub": "client:1 é", "aud": ISSUER, "jti": "id-1", "iat": 1000, "exp": 1060 });
    assert_eq!(claims, expected);
}

#[test]
fn a_former_key_signs_for_its_client_and_audience_alone() {
    let key = |client: &str, audience: &str| {
        FormerClientKey::new(signing_key(), client.to_owned(), audience.to_owned())
    };
    let built = |key: &FormerClientKey| {
        let key = AssertionSigner::Former(key);
        build(ClientAuth::PrivateKeyJwt(ClientAssertion {
            key,
            audience: ISSUER,
            jti: "id-1",
            now: UnixSeconds(1000),
            lifetime_seconds: 60,
        }))
    };
    for other in [key("client:2", ISSUER), key("client:1 é", "https://other.test"), key("", "")] {
        assert_eq!(built(&other).unwrap_err(), ClientAuthError::NotItsClient);
    }
    let form = form(&built(&key("client:1 é", ISSUER)).unwrap());
    let header = form["client_assertion"].split('.').next().unwrap();
    let header: Value = serde_json::from_slice(&b64::decode(header).unwrap()).unwrap();
    assert_eq!(header["typ"], "JWT", "as it was");
}

#[test]
fn useless_credentials_are_refused() {
    let empty = ClientSecret::new("");
    assert_eq!(build(ClientAuth::SecretBasic(empty)).unwrap_err(), ClientAuthError::EmptySecret);
    assert_eq!(build(ClientAuth::SecretPost(empty)).unwrap_err(), ClientAuthError::EmptySecret);
    let key = AssertionKey::new(signing_key());
    for (jti, lifetime_seconds) in [("", 60), ("x", 0), ("x", -1), ("x", 301)] {
        let assertion = ClientAssertion {
            key: AssertionSigner::Own(&key),
            audience: ISSUER,
            jti,
            now: UnixSeconds(1000),
            lifetime_seconds,
        };
        assert_eq!(build(ClientAuth::PrivateKeyJwt(assertion)).unwrap_err(), ClientAuthError::Assertion);
    }
}

#[test]
fn the_method_for_a_secret_is_basic_unless_only_post_is_announced() {
    use ClientAuthMethod::{PrivateKeyJwt, SecretBasic, SecretPost};
    for (announced, chosen) in [
        (&[][..], SecretBasic),
        (&[SecretPost, SecretBasic], SecretBasic),
        (&[SecretPost], SecretPost),
        (&[PrivateKeyJwt], SecretBasic),
        (&[PrivateKeyJwt, SecretPost], SecretPost),
    ] {
        assert_eq!(ClientAuthMethod::for_secret(announced), chosen);
    }
}

fn answer() -> Value {
    json!({ "token_type": "Bearer", "access_token": "at-1", "id_token": "a.b.c", "expires_in": 300 })
}

fn parse(answer: &Value) -> Result<token::TokenResponse, TokenError> {
    token::parse(200, answer.to_string().as_bytes())
}

#[test]
fn a_good_answer_is_read() {
    let response = parse(&with(answer(), "scope", json!("openid email"))).unwrap();
    assert_eq!(
        (response.id_token.expose(), response.access_token.as_ref().unwrap().expose()),
        ("a.b.c", "at-1")
    );
    assert_eq!((response.expires_in, response.scope.as_deref()), (Some(300), Some("openid email")));
    let shown = format!("{response:?}");
    assert!(!shown.contains("at-1") && !shown.contains("a.b.c"), "{shown}");
    for (text, seconds) in
        [(json!("3600"), Some(3600)), (json!(null), None), (json!(-1), None), (json!("x"), None)]
    {
        assert_eq!(parse(&with(answer(), "expires_in", text)).unwrap().expires_in, seconds);
    }
}

#[test]
fn the_token_type_is_bearer_in_any_case() {
    for fine in ["Bearer", "bearer", "BEARER"] {
        assert!(parse(&with(answer(), "token_type", json!(fine))).is_ok());
    }
    for wrong in ["DPoP", "mac", "Bearer "] {
        let error = parse(&with(answer(), "token_type", json!(wrong))).unwrap_err();
        assert_eq!(error, TokenError::TokenType { found: Excerpt::of(wrong) });
    }
}

#[test]
fn tokens_are_required_and_cannot_break_a_header() {
    for name in ["token_type", "id_token"] {
        for value in [json!(null), json!(""), json!(7), json!({})] {
            assert_eq!(parse(&with(answer(), name, value)).unwrap_err(), TokenError::Member(name));
        }
    }
    for value in [json!(7), json!({})] {
        assert_eq!(
            parse(&with(answer(), "access_token", value)).unwrap_err(),
            TokenError::Member("access_token")
        );
    }
    for value in ["a\r\nX: y", "a b", "é", "a\u{0}"] {
        let error = parse(&with(answer(), "access_token", json!(value))).unwrap_err();
        assert_eq!(error, TokenError::Member("access_token"));
    }
}

#[test]
fn an_access_token_is_optional() {
    for absent in [json!(null), json!("")] {
        for kind in [json!(null), json!("N_A"), json!("Bearer")] {
            let answer = with(with(answer(), "access_token", absent.clone()), "token_type", kind);
            assert!(parse(&answer).unwrap().access_token.is_none());
        }
    }
}

#[test]
fn a_reason_is_found_where_providers_write_it() {
    let found = |status, body: &str| match token::parse(status, body.as_bytes()).unwrap_err() {
        TokenError::Provider { error, description } => {
            format!("{error} / {}", description.map_or_else(String::new, |text| text.to_string()))
        }
        other => other.to_string(),
    };
    for (body, reason) in [
        (
            r#"{"errorCode":"invalid_client","errorSummary":"No client.","errorCauses":[]}"#,
            "invalid_client / No client.",
        ),
        (r#"{"error":{"code":"Denied","message":"Not you."}}"#, "Denied / Not you."),
        (r#"{"error":"invalid_grant","message":"Used."}"#, "invalid_grant / Used."),
        (r#"{"type":"about:blank","title":"Forbidden","status":403,"detail":"No."}"#, "403 / No."),
        (r#"{"message":"Something."}"#, "Something. / "),
        ("error=invalid_client&error_description=Wrong+secret", "invalid_client / Wrong secret"),
        ("\u{feff}{\"error\":\"invalid_client\"}", "invalid_client / "),
    ] {
        assert_eq!(found(401, body), reason, "{body}");
    }
    assert!(found(200, r#"{"errorCode":"E1","errorSummary":"s"}"#).starts_with("E1"));
    for silent in
        ["<html>error=1</html>", "internal words of another service", "{}", r#"{"error":[1]}"#, "[]"]
    {
        assert!(found(500, silent).contains("status 500"), "{silent}: {}", found(500, silent));
    }
}

#[test]
fn the_providers_refusals_are_typed() {
    for (name, code) in [
        ("invalid_client", TokenErrorCode::InvalidClient),
        ("invalid_grant", TokenErrorCode::InvalidGrant),
        ("invalid_request", TokenErrorCode::InvalidRequest),
        ("invalid_scope", TokenErrorCode::InvalidScope),
        ("unauthorized_client", TokenErrorCode::UnauthorizedClient),
        ("unsupported_grant_type", TokenErrorCode::UnsupportedGrantType),
        ("strange", TokenErrorCode::Other(Excerpt::of("strange"))),
    ] {
        for status in [200, 400, 401] {
            let body = json!({ "error": name, "error_description": "d".repeat(5000) }).to_string();
            let error = token::parse(status, body.as_bytes()).unwrap_err();
            let TokenError::Provider { error: found, description: Some(text) } = &error else {
                panic!("{error:?}")
            };
            assert_eq!((found, found.to_string().as_str()), (&code, name));
            assert!(text.as_str().chars().count() <= 201);
            assert!(error.found().unwrap().starts_with(name));
        }
    }
}

#[test]
fn other_answers_are_refused() {
    for status in [201, 302, 400, 500] {
        assert_eq!(token::parse(status, b"<html>").unwrap_err(), TokenError::Status(status));
        assert_eq!(
            token::parse(status, answer().to_string().as_bytes()).unwrap_err(),
            TokenError::Status(status)
        );
    }
    assert!(matches!(token::parse(200, b"<html>"), Err(TokenError::Json(_))));
    let large = answer().to_string() + &" ".repeat(256 * 1024);
    assert!(matches!(token::parse(200, large.as_bytes()), Err(TokenError::Json(_))));
}
