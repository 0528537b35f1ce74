//! What operations return: an aggregate with everything needed to show it.

use std::collections::HashMap;

use vestibule_domain::connection::RoleAssignments;
use vestibule_domain::id::{ConnectionId, ConnectionKind, ProjectId};
use vestibule_domain::identity::Registration;
use vestibule_domain::member::Member;
use vestibule_domain::organization::Organization;
use vestibule_domain::rbac::{Policy, RoleGrant, RoleSource, role_grants, session_roles};
use vestibule_domain::session::Session;
use vestibule_store::tables::connections::ActiveConnection;

use crate::failure::Failure;
use crate::world::App;

/// An organization with its active connections.
#[derive(Clone, Debug)]
pub(crate) struct OrganizationView {
    /// The organization.
    pub organization: Organization,
    /// Its connections that members can sign in through.
    pub active_connections: Vec<ActiveConnection>,
}

impl OrganizationView {
    /// Whether the connection is one that members can sign in through.
    #[must_use]
    pub(crate) fn signs_in_through(&self, connection: ConnectionId) -> bool {
        self.active_connections.iter().any(|active| active.id == connection)
    }
}

/// A member with their registrations and roles.
#[derive(Clone, Debug)]
pub(crate) struct MemberView {
    /// The member.
    pub member: Member,
    /// Their subjects at connections.
    pub registrations: Vec<Registration>,
    /// Their roles, with the reason for each.
    pub grants: Vec<RoleGrant>,
}

/// A session with its member and organization.
#[derive(Clone, Debug)]
pub(crate) struct SessionView {
    /// The session.
    pub session: Session,
    /// The member.
    pub member: MemberView,
    /// The organization.
    pub organization: OrganizationView,
    /// The roles that count in this session.
    pub roles: Vec<String>,
}

/// One of a member's sessions, with what a list shows of it.
#[derive(Debug)]
pub(crate) struct ListedSession {
    /// The session.
    pub session: Session,
    /// The roles that count in it.
    pub roles: Vec<String>,
    /// The slug of its organization.
    pub organization_slug: String,
}

/// Loads what belongs to an organization.
///
/// # Errors
/// The store's.
pub(crate) async fn organization(app: &App, organization: Organization) -> Result<OrganizationView, Failure> {
    let active_connections = app.store.active_connections(organization.tenant()).await?;
    Ok(OrganizationView { organization, active_connections })
}

/// Loads what belongs to a member of an organization.
///
/// # Errors
/// The store's.
pub(crate) async fn member(
    app: &App,
    organization: &Organization,
    member: Member,
) -> Result<MemberView, Failure> {
    let registrations = app.store.registrations(member.project_id, member.id).await?;
    member_with(app, organization, member, registrations).await
}

/// The same for whom the registrations were loaded.
///
/// # Errors
/// The store's.
pub(crate) async fn member_with(
    app: &App,
    organization: &Organization,
    member: Member,
    registrations: Vec<Registration>,
) -> Result<MemberView, Failure> {
    let roles = ConnectionRoles::of(app, member.project_id, &registrations).await?;
    let grants = role_grants(&member, organization, &roles.granted_by(&registrations));
    Ok(MemberView { member, registrations, grants })
}

/// What the connections of some registrations give to those who sign in through them.
pub(crate) struct ConnectionRoles(HashMap<ConnectionId, RoleAssignments>);

impl ConnectionRoles {
    /// Loads it. Only SAML connections give roles: for everybody else the store is not asked.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn of<'a>(
        app: &App,
        project: ProjectId,
        registrations: impl IntoIterator<Item = &'a Registration>,
    ) -> Result<Self, Failure> {
        let mut connections: Vec<ConnectionId> = registrations
            .into_iter()
            .map(|registration| registration.connection_id)
            .filter(|connection| connection.kind() != ConnectionKind::Oidc)
            .collect();
        connections.sort_unstable();
        connections.dedup();
        if connections.is_empty() {
            return Ok(Self(HashMap::new()));
        }
        Ok(Self(app.store.role_assignments(project, &connections).await?.into_iter().collect()))
    }

    /// The same for the members of one page, who are all of one project.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn of_members<'a>(
        app: &App,
        members: &[Member],
        registrations: impl IntoIterator<Item = &'a Registration>,
    ) -> Result<Self, Failure> {
        match members.first() {
            Some(first) => Self::of(app, first.project_id, registrations).await,
            None => Ok(Self(HashMap::new())),
        }
    }

    /// What one member gets, with the reasons.
    #[must_use]
    pub(crate) fn granted_by(&self, registrations: &[Registration]) -> Vec<(String, RoleSource)> {
        let of = |registration: &Registration| {
            let roles = self.0.get(&registration.connection_id);
            roles.map(|roles| roles.granted_to(registration)).unwrap_or_default()
        };
        registrations.iter().flat_map(of).collect()
    }
}

/// A session together with the views of its member and organization, under the policy of its project.
#[must_use]
pub(crate) fn session(
    policy: &Policy,
    session: Session,
    member: MemberView,
    organization: OrganizationView,
) -> SessionView {
    let connections = session.factor_connections();
    let roles = session_roles(policy, &organization.organization, &member.grants, &connections);
    SessionView { session, member, organization, roles }
}
