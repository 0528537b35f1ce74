//! Organizations: make, change, find and remove (contract 3.2).

use std::collections::HashMap;

use vestibule_domain::connection::ConnectionStatus;
use vestibule_domain::id::{ConnectionId, OrganizationId, ProjectId};
use vestibule_domain::organization::{Access, Organization, OrganizationPatch};
use vestibule_domain::project::Project;
use vestibule_domain::rbac::Permit;
use vestibule_domain::refusal::{Name, Refusal, Thing, What};
use vestibule_store::tables::connections::ActiveConnection;
use vestibule_store::tables::organizations::{self, OrganizationFilter};
use vestibule_store::tables::search::{Cursor, Search};
use vestibule_store::{Batch, StoreError};

use super::audit;
use super::views::{self, OrganizationView};
use crate::doors::stytch::caller::Caller;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// Whether a role can be assigned in an organization: the project has it, or the organization itself.
#[must_use]
pub fn knows_role(app: &App, organization: &Organization, role_id: &str) -> bool {
    app.policy.has_role(role_id) || organization.custom_roles.iter().any(|role| role.role_id == role_id)
}

/// Refuses a backend that asks on behalf of a member, where only the project itself may ask.
///
/// # Errors
/// `session_authorization_error`.
pub fn require_project(caller: &Caller) -> Result<(), Refusal> {
    if caller.member_id().is_none() {
        return Ok(());
    }
    Err(Refusal::new(What::Forbidden)
        .because("Only the project's own credentials allow this: leave the member session out."))
}

/// Permission to change an organization: a member needs the action of every field that is given, and some
/// fields no member may change (contract 7.5).
///
/// # Errors
/// The member belongs elsewhere, lacks a role, or gives a field that is the project's alone.
pub fn permit_update(
    app: &App,
    caller: &Caller,
    organization: &Organization,
    patch: &OrganizationPatch,
) -> Result<Permit, Refusal> {
    if patch.trusted_metadata.is_some() && caller.member_id().is_some() {
        return Err(What::TrustedMetadataByMember.into());
    }
    if patch.is_project_only() {
        require_project(caller)?;
    }
    caller.permit(app, organization.id, "stytch.organization", &patch.required_actions())
}

/// Makes an organization.
///
/// # Errors
/// The rules of contract 3.2.1, or a slug, external id or claimed domain that another organization has.
pub async fn create(
    app: &App,
    ctx: &Ctx,
    project: ProjectId,
    mut patch: OrganizationPatch,
) -> Result<OrganizationView, Failure> {
    let slug_is_derived = patch.slug.is_none();
    for _ in 0..super::ATTEMPTS {
        let id = OrganizationId::generate(project.environment(), app.entropy.as_ref());
        let organization = Organization::create(id, project, patch.clone(), ctx.now)?;
        organization.check_references(&[], |role| app.policy.has_role(role))?;
        let note = audit::entry(app, ctx, project, Some(id), None, "organization.create", id);
        let batch = Batch::from(organizations::insert(&organization)).with([note]);
        match app.store.commit(batch).await {
            Ok(()) => return Ok(OrganizationView { organization, active_connections: Vec::new() }),
            Err(error) if slug_is_derived && error.is_unique(organizations::SLUG) => {
                patch.slug = Some(with_suffix(&organization.slug, id));
            }
            Err(error) => return Err(refusal(error)),
        }
    }
    Err(What::Taken(Name::OrganizationSlug).into())
}

/// A derived slug that is taken, made unlike the other by the random end of the new id.
fn with_suffix(slug: &str, id: OrganizationId) -> String {
    let id = id.to_string();
    let suffix = id.rsplit('-').next().unwrap_or_default();
    format!("{slug}-{suffix}")
}

/// Changes an organization as a whole or not at all.
///
/// # Errors
/// The rules of contract 3.2.1, or a slug, external id or claimed domain that another organization has.
pub async fn update(
    app: &App,
    ctx: &Ctx,
    permit: &Permit,
    organization: Organization,
    patch: OrganizationPatch,
) -> Result<OrganizationView, Failure> {
    let all = app.store.connections(&app.vault, permit.project_id(), permit.organization_id()).await?;
    let ids: Vec<ConnectionId> = all.iter().map(|connection| connection.id).collect();
    let has_active = all.iter().any(|connection| connection.status() == ConnectionStatus::Active);
    let names_methods = patch.auth_methods.is_some() || patch.allowed_auth_methods.is_some();
    change(app, ctx, permit, organization, "organization.update", |organization| {
        organization.apply(patch.clone(), ctx.now)?;
        organization.check_references(&ids, |role| knows_role(app, organization, role))?;
        if names_methods && !has_active { require_other_ways_in(organization) } else { Ok(()) }
    })
    .await
}

/// An organization that lets its members in by SSO alone needs a connection that works, or it locks
/// everybody out. One that is just being made cannot have any yet, so this is asked of changes only.
fn require_other_ways_in(organization: &Organization) -> Result<(), Refusal> {
    let policy = &organization.policy;
    if policy.auth_methods == Access::Restricted
        && policy.allowed_auth_methods.iter().all(|method| method == "sso")
    {
        return Err(Refusal::new(What::ConnectionNotActive).because(
            "allowed_auth_methods names sso alone, and the organization has no active connection.",
        ));
    }
    Ok(())
}

/// Takes the API user's own id away from an organization.
///
/// # Errors
/// `organization_not_found` when somebody removed it meanwhile.
pub async fn clear_external_id(
    app: &App,
    ctx: &Ctx,
    permit: &Permit,
    organization: Organization,
) -> Result<OrganizationView, Failure> {
    change(app, ctx, permit, organization, "organization.clear_external_id", |organization| {
        organization.external_id = None;
        organization.updated_at = ctx.now;
        organization.version += 1;
        Ok(())
    })
    .await
}

/// Decides and saves until nobody else was faster.
async fn change(
    app: &App,
    ctx: &Ctx,
    permit: &Permit,
    mut organization: Organization,
    action: &str,
    decide: impl Fn(&mut Organization) -> Result<(), Refusal>,
) -> Result<OrganizationView, Failure> {
    for _ in 0..super::ATTEMPTS {
        let decided_on = organization.version;
        decide(&mut organization)?;
        let note = audit::note(app, ctx, permit, action, organization.id);
        let batch = Batch::from(organizations::update(&organization, decided_on)).with([note]);
        match app.store.commit(batch).await {
            Ok(()) => return views::organization(app, organization).await,
            Err(error) if error.is_guard(organizations::VERSION) => {
                organization = reload(app, permit).await?;
            }
            Err(error) => return Err(refusal(error)),
        }
    }
    Err(Failure::Unavailable("an organization kept changing under this request".to_owned()))
}

async fn reload(app: &App, permit: &Permit) -> Result<Organization, Failure> {
    let found = app.store.organization_by_id(permit.project_id(), permit.organization_id()).await?;
    Ok(found.ok_or(What::NotFound(Thing::Organization))?)
}

/// What a refused write means to the one who asked.
fn refusal(error: StoreError) -> Failure {
    let StoreError::Unique(index) = &error else { return error.into() };
    match index.as_str() {
        organizations::SLUG => What::Taken(Name::OrganizationSlug).into(),
        organizations::EXTERNAL_ID => What::Taken(Name::OrganizationExternalId).into(),
        organizations::CLAIMED_DOMAIN => What::Taken(Name::ClaimedDomain).into(),
        _ => error.into(),
    }
}

/// Removes an organization with its members, their registrations and sessions, and its connections.
///
/// # Errors
/// `organization_not_found` when somebody else removed it first.
pub async fn delete(app: &App, ctx: &Ctx, permit: &Permit) -> Result<(), Failure> {
    let (project, id) = (permit.project_id(), permit.organization_id());
    let note = audit::note(app, ctx, permit, "organization.delete", id);
    let batch = Batch::from(organizations::delete(project, id)).with([note]);
    match app.store.commit(batch).await {
        Err(error) if error.is_guard(organizations::EXISTS) => {
            Err(What::NotFound(Thing::Organization).into())
        }
        other => Ok(other?),
    }
}

/// One page of what a search found.
#[derive(Debug)]
pub struct Found<T> {
    /// The page.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: u64,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
}

/// Searches a project's organizations.
///
/// # Errors
/// The store's.
pub async fn search(
    app: &App,
    project: &Project,
    search: &Search<OrganizationFilter>,
) -> Result<Found<OrganizationView>, Failure> {
    let found = app.store.search_organizations(project.id, search).await?;
    let items = viewed(app, project.id, found.page.items).await?;
    Ok(Found { items, total: found.total, next: found.page.next })
}

/// Loads what belongs to several organizations of a project at once.
///
/// # Errors
/// The store's.
pub async fn viewed(
    app: &App,
    project: ProjectId,
    organizations: Vec<Organization>,
) -> Result<Vec<OrganizationView>, Failure> {
    if organizations.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<OrganizationId> = organizations.iter().map(|organization| organization.id).collect();
    let mut connections: HashMap<OrganizationId, Vec<ActiveConnection>> = HashMap::new();
    for connection in app.store.active_connections_of(project, &ids).await? {
        connections.entry(connection.organization_id).or_default().push(connection);
    }
    let view = |organization: Organization| OrganizationView {
        active_connections: connections.remove(&organization.id).unwrap_or_default(),
        organization,
    };
    Ok(organizations.into_iter().map(view).collect())
}
