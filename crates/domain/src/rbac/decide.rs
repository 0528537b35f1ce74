//! The decision: may these roles do this?

use super::{ANY_ACTION, Policy, Role};

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

/// Decides whether any of `roles` allows `action` on `resource`. Roles that neither the project's policy nor the
/// organization has grant nothing. Of two with one id the project's counts, and a role of the organization grants nothing
/// on what the project's policy does not have (any more).
#[must_use]
pub fn decide(
    policy: &Policy,
    custom_roles: &[Role],
    roles: &[String],
    resource: &str,
    action: &str,
) -> Verdict {
    let grants = |role_id: &&String| match policy.role(role_id) {
        Some(role) => allows(role, resource, |named| named == action),
        None => {
            let own = custom_roles.iter().find(|role| &&role.role_id == role_id);
            let there = policy.resource(resource);
            own.zip(there).is_some_and(|(role, there)| {
                allows(role, resource, |named| named == action && there.actions.contains(named))
            })
        }
    };
    Verdict { granting_roles: roles.iter().filter(grants).cloned().collect() }
}

/// Whether one of its permissions is on the resource, for every action or for one that is meant.
fn allows(role: &Role, resource: &str, is_meant: impl Fn(&String) -> bool) -> bool {
    let on_it = role.permissions.iter().filter(|permission| permission.resource_id == resource);
    on_it.flat_map(|permission| &permission.actions).any(|named| named == ANY_ACTION || is_meant(named))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rbac::{ADMIN_ROLE, Additions, MEMBER_ROLE, Permission, Resource, builtin_policy};

    #[test]
    fn wildcards_and_unknown_roles() {
        let policy = builtin_policy();
        let roles = [MEMBER_ROLE.to_owned(), ADMIN_ROLE.to_owned(), "ghost".to_owned()];
        let verdict = decide(&policy, &[], &roles, "stytch.sso", "create");
        assert_eq!(verdict.granting_roles, [ADMIN_ROLE]);
        assert!(!decide(&policy, &[], &roles[..1], "stytch.sso", "get").authorized());
    }

    fn role(id: &str, resource: &str, actions: &[&str]) -> Role {
        let actions = actions.iter().map(ToString::to_string).collect();
        let permissions = vec![Permission { resource_id: resource.to_owned(), actions }];
        Role { role_id: id.to_owned(), description: String::new(), permissions }
    }

    /// The policy of a project with documents, which can be read and written.
    fn with_documents(roles: Vec<Role>) -> Policy {
        let actions = vec!["read".to_owned(), "write".to_owned()];
        let documents = Resource { resource_id: "documents".to_owned(), description: String::new(), actions };
        Policy::of(&Additions { roles, resources: vec![documents], scopes: Vec::new() })
    }

    #[test]
    fn an_organizations_role_grants_what_the_project_has() {
        let policy = with_documents(Vec::new());
        let own = [role("clerk", "documents", &["read", "shred"]), role("boss", "documents", &["*"])];
        let allowed = |policy: &Policy, who: &str, action| {
            decide(policy, &own, &[who.to_owned()], "documents", action).authorized()
        };
        assert!(allowed(&policy, "clerk", "read") && !allowed(&policy, "clerk", "write"));
        assert!(!allowed(&policy, "clerk", "shred"), "there is no such action any more");
        assert!(allowed(&policy, "boss", "write"));
        assert!(!allowed(&builtin_policy(), "boss", "write"), "there is no such resource any more");
        assert!(!allowed(&policy, "nobody", "read"));
    }

    #[test]
    fn of_two_roles_with_one_id_the_projects_counts() {
        let policy = with_documents(vec![role("clerk", "documents", &["read"])]);
        let own = [role("clerk", "documents", &["*"])];
        let allowed = |action| decide(&policy, &own, &["clerk".to_owned()], "documents", action).authorized();
        assert!(allowed("read") && !allowed("write"));
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
