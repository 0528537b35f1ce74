//! Members on the wire: the object (contract 4.4) and the fields of create and update (3.3).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use vestibule_domain::id::{ConnectionId, EmailId, MemberId, OrganizationId, RegistrationId};
use vestibule_domain::identity::Registration;
use vestibule_domain::member::{MemberDraft, MemberPatch, RetiredEmail};
use vestibule_domain::metadata::Metadata;
use vestibule_domain::rbac::{ADMIN_ROLE, RoleGrant, RoleSource};
use vestibule_domain::refusal::Refusal;

use crate::http::input::required;
use crate::operations::views::MemberView;

#[derive(Debug, Serialize)]
struct RegistrationOut {
    registration_id: RegistrationId,
    connection_id: ConnectionId,
    external_id: String,
    sso_attributes: Map<String, Value>,
}

impl From<&Registration> for RegistrationOut {
    fn from(registration: &Registration) -> Self {
        Self {
            registration_id: registration.id,
            connection_id: registration.connection_id,
            external_id: registration.external_id.clone(),
            sso_attributes: registration.attributes.clone(),
        }
    }
}

#[derive(Debug, Serialize)]
struct RetiredEmailOut {
    email_id: EmailId,
    email_address: String,
}

impl From<&RetiredEmail> for RetiredEmailOut {
    fn from(email: &RetiredEmail) -> Self {
        Self { email_id: email.id, email_address: email.address.to_string() }
    }
}

#[derive(Debug, Serialize)]
struct SourceOut {
    r#type: &'static str,
    details: Map<String, Value>,
}

impl From<&RoleSource> for SourceOut {
    fn from(source: &RoleSource) -> Self {
        let (r#type, details) = match source {
            RoleSource::Direct => ("direct_assignment", vec![]),
            RoleSource::EmailDomain(domain) => ("email_assignment", vec![("email_domain", domain.clone())]),
            RoleSource::Connection(id) => ("sso_connection", vec![("connection_id", id.to_string())]),
            RoleSource::ConnectionGroup(id, group) => {
                ("sso_connection_group", vec![("connection_id", id.to_string()), ("group", group.clone())])
            }
        };
        let details = details.into_iter().map(|(key, text)| (key.to_owned(), Value::String(text))).collect();
        Self { r#type, details }
    }
}

#[derive(Debug, Serialize)]
struct GrantOut {
    role_id: String,
    sources: Vec<SourceOut>,
}

impl From<&RoleGrant> for GrantOut {
    fn from(grant: &RoleGrant) -> Self {
        Self { role_id: grant.role_id.clone(), sources: grant.sources.iter().map(SourceOut::from).collect() }
    }
}

/// A member. The parts that belong to ways of signing in which are not served yet are always empty.
#[derive(Debug, Serialize)]
pub struct MemberOut {
    organization_id: OrganizationId,
    member_id: MemberId,
    external_id: Option<String>,
    email_address: String,
    email_address_verified: bool,
    status: &'static str,
    name: String,
    is_breakglass: bool,
    is_admin: bool,
    is_locked: bool,
    lock_created_at: Option<String>,
    lock_expires_at: Option<String>,
    sso_registrations: Vec<RegistrationOut>,
    scim_registration: Option<()>,
    oauth_registrations: [(); 0],
    member_password_id: &'static str,
    totp_registration_id: &'static str,
    mfa_enrolled: bool,
    mfa_phone_number: String,
    mfa_phone_number_verified: bool,
    default_mfa_method: String,
    retired_email_addresses: Vec<RetiredEmailOut>,
    roles: Vec<GrantOut>,
    trusted_metadata: Metadata,
    untrusted_metadata: Metadata,
    created_at: String,
    updated_at: String,
}

impl From<&MemberView> for MemberOut {
    fn from(view: &MemberView) -> Self {
        let member = &view.member;
        Self {
            organization_id: member.organization_id,
            member_id: member.id,
            external_id: member.external_id.clone(),
            email_address: member.email.to_string(),
            email_address_verified: member.email_verified,
            status: member.status.as_str(),
            name: member.name.clone(),
            is_breakglass: member.is_breakglass,
            is_admin: view.grants.iter().any(|grant| grant.role_id == ADMIN_ROLE),
            is_locked: false,
            lock_created_at: None,
            lock_expires_at: None,
            sso_registrations: view.registrations.iter().map(RegistrationOut::from).collect(),
            scim_registration: None,
            oauth_registrations: [],
            member_password_id: "",
            totp_registration_id: "",
            mfa_enrolled: member.mfa_enrolled,
            mfa_phone_number: member.mfa_phone_number.clone(),
            mfa_phone_number_verified: false,
            default_mfa_method: member.default_mfa_method.clone(),
            retired_email_addresses: member.retired_emails.iter().map(RetiredEmailOut::from).collect(),
            roles: view.grants.iter().map(GrantOut::from).collect(),
            trusted_metadata: member.trusted_metadata.clone(),
            untrusted_metadata: member.untrusted_metadata.clone(),
            created_at: member.created_at.to_string(),
            updated_at: member.updated_at.to_string(),
        }
    }
}

/// The fields of a member in a create or update call. Unknown members are ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct MemberFields {
    email_address: Option<String>,
    name: Option<String>,
    trusted_metadata: Option<Metadata>,
    untrusted_metadata: Option<Metadata>,
    create_member_as_pending: Option<bool>,
    is_breakglass: Option<bool>,
    mfa_phone_number: Option<String>,
    mfa_enrolled: Option<bool>,
    default_mfa_method: Option<String>,
    roles: Option<Vec<String>>,
    external_id: Option<String>,
    unlink_email: Option<bool>,
    preserve_existing_sessions: Option<bool>,
}

impl MemberFields {
    /// A new member's beginnings.
    ///
    /// # Errors
    /// `missing_required_field` without an address.
    pub fn into_draft(self) -> Result<MemberDraft, Refusal> {
        Ok(MemberDraft {
            email_address: required(self.email_address, "email_address")?,
            name: self.name.unwrap_or_default(),
            trusted_metadata: self.trusted_metadata,
            untrusted_metadata: self.untrusted_metadata,
            create_as_pending: self.create_member_as_pending.unwrap_or_default(),
            is_breakglass: self.is_breakglass.unwrap_or_default(),
            mfa_phone_number: self.mfa_phone_number.unwrap_or_default(),
            mfa_enrolled: self.mfa_enrolled.unwrap_or_default(),
            roles: self.roles.unwrap_or_default(),
            external_id: self.external_id,
        })
    }

    /// A change to a member.
    #[must_use]
    pub fn into_patch(self) -> MemberPatch {
        MemberPatch {
            email_address: self.email_address,
            name: self.name,
            trusted_metadata: self.trusted_metadata,
            untrusted_metadata: self.untrusted_metadata,
            is_breakglass: self.is_breakglass,
            mfa_phone_number: self.mfa_phone_number,
            mfa_enrolled: self.mfa_enrolled,
            default_mfa_method: self.default_mfa_method,
            roles: self.roles,
            external_id: self.external_id,
            unlink_email: self.unlink_email.unwrap_or_default(),
            preserve_existing_sessions: self.preserve_existing_sessions.unwrap_or_default(),
        }
    }
}
