//! Sign-ins under way: the attempt between start and callback, and the single-use token between callback
//! and the application's backend (contract section 9.1).

use serde::{Deserialize, Serialize};

use crate::entropy::Entropy;
use crate::id::{ConnectionId, LoginId, MemberId, OrganizationId, ProjectId, RegistrationId};
use crate::identity::Identity;
use crate::secret::{Token, TokenHash, derive, derive_bytes};
use crate::time::{Span, Time};

/// How long a browser may take from start to callback.
pub const ATTEMPT_LIFETIME: Span = Span::minutes(10);
/// How long an SSO token may wait for the application's backend.
pub const SSO_TOKEN_LIFETIME: Span = Span::minutes(5);
/// How long an intermediate session may wait for its second factor.
pub const INTERMEDIATE_LIFETIME: Span = Span::minutes(10);

/// One attempt to sign in, from start to callback. It is found by the hash of its state and belongs to
/// the browser that holds the matching cookie; neither secret is stored.
///
/// Stored as a document. Without ids, hashes and the two addresses it is none: where a browser goes is not guessed.
/// Without an end it has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginAttempt {
    /// The id.
    pub id: LoginId,
    /// The project.
    pub project_id: ProjectId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The connection; the callback must come back on its address.
    pub connection_id: ConnectionId,
    /// Hash of `state`.
    pub state_hash: TokenHash,
    /// Hash of the browser's cookie.
    pub browser_hash: TokenHash,
    /// The registered URL for members who exist.
    pub login_redirect_url: String,
    /// The registered URL for members this sign-in creates.
    pub signup_redirect_url: String,
    /// The application's own PKCE challenge.
    pub code_challenge: Option<String>,
    /// When it began.
    #[serde(default)]
    pub created_at: Time,
    /// When it ends.
    #[serde(default)]
    pub expires_at: Time,
}

/// Where a browser goes once its sign-in is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landing {
    /// The attempt, unless the sign-in began at the identity provider.
    pub login: Option<LoginId>,
    /// The registered URL for members who exist.
    pub login_redirect_url: String,
    /// The registered URL for members this sign-in creates.
    pub signup_redirect_url: String,
    /// The application's own PKCE challenge. A sign-in that began at the provider has none.
    pub code_challenge: Option<String>,
}

/// A person as a connection proved them, with what bounds the proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Who.
    pub identity: Identity,
    /// The message that proved it, when nothing but our memory keeps it from being used again.
    pub message: Option<SingleUse>,
    /// When the session at the identity provider ends, if it said so. Sessions end no later.
    pub valid_until: Option<Time>,
}

impl From<Identity> for Proof {
    fn from(identity: Identity) -> Self {
        Self { identity, message: None, valid_until: None }
    }
}

/// A message that proves an identity once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SingleUse {
    /// What the message is known by, unique for its connection.
    pub id: String,
    /// Until when it must be remembered; afterwards it is refused for its age.
    pub until: Time,
}

/// The two secrets of an attempt: `state` travels through the identity provider, the browser secret stays
/// in a cookie. What the provider must echo (nonce) and what only we may know (PKCE verifier) is derived
/// from both, so a stolen database row completes nothing.
#[derive(Clone, Debug)]
pub struct AttemptSecrets {
    /// The `state` parameter.
    pub state: Token,
    /// The cookie.
    pub browser: Token,
}

impl AttemptSecrets {
    /// Draws new ones.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self { state: Token::generate(entropy), browser: Token::generate(entropy) }
    }

    /// The nonce the id token must carry.
    #[must_use]
    pub fn nonce(&self) -> String {
        derive("nonce", &[self.state.expose(), self.browser.expose()])
    }

    /// The PKCE verifier towards the identity provider (RFC 7636 section 4.1).
    #[must_use]
    pub fn code_verifier(&self) -> String {
        derive("pkce", &[self.state.expose(), self.browser.expose()])
    }
}

/// What the ID of the SAML request is made of that was sent with this state (SAML core 1.3.4). It travels with
/// the state and tells no more than it; the browser is bound by its cookie.
#[must_use]
pub fn saml_request_chance(state: &Token) -> [u8; 20] {
    derive_bytes("saml-request", &[state.expose()])
}

/// Why an attempt cannot be finished by this browser now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotFinishable {
    /// It belongs to another connection's callback.
    OtherConnection,
    /// The browser holds another cookie.
    OtherBrowser,
    /// It took too long.
    Expired,
}

impl LoginAttempt {
    /// Where the application asked to be come back to.
    #[must_use]
    pub fn landing(&self) -> Landing {
        Landing {
            login: Some(self.id),
            login_redirect_url: self.login_redirect_url.clone(),
            signup_redirect_url: self.signup_redirect_url.clone(),
            code_challenge: self.code_challenge.clone(),
        }
    }

    /// Whether the browser with this cookie may finish the attempt at this connection's callback now. `None`
    /// where a gateway that is trusted with it speaks for the browser.
    ///
    /// # Errors
    /// [`NotFinishable`].
    pub fn check(
        &self,
        connection: ConnectionId,
        browser: Option<&Token>,
        now: Time,
    ) -> Result<(), NotFinishable> {
        if self.connection_id != connection {
            return Err(NotFinishable::OtherConnection);
        }
        if browser.is_some_and(|browser| self.browser_hash != browser.hash()) {
            return Err(NotFinishable::OtherBrowser);
        }
        if now >= self.expires_at {
            return Err(NotFinishable::Expired);
        }
        Ok(())
    }
}

/// What the application's backend redeems for a session. Stored under its hash; redeemed once.
///
/// Stored as a document. Without hash, ids and subject it is none. Without an end it has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SsoToken {
    /// Hash of the token in the redirect.
    pub hash: TokenHash,
    /// The project.
    pub project_id: ProjectId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The member who signed in.
    pub member_id: MemberId,
    /// Through which connection.
    pub connection_id: ConnectionId,
    /// As which subject there.
    pub registration_id: RegistrationId,
    /// The subject there, for the session's factor.
    pub external_id: String,
    /// The application's own PKCE challenge.
    pub code_challenge: Option<String>,
    /// When the session at the identity provider ends, if it said so. Sessions end no later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Time>,
    /// When the identity was proved.
    #[serde(default)]
    pub created_at: Time,
    /// Until when it may be redeemed.
    #[serde(default)]
    pub expires_at: Time,
}

/// A sign-in that waits for a second factor.
///
/// Stored as a document. Without hash, ids and factors it is none: what was proved is not guessed. Without an end it
/// has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntermediateSession {
    /// Hash of the token that was handed out.
    pub hash: TokenHash,
    /// The project.
    pub project_id: ProjectId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The member.
    pub member_id: MemberId,
    /// What was proved so far.
    pub factors: Vec<crate::session::Factor>,
    /// Until when it may be used.
    #[serde(default)]
    pub expires_at: Time,
}
