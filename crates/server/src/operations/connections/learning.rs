//! Discovery documents are read again: at each save, on a schedule, and when a sign-in is refused in a way that a provider
//! who has changed something would explain. What an administrator set is kept.

use std::sync::Arc;

use vestibule_domain::Time;
use vestibule_domain::connection::{Connection, OidcSettings, Route, Way};
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::refusal::What;
use vestibule_domain::time::Span;
use vestibule_store::Write;
use vestibule_store::tables::refreshes;

use super::discovery::{self, Document};
use crate::failure::Failure;
use crate::operations::change::{Decision, change};
use crate::operations::events::Scene;
use crate::world::App;
use crate::world::flights::Refreshed;

/// How long a document is good for when nothing calls for another reading.
const GOOD_FOR: Span = Span::days(1);
/// The least time between two readings that sign-ins ask for.
const APART: Span = Span::seconds(60);

/// Plans the next reading of a connection that was just saved.
pub(super) fn plan(connection: &Connection, now: Time) -> Option<Write> {
    let has_issuer = connection.oidc().is_some_and(|settings| !settings.issuer.is_empty());
    has_issuer.then(|| refreshes::plan(connection.project_id, connection.id, now.plus(GOOD_FOR)))
}

/// Reads a connection's document because a sign-in was refused as `known` has it. Of all sign-ins that ask, on all nodes,
/// one reads, at most once a minute; on this node the others wait for it. Gives the connection if it is another one now.
///
/// # Errors
/// The store's. That the provider does not answer is nothing new.
pub(crate) async fn learn_now(app: &Arc<App>, known: &Connection) -> Result<Option<Connection>, Failure> {
    let flight = app.documents.share((known.id, known.version), || {
        let (app, known) = (app.clone(), known.clone());
        async move {
            let learnt = learn(&app, &known).await?;
            Ok(learnt.map_or(Refreshed::NotNow, |connection| Refreshed::Changed(Box::new(connection))))
        }
    });
    match flight.await?? {
        Refreshed::Changed(connection) => Ok(Some(*connection)),
        Refreshed::Unchanged | Refreshed::NotNow => Ok(None),
    }
}

/// The way as it is once the provider's document has been read, where it lacks nothing but what that says: when the connection
/// was saved, the provider may have been down. It is read once a minute at most, whoever asks.
/// `None` where nothing was learnt.
///
/// # Errors
/// The store's.
pub(crate) async fn completed(app: &Arc<App>, route: Route<'_>) -> Result<Option<Way>, Failure> {
    let waits = route.source().oidc().is_some_and(OidcSettings::waits_for_document);
    if !waits {
        return Ok(None);
    }
    let Some(source) = learn_now(app, route.source()).await? else { return Ok(None) };
    let way = if route.is_borrowed() {
        Way::new(route.through().clone(), Some(source))
    } else {
        Way::new(source, None)
    };
    Ok(Some(way?))
}

async fn learn(app: &App, known: &Connection) -> Result<Option<Connection>, Failure> {
    if let Some(current) = app.store.connection_at_callback(&app.vault, known.id).await?
        && current.version != known.version
    {
        return Ok((current.provider() == known.provider()).then_some(current));
    }
    let now = app.clock.now();
    match app.store.commit(refreshes::claim_now(known.id, now, APART)).await {
        Err(error) if error.is_guard(refreshes::CLAIMED) => return Ok(None),
        other => other?,
    }
    read(app, known, now).await
}

/// Reads the document of a connection whose reading this node has claimed. Gives the connection if that changed it.
///
/// # Errors
/// The store's.
pub(super) async fn read(app: &App, known: &Connection, now: Time) -> Result<Option<Connection>, Failure> {
    match discovery::discover(app, known.tenant(), known.provider()).await {
        Ok(document) => taken_over(app, known, &document, now).await,
        Err(why) => {
            tracing::warn!(connection = %known.id, %why, "a provider's discovery document could not be read again; what is \
                known of it stays");
            Ok(None)
        }
    }
}

/// Saves what the document changed, with an event that tells the difference, and plans the next reading. A connection that
/// was moved meanwhile is left alone: the document is not about its provider.
async fn taken_over(
    app: &App,
    read_for: &Connection,
    document: &Document,
    now: Time,
) -> Result<Option<Connection>, Failure> {
    let (tenant, id) = (read_for.tenant(), read_for.id);
    let load = || super::load(app, tenant, id);
    let taken = change(app, id, load, |connection| {
        if connection.provider() != read_for.provider() {
            return Ok(Decision::Leave(false));
        }
        let before = connection.clone();
        let changed = connection.learn_oidc_again(document.says.clone(), now)?;
        let next = refreshes::plan(connection.project_id, id, now.plus(GOOD_FOR));
        if !changed {
            return Ok(Decision::SaveOthers(next.into(), false));
        }
        let event = Scene::unasked(tenant, now)
            .event(app, EventKind::MetadataChanged, Object::Connection(id))
            .changed(&before, &*connection);
        Ok(Decision::Save([event.write(), next].into(), true))
    });
    match taken.await {
        Ok((connection, changed)) => Ok(changed.then_some(connection)),
        // Somebody removed it meanwhile.
        Err(Failure::Refused(refusal)) if matches!(refusal.what, What::NotFound(_)) => Ok(None),
        Err(other) => Err(other),
    }
}
