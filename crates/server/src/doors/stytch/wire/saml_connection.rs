//! SAML connections on the wire (contract 4.1).

use std::collections::BTreeMap;

use serde::Serialize;
use vestibule_domain::Time;
use vestibule_domain::connection::{Connection, SamlSettings, SsoBinding};
use vestibule_domain::id::ConnectionId;

use crate::world::App;

/// A SAML connection. `id` and `idp` are older names of the contract for `connection_id` and `identity_provider`, and
/// `saml_encryption_private_keys` is what the browser's clients call `encryption_private_keys`. What follows
/// `allow_gateway_callback` are our own extensions.
#[derive(Debug, Serialize)]
pub struct SamlConnectionOut {
    organization_id: String,
    connection_id: String,
    id: String,
    status: &'static str,
    display_name: String,
    identity_provider: &'static str,
    idp: &'static str,
    idp_entity_id: String,
    idp_sso_url: String,
    acs_url: String,
    audience_uri: String,
    alternative_acs_url: String,
    alternative_audience_uri: String,
    nameid_format: &'static str,
    attribute_mapping: BTreeMap<String, String>,
    signing_certificates: Vec<CertificateOut>,
    verification_certificates: Vec<CertificateOut>,
    encryption_private_keys: Vec<PrivateKeyOut>,
    saml_encryption_private_keys: Vec<PrivateKeyOut>,
    saml_connection_implicit_role_assignments: Vec<RoleAssignment>,
    saml_group_implicit_role_assignments: Vec<GroupRoleAssignment>,
    idp_initiated_auth_disabled: bool,
    allow_gateway_callback: bool,
    sp_metadata_url: String,
    metadata_url: String,
    metadata_entity_id: String,
    idp_sso_binding: SsoBinding,
    authn_requests_signed: bool,
    legacy_allow_sha1_until: String,
    legacy_allow_inclusive_c14n_until: String,
}

#[derive(Debug, Serialize)]
struct CertificateOut {
    certificate_id: String,
    id: String,
    certificate: String,
    issuer: String,
    created_at: String,
    expires_at: String,
    updated_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint_sha256: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct PrivateKeyOut {
    private_key_id: String,
    private_key: String,
    created_at: String,
}

#[derive(Debug, Serialize)]
struct RoleAssignment {
    role_id: String,
}

#[derive(Debug, Serialize)]
struct GroupRoleAssignment {
    role_id: String,
    group: String,
}

/// A SAML connection as the contract shows it, private keys included, to callers that may see the connection.
#[must_use]
pub fn saml(app: &App, connection: &Connection, settings: &SamlSettings) -> SamlConnectionOut {
    let callback = app.callback_url(connection.id);
    let provider = connection.identity_provider.as_str();
    let encryption = encryption_keys(settings);
    SamlConnectionOut {
        organization_id: connection.organization_id.to_string(),
        connection_id: connection.id.to_string(),
        id: connection.id.to_string(),
        status: connection.status().as_str(),
        display_name: connection.display_name.clone(),
        identity_provider: provider,
        idp: provider,
        idp_entity_id: settings.idp_entity_id.clone(),
        idp_sso_url: settings.idp_sso_url.clone(),
        acs_url: callback.clone(),
        audience_uri: callback,
        alternative_acs_url: settings.alternative_acs_url.clone(),
        alternative_audience_uri: settings.alternative_audience_uri.clone(),
        nameid_format: settings.nameid_format.as_str(),
        attribute_mapping: settings.mapping(connection.identity_provider).shown(),
        signing_certificates: signing_certificates(connection.id, settings),
        verification_certificates: verification_certificates(settings),
        encryption_private_keys: encryption.clone(),
        saml_encryption_private_keys: encryption,
        saml_connection_implicit_role_assignments: settings
            .connection_roles
            .iter()
            .map(|role_id| RoleAssignment { role_id: role_id.clone() })
            .collect(),
        saml_group_implicit_role_assignments: settings
            .group_roles
            .iter()
            .map(|role| GroupRoleAssignment { role_id: role.role_id.clone(), group: role.group.clone() })
            .collect(),
        idp_initiated_auth_disabled: settings.idp_initiated_auth_disabled,
        allow_gateway_callback: settings.allow_gateway_callback,
        sp_metadata_url: app.sp_metadata_url(connection.id),
        metadata_url: settings.metadata_url.clone(),
        metadata_entity_id: settings.metadata_entity_id.clone(),
        idp_sso_binding: settings.sso_binding,
        authn_requests_signed: settings.authn_requests_signed,
        legacy_allow_sha1_until: until(settings.legacy.sha1_until),
        legacy_allow_inclusive_c14n_until: until(settings.legacy.inclusive_c14n_until),
    }
}

/// All SAML connections of a list.
#[must_use]
pub fn saml_connections(app: &App, connections: &[Connection]) -> Vec<SamlConnectionOut> {
    connections.iter().filter_map(|connection| Some(saml(app, connection, connection.saml()?))).collect()
}

/// Unset texts are empty, never null.
fn until(time: Option<Time>) -> String {
    time.map(|time| time.to_string()).unwrap_or_default()
}

fn signing_certificates(of: ConnectionId, settings: &SamlSettings) -> Vec<CertificateOut> {
    let certificates = settings.signing_keys.iter().map(|key| CertificateOut {
        certificate_id: key.id.to_string(),
        id: key.id.to_string(),
        certificate: key.certificate.clone(),
        issuer: format!("CN={of}"),
        created_at: key.created_at.to_string(),
        expires_at: key.expires_at.to_string(),
        updated_at: None,
        subject: None,
        not_before: None,
        fingerprint_sha256: None,
    });
    certificates.collect()
}

fn verification_certificates(settings: &SamlSettings) -> Vec<CertificateOut> {
    let certificates = settings.verification_certificates.iter().map(|certificate| CertificateOut {
        certificate_id: certificate.id.to_string(),
        id: certificate.id.to_string(),
        certificate: certificate.pem.clone(),
        issuer: certificate.issuer.clone(),
        created_at: certificate.created_at.to_string(),
        expires_at: certificate.expires_at.to_string(),
        updated_at: None,
        subject: Some(certificate.subject.clone()),
        not_before: Some(certificate.not_before.to_string()),
        fingerprint_sha256: Some(certificate.fingerprint.clone()),
    });
    certificates.collect()
}

fn encryption_keys(settings: &SamlSettings) -> Vec<PrivateKeyOut> {
    let keys = settings.encryption_keys.iter().map(|key| PrivateKeyOut {
        private_key_id: key.id.to_string(),
        private_key: key.private_key.expose().to_owned(),
        created_at: key.created_at.to_string(),
    });
    keys.collect()
}
