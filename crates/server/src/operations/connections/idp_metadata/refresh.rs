//! Metadata that is given by URL is read again: on a schedule, by one node, and at once when a signature is by a key
//! that nobody knows.

use std::sync::Arc;

use serde_json::json;
use vestibule_domain::Time;
use vestibule_domain::connection::{Connection, MetadataChange};
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::ConnectionId;
use vestibule_domain::refusal::{Field, Thing, What};
use vestibule_domain::time::Span;
use vestibule_store::tables::refreshes;

use super::super::learning;
use super::{MetadataQuery, Read, from_url};
use crate::failure::Failure;
use crate::operations::change::{Decision, change};
use crate::operations::events::{Draft, Scene};
use crate::world::App;
pub use crate::world::flights::Refreshed;
use crate::world::telemetry::metric;

/// How many readings one round starts, and how many are under way at once.
const ROUND: u32 = 64;
const AT_ONCE: usize = 8;
/// When a reading that failed is tried again, and when one is whose node never came back.
const RETRY: Span = Span::minutes(60);
/// The least time between a reading and one that a sign-in asks for.
const APART: Span = Span::minutes(10);

/// Reads what is due. Answers how many documents this node read.
///
/// # Errors
/// The store's.
pub async fn due(app: &Arc<App>) -> Result<usize, Failure> {
    let now = app.clock.now();
    let mut running = tokio::task::JoinSet::new();
    let mut read = 0;
    for due in app.store.due_metadata_refreshes(now, ROUND).await? {
        match app.store.commit(refreshes::claim_due(&due, now.plus(RETRY), now)).await {
            Err(error) if error.is_guard(refreshes::CLAIMED) => continue,
            other => other?,
        }
        read += 1;
        if running.len() >= AT_ONCE {
            running.join_next().await;
        }
        let app = app.clone();
        running
            .spawn(async move { read_claimed(&app, due.connection_id, now).await.inspect_err(Failure::log) });
    }
    while running.join_next().await.is_some() {}
    Ok(read)
}

/// Reads a connection's metadata because a response is signed by a key that `known` does not have. Of all sign-ins
/// that ask, on all nodes, one reads, and not within ten minutes of the reading before; on this node the others wait
/// for it and see what it brought.
///
/// # Errors
/// The store's, and [`Failure::Busy`]. That the provider does not answer is [`Refreshed::NotNow`].
pub async fn refresh_now(app: &Arc<App>, known: &Connection) -> Result<Refreshed, Failure> {
    if known.saml().is_none_or(|settings| settings.metadata_url.is_empty()) {
        return Ok(Refreshed::NotNow);
    }
    let flight = app.documents.share((known.id, known.version), || {
        let (app, known) = (app.clone(), known.clone());
        async move { refresh(&app, &known).await }
    });
    flight.await?
}

async fn refresh(app: &App, known: &Connection) -> Result<Refreshed, Failure> {
    if let Some(current) = app.store.connection_at_callback(&app.vault, known.id).await?
        && current.version != known.version
    {
        return Ok(Refreshed::Changed(Box::new(current)));
    }
    let now = app.clock.now();
    match app.store.commit(refreshes::claim_now(known.id, now, APART)).await {
        Err(error) if error.is_guard(refreshes::CLAIMED) => return Ok(Refreshed::NotNow),
        other => other?,
    }
    match read_claimed(app, known.id, now).await {
        Ok(Some(changed)) => Ok(Refreshed::Changed(Box::new(changed))),
        Ok(None) => Ok(Refreshed::Unchanged),
        Err(Failure::Refused(_)) => Ok(Refreshed::NotNow),
        Err(other) => Err(other),
    }
}

/// Reads the metadata of a connection that this node has claimed. Gives the connection when it changed.
async fn read_claimed(app: &App, id: ConnectionId, now: Time) -> Result<Option<Connection>, Failure> {
    let connection = app.store.connection_at_callback(&app.vault, id).await?;
    if let Some(oidc) = connection.as_ref().filter(|found| found.oidc().is_some_and(|s| !s.issuer.is_empty()))
    {
        return learning::read(app, oidc, now).await;
    }
    let Some(connection) =
        connection.filter(|found| found.saml().is_some_and(|s| !s.metadata_url.is_empty()))
    else {
        app.store.commit(refreshes::forget(id)).await?;
        return Ok(None);
    };
    let outcome = match fetched(app, &connection, now).await {
        Ok(read) => taken_over(app, &connection, &read, now).await,
        Err(failure) => Err(failure),
    };
    let word = match &outcome {
        Ok(Some(_)) => "changed",
        Ok(None) => "unchanged",
        Err(_) => "failed",
    };
    metrics::counter!(metric::SAML_METADATA_REFRESHES, "outcome" => word).increment(1);
    if let Err(Failure::Refused(refusal)) = &outcome {
        tracing::warn!(connection = %id, error_type = refusal.what.name(), %refusal, "a provider's metadata could not be \
            taken over; what is known of it stays");
        if refusal.what == What::Invalid(Field::IdpEntityId) {
            let event = Scene::unasked(connection.tenant(), now)
                .event(app, EventKind::MetadataRefused, Object::Connection(id))
                .with("reason", refusal.detail().unwrap_or_default());
            app.store.commit(event.write()).await?;
        }
    }
    outcome
}

async fn fetched(app: &App, connection: &Connection, now: Time) -> Result<Read, Failure> {
    let settings = connection.saml().ok_or(What::NotFound(Thing::SamlConnection))?;
    let chosen =
        [&settings.metadata_entity_id, &settings.idp_entity_id].into_iter().find(|id| !id.is_empty());
    let query = MetadataQuery {
        tenant: connection.tenant(),
        entity_id: chosen.map(String::as_str),
        pinned: !settings.idp_entity_id.is_empty(),
        environment: connection.id.environment(),
        now,
    };
    from_url(app, &settings.metadata_url, query).await
}

/// Saves what the document changed, with an event that tells the difference, and plans the next reading. An
/// administrator who changes the connection at the same time is not overruled: the document is judged again by what
/// the connection is then, and not at all when it reads another document now.
async fn taken_over(
    app: &App,
    fetched_for: &Connection,
    read: &Read,
    now: Time,
) -> Result<Option<Connection>, Failure> {
    let (tenant, id) = (fetched_for.tenant(), fetched_for.id);
    let source = metadata_url(fetched_for);
    let load = || super::super::load(app, tenant, id);
    let taken = change(app, id, load, |connection| {
        if metadata_url(connection) != source {
            return Ok(Decision::Leave(false));
        }
        let change = connection.refresh_saml(read.description.clone(), app.url_policy(), now)?;
        let plan = refreshes::plan(connection.project_id, id, read.next);
        if change.is_empty() {
            return Ok(Decision::SaveOthers(plan.into(), false));
        }
        tracing::info!(connection = %id, change = ?change, "a provider's metadata has changed");
        let event = described(
            Scene::unasked(tenant, now).event(app, EventKind::MetadataChanged, Object::Connection(id)),
            &change,
        );
        Ok(Decision::Save([event.write(), plan].into(), true))
    });
    match taken.await {
        Ok((connection, changed)) => Ok(changed.then_some(connection)),
        // Somebody removed it meanwhile.
        Err(Failure::Refused(refusal)) if matches!(refusal.what, What::NotFound(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

fn metadata_url(connection: &Connection) -> Option<&str> {
    connection.saml().map(|settings| settings.metadata_url.as_str())
}

fn described(event: Draft, change: &MetadataChange) -> Draft {
    let mut event = event
        .with("certificates_added", json!(change.certificates_added))
        .with("certificates_removed", json!(change.certificates_removed));
    if let Some((from, to)) = &change.sso_url {
        event = event.with("idp_sso_url", json!({ "from": from, "to": to }));
    }
    if let Some(signed) = change.requests_signed {
        event = event.with("authn_requests_signed", signed);
    }
    event
}
