//! The audit trail for the project to read: our own endpoint (`docs/compatibility.md`).
//!
//! `GET /v1/vestibule/events?organization_id&action&object_id&since&until&cursor&limit`.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::id::{OrganizationId, ProjectId};
use vestibule_domain::rbac::asks::ReadEvents;
use vestibule_domain::refusal::{Thing, What};
use vestibule_store::tables::events::EventFilter;

use super::traces::{instant, paged};
use crate::doors::stytch::caller::ByProject;
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Params;
use crate::operations::event_view::EventView;
use crate::world::App;

/// The endpoint of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    Endpoints::new().get("/v1/vestibule/events", Needs::ProjectAlone, list)
}

#[derive(Deserialize)]
struct ListParams {
    organization_id: Option<String>,
    action: Option<String>,
    object_id: Option<String>,
    since: Option<String>,
    until: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct ListOut {
    events: Vec<EventView>,
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
        since: instant("since", params.since)?,
        until: instant("until", params.until)?,
    };
    let page = app.store.events(grant.project_id(), &filter, cursor.as_ref(), limit).await?;
    ok(
        &ctx,
        ListOut {
            events: page.items.into_iter().map(EventView::from).collect(),
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
