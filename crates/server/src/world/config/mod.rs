//! What the server runs with, read once at start and judged as a whole.
//!
//! `flag > environment variable > file > default`. Unknown keys, half a TLS pair, a base URL that is not an origin or
//! a missing master key are refused with a message that says what was found, what was expected and where to change
//! it. `docs/configuration.md` is the reference for operators.

mod error;
mod file;
mod masked;
mod messages;
mod settings;
mod spelling;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use url::Url;
use vestibule_domain::secret::Secret;

pub use crate::world::post::MailTls;
pub use error::{ConfigError, flag, variable};
pub(crate) use file::FileValues;
pub use file::{load, parse_file};
pub use messages::{MailSettings, Sms, SmsSettings};
pub use settings::{
    DatabaseSettings, LimitsSettings, LogSettings, MetricsSettings, OutboundSettings, RetentionSettings,
    Settings, TlsSettings,
};
pub(crate) use spelling::meant;

use vestibule_domain::time::Span;
use vestibule_store::Options;
use vestibule_store::tables::cleanup::Retention;

use crate::world::api_limits::ApiLimits;
use crate::world::contact::{Contact, EXPECTED_CONTACT};
use crate::world::fetch::{EXPECTED_PROXY, FetchPolicy, Network, Proxy};
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
    /// Worker threads; one per core when absent.
    pub workers: Option<usize>,
    /// The mail server; no mail when absent.
    pub mail: Option<MailServer>,
    /// The webhook for text messages; none when absent.
    pub sms: Option<Sms>,
}

/// Which database: all that commands need which neither seal nor unseal.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// `sqlite:PATH` or `postgres://…`; may hold a password.
    pub url: Secret,
    /// How it is opened.
    pub options: Options,
    /// How long a database that is not up yet is waited for at start.
    pub wait: Duration,
}

impl DatabaseConfig {
    /// A database with the defaults of everything else.
    #[must_use]
    pub fn at(url: impl Into<Secret>) -> Self {
        Self { url: url.into(), options: Options::default(), wait: Duration::from_secs(30) }
    }

    /// The database that is used: the one named, or the embedded one in the default data directory.
    ///
    /// # Errors
    /// A number that makes no sense.
    pub fn resolve(settings: &Settings) -> Result<Self, ConfigError> {
        let (given, defaults) = (&settings.database, Self::at(database_url(settings)));
        let write = at_least_one("database.write_connections", given.write_connections)?;
        let read = at_least_one("database.read_connections", given.read_connections)?;
        let options = Options {
            write_connections: write.unwrap_or(defaults.options.write_connections),
            read_connections: read.unwrap_or(defaults.options.read_connections),
            ca_file: given.ca_file.clone(),
        };
        let wait = given.wait_seconds.map_or(defaults.wait, Duration::from_secs);
        Ok(Self { options, wait, ..defaults })
    }
}

/// What every command needs that seals or unseals.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// Where the data is.
    pub database: DatabaseConfig,
    /// The text of the master key.
    pub master_key: Secret,
    /// The text of the master key before, while rotating.
    pub master_key_previous: Option<Secret>,
}

/// Certificate and key, both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, leaf first.
    pub certificate: PathBuf,
    /// The private key of the leaf.
    pub key: PathBuf,
}

/// How to log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The form of a line.
    pub format: LogFormat,
    /// A level, or a filter such as `info,hyper=warn`.
    pub level: String,
    /// Where lines go.
    pub target: LogTarget,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// For reading in a terminal.
    Pretty,
}

/// Where log lines go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogTarget {
    /// The server's.
    Stdout,
    /// The commands', whose stdout is their answer.
    Stderr,
}

/// Bounds on what one client can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections held at once.
    pub max_connections: usize,
    /// Connections of one client held at once.
    pub max_connections_per_client: usize,
    /// Sign-in requests per client address and minute; 0 for no limit.
    pub browser_per_minute: u32,
    /// API requests with wrong credentials per client address and minute; 0 for no limit.
    pub api_failures_per_minute: u32,
    /// Messages to one address an hour; 0 for no limit.
    pub messages_per_address: u32,
    /// Messages of one project a minute; 0 for no limit.
    pub messages_per_project: u32,
    /// Tries at codes that people type, per client address and minute; 0 for no limit.
    pub codes_per_minute: u32,
    /// Text messages of a project in an hour; 0 for no limit.
    pub sms_per_project_and_hour: u32,
    /// API requests and searches a minute.
    pub api: ApiLimits,
    /// The time between a signal to stop and the stop.
    pub lame_duck: Duration,
    /// The time for requests under way when the server stops.
    pub drain: Duration,
}

impl Default for Limits {
    /// 10,000 connections, 512 of one client, 600 sign-in requests, 60 wrong credentials and 600 tries at codes per
    /// minute, 100 searches of a project per minute, 1,000 text messages of a project per hour, 20 messages to an
    /// address an hour and 600 of a project a minute, 5 s to leave, 20 s to drain.
    fn default() -> Self {
        Self {
            max_connections: 10_000,
            max_connections_per_client: 512,
            browser_per_minute: 600,
            api_failures_per_minute: 60,
            messages_per_address: 20,
            messages_per_project: 600,
            codes_per_minute: 600,
            sms_per_project_and_hour: 1000,
            api: ApiLimits { searches: 100, ..ApiLimits::default() },
            lame_duck: Duration::from_secs(5),
            drain: Duration::from_secs(20),
        }
    }
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
            trusted_proxies: networks("trusted_proxies", settings.trusted_proxies.as_deref())?,
            limits: limits(settings)?,
            retention: retention(settings)?,
            session_key_age: settings
                .retention
                .session_key_days
                .filter(|days| *days > 0)
                .map(|days| Span::days(days.into())),
            workers: at_least_one("workers", settings.workers)?,
            mail: messages::mail(&settings.mail)?,
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

impl StoreConfig {
    /// The part that commands need which do not serve.
    ///
    /// # Errors
    /// When there is no master key, or a key file cannot be used.
    pub fn resolve(settings: &Settings) -> Result<Self, ConfigError> {
        let current = master_key(
            "master_key",
            &settings.master_key,
            "master_key_file",
            settings.master_key_file.as_deref(),
        )?;
        let previous = master_key(
            "master_key_previous",
            &settings.master_key_previous,
            "master_key_previous_file",
            settings.master_key_previous_file.as_deref(),
        )?;
        Ok(Self {
            database: DatabaseConfig::resolve(settings)?,
            master_key: current.ok_or(ConfigError::NoMasterKey)?,
            master_key_previous: previous,
        })
    }
}

/// The database that is used: the one named, or the embedded one in the default data directory.
#[must_use]
pub fn database_url(settings: &Settings) -> Secret {
    let default = || format!("sqlite:{DEFAULT_DATA_DIR}/{DATABASE_FILE}").into();
    settings.database.url.clone().unwrap_or_else(default)
}

/// Reads how to log; apart from the rest so that other refusals can already be logged.
///
/// # Errors
/// When the format is not known.
pub fn log(settings: &Settings) -> Result<Log, ConfigError> {
    let format = match settings.log.format.as_deref() {
        None | Some("json") => LogFormat::Json,
        Some("pretty") => LogFormat::Pretty,
        Some(found) => return Err(value("log.format", found, "json or pretty")),
    };
    let level = settings.log.level.clone().unwrap_or_else(|| "info".to_owned());
    // To the filter a word that is no level is the name of a module, and everything else is silent.
    let known = |level: &str| ["error", "warn", "info", "debug", "trace", "off"].contains(&level.trim());
    let makes_sense = |part: &str| known(part.rsplit('=').next().unwrap_or_default());
    if !level.split(',').all(makes_sense) {
        return Err(value(
            "log.level",
            &level,
            "error, warn, info, debug, trace or off, or a filter of such as info,vestibule_store=debug",
        ));
    }
    Ok(Log { format, level, target: LogTarget::Stdout })
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

fn networks(key: &'static str, texts: Option<&[String]>) -> Result<Vec<Network>, ConfigError> {
    let parse = |text: &String| {
        text.trim().parse().map_err(|error: crate::world::fetch::NetworkError| {
            value(key, text, format!("addresses or networks such as 10.20.0.0/16 ({error})"))
        })
    };
    texts.unwrap_or_default().iter().map(parse).collect()
}

/// What may be fetched, from all sources.
///
/// # Errors
/// The first value that makes no sense.
pub fn outbound(settings: &Settings) -> Result<FetchPolicy, ConfigError> {
    let defaults = FetchPolicy::default();
    let concurrent = at_least_one("limits.outbound_concurrent", settings.limits.outbound_concurrent)?;
    let of_project = settings.limits.outbound_per_project;
    let of_project = at_least_one("limits.outbound_per_project", of_project)?;
    let own = settings.limits.outbound_per_organization;
    let own = at_least_one("limits.outbound_per_organization", own)?;
    let ports = settings.outbound.allowed_ports.clone().unwrap_or_else(|| defaults.allowed_ports.clone());
    let allowed = networks("outbound.allowed_networks", settings.outbound.allowed_networks.as_deref())?;
    if let Some(network) = allowed.iter().find(|network| network.is_loopback()) {
        return Err(value(
            "outbound.allowed_networks",
            &network.to_string(),
            "networks of identity providers: this machine is never one, because what listens here trusts whoever asks from \
             here",
        ));
    }
    let proxy = match &settings.outbound.proxy {
        Some(text) => match Proxy::parse(text.expose()) {
            Some(proxy) => Some(proxy),
            // It may hold a password.
            None => return Err(value("outbound.proxy", "(not shown)", EXPECTED_PROXY)),
        },
        None => None,
    };
    if ports.contains(&0) {
        return Err(value("outbound.allowed_ports", "0", "ports from 1 to 65535"));
    }
    Ok(FetchPolicy {
        allowed_networks: allowed,
        proxy,
        allowed_ports: ports,
        ca_file: settings.outbound.ca_file.clone(),
        max_concurrent: concurrent.unwrap_or(defaults.max_concurrent),
        max_of_project: of_project.unwrap_or(defaults.max_of_project),
        max_of_organization: own.unwrap_or(defaults.max_of_organization),
        ..defaults
    })
}

fn limits(settings: &Settings) -> Result<Limits, ConfigError> {
    let defaults = Limits::default();
    let given = &settings.limits;
    Ok(Limits {
        max_connections: at_least_one("limits.max_connections", given.max_connections)?
            .unwrap_or(defaults.max_connections),
        max_connections_per_client: at_least_one(
            "limits.max_connections_per_client",
            given.max_connections_per_client,
        )?
        .unwrap_or(defaults.max_connections_per_client),
        browser_per_minute: given.browser_per_minute.unwrap_or(defaults.browser_per_minute),
        api_failures_per_minute: given.api_failures_per_minute.unwrap_or(defaults.api_failures_per_minute),
        messages_per_address: given.messages_per_address.unwrap_or(defaults.messages_per_address),
        messages_per_project: given.messages_per_project.unwrap_or(defaults.messages_per_project),
        codes_per_minute: given.codes_per_minute.unwrap_or(defaults.codes_per_minute),
        sms_per_project_and_hour: given.sms_per_project_and_hour.unwrap_or(defaults.sms_per_project_and_hour),
        api: api(given, defaults.api),
        lame_duck: given.lame_duck_seconds.map_or(defaults.lame_duck, Duration::from_secs),
        drain: given.drain_seconds.map_or(defaults.drain, Duration::from_secs),
    })
}

fn api(given: &LimitsSettings, defaults: ApiLimits) -> ApiLimits {
    ApiLimits {
        of_client: given.api_per_client_per_minute.unwrap_or(defaults.of_client),
        of_project: given.api_per_project_per_minute.unwrap_or(defaults.of_project),
        searches: given.searches_per_minute.unwrap_or(defaults.searches),
    }
}

fn retention(settings: &Settings) -> Result<Retention, ConfigError> {
    let defaults = Retention::default();
    let days = |key, given: Option<u32>, otherwise| match given {
        Some(0) => Err(value(key, "0", "a number of days from 1")),
        given => Ok(given.map_or(otherwise, |days| Span::days(days.into()))),
    };
    Ok(Retention {
        audit: days("retention.audit_days", settings.retention.audit_days, defaults.audit)?,
        deleted: days("retention.deleted_days", settings.retention.deleted_days, defaults.deleted)?,
        ..defaults
    })
}

/// The text of a master key from a value or a file. Only presence is judged here; whether it is a key, and the
/// right one, is for the store to say.
fn master_key(
    key: &'static str,
    given: &Option<Secret>,
    file_key: &'static str,
    file: Option<&Path>,
) -> Result<Option<Secret>, ConfigError> {
    match (given, file) {
        (Some(_), Some(_)) => Err(ConfigError::Both { one: key, other: file_key }),
        (Some(text), None) => Ok(Some(text.expose().trim().into())),
        (None, Some(path)) => key_file(file_key, path).map(Some),
        (None, None) => Ok(None),
    }
}

/// Reads a file with one key in it.
fn key_file(key: &'static str, path: &Path) -> Result<Secret, ConfigError> {
    let refuse = |reason: String| ConfigError::KeyFile { key, path: path.to_owned(), reason };
    let text = fs::read_to_string(path).map_err(|error| refuse(format!("could not be read: {error}")))?;
    let text = Secret::new(text);
    let key_text = text.expose().trim();
    if key_text.is_empty() {
        return Err(refuse("is empty: expected one line with a key".to_owned()));
    }
    Ok(key_text.into())
}
