//! OpenID Connect connections: make and change. The provider's document is fetched before anything is
//! loaded to be saved, so that nothing waits on the network between reading and saving.

use vestibule_domain::connection::{
    Connection, ConnectionName, OidcPatch, OidcSettings, ProviderLabel, pasted,
};
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::{ConnectionId, ConnectionKind};
use vestibule_domain::patch::Patch;
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::{ChangeConnection, CreateConnection};
use vestibule_domain::refusal::{Thing, What};
use vestibule_domain::tenant::Tenant;

use super::discovery::{self, Document, NotFound};
use super::{assertion_key, change_one, draft, insert, learning, load, may_link, warnings};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::change::Decision;
use crate::operations::events::{Draft, Scene};
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
    let new = draft(app, grant.organization(), ConnectionKind::Oidc, display_name, label);
    let name = ConnectionName::derived(display_name, app.entropy.as_ref());
    let connection = Connection::new_oidc(&new, ctx.now)?.named(name);
    insert(app, ctx, grant, &connection).await?;
    Ok(connection)
}

/// A changed connection, and what the admin should know.
#[derive(Debug)]
pub(crate) struct Updated {
    /// The connection.
    pub connection: Connection,
    /// What the admin should know, `""` when there is nothing.
    pub warning: String,
    /// What the provider calls itself, if that is another issuer than was given and its document is not used therefore.
    pub other_issuer: Option<String>,
}

/// What came of asking a provider for its document.
#[derive(Default)]
struct Asked {
    /// The document, or why there is none; `None` where there is nobody to ask.
    document: Option<Result<Document, String>>,
    other_issuer: Option<String>,
}

/// Changes a connection. The provider is asked for its document each time, so that what was down, moved or changed is
/// learnt by saving; a provider that does not answer is a warning, not a refusal.
///
/// # Errors
/// A value that is not usable, no such connection, or [`Failure::Busy`].
pub(crate) async fn update(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    id: ConnectionId,
    mut patch: OidcPatch,
) -> Result<Updated, Failure> {
    if id.kind() != ConnectionKind::Oidc {
        return Err(What::NotFound(Thing::OidcConnection).into());
    }
    may_link(grant, &patch.link_existing_members_until)?;
    // A first try against the values alone: nobody's document is fetched for a change that is refused.
    let mut probe = load(app, grant.tenant(), id).await?;
    let before = settings(&probe)?;
    probe.apply_oidc(patch.clone(), None, app.url_policy(), ctx.now)?;
    let asked = asked(app, grant.tenant(), &patch, probe.provider()).await?;
    let given = patch.clone();
    if let Some(Ok(document)) = &asked.document
        && patch.issuer.is_given()
    {
        patch.issuer = Patch::Set(document.issuer.clone());
    }
    let found = asked.document.as_ref().and_then(|document| document.as_ref().ok());
    let connection = save(app, ctx, grant, id, &patch, found).await?;
    app.provider_keys.forget(id);
    let connection = assertion_key::given(app, connection, ctx.now).await?;
    let mut warning = warnings::of(&before, &given, &settings(&connection)?, asked.document.as_ref());
    if let Some(former) = assertion_key::warning(app, &connection) {
        warning = [warning, former].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
    }
    Ok(Updated { connection, warning, other_issuer: asked.other_issuer })
}

fn settings(connection: &Connection) -> Result<OidcSettings, Failure> {
    Ok(connection.oidc().cloned().ok_or(What::NotFound(Thing::OidcConnection))?)
}

/// Asks the issuer that the connection will have for its document, if it will have one.
async fn asked(app: &App, tenant: Tenant, patch: &OidcPatch, issuer: &str) -> Result<Asked, Failure> {
    if issuer.is_empty() {
        return Ok(Asked::default());
    }
    let given = patch.issuer.value().map(|text| pasted::trimmed(text));
    let found = match given {
        Some(address) if address != issuer => discovery::discover_at_address_of(app, tenant, issuer).await,
        _ => discovery::discover(app, tenant, issuer).await,
    };
    match found {
        Err(NotFound::Failed(failure)) => Err(failure),
        other => Ok(Asked {
            other_issuer: other.as_ref().err().and_then(NotFound::other_issuer),
            document: Some(other.map_err(|why| why.to_string())),
        }),
    }
}

/// Says whose key signs from now on, where that was changed.
fn told_signer(event: Draft, before: &Connection, after: &Connection) -> Draft {
    let signer = |connection: &Connection| connection.oidc().map(OidcSettings::client_assertion_signer);
    match signer(after) {
        Some(now) if signer(before) != Some(now) => event.with("client_assertion_signer", now.as_str()),
        _ => event,
    }
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
    found: Option<&Document>,
) -> Result<Connection, Failure> {
    change_one(app, grant, id, |connection| {
        let before = connection.clone();
        // A document of an issuer that the connection has not any more says nothing about it.
        let found = found.filter(|found| patch.issuer.is_given() || connection.provider() == found.issuer);
        connection.apply_oidc(
            patch.clone(),
            found.map(|found| found.says.clone()),
            app.url_policy(),
            ctx.now,
        )?;
        let event = Scene::of(ctx, grant)
            .event(app, EventKind::ConnectionUpdated, Object::Connection(id))
            .changed(&before, &*connection);
        let event = told_signer(event, &before, connection);
        Ok(Decision::save(event.acted().with(learning::plan(connection, ctx.now))))
    })
    .await
}
