//! Projects: one product that uses this server.

mod frontend;
mod login_host;
mod login_settings;
mod migration;
mod secrets;

use serde::{Deserialize, Serialize};

pub use frontend::{FrontendPatch, FrontendSettings, PageOrigin};
pub use login_host::LoginHost;
pub use login_settings::{LoginPatch, LoginSettings};
pub use migration::{Migrant, checked_userinfo_url, migrant};
pub use secrets::{
    ApiSecret, HANDLE, MOST_ENDED_SECRETS, MOST_SECRETS, SHORTEST_LIFE, SecretRecord, checked_overlap,
    checked_secret_end, checked_secret_name,
};

use crate::entropy::Entropy;
use crate::id::{Environment, OrganizationId, ProjectId, PublicToken, SigningKeyId};
use crate::secret::Secret;
use crate::time::{Span, Time};

/// One product that uses this server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// The id, also the user name of its API credentials.
    pub id: ProjectId,
    /// What people call it.
    pub name: String,
    /// What browsers show to say which project they mean.
    pub public_token: PublicToken,
    /// The hidden organization that owns connections made at project level; never listed.
    pub home_organization: OrganizationId,
    /// When it was made.
    pub created_at: Time,
    /// Counts the changes of what its operator adds to the built-in policy; 0 without any. Whoever has the project knows by
    /// it which policy is in force.
    pub policy_version: i64,
}

impl Project {
    /// A new project with its ids drawn.
    #[must_use]
    pub fn new(name: String, environment: Environment, now: Time, entropy: &dyn Entropy) -> Self {
        Self {
            id: ProjectId::generate(environment, entropy),
            name,
            public_token: PublicToken::generate(environment, entropy),
            home_organization: OrganizationId::generate(environment, entropy),
            created_at: now,
            policy_version: 0,
        }
    }

    /// The environment of the project and everything in it.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.id.environment()
    }

    /// The issuer of its session tokens: the only spelling that every official client accepts.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("stytch.com/{}", self.id)
    }
}

/// A key that signs a project's session tokens. The private part is sealed before it is stored.
#[derive(Clone, Debug)]
pub struct SigningKey {
    /// The `kid`.
    pub id: SigningKeyId,
    /// The project it signs for.
    pub project_id: ProjectId,
    /// PKCS#8 DER in base64.
    pub private_key: Secret,
    /// When it was made.
    pub created_at: Time,
    /// When its successor was made; it is still published for [`PUBLISHED_AFTER`].
    pub retired_at: Option<Time>,
}

/// How long a new key is published before it signs: every node reads a project's keys once a minute, so by then all of
/// them publish it, and a client that meets its first signature finds it whichever node it asks.
pub const PUBLISHED_AHEAD: Span = Span::minutes(2);

/// How long a key is published after it was retired. A token is good for minutes, but one that has expired still says
/// which session it was of, and is taken for that as long as its signature can be checked.
pub const PUBLISHED_AFTER: Span = Span::days(30);

/// The most keys of a project that are published at once: what every client reads has a bound.
pub const MOST_PUBLISHED: usize = 10;

/// A signing key without its private part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyStanding {
    /// The `kid`.
    pub id: SigningKeyId,
    /// When it was made.
    pub created_at: Time,
    /// When its successor was made.
    pub retired_at: Option<Time>,
}

impl KeyStanding {
    /// Until when it is published; for as long as it signs, when absent.
    #[must_use]
    pub fn published_until(&self) -> Option<Time> {
        self.retired_at.map(|retired_at| retired_at.plus(PUBLISHED_AFTER))
    }

    /// Whether it is published no more.
    #[must_use]
    pub fn is_over(&self, now: Time) -> bool {
        self.published_until().is_some_and(|until| until <= now)
    }
}

impl SigningKey {
    /// The key without its private part.
    #[must_use]
    pub const fn standing(&self) -> KeyStanding {
        KeyStanding { id: self.id, created_at: self.created_at, retired_at: self.retired_at }
    }

    /// Whether it is published no more.
    #[must_use]
    pub fn is_over(&self, now: Time) -> bool {
        self.standing().is_over(now)
    }
}

/// The key that signs, of a project's keys with the oldest first: the newest that has been published for
/// [`PUBLISHED_AHEAD`], or the oldest when none has. A project's first key thus signs at once.
pub fn signer(keys: impl IntoIterator<Item = KeyStanding>, now: Time) -> Option<SigningKeyId> {
    let is_known = |key: &KeyStanding| key.created_at.plus(PUBLISHED_AHEAD) <= now;
    let choose = |chosen: Option<KeyStanding>, key: KeyStanding| match chosen {
        Some(_) if !is_known(&key) => chosen,
        _ => Some(key),
    };
    keys.into_iter().fold(None, choose).map(|key| key.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_seconds(1_800_000_000);

    fn key(id: u8, created_at: Time, retired_at: Option<Time>) -> SigningKey {
        let environment = Environment::Test;
        let uuid = |id: u8| format!("00000000-0000-4000-8000-0000000000{id:02}");
        SigningKey {
            id: format!("jwk-{}-{}", environment.as_str(), uuid(id)).parse().unwrap(),
            project_id: format!("project-{}-{}", environment.as_str(), uuid(0)).parse().unwrap(),
            private_key: Secret::default(),
            created_at,
            retired_at,
        }
    }

    #[test]
    fn a_new_key_signs_when_everybody_has_read_it() {
        let old = key(1, NOW, Some(NOW.plus(Span::days(1))));
        let new = key(2, NOW.plus(Span::days(1)), None);
        let at = |keys: &[&SigningKey], now| signer(keys.iter().map(|key| key.standing()), now);
        assert_eq!(at(&[&old], NOW), Some(old.id), "the first signs at once");
        let known = new.created_at.plus(PUBLISHED_AHEAD);
        assert_eq!(at(&[&old, &new], known.minus(Span::seconds(1))), Some(old.id));
        assert_eq!(at(&[&old, &new], known), Some(new.id));
        assert_eq!(at(&[&new], new.created_at), Some(new.id), "the old one was forgotten");
        assert_eq!(at(&[], NOW), None);
    }

    #[test]
    fn a_retired_key_is_published_for_a_while() {
        let retired = key(1, NOW, Some(NOW));
        assert!(!retired.is_over(NOW.plus(PUBLISHED_AFTER).minus(Span::seconds(1))));
        assert!(retired.is_over(NOW.plus(PUBLISHED_AFTER)));
        assert!(!key(1, NOW, None).is_over(NOW.plus(Span::days(1000))));
    }
}
