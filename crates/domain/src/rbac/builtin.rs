//! The roles and resources every project has (contract 7.1 and 7.2).

use super::{Permission, Policy, Resource, Role};

/// Held by every active member.
pub const MEMBER_ROLE: &str = "stytch_member";
/// May do everything inside its organization.
pub const ADMIN_ROLE: &str = "stytch_admin";

const ORGANIZATION: &[&str] = &[
    "update.info.name",
    "update.info.slug",
    "update.info.logo-url",
    "update.settings.allowed-auth-methods",
    "update.settings.allowed-mfa-methods",
    "update.settings.email-jit-provisioning",
    "update.settings.email-invites",
    "update.settings.allowed-domains",
    "update.settings.default-sso-connection",
    "update.settings.sso-jit-provisioning",
    "update.settings.mfa-policy",
    "update.settings.implicit-roles",
    "update.settings.allowed-oauth-tenants",
    "update.settings.oauth-tenant-jit-provisioning",
    "delete",
];

const MEMBER: &[&str] = &[
    "create",
    "search",
    "delete",
    "revoke-sessions",
    "update.info.name",
    "update.info.untrusted-metadata",
    "update.info.mfa-phone",
    "update.info.delete.mfa-phone",
    "update.info.delete.mfa-totp",
    "update.info.delete.password",
    "update.info.email",
    "update.info.unlink.retired-email",
    "update.settings.is-breakglass",
    "update.settings.mfa-enrolled",
    "update.settings.default-mfa-method",
    "update.settings.roles",
    "get.connected-apps",
    "revoke.connected-app",
];

const MYSELF: &[&str] = &[
    "update.info.name",
    "update.info.untrusted-metadata",
    "update.info.mfa-phone",
    "update.info.delete.mfa-phone",
    "update.info.delete.mfa-totp",
    "update.info.delete.password",
    "update.info.email",
    "update.info.unlink.retired-email",
    "update.settings.mfa-enrolled",
    "update.settings.default-mfa-method",
    "delete",
    "revoke-sessions",
    "get.connected-apps",
    "revoke.connected-app",
];

const CRUD: &[&str] = &["create", "get", "update", "delete"];

const RESOURCES: [(&str, &str, &[&str]); 5] = [
    ("stytch.organization", "The organization and its settings", ORGANIZATION),
    ("stytch.member", "The organization's members", MEMBER),
    ("stytch.self", "The member who is asking", MYSELF),
    ("stytch.sso", "The organization's SSO connections", CRUD),
    ("stytch.scim", "The organization's SCIM connection", CRUD),
];

/// The policy every project starts with.
#[must_use]
pub fn builtin_policy() -> Policy {
    let all_of =
        |resource: &str| Permission { resource_id: resource.to_owned(), actions: vec!["*".to_owned()] };
    let member = Role {
        role_id: MEMBER_ROLE.to_owned(),
        description: "Every active member".to_owned(),
        permissions: vec![all_of("stytch.self")],
    };
    let admin = Role {
        role_id: ADMIN_ROLE.to_owned(),
        description: "Administrators of the organization".to_owned(),
        permissions: ["stytch.organization", "stytch.member", "stytch.sso", "stytch.scim"].map(all_of).into(),
    };
    let resource = |(id, description, actions): (&str, &str, &[&str])| Resource {
        resource_id: id.to_owned(),
        description: description.to_owned(),
        actions: actions.iter().map(ToString::to_string).collect(),
    };
    Policy { roles: vec![member, admin], resources: RESOURCES.map(resource).into() }
}
