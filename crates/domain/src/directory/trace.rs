//! What is remembered of a directory's requests: what came, what was done, and why not.

use serde::{Deserialize, Serialize};

use crate::id::{DirectoryId, DirectoryTraceId, MemberId, OrganizationId, ProjectId};
use crate::time::Time;

/// How a request of a directory ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done {
        /// The paths of what changed.
        changed: Vec<String>,
    },
    /// It was refused.
    Refused {
        /// The stable name of the reason.
        reason: String,
        /// The sentence that the directory was told.
        detail: String,
    },
}

impl Outcome {
    /// The stable name of its kind.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Done { .. } => "done",
            Self::Refused { .. } => "refused",
        }
    }
}

/// One request of a directory that changed something, or was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryTrace {
    /// The id.
    pub id: DirectoryTraceId,
    /// The project.
    pub project_id: ProjectId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The directory.
    pub directory_id: DirectoryId,
    /// When.
    pub at: Time,
    /// The method.
    pub method: String,
    /// The path below the directory's address, with its query.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// The member it was about, if there is one.
    #[serde(default)]
    pub member_id: Option<MemberId>,
    /// The liberties that the request took: their stable names, and how often.
    #[serde(default)]
    pub tolerated: Vec<(String, u64)>,
    /// The request.
    pub request_id: String,
    /// Where it came from.
    pub ip_address: String,
    /// What the client calls itself.
    pub user_agent: String,
}
