//! SAML connections on the wire.

use serde::Serialize;
use vestibule_domain::connection::{
    Connection, ConnectionStatus, NameIdFormat, ProviderLabel, SamlPatch, SamlSettings, SsoBinding,
};
use vestibule_domain::id::ConnectionId;
use vestibule_domain::mapping::AttributeMapping;
use vestibule_domain::patch::Patch;
use vestibule_domain::refusal::{Field, Refusal, What};
use vestibule_domain::spelled::names;
use vestibule_refusal::Excerpt;

use super::connection::Label;
use super::mapping::MappingIn;
use super::role_assignments::{self, ConnectionRoles, GroupRoles};
use super::settings::{Flag, Kind, LegacyUntil, Text, Until, kinds, settings, shown};
use crate::world::App;

settings! {
    /// The update body. What stands under `beside` is read into certificates, keys and metadata; an empty one is none.
    in SamlConnectionIn => SamlPatch;
    /// The settings of a connection. What follows `allow_gateway_callback` are our own extensions.
    out SamlConnectionSettings of connection: Connection, settings: SamlSettings;

    shown from connection => {
        display_name: Text,
        identity_provider: Label,
    }
    shown from settings => {
        idp_entity_id: Text,
        idp_sso_url: Text,
        nameid_format: Format,
        attribute_mapping: Mapping = settings.mapping(connection.identity_provider).shown(),
        alternative_audience_uri: Text,
        alternative_acs_url: Text,
        connection_roles as "saml_connection_implicit_role_assignments": ConnectionRoles
            = role_assignments::shown(&settings.connection_roles),
        group_roles as "saml_group_implicit_role_assignments": GroupRoles,
        idp_initiated_auth_disabled: Flag,
        allow_gateway_callback: Flag,
        metadata_url: Text,
        metadata_entity_id: Text,
        authn_requests_signed: Flag,
        legacy_sha1_until as "legacy_allow_sha1_until": LegacyUntil = shown(settings.legacy.sha1_until),
        legacy_inclusive_c14n_until as "legacy_allow_inclusive_c14n_until": LegacyUntil
            = shown(settings.legacy.inclusive_c14n_until),
        relink_changed_subjects: Flag = settings.addresses.relink_changed_subjects,
        link_existing_members_until: Until = shown(settings.addresses.link_existing_members_until),
    }
    beside {
        /// One or several certificates of the provider in PEM.
        x509_certificate: Option<String>,
        /// A key that signs our messages.
        signing_private_key: Option<String>,
        /// A key that decrypts.
        saml_encryption_private_key: Option<String>,
        /// The provider's metadata itself.
        metadata_xml: Option<String>,
        /// What the provider writes where it answers nothing. Our own extension, shown when it is set.
        idp_initiated_in_response_to: Patch<String>,
    }
    later {
        attribute_mapping_adds, certificates, signing_key, encryption_key, idp_initiated_in_response_to, sp_entity_id,
        profile_fields, learns_provider, common,
    }
}

kinds! {
    /// The empty text asks for the default.
    Format: String => NameIdFormat, shown as NameIdFormat, |given| given.try_map(|urn| format(&urn));
    /// The empty text goes back to the provider's usual names. An empty object is a mapping that lacks everything.
    Mapping: MappingIn => AttributeMapping, shown as AttributeMapping, |given| given.try_map(MappingIn::mapping);
}

fn format(urn: &str) -> Result<NameIdFormat, Refusal> {
    NameIdFormat::from_name(urn).ok_or_else(|| {
        Refusal::new(What::Invalid(Field::NameIdFormat))
            .found(format!("{:?}", Excerpt::of(urn).as_str()))
            .expected(format!("one of {}", names::<NameIdFormat>()))
    })
}

/// A SAML connection. `id` and `idp` are older names of the contract for `connection_id` and `identity_provider`, and
/// `saml_encryption_private_keys` is what the browser's clients call `encryption_private_keys`. `sp_metadata_url`,
/// `idp_sso_binding` and `idp_initiated_in_response_to` are our own extensions.
#[derive(Debug, Serialize)]
pub(crate) struct SamlConnectionOut {
    organization_id: String,
    connection_id: String,
    id: String,
    status: ConnectionStatus,
    idp: ProviderLabel,
    acs_url: String,
    audience_uri: String,
    signing_certificates: Vec<CertificateOut>,
    verification_certificates: Vec<CertificateOut>,
    encryption_private_keys: Vec<PrivateKeyOut>,
    saml_encryption_private_keys: Vec<PrivateKeyOut>,
    #[serde(flatten)]
    settings: SamlConnectionSettings,
    sp_metadata_url: String,
    idp_sso_binding: SsoBinding,
    #[serde(skip_serializing_if = "String::is_empty")]
    idp_initiated_in_response_to: String,
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

/// A SAML connection as the contract shows it, private keys included, to callers that may see the connection.
#[must_use]
pub(crate) fn saml(app: &App, connection: &Connection, settings: &SamlSettings) -> SamlConnectionOut {
    let known_as = app.known_now(connection);
    let encryption = encryption_keys(settings);
    SamlConnectionOut {
        organization_id: connection.organization_id.to_string(),
        connection_id: connection.id.to_string(),
        id: connection.id.to_string(),
        status: connection.status(),
        idp: connection.identity_provider,
        acs_url: known_as.callback,
        audience_uri: known_as.entity_id,
        signing_certificates: signing_certificates(connection.id, settings),
        verification_certificates: verification_certificates(settings),
        encryption_private_keys: encryption.clone(),
        saml_encryption_private_keys: encryption,
        settings: SamlConnectionSettings::of(connection, settings),
        sp_metadata_url: app.sp_metadata_url(connection.id),
        idp_sso_binding: settings.sso_binding,
        idp_initiated_in_response_to: settings.idp_initiated_in_response_to.clone(),
    }
}

/// All SAML connections of a list.
#[must_use]
pub(crate) fn saml_connections(app: &App, connections: &[Connection]) -> Vec<SamlConnectionOut> {
    connections.iter().filter_map(|connection| Some(saml(app, connection, connection.saml()?))).collect()
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
