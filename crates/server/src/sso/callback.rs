//! `/v1/b2b/sso/callback/{connection_id}`: the browser comes back from the identity provider (contract 5.2).
//! Every end, good or bad, leaves a trace; a refusal is a page for a person, never a redirect.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use url::form_urlencoded;
use vestibule_domain::connection::{Channel, Connection, Protocol};
use vestibule_domain::fault::{Fault, FaultKind, sentence};
use vestibule_domain::id::ConnectionId;
use vestibule_domain::login::{AttemptSecrets, LoginAttempt, NotFinishable};
use vestibule_domain::secret::Token;
use vestibule_oidc::Issuer;
use vestibule_oidc::callback::{self as protocol, CallbackError, CallbackExpectations, Grant};
use vestibule_store::tables::logins;

use super::discovery::url_policy;
use super::exchange::Exchange;
use super::trace::Steps;
use super::{cookie, page, start};
use crate::app::App;
use crate::ctx::Ctx;
use crate::operations::connections::require_active;
use crate::operations::sign_in::{self, Arrival};
use crate::reply::Failure;
use crate::telemetry::metric;

const MOST_BYTES: usize = 128 * 1024;

/// The provider answered in the query.
pub async fn query(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Path(connection): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    finish(&app, &ctx, &connection, query.unwrap_or_default().as_bytes(), &headers).await
}

/// The provider answered by a form post.
pub async fn form(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Path(connection): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_form = media
        .split(';')
        .next()
        .is_some_and(|m| m.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    if !is_form {
        let fault = Fault::new(FaultKind::OidcInvalidCallback)
            .because("Found a POST that is not a form, expected application/x-www-form-urlencoded.");
        return page::refusal(&ctx, &fault, None);
    }
    finish(&app, &ctx, &connection, &body, &headers).await
}

async fn finish(app: &App, ctx: &Ctx, connection: &str, parameters: &[u8], headers: &HeaderMap) -> Response {
    let mut visit = Visit { app, ctx, headers, steps: Steps::default(), connection: None, attempt: None };
    let end = visit.run(connection, parameters).await;
    metrics::counter!(metric::SIGN_INS, "outcome" => if end.is_ok() { "accepted" } else { "refused" })
        .increment(1);
    match end {
        Ok(response) => response,
        Err(failure) => visit.refuse(failure).await,
    }
}

/// One browser's visit to the callback, and how far it came.
struct Visit<'a> {
    app: &'a App,
    ctx: &'a Ctx,
    headers: &'a HeaderMap,
    steps: Steps,
    connection: Option<Connection>,
    attempt: Option<LoginAttempt>,
}

impl Visit<'_> {
    async fn run(&mut self, connection: &str, parameters: &[u8]) -> Result<Response, Failure> {
        let (app, ctx) = (self.app, self.ctx);
        app.limits.check_browser(ctx.ip)?;
        let id: ConnectionId = connection.parse().map_err(|_| Failure::from(FaultKind::InvalidCallbackId))?;
        if parameters.len() > MOST_BYTES {
            return Err(Fault::new(FaultKind::BodyTooLarge).because("Found more than 128 KiB.").into());
        }
        let parameters: Vec<(String, String)> =
            form_urlencoded::parse(parameters).into_owned().take(64).collect();
        let connection =
            app.store.connection_at_callback(&app.vault, id).await?.ok_or(FaultKind::InvalidCallbackId)?;
        self.connection = Some(connection.clone());
        let response = protocol::Response::read(&parameters).map_err(|error| self.unreadable(&error))?;
        let (attempt, secrets) = self.attempt(id, response.state()).await?;
        require_active(&connection)?;
        let grant = self.grant(&connection, &response)?;
        let Protocol::Oidc(settings) = &connection.protocol;
        let project = app.store.project(attempt.project_id).await?.ok_or(FaultKind::InvalidCallbackId)?;
        let exchange =
            Exchange { app, ctx, project: &project, connection: &connection, settings, secrets: &secrets };
        let identity = exchange.identity(grant, &mut self.steps).await?;
        let arrival = Arrival { attempt: &attempt, connection: &connection, identity: &identity };
        let target = sign_in::arrive(app, ctx, &arrival, &mut self.steps).await?;
        let mut answer = start::redirect(ctx, &target);
        self.clear_cookie(&mut answer);
        Ok(answer)
    }

    fn unreadable(&mut self, error: &CallbackError) -> Failure {
        self.steps.refused("callback", error);
        let kind = match error {
            CallbackError::Missing("state") => FaultKind::MissingOidcState,
            _ => FaultKind::OidcInvalidCallback,
        };
        Fault::new(kind).because(sentence(error)).into()
    }

    /// Finds the attempt of a state, checks that this browser may finish it, and uses it up: whatever
    /// happens next, no second callback gets this far.
    async fn attempt(
        &mut self,
        connection: ConnectionId,
        state: &str,
    ) -> Result<(LoginAttempt, AttemptSecrets), Failure> {
        let state = Token::presented(state);
        let hash = state.hash();
        let attempt = self.app.store.login_attempt(&hash).await?.ok_or_else(|| {
            self.steps.failed("state", "a state nobody waits for", "the state of a sign-in under way");
            FaultKind::UnsolicitedOidcResponse
        })?;
        let attempt = attempt.attempt;
        let Some(browser) = cookie::read(self.app, self.headers, &hash) else {
            self.steps.failed("browser", "no cookie of this sign-in", "the browser that started it");
            return Err(FaultKind::MissingOidcCookie.into());
        };
        attempt.check(connection, &browser, self.ctx.now).map_err(|why| {
            let (kind, found) = match why {
                NotFinishable::OtherConnection => {
                    (FaultKind::UnsolicitedOidcResponse, "the state of another connection")
                }
                NotFinishable::OtherBrowser => (FaultKind::OidcCookieMismatch, "another browser's cookie"),
                NotFinishable::Expired => {
                    (FaultKind::ExpiredOidcResponse, "a sign-in that took over 10 minutes")
                }
            };
            self.steps.failed("state", found, "this connection's sign-in in this browser");
            kind
        })?;
        match self.app.store.commit([logins::finish(&attempt, self.ctx.now)]).await {
            Ok(()) => {}
            Err(error) if error.is_guard(logins::UNFINISHED) => {
                self.steps.failed("state", "a state that was used before", "a state that is used once");
                return Err(FaultKind::UnsolicitedOidcResponse.into());
            }
            Err(error) => return Err(error.into()),
        }
        self.steps.passed("state", "");
        self.attempt = Some(attempt.clone());
        Ok((attempt, AttemptSecrets { state, browser }))
    }

    fn grant(
        &mut self,
        connection: &Connection,
        response: &protocol::Response<'_>,
    ) -> Result<Grant, Failure> {
        let Protocol::Oidc(settings) = &connection.protocol;
        let issuer = Issuer::parse(&settings.issuer, url_policy(self.app.mode))
            .map_err(|error| Failure::Internal(format!("a stored issuer is not usable: {error}")))?;
        let expectations = CallbackExpectations {
            channel: match settings.channel {
                Channel::BackChannel => protocol::Channel::Code,
                Channel::FrontChannel => protocol::Channel::IdToken,
            },
            issuer: &issuer,
            response_issuer_announced: settings.discovered.authorization_response_iss_parameter_supported,
        };
        response.judge(&expectations).map_err(|error| {
            self.steps.refused("callback", &error);
            let kind = match &error {
                CallbackError::Provider { error, .. } if error.as_str() == "access_denied" => {
                    FaultKind::OidcNotAssigned
                }
                CallbackError::Provider { .. } => FaultKind::OidcAuthCodeError,
                _ => FaultKind::OidcInvalidCallback,
            };
            Fault::new(kind).because(sentence(error)).into()
        })
    }

    fn clear_cookie(&self, answer: &mut Response) {
        if let Some(attempt) = &self.attempt
            && let Some(cookie) = cookie::clear(self.app, &attempt.state_hash)
        {
            answer.headers_mut().append(SET_COOKIE, cookie);
        }
    }

    async fn refuse(mut self, failure: Failure) -> Response {
        failure.log();
        let fault = failure.fault();
        let failed = self.steps.failure().cloned();
        let mut answer = page::refusal(self.ctx, &fault, failed.as_ref()).into_response();
        self.clear_cookie(&mut answer);
        tracing::info!(code = fault.kind.name(), "sign-in refused");
        if let Some(connection) = &self.connection {
            let login = self.attempt.as_ref().map(|attempt| attempt.id);
            let steps = std::mem::take(&mut self.steps);
            steps.keep_refusal(self.app, self.ctx, connection, login, &fault).await;
        }
        answer
    }
}
