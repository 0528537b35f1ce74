//! Organizations: a customer company, its login policy and the rules that keep both consistent
//! (contract 3.2.1 and 4.5).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::email::{is_domain, is_public_mail_domain};
use crate::id::{ConnectionId, OrganizationId, ProjectId};
use crate::metadata::{Metadata, merge};
use crate::rbac::Role;
use crate::refusal::{Field, Refusal, What};
use crate::time::Time;

/// How far something is open. A stored value that this version does not know is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Access {
    /// Everything is allowed.
    AllAllowed,
    /// Only what a list names.
    Restricted,
    /// Nothing.
    #[serde(other)]
    NotAllowed,
}

/// Which members need a second factor. A stored value that this version does not know demands it of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MfaPolicy {
    /// Those who enrolled.
    Optional,
    /// All of them.
    #[serde(other)]
    RequiredForAll,
}

/// A role given to every member whose verified address is in a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailRoleAssignment {
    /// The domain.
    pub domain: String,
    /// The role.
    pub role_id: String,
}

/// A customer company.
///
/// Stored as a document. Without ids, name and slug it is none; the store knows when it was made and at which
/// version it is from beside the document. Everything else may be missing (ADR 0016).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Organization {
    /// The id.
    pub id: OrganizationId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// What people call it.
    pub name: String,
    /// Its name in URLs; unique in the project, without regard to case.
    pub slug: String,
    /// Where its picture is, `""` when unset.
    #[serde(default)]
    pub logo_url: String,
    /// The API user's own id for it; unique in the project.
    pub external_id: Option<String>,
    /// The API user's own data.
    #[serde(default)]
    pub trusted_metadata: Metadata,
    /// Who may sign in, and how.
    /// Missing, it is that of a new organization.
    #[serde(default)]
    pub policy: LoginPolicy,
    /// Roles by e-mail domain.
    #[serde(default)]
    pub email_role_assignments: Vec<EmailRoleAssignment>,
    /// Roles that exist in this organization only.
    #[serde(default)]
    pub custom_roles: Vec<Role>,
    /// When it was made.
    #[serde(default)]
    pub created_at: Time,
    /// When it was last changed.
    #[serde(default)]
    pub updated_at: Time,
    /// Counts changes; an update names the version it was decided on.
    #[serde(default)]
    pub version: i64,
}

/// Who may sign in to an organization, and how.
///
/// A setting that is missing in a stored document has the value it has in a new organization: none may be given a
/// default that opens more than what was decided before the setting existed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields carry the names and meanings of contract 3.2.1")]
#[serde(default)]
pub struct LoginPolicy {
    pub sso_default_connection_id: Option<ConnectionId>,
    pub sso_jit_provisioning: Access,
    pub sso_jit_provisioning_allowed_connections: Vec<ConnectionId>,
    pub email_allowed_domains: Vec<String>,
    pub email_jit_provisioning: Access,
    pub email_invites: Access,
    pub auth_methods: Access,
    pub allowed_auth_methods: Vec<String>,
    pub mfa_policy: MfaPolicy,
    pub mfa_methods: Access,
    pub allowed_mfa_methods: Vec<String>,
    pub oauth_tenant_jit_provisioning: Access,
    pub allowed_oauth_tenants: BTreeMap<String, Vec<String>>,
    pub claimed_email_domains: Vec<String>,
    pub first_party_connected_apps_allowed_type: Access,
    pub allowed_first_party_connected_apps: Vec<String>,
    pub third_party_connected_apps_allowed_type: Access,
    pub allowed_third_party_connected_apps: Vec<String>,
}

impl Default for LoginPolicy {
    fn default() -> Self {
        Self {
            sso_default_connection_id: None,
            sso_jit_provisioning: Access::AllAllowed,
            sso_jit_provisioning_allowed_connections: Vec::new(),
            email_allowed_domains: Vec::new(),
            email_jit_provisioning: Access::NotAllowed,
            email_invites: Access::AllAllowed,
            auth_methods: Access::AllAllowed,
            allowed_auth_methods: Vec::new(),
            mfa_policy: MfaPolicy::Optional,
            mfa_methods: Access::AllAllowed,
            allowed_mfa_methods: Vec::new(),
            oauth_tenant_jit_provisioning: Access::NotAllowed,
            allowed_oauth_tenants: BTreeMap::new(),
            claimed_email_domains: Vec::new(),
            first_party_connected_apps_allowed_type: Access::AllAllowed,
            allowed_first_party_connected_apps: Vec::new(),
            third_party_connected_apps_allowed_type: Access::AllAllowed,
            allowed_third_party_connected_apps: Vec::new(),
        }
    }
}

/// A change to an organization: what is `None` stays as it is; a list replaces the whole list.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields carry the names and meanings of contract 3.2.1")]
pub struct OrganizationPatch {
    pub name: Option<String>,
    pub slug: Option<String>,
    pub logo_url: Option<String>,
    pub external_id: Option<String>,
    pub trusted_metadata: Option<Metadata>,
    pub sso_default_connection_id: Option<ConnectionId>,
    pub sso_jit_provisioning: Option<Access>,
    pub sso_jit_provisioning_allowed_connections: Option<Vec<ConnectionId>>,
    pub email_allowed_domains: Option<Vec<String>>,
    pub email_jit_provisioning: Option<Access>,
    pub email_invites: Option<Access>,
    pub auth_methods: Option<Access>,
    pub allowed_auth_methods: Option<Vec<String>>,
    pub mfa_policy: Option<MfaPolicy>,
    pub mfa_methods: Option<Access>,
    pub allowed_mfa_methods: Option<Vec<String>>,
    pub oauth_tenant_jit_provisioning: Option<Access>,
    pub allowed_oauth_tenants: Option<BTreeMap<String, Vec<String>>>,
    pub claimed_email_domains: Option<Vec<String>>,
    pub email_role_assignments: Option<Vec<EmailRoleAssignment>>,
    pub first_party_connected_apps_allowed_type: Option<Access>,
    pub allowed_first_party_connected_apps: Option<Vec<String>>,
    pub third_party_connected_apps_allowed_type: Option<Access>,
    pub allowed_third_party_connected_apps: Option<Vec<String>>,
}

impl OrganizationPatch {
    /// Whether any of the settings that decide who may sign in is given.
    const fn names_auth_settings(&self) -> bool {
        self.sso_jit_provisioning.is_some()
            || self.email_allowed_domains.is_some()
            || self.email_jit_provisioning.is_some()
            || self.auth_methods.is_some()
            || self.allowed_auth_methods.is_some()
            || self.mfa_policy.is_some()
    }
}

impl Organization {
    /// A new organization out of the settings of a create call. Without a slug one is derived from the
    /// name, ending in part of the id so that two companies of one name do not collide.
    ///
    /// # Errors
    /// The rules of contract 3.2.1.
    pub fn create(
        id: OrganizationId,
        project_id: ProjectId,
        mut patch: OrganizationPatch,
        now: Time,
    ) -> Result<Self, Refusal> {
        let name = patch
            .name
            .take()
            .ok_or_else(|| Refusal::new(What::MissingField).because("organization_name is required."))?;
        let email_invites = if patch.names_auth_settings() { Access::NotAllowed } else { Access::AllAllowed };
        let slug = patch.slug.take().unwrap_or_else(|| derived_slug(&name, id));
        let mut organization = Self {
            id,
            project_id,
            name: String::new(),
            slug: String::new(),
            logo_url: String::new(),
            external_id: None,
            trusted_metadata: Metadata::new(),
            policy: LoginPolicy { email_invites, ..LoginPolicy::default() },
            email_role_assignments: Vec::new(),
            custom_roles: Vec::new(),
            created_at: now,
            updated_at: now,
            version: 1,
        };
        patch.name = Some(name);
        patch.slug = Some(slug);
        organization.set(patch)?;
        Ok(organization)
    }

    /// The hidden organization that owns what is made at project level.
    #[must_use]
    pub fn home(id: OrganizationId, project_id: ProjectId, now: Time) -> Self {
        Self {
            id,
            project_id,
            name: "home".to_owned(),
            slug: format!("home-{id}"),
            logo_url: String::new(),
            external_id: None,
            trusted_metadata: Metadata::new(),
            policy: LoginPolicy { sso_jit_provisioning: Access::NotAllowed, ..LoginPolicy::default() },
            email_role_assignments: Vec::new(),
            custom_roles: Vec::new(),
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// Applies a change as a whole or not at all. Whether named connections and roles exist is checked by
    /// [`Organization::check_references`], which needs to know them.
    ///
    /// # Errors
    /// The rules of contract 3.2.1; the organization is then unchanged.
    pub fn apply(&mut self, patch: OrganizationPatch, now: Time) -> Result<(), Refusal> {
        let mut changed = self.clone();
        changed.set(patch)?;
        changed.updated_at = now;
        changed.version += 1;
        *self = changed;
        Ok(())
    }

    fn set(&mut self, patch: OrganizationPatch) -> Result<(), Refusal> {
        self.set_info(&patch)?;
        let policy = &mut self.policy;
        set(&mut policy.sso_jit_provisioning, patch.sso_jit_provisioning);
        set(
            &mut policy.sso_jit_provisioning_allowed_connections,
            patch.sso_jit_provisioning_allowed_connections,
        );
        if let Some(default) = patch.sso_default_connection_id {
            policy.sso_default_connection_id = Some(default);
        }
        if let Some(domains) = patch.email_allowed_domains {
            policy.email_allowed_domains = company_domains(domains)?;
        }
        if let Some(domains) = patch.claimed_email_domains {
            policy.claimed_email_domains = company_domains(domains)?;
        }
        set(&mut policy.email_jit_provisioning, patch.email_jit_provisioning);
        set(&mut policy.email_invites, patch.email_invites);
        set(&mut policy.auth_methods, patch.auth_methods);
        set(&mut policy.allowed_auth_methods, patch.allowed_auth_methods);
        set(&mut policy.mfa_policy, patch.mfa_policy);
        set(&mut policy.mfa_methods, patch.mfa_methods);
        set(&mut policy.allowed_mfa_methods, patch.allowed_mfa_methods);
        set(&mut policy.oauth_tenant_jit_provisioning, patch.oauth_tenant_jit_provisioning);
        set(&mut policy.allowed_oauth_tenants, patch.allowed_oauth_tenants);
        set(
            &mut policy.first_party_connected_apps_allowed_type,
            patch.first_party_connected_apps_allowed_type,
        );
        set(&mut policy.allowed_first_party_connected_apps, patch.allowed_first_party_connected_apps);
        set(
            &mut policy.third_party_connected_apps_allowed_type,
            patch.third_party_connected_apps_allowed_type,
        );
        set(&mut policy.allowed_third_party_connected_apps, patch.allowed_third_party_connected_apps);
        policy.check()?;
        if let Some(assignments) = patch.email_role_assignments {
            self.email_role_assignments = checked_assignments(assignments)?;
        }
        Ok(())
    }

    fn set_info(&mut self, patch: &OrganizationPatch) -> Result<(), Refusal> {
        if let Some(name) = &patch.name {
            self.name = checked_name(name)?;
        }
        if let Some(slug) = &patch.slug {
            self.slug = checked_slug(slug)?;
        }
        if let Some(url) = &patch.logo_url {
            self.logo_url = checked_logo(url)?;
        }
        if let Some(external_id) = &patch.external_id {
            self.external_id =
                Some(checked_external_id(external_id, What::Invalid(Field::OrganizationExternalId))?);
        }
        if let Some(metadata) = &patch.trusted_metadata {
            merge(&mut self.trusted_metadata, metadata)?;
        }
        Ok(())
    }

    /// Checks that what the organization names exists: `connections` are all of the organization's own,
    /// `role_exists` knows the project's and the organization's roles.
    ///
    /// # Errors
    /// The first reference that leads nowhere.
    pub fn check_references(
        &self,
        connections: &[ConnectionId],
        role_exists: impl Fn(&str) -> bool,
    ) -> Result<(), Refusal> {
        if let Some(default) = self.policy.sso_default_connection_id
            && !connections.contains(&default)
        {
            return Err(What::Invalid(Field::DefaultConnection).into());
        }
        let allowed = &self.policy.sso_jit_provisioning_allowed_connections;
        if let Some(stranger) = allowed.iter().find(|id| !connections.contains(id)) {
            return Err(Refusal::new(What::Invalid(Field::JitConnections)).found(stranger));
        }
        match self.email_role_assignments.iter().find(|assignment| !role_exists(&assignment.role_id)) {
            Some(unknown) => {
                Err(Refusal::new(What::UnknownRole).because(format!("Found {:?}.", unknown.role_id)))
            }
            None => Ok(()),
        }
    }

    /// The connections that the organization names: they must stand while it does.
    pub fn named_connections(&self) -> impl Iterator<Item = ConnectionId> {
        let allowed = self.policy.sso_jit_provisioning_allowed_connections.iter().copied();
        allowed.chain(self.policy.sso_default_connection_id)
    }

    /// Drops a connection that is going away from the lists that name it. Says whether anything changed.
    pub fn forget_connection(&mut self, connection: ConnectionId, now: Time) -> bool {
        let allowed = &mut self.policy.sso_jit_provisioning_allowed_connections;
        let before = allowed.len();
        allowed.retain(|id| *id != connection);
        if allowed.len() == before {
            return false;
        }
        self.updated_at = now;
        self.version += 1;
        true
    }

    /// Whether members may sign in through a connection at all.
    #[must_use]
    pub fn allows_sso(&self) -> bool {
        self.policy.auth_methods != Access::Restricted
            || self.policy.allowed_auth_methods.iter().any(|method| method == "sso")
    }

    /// Whether a connection of this organization may create members.
    #[must_use]
    pub fn allows_jit_by(&self, connection: ConnectionId) -> bool {
        match self.policy.sso_jit_provisioning {
            Access::AllAllowed => true,
            Access::Restricted => self.policy.sso_jit_provisioning_allowed_connections.contains(&connection),
            Access::NotAllowed => false,
        }
    }

    /// Whether the organization vouches for addresses in a domain.
    #[must_use]
    pub fn owns_domain(&self, domain: &str) -> bool {
        self.policy
            .claimed_email_domains
            .iter()
            .chain(&self.policy.email_allowed_domains)
            .any(|d| d == domain)
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

const AUTH_METHODS: [&str; 9] = [
    "sso",
    "magic_link",
    "email_otp",
    "password",
    "google_oauth",
    "microsoft_oauth",
    "slack_oauth",
    "github_oauth",
    "hubspot_oauth",
];
const MFA_METHODS: [&str; 2] = ["sms_otp", "totp"];
const OAUTH_TENANT_PROVIDERS: [&str; 3] = ["slack", "hubspot", "github"];

impl LoginPolicy {
    fn check(&self) -> Result<(), Refusal> {
        let wrong = |field: &str, found: &str| {
            Err(Refusal::new(What::Invalid(Field::Setting)).found(format!("{found:?} in {field}")))
        };
        if self.sso_jit_provisioning == Access::NotAllowed
            && self.email_jit_provisioning == Access::NotAllowed
            && self.email_invites == Access::NotAllowed
        {
            return Err(What::ProvisioningAllOff.into());
        }
        for (field, access) in [
            ("email_jit_provisioning", self.email_jit_provisioning),
            ("oauth_tenant_jit_provisioning", self.oauth_tenant_jit_provisioning),
        ] {
            if access == Access::AllAllowed {
                return wrong(field, "ALL_ALLOWED");
            }
        }
        for (field, access) in [("auth_methods", self.auth_methods), ("mfa_methods", self.mfa_methods)] {
            if access == Access::NotAllowed {
                return wrong(field, "NOT_ALLOWED");
            }
        }
        if let Some(method) = self.allowed_auth_methods.iter().find(|m| !AUTH_METHODS.contains(&m.as_str())) {
            return wrong("allowed_auth_methods", method);
        }
        if let Some(method) = self.allowed_mfa_methods.iter().find(|m| !MFA_METHODS.contains(&m.as_str())) {
            return wrong("allowed_mfa_methods", method);
        }
        if let Some(provider) =
            self.allowed_oauth_tenants.keys().find(|p| !OAUTH_TENANT_PROVIDERS.contains(&p.as_str()))
        {
            return wrong("allowed_oauth_tenants", provider);
        }
        let empty_but_restricted = (self.auth_methods == Access::Restricted
            && self.allowed_auth_methods.is_empty())
            || (self.mfa_methods == Access::Restricted && self.allowed_mfa_methods.is_empty());
        if empty_but_restricted {
            return Err(What::EmptyRestriction.into());
        }
        Ok(())
    }
}

fn checked_name(name: &str) -> Result<String, Refusal> {
    let length = name.chars().count();
    if name.trim().is_empty() || length > 128 || name.chars().any(char::is_control) {
        return Err(
            Refusal::new(What::Invalid(Field::OrganizationName)).found(format!("{length} characters"))
        );
    }
    Ok(name.to_owned())
}

fn checked_slug(slug: &str) -> Result<String, Refusal> {
    let fits = (2..=128).contains(&slug.len())
        && slug.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    // A slug that reads as an id would let one organization be found under another's name.
    if !fits || slug.parse::<OrganizationId>().is_ok() {
        return Err(What::Invalid(Field::OrganizationSlug).into());
    }
    Ok(slug.to_owned())
}

fn checked_logo(url: &str) -> Result<String, Refusal> {
    if url.len() > 2048 || url.chars().any(char::is_control) {
        return Err(Refusal::new(What::Invalid(Field::Setting)).because("organization_logo_url is too long."));
    }
    Ok(url.to_owned())
}

/// Checks an API user's own id for a thing: 1 to 128 of `A-Z a-z 0-9 . _ - |`.
pub(crate) fn checked_external_id(text: &str, refusal: What) -> Result<String, Refusal> {
    let fits = (1..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-|".contains(&b));
    // An external id that reads as one of our ids would be ambiguous wherever either is taken.
    let reads_as_ours = text.starts_with("organization-") || text.starts_with("member-");
    if fits && !reads_as_ours { Ok(text.to_owned()) } else { Err(refusal.into()) }
}

fn company_domains(domains: Vec<String>) -> Result<Vec<String>, Refusal> {
    let mut checked = Vec::with_capacity(domains.len());
    for domain in domains {
        let domain = checked_domain(&domain)?;
        if is_public_mail_domain(&domain) {
            return Err(Refusal::new(What::PublicMailDomain).found(format!("{domain:?}")));
        }
        if !checked.contains(&domain) {
            checked.push(domain);
        }
    }
    Ok(checked)
}

fn checked_domain(domain: &str) -> Result<String, Refusal> {
    let domain = domain.trim().to_ascii_lowercase();
    if !is_domain(&domain) || !domain.contains('.') {
        return Err(Refusal::new(What::Invalid(Field::EmailDomain)).found(format!("{domain:?}")));
    }
    Ok(domain)
}

fn checked_assignments(assignments: Vec<EmailRoleAssignment>) -> Result<Vec<EmailRoleAssignment>, Refusal> {
    assignments
        .into_iter()
        .map(|a| Ok(EmailRoleAssignment { domain: checked_domain(&a.domain)?, role_id: a.role_id }))
        .collect()
}

fn derived_slug(name: &str, id: OrganizationId) -> String {
    let mut slug = String::new();
    for c in name.chars().take(64) {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let id = id.to_string();
    let tail = id.rsplit('-').next().unwrap_or_default();
    let slug = slug.trim_end_matches('-');
    if slug.len() < 2 { format!("org-{tail}") } else { slug.to_owned() }
}

#[cfg(test)]
mod tests;
