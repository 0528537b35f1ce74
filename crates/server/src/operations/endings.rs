//! What of an organization's sign-in ends when, with what is known of its use; and what takes the place of what ends (ADR 61).

use std::collections::HashMap;

use vestibule_domain::calendar::{self, Ending};
use vestibule_domain::connection::{Connection, OidcPatch, Protocol, SamlPatch};
use vestibule_domain::id::ConnectionId;
use vestibule_domain::patch::Patch;
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::{ChangeConnection, ReadConnections};
use vestibule_domain::refusal::{Thing, What};
use vestibule_domain::secret::Secret;
use vestibule_domain::time::Time;
use vestibule_domain::trace::{Checked, SignInTrace, TraceOutcome};
use vestibule_store::tables::traces::TraceFilter;

use super::connections::idp_metadata::{self, MetadataQuery};
use super::connections::saml::{self, SuppliedMaterial};
use super::connections::{self, oidc};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// How many sign-ins of a connection are looked through for the certificates that were used.
const LOOKED_THROUGH: u32 = 1000;

/// What of the organization's connections and directories ends, the nearest first.
///
/// # Errors
/// The store's.
pub(crate) async fn list(
    app: &App,
    grant: &Grant<ReadConnections>,
    now: Time,
) -> Result<Vec<Ending>, Failure> {
    let connections = connections::list(app, grant).await?;
    let of = |one: &Connection| calendar::of_connection(one.id, &one.display_name, &one.protocol, now);
    let mut found: Vec<Ending> = connections.iter().flat_map(of).collect();
    for directory in app.store.directories_of(grant.project_id(), &[grant.tenant().organization_id()]).await?
    {
        found.extend(calendar::of_directory(&directory, now));
    }
    found.sort_by_key(|ending| ending.ends_at);
    Ok(found)
}

/// When somebody last signed in by each certificate of a connection, by fingerprint, as far as sign-ins are kept.
///
/// # Errors
/// The store's.
pub(crate) async fn uses(app: &App, connection: &Connection) -> Result<HashMap<String, Time>, Failure> {
    let filter = TraceFilter {
        organization: Some(connection.organization_id),
        connection: Some(connection.id),
        ..TraceFilter::default()
    };
    let page = app.store.traces(connection.project_id, filter, None, LOOKED_THROUGH).await?;
    let mut found = HashMap::new();
    for trace in page.items.iter().filter(|trace| came_through(trace)) {
        for step in trace.steps.iter().filter(|step| step.check == Checked::Certificate.as_str()) {
            // The newest come first.
            found.entry(step.found.clone()).or_insert(trace.at);
        }
    }
    Ok(found)
}

/// Whether the provider's word was taken, whatever became of the person.
const fn came_through(trace: &SignInTrace) -> bool {
    matches!(trace.outcome, TraceOutcome::Accepted { .. } | TraceOutcome::Tested | TraceOutcome::Refused(_))
}

/// Certificates as somebody gives them: as they are, or in metadata.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// One or several in PEM.
    pub certificates: Option<String>,
    /// Metadata of the connection's provider.
    pub metadata_xml: Option<String>,
    /// Where such metadata is.
    pub metadata_url: Option<String>,
}

/// Adds a provider's next certificates beside those that are there: until the provider changes over, both count.
///
/// # Errors
/// There is no such SAML connection, nothing that can be read, metadata of another provider, or there are as many as there may be.
pub(crate) async fn add_certificates(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    id: ConnectionId,
    given: Given,
) -> Result<Connection, Failure> {
    let connection = connections::load(app, grant.tenant(), id).await?;
    let settings = connection.saml().ok_or(What::NotFound(Thing::SamlConnection))?;
    let query = MetadataQuery {
        tenant: grant.tenant(),
        entity_id: Some(settings.idp_entity_id.as_str()).filter(|id| !id.is_empty()),
        pinned: !settings.idp_entity_id.is_empty(),
        environment: grant.environment(),
        now: ctx.now,
    };
    let read = match (&given.metadata_xml, &given.metadata_url) {
        (Some(xml), _) => Some(idp_metadata::from_xml(app, xml.as_bytes().to_vec(), query).await?),
        (None, Some(url)) => Some(idp_metadata::from_url(app, url, query).await?),
        (None, None) => None,
    };
    let mut certificates = read.map(|read| read.description.certificates).unwrap_or_default();
    for certificate in &mut certificates {
        // Somebody gave them: what an address says later does not take them away.
        certificate.from_metadata = false;
    }
    let patch = SamlPatch { certificates, ..SamlPatch::default() };
    let supplied = SuppliedMaterial {
        certificates: given.certificates.filter(|_| patch.certificates.is_empty()),
        ..SuppliedMaterial::default()
    };
    Ok(saml::update(app, ctx, grant, id, patch, supplied).await?.connection)
}

/// Puts another client secret in the place of one, with its end where that is known.
///
/// # Errors
/// There is no such OpenID Connect connection, or the secret is none.
pub(crate) async fn replace_client_secret(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    id: ConnectionId,
    (secret, ends_at): (Option<Secret>, Option<Time>),
) -> Result<(), Failure> {
    let connection = connections::load(app, grant.tenant(), id).await?;
    if !matches!(connection.protocol, Protocol::Oidc(_)) {
        return Err(What::NotFound(Thing::Connection).into());
    }
    let patch = OidcPatch {
        client_secret: secret.map_or(Patch::Keep, Patch::Set),
        client_secret_ends_at: ends_at.map_or(Patch::Keep, Patch::Set),
        ..OidcPatch::default()
    };
    oidc::update(app, ctx, grant, id, patch).await.map(drop)
}
