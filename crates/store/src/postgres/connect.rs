//! How to reach a PostgreSQL server: the URL's parts, and TLS that always verifies.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure;
use crate::error::StoreError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_secs(10);

/// Where to connect and how.
pub(super) struct Target {
    pub(super) config: Config,
    pub(super) tls: Tls,
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
            return Ok(Self { config, tls: Tls::Plain });
        }
        config.ssl_mode(SslMode::Require);
        let ca_file = extra.root_certificate.as_deref().or(ca_file);
        Ok(Self { config, tls: Tls::Verified(MakeRustlsConnect::new(client_config(ca_file)?)) })
    }

    /// The same, with statements that end after so long.
    pub(super) fn with_deadline(&self, longest: Duration) -> Self {
        let mut config = self.config.clone();
        let given = config.get_options().map(|options| format!("{options} ")).unwrap_or_default();
        config.options(format!("{given}-c statement_timeout={}", longest.as_millis()));
        Self { config, tls: self.tls.clone() }
    }

    /// Opens a connection; a task of its own drives it until it is lost or dropped.
    pub(super) async fn connect(&self) -> Result<Client, StoreError> {
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
}

fn split_parameters(url: &str) -> (String, Extra) {
    let Some((base, query)) = url.split_once('?') else { return (url.to_owned(), Extra::default()) };
    let mut extra = Extra::default();
    let mut kept = Vec::new();
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        match parameter.split_once('=') {
            Some(("sslmode", value)) => extra.mode = Some(value.to_owned()),
            Some(("sslrootcert", value)) => extra.root_certificate = Some(PathBuf::from(value)),
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
