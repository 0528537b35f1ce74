//! Policies of projects: what would change, what that would do to what is assigned, and the change itself; and the roles of
//! an organization. Commands and calls decide by the same plan.

mod consequences;

use vestibule_domain::event::{Change, EventKind, Object};
use vestibule_domain::id::ProjectId;
use vestibule_domain::organization::Organization;
use vestibule_domain::rbac::asks::{ChangeOrganizationRoles, ChangePolicy};
use vestibule_domain::rbac::{
    Additions, Grant, PartChange, Policy, ProjectGrant, Role, builtin_policy, policy_changes,
};
use vestibule_domain::refusal::{PolicyProblem, Refusal, Thing, What};
use vestibule_store::tables::policies;
use vestibule_store::{Batch, Store, StoreError, Write};

use super::change::{Decision, Patience, change};
use super::events::Scene;
use super::meaning::meaning;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// The most changes that one event tells.
const MOST_TOLD: usize = 100;

/// A policy that a project could have in the place of the one that is in force.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The version that is in force.
    pub version: i64,
    /// The policy as it would be.
    pub after: Policy,
    /// What would be other than it is.
    pub changes: Vec<PartChange>,
    /// What that would do to what is assigned, in sentences. Where there is any, somebody has to want it.
    pub consequences: Vec<String>,
    additions: Additions,
}

impl Plan {
    /// Whether there is nothing to do.
    pub(crate) const fn is_nothing(&self) -> bool {
        self.changes.is_empty() && self.consequences.is_empty()
    }

    /// The writes that put it in force; they fail with the guard [`policies::VERSION`] when another version is in force by
    /// then.
    pub(crate) fn writes(&self, project: ProjectId) -> [Write; 2] {
        policies::set(project, &self.additions, self.version)
    }

    /// What changes, for an event: the first of many, and how many more there are.
    pub(crate) fn told(&self) -> (Vec<Change>, usize) {
        let told = self.changes.iter().take(MOST_TOLD).map(PartChange::event).collect();
        (told, self.changes.len().saturating_sub(MOST_TOLD))
    }
}

/// What is kept of a project's policy.
struct Kept {
    policy: Policy,
    version: i64,
    is_unreadable: bool,
}

/// One that cannot be read is nothing but what is built in, as wherever it decides.
async fn kept(store: &Store, project: ProjectId) -> Result<Kept, Failure> {
    let builtin = |version, is_unreadable| Kept { policy: builtin_policy(), version, is_unreadable };
    match store.policy(project).await {
        Ok(Some((additions, version))) => {
            Ok(Kept { policy: Policy::of(&additions), version, is_unreadable: false })
        }
        Ok(None) => Ok(builtin(0, false)),
        Err(StoreError::Row(_)) => {
            let version = store.project(project).await?.map_or(0, |project| project.policy_version);
            Ok(builtin(version, true))
        }
        Err(error) => Err(error.into()),
    }
}

/// The policy of a project, and its version.
///
/// # Errors
/// The store's.
pub(crate) async fn current(store: &Store, project: ProjectId) -> Result<(Policy, i64), Failure> {
    let Kept { policy, version, .. } = kept(store, project).await?;
    Ok((policy, version))
}

/// What giving a project another policy would change and do.
///
/// # Errors
/// A policy that cannot be, or the store's.
pub(crate) async fn plan(store: &Store, project: ProjectId, given: Policy) -> Result<Plan, Failure> {
    let additions = Additions::given(given)?;
    let Kept { policy: before, version, is_unreadable } = kept(store, project).await?;
    let after = Policy::of(&additions);
    let changes = policy_changes(&before, &after);
    let mut consequences = consequences::consequences(store, project, &before, &after).await?;
    if is_unreadable {
        consequences.insert(0, "The policy that is kept cannot be read: what it added is lost.".to_owned());
    }
    Ok(Plan { version, after, changes, consequences, additions })
}

/// How a policy is to be put in force.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Terms {
    /// Also when it changes what assignments mean that were made before.
    pub force: bool,
    /// Only in the place of this version.
    pub expected_version: Option<i64>,
}

/// Puts a policy in force, as a whole or not at all: on every node with the next request. Gives what was done, with the
/// version that is in force now.
///
/// # Errors
/// A policy that cannot be, consequences that nobody asked for, or another version than was expected.
pub(crate) async fn set(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangePolicy>,
    given: Policy,
    terms: Terms,
) -> Result<Plan, Failure> {
    let project = grant.project_id();
    let mut patience = Patience::default();
    loop {
        let mut plan = plan(&app.store, project, given.clone()).await?;
        terms.allow(&plan)?;
        if plan.is_nothing() {
            return Ok(plan);
        }
        let (told, more) = plan.told();
        let event = Scene::of_project(ctx, grant)
            .event(app, EventKind::RbacPolicyChanged, Object::Project(project))
            .listing(told, more);
        match app.store.commit(Batch::from(plan.writes(project)).with([event.write()])).await {
            Ok(()) => {
                plan.version += 1;
                return Ok(plan);
            }
            Err(error) if error.is_guard(policies::VERSION) => patience.wait(app).await?,
            Err(error) => return Err(meaning(error)),
        }
    }
}

impl Terms {
    fn allow(self, plan: &Plan) -> Result<(), Refusal> {
        let moved = self.expected_version.filter(|expected| *expected != plan.version);
        if let Some(expected) = moved {
            return Err(Refusal::new(What::Policy(PolicyProblem::Moved))
                .found(format!("version {}", plan.version))
                .expected(format!("version {expected}")));
        }
        if self.force || plan.consequences.is_empty() {
            return Ok(());
        }
        Err(Refusal::new(What::Policy(PolicyProblem::InUse)).because(plan.consequences.join(" ")))
    }
}

/// Replaces the roles of an organization, as a whole or not at all.
///
/// # Errors
/// Roles that cannot be, or somebody removed the organization meanwhile.
pub(crate) async fn set_roles(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeOrganizationRoles>,
    roles: Vec<Role>,
) -> Result<Organization, Failure> {
    let tenant = grant.tenant();
    let load =
        async || Ok(app.store.organization_of(tenant).await?.ok_or(What::NotFound(Thing::Organization))?);
    let decide = |organization: &mut Organization| {
        let before = organization.clone();
        organization.set_roles(roles.clone(), grant.policy(), ctx.now)?;
        if !organization.differs_from(&before) {
            *organization = before;
            return Ok(Decision::Leave(()));
        }
        let event = Scene::of(ctx, grant)
            .event(app, EventKind::OrganizationUpdated, Object::Organization(organization.id))
            .changed(&before, &*organization);
        Ok(Decision::save(event.acted()))
    };
    let (organization, ()) = change(app, tenant.organization_id(), load, decide).await?;
    Ok(organization)
}
