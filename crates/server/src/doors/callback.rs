//! `/v1/b2b/sso/callback/{connection_id}` and `/login/callback`: the browser comes back from the identity provider. The same
//! addresses for all purposes and dialects, because it stands in the administrations of customers' providers; what the sign-in was for says which
//! door answers. A refusal is a page for a person, never a redirect.

use std::sync::Arc;

use axum::extract::{RawQuery, Request, State};
use axum::response::Response;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use url::form_urlencoded;
use vestibule_domain::connection::{CallbackAddress, Connection};
use vestibule_domain::id::{ConnectionId, ConnectionKind};
use vestibule_domain::refusal::{Bounded, Judged, Refusal, What};

use super::auth0::oauth;
use super::stytch::page::Beside;
use super::stytch::{page, redirect, whereabouts};
use super::test_page;
use crate::caller::site;
use crate::engine::callback::{CallbackRequest, finish};
use crate::engine::outcome::{Completed, Refused};
use crate::engine::shared_callback::{self, Named};
use crate::failure::Failure;
use crate::http::body;
use crate::http::cookies::{self, Brought};
use crate::http::ctx::Ctx;
use crate::http::door::{Door, retry_later};
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Path;
use crate::operations::login_sessions::Began;
use crate::world::App;
use crate::world::telemetry::{Stopwatch, metric};

const BY_BROWSERS: &str = "GET, POST";
/// The address that connections share ([`CallbackAddress::Shared`]).
const SHARED: &str = "/login/callback";
const MOST_PARAMETERS: usize = 64;

/// The callback. What no page answers, such as a wrong method, is said by the door behind which it stands.
pub(crate) fn endpoints<D: Door>() -> Endpoints<D> {
    let path = "/v1/b2b/sso/callback/{connection_id}";
    // Some providers put a slash at the end of what they were given.
    let slashed = "/v1/b2b/sso/callback/{connection_id}/";
    Endpoints::new()
        .visit(path, Needs::Nothing, BY_BROWSERS, query)
        .post(path, Needs::Nothing, form)
        .visit(slashed, Needs::Nothing, BY_BROWSERS, query)
        .post(slashed, Needs::Nothing, form)
}

/// The address that connections share, in the same way.
pub(crate) fn shared_endpoints<D: Door>() -> Endpoints<D> {
    Endpoints::new().visit(SHARED, Needs::Nothing, BY_BROWSERS, shared_query).post(
        SHARED,
        Needs::Nothing,
        shared_form,
    )
}

/// The parameters of a callback as they came: in the query, or in a form that is still to be read.
enum Incoming {
    Query(String),
    Form(Box<Request>),
}

/// The provider answered in the query.
async fn query(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Path(connection): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let at = At::Own(&connection);
    answer(&app, &ctx, at, &headers, Incoming::Query(query.unwrap_or_default())).await
}

/// The provider answered by a form post.
async fn form(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Path(connection): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    answer(&app, &ctx, At::Own(&connection), &headers, Incoming::Form(Box::new(request))).await
}

/// The same at the address that connections share.
async fn shared_query(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let named = named_in(&query);
    answer(&app, &ctx, At::Shared(named.as_deref()), &headers, Incoming::Query(query)).await
}

/// The same by a form post.
async fn shared_form(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let named = named_in(&query.unwrap_or_default());
    let incoming = Incoming::Form(Box::new(request));
    answer(&app, &ctx, At::Shared(named.as_deref()), &headers, incoming).await
}

/// Which of our addresses the browser came back to.
enum At<'a> {
    /// That of the connection with this id.
    Own(&'a str),
    /// The shared one, with the name of a connection if the address has one.
    Shared(Option<&'a str>),
}

/// The name of a connection in the query of the shared address, said once.
fn named_in(query: &str) -> Option<String> {
    let mut named = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "connection");
    let first = named.next().map(|(_, value)| value.into_owned());
    first.filter(|_| named.next().is_none())
}

async fn answer(app: &Arc<App>, ctx: &Ctx, at: At<'_>, headers: &HeaderMap, incoming: Incoming) -> Response {
    let watch = Stopwatch::start();
    let browser = Brought::new(app, headers);
    let callback = match &at {
        At::Own(_) => CallbackAddress::Own,
        At::Shared(_) => CallbackAddress::Shared,
    };
    let received = match at {
        At::Own(id) => received(app, ctx, id, incoming).await,
        At::Shared(named) => received_by_all(app, ctx, named, incoming, browser).await,
    };
    let (connection, request, _held) = match received {
        Ok(received) => received,
        Err(failure) => {
            note(None, "refused", Some(&failure), watch);
            return refusal(app, ctx, &failure, &Beside::default());
        }
    };
    let finished = finish(app, ctx, (&connection, callback), &request, browser).await;
    let failure = finished.outcome.as_ref().err().map(|refused| &refused.failure);
    let protocol = connection.protocol.as_str();
    // Whose sign-in it was: a borrowed connection's comes back to the callback of the one that it borrows.
    let connection = finished.borrower.unwrap_or(connection);
    note(Some((&connection, protocol)), outcome(&finished.outcome), failure, watch);
    let trace = finished.outcome.as_ref().err().and_then(|refused| refused.trace);
    let mut answer = match finished.outcome {
        Ok(Completed::SignedIn(signed_in)) => {
            let failed = |failure| refusal(app, ctx, &failure, &Beside::default());
            redirect::with_token(ctx, &signed_in).unwrap_or_else(failed)
        }
        Ok(Completed::Authorized(done)) => {
            let answer = oauth::answer(app, ctx, &done.person, &done.granted).await;
            in_session(app, ctx, answer, &done.session)
        }
        Ok(Completed::Proved(done)) => {
            let answer = oauth::go_on_choosing(app, ctx, connection.project_id, &done.request).await;
            in_session(app, ctx, answer, &done.session)
        }
        Ok(Completed::Tested(tested)) => {
            let product = whereabouts::product(app, &connection).await;
            let back = test_page::back(app, &connection, tested.test).await;
            test_page::show(ctx, &connection, &tested, (&product, &back))
        }
        Err(refused) => match &refused.authorization {
            // The application waits for an answer. What was used up before is nobody's any more, and is told on a page.
            Some(asked) => oauth::refuse(ctx, asked, &refused.failure),
            None => refused_page(app, ctx, &connection, &refused).await,
        },
    };
    match (&finished.used_up, trace) {
        // Whoever loads the page again is told the same.
        (Some(state), Some(trace)) => cookies::tell(app, answer.headers_mut(), state, trace),
        (Some(state), None) => cookies::forget(app, answer.headers_mut(), state),
        (None, _) => {}
    }
    answer
}

/// An answer, with the session that the browser has from now on.
fn in_session(app: &App, ctx: &Ctx, answer: Result<Response, Failure>, began: &Began) -> Response {
    let mut answer = match answer {
        Ok(answer) => answer,
        Err(failure) => return refusal(app, ctx, &failure, &Beside::default()),
    };
    let Began { session, token } = began;
    cookies::keep_session(app, answer.headers_mut(), session, token, ctx.now);
    answer
}

const fn outcome(outcome: &Result<Completed, Refused>) -> &'static str {
    match outcome {
        Ok(Completed::SignedIn(_) | Completed::Authorized(_) | Completed::Proved(_)) => "accepted",
        Ok(Completed::Tested(_)) => "tested",
        Err(_) => "refused",
    }
}

/// One line a sign-in, and one more in the metrics. Nothing of it is about the person.
fn note(
    whose: Option<(&Connection, &'static str)>,
    outcome: &'static str,
    failure: Option<&Failure>,
    watch: Stopwatch,
) {
    let (connection, protocol) =
        (whose.map(|(connection, _)| connection), whose.map_or("none", |whose| whose.1));
    let reason = failure.map_or_else(|| "none".to_owned(), |failure| failure.refusal().what.name());
    metrics::counter!(metric::SIGN_INS, "protocol" => protocol, "outcome" => outcome, "reason" => reason.clone())
        .increment(1);
    let organization =
        connection.map(|connection| connection.organization_id.to_string()).unwrap_or_default();
    let id = connection.map(|connection| connection.id.to_string()).unwrap_or_default();
    let milliseconds = watch.millis();
    tracing::info!(organization, connection = id, protocol, outcome, reason, milliseconds, "sign-in");
}

fn refusal(app: &App, ctx: &Ctx, failure: &Failure, beside: &Beside<'_>) -> Response {
    failure.log();
    let mut page = page::refusal(app, ctx, &failure.refusal(), beside);
    retry_later(&mut page, failure);
    page
}

/// The page of a refused sign-in. One that ended before is told as it ended.
async fn refused_page(app: &App, ctx: &Ctx, connection: &Connection, refused: &Refused) -> Response {
    let (failure, failed, trace) = match &refused.before {
        Some(before) => (Failure::from(before.refusal.clone()), None, Some(before.trace)),
        None => (refused.failure.clone(), refused.failed.as_ref(), refused.trace),
    };
    let mut at = whereabouts::at_callback(app, connection, refused, &failure).await;
    if refused.test.is_some() {
        at.back = test_page::back(app, connection, refused.test).await;
    }
    refusal(app, ctx, &failure, &Beside { failed, trace, at })
}

/// The connection of the path, which alone says whose sign-in this is, and what the browser brought. A body is read for a
/// connection that there is, and counts as long as what it said is looked at.
async fn received(
    app: &App,
    ctx: &Ctx,
    connection: &str,
    incoming: Incoming,
) -> Result<(Connection, CallbackRequest, Option<body::Read>), Failure> {
    app.limits.check_browser(ctx.ip)?;
    let id: ConnectionId = connection.parse().map_err(|_| Failure::from(What::UnknownCallback))?;
    let connection = app.store.connection_at_callback(&app.vault, id).await?;
    // A borrowed connection has no callback of its own.
    let connection = connection.filter(|found| found.borrowed().is_none()).ok_or(What::UnknownCallback)?;
    let most = most_bytes(id.kind());
    match incoming {
        Incoming::Query(query) if query.len() > most => Err(Refusal::new(What::TooLarge(Bounded::Body))
            .because(format!("At most {most} bytes are taken."))
            .into()),
        Incoming::Query(query) => Ok((connection, parsed(query.as_bytes(), true), None)),
        Incoming::Form(request) => {
            require_form(id.kind(), request.headers())?;
            let form = body::read(request.into_body(), most, &app.bodies, ctx.ip).await?;
            Ok((connection, parsed(form.bytes(), false), Some(form)))
        }
    }
}

/// The connection that the state of an answer at the shared address belongs to, and what the browser brought. Nothing is known
/// of it before it is read, so that it is taken in the measure of the larger protocol.
async fn received_by_all(
    app: &Arc<App>,
    ctx: &Ctx,
    named: Option<&str>,
    incoming: Incoming,
    browser: Brought<'_>,
) -> Result<(Connection, CallbackRequest, Option<body::Read>), Failure> {
    app.limits.check_browser(ctx.ip)?;
    let most = most_bytes(ConnectionKind::Saml);
    let (request, held) = match incoming {
        Incoming::Query(query) if query.len() > most_bytes(ConnectionKind::Oidc) => {
            return Err(Refusal::new(What::TooLarge(Bounded::Body))
                .because(format!("At most {} bytes are taken.", most_bytes(ConnectionKind::Oidc)))
                .into());
        }
        Incoming::Query(query) => (parsed(query.as_bytes(), true), None),
        Incoming::Form(request) => {
            require_form(ConnectionKind::Oidc, request.headers())?;
            let form = body::read(request.into_body(), most, &app.bodies, ctx.ip).await?;
            (parsed(form.bytes(), false), Some(form))
        }
    };
    let mut request = request;
    // It is part of the address, not of the answer.
    request.parameters.retain(|(name, _)| name != "connection");
    let project = match named {
        Some(_) => site::asked(app, ctx).await.ok().map(|site| site.project.id),
        None => None,
    };
    let named = named.map(|name| Named { name, project });
    let connection = shared_callback::connection(app, ctx, named, &request, browser).await?;
    Ok((connection, request, held))
}

fn parsed(parameters: &[u8], in_query: bool) -> CallbackRequest {
    let parameters = form_urlencoded::parse(parameters).into_owned().take(MOST_PARAMETERS).collect();
    CallbackRequest { in_query, parameters }
}

/// The most bytes a callback may bring.
const fn most_bytes(kind: ConnectionKind) -> usize {
    match kind {
        ConnectionKind::Oidc | ConnectionKind::External => 128 * 1024,
        // 512 KiB of XML in Base64 with line ends, some of it percent-encoded.
        ConnectionKind::Saml => 1024 * 1024,
    }
}

fn require_form(kind: ConnectionKind, headers: &HeaderMap) -> Result<(), Failure> {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Ok(());
    }
    let what = match kind {
        ConnectionKind::Oidc | ConnectionKind::External => What::UnreadableAnswer,
        ConnectionKind::Saml => What::Assertion(Judged::Missing),
    };
    Err(Refusal::new(what)
        .found("a POST that is not a form")
        .expected("application/x-www-form-urlencoded")
        .into())
}
