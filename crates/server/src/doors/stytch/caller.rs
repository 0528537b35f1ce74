//! Who is asking: a project's backend by its secret, and perhaps a member on whose behalf it asks
//! (contract 1.1 and 7.5). A handler that has a [`Caller`] has been authenticated.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use vestibule_domain::id::{MemberId, OrganizationId};
use vestibule_domain::organization::Organization;
use vestibule_domain::project::Project;
use vestibule_domain::rbac::{Actor, Denied, Permit, Scope, authorize};
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_domain::secret::TokenHash;

use crate::doors::stytch::session_jwt::presented;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::sessions;
use crate::world::App;

/// The member on whose behalf a backend asks.
#[derive(Debug)]
pub struct MemberCaller {
    id: MemberId,
    organization: Organization,
    roles: Vec<String>,
}

/// An authenticated project, and perhaps a member.
#[derive(Debug)]
pub struct Caller {
    /// The project.
    pub project: Project,
    member: Option<MemberCaller>,
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let Ok(ctx) = Ctx::from_request_parts(parts, app).await;
        let Some(project) = project(&parts.headers, app).await? else {
            app.limits.check_api_failure(ctx.ip)?;
            return Err(What::WrongCredentials.into());
        };
        let member = member(app, &ctx, &project, &parts.headers).await?;
        Ok(Self { project, member })
    }
}

/// The project whose id and secret stand in the Authorization header (RFC 7617).
async fn project(headers: &HeaderMap, app: &App) -> Result<Option<Project>, Failure> {
    let unreadable = || Failure::from(What::UnreadableCredentials);
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or_else(unreadable)?;
    let (scheme, encoded) = header.split_once(' ').ok_or_else(unreadable)?;
    if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > 2048 {
        return Err(unreadable());
    }
    let encoded = encoded.trim();
    let decoded =
        STANDARD.decode(encoded).or_else(|_| STANDARD_NO_PAD.decode(encoded)).map_err(|_| unreadable())?;
    let decoded = std::str::from_utf8(&decoded).map_err(|_| unreadable())?;
    let (id, secret) = decoded.split_once(':').ok_or_else(unreadable)?;
    let Ok(id) = id.parse() else { return Ok(None) };
    // The secret is 256 random bits: looking up its hash is as good as comparing in constant time.
    Ok(app.store.project_by_secret(id, &TokenHash::of(secret.as_bytes())).await?)
}

/// The member whose session a backend passes on, if any.
async fn member(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    headers: &HeaderMap,
) -> Result<Option<MemberCaller>, Failure> {
    let text = |name: &str| {
        headers.get(name).map(|value| value.to_str().map(str::to_owned)).transpose().map_err(|_| {
            Refusal::new(What::Unreadable).because(format!("The header {name} is not readable text."))
        })
    };
    let token = text("x-stytch-member-session")?.filter(|text| !text.is_empty());
    let jwt = text("x-stytch-member-sessionjwt")?.filter(|text| !text.is_empty());
    if token.is_none() && jwt.is_none() {
        return Ok(None);
    }
    let presented = presented(app, ctx, project, token, jwt).await?;
    let view = sessions::live(app, ctx, project, &presented).await?;
    Ok(Some(MemberCaller {
        id: view.member.member.id,
        organization: view.organization.organization,
        roles: view.roles,
    }))
}

impl Caller {
    /// The member, if the backend asks on behalf of one.
    #[must_use]
    pub fn member_id(&self) -> Option<MemberId> {
        self.member.as_ref().map(|member| member.id)
    }

    /// Who acts, for the audit trail.
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.member_id().map_or(Actor::Project, Actor::Member)
    }

    /// Permission to take `actions` on `resource` inside an organization.
    ///
    /// # Errors
    /// The member belongs to another organization, or has no role that allows it.
    pub fn permit(
        &self,
        app: &App,
        organization: OrganizationId,
        resource: &str,
        actions: &[&str],
    ) -> Result<Permit, Refusal> {
        let scope = match &self.member {
            None => Scope::Project,
            Some(member) => Scope::Member {
                id: member.id,
                organization_id: member.organization.id,
                roles: &member.roles,
                policy: &app.policy,
                custom_roles: &member.organization.custom_roles,
            },
        };
        authorize(self.project.id, organization, scope, resource, actions).map_err(|denied| match denied {
            Denied::Tenancy => What::OtherTenant.into(),
            Denied::Role => Refusal::new(What::Forbidden)
                .because(format!("Needed on {resource}: {}.", actions.join(", "))),
        })
    }

    /// Resolves what a request calls `organization_id`: an id, a slug or an external id (contract 1.2,
    /// rule 8), inside the caller's project. A member who names another organization learns nothing about
    /// whether it exists.
    ///
    /// # Errors
    /// `organization_not_found`; for members `session_authorization_tenancy_error`.
    pub async fn organization(&self, app: &App, locator: &str) -> Result<Organization, Failure> {
        let found = app.store.organization(self.project.id, locator).await?;
        match (&self.member, found) {
            (None, Some(organization)) => Ok(organization),
            (None, None) => Err(What::NotFound(Thing::Organization).into()),
            (Some(member), Some(organization)) if member.organization.id == organization.id => {
                Ok(organization)
            }
            (Some(_), _) => Err(What::OtherTenant.into()),
        }
    }
}
