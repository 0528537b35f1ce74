//! Sessions: who is signed in, by which factors, until when.

use serde::{Deserialize, Serialize};

use crate::email::EmailAddress;
use crate::id::{ConnectionId, MemberId, OrganizationId, ProjectId, RegistrationId, SessionId, TotpId};
use crate::member::Member;
use crate::metadata::{METADATA_LIMIT, Metadata, json_size, require_shallow};
use crate::refusal::{Bounded, Claimant, Field, Refusal, What};
use crate::secret::{Secret, Token, TokenHash};
use crate::spelled::spelled;
use crate::time::{Span, Time};

/// How long a session token (JWT) is good for.
pub const JWT_LIFETIME: Span = Span::minutes(5);

/// A length of a session that the contract allows: 5 minutes to 366 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionDuration(Span);

impl SessionDuration {
    /// What an initial sign-in gets when it names none.
    pub const DEFAULT: Self = Self(Span::minutes(60));

    /// Checks a number of minutes.
    ///
    /// # Errors
    /// `invalid_session_duration_minutes` outside 5..=527040.
    pub fn minutes(minutes: i64) -> Result<Self, Refusal> {
        if (5..=527_040).contains(&minutes) {
            return Ok(Self(Span::minutes(minutes)));
        }
        Err(Refusal::new(What::Invalid(Field::SessionDuration)).found(minutes))
    }

    /// The length.
    #[must_use]
    pub const fn span(self) -> Span {
        self.0
    }
}

spelled! {
    /// The protocol by which an SSO factor was proved.
    pub enum SsoProtocol {
        /// OpenID Connect.
        Oidc = "oidc",
        /// SAML 2.0.
        Saml = "saml",
    }
}

spelled! {
    /// How somebody showed that mail to an address reaches them.
    pub enum EmailMethod {
        /// By following a link.
        MagicLink = "magic_link",
        /// By a one-time code.
        Otp = "otp",
    }
}

spelled! {
    /// A way in that an organization can restrict its members to, as its policy spells it. Those that this server does not
    /// offer have no place here.
    pub enum AuthMethod {
        /// The company's identity provider.
        Sso = "sso",
        /// A link by mail.
        MagicLink = "magic_link",
        /// A code by mail.
        EmailOtp = "email_otp",
    }
}

spelled! {
    /// A second factor that an organization can restrict its members to, as its policy spells it.
    pub enum MfaMethod {
        /// A code by text message.
        SmsOtp = "sms_otp",
        /// A code of an authenticator application.
        Totp = "totp",
    }
}

/// One thing the member proved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FactorKind {
    /// A sign-in through the company's identity provider.
    Sso {
        /// The protocol.
        protocol: SsoProtocol,
        /// The registration.
        registration_id: RegistrationId,
        /// The connection.
        connection_id: ConnectionId,
        /// The subject at that connection.
        external_id: String,
    },
    /// Mail to an address reaches them.
    Email {
        /// How they showed it.
        method: EmailMethod,
        /// The address.
        address: EmailAddress,
    },
    /// An authenticator application (RFC 6238).
    Totp {
        /// The registration of the application.
        totp_id: TotpId,
    },
    /// Text messages to a number reach them.
    Sms {
        /// The number, E.164.
        phone_number: String,
    },
    /// A recovery code, which stands in for an authenticator application.
    RecoveryCode {
        /// The registration of the application.
        totp_id: TotpId,
    },
    /// A session of another system, which the project trusts to say whose it is.
    Imported {
        /// What that system calls them, `""` when it does not say.
        subject: String,
    },
}

impl FactorKind {
    /// The way in that it is, of those that an organization can name; `None` for what only completes a sign-in that began
    /// with another factor, and for a session of another system. A way in is a first factor, however often it is gone.
    #[must_use]
    pub const fn auth_method(&self) -> Option<AuthMethod> {
        match self {
            Self::Sso { .. } => Some(AuthMethod::Sso),
            Self::Email { method: EmailMethod::MagicLink, .. } => Some(AuthMethod::MagicLink),
            Self::Email { method: EmailMethod::Otp, .. } => Some(AuthMethod::EmailOtp),
            Self::Totp { .. } | Self::Sms { .. } | Self::RecoveryCode { .. } | Self::Imported { .. } => None,
        }
    }

    /// The second factor that it is, as an organization restricts them. A recovery code is none that can be forbidden: it is
    /// there for when the others are lost.
    #[must_use]
    pub const fn mfa_method(&self) -> Option<MfaMethod> {
        match self {
            Self::Totp { .. } => Some(MfaMethod::Totp),
            Self::Sms { .. } => Some(MfaMethod::SmsOtp),
            Self::Sso { .. } | Self::Email { .. } | Self::RecoveryCode { .. } | Self::Imported { .. } => None,
        }
    }

    /// Whether it completes a sign-in that began with another factor.
    #[must_use]
    pub const fn is_second(&self) -> bool {
        matches!(self, Self::Totp { .. } | Self::Sms { .. } | Self::RecoveryCode { .. })
    }

    /// The bond that it rests on, with the subject it was to.
    #[must_use]
    pub fn registration(&self) -> Option<(RegistrationId, &str)> {
        match self {
            Self::Sso { registration_id, external_id, .. } => Some((*registration_id, external_id)),
            Self::Email { .. }
            | Self::Totp { .. }
            | Self::Sms { .. }
            | Self::RecoveryCode { .. }
            | Self::Imported { .. } => None,
        }
    }

    /// The address that mail was shown to reach.
    #[must_use]
    pub const fn address(&self) -> Option<&EmailAddress> {
        match self {
            Self::Email { address, .. } => Some(address),
            _ => None,
        }
    }

    /// The connection that it was proved through.
    #[must_use]
    pub const fn connection(&self) -> Option<ConnectionId> {
        match self {
            Self::Sso { connection_id, .. } => Some(*connection_id),
            Self::Email { .. }
            | Self::Totp { .. }
            | Self::Sms { .. }
            | Self::RecoveryCode { .. }
            | Self::Imported { .. } => None,
        }
    }
}

/// One thing the member proved, and when.
///
/// In a stored document both times may be missing: it was proved long ago. A kind that this version does not know makes
/// the whole session unreadable: dropped, it would take its end and its connection along.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor {
    /// What.
    #[serde(flatten)]
    pub kind: FactorKind,
    /// When it joined the session.
    #[serde(default)]
    pub created_at: Time,
    /// When it was last proved.
    #[serde(default)]
    pub last_authenticated_at: Time,
    /// When the session at the identity provider ends, if it said so (`SessionNotOnOrAfter`, SAML core 2.7.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Time>,
}

/// Where a session was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// The browser's own words.
    pub user_agent: String,
    /// The address.
    pub ip_address: String,
}

/// A member who is signed in. The opaque token is what counts; the JWT is a five-minute copy.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// The id.
    pub id: SessionId,
    /// The project.
    pub project_id: ProjectId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The member.
    pub member_id: MemberId,
    /// Hash of the token.
    pub token_hash: TokenHash,
    /// The token itself, sealed by the store: a caller who shows the JWT gets the token back too.
    pub token: Secret,
    /// When it began.
    pub started_at: Time,
    /// When it was last used.
    pub last_accessed_at: Time,
    /// When it ends.
    pub expires_at: Time,
    /// What was proved.
    pub factors: Vec<Factor>,
    /// The API user's own claims.
    pub custom_claims: Metadata,
    /// Where it was made.
    pub origin: Origin,
    /// Counts changes; an update names the version it was decided on.
    pub version: i64,
}

impl Session {
    /// A new session of a member.
    #[must_use]
    pub fn start(
        id: SessionId,
        member: &Member,
        token: &Token,
        factors: Vec<Factor>,
        duration: SessionDuration,
        now: Time,
    ) -> Self {
        let expires_at = within(&factors, now.plus(duration.span()));
        Self {
            id,
            project_id: member.project_id,
            organization_id: member.organization_id,
            member_id: member.id,
            token_hash: token.hash(),
            token: Secret::new(token.expose()),
            started_at: now,
            last_accessed_at: now,
            expires_at,
            factors,
            custom_claims: Metadata::new(),
            origin: Origin::default(),
            version: 1,
        }
    }

    /// Whether it is still good.
    #[must_use]
    pub fn is_live(&self, now: Time) -> bool {
        now < self.expires_at
    }

    /// Notes a use; with a duration the end moves, without one it stays. It never outlives a session at the
    /// identity provider that it was proved by.
    pub fn touch(&mut self, duration: Option<SessionDuration>, now: Time) {
        self.last_accessed_at = self.last_accessed_at.max(now);
        let end = duration.map_or(self.expires_at, |duration| now.plus(duration.span()));
        self.expires_at = within(&self.factors, end);
        self.version += 1;
    }

    /// Adds a factor, or renews the one that was proved again.
    pub fn add_factor(&mut self, factor: Factor) {
        join(&mut self.factors, factor);
    }

    /// The connections it holds a factor of.
    #[must_use]
    pub fn factor_connections(&self) -> Vec<ConnectionId> {
        self.factors.iter().filter_map(|factor| factor.kind.connection()).collect()
    }

    /// Merges custom claims: a null value deletes its key.
    ///
    /// # Errors
    /// Reserved names, names of the session's own claims, more than 4096 bytes, or values that lie too deep; nothing is then
    /// merged.
    pub fn merge_claims(&mut self, claims: &Metadata) -> Result<(), Refusal> {
        require_shallow(claims, Bounded::CustomClaims)?;
        let mut merged = self.custom_claims.clone();
        for (key, value) in claims {
            if RESERVED_CLAIMS.contains(&key.as_str()) {
                return Err(Refusal::new(What::ReservedClaim(Claimant::Jwt)).found(format!("{key:?}")));
            }
            if key.starts_with("https://stytch.com/") {
                return Err(Refusal::new(What::ReservedClaim(Claimant::Session)).found(format!("{key:?}")));
            }
            if value.is_null() {
                merged.remove(key);
            } else {
                merged.insert(key.clone(), value.clone());
            }
        }
        if json_size(&merged) > METADATA_LIMIT {
            return Err(What::TooLarge(Bounded::CustomClaims).into());
        }
        self.custom_claims = merged;
        Ok(())
    }
}

/// Adds a factor to others, or renews the one that was proved again.
pub fn join(factors: &mut Vec<Factor>, factor: Factor) {
    match factors.iter_mut().find(|known| known.kind == factor.kind) {
        Some(known) => {
            known.last_authenticated_at = factor.last_authenticated_at;
            known.valid_until = factor.valid_until;
        }
        None => factors.push(factor),
    }
}

/// The end that the factors allow.
fn within(factors: &[Factor], end: Time) -> Time {
    factors.iter().filter_map(|factor| factor.valid_until).fold(end, Time::min)
}

const RESERVED_CLAIMS: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(external_id: &str, valid_until: Option<Time>) -> Factor {
        let id = "saml-connection-test-00000000-0000-4000-8000-000000000000";
        let registration = "saml-member-registration-test-00000000-0000-4000-8000-000000000000";
        Factor {
            kind: FactorKind::Sso {
                protocol: SsoProtocol::Saml,
                registration_id: registration.parse().unwrap(),
                connection_id: id.parse().unwrap(),
                external_id: external_id.to_owned(),
            },
            created_at: Time::default(),
            last_authenticated_at: Time::default(),
            valid_until,
        }
    }

    #[test]
    fn a_session_does_not_outlive_the_one_at_the_provider() {
        let (now, end) = (Time::from_seconds(1000), Time::from_seconds(2000));
        let hour = now.plus(Span::minutes(60));
        let mut factors = vec![factor("ada", Some(end)), factor("other", None)];
        assert_eq!(within(&factors, hour), end);
        assert_eq!(within(&factors, Time::from_seconds(1500)), Time::from_seconds(1500));
        factors.remove(0);
        assert_eq!(within(&factors, hour), hour);
        // What is stored of a factor without an end has no such member, as before.
        let kept = serde_json::to_value(&factors[0]).unwrap();
        assert!(kept.get("valid_until").is_none());
        assert_eq!(serde_json::from_value::<Factor>(kept).unwrap(), factors[0]);
    }

    #[test]
    fn durations_of_the_contract() {
        assert!(SessionDuration::minutes(5).is_ok() && SessionDuration::minutes(527_040).is_ok());
        for minutes in [-1, 0, 4, 527_041, i64::MAX] {
            assert!(SessionDuration::minutes(minutes).is_err(), "{minutes}");
        }
    }
}
