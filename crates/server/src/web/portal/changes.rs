//! What was changed about the organization's sign-in, and by whom, the newest first.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use vestibule_domain::rbac::asks::ReadConnections;
use vestibule_domain::setup_link::Intent;
use vestibule_store::tables::search::Cursor;

use super::enter::{Shown, Visit};
use super::sign_in::Changed;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Params, Path};
use crate::operations::changes;
use crate::web::Pages;
use crate::web::page::{Frame, show};
use crate::world::App;

/// How many are on a page.
const PAGE: u32 = 25;

/// The endpoint of this file.
pub(super) fn endpoints() -> Endpoints<Pages> {
    Endpoints::new().get("/setup/{setup_handle}/changes", Needs::OpenedLink, look)
}

#[derive(Deserialize)]
struct Asked {
    before: Option<String>,
}

#[derive(Template)]
#[template(path = "setup/changed.html")]
struct Page {
    frame: Frame,
    changes: Vec<Changed>,
    /// Where those before are; `""` where there are none.
    older: String,
    /// Where the newest are; `""` on their page.
    newest: String,
}

async fn look(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    headers: HeaderMap,
    Path(handle): Path<String>,
    Params(asked): Params<Asked>,
) -> Shown {
    let visit = Visit::enter(app, ctx, &headers, (handle, Some(Intent::AuditLog))).await?;
    let before = asked.before.as_deref().and_then(Cursor::parse);
    let grant = visit.holder.grant::<ReadConnections>()?;
    let only = visit.holder.link.sees_only();
    let page = changes::list(&visit.app, &grant, only, (before.as_ref(), PAGE)).await?;
    let here = visit.path("/changes");
    let shown = Page {
        frame: visit.frame(),
        changes: page.items.iter().map(|event| Changed::of(&visit, event)).collect(),
        older: page.next.as_ref().map_or_else(String::new, |next| format!("{here}?before={next}")),
        newest: if before.is_some() { here } else { String::new() },
    };
    Ok(show(StatusCode::OK, shown.render().unwrap_or_default()))
}
