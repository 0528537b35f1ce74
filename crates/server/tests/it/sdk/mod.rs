//! The frontend API through the front door: what browsers and phones ask with a public token.

mod applications;
mod arrival;
mod commands;
mod connections;
mod cookies;
mod members;
mod sessions;
mod settings;
mod sign_in;
mod walk;

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE, ORIGIN};
use http::{Method, Request};
use serde_json::{Value, json};

use crate::app::{TestApp, basic, text};
use crate::browser::Browser;
use crate::reply::Reply;

/// The page that projects here serve.
pub(crate) const ORIGIN_OF_PAGE: &str = "https://app.example.com";
/// One that they do not serve.
pub(crate) const OTHER_ORIGIN: &str = "https://app.example.com.evil.example";
/// Where a project says whom it serves.
pub(crate) const SETTINGS: &str = "/v1/vestibule/project/sdk";

/// A client of the frontend API.
#[derive(Clone)]
pub(crate) struct Frontend {
    pub(crate) app: TestApp,
    public_token: String,
    origin: Option<&'static str>,
    session: Option<String>,
}

impl Frontend {
    /// A page that a project serves, which lets members act. Nobody is signed in.
    pub(crate) async fn of(app: &TestApp) -> Self {
        let served = json!({
            "allowed_origins": [ORIGIN_OF_PAGE], "member_actions": true, "organization_creation": true,
        });
        app.put(SETTINGS, served).await.ok();
        Self::unserved(app)
    }

    /// The same page where nobody has said that it is served.
    pub(crate) fn unserved(app: &TestApp) -> Self {
        let public_token = app.project.public_token.to_string();
        Self { app: app.clone(), public_token, origin: Some(ORIGIN_OF_PAGE), session: None }
    }

    /// The same client in a page of another origin, or in no page.
    pub(crate) fn from(&self, origin: Option<&'static str>) -> Self {
        Self { origin, ..self.clone() }
    }

    /// The same client with a session.
    pub(crate) fn with(&self, session: &str) -> Self {
        Self { session: Some(session.to_owned()), ..self.clone() }
    }

    /// The same client without one.
    pub(crate) fn without_session(&self) -> Self {
        Self { session: None, ..self.clone() }
    }

    /// A request as the official client makes it.
    pub(crate) fn request(&self, method: Method, path: &str) -> http::request::Builder {
        let password = self.session.as_deref().unwrap_or(&self.public_token);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(AUTHORIZATION, basic(&self.public_token, password))
            .header(CONTENT_TYPE, "application/json");
        match self.origin {
            Some(origin) => request.header(ORIGIN, origin),
            None => request,
        }
    }

    pub(crate) async fn raw(&self, method: Method, path: &str, body: impl Into<Body>) -> Reply {
        self.app.send(self.request(method, path).body(body.into()).unwrap()).await
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, body: Value) -> Reply {
        self.raw(method, path, body.to_string()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.raw(Method::GET, path, "").await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.ask(Method::POST, path, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Reply {
        self.ask(Method::PUT, path, body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.raw(Method::DELETE, path, "").await
    }

    /// Signs somebody in through a connection as a page does, and gives what the client is told.
    pub(crate) async fn sign_in(&self, connection: &str, email: &str) -> Value {
        let token = Browser::new(&self.app).token(connection, email).await;
        let body = json!({ "sso_token": token, "session_duration_minutes": 60 });
        data(&self.without_session().post("/sdk/v1/b2b/sso/authenticate", body).await)
    }
}

/// What a success says.
#[track_caller]
pub(crate) fn data(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let body = reply.json();
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    assert_eq!(body["data"]["status_code"], 200, "{body}");
    body["data"].clone()
}

/// An organization with a connection, an administrator and a plain member, each with a session.
pub(crate) struct Company {
    pub(crate) organization: String,
    pub(crate) connection: String,
    pub(crate) admin: Frontend,
    pub(crate) member: Frontend,
    pub(crate) admin_id: String,
    pub(crate) member_id: String,
}

impl Company {
    pub(crate) async fn of(page: &Frontend, slug: &str) -> Self {
        let app = &page.app;
        let organization = app.organization(slug, json!({ "email_invites": "ALL_ALLOWED" })).await;
        let connection = app.connection(&organization).await;
        let boss = format!("boss@{slug}.example.com");
        let admin_id = app.member(&organization, &boss, json!({ "roles": ["stytch_admin"] })).await;
        let admin = page.sign_in(&connection, &boss).await;
        let member = page.sign_in(&connection, &format!("ada@{slug}.example.com")).await;
        Self {
            organization,
            connection,
            admin: page.with(&text(&admin["session_token"])),
            member: page.with(&text(&member["session_token"])),
            admin_id,
            member_id: text(&member["member_id"]),
        }
    }
}
