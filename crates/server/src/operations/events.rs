//! Events, written in the same batch as what they tell of.

use serde_json::{Map, Value};
use vestibule_domain::bounds::kept_in_events;
use vestibule_domain::event::{Change, Event, EventKind, Facts, Object, changes};
use vestibule_domain::id::{ApplicationId, AuditId, OrganizationId, ProjectId};
use vestibule_domain::rbac::{Actor, Grant, ProjectGrant};
use vestibule_domain::{Tenant, Time};
use vestibule_store::tables::{events, members};
use vestibule_store::{Batch, Write};

use crate::http::ctx::Ctx;
use crate::world::App;

/// Where, when and by whom something happens.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    project_id: ProjectId,
    organization_id: Option<OrganizationId>,
    actor: Actor,
    request_id: String,
    ip_address: String,
    now: Time,
}

impl Scene {
    /// What somebody does in an organization, with a grant.
    #[must_use]
    pub(crate) fn of<A>(ctx: &Ctx, grant: &Grant<A>) -> Self {
        Self::request(ctx, grant.project_id(), Some(grant.tenant().organization_id()), grant.actor().clone())
    }

    /// What somebody does in a project, with a grant.
    #[must_use]
    pub(crate) fn of_project<A>(ctx: &Ctx, grant: &ProjectGrant<A>) -> Self {
        Self::request(ctx, grant.project_id(), None, grant.actor().clone())
    }

    /// What an application does by proving which it is.
    #[must_use]
    pub(crate) fn of_application(ctx: &Ctx, project: ProjectId, application: ApplicationId) -> Self {
        Self::request(ctx, project, None, Actor::Application(application))
    }

    /// What somebody does by proving who they are: a sign-in needs no grant.
    #[must_use]
    pub(crate) fn proved(ctx: &Ctx, tenant: Tenant, actor: Actor) -> Self {
        Self::request(ctx, tenant.project_id(), Some(tenant.organization_id()), actor)
    }

    /// What the server does unasked.
    #[must_use]
    pub(crate) const fn unasked(tenant: Tenant, now: Time) -> Self {
        Self {
            project_id: tenant.project_id(),
            organization_id: Some(tenant.organization_id()),
            actor: Actor::Server,
            request_id: String::new(),
            ip_address: String::new(),
            now,
        }
    }

    fn request(
        ctx: &Ctx,
        project_id: ProjectId,
        organization_id: Option<OrganizationId>,
        actor: Actor,
    ) -> Self {
        Self {
            project_id,
            organization_id,
            actor,
            request_id: ctx.request_id.to_string(),
            ip_address: ctx.ip.to_string(),
            now: ctx.now,
        }
    }

    /// An event here, now.
    pub(crate) fn event(&self, app: &App, kind: EventKind, object: Object) -> Draft {
        Draft(Event {
            id: AuditId::generate_at(self.project_id.environment(), self.now, app.entropy.as_ref()),
            project_id: self.project_id,
            organization_id: match object {
                // An organization that is being made happens in itself.
                Object::Organization(id) => Some(id),
                _ => self.organization_id,
            },
            actor: self.actor.clone(),
            kind,
            object,
            changes: Vec::new(),
            detail: Map::new(),
            request_id: self.request_id.clone(),
            ip_address: self.ip_address.clone(),
            at: self.now,
        })
    }
}

/// An event to which more can be said; never a secret.
#[derive(Clone, Debug)]
#[must_use]
pub(crate) struct Draft(Event);

impl Draft {
    /// Says which fields changed.
    pub(crate) fn changed(mut self, before: impl Into<Facts>, after: impl Into<Facts>) -> Self {
        self.0.changes = changes(&before.into(), &after.into());
        self
    }

    /// Says what changed where nothing is compared, and of how many more changes there was no room to tell.
    pub(crate) fn listing(mut self, changes: Vec<Change>, more: usize) -> Self {
        self.0.changes = changes;
        if more == 0 { self } else { self.with("more_changes", more) }
    }

    /// Says something more.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.detail.insert(name.to_owned(), kept_in_events(value.into()));
        self
    }

    /// The batch that keeps it. A member by whom it happens must be there until it is kept: what waited for its turn
    /// while they were removed does not happen.
    pub(crate) fn acted(&self) -> Batch {
        let Event { project_id, organization_id, .. } = self.0;
        let acts = self.0.actor.member().zip(organization_id);
        let acts = acts.map(|(member, home)| members::acts(Tenant::stored(project_id, home), member));
        Batch::from(self.write()).requires(acts)
    }

    /// The write that keeps it, for what nobody was granted.
    #[must_use]
    pub(crate) fn write(&self) -> Write {
        events::append(&self.0)
    }
}
