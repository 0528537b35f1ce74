//! Sign-in traces: one attempt, step by step, with what was found and what was expected, so that a person
//! can see which setting is wrong. Never with secrets, tokens or assertions.

mod checked;

use serde::{Deserialize, Serialize};

pub use checked::Checked;

use crate::id::{ConnectionId, LoginId, MemberId, OrganizationId, ProjectId, TraceId};
use crate::refusal::Refusal;
use crate::time::Time;

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum TraceOutcome {
    /// A member signed in.
    Accepted {
        /// The member.
        member_id: MemberId,
    },
    /// Nobody did.
    Refused(Refused),
    /// A test came to its end: somebody would have signed in, and nobody did.
    Tested,
    /// It began, and no answer came in time.
    Abandoned,
}

/// Why nobody signed in. A refusal that only a newer version knows is read as one without words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Refused {
    /// The refusal, for each door to say in its own words.
    Meant {
        /// The refusal.
        refusal: Refusal,
    },
    /// The words of the one door that there was before 0.2.
    Worded {
        /// Its name of the refusal.
        #[serde(default)]
        code: String,
        /// Its sentence, with what was found and expected.
        #[serde(default)]
        message: String,
    },
}

impl TraceOutcome {
    /// The outcome of a refusal.
    #[must_use]
    pub fn refused(refusal: &Refusal) -> Self {
        Self::Refused(Refused::Meant { refusal: refusal.clone() })
    }

    /// The stable name.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Refused(_) => "refused",
            Self::Tested => "tested",
            Self::Abandoned => "abandoned",
        }
    }

    /// All of these names.
    pub const NAMES: [&'static str; 4] = ["accepted", "refused", "tested", "abandoned"];
}

/// One check of an attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TraceStep {
    /// What was checked: `state`, `token_exchange`, `id_token`, `email`, `admission`, …
    pub check: String,
    /// Whether it passed.
    pub passed: bool,
    /// What was found, `""` when there is nothing worth saying.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

/// What is remembered of one attempt to sign in.
///
/// Stored as a document. Without ids, time and outcome it is none; everything else may be missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInTrace {
    /// The id.
    pub id: TraceId,
    /// The project.
    pub project_id: ProjectId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The connection.
    pub connection_id: ConnectionId,
    /// The attempt, when one was found.
    pub login_id: Option<LoginId>,
    /// The request that ended it, or began it where nothing did; the refusal page shows it. The trace's own id is made of it.
    #[serde(default)]
    pub request_id: String,
    /// When it ended.
    pub at: Time,
    /// How it ended.
    pub outcome: TraceOutcome,
    /// The checks in order.
    #[serde(default)]
    pub steps: Vec<TraceStep>,
    /// The browser's address.
    #[serde(default)]
    pub ip_address: String,
    /// The browser's own words.
    #[serde(default)]
    pub user_agent: String,
}

impl SignInTrace {
    /// The address that the provider said, if it came so far.
    #[must_use]
    pub fn person(&self) -> Option<&str> {
        let email = self.steps.iter().find(|step| step.check == EMAIL && step.passed);
        email.map(|step| step.found.as_str())
    }

    /// Whether it is about somebody: a member by their id, or an e-mail address that the provider said, in whatever case.
    #[must_use]
    pub fn is_about(&self, person: &str) -> bool {
        let is_member = match &self.outcome {
            TraceOutcome::Accepted { member_id } => member_id.to_string() == person,
            TraceOutcome::Refused(_) | TraceOutcome::Tested | TraceOutcome::Abandoned => false,
        };
        let says = |step: &TraceStep| step.check == EMAIL && step.found.eq_ignore_ascii_case(person);
        is_member || self.steps.iter().any(says)
    }
}

/// The check that finds a person's address.
const EMAIL: &str = Checked::Email.as_str();
