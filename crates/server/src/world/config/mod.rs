//! What the server runs with, read once at start and judged as a whole.
//!
//! `flag > environment variable > file > default`. Unknown keys, half a TLS pair, a base URL that is not an origin or
//! a missing master key are refused with a message that says what was found, what was expected and where to change
//! it. `docs/configuration.md` is the reference for operators.

mod error;
mod file;
mod limits;
mod log;
mod masked;
mod master_key;
mod messages;
mod outbound;
mod settings;
mod spelling;
mod store;

use std::net::SocketAddr;
use std::path::PathBuf;

use url::Url;

pub use crate::world::post::MailTls;
pub use error::{ConfigError, flag, variable};
pub(crate) use file::FileValues;
pub use file::{load, parse_file};
pub use limits::Limits;
pub use log::{Log, LogFormat, LogTarget, log};
pub use messages::{MailSettings, Sms, SmsSettings};
pub use outbound::outbound;
pub use settings::{
    DatabaseSettings, LimitsSettings, LogSettings, MetricsSettings, OutboundSettings, RetentionSettings,
    Settings, TlsSettings,
};
pub(crate) use spelling::meant;
pub use store::{DatabaseConfig, StoreConfig, database_url};

use vestibule_domain::time::Span;
use vestibule_store::tables::cleanup::Retention;

use crate::world::contact::{Contact, EXPECTED_CONTACT};
use crate::world::fetch::{FetchPolicy, Network};
use crate::world::post::MailServer;

/// Read when no other file is named and it is there.
pub const DEFAULT_FILE: &str = "vestibule.toml";
/// Where `vestibule dev` keeps everything, and where `serve` looks when no database is named.
pub const DEFAULT_DATA_DIR: &str = "vestibule-data";
/// The database in a data directory.
pub const DATABASE_FILE: &str = "vestibule.db";
/// The master key that `vestibule dev` makes in its data directory.
pub const MASTER_KEY_FILE: &str = "master.key";

/// Everything `vestibule serve` needs.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to serve.
    pub listen: SocketAddr,
    /// The public origin, without a path.
    pub base_url: Url,
    /// Whom people ask for help, on pages.
    pub support_contact: Option<Contact>,
    /// Data and the keys to it.
    pub store: StoreConfig,
    /// Certificate and key files; plain HTTP when absent.
    pub tls: Option<TlsFiles>,
    /// Where to serve metrics; not at all when absent.
    pub metrics_listen: Option<SocketAddr>,
    /// Logs.
    pub log: Log,
    /// What may be fetched.
    pub outbound: FetchPolicy,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Bounds.
    pub limits: Limits,
    /// What is kept for how long.
    pub retention: Retention,
    /// How old a session key becomes; any age when absent.
    pub session_key_age: Option<Span>,
    /// Whether customers are told by mail of what ends.
    pub reminders: bool,
    /// Worker threads; one per core when absent.
    pub workers: Option<usize>,
    /// The mail server; no mail when absent.
    pub mail: Option<MailServer>,
    /// The webhook for text messages; none when absent.
    pub sms: Option<Sms>,
}

/// Certificate and key, both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, leaf first.
    pub certificate: PathBuf,
    /// The private key of the leaf.
    pub key: PathBuf,
}

impl Config {
    /// Judges merged settings as a whole.
    ///
    /// # Errors
    /// At the first value that is missing or makes no sense.
    pub fn resolve(settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self {
            listen: listens_at(settings)?,
            base_url: base_url(settings)?,
            support_contact: support_contact(settings)?,
            store: StoreConfig::resolve(settings)?,
            tls: tls_files(settings)?,
            metrics_listen: metrics_listen(settings)?,
            log: log(settings)?,
            outbound: outbound(settings)?,
            trusted_proxies: outbound::networks("trusted_proxies", settings.trusted_proxies.as_deref())?,
            limits: limits::limits(settings)?,
            retention: limits::retention(settings)?,
            session_key_age: settings
                .retention
                .session_key_days
                .filter(|days| *days > 0)
                .map(|days| Span::days(days.into())),
            workers: at_least_one("workers", settings.workers)?,
            mail: messages::mail(&settings.mail)?,
            reminders: settings.mail.reminders.unwrap_or(true),
            sms: messages::sms(&settings.sms)?,
        })
    }
}

/// Where to serve.
///
/// # Errors
/// When it is no address with a port.
pub fn listens_at(settings: &Settings) -> Result<SocketAddr, ConfigError> {
    address("listen", settings.listen.as_deref().unwrap_or("127.0.0.1:8787"))
}

fn value(key: &'static str, found: &str, expected: impl Into<String>) -> ConfigError {
    ConfigError::Value { key, found: found.to_owned(), expected: expected.into() }
}

fn address(key: &'static str, text: &str) -> Result<SocketAddr, ConfigError> {
    text.parse().map_err(|_| {
        value(key, text, "an IP address and a port, such as 127.0.0.1:8787, 0.0.0.0:443 or [::]:443")
    })
}

/// Where metrics are served, which the server cannot do where it serves everything else.
fn metrics_listen(settings: &Settings) -> Result<Option<SocketAddr>, ConfigError> {
    const KEY: &str = "metrics.listen";
    let Some(text) = settings.metrics.listen.as_deref() else { return Ok(None) };
    let (own, main) = (address(KEY, text)?, listens_at(settings)?);
    if are_one(own, main) {
        return Err(value(KEY, text, format!("another address or port than `listen`, which is {main}")));
    }
    Ok(Some(own))
}

/// Whether no two listeners can have these addresses at once. Port 0 is a free port each time; the unspecified address is
/// every address of its family, and that of IPv6 those of IPv4 too.
fn are_one(one: SocketAddr, other: SocketAddr) -> bool {
    let holds = |wide: SocketAddr, narrow: SocketAddr| {
        wide.ip().is_unspecified() && (wide.is_ipv6() || narrow.is_ipv4())
    };
    one.port() == other.port()
        && one.port() != 0
        && (one.ip() == other.ip() || holds(one, other) || holds(other, one))
}

fn at_least_one(key: &'static str, count: Option<usize>) -> Result<Option<usize>, ConfigError> {
    if count == Some(0) {
        return Err(value(key, "0", "a number from 1"));
    }
    Ok(count)
}

/// The public origin.
///
/// # Errors
/// It is missing, no origin, or plain http without leave.
pub(crate) fn base_url(settings: &Settings) -> Result<Url, ConfigError> {
    const EXPECTED: &str = "the public origin of this server, such as https://sso.example.com";
    let Some(text) = settings.base_url.as_deref() else {
        return Err(ConfigError::Missing { key: "base_url", expected: EXPECTED });
    };
    let url: Url = text.parse().map_err(|error| value("base_url", text, format!("{EXPECTED} ({error})")))?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !bare || !url.username().is_empty() || url.password().is_some() || url.host().is_none() {
        return Err(value("base_url", text, format!("{EXPECTED}, without a path or anything after it")));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if settings.insecure_http == Some(true) => Ok(url),
        "http" => Err(value(
            "base_url",
            text,
            "https, because tokens and session cookies travel there (`insecure_http = true` accepts plain http)",
        )),
        _ => Err(value("base_url", text, EXPECTED)),
    }
}

fn support_contact(settings: &Settings) -> Result<Option<Contact>, ConfigError> {
    let parse = |text: &str| text.parse().map_err(|_| value("support_contact", text, EXPECTED_CONTACT));
    settings.support_contact.as_deref().map(parse).transpose()
}

fn tls_files(settings: &Settings) -> Result<Option<TlsFiles>, ConfigError> {
    let half = |present, absent| Err(ConfigError::Half { present, absent });
    match (settings.tls.certificate.clone(), settings.tls.key.clone()) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => Ok(Some(TlsFiles { certificate, key })),
        (Some(_), None) => half("tls.certificate", "tls.key"),
        (None, Some(_)) => half("tls.key", "tls.certificate"),
    }
}
