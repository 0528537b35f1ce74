//! The log as this dialect has it: what sign-ins came to, and what was changed. It is read out of the traces and the audit trail,
//! the newest first.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use serde_json::Value;
use vestibule_domain::rbac::asks::ReadEvents;
use vestibule_domain::refusal::{SearchPart, What};

use super::needs::*;
use super::{Answer, Manager, ok};
use crate::doors::auth0::Auth0;
use crate::doors::auth0::wire::listing::{Bounds, Fields, Paging};
use crate::doors::auth0::wire::log as wire;
use crate::doors::auth0::wire::query::{Query, wrong};
use crate::http::ctx::Ctx;
use crate::http::endpoint::Endpoints;
use crate::http::input::Path;
use crate::operations::journal;
use crate::world::App;

/// Logs are read by up to a hundred, whichever way.
const BOUNDS: Bounds = Bounds { usual: 50, most: 100, most_taken: 100 };
/// What is further back than this is read from where the page before ended.
const MOST_SEEN: u32 = 1000;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Auth0> {
    Endpoints::new().get("/api/v2/logs", READ_LOGS, list).get("/api/v2/logs/{log_id}", READ_LOGS, show)
}

#[derive(Deserialize)]
struct LogPath {
    log_id: String,
}

async fn list(State(app): State<Arc<App>>, ctx: Ctx, manager: Manager, query: Query) -> Answer<Value> {
    let (paging, fields) = (Paging::read(&query, BOUNDS)?, Fields::read(&query)?);
    let reach = paging.skip() + paging.limit;
    if reach > MOST_SEEN {
        return Err(wrong(
            SearchPart::Cursor,
            format!("You can only page through the first {MOST_SEEN} records."),
            "page",
        )
        .into());
    }
    if query.text("q").or(query.text("search")).is_some() {
        return Err(
            wrong(SearchPart::Filter, "searches in logs are not supported by this server", "q").into()
        );
    }
    let grant = manager.grant::<ReadEvents>()?;
    let page = journal::read(&app, &grant, paging.after.as_ref(), reach).await?;
    let titles = journal::titles(&app, &grant, &page.items).await?;
    let wanted = page.items.iter().skip(paging.skip() as usize);
    let items = wanted.map(|entry| fields.of(wire::show(entry, &titles))).collect();
    ok(&ctx, paging.shown("logs", items, page.items.len() as u64, page.next.as_ref()))
}

async fn show(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<LogPath>,
) -> Answer<Value> {
    let grant = manager.grant::<ReadEvents>()?;
    let id = wire::read_id(&path.log_id).ok_or(What::NoSuchRoute)?;
    let entry = journal::one(&app, &grant, id).await?.ok_or(What::NoSuchRoute)?;
    let titles = journal::titles(&app, &grant, std::slice::from_ref(&entry)).await?;
    ok(&ctx, wire::show(&entry, &titles))
}
