//! What became of the requests of a directory, for its organization to read.

use vestibule_domain::directory::DirectoryTrace;
use vestibule_domain::id::{DirectoryId, DirectoryTraceId};
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::ReadDirectory;
use vestibule_domain::refusal::{Thing, What};
use vestibule_store::tables::search::{Cursor, Page};

use super::load;
use crate::failure::Failure;
use crate::world::App;

/// Requests that changed something or were refused, the newest first.
///
/// # Errors
/// There is no such directory.
pub(crate) async fn list(
    app: &App,
    grant: &Grant<ReadDirectory>,
    id: DirectoryId,
    outcome: Option<&str>,
    before: Option<&Cursor>,
    limit: u32,
) -> Result<Page<DirectoryTrace>, Failure> {
    let directory = load(app, grant.tenant(), id).await?;
    let project = directory.project_id;
    Ok(app.store.directory_traces(project, directory.id, outcome, before, limit).await?)
}

/// One of them.
///
/// # Errors
/// There is no such directory, or no such trace of it.
pub(crate) async fn one(
    app: &App,
    grant: &Grant<ReadDirectory>,
    id: DirectoryId,
    trace: &str,
) -> Result<DirectoryTrace, Failure> {
    let directory = load(app, grant.tenant(), id).await?;
    let missing = What::NotFound(Thing::DirectoryTrace);
    let trace: DirectoryTraceId = trace.parse().map_err(|_| missing)?;
    let found = app.store.directory_trace(directory.project_id, directory.id, trace).await?;
    Ok(found.ok_or(missing)?)
}
