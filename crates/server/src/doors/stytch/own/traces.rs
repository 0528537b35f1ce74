//! Sign-in traces for the project to read, and for the members of an organization who may see its connections: our own
//! endpoints (`docs/compatibility.md`).
//!
//! `GET /v1/vestibule/sign_in_traces?organization_id&connection_id&outcome&reason&person&request_id&since&until&cursor&limit`
//! and `GET /v1/vestibule/sign_in_traces/{trace_id}`; the same below `/v1/vestibule/organizations/{organization_id}`.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::id::{OrganizationId, ProjectId};
use vestibule_domain::rbac::Action;
use vestibule_domain::rbac::asks::ReadTraces;
use vestibule_domain::refusal::{Field, Refusal, SearchPart, Searched, Thing, What, Whose};
use vestibule_domain::time::Time;
use vestibule_domain::trace::{Refused, SignInTrace, TraceOutcome, TraceStep};
use vestibule_store::tables::search::{Cursor, Page};
use vestibule_store::tables::traces::TraceFilter;

use crate::doors::stytch::caller::{ByProject, Caller, Granted};
use crate::doors::stytch::{Answer, Stytch, kind, message, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Params, Path};
use crate::operations::traces;
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    const OF_ORGANIZATION: &str = "/v1/vestibule/organizations/{organization_id}/sign_in_traces";
    let right = Needs::Right(Action::ReadConnections);
    Endpoints::new()
        .get("/v1/vestibule/sign_in_traces?organization_id", Needs::ProjectAlone, list)
        .get("/v1/vestibule/sign_in_traces/{trace_id}", Needs::ProjectAlone, one)
        .get(OF_ORGANIZATION, right, list_of_organization)
        .get(&format!("{OF_ORGANIZATION}/{{trace_id}}"), right, one_of_organization)
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
    /// Who can change it.
    changed_by: Option<&'static str>,
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
            TraceOutcome::Tested | TraceOutcome::Abandoned => (None, None),
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
            changed_by: whose(&trace.outcome),
            steps: trace.steps.into_iter().map(StepOut::from).collect(),
            ip_address: trace.ip_address,
            user_agent: trace.user_agent,
        }
    }
}

fn whose(outcome: &TraceOutcome) -> Option<&'static str> {
    match outcome {
        TraceOutcome::Refused(Refused::Meant { refusal }) => refusal.what.whose().map(Whose::as_str),
        TraceOutcome::Abandoned => Some(Whose::Provider.as_str()),
        _ => None,
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
    /// Where the path does not name it.
    organization_id: Option<String>,
    connection_id: Option<String>,
    outcome: Option<String>,
    reason: Option<String>,
    person: Option<String>,
    request_id: Option<String>,
    since: Option<String>,
    until: Option<String>,
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
    ok(&ctx, listed(&app, grant.project_id(), organization, params).await?)
}

async fn list_of_organization(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Granted(grant): Granted<ReadTraces>,
    Params(params): Params<ListParams>,
) -> Answer<ListOut> {
    ok(&ctx, listed(&app, grant.project_id(), Some(grant.tenant().organization_id()), params).await?)
}

async fn listed(
    app: &App,
    project: ProjectId,
    organization: Option<OrganizationId>,
    params: ListParams,
) -> Result<ListOut, Failure> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let connection = given(params.connection_id).map(|id| id.parse()).transpose();
    let connection = connection.map_err(|_| Failure::from(What::NotFound(Thing::Connection)))?;
    let outcome = given(params.outcome);
    if outcome.as_deref().is_some_and(|outcome| !TraceOutcome::NAMES.contains(&outcome)) {
        let known = TraceOutcome::NAMES.join(", ");
        let why = format!("outcome must be one of: {known}.");
        return Err(Refusal::new(What::Invalid(Field::Setting)).because(why).into());
    }
    let (reason, person) = (given(params.reason), given(params.person));
    let (cursor, limit) = paged(params.cursor.as_deref(), params.limit)?;
    let filter = TraceFilter {
        organization,
        connection,
        outcome: outcome.as_deref(),
        since: instant("since", params.since)?,
        until: instant("until", params.until)?,
    };
    let is_meant = |trace: &SignInTrace| {
        reason.as_deref().is_none_or(|reason| is_because(trace, reason))
            && person.as_deref().is_none_or(|person| trace.is_about(person))
    };
    let page = match given(params.request_id) {
        Some(id) => {
            let id = id.parse().map_err(|_| Failure::from(What::NotFound(Thing::Trace)))?;
            let found = app.store.trace_of(project, id, filter).await?.filter(is_meant);
            Page { items: found.into_iter().collect(), next: None }
        }
        None if reason.is_some() || person.is_some() => {
            app.store.traces_where(project, filter, cursor.as_ref(), limit, is_meant).await?
        }
        None => app.store.traces(project, filter, cursor.as_ref(), limit).await?,
    };
    Ok(ListOut {
        sign_in_traces: page.items.into_iter().map(TraceOut::from).collect(),
        next_cursor: page.next.map(|cursor| cursor.to_string()),
    })
}

/// Whether a sign-in was refused for a reason, by this dialect's name of it.
fn is_because(trace: &SignInTrace, reason: &str) -> bool {
    matches!(&trace.outcome, TraceOutcome::Refused(refused) if said(refused).0 == reason)
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

/// A time in the params.
pub(super) fn instant(name: &str, text: Option<String>) -> Result<Option<Time>, Failure> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let time = Time::from_rfc3339(&text);
    let wrong = || Refusal::new(What::Unreadable).found(format!("{name}={text}")).expected(EXPECTED_TIME);
    time.map(Some).ok_or_else(|| wrong().into())
}

const EXPECTED_TIME: &str = "a time such as 2026-01-31T00:00:00Z";

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
    let found = found(&app, grant.project_id(), &id).await?;
    ok(&ctx, OneOut { sign_in_trace: found.into() })
}

async fn one_of_organization(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Granted(grant): Granted<ReadTraces>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<OneOut> {
    let id = id.parse().map_err(|_| Failure::from(What::NotFound(Thing::Trace)))?;
    let found = traces::one(&app, &grant, id).await?;
    ok(&ctx, OneOut { sign_in_trace: found.into() })
}

async fn found(app: &App, project: ProjectId, id: &str) -> Result<SignInTrace, Failure> {
    let id = id.parse().map_err(|_| Failure::from(What::NotFound(Thing::Trace)))?;
    Ok(app.store.trace(project, id).await?.ok_or(What::NotFound(Thing::Trace))?)
}
