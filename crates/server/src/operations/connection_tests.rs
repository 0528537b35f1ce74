//! Tests of connections: prepared with the right to change one, begun by whoever follows the link, once, and read by the first. What a
//! test comes to is written by the engine in the batch that ends its sign-in.

use vestibule_domain::connection::{Connection, Way};
use vestibule_domain::connection_test::ConnectionTest;
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::{ConnectionId, ConnectionTestId, ProjectId};
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::{ChangeConnection, ReadConnections};
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_domain::secret::Token;
use vestibule_domain::trace::TraceStep;
use vestibule_store::tables::connection_tests;

use super::connections;
use super::events::Scene;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// Prepares a test of a connection as it is set now. The token is good for ten minutes and once.
///
/// # Errors
/// There is no such connection, it is borrowed, or settings are missing without which no sign-in begins.
pub(crate) async fn prepare(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    id: ConnectionId,
    return_to: String,
) -> Result<(ConnectionTest, Token), Failure> {
    let connection = connections::load(app, grant.tenant(), id).await?;
    connection.ready_to_test()?;
    let token = Token::generate(app.entropy.as_ref());
    let by = (grant.actor().clone(), return_to);
    let test = ConnectionTest::prepare(&connection, by, &token, (ctx.now, app.entropy.as_ref()));
    let told = Scene::of(ctx, grant)
        .event(app, EventKind::ConnectionTestPrepared, Object::Connection(id))
        .with("test_id", test.id.to_string());
    app.store.commit(told.acted().with([connection_tests::insert(&test)])).await?;
    Ok((test, token))
}

/// A test of a connection of the organization.
///
/// # Errors
/// There is none.
pub(crate) async fn get(
    app: &App,
    grant: &Grant<ReadConnections>,
    (connection, id): (ConnectionId, ConnectionTestId),
) -> Result<(ConnectionTest, Connection), Failure> {
    let connection = connections::load(app, grant.tenant(), connection).await?;
    let found = app.store.connection_test(grant.project_id(), connection.id, id).await?;
    Ok((found.ok_or(What::NotFound(Thing::ConnectionTest))?, connection))
}

/// The latest test of a connection, if there was one.
///
/// # Errors
/// The store's.
pub(crate) async fn latest(app: &App, connection: &Connection) -> Result<Option<ConnectionTest>, Failure> {
    Ok(app.store.latest_connection_test(connection.project_id, connection.id).await?)
}

/// The checks that were made, as far as the trace is kept.
///
/// # Errors
/// The store's.
pub(crate) async fn checks(
    app: &App,
    project: ProjectId,
    test: &ConnectionTest,
) -> Result<Vec<TraceStep>, Failure> {
    let Some(outcome) = &test.outcome else { return Ok(Vec::new()) };
    let trace = app.store.trace(project, outcome.trace_id).await?;
    Ok(trace.map(|trace| trace.steps).unwrap_or_default())
}

/// Uses the token of a test up, and gives the way that is tested.
///
/// # Errors
/// [`Thing::ConnectionTest`] is not found for a token that is none, was used, or is over; the connection was set otherwise
/// meanwhile.
pub(crate) async fn begin(app: &App, ctx: &Ctx, token: &Token) -> Result<(ConnectionTest, Way), Failure> {
    let gone = || Failure::from(What::NotFound(Thing::ConnectionTest));
    let test = app.store.connection_test_of_token(&token.hash()).await?.ok_or_else(gone)?;
    if test.started_at.is_some() || ctx.now >= test.expires_at() {
        return Err(gone());
    }
    let connection = connections::load(app, test.tenant(), test.connection_id).await?;
    if test.is_out_of_date(&connection) {
        return Err(Refusal::new(What::NotFound(Thing::ConnectionTest))
            .because("The connection was changed since the test was prepared: prepare another one.")
            .into());
    }
    match app.store.commit(connection_tests::start(&test, ctx.now)).await {
        Err(error) if error.is_guard(connection_tests::UNSTARTED) => Err(gone()),
        Err(error) => Err(error.into()),
        Ok(()) => Ok((test, Way::new(connection, None)?)),
    }
}
