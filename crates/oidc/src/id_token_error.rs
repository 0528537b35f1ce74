//! Why an id token is refused: one variant for each check.

use thiserror::Error;

use crate::error::{Excerpt, JsonError, Refusal};
use crate::jose::JwsError;
use crate::time::UnixSeconds;

/// What a subject has to be.
const SUBJECT: &str = "text of 1 to 255 bytes without control characters";

/// Why an id token is refused. Never carries the token, its signature or the nonce.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IdTokenError {
    /// The token's form or signature; [`JwsError::UnknownKey`] calls for fetching the keys again, once.
    #[error("the id token is refused: {0}")]
    Jws(JwsError),
    /// The claims are not an unambiguous JSON object.
    #[error("the id token's claims are not acceptable: {0}")]
    Payload(JsonError),
    /// `iss` is not the connection's issuer.
    #[error("the id token is of the issuer {found}, expected {expected}")]
    Issuer {
        /// The `iss`.
        found: Excerpt,
        /// The connection's issuer.
        expected: Excerpt,
    },
    /// `tid` is not the pinned tenant.
    #[error("the id token is of the tenant {found}, expected {expected}")]
    Tenant {
        /// The `tid`.
        found: Excerpt,
        /// The pinned tenant.
        expected: Excerpt,
    },
    /// `aud` does not hold our client id.
    #[error("the id token is for {found}, expected {expected}")]
    Audience {
        /// The `aud`.
        found: Excerpt,
        /// Our client id.
        expected: Excerpt,
    },
    /// `aud` holds others as well, and no `azp` says that the token was made for us.
    #[error(
        "the id token is for {found}, several audiences, and has no azp that says it was made for {expected}"
    )]
    OtherAudience {
        /// The `aud`.
        found: Excerpt,
        /// Our client id.
        expected: Excerpt,
    },
    /// `azp` is another client.
    #[error("the id token was made for {found}, expected {expected}")]
    AuthorizedParty {
        /// The `azp`.
        found: Excerpt,
        /// Our client id.
        expected: Excerpt,
    },
    /// A required claim is absent.
    #[error("the id token has no {0}")]
    Missing(&'static str),
    /// A time is not a number.
    #[error("the id token's {claim} is {found}, expected a number of seconds")]
    NotATime {
        /// The claim.
        claim: &'static str,
        /// Its value.
        found: Excerpt,
    },
    /// `exp` has passed.
    #[error("the id token expired at {expired}, now it is {now}")]
    Expired {
        /// The `exp`.
        expired: UnixSeconds,
        /// Our time.
        now: UnixSeconds,
    },
    /// `iat` lies ahead.
    #[error("the id token was issued at {issued}{}, our clock says {now}", ahead(*issued, *now))]
    IssuedInFuture {
        /// The `iat`.
        issued: UnixSeconds,
        /// Our time.
        now: UnixSeconds,
    },
    /// `iat` is more than a day ago.
    #[error("the id token was issued at {issued}, more than a day before {now}")]
    IssuedTooLongAgo {
        /// The `iat`.
        issued: UnixSeconds,
        /// Our time.
        now: UnixSeconds,
    },
    /// `nbf` lies ahead.
    #[error("the id token is valid from {valid_from}{}, our clock says {now}", ahead(*valid_from, *now))]
    NotYetValid {
        /// The `nbf`.
        valid_from: UnixSeconds,
        /// Our time.
        now: UnixSeconds,
    },
    /// `auth_time` is longer ago than the `max_age` asked for.
    #[error("the user authenticated at {authenticated}, too long before {now}")]
    AuthenticatedTooLongAgo {
        /// The `auth_time`.
        authenticated: UnixSeconds,
        /// Our time.
        now: UnixSeconds,
    },
    /// The nonce is not the one of this attempt.
    #[error("the id token's nonce is not the one that was sent")]
    Nonce,
    /// `sub` is not text of 1 to 255 bytes, or is blank, or holds control characters.
    #[error("the id token's subject is {found}, expected {SUBJECT}")]
    Subject {
        /// What the `sub` is: its kind, never itself.
        found: Excerpt,
    },
    /// `at_hash` does not fit the access token.
    #[error("the id token does not belong to the access token that came with it")]
    AccessTokenHash,
    /// `c_hash` does not fit the code.
    #[error("the id token does not belong to the code that came with it")]
    CodeHash,
}

fn ahead(time: UnixSeconds, now: UnixSeconds) -> String {
    if time.seems_milliseconds() {
        String::new()
    } else {
        format!(" ({} s ahead)", time.0.saturating_sub(now.0))
    }
}

impl IdTokenError {
    /// Whether the token may be by a key that the provider has published since: then its keys are fetched again and the
    /// token is verified once more.
    #[must_use]
    pub const fn is_unknown_key(&self) -> bool {
        matches!(self, Self::Jws(JwsError::UnknownKey { .. } | JwsError::LeftOut { .. }))
    }

    /// Whether the token names a key that is known and yet does not verify by it: the key may have been replaced under
    /// its name.
    #[must_use]
    pub const fn is_other_key(&self) -> bool {
        let signature = matches!(self, Self::Jws(JwsError::Signature | JwsError::SignatureLength { .. }));
        signature || matches!(self, Self::Jws(JwsError::KeyUnfit { .. }))
    }

    /// Whether the token is signed with an algorithm that the provider has not announced, or had not when it was asked.
    #[must_use]
    pub const fn is_other_algorithm(&self) -> bool {
        matches!(self, Self::Jws(JwsError::Algorithm { .. }))
    }
}

impl Refusal for IdTokenError {
    fn code(&self) -> &'static str {
        match self {
            Self::Jws(error) => error.code(),
            Self::Payload(_) => "id_token_payload",
            Self::Issuer { .. } => "id_token_issuer",
            Self::Tenant { .. } => "id_token_tenant",
            Self::Audience { .. } => "id_token_audience",
            Self::OtherAudience { .. } => "id_token_other_audience",
            Self::AuthorizedParty { .. } => "id_token_authorized_party",
            Self::Missing(_) => "id_token_claim_missing",
            Self::NotATime { .. } => "id_token_time_malformed",
            Self::Expired { .. } => "id_token_expired",
            Self::IssuedInFuture { .. } => "id_token_issued_in_future",
            Self::IssuedTooLongAgo { .. } => "id_token_too_old",
            Self::NotYetValid { .. } => "id_token_not_yet_valid",
            Self::AuthenticatedTooLongAgo { .. } => "id_token_authentication_too_old",
            Self::Nonce => "id_token_nonce",
            Self::Subject { .. } => "id_token_subject",
            Self::AccessTokenHash => "id_token_access_token_hash",
            Self::CodeHash => "id_token_code_hash",
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Jws(error) => error.found(),
            Self::Payload(error) => error.found(),
            Self::Issuer { found, .. }
            | Self::Tenant { found, .. }
            | Self::Audience { found, .. }
            | Self::OtherAudience { found, .. }
            | Self::AuthorizedParty { found, .. }
            | Self::Subject { found } => Some(found.to_string()),
            Self::NotATime { claim, found } => Some(format!("{claim}: {found}")),
            Self::Expired { expired: time, .. }
            | Self::IssuedInFuture { issued: time, .. }
            | Self::IssuedTooLongAgo { issued: time, .. }
            | Self::NotYetValid { valid_from: time, .. }
            | Self::AuthenticatedTooLongAgo { authenticated: time, .. } => Some(time.to_string()),
            Self::Missing(claim) => Some(format!("no {claim}")),
            Self::Nonce => Some("another nonce".to_owned()),
            Self::AccessTokenHash => Some("another at_hash".to_owned()),
            Self::CodeHash => Some("another c_hash".to_owned()),
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::Jws(error) => error.expected(),
            Self::Issuer { expected, .. }
            | Self::Tenant { expected, .. }
            | Self::Audience { expected, .. }
            | Self::AuthorizedParty { expected, .. } => Some(expected.to_string()),
            Self::OtherAudience { expected, .. } => Some(format!("azp: {expected}")),
            Self::Missing(claim) => Some((*claim).to_owned()),
            Self::NotATime { .. } => Some("a number of seconds".to_owned()),
            Self::Expired { now, .. } => Some(format!("after {now}")),
            Self::IssuedInFuture { now, .. } | Self::NotYetValid { now, .. } => {
                Some(format!("not after {now}"))
            }
            Self::IssuedTooLongAgo { now, .. } | Self::AuthenticatedTooLongAgo { now, .. } => {
                Some(format!("shortly before {now}"))
            }
            Self::Subject { .. } => Some(SUBJECT.to_owned()),
            Self::Payload(_) => Some("one JSON object of claims, each named once".to_owned()),
            Self::Nonce => Some("the nonce of the request".to_owned()),
            Self::AccessTokenHash => Some("the hash of the access token that came with it".to_owned()),
            Self::CodeHash => Some("the hash of the code that came with it".to_owned()),
        }
    }
}
