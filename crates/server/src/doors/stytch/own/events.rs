//! The audit trail for the project to read: our own endpoint (`docs/compatibility.md`).
//!
//! `GET /v1/vestibule/events?organization_id&action&object_id&cursor&limit`.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use vestibule_domain::event::{Change, Event};
use vestibule_domain::id::{OrganizationId, ProjectId};
use vestibule_domain::rbac::asks::ReadEvents;
use vestibule_domain::refusal::{Thing, What};
use vestibule_store::tables::events::EventFilter;

use super::traces::paged;
use crate::doors::stytch::caller::ByProject;
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Params;
use crate::world::App;

/// The endpoint of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    Endpoints::new().get("/v1/vestibule/events", Needs::ProjectAlone, list)
}

#[derive(Serialize)]
struct EventOut {
    event_id: String,
    at: String,
    action: String,
    actor: PartyOut,
    object: PartyOut,
    organization_id: Option<String>,
    changes: Vec<Change>,
    detail: Map<String, Value>,
    request_id: String,
    ip_address: String,
}

/// Who did something, or what it was done to.
#[derive(Serialize)]
struct PartyOut {
    r#type: &'static str,
    id: Option<String>,
}

impl From<Event> for EventOut {
    fn from(event: Event) -> Self {
        Self {
            event_id: event.id.to_string(),
            at: event.at.to_string(),
            action: event.kind.as_str().to_owned(),
            actor: PartyOut { r#type: event.actor.kind(), id: event.actor.id() },
            object: PartyOut { r#type: event.object.kind(), id: Some(event.object.to_string()) },
            organization_id: event.organization_id.map(|id| id.to_string()),
            changes: event.changes,
            detail: event.detail,
            request_id: event.request_id,
            ip_address: event.ip_address,
        }
    }
}

#[derive(Deserialize)]
struct ListParams {
    organization_id: Option<String>,
    action: Option<String>,
    object_id: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct ListOut {
    events: Vec<EventOut>,
    next_cursor: Option<String>,
}

async fn list(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<ReadEvents>,
    Params(params): Params<ListParams>,
) -> Answer<ListOut> {
    let (cursor, limit) = paged(params.cursor.as_deref(), params.limit)?;
    let filter = EventFilter {
        organization: match params.organization_id.filter(|text| !text.is_empty()) {
            Some(locator) => Some(organization(&app, grant.project_id(), &locator).await?),
            None => None,
        },
        kind: params.action.filter(|text| !text.is_empty()),
        object: params.object_id.filter(|text| !text.is_empty()),
    };
    let page = app.store.events(grant.project_id(), &filter, cursor.as_ref(), limit).await?;
    ok(
        &ctx,
        ListOut {
            events: page.items.into_iter().map(EventOut::from).collect(),
            next_cursor: page.next.map(|cursor| cursor.to_string()),
        },
    )
}

/// The organization that is meant. An id need not be one of an organization that is still there: what was deleted has
/// left its events.
async fn organization(app: &App, project: ProjectId, locator: &str) -> Result<OrganizationId, Failure> {
    if let Ok(id) = locator.parse() {
        return Ok(id);
    }
    let found = app.store.organization(project, locator).await?;
    Ok(found.ok_or(What::NotFound(Thing::Organization))?.id)
}
