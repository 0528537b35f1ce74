//! Answers: the success body with its two common members, and every refusal as one row of the catalogue
//! (contract sections 1.1 and 8.1).

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use thiserror::Error;
use vestibule_domain::fault::{Fault, FaultKind};
use vestibule_store::StoreError;

use crate::ctx::Ctx;

/// Why an operation did not do what was asked.
#[derive(Debug, Error)]
pub enum Failure {
    /// The asker's side: shown as it is.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Our side: the client learns the request id, the log everything.
    #[error("{0}")]
    Internal(String),
    /// The store cannot be reached or is overloaded: worth trying again.
    #[error("{0}")]
    Unavailable(String),
}

impl From<FaultKind> for Failure {
    fn from(kind: FaultKind) -> Self {
        Self::Fault(kind.into())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Nul => Fault::new(FaultKind::InvalidRequest)
                .because("A text holds a NUL character, which cannot be kept.")
                .into(),
            StoreError::Unavailable(_) => Self::Unavailable(error.to_string()),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl Failure {
    /// The row of the catalogue the client sees.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Fault(fault) => fault.clone(),
            Self::Internal(_) => FaultKind::Internal.into(),
            Self::Unavailable(_) => FaultKind::Unavailable.into(),
        }
    }

    /// Logs what the client will not be told.
    pub fn log(&self) {
        match self {
            Self::Fault(_) => {}
            Self::Internal(error) => tracing::error!(error, "request failed"),
            Self::Unavailable(error) => tracing::warn!(error, "the store is not available"),
        }
    }
}

/// The answer of every API handler.
pub type Answer = Result<Response, Failure>;

/// A refusal on its way out; [`render_failure`] turns it into the envelope, where the request id is known.
#[derive(Clone)]
struct Pending(std::sync::Arc<Failure>);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Pending(std::sync::Arc::new(self)));
        response
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    status_code: u16,
    request_id: String,
    error_type: &'a str,
    error_message: String,
    error_url: String,
}

/// Replaces a pending refusal by the error envelope.
pub fn render_failure(response: &mut Response, ctx: &Ctx, base_url: &str, span: &tracing::Span) {
    let Some(Pending(failure)) = response.extensions_mut().remove::<Pending>() else { return };
    span.in_scope(|| failure.log());
    *response = error_response(&failure.fault(), ctx, base_url);
}

/// A refusal as the error envelope. Its URL leads to this server's own list of errors.
fn error_response(fault: &Fault, ctx: &Ctx, base_url: &str) -> Response {
    let status = fault.kind.status();
    let envelope = Envelope {
        status_code: status,
        request_id: ctx.request_id.to_string(),
        error_type: fault.kind.name(),
        error_message: fault.to_string(),
        error_url: format!("{base_url}/errors/{status}#{}", fault.kind.name()),
    };
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (code, Json(envelope)).into_response();
    if status == 401 {
        response
            .headers_mut()
            .insert(http::header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"vestibule\""));
    }
    response
}

#[derive(Serialize)]
struct Success<T> {
    request_id: String,
    status_code: u16,
    #[serde(flatten)]
    body: T,
}

/// A success: the body's members beside `request_id` and `status_code`.
pub fn ok<T: Serialize>(ctx: &Ctx, body: T) -> Answer {
    Ok(Json(Success { request_id: ctx.request_id.to_string(), status_code: 200, body }).into_response())
}

/// A success with nothing to say.
pub fn done(ctx: &Ctx) -> Answer {
    #[derive(Serialize)]
    struct Nothing {}
    ok(ctx, Nothing {})
}
