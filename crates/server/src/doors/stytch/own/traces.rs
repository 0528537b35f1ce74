//! Sign-in traces for the project to read: our own endpoint (`docs/compatibility.md`).
//!
//! `GET /v1/vestibule/sign_in_traces?organization_id&connection_id&outcome&cursor&limit` and
//! `GET /v1/vestibule/sign_in_traces/{trace_id}`.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use serde::{Deserialize, Serialize};
use vestibule_domain::refusal::{Field, Refusal, SearchPart, Searched, Thing, What};
use vestibule_domain::trace::{Refused, SignInTrace, TraceOutcome, TraceStep};
use vestibule_store::tables::search::Cursor;
use vestibule_store::tables::traces::TraceFilter;

use crate::doors::stytch::caller::Caller;
use crate::doors::stytch::{Answer, kind, message, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::input::{Params, Path};
use crate::world::App;

/// The routes.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/vestibule/sign_in_traces", get(list))
        .route("/v1/vestibule/sign_in_traces/{trace_id}", get(one))
}

#[derive(Serialize)]
struct TraceOut<'a> {
    trace_id: String,
    organization_id: String,
    connection_id: String,
    request_id: &'a str,
    at: String,
    outcome: &'static str,
    member_id: Option<String>,
    error_type: Option<Cow<'a, str>>,
    error_message: Option<Cow<'a, str>>,
    steps: Vec<StepOut<'a>>,
    ip_address: &'a str,
    user_agent: &'a str,
}

#[derive(Serialize)]
struct StepOut<'a> {
    check: &'a str,
    passed: bool,
    found: &'a str,
    expected: &'a str,
}

impl<'a> From<&'a TraceStep> for StepOut<'a> {
    fn from(step: &'a TraceStep) -> Self {
        Self { check: &step.check, passed: step.passed, found: &step.found, expected: &step.expected }
    }
}

impl<'a> From<&'a SignInTrace> for TraceOut<'a> {
    fn from(trace: &'a SignInTrace) -> Self {
        let (member_id, refusal) = match &trace.outcome {
            TraceOutcome::Accepted { member_id } => (Some(member_id.to_string()), None),
            TraceOutcome::Refused(refused) => (None, Some(said(refused))),
        };
        Self {
            trace_id: trace.id.to_string(),
            organization_id: trace.organization_id.to_string(),
            connection_id: trace.connection_id.to_string(),
            request_id: &trace.request_id,
            at: trace.at.to_string(),
            outcome: trace.outcome.as_str(),
            member_id,
            error_type: refusal.as_ref().map(|(name, _)| name.clone()),
            error_message: refusal.map(|(_, message)| message),
            steps: trace.steps.iter().map(StepOut::from).collect(),
            ip_address: &trace.ip_address,
            user_agent: &trace.user_agent,
        }
    }
}

/// A refusal in this dialect's words; traces from before there were two dialects hold them already.
fn said(refused: &Refused) -> (Cow<'_, str>, Cow<'_, str>) {
    match refused {
        Refused::Meant { refusal } => {
            let kind = kind(refusal.what);
            (kind.name().into(), message(kind, refusal).into())
        }
        Refused::Worded { code, message } => (code.into(), message.into()),
    }
}

#[derive(Deserialize)]
struct ListParams {
    organization_id: Option<String>,
    connection_id: Option<String>,
    outcome: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct ListOut<'a> {
    sign_in_traces: Vec<TraceOut<'a>>,
    next_cursor: Option<String>,
}

/// Traces belong to the project's backend: a member's session does not open them.
fn backend_only(caller: &Caller) -> Result<(), Failure> {
    if caller.member_id().is_some() {
        return Err(What::Forbidden.into());
    }
    Ok(())
}

async fn list(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Params(params): Params<ListParams>,
) -> Answer {
    backend_only(&caller)?;
    let organization = match &params.organization_id {
        Some(locator) => Some(caller.organization(&app, locator).await?.id),
        None => None,
    };
    let connection = params.connection_id.as_deref().map(str::parse).transpose();
    let connection = connection.map_err(|_| Failure::from(What::NotFound(Thing::Connection)))?;
    let outcome = match params.outcome.as_deref() {
        None | Some("") => None,
        Some(known @ ("accepted" | "refused")) => Some(known),
        Some(_) => {
            return Err(Refusal::new(What::Invalid(Field::Setting))
                .because("outcome must be accepted or refused.")
                .into());
        }
    };
    let cursor = params.cursor.as_deref().filter(|text| !text.is_empty()).map(|text| {
        Cursor::parse(text)
            .ok_or_else(|| Failure::from(What::InvalidSearch(Searched::Organizations, SearchPart::Cursor)))
    });
    let cursor = cursor.transpose()?;
    let limit = params.limit.unwrap_or(100);
    if !(1..=1000).contains(&limit) {
        return Err(What::InvalidSearch(Searched::Organizations, SearchPart::Limit).into());
    }
    let filter = TraceFilter { organization, connection, outcome };
    let page = app.store.traces(caller.project.id, filter, cursor.as_ref(), limit).await?;
    ok(
        &ctx,
        ListOut {
            sign_in_traces: page.items.iter().map(TraceOut::from).collect(),
            next_cursor: page.next.map(|cursor| cursor.to_string()),
        },
    )
}

#[derive(Serialize)]
struct OneOut<'a> {
    sign_in_trace: TraceOut<'a>,
}

async fn one(State(app): State<Arc<App>>, ctx: Ctx, caller: Caller, Path(id): Path<String>) -> Answer {
    backend_only(&caller)?;
    let id = id.parse().map_err(|_| Failure::from(What::NotFound(Thing::Trace)))?;
    let trace = app.store.trace(caller.project.id, id).await?.ok_or(What::NotFound(Thing::Trace))?;
    ok(&ctx, OneOut { sign_in_trace: TraceOut::from(&trace) })
}
