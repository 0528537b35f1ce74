//! Policies and roles on the wire.

use serde::{Deserialize, Serialize};
use vestibule_domain::rbac::{Permission, Policy, Resource, Role, Scope};
use vestibule_domain::refusal::Refusal;

use crate::http::input::required;

/// What a role may do with one resource.
#[derive(Debug, Serialize)]
struct PermissionOut {
    resource_id: String,
    actions: Vec<String>,
}

impl From<&Permission> for PermissionOut {
    fn from(permission: &Permission) -> Self {
        Self { resource_id: permission.resource_id.clone(), actions: permission.actions.clone() }
    }
}

/// A role.
#[derive(Debug, Serialize)]
pub(crate) struct RoleOut {
    role_id: String,
    description: String,
    permissions: Vec<PermissionOut>,
}

impl From<&Role> for RoleOut {
    fn from(role: &Role) -> Self {
        Self {
            role_id: role.role_id.clone(),
            description: role.description.clone(),
            permissions: role.permissions.iter().map(PermissionOut::from).collect(),
        }
    }
}

#[derive(Debug, Serialize)]
struct ResourceOut {
    resource_id: String,
    description: String,
    actions: Vec<String>,
}

impl From<&Resource> for ResourceOut {
    fn from(resource: &Resource) -> Self {
        Self {
            resource_id: resource.resource_id.clone(),
            description: resource.description.clone(),
            actions: resource.actions.clone(),
        }
    }
}

/// A scope of connected applications.
#[derive(Debug, Serialize)]
struct ScopeOut {
    scope: String,
    description: String,
    permissions: Vec<PermissionOut>,
}

impl From<&Scope> for ScopeOut {
    fn from(scope: &Scope) -> Self {
        Self {
            scope: scope.scope.clone(),
            description: scope.description.clone(),
            permissions: scope.permissions.iter().map(PermissionOut::from).collect(),
        }
    }
}

/// A project's roles, resources and scopes.
#[derive(Debug, Serialize)]
pub(crate) struct PolicyOut {
    roles: Vec<RoleOut>,
    resources: Vec<ResourceOut>,
    scopes: Vec<ScopeOut>,
}

impl From<&Policy> for PolicyOut {
    fn from(policy: &Policy) -> Self {
        Self {
            roles: policy.roles.iter().map(RoleOut::from).collect(),
            resources: policy.resources.iter().map(ResourceOut::from).collect(),
            scopes: policy.scopes.iter().map(ScopeOut::from).collect(),
        }
    }
}

#[derive(Deserialize)]
struct PermissionIn {
    resource_id: Option<String>,
    actions: Option<Vec<String>>,
}

/// A role as it is given.
#[derive(Deserialize)]
pub(crate) struct RoleIn {
    role_id: Option<String>,
    description: Option<String>,
    permissions: Option<Vec<PermissionIn>>,
}

#[derive(Deserialize)]
struct ResourceIn {
    resource_id: Option<String>,
    description: Option<String>,
    actions: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct ScopeIn {
    scope: Option<String>,
    description: Option<String>,
    permissions: Option<Vec<PermissionIn>>,
}

/// A whole policy as it is given, with what is built in or without.
#[derive(Deserialize)]
pub(crate) struct PolicyIn {
    roles: Option<Vec<RoleIn>>,
    resources: Option<Vec<ResourceIn>>,
    scopes: Option<Vec<ScopeIn>>,
}

impl PolicyIn {
    /// The policy.
    ///
    /// # Errors
    /// `missing_required_field` for a part without an id.
    pub(crate) fn policy(self) -> Result<Policy, Refusal> {
        let resources = self.resources.unwrap_or_default().into_iter().map(ResourceIn::resource);
        let scopes = self.scopes.unwrap_or_default().into_iter().map(ScopeIn::scope);
        Ok(Policy {
            roles: roles(self.roles)?,
            resources: resources.collect::<Result<_, _>>()?,
            scopes: scopes.collect::<Result<_, _>>()?,
        })
    }
}

/// Roles as they are given.
///
/// # Errors
/// `missing_required_field` for one without an id.
pub(crate) fn roles(given: Option<Vec<RoleIn>>) -> Result<Vec<Role>, Refusal> {
    given.unwrap_or_default().into_iter().map(RoleIn::role).collect()
}

impl RoleIn {
    fn role(self) -> Result<Role, Refusal> {
        Ok(Role {
            role_id: required(self.role_id, "roles[].role_id")?,
            description: self.description.unwrap_or_default(),
            permissions: permissions(self.permissions)?,
        })
    }
}

impl ResourceIn {
    fn resource(self) -> Result<Resource, Refusal> {
        Ok(Resource {
            resource_id: required(self.resource_id, "resources[].resource_id")?,
            description: self.description.unwrap_or_default(),
            actions: self.actions.unwrap_or_default(),
        })
    }
}

impl ScopeIn {
    fn scope(self) -> Result<Scope, Refusal> {
        Ok(Scope {
            scope: required(self.scope, "scopes[].scope")?,
            description: self.description.unwrap_or_default(),
            permissions: permissions(self.permissions)?,
        })
    }
}

fn permissions(given: Option<Vec<PermissionIn>>) -> Result<Vec<Permission>, Refusal> {
    let permission = |given: PermissionIn| {
        Ok(Permission {
            resource_id: required(given.resource_id, "permissions[].resource_id")?,
            actions: given.actions.unwrap_or_default(),
        })
    };
    given.unwrap_or_default().into_iter().map(permission).collect()
}
