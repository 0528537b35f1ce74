//! The session that a browser has with the pages where people sign in: who was proved in it, and when. Applications are answered
//! out of it without asking the identity provider again (OpenID Connect Core section 3.1.2.3).

use serde::{Deserialize, Serialize};

use crate::authorization::Freshness;
use crate::connection::Route;
use crate::id::{ConnectionId, LoginSessionId, ProjectId};
use crate::identity::SubjectKey;
use crate::secret::TokenHash;
use crate::time::{Span, Time};

/// How long a session lives that nobody uses.
pub const IDLE: Span = Span::days(3);
/// How long a session lives in any case.
pub const ABSOLUTE: Span = Span::days(7);

/// Somebody as a provider proved them: the subject there, whichever organizations' members that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proven {
    /// The connection that leads to the provider: of a borrowed one, that which it borrows.
    pub source_id: ConnectionId,
    /// The provider that it led to.
    pub provider: String,
    /// What that calls them, as registrations are found by it.
    pub subject: SubjectKey,
    /// The same as it was said.
    pub external_id: String,
    /// When they were asked there.
    pub authenticated_at: Time,
    /// When the session at the provider ends, if it said so. Sessions end no later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Time>,
}

impl Proven {
    /// Whether the same person was proved.
    #[must_use]
    pub fn is_same_person(&self, other: &Self) -> bool {
        self.source_id == other.source_id && self.provider == other.provider && self.subject == other.subject
    }
}

/// A session of one browser. The browser has its token; kept is that one's hash.
///
/// Stored as a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginSession {
    /// The id. Applications know the session by it (`sid`).
    pub id: LoginSessionId,
    /// The project.
    pub project_id: ProjectId,
    /// The hash of its token.
    pub token_hash: TokenHash,
    /// Who was proved in it.
    pub proven: Proven,
    /// When it began.
    pub started_at: Time,
    /// When it ends in any case.
    pub ends_at: Time,
    /// When it ends unless it is used.
    #[serde(default)]
    pub expires_at: Time,
}

impl LoginSession {
    /// The session of somebody who was proved just now. `id` is that of the session that the browser has, where it is of the
    /// same person: to them it goes on. The token is another each time, so that none that was planted in a browser becomes
    /// somebody's.
    #[must_use]
    pub fn begin(
        id: LoginSessionId,
        project_id: ProjectId,
        token_hash: TokenHash,
        proven: Proven,
        now: Time,
    ) -> Self {
        let most = now.plus(ABSOLUTE);
        let ends_at = proven.valid_until.map_or(most, |end| end.min(most));
        let mut session =
            Self { id, project_id, token_hash, proven, started_at: now, ends_at, expires_at: ends_at };
        session.expires_at = session.used(now);
        session
    }

    /// When it ends that is used now.
    #[must_use]
    pub fn used(&self, now: Time) -> Time {
        now.plus(IDLE).min(self.ends_at)
    }

    /// Whether it has not ended.
    #[must_use]
    pub fn is_live(&self, now: Time) -> bool {
        now < self.expires_at && now < self.ends_at
    }

    /// Whether it answers for those who come by a way: it is of the provider that the way leads to.
    #[must_use]
    pub fn is_by(&self, way: Route<'_>) -> bool {
        let source = way.source();
        self.proven.source_id == source.id && self.proven.provider == source.provider()
    }

    /// Whether it is new enough for somebody who asks now.
    #[must_use]
    pub fn is_fresh(&self, wanted: Freshness, now: Time) -> bool {
        wanted.is_met(self.proven.authenticated_at, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_seconds(1_700_000_000);

    fn session(valid_until: Option<Time>) -> LoginSession {
        let proven = Proven {
            source_id: "oidc-connection-test-d07e43ed-38ca-4ef4-a2e5-6de701ccc0a8".parse().unwrap(),
            provider: "https://idp.test".to_owned(),
            subject: SubjectKey::default(),
            external_id: "ada".to_owned(),
            authenticated_at: NOW,
            valid_until,
        };
        let id = "login-session-test-957b273b-6559-42f7-9220-194a80242cc1".parse().unwrap();
        let project = "project-test-3ed2b061-1e97-4a9c-be87-c83e7ed97c2d".parse().unwrap();
        LoginSession::begin(id, project, TokenHash::of(b"x"), proven, NOW)
    }

    #[test]
    fn it_ends_when_nobody_uses_it_and_in_any_case() {
        let session = session(None);
        assert_eq!((session.expires_at, session.ends_at), (NOW.plus(IDLE), NOW.plus(ABSOLUTE)));
        assert!(session.is_live(NOW) && !session.is_live(NOW.plus(IDLE)));
        let late = NOW.plus(Span::days(6));
        assert_eq!(session.used(late), NOW.plus(ABSOLUTE), "a use moves no absolute end");
    }

    #[test]
    fn it_ends_with_that_of_the_provider() {
        let end = NOW.plus(Span::minutes(5));
        let session = session(Some(end));
        assert!(session.is_live(NOW) && !session.is_live(end));
        assert_eq!(session.used(NOW.plus(Span::minutes(1))), end);
    }

    #[test]
    fn who_asks_again_is_not_answered_by_what_was_before() {
        let session = session(None);
        let later = NOW.plus(Span::seconds(10));
        assert!(session.is_fresh(Freshness::default(), later));
        let within = |max_age| Freshness { again: false, max_age: Some(max_age) };
        assert!(session.is_fresh(within(10), later) && !session.is_fresh(within(9), later));
        assert!(!session.is_fresh(within(0), NOW), "an age of nothing asks again");
        assert!(!session.is_fresh(Freshness { again: true, max_age: None }, later));
    }
}
