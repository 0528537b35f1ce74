//! Whether what somebody gives can be a policy, or the roles of an organization.
//!
//! A policy is given as a whole, in the shape in which it is shown, with what is built in or without. What is built in can
//! be repeated and not changed; to a built-in role permissions on the project's own resources can be added.

use std::collections::HashSet;

use super::{ANY_ACTION, Additions, Permission, Policy, Resource, Role, Scope, is_reserved};
use crate::bounds::{MOST_TEXT_BYTES, distinct};
use crate::rbac::builtin_policy;
use crate::refusal::{Field, PolicyProblem, Refusal, What};

/// Most roles of its own that a project has; most resources and most scopes too.
const MOST_ROLES: usize = 200;
/// Most roles of its own that an organization has: they are read with the organization at each request.
const MOST_ORGANIZATION_ROLES: usize = 50;
/// Most actions of a resource.
const MOST_ACTIONS: usize = 100;
/// Most characters of an id, and of an action.
const MOST_ID_CHARS: usize = 128;
/// Most bytes, as JSON text, of all that a project adds.
const MOST_POLICY_BYTES: usize = 128 * 1024;
/// Most bytes, as JSON text, of the roles of an organization.
const MOST_ORGANIZATION_BYTES: usize = 16 * 1024;

/// Scopes that every provider of OpenID Connect has (Core section 5.4, OAuth 2.0).
const STANDARD_SCOPES: [&str; 6] = ["openid", "profile", "email", "phone", "address", "offline_access"];

impl Additions {
    /// What a whole policy adds to what is built in.
    ///
    /// # Errors
    /// The first thing in it that cannot be, with where it stands.
    pub fn given(policy: Policy) -> Result<Self, Refusal> {
        let builtin = builtin_policy();
        counted("resources", policy.resources.len(), MOST_ROLES + builtin.resources.len())?;
        counted("roles", policy.roles.len(), MOST_ROLES + builtin.roles.len())?;
        counted("scopes", policy.scopes.len(), MOST_ROLES)?;
        let resources = own_resources(policy.resources, &builtin)?;
        let known = Known { builtin: &builtin.resources, own: &resources };
        let roles = project_roles(policy.roles, &builtin, &known)?;
        let scopes = own_scopes(policy.scopes, &known)?;
        let additions = Self { roles, resources, scopes };
        sized("the policy", &additions, MOST_POLICY_BYTES)?;
        Ok(additions)
    }
}

/// The roles that an organization is to have beside those of its project.
///
/// # Errors
/// The first thing in them that cannot be, with where it stands.
pub fn organization_roles(roles: Vec<Role>, project: &Policy) -> Result<Vec<Role>, Refusal> {
    counted("roles", roles.len(), MOST_ORGANIZATION_ROLES)?;
    let known = Known { builtin: &project.resources, own: &[] };
    let mut ids = Ids::default();
    let checked = roles.into_iter().enumerate().map(|(at, role)| {
        let place = format!("roles[{at}]");
        if project.has_role(&role.role_id) {
            return Err(problem(PolicyProblem::Repeated)
                .found(format!("{:?} in {place}.role_id, which is a role of the project", role.role_id)));
        }
        own_role(role, &place, &mut ids, &known)
    });
    let checked = checked.collect::<Result<Vec<_>, _>>()?;
    sized("org_policy", &checked, MOST_ORGANIZATION_BYTES)?;
    Ok(checked)
}

/// The resources that permissions can be on.
struct Known<'a> {
    builtin: &'a [Resource],
    own: &'a [Resource],
}

impl Known<'_> {
    fn find(&self, resource_id: &str) -> Option<&Resource> {
        self.builtin.iter().chain(self.own).find(|resource| resource.resource_id == resource_id)
    }
}

/// The ids that were given until now.
#[derive(Default)]
struct Ids(HashSet<String>);

impl Ids {
    /// Takes the id of something of one's own.
    fn take(&mut self, id: &str, place: &str) -> Result<(), Refusal> {
        checked_id(id, place)?;
        if is_reserved(id) {
            return Err(reserved(id, place));
        }
        self.once(id, place)
    }

    fn once(&mut self, id: &str, place: &str) -> Result<(), Refusal> {
        if self.0.insert(id.to_owned()) {
            return Ok(());
        }
        Err(problem(PolicyProblem::Repeated).found(format!("{id:?} a second time, in {place}")))
    }
}

fn own_resources(given: Vec<Resource>, builtin: &Policy) -> Result<Vec<Resource>, Refusal> {
    let (mut ids, mut own) = (Ids::default(), Vec::new());
    for (at, mut resource) in given.into_iter().enumerate() {
        let place = format!("resources[{at}]");
        if let Some(there) = builtin.resource(&resource.resource_id) {
            ids.once(&resource.resource_id, &place)?;
            unchanged_resource(&resource, there, &place)?;
            continue;
        }
        ids.take(&resource.resource_id, &format!("{place}.resource_id"))?;
        checked_description(&resource.description, &place)?;
        resource.actions = checked_actions(resource.actions, &place)?;
        own.push(resource);
    }
    Ok(own)
}

/// A policy that an earlier version has shown may lack actions; none may have one that is not there.
fn unchanged_resource(given: &Resource, there: &Resource, place: &str) -> Result<(), Refusal> {
    match given.actions.iter().find(|action| !there.actions.contains(action)) {
        None => Ok(()),
        Some(more) => Err(problem(PolicyProblem::BuiltIn)
            .found(format!("the action {more:?} in {place}"))
            .because(format!("The resource {} is built in, and has no such action.", there.resource_id))),
    }
}

fn checked_actions(actions: Vec<String>, place: &str) -> Result<Vec<String>, Refusal> {
    let place = format!("{place}.actions");
    counted(&place, actions.len(), MOST_ACTIONS)?;
    if actions.is_empty() {
        return Err(Refusal::new(What::Invalid(Field::RbacPolicy))
            .found(format!("an empty {place}"))
            .expected("at least one action"));
    }
    actions.iter().try_for_each(|action| checked_id(action, &place))?;
    Ok(distinct(actions))
}

fn project_roles(given: Vec<Role>, builtin: &Policy, known: &Known<'_>) -> Result<Vec<Role>, Refusal> {
    let (mut ids, mut own) = (Ids::default(), Vec::new());
    for (at, role) in given.into_iter().enumerate() {
        let place = format!("roles[{at}]");
        let Some(there) = builtin.role(&role.role_id) else {
            own.push(own_role(role, &place, &mut ids, known)?);
            continue;
        };
        ids.once(&role.role_id, &place)?;
        let added = added_to(there, role, &place, known)?;
        if !added.permissions.is_empty() {
            own.push(added);
        }
    }
    Ok(own)
}

/// What is added to a built-in role. It keeps what it has, and says so.
fn added_to(there: &Role, given: Role, place: &str, known: &Known<'_>) -> Result<Role, Refusal> {
    let permissions = checked_permissions(given.permissions, place, known)?;
    let (kept, added): (Vec<_>, Vec<_>) =
        permissions.into_iter().partition(|permission| is_reserved(&permission.resource_id));
    let is_kept = there.permissions.iter().all(|permission| kept.contains(permission));
    if !is_kept || kept.len() != there.permissions.len() {
        let expected: Vec<String> =
            there.permissions.iter().map(|permission| format!("{}: *", permission.resource_id)).collect();
        return Err(problem(PolicyProblem::BuiltIn)
            .found(format!("other permissions on built-in resources in {place}"))
            .expected(expected.join(", "))
            .because(format!(
                "The role {} is built in, and keeps them. Leave it out when nothing is added to it.",
                there.role_id
            )));
    }
    Ok(Role { role_id: given.role_id, description: String::new(), permissions: added })
}

fn own_role(mut role: Role, place: &str, ids: &mut Ids, known: &Known<'_>) -> Result<Role, Refusal> {
    ids.take(&role.role_id, &format!("{place}.role_id"))?;
    checked_description(&role.description, place)?;
    role.permissions = checked_permissions(role.permissions, place, known)?;
    Ok(role)
}

fn own_scopes(given: Vec<Scope>, known: &Known<'_>) -> Result<Vec<Scope>, Refusal> {
    let mut ids = Ids::default();
    let checked = given.into_iter().enumerate().map(|(at, mut scope)| {
        let place = format!("scopes[{at}]");
        if STANDARD_SCOPES.contains(&scope.scope.as_str()) {
            return Err(reserved(&scope.scope, &format!("{place}.scope")));
        }
        ids.take(&scope.scope, &format!("{place}.scope"))?;
        checked_description(&scope.description, &place)?;
        scope.permissions = checked_permissions(scope.permissions, &place, known)?;
        Ok(scope)
    });
    checked.collect()
}

/// Permissions on what there is, one for each resource in the order of their first mention.
fn checked_permissions(
    given: Vec<Permission>,
    place: &str,
    known: &Known<'_>,
) -> Result<Vec<Permission>, Refusal> {
    counted(&format!("{place}.permissions"), given.len(), MOST_ROLES)?;
    let mut permissions: Vec<Permission> = Vec::new();
    for (at, permission) in given.into_iter().enumerate() {
        let place = format!("{place}.permissions[{at}]");
        let resource = known.find(&permission.resource_id).ok_or_else(|| {
            problem(PolicyProblem::UnknownResource).found(format!("{:?} in {place}", permission.resource_id))
        })?;
        let actions = checked_actions_of(resource, permission.actions, &place)?;
        match permissions.iter_mut().find(|there| there.resource_id == permission.resource_id) {
            Some(there) => there.actions = whole(std::mem::take(&mut there.actions), actions),
            None => permissions.push(Permission { actions: whole(actions, Vec::new()), ..permission }),
        }
    }
    Ok(permissions)
}

fn checked_actions_of(
    resource: &Resource,
    actions: Vec<String>,
    place: &str,
) -> Result<Vec<String>, Refusal> {
    counted(&format!("{place}.actions"), actions.len(), MOST_ACTIONS)?;
    if actions.is_empty() {
        return Err(Refusal::new(What::Invalid(Field::RbacPolicy))
            .found(format!("an empty {place}.actions"))
            .expected("at least one action"));
    }
    match actions.iter().find(|action| *action != ANY_ACTION && !resource.actions.contains(action)) {
        None => Ok(actions),
        Some(unknown) => Err(problem(PolicyProblem::UnknownAction)
            .found(format!("{unknown:?} in {place}"))
            .expected(format!("actions of {}, or *", resource.resource_id))),
    }
}

/// Both lists in one. With `*` it is `*` alone.
fn whole(actions: Vec<String>, more: Vec<String>) -> Vec<String> {
    let all = distinct(actions.into_iter().chain(more));
    if all.iter().any(|action| action == ANY_ACTION) { vec![ANY_ACTION.to_owned()] } else { all }
}

fn checked_id(id: &str, place: &str) -> Result<(), Refusal> {
    let fits = (1..=MOST_ID_CHARS).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-:/".contains(&b));
    if fits {
        Ok(())
    } else {
        Err(Refusal::new(What::Invalid(Field::RbacId)).found(format!("{id:?} in {place}")))
    }
}

fn checked_description(text: &str, place: &str) -> Result<(), Refusal> {
    if text.len() > MOST_TEXT_BYTES {
        return Err(beyond(&format!("{place}.description"), text.len(), MOST_TEXT_BYTES, "bytes"));
    }
    Ok(())
}

fn counted(place: &str, count: usize, most: usize) -> Result<(), Refusal> {
    if count > most { Err(beyond(place, count, most, "items")) } else { Ok(()) }
}

fn sized(place: &str, document: &impl serde::Serialize, most: usize) -> Result<(), Refusal> {
    let size = serde_json::to_vec(document).map_or(usize::MAX, |text| text.len());
    if size > most { Err(beyond(place, size, most, "bytes of JSON")) } else { Ok(()) }
}

fn beyond(place: &str, found: usize, most: usize, unit: &str) -> Refusal {
    Refusal::new(What::Invalid(Field::RbacPolicy))
        .found(format!("{found} {unit} in {place}"))
        .expected(format!("at most {most}"))
}

fn reserved(id: &str, place: &str) -> Refusal {
    problem(PolicyProblem::Reserved).found(format!("{id:?} in {place}"))
}

const fn problem(problem: PolicyProblem) -> Refusal {
    Refusal::new(What::Policy(problem))
}

#[cfg(test)]
mod tests;
