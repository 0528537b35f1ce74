//! `/v1/b2b/sso/callback/{connection_id}`: the browser comes back from the identity provider (contract 5.2).
//! Every end, good or bad, leaves a trace; a refusal is a page for a person, never a redirect.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Path, RawQuery, Request, State};
use axum::response::Response;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use url::form_urlencoded;
use vestibule_domain::connection::{Connection, Protocol};
use vestibule_domain::id::{ConnectionId, ConnectionKind};
use vestibule_domain::login::LoginAttempt;
use vestibule_domain::refusal::{Bounded, Judged, Refusal, What};
use vestibule_domain::trace::TraceStep;

use super::trace::Steps;
use super::{cookie, oidc, saml};
use crate::doors::stytch::{page, redirect as reply};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::sign_in::{self, Arrival};
use crate::world::App;
use crate::world::telemetry::metric;

const MOST_PARAMETERS: usize = 64;

/// The parameters of a callback as they came: in the query, or in a form that is still to be read.
enum Incoming {
    Query(String),
    Form(Box<Request>),
}

/// The parameters of a callback.
pub struct Delivery {
    /// Whether they came in the query of a GET, not in a form that was posted.
    pub in_query: bool,
    /// Names and values in their order.
    pub parameters: Vec<(String, String)>,
}

/// The provider answered in the query.
pub async fn query(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Path(connection): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    answer(&app, &ctx, &connection, &headers, Incoming::Query(query.unwrap_or_default())).await
}

/// The provider answered by a form post.
pub async fn form(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Path(connection): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    answer(&app, &ctx, &connection, &headers, Incoming::Form(Box::new(request))).await
}

async fn answer(app: &App, ctx: &Ctx, connection: &str, headers: &HeaderMap, incoming: Incoming) -> Response {
    let mut protocol = "none";
    let end = match arrived(app, ctx, connection, incoming).await {
        Ok((connection, delivery)) => {
            protocol = connection.protocol.as_str();
            let connection = &connection;
            let mut visit = Visit { app, ctx, headers, connection, steps: Steps::default(), attempt: None };
            match visit.run(&delivery).await {
                Ok(response) => Ok(response),
                Err(failure) => Err(visit.refuse(failure).await),
            }
        }
        Err(failure) => Err(refusal(ctx, &failure, None)),
    };
    let outcome = if end.is_ok() { "accepted" } else { "refused" };
    metrics::counter!(metric::SIGN_INS, "protocol" => protocol, "outcome" => outcome).increment(1);
    end.unwrap_or_else(|refusal| refusal)
}

/// What a visit begins with: the connection of the path, which alone says whose sign-in this is, and the
/// parameters.
async fn arrived(
    app: &App,
    ctx: &Ctx,
    connection: &str,
    incoming: Incoming,
) -> Result<(Connection, Delivery), Failure> {
    app.limits.check_browser(ctx.ip)?;
    let id: ConnectionId = connection.parse().map_err(|_| Failure::from(What::UnknownCallback))?;
    let delivery = read(id.kind(), incoming).await?;
    let connection = app.store.connection_at_callback(&app.vault, id).await?;
    Ok((connection.ok_or(What::UnknownCallback)?, delivery))
}

/// The most bytes a callback may bring.
const fn most_bytes(kind: ConnectionKind) -> usize {
    match kind {
        ConnectionKind::Oidc | ConnectionKind::External => 128 * 1024,
        // 512 KiB of XML in Base64 with line ends, some of it percent-encoded.
        ConnectionKind::Saml => 1024 * 1024,
    }
}

async fn read(kind: ConnectionKind, incoming: Incoming) -> Result<Delivery, Failure> {
    let most = most_bytes(kind);
    let too_large = || {
        Failure::from(
            Refusal::new(What::TooLarge(Bounded::Body))
                .because(format!("Found more than {} KiB.", most / 1024)),
        )
    };
    let (bytes, in_query) = match incoming {
        Incoming::Query(query) => (Bytes::from(query), true),
        Incoming::Form(mut request) => {
            require_form(kind, request.headers())?;
            DefaultBodyLimit::max(most).apply(&mut request);
            let body = Bytes::from_request(*request, &()).await.map_err(|rejection| {
                if rejection.status().as_u16() == 413 {
                    return too_large();
                }
                Refusal::new(What::Unreadable).because("The body could not be read to its end.").into()
            })?;
            (body, false)
        }
    };
    if bytes.len() > most {
        return Err(too_large());
    }
    let parameters = form_urlencoded::parse(&bytes).into_owned().take(MOST_PARAMETERS).collect();
    Ok(Delivery { in_query, parameters })
}

fn require_form(kind: ConnectionKind, headers: &HeaderMap) -> Result<(), Failure> {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Ok(());
    }
    let row = match kind {
        ConnectionKind::Oidc | ConnectionKind::External => What::UnreadableAnswer,
        ConnectionKind::Saml => What::Assertion(Judged::Missing),
    };
    Err(Refusal::new(row)
        .found("a POST that is not a form")
        .expected("application/x-www-form-urlencoded")
        .into())
}

/// One browser's visit to the callback of a connection, and how far it came.
pub struct Visit<'a> {
    /// The shared state.
    pub app: &'a App,
    /// The request.
    pub ctx: &'a Ctx,
    /// Its headers, for the cookie.
    pub headers: &'a HeaderMap,
    /// The connection of the path.
    pub connection: &'a Connection,
    /// The checks so far.
    pub steps: Steps,
    /// The attempt, once it is used up.
    pub attempt: Option<LoginAttempt>,
}

impl Visit<'_> {
    async fn run(&mut self, delivery: &Delivery) -> Result<Response, Failure> {
        let connection = self.connection;
        let (landing, proof) = match &connection.protocol {
            Protocol::Oidc(settings) => oidc::prove(self, settings, delivery).await?,
            Protocol::Saml(settings) => saml::prove(self, settings, delivery).await?,
        };
        let arrival = Arrival { landing: &landing, connection, proof: &proof };
        let target = sign_in::arrive(self.app, self.ctx, &arrival, &mut self.steps).await?;
        let mut answer = reply::redirect(self.ctx, &target);
        self.clear_cookie(&mut answer);
        Ok(answer)
    }

    fn clear_cookie(&self, answer: &mut Response) {
        if let Some(attempt) = &self.attempt
            && let Some(cookie) = cookie::clear(self.app, &attempt.state_hash)
        {
            answer.headers_mut().append(SET_COOKIE, cookie);
        }
    }

    async fn refuse(self, failure: Failure) -> Response {
        let mut answer = refusal(self.ctx, &failure, self.steps.failure());
        self.clear_cookie(&mut answer);
        let login = self.attempt.as_ref().map(|attempt| attempt.id);
        self.steps.keep_refusal(self.app, self.ctx, self.connection, login, &failure.refusal()).await;
        answer
    }
}

fn refusal(ctx: &Ctx, failure: &Failure, failed: Option<&TraceStep>) -> Response {
    failure.log();
    let refusal = failure.refusal();
    tracing::info!(code = refusal.what.name(), "sign-in refused");
    page::refusal(ctx, &refusal, failed)
}
