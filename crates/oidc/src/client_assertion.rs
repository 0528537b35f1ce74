//! The other side of `private_key_jwt` (RFC 7523 section 3): a client proves itself to us.

use serde_json::Value;
use thiserror::Error;

use crate::client_auth::ASSERTION_TYPE;
use crate::error::{Excerpt, excerpt_of_member};
use crate::jose::{AlgorithmSet, JwkSet, JwsError, b64, jws};
use crate::json::{self, Object};
use crate::time::UnixSeconds;

/// What clients sign with; no other is announced.
pub const ALGORITHMS: [&str; 6] = ["RS256", "RS384", "PS256", "PS384", "ES256", "ES384"];
/// The longest that an assertion may live from now on, in seconds.
const MOST_SECONDS: i64 = 600;
/// Tolerance between the clocks, in seconds.
const SKEW_SECONDS: i64 = 60;
/// Most bytes of an assertion.
const MOST_BYTES: usize = 8 * 1024;
/// Most bytes of its identifier.
const MOST_ID_BYTES: usize = 255;

/// What is expected of an assertion.
#[derive(Clone, Copy, Debug)]
pub struct AssertionExpectations<'a> {
    /// The keys that the client has registered.
    pub keys: &'a JwkSet,
    /// The client.
    pub client_id: &'a str,
    /// What we are called; the assertion is for exactly one of these.
    pub audiences: &'a [&'a str],
    /// The current time.
    pub now: UnixSeconds,
}

/// An assertion that passed every check but one: that nobody used it before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedAssertion {
    /// Its identifier. Whoever takes the assertion has to remember it until [`Self::forget_after`].
    pub id: String,
    /// When it would be refused in any case.
    pub forget_after: UnixSeconds,
}

/// Why an assertion is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AssertionError {
    /// It is too long, or not a token of ours to judge.
    #[error("the assertion cannot be read")]
    Unreadable,
    /// Its signature does not hold.
    #[error("{0}")]
    Jws(JwsError),
    /// A claim is missing or not of its type.
    #[error("the claim {0} is missing or not of its type")]
    Claim(&'static str),
    /// It is about another client.
    #[error("iss and sub must both be the client's id")]
    Client,
    /// It is meant for somebody else.
    #[error("the audience is {found}, expected {expected}")]
    Audience {
        /// The `aud`.
        found: Excerpt,
        /// What would do.
        expected: String,
    },
    /// It is over.
    #[error("the assertion expired at {0}")]
    Expired(UnixSeconds),
    /// It lives longer than it may, or is of a time to come.
    #[error("the assertion may live at most {MOST_SECONDS} seconds and must not begin in the future")]
    Lifetime,
}

/// Which client an assertion claims to be from, whatever it is worth: to find the keys to judge it by.
#[must_use]
pub fn claimed_client(compact: &str) -> Option<String> {
    if compact.len() > MOST_BYTES {
        return None;
    }
    let payload = b64::decode(compact.split('.').nth(1)?)?;
    let claims = json::parse_object(&payload, MOST_BYTES).ok()?;
    claims.get("sub")?.as_str().map(str::to_owned)
}

/// Verifies an assertion: signature first, then every claim.
///
/// # Errors
/// [`AssertionError`] names the first check that failed.
pub fn verify(
    compact: &str,
    expectations: &AssertionExpectations<'_>,
) -> Result<VerifiedAssertion, AssertionError> {
    if compact.len() > MOST_BYTES {
        return Err(AssertionError::Unreadable);
    }
    let allowed = AlgorithmSet::from_names(ALGORITHMS);
    let types = ["JWT", ASSERTION_TYPE];
    let signed =
        jws::verify_typed(compact, expectations.keys, allowed, &types).map_err(AssertionError::Jws)?;
    let claims = json::parse_object(signed.payload(), MOST_BYTES).map_err(|_| AssertionError::Unreadable)?;
    for name in ["iss", "sub"] {
        if claims.get(name).and_then(Value::as_str) != Some(expectations.client_id) {
            return Err(AssertionError::Client);
        }
    }
    check_audience(&claims, expectations.audiences)?;
    let expires = check_times(&claims, expectations.now)?;
    let id = claims.get("jti").and_then(Value::as_str);
    let id = id.filter(|id| (1..=MOST_ID_BYTES).contains(&id.len()));
    let id = id.ok_or(AssertionError::Claim("jti"))?.to_owned();
    Ok(VerifiedAssertion { id, forget_after: expires.plus(SKEW_SECONDS) })
}

/// For us and nobody else: what another server may take as well could have been made for it.
fn check_audience(claims: &Object, audiences: &[&str]) -> Result<(), AssertionError> {
    let found = claims.get("aud");
    let only = match found {
        Some(Value::String(one)) => Some(one.as_str()),
        Some(Value::Array(list)) if list.len() == 1 => list.first().and_then(Value::as_str),
        _ => None,
    };
    if only.is_some_and(|only| audiences.contains(&only)) {
        return Ok(());
    }
    Err(AssertionError::Audience {
        found: excerpt_of_member(found),
        expected: audiences.first().copied().unwrap_or_default().to_owned(),
    })
}

fn check_times(claims: &Object, now: UnixSeconds) -> Result<UnixSeconds, AssertionError> {
    let time = |name: &'static str| match claims.get(name) {
        None => Ok(None),
        Some(value) => value.as_i64().map(UnixSeconds).map(Some).ok_or(AssertionError::Claim(name)),
    };
    let expires = time("exp")?.ok_or(AssertionError::Claim("exp"))?;
    if now >= expires.plus(SKEW_SECONDS) {
        return Err(AssertionError::Expired(expires));
    }
    let begins = [time("iat")?, time("nbf")?].into_iter().flatten().max();
    let is_ahead = begins.is_some_and(|begins| begins > now.plus(SKEW_SECONDS));
    if is_ahead || expires > now.plus(MOST_SECONDS + SKEW_SECONDS) {
        return Err(AssertionError::Lifetime);
    }
    Ok(expires)
}
