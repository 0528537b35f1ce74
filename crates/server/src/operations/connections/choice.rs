//! Which connection a sign-in goes through: the one that is named, or the one that its organization leaves. Only one that
//! can be signed in through is given.

use vestibule_domain::connection::{Connection, ConnectionStatus};
use vestibule_domain::id::ConnectionId;
use vestibule_domain::project::Project;
use vestibule_domain::refusal::{Thing, What};

use crate::failure::Failure;
use crate::world::App;

/// The project's connection with this id.
///
/// # Errors
/// There is none, or it is not active.
pub async fn by_id(app: &App, project: &Project, id: &str) -> Result<Connection, Failure> {
    let id: ConnectionId = id.parse().map_err(|_| Failure::from(What::NotFound(Thing::Connection)))?;
    let found = app.store.connection(&app.vault, project.id, id).await?;
    let found = found.ok_or(What::NotFound(Thing::Connection))?;
    found.ready()?;
    Ok(found)
}

/// The organization's default connection, or its only active one.
///
/// # Errors
/// No such organization; it leaves no connection, or several; its default is not active.
pub async fn of_organization(app: &App, project: &Project, locator: &str) -> Result<Connection, Failure> {
    let organization =
        app.store.organization(project.id, locator).await?.ok_or(What::NotFound(Thing::Organization))?;
    let connections = app.store.connections(&app.vault, organization.tenant()).await?;
    if let Some(default) = organization.policy.sso_default_connection_id {
        let found = connections.into_iter().find(|connection| connection.id == default);
        let found = found.ok_or(What::NoActiveConnection)?;
        found.ready()?;
        return Ok(found);
    }
    let mut active = connections.into_iter().filter(|c| c.status() == ConnectionStatus::Active);
    match (active.next(), active.next()) {
        (None, _) => Err(What::NoActiveConnection.into()),
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => Err(What::SeveralActiveConnections.into()),
    }
}
