//! Which connection a sign-in goes through: the one that is named, or the one that its organization leaves. Only one that
//! can be signed in through is given, with the one that it borrows.

use std::sync::Arc;

use vestibule_domain::connection::{Connection, Way};
use vestibule_domain::id::ConnectionId;
use vestibule_domain::project::Project;
use vestibule_domain::refusal::{Thing, What};

use super::learning;
use crate::failure::Failure;
use crate::world::App;

/// The way through a connection.
///
/// # Errors
/// It borrows a connection that is not there any more; the store's.
pub(crate) async fn way(app: &App, through: Connection) -> Result<Way, Failure> {
    let lent = app.store.lent(&app.vault, &through).await?;
    Ok(Way::new(through, lent)?)
}

/// The way through a connection, which is active, or becomes so by what its provider's document says now.
async fn ready_way(app: &Arc<App>, through: Connection) -> Result<Way, Failure> {
    let way = way(app, through).await?;
    let learnt = learning::completed(app, way.as_route()).await?;
    let way = learnt.unwrap_or(way);
    way.as_route().ready()?;
    Ok(way)
}

/// The way through the project's connection with this id.
///
/// # Errors
/// There is none, or it is not active.
pub(crate) async fn by_id(app: &Arc<App>, project: &Project, id: &str) -> Result<Way, Failure> {
    let id: ConnectionId = id.parse().map_err(|_| Failure::from(What::NotFound(Thing::Connection)))?;
    let found = app.store.connection(&app.vault, project.id, id).await?;
    ready_way(app, found.ok_or(What::NotFound(Thing::Connection))?).await
}

/// The way through the organization's default connection, or its only active one.
///
/// # Errors
/// No such organization; it leaves no connection, or several; its default is not active.
pub(crate) async fn of_organization(
    app: &Arc<App>,
    project: &Project,
    locator: &str,
) -> Result<Way, Failure> {
    let organization =
        app.store.organization(project.id, locator).await?.ok_or(What::NotFound(Thing::Organization))?;
    let tenant = organization.tenant();
    let id = match organization.policy.sso_default_connection_id {
        Some(default) => default,
        None => only_active(&app.store.connection_ids(tenant).await?)?,
    };
    let found = app.store.connection_of(&app.vault, tenant, id).await?;
    ready_way(app, found.ok_or(What::NoActiveConnection)?).await
}

/// The one active connection of those. One that cannot be read counts: another is not chosen in its place.
fn only_active(connections: &[(ConnectionId, bool)]) -> Result<ConnectionId, What> {
    let mut active = connections.iter().filter(|(_, active)| *active);
    match (active.next(), active.next()) {
        (None, _) => Err(What::NoActiveConnection),
        (Some((only, _)), None) => Ok(*only),
        (Some(_), Some(_)) => Err(What::SeveralActiveConnections),
    }
}
