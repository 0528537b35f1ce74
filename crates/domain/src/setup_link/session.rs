//! Who goes on with a link after it was opened: a browser with a cookie of its own.

use super::SetupLink;
use crate::id::{ProjectId, SetupLinkId};
use crate::secret::{Token, TokenHash, derive};
use crate::time::{Span, Time};

/// How long a session may rest.
pub const IDLE: Span = Span::minutes(60);
/// How often it is written that somebody is still there.
const NOTED_EVERY: Span = Span::minutes(1);

/// A session of the portal. Stored under the hash of the browser's secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalSession {
    /// The hash of the secret in the cookie.
    pub hash: TokenHash,
    /// The project.
    pub project_id: ProjectId,
    /// The link that was opened.
    pub link_id: SetupLinkId,
    /// When it was last used, within a minute.
    pub used_at: Time,
    /// When it ends, whatever is done.
    pub ends_at: Time,
}

impl PortalSession {
    /// The session of a link that was opened just now.
    pub(super) fn begin(link: &SetupLink, secret: &Token, now: Time) -> Self {
        Self {
            hash: secret.hash(),
            project_id: link.project_id,
            link_id: link.id,
            used_at: now,
            ends_at: now.plus(Span::minutes(link.terms.session_minutes)),
        }
    }

    /// Whether it goes on.
    #[must_use]
    pub fn is_alive(&self, now: Time) -> bool {
        now < self.end()
    }

    /// When it ends if nobody does anything.
    #[must_use]
    pub fn end(&self) -> Time {
        self.ends_at.min(self.used_at.plus(IDLE))
    }

    /// Whether it is worth writing down that somebody is there.
    #[must_use]
    pub fn is_to_be_noted(&self, now: Time) -> bool {
        now >= self.used_at.plus(NOTED_EVERY)
    }

    /// What every form of the session carries, so that a page of another site cannot make one: it follows from the secret and
    /// does not lead to it.
    #[must_use]
    pub fn form_token(secret: &Token) -> String {
        derive("form of the set-up portal", &[secret.expose()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Environment;
    use crate::setup_link::tests::Counting;

    #[test]
    fn a_session_ends_when_it_rests_and_at_its_end() {
        let (entropy, now) = (Counting::default(), Time::from_seconds(1_800_000_000));
        let mut session = PortalSession {
            hash: Token::presented("x").hash(),
            project_id: ProjectId::generate(Environment::Test, &entropy),
            link_id: SetupLinkId::generate(Environment::Test, &entropy),
            used_at: now,
            ends_at: now.plus(Span::minutes(90)),
        };
        assert!(session.is_alive(now.plus(Span::minutes(59))) && !session.is_alive(now.plus(IDLE)));
        session.used_at = now.plus(Span::minutes(59));
        assert!(
            session.is_alive(now.plus(Span::minutes(89))) && !session.is_alive(now.plus(Span::minutes(90)))
        );
        assert!(
            !session.is_to_be_noted(session.used_at)
                && session.is_to_be_noted(session.used_at.plus(NOTED_EVERY))
        );
    }

    #[test]
    fn the_token_of_forms_is_not_the_secret() {
        let (one, other) = (Token::presented("one"), Token::presented("other"));
        assert_ne!(PortalSession::form_token(&one), PortalSession::form_token(&other));
        assert_ne!(PortalSession::form_token(&one), one.hash().as_str());
    }
}
