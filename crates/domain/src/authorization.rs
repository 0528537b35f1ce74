//! Signing in to an application: what it asks for, the code by which it gets that, and what comes of it (RFC 6749 section 4.1,
//! OpenID Connect Core section 3).

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use crate::id::{
    ApplicationId, ConnectionId, LoginSessionId, MemberId, OrganizationId, ProjectId, RegistrationId,
    SignInGrantId,
};
use crate::refusal::{PkceProblem, Refusal, What};
use crate::secret::{TokenHash, sha256_base64url};
use crate::spelled::spelled;
use crate::tenant::Tenant;
use crate::time::{Span, Time};

/// How much the clocks of two servers may differ.
const CLOCKS_DIFFER: Span = Span::seconds(60);
/// How long a code waits for its application.
pub const CODE_LIFETIME: Span = Span::seconds(60);
/// How long what came of a sign-in is remembered that no refresh token goes on.
pub const GRANT_LIFETIME: Span = Span::days(31);

spelled! {
    /// What an application is answered with.
    pub enum ResponseKind {
        /// A code.
        Code = "code",
        /// An ID token alone.
        IdToken = "id_token",
    }
}

spelled! {
    /// How the answer gets to it.
    pub enum ResponseMode {
        /// In the query of its address.
        Query = "query",
        /// Behind the `#` of its address.
        Fragment = "fragment",
        /// By a form that the browser posts.
        FormPost = "form_post",
        /// By a message to the page that opened this one.
        WebMessage = "web_message",
    }
}

spelled! {
    /// How a challenge is made of its verifier (RFC 7636 section 4.2).
    pub enum ChallengeMethod {
        /// It is the verifier's hash.
        S256 = "S256",
        /// It is the verifier.
        Plain = "plain",
    }
}

/// A challenge that an application has sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// How it was made.
    pub method: ChallengeMethod,
    /// What it is.
    pub text: String,
}

impl Challenge {
    /// Whether this is what it was made of.
    #[must_use]
    pub fn is_of(&self, verifier: &str) -> bool {
        let made = match self.method {
            ChallengeMethod::S256 => sha256_base64url(verifier),
            ChallengeMethod::Plain => verifier.to_owned(),
        };
        made.as_bytes().ct_eq(self.text.as_bytes()).into()
    }
}

/// A verifier has 43 to 128 characters that need no encoding (RFC 7636 section 4.1); so has a challenge.
#[must_use]
pub fn is_verifier(text: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(unreserved)
}

/// Judges a verifier against the challenge of the request. One without a challenge says that somebody took that away.
///
/// # Errors
/// [`What::Pkce`].
pub fn check_verifier(challenge: Option<&Challenge>, verifier: Option<&str>) -> Result<(), Refusal> {
    let problem = match (challenge, verifier) {
        (None, None) => return Ok(()),
        (None, Some(_)) => PkceProblem::VerifierUnexpected,
        (Some(_), None) => PkceProblem::VerifierMissing,
        (Some(_), Some(verifier)) if !is_verifier(verifier) => PkceProblem::VerifierLength,
        (Some(challenge), Some(verifier)) if challenge.is_of(verifier) => return Ok(()),
        (Some(_), Some(_)) => PkceProblem::Mismatch,
    };
    Err(What::Pkce(problem).into())
}

/// How recently somebody has to have been asked who they are (OpenID Connect Core section 3.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freshness {
    /// They are asked once more, whatever was before (`prompt=login`).
    #[serde(default)]
    pub again: bool,
    /// The most seconds since (`max_age`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<i64>,
}

impl Freshness {
    /// Whether anything is asked for.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Whether what was proved at a time will do now. An age of nothing is never reached.
    #[must_use]
    pub fn is_met(self, authenticated_at: Time, now: Time) -> bool {
        let Some(max_age) = self.max_age else { return !self.again };
        !self.again && max_age > 0 && now <= authenticated_at.plus(Span::seconds(max_age))
    }

    /// Judges what a provider says of when it asked the person, for an attempt that began at a time. What it does not say is
    /// taken for the moment of its answer: many do not.
    ///
    /// # Errors
    /// [`What::NotAskedAgain`].
    pub fn judge(self, stated: Option<Time>, began: Time) -> Result<(), Refusal> {
        let earliest = match (self.again, self.max_age) {
            (true, _) => began,
            (false, Some(max_age)) => began.minus(Span::seconds(max_age)),
            (false, None) => return Ok(()),
        };
        match stated {
            Some(stated) if stated.plus(CLOCKS_DIFFER) < earliest => Err(Refusal::new(What::NotAskedAgain)
                .found(format!("somebody who was asked at {stated}"))
                .expected(format!("somebody who was asked at {earliest} or later"))),
            _ => Ok(()),
        }
    }
}

/// What an application asks for, checked: its address is registered. Kept with the sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub application_id: ApplicationId,
    /// The origin that was asked, which signs what comes of it.
    pub origin: String,
    /// Where the answer goes, as it was sent.
    pub redirect_uri: String,
    /// What it is.
    pub kind: ResponseKind,
    /// How it gets there.
    pub mode: ResponseMode,
    /// What the application finds its own request by.
    #[serde(default)]
    pub state: Option<String>,
    /// What the ID token has to say again.
    #[serde(default)]
    pub nonce: Option<String>,
    /// What is asked for.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// At which API, as it was named.
    #[serde(default)]
    pub audience: Option<String>,
    /// The challenge of its verifier.
    #[serde(default)]
    pub challenge: Option<Challenge>,
    /// As a member of which organization, and by what it was called.
    #[serde(default)]
    pub organization: Option<AskedOrganization>,
    /// How recently the person has to have been asked who they are.
    #[serde(default, skip_serializing_if = "Freshness::is_nothing")]
    pub freshness: Freshness,
    /// Whether the person chooses their organization once it is known who they are, and is answered for only then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub chooses_organization: bool,
}

/// An organization that somebody is to sign in as a member of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedOrganization {
    /// Which.
    pub id: OrganizationId,
    /// What it was called, where it was called by its name.
    #[serde(default)]
    pub name: Option<String>,
}

impl AuthorizationRequest {
    /// Whether a scope is asked for.
    #[must_use]
    pub fn asks(&self, scope: &str) -> bool {
        self.scopes.iter().any(|asked| asked == scope)
    }
}

/// What came of a sign-in: who signed in to which application, and what it may know. Its tokens are good while it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInGrant {
    /// The id; applications know the sign-in by it.
    pub id: SignInGrantId,
    /// The project.
    pub project_id: ProjectId,
    /// The organization of the member.
    pub organization_id: OrganizationId,
    /// Who signed in.
    pub member_id: MemberId,
    /// Through which connection.
    pub connection_id: ConnectionId,
    /// As which subject there.
    pub registration_id: RegistrationId,
    /// What the person is called by applications.
    pub subject: String,
    /// The session of the browser in which it was. `None` on sign-ins from before browsers had one.
    #[serde(default)]
    pub session_id: Option<LoginSessionId>,
    /// What was asked for.
    pub request: AuthorizationRequest,
    /// When the identity was proved.
    pub authenticated_at: Time,
    /// When it ends.
    pub expires_at: Time,
}

impl SignInGrant {
    /// The place of the member.
    #[must_use]
    pub const fn tenant(&self) -> Tenant {
        Tenant::stored(self.project_id, self.organization_id)
    }
}

/// A code as it is kept: what it is good for is in its grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationCode {
    /// Its hash.
    pub hash: TokenHash,
    /// The grant.
    pub grant: SignInGrant,
    /// When it was used.
    pub used_at: Option<Time>,
    /// When it ends.
    pub expires_at: Time,
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn challenge(method: ChallengeMethod, text: &str) -> Challenge {
        Challenge { method, text: text.to_owned() }
    }

    #[test]
    fn a_verifier_is_judged_by_its_challenge_alone() {
        let s256 = challenge(ChallengeMethod::S256, CHALLENGE);
        let plain = challenge(ChallengeMethod::Plain, VERIFIER);
        assert_eq!(check_verifier(Some(&s256), Some(VERIFIER)), Ok(()));
        assert_eq!(check_verifier(Some(&plain), Some(VERIFIER)), Ok(()));
        assert_eq!(check_verifier(None, None), Ok(()));
        let refused = |challenge: Option<&Challenge>, verifier| {
            check_verifier(challenge, verifier).map_err(|refusal| refusal.what).unwrap_err()
        };
        assert_eq!(refused(None, Some(VERIFIER)), What::Pkce(PkceProblem::VerifierUnexpected));
        assert_eq!(refused(Some(&s256), None), What::Pkce(PkceProblem::VerifierMissing));
        assert_eq!(refused(Some(&s256), Some("short")), What::Pkce(PkceProblem::VerifierLength));
        // The challenge itself, which everybody has seen, is no verifier of one that was hashed.
        assert_eq!(refused(Some(&s256), Some(CHALLENGE)), What::Pkce(PkceProblem::Mismatch));
        assert_eq!(refused(Some(&plain), Some(CHALLENGE)), What::Pkce(PkceProblem::Mismatch));
    }

    #[test]
    fn who_has_to_be_asked_again_was_asked_since() {
        let began = Time::from_seconds(1_700_000_000);
        let again = Freshness { again: true, max_age: None };
        let within = Freshness { again: false, max_age: Some(300) };
        let before = |seconds| Some(began.minus(Span::seconds(seconds)));
        for (wanted, stated, is_fine) in [
            (again, None, true),
            (again, before(-5), true),
            (again, before(60), true),
            (again, before(61), false),
            (within, before(360), true),
            (within, before(361), false),
            (Freshness::default(), before(100_000), true),
        ] {
            assert_eq!(wanted.judge(stated, began).is_ok(), is_fine, "{wanted:?} {stated:?}");
        }
    }
}
