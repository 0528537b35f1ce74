//! Forgetting what is over, in chunks small enough to share the writer with everybody else.

use vestibule_domain::Time;
use vestibule_domain::id::ProjectId;
use vestibule_domain::mfa::attempts::REMEMBERED;
use vestibule_domain::project::PUBLISHED_AFTER;
use vestibule_domain::time::Span;

use super::{directory_traces, traces};
use crate::error::{Guard, StoreError};
use crate::params;
use crate::sql::{Batch, Param, Write};
use crate::store::Store;

/// Rows deleted per batch.
const CHUNK: i64 = 500;

/// How long an expired attempt or token is kept so that a late caller learns that it expired.
const EXPLAIN: Span = Span::minutes(60);

/// How long what is over is kept all the same: a clock that was wrong for less has signed nobody out, and let nobody use a
/// message again, when it is right again.
const GRACE: Span = Span::days(1);

const ATTEMPTS: &str = "DELETE FROM login_attempts WHERE state_hash IN
     (SELECT state_hash FROM login_attempts WHERE expires_at <= ?1 LIMIT ?2)";
const TOKENS: &str = "DELETE FROM sso_tokens WHERE hash IN
     (SELECT hash FROM sso_tokens WHERE expires_at <= ?1 LIMIT ?2)";
const INTERMEDIATE: &str = "DELETE FROM intermediate_sessions WHERE hash IN
     (SELECT hash FROM intermediate_sessions WHERE expires_at <= ?1 LIMIT ?2)";
const SESSIONS: &str = "DELETE FROM sessions WHERE id IN
     (SELECT id FROM sessions WHERE expires_at <= ?1 LIMIT ?2)";
const REPLAYS: &str = "DELETE FROM used_messages WHERE (project_id, issuer, message_id) IN
     (SELECT project_id, issuer, message_id FROM used_messages WHERE expires_at <= ?1 LIMIT ?2)";

const LINKS: &str = "DELETE FROM magic_links WHERE hash IN
     (SELECT hash FROM magic_links WHERE expires_at <= ?1 LIMIT ?2)";
const CODES: &str = "DELETE FROM email_codes WHERE (project_id, subject) IN
     (SELECT project_id, subject FROM email_codes WHERE expires_at <= ?1 LIMIT ?2)";
const QUOTAS: &str = "DELETE FROM quotas WHERE (project_id, subject) IN
     (SELECT project_id, subject FROM quotas WHERE since <= ?1 LIMIT ?2)";
/// Messages that are not waiting any more; those that were given up are looked at meanwhile.
const MESSAGES: &str = "DELETE FROM outbox WHERE id IN
     (SELECT id FROM outbox WHERE state <> 'waiting' AND due_at <= ?1 LIMIT ?2)";
/// How long they are kept.
const MESSAGES_KEPT: Span = Span::days(14);
const TOTP: &str = "DELETE FROM totp_registrations WHERE id IN
     (SELECT id FROM totp_registrations WHERE expires_at <= ?1 LIMIT ?2)";
const TRIES: &str = "DELETE FROM mfa_attempts WHERE (project_id, member_id) IN
     (SELECT project_id, member_id FROM mfa_attempts WHERE last_at <= ?1 LIMIT ?2)";
const SMS_CODES: &str = "DELETE FROM sms_codes WHERE (project_id, member_id) IN
     (SELECT project_id, member_id FROM sms_codes WHERE expires_at <= ?1 LIMIT ?2)";

/// Tests of connections.
const TESTS: &str = "DELETE FROM connection_tests WHERE id IN
     (SELECT id FROM connection_tests WHERE created_at <= ?1 LIMIT ?2)";
/// How long they are kept: they say what a provider said of somebody.
const TESTS_KEPT: Span = Span::days(30);
/// Sessions of the portal that are over; their links are kept, so that whoever opens one again is told what became of it.
const SETUP_SESSIONS: &str = "DELETE FROM setup_sessions WHERE hash IN
     (SELECT hash FROM setup_sessions WHERE ends_at <= ?1 LIMIT ?2)";
const SETUP_LINKS: &str = "DELETE FROM setup_links WHERE id IN
     (SELECT id FROM setup_links WHERE expires_at <= ?1 LIMIT ?2)";
/// How long a link is kept after nobody can open it any more: whoever has finished with one looks at what was done.
const LINKS_KEPT: Span = Span::days(90);

const AUTHORIZATION_CODES: &str = "DELETE FROM authorization_codes WHERE hash IN
     (SELECT hash FROM authorization_codes WHERE expires_at <= ?1 LIMIT ?2)";
const REFRESH_TOKENS: &str = "DELETE FROM refresh_tokens WHERE hash IN
     (SELECT hash FROM refresh_tokens WHERE expires_at <= ?1 LIMIT ?2)";
const SIGN_IN_GRANTS: &str = "DELETE FROM sign_in_grants WHERE id IN
     (SELECT id FROM sign_in_grants WHERE expires_at <= ?1 LIMIT ?2)";
/// Those in which nothing was granted that is still good: by their ids it is found.
const LOGIN_SESSIONS: &str = "DELETE FROM login_sessions WHERE id IN
     (SELECT s.id FROM login_sessions s WHERE s.expires_at <= ?1 AND NOT EXISTS
      (SELECT 1 FROM sign_in_grants g WHERE g.project_id = s.project_id AND g.session_id = s.id) LIMIT ?2)";

const SIGNING_KEYS: &str = "DELETE FROM signing_keys WHERE id IN
     (SELECT id FROM signing_keys WHERE retired_at <= ?1 LIMIT ?2)";

const EVENTS: &str = "DELETE FROM audit_events WHERE id IN
     (SELECT id FROM audit_events WHERE project_id = ?3 AND at <= ?1 ORDER BY at, id LIMIT ?2)";
const TRACES: &str = "DELETE FROM traces WHERE id IN
     (SELECT id FROM traces WHERE project_id = ?3 AND at <= ?1 ORDER BY at, id LIMIT ?2)";
const CONNECTIONS: &str = "DELETE FROM connections WHERE id IN
     (SELECT id FROM connections WHERE deleted_at <= ?1 LIMIT ?2)";

// A member says that they are deleted, not since when: their time begins when this is first seen.
// Whom a directory has locked out it may let in again: they are kept as long as it has them.
const MARK: &str =
    "UPDATE members SET deleted_at = ?1 WHERE status = 'deleted' AND deleted_at IS NULL AND NOT EXISTS
     (SELECT 1 FROM directory_users u
      JOIN directories d ON d.project_id = u.project_id AND d.id = u.directory_id
      WHERE u.project_id = members.project_id AND u.member_id = members.id AND d.deleted_at IS NULL)";
const UNMARK: &str =
    "UPDATE members SET deleted_at = NULL WHERE status <> 'deleted' AND deleted_at IS NOT NULL";
const OF_MEMBERS: [&str; 3] = [
    "DELETE FROM totp_registrations WHERE (project_id, member_id) IN
     (SELECT project_id, id FROM members WHERE status = 'deleted' AND deleted_at <= ?1
      ORDER BY deleted_at, id LIMIT ?2)",
    "DELETE FROM identities WHERE (project_id, member_id) IN
     (SELECT project_id, id FROM members WHERE status = 'deleted' AND deleted_at <= ?1
      ORDER BY deleted_at, id LIMIT ?2)",
    "DELETE FROM sessions WHERE (project_id, member_id) IN
     (SELECT project_id, id FROM members WHERE status = 'deleted' AND deleted_at <= ?1
      ORDER BY deleted_at, id LIMIT ?2)",
];
// Of a directory that is disconnected, from the many to the few.
const OF_DIRECTORIES: [&str; 5] = [
    "DELETE FROM directory_memberships WHERE (project_id, group_id, user_id) IN
     (SELECT s.project_id, s.group_id, s.user_id FROM directories d
      JOIN directory_groups g ON g.project_id = d.project_id AND g.directory_id = d.id
      JOIN directory_memberships s ON s.project_id = g.project_id AND s.group_id = g.id
      WHERE d.deleted_at <= ?1 LIMIT ?2)",
    "DELETE FROM directory_addresses WHERE (project_id, organization_id, address, user_id) IN
     (SELECT a.project_id, a.organization_id, a.address, a.user_id FROM directories d
      JOIN directory_addresses a ON a.project_id = d.project_id AND a.directory_id = d.id
      WHERE d.deleted_at <= ?1 LIMIT ?2)",
    "DELETE FROM directory_groups WHERE (project_id, id) IN
     (SELECT g.project_id, g.id FROM directories d
      JOIN directory_groups g ON g.project_id = d.project_id AND g.directory_id = d.id
      WHERE d.deleted_at <= ?1 LIMIT ?2)",
    "DELETE FROM directory_users WHERE (project_id, id) IN
     (SELECT u.project_id, u.id FROM directories d
      JOIN directory_users u ON u.project_id = d.project_id AND u.directory_id = d.id
      WHERE d.deleted_at <= ?1 LIMIT ?2)",
    "DELETE FROM directories WHERE (project_id, id) IN
     (SELECT d.project_id, d.id FROM directories d WHERE d.deleted_at <= ?1 LIMIT ?2)",
];
const MEMBERS: &str = "DELETE FROM members WHERE (project_id, id) IN
     (SELECT project_id, id FROM members WHERE status = 'deleted' AND deleted_at <= ?1
      ORDER BY deleted_at, id LIMIT ?2)";

pub(crate) const ALL: &[&str] = &[
    ATTEMPTS,
    TOKENS,
    INTERMEDIATE,
    SESSIONS,
    REPLAYS,
    LINKS,
    CODES,
    QUOTAS,
    MESSAGES,
    TOTP,
    TRIES,
    SMS_CODES,
    TESTS,
    SETUP_SESSIONS,
    SETUP_LINKS,
    AUTHORIZATION_CODES,
    REFRESH_TOKENS,
    SIGN_IN_GRANTS,
    LOGIN_SESSIONS,
    SIGNING_KEYS,
    EVENTS,
    TRACES,
    CONNECTIONS,
    OF_DIRECTORIES[0],
    OF_DIRECTORIES[1],
    OF_DIRECTORIES[2],
    OF_DIRECTORIES[3],
    OF_DIRECTORIES[4],
    MARK,
    UNMARK,
    OF_MEMBERS[0],
    OF_MEMBERS[1],
    OF_MEMBERS[2],
    MEMBERS,
];

/// How much of the past is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Sign-in traces of each connection.
    pub traces: u32,
    /// Audit events, and traces however few they are.
    pub audit: Span,
    /// Members and connections that are deleted.
    pub deleted: Span,
}

impl Default for Retention {
    /// A thousand traces, 400 days, 90 days.
    fn default() -> Self {
        Self { traces: 1000, audit: Span::days(400), deleted: Span::days(90) }
    }
}

const NOTHING_LEFT: Guard = Guard("cleanup_nothing_left");

impl Store {
    /// Forgets expired attempts, tokens, intermediate and full sessions, replay marks and retired signing keys, and what is
    /// older than it is kept. Answers how many batches that took.
    ///
    /// # Errors
    /// Whatever the database says; what was forgotten until then stays so.
    pub async fn cleanup(&self, now: Time, kept: Retention) -> Result<u64, StoreError> {
        let (explained, over) = (now.minus(EXPLAIN), now.minus(GRACE));
        let mut batches = 0;
        for (sql, until) in [
            (ATTEMPTS, explained),
            (TOKENS, explained),
            (INTERMEDIATE, over),
            (SESSIONS, over),
            (REPLAYS, over),
            (LINKS, over),
            (CODES, over),
            (QUOTAS, over),
            (MESSAGES, now.minus(MESSAGES_KEPT)),
            (TOTP, over),
            (TRIES, now.minus(REMEMBERED)),
            (SMS_CODES, explained),
            (TESTS, now.minus(TESTS_KEPT)),
            (SETUP_SESSIONS, over),
            (SETUP_LINKS, now.minus(LINKS_KEPT)),
            (AUTHORIZATION_CODES, over),
            (REFRESH_TOKENS, over),
            (SIGN_IN_GRANTS, over),
            (LOGIN_SESSIONS, over),
            (SIGNING_KEYS, now.minus(PUBLISHED_AFTER)),
            (CONNECTIONS, now.minus(kept.deleted)),
        ] {
            while self.forget_chunk(sql, until).await? {
                batches += 1;
            }
        }
        for sql in OF_DIRECTORIES {
            while self.forget_chunk(sql, now.minus(kept.deleted)).await? {
                batches += 1;
            }
        }
        self.commit([Write::any(UNMARK, params![]), Write::any(MARK, params![now])]).await?;
        while self.forget_members(now.minus(kept.deleted)).await? {
            batches += 1;
        }
        for project in self.projects().await? {
            for sql in [EVENTS, TRACES] {
                while self.forget_chunk_of(project.id, sql, now.minus(kept.audit)).await? {
                    batches += 1;
                }
            }
            for connection in self.crowded_traces(project.id, kept.traces).await? {
                self.commit(traces::prune(project.id, &connection, kept.traces)).await?;
                batches += 1;
            }
            for directory in self.crowded_directory_traces(project.id, kept.traces).await? {
                self.commit(directory_traces::prune(project.id, &directory, kept.traces)).await?;
                batches += 1;
            }
        }
        Ok(batches)
    }

    /// Whether there was anybody to forget. Whoever was deleted has neither registrations nor sessions; should there be any
    /// all the same, they keep nobody.
    async fn forget_members(&self, until: Time) -> Result<bool, StoreError> {
        let [totp, identities, sessions] = OF_MEMBERS.map(|sql| Write::any(sql, params![until, CHUNK]));
        let members = Write::some(MEMBERS, params![until, CHUNK], NOTHING_LEFT);
        self.forgotten([totp, identities, sessions, members]).await
    }

    /// Whether there was anything to forget.
    async fn forget_chunk(&self, sql: &'static str, until: Time) -> Result<bool, StoreError> {
        self.forgotten([Write::some(sql, params![until, CHUNK], NOTHING_LEFT)]).await
    }

    /// The same for what is kept in the order of a project's time: no index by time alone, which every sign-in would have to
    /// write.
    async fn forget_chunk_of(
        &self,
        project: ProjectId,
        sql: &'static str,
        until: Time,
    ) -> Result<bool, StoreError> {
        let params = params![until, CHUNK, Param::display(project)];
        self.forgotten([Write::some(sql, params, NOTHING_LEFT)]).await
    }

    async fn forgotten(&self, batch: impl Into<Batch>) -> Result<bool, StoreError> {
        match self.commit(batch).await {
            Ok(()) => Ok(true),
            Err(error) if error.is_guard(NOTHING_LEFT) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
