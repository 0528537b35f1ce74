//! How we prove to a token endpoint which client we are.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use thiserror::Error;
use url::form_urlencoded;

use crate::jose::{Jwk, PublicJwk, SigningKey};
use crate::time::UnixSeconds;

/// The longest that a client assertion may live, in seconds.
const MOST_ASSERTION_SECONDS: i64 = 300;
/// The `typ` of client assertions (draft-ietf-oauth-rfc7523bis): no other token has it, and what verifies other tokens
/// refuses it.
pub const ASSERTION_TYPE: &str = "client-authentication+jwt";
/// RFC 7523 section 2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A way to authenticate, as metadata names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuthMethod {
    /// `client_secret_basic`.
    SecretBasic,
    /// `client_secret_post`.
    SecretPost,
    /// `private_key_jwt`.
    PrivateKeyJwt,
    /// `none`: a public client, with PKCE alone.
    None,
}

impl ClientAuthMethod {
    const ALL: [Self; 4] = [Self::SecretBasic, Self::SecretPost, Self::PrivateKeyJwt, Self::None];

    /// The name in metadata.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SecretBasic => "client_secret_basic",
            Self::SecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }

    /// The method of a name; `None` for those that we do not do.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// The method for a client that has a secret, among those that a provider announced: basic, which every provider
    /// must do (RFC 6749 section 2.3.1), unless only post is announced.
    #[must_use]
    pub fn for_secret(announced: &[Self]) -> Self {
        let only_post = announced.contains(&Self::SecretPost) && !announced.contains(&Self::SecretBasic);
        if only_post { Self::SecretPost } else { Self::SecretBasic }
    }
}

/// The method together with what it needs.
#[derive(Clone, Copy, Debug)]
pub enum ClientAuth<'a> {
    /// The secret in an `Authorization` header.
    SecretBasic(ClientSecret<'a>),
    /// The secret in the body.
    SecretPost(ClientSecret<'a>),
    /// A signed assertion in the body.
    PrivateKeyJwt(ClientAssertion<'a>),
    /// Nothing but the client's name.
    None,
}

/// The client's secret, borrowed from whoever keeps it. It does not print.
#[derive(Clone, Copy)]
pub struct ClientSecret<'a>(&'a str);

impl<'a> ClientSecret<'a> {
    /// The secret as the provider gave it.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self(text)
    }

    fn non_empty(self) -> Result<&'a str, ClientAuthError> {
        Some(self.0).filter(|text| !text.is_empty()).ok_or(ClientAuthError::EmptySecret)
    }
}

impl fmt::Debug for ClientSecret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// A key that signs client assertions and nothing else: every signature of it says so by its `typ`.
#[derive(Debug)]
pub struct AssertionKey(SigningKey);

impl AssertionKey {
    /// Takes a key for this purpose alone.
    #[must_use]
    pub const fn new(key: SigningKey) -> Self {
        Self(key)
    }

    /// The public half, to publish.
    #[must_use]
    pub const fn public_jwk(&self) -> &PublicJwk {
        self.0.public_jwk()
    }

    /// The public half, to verify with.
    #[must_use]
    pub fn verification_key(&self) -> Option<Jwk> {
        self.0.verification_key()
    }
}

/// A key that signed for many clients before each had its own, bound to one of them and its provider: it signs assertions
/// of this client for this audience and nothing else, with the `typ` that they had then.
#[derive(Debug)]
pub struct FormerClientKey {
    key: SigningKey,
    client_id: String,
    audience: String,
}

impl FormerClientKey {
    /// Binds a key to the client and the audience that it signed for.
    #[must_use]
    pub const fn new(key: SigningKey, client_id: String, audience: String) -> Self {
        Self { key, client_id, audience }
    }
}

/// What signs a client assertion.
#[derive(Clone, Copy, Debug)]
pub enum AssertionSigner<'a> {
    /// The client's own key.
    Own(&'a AssertionKey),
    /// The key of the time before.
    Former(&'a FormerClientKey),
}

/// What a client assertion is made of (RFC 7523, OpenID Connect Core section 9).
#[derive(Clone, Copy, Debug)]
pub struct ClientAssertion<'a> {
    /// The client's key.
    pub key: AssertionSigner<'a>,
    /// The only audience: the provider's issuer, or its token endpoint where it insists on that. The key is this client's
    /// own, so an assertion is of no use at a provider that knows another one.
    pub audience: &'a str,
    /// A fresh identifier of at least 128 random bits.
    pub jti: &'a str,
    /// The current time.
    pub now: UnixSeconds,
    /// How long it lives: 1 to 300 seconds.
    pub lifetime_seconds: i64,
}

/// Why a client cannot authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ClientAuthError {
    /// The secret is empty.
    #[error("the client secret is empty")]
    EmptySecret,
    /// `jti` is empty, or the lifetime is not of 1 to 300 seconds.
    #[error("a client assertion needs an identifier and a lifetime of 1 to 300 seconds")]
    Assertion,
    /// A former key is bound to another client or audience.
    #[error("a former key signs for the client and the audience alone that it signed for")]
    NotItsClient,
    /// The key did not sign.
    #[error("the client assertion could not be signed")]
    Signature,
}

/// What a method adds to a token request.
pub(crate) struct Credentials {
    pub(crate) authorization: Option<String>,
    pub(crate) form: Vec<(&'static str, String)>,
}

impl ClientAuth<'_> {
    pub(crate) fn credentials(&self, client_id: &str) -> Result<Credentials, ClientAuthError> {
        let named = ("client_id", client_id.to_owned());
        match self {
            Self::SecretBasic(secret) => {
                let authorization = Some(basic(client_id, secret.non_empty()?));
                Ok(Credentials { authorization, form: Vec::new() })
            }
            Self::SecretPost(secret) => {
                let secret = ("client_secret", secret.non_empty()?.to_owned());
                Ok(Credentials { authorization: None, form: vec![named, secret] })
            }
            Self::PrivateKeyJwt(assertion) => {
                let signed = ("client_assertion", assertion.sign(client_id)?);
                let kind = ("client_assertion_type", JWT_BEARER.to_owned());
                Ok(Credentials { authorization: None, form: vec![named, kind, signed] })
            }
            Self::None => Ok(Credentials { authorization: None, form: vec![named] }),
        }
    }
}

#[derive(Serialize)]
struct AssertionClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: i64,
    exp: i64,
}

impl ClientAssertion<'_> {
    fn sign(&self, client_id: &str) -> Result<String, ClientAuthError> {
        if self.jti.is_empty() || !(1..=MOST_ASSERTION_SECONDS).contains(&self.lifetime_seconds) {
            return Err(ClientAuthError::Assertion);
        }
        let claims = AssertionClaims {
            iss: client_id,
            sub: client_id,
            aud: self.audience,
            jti: self.jti,
            iat: self.now.0,
            exp: self.now.plus(self.lifetime_seconds).0,
        };
        match self.key {
            AssertionSigner::Own(key) => key.0.sign_typed(ASSERTION_TYPE, &claims),
            AssertionSigner::Former(former)
                if former.client_id == client_id && former.audience == self.audience =>
            {
                former.key.sign(&claims)
            }
            AssertionSigner::Former(_) => return Err(ClientAuthError::NotItsClient),
        }
        .map_err(|_| ClientAuthError::Signature)
    }
}

/// RFC 6749 section 2.3.1: both halves are form-encoded before they are joined, so that a colon in either is safe.
fn basic(client_id: &str, secret: &str) -> String {
    let half = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", half(client_id), half(secret))))
}
