//! Organizations on the wire: the object and the settings of create and update (3.2.1).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vestibule_domain::connection::ProviderLabel;
use vestibule_domain::directory::Directory;
use vestibule_domain::id::{ConnectionId, DirectoryId, OrganizationId};
use vestibule_domain::metadata::Metadata;
use vestibule_domain::organization::{
    Access, EmailRoleAssignment, MfaPolicy, Organization, OrganizationPatch, PolicyPatch,
};
use vestibule_domain::patch::Patch;
use vestibule_domain::refusal::{Field, Refusal, What};
use vestibule_store::tables::connections::ActiveConnection;

use super::RoleOut;
use super::settings::{Choice, ExternalId, Kind, Plain, Text, Texts, kinds, settings};
use crate::http::input::required;
use crate::operations::views::OrganizationView;

settings! {
    /// The settings of an organization in a create or update call. Unknown members are ignored.
    in OrganizationIn => OrganizationPatch;
    /// The settings of an organization as they are shown.
    out OrganizationSettings of organization: Organization;

    shown from organization => {
        name as "organization_name": Text,
        slug as "organization_slug": Text,
        logo_url as "organization_logo_url": Text,
        external_id as "organization_external_id": ExternalId,
        trusted_metadata: Plain<Metadata>,
        email_role_assignments as "rbac_email_implicit_role_assignments": DomainRoles,
    }
    part policy: PolicyPatch, shown from organization.policy => {
        sso_default_connection_id: DefaultConnection,
        sso_jit_provisioning: Choice<Access>,
        sso_jit_provisioning_allowed_connections: JitConnections,
        email_allowed_domains: Texts,
        claimed_email_domains: Texts,
        email_jit_provisioning: Choice<Access>,
        email_invites: Choice<Access>,
        auth_methods: Choice<Access>,
        allowed_auth_methods: Texts,
        mfa_policy: Choice<MfaPolicy>,
        mfa_methods: Choice<Access>,
        allowed_mfa_methods: Texts,
        oauth_tenant_jit_provisioning: Choice<Access>,
        allowed_oauth_tenants: Plain<BTreeMap<String, Vec<String>>>,
        first_party_connected_apps_allowed_type: Choice<Access>,
        allowed_first_party_connected_apps: Texts,
        third_party_connected_apps_allowed_type: Choice<Access>,
        allowed_third_party_connected_apps: Texts,
    }
}

kinds! {
    /// The empty text leaves the organization without a default.
    DefaultConnection: String => ConnectionId, shown as Option<ConnectionId>, |given| {
        given.try_map(|text| connection_id(&text, Field::DefaultConnection))
    };
    JitConnections: Vec<String> => Vec<ConnectionId>, shown as Vec<ConnectionId>, |given| {
        given.try_map(|list| list.iter().map(|text| connection_id(text, Field::JitConnections)).collect())
    };
    DomainRoles: Vec<DomainRole> => Vec<EmailRoleAssignment>, shown as Vec<EmailRoleAssignment>, |given| {
        given.try_map(|list| list.into_iter().map(DomainRole::assignment).collect())
    };
}

fn connection_id(text: &str, field: Field) -> Result<ConnectionId, Refusal> {
    text.parse().map_err(|_| Refusal::new(What::Invalid(field)).found(format!("{text:?}")))
}

/// A role by e-mail domain.
#[derive(Deserialize)]
struct DomainRole {
    domain: Option<String>,
    role_id: Option<String>,
}

impl DomainRole {
    fn assignment(self) -> Result<EmailRoleAssignment, Refusal> {
        Ok(EmailRoleAssignment {
            domain: required(self.domain, "rbac_email_implicit_role_assignments[].domain")?,
            role_id: required(self.role_id, "rbac_email_implicit_role_assignments[].role_id")?,
        })
    }
}

/// An organization.
#[derive(Debug, Serialize)]
pub(crate) struct OrganizationOut {
    organization_id: OrganizationId,
    #[serde(flatten)]
    settings: OrganizationSettings,
    sso_active_connections: Vec<ActiveConnectionOut>,
    scim_active_connection: Option<ActiveDirectoryOut>,
    custom_roles: Vec<RoleOut>,
    created_at: String,
    updated_at: String,
}

impl From<&OrganizationView> for OrganizationOut {
    fn from(view: &OrganizationView) -> Self {
        let organization = &view.organization;
        Self {
            organization_id: organization.id,
            settings: OrganizationSettings::of(organization),
            sso_active_connections: view.active_connections.iter().map(ActiveConnectionOut::from).collect(),
            scim_active_connection: view.directory.as_ref().map(ActiveDirectoryOut::from),
            custom_roles: organization.custom_roles.iter().map(RoleOut::from).collect(),
            created_at: organization.created_at.to_string(),
            updated_at: organization.updated_at.to_string(),
        }
    }
}

/// What anybody may know of an organization whose slug they have (contract 6.4).
#[derive(Debug, Serialize)]
pub(crate) struct PublicOrganizationOut {
    organization_id: OrganizationId,
    organization_slug: String,
    organization_name: String,
    organization_logo_url: String,
    sso_active_connections: Vec<ActiveConnectionOut>,
    sso_default_connection_id: Option<ConnectionId>,
    email_jit_provisioning: Access,
    email_allowed_domains: Vec<String>,
    oauth_tenant_jit_provisioning: Access,
    allowed_oauth_tenants: BTreeMap<String, Vec<String>>,
    auth_methods: Access,
    allowed_auth_methods: Vec<String>,
    mfa_policy: MfaPolicy,
    mfa_methods: Access,
    allowed_mfa_methods: Vec<String>,
}

impl From<&OrganizationView> for PublicOrganizationOut {
    fn from(view: &OrganizationView) -> Self {
        let (organization, policy) = (&view.organization, &view.organization.policy);
        Self {
            organization_id: organization.id,
            organization_slug: organization.slug.clone(),
            organization_name: organization.name.clone(),
            organization_logo_url: organization.logo_url.clone(),
            sso_active_connections: view.active_connections.iter().map(ActiveConnectionOut::from).collect(),
            sso_default_connection_id: policy.sso_default_connection_id,
            email_jit_provisioning: policy.email_jit_provisioning,
            email_allowed_domains: policy.email_allowed_domains.clone(),
            oauth_tenant_jit_provisioning: policy.oauth_tenant_jit_provisioning,
            allowed_oauth_tenants: policy.allowed_oauth_tenants.clone(),
            auth_methods: policy.auth_methods,
            allowed_auth_methods: policy.allowed_auth_methods.clone(),
            mfa_policy: policy.mfa_policy,
            mfa_methods: policy.mfa_methods,
            allowed_mfa_methods: policy.allowed_mfa_methods.clone(),
        }
    }
}

#[derive(Debug, Serialize)]
struct ActiveDirectoryOut {
    connection_id: DirectoryId,
    display_name: String,
    bearer_token_last_four: String,
    bearer_token_expires_at: Option<String>,
}

impl From<&Directory> for ActiveDirectoryOut {
    fn from(directory: &Directory) -> Self {
        let (token, _) = directory.current_and_next();
        Self {
            connection_id: directory.id,
            display_name: directory.display_name.clone(),
            bearer_token_last_four: token.map(|token| token.last_four.clone()).unwrap_or_default(),
            bearer_token_expires_at: token.and_then(|token| token.ends_at).map(|end| end.to_string()),
        }
    }
}

#[derive(Debug, Serialize)]
struct ActiveConnectionOut {
    connection_id: ConnectionId,
    display_name: String,
    identity_provider: ProviderLabel,
}

impl From<&ActiveConnection> for ActiveConnectionOut {
    fn from(connection: &ActiveConnection) -> Self {
        Self {
            connection_id: connection.id,
            display_name: connection.display_name.clone(),
            identity_provider: connection.identity_provider,
        }
    }
}
