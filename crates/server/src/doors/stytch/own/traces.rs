//! Sign-in traces for the project to read: our own endpoint (`docs/compatibility.md`).
//!
//! `GET /v1/vestibule/sign_in_traces?organization_id&connection_id&outcome&cursor&limit` and
//! `GET /v1/vestibule/sign_in_traces/{trace_id}`.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::rbac::asks::ReadTraces;
use vestibule_domain::refusal::{Field, Refusal, SearchPart, Searched, Thing, What};
use vestibule_domain::trace::{Refused, SignInTrace, TraceOutcome, TraceStep};
use vestibule_store::tables::search::Cursor;
use vestibule_store::tables::traces::TraceFilter;

use crate::doors::stytch::caller::{ByProject, Caller};
use crate::doors::stytch::{Answer, Stytch, kind, message, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Params, Path};
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    Endpoints::new().get("/v1/vestibule/sign_in_traces?organization_id", Needs::ProjectAlone, list).get(
        "/v1/vestibule/sign_in_traces/{trace_id}",
        Needs::ProjectAlone,
        one,
    )
}

#[derive(Serialize)]
struct TraceOut {
    trace_id: String,
    organization_id: String,
    connection_id: String,
    request_id: String,
    at: String,
    outcome: &'static str,
    member_id: Option<String>,
    error_type: Option<String>,
    error_message: Option<String>,
    steps: Vec<StepOut>,
    ip_address: String,
    user_agent: String,
}

#[derive(Serialize)]
struct StepOut {
    check: String,
    passed: bool,
    found: String,
    expected: String,
}

impl From<TraceStep> for StepOut {
    fn from(step: TraceStep) -> Self {
        Self { check: step.check, passed: step.passed, found: step.found, expected: step.expected }
    }
}

impl From<SignInTrace> for TraceOut {
    fn from(trace: SignInTrace) -> Self {
        let (member_id, refusal) = match &trace.outcome {
            TraceOutcome::Accepted { member_id } => (Some(member_id.to_string()), None),
            TraceOutcome::Refused(refused) => (None, Some(said(refused))),
            TraceOutcome::Tested => (None, None),
        };
        Self {
            trace_id: trace.id.to_string(),
            organization_id: trace.organization_id.to_string(),
            connection_id: trace.connection_id.to_string(),
            request_id: trace.request_id,
            at: trace.at.to_string(),
            outcome: trace.outcome.as_str(),
            member_id,
            error_type: refusal.as_ref().map(|(name, _)| name.clone()),
            error_message: refusal.map(|(_, message)| message),
            steps: trace.steps.into_iter().map(StepOut::from).collect(),
            ip_address: trace.ip_address,
            user_agent: trace.user_agent,
        }
    }
}

/// A refusal in this dialect's words; traces from before there were two dialects hold them already.
fn said(refused: &Refused) -> (String, String) {
    match refused {
        Refused::Meant { refusal } => {
            let kind = kind(refusal.what);
            (kind.name().to_owned(), message(kind, refusal))
        }
        Refused::Worded { code, message } => (code.clone(), message.clone()),
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
struct ListOut {
    sign_in_traces: Vec<TraceOut>,
    next_cursor: Option<String>,
}

async fn list(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<ReadTraces>,
    caller: Caller,
    Params(params): Params<ListParams>,
) -> Answer<ListOut> {
    let organization = match &params.organization_id {
        Some(locator) => Some(caller.enter(&app, locator).await?.organization().id),
        None => None,
    };
    let connection = params.connection_id.as_deref().map(str::parse).transpose();
    let connection = connection.map_err(|_| Failure::from(What::NotFound(Thing::Connection)))?;
    let outcome = match params.outcome.as_deref() {
        None | Some("") => None,
        Some(known @ ("accepted" | "refused" | "tested")) => Some(known),
        Some(_) => {
            return Err(Refusal::new(What::Invalid(Field::Setting))
                .because("outcome must be accepted, refused or tested.")
                .into());
        }
    };
    let (cursor, limit) = paged(params.cursor.as_deref(), params.limit)?;
    let filter = TraceFilter { organization, connection, outcome };
    let page = app.store.traces(grant.project_id(), filter, cursor.as_ref(), limit).await?;
    ok(
        &ctx,
        ListOut {
            sign_in_traces: page.items.into_iter().map(TraceOut::from).collect(),
            next_cursor: page.next.map(|cursor| cursor.to_string()),
        },
    )
}

/// Where a page begins and how long it is.
pub(super) fn paged(cursor: Option<&str>, limit: Option<u32>) -> Result<(Option<Cursor>, u32), Refusal> {
    let cursor = cursor.filter(|text| !text.is_empty()).map(|text| {
        Cursor::parse(text).ok_or(What::InvalidSearch(Searched::Organizations, SearchPart::Cursor))
    });
    let limit = limit.unwrap_or(100);
    if !(1..=1000).contains(&limit) {
        return Err(What::InvalidSearch(Searched::Organizations, SearchPart::Limit).into());
    }
    Ok((cursor.transpose()?, limit))
}

#[derive(Serialize)]
struct OneOut {
    sign_in_trace: TraceOut,
}

async fn one(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<ReadTraces>,
    Path(id): Path<String>,
) -> Answer<OneOut> {
    let id = id.parse().map_err(|_| Failure::from(What::NotFound(Thing::Trace)))?;
    let found = app.store.trace(grant.project_id(), id).await?;
    ok(&ctx, OneOut { sign_in_trace: found.ok_or(What::NotFound(Thing::Trace))?.into() })
}
