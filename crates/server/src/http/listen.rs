//! Accepts connections and serves a router over them: plain TCP, or TLS by rustls.
//!
//! The loop is our own because it bounds what one peer can hold: the number of connections, the time for a TLS
//! handshake, the time for a request head, and the time that is left to finish when the server stops.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tower::Service;

use crate::world::fetch::Network;
use crate::world::shutdown::Shutdown;

/// The other end of the connection; every request carries it as an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer(pub SocketAddr);

/// The bounds of one listener.
#[derive(Clone, Debug)]
pub struct ListenOptions {
    /// Serve TLS with this; plain HTTP without.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// The time for a TLS handshake.
    pub handshake_timeout: Duration,
    /// The time for a request head, and so also for an idle kept-alive connection. Longer than the 60 s after
    /// which common load balancers drop an idle connection, so that the balancer is the one that closes.
    pub head_timeout: Duration,
    /// Connections beyond this wait in the backlog of the system.
    pub max_connections: usize,
    /// The time for requests under way when the server stops.
    pub drain_timeout: Duration,
}

impl Default for ListenOptions {
    fn default() -> Self {
        Self {
            tls: None,
            handshake_timeout: Duration::from_secs(10),
            head_timeout: Duration::from_secs(75),
            max_connections: 10_000,
            drain_timeout: Duration::from_secs(20),
        }
    }
}

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

/// A TLS configuration from PEM files: TLS 1.2 and 1.3, HTTP/1.1.
///
/// # Errors
/// When a file cannot be read, holds something else, or the key does not belong to the certificate.
pub fn tls_config(certificate: &Path, key: &Path) -> Result<Arc<rustls::ServerConfig>, TlsError> {
    let refuse = |reason: String| TlsError::Certificate { path: certificate.to_owned(), reason };
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| refuse(error.to_string()))?;
    if chain.is_empty() {
        return Err(refuse("no certificate found".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| TlsError::Key { path: key.to_owned(), reason: error.to_string() })?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Pair)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(TlsError::Pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The address of the client: the peer, unless the peer is a trusted proxy; then the last address in
/// `X-Forwarded-For` that is not one. What stands left of that was written by the client and proves nothing.
#[must_use]
pub(crate) fn client_ip(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let peer = peer.to_canonical();
    if !is_trusted(peer) {
        return peer;
    }
    let mut client = peer;
    for value in headers.get_all("x-forwarded-for").iter().rev() {
        for hop in value.to_str().unwrap_or_default().rsplit(',') {
            let Some(address) = forwarded_address(hop) else { return client };
            client = address;
            if !is_trusted(client) {
                return client;
            }
        }
    }
    client
}

/// One hop, with or without a port.
fn forwarded_address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.parse::<IpAddr>().ok();
    bare.or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip())).map(|ip| ip.to_canonical())
}

/// Serves `router` until `shutdown` starts, then lets requests under way finish until the drain deadline.
///
/// # Errors
/// None at the moment; accept failures (such as too many open files) are logged and tried again.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    options: ListenOptions,
    shutdown: Shutdown,
) -> io::Result<()> {
    let max = u32::try_from(options.max_connections.clamp(1, Semaphore::MAX_PERMITS)).unwrap_or(u32::MAX);
    let slots = Arc::new(Semaphore::new(max as usize));
    let drain_timeout = options.drain_timeout;
    let server = Arc::new(Server {
        router,
        acceptor: options.tls.map(TlsAcceptor::from),
        handshake_timeout: options.handshake_timeout,
        head_timeout: options.head_timeout,
        shutdown: shutdown.clone(),
    });
    tokio::select! {
        () = accept(&listener, &slots, &server) => {}
        () = shutdown.started() => {}
    }
    // Nobody new gets in while the others finish.
    drop(listener);
    let drained = timeout(drain_timeout, slots.acquire_many(max)).await;
    if drained.is_err() {
        let left = max as usize - slots.available_permits();
        tracing::warn!(connections = left, "stopped with connections still open");
    }
    Ok(())
}

struct Server {
    router: Router,
    acceptor: Option<TlsAcceptor>,
    handshake_timeout: Duration,
    head_timeout: Duration,
    shutdown: Shutdown,
}

async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>, server: &Arc<Server>) {
    loop {
        let Ok(slot) = slots.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, peer)) => {
                tokio::spawn(server.clone().connection(stream, peer, slot));
            }
            Err(error) if is_peer_failure(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "accepting connections failed, trying again");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// The peer gave up between connecting and being accepted: nothing to log, nothing to wait for.
fn is_peer_failure(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

impl Server {
    async fn connection(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, slot: OwnedSemaphorePermit) {
        // Answers are small: waiting for more bytes to fill a segment only adds latency.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "could not set TCP_NODELAY");
        }
        let Some(acceptor) = &self.acceptor else {
            self.http(stream, peer).await;
            return drop(slot);
        };
        match timeout(self.handshake_timeout, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => self.http(stream, peer).await,
            Ok(Err(error)) => tracing::debug!(%error, peer = %peer.ip(), "TLS handshake failed"),
            Err(_) => tracing::debug!(peer = %peer.ip(), "TLS handshake took too long"),
        }
        drop(slot);
    }

    async fn http(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, peer: SocketAddr) {
        let router = self.router.clone();
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            router.clone().call(request.map(Body::new))
        });
        let mut connection = std::pin::pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(self.head_timeout)
                .serve_connection(TokioIo::new(stream), service)
        );
        let outcome = tokio::select! {
            outcome = connection.as_mut() => outcome,
            () = self.shutdown.started() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = outcome {
            tracing::debug!(%error, peer = %peer.ip(), "connection ended early");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use axum::Extension;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::task::JoinHandle;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n";

    struct Running {
        address: SocketAddr,
        shutdown: Shutdown,
        task: JoinHandle<io::Result<()>>,
    }

    async fn run(router: Router, options: ListenOptions) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = Shutdown::default();
        let task = tokio::spawn(serve(listener, router, options, shutdown.clone()));
        Running { address, shutdown, task }
    }

    async fn read_some(stream: &mut TcpStream) -> String {
        let mut buffer = [0; 1024];
        let read = stream.read(&mut buffer).await.unwrap_or(0);
        String::from_utf8_lossy(&buffer[..read]).into_owned()
    }

    #[tokio::test]
    async fn requests_carry_their_peer_and_connections_are_kept() {
        let router =
            Router::new().route("/", get(async |Extension(Peer(peer)): Extension<Peer>| peer.to_string()));
        let server = run(router, ListenOptions::default()).await;
        let mut client = TcpStream::connect(server.address).await.unwrap();
        let own = client.local_addr().unwrap().to_string();
        for _ in 0..2 {
            client.write_all(REQUEST).await.unwrap();
            assert!(read_some(&mut client).await.ends_with(&own));
        }
    }

    #[tokio::test]
    async fn a_request_under_way_finishes_after_the_stop() {
        let router = Router::new().route(
            "/",
            get(async || {
                tokio::time::sleep(Duration::from_millis(150)).await;
                "finished"
            }),
        );
        let server = run(router, ListenOptions::default()).await;
        let mut client = TcpStream::connect(server.address).await.unwrap();
        client.write_all(REQUEST).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        server.shutdown.start();
        let answer = read_some(&mut client).await;
        assert!(answer.contains("connection: close") && answer.ends_with("finished"), "{answer}");
        timeout(Duration::from_secs(2), server.task).await.unwrap().unwrap().unwrap();
        assert!(TcpStream::connect(server.address).await.is_err(), "nobody new gets in");
    }

    #[tokio::test]
    async fn the_drain_ends_at_its_deadline() {
        let router = Router::new().route("/", get(async || std::future::pending::<()>().await));
        let options = ListenOptions { drain_timeout: Duration::from_millis(100), ..ListenOptions::default() };
        let server = run(router, options).await;
        let mut client = TcpStream::connect(server.address).await.unwrap();
        client.write_all(REQUEST).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        server.shutdown.start();
        timeout(Duration::from_secs(2), server.task).await.unwrap().unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_slow_request_head_is_cut_off() {
        let options = ListenOptions { head_timeout: Duration::from_millis(100), ..ListenOptions::default() };
        let server = run(Router::new(), options).await;
        let mut client = TcpStream::connect(server.address).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
        let mut rest = Vec::new();
        let closed = timeout(Duration::from_secs(2), client.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "the connection is still open");
    }

    #[tokio::test]
    async fn connections_beyond_the_bound_wait() {
        let options = ListenOptions { max_connections: 1, ..ListenOptions::default() };
        let server = run(Router::new().route("/", get(async || "here")), options).await;
        let first = TcpStream::connect(server.address).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let mut second = TcpStream::connect(server.address).await.unwrap();
        second.write_all(REQUEST).await.unwrap();
        let waiting = timeout(Duration::from_millis(100), read_some(&mut second)).await;
        assert!(waiting.is_err(), "a second connection was served");
        drop(first);
        assert!(read_some(&mut second).await.ends_with("here"));
    }

    /// Runs in a process of its own, which is sent a signal: see the test below.
    #[tokio::test]
    #[ignore = "the inner half of a_signal_starts_the_shutdown"]
    async fn inner_waits_for_a_signal() {
        let shutdown = Shutdown::default();
        shutdown.on_signals().unwrap();
        eprintln!("ready");
        timeout(Duration::from_secs(10), shutdown.started()).await.unwrap();
    }

    #[test]
    fn a_signal_starts_the_shutdown() {
        use std::io::{BufRead, BufReader};
        use std::process::{Command, Stdio};
        for signal in ["TERM", "INT"] {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args([
                    "--exact",
                    "http::listen::tests::inner_waits_for_a_signal",
                    "--ignored",
                    "--nocapture",
                ])
                .stderr(Stdio::piped())
                .stdout(Stdio::null())
                .spawn()
                .unwrap();
            let said = BufReader::new(child.stderr.take().unwrap()).lines().next().unwrap().unwrap();
            assert_eq!(said, "ready");
            Command::new("sh").args(["-c", &format!("kill -{signal} {}", child.id())]).status().unwrap();
            assert!(child.wait().unwrap().success(), "SIG{signal} did not stop it in order");
        }
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted: Vec<Network> = vec!["10.0.0.0/8".parse().unwrap()];
        let client = |peer: &str, forwarded: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append("x-forwarded-for", value.parse().unwrap());
            }
            client_ip(peer.parse().unwrap(), &headers, &trusted).to_string()
        };
        assert_eq!(client("203.0.113.9", &["1.1.1.1"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["1.1.1.1"]), "1.1.1.1");
        assert_eq!(client("10.0.0.1", &["6.6.6.6, 1.1.1.1"]), "1.1.1.1");
        assert_eq!(client("10.0.0.1", &["6.6.6.6", "1.1.1.1, 10.0.0.2"]), "1.1.1.1");
        assert_eq!(client("10.0.0.1", &["6.6.6.6, nonsense, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(client("10.0.0.1", &["1.1.1.1:4711"]), "1.1.1.1");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client("::ffff:10.0.0.1", &["[2001:db8::1]:80"]), "2001:db8::1");
    }
}
