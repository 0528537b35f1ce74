//! SAML connections: make, change, and take keys away (contract 3.1 and 3.1.2).

use serde_json::{Map, Value, json};
use vestibule_domain::connection::{Connection, NewConnection, ProviderLabel, SamlPatch, SamlSettings};
use vestibule_domain::id::{ConnectionId, ConnectionKind, SamlEncryptionKeyId, SamlVerificationKeyId};
use vestibule_domain::organization::Organization;
use vestibule_domain::rbac::Permit;
use vestibule_domain::refusal::{Field, Refusal, Thing, What};
use vestibule_domain::secret::Secret;
use vestibule_store::Write;
use vestibule_store::tables::refreshes;

use super::{idp_metadata, saml_keys};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::connections::idp_metadata::{Read, Wanted};
use crate::operations::organizations::knows_role;
use crate::operations::{audit, connections};
use crate::world::App;
use crate::world::telemetry::metric;

/// What is pasted rather than said: texts that are read, and keys that are made, before anything is loaded.
#[derive(Debug, Default)]
pub struct Pasted {
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
pub async fn create(
    app: &App,
    ctx: &Ctx,
    permit: &Permit,
    display_name: &str,
    label: ProviderLabel,
) -> Result<Connection, Failure> {
    connections::check_room(app, permit).await?;
    let project = permit.project_id();
    let id = ConnectionId::generate(ConnectionKind::Saml, project.environment(), app.entropy.as_ref());
    let new = NewConnection {
        id,
        project_id: project,
        organization_id: permit.organization_id(),
        display_name,
        identity_provider: label,
    };
    let key = saml_keys::new_signing_key(app, id, ctx.now).await?;
    let connection = Connection::new_saml(&new, key, ctx.now)?;
    connections::insert(app, ctx, permit, &connection).await?;
    Ok(connection)
}

/// Changes a SAML connection. Metadata, given by address or pasted, sets entity id, address for sign-ins and
/// certificates; what is given explicitly wins over it. An address is kept and read again from time to time.
///
/// # Errors
/// A value that is not usable, metadata that cannot be had or describes another provider than the connection's, an entity id that another connection of the organization has, a role that does not
/// exist, or no such connection.
pub async fn update(
    app: &App,
    ctx: &Ctx,
    permit: &Permit,
    organization: &Organization,
    id: ConnectionId,
    mut patch: SamlPatch,
    pasted: Pasted,
) -> Result<Connection, Failure> {
    require_saml(id)?;
    // Nobody's keys are read and nobody's document is fetched for a connection that is not there.
    let probe = connections::load(app, permit, id).await.map_err(as_saml)?;
    if let Some(text) = &pasted.certificates {
        patch.certificates = saml_keys::given_certificates(app, id.environment(), text, ctx.now)?;
    }
    if let Some(pem) = pasted.signing_key {
        patch.signing_key = Some(saml_keys::given_signing_key(app, id, pem, ctx.now).await?);
    }
    if let Some(pem) = pasted.encryption_key {
        patch.encryption_key = Some(saml_keys::given_encryption_key(app, id, pem, ctx.now).await?);
    }
    let read = described(app, ctx, &probe, &mut patch, pasted.metadata_xml).await?;
    connections::change(app, permit, id, |connection| {
        let before = connection.clone();
        let description = read.as_ref().map(|read| read.description.clone());
        connection.apply_saml(patch.clone(), description, app.url_policy(), ctx.now)?;
        connection.check_roles(|role| knows_role(app, organization, role))?;
        let mut writes = notes(app, ctx, permit, &before, connection);
        writes.extend(plan(connection, read.as_ref()));
        Ok(writes)
    })
    .await
    .map_err(as_saml)
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
    let url = patch.metadata_url.clone().filter(|url| !url.is_empty());
    if url.is_some() && xml.is_some() {
        return Err(Refusal::new(What::Invalid(Field::Setting))
            .because("Give metadata_url or metadata_xml, not both.")
            .into());
    }
    if xml.is_some() {
        // What was pasted is not to be undone by what an old address says.
        patch.metadata_url = Some(String::new());
    }
    probe.clone().apply_saml(patch.clone(), None, app.url_policy(), ctx.now)?;
    let settings = probe.saml().ok_or(What::NotFound(Thing::SamlConnection))?;
    let entity = |given: &Option<String>, known: &str| {
        given.clone().or_else(|| Some(known.to_owned())).filter(|id| !id.is_empty())
    };
    let owner = entity(&patch.idp_entity_id, &settings.idp_entity_id);
    let chosen = patch.metadata_entity_id.clone().filter(|id| !id.is_empty()).or_else(|| owner.clone());
    let wanted = Wanted {
        entity_id: chosen.as_deref(),
        pinned: owner.is_some() && chosen == owner,
        environment: probe.id.environment(),
        now: ctx.now,
    };
    match (url, xml) {
        (Some(url), _) => idp_metadata::from_url(app, &url, wanted).await.map(Some),
        (None, Some(xml)) => idp_metadata::from_xml(app, xml.into_bytes(), wanted).await.map(Some),
        (None, None) => Ok(None),
    }
}

/// When the metadata is read again: as the document says that was read for this change, not at all without an address.
fn plan(connection: &Connection, read: Option<&Read>) -> Option<Write> {
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
pub async fn remove_certificate(
    app: &App,
    ctx: &Ctx,
    permit: &Permit,
    id: ConnectionId,
    certificate: SamlVerificationKeyId,
) -> Result<(), Failure> {
    require_saml(id)?;
    let removed = connections::change(app, permit, id, |connection| {
        connection.remove_verification_certificate(certificate, ctx.now)?;
        let detail = Map::from_iter([("certificate_id".to_owned(), json!(certificate.to_string()))]);
        Ok(vec![audit::detailed(app, ctx, permit, "connection.verification_certificate.delete", id, detail)])
    });
    removed.await.map(|_| ()).map_err(as_saml)
}

/// Takes an encryption key away.
///
/// # Errors
/// There is none with this id.
pub async fn remove_encryption_key(
    app: &App,
    ctx: &Ctx,
    permit: &Permit,
    id: ConnectionId,
    key: SamlEncryptionKeyId,
) -> Result<(), Failure> {
    require_saml(id)?;
    let removed = connections::change(app, permit, id, |connection| {
        connection.remove_encryption_key(key, ctx.now)?;
        let detail = Map::from_iter([("private_key_id".to_owned(), json!(key.to_string()))]);
        Ok(vec![audit::detailed(app, ctx, permit, "connection.encryption_private_key.delete", id, detail)])
    });
    removed.await.map(|_| ()).map_err(as_saml)
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

/// The audit entries of a change: what it was, and a further, loud one for each weak algorithm that is accepted from
/// now on.
fn notes(app: &App, ctx: &Ctx, permit: &Permit, before: &Connection, after: &Connection) -> Vec<Write> {
    let (id, mut changed) = (after.id, Vec::new());
    if before.display_name != after.display_name {
        changed.push("display_name");
    }
    if before.identity_provider != after.identity_provider {
        changed.push("identity_provider");
    }
    let (Some(before), Some(after)) = (before.saml(), after.saml()) else { return Vec::new() };
    let mut writes =
        vec![audit::detailed(app, ctx, permit, "connection.update", id, difference(before, after, changed))];
    let switches = [
        ("sha1", before.legacy.sha1_until, after.legacy.sha1_until),
        ("inclusive_c14n", before.legacy.inclusive_c14n_until, after.legacy.inclusive_c14n_until),
    ];
    for (algorithm, was, is) in switches {
        if was == is {
            continue;
        }
        let (action, until) = match is {
            Some(until) => ("connection.legacy_algorithm.allow", json!(until.to_string())),
            None => ("connection.legacy_algorithm.refuse", Value::Null),
        };
        tracing::warn!(connection = %id, algorithm, %until, action, "a legacy switch of a SAML connection was changed");
        metrics::counter!(metric::SAML_LEGACY_SWITCHES, "algorithm" => algorithm, "action" => action)
            .increment(1);
        let detail =
            Map::from_iter([("algorithm".to_owned(), json!(algorithm)), ("until".to_owned(), until)]);
        writes.push(audit::detailed(app, ctx, permit, action, id, detail));
    }
    writes
}

/// What changed, in names and fingerprints.
fn difference(
    before: &SamlSettings,
    after: &SamlSettings,
    mut changed: Vec<&'static str>,
) -> Map<String, Value> {
    let change = before.difference(after);
    let fields = [
        ("idp_entity_id", before.idp_entity_id != after.idp_entity_id),
        ("idp_sso_url", before.idp_sso_url != after.idp_sso_url),
        ("metadata_url", before.metadata_url != after.metadata_url),
        ("attribute_mapping", before.attribute_mapping != after.attribute_mapping),
        ("nameid_format", before.nameid_format != after.nameid_format),
        ("alternative_audience_uri", before.alternative_audience_uri != after.alternative_audience_uri),
        ("alternative_acs_url", before.alternative_acs_url != after.alternative_acs_url),
        (
            "idp_initiated_auth_disabled",
            before.idp_initiated_auth_disabled != after.idp_initiated_auth_disabled,
        ),
        ("allow_gateway_callback", before.allow_gateway_callback != after.allow_gateway_callback),
        ("authn_requests_signed", before.authn_requests_signed != after.authn_requests_signed),
        ("signing_private_key", before.signing_keys.len() != after.signing_keys.len()),
        ("saml_encryption_private_key", before.encryption_keys.len() != after.encryption_keys.len()),
        ("saml_connection_implicit_role_assignments", before.connection_roles != after.connection_roles),
        ("saml_group_implicit_role_assignments", before.group_roles != after.group_roles),
    ];
    changed.extend(fields.into_iter().filter_map(|(name, changed)| changed.then_some(name)));
    Map::from_iter([
        ("changed".to_owned(), json!(changed)),
        ("certificates_added".to_owned(), json!(change.certificates_added)),
        ("certificates_removed".to_owned(), json!(change.certificates_removed)),
    ])
}
