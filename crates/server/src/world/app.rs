//! What every request shares: one value, made once at start, handed to handlers as state.

use std::sync::Arc;

use vestibule_domain::connection::{CallbackAddress, Connection, UrlPolicy};
use vestibule_domain::entropy::Entropy;
use vestibule_domain::id::{ConnectionId, Environment};
use vestibule_domain::project::Project;
use vestibule_domain::rbac::Policy;
use vestibule_domain::redirect::LoopbackHttp;
use vestibule_store::{Store, Vault};

use super::bodies::Bodies;
use super::clock::Clock;
use super::contact::Contact;
use super::fetch::{Fetcher, Network};
use super::flights::{Flights, Refreshed};
use super::heavy::HeavyWork;
use super::keyring::Keyring;
use super::known_certificates::KnownCertificates;
use super::known_decryption_keys::KnownDecryptionKeys;
use super::limits::RateLimits;
use super::logos::Logos;
use super::policies::Policies;
use super::post::Post;
use super::provider_keys::ProviderKeys;
use super::readiness::Readiness;
use super::secret_uses::SecretUses;
use super::shutdown::Shutdown;
use super::starts::Starts;
use super::turns::Turns;
use super::yielding::Yielding;
use crate::failure::Failure;

/// How strict the server is about addresses that only make sense on a developer's machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `vestibule dev`: loopback redirect URLs and loopback identity providers are fine.
    Development,
    /// `vestibule serve`.
    Production,
}

/// What an [`App`] is made of.
#[expect(missing_docs, reason = "the fields are those of App")]
pub struct Parts {
    pub store: Store,
    pub vault: Arc<Vault>,
    pub fetcher: Fetcher,
    pub clock: Clock,
    pub entropy: Arc<dyn Entropy>,
    pub base_url: String,
    pub support_contact: Option<Contact>,
    pub mode: Mode,
    pub trusted_proxies: Vec<Network>,
    pub limits: RateLimits,
    pub post: Post,
}

/// The shared state.
pub struct App {
    /// The store.
    pub store: Store,
    /// What seals secrets before they are stored.
    pub vault: Arc<Vault>,
    /// The only way out to the network.
    pub fetcher: Fetcher,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The public origin, without a trailing slash.
    pub base_url: String,
    /// Whom people ask for help, where that is known.
    pub support_contact: Option<Contact>,
    /// How strict to be.
    pub mode: Mode,
    /// Keys that sign session tokens.
    pub keyring: Keyring,
    /// Keys of identity providers.
    pub provider_keys: ProviderKeys,
    /// Logos of connections.
    pub(crate) logos: Logos,
    /// Which documents of identity providers are being read, for connections as somebody knows them.
    pub(crate) documents: Flights<(ConnectionId, i64), Result<Refreshed, Failure>>,
    /// Certificates of SAML identity providers, ready for use.
    pub saml_certificates: KnownCertificates,
    /// Our own keys that decrypt SAML assertions, ready for use.
    pub saml_decryption_keys: KnownDecryptionKeys,
    /// Messages that are dear to judge.
    pub heavy_work: HeavyWork,
    /// Keys that are made and documents that are read for connections: what admins cause, apart from what sign-ins need.
    pub(crate) settings_work: HeavyWork,
    /// Threads that give way to those who answer everybody.
    pub(crate) yielding: Arc<Yielding>,
    /// Who may change which row now.
    pub turns: Turns,
    /// The roles and resources of projects.
    policies: Policies,
    /// Proxies whose word on client addresses is taken.
    pub trusted_proxies: Vec<Network>,
    /// How much one address may ask for.
    pub limits: RateLimits,
    /// Which API secrets are in use.
    pub(crate) secret_uses: SecretUses,
    /// Which tokens of directories are in use.
    pub(crate) directory_uses: SecretUses,
    /// How messages leave.
    pub post: Post,
    /// The memory that bodies of requests take.
    pub(crate) bodies: Bodies,
    /// Sign-ins that wait for their answer.
    pub(crate) starts: Starts,
    /// How everything learns that the server stops.
    pub shutdown: Shutdown,
    /// Whether the server can do its work.
    pub(crate) readiness: Readiness,
}

/// What a connection is known by to its identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownAs {
    /// Where browsers are sent back to.
    pub callback: String,
    /// Whom SAML messages are from and for.
    pub entity_id: String,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        let yielding = Arc::<Yielding>::default();
        Arc::new(Self {
            store: parts.store,
            vault: parts.vault,
            fetcher: parts.fetcher,
            clock: parts.clock,
            entropy: parts.entropy,
            base_url: parts.base_url.trim_end_matches('/').to_owned(),
            support_contact: parts.support_contact,
            mode: parts.mode,
            keyring: Keyring::default(),
            provider_keys: ProviderKeys::default(),
            logos: Logos::default(),
            saml_certificates: KnownCertificates::default(),
            saml_decryption_keys: KnownDecryptionKeys::default(),
            heavy_work: HeavyWork::default(),
            settings_work: HeavyWork::on(yielding.clone()),
            yielding,
            documents: Flights::default(),
            turns: Turns::default(),
            policies: Policies::default(),
            trusted_proxies: parts.trusted_proxies,
            limits: parts.limits,
            secret_uses: SecretUses::default(),
            directory_uses: SecretUses::default(),
            post: parts.post,
            bodies: Bodies::default(),
            starts: Starts::default(),
            shutdown: Shutdown::default(),
            readiness: Readiness::default(),
        })
    }

    /// The policy that is in force in a project, as of when the project was read.
    ///
    /// # Errors
    /// The store's.
    pub async fn policy(&self, project: &Project) -> Result<Arc<Policy>, Failure> {
        Ok(self.policies.of(&self.store, project).await?)
    }

    /// Whether answers come back to this name, under which a client came.
    #[must_use]
    pub(crate) fn answers_at(&self, host: &str) -> bool {
        self.base_url.split_once("://").is_some_and(|(_, ours)| ours.eq_ignore_ascii_case(host))
    }

    /// The name of this server, without a port.
    #[must_use]
    pub(crate) fn host(&self) -> String {
        let url = url::Url::parse(&self.base_url).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Where identity providers send browsers back to: at once callback, audience and redirect URL.
    #[must_use]
    pub fn callback_url(&self, connection: ConnectionId) -> String {
        format!("{}/v1/b2b/sso/callback/{connection}", self.base_url)
    }

    /// What a connection is known by to its provider where answers come back to this address, of which the shared one is below
    /// `origin`: the one under which the sign-in began, which has the browser's cookie. At the shared one a SAML
    /// connection says its name, because a provider may begin by itself; its entity id is its own in any case, so that what was
    /// made for one connection is nothing at another.
    #[must_use]
    pub(crate) fn known_as(
        &self,
        connection: &Connection,
        callback: CallbackAddress,
        origin: &str,
    ) -> KnownAs {
        let own_entity_id =
            connection.saml().map(|settings| settings.sp_entity_id.clone()).unwrap_or_default();
        let (callback, usual_entity_id) = match callback {
            CallbackAddress::Own => {
                let url = self.callback_url(connection.id);
                (url.clone(), url)
            }
            CallbackAddress::Shared if connection.saml().is_some() => (
                format!("{origin}/login/callback?connection={}", connection.name),
                format!("urn:vestibule:{}:{}", connection.project_id, connection.name),
            ),
            CallbackAddress::Shared => (format!("{origin}/login/callback"), String::new()),
        };
        let entity_id = if own_entity_id.is_empty() { usual_entity_id } else { own_entity_id };
        KnownAs { callback, entity_id }
    }

    /// What a connection is known by to its provider now.
    #[must_use]
    pub(crate) fn known_now(&self, connection: &Connection) -> KnownAs {
        self.known_as(connection, connection.common.callback, &self.base_url)
    }

    /// Where the keys are that sign the client assertions of an OpenID Connect connection.
    #[must_use]
    pub fn client_jwks_url(&self, connection: ConnectionId) -> String {
        format!("{}/v1/public/sso/oidc/{connection}/jwks", self.base_url)
    }

    /// Where the metadata for the identity provider of a SAML connection is.
    #[must_use]
    pub fn sp_metadata_url(&self, connection: ConnectionId) -> String {
        format!("{}/v1/public/sso/saml/{connection}/metadata", self.base_url)
    }

    /// The address of a link into the set-up portal.
    #[must_use]
    pub(crate) fn setup_url(&self, token: &str) -> String {
        format!("{}/setup/start/{token}", self.base_url)
    }

    /// The address that begins a test of a connection.
    #[must_use]
    pub(crate) fn test_url(&self, token: &str) -> String {
        format!("{}/v1/public/sso/tests/{token}", self.base_url)
    }

    /// Which identity provider URLs may be configured.
    #[must_use]
    pub const fn url_policy(&self) -> UrlPolicy {
        match self.mode {
            Mode::Development => UrlPolicy::HttpsOrLoopback,
            Mode::Production => UrlPolicy::Https,
        }
    }

    /// Which redirect URLs may be registered. Projects of the test environment may use loopback, as a
    /// fresh test project does by default.
    #[must_use]
    pub const fn loopback_policy(&self, environment: Environment) -> LoopbackHttp {
        match (self.mode, environment) {
            (Mode::Development, _) => LoopbackHttp::Allowed,
            (Mode::Production, environment) => LoopbackHttp::of(environment),
        }
    }

    /// Whether cookies can be `Secure`, as they must be everywhere but on a developer's machine.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.base_url.starts_with("https://")
    }
}
