//! The userinfo endpoint (OpenID Connect Core 5.3), asked only when the id token lacks something.

use std::fmt;

use serde_json::Value;
use thiserror::Error;
use url::Url;

use crate::error::{Excerpt, JsonError, Refusal};
use crate::id_token::VerifiedIdToken;
use crate::json::{self, Object};
use crate::request::Request;
use crate::token::AccessToken;

/// Most bytes of a userinfo response.
const MOST_BYTES: usize = 256 * 1024;

/// Makes the request; the access token goes into the header (RFC 6750 section 2.1).
#[must_use]
pub fn request(endpoint: &Url, access_token: &AccessToken) -> Request {
    Request::get(endpoint.clone()).with_header("authorization", format!("Bearer {}", access_token.expose()))
}

/// Whether any of the `required` claims is absent (or null) in the id token, so that it is worth asking.
#[must_use]
pub fn is_needed(id_token: &VerifiedIdToken, required: &[&str]) -> bool {
    required.iter().any(|name| id_token.claim(name).is_none_or(Value::is_null))
}

/// Whether the id token names an address and leaves unsaid whether it was verified, so that the answer may be at userinfo.
#[must_use]
pub fn may_say_verified(id_token: &VerifiedIdToken) -> bool {
    let is_said = |name| id_token.claim(name).is_some_and(|value| !value.is_null());
    is_said("email") && !is_said("email_verified") && !is_said("xms_edov")
}

/// Claims about the subject of one verified id token. [`parse`] is the only way to them.
#[derive(Clone)]
pub struct Userinfo {
    claims: Object,
}

impl Userinfo {
    /// One claim.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// Every claim.
    #[must_use]
    pub const fn claims(&self) -> &Object {
        &self.claims
    }
}

impl fmt::Debug for Userinfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Userinfo").finish_non_exhaustive()
    }
}

/// Why a userinfo response is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UserinfoError {
    /// A status other than 200.
    #[error("the userinfo endpoint answered with status {0}, expected 200")]
    Status(u16),
    /// The claims come as a JWT, which we do not ask for.
    #[error("the userinfo response is signed or encrypted; configure the client for plain JSON")]
    Jwt,
    /// Not one JSON object of at most 256 KiB.
    #[error("the userinfo response: {0}")]
    Json(#[from] JsonError),
    /// `sub` is absent or not text.
    #[error("the userinfo response has no sub")]
    SubjectMissing,
    /// `sub` is somebody else (OpenID Connect Core 5.3.2): the tokens were mixed up or swapped.
    #[error("the userinfo response is about {found}, expected {expected}")]
    SubjectMismatch {
        /// The `sub` found.
        found: Excerpt,
        /// The id token's `sub`.
        expected: Excerpt,
    },
}

impl Refusal for UserinfoError {
    fn code(&self) -> &'static str {
        match self {
            Self::Status(_) => "userinfo_status",
            Self::Jwt => "userinfo_signed",
            Self::Json(_) => "userinfo_json",
            Self::SubjectMissing => "userinfo_subject_missing",
            Self::SubjectMismatch { .. } => "userinfo_subject_mismatch",
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Status(status) => Some(status.to_string()),
            Self::Jwt => Some("application/jwt".to_owned()),
            Self::Json(error) => error.found(),
            Self::SubjectMissing => None,
            Self::SubjectMismatch { found, .. } => Some(found.to_string()),
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::Status(_) => Some("200".to_owned()),
            Self::Jwt => Some("application/json".to_owned()),
            Self::Json(_) => Some("a JSON object".to_owned()),
            Self::SubjectMissing => Some("sub".to_owned()),
            Self::SubjectMismatch { expected, .. } => Some(expected.to_string()),
        }
    }
}

/// Judges the answer to [`request`].
///
/// # Errors
/// [`UserinfoError`] when it is not plain JSON about the subject of `id_token`.
pub fn parse(
    status: u16,
    content_type: Option<&str>,
    body: &[u8],
    id_token: &VerifiedIdToken,
) -> Result<Userinfo, UserinfoError> {
    if status != 200 {
        return Err(UserinfoError::Status(status));
    }
    if content_type.is_some_and(is_jwt) {
        return Err(UserinfoError::Jwt);
    }
    let claims = json::parse_document(body, MOST_BYTES)?;
    let found = claims.get("sub").and_then(Value::as_str).ok_or(UserinfoError::SubjectMissing)?;
    if found != id_token.subject() {
        let expected = Excerpt::of(id_token.subject());
        return Err(UserinfoError::SubjectMismatch { found: Excerpt::of(found), expected });
    }
    Ok(Userinfo { claims })
}

fn is_jwt(content_type: &str) -> bool {
    content_type.split(';').next().is_some_and(|media| media.trim().eq_ignore_ascii_case("application/jwt"))
}
