//! What operations return: an aggregate with everything needed to show it.

use std::collections::HashMap;

use vestibule_domain::connection::RoleAssignments;
use vestibule_domain::directory::{Directory, DirectoryUser};
use vestibule_domain::id::{ConnectionId, ConnectionKind, MemberId, ProjectId};
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
    /// Its directory.
    pub directory: Option<Directory>,
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
    /// What a directory says of them.
    pub provisioned: Option<DirectoryUser>,
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
    let directory = app.store.directory_at(organization.tenant(), None).await?;
    Ok(OrganizationView { organization, active_connections, directory })
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
    let mut said = Provisioning::of(app, std::slice::from_ref(&member)).await?;
    let mut granted = roles.granted_by(&registrations);
    granted.extend(said.roles_of(member.id));
    let grants = role_grants(&member, organization, &granted);
    Ok(MemberView { provisioned: said.of_member(member.id), member, registrations, grants })
}

/// What directories say of some members, and give them. Of whom none has spoken, nothing is asked of the store.
#[derive(Default)]
pub(crate) struct Provisioning {
    people: HashMap<MemberId, DirectoryUser>,
    roles: HashMap<MemberId, Vec<(String, RoleSource)>>,
}

impl Provisioning {
    /// Loads it, for members who are all of one project.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn of(app: &App, members: &[Member]) -> Result<Self, Failure> {
        let spoken_of = members.iter().filter(|member| member.provisioned_by.is_some());
        let ids: Vec<MemberId> = spoken_of.map(|member| member.id).collect();
        let (Some(first), false) = (members.first(), ids.is_empty()) else { return Ok(Self::default()) };
        let people = app.store.directory_users_of(first.project_id, &ids).await?;
        let people = people.into_iter().filter_map(|person| Some((person.member_id?, person))).collect();
        let mut roles: HashMap<MemberId, Vec<(String, RoleSource)>> = HashMap::new();
        for given in app.store.roles_by_directories(first.project_id, &ids).await? {
            let source = RoleSource::DirectoryGroup(given.directory_id, given.role.group_id);
            roles.entry(given.member_id).or_default().push((given.role.role_id, source));
        }
        Ok(Self { people, roles })
    }

    /// What a directory says of a member.
    pub(crate) fn of_member(&mut self, id: MemberId) -> Option<DirectoryUser> {
        self.people.remove(&id)
    }

    /// The roles that a member has because of groups of a directory.
    pub(crate) fn roles_of(&mut self, id: MemberId) -> Vec<(String, RoleSource)> {
        self.roles.remove(&id).unwrap_or_default()
    }
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
