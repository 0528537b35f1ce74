//! The same provider as a SAML 2.0 identity provider: metadata, single sign-on by Redirect and POST, and
//! sign-ins that begin here.
//!
//! [`SamlIdp`] is the part without HTTP: it makes metadata and responses. What it writes is in canonical form
//! from the start, so that signing needs no XML library, and it shares no code with the service provider that
//! has to judge it. Below the issuer of the [`crate::TestIdp`] are `/saml/metadata` (also the entity id),
//! `/saml/sso`, `/saml/login` (where the page posts) and `/saml/idp-initiated`.
//!
//! ```
//! use std::sync::Arc;
//! use vestibule_testidp::{ResponseSpec, SamlConfig, SamlIdp, User};
//!
//! let idp = SamlIdp::new(SamlConfig {
//!     entity_id: "https://idp.test/saml/metadata".into(),
//!     sso_url: "https://idp.test/saml/sso".into(),
//!     key: None,
//!     clock: Arc::new(|| 1_800_000_000),
//!     random: Arc::new(|out| out.fill(7)),
//! });
//! let ada = User::from_email("ada@example.com").unwrap();
//! let mut spec = ResponseSpec::new(ada, "https://sp.test/acs", "https://sp.test/metadata");
//! spec.in_response_to = Some("_request".into());
//! let xml = idp.response(&spec)?;
//! assert!(xml.contains("ada@example.com</saml:NameID>"));
//! # Ok::<(), vestibule_testidp::SamlError>(())
//! ```

mod assertion;
mod der;
mod dsig;
mod encrypt;
mod fault;
mod http;
mod key;
mod metadata;
mod request;
mod response;
mod spec;
mod text;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

pub use fault::SamlFault;
pub use key::SamlKey;
pub use request::AuthnRequest;
pub use spec::{
    AttributeNames, ContentCipher, Encryption, KeyTransport, NameIdFormat, ResponseSpec, SignatureMethod,
    Signed,
};

pub(crate) use http::router;

use crate::{Clock, KeyError, Random};
use assertion::Facts;

/// How many service providers and last answers are remembered.
const MOST: usize = 64;

/// What a [`SamlIdp`] is made from.
pub struct SamlConfig {
    /// The entity id.
    pub entity_id: String,
    /// Where requests are sent, by Redirect or POST.
    pub sso_url: String,
    /// The key; without one, a key is made on first use and lost at the end.
    pub key: Option<SamlKey>,
    /// The clock.
    pub clock: Clock,
    /// The source of ids and content keys.
    pub random: Random,
}

impl fmt::Debug for SamlConfig {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SamlConfig").field("entity_id", &self.entity_id).finish_non_exhaustive()
    }
}

/// A service provider that sign-ins can be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceProvider {
    /// What people call it; where that is empty, the page shows the end of the address.
    pub name: String,
    /// Its entity id: the audience.
    pub entity_id: String,
    /// Its assertion consumer service.
    pub acs_url: String,
    /// The certificate (DER) that assertions can be encrypted for.
    pub certificate: Option<Vec<u8>>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SamlError {
    /// The key.
    Key(KeyError),
    /// The certificate of the service provider has no RSA key, or the library refused to encrypt.
    Encryption,
    /// Encryption was asked for, and no certificate of the service provider is known.
    NoCertificate,
    /// A repetition was asked for, and nothing has been answered to this address yet.
    NothingToReplay,
}

impl fmt::Display for SamlError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(error) => error.fmt(out),
            Self::Encryption => out.write_str("the assertion could not be encrypted for the service provider"),
            Self::NoCertificate => {
                out.write_str("no certificate of the service provider is known, so nothing can be encrypted for it")
            }
            Self::NothingToReplay => out.write_str(
                "nothing has been answered to this address yet: sign in once, then ask for the last answer again",
            ),
        }
    }
}

impl std::error::Error for SamlError {}

impl From<KeyError> for SamlError {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}

/// The provider without HTTP. Cloning gives another handle to the same one.
#[derive(Clone, Debug)]
pub struct SamlIdp {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: SamlConfig,
    made: OnceLock<Result<SamlKey, KeyError>>,
    /// The key of somebody else.
    wrong: OnceLock<Result<SamlKey, KeyError>>,
    known: Mutex<Vec<ServiceProvider>>,
    /// The last answer to each address, oldest first.
    last: Mutex<VecDeque<(String, String)>>,
    armed: Mutex<Option<SamlFault>>,
}

impl SamlIdp {
    /// Makes a provider. Nothing is computed yet.
    #[must_use]
    pub fn new(config: SamlConfig) -> Self {
        let inner = Inner {
            config,
            made: OnceLock::new(),
            wrong: OnceLock::new(),
            known: Mutex::default(),
            last: Mutex::default(),
            armed: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The entity id.
    #[must_use]
    pub fn entity_id(&self) -> &str {
        &self.inner.config.entity_id
    }

    /// Where requests are sent.
    #[must_use]
    pub fn sso_url(&self) -> &str {
        &self.inner.config.sso_url
    }

    /// The key; makes it when it is not there yet.
    ///
    /// # Errors
    /// When none could be made.
    pub fn key(&self) -> Result<&SamlKey, KeyError> {
        match &self.inner.config.key {
            Some(key) => Ok(key),
            None => self.inner.make(&self.inner.made),
        }
    }

    /// The metadata document; makes the key when it is not there yet.
    ///
    /// # Errors
    /// When there is no key.
    pub fn metadata(&self) -> Result<String, SamlError> {
        let certificates = [self.key()?.certificate_base64()];
        Ok(metadata::document(self.entity_id(), self.sso_url(), &certificates))
    }

    /// A response document as `spec` says.
    ///
    /// # Errors
    /// When there is no key, nothing to encrypt with, or nothing to repeat.
    pub fn response(&self, spec: &ResponseSpec) -> Result<String, SamlError> {
        if spec.fault == Some(SamlFault::Replay) {
            return self.last_answer(&spec.acs_url).ok_or(SamlError::NothingToReplay);
        }
        let mut spec = spec.clone();
        if spec.fault == Some(SamlFault::EncryptedUnsigned) && spec.encryption.is_none() {
            spec.encryption = Some(self.encryption_for(&spec.audience).ok_or(SamlError::NoCertificate)?);
        }
        let inner = &self.inner;
        let key = match spec.fault {
            Some(SamlFault::WrongKey) => inner.make(&inner.wrong)?,
            _ => self.key()?,
        };
        let facts = Facts {
            spec: &spec,
            issuer: self.entity_id(),
            now: (inner.config.clock)(),
            response_id: inner.id(),
            assertion_id: inner.id(),
            session_index: inner.id(),
            transient: inner.id(),
        };
        let whole = response::response(&facts, key, &inner.config.random)?;
        self.remember(&spec.acs_url, &whole);
        Ok(whole)
    }

    /// Makes a service provider known, so that its page offers it and knows its certificate. One that is known
    /// by the same entity id and address is replaced.
    pub fn register(&self, provider: ServiceProvider) {
        let mut known = self.inner.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|old| old.entity_id != provider.entity_id || old.acs_url != provider.acs_url);
        known.truncate(MOST - 1);
        known.push(provider);
    }

    /// The service providers that are known.
    #[must_use]
    pub fn registered(&self) -> Vec<ServiceProvider> {
        self.inner.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes the next sign-in that names no fault of its own go wrong in this way; `None` disarms.
    pub fn arm(&self, fault: Option<SamlFault>) {
        *self.inner.armed.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    fn take_armed(&self) -> Option<SamlFault> {
        self.inner.armed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The usual encryption for a service provider whose certificate is known.
    fn encryption_for(&self, entity_id: &str) -> Option<Encryption> {
        let known = self.registered();
        let found = known.into_iter().find(|provider| provider.entity_id == entity_id)?;
        let (cipher, transport) = (ContentCipher::default(), KeyTransport::default());
        Some(Encryption { certificate: found.certificate?, cipher, transport })
    }

    fn last_answer(&self, acs_url: &str) -> Option<String> {
        let last = self.inner.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.iter().find(|(to, _)| to == acs_url).map(|(_, answer)| answer.clone())
    }

    fn remember(&self, acs_url: &str, answer: &str) {
        let mut last = self.inner.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.retain(|(to, _)| to != acs_url);
        if last.len() >= MOST {
            last.pop_front();
        }
        last.push_back((acs_url.to_owned(), answer.to_owned()));
    }
}

impl Inner {
    fn make<'a>(&self, place: &'a OnceLock<Result<SamlKey, KeyError>>) -> Result<&'a SamlKey, KeyError> {
        let made = place.get_or_init(|| SamlKey::generate((self.config.clock)()));
        made.as_ref().map_err(|error| *error)
    }

    /// 128 random bits, in the form of an `xs:ID`.
    fn id(&self) -> String {
        let mut bytes = [0_u8; 16];
        (self.config.random)(&mut bytes);
        bytes.iter().fold(String::from("_"), |id, byte| format!("{id}{byte:02x}"))
    }
}
