//! The provider through its routes, as a browser and a client see it.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of a test stop it by panicking, like the tests themselves"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use url::form_urlencoded;
use vestibule_testidp::{Algorithm, Config, Fault, TestIdp, User};

const ISSUER: &str = "http://127.0.0.1:8787/test-idp";
const BACK: &str = "http://127.0.0.1:8787/v1/b2b/sso/callback/one";
const NOW: i64 = 1_800_000_000;
// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

struct World {
    idp: TestIdp,
    app: Router,
    clock: Arc<AtomicI64>,
}

fn world(auto_approve: bool) -> World {
    let clock = Arc::new(AtomicI64::new(NOW));
    let counter = AtomicU8::new(0);
    let reading = Arc::clone(&clock);
    let idp = TestIdp::new(Config {
        issuer: ISSUER.into(),
        client_id: "client".into(),
        client_secret: "s:cret%".into(),
        redirect_prefix: "http://127.0.0.1:8787/v1/b2b/sso/callback/".into(),
        users: User::samples(),
        auto_approve,
        algorithm: Algorithm::Es256,
        signing_key: None,
        clock: Arc::new(move || reading.load(Ordering::SeqCst)),
        random: Arc::new(move |out: &mut [u8]| out.fill(counter.fetch_add(1, Ordering::SeqCst))),
    });
    let app = Router::new().nest("/test-idp", idp.router());
    World { idp, app, clock }
}

/// A sound authorization request, with these fields changed, or left out when empty.
fn asked(changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let sound = [
        ("client_id", "client"),
        ("redirect_uri", BACK),
        ("response_type", "code"),
        ("scope", "openid email profile"),
        ("state", "st"),
        ("nonce", "no"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let kept = sound.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    kept.chain(changes.iter().filter(|(_, value)| !value.is_empty()))
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect()
}

fn encoded(fields: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

async fn get(world: &World, path: &str) -> Response<Body> {
    let request = Request::get(path).body(Body::empty()).unwrap();
    world.app.clone().oneshot(request).await.unwrap()
}

async fn authorize(world: &World, changes: &[(&str, &str)]) -> Response<Body> {
    get(world, &format!("/test-idp/authorize?{}", encoded(&asked(changes)))).await
}

async fn post(world: &World, path: &str, fields: &[(String, String)], auth: &str) -> Response<Body> {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, auth)
        .body(Body::from(encoded(fields)));
    world.app.clone().oneshot(request.unwrap()).await.unwrap()
}

async fn login(world: &World, changes: &[(&str, &str)]) -> Response<Body> {
    post(world, "/test-idp/login", &asked(changes), "").await
}

async fn text(response: Response<Body>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

async fn json_of(response: Response<Body>) -> Value {
    serde_json::from_str(&text(response).await).unwrap()
}

/// One field of the redirect back to the client; empty when it is not there.
fn back(response: &Response<Body>, wanted: &str) -> String {
    let location = response.headers()[header::LOCATION].to_str().unwrap();
    let query = location.strip_prefix(BACK).unwrap().strip_prefix('?').unwrap();
    let mut fields = form_urlencoded::parse(query.as_bytes());
    fields.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn basic() -> String {
    format!("Basic {}", STANDARD.encode("client:s%3Acret%25"))
}

fn exchange(code: &str, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let sound = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    let kept = sound.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    kept.chain(changes).map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

async fn code(world: &World) -> String {
    back(&login(world, &[("email", "ada@example.com")]).await, "code")
}

async fn tokens(world: &World, changes: &[(&str, &str)]) -> Value {
    let mut chosen = vec![("email", "ada@example.com")];
    chosen.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    chosen.extend_from_slice(changes);
    let code = back(&login(world, &chosen).await, "code");
    json_of(post(world, "/test-idp/token", &exchange(&code, &[]), &basic()).await).await
}

async fn userinfo(world: &World, tokens: &Value) -> Response<Body> {
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    post(world, "/test-idp/userinfo", &[], &bearer).await
}

fn part(token: &str, index: usize) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

async fn is_signed(world: &World, token: &str) -> bool {
    let keys = json_of(get(world, "/test-idp/jwks").await).await;
    let mut point = vec![4];
    for name in ["x", "y"] {
        point.extend(URL_SAFE_NO_PAD.decode(keys["keys"][0][name].as_str().unwrap()).unwrap());
    }
    let (message, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message.as_bytes(), &signature).is_ok()
}

#[tokio::test]
async fn the_code_flow_yields_a_signed_token_and_userinfo_for_a_while() {
    let world = world(false);
    let tokens = tokens(&world, &[]).await;
    let id_token = tokens["id_token"].as_str().unwrap();
    assert!(is_signed(&world, id_token).await);
    let claims = part(id_token, 1);
    assert_eq!((claims["iss"].as_str(), claims["aud"].as_str()), (Some(ISSUER), Some("client")));
    assert_eq!((claims["nonce"].as_str(), claims["iat"].as_i64()), (Some("no"), Some(NOW)));
    assert_eq!(claims["email"], "ada@example.com");
    assert_eq!(claims["groups"], json!(["engineering", "admins"]));

    assert_eq!(json_of(userinfo(&world, &tokens).await).await["sub"], claims["sub"]);
    world.clock.store(NOW + 300, Ordering::SeqCst);
    assert_eq!(userinfo(&world, &tokens).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn discovery_points_below_the_issuer() {
    let world = world(false);
    let document = json_of(get(&world, "/test-idp/.well-known/openid-configuration").await).await;
    assert_eq!(document["issuer"], ISSUER);
    for name in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"] {
        assert!(document[name].as_str().unwrap().starts_with(ISSUER), "{name}");
    }
}

#[tokio::test]
async fn the_page_lists_people_and_escapes_what_it_carries() {
    let world = world(false);
    let page = authorize(&world, &[("state", "\"><script>x</script>")]).await;
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("script-src"), "{policy}");
    let html = text(page).await;
    assert!(html.contains("Ada Lovelace") && html.contains("katherine@example.com"));
    assert!(!html.contains("<script>") && html.contains("&quot;&gt;&lt;script&gt;"));
}

#[tokio::test]
async fn a_redirect_uri_outside_the_prefix_is_not_followed() {
    let world = world(false);
    for wrong in ["https://elsewhere.test/", "http://127.0.0.1:8787.elsewhere.test/", "no url"] {
        let answer = authorize(&world, &[("redirect_uri", wrong)]).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{wrong}");
        assert!(answer.headers().get(header::LOCATION).is_none());
    }
    let stranger = authorize(&world, &[("client_id", "other")]).await;
    assert_eq!(stranger.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_wrong_request_goes_back_as_an_error() {
    let world = world(false);
    let cases = [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "id_token", "invalid_request"),
        ("response_mode", "fragment", "invalid_request"),
        ("scope", "email", "invalid_scope"),
        ("code_challenge_method", "S512", "invalid_request"),
    ];
    for (name, value, expected) in cases {
        let answer = authorize(&world, &[(name, value)]).await;
        assert_eq!(
            (back(&answer, "error").as_str(), back(&answer, "state").as_str()),
            (expected, "st"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn the_page_is_skipped_only_when_switched_on_asked_for_and_known() {
    let known = [("auto", "1"), ("login_hint", "grace@example.com")];
    assert_ne!(back(&authorize(&world(true), &known).await, "code"), "");
    assert_eq!(authorize(&world(false), &known).await.status(), StatusCode::OK);
    assert_eq!(authorize(&world(true), &[known[1]]).await.status(), StatusCode::OK);
    let stranger = [("auto", "1"), ("login_hint", "nobody@example.com")];
    assert_eq!(authorize(&world(true), &stranger).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn any_address_can_be_typed_and_nonsense_is_refused() {
    let world = world(false);
    let tokens = tokens(&world, &[("email", "new.person@acme.test")]).await;
    let claims = part(tokens["id_token"].as_str().unwrap(), 1);
    assert_eq!((&claims["email"], &claims["name"]), (&json!("new.person@acme.test"), &json!("New Person")));
    for nonsense in ["", "no-at-sign", "@acme.test", "a b@acme.test"] {
        let answer = login(&world, &[("email", nonsense)]).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{nonsense}");
    }
}

#[tokio::test]
async fn a_code_works_once_and_in_time() {
    let world = world(false);
    let used = code(&world).await;
    let first = post(&world, "/test-idp/token", &exchange(&used, &[]), &basic()).await;
    let second = post(&world, "/test-idp/token", &exchange(&used, &[]), &basic()).await;
    assert_eq!((first.status(), second.status()), (StatusCode::OK, StatusCode::BAD_REQUEST));

    let late = code(&world).await;
    world.clock.store(NOW + 60, Ordering::SeqCst);
    let answer = post(&world, "/test-idp/token", &exchange(&late, &[]), &basic()).await;
    assert_eq!(json_of(answer).await["error"], "invalid_grant");
}

#[tokio::test]
async fn a_code_belongs_to_its_verifier_redirect_and_grant_type() {
    let world = world(false);
    let cases = [
        ("code_verifier", "wrong", "invalid_grant"),
        ("redirect_uri", "http://127.0.0.1/", "invalid_grant"),
        ("grant_type", "password", "unsupported_grant_type"),
    ];
    for (name, value, expected) in cases {
        let fields = exchange(&code(&world).await, &[(name, value)]);
        let answer = post(&world, "/test-idp/token", &fields, &basic()).await;
        assert_eq!(json_of(answer).await["error"], expected, "{name}");
    }
}

#[tokio::test]
async fn the_client_authenticates_by_header_or_by_form_not_both() {
    let world = world(false);
    let code = code(&world).await;
    let posted = exchange(&code, &[("client_id", "client"), ("client_secret", "s:cret%")]);
    let wrong = format!("Basic {}", STANDARD.encode("client:wrong"));
    for (fields, auth, expected) in [
        (&posted, basic(), StatusCode::UNAUTHORIZED),
        (&exchange(&code, &[]), String::new(), StatusCode::UNAUTHORIZED),
        (&exchange(&code, &[]), wrong, StatusCode::UNAUTHORIZED),
        (&posted, String::new(), StatusCode::OK),
    ] {
        let answer = post(&world, "/test-idp/token", fields, &auth).await;
        assert_eq!(answer.status(), expected, "{auth}");
    }
}

#[tokio::test]
async fn an_id_token_is_posted_by_a_form_that_submits_itself() {
    let world = world(false);
    let straight =
        [("response_type", "id_token"), ("response_mode", "form_post"), ("email", "ada@example.com")];
    let page = login(&world, &straight).await;
    let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(policy.contains("script-src 'sha256-"), "{policy}");
    let html = text(page).await;
    assert!(html.contains(&format!("action=\"{BACK}\"")) && html.contains("name=\"state\" value=\"st\""));
    let token = html.split("name=\"id_token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(is_signed(&world, token).await);
    assert!(part(token, 1).get("at_hash").is_none());
}

#[tokio::test]
async fn each_fault_in_the_token_is_the_one_that_was_asked_for() {
    let world = world(false);
    for fault in Fault::ALL {
        if matches!(fault, Fault::TokenError | Fault::AccessDenied | Fault::ForeignState) {
            continue;
        }
        let tokens = tokens(&world, &[("fault", fault.name())]).await;
        let token = tokens["id_token"].as_str().unwrap();
        let (head, claims) = (part(token, 0), part(token, 1));
        let found = match fault {
            Fault::WrongIssuer => claims["iss"] != ISSUER,
            Fault::WrongAudience => claims["aud"] != "client",
            Fault::Expired => claims["exp"] == NOW - 3600,
            Fault::WrongNonce => claims["nonce"] != "no",
            Fault::UnknownKid => head["kid"] == "a-key-that-is-not-published",
            Fault::AlgNone => head["alg"] == "none" && token.ends_with('.'),
            Fault::Hs256WithPublicKey => head["alg"] == "HS256",
            Fault::MissingSub => claims.get("sub").is_none(),
            Fault::UnverifiedEmail => claims["email_verified"] == false,
            Fault::ClockAhead => claims["nbf"] == NOW + 600,
            Fault::IatMissing => claims.get("iat").is_none(),
            Fault::MissingEmail | Fault::UserinfoOtherSub | Fault::EmailInUserinfo => {
                claims.get("email").is_none()
            }
            _ => fault == Fault::BadSignature,
        };
        assert!(found, "{fault:?}: {head} {claims}");
        let unsigned = matches!(fault, Fault::BadSignature | Fault::AlgNone | Fault::Hs256WithPublicKey);
        assert_eq!(is_signed(&world, token).await, !unsigned, "{fault:?}");
    }
}

#[tokio::test]
async fn userinfo_can_be_about_somebody_else_or_without_an_address() {
    let world = world(false);
    let mut answers = Vec::new();
    for fault in [Fault::UserinfoOtherSub, Fault::MissingEmail, Fault::EmailInUserinfo] {
        let tokens = tokens(&world, &[("fault", fault.name())]).await;
        answers.push(json_of(userinfo(&world, &tokens).await).await);
    }
    assert_eq!(answers[0]["sub"], "somebody-else");
    assert!(answers[1].get("email").is_none());
    assert_eq!(answers[2]["email"], "ada@example.com");
}

#[tokio::test]
async fn faults_of_the_way_back_show_in_the_redirect_and_at_the_token_endpoint() {
    let world = world(false);
    let chosen = |fault| [("email", "a@b.test"), ("fault", fault)];
    let denied = login(&world, &chosen("access_denied")).await;
    assert_eq!((back(&denied, "error").as_str(), back(&denied, "state").as_str()), ("access_denied", "st"));
    let foreign = login(&world, &chosen("foreign_state")).await;
    assert_ne!(back(&foreign, "code"), "");
    assert_ne!(back(&foreign, "state"), "st");
    assert_eq!(tokens(&world, &chosen("token_error")).await["error"], "invalid_grant");
}

#[tokio::test]
async fn an_armed_fault_strikes_once() {
    let world = world(false);
    world.idp.arm(Some(Fault::AccessDenied));
    let first = login(&world, &[("email", "a@b.test")]).await;
    let second = login(&world, &[("email", "a@b.test")]).await;
    assert_eq!((back(&first, "error").as_str(), back(&second, "error").as_str()), ("access_denied", ""));
}
