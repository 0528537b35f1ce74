//! The way to the provider and back: the authorization URL, and the response's judgement.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

mod common;

use std::collections::HashMap;

use url::Url;
use vestibule_oidc::authorize::{AuthorizationRequest, AuthorizeError, Challenge, Flow};
use vestibule_oidc::callback::{
    CallbackError, CallbackExpectations, Channel, Delivery, Grant, Response, stray_error,
};
use vestibule_oidc::pkce::{ChallengeMethod, CodeVerifier};
use vestibule_oidc::{Excerpt, Issuer, Refusal as _, UrlPolicy};

fn verifier() -> CodeVerifier {
    CodeVerifier::parse("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap()
}

fn build<'a>(
    endpoint: &str,
    change: impl FnOnce(&mut AuthorizationRequest<'a>),
) -> Result<Url, AuthorizeError> {
    // Leaked, so that `change` may bring values of any lifetime.
    let endpoint: &'static Url = Box::leak(Box::new(Url::parse(endpoint).unwrap()));
    let verifier: &'static CodeVerifier = Box::leak(Box::new(verifier()));
    let mut request = AuthorizationRequest {
        endpoint,
        client_id: "client 1&x=y",
        redirect_uri: "https://sso.example/callback/1?a=b",
        flow: Flow::Code { challenge: Some(Challenge { verifier, method: ChallengeMethod::S256 }) },
        scopes: &["openid", "email", "email", "profile"],
        state: "the-state",
        nonce: Some("the-nonce"),
        login_hint: None,
        extra: &[],
        added: &[],
    };
    change(&mut request);
    request.url()
}

/// The query as a map; no name may stand in it twice.
fn query(url: &Url) -> HashMap<String, String> {
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let map: HashMap<String, String> = pairs.iter().cloned().collect();
    assert_eq!(map.len(), pairs.len(), "{url}");
    map
}

#[test]
fn a_code_request_always_has_pkce_state_and_nonce() {
    let url = build("https://idp.example/auth", |_| {}).unwrap();
    let query = query(&url);
    let expected = [
        ("client_id", "client 1&x=y"),
        ("redirect_uri", "https://sso.example/callback/1?a=b"),
        ("response_type", "code"),
        ("scope", "openid email profile"),
        ("state", "the-state"),
        ("nonce", "the-nonce"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ];
    assert_eq!(query.len(), expected.len());
    for (name, value) in expected {
        assert_eq!(query[name], value);
    }
}

#[test]
fn an_id_token_comes_back_in_a_posted_form() {
    let url = build("https://idp.example/auth", |request| request.flow = Flow::IdToken).unwrap();
    let query = query(&url);
    assert_eq!((query["response_type"].as_str(), query["response_mode"].as_str()), ("id_token", "form_post"));
    assert!(!query.contains_key("code_challenge"));
    assert_eq!(query["nonce"], "the-nonce");
}

#[test]
fn a_code_request_goes_without_what_the_provider_does_not_take() {
    let verifier: &'static CodeVerifier = Box::leak(Box::new(verifier()));
    let plain = Challenge { verifier, method: ChallengeMethod::Plain };
    let url = build("https://idp.example/auth", |request| {
        request.flow = Flow::Code { challenge: Some(plain) };
        request.nonce = None;
    });
    let sent = query(&url.unwrap());
    assert_eq!(sent["code_challenge"], verifier.expose());
    assert_eq!(sent["code_challenge_method"], "plain");
    assert!(!sent.contains_key("nonce"));
    let url = build("https://idp.example/auth", |request| request.flow = Flow::Code { challenge: None });
    let sent = query(&url.unwrap());
    assert!(!sent.contains_key("code_challenge") && !sent.contains_key("code_challenge_method"));
    // An id token by the browser is bound by its nonce.
    for nonce in [None, Some("")] {
        let refused = build("https://idp.example/auth", |request| {
            request.flow = Flow::IdToken;
            request.nonce = nonce;
        });
        assert_eq!(refused.unwrap_err(), AuthorizeError::Empty("nonce"));
    }
}

#[test]
fn what_an_administrator_adds_stands_before_what_a_caller_asks_for() {
    let url = build("https://idp.example/auth?p=b2c", |request| {
        request.extra = &[("prompt", "none"), ("hd", "evil.example")];
        request.added = &[("hd", "acme.example"), ("resource", "https://api.example"), ("p", "other")];
    });
    let sent = query(&url.unwrap());
    assert_eq!(sent["hd"], "acme.example");
    assert_eq!((sent["prompt"].as_str(), sent["p"].as_str()), ("none", "b2c"));
    assert_eq!(sent["resource"], "https://api.example");
    for name in ["state", "Redirect.Uri", "client_secret", "request_uri", "nonce", "login_hint", "a b"] {
        let added: &'static [(&str, &str)] = Box::leak(Box::new([(name, "x")]));
        let refused = build("https://idp.example/auth", |request| request.added = added);
        assert!(matches!(refused, Err(AuthorizeError::Parameter(_))), "{name}");
    }
}

#[test]
fn hints_and_extras_are_passed_on_and_the_endpoints_own_query_is_kept() {
    let url = build("https://idp.example/auth?p=b2c&prompt=login", |request| {
        request.login_hint = Some("ada@example.com");
        request.extra = &[("prompt", "none"), ("domain_hint", "example.com")];
    })
    .unwrap();
    let query = query(&url);
    assert_eq!(query["p"], "b2c");
    assert_eq!(query["prompt"], "login", "what stands in the endpoint is not overridden");
    assert_eq!(query["domain_hint"], "example.com");
    assert_eq!(query["login_hint"], "ada@example.com");
}

#[test]
fn protocol_parameters_cannot_be_overridden() {
    for name in [
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "request",
        "request_uri",
        "login_hint",
        "State",
        "REDIRECT_URI",
        "",
    ] {
        let extra = [(name, "evil")];
        let error = build("https://idp.example/auth", |request| request.extra = &extra).unwrap_err();
        assert_eq!(error, AuthorizeError::Parameter(Excerpt::of(name)));
    }
    let twice = build("https://idp.example/auth", |request| request.extra = &[("a", "1"), ("a", "2")]);
    assert_eq!(twice, Err(AuthorizeError::Parameter(Excerpt::of("a"))));
    // Nor by the endpoint's own query, which otherwise stays as the administrator wrote it.
    let url = build("https://idp.example/auth?state=fixed&response_type=token&x=1&resource=urn%3Aa", |_| {})
        .unwrap();
    let query = query(&url);
    assert_eq!((query["state"].as_str(), query["response_type"].as_str()), ("the-state", "code"));
    assert_eq!((query["x"].as_str(), query["resource"].as_str()), ("1", "urn:a"));
}

#[test]
fn values_that_cannot_be_sent_are_refused() {
    let endpoint = "https://idp.example/auth";
    assert_eq!(build(endpoint, |request| request.nonce = Some("")), Err(AuthorizeError::Empty("nonce")));
    assert_eq!(build(endpoint, |request| request.state = ""), Err(AuthorizeError::Empty("state")));
    assert_eq!(build(endpoint, |request| request.client_id = ""), Err(AuthorizeError::Empty("client_id")));
    for scope in ["a b", "", "a\"b", "é", "a\nb"] {
        let scopes = [scope];
        let error = build(endpoint, |request| request.scopes = &scopes).unwrap_err();
        assert_eq!(error, AuthorizeError::Scope(Excerpt::of(scope)));
    }
    let long = "x".repeat(9000);
    let error = build(endpoint, |request| request.login_hint = Some(&long)).unwrap_err();
    assert!(matches!(error, AuthorizeError::TooLong { found } if found > 9000));
}

const ISSUER: &str = "https://idp.example";

fn judge(pairs: &[(&str, &str)], channel: Channel, announced: bool) -> Result<String, CallbackError> {
    let delivered = if channel == Channel::Code { Delivery::Query } else { Delivery::Form };
    judge_brought(pairs, channel, announced, delivered)
}

fn judge_brought(
    pairs: &[(&str, &str)],
    channel: Channel,
    announced: bool,
    delivered: Delivery,
) -> Result<String, CallbackError> {
    let parameters: Vec<(String, String)> =
        pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let issuer = Issuer::parse(ISSUER, UrlPolicy::HttpsOnly).unwrap();
    let response = Response::read(&parameters)?;
    assert_eq!(response.state(), "s");
    let grant = response.judge(&CallbackExpectations {
        channel,
        delivered,
        issuer: &issuer,
        response_issuer_announced: announced,
    })?;
    assert!(!format!("{grant:?} {response:?}").contains("secret-value"));
    Ok(match grant {
        Grant::Code(code) => format!("code {}", code.expose()),
        Grant::IdToken(token) => format!("token {}", token.expose()),
    })
}

#[test]
fn each_channel_takes_its_own_and_ignores_the_other() {
    let both = [("state", "s"), ("code", "secret-value"), ("id_token", "a.b.c"), ("session_state", "x")];
    assert_eq!(judge(&both, Channel::Code, false).unwrap(), "code secret-value");
    assert_eq!(judge(&both, Channel::IdToken, false).unwrap(), "token a.b.c");
    let code = [("state", "s"), ("code", "c")];
    assert_eq!(judge(&code, Channel::IdToken, false), Err(CallbackError::Missing("id_token")));
    let token = [("state", "s"), ("id_token", "a.b.c")];
    assert_eq!(judge(&token, Channel::Code, false), Err(CallbackError::Missing("code")));
}

#[test]
fn an_answer_comes_in_the_way_that_was_asked_for() {
    let both = [("state", "s"), ("code", "c"), ("id_token", "a.b.c")];
    for (channel, delivered) in [(Channel::Code, Delivery::Form), (Channel::IdToken, Delivery::Query)] {
        let error = judge_brought(&both, channel, false, delivered).unwrap_err();
        assert_eq!(error.code(), "response_mode");
        assert!(error.found().is_some() && error.expected().is_some() && error.found() != error.expected());
        // What the provider has to say is shown however it comes.
        let refused = [("state", "s"), ("error", "access_denied")];
        let error = judge_brought(&refused, channel, false, delivered).unwrap_err();
        assert_eq!(error.code(), "provider_error");
    }
}

#[test]
fn names_that_a_server_would_read_as_the_protocols_cannot_be_added() {
    let endpoint = "https://idp.example/auth";
    for name in [
        "client.id",
        "client id",
        "client[id",
        " client_id",
        "redirect.uri",
        "redirect_uri[]",
        "redirect_uri[0]",
        "state[]",
        "State",
        "response.type",
        "code.challenge",
        "scope[",
        "nonce\0x",
        "id.token.hint",
        "request.uri",
        "a b",
        "a[b]",
        "",
        "\u{131}d",
        "scope\u{a0}",
        "client_id%00",
    ] {
        let extra = [(name, "x")];
        let error = build(endpoint, |request| request.extra = &extra).unwrap_err();
        assert_eq!(error, AuthorizeError::Parameter(Excerpt::of(name)), "{name}");
    }
    let twice = [("acr.values", "1"), ("acr_values", "2")];
    assert!(matches!(build(endpoint, |request| request.extra = &twice), Err(AuthorizeError::Parameter(_))));
    for name in ["domain_hint", "hd", "kc_idp_hint", "urn:custom", "x-tenant", "prompt", "claims.locales"] {
        let extra = [(name, "x")];
        assert!(build(endpoint, |request| request.extra = &extra).is_ok(), "{name}");
    }
    // In the endpoint's own query such a name gives way, as the protocol's own name does.
    for own in [
        "client.id",
        "client%5Bid",
        "%20client_id",
        "client+id",
        "state%5B%5D",
        "state%5Ba%5D",
        "Nonce%00x",
        "response[mode",
    ] {
        let url = build(&format!("https://idp.example/auth?{own}=other&p=policy"), |_| {}).unwrap();
        assert!(url.as_str().contains("p=policy") && !url.as_str().contains("other"), "{url}");
    }
}

#[test]
fn an_error_without_a_state_is_still_told() {
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    };
    let told =
        stray_error(&pairs(&[("error", "invalid_scope"), ("error_description", "profile is bad")])).unwrap();
    assert_eq!(told.found().unwrap(), "invalid_scope: profile is bad");
    assert!(stray_error(&pairs(&[("code", "c")])).is_none());
}

#[test]
fn repeated_parameters_are_refused_before_anything_is_read() {
    for name in ["state", "code", "iss", "error", "whatever"] {
        let pairs = [("state", "s"), ("code", "c"), (name, "1"), (name, "2")];
        assert_eq!(
            judge(&pairs, Channel::Code, false),
            Err(CallbackError::Repeated(Excerpt::of(name))),
            "{name}"
        );
    }
}

#[test]
fn missing_empty_and_oversized_parameters_are_refused() {
    assert_eq!(judge(&[("code", "c")], Channel::Code, false), Err(CallbackError::Missing("state")));
    assert_eq!(
        judge(&[("state", ""), ("code", "c")], Channel::Code, false),
        Err(CallbackError::Missing("state"))
    );
    assert_eq!(
        judge(&[("state", "s"), ("code", "")], Channel::Code, false),
        Err(CallbackError::Missing("code"))
    );
    let long = "x".repeat(513);
    assert_eq!(judge(&[("state", &long)], Channel::Code, false), Err(CallbackError::TooLong("state")));
    let long = "x".repeat(8193);
    assert_eq!(
        judge(&[("state", "s"), ("code", &long)], Channel::Code, false),
        Err(CallbackError::TooLong("code"))
    );
    let long = "x".repeat(65_537);
    let error = judge(&[("state", "s"), ("id_token", &long)], Channel::IdToken, false);
    assert_eq!(error, Err(CallbackError::TooLong("id_token")));
    let names: Vec<String> = (0..33).map(|number| format!("p{number}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    assert_eq!(judge(&many, Channel::Code, false), Err(CallbackError::TooMany));
}

#[test]
fn the_issuer_of_the_response_is_checked_when_present_and_required_when_announced() {
    let with_issuer = |iss| [("state", "s"), ("code", "c"), ("id_token", "a.b.c"), ("iss", iss)];
    for channel in [Channel::Code, Channel::IdToken] {
        for announced in [false, true] {
            assert!(judge(&with_issuer(ISSUER), channel, announced).is_ok());
            for wrong in ["https://idp.example/", "https://evil.example", ""] {
                let error = judge(&with_issuer(wrong), channel, announced).unwrap_err();
                assert_eq!(
                    (error.code(), error.found().as_deref()),
                    ("response_issuer_mismatch", Some(wrong))
                );
            }
        }
    }
    let without = [("state", "s"), ("code", "c"), ("id_token", "a.b.c")];
    assert_eq!(judge(&without, Channel::Code, true), Err(CallbackError::Missing("iss")));
    assert!(judge(&without, Channel::Code, false).is_ok());
    assert!(judge(&without, Channel::IdToken, true).is_ok(), "providers leave it out beside an id token");
}

#[test]
fn the_providers_refusal_is_typed_and_bounded() {
    let long = "<script>\u{202e}".to_owned() + &"x".repeat(5000);
    let pairs = [("state", "s"), ("error", "access_denied"), ("error_description", &long), ("code", "c")];
    let error = judge(&pairs, Channel::Code, true).unwrap_err();
    let CallbackError::Provider { error: name, description: Some(description) } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(name.as_str(), "access_denied");
    assert!(description.as_str().chars().count() <= 201 && !description.as_str().contains('\u{202e}'));
    let elsewhere = [("state", "s"), ("error", "access_denied"), ("iss", "https://evil.example")];
    assert!(matches!(judge(&elsewhere, Channel::Code, false), Err(CallbackError::Issuer { .. })));
}
