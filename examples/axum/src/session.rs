//! The session: two cookies, and two ways to ask whose it is. Each is an extractor: a handler that takes one is for those who are
//! signed in.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use crate::App;
use crate::api::{Refused, Session, SignedIn};
use crate::pages::away;

/// Who asks, by the JWT alone: signature against the project's published keys, issuer, audience and time, and no request to the
/// server. The price: a JWT is good for five minutes after it was made, so whoever was signed out elsewhere, or removed, still
/// gets in for up to five minutes. Where that is too long, take [`VisitorNow`].
///
/// The jar is part of the answer: it carries the next JWT, when this one had ended.
pub struct Visitor(pub Session, pub CookieJar);

/// Who asks, by the server's word: what was revoked a moment ago is refused, and the browser gets a fresh JWT.
pub struct VisitorNow(pub Session, pub CookieJar);

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let jar = CookieJar::from_headers(&parts.headers);
        match verified(app, value(&jar, "session_jwt")).await {
            Some(session) => Ok(Self(session, jar)),
            None => VisitorNow::from_request_parts(parts, app).await.map(|now| Self(now.0, now.1)),
        }
    }
}

impl FromRequestParts<Arc<App>> for VisitorNow {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let jar = CookieJar::from_headers(&parts.headers);
        let token = value(&jar, "session_token");
        if token.is_empty() {
            return Err(away("/", "sign-in").into_response());
        }
        let path = "/v1/b2b/sessions/authenticate";
        match app.api.call::<SignedIn>(Method::POST, path, None, &json!({ "session_token": token })).await {
            Ok(found) => Ok(Self { 1: keep(app, jar, &found), 0: found.member_session }),
            Err(Refused { status: StatusCode::NOT_FOUND, .. }) => {
                Err((forget(jar), away("/", "again")).into_response())
            }
            Err(refused) => Err(refused.into_response()),
        }
    }
}

/// The browser keeps two: the JWT that is checked here, and the opaque token that gets the next one.
pub fn keep(app: &App, jar: CookieJar, found: &SignedIn) -> CookieJar {
    jar.add(cookie(app, "session_token", &found.session_token)).add(cookie(
        app,
        "session_jwt",
        &found.session_jwt,
    ))
}

/// Takes both away.
pub fn forget(jar: CookieJar) -> CookieJar {
    ["session_token", "session_jwt"].into_iter().fold(jar, gone)
}

/// Takes one away.
pub fn gone(jar: CookieJar, name: &'static str) -> CookieJar {
    jar.remove(Cookie::build(name).path("/"))
}

/// Until the browser is closed. Scripts do not read it. `Lax` lets the provider's redirect through; it does not stop other sites'
/// forms, `own_forms` does.
pub fn cookie(app: &App, name: &'static str, value: &str) -> Cookie<'static> {
    Cookie::build((name, value.to_owned()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.url.starts_with("https:"))
        .build()
}

/// The value of a cookie, empty without one.
pub fn value<'a>(jar: &'a CookieJar, name: &str) -> &'a str {
    jar.get(name).map_or("", Cookie::value)
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    #[serde(rename = "https://stytch.com/session")]
    session: SessionClaim,
    #[serde(rename = "https://stytch.com/organization")]
    organization: OrganizationClaim,
}

#[derive(Deserialize)]
struct SessionClaim {
    roles: Vec<String>,
}

#[derive(Deserialize)]
struct OrganizationClaim {
    organization_id: String,
}

async fn verified(app: &App, jwt: &str) -> Option<Session> {
    let key = key(app, &decode_header(jwt).ok()?.kid?).await?;
    let mut expected = Validation::new(Algorithm::RS256);
    expected.set_issuer(&[format!("stytch.com/{}", app.api.project)]);
    expected.set_audience(&[&app.api.project]);
    expected.set_required_spec_claims(&["exp", "iss", "aud"]);
    let claims = decode::<Claims>(jwt, &key, &expected).ok()?.claims;
    let (organization_id, roles) = (claims.organization.organization_id, claims.session.roles);
    Some(Session { organization_id, member_id: claims.sub, roles })
}

/// The project's keys as they were last fetched.
pub struct Keys {
    set: JwkSet,
    asked: Option<Instant>,
}

impl Keys {
    pub fn none() -> Self {
        Self { set: JwkSet { keys: Vec::new() }, asked: None }
    }
}

/// The key of that id. The project's keys change now and then, so the set is fetched again for one that is not in it; but anybody
/// can name a key that does not exist, so at most once a minute. Meanwhile such a JWT is good for nothing, and the server is asked.
async fn key(app: &App, kid: &str) -> Option<DecodingKey> {
    {
        let mut keys = app.keys.lock().await;
        if let Some(known) = keys.set.find(kid) {
            return DecodingKey::from_jwk(known).ok();
        }
        if keys.asked.is_some_and(|asked| asked.elapsed() < Duration::from_secs(60)) {
            return None;
        }
        keys.asked = Some(Instant::now());
    } // Nobody waits for the lock while the server is asked.
    let path = format!("/v1/b2b/sessions/jwks/{}", app.api.project);
    let set: JwkSet = app.api.call(Method::GET, &path, None, &json!({})).await.ok()?;
    let found = set.find(kid).and_then(|key| DecodingKey::from_jwk(key).ok());
    app.keys.lock().await.set = set;
    found
}
