//! What another policy does to assignments that were made before, and to what organizations have of their own.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_domain::connection::RoleAssignments;
use vestibule_domain::id::ProjectId;
use vestibule_domain::rbac::{Policy, Role};
use vestibule_store::Store;
use vestibule_store::tables::role_uses::OrganizationRoles;

use crate::failure::Failure;

/// The same in sentences; none when it does nothing to them.
///
/// # Errors
/// The store's.
pub(super) async fn consequences(
    store: &Store,
    project: ProjectId,
    before: &Policy,
    after: &Policy,
) -> Result<Vec<String>, Failure> {
    let moved = Moved::between(before, after);
    if moved.is_empty() {
        return Ok(Vec::new());
    }
    let mut seen = Seen::default();
    let roles: Vec<String> = moved.going.iter().chain(&moved.coming).cloned().collect();
    let members = store.members_with_roles(project, &roles).await?;
    for (role, count) in roles.into_iter().zip(members) {
        seen.of(&role).members = count;
    }
    let mut behind = Some(String::new());
    while let Some(last) = behind {
        let (page, next) = store.organizations_with_roles(project, &last).await?;
        page.iter().for_each(|organization| seen.organization(&moved, organization));
        behind = next;
    }
    let mut behind = Some(String::new());
    while let Some(last) = behind {
        let (page, next) = store.connections_with_roles(project, &last).await?;
        page.iter().for_each(|(_, assignments)| seen.connection(&moved, assignments));
        behind = next;
    }
    for (role, directories) in store.roles_of_directories(project).await? {
        if moved.has(&role) {
            seen.of(&role).directories = directories;
        }
    }
    Ok(seen.in_words(&moved))
}

/// What comes and goes with another policy.
struct Moved {
    going: BTreeSet<String>,
    coming: BTreeSet<String>,
    /// Resources that go as a whole, and actions that go alone.
    lost: BTreeSet<(String, Option<String>)>,
}

impl Moved {
    fn between(before: &Policy, after: &Policy) -> Self {
        let ids = |policy: &Policy| -> BTreeSet<String> {
            policy.roles.iter().map(|role| role.role_id.clone()).collect()
        };
        let (was, is) = (ids(before), ids(after));
        let mut lost = BTreeSet::new();
        for resource in &before.resources {
            let Some(left) = after.resource(&resource.resource_id) else {
                lost.insert((resource.resource_id.clone(), None));
                continue;
            };
            let gone = resource.actions.iter().filter(|action| !left.actions.contains(action));
            lost.extend(gone.map(|action| (resource.resource_id.clone(), Some(action.clone()))));
        }
        Self {
            going: was.difference(&is).cloned().collect(),
            coming: is.difference(&was).cloned().collect(),
            lost,
        }
    }

    fn is_empty(&self) -> bool {
        self.going.is_empty() && self.coming.is_empty() && self.lost.is_empty()
    }

    fn has(&self, role: &str) -> bool {
        self.going.contains(role) || self.coming.contains(role)
    }

    /// Whether a role of an organization names something that goes.
    fn narrows(&self, role: &Role) -> bool {
        role.permissions.iter().any(|permission| {
            let resource = &permission.resource_id;
            self.lost.contains(&(resource.clone(), None))
                || permission
                    .actions
                    .iter()
                    .any(|action| self.lost.contains(&(resource.clone(), Some(action.clone()))))
        })
    }
}

/// Where roles that come or go are assigned.
#[derive(Default)]
struct Uses {
    members: u64,
    organizations: u64,
    connections: u64,
    directories: u64,
    /// Organizations that have a role of that name.
    shadowed: u64,
}

#[derive(Default)]
struct Seen {
    roles: BTreeMap<String, Uses>,
    /// Organizations whose own roles lose something.
    narrowed: u64,
}

impl Seen {
    fn of(&mut self, role: &str) -> &mut Uses {
        self.roles.entry(role.to_owned()).or_default()
    }

    fn organization(&mut self, moved: &Moved, organization: &OrganizationRoles) {
        let given: BTreeSet<&str> =
            organization.by_domain.iter().map(|assignment| assignment.role_id.as_str()).collect();
        for role in given.into_iter().filter(|role| moved.has(role)) {
            self.of(role).organizations += 1;
        }
        for role in organization.own.iter().filter(|role| moved.coming.contains(&role.role_id)) {
            self.of(&role.role_id).shadowed += 1;
        }
        self.narrowed += u64::from(organization.own.iter().any(|role| moved.narrows(role)));
    }

    fn connection(&mut self, moved: &Moved, assignments: &RoleAssignments) {
        let given: BTreeSet<&str> = assignments.roles().collect();
        for role in given.into_iter().filter(|role| moved.has(role)) {
            self.of(role).connections += 1;
        }
    }

    fn in_words(&self, moved: &Moved) -> Vec<String> {
        let mut words = Vec::new();
        for (role, uses) in &self.roles {
            let given = uses.in_words();
            if !given.is_empty() && moved.going.contains(role) {
                words.push(format!(
                    "The role {role} goes, and {given}: it grants nothing from then on, until there is a role of this name again."
                ));
            } else if !given.is_empty() {
                words.push(format!("The role {role} comes, and {given} already: it grants at once."));
            }
            if uses.shadowed > 0 {
                words.push(format!(
                    "The role {role} comes, and {} of their own by this name: the project's counts from then on.",
                    counted(uses.shadowed, "organization has a role", "organizations have a role")
                ));
            }
        }
        if self.narrowed > 0 {
            words.push(format!(
                "Own roles of {} name resources or actions that go: they grant nothing on them from then on.",
                counted(self.narrowed, "organization", "organizations")
            ));
        }
        words
    }
}

impl Uses {
    fn in_words(&self) -> String {
        let mut given = Vec::new();
        if self.members > 0 {
            given.push(counted(self.members, "member has it", "members have it"));
        }
        if self.organizations > 0 {
            given.push(counted(
                self.organizations,
                "organization gives it by e-mail domain",
                "organizations give it by e-mail domain",
            ));
        }
        if self.connections > 0 {
            given.push(counted(self.connections, "connection gives it", "connections give it"));
        }
        if self.directories > 0 {
            let words = ("directory gives it by group", "directories give it by group");
            given.push(counted(self.directories, words.0, words.1));
        }
        given.join(", ")
    }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
