//! The guide "Connect to OpenID Connect Identity Provider": its four creations, each as its ten languages send it. What they
//! send differs in the bytes of the body and in what they call its kind, which is never JSON but once.

use axum::body::Body;
use http::Request;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Manager, said};
use crate::app::{TestApp, on_both_engines, text};
use crate::applications::{made, management_token, named};
use crate::provider::CLIENT_ID;

on_both_engines!(every_creation_in_every_language, a_name_with_an_underscore_is_none);

use vestibule_domain::application::ApplicationKind;

/// What the guide's programs send, which is also what those of `tests/clients/guide/` are held against.
#[derive(Deserialize)]
struct Guide {
    body: String,
    languages: Vec<Language>,
    creations: Vec<Creation>,
}

#[derive(Deserialize)]
struct Language {
    language: String,
    /// As a program packs an object, not as the guide spaces it.
    packed: bool,
    /// What its client calls the kind of a body when nobody says.
    content_type: Option<String>,
}

#[derive(Deserialize)]
struct Creation {
    creation: String,
    options: String,
}

fn guide() -> Guide {
    serde_json::from_str(include_str!("../../../../../tests/clients/guide.json")).unwrap()
}

async fn every_creation_in_every_language(app: TestApp) {
    let machine =
        made(&app, named(ApplicationKind::NonInteractive), &["create:connections", "read:connections"]).await;
    let token = management_token(&app, &machine).await;
    let Guide { body, languages, creations } = guide();
    assert_eq!((languages.len(), creations.len()), (10, 4));
    for (number, Creation { creation, options }) in creations.iter().enumerate() {
        let options = options.replace("https://IDP_DOMAIN", &app.provider.issuer);
        let options = options.replace("IDP_CLIENT_ID", CLIENT_ID);
        for Language { language, packed, content_type } in &languages {
            let name = format!("connection-{number}-{}", language.replace(['#', '.'], "x"));
            let body = body.replace("CONNECTION_NAME", &name).replace("OPTIONS", &options);
            let body = match packed {
                false => body,
                true => serde_json::from_str::<Value>(&body).unwrap().to_string(),
            };
            let mut request =
                Request::post("/api/v2/connections").header("authorization", format!("Bearer {token}"));
            if let Some(kind) = content_type {
                request = request.header(CONTENT_TYPE, kind);
            }
            let reply = app.send(request.body(Body::from(body)).unwrap()).await;
            let made = said(&reply, 201);
            assert_eq!(
                (&made["name"], &made["strategy"]),
                (&json!(name), &json!("oidc")),
                "{language}: {creation}"
            );
            assert!(text(&made["id"]).starts_with("con_"), "{made}");
            let shown = &made["options"];
            let given: Value = serde_json::from_str(&options).unwrap();
            for (name, value) in given.as_object().unwrap() {
                assert_eq!(&shown[name], value, "{language}: {creation}: {name} in {made}");
            }
            assert_eq!(shown["scope"], "openid profile");
            assert_eq!(shown["schema_version"], "oidc-V4");
            assert_eq!(shown["connection_settings"], json!({ "pkce": "auto" }));
            assert_eq!(shown["attribute_map"], json!({ "mapping_mode": "bind_all" }));
            // What was left away was found in the provider's document.
            for name in ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"] {
                assert!(shown[name].is_string(), "{language}: {creation}: no {name} in {made}");
            }
            assert_eq!(shown["oidc_metadata"]["issuer"], app.provider.issuer, "{made}");
            assert_eq!(made["realms"], json!([name]));
            assert_eq!(made["enabled_clients"], json!([]));
            assert_eq!(made["is_domain_connection"], json!(false));
            assert_eq!(made["show_as_button"], json!(false));
            assert_eq!(made["authentication"], json!({ "active": true }));
            assert_eq!(made["connected_accounts"], json!({ "active": false }));
        }
    }
    let all = Manager::with(&app, &["read:connections"]).await.get("/connections?include_totals=true").await;
    assert_eq!(said(&all, 200)["total"], 40);
}

async fn a_name_with_an_underscore_is_none(app: TestApp) {
    let manager = Manager::new(&app).await;
    let body = json!({ "strategy": "oidc", "name": "CONNECTION_NAME", "options": manager.options() });
    let (code, message) = super::refused(&manager.post("/connections", &body).await, 400);
    assert_eq!(code, "invalid_body");
    assert!(
        message.starts_with("Payload validation error:") && message.contains("on property name"),
        "{message}"
    );
}
