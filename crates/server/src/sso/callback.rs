//! `/v1/b2b/sso/callback/{connection_id}`: the browser comes back from the identity provider (contract 5.2).
//! Every end, good or bad, leaves a trace; a refusal is a page for a person, never a redirect.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use url::form_urlencoded;
use vestibule_domain::connection::{Connection, OidcSettings, Protocol};
use vestibule_domain::fault::{Fault, FaultKind};
use vestibule_domain::id::ConnectionId;
use vestibule_domain::identity::Identity;
use vestibule_domain::login::{AttemptSecrets, Landing, LoginAttempt};

use super::attempt::{self, AttemptRows};
use super::oidc::exchange::Exchange;
use super::trace::Steps;
use super::{cookie, oidc, page, reply};
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
        let (landing, identity) = match &connection.protocol {
            Protocol::Oidc(settings) => self.proved_by_oidc(&connection, settings, &parameters).await?,
            Protocol::Saml(_) => return Err(FaultKind::InvalidCallbackId.into()),
        };
        let arrival = Arrival { landing: &landing, connection: &connection, identity: &identity };
        let target = sign_in::arrive(app, ctx, &arrival, &mut self.steps).await?;
        let mut answer = reply::redirect(ctx, &target);
        self.clear_cookie(&mut answer);
        Ok(answer)
    }

    async fn proved_by_oidc(
        &mut self,
        connection: &Connection,
        settings: &OidcSettings,
        parameters: &[(String, String)],
    ) -> Result<(Landing, Identity), Failure> {
        let (app, ctx) = (self.app, self.ctx);
        let response = oidc::answer::read(parameters, &mut self.steps)?;
        let (attempt, secrets) = self.attempt(connection.id, response.state(), &oidc::ROWS).await?;
        require_active(connection)?;
        let grant = oidc::answer::grant(app.mode, settings, &response, &mut self.steps)?;
        let project = app.store.project(attempt.project_id).await?.ok_or(FaultKind::InvalidCallbackId)?;
        let exchange = Exchange { app, ctx, project: &project, connection, settings, secrets: &secrets };
        let identity = exchange.identity(grant, &mut self.steps).await?;
        Ok((attempt.landing(), identity))
    }

    async fn attempt(
        &mut self,
        connection: ConnectionId,
        state: &str,
        rows: &AttemptRows,
    ) -> Result<(LoginAttempt, AttemptSecrets), Failure> {
        let taken = attempt::take(self.app, self.ctx, self.headers, connection, state, rows, &mut self.steps);
        let (attempt, secrets) = taken.await?;
        self.attempt = Some(attempt.clone());
        Ok((attempt, secrets))
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
