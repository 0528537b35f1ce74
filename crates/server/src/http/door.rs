//! Doors: how one API dialect says yes and how it says no. Handlers give a [`Reply`] or a [`Failure`]; the door that
//! they stand behind renders both, so that headers of inner layers (cookies, `Allow`, `Retry-After`) stay.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, VARY, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body::Body as _;
use serde::Serialize;
use tokio::time::timeout;
use tower_http::catch_panic::CatchPanicLayer;
use vestibule_domain::id::RequestId;
use vestibule_domain::refusal::{Refusal, What};

use super::ctx::Ctx;
use super::html::{POLICY, put};
use super::input::BODY_LIMIT;
use super::refused::{Circumstances, Named, Whereabouts, page};
use crate::failure::Failure;
use crate::world::App;

/// A body of more bytes is long; one of which nobody knows how long it is may be.
const LONG: u64 = 16 * 1024;
/// The time that a request has, from its complete head to its answer. What it had committed stays.
const LONGEST: Duration = Duration::from_secs(90);

/// The bytes that most answers have room in, and that an allocator hands out without searching.
const USUAL: usize = 1000;
/// A challenge that no browser knows: one that it knows would ask the person for a password that they do not have.
pub(crate) const NO_DIALOG: HeaderValue = HeaderValue::from_static("xBasic realm=\"vestibule\"");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// One API dialect.
pub trait Door: 'static {
    /// What the dialect is called where endpoints are listed.
    const NAME: &'static str;

    /// A success around its body.
    type Success<T: Serialize>: Serialize;

    /// Puts a body into the envelope of a success. `warnings` are for whoever wrote the request.
    fn success<T: Serialize>(request_id: RequestId, warnings: Vec<String>, body: T) -> Self::Success<T>;

    /// Says a refusal in the dialect's words.
    ///
    /// `base_url` is the public origin of the server, for links.
    fn refuse(refusal: &Refusal, ctx: &Ctx, base_url: &str) -> Said;

    /// What a meaning is called in the dialect, for the page that a person gets instead.
    fn named(what: What) -> Named;
}

/// A refusal in the words of a door.
pub struct Said {
    /// The HTTP status.
    pub status: StatusCode,
    /// Headers that belong to it.
    pub headers: HeaderMap,
    /// The body, as JSON text.
    pub body: Vec<u8>,
}

impl Said {
    /// A refusal whose body is `envelope`. A status that is none becomes 500.
    pub fn json(status: u16, envelope: &impl Serialize) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: HeaderMap::new(),
            body: serde_json::to_vec(envelope).unwrap_or_default(),
        }
    }
}

/// A success on its way out through the door `D`.
pub(crate) struct Reply<D, T> {
    request_id: RequestId,
    warnings: Vec<String>,
    body: T,
    headers: HeaderMap,
    door: PhantomData<fn() -> D>,
}

impl<D: Door, T: Serialize> Reply<D, T> {
    /// A success with a body.
    pub(crate) fn new(ctx: &Ctx, body: T) -> Self {
        let (request_id, warnings) = (ctx.request_id, ctx.warnings());
        Self { request_id, warnings, body, headers: HeaderMap::new(), door: PhantomData }
    }

    /// The same with headers of its own.
    pub(crate) fn with_headers(self, headers: HeaderMap) -> Self {
        Self { headers, ..self }
    }
}

impl<D: Door, T: Serialize> IntoResponse for Reply<D, T> {
    fn into_response(self) -> Response {
        let mut body = Vec::with_capacity(USUAL);
        match serde_json::to_writer(&mut body, &D::success(self.request_id, self.warnings, self.body)) {
            Ok(()) => (self.headers, [(CONTENT_TYPE, JSON)], body).into_response(),
            Err(error) => Failure::Internal(format!("an answer has no JSON form: {error}")).into_response(),
        }
    }
}

/// A failure that the door has still to say.
#[derive(Clone)]
struct Unsaid(Arc<Failure>);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Unsaid(Arc::new(self)));
        response
    }
}

/// Puts routes behind a door: it says their refusals, their wrong methods and their panics.
pub fn behind<D: Door>(app: &Arc<App>, routes: Router<Arc<App>>) -> Router<Arc<App>> {
    routes
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn_with_state(app.clone(), say::<D>))
}

async fn say<D: Door>(State(app): State<Arc<App>>, ctx: Ctx, request: Request, next: Next) -> Response {
    let mut response = match timeout(LONGEST, served(&app, request, next)).await {
        Ok(response) => response,
        Err(_) => Failure::Unavailable(format!("a request took longer than {} s", LONGEST.as_secs()))
            .into_response(),
    };
    say_into::<D>(&mut response, &ctx, &app);
    response
}

/// A long body takes long to read, to check and to answer. Whoever has one from a caller of the API waits for those who ask
/// for little; browsers bring what people sign in by, and no credentials.
async fn served(app: &App, request: Request, next: Next) -> Response {
    let size = request.body().size_hint();
    if size.upper().is_some_and(|most| most <= LONG) || !request.headers().contains_key(AUTHORIZATION) {
        return next.run(request).await;
    }
    match app.yielding.serve(next.run(request)).await {
        Ok(response) => response,
        Err(error) => Failure::Internal(format!("a request ended early: {error}")).into_response(),
    }
}

/// Says the failure that a response carries, if it carries one: to a program in the dialect's envelope, to a person by a
/// page. Headers that are there stay.
pub(crate) fn say_into<D: Door>(response: &mut Response, ctx: &Ctx, app: &App) {
    let Some(Unsaid(failure)) = response.extensions_mut().remove::<Unsaid>() else { return };
    failure.log();
    let refusal = failure.refusal();
    let said = D::refuse(&refusal, ctx, &app.base_url);
    if matches!(said.status, StatusCode::UNAUTHORIZED | StatusCode::TOO_MANY_REQUESTS) {
        let (status, reason) = (said.status.as_u16(), refusal.what.name());
        tracing::info!(status, reason, "refused");
    }
    let at = response.extensions_mut().remove::<Whereabouts>().unwrap_or_default();
    *response.status_mut() = said.status;
    *response.body_mut() = Body::from(said.body);
    let headers = response.headers_mut();
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, JSON);
    // A person would have got a page.
    headers.insert(VARY, HeaderValue::from_static("accept"));
    headers.extend(said.headers);
    retry_later(response, &failure);
    if ctx.is_read_by_person {
        if let Some(challenge) = response.headers_mut().get_mut(WWW_AUTHENTICATE) {
            *challenge = NO_DIALOG;
        }
        let named = D::named(refusal.what);
        put(
            response,
            page(app, ctx, &Circumstances { refusal: &refusal, named, failed: None, trace: None, at: &at }),
            POLICY,
        );
    }
}

/// Says in the header when it is worth trying again, where that is known.
pub(crate) fn retry_later(response: &mut Response, failure: &Failure) {
    if let Some(seconds) = failure.retry_after() {
        response.headers_mut().entry(RETRY_AFTER).or_insert(HeaderValue::from(seconds));
    }
}

async fn method_not_allowed(method: Method) -> Failure {
    Refusal::new(What::MethodNotAllowed).found(method).into()
}

/// A panic is a defect: the client gets the opaque answer, the log the message.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over")]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message");
    Failure::Internal(format!("panicked: {message}")).into_response()
}
