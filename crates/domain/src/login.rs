//! Sign-ins under way: the attempt between start and callback, and the single-use token between callback
//! and the application's backend.

pub mod by_mail;
pub mod demand;
pub mod sent;
pub mod state;
pub mod ticket;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use self::sent::Sent;
use crate::authorization::AuthorizationRequest;
use crate::connection::{CallbackAddress, Connection};
use crate::email::EmailAddress;
use crate::id::{
    ConnectionId, ConnectionTestId, Environment, LoginId, MemberId, OrganizationId, ProjectId, RegistrationId,
};
use crate::identity::Identity;
use crate::member::Member;
use crate::secret::{Token, TokenHash, derive, derive_bytes};
use crate::session::{Factor, SsoProtocol};
use crate::time::{Span, Time};

/// How long a browser may take from start to callback.
pub const ATTEMPT_LIFETIME: Span = Span::minutes(10);
/// How long an SSO token may wait for the application's backend.
pub const SSO_TOKEN_LIFETIME: Span = Span::minutes(5);
/// How long an intermediate session may wait for its second factor.
pub const INTERMEDIATE_LIFETIME: Span = Span::minutes(10);

/// One attempt to sign in, from start to callback. It belongs to the browser that holds its cookie. Most are kept by
/// that browser alone ([`ticket`]). One whose answer a gateway may bring is stored under the hash of its state, without
/// either secret.
///
/// Stored as a document. Without ids and hashes it is none, nor without what its purpose needs: where a browser goes is
/// not guessed. Without an end it has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginAttempt {
    /// The id.
    pub id: LoginId,
    /// The project.
    pub project_id: ProjectId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The connection that somebody signs in through. The callback must come back on its address, or where it is borrowed on
    /// that of the connection that it borrows.
    pub connection_id: ConnectionId,
    /// Hash of `state`.
    pub state_hash: TokenHash,
    /// Hash of the browser's cookie.
    pub browser_hash: TokenHash,
    /// The identity provider that the browser was sent to ([`crate::connection::Connection::provider`]). `""` on
    /// attempts from before it was remembered: they end within minutes.
    #[serde(default)]
    pub provider: String,
    /// The address of the client that began it. `""` on attempts from before it was remembered.
    #[serde(default)]
    pub began_at: String,
    /// The name of ours by which the client came that began it, as it said.
    #[serde(default)]
    pub began_as: String,
    /// What the request to the provider was like.
    #[serde(default, skip_serializing_if = "Sent::is_usual")]
    pub sent: Sent,
    /// What it is for.
    #[serde(flatten)]
    pub purpose: Purpose,
    /// When it began.
    #[serde(default)]
    pub created_at: Time,
    /// When it ends.
    #[serde(default)]
    pub expires_at: Time,
}

/// What a sign-in is for, and so what comes of it.
///
/// Stored inside its attempt, which had no purpose when there was one only: without a name it is a token's. A purpose
/// that this version does not know makes the attempt unreadable, so nobody is signed in by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "purpose", rename_all = "snake_case", try_from = "StoredPurpose")]
pub enum Purpose {
    /// The application gets a single-use token, which its backend redeems for a session.
    Token(ReturnTo),
    /// Somebody sees what the identity provider says and what would come of it. It signs nobody in.
    Test,
    /// The same, prepared by whoever is told what came of it. The connection need not be switched on.
    PreparedTest {
        /// The test.
        test_id: ConnectionTestId,
    },
    /// An application that asked for it gets a code, or an ID token.
    Authorization {
        /// What it asked for.
        authorization: Box<AuthorizationRequest>,
    },
}

/// Where an application waits for its token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnTo {
    /// The registered URL for members who exist.
    pub login_redirect_url: String,
    /// The registered URL for members this sign-in creates.
    pub signup_redirect_url: String,
    /// The application's own PKCE challenge. A sign-in that began at the provider has none.
    pub code_challenge: Option<String>,
}

#[derive(Deserialize)]
struct StoredPurpose {
    #[serde(default)]
    purpose: PurposeName,
    login_redirect_url: Option<String>,
    signup_redirect_url: Option<String>,
    code_challenge: Option<String>,
    authorization: Option<Box<AuthorizationRequest>>,
    test_id: Option<ConnectionTestId>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PurposeName {
    #[default]
    Token,
    Test,
    PreparedTest,
    Authorization,
}

impl TryFrom<StoredPurpose> for Purpose {
    type Error = &'static str;

    fn try_from(stored: StoredPurpose) -> Result<Self, &'static str> {
        if let PurposeName::Authorization = stored.purpose {
            let asked = stored.authorization.map(|authorization| Self::Authorization { authorization });
            return asked.ok_or("an attempt for an application does not say what it asked for");
        }
        if let PurposeName::PreparedTest = stored.purpose {
            let prepared = stored.test_id.map(|test_id| Self::PreparedTest { test_id });
            return prepared.ok_or("an attempt for a test does not say for which");
        }
        match (stored.purpose, stored.login_redirect_url, stored.signup_redirect_url) {
            (PurposeName::Test, ..) => Ok(Self::Test),
            (PurposeName::Token, Some(login_redirect_url), Some(signup_redirect_url)) => {
                let code_challenge = stored.code_challenge;
                Ok(Self::Token(ReturnTo { login_redirect_url, signup_redirect_url, code_challenge }))
            }
            (PurposeName::Token | PurposeName::PreparedTest | PurposeName::Authorization, ..) => {
                Err("an attempt for a token does not say where to return to")
            }
        }
    }
}

impl Purpose {
    /// Whether it signs nobody in.
    #[must_use]
    pub const fn is_test(&self) -> bool {
        matches!(self, Self::Test | Self::PreparedTest { .. })
    }
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
    /// When the identity provider asked the person, if it said so.
    pub authenticated_at: Option<Time>,
}

impl From<Identity> for Proof {
    fn from(identity: Identity) -> Self {
        Self { identity, message: None, valid_until: None, authenticated_at: None }
    }
}

/// A message that proves an identity once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SingleUse {
    /// What the message is known by: nobody else than who made it can make one that is known by the same.
    pub id: String,
    /// What it was known by in the first version: unique for its issuer, but others could name it.
    pub formerly: String,
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

/// The id of the attempt with this state: whoever knows the one knows the other.
#[must_use]
pub fn login_id(environment: Environment, state: &Token) -> LoginId {
    LoginId::derived(environment, derive_bytes("login", &[state.expose()]))
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
    /// The answer came to another address than the one that the provider was told.
    OtherAddress,
}

impl LoginAttempt {
    /// The attempt of these secrets through a connection, which began at a time.
    #[must_use]
    pub fn begin(connection: &Connection, secrets: &AttemptSecrets, purpose: Purpose, began: Time) -> Self {
        Self {
            id: login_id(connection.id.environment(), &secrets.state),
            project_id: connection.project_id,
            organization_id: connection.organization_id,
            connection_id: connection.id,
            state_hash: secrets.state.hash(),
            browser_hash: secrets.browser.hash(),
            provider: String::new(),
            began_at: String::new(),
            began_as: String::new(),
            sent: Sent::default(),
            purpose,
            created_at: began,
            expires_at: began.plus(ATTEMPT_LIFETIME),
        }
    }

    /// Whether a connection still leads to the provider that the browser was sent to: what that one answers is nothing
    /// to another, least of all its code.
    #[must_use]
    pub fn was_sent_to(&self, provider: &str) -> bool {
        self.provider.is_empty() || self.provider == provider
    }

    /// Whether a client is at the address that the attempt began at; in IPv6, where a machine changes its own, in the same
    /// network. One from before it was remembered is taken for it: it ends within minutes.
    #[must_use]
    pub fn began_at(&self, client: IpAddr) -> bool {
        match (self.began_at.parse(), client) {
            (Ok(IpAddr::V6(began)), IpAddr::V6(client)) => {
                began.octets().iter().take(8).eq(client.octets().iter().take(8))
            }
            (Ok(began), client) => began == client,
            (Err(_), _) => self.began_at.is_empty(),
        }
    }

    /// Whether the browser with this cookie may finish the attempt now, by an answer that came to this address of this
    /// connection. `None`
    /// where a gateway that is trusted with it speaks for the browser.
    ///
    /// # Errors
    /// [`NotFinishable`].
    pub fn check(
        &self,
        connection: ConnectionId,
        callback: CallbackAddress,
        browser: Option<&Token>,
        now: Time,
    ) -> Result<(), NotFinishable> {
        if self.connection_id != connection {
            return Err(NotFinishable::OtherConnection);
        }
        if self.sent.callback != callback {
            return Err(NotFinishable::OtherAddress);
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
    /// The protocol, where the connection is borrowed and its id does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<SsoProtocol>,
    /// The application's own PKCE challenge.
    pub code_challenge: Option<String>,
    /// Whether the sign-in began at the identity provider, where no application could give a challenge.
    #[serde(default)]
    pub unsolicited: bool,
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

/// A sign-in that is not finished: it waits for a second factor, or for the choice of an organization.
///
/// Stored as a document. Without hash, project and factors it is none: what was proved is not guessed. Without an end it
/// has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntermediateSession {
    /// Hash of the token that was handed out.
    pub hash: TokenHash,
    /// The project.
    pub project_id: ProjectId,
    /// The organization, unless it is still to be chosen.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// The member, who is one of an organization.
    #[serde(default)]
    pub member_id: Option<MemberId>,
    /// What was proved so far.
    pub factors: Vec<Factor>,
    /// Until when it may be used.
    #[serde(default)]
    pub expires_at: Time,
}

impl IntermediateSession {
    /// One of a member of an organization.
    #[must_use]
    pub fn of_member(token: &Token, member: &Member, factors: Vec<Factor>, now: Time) -> Self {
        Self {
            organization_id: Some(member.organization_id),
            member_id: Some(member.id),
            ..Self::unplaced(token, member.project_id, factors, now)
        }
    }

    /// One of somebody who has still to choose an organization.
    #[must_use]
    pub fn unplaced(token: &Token, project_id: ProjectId, factors: Vec<Factor>, now: Time) -> Self {
        Self {
            hash: token.hash(),
            project_id,
            organization_id: None,
            member_id: None,
            factors,
            expires_at: now.plus(INTERMEDIATE_LIFETIME),
        }
    }

    /// What of it counts for a member who goes on with it; `None` when it is somebody else's. What is theirs was shown as
    /// theirs. Of somebody who may still choose only mail to the address counts that the member has now: one that they left
    /// may be another person's by now, and what shows nothing of the member has no place in their session.
    #[must_use]
    pub fn for_member(mut self, member: &Member) -> Option<Self> {
        let is_theirs =
            self.organization_id == Some(member.organization_id) && self.member_id == Some(member.id);
        let is_unplaced = self.organization_id.is_none() && self.member_id.is_none();
        if self.project_id != member.project_id || !(is_theirs || is_unplaced) {
            return None;
        }
        if is_unplaced {
            self.factors = elsewhere(&self.factors, &member.email);
        }
        Some(self)
    }

    /// The address that mail was shown to reach, if one was.
    #[must_use]
    pub fn address(&self) -> Option<&EmailAddress> {
        self.factors.iter().find_map(|factor| factor.kind.address())
    }
}

/// What was proved by somebody who has an address, as far as it counts wherever the address does: mail to it. A company's
/// own provider speaks for its organization alone, and a second factor is registered with one member.
#[must_use]
pub fn elsewhere(factors: &[Factor], address: &EmailAddress) -> Vec<Factor> {
    factors.iter().filter(|factor| factor.kind.address() == Some(address)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn stored() -> Value {
        json!({
            "id": "login-test-c1d28253-20cf-404d-912f-f65b49022500",
            "project_id": "project-test-3ed2b061-1e97-4a9c-be87-c83e7ed97c2d",
            "organization_id": "organization-test-957b273b-6559-42f7-9220-194a80242cc1",
            "connection_id": "oidc-connection-test-d07e43ed-38ca-4ef4-a2e5-6de701ccc0a8",
            "state_hash": "aJhb7kdJ_NmPcN9qubM49mPfB5OkDHKXsTLum6Ia-uQ",
            "browser_hash": "1vcs794100ACNz8PTl_tvzPakyZr8D43TehkeZRw3f4",
        })
    }

    fn read(stored: &Value) -> Result<LoginAttempt, serde_json::Error> {
        serde_json::from_str(&stored.to_string())
    }

    #[test]
    fn an_attempt_without_a_purpose_is_for_a_token() {
        let mut old = stored();
        assert!(read(&old).is_err(), "where the browser goes is not guessed");
        old["login_redirect_url"] = json!("https://app.test/login");
        old["signup_redirect_url"] = json!("https://app.test/signup");
        let attempt = read(&old).unwrap();
        let Purpose::Token(to) = &attempt.purpose else { panic!("{attempt:?}") };
        assert_eq!(to.signup_redirect_url, "https://app.test/signup");
        assert!(attempt.was_sent_to("https://any.test"), "before the provider was remembered");
        // As a version without purposes reads it.
        let kept = serde_json::to_value(&attempt).unwrap();
        assert_eq!(kept["login_redirect_url"], "https://app.test/login");
        assert_eq!(read(&kept).unwrap(), attempt);
    }

    #[test]
    fn a_test_is_kept_as_one_and_nothing_unknown_is_taken_for_a_token() {
        let mut test = stored();
        test["purpose"] = json!("test");
        let attempt = read(&test).unwrap();
        assert_eq!(attempt.purpose, Purpose::Test);
        assert_eq!(read(&serde_json::to_value(&attempt).unwrap()).unwrap(), attempt);
        test["purpose"] = json!("weather");
        test["login_redirect_url"] = json!("https://app.test/login");
        test["signup_redirect_url"] = json!("https://app.test/signup");
        assert!(read(&test).is_err());
    }

    #[test]
    fn a_client_is_where_the_attempt_began() {
        let mut kept = stored();
        kept["purpose"] = json!("test");
        assert!(read(&kept).unwrap().began_at("192.0.2.1".parse().unwrap()), "from before");
        for (began, client, same) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
            ("2001:db8:1:2::1", "192.0.2.1", false),
            ("nonsense", "192.0.2.1", false),
        ] {
            kept["began_at"] = json!(began);
            assert_eq!(read(&kept).unwrap().began_at(client.parse().unwrap()), same, "{began} {client}");
        }
    }

    #[test]
    fn an_answer_belongs_to_the_provider_that_was_asked() {
        let mut sent = stored();
        (sent["purpose"], sent["provider"]) = (json!("test"), json!("https://idp.test"));
        let attempt = read(&sent).unwrap();
        assert!(attempt.was_sent_to("https://idp.test") && !attempt.was_sent_to("https://other.test"));
    }
}
