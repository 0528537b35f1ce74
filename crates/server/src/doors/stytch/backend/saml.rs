//! SAML connections (contract 3.1 and 3.1.2).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::{delete, post, put};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use vestibule_domain::Time;
use vestibule_domain::connection::{Connection, GroupRole, NameIdFormat, SamlPatch};
use vestibule_domain::id::{SamlEncryptionKeyId, SamlVerificationKeyId};
use vestibule_domain::mapping::AttributeMapping;
use vestibule_domain::rbac::asks::{ChangeConnection, CreateConnection};
use vestibule_domain::refusal::{Field, Refusal, Thing, What};
use vestibule_domain::secret::Secret;
use vestibule_refusal::Excerpt;

use super::oidc::{CreateIn, label};
use super::sso::ConnectionPath;
use crate::doors::stytch::caller::Granted;
use crate::doors::stytch::wire::saml_connection::{self as wire, SamlConnectionOut};
use crate::doors::stytch::{Answer, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::input::{Input, Path, required};
use crate::operations::connections::saml::{self, SuppliedMaterial};
use crate::world::App;

/// The routes. The decryption keys' path has two spellings among the clients (contract 11).
pub fn router() -> Router<Arc<App>> {
    let connection = "/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}";
    Router::new()
        .route("/v1/b2b/sso/saml/{organization_id}", post(create))
        .route(connection, put(update))
        .route(&format!("{connection}/url"), put(update_by_url))
        .route(
            &format!("{connection}/verification_certificates/{{certificate_id}}"),
            delete(remove_certificate),
        )
        .route(
            &format!("{connection}/encryption_private_keys/{{private_key_id}}"),
            delete(remove_encryption_key),
        )
        .route(
            &format!("{connection}/encryption_private_key/{{private_key_id}}"),
            delete(remove_encryption_key),
        )
}

#[derive(Serialize)]
struct ConnectionOut {
    connection: SamlConnectionOut,
}

fn answer(app: &App, ctx: &Ctx, connection: &Connection) -> Answer<ConnectionOut> {
    let settings = connection.saml().ok_or(What::NotFound(Thing::SamlConnection))?;
    ok(ctx, ConnectionOut { connection: wire::saml(app, connection, settings) })
}

async fn create(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Granted(grant): Granted<CreateConnection>,
    Input(body): Input<CreateIn>,
) -> Answer<ConnectionOut> {
    let label = body.label()?;
    let connection = saml::create(&app, &ctx, &grant, &body.display_name.unwrap_or_default(), label).await?;
    answer(&app, &ctx, &connection)
}

#[derive(Deserialize)]
struct RoleAssignmentIn {
    role_id: String,
}

#[derive(Deserialize)]
struct GroupRoleAssignmentIn {
    role_id: String,
    group: String,
}

/// The update body. What follows `allow_gateway_callback` are our own extensions.
#[derive(Deserialize)]
struct UpdateIn {
    idp_entity_id: Option<String>,
    display_name: Option<String>,
    attribute_mapping: Option<Map<String, Value>>,
    idp_sso_url: Option<String>,
    x509_certificate: Option<String>,
    identity_provider: Option<String>,
    signing_private_key: Option<String>,
    saml_encryption_private_key: Option<String>,
    nameid_format: Option<String>,
    alternative_audience_uri: Option<String>,
    alternative_acs_url: Option<String>,
    saml_connection_implicit_role_assignments: Option<Vec<RoleAssignmentIn>>,
    saml_group_implicit_role_assignments: Option<Vec<GroupRoleAssignmentIn>>,
    idp_initiated_auth_disabled: Option<bool>,
    allow_gateway_callback: Option<bool>,
    metadata_url: Option<String>,
    metadata_xml: Option<String>,
    metadata_entity_id: Option<String>,
    authn_requests_signed: Option<bool>,
    legacy_allow_sha1_until: Option<String>,
    legacy_allow_inclusive_c14n_until: Option<String>,
}

impl UpdateIn {
    /// Splits into what is said and what is supplied; an empty text says nothing.
    fn split(self) -> Result<(SamlPatch, SuppliedMaterial), Refusal> {
        let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let supplied = SuppliedMaterial {
            certificates: given(self.x509_certificate),
            signing_key: given(self.signing_private_key).map(Secret::new),
            encryption_key: given(self.saml_encryption_private_key).map(Secret::new),
            metadata_xml: given(self.metadata_xml),
        };
        let groups = |list: Vec<GroupRoleAssignmentIn>| {
            list.into_iter().map(|one| GroupRole { role_id: one.role_id, group: one.group }).collect()
        };
        let patch = SamlPatch {
            display_name: self.display_name,
            identity_provider: self.identity_provider.as_deref().map(label).transpose()?,
            idp_entity_id: self.idp_entity_id,
            idp_sso_url: self.idp_sso_url,
            metadata_url: self.metadata_url,
            metadata_entity_id: self.metadata_entity_id,
            nameid_format: self.nameid_format.as_deref().map(format).transpose()?,
            attribute_mapping: self.attribute_mapping.map(mapping).transpose()?,
            alternative_audience_uri: self.alternative_audience_uri,
            alternative_acs_url: self.alternative_acs_url,
            idp_initiated_auth_disabled: self.idp_initiated_auth_disabled,
            allow_gateway_callback: self.allow_gateway_callback,
            connection_roles: self
                .saml_connection_implicit_role_assignments
                .map(|list| list.into_iter().map(|one| one.role_id).collect()),
            group_roles: self.saml_group_implicit_role_assignments.map(groups),
            authn_requests_signed: self.authn_requests_signed,
            legacy_sha1_until: self.legacy_allow_sha1_until.as_deref().map(until).transpose()?,
            legacy_inclusive_c14n_until: self
                .legacy_allow_inclusive_c14n_until
                .as_deref()
                .map(until)
                .transpose()?,
            ..SamlPatch::default()
        };
        Ok((patch, supplied))
    }
}

/// The empty text asks for the default.
fn format(urn: &str) -> Result<NameIdFormat, Refusal> {
    if urn.is_empty() {
        return Ok(NameIdFormat::default());
    }
    NameIdFormat::from_urn(urn).ok_or_else(|| {
        let known: Vec<&str> = NameIdFormat::ALL.iter().map(|format| format.as_str()).collect();
        Refusal::new(What::Invalid(Field::NameIdFormat)).because(format!(
            "Found {:?}, expected one of {}.",
            Excerpt::of(urn).as_str(),
            known.join(", ")
        ))
    })
}

fn mapping(given: Map<String, Value>) -> Result<AttributeMapping, Refusal> {
    let entry = |(ours, theirs): (String, Value)| match theirs {
        Value::String(theirs) => Some(Ok((ours, theirs))),
        Value::Null => None,
        _ => Some(Err(Refusal::new(What::Invalid(Field::NestedMapping))
            .because(format!("Found something else under {:?}.", Excerpt::of(&ours).as_str())))),
    };
    given.into_iter().filter_map(entry).collect()
}

fn until(text: &str) -> Result<Option<Time>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let time = Time::from_rfc3339(text).ok_or_else(|| {
        Refusal::new(What::Invalid(Field::LegacySwitch)).because(format!(
            "Found {:?}, expected a time such as 2026-01-31T00:00:00Z.",
            Excerpt::of(text).as_str()
        ))
    })?;
    Ok(Some(time))
}

async fn update(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Granted(grant): Granted<ChangeConnection>,
    Path(at): Path<ConnectionPath>,
    Input(body): Input<UpdateIn>,
) -> Answer<ConnectionOut> {
    let id = at.id(Thing::SamlConnection)?;
    let (patch, supplied) = body.split()?;
    let connection = saml::update(&app, &ctx, &grant, id, patch, supplied).await?;
    answer(&app, &ctx, &connection)
}

#[derive(Deserialize)]
struct UpdateByUrlIn {
    metadata_url: Option<String>,
    metadata_entity_id: Option<String>,
}

async fn update_by_url(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Granted(grant): Granted<ChangeConnection>,
    Path(at): Path<ConnectionPath>,
    Input(body): Input<UpdateByUrlIn>,
) -> Answer<ConnectionOut> {
    let id = at.id(Thing::SamlConnection)?;
    let url = required(body.metadata_url.filter(|url| !url.is_empty()), "metadata_url")?;
    let patch = SamlPatch {
        metadata_url: Some(url),
        metadata_entity_id: body.metadata_entity_id,
        ..SamlPatch::default()
    };
    let connection = saml::update(&app, &ctx, &grant, id, patch, SuppliedMaterial::default()).await?;
    answer(&app, &ctx, &connection)
}

#[derive(Deserialize)]
struct CertificatePath {
    certificate_id: String,
}

#[derive(Serialize)]
struct CertificateRemovedOut {
    certificate_id: SamlVerificationKeyId,
}

async fn remove_certificate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Granted(grant): Granted<ChangeConnection>,
    Path(at): Path<ConnectionPath>,
    Path(path): Path<CertificatePath>,
) -> Answer<CertificateRemovedOut> {
    let id = at.id(Thing::SamlConnection)?;
    let certificate_id = path.certificate_id.parse();
    let certificate_id =
        certificate_id.map_err(|_| Failure::from(What::NotFound(Thing::VerificationCertificate)))?;
    saml::remove_certificate(&app, &ctx, &grant, id, certificate_id).await?;
    ok(&ctx, CertificateRemovedOut { certificate_id })
}

#[derive(Deserialize)]
struct KeyPath {
    private_key_id: String,
}

#[derive(Serialize)]
struct KeyRemovedOut {
    private_key_id: SamlEncryptionKeyId,
}

async fn remove_encryption_key(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Granted(grant): Granted<ChangeConnection>,
    Path(at): Path<ConnectionPath>,
    Path(path): Path<KeyPath>,
) -> Answer<KeyRemovedOut> {
    let id = at.id(Thing::SamlConnection)?;
    let private_key_id = path.private_key_id.parse();
    let private_key_id = private_key_id.map_err(|_| Failure::from(What::NotFound(Thing::EncryptionKey)))?;
    saml::remove_encryption_key(&app, &ctx, &grant, id, private_key_id).await?;
    ok(&ctx, KeyRemovedOut { private_key_id })
}
