//! Who acts, as the audit trail names them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{ApplicationId, DirectoryId, MemberId, SetupLinkId};

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum Actor {
    /// The project's own backend, with its secret.
    Backend,
    /// A member, through a session.
    Member(MemberId),
    /// An application of the project, with a token of its own.
    Application(ApplicationId),
    /// A customer's directory, which provisions members.
    Directory(DirectoryId),
    /// An operator of this server, by name.
    Operator(String),
    /// Whoever holds a link to the set-up portal.
    SetupLink(SetupLinkId),
    /// The server itself, unasked.
    Server,
}

impl Actor {
    /// The stable name of the kind.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Backend => "backend",
            Self::Member(_) => "member",
            Self::Application(_) => "application",
            Self::Directory(_) => "directory",
            Self::Operator(_) => "operator",
            Self::SetupLink(_) => "setup_link",
            Self::Server => "server",
        }
    }

    /// Which of that kind, where there are several.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        match self {
            Self::Backend | Self::Server => None,
            Self::Member(id) => Some(id.to_string()),
            Self::Application(id) => Some(id.to_string()),
            Self::Directory(id) => Some(id.to_string()),
            Self::Operator(name) => Some(name.clone()),
            Self::SetupLink(id) => Some(id.to_string()),
        }
    }

    /// The member, if one acts.
    #[must_use]
    pub const fn member(&self) -> Option<MemberId> {
        match self {
            Self::Member(id) => Some(*id),
            _ => None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id() {
            Some(id) => write!(f, "{} {id}", self.kind()),
            None => f.write_str(self.kind()),
        }
    }
}
