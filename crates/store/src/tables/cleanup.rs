//! Forgetting what is over, in chunks small enough to share the writer with everybody else.

use vestibule_domain::Time;
use vestibule_domain::project::PUBLISHED_AFTER;
use vestibule_domain::time::Span;

use super::traces;
use crate::error::{Guard, StoreError};
use crate::params;
use crate::sql::Write;
use crate::store::Store;

/// Rows deleted per batch.
const CHUNK: i64 = 500;

/// How long an expired attempt or token is kept so that a late caller learns that it expired.
const EXPLAIN: Span = Span::minutes(60);

const ATTEMPTS: &str = "DELETE FROM login_attempts WHERE state_hash IN
     (SELECT state_hash FROM login_attempts WHERE expires_at <= ?1 LIMIT ?2)";
const TOKENS: &str = "DELETE FROM sso_tokens WHERE hash IN
     (SELECT hash FROM sso_tokens WHERE expires_at <= ?1 LIMIT ?2)";
const INTERMEDIATE: &str = "DELETE FROM intermediate_sessions WHERE hash IN
     (SELECT hash FROM intermediate_sessions WHERE expires_at <= ?1 LIMIT ?2)";
const SESSIONS: &str = "DELETE FROM sessions WHERE id IN
     (SELECT id FROM sessions WHERE expires_at <= ?1 LIMIT ?2)";
const REPLAYS: &str = "DELETE FROM replays WHERE (connection_id, message_id) IN
     (SELECT connection_id, message_id FROM replays WHERE expires_at <= ?1 LIMIT ?2)";

const SIGNING_KEYS: &str = "DELETE FROM signing_keys WHERE id IN
     (SELECT id FROM signing_keys WHERE retired_at <= ?1 LIMIT ?2)";

pub(crate) const ALL: &[&str] = &[ATTEMPTS, TOKENS, INTERMEDIATE, SESSIONS, REPLAYS, SIGNING_KEYS];

const NOTHING_LEFT: Guard = Guard("cleanup_nothing_left");

impl Store {
    /// Forgets expired attempts, tokens, intermediate and full sessions, replay marks and retired signing keys, and all but the
    /// newest `traces_kept` traces of each project. Answers how many batches that took.
    ///
    /// # Errors
    /// Whatever the database says; what was forgotten until then stays so.
    pub async fn cleanup(&self, now: Time, traces_kept: u32) -> Result<u64, StoreError> {
        let explained = now.minus(EXPLAIN);
        let mut batches = 0;
        for (sql, until) in [
            (ATTEMPTS, explained),
            (TOKENS, explained),
            (INTERMEDIATE, now),
            (SESSIONS, now),
            (REPLAYS, now),
            (SIGNING_KEYS, now.minus(PUBLISHED_AFTER)),
        ] {
            while self.forget_chunk(sql, until).await? {
                batches += 1;
            }
        }
        for project in self.projects().await? {
            self.commit(traces::prune(project.id, traces_kept)).await?;
            batches += 1;
        }
        Ok(batches)
    }

    /// Whether there was anything to forget.
    async fn forget_chunk(&self, sql: &'static str, until: Time) -> Result<bool, StoreError> {
        match self.commit(Write::some(sql, params![until, CHUNK], NOTHING_LEFT)).await {
            Ok(()) => Ok(true),
            Err(error) if error.is_guard(NOTHING_LEFT) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
