//! How to reach a PostgreSQL server: the URL's parts, and TLS that always verifies.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::time::timeout;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure;
use crate::error::StoreError;

/// How long one host has to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long all of connecting may take, to the first answer to a statement: a proxy accepts for a server that is silent.
pub(super) const WHOLE_CONNECT: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_secs(10);

/// What the server is asked to end by itself, should this program be the silent one. A statement that takes longer is a
/// defect or meets a database that cannot do its work; searches and migrations have bounds of their own.
const SERVER_SIDE: [(&str, &str); 3] = [
    ("statement_timeout", "10s"),
    ("lock_timeout", "4500ms"),
    ("idle_in_transaction_session_timeout", "15s"),
];

/// Where to connect and how.
pub(super) struct Target {
    pub(super) config: Config,
    pub(super) tls: Tls,
    /// How often a connection fell silent. Those opened before the last time are suspected.
    pub(super) silences: AtomicU64,
}

/// Whether the connection is encrypted.
#[derive(Clone)]
pub(super) enum Tls {
    /// Not encrypted: asked for, or it does not leave the machine.
    Plain,
    /// Encrypted, with the server's certificate checked against its host name.
    Verified(MakeRustlsConnect),
}

impl Target {
    /// Reads a `postgres://` URL. `sslmode`: `disable` is plain; `prefer` (the default) is plain on this
    /// machine and the same as `require` elsewhere, since silently falling back would protect nobody;
    /// `require`, `verify-ca` and `verify-full` all verify. `sslrootcert` names a PEM file as `ca_file` does.
    pub(super) fn parse(url: &str, ca_file: Option<&Path>) -> Result<Self, StoreError> {
        let (url, extra) = split_parameters(url);
        let mut config: Config =
            url.parse().map_err(|error: tokio_postgres::Error| StoreError::Url(cause(&error)))?;
        config.connect_timeout(CONNECT_TIMEOUT).tcp_user_timeout(SILENCE);
        config.keepalives_idle(Duration::from_secs(30)).keepalives_interval(Duration::from_secs(10));
        if !extra.names_attributes {
            // After a fail-over an address may lead to a node that takes no writes: that is no connection to have.
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        let given = config.get_options().unwrap_or_default().to_owned();
        let bounds = SERVER_SIDE.iter().filter(|(name, _)| !given.contains(name));
        let bounds = bounds.map(|(name, value)| format!(" -c {name}={value}")).collect::<String>();
        config.options(format!("{given}{bounds}").trim_start());
        if config.get_application_name().is_none() {
            config.application_name("vestibule");
        }
        let mode = extra.mode.as_deref().unwrap_or("prefer");
        let plain = match mode {
            "disable" => true,
            "allow" | "prefer" => stays_here(&config),
            "require" | "verify-ca" | "verify-full" => false,
            other => {
                return Err(StoreError::Url(format!(
                    "found sslmode={other}, expected disable, prefer, require, verify-ca or verify-full"
                )));
            }
        };
        if plain {
            config.ssl_mode(SslMode::Disable);
            return Ok(Self { config, tls: Tls::Plain, silences: AtomicU64::new(0) });
        }
        config.ssl_mode(SslMode::Require);
        let ca_file = extra.root_certificate.as_deref().or(ca_file);
        let tls = Tls::Verified(MakeRustlsConnect::new(client_config(ca_file)?));
        Ok(Self { config, tls, silences: AtomicU64::new(0) })
    }

    /// The same, with statements that end after so long.
    pub(super) fn with_deadline(&self, longest: Duration) -> Self {
        let mut config = self.config.clone();
        let given = config.get_options().map(|options| format!("{options} ")).unwrap_or_default();
        // Of two the last one counts.
        config.options(format!("{given}-c statement_timeout={}", longest.as_millis()));
        Self { config, tls: self.tls.clone(), silences: AtomicU64::new(0) }
    }

    /// Opens a connection; a task of its own drives it until it is lost or dropped.
    pub(super) async fn connect(&self) -> Result<Client, StoreError> {
        let connected = timeout(WHOLE_CONNECT, self.connect_in_time()).await.map_err(|_| {
            // Where a new one is silent, those that are there are, too.
            self.silences.fetch_add(1, Ordering::Relaxed);
            let seconds = WHOLE_CONNECT.as_secs();
            StoreError::Unavailable(format!("no connection to {} within {seconds} s", self.hosts()))
        })?;
        connected.map_err(|error| match error {
            StoreError::Unavailable(why) => StoreError::Unavailable(format!("{}: {why}", self.hosts())),
            other => other,
        })
    }

    /// Where connections lead, for people.
    pub(super) fn hosts(&self) -> String {
        let ports = self.config.get_ports();
        let port = |index: usize| ports.get(index).or(ports.first()).copied().unwrap_or(5432);
        let hosts = self.config.get_hosts().iter().enumerate().map(|(index, host)| match host {
            Host::Tcp(name) => format!("{name}:{}", port(index)),
            #[cfg(unix)]
            Host::Unix(path) => path.display().to_string(),
        });
        hosts.collect::<Vec<_>>().join(", ")
    }

    async fn connect_in_time(&self) -> Result<Client, StoreError> {
        match &self.tls {
            Tls::Plain => {
                let (client, connection) =
                    self.config.connect(NoTls).await.map_err(|error| failure(&error))?;
                tokio::spawn(async move { report(connection.await) });
                Ok(client)
            }
            Tls::Verified(tls) => {
                let connected = self.config.connect(tls.clone()).await;
                let (client, connection) = connected.map_err(|error| failure(&error))?;
                tokio::spawn(async move { report(connection.await) });
                Ok(client)
            }
        }
    }
}

fn report(end: Result<(), tokio_postgres::Error>) {
    if let Err(error) = end {
        tracing::warn!(%error, "a connection to the database was lost");
    }
}

/// The parameters that the driver does not know, or not in all their values.
#[derive(Default)]
struct Extra {
    mode: Option<String>,
    root_certificate: Option<PathBuf>,
    names_attributes: bool,
}

fn split_parameters(url: &str) -> (String, Extra) {
    let Some((base, query)) = url.split_once('?') else { return (url.to_owned(), Extra::default()) };
    let mut extra = Extra::default();
    let mut kept = Vec::new();
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        match parameter.split_once('=') {
            Some(("sslmode", value)) => extra.mode = Some(value.to_owned()),
            Some(("sslrootcert", value)) => extra.root_certificate = Some(PathBuf::from(value)),
            Some(("target_session_attrs", _)) => {
                extra.names_attributes = true;
                kept.push(parameter);
            }
            _ => kept.push(parameter),
        }
    }
    let separator = if kept.is_empty() { "" } else { "?" };
    (format!("{base}{separator}{}", kept.join("&")), extra)
}

/// Whether every host is a socket file or a loopback address.
fn stays_here(config: &Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

fn client_config(ca_file: Option<&Path>) -> Result<rustls::ClientConfig, StoreError> {
    let mut roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = ca_file {
        let unreadable = |error: &dyn std::fmt::Display| {
            StoreError::Url(format!("the certificate authorities in {}: {error}", path.display()))
        };
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&error))? {
            let certificate = certificate.map_err(|error| unreadable(&error))?;
            roots.add(certificate).map_err(|error| unreadable(&error))?;
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Url(error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn cause(error: &tokio_postgres::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encrypted(url: &str) -> bool {
        matches!(Target::parse(url, None).unwrap().tls, Tls::Verified(_))
    }

    #[test]
    fn a_connection_that_leaves_the_machine_is_encrypted_unless_told_otherwise() {
        assert!(!encrypted("postgres://u@127.0.0.1:5432/v"));
        assert!(!encrypted("postgres://u@localhost/v?sslmode=prefer"));
        assert!(!encrypted("postgres://u@%2Frun%2Fpostgresql/v"));
        assert!(encrypted("postgres://u@127.0.0.1/v?sslmode=require"));
        assert!(encrypted("postgres://u@db.test/v"));
        assert!(encrypted("postgres://u@db.test/v?sslmode=verify-full&application_name=x"));
        assert!(!encrypted("postgres://u@db.test/v?sslmode=disable"));
        assert!(Target::parse("postgres://u@db.test/v?sslmode=maybe", None).is_err());
    }
}
