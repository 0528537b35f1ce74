//! Grants: the proof that somebody may do one thing in one place. Who asks is an [`Authority`]; let into an organization
//! it is an [`Entry`]; what it may do there is a [`Grant`]. Operations take grants and nothing less.
//!
//! An authority knows the policy that was in force when it was made: what a role may do is decided by that one, from the
//! credentials to the last write of a request.

use std::marker::PhantomData;
use std::sync::Arc;

use super::{Action, Actor, Policy, decide};
use crate::id::{Environment, MemberId, OrganizationId, ProjectId};
use crate::organization::Organization;
use crate::refusal::{Refusal, Thing, What};
use crate::tenant::Tenant;

/// Who asks, and what they may do.
#[derive(Clone, Debug)]
pub struct Authority {
    project_id: ProjectId,
    actor: Actor,
    rights: Rights,
    policy: Arc<Policy>,
}

#[derive(Clone, Debug)]
enum Rights {
    /// Everything in the project.
    Project,
    /// What the roles of a session allow, in the member's own organization.
    Roles { organization_id: OrganizationId, roles: Vec<String>, second_factor: bool },
    /// Some actions, in one organization.
    Some { organization_id: OrganizationId, actions: Vec<Action> },
}

impl Authority {
    /// The project's backend, or an operator, or the server itself: everything in the project.
    #[must_use]
    pub const fn of_project(project_id: ProjectId, actor: Actor, policy: Arc<Policy>) -> Self {
        Self { project_id, actor, rights: Rights::Project, policy }
    }

    /// A member: what the roles of their session allow, in their own organization.
    #[must_use]
    pub const fn of_member(
        tenant: Tenant,
        member: MemberId,
        roles: Vec<String>,
        policy: Arc<Policy>,
    ) -> Self {
        Self {
            project_id: tenant.project_id(),
            actor: Actor::Member(member),
            rights: Rights::Roles { organization_id: tenant.organization_id(), roles, second_factor: false },
            policy,
        }
    }

    /// Says whether a second factor was proved in the session of the member.
    #[must_use]
    pub const fn with_second_factor(mut self, proved: bool) -> Self {
        if let Rights::Roles { second_factor, .. } = &mut self.rights {
            *second_factor = proved;
        }
        self
    }

    /// Somebody who was given some actions in one organization: a directory, a set-up link, an application.
    #[must_use]
    pub const fn limited(tenant: Tenant, actor: Actor, actions: Vec<Action>, policy: Arc<Policy>) -> Self {
        let rights = Rights::Some { organization_id: tenant.organization_id(), actions };
        Self { project_id: tenant.project_id(), actor, rights, policy }
    }

    /// The project.
    #[must_use]
    pub const fn project_id(&self) -> ProjectId {
        self.project_id
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The policy of the project.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Whether an organization is theirs to enter. Who belongs elsewhere learns nothing about others.
    #[must_use]
    pub fn belongs_in(&self, organization: OrganizationId) -> bool {
        match &self.rights {
            Rights::Project => true,
            Rights::Roles { organization_id, .. } | Rights::Some { organization_id, .. } => {
                *organization_id == organization
            }
        }
    }

    /// Lets them into an organization that was looked up for them.
    ///
    /// # Errors
    /// [`What::OtherTenant`] when they belong elsewhere, also when nothing was found: they learn nothing about others.
    /// [`What::NotFound`] when there is no such organization.
    pub fn enter(self, found: Option<Organization>) -> Result<Entry, Refusal> {
        match found {
            Some(organization)
                if organization.project_id == self.project_id && self.belongs_in(organization.id) =>
            {
                Ok(Entry { authority: self, organization })
            }
            None => Err(self.lacks(Thing::Organization)),
            Some(_) => Err(What::OtherTenant.into()),
        }
    }

    /// What they are told when nothing was found by an id that names no organization: [`What::NotFound`] for the
    /// project, [`What::OtherTenant`] for anybody else, as when another organization has it.
    #[must_use]
    pub fn lacks(&self, thing: Thing) -> Refusal {
        match self.rights {
            Rights::Project => What::NotFound(thing).into(),
            Rights::Roles { .. } | Rights::Some { .. } => What::OtherTenant.into(),
        }
    }

    /// A grant for something that belongs to the project alone.
    ///
    /// # Errors
    /// [`What::Forbidden`] for everybody who has not the whole project.
    pub fn project<A>(&self) -> Result<ProjectGrant<A>, Refusal> {
        self.require_project()?;
        let (actor, policy) = (self.actor.clone(), self.policy.clone());
        Ok(ProjectGrant { project_id: self.project_id, actor, policy, asked: PhantomData })
    }

    fn require_project(&self) -> Result<(), Refusal> {
        match self.rights {
            Rights::Project => Ok(()),
            _ => Err(Refusal::new(What::Forbidden)
                .because("Only the project's own credentials allow this: leave the member session out.")),
        }
    }
}

/// What a grant can be asked for, when one action decides it; implemented by the types of [`super::asks`].
pub trait Ask {
    /// The action; `None` when it is enough to belong there.
    const NEEDS: Option<Action>;
}

/// Somebody inside an organization where they belong. They may look at it; anything else needs a grant.
#[derive(Clone, Debug)]
pub struct Entry {
    authority: Authority,
    organization: Organization,
}

impl Entry {
    /// The organization.
    #[must_use]
    pub const fn organization(&self) -> &Organization {
        &self.organization
    }

    /// The place.
    #[must_use]
    pub const fn tenant(&self) -> Tenant {
        self.organization.tenant()
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.authority.actor
    }

    /// Whether a second factor was proved in the session of whoever asks. Who has no session needs none.
    #[must_use]
    pub const fn showed_second_factor(&self) -> bool {
        match self.authority.rights {
            Rights::Project | Rights::Some { .. } => true,
            Rights::Roles { second_factor, .. } => second_factor,
        }
    }

    /// Leaves the organization and keeps what it was entered for.
    #[must_use]
    pub fn into_organization(self) -> Organization {
        self.organization
    }

    /// The policy of the project.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.authority.policy
    }

    /// Whether an action is allowed here.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        match &self.authority.rights {
            Rights::Project => true,
            Rights::Roles { roles, .. } => {
                let (resource, verb) = (action.resource().id(), action.verb());
                decide(self.policy(), &self.organization.custom_roles, roles, resource, verb).authorized()
            }
            Rights::Some { actions, .. } => actions.contains(&action),
        }
    }

    /// Refuses what is not allowed here.
    ///
    /// # Errors
    /// [`What::Forbidden`] naming the actions that are missing.
    pub fn require(&self, actions: &[Action]) -> Result<(), Refusal> {
        let missing: Vec<&Action> = actions.iter().filter(|action| !self.may(**action)).collect();
        let Some(first) = missing.first() else { return Ok(()) };
        let verbs: Vec<&str> = actions.iter().map(|action| action.verb()).collect();
        Err(Refusal::new(What::Forbidden).because(format!(
            "Needed on {}: {}.",
            first.resource().id(),
            verbs.join(", ")
        )))
    }

    /// Refuses whoever has not the whole project.
    ///
    /// # Errors
    /// [`What::Forbidden`].
    pub fn require_project(&self) -> Result<(), Refusal> {
        self.authority.require_project()
    }

    /// A grant for what one action decides.
    ///
    /// # Errors
    /// [`What::Forbidden`].
    pub fn grant<A: Ask>(self) -> Result<Grant<A>, Refusal> {
        if let Some(action) = A::NEEDS {
            self.require(&[action])?;
        }
        Ok(self.granted())
    }

    /// A grant for what the project alone may do in the organization.
    ///
    /// # Errors
    /// [`What::Forbidden`].
    pub fn project_grant<A>(self) -> Result<Grant<A>, Refusal> {
        self.require_project()?;
        Ok(self.granted())
    }

    /// The grant of a decision that was made in this crate.
    pub(crate) fn granted<A>(self) -> Grant<A> {
        let Authority { actor, policy, .. } = self.authority;
        Grant { actor, organization: self.organization, policy, asked: PhantomData }
    }
}

/// Proof that somebody may do `A` in one organization, with the organization as it was when that was decided.
#[derive(Clone, Debug)]
pub struct Grant<A> {
    actor: Actor,
    organization: Organization,
    policy: Arc<Policy>,
    asked: PhantomData<fn() -> A>,
}

impl<A> Grant<A> {
    /// The place.
    #[must_use]
    pub const fn tenant(&self) -> Tenant {
        self.organization.tenant()
    }

    /// The project.
    #[must_use]
    pub const fn project_id(&self) -> ProjectId {
        self.organization.project_id
    }

    /// The environment of everything in it.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.organization.id.environment()
    }

    /// The organization, as it was loaded.
    #[must_use]
    pub const fn organization(&self) -> &Organization {
        &self.organization
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The policy of the project, as it was when that was decided.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
}

/// Proof that somebody may do `A` in a project.
#[derive(Clone, Debug)]
pub struct ProjectGrant<A> {
    project_id: ProjectId,
    actor: Actor,
    policy: Arc<Policy>,
    asked: PhantomData<fn() -> A>,
}

impl<A> ProjectGrant<A> {
    /// The project.
    #[must_use]
    pub const fn project_id(&self) -> ProjectId {
        self.project_id
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The policy of the project, as it was when that was decided.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
}
