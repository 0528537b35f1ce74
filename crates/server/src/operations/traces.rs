//! What sign-ins came to, for whoever may read it in an organization, and what is known of others like it.

use vestibule_domain::event::{Event, EventKind};
use vestibule_domain::id::{ConnectionId, TraceId};
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::ReadTraces;
use vestibule_domain::refusal::{Thing, What};
use vestibule_domain::time::{Span, Time};
use vestibule_domain::trace::{Refused, SignInTrace, TraceOutcome};
use vestibule_store::tables::events::EventFilter;
use vestibule_store::tables::search::{Cursor, Page};
use vestibule_store::tables::traces::TraceFilter;

use crate::failure::Failure;
use crate::world::App;

/// How many refusals of a connection are compared with one.
const COMPARED: u32 = 200;
/// How many changes are shown, and in how many events they are looked for.
const MOST_CHANGES: usize = 20;
const LOOKED_THROUGH: u32 = 200;
/// How far back changes are looked for, where nobody has signed in before.
const BEFORE: Span = Span::days(30);

/// Which sign-ins of an organization are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted<'a> {
    /// Only those of a connection.
    pub connection: Option<ConnectionId>,
    /// Only those that ended so: one of [`TraceOutcome::NAMES`].
    pub outcome: Option<&'a str>,
    /// Only those of somebody.
    pub person: Option<&'a str>,
    /// Only those since then.
    pub since: Option<Time>,
}

/// A part of the organization's sign-ins, the newest first.
///
/// # Errors
/// The store's.
pub(crate) async fn list(
    app: &App,
    grant: &Grant<ReadTraces>,
    wanted: Wanted<'_>,
    (before, limit): (Option<&Cursor>, u32),
) -> Result<Page<SignInTrace>, Failure> {
    let filter = TraceFilter {
        organization: Some(grant.tenant().organization_id()),
        connection: wanted.connection,
        outcome: wanted.outcome,
        since: wanted.since,
        until: None,
    };
    let project = grant.project_id();
    Ok(match wanted.person {
        Some(person) => {
            let is_meant = |trace: &SignInTrace| trace.is_about(person);
            app.store.traces_where(project, filter, before, limit, is_meant).await?
        }
        None => app.store.traces(project, filter, before, limit).await?,
    })
}

/// One sign-in of the organization.
///
/// # Errors
/// There is none.
pub(crate) async fn one(app: &App, grant: &Grant<ReadTraces>, id: TraceId) -> Result<SignInTrace, Failure> {
    let found = app.store.trace(grant.project_id(), id).await?;
    let is_theirs = |trace: &SignInTrace| trace.organization_id == grant.tenant().organization_id();
    Ok(found.filter(is_theirs).ok_or(What::NotFound(Thing::Trace))?)
}

/// What is known beside a sign-in.
#[derive(Debug, Default)]
pub(crate) struct Neighbours {
    /// Of the connection's latest refusals, how many have the same reason, and how many were compared.
    pub same: (usize, usize),
    /// When somebody last signed in through the connection before.
    pub last_success: Option<Time>,
    /// What was changed about the connection since then, the latest first.
    pub changes: Vec<Event>,
}

/// What is known of others through the same connection.
///
/// # Errors
/// The store's.
pub(crate) async fn neighbours(
    app: &App,
    grant: &Grant<ReadTraces>,
    trace: &SignInTrace,
) -> Result<Neighbours, Failure> {
    let (project, here) = (grant.project_id(), Cursor::new(trace.at, trace.id));
    let through = |outcome| TraceFilter {
        organization: Some(trace.organization_id),
        connection: Some(trace.connection_id),
        outcome: Some(outcome),
        ..TraceFilter::default()
    };
    let success = app.store.traces(project, through("accepted"), Some(&here), 1).await?;
    let last_success = success.items.first().map(|success| success.at);
    let filter = EventFilter {
        object: Some(trace.connection_id.to_string()),
        since: Some(last_success.unwrap_or(trace.at.minus(BEFORE))),
        until: Some(trace.at),
        ..EventFilter::default()
    };
    // Every sign-in through the connection is told of it, too: they are no changes.
    let mut changes = app.store.events(project, &filter, None, LOOKED_THROUGH).await?.items;
    changes.retain(is_change);
    changes.truncate(MOST_CHANGES);
    let same = match reason(trace) {
        None => (0, 0),
        Some(what) => {
            let refused = app.store.traces(project, through("refused"), None, COMPARED).await?.items;
            (refused.iter().filter(|other| reason(other) == Some(what)).count(), refused.len())
        }
    };
    Ok(Neighbours { same, last_success, changes })
}

/// Whether something is set otherwise since.
pub(crate) fn is_change(event: &Event) -> bool {
    !matches!(event.kind, EventKind::MemberSignedIn | EventKind::ConnectionTestPrepared)
}

/// Why a sign-in was refused, as far as it is known by its meaning.
pub(crate) fn reason(trace: &SignInTrace) -> Option<What> {
    match &trace.outcome {
        TraceOutcome::Refused(Refused::Meant { refusal }) => Some(refusal.what),
        _ => None,
    }
}
