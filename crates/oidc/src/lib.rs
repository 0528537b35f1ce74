//! OpenID Connect, the relying party's side: bytes, expectations and the current time go in, a verdict comes out.
//!
//! The crate never opens a connection, never reads a clock, an environment or a file, and keeps no state. It makes no
//! random numbers: states, nonces, verifiers and identifiers are arguments (ES256 signing is the one exception, see
//! [`jose::SigningKey`]). It knows nothing of organizations, members or sessions. It never panics on foreign bytes.
//!
//! Whatever goes over the wire is a pair: one function makes the request as a value, another judges the response; the
//! caller sends it in between, without following redirects. What a response proves is a type:
//!
//! | Step | Request | Judgement |
//! |---|---|---|
//! | [`discovery`] | [`discovery::request`] | [`discovery::parse`] gives [`discovery::ProviderMetadata`] |
//! | keys | the shell fetches `jwks_uri` | [`jose::JwkSet::parse`] |
//! | sign-in | [`authorize::AuthorizationRequest::url`] | [`callback::Response::judge`] gives a [`callback::Grant`] |
//! | [`token`] | [`token::TokenRequest::build`] | [`token::parse`] |
//! | [`id_token`] | | [`id_token::verify`] gives [`id_token::VerifiedIdToken`], the only source of an identity |
//! | [`userinfo`] | [`userinfo::request`] | [`userinfo::parse`], then [`claims::Claims::merged`] |
//!
//! Every refusal is an enum variant that implements [`Refusal`]: a stable code, what was found, what was expected,
//! printable and bounded, never a token, a signature or a secret.
//!
//! # A whole exchange
//!
//! ```
//! use vestibule_oidc::authorize::{AuthorizationRequest, Challenge, Flow};
//! use vestibule_oidc::callback::{CallbackExpectations, Channel, Delivery, Grant, Response};
//! use vestibule_oidc::claims::{Claims, Verified};
//! use vestibule_oidc::client_auth::{ClientAuth, ClientSecret};
//! use vestibule_oidc::id_token::{self, IdTokenExpectations, Nonce, TokenKeys};
//! use vestibule_oidc::jose::JwkSet;
//! use vestibule_oidc::pkce::{ChallengeMethod, CodeVerifier};
//! use vestibule_oidc::{Issuer, UnixSeconds, UrlPolicy, discovery, token};
//! # use vestibule_oidc::jose::{SigningAlgorithm, SigningKey};
//! # use aws_lc_rs::{rand::SystemRandom, signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair}};
//! # // The provider of this example.
//! # let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())?;
//! # let provider = SigningKey::from_pkcs8(document.as_ref(), SigningAlgorithm::Es256, "k1")?;
//! # let jwks_body = serde_json::to_vec(&serde_json::json!({ "keys": [provider.public_jwk()] }))?;
//! # let metadata_body = br#"{"issuer": "https://idp.example", "jwks_uri": "https://idp.example/keys",
//! #   "authorization_endpoint": "https://idp.example/auth", "token_endpoint": "https://idp.example/token"}"#;
//!
//! // Once for each connection: what does the provider say about itself?
//! let issuer = Issuer::parse("https://idp.example", UrlPolicy::HttpsOnly)?;
//! let request = discovery::request(&issuer, UrlPolicy::HttpsOnly)?;
//! assert_eq!(request.url().as_str(), "https://idp.example/.well-known/openid-configuration");
//! let provider_metadata = discovery::parse(200, metadata_body, &issuer, UrlPolicy::HttpsOnly)?;
//! let keys = JwkSet::parse(&jwks_body)?;
//!
//! // The browser goes to the provider. State, nonce and verifier are random and stored with the attempt.
//! let (state, nonce) = ("state-of-this-attempt", "nonce-of-this-attempt");
//! let verifier = CodeVerifier::from_entropy([42; 32]);
//! let authorization = AuthorizationRequest {
//!     endpoint: &provider_metadata.authorization_endpoint,
//!     client_id: "client",
//!     redirect_uri: "https://sso.example/callback/1",
//!     flow: Flow::Code { challenge: Some(Challenge { verifier: &verifier, method: ChallengeMethod::S256 }) },
//!     scopes: &["email"],
//!     state,
//!     nonce: Some(nonce),
//!     login_hint: None,
//!     extra: &[],
//!     added: &[],
//! };
//! assert!(authorization.url()?.as_str().starts_with("https://idp.example/auth?client_id=client&"));
//!
//! // It comes back with a code. The state leads to the attempt, the attempt to the connection.
//! let parameters = [("state".to_owned(), state.to_owned()), ("code".to_owned(), "a-code".to_owned())];
//! let response = Response::read(&parameters)?;
//! assert_eq!(response.state(), state);
//! let Grant::Code(code) = response.judge(&CallbackExpectations {
//!     channel: Channel::Code,
//!     delivered: Delivery::Query,
//!     issuer: &issuer,
//!     response_issuer_announced: provider_metadata.announces_response_issuer,
//! })?
//! else {
//!     unreachable!("the channel is Code")
//! };
//!
//! // The code is redeemed.
//! let request = token::TokenRequest {
//!     endpoint: provider_metadata.token_endpoint.as_ref().ok_or("no token endpoint")?,
//!     client_id: "client",
//!     auth: ClientAuth::SecretBasic(ClientSecret::new("client secret")),
//!     code: &code,
//!     redirect_uri: "https://sso.example/callback/1",
//!     verifier: Some(&verifier),
//! }
//! .build()?;
//! assert!(request.body().is_some_and(|body| body.contains("code_verifier=")));
//! # let id_token = provider.sign(&serde_json::json!({ "iss": "https://idp.example", "aud": "client", "sub": "7",
//! #   "iat": 1_700_000_000, "exp": 1_700_000_300, "nonce": nonce, "email": "ada@example.com", "email_verified": true }))?;
//! # let token_body = serde_json::to_vec(&serde_json::json!({ "token_type": "Bearer", "access_token": "at",
//! #   "id_token": id_token }))?;
//! let tokens = token::parse(200, &token_body)?;
//!
//! // Only now is there somebody.
//! let verified = id_token::verify(
//!     tokens.id_token.expose(),
//!     &IdTokenExpectations {
//!         keys: TokenKeys::Published { keys: &keys, allowed: provider_metadata.id_token_algorithms },
//!         issuer: &provider_metadata.issuer,
//!         client_id: "client",
//!         nonce: Nonce::Sent(nonce),
//!         now: UnixSeconds(1_700_000_010),
//!         skew_seconds: id_token::DEFAULT_SKEW_SECONDS,
//!         max_age_seconds: None,
//!         access_token: tokens.access_token.as_ref().map(|token| token.expose()),
//!         code: Some(code.expose()),
//!     },
//! )?;
//! assert_eq!(verified.subject(), "7");
//! let email = Claims::of(&verified).email().ok_or("no e-mail")?;
//! assert_eq!((email.address.as_str(), email.verified), ("ada@example.com", Verified::Verified));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod authorize;
pub mod callback;
pub mod claims;
pub mod client_assertion;
pub mod client_auth;
pub mod discovery;
pub mod error;
pub mod id_token;
mod id_token_error;
pub mod issuer;
pub mod jose;
mod json;
pub mod pkce;
pub mod request;
mod stray;
pub mod time;
pub mod token;
pub mod userinfo;

pub use error::{Excerpt, JsonError, Refusal};
pub use issuer::{Issuer, IssuerRule, UrlPolicy};
pub use stray::Stray;
pub use time::UnixSeconds;
