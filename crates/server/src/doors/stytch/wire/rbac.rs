//! Policies and roles on the wire.

use serde::Serialize;
use vestibule_domain::rbac::{Permission, Policy, Resource, Role, Scope};

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
