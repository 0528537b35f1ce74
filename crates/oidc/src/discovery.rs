//! Provider metadata (OpenID Connect Discovery 1.0): the request, and the judgement of the answer.

use serde_json::Value;
use thiserror::Error;
use url::Url;

use crate::client_auth::ClientAuthMethod;
use crate::error::{Excerpt, JsonError, Refusal, excerpt_of_member};
use crate::issuer::{Issuer, IssuerMismatch, IssuerRule, UrlError, UrlPolicy, parse_endpoint};
use crate::jose::{AlgorithmSet, HmacAlgorithm};
use crate::json::{self, Object};
use crate::pkce::ChallengeMethod;
use crate::request::Request;

/// Most bytes of a discovery document.
const MOST_BYTES: usize = 256 * 1024;

/// Makes the request for an issuer's metadata: `{issuer}/.well-known/openid-configuration`, where one slash at the end
/// of the issuer does not count (section 4.1).
///
/// # Errors
/// [`UrlError`] when the issuer is too long to carry the path.
pub fn request(issuer: &Issuer, policy: UrlPolicy) -> Result<Request, UrlError> {
    let base = issuer.as_str().strip_suffix('/').unwrap_or(issuer.as_str());
    let url = parse_endpoint(&format!("{base}/.well-known/openid-configuration"), policy)?;
    Ok(Request::get(url))
}

/// What an identity provider says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderMetadata {
    /// How the `iss` of id tokens is to be judged.
    pub issuer: IssuerRule,
    /// Where the browser goes.
    pub authorization_endpoint: Url,
    /// Where a code is redeemed; a provider of the implicit flow alone has none.
    pub token_endpoint: Option<Url>,
    /// Where more claims are, if anywhere.
    pub userinfo_endpoint: Option<Url>,
    /// Where the keys are.
    pub jwks_uri: Url,
    /// The asymmetric algorithms announced for id tokens; everything we know when the list is absent.
    pub id_token_algorithms: AlgorithmSet,
    /// The announced algorithms are all symmetric: the id tokens are signed with the client secret.
    pub announces_hmac_only: bool,
    /// The ways to authenticate at the token endpoint that are announced and that we know, in their order. When the
    /// list is absent: `client_secret_basic`, as section 3 says.
    pub client_auth_methods: Vec<ClientAuthMethod>,
    /// How challenges may be made, as far as we know the ways, in their order.
    pub challenge_methods: Vec<ChallengeMethod>,
    /// Whether authorization responses carry `iss` (RFC 9207).
    pub announces_response_issuer: bool,
}

/// Why a discovery document is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DiscoveryError {
    /// The answer was not 200.
    #[error("the discovery document was answered with status {0}, expected 200")]
    Status(u16),
    /// Not one JSON object of at most 256 KiB.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A member is missing, or not of its type.
    #[error("the discovery document's {name} is {found}, expected {expected}")]
    Member {
        /// The member.
        name: &'static str,
        /// What is there.
        found: Excerpt,
        /// What should be.
        expected: &'static str,
    },
    /// The document is about another issuer.
    #[error(transparent)]
    Issuer(#[from] IssuerMismatch),
    /// An endpoint is not a URL that we would call.
    #[error("the discovery document's {name}: {error}")]
    Endpoint {
        /// The member.
        name: &'static str,
        /// What is wrong with it.
        error: UrlError,
    },
}

impl Refusal for DiscoveryError {
    fn code(&self) -> &'static str {
        match self {
            Self::Status(_) => "discovery_status",
            Self::Json(error) => error.code(),
            Self::Member { .. } => "discovery_member",
            Self::Issuer(_) => "discovery_issuer_mismatch",
            Self::Endpoint { .. } => "discovery_endpoint",
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Status(status) => Some(status.to_string()),
            Self::Json(error) => error.found(),
            Self::Member { name, found, .. } => Some(format!("{name}: {found}")),
            Self::Issuer(mismatch) => Some(mismatch.found.to_string()),
            Self::Endpoint { name, error } => Some(format!("{name}: {}", error.found().unwrap_or_default())),
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::Status(_) => Some("200".to_owned()),
            Self::Json(_) => None,
            Self::Member { expected, .. } => Some((*expected).to_owned()),
            Self::Issuer(mismatch) => Some(mismatch.expected.to_string()),
            Self::Endpoint { .. } => Some("an https URL".to_owned()),
        }
    }
}

/// Judges the answer to [`request`].
///
/// # Errors
/// [`DiscoveryError`] when the status is not 200, the document is about another issuer than the configured one, or an
/// endpoint is missing or not a URL that `policy` allows.
pub fn parse(
    status: u16,
    body: &[u8],
    configured: &Issuer,
    policy: UrlPolicy,
) -> Result<ProviderMetadata, DiscoveryError> {
    if status != 200 {
        return Err(DiscoveryError::Status(status));
    }
    let document = json::parse_document(body, MOST_BYTES)?;
    let discovered = required_text(&document, "issuer")?;
    let issuer = IssuerRule::from_discovered(discovered, configured)?;
    let algorithms = texts(&document, "id_token_signing_alg_values_supported")?;
    Ok(ProviderMetadata {
        issuer,
        authorization_endpoint: required_endpoint(&document, "authorization_endpoint", policy)?,
        token_endpoint: optional_endpoint(&document, "token_endpoint", policy)?,
        userinfo_endpoint: optional_endpoint(&document, "userinfo_endpoint", policy)?,
        jwks_uri: required_endpoint(&document, "jwks_uri", policy)?,
        announces_hmac_only: algorithms.as_ref().is_some_and(|names| hmac_only(names)),
        id_token_algorithms: algorithms.map_or_else(AlgorithmSet::all, AlgorithmSet::from_names),
        client_auth_methods: client_auth_methods(&document)?,
        challenge_methods: texts(&document, "code_challenge_methods_supported")?
            .unwrap_or_default()
            .into_iter()
            .filter_map(ChallengeMethod::from_name)
            .collect(),
        announces_response_issuer: flag(&document, "authorization_response_iss_parameter_supported")?,
    })
}

fn hmac_only(names: &[&str]) -> bool {
    !names.is_empty() && names.iter().all(|name| HmacAlgorithm::from_name(name).is_some())
}

fn client_auth_methods(document: &Object) -> Result<Vec<ClientAuthMethod>, DiscoveryError> {
    let Some(names) = texts(document, "token_endpoint_auth_methods_supported")? else {
        return Ok(vec![ClientAuthMethod::SecretBasic]);
    };
    Ok(names.into_iter().filter_map(ClientAuthMethod::from_name).collect())
}

fn required_text<'a>(document: &'a Object, name: &'static str) -> Result<&'a str, DiscoveryError> {
    match document.get(name) {
        Some(Value::String(text)) => Ok(text),
        other => Err(unexpected(name, other, "text")),
    }
}

fn required_endpoint(
    document: &Object,
    name: &'static str,
    policy: UrlPolicy,
) -> Result<Url, DiscoveryError> {
    endpoint(document, name, policy)?.ok_or_else(|| unexpected(name, None, "a URL"))
}

/// An endpoint that is not needed. Some servers write empty text for one that they have not.
fn optional_endpoint(
    document: &Object,
    name: &'static str,
    policy: UrlPolicy,
) -> Result<Option<Url>, DiscoveryError> {
    match document.get(name) {
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        _ => endpoint(document, name, policy),
    }
}

fn endpoint(document: &Object, name: &'static str, policy: UrlPolicy) -> Result<Option<Url>, DiscoveryError> {
    match document.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => {
            parse_endpoint(text, policy).map(Some).map_err(|error| DiscoveryError::Endpoint { name, error })
        }
        other => Err(unexpected(name, other, "a URL")),
    }
}

fn texts<'a>(document: &'a Object, name: &'static str) -> Result<Option<Vec<&'a str>>, DiscoveryError> {
    match document.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(items)) => Ok(Some(items.iter().filter_map(Value::as_str).collect())),
        other => Err(unexpected(name, other, "a list of texts")),
    }
}

fn flag(document: &Object, name: &'static str) -> Result<bool, DiscoveryError> {
    match document.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        other => Err(unexpected(name, other, "true or false")),
    }
}

fn unexpected(name: &'static str, found: Option<&Value>, expected: &'static str) -> DiscoveryError {
    DiscoveryError::Member { name, found: excerpt_of_member(found), expected }
}
