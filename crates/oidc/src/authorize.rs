//! The way to the identity provider: the authorization request (OpenID Connect Core 3.1.2.1 and 3.2.2.1).

use thiserror::Error;
use url::Url;

use crate::error::{Excerpt, Refusal};
use crate::pkce::{ChallengeMethod, CodeVerifier};

/// Parameters that this module writes: no others of the same name stand beside them.
const WRITTEN: [&str; 10] = [
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "login_hint",
    "nonce",
    "redirect_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
];
/// Further parameters that would change what the request is, or do not belong into a browser's address bar. An
/// administrator may write one into the endpoint's own query; a caller may not add one.
const REFUSED: [&str; 9] = [
    "client_assertion",
    "client_assertion_type",
    "client_secret",
    "code_verifier",
    "id_token_hint",
    "registration",
    "request",
    "request_uri",
    "resource",
];
/// Most bytes of the finished URL; beyond it browsers and servers give up.
const MOST_URL_BYTES: usize = 8192;

/// What administrators may set beside the parameters that are written here, although callers may not: it changes nothing about
/// who is sent where.
const SET_BY_ADMINISTRATORS: [&str; 1] = ["resource"];

/// What binds a code to its request (RFC 7636).
#[derive(Clone, Copy, Debug)]
pub struct Challenge<'a> {
    /// The verifier, which is sent when the code is redeemed.
    pub verifier: &'a CodeVerifier,
    /// How the challenge is made of it.
    pub method: ChallengeMethod,
}

/// How the identity comes back, and what goes with it.
#[derive(Clone, Copy, Debug)]
pub enum Flow<'a> {
    /// A code in the query, redeemed at the token endpoint.
    Code {
        /// What binds it. Without one the state alone does, for providers that refuse a challenge.
        challenge: Option<Challenge<'a>>,
    },
    /// An id token in a form that the browser posts; always with a nonce.
    IdToken,
}

/// An authorization request.
#[derive(Clone, Copy, Debug)]
pub struct AuthorizationRequest<'a> {
    /// The authorization endpoint; its own query is kept, except for parameters that are written here.
    pub endpoint: &'a Url,
    /// Our name at the provider.
    pub client_id: &'a str,
    /// Where the response goes: one URL for each connection, so that providers cannot be mixed up.
    pub redirect_uri: &'a str,
    /// How the identity comes back.
    pub flow: Flow<'a>,
    /// Scopes; `openid` is added when it is missing, repeated ones are sent once.
    pub scopes: &'a [&'a str],
    /// An opaque handle of this attempt, at least 128 random bits.
    pub state: &'a str,
    /// At least 128 random bits, which the id token must repeat. A code may do without, for providers that refuse one.
    pub nonce: Option<&'a str>,
    /// Who is expected to sign in.
    pub login_hint: Option<&'a str>,
    /// More parameters, from the caller's allow-list. One that the endpoint's own query has already is left out: what
    /// the administrator wrote there stands.
    pub extra: &'a [(&'a str, &'a str)],
    /// More parameters, which an administrator has set for every request. They stand in place of a caller's of the same name.
    pub added: &'a [(&'a str, &'a str)],
}

/// Why no request can be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AuthorizeError {
    /// An extra parameter is one of the protocol's, or is given twice.
    #[error("the parameter {0} cannot be added")]
    Parameter(Excerpt),
    /// `client_id`, `redirect_uri`, `state` or `nonce` is empty.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// A scope has a character that scopes cannot have (RFC 6749 section 3.3).
    #[error("{0} is not a scope")]
    Scope(Excerpt),
    /// The URL is longer than 8192 bytes.
    #[error("the authorization URL has {found} bytes, expected at most 8192")]
    TooLong {
        /// Bytes of the URL.
        found: usize,
    },
}

impl Refusal for AuthorizeError {
    fn code(&self) -> &'static str {
        match self {
            Self::Parameter(_) => "authorize_parameter",
            Self::Empty(_) => "authorize_empty",
            Self::Scope(_) => "authorize_scope",
            Self::TooLong { .. } => "authorize_too_long",
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Parameter(text) | Self::Scope(text) => Some(text.to_string()),
            Self::Empty(name) => Some((*name).to_owned()),
            Self::TooLong { found } => Some(found.to_string()),
        }
    }
}

impl AuthorizationRequest<'_> {
    /// The URL to send the browser to.
    ///
    /// # Errors
    /// [`AuthorizeError`] when an extra parameter collides with the protocol, or a value cannot be sent.
    pub fn url(&self) -> Result<Url, AuthorizeError> {
        self.check()?;
        let scope = scope_list(self.scopes)?;
        let kept: Vec<(String, String)> =
            self.endpoint.query_pairs().into_owned().filter(|(name, _)| !is_one_of(&WRITTEN, name)).collect();
        let mut url = self.endpoint.clone();
        url.set_query(None);
        let mut query = url.query_pairs_mut();
        query.extend_pairs(&kept);
        query
            .append_pair("client_id", self.client_id)
            .append_pair("redirect_uri", self.redirect_uri)
            .append_pair("scope", &scope)
            .append_pair("state", self.state);
        if let Some(nonce) = self.nonce {
            query.append_pair("nonce", nonce);
        }
        match self.flow {
            Flow::Code { challenge } => {
                query.append_pair("response_type", "code");
                if let Some(Challenge { verifier, method }) = challenge {
                    query
                        .append_pair("code_challenge", &verifier.challenge_by(method))
                        .append_pair("code_challenge_method", method.name());
                }
            }
            Flow::IdToken => {
                query.append_pair("response_type", "id_token").append_pair("response_mode", "form_post");
            }
        }
        if let Some(hint) = self.login_hint {
            query.append_pair("login_hint", hint);
        }
        let is_new = |name: &str| kept.iter().all(|(there, _)| there != name);
        query.extend_pairs(self.added.iter().filter(|(name, _)| is_new(name)));
        let is_unset = |name: &str| self.added.iter().all(|(set, _)| folded(set) != folded(name));
        query.extend_pairs(self.extra.iter().filter(|(name, _)| is_new(name) && is_unset(name)));
        drop(query);
        match url.as_str().len() {
            0..=MOST_URL_BYTES => Ok(url),
            found => Err(AuthorizeError::TooLong { found }),
        }
    }

    fn check(&self) -> Result<(), AuthorizeError> {
        let required =
            [("client_id", self.client_id), ("redirect_uri", self.redirect_uri), ("state", self.state)];
        if let Some((name, _)) = required.iter().find(|(_, value)| value.is_empty()) {
            return Err(AuthorizeError::Empty(name));
        }
        // An id token in a browser's hands is bound by its nonce alone.
        if matches!((self.flow, self.nonce), (Flow::IdToken, None) | (_, Some(""))) {
            return Err(AuthorizeError::Empty("nonce"));
        }
        check_names(self.extra, &[])?;
        check_names(self.added, &SET_BY_ADMINISTRATORS)
    }
}

/// Refuses names that are the protocol's own, but for those that are `allowed`, and what is given twice.
fn check_names(parameters: &[(&str, &str)], allowed: &[&str]) -> Result<(), AuthorizeError> {
    for (index, (name, _)) in parameters.iter().enumerate() {
        let repeated = parameters.iter().take(index).any(|(earlier, _)| folded(earlier) == folded(name));
        let is_protocols =
            is_one_of(&WRITTEN, name) || (is_one_of(&REFUSED, name) && !is_one_of(allowed, name));
        if repeated || !is_plain(name) || is_protocols {
            return Err(AuthorizeError::Parameter(Excerpt::of(name)));
        }
    }
    Ok(())
}

/// Compared as the loosest server reads names.
fn is_one_of(names: &[&str], name: &str) -> bool {
    names.contains(&folded(name).as_str())
}

/// A name as servers read it that do not tell `State` from `state`, and as PHP does, which makes an underscore of a dot, of
/// a space and of a bracket that nothing closes, drops spaces in front, and takes `state[]` for a list named `state`.
fn folded(name: &str) -> String {
    let name = name.trim_start().split('\0').next().unwrap_or_default();
    let name = match name.split_once('[') {
        Some((list, rest)) if rest.contains(']') => list,
        _ => name,
    };
    name.chars().map(|c| if matches!(c, '.' | ' ' | '[') { '_' } else { c.to_ascii_lowercase() }).collect()
}

/// Whether a name is made of what names of parameters are made of, so that no server can read another one in it.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte))
}

fn scope_list(scopes: &[&str]) -> Result<String, AuthorizeError> {
    let mut list = vec!["openid"];
    for scope in scopes {
        let token = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        if scope.is_empty() || !scope.bytes().all(token) {
            return Err(AuthorizeError::Scope(Excerpt::of(scope)));
        }
        if !list.contains(scope) {
            list.push(scope);
        }
    }
    Ok(list.join(" "))
}
