//! Organizations: make, change, find and remove.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use vestibule_domain::directory::Directory;
use vestibule_domain::event::{EventKind, Facts, Object};
use vestibule_domain::id::{ConnectionId, OrganizationId, ProjectId};
use vestibule_domain::organization::{Access, Organization, OrganizationPatch, distinct_slug};
use vestibule_domain::rbac::asks::{
    ChangeOrganization, CreateOrganization, DeleteOrganization, RemoveUnreadable, SearchOrganizations,
};
use vestibule_domain::rbac::{Grant, Policy, ProjectGrant};
use vestibule_domain::refusal::{Name, Refusal, Thing, What};
use vestibule_domain::{Patch, Tenant, Time};
use vestibule_store::Batch;
use vestibule_store::tables::connections::{self, ActiveConnection};
use vestibule_store::tables::lending::Lent;
use vestibule_store::tables::organizations::{self, OrganizationFilter};
use vestibule_store::tables::search::{Cursor, Search};

use super::change::{Decision, Patience, change, is_race};
use super::events::Scene;
use super::lending;
use super::meaning::meaning;
use super::views::{self, OrganizationView};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// How many derived slugs are tried.
const SLUGS: usize = 5;

/// The refusal of a role that is not known, with those that are. Any other is as it was.
pub(crate) fn naming_roles(policy: &Policy, organization: &Organization, refusal: Refusal) -> Refusal {
    if refusal.what != What::UnknownRole {
        return refusal;
    }
    let roles = policy.roles.iter().chain(&organization.custom_roles);
    let known: Vec<&str> = roles.map(|role| role.role_id.as_str()).collect();
    refusal.expected(format!("one of: {}", known.join(", ")))
}

/// Makes an organization.
///
/// # Errors
/// The rules of the API, or a slug, external id or claimed domain that another organization has.
pub(crate) async fn create(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<CreateOrganization>,
    patch: OrganizationPatch,
) -> Result<OrganizationView, Failure> {
    let place = (grant.project_id(), grant.policy());
    make(app, ctx, place, patch, |organization: Organization| async move {
        let event = Scene::of_project(ctx, grant)
            .event(app, EventKind::OrganizationCreated, Object::Organization(organization.id))
            .changed(Facts::default(), &organization);
        let batch = Batch::from(organizations::insert(&organization)).with([event.write()]);
        app.store.commit(batch).await.map_err(meaning)?;
        Ok(OrganizationView { organization, active_connections: Vec::new(), directory: None })
    })
    .await
}

/// Makes a new organization of a patch and has it kept. While another one has the slug that was derived from its name, it gets
/// the next.
///
/// # Errors
/// The rules of the API, and what `keep` refuses.
pub(super) async fn make<T, K>(
    app: &App,
    ctx: &Ctx,
    (project, policy): (ProjectId, &Policy),
    mut patch: OrganizationPatch,
    keep: impl Fn(Organization) -> K,
) -> Result<T, Failure>
where
    K: Future<Output = Result<T, Failure>>,
{
    let slug_is_derived = patch.slug.is_keep();
    let mut derived = None;
    for _ in 0..SLUGS {
        let id = OrganizationId::generate(project.environment(), app.entropy.as_ref());
        let organization = Organization::create(id, project, patch.clone(), ctx.now)?;
        organization.check_references(&[], |role| policy.has_role(role))?;
        let slug = organization.slug.clone();
        match keep(organization).await {
            Err(failure) if slug_is_derived && failure.is(What::Taken(Name::OrganizationSlug)) => {
                patch.slug = Patch::Set(distinct_slug(derived.get_or_insert(slug), id));
            }
            kept => return kept,
        }
    }
    Err(What::Taken(Name::OrganizationSlug).into())
}

/// Changes an organization as a whole or not at all. What it names stands until it is saved.
///
/// # Errors
/// The rules of the API, or a slug, external id or claimed domain that another organization has.
pub(crate) async fn update(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeOrganization>,
    patch: OrganizationPatch,
) -> Result<OrganizationView, Failure> {
    let (tenant, policy) = (grant.tenant(), grant.policy());
    let names_methods = patch.policy.auth_methods.is_given() || patch.policy.allowed_auth_methods.is_given();
    // Loaded with the organization, so that both are new when it is decided anew.
    let connections = Mutex::new(Vec::new());
    let load = async || {
        let organization = load(app, tenant).await?;
        *connections.lock().unwrap_or_else(PoisonError::into_inner) =
            app.store.connection_ids(tenant).await?;
        Ok(organization)
    };
    let decide = |organization: &mut Organization| {
        let all = connections.lock().unwrap_or_else(PoisonError::into_inner);
        let before = organization.clone();
        let ids: Vec<ConnectionId> = all.iter().map(|(id, _)| *id).collect();
        organization.apply(patch.clone(), ctx.now)?;
        let checked = organization.check_references(&ids, |role| {
            // What stood before may stand: it grants nothing when the role has gone.
            policy.has_role_in(organization, role) || before.assigns(role)
        });
        checked.map_err(|refusal| naming_roles(policy, organization, refusal))?;
        if names_methods && all.iter().all(|(_, is_active)| !is_active) {
            require_other_ways_in(organization)?;
        }
        if !organization.differs_from(&before) {
            *organization = before;
            return Ok(Decision::Leave(()));
        }
        let event = Scene::of(ctx, grant)
            .event(app, EventKind::OrganizationUpdated, Object::Organization(organization.id))
            .changed(&before, &*organization);
        let named = organization.named_connections().map(|id| connections::stands(tenant, id));
        Ok(Decision::save(event.acted().requires(named)))
    };
    let (organization, ()) = change(app, tenant.organization_id(), load, decide).await?;
    views::organization(app, organization).await
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
/// Somebody removed it meanwhile.
pub(crate) async fn clear_external_id(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeOrganization>,
) -> Result<OrganizationView, Failure> {
    let tenant = grant.tenant();
    let decide = |organization: &mut Organization| {
        let before = organization.clone();
        organization.external_id = None;
        organization.updated_at = ctx.now;
        organization.version += 1;
        let event = Scene::of(ctx, grant)
            .event(app, EventKind::OrganizationExternalIdCleared, Object::Organization(organization.id))
            .changed(&before, &*organization);
        Ok(Decision::save(event.acted()))
    };
    let (organization, ()) = change(app, tenant.organization_id(), || load(app, tenant), decide).await?;
    views::organization(app, organization).await
}

async fn load(app: &App, tenant: Tenant) -> Result<Organization, Failure> {
    let found = app.store.organization_of(tenant).await?;
    Ok(found.ok_or(What::NotFound(Thing::Organization))?)
}

/// Removes an organization with its members, their registrations and sessions, its connections, and those that borrow one.
///
/// # Errors
/// Somebody else removed it first.
pub(crate) async fn delete(app: &App, ctx: &Ctx, grant: &Grant<DeleteOrganization>) -> Result<(), Failure> {
    let tenant = grant.tenant();
    let event = Scene::of(ctx, grant).event(
        app,
        EventKind::OrganizationDeleted,
        Object::Organization(tenant.organization_id()),
    );
    delete_with(app, tenant, &event.acted(), ctx.now).await
}

/// Removes an organization with all that is in it, and what others borrow of it; `more` is kept with it.
async fn delete_with(app: &App, tenant: Tenant, more: &Batch, now: Time) -> Result<(), Failure> {
    let lent = Lent::All(tenant);
    let mut patience = Patience::default();
    loop {
        let borrowers = app.store.borrowers(lent).await?;
        let batch = organizations::delete(tenant)
            .and(more.clone())
            .and(lending::taken_back(app, lent, &borrowers, now));
        match app.store.commit(batch).await {
            Ok(()) => return Ok(()),
            Err(error) if !error.is_guard(organizations::EXISTS) && is_race(&error) => {
                patience.wait(app).await?;
            }
            Err(error) => return Err(meaning(error)),
        }
    }
}

/// Removes an organization whose row cannot be read any more, with all that is in it.
///
/// # Errors
/// There is none with this id.
pub(crate) async fn delete_unreadable(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<RemoveUnreadable>,
    id: OrganizationId,
) -> Result<(), Failure> {
    let tenant = app.store.place_of_organization(grant, id).await?;
    let tenant = tenant.ok_or(What::NotFound(Thing::Organization))?;
    let event = Scene::of_project(ctx, grant)
        .event(app, EventKind::OrganizationDeleted, Object::Organization(id))
        .with("unreadable", true);
    delete_with(app, tenant, &event.acted(), ctx.now).await
}

/// One page of what a search found.
#[derive(Debug)]
pub(crate) struct Found<T> {
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
/// The project has searched as often as it may, or the store's.
pub(crate) async fn search(
    app: &App,
    grant: &ProjectGrant<SearchOrganizations>,
    search: &Search<OrganizationFilter>,
) -> Result<Found<OrganizationView>, Failure> {
    app.limits.check_search(grant.project_id())?;
    let found = app.store.search_organizations(grant.project_id(), search).await?;
    let items = viewed(app, grant.project_id(), found.page.items).await?;
    Ok(Found { items, total: found.total, next: found.page.next })
}

/// Loads what belongs to several organizations of a project at once.
///
/// # Errors
/// The store's.
pub(crate) async fn viewed(
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
    let directories = app.store.directories_of(project, &ids).await?;
    let mut directories: HashMap<OrganizationId, Directory> =
        directories.into_iter().map(|directory| (directory.organization_id, directory)).collect();
    let view = |organization: Organization| OrganizationView {
        directory: directories.remove(&organization.id),
        active_connections: connections.remove(&organization.id).unwrap_or_default(),
        organization,
    };
    Ok(organizations.into_iter().map(view).collect())
}
