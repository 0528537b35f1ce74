//! Identities: what a protocol crate proved about a person, in words that belong to no protocol.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::email::EmailAddress;
use crate::id::{ConnectionId, MemberId, OrganizationId, ProjectId, RegistrationId};
use crate::time::Time;

/// How far an identity provider vouches for an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailTrust {
    /// It says that it has verified the address.
    Verified,
    /// It says nothing, as many enterprise providers do.
    Unstated,
    /// It says that it has not verified the address.
    Unverified,
}

/// A person as one connection proved them just now. Only the sign-in engine makes one, out of a verified
/// assertion or id token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The connection that proved it.
    pub connection_id: ConnectionId,
    /// The stable subject at that connection.
    pub subject: String,
    /// The address, if one was given.
    pub email: Option<EmailAddress>,
    /// How far the provider vouches for the address.
    pub email_trust: EmailTrust,
    /// The display name, `""` when none was given.
    pub name: String,
    /// Everything the provider said, kept with the registration.
    pub attributes: Map<String, Value>,
    /// The groups the provider named, when it was asked to.
    pub groups: Vec<String>,
    /// Mapped attributes that go to the member's trusted metadata.
    pub trusted_metadata: BTreeMap<String, Value>,
}

/// The bond between a member and a subject at a connection (`sso_registrations` in the contract).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Registration {
    /// The id.
    pub id: RegistrationId,
    /// The project.
    pub project_id: ProjectId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The member.
    pub member_id: MemberId,
    /// The connection that proved the subject.
    pub connection_id: ConnectionId,
    /// The subject at that connection.
    pub external_id: String,
    /// What the provider said at the latest sign-in.
    pub attributes: Map<String, Value>,
    /// The groups the provider named at the latest sign-in.
    pub groups: Vec<String>,
    /// The first sign-in.
    pub created_at: Time,
    /// The latest sign-in.
    pub last_login_at: Time,
}
