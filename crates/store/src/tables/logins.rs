//! Sign-in attempts: those that are used up, so that no answer counts twice, and the few that no browser keeps itself.

use vestibule_domain::Time;
use vestibule_domain::login::LoginAttempt;
use vestibule_domain::secret::TokenHash;

use super::row::doc;
use crate::error::{Guard, RowError, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

/// The guard of [`finish`] and [`claim`]: the attempt was finished before or has expired.
pub const UNFINISHED: Guard = Guard("login_attempt_unfinished");

const INSERT: &str = "INSERT INTO login_attempts (state_hash, project_id, state, expires_at, doc)
     VALUES (?1, ?2, 'started', ?3, ?4)";
const FIND: &str = "SELECT state_hash, state, doc FROM login_attempts WHERE state_hash = ?1";
const FINISH: &str = "UPDATE login_attempts SET state = 'finished'
     WHERE state_hash = ?1 AND project_id = ?2 AND state = 'started' AND expires_at > ?3";

const CLAIM: &str = "INSERT INTO login_attempts (state_hash, project_id, state, expires_at, doc)
     VALUES (?1, ?2, 'finished', ?3, '{}') ON CONFLICT (state_hash) DO NOTHING";

pub(crate) const ALL: &[&str] = &[INSERT, FIND, FINISH, CLAIM];

/// Keeps a new attempt.
#[must_use]
pub fn insert(attempt: &LoginAttempt) -> Write {
    let project = Param::display(attempt.project_id);
    Write::any(
        INSERT,
        params![attempt.state_hash.as_str(), project, attempt.expires_at, Param::json(attempt)],
    )
}

/// Finishes an attempt: of all who try, one succeeds. Fails with the guard [`UNFINISHED`].
#[must_use]
pub fn finish(attempt: &LoginAttempt, now: Time) -> Write {
    let project = Param::display(attempt.project_id);
    Write::one(FINISH, params![attempt.state_hash.as_str(), project, now], UNFINISHED)
}

/// Finishes an attempt that its browser kept: of all who try, one succeeds. Fails with the guard [`UNFINISHED`].
#[must_use]
pub fn claim(attempt: &LoginAttempt) -> Write {
    let project = Param::display(attempt.project_id);
    Write::one(CLAIM, params![attempt.state_hash.as_str(), project, attempt.expires_at], UNFINISHED)
}

/// What the store knows of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredAttempt {
    /// It waits for its answer.
    Open(Box<LoginAttempt>),
    /// It is used up.
    Finished,
}

impl Store {
    /// The attempt with this state. The state is a secret of 128 random bits at least and the callback knows nothing else,
    /// so it alone is looked up, and it says the project.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn login_attempt(&self, state: &TokenHash) -> Result<Option<StoredAttempt>, StoreError> {
        let read = Read::new("login_attempts", FIND, params![state.as_str()]);
        let parse = |row: &crate::Row<'_>| match row.str(1)? {
            "started" => Ok(StoredAttempt::Open(Box::new(doc(row, 2)?))),
            "finished" => Ok(StoredAttempt::Finished),
            other => Err(RowError::because(format!("column 1: {other:?} is no state"))),
        };
        self.query_opt(read, parse).await
    }
}
