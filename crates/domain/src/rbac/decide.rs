//! The decision: may these roles do this?

use super::{Policy, Role};

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
