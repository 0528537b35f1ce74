//! SAML connections.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::Patch;
use vestibule_domain::connection::{Connection, SamlPatch};
use vestibule_domain::id::{SamlEncryptionKeyId, SamlVerificationKeyId};
use vestibule_domain::rbac::Action;
use vestibule_domain::rbac::asks::{ChangeConnection, CreateConnection};
use vestibule_domain::refusal::{Thing, What};
use vestibule_domain::secret::Secret;

use super::sso::ConnectionPath;
use crate::doors::stytch::caller::Surface;
use crate::doors::stytch::wire::connection::CreateIn;
use crate::doors::stytch::wire::saml_connection::{self as wire, SamlConnectionIn, SamlConnectionOut};
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::door::Door;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, Path, required};
use crate::operations::connections::saml::{self, SuppliedMaterial, Updated};
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let one = "/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}";
    let certificate = format!("{one}/verification_certificates/{{certificate_id}}");
    let changes = Needs::Right(Action::UpdateConnection);
    Endpoints::new()
        .post("/v1/b2b/sso/saml/{organization_id}", Needs::Right(Action::CreateConnection), create::<Stytch>)
        .put(one, changes, update::<Stytch>)
        .put(&format!("{one}/url"), changes, update_by_url::<Stytch>)
        .delete(&certificate, changes, remove_certificate::<Stytch>)
        // Clients disagree about the plural.
        .delete(
            &format!("{one}/encryption_private_keys/{{private_key_id}}"),
            changes,
            remove_encryption_key::<Stytch>,
        )
        .delete(
            &format!("{one}/encryption_private_key/{{private_key_id}}"),
            changes,
            remove_encryption_key::<Stytch>,
        )
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct ConnectionOut {
    connection: SamlConnectionOut,
    /// What people should know about the metadata that was given. Our own extension.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    metadata_warnings: Vec<String>,
}

fn answer<D: Door>(
    app: &App,
    ctx: &Ctx,
    connection: &Connection,
    metadata_warnings: Vec<String>,
) -> Answer<ConnectionOut, D> {
    let settings = connection.saml().ok_or(What::NotFound(Thing::SamlConnection))?;
    ok(ctx, ConnectionOut { connection: wire::saml(app, connection, settings), metadata_warnings })
}

fn updated<D: Door>(app: &App, ctx: &Ctx, updated: Updated) -> Answer<ConnectionOut, D> {
    answer(app, ctx, &updated.connection, updated.metadata_warnings)
}

pub(in crate::doors::stytch) async fn create<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: S::Granted<CreateConnection>,
    Input(body): Input<CreateIn>,
) -> Answer<ConnectionOut, S> {
    let grant = granted.into();
    let (display_name, provider) = body.read()?;
    let connection = saml::create(&app, &ctx, &grant, &display_name, provider).await?;
    answer(&app, &ctx, &connection, Vec::new())
}

/// What comes beside the settings; an empty text is none.
fn supplied(body: &mut SamlConnectionIn) -> SuppliedMaterial {
    let given = |text: &mut Option<String>| text.take().filter(|text| !text.trim().is_empty());
    SuppliedMaterial {
        certificates: given(&mut body.x509_certificate),
        signing_key: given(&mut body.signing_private_key).map(Secret::new),
        encryption_key: given(&mut body.saml_encryption_private_key).map(Secret::new),
        metadata_xml: given(&mut body.metadata_xml),
    }
}

pub(in crate::doors::stytch) async fn update<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: S::Granted<ChangeConnection>,
    Path(at): Path<ConnectionPath>,
    Input(mut body): Input<SamlConnectionIn>,
) -> Answer<ConnectionOut, S> {
    let grant = granted.into();
    let id = at.id(Thing::SamlConnection)?;
    let (mut patch, supplied) = (body.patch()?, supplied(&mut body));
    patch.idp_initiated_in_response_to = body.idp_initiated_in_response_to;
    updated(&app, &ctx, saml::update(&app, &ctx, &grant, id, patch, supplied).await?)
}

#[derive(Deserialize)]
pub(in crate::doors::stytch) struct UpdateByUrlIn {
    metadata_url: Option<String>,
    #[serde(default)]
    metadata_entity_id: Patch<String>,
}

pub(in crate::doors::stytch) async fn update_by_url<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: S::Granted<ChangeConnection>,
    Path(at): Path<ConnectionPath>,
    Input(body): Input<UpdateByUrlIn>,
) -> Answer<ConnectionOut, S> {
    let grant = granted.into();
    let id = at.id(Thing::SamlConnection)?;
    let url = required(body.metadata_url.filter(|url| !url.is_empty()), "metadata_url")?;
    let patch = SamlPatch {
        metadata_url: Patch::Set(url),
        metadata_entity_id: body.metadata_entity_id,
        ..SamlPatch::default()
    };
    updated(&app, &ctx, saml::update(&app, &ctx, &grant, id, patch, SuppliedMaterial::default()).await?)
}

#[derive(Deserialize)]
pub(in crate::doors::stytch) struct CertificatePath {
    certificate_id: String,
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct CertificateRemovedOut {
    certificate_id: SamlVerificationKeyId,
}

pub(in crate::doors::stytch) async fn remove_certificate<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: S::Granted<ChangeConnection>,
    Path(at): Path<ConnectionPath>,
    Path(path): Path<CertificatePath>,
) -> Answer<CertificateRemovedOut, S> {
    let grant = granted.into();
    let id = at.id(Thing::SamlConnection)?;
    let certificate_id = path.certificate_id.parse();
    let certificate_id =
        certificate_id.map_err(|_| Failure::from(What::NotFound(Thing::VerificationCertificate)))?;
    saml::remove_certificate(&app, &ctx, &grant, id, certificate_id).await?;
    ok(&ctx, CertificateRemovedOut { certificate_id })
}

#[derive(Deserialize)]
pub(in crate::doors::stytch) struct KeyPath {
    private_key_id: String,
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct KeyRemovedOut {
    private_key_id: SamlEncryptionKeyId,
}

pub(in crate::doors::stytch) async fn remove_encryption_key<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: S::Granted<ChangeConnection>,
    Path(at): Path<ConnectionPath>,
    Path(path): Path<KeyPath>,
) -> Answer<KeyRemovedOut, S> {
    let grant = granted.into();
    let id = at.id(Thing::SamlConnection)?;
    let private_key_id = path.private_key_id.parse();
    let private_key_id = private_key_id.map_err(|_| Failure::from(What::NotFound(Thing::EncryptionKey)))?;
    saml::remove_encryption_key(&app, &ctx, &grant, id, private_key_id).await?;
    ok(&ctx, KeyRemovedOut { private_key_id })
}
