//! Discovery: the address, the judgement of the document.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

mod common;

use common::with;
use serde_json::{Value, json};
use vestibule_oidc::client_auth::ClientAuthMethod;
use vestibule_oidc::discovery::{self, DiscoveryError, ProviderMetadata};
use vestibule_oidc::pkce::ChallengeMethod;
use vestibule_oidc::request::Method;
use vestibule_oidc::{Issuer, IssuerRule, JsonError, Refusal as _, UrlPolicy};

const ISSUER: &str = "https://idp.example/tenant";

fn issuer(text: &str) -> Issuer {
    Issuer::parse(text, UrlPolicy::LoopbackHttp).unwrap()
}

fn document() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://idp.example/auth?p=1",
        "token_endpoint": "https://idp.example/token",
        "userinfo_endpoint": "https://idp.example/me",
        "jwks_uri": "https://keys.example/jwks",
        "response_types_supported": ["code"],
        "id_token_signing_alg_values_supported": ["RS256", "none", "HS256", "ES256"],
        "token_endpoint_auth_methods_supported": ["tls_client_auth", "private_key_jwt", "client_secret_post"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "authorization_response_iss_parameter_supported": true
    })
}

fn judge(document: &Value) -> Result<ProviderMetadata, DiscoveryError> {
    discovery::parse(200, document.to_string().as_bytes(), &issuer(ISSUER), UrlPolicy::HttpsOnly)
}

#[test]
fn the_address_has_one_slash() {
    for (configured, address) in [
        ("https://idp.example", "https://idp.example/.well-known/openid-configuration"),
        ("https://idp.example/", "https://idp.example/.well-known/openid-configuration"),
        ("https://idp.example/a/b", "https://idp.example/a/b/.well-known/openid-configuration"),
        ("https://idp.example/a/b/", "https://idp.example/a/b/.well-known/openid-configuration"),
        ("http://127.0.0.1:9000/x", "http://127.0.0.1:9000/x/.well-known/openid-configuration"),
    ] {
        let request = discovery::request(&issuer(configured), UrlPolicy::LoopbackHttp).unwrap();
        assert_eq!((request.method(), request.url().as_str()), (Method::Get, address));
        assert_eq!(request.headers().collect::<Vec<_>>(), [("accept", "application/json")]);
        assert_eq!(request.body(), None);
    }
    // The policy of the day holds, not that of the day when the issuer was configured.
    assert!(discovery::request(&issuer("http://127.0.0.1/"), UrlPolicy::HttpsOnly).is_err());
}

#[test]
fn a_whole_document_is_read() {
    let metadata = judge(&document()).unwrap();
    assert_eq!(metadata.issuer, IssuerRule::Exact(issuer(ISSUER)));
    assert_eq!(metadata.authorization_endpoint.as_str(), "https://idp.example/auth?p=1");
    assert_eq!(metadata.token_endpoint.unwrap().as_str(), "https://idp.example/token");
    assert_eq!(metadata.userinfo_endpoint.unwrap().as_str(), "https://idp.example/me");
    assert_eq!(metadata.jwks_uri.as_str(), "https://keys.example/jwks");
    assert_eq!(metadata.id_token_algorithms.to_string(), "RS256 ES256");
    assert_eq!(metadata.client_auth_methods, [ClientAuthMethod::PrivateKeyJwt, ClientAuthMethod::SecretPost]);
    assert_eq!(ClientAuthMethod::for_secret(&metadata.client_auth_methods), ClientAuthMethod::SecretPost);
    assert_eq!(metadata.challenge_methods, [ChallengeMethod::Plain, ChallengeMethod::S256]);
    assert!(metadata.announces_response_issuer);
}

#[test]
fn what_is_left_out_has_its_default() {
    let least = json!({ "issuer": ISSUER, "authorization_endpoint": "https://a.example/", "jwks_uri": "https://a.example/k",
        "userinfo_endpoint": null });
    let metadata = judge(&least).unwrap();
    assert_eq!((metadata.token_endpoint, metadata.userinfo_endpoint), (None, None));
    assert_eq!(metadata.id_token_algorithms.iter().count(), 10);
    assert_eq!(metadata.client_auth_methods, [ClientAuthMethod::SecretBasic]);
    assert!(metadata.challenge_methods.is_empty() && !metadata.announces_response_issuer);
}

#[test]
fn another_issuer_is_refused_with_both_names() {
    for other in [
        "https://idp.example/tenant/",
        "https://idp.example/Tenant",
        "https://idp.example",
        "",
        "https://evil.example",
    ] {
        let error = judge(&with(document(), "issuer", json!(other))).unwrap_err();
        assert_eq!(error.code(), "discovery_issuer_mismatch");
        assert_eq!(error.found().as_deref(), Some(other));
        assert_eq!(error.expected().as_deref(), Some(ISSUER));
    }
}

#[test]
fn the_entra_template_is_flagged_with_its_tenant_or_refused() {
    let tenant = "11111111-2222-3333-4444-555555555555";
    let template = json!("https://login.example/{tenantid}/v2.0");
    let judge = |configured: &str| {
        let body = with(document(), "issuer", template.clone()).to_string();
        discovery::parse(200, body.as_bytes(), &issuer(configured), UrlPolicy::HttpsOnly)
    };
    let metadata = judge(&format!("https://login.example/{tenant}/v2.0")).unwrap();
    assert_eq!(metadata.issuer.tenant().unwrap().as_str(), tenant);
    for loose in ["common", "organizations", "consumers", "contoso.example"] {
        let error = judge(&format!("https://login.example/{loose}/v2.0")).unwrap_err();
        assert!(matches!(&error, DiscoveryError::Issuer(mismatch) if mismatch.template), "{loose}");
        assert!(error.to_string().contains("one tenant's GUID"), "{error}");
    }
}

#[test]
fn missing_and_misshapen_members_are_named() {
    for name in ["issuer", "authorization_endpoint", "jwks_uri"] {
        for value in [json!(null), json!(7), json!(["https://idp.example"])] {
            let error = judge(&with(document(), name, value)).unwrap_err();
            assert!(matches!(error, DiscoveryError::Member { name: found, .. } if found == name), "{name}");
        }
    }
    for (name, value) in [
        ("id_token_signing_alg_values_supported", json!("RS256")),
        ("token_endpoint_auth_methods_supported", json!({})),
        ("code_challenge_methods_supported", json!(1)),
        ("authorization_response_iss_parameter_supported", json!("true")),
        ("token_endpoint", json!(false)),
    ] {
        let error = judge(&with(document(), name, value)).unwrap_err();
        assert!(matches!(error, DiscoveryError::Member { name: found, .. } if found == name), "{name}");
    }
}

#[test]
fn endpoints_are_https() {
    for name in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"] {
        for url in [
            "http://idp.example/x",
            "http://127.0.0.1/x",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "/x",
            "",
            "https://u:p@idp.example/x",
        ] {
            if url.is_empty() && ["token_endpoint", "userinfo_endpoint"].contains(&name) {
                continue;
            }
            let changed = with(document(), name, json!(url));
            let error = judge(&changed).unwrap_err();
            assert!(
                matches!(error, DiscoveryError::Endpoint { name: found, .. } if found == name),
                "{name} {url}"
            );
        }
    }
    let loopback = with(document(), "token_endpoint", json!("http://127.0.0.1:8080/token")).to_string();
    assert!(discovery::parse(200, loopback.as_bytes(), &issuer(ISSUER), UrlPolicy::LoopbackHttp).is_ok());
    let outside = with(document(), "token_endpoint", json!("http://10.0.0.1/token")).to_string();
    assert!(discovery::parse(200, outside.as_bytes(), &issuer(ISSUER), UrlPolicy::LoopbackHttp).is_err());
}

#[test]
fn answers_that_are_no_documents_are_refused() {
    let parse = |status, body: &str| {
        discovery::parse(status, body.as_bytes(), &issuer(ISSUER), UrlPolicy::HttpsOnly).unwrap_err()
    };
    for status in [204, 301, 404, 500] {
        assert_eq!(parse(status, &document().to_string()), DiscoveryError::Status(status));
    }
    assert!(matches!(parse(200, "<html>"), DiscoveryError::Json(JsonError::Malformed { .. })));
    let large = document().to_string() + &" ".repeat(256 * 1024);
    assert_eq!(parse(200, &large), DiscoveryError::Json(JsonError::TooLarge { limit: 262_144 }));
    let twice = document().to_string().replacen('{', r#"{"issuer":"https://evil.example","#, 1);
    assert!(matches!(parse(200, &twice), DiscoveryError::Json(JsonError::DuplicateMember(_))));
}

#[test]
fn an_endpoint_that_is_not_needed_may_be_empty_text() {
    let mut document = document();
    document["userinfo_endpoint"] = json!("");
    document["token_endpoint"] = json!(" ");
    let metadata = judge(&document).unwrap();
    assert!(metadata.userinfo_endpoint.is_none() && metadata.token_endpoint.is_none());
    assert!(!metadata.announces_hmac_only);
    document["jwks_uri"] = json!("");
    assert!(judge(&document).is_err(), "what is needed may not");
    document["jwks_uri"] = json!("https://idp.example/keys");
    document["id_token_signing_alg_values_supported"] = json!(["HS256"]);
    assert!(judge(&document).unwrap().announces_hmac_only);
    document["id_token_signing_alg_values_supported"] = json!(["HS256", "RS256"]);
    assert!(!judge(&document).unwrap().announces_hmac_only);
}
