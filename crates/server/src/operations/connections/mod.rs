//! Connections: make, change and remove (contract 3.1). The identity provider's document is fetched before
//! anything is loaded, so that nothing waits on the network between reading and saving.

pub mod discovery;
pub mod idp_metadata;
pub mod saml;
pub mod saml_keys;

use vestibule_domain::connection::{
    Connection, ConnectionStatus, Discovered, MAX_CONNECTIONS, OidcPatch, ProviderLabel,
};
use vestibule_domain::id::{ConnectionId, ConnectionKind};
use vestibule_domain::rbac::Permit;
use vestibule_domain::refusal::{Counted, Name, Refusal, Thing, What};
use vestibule_store::tables::{connections, notices, organizations, refreshes, registrations, sessions};
use vestibule_store::{Batch, Write};

use self::discovery::Discovery;
use super::audit;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// All connections of the permit's organization.
///
/// # Errors
/// The store's.
pub async fn list(app: &App, permit: &Permit) -> Result<Vec<Connection>, Failure> {
    Ok(app.store.connections(&app.vault, permit.project_id(), permit.organization_id()).await?)
}

/// One connection of the permit's organization.
///
/// # Errors
/// `sso_connection_not_found`, also for another organization's.
pub async fn load(app: &App, permit: &Permit, id: ConnectionId) -> Result<Connection, Failure> {
    let found = app
        .store
        .organization_connection(&app.vault, permit.project_id(), permit.organization_id(), id)
        .await?;
    Ok(found.ok_or(What::NotFound(Thing::Connection))?)
}

/// Makes an OpenID Connect connection with nothing set.
///
/// # Errors
/// Too many connections, or a display name that is too long.
pub async fn create_oidc(
    app: &App,
    ctx: &Ctx,
    permit: &Permit,
    display_name: &str,
    label: ProviderLabel,
) -> Result<Connection, Failure> {
    check_room(app, permit).await?;
    let project = permit.project_id();
    let id = ConnectionId::generate(ConnectionKind::Oidc, project.environment(), app.entropy.as_ref());
    let connection =
        Connection::new_oidc(id, project, permit.organization_id(), display_name, label, ctx.now)?;
    insert(app, ctx, permit, &connection).await?;
    Ok(connection)
}

/// Refuses a further connection of an organization that has as many as it may have.
///
/// # Errors
/// `too_many_sso_connections`.
pub(super) async fn check_room(app: &App, permit: &Permit) -> Result<(), Failure> {
    if list(app, permit).await?.len() < MAX_CONNECTIONS {
        return Ok(());
    }
    Err(Refusal::new(What::TooMany(Counted::Connections))
        .because(format!("At most {MAX_CONNECTIONS} are possible."))
        .into())
}

/// Keeps a new connection.
///
/// # Errors
/// The store's.
pub(super) async fn insert(
    app: &App,
    ctx: &Ctx,
    permit: &Permit,
    connection: &Connection,
) -> Result<(), Failure> {
    let note = audit::note(app, ctx, permit, "connection.create", connection.id);
    Ok(app.store.commit([connections::insert(connection, &app.vault, app.entropy.as_ref())?, note]).await?)
}

/// Loads, decides and saves until nobody else was faster. What `decide` gives is saved in the same batch.
///
/// # Errors
/// What `decide` refuses; no such connection; an entity id that another connection of the organization has.
pub(super) async fn change(
    app: &App,
    permit: &Permit,
    id: ConnectionId,
    decide: impl Fn(&mut Connection) -> Result<Vec<Write>, Refusal>,
) -> Result<Connection, Failure> {
    for _ in 0..super::ATTEMPTS {
        let mut connection = load(app, permit, id).await?;
        let decided_on = connection.version;
        let more = decide(&mut connection)?;
        let update = connections::update(&connection, decided_on, &app.vault, app.entropy.as_ref())?;
        match app.store.commit(Batch::new().with([update]).with(more)).await {
            Ok(()) => return Ok(connection),
            Err(error) if error.is_guard(connections::VERSION) => {}
            Err(error) if error.is_unique(connections::IDP_ENTITY) => {
                return Err(What::Taken(Name::IdpEntityId).into());
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::Unavailable("a connection kept changing under this request".to_owned()))
}

/// A changed connection, and what the admin should know.
#[derive(Debug)]
pub struct Updated {
    /// The connection.
    pub connection: Connection,
    /// Why the provider's document could not be used, `""` when it was or was not asked.
    pub warning: String,
}

/// Changes an OpenID Connect connection. When the issuer changes, the provider is asked for its document;
/// a provider that does not answer is a warning, not a refusal.
///
/// # Errors
/// A value that is not usable, or no such connection.
pub async fn update_oidc(
    app: &App,
    ctx: &Ctx,
    permit: &Permit,
    id: ConnectionId,
    patch: OidcPatch,
) -> Result<Updated, Failure> {
    if id.kind() != ConnectionKind::Oidc {
        return Err(What::NotFound(Thing::OidcConnection).into());
    }
    // A first try against the values alone: nobody's document is fetched for a change that is refused.
    let mut probe = load(app, permit, id).await?;
    let settings = probe.oidc().cloned().ok_or(What::NotFound(Thing::OidcConnection))?;
    probe.apply_oidc(patch.clone(), None, app.url_policy(), ctx.now)?;
    let issuer = patch.issuer.as_deref().filter(|_| settings.changes_issuer(&patch));
    let discovery = match issuer {
        Some(issuer) => discovery::discover(app, issuer).await,
        None => Discovery::default(),
    };
    let connection = save(app, ctx, permit, id, &patch, discovery.found.as_ref()).await?;
    Ok(Updated { connection, warning: discovery.warning })
}

/// Saves a change whose document, if any was asked for, is at hand.
///
/// # Errors
/// As [`update_oidc`].
pub async fn save(
    app: &App,
    ctx: &Ctx,
    permit: &Permit,
    id: ConnectionId,
    patch: &OidcPatch,
    found: Option<&Discovered>,
) -> Result<Connection, Failure> {
    change(app, permit, id, |connection| {
        connection.apply_oidc(patch.clone(), found.cloned(), app.url_policy(), ctx.now)?;
        Ok(vec![audit::note(app, ctx, permit, "connection.update", id)])
    })
    .await
}

/// Removes a connection, with its registrations and the sessions that hold a factor of it.
///
/// # Errors
/// No such connection, or it is the organization's default.
pub async fn delete(app: &App, ctx: &Ctx, permit: &Permit, id: ConnectionId) -> Result<(), Failure> {
    load(app, permit, id).await?;
    let organization = app.store.organization_by_id(permit.project_id(), permit.organization_id()).await?;
    let mut organization = organization.ok_or(What::NotFound(Thing::Organization))?;
    if organization.policy.sso_default_connection_id == Some(id) {
        return Err(What::IsDefault.into());
    }
    let (project, tenant, decided_on) = (permit.project_id(), permit.organization_id(), organization.version);
    let mut batch = Batch::new().with([
        connections::delete(project, tenant, id, ctx.now),
        registrations::delete_of_connection(project, id),
        sessions::revoke_by_connection(project, tenant, id),
        refreshes::forget(id),
        notices::forget(id),
        audit::note(app, ctx, permit, "connection.delete", id),
    ]);
    if organization.forget_connection(id, ctx.now) {
        batch = batch.with(organizations::update(&organization, decided_on));
    }
    match app.store.commit(batch).await {
        Err(error) if error.is_guard(connections::EXISTS) => Err(What::NotFound(Thing::Connection).into()),
        other => Ok(other?),
    }
}

/// Whether a connection can be signed in through.
///
/// # Errors
/// `requires_active_sso_connection` naming what is missing.
pub fn require_active(connection: &Connection) -> Result<(), Refusal> {
    if connection.status() == ConnectionStatus::Active {
        return Ok(());
    }
    let missing = connection.missing().join(", ");
    Err(Refusal::new(What::ConnectionNotActive).because(format!("Missing: {missing}.")))
}
