//! Members on the wire: the object and the fields of create and update (3.3).

use serde::Serialize;
use serde_json::{Map, Value};
use vestibule_domain::bounds::kept_claims;
use vestibule_domain::id::{ConnectionId, EmailId, MemberId, OrganizationId, RegistrationId};
use vestibule_domain::identity::Registration;
use vestibule_domain::member::{Member, MemberDraft, MemberPatch, MemberStatus, RetiredEmail};
use vestibule_domain::metadata::Metadata;
use vestibule_domain::patch::Patch;
use vestibule_domain::rbac::{ADMIN_ROLE, RoleGrant, RoleSource};
use vestibule_domain::refusal::Refusal;

use super::scim_attributes::ScimRegistrationOut;
use super::settings::{ExternalId, Flag, Kind, Plain, Text, kinds, settings};
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
            // Registrations from before there was a bound may hold more.
            sso_attributes: kept_claims(registration.attributes.clone()).0,
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
            RoleSource::DirectoryGroup(id, group) => (
                "scim_connection_group",
                vec![("connection_id", id.to_string()), ("group_id", group.to_string())],
            ),
            RoleSource::ConnectionGroup(id, group) => {
                ("sso_connection_group", vec![("connection_id", id.to_string()), ("group", group.clone())])
            }
        };
        let details = details.into_iter().map(|(key, text)| (key.to_owned(), Value::String(text))).collect();
        Self { r#type, details }
    }
}

#[derive(Debug, Serialize)]
struct RoleGrantOut {
    role_id: String,
    sources: Vec<SourceOut>,
}

impl From<&RoleGrant> for RoleGrantOut {
    fn from(grant: &RoleGrant) -> Self {
        Self { role_id: grant.role_id.clone(), sources: grant.sources.iter().map(SourceOut::from).collect() }
    }
}

settings! {
    /// The fields of a member in a create or update call. Unknown members are ignored.
    in MemberIn => MemberPatch;
    /// What of it is shown.
    out MemberFields of view: MemberView;

    shown from view.member => {
        email_address: Text = view.member.email.to_string(),
        name: Text,
        trusted_metadata: Plain<Metadata>,
        untrusted_metadata: Plain<Metadata>,
        is_breakglass: Flag,
        mfa_phone_number: Text,
        mfa_enrolled: Flag,
        default_mfa_method: Text,
        roles: Roles = view.grants.iter().map(RoleGrantOut::from).collect(),
        external_id: ExternalId,
    }
    beside {
        /// The member is to be made before they sign in.
        create_member_as_pending: Option<bool>,
        /// The former address is to be forgotten.
        unlink_email: Option<bool>,
        /// Sessions stay whatever roles go.
        preserve_existing_sessions: Option<bool>,
    }
    later { unlink_email, preserve_existing_sessions, }
}

kinds! {
    /// Those given by name are taken, and all are shown.
    Roles: Vec<String> => Vec<String>, shown as Vec<RoleGrantOut>, Ok;
}

/// A member. The parts that belong to ways of signing in which are not served yet are always empty.
#[derive(Debug, Serialize)]
pub(crate) struct MemberOut {
    organization_id: OrganizationId,
    member_id: MemberId,
    #[serde(flatten)]
    fields: MemberFields,
    email_address_verified: bool,
    status: MemberStatus,
    is_admin: bool,
    is_locked: bool,
    lock_created_at: Option<String>,
    lock_expires_at: Option<String>,
    sso_registrations: Vec<RegistrationOut>,
    scim_registration: Option<ScimRegistrationOut>,
    oauth_registrations: [(); 0],
    member_password_id: &'static str,
    totp_registration_id: String,
    mfa_phone_number_verified: bool,
    retired_email_addresses: Vec<RetiredEmailOut>,
    created_at: String,
    updated_at: String,
}

impl From<&MemberView> for MemberOut {
    fn from(view: &MemberView) -> Self {
        let member = &view.member;
        Self {
            organization_id: member.organization_id,
            member_id: member.id,
            fields: MemberFields::of(view),
            email_address_verified: member.email_verified,
            status: member.status,
            is_admin: view.grants.iter().any(|grant| grant.role_id == ADMIN_ROLE),
            is_locked: false,
            lock_created_at: None,
            lock_expires_at: None,
            sso_registrations: view.registrations.iter().map(RegistrationOut::from).collect(),
            scim_registration: view.provisioned.as_ref().map(ScimRegistrationOut::from),
            oauth_registrations: [],
            member_password_id: "",
            totp_registration_id: totp_registration_id(member),
            mfa_phone_number_verified: member.mfa_phone_number_verified,
            retired_email_addresses: member.retired_emails.iter().map(RetiredEmailOut::from).collect(),
            created_at: member.created_at.to_string(),
            updated_at: member.updated_at.to_string(),
        }
    }
}

/// The authenticator application that was proved, `""` without one.
pub(crate) fn totp_registration_id(member: &Member) -> String {
    member.totp_id.map(|id| id.to_string()).unwrap_or_default()
}

impl MemberIn {
    /// A new member's beginnings.
    ///
    /// # Errors
    /// `missing_required_field` without an address.
    pub(crate) fn into_draft(mut self) -> Result<MemberDraft, Refusal> {
        let given = self.patch()?;
        Ok(MemberDraft {
            email_address: required(given.email_address.given(), "email_address")?,
            name: given.name.given().unwrap_or_default(),
            trusted_metadata: given.trusted_metadata.given(),
            untrusted_metadata: given.untrusted_metadata.given(),
            create_as_pending: self.create_member_as_pending.unwrap_or_default(),
            is_breakglass: given.is_breakglass.given().unwrap_or_default(),
            mfa_phone_number: given.mfa_phone_number.given().unwrap_or_default(),
            mfa_enrolled: given.mfa_enrolled.given().unwrap_or_default(),
            roles: given.roles.given().unwrap_or_default(),
            external_id: given.external_id.given(),
        })
    }

    /// A change to a member.
    ///
    /// # Errors
    /// A value that its field cannot have.
    pub(crate) fn into_patch(mut self) -> Result<MemberPatch, Refusal> {
        Ok(MemberPatch {
            unlink_email: self.unlink_email.unwrap_or_default(),
            preserve_existing_sessions: self.preserve_existing_sessions.unwrap_or_default(),
            ..self.patch()?
        })
    }
}
