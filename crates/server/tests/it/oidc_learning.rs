//! What a provider's document says is learnt again, and a connection proves itself by a key of its own.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use vestibule_server::refresh;
use vestibule_testidp::{Algorithm, Whims};

use crate::app::{BASE_URL, TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::provider::{CLIENT_ID, CLIENT_SECRET};

on_both_engines!(
    a_provider_that_was_down_is_learnt_by_saving_again,
    a_moved_issuer_that_is_down_says_what_was_kept,
    moved_endpoints_heal_in_the_sign_in_that_finds_them,
    another_algorithm_heals_and_explicit_values_stay,
    a_key_replaced_under_its_name_is_asked_for_again,
    documents_are_read_daily_with_an_event,
    sign_ins_ask_at_most_once_a_minute,
    a_connection_signs_with_its_own_key_alone,
);

const DOCUMENT: &str = "/.well-known/openid-configuration";

fn document(members: &Value) -> Whims {
    Whims { document: members.as_object().unwrap().clone(), ..Whims::default() }
}

struct At {
    connection: String,
    path: String,
}

async fn discovered(app: &TestApp, more: Value) -> (At, Value) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.pending_connection(&organization).await;
    let path = format!("/v1/b2b/sso/oidc/{organization}/connections/{connection}");
    let mut body =
        json!({ "issuer": app.provider.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let updated = app.put(&path, body).await.ok();
    (At { connection, path }, updated)
}

async fn sign_in(app: &TestApp, at: &At) -> crate::reply::Reply {
    Browser::new(app).sign_in(&at.connection, "ada@example.com").await
}

async fn changes_told(app: &TestApp) -> Vec<Value> {
    let events = app.get("/v1/vestibule/events?limit=100").await.ok();
    let events = events["events"].as_array().unwrap().clone();
    events.into_iter().filter(|event| event["action"] == "connection.metadata.change").collect()
}

async fn a_provider_that_was_down_is_learnt_by_saving_again(app: TestApp) {
    app.provider.set_path_down(Some(DOCUMENT));
    let (at, updated) = discovered(&app, json!({})).await;
    assert_eq!(updated["connection"]["status"], "pending");
    let warning = text(&updated["warning"]);
    assert!(warning.contains("503") && warning.contains("token_url"), "{warning}");
    app.provider.set_path_down(None);
    // The same issuer, or anything else.
    let saved = app.put(&at.path, json!({ "display_name": "Again" })).await.ok();
    assert_eq!((&saved["connection"]["status"], &saved["warning"]), (&json!("active"), &json!("")));
    sign_in(&app, &at).await.location();
}

async fn a_moved_issuer_that_is_down_says_what_was_kept(app: TestApp) {
    let (at, first) = discovered(&app, json!({})).await;
    let elsewhere = "http://127.0.0.1:9/other";
    let moved = app.put(&at.path, json!({ "issuer": elsewhere })).await.ok();
    let warning = text(&moved["warning"]);
    assert!(warning.contains("127.0.0.1 does not answer") && !warning.contains("os error"), "{warning}");
    for words in ["of the previous issuer were kept", "will be refused", "token_url"] {
        assert!(warning.contains(words), "{warning}");
    }
    assert_eq!(moved["connection"]["token_url"], first["connection"]["token_url"]);
    // Back again, and whatever was learnt follows.
    let whims = document(&json!({ "token_endpoint": format!("{}/moved/token", app.provider.issuer) }));
    app.provider.set_whims(whims);
    let back = app.put(&at.path, json!({ "issuer": app.provider.issuer })).await.ok();
    assert_eq!(back["warning"], "");
    assert!(text(&back["connection"]["token_url"]).ends_with("/moved/token"), "{back}");
    sign_in(&app, &at).await.location();
    // With every URL given there is nothing to be said of others.
    let given = json!({ "issuer": elsewhere, "authorization_url": "http://127.0.0.1:9/a",
        "token_url": "http://127.0.0.1:9/t", "userinfo_url": "http://127.0.0.1:9/u", "jwks_url": "http://127.0.0.1:9/k" });
    let warning = text(&app.put(&at.path, given).await.ok()["warning"]);
    assert!(warning.contains("URLs that are set are used") && !warning.contains("previous"), "{warning}");
}

async fn moved_endpoints_heal_in_the_sign_in_that_finds_them(app: TestApp) {
    let (at, _) = discovered(&app, json!({})).await;
    sign_in(&app, &at).await.location();
    app.pass(61);
    let issuer = &app.provider.issuer;
    let token = json!({ "token_endpoint": format!("{issuer}/moved/token") });
    app.provider.set_whims(document(&token.clone()));
    app.provider.set_path_down(Some("/token"));
    sign_in(&app, &at).await.location();
    assert_eq!(app.provider.hits("/moved/token"), 1);
    // The address of the keys, when they are needed next.
    app.pass(61);
    let mut both = token;
    both["jwks_uri"] = json!(format!("{issuer}/moved/jwks"));
    app.provider.set_whims(document(&both));
    app.provider.set_path_down(Some("/jwks"));
    app.provider.rotate_keys();
    app.provider.set_whims(document(&json!({ "token_endpoint": format!("{issuer}/moved/token"),
        "jwks_uri": format!("{issuer}/moved/jwks") })));
    sign_in(&app, &at).await.location();
    // And where user information is, for those who are nobody without it.
    app.pass(61);
    let mut whims = document(&json!({ "token_endpoint": format!("{issuer}/moved/token"),
        "jwks_uri": format!("{issuer}/moved/jwks"), "userinfo_endpoint": format!("{issuer}/moved/userinfo") }));
    whims.claims = json!({ "email": null, "email_verified": null }).as_object().unwrap().clone();
    app.provider.set_whims(whims);
    app.provider.set_path_down(Some("/userinfo"));
    sign_in(&app, &at).await.location();
    let told = changes_told(&app).await.split_off(1);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].to_string().contains("/moved/jwks") && told[1].to_string().contains("/moved/token"),
        "{told:?}"
    );
}

async fn another_algorithm_heals_and_explicit_values_stay(app: TestApp) {
    let own = format!("{}/jwks?own", app.provider.issuer);
    let (at, _) = discovered(&app, json!({ "jwks_url": own })).await;
    sign_in(&app, &at).await.location();
    app.pass(61);
    app.provider.change_algorithm(Algorithm::Rs256);
    app.provider.set_whims(document(&json!({ "jwks_uri": format!("{}/moved/jwks", app.provider.issuer) })));
    sign_in(&app, &at).await.location();
    let saved = app.put(&at.path, json!({})).await.ok();
    assert_eq!(saved["connection"]["jwks_url"], own.as_str());
    assert_eq!(app.provider.hits("/moved/jwks"), 0);
}

async fn a_key_replaced_under_its_name_is_asked_for_again(app: TestApp) {
    let named = Whims { key: json!({ "kid": "k1" }).as_object().unwrap().clone(), ..Whims::default() };
    app.provider.set_whims(named.clone());
    let (at, _) = discovered(&app, json!({})).await;
    sign_in(&app, &at).await.location();
    app.provider.rotate_keys();
    app.provider.set_whims(named.clone());
    sign_in(&app, &at).await.location();
    assert_eq!(app.provider.hits("/jwks"), 2);
    // And that at most once a minute.
    app.provider.rotate_keys();
    app.provider.set_whims(named);
    sign_in(&app, &at).await.refusal_page("oidc_invalid_id_token");
    assert_eq!(app.provider.hits("/jwks"), 2);
    app.pass(61);
    sign_in(&app, &at).await.location();
}

async fn documents_are_read_daily_with_an_event(app: TestApp) {
    let (at, _) = discovered(&app, json!({})).await;
    assert_eq!(refresh::due(&app.app).await.unwrap(), 0, "not due yet");
    let hits = app.provider.hits(DOCUMENT);
    app.pass(86_401);
    assert_eq!(refresh::due(&app.app).await.unwrap(), 1);
    assert_eq!(app.provider.hits(DOCUMENT), hits + 1);
    assert!(changes_told(&app).await.is_empty(), "nothing changed");
    app.pass(86_401);
    app.provider.set_whims(document(&json!({ "userinfo_endpoint": "http://127.0.0.1:9/me" })));
    assert_eq!(refresh::due(&app.app).await.unwrap(), 1);
    let told = changes_told(&app).await;
    assert!(told.len() == 1 && told[0].to_string().contains("127.0.0.1:9/me"), "{told:?}");
    // What a document leaves away locks nobody out, and a provider that is down is asked again.
    app.pass(86_401);
    app.provider.set_whims(document(&json!({ "userinfo_endpoint": null })));
    refresh::due(&app.app).await.unwrap();
    sign_in(&app, &at).await.location();
    app.pass(86_401);
    app.provider.set_path_down(Some(DOCUMENT));
    assert_eq!(refresh::due(&app.app).await.unwrap(), 1);
    app.pass(3_601);
    assert_eq!(refresh::due(&app.app).await.unwrap(), 1, "after an hour");
}

async fn sign_ins_ask_at_most_once_a_minute(app: TestApp) {
    let (at, _) = discovered(&app, json!({})).await;
    app.provider.set_path_down(Some("/token"));
    let hits = app.provider.hits(DOCUMENT);
    for _ in 0..5 {
        sign_in(&app, &at).await.refusal_page("oidc_provider_unreachable");
    }
    assert_eq!(app.provider.hits(DOCUMENT), hits + 1);
    app.pass(61);
    sign_in(&app, &at).await.refusal_page("oidc_provider_unreachable");
    assert_eq!(app.provider.hits(DOCUMENT), hits + 2);
}

async fn a_connection_signs_with_its_own_key_alone(app: TestApp) {
    let method = json!({ "token_endpoint_auth_method": "private_key_jwt" });
    let (at, updated) = discovered(&app, method.clone()).await;
    let elsewhere = app.connection_with(&app.organization("globex", json!({})).await, method).await;
    let published = |url: String| {
        let app = app.clone();
        async move {
            let request =
                http::Request::get(url.strip_prefix(BASE_URL).unwrap_or(&url)).body("".into()).unwrap();
            let reply = app.send(request).await;
            assert_eq!(reply.headers["content-type"], "application/jwk-set+json", "{}", reply.text());
            reply.json()["keys"].clone()
        }
    };
    let ours = published(text(&updated["connection"]["client_jwks_url"])).await;
    let theirs = published(format!("/v1/public/sso/oidc/{elsewhere}/jwks")).await;
    assert_eq!((ours.as_array().unwrap().len(), theirs.as_array().unwrap().len()), (1, 1));
    assert_ne!(ours[0]["kid"], theirs[0]["kid"]);
    assert_ne!(ours[0]["n"], theirs[0]["n"]);
    assert!(ours[0].get("d").is_none());
    let of_sessions = app.get(&format!("/v1/b2b/sessions/jwks/{}", app.project.id)).await.ok();
    assert!(!of_sessions.to_string().contains(&text(&ours[0]["kid"])), "the project's key is for sessions");

    let assertion = |audience: &'static str| {
        let (app, at) = (app.clone(), &at);
        async move {
            app.put(&at.path, json!({ "client_assertion_audience": audience })).await.ok();
            sign_in(&app, at).await.refusal_page("oidc_auth_code_error");
            let form = app.provider.redeemed();
            let parts: Vec<Value> = form["client_assertion"]
                .split('.')
                .take(2)
                .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
                .collect();
            (form["client_assertion"].clone(), parts[0].clone(), parts[1].clone())
        }
    };
    let (token, header, claims) = assertion("issuer").await;
    assert_eq!((&header["typ"], &header["kid"]), (&json!("client-authentication+jwt"), &ours[0]["kid"]));
    assert_eq!(claims["aud"], app.provider.issuer.as_str());
    // Nobody's session, whoever presents it.
    app.post("/v1/b2b/sessions/authenticate", json!({ "session_jwt": token }))
        .await
        .refused(400, "unable_to_parse_session_jwt");
    let (_, _, claims) = assertion("token_endpoint").await;
    assert_eq!(claims["aud"], format!("{}/token", app.provider.issuer));
    app.put(&at.path, json!({ "client_assertion_audience": "https://evil.example" }))
        .await
        .refused(400, "invalid_field");
    // The key stays what the provider knows.
    assert_eq!(published(format!("/v1/public/sso/oidc/{}/jwks", at.connection)).await, ours);
    // Who proves themselves by a secret has none, and who is nobody is told so.
    let plain = app.connection(&app.organization("initech", json!({})).await).await;
    assert_eq!(published(format!("/v1/public/sso/oidc/{plain}/jwks")).await, json!([]));
    let nobody = "/v1/public/sso/oidc/oidc-connection-test-00000000-0000-4000-8000-000000000000/jwks";
    app.get(nobody).await.refused(404, "oidc_connection_not_found");
}
