//! The certificate that the server shows: read from its files at start, and again whenever they have changed, so that a
//! renewed one needs no restart. Connections that stand go on with what they began with.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::CryptoProvider;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use vestibule_domain::time::Time;
use x509_parser::parse_x509_certificate;

/// Why the TLS files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate file.
    #[error("`tls.certificate` {path}: expected a certificate chain in PEM, leaf first: {reason}")]
    Certificate {
        /// The path as configured.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// The key file.
    #[error("`tls.key` {path}: expected a private key in PEM: {reason}")]
    Key {
        /// The path as configured.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// Each may be fine, but not together.
    #[error("`tls.certificate` and `tls.key` do not work together: {0}")]
    Pair(rustls::Error),
}

/// A certificate with its key, from two files, and what is shown to clients right now.
#[derive(Debug)]
pub(crate) struct ServedCertificate {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<Current>>,
}

#[derive(Debug)]
struct Current {
    /// What the files held.
    pem: (Vec<u8>, Vec<u8>),
    shown: Arc<CertifiedKey>,
}

/// What somebody should know about a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Whole days until it ends; negative when it has ended.
    pub days_left: i64,
    /// What clients that trust the public authorities say against it, if they do: another host, a chain that is not
    /// whole, an authority of the operator's own.
    pub objection: Option<String>,
}

impl ServedCertificate {
    /// Reads both files.
    ///
    /// # Errors
    /// When a file cannot be read, holds something else, or the key does not belong to the certificate.
    pub(crate) fn load(certificate: &Path, key: &Path) -> Result<Arc<Self>, TlsError> {
        let current = read(certificate, key)?;
        let (certificate, key) = (certificate.to_owned(), key.to_owned());
        Ok(Arc::new(Self { certificate, key, current: RwLock::new(Arc::new(current)) }))
    }

    /// A TLS configuration that shows it: TLS 1.2 and 1.3, HTTP/1.1.
    ///
    /// # Errors
    /// The library's.
    pub(crate) fn config(self: &Arc<Self>) -> Result<Arc<ServerConfig>, TlsError> {
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Pair)?
            .with_no_client_auth()
            .with_cert_resolver(self.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// Shows what the files hold now. Answers whether that is something new. What was shown goes on being shown when the
    /// files cannot be used, as in the moment between the writing of the two.
    ///
    /// # Errors
    /// As for [`ServedCertificate::load`].
    pub(crate) fn reload(&self) -> Result<bool, TlsError> {
        let before = self.current();
        if let (Ok(certificate), Ok(key)) = (fs::read(&self.certificate), fs::read(&self.key))
            && (&certificate, &key) == (&before.pem.0, &before.pem.1)
        {
            return Ok(false);
        }
        let now = Arc::new(read(&self.certificate, &self.key)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = now;
        Ok(true)
    }

    /// How it stands with what is shown, for clients that come to `host`.
    #[must_use]
    pub(crate) fn standing(&self, host: &str, now: Time) -> Option<Standing> {
        let current = self.current();
        let (leaf, intermediates) = current.shown.cert.split_first()?;
        let (_, parsed) = parse_x509_certificate(leaf).ok()?;
        let ends = parsed.validity().not_after.timestamp();
        let days_left = (ends - now.millis().div_euclid(1000)).div_euclid(24 * 60 * 60);
        Some(Standing { days_left, objection: objection(leaf, intermediates, host, now) })
    }

    fn current(&self) -> Arc<Current> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ResolvesServerCert for ServedCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current().shown.clone())
    }
}

/// A TLS configuration from PEM files, as they are now.
///
/// # Errors
/// As for [`ServedCertificate::load`].
pub fn tls_config(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    ServedCertificate::load(certificate, key)?.config()
}

fn read(certificate: &Path, key: &Path) -> Result<Current, TlsError> {
    let unusable = |reason: String| TlsError::Certificate { path: certificate.to_owned(), reason };
    let unusable_key = |reason: String| TlsError::Key { path: key.to_owned(), reason };
    let pem = (
        fs::read(certificate).map_err(|error| unusable(error.to_string()))?,
        fs::read(key).map_err(|error| unusable_key(error.to_string()))?,
    );
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&pem.0)
        .collect::<Result<_, _>>()
        .map_err(|error| unusable(error.to_string()))?;
    if chain.is_empty() {
        return Err(unusable("no certificate found".to_owned()));
    }
    let private = PrivateKeyDer::from_pem_slice(&pem.1).map_err(|error| unusable_key(error.to_string()))?;
    let shown = CertifiedKey::from_der(chain, private, &provider()).map_err(TlsError::Pair)?;
    Ok(Current { pem, shown: Arc::new(shown) })
}

fn objection(
    leaf: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    host: &str,
    now: Time,
) -> Option<String> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build().ok()?;
    let Ok(name) = ServerName::try_from(host) else { return Some(format!("{host} is no name of a server")) };
    let seconds = u64::try_from(now.millis() / 1000).unwrap_or_default();
    let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let error = verifier.verify_server_cert(leaf, intermediates, &name, &[], at).err()?;
    Some(match error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) if intermediates.is_empty() => {
            "no public authority has issued it directly: its intermediate certificates are missing, or the authority is \
             your own"
                .to_owned()
        }
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "no public authority has issued it: the authority is your own, or an intermediate certificate is missing"
                .to_owned()
        }
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => format!("it is not for the host {host}"),
        rustls::Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "it has ended".to_owned()
        }
        rustls::Error::InvalidCertificate(error) => error.to_string(),
        error => error.to_string(),
    })
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}
