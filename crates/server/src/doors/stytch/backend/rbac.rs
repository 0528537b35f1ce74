//! Policies, as backends read and cache them, and the roles of one organization.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::organization::Organization;

use crate::doors::stytch::caller::{Caller, Here};
use crate::doors::stytch::wire::{PolicyOut, RoleIn, RoleOut, roles};
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, required};
use crate::operations::policies;
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let of_organization = "/v1/b2b/rbac/organizations/{organization_id}";
    Endpoints::new()
        .get("/v1/b2b/rbac/policy", Needs::Project, policy)
        .get(of_organization, Needs::Belonging, organization_policy)
        .put(of_organization, Needs::ProjectAloneIn, set_organization_policy)
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

impl From<&Organization> for OrganizationPolicyOut {
    fn from(organization: &Organization) -> Self {
        let roles = organization.custom_roles.iter().map(RoleOut::from).collect();
        Self { org_policy: OwnRolesOut { roles } }
    }
}

async fn organization_policy(ctx: Ctx, Here(entry): Here) -> Answer<OrganizationPolicyOut> {
    ok(&ctx, entry.organization().into())
}

#[derive(Deserialize)]
struct OwnRolesIn {
    roles: Option<Vec<RoleIn>>,
}

#[derive(Deserialize)]
struct OrganizationPolicyIn {
    org_policy: Option<OwnRolesIn>,
}

async fn set_organization_policy(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Here(entry): Here,
    Input(body): Input<OrganizationPolicyIn>,
) -> Answer<OrganizationPolicyOut> {
    let grant = entry.project_grant()?;
    let given = required(body.org_policy, "org_policy")?;
    let given = roles(Some(required(given.roles, "org_policy.roles")?))?;
    let organization = policies::set_roles(&app, &ctx, &grant, given).await?;
    ok(&ctx, (&organization).into())
}
