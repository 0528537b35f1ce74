//! `GET /v1/public/sso/start`: checks what the application asks for, remembers the attempt and sends the
//! browser to the identity provider (contract 5.1).

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use http::header::{LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use url::{Url, form_urlencoded};
use vestibule_domain::connection::{Channel, Connection, ConnectionStatus, Protocol};
use vestibule_domain::fault::{Fault, FaultKind, sentence};
use vestibule_domain::id::{ConnectionId, LoginId};
use vestibule_domain::login::{ATTEMPT_LIFETIME, AttemptSecrets, LoginAttempt};
use vestibule_domain::project::Project;
use vestibule_domain::redirect::{RedirectKind, parse_redirect};
use vestibule_oidc::authorize::{AuthorizationRequest, Flow};
use vestibule_oidc::pkce::CodeVerifier;
use vestibule_store::tables::logins;

use super::cookie;
use crate::app::App;
use crate::ctx::Ctx;
use crate::operations::connections::require_active;
use crate::reply::{Answer, Failure};

const SCOPES: [&str; 3] = ["openid", "email", "profile"];
const MOST_QUERY_BYTES: usize = 8192;

/// What the application asked for.
#[derive(Default)]
struct Request {
    public_token: Option<String>,
    connection_id: Option<String>,
    organization_id: Option<String>,
    pkce_code_challenge: Option<String>,
    login_redirect_url: Option<String>,
    signup_redirect_url: Option<String>,
    custom_scopes: Option<String>,
    login_hint: Option<String>,
    /// `provider_…` parameters, without the prefix.
    provider: Vec<(String, String)>,
}

impl Request {
    /// Reads the query; a parameter given twice is refused, an unknown one is ignored.
    fn read(query: &str) -> Result<Self, Fault> {
        if query.len() > MOST_QUERY_BYTES {
            return Err(Fault::new(FaultKind::InvalidRequest).because("The query is longer than 8192 bytes."));
        }
        let mut request = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()).into_owned() {
            if let Some(name) = name.strip_prefix("provider_") {
                request.provider.push((name.to_owned(), value));
                continue;
            }
            let Some(field) = request.field(&name) else { continue };
            if field.replace(value).is_some() {
                return Err(Fault::new(FaultKind::InvalidRequest).because(format!("{name} is given twice.")));
            }
        }
        Ok(request)
    }

    fn field(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "public_token" => &mut self.public_token,
            "connection_id" => &mut self.connection_id,
            "organization_id" => &mut self.organization_id,
            "pkce_code_challenge" => &mut self.pkce_code_challenge,
            "login_redirect_url" => &mut self.login_redirect_url,
            "signup_redirect_url" => &mut self.signup_redirect_url,
            "custom_scopes" => &mut self.custom_scopes,
            "login_hint" => &mut self.login_hint,
            _ => return None,
        })
    }
}

/// The handler.
///
/// # Errors
/// The start errors of contract 5.1, as JSON.
pub async fn start(State(app): State<Arc<App>>, ctx: Ctx, RawQuery(query): RawQuery) -> Answer {
    app.limits.check_browser(ctx.ip)?;
    let request = Request::read(query.as_deref().unwrap_or_default())?;
    let project = project(&app, &request).await?;
    let connection = connection(&app, &project, &request).await?;
    require_active(&connection)?;
    let login_redirect_url =
        redirect_url(&app, &project, RedirectKind::Login, request.login_redirect_url.as_deref()).await?;
    let signup_redirect_url =
        redirect_url(&app, &project, RedirectKind::Signup, request.signup_redirect_url.as_deref()).await?;
    let secrets = AttemptSecrets::generate(app.entropy.as_ref());
    let attempt = LoginAttempt {
        id: LoginId::generate(project.environment(), app.entropy.as_ref()),
        project_id: project.id,
        organization_id: connection.organization_id,
        connection_id: connection.id,
        state_hash: secrets.state.hash(),
        browser_hash: secrets.browser.hash(),
        login_redirect_url,
        signup_redirect_url,
        code_challenge: request.pkce_code_challenge.as_deref().map(checked_challenge).transpose()?,
        created_at: ctx.now,
        expires_at: ctx.now.plus(ATTEMPT_LIFETIME),
    };
    let target = authorization_url(&app, &connection, &request, &secrets)?;
    app.store.commit([logins::insert(&attempt)]).await?;
    let mut answer = redirect(&ctx, &target);
    if let Some(cookie) = cookie::set(&app, &attempt.state_hash, &secrets.browser) {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(answer)
}

async fn project(app: &App, request: &Request) -> Result<Project, Failure> {
    let token = request.public_token.as_deref().ok_or(FaultKind::InvalidPublicToken)?;
    let token = token.parse().map_err(|_| Failure::from(FaultKind::InvalidPublicToken))?;
    Ok(app.store.project_by_public_token(token).await?.ok_or(FaultKind::PublicTokenNotFound)?)
}

async fn connection(app: &App, project: &Project, request: &Request) -> Result<Connection, Failure> {
    match (&request.connection_id, &request.organization_id) {
        (None, None) => Err(FaultKind::MissingConnectionLocator.into()),
        (Some(_), Some(_)) => Err(FaultKind::TooManyConnectionLocators.into()),
        (Some(id), None) => {
            let id: ConnectionId = id.parse().map_err(|_| Failure::from(FaultKind::ConnectionNotFound))?;
            Ok(app
                .store
                .connection(&app.vault, project.id, id)
                .await?
                .ok_or(FaultKind::ConnectionNotFound)?)
        }
        (None, Some(locator)) => connection_of_organization(app, project, locator).await,
    }
}

/// The organization's default connection, or its only active one.
async fn connection_of_organization(
    app: &App,
    project: &Project,
    locator: &str,
) -> Result<Connection, Failure> {
    let organization =
        app.store.organization(project.id, locator).await?.ok_or(FaultKind::OrganizationNotFound)?;
    let connections = app.store.connections(&app.vault, project.id, organization.id).await?;
    if let Some(default) = organization.policy.sso_default_connection_id {
        let found = connections.into_iter().find(|connection| connection.id == default);
        return Ok(found.ok_or(FaultKind::NoConnectionForOrganization)?);
    }
    let mut active = connections.into_iter().filter(|c| c.status() == ConnectionStatus::Active);
    match (active.next(), active.next()) {
        (None, _) => Err(FaultKind::NoConnectionForOrganization.into()),
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => Err(FaultKind::IndeterminateConnection.into()),
    }
}

/// The URL to come back to: the one asked for when it is registered, else the project's default.
async fn redirect_url(
    app: &App,
    project: &Project,
    kind: RedirectKind,
    asked: Option<&str>,
) -> Result<String, Failure> {
    let Some(asked) = asked.filter(|url| !url.is_empty()) else {
        let missing = if kind == RedirectKind::Login {
            FaultKind::InvalidLoginUrl
        } else {
            FaultKind::InvalidSignupUrl
        };
        let default = app.store.default_redirect_url(project.id, kind).await?;
        return Ok(default.map(|default| default.url).ok_or_else(|| {
            Fault::new(missing)
                .because(format!("The project has no default redirect URL of the kind {}.", kind.as_str()))
        })?);
    };
    let url = parse_redirect(asked, app.loopback_policy(project.environment()))?.to_string();
    if app.store.redirect_url(project.id, kind, &url).await?.is_some() {
        return Ok(url);
    }
    let fault = Fault::new(FaultKind::NoMatchForRedirectUrl)
        .because(format!("Register it with the kind {}: vestibule redirect-url add.", kind.as_str()));
    Err(fault.into())
}

/// A challenge is base64url of a SHA-256 without padding (RFC 7636 section 4.2).
fn checked_challenge(challenge: &str) -> Result<String, Fault> {
    let fits =
        challenge.len() == 43 && challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if fits { Ok(challenge.to_owned()) } else { Err(FaultKind::InvalidPkceChallenge.into()) }
}

fn authorization_url(
    app: &App,
    connection: &Connection,
    request: &Request,
    secrets: &AttemptSecrets,
) -> Result<Url, Failure> {
    let Protocol::Oidc(settings) = &connection.protocol;
    let endpoint = Url::parse(&settings.authorization_url)
        .map_err(|error| Failure::Internal(format!("a stored authorization_url does not parse: {error}")))?;
    let verifier = CodeVerifier::parse(&secrets.code_verifier())
        .ok_or_else(|| Failure::Internal("a derived PKCE verifier is not one".to_owned()))?;
    let nonce = secrets.nonce();
    let asked = request.custom_scopes.as_deref().unwrap_or_default();
    let scopes: Vec<&str> = SCOPES
        .into_iter()
        .chain(settings.custom_scopes.split(' '))
        .chain(asked.split([' ', '+']))
        .filter(|scope| !scope.is_empty())
        .collect();
    let login_hint =
        request.provider.iter().find(|(name, _)| name == "login_hint").map(|(_, value)| value.as_str());
    let extra: Vec<(&str, &str)> = request
        .provider
        .iter()
        .filter(|(name, _)| name != "login_hint")
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let url = AuthorizationRequest {
        endpoint: &endpoint,
        client_id: &settings.client_id,
        redirect_uri: &app.callback_url(connection.id),
        flow: match settings.channel {
            Channel::BackChannel => Flow::Code { verifier: &verifier },
            Channel::FrontChannel => Flow::IdToken,
        },
        scopes: &scopes,
        state: secrets.state.expose(),
        nonce: &nonce,
        login_hint: request.login_hint.as_deref().or(login_hint),
        extra: &extra,
    }
    .url();
    // What can be wrong here came with the request: scopes and provider_ parameters.
    url.map_err(|error| Fault::new(FaultKind::InvalidRequest).because(sentence(error)).into())
}

#[derive(Serialize)]
struct Redirect<'a> {
    status_code: u16,
    request_id: String,
    redirect_url: &'a str,
}

/// A redirect that also says in its body where it leads (contract 5.1).
#[must_use]
pub fn redirect(ctx: &Ctx, target: &Url) -> Response {
    let body =
        Redirect { status_code: 302, request_id: ctx.request_id.to_string(), redirect_url: target.as_str() };
    let mut headers = HeaderMap::new();
    if let Ok(location) = HeaderValue::from_str(target.as_str()) {
        headers.insert(LOCATION, location);
    }
    headers.insert(http::header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    (StatusCode::FOUND, headers, Json(body)).into_response()
}
