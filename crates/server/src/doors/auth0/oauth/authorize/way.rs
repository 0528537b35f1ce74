//! Through which connection somebody signs in to an application: the one that was asked for, the one of their address' domain, or
//! the only one.

use vestibule_domain::application::Application;
use vestibule_domain::connection::{Connection, ConnectionName, Way};
use vestibule_domain::email::EmailAddress;
use vestibule_domain::organization::Organization;
use vestibule_domain::refusal::{Refusal, What};

use super::request::Wishes;
use crate::caller::site::Site;
use crate::failure::Failure;
use crate::operations::connections::choice;
use crate::world::App;

/// The most connections that one domain's people are looked for at.
const MOST_AT_HOME: u32 = 20;
/// The most connections that are looked at when none is named.
const MOST_CANDIDATES: u32 = 100;

/// Where somebody goes.
pub(super) enum Chosen {
    /// This way.
    Way(Box<Way>),
    /// They have to say who they are, or choose one of these.
    Ask(Vec<Connection>),
}

/// Chooses.
///
/// # Errors
/// The connection that was asked for is not there, not enabled or not active.
pub(super) async fn choose(
    app: &App,
    site: &Site,
    application: &Application,
    organization: Option<&Organization>,
    wishes: &Wishes,
) -> Result<Chosen, Failure> {
    if let Some(name) = &wishes.connection {
        let found = named(app, site, name).await?.ok_or_else(|| refused("the connection was not found"))?;
        let way = usable(app, application, organization, found).await?;
        return way
            .map(|way| Chosen::Way(Box::new(way)))
            .ok_or_else(|| refused("the connection is not enabled"));
    }
    if let Some(way) = at_home(app, site, application, organization, wishes).await? {
        return Ok(Chosen::Way(Box::new(way)));
    }
    let candidates = candidates(app, site, application, organization).await?;
    // Whoever typed an address that leads nowhere is told so; the only way is taken by those who have not been asked.
    if wishes.identifier.is_none() && candidates.len() == 1 {
        let only = candidates.into_iter().next();
        let way = match only {
            Some(only) => usable(app, application, organization, only).await?,
            None => None,
        };
        return way
            .map(|way| Chosen::Way(Box::new(way)))
            .ok_or_else(|| refused("the connection is not enabled"));
    }
    Ok(Chosen::Ask(candidates))
}

/// The connection of a name.
pub(super) async fn named(app: &App, site: &Site, name: &str) -> Result<Option<Connection>, Failure> {
    let Ok(name) = ConnectionName::parse(name) else { return Ok(None) };
    Ok(app.store.connection_named(&app.vault, site.project.id, &name).await?)
}

/// The way of an address' domain.
async fn at_home(
    app: &App,
    site: &Site,
    application: &Application,
    organization: Option<&Organization>,
    wishes: &Wishes,
) -> Result<Option<Way>, Failure> {
    let said = wishes.identifier.as_deref().or(wishes.login_hint.as_deref());
    let Some(address) = said.and_then(|text| EmailAddress::parse(text).ok()) else { return Ok(None) };
    let domain = address.domain();
    let found = app.store.connections_at_home(&app.vault, site.project.id, domain, MOST_AT_HOME).await?;
    let mut ways = Vec::new();
    for connection in found {
        if let Ok(Some(way)) = usable(app, application, organization, connection).await {
            ways.push(way);
        }
    }
    if ways.len() > 1 {
        tracing::warn!(project = %site.project.id, ways = ways.len(), "several connections are at home at one domain");
    }
    Ok(ways.into_iter().next())
}

async fn candidates(
    app: &App,
    site: &Site,
    application: &Application,
    organization: Option<&Organization>,
) -> Result<Vec<Connection>, Failure> {
    let project = site.project.id;
    let ids =
        app.store.connections_of_application(project, application.id, None, Some(MOST_CANDIDATES)).await?;
    let mut candidates = Vec::new();
    for id in ids {
        let Some(connection) = app.store.connection(&app.vault, project, id).await? else { continue };
        if usable(app, application, organization, connection.clone()).await.is_ok_and(|way| way.is_some()) {
            candidates.push(connection);
        }
    }
    Ok(candidates)
}

/// The way through a connection for those who sign in to the application, and perhaps to the organization. `None` where it is
/// enabled for none of them.
///
/// # Errors
/// It is not active.
pub(super) async fn usable(
    app: &App,
    application: &Application,
    organization: Option<&Organization>,
    connection: Connection,
) -> Result<Option<Way>, Failure> {
    let enabled = app.store.is_enabled_for(connection.project_id, application.id, connection.id).await?;
    let for_all = !application.settings.first_party && connection.common.is_domain_level;
    if !enabled && !for_all {
        return Ok(None);
    }
    let through = match organization {
        None => Some(connection),
        Some(organization) if organization.id == connection.organization_id => Some(connection),
        Some(organization) => {
            let there = app.store.connections(&app.vault, organization.tenant()).await?;
            there
                .into_iter()
                .find(|one| one.borrowed().is_some_and(|settings| settings.lent_id == connection.id))
        }
    };
    let Some(through) = through else { return Ok(None) };
    let way = choice::way(app, through).await?;
    way.as_route().ready().map_err(|_| refused("the connection was disabled"))?;
    Ok(Some(way))
}

fn refused(why: &str) -> Failure {
    Refusal::new(What::Unreadable).because(why).into()
}
