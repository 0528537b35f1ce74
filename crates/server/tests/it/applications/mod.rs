//! Applications through the front door: how they prove themselves, and what they are given.

mod assertions;
mod cross_origin;
mod login_session;
mod logout;
mod machine;
mod organization_prompt;
mod practices;
pub(crate) mod project_connections;
pub(crate) mod sign_in;
mod tokens;

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{Method, Request};
use serde_json::Value;
use vestibule_domain::Patch;
use vestibule_domain::application::{Application, ApplicationKind, ApplicationPatch};
use vestibule_server::{Tools, application, login_host};

use crate::app::TestApp;
use crate::reply::Reply;

/// Host and port of the server's public URL.
pub(crate) const HERE: &str = "127.0.0.1:4000";
/// What clients ask for that want to manage.
pub(crate) const MANAGEMENT: &str = "https://127.0.0.1:4000/api/v2/";
/// The host of a second project.
pub(crate) const ELSEWHERE: &str = "login.other.test";

/// A patch that names an application of a kind.
pub(crate) fn named(kind: ApplicationKind) -> ApplicationPatch {
    ApplicationPatch {
        name: Patch::Set("Machine".to_owned()),
        kind: Patch::Set(kind),
        ..ApplicationPatch::default()
    }
}

/// An application of the project with scopes at the Management API.
pub(crate) async fn made(app: &TestApp, patch: ApplicationPatch, scopes: &[&str]) -> Application {
    let tools = Tools { now: app.app.clock.now(), entropy: app.app.entropy.as_ref() };
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    application::create(&app.app.store, &app.app.vault, &app.project, patch, scopes, tools).await.unwrap()
}

/// Another project, which signs people in at [`ELSEWHERE`]; the first one does [`HERE`].
pub(crate) async fn elsewhere(app: &TestApp) -> TestApp {
    let other = app.other_project().await;
    let tools = Tools { now: app.app.clock.now(), entropy: app.app.entropy.as_ref() };
    for (project, host) in [(app.project.id, HERE), (other.project.id, ELSEWHERE)] {
        login_host::add(&app.app.store, project, &host.parse().unwrap(), tools).await.unwrap();
    }
    other
}

/// Sends a form to the token endpoint of a host.
pub(crate) async fn token_at(app: &TestApp, host: &str, form: &[(&str, &str)]) -> Reply {
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = Request::builder().method(Method::POST).uri("/oauth/token").header(HOST, host);
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    app.send(request.body(Body::from(form)).unwrap()).await
}

/// Sends a form to the token endpoint.
pub(crate) async fn token(app: &TestApp, form: &[(&str, &str)]) -> Reply {
    token_at(app, HERE, form).await
}

/// A token for the Management API.
pub(crate) async fn management_token(app: &TestApp, machine: &Application) -> String {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", machine.client_id.as_str()),
        ("client_secret", machine.secret.expose()),
        ("audience", MANAGEMENT),
    ];
    crate::app::text(&given(&token(app, &form).await)["access_token"])
}

/// Asks the Management API with a token.
pub(crate) async fn ask(app: &TestApp, host: &str, token: &str, path: &str) -> Reply {
    let request = Request::builder().uri(path).header(HOST, host);
    let request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    app.send(request.body(Body::empty()).unwrap()).await
}

/// The claims of a token.
pub(crate) fn claims(token: &str) -> Value {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// The `error` of a refusal of the authorization server.
#[track_caller]
pub(crate) fn error(reply: &Reply, status: u16) -> String {
    assert_eq!(reply.status.as_u16(), status, "{}", reply.text());
    crate::app::text(&reply.json()["error"])
}

/// What a request was answered with that went well. Neither the Management API nor the authorization server has an envelope.
#[track_caller]
pub(crate) fn given(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}
