//! The key by which a connection proves itself to its identity provider (`private_key_jwt`). Every connection has its own:
//! what one tenant lets be signed is of no use against another one's provider.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vestibule_domain::Time;
use vestibule_domain::connection::{ClientAssertionKey, ClientAuthentication, Connection, OidcSettings};
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::ClientAssertionKeyId;
use vestibule_domain::project::Project;
use vestibule_oidc::client_auth::{AssertionKey, AssertionSigner, FormerClientKey};
use vestibule_oidc::jose::{PublicJwk, SigningAlgorithm, SigningKey};

use crate::failure::Failure;
use crate::operations::change::{Decision, change};
use crate::operations::events::Scene;
use crate::world::App;
use crate::world::keyring::generate_rsa;
use crate::world::telemetry::metric;

/// The connection with its key, made now when it needs one and has none: by whoever saves it, signs in through it or asks
/// for the public half first. A connection that proves itself in another way is given back as it is.
///
/// # Errors
/// The store's, or the connection is gone.
pub(crate) async fn given(app: &App, connection: Connection, now: Time) -> Result<Connection, Failure> {
    if !needs_one(&connection) {
        return Ok(connection);
    }
    let (tenant, id) = (connection.tenant(), connection.id);
    let key = ClientAssertionKey {
        id: ClientAssertionKeyId::generate(id.environment(), app.entropy.as_ref()),
        private_key: app.settings_work.run(tenant, generate_rsa).await??,
        created_at: now,
    };
    let load = || super::load(app, tenant, id);
    let decide = |connection: &mut Connection| {
        let before = connection.clone();
        // Somebody may have been faster: the provider knows one key.
        if !connection.give_client_assertion_key(key.clone(), now)? {
            return Ok(Decision::Leave(()));
        }
        let event = Scene::unasked(tenant, now)
            .event(app, EventKind::ConnectionUpdated, Object::Connection(id))
            .changed(&before, &*connection);
        Ok(Decision::save(event.write()))
    };
    Ok(change(app, id, load, decide).await?.0)
}

fn needs_one(connection: &Connection) -> bool {
    connection.oidc().is_some_and(|settings| {
        settings.client_assertion_key.is_none()
            && settings.effective_authentication() == ClientAuthentication::PrivateKeyJwt
    })
}

/// What signs the client assertions of a connection.
#[derive(Debug)]
pub(crate) enum Signer {
    /// Its own key.
    Own(AssertionKey),
    /// The project's, as before connections had keys ([`vestibule_domain::connection::FormerClient`]).
    Former(FormerClientKey),
}

impl Signer {
    /// For one assertion.
    pub(crate) const fn borrowed(&self) -> AssertionSigner<'_> {
        match self {
            Self::Own(key) => AssertionSigner::Own(key),
            Self::Former(key) => AssertionSigner::Former(key),
        }
    }
}

/// The key of a connection, to sign with, whose settings are those of this exchange.
///
/// # Errors
/// As [`given`], or a stored key that cannot be read.
pub(crate) async fn of(
    app: &App,
    connection: &Connection,
    settings: &OidcSettings,
    now: Time,
) -> Result<Signer, Failure> {
    if let Some(client) = settings.signed_as_before() {
        let id = connection.id;
        tracing::warn!(connection = %id, organization = %connection.organization_id, jwks = app.client_jwks_url(id),
            "a client assertion was signed by the project's key, as before the upgrade: let the identity provider read its \
            keys at this address, then set client_assertion_signer to connection");
        metrics::counter!(metric::FORMER_CLIENT_ASSERTIONS).increment(1);
        let key = app.keyring.former_client_key(app, &project(app, connection).await?, client, now).await?;
        return Ok(Signer::Former(key));
    }
    let connection = given(app, connection.clone(), now).await?;
    let own = connection.oidc().and_then(|settings| settings.assertion_key(now)).map(parsed).transpose()?;
    own.map(Signer::Own)
        .ok_or_else(|| Failure::Internal("a connection has no key for its assertions".to_owned()))
}

async fn project(app: &App, connection: &Connection) -> Result<Project, Failure> {
    let project = app.store.project(connection.project_id).await?;
    project.ok_or_else(|| Failure::Internal("a connection's project is gone".to_owned()))
}

/// The public halves, for the provider: the connection's own, one that is to take its place or has taken it, and while the
/// project's key signs for it that one too. A provider that is pointed here thus knows both when the signer changes.
///
/// # Errors
/// As [`of`].
pub(crate) async fn published(
    app: &App,
    connection: &Connection,
    now: Time,
) -> Result<Vec<PublicJwk>, Failure> {
    let connection = given(app, connection.clone(), now).await?;
    let own = connection.oidc().map(|settings| settings.published_assertion_keys(now)).unwrap_or_default();
    let own = own.into_iter().map(|key| Ok(parsed(key)?.public_jwk().clone()));
    let mut keys = own.collect::<Result<Vec<_>, Failure>>()?;
    if connection.oidc().is_some_and(|settings| settings.signed_as_before().is_some()) {
        let project = project(app, &connection).await?;
        keys.extend(app.keyring.keys(app, &project, now).await?.published.iter().cloned());
    }
    Ok(keys)
}

/// What an administrator should know whose connection the project's key signs for.
#[must_use]
pub(crate) fn warning(app: &App, connection: &Connection) -> Option<String> {
    connection.oidc()?.signed_as_before()?;
    Some(format!(
        "The client assertions of this connection are still signed by the project's key, as before an upgrade. Let the \
         identity provider read its keys at {}, which has both, then set client_assertion_signer to connection.",
        app.client_jwks_url(connection.id)
    ))
}

fn parsed(key: &ClientAssertionKey) -> Result<AssertionKey, Failure> {
    let unusable = |why: String| Failure::Internal(format!("a stored assertion key cannot be used: {why}"));
    let pkcs8 = STANDARD.decode(key.private_key.expose()).map_err(|error| unusable(error.to_string()))?;
    let key = SigningKey::from_pkcs8(&pkcs8, SigningAlgorithm::Rs256, &key.id.to_string());
    Ok(AssertionKey::new(key.map_err(|error| unusable(error.to_string()))?))
}
