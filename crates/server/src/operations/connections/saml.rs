//! SAML connections: make, change, and take keys away.

use serde_json::Value;
use vestibule_domain::Patch;
use vestibule_domain::connection::{Connection, ConnectionName, ProviderLabel, SamlPatch};
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::{ConnectionId, ConnectionKind, SamlEncryptionKeyId, SamlVerificationKeyId};
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::{ChangeConnection, CreateConnection};
use vestibule_domain::refusal::{Field, Refusal, Thing, What};
use vestibule_domain::secret::Secret;
use vestibule_store::tables::refreshes;
use vestibule_store::{Batch, Write};

use super::idp_metadata::{self, MetadataQuery, Read};
use super::{change_one, check_roles, draft, insert, load, may_link, saml_keys};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::change::Decision;
use crate::operations::events::Scene;
use crate::world::App;
use crate::world::telemetry::metric;

/// What an update brings as text: certificates, keys and metadata, which are read before anything is loaded.
#[derive(Debug, Default)]
pub(crate) struct SuppliedMaterial {
    /// One or several certificates in PEM.
    pub certificates: Option<String>,
    /// A private key to sign with.
    pub signing_key: Option<Secret>,
    /// A private key to decrypt with.
    pub encryption_key: Option<Secret>,
    /// The provider's metadata itself, instead of an address where it is.
    pub metadata_xml: Option<String>,
}

/// Makes a SAML connection with nothing set but a key that signs our messages.
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
    let new = draft(app, grant.organization(), ConnectionKind::Saml, display_name, label);
    let key = saml_keys::new_signing_key(app, grant.tenant(), new.id, ctx.now).await?;
    let name = ConnectionName::derived(display_name, app.entropy.as_ref());
    let connection = Connection::new_saml(&new, key, ctx.now)?.named(name);
    insert(app, ctx, grant, &connection).await?;
    Ok(connection)
}

/// Changes a SAML connection. Metadata, given by address or pasted, sets entity id, address for sign-ins and
/// certificates; what is given explicitly wins over it. An address is kept and read again from time to time.
///
/// # Errors
/// A value that is not usable, metadata that cannot be had or describes another provider than the connection's, an entity
/// id that another connection of the organization has, a role that does not exist, or no such connection.
pub(crate) async fn update(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    id: ConnectionId,
    mut patch: SamlPatch,
    supplied: SuppliedMaterial,
) -> Result<Updated, Failure> {
    require_saml(id)?;
    may_link(grant, &patch.link_existing_members_until)?;
    // Nobody's keys are read and nobody's document is fetched for a connection that is not there.
    let probe = load(app, grant.tenant(), id).await.map_err(as_saml)?;
    patch.check_alternatives(&app.callback_url(id))?;
    let read = read_material(app, ctx, &probe, &mut patch, supplied).await?;
    let scene = Scene::of(ctx, grant);
    let changed = change_one(app, grant, id, |connection| {
        let before = connection.clone();
        let description = read.as_ref().map(|read| read.description.clone());
        connection.apply_saml(patch.clone(), description, app.url_policy(), ctx.now)?;
        check_roles(grant, connection, &before.role_assignments())?;
        let more = events(app, &scene, &before, connection).with(plan(connection, read.as_ref()));
        Ok(Decision::save(more))
    });
    let connection = changed.await.map_err(as_saml)?;
    Ok(Updated { connection, metadata_warnings: read.map(|read| read.warnings).unwrap_or_default() })
}

/// What a change would make of a connection, with what people should know about the metadata in it. Nothing is kept.
///
/// # Errors
/// As for [`update`].
pub(crate) async fn preview(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    id: ConnectionId,
    mut patch: SamlPatch,
    supplied: SuppliedMaterial,
) -> Result<Updated, Failure> {
    require_saml(id)?;
    let mut connection = load(app, grant.tenant(), id).await.map_err(as_saml)?;
    let read = read_material(app, ctx, &connection, &mut patch, supplied).await?;
    let description = read.as_ref().map(|read| read.description.clone());
    connection.apply_saml(patch, description, app.url_policy(), ctx.now)?;
    Ok(Updated { connection, metadata_warnings: read.map(|read| read.warnings).unwrap_or_default() })
}

/// Which provider metadata is of, whatever the connection led to before.
///
/// # Errors
/// As for [`update`].
pub(crate) async fn entity_of(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    (url, xml): (Option<&str>, Option<&str>),
) -> Result<Option<String>, Failure> {
    let query = MetadataQuery {
        tenant: grant.tenant(),
        entity_id: None,
        pinned: false,
        environment: grant.environment(),
        now: ctx.now,
    };
    let read = match (url, xml) {
        (Some(url), _) => idp_metadata::from_url(app, url, query).await?,
        (None, Some(xml)) => idp_metadata::from_xml(app, xml.as_bytes().to_vec(), query).await?,
        (None, None) => return Ok(None),
    };
    Ok(Some(read.description.entity_id))
}

/// Reads what a change brings as text into the change, and the metadata that it comes with. `probe` is the connection before it.
///
/// # Errors
/// A certificate or key that is none, metadata that cannot be had.
pub(super) async fn read_material(
    app: &App,
    ctx: &Ctx,
    probe: &Connection,
    patch: &mut SamlPatch,
    supplied: SuppliedMaterial,
) -> Result<Option<Read>, Failure> {
    let (tenant, id) = (probe.tenant(), probe.id);
    if let Some(text) = &supplied.certificates {
        patch.certificates = saml_keys::given_certificates(app, id.environment(), text, ctx.now)?;
    }
    if let Some(pem) = supplied.signing_key {
        patch.signing_key = Some(saml_keys::given_signing_key(app, tenant, id, pem, ctx.now).await?);
    }
    if let Some(pem) = supplied.encryption_key {
        patch.encryption_key = Some(saml_keys::given_encryption_key(app, tenant, id, pem, ctx.now).await?);
    }
    described(app, ctx, probe, patch, supplied.metadata_xml).await
}

/// A connection after a change.
#[derive(Debug)]
pub(crate) struct Updated {
    /// The connection.
    pub connection: Connection,
    /// What people should know about the metadata that the change came with, as sentences.
    pub metadata_warnings: Vec<String>,
}

/// The metadata that a change comes with, read. The values alone are tried first: nobody's document is fetched for a
/// change that is refused anyway.
async fn described(
    app: &App,
    ctx: &Ctx,
    probe: &Connection,
    patch: &mut SamlPatch,
    xml: Option<String>,
) -> Result<Option<Read>, Failure> {
    let url = patch.metadata_url.value().cloned();
    if url.is_some() && xml.is_some() {
        return Err(Refusal::new(What::Invalid(Field::Setting))
            .because("Give metadata_url or metadata_xml, not both.")
            .into());
    }
    if xml.is_some() {
        // What was pasted is not to be undone by what an old address says.
        patch.metadata_url = Patch::Clear;
    }
    probe.clone().apply_saml(patch.clone(), None, app.url_policy(), ctx.now)?;
    let settings = probe.saml().ok_or(What::NotFound(Thing::SamlConnection))?;
    let mut owner = Some(settings.idp_entity_id.clone());
    patch.idp_entity_id.clone().onto(&mut owner);
    let owner = owner.filter(|id| !id.is_empty());
    let chosen = patch.metadata_entity_id.value().cloned().or_else(|| owner.clone());
    let query = MetadataQuery {
        tenant: probe.tenant(),
        entity_id: chosen.as_deref(),
        pinned: owner.is_some() && chosen == owner,
        environment: probe.id.environment(),
        now: ctx.now,
    };
    match (url, xml) {
        (Some(url), _) => idp_metadata::from_url(app, &url, query).await.map(Some),
        (None, Some(xml)) => idp_metadata::from_xml(app, xml.into_bytes(), query).await.map(Some),
        (None, None) => Ok(None),
    }
}

/// When the metadata is read again: as the document says that was read for this change, not at all without an address.
pub(super) fn plan(connection: &Connection, read: Option<&Read>) -> Option<Write> {
    let has_url = connection.saml().is_some_and(|settings| !settings.metadata_url.is_empty());
    match read {
        _ if !has_url => Some(refreshes::forget(connection.id)),
        Some(read) => Some(refreshes::plan(connection.project_id, connection.id, read.next)),
        None => None,
    }
}

/// Takes a verification certificate away.
///
/// # Errors
/// There is none with this id, or it is the only one of an active connection.
pub(crate) async fn remove_certificate(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    id: ConnectionId,
    certificate: SamlVerificationKeyId,
) -> Result<(), Failure> {
    require_saml(id)?;
    let removed = change_one(app, grant, id, |connection| {
        connection.remove_verification_certificate(certificate, ctx.now)?;
        let event = Scene::of(ctx, grant)
            .event(app, EventKind::VerificationCertificateDeleted, Object::Connection(id))
            .with("certificate_id", certificate.to_string());
        Ok(Decision::save(event.acted()))
    });
    removed.await.map(drop).map_err(as_saml)
}

/// Takes an encryption key away.
///
/// # Errors
/// There is none with this id.
pub(crate) async fn remove_encryption_key(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    id: ConnectionId,
    key: SamlEncryptionKeyId,
) -> Result<(), Failure> {
    require_saml(id)?;
    let removed = change_one(app, grant, id, |connection| {
        connection.remove_encryption_key(key, ctx.now)?;
        let event = Scene::of(ctx, grant)
            .event(app, EventKind::EncryptionKeyDeleted, Object::Connection(id))
            .with("private_key_id", key.to_string());
        Ok(Decision::save(event.acted()))
    });
    removed.await.map(drop).map_err(as_saml)
}

fn require_saml(id: ConnectionId) -> Result<(), Refusal> {
    if id.kind() == ConnectionKind::Saml { Ok(()) } else { Err(What::NotFound(Thing::SamlConnection).into()) }
}

/// Whoever names a SAML connection is told that no SAML connection was found.
fn as_saml(failure: Failure) -> Failure {
    match failure {
        Failure::Refused(refusal) if refusal.what == What::NotFound(Thing::Connection) => {
            What::NotFound(Thing::SamlConnection).into()
        }
        other => other,
    }
}

/// The events of a change: what it was, and a further, loud one for each weak algorithm that is accepted from now on.
fn events(app: &App, scene: &Scene, before: &Connection, after: &Connection) -> Batch {
    let object = || Object::Connection(after.id);
    let update = scene.event(app, EventKind::ConnectionUpdated, object()).changed(before, after);
    let mut batch = update.acted();
    let (Some(was), Some(is)) = (before.saml(), after.saml()) else { return batch };
    let switches = [
        ("sha1", was.legacy.sha1_until, is.legacy.sha1_until),
        ("inclusive_c14n", was.legacy.inclusive_c14n_until, is.legacy.inclusive_c14n_until),
    ];
    for (algorithm, was, is) in switches {
        if was == is {
            continue;
        }
        let kind = match is {
            Some(_) => EventKind::LegacyAlgorithmAllowed,
            None => EventKind::LegacyAlgorithmRefused,
        };
        let until = is.map_or(Value::Null, |until| until.to_string().into());
        let action = kind.as_str().to_owned();
        tracing::warn!(connection = %after.id, algorithm, %until, action, "a legacy switch of a SAML connection was changed");
        metrics::counter!(metric::SAML_LEGACY_SWITCHES, "algorithm" => algorithm, "action" => action)
            .increment(1);
        let event = scene.event(app, kind, object()).with("algorithm", algorithm).with("until", until);
        batch = batch.with([event.write()]);
    }
    batch
}
