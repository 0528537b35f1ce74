//! What a caller of the Management API reaches by the ids of the dialect. Each look-up names the project of the token.

use vestibule_domain::application::{Audience, ClientId};
use vestibule_domain::connection::Connection;
use vestibule_domain::id::{ConnectionId, OrganizationId};
use vestibule_domain::rbac::asks::ReadProjectApplications;
use vestibule_domain::rbac::{Ask, Entry, Grant};
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_domain::tenant::Tenant;

use super::Manager;
use crate::doors::auth0::access;
use crate::doors::auth0::wire::ids;
use crate::failure::Failure;
use crate::operations::applications;
use crate::world::App;

impl Manager {
    /// The right to do `A` in the project's home organization, which has what belongs to no other.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn home<A: Ask>(&self, app: &App) -> Result<Grant<A>, Failure> {
        Ok(self.place(app, self.project().home_organization).await?.grant()?)
    }

    /// An organization of the project, the home organization among them.
    ///
    /// # Errors
    /// There is none.
    pub(super) async fn place(&self, app: &App, id: OrganizationId) -> Result<Entry, Failure> {
        let found = app.store.organization_of(Tenant::stored(self.project().id, id)).await?;
        Ok(self.authority().clone().enter(found)?)
    }

    /// An organization by its id. The home organization is none that is shown.
    ///
    /// # Errors
    /// There is none.
    pub(super) async fn organization(&self, app: &App, id: &str) -> Result<Entry, Failure> {
        let id = ids::read_organization(id).filter(|id| *id != self.project().home_organization);
        self.place(app, id.ok_or(What::NotFound(Thing::Organization))?).await
    }

    /// A connection of the project by its id, with the organization that it belongs to. What an organization borrows is shown
    /// as what it borrows, and has no id here.
    ///
    /// # Errors
    /// There is none.
    pub(super) async fn connection(&self, app: &App, id: &str) -> Result<(Connection, Entry), Failure> {
        let id = ids::read_connection(id).ok_or(What::NotFound(Thing::Connection))?;
        let connection = self.connection_of(app, id).await?;
        let entry = self.place(app, connection.organization_id).await?;
        Ok((connection, entry))
    }

    /// The same by the house's own id, without its organization.
    ///
    /// # Errors
    /// There is none.
    pub(super) async fn connection_of(&self, app: &App, id: ConnectionId) -> Result<Connection, Failure> {
        let found = app.store.connection(&app.vault, self.project().id, id).await?;
        let found = found.filter(|connection| connection.borrowed().is_none());
        Ok(found.ok_or(What::NotFound(Thing::Connection))?)
    }

    /// Clients by their ids.
    ///
    /// # Errors
    /// One of them is not there.
    pub(super) async fn clients(&self, app: &App, ids: Vec<String>) -> Result<Vec<ClientId>, Failure> {
        let grant = self.grant::<ReadProjectApplications>()?;
        let mut clients = Vec::with_capacity(ids.len());
        for id in ids {
            let id: ClientId = id.parse().map_err(|_| What::NotFound(Thing::Application))?;
            applications::get(app, &grant, &id).await?;
            clients.push(id);
        }
        Ok(clients)
    }

    /// The origin that was asked, for addresses in what is shown.
    pub(super) fn origin(&self) -> &str {
        &self.site.origin
    }

    /// What the project is called where the dialect says tenant.
    pub(super) fn tenant(&self) -> String {
        self.project().id.to_string()
    }

    /// The API that a text names.
    ///
    /// # Errors
    /// It is no identifier of one.
    pub(super) fn audience(&self, text: &str) -> Result<Audience, Refusal> {
        access::audience(&self.site, text)
    }

    /// How an API is named.
    pub(super) fn audience_shown(&self, audience: &Audience) -> String {
        access::shown_audience(&self.site, audience)
    }
}
