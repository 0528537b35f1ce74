//! Redeeming a code at the token endpoint (OpenID Connect Core 3.1.3): the request, and the judgement of the answer.

use std::fmt;

use serde_json::Value;
use thiserror::Error;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::callback::{AuthorizationCode, UnverifiedIdToken};
use crate::client_auth::{ClientAuth, ClientAuthError};
use crate::error::{Excerpt, JsonError, Refusal};
use crate::json::{self, Object};
use crate::pkce::CodeVerifier;
use crate::request::Request;

/// Most bytes of a token response.
const MOST_BYTES: usize = 256 * 1024;

/// Most bytes of an error in form encoding that are looked at.
const MOST_FORM_BYTES: usize = 8192;

/// A request to redeem a code.
#[derive(Clone, Copy, Debug)]
pub struct TokenRequest<'a> {
    /// The token endpoint; its query is kept.
    pub endpoint: &'a Url,
    /// Our name at the provider.
    pub client_id: &'a str,
    /// How we prove it.
    pub auth: ClientAuth<'a>,
    /// The code.
    pub code: &'a AuthorizationCode,
    /// The redirect URI that the code was sent to, exactly as in the authorization request.
    pub redirect_uri: &'a str,
    /// The verifier of the challenge that was sent, if one was.
    pub verifier: Option<&'a CodeVerifier>,
}

impl TokenRequest<'_> {
    /// The request to send.
    ///
    /// # Errors
    /// [`ClientAuthError`] when the client cannot authenticate in the way asked for.
    pub fn build(&self) -> Result<Request, ClientAuthError> {
        let credentials = self.auth.credentials(self.client_id)?;
        let verifier = self.verifier.map(|verifier| ("code_verifier", verifier.expose()));
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", self.code.expose())
            .append_pair("redirect_uri", self.redirect_uri)
            .extend_pairs(verifier)
            .extend_pairs(&credentials.form)
            .finish();
        let request = Request::post_form(self.endpoint.clone(), body);
        Ok(match credentials.authorization {
            Some(authorization) => request.with_header("authorization", authorization),
            None => request,
        })
    }
}

/// A bearer token of the provider. It does not print.
#[derive(Clone)]
pub struct AccessToken(Zeroizing<String>);

impl AccessToken {
    /// Takes a token of visible ASCII (RFC 6749 appendix A.12), so that it cannot break a header; otherwise `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let visible = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        visible.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The token.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(..)")
    }
}

/// A good token response. The id token in it is not verified yet.
#[derive(Debug)]
pub struct TokenResponse {
    /// The id token.
    pub id_token: UnverifiedIdToken,
    /// For the userinfo endpoint. A provider that was asked for nothing but the scope `openid` may give none.
    pub access_token: Option<AccessToken>,
    /// Seconds that the access token lives, when the provider says.
    pub expires_in: Option<i64>,
    /// The scopes granted, when they differ from those asked for.
    pub scope: Option<String>,
}

/// The errors of RFC 6749 section 5.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenErrorCode {
    /// The client is unknown or its authentication failed.
    InvalidClient,
    /// The code is wrong, expired, used, or of another client or redirect URI.
    InvalidGrant,
    /// The request is not well-formed.
    InvalidRequest,
    /// The scope is not acceptable.
    InvalidScope,
    /// The client may not use this grant.
    UnauthorizedClient,
    /// The provider does not do codes.
    UnsupportedGrantType,
    /// Something that no standard names.
    Other(Excerpt),
}

impl TokenErrorCode {
    fn parse(text: &str) -> Self {
        match text {
            "invalid_client" => Self::InvalidClient,
            "invalid_grant" => Self::InvalidGrant,
            "invalid_request" => Self::InvalidRequest,
            "invalid_scope" => Self::InvalidScope,
            "unauthorized_client" => Self::UnauthorizedClient,
            "unsupported_grant_type" => Self::UnsupportedGrantType,
            other => Self::Other(Excerpt::of(other)),
        }
    }
}

impl fmt::Display for TokenErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidRequest => "invalid_request",
            Self::InvalidScope => "invalid_scope",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::Other(text) => text.as_str(),
        })
    }
}

/// Why a token response is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// The provider refused.
    #[error("the token endpoint answered {error}{}", description.as_ref().map_or_else(String::new, |text| format!(": {text}")))]
    Provider {
        /// The `error` member.
        error: TokenErrorCode,
        /// The `error_description` member.
        description: Option<Excerpt>,
    },
    /// A status other than 200, without an error that can be read.
    #[error("the token endpoint answered with status {0}, expected 200, and gave no reason that can be read")]
    Status(u16),
    /// Not one JSON object of at most 256 KiB.
    #[error("the token response: {0}")]
    Json(#[from] JsonError),
    /// A member is missing or not of its type.
    #[error("the token response's {0} is missing or not of its type")]
    Member(&'static str),
    /// `token_type` is not `Bearer`.
    #[error("the token type is {found}, expected Bearer")]
    TokenType {
        /// The `token_type`.
        found: Excerpt,
    },
}

impl Refusal for TokenError {
    fn code(&self) -> &'static str {
        match self {
            Self::Provider { .. } => "token_endpoint_error",
            Self::Status(_) => "token_endpoint_status",
            Self::Json(_) => "token_endpoint_json",
            Self::Member(_) => "token_endpoint_member",
            Self::TokenType { .. } => "token_endpoint_type",
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Provider { error, description: None } => Some(error.to_string()),
            Self::Provider { error, description: Some(text) } => Some(format!("{error}: {text}")),
            Self::Status(status) => Some(status.to_string()),
            Self::TokenType { found } => Some(found.to_string()),
            Self::Json(error) => error.found(),
            Self::Member(_) => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::Status(_) => Some("200".to_owned()),
            Self::Member(name) => Some((*name).to_owned()),
            Self::TokenType { .. } => Some("Bearer".to_owned()),
            Self::Provider { .. } => Some("tokens".to_owned()),
            Self::Json(_) => Some("a JSON object".to_owned()),
        }
    }
}

/// Judges the answer to a [`TokenRequest`].
///
/// # Errors
/// [`TokenError`] when the provider refused, or the answer lacks a usable id token, or has an access token that is none.
pub fn parse(status: u16, body: &[u8]) -> Result<TokenResponse, TokenError> {
    let parsed = json::parse_document(body, MOST_BYTES);
    if status != 200 {
        let reason = match &parsed {
            Ok(document) => provider_error(document),
            Err(_) => provider_error(&form(body)),
        };
        return Err(reason.unwrap_or(TokenError::Status(status)));
    }
    let document = parsed?;
    if document.contains_key("error") || document.contains_key("errorCode") {
        return Err(provider_error(&document).unwrap_or(TokenError::Member("id_token")));
    }
    let access_token = access_token(&document)?;
    if access_token.is_some() {
        let token_type = text(&document, "token_type")?;
        if !token_type.eq_ignore_ascii_case("Bearer") {
            return Err(TokenError::TokenType { found: Excerpt::of(token_type) });
        }
    }
    Ok(TokenResponse {
        id_token: UnverifiedIdToken::new(text(&document, "id_token")?),
        access_token,
        expires_in: document.get("expires_in").and_then(seconds),
        scope: document.get("scope").and_then(Value::as_str).map(str::to_owned),
    })
}

fn access_token(document: &Object) -> Result<Option<AccessToken>, TokenError> {
    match document.get("access_token") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => {
            AccessToken::parse(text).map(Some).ok_or(TokenError::Member("access_token"))
        }
        Some(_) => Err(TokenError::Member("access_token")),
    }
}

/// The provider's own reason: the members of RFC 6749 section 5.2, or those of Okta, of an error that is an object, or of
/// RFC 9457. Only members with these names are ever shown of an answer.
fn provider_error(document: &Object) -> Option<TokenError> {
    const CODES: [&str; 7] = ["error", "errorCode", "error_code", "code", "status", "title", "type"];
    const REASONS: [&str; 6] =
        ["error_description", "errorSummary", "error_message", "errorMessage", "message", "detail"];
    let inner = document.get("error").and_then(Value::as_object).unwrap_or(document);
    let first = |names: &[&str]| names.iter().find_map(|name| shown(inner.get(*name)?));
    let error = first(&CODES).map(|code| TokenErrorCode::parse(&code));
    let description = first(&REASONS).map(|text| Excerpt::of(&text));
    match (error, description) {
        (Some(error), description) => Some(TokenError::Provider { error, description }),
        (None, Some(description)) => {
            Some(TokenError::Provider { error: TokenErrorCode::Other(description), description: None })
        }
        (None, None) => None,
    }
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A body that is a form, as some servers write their errors; of anything else a form makes nothing that is looked for.
fn form(body: &[u8]) -> Object {
    let body = body.get(..MOST_FORM_BYTES).unwrap_or(body);
    form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), Value::from(value))).collect()
}

fn text<'a>(document: &'a Object, name: &'static str) -> Result<&'a str, TokenError> {
    document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).ok_or(TokenError::Member(name))
}

/// Some providers write the number as text. What cannot be read is taken as not said.
fn seconds(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok()).filter(|seconds| *seconds >= 0)
}
