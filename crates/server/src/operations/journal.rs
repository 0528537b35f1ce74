//! What happened in a project, in one order: what sign-ins came to, and what was changed. Two records are read side by side, and
//! neither is written for it.

use std::collections::{HashMap, HashSet};

use vestibule_domain::Time;
use vestibule_domain::event::{Event, EventKind, Object};
use vestibule_domain::id::{AuditId, ConnectionId, TraceId};
use vestibule_domain::rbac::ProjectGrant;
use vestibule_domain::rbac::asks::ReadEvents;
use vestibule_domain::trace::SignInTrace;
use vestibule_store::tables::events::EventFilter;
use vestibule_store::tables::search::{Cursor, Page};
use vestibule_store::tables::traces::TraceFilter;

use super::people::Title;
use crate::failure::Failure;
use crate::world::App;

/// One entry.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    /// What a sign-in came to.
    SignIn(Box<SignInTrace>),
    /// What was changed.
    Change(Box<Event>),
}

/// Which entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryId {
    /// A sign-in.
    SignIn(TraceId),
    /// A change.
    Change(AuditId),
}

impl Entry {
    /// When it happened.
    #[must_use]
    pub(crate) fn at(&self) -> Time {
        match self {
            Self::SignIn(trace) => trace.at,
            Self::Change(event) => event.at,
        }
    }

    fn place(&self) -> Cursor {
        match self {
            Self::SignIn(trace) => Cursor::new(trace.at, trace.id),
            Self::Change(event) => Cursor::new(event.at, event.id),
        }
    }

    /// The connection that it is about, if it is about one.
    #[must_use]
    pub(crate) fn connection(&self) -> Option<ConnectionId> {
        match self {
            Self::SignIn(trace) => Some(trace.connection_id),
            Self::Change(event) => match event.object {
                Object::Connection(id) => Some(id),
                _ => None,
            },
        }
    }
}

/// Whether an event says what the trace of the sign-in says already, or what nobody did.
fn is_told_elsewhere(event: &Event) -> bool {
    matches!(
        event.kind,
        EventKind::MemberSignedIn
            | EventKind::SessionStarted
            | EventKind::FirstFactorAwaited
            | EventKind::SecondFactorAwaited
    )
}

/// Up to so many entries, the newest first.
///
/// # Errors
/// The store's.
pub(crate) async fn read(
    app: &App,
    grant: &ProjectGrant<ReadEvents>,
    before: Option<&Cursor>,
    limit: u32,
) -> Result<Page<Entry>, Failure> {
    let project = grant.project_id();
    let traces = app.store.traces(project, TraceFilter::default(), before, limit).await?;
    let events = app.store.events(project, &EventFilter::default(), before, limit).await?;
    let more = traces.next.is_some() || events.next.is_some();
    let mut all: Vec<Entry> = traces.items.into_iter().map(|one| Entry::SignIn(Box::new(one))).collect();
    all.extend(events.items.into_iter().map(|one| Entry::Change(Box::new(one))));
    // As the records are ordered, so that a place in one is a place in both.
    all.sort_by(|a, b| (b.at(), b.place().parts().1).cmp(&(a.at(), a.place().parts().1)));
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = more || all.len() > most;
    all.truncate(most);
    let next = all.last().filter(|_| has_more).map(Entry::place);
    all.retain(|entry| !matches!(entry, Entry::Change(event) if is_told_elsewhere(event)));
    Ok(Page { items: all, next })
}

/// One entry.
///
/// # Errors
/// The store's.
pub(crate) async fn one(
    app: &App,
    grant: &ProjectGrant<ReadEvents>,
    id: EntryId,
) -> Result<Option<Entry>, Failure> {
    let project = grant.project_id();
    Ok(match id {
        EntryId::SignIn(id) => app.store.trace(project, id).await?.map(|one| Entry::SignIn(Box::new(one))),
        EntryId::Change(id) => app.store.event(project, id).await?.map(|one| Entry::Change(Box::new(one))),
    })
}

/// What the connections of some entries are called. One that is gone is called nothing.
///
/// # Errors
/// The store's.
pub(crate) async fn titles(
    app: &App,
    grant: &ProjectGrant<ReadEvents>,
    entries: &[Entry],
) -> Result<HashMap<ConnectionId, Title>, Failure> {
    let ids: HashSet<ConnectionId> = entries.iter().filter_map(Entry::connection).collect();
    let ids: Vec<ConnectionId> = ids.into_iter().collect();
    let found = app.store.connection_summaries(grant.project_id(), &ids).await?;
    Ok(found.iter().map(|connection| (connection.id, Title::of(connection))).collect())
}
