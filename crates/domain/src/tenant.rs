//! Tenancy as a value: which organization of which project. Every look-up of a tenant's things names one.

use crate::id::{OrganizationId, ProjectId};

/// An organization inside its project. Outside this crate it comes only out of something that was loaded or granted:
/// a grant, or an aggregate that knows where it belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tenant {
    project_id: ProjectId,
    organization_id: OrganizationId,
}

impl Tenant {
    pub(crate) const fn new(project_id: ProjectId, organization_id: OrganizationId) -> Self {
        Self { project_id, organization_id }
    }

    /// A tenant as something that is kept says it: a row of the store, an event.
    #[must_use]
    pub const fn stored(project_id: ProjectId, organization_id: OrganizationId) -> Self {
        Self { project_id, organization_id }
    }

    /// The project.
    #[must_use]
    pub const fn project_id(self) -> ProjectId {
        self.project_id
    }

    /// The organization.
    #[must_use]
    pub const fn organization_id(self) -> OrganizationId {
        self.organization_id
    }
}

/// Lets aggregates say where they belong.
macro_rules! tenant_of {
    ($($aggregate:ty),* $(,)?) => {
        $(impl $aggregate {
            /// Where it belongs.
            #[must_use]
            pub const fn tenant(&self) -> Tenant {
                Tenant::new(self.project_id, self.organization_id)
            }
        })*
    };
}

tenant_of!(
    crate::connection::Connection,
    crate::directory::Directory,
    crate::identity::Registration,
    crate::login::LoginAttempt,
    crate::login::SsoToken,
    crate::member::Member,
    crate::session::Session,
    crate::trace::SignInTrace,
);

impl crate::organization::Organization {
    /// The organization as a place.
    #[must_use]
    pub const fn tenant(&self) -> Tenant {
        Tenant::new(self.project_id, self.id)
    }
}
