//! The HTTP and TLS clients of the way out, and why they could not be made.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::FetchPolicy;
use super::guard::Reach;
use super::resolve::GuardedResolver;

/// Why a fetcher could not be made.
#[derive(Debug, thiserror::Error)]
pub enum FetcherError {
    /// The CA file cannot be read or holds something else.
    #[error("`outbound.ca_file` {path}: expected certificates in PEM: {reason}")]
    CaFile {
        /// The path as configured.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// The TLS or HTTP client could not be set up.
    #[error("the outbound HTTP client could not be set up: {0}")]
    Client(String),
}

/// The public authorities are compiled in, so that starting does not parse a system store; `ca_file` adds to them.
pub(super) fn tls_config(policy: &FetchPolicy) -> Result<rustls::ClientConfig, FetcherError> {
    let mut roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = &policy.ca_file {
        let refuse = |reason: String| FetcherError::CaFile { path: path.clone(), reason };
        let certificates = CertificateDer::pem_file_iter(path).map_err(|error| refuse(error.to_string()))?;
        let before = roots.len();
        for certificate in certificates {
            let certificate = certificate.map_err(|error| refuse(error.to_string()))?;
            roots.add(certificate).map_err(|error| refuse(error.to_string()))?;
        }
        if roots.len() == before {
            return Err(refuse("no certificate found".to_owned()));
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| FetcherError::Client(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

#[expect(clippy::disallowed_methods, reason = "this module is the guarded way out that the ban points to")]
pub(super) fn http_client(
    policy: &FetchPolicy,
    tls: rustls::ClientConfig,
    resolver: GuardedResolver,
    reach: Reach,
    most_idle: usize,
) -> Result<reqwest::Client, FetcherError> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .https_only(reach == Reach::Checked)
        .dns_resolver(resolver)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(policy.connect_timeout)
        .pool_idle_timeout(Duration::from_secs(60))
        .pool_max_idle_per_host(most_idle)
        .user_agent(concat!("vestibule/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| FetcherError::Client(error.to_string()))
}
