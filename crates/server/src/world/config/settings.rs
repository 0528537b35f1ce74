//! The settings as an operator writes them. One definition serves all three sources: the TOML file, the flag
//! and the environment variable of a value always have the same name (`outbound.allowed_ports`,
//! `--outbound-allowed-ports`, `VESTIBULE_OUTBOUND_ALLOWED_PORTS`); a test holds them to it.
//!
//! Nothing is judged here: every value is what was written, or absent. [`super::Config`] is what follows from it.

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize, Serializer};
use vestibule_domain::secret::Secret;
use vestibule_store::StoreUrl;

use super::masked::masked;
use super::messages::{MailSettings, SmsSettings};

/// Values of one source, or of all sources merged.
#[derive(Args, Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[command(next_help_heading = "Settings (also in the file and as environment variables)")]
pub struct Settings {
    /// Address and port to serve on
    #[arg(long, env = "VESTIBULE_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// The origin browsers and API clients use, such as https://sso.example.com
    #[arg(long, env = "VESTIBULE_BASE_URL", value_name = "URL")]
    pub base_url: Option<String>,
    /// Whom people ask for help, on pages: an e-mail address, or a page such as https://example.com/help
    #[arg(long, env = "VESTIBULE_SUPPORT_CONTACT", value_name = "CONTACT")]
    pub support_contact: Option<String>,
    /// Accept a base URL with plain http (tokens and sessions can then be read on the way)
    #[arg(long, env = "VESTIBULE_INSECURE_HTTP", num_args = 0..=1, default_missing_value = "true")]
    pub insecure_http: Option<bool>,
    /// The master key, 32 bytes in base64 (a flag can be seen by other users: prefer the file or the variable)
    #[arg(long, env = "VESTIBULE_MASTER_KEY", hide_env_values = true, value_name = "KEY")]
    #[serde(serialize_with = "masked")]
    pub master_key: Option<Secret>,
    /// A file that holds the master key
    #[arg(long, env = "VESTIBULE_MASTER_KEY_FILE", value_name = "FILE")]
    pub master_key_file: Option<PathBuf>,
    /// The master key before the current one, while rotating
    #[arg(long, env = "VESTIBULE_MASTER_KEY_PREVIOUS", hide_env_values = true, value_name = "KEY")]
    #[serde(serialize_with = "masked")]
    pub master_key_previous: Option<Secret>,
    /// A file that holds the previous master key
    #[arg(long, env = "VESTIBULE_MASTER_KEY_PREVIOUS_FILE", value_name = "FILE")]
    pub master_key_previous_file: Option<PathBuf>,
    /// Proxies in front whose X-Forwarded-For is believed, as addresses or networks
    #[arg(long, env = "VESTIBULE_TRUSTED_PROXIES", value_delimiter = ',', value_name = "NETWORK")]
    pub trusted_proxies: Option<Vec<String>>,
    /// Worker threads; one per core when absent
    #[arg(long, env = "VESTIBULE_WORKERS", value_name = "COUNT")]
    pub workers: Option<usize>,
    /// Where the data is.
    #[command(flatten)]
    pub database: DatabaseSettings,
    /// Serving TLS.
    #[command(flatten)]
    pub tls: TlsSettings,
    /// The metrics listener.
    #[command(flatten)]
    pub metrics: MetricsSettings,
    /// Logs.
    #[command(flatten)]
    pub log: LogSettings,
    /// What the server itself may fetch.
    #[command(flatten)]
    pub outbound: OutboundSettings,
    /// Bounds.
    #[command(flatten)]
    pub limits: LimitsSettings,
    /// What is kept for how long.
    #[command(flatten)]
    pub retention: RetentionSettings,
    /// The mail server.
    #[command(flatten)]
    pub mail: MailSettings,
    /// Text messages.
    #[command(flatten)]
    pub sms: SmsSettings,
}

/// `[database]`
#[derive(Args, Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseSettings {
    /// sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME
    #[arg(
        long = "database-url",
        id = "database-url",
        env = "VESTIBULE_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    #[serde(serialize_with = "without_credentials")]
    pub url: Option<Secret>,
    /// Certificate authorities of the PostgreSQL server, in PEM
    #[arg(
        long = "database-ca-file",
        id = "database-ca-file",
        env = "VESTIBULE_DATABASE_CA_FILE",
        value_name = "FILE"
    )]
    pub ca_file: Option<PathBuf>,
    /// PostgreSQL: connections for writing, as many changes can be under way at once; 16 when absent
    #[arg(
        long = "database-write-connections",
        id = "database-write-connections",
        env = "VESTIBULE_DATABASE_WRITE_CONNECTIONS",
        value_name = "COUNT"
    )]
    pub write_connections: Option<usize>,
    /// PostgreSQL: connections that share the reads; 4 when absent
    #[arg(
        long = "database-read-connections",
        id = "database-read-connections",
        env = "VESTIBULE_DATABASE_READ_CONNECTIONS",
        value_name = "COUNT"
    )]
    pub read_connections: Option<usize>,
    /// Seconds to wait for a database that is not up yet when the server starts
    #[arg(
        long = "database-wait-seconds",
        id = "database-wait-seconds",
        env = "VESTIBULE_DATABASE_WAIT_SECONDS",
        value_name = "SECONDS"
    )]
    pub wait_seconds: Option<u64>,
}

/// `[tls]`
#[derive(Args, Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsSettings {
    /// Certificate chain in PEM, leaf first; serves TLS together with the key
    #[arg(
        long = "tls-certificate",
        id = "tls-certificate",
        env = "VESTIBULE_TLS_CERTIFICATE",
        value_name = "FILE"
    )]
    pub certificate: Option<PathBuf>,
    /// Private key of the certificate, in PEM
    #[arg(long = "tls-key", id = "tls-key", env = "VESTIBULE_TLS_KEY", value_name = "FILE")]
    pub key: Option<PathBuf>,
}

/// `[metrics]`
#[derive(Args, Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsSettings {
    /// Address and port for Prometheus; no metrics when absent
    #[arg(
        long = "metrics-listen",
        id = "metrics-listen",
        env = "VESTIBULE_METRICS_LISTEN",
        value_name = "ADDRESS:PORT"
    )]
    pub listen: Option<String>,
}

/// `[log]`
#[derive(Args, Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
    /// json or pretty
    #[arg(long = "log-format", id = "log-format", env = "VESTIBULE_LOG_FORMAT", value_name = "FORMAT")]
    pub format: Option<String>,
    /// error, warn, info, debug, trace, or a filter such as info,hyper=warn
    #[arg(long = "log-level", id = "log-level", env = "VESTIBULE_LOG_LEVEL", value_name = "LEVEL")]
    pub level: Option<String>,
}

/// `[outbound]`
#[derive(Args, Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutboundSettings {
    /// An HTTP proxy through which everything is fetched, such as http://proxy.internal:3128
    #[arg(
        long = "outbound-proxy",
        id = "outbound-proxy",
        env = "VESTIBULE_OUTBOUND_PROXY",
        hide_env_values = true,
        value_name = "URL"
    )]
    #[serde(serialize_with = "masked")]
    pub proxy: Option<Secret>,
    /// Networks that are not public but may be fetched from, such as 10.20.0.0/16
    #[arg(
        long = "outbound-allowed-networks",
        id = "outbound-allowed-networks",
        env = "VESTIBULE_OUTBOUND_ALLOWED_NETWORKS",
        value_delimiter = ',',
        value_name = "NETWORK"
    )]
    pub allowed_networks: Option<Vec<String>>,
    /// Ports of https URLs that may be fetched; 443 when absent
    #[arg(
        long = "outbound-allowed-ports",
        id = "outbound-allowed-ports",
        env = "VESTIBULE_OUTBOUND_ALLOWED_PORTS",
        value_delimiter = ',',
        value_name = "PORT"
    )]
    pub allowed_ports: Option<Vec<u16>>,
    /// Name servers that are asked for domains' records, such as 10.0.0.2 or 10.0.0.2:5353; the system's when absent
    #[arg(
        long = "outbound-name-servers",
        id = "outbound-name-servers",
        env = "VESTIBULE_OUTBOUND_NAME_SERVERS",
        value_delimiter = ',',
        value_name = "ADDRESS"
    )]
    pub name_servers: Option<Vec<String>>,
    /// Certificate authorities of identity providers, in PEM, beside the public ones
    #[arg(
        long = "outbound-ca-file",
        id = "outbound-ca-file",
        env = "VESTIBULE_OUTBOUND_CA_FILE",
        value_name = "FILE"
    )]
    pub ca_file: Option<PathBuf>,
}

/// `[limits]`
#[derive(Args, Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsSettings {
    /// Connections held at once
    #[arg(
        long = "limits-max-connections",
        id = "limits-max-connections",
        env = "VESTIBULE_LIMITS_MAX_CONNECTIONS",
        value_name = "COUNT"
    )]
    pub max_connections: Option<usize>,
    /// Connections of one client address held at once
    #[arg(
        long = "limits-max-connections-per-client",
        id = "limits-max-connections-per-client",
        env = "VESTIBULE_LIMITS_MAX_CONNECTIONS_PER_CLIENT",
        value_name = "COUNT"
    )]
    pub max_connections_per_client: Option<usize>,
    /// Sign-in requests per client address and minute; 0 for no limit
    #[arg(
        long = "limits-browser-per-minute",
        id = "limits-browser-per-minute",
        env = "VESTIBULE_LIMITS_BROWSER_PER_MINUTE",
        value_name = "COUNT"
    )]
    pub browser_per_minute: Option<u32>,
    /// API requests with wrong credentials per client address and minute; 0 for no limit
    #[arg(
        long = "limits-api-failures-per-minute",
        id = "limits-api-failures-per-minute",
        env = "VESTIBULE_LIMITS_API_FAILURES_PER_MINUTE",
        value_name = "COUNT"
    )]
    pub api_failures_per_minute: Option<u32>,
    /// API requests with right credentials per client address and minute; no limit when absent or 0
    #[arg(
        long = "limits-api-per-client-per-minute",
        id = "limits-api-per-client-per-minute",
        env = "VESTIBULE_LIMITS_API_PER_CLIENT_PER_MINUTE",
        value_name = "COUNT"
    )]
    pub api_per_client_per_minute: Option<u32>,
    /// API requests per project and minute; no limit when absent or 0
    #[arg(
        long = "limits-api-per-project-per-minute",
        id = "limits-api-per-project-per-minute",
        env = "VESTIBULE_LIMITS_API_PER_PROJECT_PER_MINUTE",
        value_name = "COUNT"
    )]
    pub api_per_project_per_minute: Option<u32>,
    /// Searches per project and minute; 0 for no limit
    #[arg(
        long = "limits-searches-per-minute",
        id = "limits-searches-per-minute",
        env = "VESTIBULE_LIMITS_SEARCHES_PER_MINUTE",
        value_name = "COUNT"
    )]
    pub searches_per_minute: Option<u32>,
    /// Messages to one address an hour; 0 for no limit
    #[arg(
        long = "limits-messages-per-address",
        id = "limits-messages-per-address",
        env = "VESTIBULE_LIMITS_MESSAGES_PER_ADDRESS",
        value_name = "COUNT"
    )]
    pub messages_per_address: Option<u32>,
    /// Messages of one project a minute; 0 for no limit
    #[arg(
        long = "limits-messages-per-project",
        id = "limits-messages-per-project",
        env = "VESTIBULE_LIMITS_MESSAGES_PER_PROJECT",
        value_name = "COUNT"
    )]
    pub messages_per_project: Option<u32>,
    /// Tries at codes that people type, per client address and minute; 0 for no limit
    #[arg(
        long = "limits-codes-per-minute",
        id = "limits-codes-per-minute",
        env = "VESTIBULE_LIMITS_CODES_PER_MINUTE",
        value_name = "COUNT"
    )]
    pub codes_per_minute: Option<u32>,
    /// Text messages of a project in an hour; 0 for no limit
    #[arg(
        long = "limits-sms-per-project-and-hour",
        id = "limits-sms-per-project-and-hour",
        env = "VESTIBULE_LIMITS_SMS_PER_PROJECT_AND_HOUR",
        value_name = "COUNT"
    )]
    pub sms_per_project_and_hour: Option<u32>,
    /// Requests to identity providers under way at once
    #[arg(
        long = "limits-outbound-concurrent",
        id = "limits-outbound-concurrent",
        env = "VESTIBULE_LIMITS_OUTBOUND_CONCURRENT",
        value_name = "COUNT"
    )]
    pub outbound_concurrent: Option<usize>,
    /// Requests to the identity providers of one project under way at once
    #[arg(
        long = "limits-outbound-per-project",
        id = "limits-outbound-per-project",
        env = "VESTIBULE_LIMITS_OUTBOUND_PER_PROJECT",
        value_name = "COUNT"
    )]
    pub outbound_per_project: Option<usize>,
    /// Requests to the identity providers of one organization under way at once
    #[arg(
        long = "limits-outbound-per-organization",
        id = "limits-outbound-per-organization",
        env = "VESTIBULE_LIMITS_OUTBOUND_PER_ORGANIZATION",
        value_name = "COUNT"
    )]
    pub outbound_per_organization: Option<usize>,
    /// Seconds between a signal to stop and the stop, in which the server says that it is not ready and still answers
    #[arg(
        long = "limits-lame-duck-seconds",
        id = "limits-lame-duck-seconds",
        env = "VESTIBULE_LIMITS_LAME_DUCK_SECONDS",
        value_name = "SECONDS"
    )]
    pub lame_duck_seconds: Option<u64>,
    /// Seconds that requests under way get when the server stops
    #[arg(
        long = "limits-drain-seconds",
        id = "limits-drain-seconds",
        env = "VESTIBULE_LIMITS_DRAIN_SECONDS",
        value_name = "SECONDS"
    )]
    pub drain_seconds: Option<u64>,
}

/// `[retention]`
#[derive(Args, Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionSettings {
    /// Days that audit events and sign-in traces are kept
    #[arg(
        long = "retention-audit-days",
        id = "retention-audit-days",
        env = "VESTIBULE_RETENTION_AUDIT_DAYS",
        value_name = "DAYS"
    )]
    pub audit_days: Option<u32>,
    /// Days that deleted members and connections are kept
    #[arg(
        long = "retention-deleted-days",
        id = "retention-deleted-days",
        env = "VESTIBULE_RETENTION_DELETED_DAYS",
        value_name = "DAYS"
    )]
    pub deleted_days: Option<u32>,
    /// Days after which a project's session key is replaced by a new one; 0 for never
    #[arg(
        long = "retention-session-key-days",
        id = "retention-session-key-days",
        env = "VESTIBULE_RETENTION_SESSION_KEY_DAYS",
        value_name = "DAYS"
    )]
    pub session_key_days: Option<u32>,
}

#[expect(clippy::ref_option, reason = "the signature that serde calls")]
fn without_credentials<S: Serializer>(url: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    let shown = |url: &Secret| {
        StoreUrl::parse(url.expose()).map_or_else(|_| "(not a URL)".to_owned(), |url| url.to_string())
    };
    url.as_ref().map(shown).serialize(serializer)
}

impl Settings {
    /// These values, and those of `below` where these are absent. A master key given here replaces both the key
    /// and the key file of `below`, so that a variable overrides a file whichever form each of them uses.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        let own_key = self.master_key.is_some() || self.master_key_file.is_some();
        let own_previous = self.master_key_previous.is_some() || self.master_key_previous_file.is_some();
        Self {
            listen: self.listen.or(below.listen),
            base_url: self.base_url.or(below.base_url),
            support_contact: self.support_contact.or(below.support_contact),
            insecure_http: self.insecure_http.or(below.insecure_http),
            master_key: self.master_key.or(below.master_key.filter(|_| !own_key)),
            master_key_file: self.master_key_file.or(below.master_key_file.filter(|_| !own_key)),
            master_key_previous: self
                .master_key_previous
                .or(below.master_key_previous.filter(|_| !own_previous)),
            master_key_previous_file: self
                .master_key_previous_file
                .or(below.master_key_previous_file.filter(|_| !own_previous)),
            trusted_proxies: self.trusted_proxies.or(below.trusted_proxies),
            workers: self.workers.or(below.workers),
            database: DatabaseSettings {
                url: self.database.url.or(below.database.url),
                ca_file: self.database.ca_file.or(below.database.ca_file),
                write_connections: self.database.write_connections.or(below.database.write_connections),
                read_connections: self.database.read_connections.or(below.database.read_connections),
                wait_seconds: self.database.wait_seconds.or(below.database.wait_seconds),
            },
            tls: TlsSettings {
                certificate: self.tls.certificate.or(below.tls.certificate),
                key: self.tls.key.or(below.tls.key),
            },
            metrics: MetricsSettings { listen: self.metrics.listen.or(below.metrics.listen) },
            log: LogSettings {
                format: self.log.format.or(below.log.format),
                level: self.log.level.or(below.log.level),
            },
            outbound: OutboundSettings {
                proxy: self.outbound.proxy.or(below.outbound.proxy),
                allowed_networks: self.outbound.allowed_networks.or(below.outbound.allowed_networks),
                allowed_ports: self.outbound.allowed_ports.or(below.outbound.allowed_ports),
                name_servers: self.outbound.name_servers.or(below.outbound.name_servers),
                ca_file: self.outbound.ca_file.or(below.outbound.ca_file),
            },
            limits: self.limits.over(&below.limits),
            retention: RetentionSettings {
                audit_days: self.retention.audit_days.or(below.retention.audit_days),
                deleted_days: self.retention.deleted_days.or(below.retention.deleted_days),
                session_key_days: self.retention.session_key_days.or(below.retention.session_key_days),
            },
            mail: self.mail.over(below.mail),
            sms: self.sms.over(below.sms),
        }
    }
}

impl LimitsSettings {
    fn over(self, below: &Self) -> Self {
        Self {
            max_connections: self.max_connections.or(below.max_connections),
            max_connections_per_client: self.max_connections_per_client.or(below.max_connections_per_client),
            browser_per_minute: self.browser_per_minute.or(below.browser_per_minute),
            api_failures_per_minute: self.api_failures_per_minute.or(below.api_failures_per_minute),
            api_per_client_per_minute: self.api_per_client_per_minute.or(below.api_per_client_per_minute),
            api_per_project_per_minute: self.api_per_project_per_minute.or(below.api_per_project_per_minute),
            searches_per_minute: self.searches_per_minute.or(below.searches_per_minute),
            messages_per_address: self.messages_per_address.or(below.messages_per_address),
            messages_per_project: self.messages_per_project.or(below.messages_per_project),
            codes_per_minute: self.codes_per_minute.or(below.codes_per_minute),
            sms_per_project_and_hour: self.sms_per_project_and_hour.or(below.sms_per_project_and_hour),
            outbound_concurrent: self.outbound_concurrent.or(below.outbound_concurrent),
            outbound_per_project: self.outbound_per_project.or(below.outbound_per_project),
            outbound_per_organization: self.outbound_per_organization.or(below.outbound_per_organization),
            lame_duck_seconds: self.lame_duck_seconds.or(below.lame_duck_seconds),
            drain_seconds: self.drain_seconds.or(below.drain_seconds),
        }
    }
}
