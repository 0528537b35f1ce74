//! Connections that are said as a whole: made with all their settings in one batch, and changed with all of them replaced. Nothing
//! is left behind of one that is refused.

use vestibule_domain::connection::{
    CommonPatch, Connection, ConnectionName, MAX_HOME_CONNECTIONS, OidcPatch, Protocol, SamlPatch, Strategy,
};
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::{ConnectionId, ConnectionKind};
use vestibule_domain::patch::Patch;
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::{ChangeConnection, CreateConnection};
use vestibule_domain::refusal::{Thing, What};
use vestibule_store::Batch;

use super::described::Described;
use super::saml::{SuppliedMaterial, plan, read_material};
use super::{assertion_key, change_one, draft, insert_with, learning, load, oidc, saml, saml_keys};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::change::Decision;
use crate::operations::events::Scene;
use crate::world::App;

/// What a new connection is, beside its settings.
#[derive(Clone, Debug)]
pub(crate) struct New<'a> {
    /// What applications ask for it by.
    pub name: ConnectionName,
    /// What it is made for.
    pub strategy: Strategy,
    /// What people call it, `""` for its name.
    pub display_name: &'a str,
}

impl New<'_> {
    fn finished(self, mut connection: Connection) -> Connection {
        connection.common.strategy = Some(self.strategy);
        connection.named(self.name)
    }
}

/// Makes an OpenID Connect connection of the project with what the provider's document says.
///
/// # Errors
/// Values that are not usable, a name that another connection has, too many connections.
pub(crate) async fn make_oidc(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<CreateConnection>,
    new: New<'_>,
    patch: OidcPatch,
    found: Option<&Described>,
) -> Result<Connection, Failure> {
    let drafted =
        draft(app, grant.organization(), ConnectionKind::Oidc, new.display_name, new.strategy.label());
    let mut connection = new.finished(Connection::new_oidc(&drafted, ctx.now)?);
    connection.apply_oidc(patch, found.map(|found| found.says.says.clone()), app.url_policy(), ctx.now)?;
    connection.version = 1;
    let reading = Batch::new().with(learning::plan(&connection, ctx.now));
    insert_with(app, ctx, grant, &connection, (reading, MAX_HOME_CONNECTIONS)).await?;
    assertion_key::given(app, connection, ctx.now).await
}

/// Makes a SAML connection of the project with what its metadata says.
///
/// # Errors
/// Values that are not usable, metadata that cannot be had, a name or an entity id that another connection has.
pub(crate) async fn make_saml(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<CreateConnection>,
    new: New<'_>,
    mut patch: SamlPatch,
    supplied: SuppliedMaterial,
) -> Result<Connection, Failure> {
    let drafted =
        draft(app, grant.organization(), ConnectionKind::Saml, new.display_name, new.strategy.label());
    let key = saml_keys::new_signing_key(app, grant.tenant(), drafted.id, ctx.now).await?;
    let mut connection = new.finished(Connection::new_saml(&drafted, key, ctx.now)?);
    patch.check_alternatives(&app.callback_url(connection.id))?;
    let read = read_material(app, ctx, &connection, &mut patch, supplied).await?;
    let described = read.as_ref().map(|read| read.description.clone());
    connection.apply_saml(patch, described, app.url_policy(), ctx.now)?;
    connection.version = 1;
    let reading = Batch::new().with(plan(&connection, read.as_ref()));
    insert_with(app, ctx, grant, &connection, (reading, MAX_HOME_CONNECTIONS)).await?;
    Ok(connection)
}

/// Replaces the settings of an OpenID Connect connection.
///
/// # Errors
/// As for [`make_oidc`], or no such connection.
pub(crate) async fn replace_oidc(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    id: ConnectionId,
    patch: &OidcPatch,
    found: Option<&Described>,
) -> Result<Connection, Failure> {
    let connection = oidc::save(app, ctx, grant, id, patch, found.map(|found| &found.says)).await?;
    app.provider_keys.forget(id);
    assertion_key::given(app, connection, ctx.now).await
}

/// Replaces the settings of a SAML connection. Certificates that are given are all there are from now on.
///
/// # Errors
/// As for [`make_saml`], or no such connection.
pub(crate) async fn replace_saml(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    id: ConnectionId,
    patch: SamlPatch,
    supplied: SuppliedMaterial,
) -> Result<Connection, Failure> {
    let replaces = supplied.certificates.is_some();
    let connection = saml::update(app, ctx, grant, id, patch, supplied).await?.connection;
    let Some(newest) = connection.saml().and_then(|settings| settings.verification_certificates.last())
    else {
        return Ok(connection);
    };
    let is_alone = connection.saml().is_some_and(|settings| settings.verification_certificates.len() == 1);
    if !replaces || newest.from_metadata || is_alone {
        return Ok(connection);
    }
    keep_certificate(app, ctx, grant, id, newest.fingerprint.clone()).await
}

/// Takes all verification certificates away but one, which was just given.
async fn keep_certificate(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    id: ConnectionId,
    fingerprint: String,
) -> Result<Connection, Failure> {
    change_one(app, grant, id, |connection| {
        let before = connection.clone();
        let settings = connection.saml().ok_or(What::NotFound(Thing::SamlConnection))?;
        let others: Vec<_> = settings
            .verification_certificates
            .iter()
            .filter(|one| one.fingerprint != fingerprint && !one.from_metadata)
            .map(|one| one.id)
            .collect();
        if others.is_empty() {
            return Ok(Decision::Leave(()));
        }
        for other in others {
            connection.remove_verification_certificate(other, ctx.now)?;
        }
        let event = Scene::of(ctx, grant)
            .event(app, EventKind::ConnectionUpdated, Object::Connection(id))
            .changed(&before, &*connection);
        Ok(Decision::save(event.acted()))
    })
    .await
}

/// Changes what connections of every protocol are set to, and what people call one.
///
/// # Errors
/// A value that is not usable, or no such connection.
pub(crate) async fn change_common(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    id: ConnectionId,
    display_name: Patch<String>,
    common: CommonPatch,
) -> Result<Connection, Failure> {
    match load(app, grant.tenant(), id).await?.protocol {
        Protocol::Oidc(_) => {
            let patch = OidcPatch { display_name, common, ..OidcPatch::default() };
            oidc::save(app, ctx, grant, id, &patch, None).await
        }
        Protocol::Saml(_) => {
            let patch = SamlPatch { display_name, common, ..SamlPatch::default() };
            Ok(saml::update(app, ctx, grant, id, patch, SuppliedMaterial::default()).await?.connection)
        }
        Protocol::External(_) => Err(What::NotFound(Thing::Connection).into()),
    }
}
