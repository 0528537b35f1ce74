//! The Management API of the second dialect through the front door, and what it has to do with the first one.

mod clients;
mod connections;
mod documented;
mod guide;
mod organizations;
mod races;
mod scopes;
mod tenant;
mod terraform;
mod users;
mod walls;

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{Method, Request};
use serde_json::{Value, json};
use vestibule_domain::application::ApplicationKind;

use crate::app::{TestApp, text};
use crate::applications::{HERE, made, named, token_at};
use crate::provider::{CLIENT_ID, CLIENT_SECRET};
use crate::reply::Reply;

/// A client of the Management API.
#[derive(Clone)]
pub(crate) struct Manager {
    pub(crate) app: TestApp,
    host: &'static str,
    token: String,
}

impl Manager {
    /// One that may do everything.
    pub(crate) async fn new(app: &TestApp) -> Self {
        Self::with(app, vestibule_server::routes::management_scopes()).await
    }

    /// One that has these scopes.
    pub(crate) async fn with(app: &TestApp, scopes: &[&str]) -> Self {
        Self::at(app, HERE, scopes).await
    }

    /// One of the project that signs people in at a host.
    pub(crate) async fn at(app: &TestApp, host: &'static str, scopes: &[&str]) -> Self {
        let machine = made(app, named(ApplicationKind::NonInteractive), scopes).await;
        let audience = format!("https://{host}/api/v2/");
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", machine.client_id.as_str()),
            ("client_secret", machine.secret.expose()),
            ("audience", &audience),
        ];
        let token = text(&token_at(app, host, &form).await.json()["access_token"]);
        Self { token, host, app: app.clone() }
    }

    /// Sends a request below `/api/v2`.
    pub(crate) async fn send(&self, method: Method, path: &str, body: impl Into<Body>) -> Reply {
        let request = Request::builder().method(method).uri(format!("/api/v2{path}"));
        let request = request.header(HOST, self.host).header(AUTHORIZATION, format!("Bearer {}", self.token));
        let request = request.header(CONTENT_TYPE, "application/json");
        self.app.send(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, body.to_string()).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::PATCH, path, body.to_string()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, "").await
    }

    /// Options of a connection to the test provider that is ready for use.
    pub(crate) fn options(&self) -> Value {
        json!({
            "type": "back_channel",
            "discovery_url": format!("{}/.well-known/openid-configuration", self.app.provider.issuer),
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        })
    }

    /// Makes a connection to the test provider and gives its id.
    pub(crate) async fn connection(&self, name: &str) -> String {
        // Lists are in the order of their making.
        self.app.pass(1);
        let body = json!({ "strategy": "oidc", "name": name, "options": self.options() });
        text(&said(&self.post("/connections", &body).await, 201)["id"])
    }
}

/// The body of an answer with this status.
#[track_caller]
pub(crate) fn said(reply: &Reply, status: u16) -> Value {
    assert_eq!(reply.status.as_u16(), status, "{}", reply.text());
    if reply.body.is_empty() { Value::Null } else { reply.json() }
}

/// Checks that an answer is a refusal in the dialect's envelope, and gives its code and sentence.
#[track_caller]
pub(crate) fn refused(reply: &Reply, status: u16) -> (String, String) {
    let body = said(reply, status);
    assert_eq!(body["statusCode"], status, "{body}");
    assert_eq!(body["error"], reply.status.canonical_reason().unwrap(), "{body}");
    (body["errorCode"].as_str().unwrap_or_default().to_owned(), text(&body["message"]))
}
