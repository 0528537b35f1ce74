//! The audit trail: who changed what, when.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::id::{AuditId, MemberId, OrganizationId, ProjectId};
use crate::time::Time;

/// One entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// The id.
    pub id: AuditId,
    /// The project.
    pub project_id: ProjectId,
    /// The organization it happened in, if in one.
    pub organization_id: Option<OrganizationId>,
    /// The member who did it; `None` is the project's backend or the server itself.
    pub actor: Option<MemberId>,
    /// What was done: `organization.update`, `connection.delete`, …
    pub action: String,
    /// The id of what it was done to.
    pub target: String,
    /// What else is worth knowing; never a secret.
    pub detail: Map<String, Value>,
    /// The request it happened in.
    pub request_id: String,
    /// When.
    pub at: Time,
}
