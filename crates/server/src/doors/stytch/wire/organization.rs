//! Organizations on the wire: the object (contract 4.5) and the settings of create and update (3.2.1).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vestibule_domain::id::{ConnectionId, OrganizationId};
use vestibule_domain::metadata::Metadata;
use vestibule_domain::organization::{Access, EmailRoleAssignment, MfaPolicy, OrganizationPatch};
use vestibule_domain::refusal::{Field, Refusal, What};

use super::{RoleOut, one_of};
use crate::http::input::required;
use vestibule_store::tables::connections::ActiveConnection;

use crate::operations::views::OrganizationView;

const ACCESS: [(&str, Access); 3] = [
    ("ALL_ALLOWED", Access::AllAllowed),
    ("RESTRICTED", Access::Restricted),
    ("NOT_ALLOWED", Access::NotAllowed),
];
const MFA_POLICY: [(&str, MfaPolicy); 2] =
    [("OPTIONAL", MfaPolicy::Optional), ("REQUIRED_FOR_ALL", MfaPolicy::RequiredForAll)];

const fn access_name(access: Access) -> &'static str {
    match access {
        Access::AllAllowed => "ALL_ALLOWED",
        Access::Restricted => "RESTRICTED",
        Access::NotAllowed => "NOT_ALLOWED",
    }
}

const fn mfa_policy_name(policy: MfaPolicy) -> &'static str {
    match policy {
        MfaPolicy::Optional => "OPTIONAL",
        MfaPolicy::RequiredForAll => "REQUIRED_FOR_ALL",
    }
}

/// A role by e-mail domain.
#[derive(Debug, Deserialize, Serialize)]
struct DomainRole {
    domain: Option<String>,
    role_id: Option<String>,
}

#[derive(Debug, Serialize)]
struct ActiveConnectionOut {
    connection_id: ConnectionId,
    display_name: String,
    identity_provider: &'static str,
}

impl From<&ActiveConnection> for ActiveConnectionOut {
    fn from(connection: &ActiveConnection) -> Self {
        Self {
            connection_id: connection.id,
            display_name: connection.display_name.clone(),
            identity_provider: connection.identity_provider.as_str(),
        }
    }
}

/// An organization.
#[derive(Debug, Serialize)]
pub struct OrganizationOut {
    organization_id: OrganizationId,
    organization_name: String,
    organization_slug: String,
    organization_logo_url: String,
    organization_external_id: Option<String>,
    trusted_metadata: Metadata,
    created_at: String,
    updated_at: String,
    sso_default_connection_id: Option<ConnectionId>,
    sso_jit_provisioning: &'static str,
    sso_jit_provisioning_allowed_connections: Vec<ConnectionId>,
    sso_active_connections: Vec<ActiveConnectionOut>,
    /// SCIM is not served yet, so there is never one.
    scim_active_connection: Option<()>,
    email_allowed_domains: Vec<String>,
    email_jit_provisioning: &'static str,
    email_invites: &'static str,
    auth_methods: &'static str,
    allowed_auth_methods: Vec<String>,
    mfa_policy: &'static str,
    mfa_methods: &'static str,
    allowed_mfa_methods: Vec<String>,
    oauth_tenant_jit_provisioning: &'static str,
    allowed_oauth_tenants: BTreeMap<String, Vec<String>>,
    claimed_email_domains: Vec<String>,
    rbac_email_implicit_role_assignments: Vec<DomainRole>,
    first_party_connected_apps_allowed_type: &'static str,
    allowed_first_party_connected_apps: Vec<String>,
    third_party_connected_apps_allowed_type: &'static str,
    allowed_third_party_connected_apps: Vec<String>,
    custom_roles: Vec<RoleOut>,
}

impl From<&OrganizationView> for OrganizationOut {
    fn from(view: &OrganizationView) -> Self {
        let organization = &view.organization;
        let policy = organization.policy.clone();
        Self {
            organization_id: organization.id,
            organization_name: organization.name.clone(),
            organization_slug: organization.slug.clone(),
            organization_logo_url: organization.logo_url.clone(),
            organization_external_id: organization.external_id.clone(),
            trusted_metadata: organization.trusted_metadata.clone(),
            created_at: organization.created_at.to_string(),
            updated_at: organization.updated_at.to_string(),
            sso_default_connection_id: policy.sso_default_connection_id,
            sso_jit_provisioning: access_name(policy.sso_jit_provisioning),
            sso_jit_provisioning_allowed_connections: policy.sso_jit_provisioning_allowed_connections,
            sso_active_connections: view.active_connections.iter().map(ActiveConnectionOut::from).collect(),
            scim_active_connection: None,
            email_allowed_domains: policy.email_allowed_domains,
            email_jit_provisioning: access_name(policy.email_jit_provisioning),
            email_invites: access_name(policy.email_invites),
            auth_methods: access_name(policy.auth_methods),
            allowed_auth_methods: policy.allowed_auth_methods,
            mfa_policy: mfa_policy_name(policy.mfa_policy),
            mfa_methods: access_name(policy.mfa_methods),
            allowed_mfa_methods: policy.allowed_mfa_methods,
            oauth_tenant_jit_provisioning: access_name(policy.oauth_tenant_jit_provisioning),
            allowed_oauth_tenants: policy.allowed_oauth_tenants,
            claimed_email_domains: policy.claimed_email_domains,
            rbac_email_implicit_role_assignments: domain_roles(&organization.email_role_assignments),
            first_party_connected_apps_allowed_type: access_name(
                policy.first_party_connected_apps_allowed_type,
            ),
            allowed_first_party_connected_apps: policy.allowed_first_party_connected_apps,
            third_party_connected_apps_allowed_type: access_name(
                policy.third_party_connected_apps_allowed_type,
            ),
            allowed_third_party_connected_apps: policy.allowed_third_party_connected_apps,
            custom_roles: organization.custom_roles.iter().map(RoleOut::from).collect(),
        }
    }
}

fn domain_roles(assignments: &[EmailRoleAssignment]) -> Vec<DomainRole> {
    let out = |assignment: &EmailRoleAssignment| DomainRole {
        domain: Some(assignment.domain.clone()),
        role_id: Some(assignment.role_id.clone()),
    };
    assignments.iter().map(out).collect()
}

/// The settings of an organization in a create or update call. Unknown members are ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct OrganizationFields {
    organization_name: Option<String>,
    organization_slug: Option<String>,
    organization_logo_url: Option<String>,
    organization_external_id: Option<String>,
    trusted_metadata: Option<Metadata>,
    sso_default_connection_id: Option<String>,
    sso_jit_provisioning: Option<String>,
    sso_jit_provisioning_allowed_connections: Option<Vec<String>>,
    email_allowed_domains: Option<Vec<String>>,
    email_jit_provisioning: Option<String>,
    email_invites: Option<String>,
    auth_methods: Option<String>,
    allowed_auth_methods: Option<Vec<String>>,
    mfa_policy: Option<String>,
    mfa_methods: Option<String>,
    allowed_mfa_methods: Option<Vec<String>>,
    oauth_tenant_jit_provisioning: Option<String>,
    allowed_oauth_tenants: Option<BTreeMap<String, Vec<String>>>,
    claimed_email_domains: Option<Vec<String>>,
    rbac_email_implicit_role_assignments: Option<Vec<DomainRole>>,
    first_party_connected_apps_allowed_type: Option<String>,
    allowed_first_party_connected_apps: Option<Vec<String>>,
    third_party_connected_apps_allowed_type: Option<String>,
    allowed_third_party_connected_apps: Option<Vec<String>>,
}

impl OrganizationFields {
    /// The same as the domain's change.
    ///
    /// # Errors
    /// A spelling that is not one of the contract's, or a connection id that is not one.
    pub fn into_patch(self) -> Result<OrganizationPatch, Refusal> {
        Ok(OrganizationPatch {
            name: self.organization_name,
            slug: self.organization_slug,
            logo_url: self.organization_logo_url,
            external_id: self.organization_external_id,
            trusted_metadata: self.trusted_metadata,
            sso_default_connection_id: default_connection(self.sso_default_connection_id.as_deref())?,
            sso_jit_provisioning: access("sso_jit_provisioning", self.sso_jit_provisioning)?,
            sso_jit_provisioning_allowed_connections: jit_connections(
                self.sso_jit_provisioning_allowed_connections,
            )?,
            email_allowed_domains: self.email_allowed_domains,
            email_jit_provisioning: access("email_jit_provisioning", self.email_jit_provisioning)?,
            email_invites: access("email_invites", self.email_invites)?,
            auth_methods: access("auth_methods", self.auth_methods)?,
            allowed_auth_methods: self.allowed_auth_methods,
            mfa_policy: self.mfa_policy.map(|found| one_of("mfa_policy", &found, &MFA_POLICY)).transpose()?,
            mfa_methods: access("mfa_methods", self.mfa_methods)?,
            allowed_mfa_methods: self.allowed_mfa_methods,
            oauth_tenant_jit_provisioning: access(
                "oauth_tenant_jit_provisioning",
                self.oauth_tenant_jit_provisioning,
            )?,
            allowed_oauth_tenants: self.allowed_oauth_tenants,
            claimed_email_domains: self.claimed_email_domains,
            email_role_assignments: role_assignments(self.rbac_email_implicit_role_assignments)?,
            first_party_connected_apps_allowed_type: access(
                "first_party_connected_apps_allowed_type",
                self.first_party_connected_apps_allowed_type,
            )?,
            allowed_first_party_connected_apps: self.allowed_first_party_connected_apps,
            third_party_connected_apps_allowed_type: access(
                "third_party_connected_apps_allowed_type",
                self.third_party_connected_apps_allowed_type,
            )?,
            allowed_third_party_connected_apps: self.allowed_third_party_connected_apps,
        })
    }
}

fn access(field: &str, found: Option<String>) -> Result<Option<Access>, Refusal> {
    found.map(|found| one_of(field, &found, &ACCESS)).transpose()
}

fn default_connection(found: Option<&str>) -> Result<Option<ConnectionId>, Refusal> {
    let Some(found) = found else { return Ok(None) };
    let unknown = || Refusal::new(What::Invalid(Field::DefaultConnection)).found(format!("{found:?}"));
    found.parse().map(Some).map_err(|_| unknown())
}

fn jit_connections(found: Option<Vec<String>>) -> Result<Option<Vec<ConnectionId>>, Refusal> {
    let parse = |text: String| {
        text.parse::<ConnectionId>()
            .map_err(|_| Refusal::new(What::Invalid(Field::JitConnections)).found(format!("{text:?}")))
    };
    found.map(|list| list.into_iter().map(parse).collect()).transpose()
}

fn role_assignments(found: Option<Vec<DomainRole>>) -> Result<Option<Vec<EmailRoleAssignment>>, Refusal> {
    let read = |role: DomainRole| {
        Ok(EmailRoleAssignment {
            domain: required(role.domain, "rbac_email_implicit_role_assignments[].domain")?,
            role_id: required(role.role_id, "rbac_email_implicit_role_assignments[].role_id")?,
        })
    };
    found.map(|list| list.into_iter().map(read).collect()).transpose()
}
