//! What became of the requests of an organization's directory, for whoever set it up: our own endpoints
//! (`docs/compatibility.md`).
//!
//! `GET /v1/vestibule/organizations/{organization_id}/directories/{connection_id}/requests?outcome&cursor&limit` and the same
//! with `/{trace_id}`.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::directory::{DirectoryTrace, Outcome};
use vestibule_domain::id::{DirectoryId, DirectoryTraceId, MemberId};
use vestibule_domain::rbac::Action;
use vestibule_domain::rbac::asks::ReadDirectory;
use vestibule_domain::refusal::{Field, Refusal, What};
use vestibule_store::tables::search::Cursor;

use crate::doors::stytch::backend::scim::{limit, named};
use crate::doors::stytch::caller::Granted;
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Params, Path};
use crate::operations::directories::traces;
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    const ALL: &str = "/v1/vestibule/organizations/{organization_id}/directories/{connection_id}/requests";
    let right = Needs::Right(Action::ReadDirectory);
    Endpoints::new().get(ALL, right, list).get(&format!("{ALL}/{{trace_id}}"), right, one)
}

#[derive(Deserialize)]
struct DirectoryPath {
    connection_id: String,
}

#[derive(Deserialize)]
struct TracePath {
    connection_id: String,
    trace_id: String,
}

#[derive(Deserialize)]
struct ListParams {
    outcome: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct ToleratedOut {
    tolerance: String,
    times: u64,
}

#[derive(Serialize)]
struct RequestOut {
    trace_id: DirectoryTraceId,
    connection_id: DirectoryId,
    at: String,
    method: String,
    path: String,
    status: u16,
    outcome: &'static str,
    changed: Vec<String>,
    reason: Option<String>,
    detail: Option<String>,
    member_id: Option<MemberId>,
    tolerated: Vec<ToleratedOut>,
    request_id: String,
    ip_address: String,
    user_agent: String,
}

impl From<DirectoryTrace> for RequestOut {
    fn from(trace: DirectoryTrace) -> Self {
        let outcome = trace.outcome.as_str();
        let (changed, reason, detail) = match trace.outcome {
            Outcome::Done { changed } => (changed, None, None),
            Outcome::Refused { reason, detail } => (Vec::new(), Some(reason), Some(detail)),
        };
        let tolerated = trace.tolerated.into_iter();
        Self {
            trace_id: trace.id,
            connection_id: trace.directory_id,
            at: trace.at.to_string(),
            method: trace.method,
            path: trace.path,
            status: trace.status,
            outcome,
            changed,
            reason,
            detail,
            member_id: trace.member_id,
            tolerated: tolerated.map(|(tolerance, times)| ToleratedOut { tolerance, times }).collect(),
            request_id: trace.request_id,
            ip_address: trace.ip_address,
            user_agent: trace.user_agent,
        }
    }
}

#[derive(Serialize)]
struct ListOut {
    directory_requests: Vec<RequestOut>,
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct OneOut {
    directory_request: RequestOut,
}

async fn list(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Granted(grant): Granted<ReadDirectory>,
    Path(at): Path<DirectoryPath>,
    Params(params): Params<ListParams>,
) -> Answer<ListOut> {
    let id = named(&at.connection_id)?;
    let before = params.cursor.as_deref().filter(|text| !text.is_empty()).map(cursor).transpose()?;
    let outcome = params.outcome.as_deref().filter(|text| !text.is_empty());
    let limit = limit(params.limit)?;
    let page = traces::list(&app, &grant, id, outcome, before.as_ref(), limit).await?;
    let next_cursor = page.next.map(|cursor| cursor.to_string());
    ok(&ctx, ListOut { directory_requests: page.items.into_iter().map(Into::into).collect(), next_cursor })
}

fn cursor(text: &str) -> Result<Cursor, Failure> {
    let wrong = || Refusal::new(What::Invalid(Field::Setting)).because("cursor is none that was given.");
    Ok(Cursor::parse(text).ok_or_else(wrong)?)
}

async fn one(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Granted(grant): Granted<ReadDirectory>,
    Path(at): Path<TracePath>,
) -> Answer<OneOut> {
    let found = traces::one(&app, &grant, named(&at.connection_id)?, &at.trace_id).await?;
    ok(&ctx, OneOut { directory_request: found.into() })
}
