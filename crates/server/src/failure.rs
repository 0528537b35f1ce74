//! Why something was not done: a refusal that concerns the asker, or trouble of ours.

use thiserror::Error;
use vestibule_domain::refusal::{Refusal, What};
use vestibule_store::StoreError;

/// What is under way is over by then, as a rule.
const BUSY_FOR_SECONDS: u64 = 5;

/// A database that is gone is another one's turn by then, or somebody looks after it.
const AWAY_FOR_SECONDS: u64 = 2;

/// Why an operation did not do what was asked.
#[derive(Clone, Debug, Error)]
pub enum Failure {
    /// The asker's side: shown as it is, in the words of the door.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// Our side: the client learns the request id, the log everything.
    #[error("{0}")]
    Internal(String),
    /// A stored row does not say what it should. It can still be removed.
    #[error("{0}")]
    Unreadable(String),
    /// Too much was asked for; after so many seconds there is room for one more.
    #[error("too many requests")]
    Limited(u64),
    /// As much of this work is under way as may be at once; the sentence says whose.
    #[error("{0}")]
    Busy(&'static str),
    /// The store cannot be reached or is overloaded: worth trying again.
    #[error("{0}")]
    Unavailable(String),
}

impl From<What> for Failure {
    fn from(what: What) -> Self {
        Self::Refused(what.into())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Nul => Refusal::new(What::Unreadable)
                .because("A text holds a NUL character, which cannot be kept.")
                .into(),
            StoreError::Unavailable(_) => Self::Unavailable(error.to_string()),
            StoreError::Row(_) => Self::Unreadable(error.to_string()),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl Failure {
    /// Whether it refuses for this.
    #[must_use]
    pub fn is(&self, what: What) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.what == what)
    }

    /// What the client may know of it.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal.clone(),
            Self::Limited(_) => What::TooManyRequests.into(),
            Self::Busy(why) => Refusal::new(What::Busy).because(*why),
            Self::Internal(_) | Self::Unreadable(_) => What::Internal.into(),
            Self::Unavailable(_) => What::Unavailable.into(),
        }
    }

    /// When it is worth trying again, where that is known: in seconds.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Limited(seconds) => Some(*seconds),
            Self::Busy(_) => Some(BUSY_FOR_SECONDS),
            Self::Unavailable(_) => Some(AWAY_FOR_SECONDS),
            _ => None,
        }
    }

    /// Logs what the client will not be told.
    pub fn log(&self) {
        match self {
            Self::Refused(_) | Self::Limited(_) | Self::Busy(_) => {}
            Self::Internal(error) | Self::Unreadable(error) => tracing::error!(error, "request failed"),
            Self::Unavailable(error) => tracing::warn!(error, "the store is not available"),
        }
    }
}
