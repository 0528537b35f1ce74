//! The decision, and the permit that proves it.

use super::{Policy, Role};
use crate::id::{MemberId, OrganizationId, ProjectId};

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The project's own backend, with its secret.
    Project,
    /// A member, through a session.
    Member(MemberId),
}

/// The answer to "may these roles do this?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The roles that allow it; empty when it is not allowed.
    pub granting_roles: Vec<String>,
}

impl Verdict {
    /// Whether it is allowed.
    #[must_use]
    pub fn authorized(&self) -> bool {
        !self.granting_roles.is_empty()
    }
}

/// Decides whether any of `roles` allows `action` on `resource`. Roles that neither the project's policy
/// nor the organization knows grant nothing.
#[must_use]
pub fn decide(
    policy: &Policy,
    custom_roles: &[Role],
    roles: &[String],
    resource: &str,
    action: &str,
) -> Verdict {
    let allows = |role: &Role| {
        role.permissions.iter().any(|permission| {
            permission.resource_id == resource && permission.actions.iter().any(|a| a == "*" || a == action)
        })
    };
    let grants = |role_id: &&String| {
        policy.roles.iter().chain(custom_roles).any(|role| &&role.role_id == role_id && allows(role))
    };
    Verdict { granting_roles: roles.iter().filter(grants).cloned().collect() }
}

/// Proof that an actor may act inside one organization. Only [`authorize`] makes one; the store and the
/// operations take their tenancy from it and from nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Permit {
    project_id: ProjectId,
    organization_id: OrganizationId,
    actor: Actor,
}

impl Permit {
    /// The project.
    #[must_use]
    pub const fn project_id(&self) -> ProjectId {
        self.project_id
    }

    /// The organization.
    #[must_use]
    pub const fn organization_id(&self) -> OrganizationId {
        self.organization_id
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }
}

/// Why there is no permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The member belongs to another organization.
    Tenancy,
    /// No role of the member allows it.
    Role,
}

/// What an actor brings: their rights in the place where they want to act.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    /// The project's backend: everything in its own project.
    Project,
    /// A member: what their session's roles allow, in their own organization.
    Member {
        /// The member.
        id: MemberId,
        /// Their organization.
        organization_id: OrganizationId,
        /// The roles their session counts.
        roles: &'a [String],
        /// The project's policy.
        policy: &'a Policy,
        /// The organization's own roles.
        custom_roles: &'a [Role],
    },
}

/// Gives a permit for acting in `organization_id` when all of `actions` on `resource` are allowed. With
/// no actions the actor merely has to belong there.
///
/// # Errors
/// [`Denied`] when the actor belongs elsewhere or a role is missing.
pub fn authorize(
    project_id: ProjectId,
    organization_id: OrganizationId,
    scope: Scope<'_>,
    resource: &str,
    actions: &[&str],
) -> Result<Permit, Denied> {
    let actor = match scope {
        Scope::Project => Actor::Project,
        Scope::Member { id, organization_id: home, roles, policy, custom_roles } => {
            if home != organization_id {
                return Err(Denied::Tenancy);
            }
            let allowed = |action: &&str| decide(policy, custom_roles, roles, resource, action).authorized();
            if !actions.iter().all(allowed) {
                return Err(Denied::Role);
            }
            Actor::Member(id)
        }
    };
    Ok(Permit { project_id, organization_id, actor })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rbac::{ADMIN_ROLE, MEMBER_ROLE, Permission, builtin_policy};

    #[test]
    fn wildcards_and_unknown_roles() {
        let policy = builtin_policy();
        let roles = [MEMBER_ROLE.to_owned(), ADMIN_ROLE.to_owned(), "ghost".to_owned()];
        let verdict = decide(&policy, &[], &roles, "stytch.sso", "create");
        assert_eq!(verdict.granting_roles, [ADMIN_ROLE]);
        assert!(!decide(&policy, &[], &roles[..1], "stytch.sso", "get").authorized());
        let custom = Role {
            role_id: "ghost".into(),
            description: String::new(),
            permissions: vec![Permission { resource_id: "doc".into(), actions: vec!["read".into()] }],
        };
        assert!(decide(&policy, &[custom], &roles, "doc", "read").authorized());
    }

    /// The golden table: every built-in role against every built-in action.
    #[test]
    fn table_of_the_builtin_roles() {
        let policy = builtin_policy();
        let mut table = String::new();
        for resource in &policy.resources {
            for action in &resource.actions {
                let mark = |role: &str| {
                    let allowed = decide(&policy, &[], &[role.to_owned()], &resource.resource_id, action);
                    if allowed.authorized() { "yes" } else { "-" }
                };
                table += &format!(
                    "{:<22} {:<42} member {:<4} admin {}\n",
                    resource.resource_id,
                    action,
                    mark(MEMBER_ROLE),
                    mark(ADMIN_ROLE)
                );
            }
        }
        insta::assert_snapshot!(table);
    }
}
