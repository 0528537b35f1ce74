//! Which connection a sign-in goes through: the one that is named, or the one that its organization leaves. Only one that
//! can be signed in through is given.

use vestibule_domain::connection::Connection;
use vestibule_domain::id::ConnectionId;
use vestibule_domain::project::Project;
use vestibule_domain::refusal::{Thing, What};

use crate::failure::Failure;
use crate::world::App;

/// The project's connection with this id.
///
/// # Errors
/// There is none, or it is not active.
pub(crate) async fn by_id(app: &App, project: &Project, id: &str) -> Result<Connection, Failure> {
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
pub(crate) async fn of_organization(
    app: &App,
    project: &Project,
    locator: &str,
) -> Result<Connection, Failure> {
    let organization =
        app.store.organization(project.id, locator).await?.ok_or(What::NotFound(Thing::Organization))?;
    let tenant = organization.tenant();
    let id = match organization.policy.sso_default_connection_id {
        Some(default) => default,
        None => only_active(&app.store.connection_ids(tenant).await?)?,
    };
    let found = app.store.connection_of(&app.vault, tenant, id).await?;
    let found = found.ok_or(What::NoActiveConnection)?;
    found.ready()?;
    Ok(found)
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
