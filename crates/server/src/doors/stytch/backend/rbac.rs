//! Policies, as backends read and cache them.

use serde::Serialize;

use crate::doors::stytch::caller::{Caller, Here};
use crate::doors::stytch::wire::{PolicyOut, RoleOut};
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    Endpoints::new().get("/v1/b2b/rbac/policy", Needs::Project, policy).get(
        "/v1/b2b/rbac/organizations/{organization_id}",
        Needs::Belonging,
        organization_policy,
    )
}

#[derive(Serialize)]
struct ProjectPolicyOut {
    policy: PolicyOut,
}

async fn policy(ctx: Ctx, caller: Caller) -> Answer<ProjectPolicyOut> {
    ok(&ctx, ProjectPolicyOut { policy: PolicyOut::from(caller.authority().policy()) })
}

#[derive(Serialize)]
struct OwnRolesOut {
    roles: Vec<RoleOut>,
}

#[derive(Serialize)]
struct OrganizationPolicyOut {
    org_policy: OwnRolesOut,
}

async fn organization_policy(ctx: Ctx, Here(entry): Here) -> Answer<OrganizationPolicyOut> {
    let roles = entry.organization().custom_roles.iter().map(RoleOut::from).collect();
    ok(&ctx, OrganizationPolicyOut { org_policy: OwnRolesOut { roles } })
}
