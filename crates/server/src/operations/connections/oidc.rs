//! OpenID Connect connections: make and change (contract 3.1.3). The provider's document is fetched before anything is
//! loaded to be saved, so that nothing waits on the network between reading and saving.

use vestibule_domain::connection::{Connection, Discovered, OidcPatch, ProviderLabel};
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::{ConnectionId, ConnectionKind};
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::{ChangeConnection, CreateConnection};
use vestibule_domain::refusal::{Thing, What};

use super::discovery::{self, Discovery};
use super::{change_one, draft, insert, load};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::change::Decision;
use crate::operations::events::Scene;
use crate::world::App;

/// Makes a connection with nothing set.
///
/// # Errors
/// Too many connections, or a display name that is too long.
pub(crate) async fn create(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<CreateConnection>,
    display_name: &str,
    label: ProviderLabel,
) -> Result<Connection, Failure> {
    let new = draft(app, grant, ConnectionKind::Oidc, display_name, label);
    let connection = Connection::new_oidc(&new, ctx.now)?;
    insert(app, ctx, grant, &connection).await?;
    Ok(connection)
}

/// A changed connection, and what the admin should know.
#[derive(Debug)]
pub(crate) struct Updated {
    /// The connection.
    pub connection: Connection,
    /// Why the provider's document could not be used, `""` when it was or was not asked.
    pub warning: String,
}

/// Changes a connection. When the issuer changes, the provider is asked for its document; a provider that does not
/// answer is a warning, not a refusal.
///
/// # Errors
/// A value that is not usable, or no such connection.
pub(crate) async fn update(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    id: ConnectionId,
    patch: OidcPatch,
) -> Result<Updated, Failure> {
    if id.kind() != ConnectionKind::Oidc {
        return Err(What::NotFound(Thing::OidcConnection).into());
    }
    // A first try against the values alone: nobody's document is fetched for a change that is refused.
    let mut probe = load(app, grant.tenant(), id).await?;
    let settings = probe.oidc().cloned().ok_or(What::NotFound(Thing::OidcConnection))?;
    probe.apply_oidc(patch.clone(), None, app.url_policy(), ctx.now)?;
    let issuer = patch.issuer.value().filter(|_| settings.changes_issuer(&patch));
    let discovery = match issuer {
        Some(issuer) => discovery::discover(app, issuer).await,
        None => Discovery::default(),
    };
    let connection = save(app, ctx, grant, id, &patch, discovery.found.as_ref()).await?;
    Ok(Updated { connection, warning: discovery.warning })
}

/// Saves a change whose document, if any was asked for, is at hand.
///
/// # Errors
/// As [`update`].
pub(crate) async fn save(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    id: ConnectionId,
    patch: &OidcPatch,
    found: Option<&Discovered>,
) -> Result<Connection, Failure> {
    change_one(app, grant, id, |connection| {
        let before = connection.clone();
        connection.apply_oidc(patch.clone(), found.cloned(), app.url_policy(), ctx.now)?;
        let event = Scene::of(ctx, grant)
            .event(app, EventKind::ConnectionUpdated, Object::Connection(id))
            .changed(&before, &*connection);
        Ok(Decision::save(event.acted()))
    })
    .await
}
