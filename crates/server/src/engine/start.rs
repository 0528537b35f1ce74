//! `GET /v1/public/sso/start`: checks what the application asks for, remembers the attempt and sends the
//! browser to the identity provider (contract 5.1).

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::header::SET_COOKIE;
use url::form_urlencoded;
use vestibule_domain::connection::{Connection, ConnectionStatus, Protocol};
use vestibule_domain::id::{ConnectionId, LoginId, ProjectId};
use vestibule_domain::login::{ATTEMPT_LIFETIME, AttemptSecrets, LoginAttempt};
use vestibule_domain::project::Project;
use vestibule_domain::redirect::{RedirectKind, parse_redirect};
use vestibule_domain::refusal::{Choice, DefaultRedirect, Field, Refusal, Thing, What};
use vestibule_store::tables::logins;

use super::{cookie, oidc, saml};
use crate::doors::stytch::redirect as reply;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::connections::require_active;
use crate::world::App;

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
    wishes: Wishes,
}

/// What the application would like the identity provider to be told.
#[derive(Default)]
pub struct Wishes {
    /// More scopes, for OpenID Connect.
    pub custom_scopes: Option<String>,
    /// `provider_…` parameters, without the prefix.
    pub provider: Vec<(String, String)>,
    login_hint: Option<String>,
}

impl Wishes {
    /// Who is about to sign in: an address that the provider may fill in.
    #[must_use]
    pub fn login_hint(&self) -> Option<&str> {
        let forwarded = || self.provider.iter().find(|(name, _)| name == "login_hint");
        self.login_hint.as_deref().or_else(|| forwarded().map(|(_, value)| value.as_str()))
    }
}

impl Request {
    /// Reads the query; a parameter given twice is refused, an unknown one is ignored.
    fn read(query: &str) -> Result<Self, Refusal> {
        if query.len() > MOST_QUERY_BYTES {
            return Err(Refusal::new(What::Unreadable).because("The query is longer than 8192 bytes."));
        }
        let mut request = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()).into_owned() {
            if let Some(name) = name.strip_prefix("provider_") {
                request.wishes.provider.push((name.to_owned(), value));
                continue;
            }
            let Some(field) = request.field(&name) else { continue };
            if field.replace(value).is_some() {
                return Err(Refusal::new(What::Unreadable).because(format!("{name} is given twice.")));
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
            "custom_scopes" => &mut self.wishes.custom_scopes,
            "login_hint" => &mut self.wishes.login_hint,
            _ => return None,
        })
    }
}

/// The handler.
///
/// # Errors
/// The start errors of contract 5.1, as JSON.
pub async fn start(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
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
    let mut answer = to_provider(&app, &ctx, &connection, &request.wishes, &secrets)?;
    app.store.commit([logins::insert(&attempt)]).await?;
    if let Some(cookie) = cookie::set(&app, &attempt.state_hash, &secrets.browser) {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(answer)
}

async fn project(app: &App, request: &Request) -> Result<Project, Failure> {
    let token = request.public_token.as_deref().ok_or(What::Invalid(Field::PublicToken))?;
    let token = token.parse().map_err(|_| Failure::from(What::Invalid(Field::PublicToken)))?;
    Ok(app.store.project_by_public_token(token).await?.ok_or(What::NotFound(Thing::PublicToken))?)
}

async fn connection(app: &App, project: &Project, request: &Request) -> Result<Connection, Failure> {
    match (&request.connection_id, &request.organization_id) {
        (None, None) => Err(What::NoneGiven(Choice::Connection).into()),
        (Some(_), Some(_)) => Err(What::SeveralGiven(Choice::Connection).into()),
        (Some(id), None) => {
            let id: ConnectionId =
                id.parse().map_err(|_| Failure::from(What::NotFound(Thing::Connection)))?;
            Ok(app
                .store
                .connection(&app.vault, project.id, id)
                .await?
                .ok_or(What::NotFound(Thing::Connection))?)
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
        app.store.organization(project.id, locator).await?.ok_or(What::NotFound(Thing::Organization))?;
    let connections = app.store.connections(&app.vault, organization.tenant()).await?;
    if let Some(default) = organization.policy.sso_default_connection_id {
        let found = connections.into_iter().find(|connection| connection.id == default);
        return Ok(found.ok_or(What::NoActiveConnection)?);
    }
    let mut active = connections.into_iter().filter(|c| c.status() == ConnectionStatus::Active);
    match (active.next(), active.next()) {
        (None, _) => Err(What::NoActiveConnection.into()),
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => Err(What::SeveralActiveConnections.into()),
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
        return default_url(app, project.id, kind).await;
    };
    let url = parse_redirect(asked, app.loopback_policy(project.environment()))?.to_string();
    if app.store.redirect_url(project.id, kind, &url).await?.is_some() {
        return Ok(url);
    }
    let refusal = Refusal::new(What::RedirectNotRegistered)
        .because(format!("Register it with the kind {}: vestibule redirect-url add.", kind.as_str()));
    Err(refusal.into())
}

/// The project's default URL of a kind.
///
/// # Errors
/// The project has none.
pub async fn default_url(app: &App, project: ProjectId, kind: RedirectKind) -> Result<String, Failure> {
    let missing = if kind == RedirectKind::Login {
        What::NoDefaultRedirect(DefaultRedirect::Login)
    } else {
        What::NoDefaultRedirect(DefaultRedirect::Signup)
    };
    let default = app.store.default_redirect_url(project, kind).await?;
    Ok(default.map(|default| default.url).ok_or_else(|| {
        Refusal::new(missing)
            .because(format!("The project has no default redirect URL of the kind {}.", kind.as_str()))
    })?)
}

/// A challenge is base64url of a SHA-256 without padding (RFC 7636 section 4.2).
fn checked_challenge(challenge: &str) -> Result<String, Refusal> {
    let fits =
        challenge.len() == 43 && challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if fits { Ok(challenge.to_owned()) } else { Err(What::Invalid(Field::PkceChallenge).into()) }
}

/// The answer that takes the browser to the identity provider.
fn to_provider(
    app: &App,
    ctx: &Ctx,
    connection: &Connection,
    wishes: &Wishes,
    secrets: &AttemptSecrets,
) -> Result<Response, Failure> {
    match &connection.protocol {
        Protocol::Oidc(settings) => {
            let callback = app.callback_url(connection.id);
            let target = oidc::request::authorization_url(settings, &callback, wishes, secrets)?;
            Ok(reply::redirect(ctx, &target))
        }
        Protocol::Saml(settings) => {
            saml::request::to_provider(app, ctx, connection, settings, wishes, secrets)
        }
    }
}
