//! The id token (OpenID Connect Core section 2): the only place where a token becomes an identity.

use std::fmt;

use aws_lc_rs::digest;
use serde_json::Value;
use subtle::ConstantTimeEq as _;

use crate::error::{Excerpt, excerpt_of_json, excerpt_of_member, kind_of};
use crate::issuer::IssuerRule;
use crate::jose::{AlgorithmSet, Header, HmacKey, JwkSet, VerifiedJws, b64, jws};
use crate::json::{self, Object};
use crate::time::UnixSeconds;

pub use crate::id_token_error::IdTokenError;

/// The usual tolerance between two clocks, in seconds.
pub const DEFAULT_SKEW_SECONDS: i64 = 60;
/// The oldest that a token may be, in seconds: a day.
const MOST_AGE_SECONDS: i64 = 24 * 60 * 60;
/// Claims that are named when one is missing.
const MOST_NAMES: usize = 50;
/// Most bytes of a subject (section 2).
const MOST_SUBJECT_BYTES: usize = 255;

/// What the signature is checked with.
#[derive(Clone, Copy, Debug)]
pub enum TokenKeys<'a> {
    /// The keys that the provider publishes, and the algorithms that the connection allows.
    Published {
        /// The keys.
        keys: &'a JwkSet,
        /// The allow-list.
        allowed: AlgorithmSet,
    },
    /// The client secret, for a connection that was explicitly set to HMAC.
    ClientSecret(&'a HmacKey),
}

/// The nonce of a request (OpenID Connect Core 3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nonce<'a> {
    /// It was sent, and the token must repeat it. An empty one is never met.
    Sent(&'a str),
    /// None was sent, because the provider takes none. Some write one all the same: it says nothing about the request.
    NotSent,
}

/// What is expected of an id token.
#[derive(Clone, Copy, Debug)]
pub struct IdTokenExpectations<'a> {
    /// How the signature is checked.
    pub keys: TokenKeys<'a>,
    /// How the issuer is judged.
    pub issuer: &'a IssuerRule,
    /// Our name at the provider: the audience.
    pub client_id: &'a str,
    /// The nonce of this attempt.
    pub nonce: Nonce<'a>,
    /// The current time.
    pub now: UnixSeconds,
    /// Tolerance between the clocks, in seconds; see [`DEFAULT_SKEW_SECONDS`].
    pub skew_seconds: i64,
    /// The `max_age` that was asked for, in seconds; then `auth_time` is required.
    pub max_age_seconds: Option<i64>,
    /// The access token that came along: `at_hash` must fit it, when there is one.
    pub access_token: Option<&'a str>,
    /// The code that came along: `c_hash` must fit it, when there is one.
    pub code: Option<&'a str>,
}

/// An id token that passed every check. [`verify`] is the only way to one.
#[derive(Clone)]
pub struct VerifiedIdToken {
    header: Header,
    subject: String,
    claims: Object,
}

impl VerifiedIdToken {
    /// Who signed in: unique within the issuer and never reassigned, 1 to 255 bytes that are not blank and hold no control
    /// characters.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// One claim.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// When the provider asked the person (`auth_time`), if it says so in a way that can be read.
    #[must_use]
    pub fn authenticated_at(&self) -> Option<UnixSeconds> {
        time(&self.claims, "auth_time").ok().flatten()
    }

    /// Every claim.
    #[must_use]
    pub const fn claims(&self) -> &Object {
        &self.claims
    }

    /// The header of the verified token.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Entra: the tenant (`tid`). Together with [`VerifiedIdToken::entra_object_id`] it is the identity there, because
    /// `sub` differs for each application.
    #[must_use]
    pub fn entra_tenant_id(&self) -> Option<&str> {
        self.text("tid")
    }

    /// Entra: the user within the tenant (`oid`).
    #[must_use]
    pub fn entra_object_id(&self) -> Option<&str> {
        self.text("oid")
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
    }
}

impl fmt::Debug for VerifiedIdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedIdToken").field("header", &self.header).finish_non_exhaustive()
    }
}

/// Verifies an id token: signature first, then every claim (OpenID Connect Core 3.1.3.7 and 3.2.2.11).
///
/// # Errors
/// [`IdTokenError`] names the first check that failed, with what was found and what was expected.
pub fn verify(
    compact: &str,
    expectations: &IdTokenExpectations<'_>,
) -> Result<VerifiedIdToken, IdTokenError> {
    let signed = check_signature(compact, &expectations.keys)?;
    let claims = json::parse_object(signed.payload(), jws::MOST_BYTES).map_err(IdTokenError::Payload)?;
    check_issuer(&claims, expectations.issuer)?;
    check_audience(&claims, expectations.client_id)?;
    check_times(&claims, expectations)?;
    check_nonce(&claims, expectations.nonce)?;
    let hash = signed.header().hash();
    if !hash_fits(&claims, "at_hash", expectations.access_token, hash) {
        return Err(IdTokenError::AccessTokenHash);
    }
    if !hash_fits(&claims, "c_hash", expectations.code, hash) {
        return Err(IdTokenError::CodeHash);
    }
    let subject = subject(&claims)?;
    Ok(VerifiedIdToken { header: signed.header().clone(), subject, claims })
}

/// The names of a token's claims, whatever it is worth: what came, when something is missing. Never a value.
#[must_use]
pub fn claim_names(compact: &str) -> Vec<Excerpt> {
    let payload = compact.split('.').nth(1).and_then(b64::decode).unwrap_or_default();
    let claims = json::parse_object(&payload, jws::MOST_BYTES).unwrap_or_default();
    claims.keys().take(MOST_NAMES).map(|name| Excerpt::of(name)).collect()
}

fn check_signature(compact: &str, keys: &TokenKeys<'_>) -> Result<VerifiedJws, IdTokenError> {
    let verified = match keys {
        TokenKeys::Published { keys, allowed } => jws::verify(compact, keys, *allowed),
        TokenKeys::ClientSecret(key) => jws::verify_hmac(compact, key),
    };
    verified.map_err(IdTokenError::Jws)
}

fn check_issuer(claims: &Object, rule: &IssuerRule) -> Result<(), IdTokenError> {
    let expected = rule.issuer().as_str();
    let found = claims.get("iss");
    if found.and_then(Value::as_str) != Some(expected) {
        return Err(IdTokenError::Issuer {
            found: excerpt_of_member(found),
            expected: Excerpt::of(expected),
        });
    }
    let Some(tenant) = rule.tenant() else { return Ok(()) };
    let found = claims.get("tid");
    if found.and_then(Value::as_str) != Some(tenant.as_str()) {
        let expected = Excerpt::of(tenant.as_str());
        return Err(IdTokenError::Tenant { found: excerpt_of_member(found), expected });
    }
    Ok(())
}

fn check_audience(claims: &Object, client_id: &str) -> Result<(), IdTokenError> {
    let aud = claims.get("aud");
    let azp = claims.get("azp");
    let expected = || Excerpt::of(client_id);
    let (ours, others) = audience(aud, client_id);
    if !ours {
        return Err(IdTokenError::Audience { found: excerpt_of_member(aud), expected: expected() });
    }
    let is_authorized = azp.and_then(Value::as_str) == Some(client_id);
    match azp {
        None if others => {
            Err(IdTokenError::OtherAudience { found: excerpt_of_member(aud), expected: expected() })
        }
        Some(found) if !is_authorized => {
            Err(IdTokenError::AuthorizedParty { found: excerpt_of_json(found), expected: expected() })
        }
        None | Some(_) => Ok(()),
    }
}

/// Whether we are in the audience, and whether anything else is.
fn audience(aud: Option<&Value>, client_id: &str) -> (bool, bool) {
    match aud {
        Some(Value::String(one)) => (one == client_id, one != client_id),
        Some(Value::Array(many)) => {
            let is_ours = |entry: &Value| entry.as_str() == Some(client_id);
            (many.iter().any(is_ours), !many.iter().all(is_ours))
        }
        _ => (false, true),
    }
}

fn check_times(claims: &Object, expectations: &IdTokenExpectations<'_>) -> Result<(), IdTokenError> {
    let (now, skew) = (expectations.now, expectations.skew_seconds);
    let expires = required_time(claims, "exp")?;
    if now >= expires.plus(skew) {
        return Err(IdTokenError::Expired { expired: expires, now });
    }
    let issued = required_time(claims, "iat")?;
    if issued > now.plus(skew) {
        return Err(IdTokenError::IssuedInFuture { issued, now });
    }
    if issued < now.minus(MOST_AGE_SECONDS) {
        return Err(IdTokenError::IssuedTooLongAgo { issued, now });
    }
    if let Some(valid_from) = time(claims, "nbf")?
        && valid_from > now.plus(skew)
    {
        return Err(IdTokenError::NotYetValid { valid_from, now });
    }
    let Some(max_age) = expectations.max_age_seconds else { return Ok(()) };
    let authenticated = required_time(claims, "auth_time")?;
    if now > authenticated.plus(max_age).plus(skew) {
        return Err(IdTokenError::AuthenticatedTooLongAgo { authenticated, now });
    }
    Ok(())
}

fn required_time(claims: &Object, claim: &'static str) -> Result<UnixSeconds, IdTokenError> {
    time(claims, claim)?.ok_or(IdTokenError::Missing(claim))
}

/// A `NumericDate` may have a fraction (RFC 7519 section 2); the part below a second is dropped.
fn time(claims: &Object, claim: &'static str) -> Result<Option<UnixSeconds>, IdTokenError> {
    let Some(value) = claims.get(claim) else { return Ok(None) };
    let seconds = value.as_i64().or_else(|| value.as_f64().and_then(whole_seconds));
    let Some(seconds) = seconds else {
        return Err(IdTokenError::NotATime { claim, found: excerpt_of_json(value) });
    };
    Ok(Some(UnixSeconds(seconds)))
}

#[expect(clippy::cast_possible_truncation, reason = "the range was checked, and the fraction is meant to go")]
fn whole_seconds(number: f64) -> Option<i64> {
    // Up to 2^53 every whole number has its own f64.
    (number.abs() <= 9_007_199_254_740_992.0).then(|| number.floor() as i64)
}

fn check_nonce(claims: &Object, nonce: Nonce<'_>) -> Result<(), IdTokenError> {
    let Nonce::Sent(expected) = nonce else { return Ok(()) };
    let found = claims.get("nonce").and_then(Value::as_str).ok_or(IdTokenError::Missing("nonce"))?;
    let same: bool = found.as_bytes().ct_eq(expected.as_bytes()).into();
    if !same || expected.is_empty() {
        return Err(IdTokenError::Nonce);
    }
    Ok(())
}

/// Whether the claim is absent, has nothing to be compared with, or is the left half of the hash of `value`
/// (OpenID Connect Core 3.1.3.6 and 3.3.2.11).
fn hash_fits(
    claims: &Object,
    claim: &str,
    value: Option<&str>,
    algorithm: &'static digest::Algorithm,
) -> bool {
    let (Some(found), Some(value)) = (claims.get(claim), value) else { return true };
    let hash = digest::digest(algorithm, value.as_bytes());
    let Some((left, _)) = hash.as_ref().split_at_checked(algorithm.output_len() / 2) else { return false };
    let expected = b64::encode(left);
    found.as_str().is_some_and(|found| found.as_bytes().ct_eq(expected.as_bytes()).into())
}

fn subject(claims: &Object) -> Result<String, IdTokenError> {
    let found = claims.get("sub").ok_or(IdTokenError::Missing("sub"))?;
    let wrong = match found {
        Value::String(text) if text.trim().is_empty() => "an empty text".to_owned(),
        Value::String(text) if text.len() > MOST_SUBJECT_BYTES => format!("a text of {} bytes", text.len()),
        Value::String(text) if text.chars().any(char::is_control) => {
            "a text with control characters".to_owned()
        }
        Value::String(text) => return Ok(text.clone()),
        other => kind_of(other),
    };
    Err(IdTokenError::Subject { found: Excerpt::of(&wrong) })
}
