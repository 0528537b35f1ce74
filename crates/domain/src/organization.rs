//! Organizations: a customer company, its login policy and the rules that keep both consistent.

mod settings;

use serde::{Deserialize, Serialize};

pub use settings::{Access, LoginPolicy, MfaPolicy, OrganizationPatch, PolicyPatch};

use crate::bounds::{Measured as _, counted, distinct};
use crate::domain_proof::DomainName;
use crate::email::{EmailAddress, is_domain, is_public_mail_domain};
use crate::id::{ConnectionId, OrganizationId, ProjectId, id_prefix};
use crate::metadata::Metadata;
use crate::name::{NameKey, NameKind, check_unreserved, reserved};
use crate::patch::Patch;
use crate::rbac::{Policy, Role, organization_roles};
use crate::refusal::{Field, Refusal, What};
use crate::session::{AuthMethod, MfaMethod};
use crate::time::Time;

/// A role given to every member whose verified address is in a domain.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// Whether it is the project's own, which owns what is made at project level. The row says so, beside the document.
    #[serde(skip)]
    pub is_home: bool,
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

impl Organization {
    /// Whether anything but the count of changes and their time is other than `before`.
    #[must_use]
    pub fn differs_from(&self, before: &Self) -> bool {
        let counted = Self { updated_at: self.updated_at, version: self.version, ..before.clone() };
        *self != counted
    }

    /// A new organization out of the settings of a create call. Without a slug one is derived from the
    /// name, ending in part of the id so that two companies of one name do not collide.
    ///
    /// # Errors
    /// The rules of the API.
    pub fn create(
        id: OrganizationId,
        project_id: ProjectId,
        mut patch: OrganizationPatch,
        now: Time,
    ) -> Result<Self, Refusal> {
        let email_invites =
            if patch.policy.names_auth_settings() { Access::NotAllowed } else { Access::AllAllowed };
        match (&patch.name, &patch.slug) {
            (Patch::Keep, _) => {
                return Err(Refusal::new(What::MissingField).because("organization_name is required."));
            }
            (Patch::Set(name), Patch::Keep) => patch.slug = Patch::Set(derived_slug(name, id)),
            _ => {}
        }
        let mut organization = Self {
            id,
            project_id,
            is_home: false,
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
        organization.set(patch)?;
        Ok(organization)
    }

    /// The hidden organization that owns what is made at project level.
    #[must_use]
    pub fn home(id: OrganizationId, project_id: ProjectId, now: Time) -> Self {
        Self {
            id,
            project_id,
            is_home: true,
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
    /// The rules of the API; the organization is then unchanged.
    pub fn apply(&mut self, patch: OrganizationPatch, now: Time) -> Result<(), Refusal> {
        let mut changed = self.clone();
        changed.set(patch)?;
        changed.updated_at = now;
        changed.version += 1;
        *self = changed;
        Ok(())
    }

    fn set(&mut self, patch: OrganizationPatch) -> Result<(), Refusal> {
        // Name and slug cannot be unset: the empty text is refused for what it is.
        patch.name.clear_as(String::new()).try_map(checked_name)?.onto(&mut self.name);
        patch.slug.clear_as(String::new()).try_map(checked_slug)?.onto(&mut self.slug);
        patch.logo_url.try_map(checked_logo)?.onto(&mut self.logo_url);
        patch.external_id.try_map(organization_external_id)?.onto(&mut self.external_id);
        patch.trusted_metadata.merge_into(&mut self.trusted_metadata)?;
        self.policy.set(patch.policy)?;
        patch.email_role_assignments.try_map(checked_assignments)?.onto(&mut self.email_role_assignments);
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
            Some(unknown) => Err(Refusal::new(What::UnknownRole).found(format!("{:?}", unknown.role_id))),
            None => Ok(()),
        }
    }

    /// Replaces the roles that exist in this organization only, as a whole or not at all. Who was given one that goes has
    /// nothing by it from then on.
    ///
    /// # Errors
    /// Roles that cannot be, beside those of the project.
    pub fn set_roles(&mut self, roles: Vec<Role>, project: &Policy, now: Time) -> Result<(), Refusal> {
        self.custom_roles = organization_roles(roles, project)?;
        self.updated_at = now;
        self.version += 1;
        Ok(())
    }

    /// Whether it gives a role to the addresses of some domain.
    #[must_use]
    pub fn assigns(&self, role_id: &str) -> bool {
        self.email_role_assignments.iter().any(|assignment| assignment.role_id == role_id)
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

    /// Drops a connection that goes away whether this organization would keep it or not, also as its default.
    pub fn lose_connection(&mut self, connection: ConnectionId, now: Time) {
        let was_default = self.policy.sso_default_connection_id == Some(connection);
        if was_default {
            self.policy.sso_default_connection_id = None;
        }
        if !self.forget_connection(connection, now) && was_default {
            self.updated_at = now;
            self.version += 1;
        }
    }

    /// The names it is found by, in the order of their keys. A slug and an external id that fold to one text are one.
    #[must_use]
    pub fn names(&self) -> Vec<(NameKey, NameKind)> {
        let external = self.external_id.as_deref().map(|id| (NameKey::of(id), NameKind::ExternalId));
        let mut names = vec![(NameKey::of(&self.slug), NameKind::Slug)];
        names.extend(external);
        names.sort();
        names.dedup_by(|later, earlier| later.0 == earlier.0);
        names
    }

    /// Gives up names that turned out to be somebody else's: another slug is made, and the API user's own id is
    /// unset. It is still found by its id.
    pub fn give_up_names(&mut self, names: &[NameKind], now: Time) {
        if names.contains(&NameKind::Slug) {
            self.slug = distinct_slug(&self.slug, self.id);
        }
        if names.contains(&NameKind::ExternalId) {
            self.external_id = None;
        }
        self.updated_at = now;
        self.version += 1;
    }

    /// Whether members may sign in this way.
    #[must_use]
    pub fn allows(&self, method: AuthMethod) -> bool {
        self.policy.auth_methods != Access::Restricted
            || self.policy.allowed_auth_methods.iter().any(|allowed| allowed == method.as_str())
    }

    /// Whether a second factor of this kind counts for members.
    #[must_use]
    pub fn takes(&self, method: MfaMethod) -> bool {
        self.policy.mfa_methods != Access::Restricted
            || self.policy.allowed_mfa_methods.iter().any(|allowed| allowed == method.as_str())
    }

    /// Whether every member needs a second factor.
    #[must_use]
    pub fn demands_second_factor(&self) -> bool {
        self.policy.mfa_policy == MfaPolicy::RequiredForAll
    }

    /// Whether a connection of this organization may create members. Whoever comes through one of the project's own is a user of the
    /// project: nobody invites people there.
    #[must_use]
    pub fn allows_jit_by(&self, connection: ConnectionId) -> bool {
        if self.is_home {
            return true;
        }
        match self.policy.sso_jit_provisioning {
            Access::AllAllowed => true,
            Access::Restricted => self.policy.sso_jit_provisioning_allowed_connections.contains(&connection),
            Access::NotAllowed => false,
        }
    }

    /// Whether somebody may become a member by showing that mail to an address of theirs reaches them.
    #[must_use]
    pub fn lets_in_by_mail(&self, address: &EmailAddress) -> bool {
        self.policy.email_jit_provisioning == Access::Restricted
            && self.policy.email_allowed_domains.iter().any(|domain| domain == address.domain())
    }

    /// Whether a domain is the organization's: the project has claimed it for them. That they let a domain in says
    /// nothing about whose it is, and their own admins can say it.
    #[must_use]
    pub fn owns_domain(&self, domain: &str) -> bool {
        self.policy.claimed_email_domains.iter().any(|d| d == domain)
    }

    /// Takes in a domain that was shown to be the organization's.
    ///
    /// # Errors
    /// It has as many as it may have.
    pub fn claim_domain(&mut self, domain: &DomainName, now: Time) -> Result<(), Refusal> {
        if self.owns_domain(domain.as_str()) {
            return Ok(());
        }
        counted("claimed_email_domains", self.policy.claimed_email_domains.len() + 1)?;
        self.policy.claimed_email_domains.push(domain.to_string());
        self.updated_at = now;
        self.version += 1;
        Ok(())
    }

    /// Lets a domain go that was shown to be the organization's and is not any more.
    pub fn release_domain(&mut self, domain: &DomainName, now: Time) {
        if self.owns_domain(domain.as_str()) {
            self.policy.claimed_email_domains.retain(|claimed| claimed != domain.as_str());
            self.updated_at = now;
            self.version += 1;
        }
    }
}

fn checked_name(name: String) -> Result<String, Refusal> {
    let length = name.chars().count();
    if name.trim().is_empty() || length > 128 || name.chars().any(char::is_control) {
        return Err(
            Refusal::new(What::Invalid(Field::OrganizationName)).found(format!("{length} characters"))
        );
    }
    Ok(name)
}

fn checked_slug(slug: String) -> Result<String, Refusal> {
    let fits = (2..=128).contains(&slug.len())
        && slug.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    // A slug that reads as an id would let one organization be found under another's name.
    check_unreserved(&slug, What::Invalid(Field::OrganizationSlug))?;
    if fits { Ok(slug) } else { Err(What::Invalid(Field::OrganizationSlug).into()) }
}

fn checked_logo(url: String) -> Result<String, Refusal> {
    if url.len() > 2048 || url.chars().any(char::is_control) {
        return Err(Refusal::new(What::Invalid(Field::Setting)).because("organization_logo_url is too long."));
    }
    Ok(url)
}

fn organization_external_id(text: String) -> Result<String, Refusal> {
    checked_external_id(text, What::Invalid(Field::OrganizationExternalId))
}

/// Checks an API user's own id for a thing: 1 to 128 of `A-Z a-z 0-9 . _ - |`.
pub(crate) fn checked_external_id(text: String, refusal: What) -> Result<String, Refusal> {
    let fits = (1..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-|".contains(&b));
    // An external id that reads as one of our ids would be ambiguous wherever either is taken.
    check_unreserved(&text, refusal)?;
    if fits { Ok(text) } else { Err(refusal.into()) }
}

fn company_domains(domains: Vec<String>) -> Result<Vec<String>, Refusal> {
    let company = |domain: String| {
        let domain = checked_domain(&domain)?;
        if is_public_mail_domain(&domain) {
            return Err(Refusal::new(What::PublicMailDomain).found(format!("{domain:?}")));
        }
        Ok(domain)
    };
    let checked: Vec<String> = domains.into_iter().map(company).collect::<Result<_, _>>()?;
    Ok(distinct(checked))
}

fn checked_domain(domain: &str) -> Result<String, Refusal> {
    // As it stands in an address.
    let domain = domain.trim();
    let domain = domain.strip_prefix('@').unwrap_or(domain).to_ascii_lowercase();
    if !is_domain(&domain) || !domain.contains('.') {
        return Err(Refusal::new(What::Invalid(Field::EmailDomain)).found(format!("{domain:?}")));
    }
    Ok(domain)
}

fn checked_assignments(assignments: Vec<EmailRoleAssignment>) -> Result<Vec<EmailRoleAssignment>, Refusal> {
    const FIELD: &str = "rbac_email_implicit_role_assignments";
    counted(FIELD, assignments.len())?;
    let checked = assignments
        .into_iter()
        .map(|a| {
            Ok(EmailRoleAssignment {
                domain: checked_domain(&a.domain)?,
                role_id: a.role_id.measured(FIELD)?,
            })
        })
        .collect::<Result<Vec<_>, Refusal>>()?;
    Ok(distinct(checked))
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
    let slug = slug.trim_end_matches('-');
    // A company may be called as a path is. Then its slug ends in what is its own.
    if slug.len() < 2 || reserved(slug).is_some() { distinct_slug(slug, id) } else { slug.to_owned() }
}

/// A slug that says what another one says, and is unlike every other: it ends in the random end of the id.
#[must_use]
pub fn distinct_slug(slug: &str, id: OrganizationId) -> String {
    let id = id.to_string();
    let tail = id.rsplit('-').next().unwrap_or_default();
    let beginning = slug.get(..slug.len().min(100)).unwrap_or_default();
    if beginning.len() < 2 || id_prefix(beginning).is_some() {
        return format!("org-{tail}");
    }
    format!("{beginning}-{tail}")
}

#[cfg(test)]
mod tests;
