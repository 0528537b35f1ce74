//! Which roles a member holds, why, and which of them count in a session.

use crate::email::EmailAddress;
use crate::id::{ConnectionId, DirectoryGroupId, DirectoryId};
use crate::member::{Member, MemberStatus};
use crate::organization::Organization;
use crate::rbac::{MEMBER_ROLE, Policy};

/// Why a member holds a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleSource {
    /// Given to the member by name.
    Direct,
    /// Given to a verified address in a domain.
    EmailDomain(String),
    /// Given to everybody who signs in through a connection.
    Connection(ConnectionId),
    /// Given to a group that a connection reports.
    ConnectionGroup(ConnectionId, String),
    /// Given to a group of a directory.
    DirectoryGroup(DirectoryId, DirectoryGroupId),
}

impl RoleSource {
    /// The connection that grants it, if one does.
    #[must_use]
    pub const fn connection(&self) -> Option<ConnectionId> {
        match self {
            Self::Direct | Self::EmailDomain(_) | Self::DirectoryGroup(..) => None,
            Self::Connection(id) | Self::ConnectionGroup(id, _) => Some(*id),
        }
    }
}

/// A role a member holds, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleGrant {
    /// The role.
    pub role_id: String,
    /// Every reason for holding it.
    pub sources: Vec<RoleSource>,
}

/// All roles of a member. `granted` are the roles that connections and directories grant to this member; who is deleted has
/// none of a directory's.
#[must_use]
pub fn role_grants(
    member: &Member,
    organization: &Organization,
    granted: &[(String, RoleSource)],
) -> Vec<RoleGrant> {
    let mut grants: Vec<RoleGrant> = Vec::new();
    let mut add =
        |role_id: &str, source: RoleSource| match grants.iter_mut().find(|grant| grant.role_id == role_id) {
            Some(grant) if grant.sources.contains(&source) => {}
            Some(grant) => grant.sources.push(source),
            None => grants.push(RoleGrant { role_id: role_id.to_owned(), sources: vec![source] }),
        };
    if member.status == MemberStatus::Active {
        add(MEMBER_ROLE, RoleSource::Direct);
    }
    for role_id in &member.roles {
        add(role_id, RoleSource::Direct);
    }
    if member.email_verified {
        for (role_id, domain) in email_roles(organization, &member.email) {
            add(role_id, RoleSource::EmailDomain(domain.to_owned()));
        }
    }
    for (role_id, source) in granted {
        if member.status == MemberStatus::Deleted && matches!(source, RoleSource::DirectoryGroup(..)) {
            continue;
        }
        add(role_id, source.clone());
    }
    grants
}

fn email_roles<'a>(
    organization: &'a Organization,
    email: &'a EmailAddress,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    organization
        .email_role_assignments
        .iter()
        .filter(|assignment| assignment.domain == email.domain())
        .map(|assignment| (assignment.role_id.as_str(), assignment.domain.as_str()))
}

/// The roles that count in a session: those granted for good, and those a connection grants while the session holds a
/// factor from that connection. What is assigned and does not exist (any more) counts nowhere.
#[must_use]
pub fn session_roles(
    policy: &Policy,
    organization: &Organization,
    grants: &[RoleGrant],
    factor_connections: &[ConnectionId],
) -> Vec<String> {
    let counts = |source: &RoleSource| source.connection().is_none_or(|id| factor_connections.contains(&id));
    grants
        .iter()
        .filter(|grant| grant.sources.iter().any(counts))
        .filter(|grant| policy.has_role_in(organization, &grant.role_id))
        .map(|grant| grant.role_id.clone())
        .collect()
}
