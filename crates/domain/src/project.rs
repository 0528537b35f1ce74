//! Projects: one product that uses this server.

use serde::{Deserialize, Serialize};

use crate::entropy::Entropy;
use crate::id::{Environment, OrganizationId, ProjectId, PublicToken};
use crate::secret::{Secret, Token, TokenHash};
use crate::time::Time;

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
        }
    }

    /// The environment of the project and everything in it.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.id.environment()
    }

    /// The issuer of its session tokens: the only spelling that every official client accepts
    /// (contract 2.2).
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("stytch.com/{}", self.id)
    }
}

/// A project's API secret, shown once.
#[derive(Clone, Debug)]
pub struct ApiSecret(Secret);

impl ApiSecret {
    /// Draws a new secret, `secret-<env>-<256 random bits>`.
    #[must_use]
    pub fn generate(environment: Environment, entropy: &dyn Entropy) -> Self {
        Self(Secret::new(format!("secret-{}-{}", environment.as_str(), Token::generate(entropy).expose())))
    }

    /// The text to show to the operator.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What the store keeps.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(self.expose().as_bytes())
    }
}

/// A key that signs a project's session tokens. The private part is sealed before it is stored.
#[derive(Clone, Debug)]
pub struct SigningKey {
    /// The `kid`.
    pub id: crate::id::SigningKeyId,
    /// The project it signs for.
    pub project_id: ProjectId,
    /// PKCS#8 DER in base64.
    pub private_key: Secret,
    /// When it was made.
    pub created_at: Time,
    /// When it stopped signing; it is still published until the last token signed with it has expired.
    pub retired_at: Option<Time>,
}
