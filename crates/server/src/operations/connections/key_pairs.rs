//! The key by which a connection proves itself to its provider and the one that will take its place, each with a certificate, for
//! providers that are given certificates instead of an address.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use data_encoding::HEXUPPER;
use vestibule_domain::Time;
use vestibule_domain::connection::{ClientAssertionKey, Connection};
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::{ClientAssertionKeyId, ConnectionId};
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::ChangeConnection;
use vestibule_domain::refusal::{Name, Refusal, What};
use vestibule_domain::time::Span;
use vestibule_saml::UnixMillis;
use vestibule_saml::key::{RsaPrivateKey, SigningKey};

use super::{assertion_key, change_one, load};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::change::Decision;
use crate::operations::events::Scene;
use crate::world::App;
use crate::world::keyring::generate_rsa;

/// How long a certificate is valid. It is made again of the key whenever it is asked for, and is the same each time.
const VALIDITY: Span = Span::days(3652);
/// The most characters of a certificate's name.
const MOST_NAME: usize = 64;

/// One of the two.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    /// The `kid`.
    pub id: ClientAssertionKeyId,
    /// The certificate, PEM.
    pub certificate: String,
    /// What the certificate is known by: the SHA-256 of it, in hexadecimal.
    pub fingerprint: String,
    /// The same as `x5t#S256` writes it (RFC 7515 section 4.1.8).
    pub thumbprint: String,
    /// Whether it signs now.
    pub signs: bool,
    /// When it was made.
    pub since: Time,
}

/// The key that signs and the one that is ready; what there is not is made.
///
/// # Errors
/// No such connection, or one that proves itself in another way.
pub(crate) async fn both(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    id: ConnectionId,
) -> Result<Vec<Shown>, Failure> {
    let connection = load(app, grant.tenant(), id).await?;
    let connection = assertion_key::given(app, connection, ctx.now).await?;
    let key = new_key(app, &connection, ctx.now).await?;
    let connection = change_one(app, grant, id, |connection| {
        let before = connection.clone();
        if !connection.prepare_client_assertion_key(key.clone(), ctx.now)? {
            return Ok(Decision::Leave(()));
        }
        Ok(Decision::save(told(app, ctx, grant, &before, connection)))
    })
    .await?;
    shown(app, &connection, ctx.now).await
}

/// The same where there is none that is ready yet.
///
/// # Errors
/// There are two already, and as for [`both`].
pub(crate) async fn first(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    id: ConnectionId,
) -> Result<Vec<Shown>, Failure> {
    let connection = load(app, grant.tenant(), id).await?;
    if connection.oidc().is_some_and(|settings| settings.next_client_assertion_key.is_some()) {
        return Err(Refusal::new(What::Taken(Name::AssertionKeys))
            .because("Keys have already been created for this connection.")
            .into());
    }
    both(app, ctx, grant, id).await
}

/// Lets the key sign that is ready. Gives the one that is ready after it.
///
/// # Errors
/// As for [`both`].
pub(crate) async fn rotate(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    id: ConnectionId,
) -> Result<Shown, Failure> {
    both(app, ctx, grant, id).await?;
    let key = new_key(app, &load(app, grant.tenant(), id).await?, ctx.now).await?;
    let connection = change_one(app, grant, id, |connection| {
        let before = connection.clone();
        connection.advance_client_assertion_key(key.clone(), ctx.now)?;
        Ok(Decision::save(told(app, ctx, grant, &before, connection)))
    })
    .await?;
    let shown = shown(app, &connection, ctx.now).await?;
    let next = shown.into_iter().find(|key| !key.signs);
    next.ok_or_else(|| Failure::Internal("a key that was just kept ready is not there".to_owned()))
}

fn told(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    before: &Connection,
    after: &Connection,
) -> vestibule_store::Batch {
    let event = Scene::of(ctx, grant).event(app, EventKind::ConnectionUpdated, Object::Connection(after.id));
    event.changed(before, after).acted()
}

async fn new_key(app: &App, connection: &Connection, now: Time) -> Result<ClientAssertionKey, Failure> {
    Ok(ClientAssertionKey {
        id: ClientAssertionKeyId::generate(connection.id.environment(), app.entropy.as_ref()),
        private_key: app.settings_work.run(connection.tenant(), generate_rsa).await??,
        created_at: now,
    })
}

async fn shown(app: &App, connection: &Connection, now: Time) -> Result<Vec<Shown>, Failure> {
    let Some(settings) = connection.oidc() else { return Ok(Vec::new()) };
    let signs = settings.assertion_key(now).map(|key| key.id);
    let keys: Vec<ClientAssertionKey> = settings.assertion_keys().cloned().collect();
    let mut shown = Vec::with_capacity(keys.len());
    for key in keys {
        let name = match connection.name.as_str() {
            name if name.chars().count() <= MOST_NAME => name.to_owned(),
            _ => connection.id.to_string(),
        };
        let is_signer = signs == Some(key.id);
        let certify = move || certified(&key, &name, is_signer);
        shown.push(app.settings_work.run(connection.tenant(), certify).await??);
    }
    Ok(shown)
}

/// The certificate says nothing that the key does not: who made the key signs it.
fn certified(key: &ClientAssertionKey, name: &str, signs: bool) -> Result<Shown, Failure> {
    let unusable = |why: &dyn std::fmt::Display| {
        Failure::Internal(format!("a stored assertion key cannot be used: {why}"))
    };
    let der = STANDARD.decode(key.private_key.expose()).map_err(|error| unusable(&error))?;
    let private = RsaPrivateKey::from_der(&der).map_err(|error| unusable(&error))?;
    let signer = SigningKey::new(&private).map_err(|error| unusable(&error))?;
    let (from, to) = (key.created_at, key.created_at.plus(VALIDITY));
    let certificate = signer
        .self_signed_certificate(name, UnixMillis(from.millis()), UnixMillis(to.millis()), key.id.bytes())
        .map_err(|error| unusable(&error))?;
    let hash = certificate.fingerprint_sha256();
    let pairs: Vec<String> = hash.iter().map(|byte| HEXUPPER.encode(&[*byte])).collect();
    Ok(Shown {
        id: key.id,
        certificate: certificate.pem(),
        fingerprint: pairs.join(":"),
        thumbprint: URL_SAFE_NO_PAD.encode(hash),
        signs,
        since: key.created_at,
    })
}
