//! A small OpenID provider for development and tests: it signs in whoever you say, and on request it lies.
//!
//! It is an [`axum::Router`] without a listener, a clock or a source of chance of its own; `vestibule dev`
//! mounts it beside the server, tests mount it on a loopback listener. It shares no code with the relying
//! party: tokens are put together from JSON, base64url and raw signatures right here, so that a mistake in
//! the verifier cannot be made twice.
//!
//! What it serves, below the issuer: `/.well-known/openid-configuration`, `/jwks`, `/authorize` (a page that
//! lists people to sign in as), `/login` (where that page posts), `/token` (code with PKCE S256,
//! `client_secret_basic` or `client_secret_post`) and `/userinfo`. `response_type=code` answers by redirect
//! or by `form_post`, `response_type=id_token` by `form_post` only.
//!
//! Below `/saml` it is a SAML 2.0 identity provider for the same people: see [`SamlIdp`].
//!
//! What it never does: remember a person, set a cookie, open a connection, or run in production.
//!
//! Tokens are signed with ES256 by default because such a key is made in well under a millisecond. An RSA
//! key takes a few hundred, so either key is made when it is first needed, not when the server starts.

mod authorize;
mod directory;
mod exchange;
mod fault;
mod grants;
mod key;
mod page;
mod saml;
mod token;
mod whims;

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub use directory::{Directory, DirectoryClient, DirectoryFault, DirectoryRequest};
pub use fault::Fault;
pub use key::{Algorithm, KeyError};
pub use saml::{
    AttributeNames, AuthnRequest, ContentCipher, Encryption, KeyTransport, NameIdFormat, ResponseSpec,
    SamlConfig, SamlError, SamlFault, SamlIdp, SamlKey, ServiceProvider, SignatureMethod, Signed,
};

pub use whims::Whims;

use grants::Grants;
use key::Signer;

/// Answers the current time in whole seconds since the Unix epoch.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Fills the slice with bytes nobody can guess.
pub type Random = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// Somebody who can be signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The `sub` claim: stable, and not the address.
    pub subject: String,
    /// The `email` claim.
    pub email: String,
    /// The `name` claim.
    pub name: String,
    /// The `groups` claim.
    pub groups: Vec<String>,
}

impl User {
    /// The people that `vestibule dev` offers.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        [
            ("ada@example.com", "Ada Lovelace", &["engineering", "admins"][..]),
            ("grace@example.com", "Grace Hopper", &["engineering"][..]),
            ("alan@example.com", "Alan Turing", &["research"][..]),
            ("katherine@example.com", "Katherine Johnson", &[][..]),
        ]
        .into_iter()
        .map(|(email, name, groups)| Self {
            subject: subject_of(email),
            email: email.to_owned(),
            name: name.to_owned(),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        })
        .collect()
    }

    /// A person for any address that was typed in; the name is made from the part before the `@`.
    ///
    /// Answers `None` when there is nothing on one side of the `@`.
    #[must_use]
    pub fn from_email(email: &str) -> Option<Self> {
        let email = email.trim();
        let (local, domain) = email.split_once('@')?;
        if local.is_empty() || domain.is_empty() || email.contains(char::is_whitespace) {
            return None;
        }
        let name = local.split(['.', '_', '-', '+']).filter(|part| !part.is_empty()).map(capitalised);
        Some(Self {
            subject: subject_of(email),
            email: email.to_owned(),
            name: name.collect::<Vec<_>>().join(" "),
            groups: Vec::new(),
        })
    }
}

/// What a [`TestIdp`] is made from.
#[derive(Clone)]
pub struct Config {
    /// The issuer, without a trailing slash; the router is mounted at its path.
    pub issuer: String,
    /// The one client that may ask.
    pub client_id: String,
    /// That client's secret.
    pub client_secret: String,
    /// A redirect URI must begin with this, so that the page is not an open redirect.
    pub redirect_prefix: String,
    /// Who is listed on the page, in this order.
    pub users: Vec<User>,
    /// Whether `auto=1` with a `login_hint` of a listed person skips the page.
    pub auto_approve: bool,
    /// What id tokens are signed with.
    pub algorithm: Algorithm,
    /// A PKCS#8 key for that algorithm; without one, a key is made on first use and lost at the end.
    pub signing_key: Option<Vec<u8>>,
    /// The clock.
    pub clock: Clock,
    /// The source of codes, access tokens and token ids.
    pub random: Random,
}

impl fmt::Debug for Config {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Config")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// The provider. Cloning gives another handle to the same one.
#[derive(Clone, Debug)]
pub struct TestIdp {
    inner: Arc<Inner>,
}

impl TestIdp {
    /// Makes a provider. Nothing is computed yet; an unusable signing key shows when it is first needed, as
    /// a 500 answer that says so.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self::with_saml_key(config, None)
    }

    /// The same with a key for SAML that was kept; without one, a key is made on first use and lost at the end.
    #[must_use]
    pub fn with_saml_key(config: Config, key: Option<SamlKey>) -> Self {
        let saml = SamlIdp::new(SamlConfig {
            entity_id: format!("{}/saml/metadata", config.issuer),
            sso_url: format!("{}/saml/sso", config.issuer),
            key,
            clock: Arc::clone(&config.clock),
            random: Arc::clone(&config.random),
        });
        let inner = Inner {
            config,
            saml,
            signer: OnceLock::new(),
            codes: Mutex::new(Grants::default()),
            access_tokens: Mutex::new(Grants::default()),
            armed: Mutex::new(None),
            whims: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The routes, to be nested at the path of the issuer.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/.well-known/openid-configuration", get(exchange::discovery))
            .route("/jwks", get(exchange::jwks))
            .route("/authorize", get(authorize::show))
            .route("/login", post(authorize::submit))
            .route("/token", post(exchange::token))
            // Where an endpoint may be said to be instead.
            .route("/moved/jwks", get(exchange::jwks))
            .route("/moved/token", post(exchange::token))
            .route("/moved/userinfo", get(exchange::userinfo))
            .route("/userinfo", get(exchange::userinfo).post(exchange::userinfo))
            .nest("/saml", saml::router())
            .fallback(async || page::refusal(StatusCode::NOT_FOUND, "There is no page here."))
            .method_not_allowed_fallback(async || {
                page::refusal(StatusCode::METHOD_NOT_ALLOWED, "This page cannot be opened like this.")
            })
            .with_state(Arc::clone(&self.inner))
    }

    /// The SAML side, for metadata and answers without HTTP.
    #[must_use]
    pub fn saml(&self) -> &SamlIdp {
        &self.inner.saml
    }

    /// Makes the next sign-in over OpenID Connect that names no fault of its own go wrong in this way; `None` disarms.
    pub fn arm(&self, fault: Option<Fault>) {
        *self.inner.armed.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }
}

impl TestIdp {
    /// Makes the provider peculiar from now on.
    pub fn set_whims(&self, whims: Whims) {
        *self.inner.whims.lock().unwrap_or_else(PoisonError::into_inner) = whims;
    }
}

/// What all handlers share.
#[derive(Debug)]
struct Inner {
    config: Config,
    saml: SamlIdp,
    signer: OnceLock<Result<Signer, KeyError>>,
    codes: Mutex<Grants>,
    access_tokens: Mutex<Grants>,
    armed: Mutex<Option<Fault>>,
    whims: Mutex<Whims>,
}

impl Inner {
    fn now(&self) -> i64 {
        (self.config.clock)()
    }

    /// 256 random bits as base64url.
    fn nonce(&self) -> String {
        let mut bytes = [0_u8; 32];
        (self.config.random)(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn signer(&self) -> Result<&Signer, KeyError> {
        let made = self
            .signer
            .get_or_init(|| Signer::new(self.config.algorithm, self.config.signing_key.as_deref()));
        made.as_ref().map_err(|error| *error)
    }

    fn whims(&self) -> Whims {
        self.whims.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn take_armed(&self) -> Option<Fault> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whom the page means: the person whose button was pressed, else whoever has the typed address.
    fn chosen(&self, pressed: Option<&str>, typed: Option<&str>) -> Option<User> {
        if let Some(subject) = pressed.filter(|subject| !subject.is_empty()) {
            return self.listed(subject).cloned();
        }
        let email = typed.unwrap_or_default();
        self.listed(email).cloned().or_else(|| User::from_email(email))
    }

    fn listed(&self, email_or_subject: &str) -> Option<&User> {
        let wanted = email_or_subject.trim();
        self.config
            .users
            .iter()
            .find(|user| user.subject == wanted || user.email.eq_ignore_ascii_case(wanted))
    }
}

fn subject_of(email: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, email.to_lowercase().as_bytes());
    let short = digest.as_ref().get(..9).unwrap_or_default();
    format!("user-{}", URL_SAFE_NO_PAD.encode(short))
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
