//! Accepts connections and serves a router over them: plain TCP, or TLS by rustls.
//!
//! The loop is our own because it bounds what one peer can hold: the number of connections, the time for a TLS
//! handshake, for a request head and for a body, the bytes of a head, and the time that is left to finish when the
//! server stops.

use std::cell::RefCell;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::header::CONNECTION;
use http::{HeaderValue, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tower::Service;

use super::connections::{Admitted, Connection, Connections, Full};
use super::crowded::{CROWDED_PATIENCE, crowded};
use super::forwarded::Peer;
use super::health::is_asked_at;
use super::host::{KnownHost, hostless};
use super::paced::{Pace, PacedBody, PacedStream};
use crate::world::fetch::Network;
use crate::world::shutdown::Shutdown;
use crate::world::telemetry::metric;

/// How long those who stand at the door are let in when the server stops.
const LAST_CALL: Duration = Duration::from_millis(500);

/// The most bytes of a request head. Cookies and a provider's answer in the query have room in it.
const MOST_HEAD: usize = 32 * 1024;

/// The bounds of one listener.
#[derive(Clone, Debug)]
pub struct ListenOptions {
    /// Serve TLS with this; plain HTTP without.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// The time for a TLS handshake.
    pub handshake_timeout: Duration,
    /// The time for a connection without a request. Longer than the 60 s after which common load balancers drop an
    /// idle connection, so that the balancer is the one that closes.
    pub idle_timeout: Duration,
    /// The time for a request that was begun.
    pub pace: Pace,
    /// Connections held at once. Beyond, an idle one gives way; if there is none, new ones are answered that the server is
    /// busy, but for what load balancers ask.
    pub max_connections: usize,
    /// Connections of one client. Beyond, an idle one of the same client gives way; if there is none, new ones are
    /// closed.
    pub max_connections_per_client: usize,
    /// Peers that bring the connections of many clients, and are not counted as one.
    pub trusted_proxies: Vec<Network>,
    /// The time for requests under way when the server stops.
    pub drain_timeout: Duration,
}

impl Default for ListenOptions {
    fn default() -> Self {
        Self {
            tls: None,
            handshake_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            pace: Pace::default(),
            max_connections: 10_000,
            max_connections_per_client: 512,
            trusted_proxies: Vec::new(),
            drain_timeout: Duration::from_secs(20),
        }
    }
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
    let drain_timeout = options.drain_timeout;
    let connections =
        Connections::new(options.max_connections.max(1), options.max_connections_per_client.max(1));
    let server = Arc::new(Server {
        router,
        acceptor: options.tls.map(TlsAcceptor::from),
        handshake_timeout: options.handshake_timeout,
        idle_timeout: options.idle_timeout,
        pace: options.pace,
        connections: connections.clone(),
        trusted_proxies: options.trusted_proxies,
        shutdown: shutdown.clone(),
    });
    tokio::select! {
        () = accept(&listener, &server) => {}
        () = shutdown.started() => {}
    }
    // Whoever is at the door already is let in; then nobody new is, while the others finish.
    let _ = timeout(LAST_CALL, accept_waiting(&listener, &server)).await;
    drop(listener);
    if timeout(drain_timeout, connections.none()).await.is_err() {
        tracing::warn!(connections = connections.count(), "stopped with connections still open");
    }
    Ok(())
}

struct Server {
    router: Router,
    acceptor: Option<TlsAcceptor>,
    handshake_timeout: Duration,
    idle_timeout: Duration,
    pace: Pace,
    connections: Arc<Connections>,
    trusted_proxies: Vec<Network>,
    shutdown: Shutdown,
}

/// Accepts those whose connections stand already, which would be broken with the listener.
async fn accept_waiting(listener: &TcpListener, server: &Arc<Server>) {
    while let Ok(Ok((stream, peer))) = timeout(LAST_CALL / 10, listener.accept()).await {
        if let Some(admitted) = server.admit(peer.ip()).await {
            tokio::spawn(server.clone().connection(stream, peer, admitted));
        }
    }
}

async fn accept(listener: &TcpListener, server: &Arc<Server>) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                if let Some(admitted) = server.admit(peer.ip()).await {
                    tokio::spawn(server.clone().connection(stream, peer, admitted));
                }
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
    /// Room for a connection: at once, or when another one has ended. `None` for a client that has its share.
    async fn admit(&self, peer: IpAddr) -> Option<Admitted> {
        let bounded = !self.trusted_proxies.iter().any(|network| network.contains(peer.to_canonical()));
        loop {
            match self.connections.admit(peer.into(), bounded) {
                Ok(admitted) => return Some(admitted),
                Err(Full::Client) => {
                    metrics::counter!(metric::CONNECTIONS_REFUSED).increment(1);
                    return None;
                }
                Err(Full::Server) => match self.connections.admit_spare(peer.into()) {
                    Some(spare) => return Some(spare),
                    None => self.connections.room().await,
                },
            }
        }
    }

    async fn connection(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, admitted: Admitted) {
        // Answers are small: waiting for more bytes to fill a segment only adds latency.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "could not set TCP_NODELAY");
        }
        let connection = &admitted.connection;
        let Some(acceptor) = &self.acceptor else {
            return self.http(stream, peer, connection).await;
        };
        let shaken = tokio::select! {
            shaken = timeout(self.handshake_timeout, acceptor.accept(stream)) => shaken,
            () = connection.told_to_leave() => return,
        };
        match shaken {
            Ok(Ok(stream)) => self.http(stream, peer, connection).await,
            Ok(Err(error)) => tracing::debug!(%error, peer = %peer.ip(), "TLS handshake failed"),
            Err(_) => tracing::debug!(peer = %peer.ip(), "TLS handshake took too long"),
        }
    }

    async fn http(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        peer: SocketAddr,
        connection: &Arc<Connection>,
    ) {
        let (router, held, pace) = (self.router.clone(), connection.clone(), self.pace);
        let shutdown = self.shutdown.clone();
        let host = RefCell::new(KnownHost::default());
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            held.set_busy(true);
            request.extensions_mut().insert(Peer(peer));
            let turned_away = held.is_spare() && !is_asked_at(request.uri().path());
            let turned_away = turned_away.then(|| Box::new(crowded(request.headers())));
            let answer = (host.borrow_mut().is_named_by(&request) && turned_away.is_none())
                .then(|| router.clone().call(request.map(|body| Body::new(PacedBody::new(body, pace)))));
            let (held, shutdown) = (held.clone(), shutdown.clone());
            async move {
                let mut answer = match (answer, turned_away) {
                    (Some(answer), _) => answer.await,
                    (None, Some(crowded)) => Ok(*crowded),
                    (None, None) => Ok(hostless()),
                };
                if let Ok(answer) = &mut answer
                    && (held.is_spare() || shutdown.is_leaving())
                {
                    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                held.set_busy(false);
                answer
            }
        });
        let idle_timeout = if connection.is_spare() { CROWDED_PATIENCE } else { self.idle_timeout };
        let stream = PacedStream::new(stream, connection.clone(), pace, idle_timeout);
        let mut served = std::pin::pin!(
            http1::Builder::new().max_buf_size(MOST_HEAD).serve_connection(TokioIo::new(stream), service)
        );
        let outcome = tokio::select! {
            biased;
            outcome = served.as_mut() => outcome,
            () = self.told_to_end(connection) => {
                served.as_mut().graceful_shutdown();
                served.await
            }
        };
        if let Err(error) = outcome {
            tracing::debug!(%error, peer = %peer.ip(), "connection ended early");
        }
    }

    /// Waits until the server stops or the connection has to give way. Either way an answer under way is finished.
    async fn told_to_end(&self, connection: &Connection) {
        tokio::select! {
            () = self.shutdown.started() => {}
            () = connection.told_to_leave() => {}
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
        let options = ListenOptions { pace: quick(), ..ListenOptions::default() };
        let server = run(Router::new(), options).await;
        let mut client = TcpStream::connect(server.address).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
        let mut rest = Vec::new();
        let closed = timeout(Duration::from_secs(2), client.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "the connection is still open");
    }

    fn quick() -> Pace {
        let soon = Duration::from_millis(100);
        Pace { head: soon, write: soon, body: soon, body_rate: 1024, whole_body: soon * 5 }
    }

    async fn is_closed(stream: &mut TcpStream) -> bool {
        let mut rest = Vec::new();
        timeout(Duration::from_secs(2), stream.read_to_end(&mut rest)).await.is_ok()
    }

    #[tokio::test]
    async fn a_head_that_comes_byte_by_byte_is_cut_off_and_an_idle_connection_is_not() {
        let options = ListenOptions { pace: quick(), ..ListenOptions::default() };
        let server = run(Router::new().route("/", get(async || "here")), options).await;
        let mut idle = TcpStream::connect(server.address).await.unwrap();
        let mut slow = TcpStream::connect(server.address).await.unwrap();
        slow.write_all(b"GET / HTTP/1.1\r\nhost: ").await.unwrap();
        for _ in 0..40 {
            if slow.write_all(b"h").await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(is_closed(&mut slow).await);
        idle.write_all(REQUEST).await.unwrap();
        assert!(read_some(&mut idle).await.ends_with("here"));
    }

    #[tokio::test]
    async fn a_connection_without_a_request_is_closed_and_every_request_begins_its_time_anew() {
        let options = ListenOptions { idle_timeout: Duration::from_millis(200), ..ListenOptions::default() };
        let server = run(Router::new().route("/", get(async || "here")), options).await;
        let mut silent = TcpStream::connect(server.address).await.unwrap();
        let mut used = TcpStream::connect(server.address).await.unwrap();
        for _ in 0..4 {
            tokio::time::sleep(Duration::from_millis(120)).await;
            used.write_all(REQUEST).await.unwrap();
            assert!(read_some(&mut used).await.ends_with("here"));
        }
        assert!(is_closed(&mut silent).await && is_closed(&mut used).await);
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_ends_with_an_answer() {
        use crate::http::body::read;
        use crate::world::bodies::Bodies;
        let answer = async |request: axum::extract::Request| {
            let read =
                read(request.into_body(), 1024, &Bodies::default(), IpAddr::from([127, 0, 0, 1])).await;
            read.map_or_else(
                |failure| failure.refusal().to_string(),
                |read| format!("{} bytes", read.bytes().len()),
            )
        };
        let options = ListenOptions { pace: quick(), ..ListenOptions::default() };
        let server = run(Router::new().route("/", axum::routing::post(answer)), options).await;
        for silent in ["content-length: 9\r\n\r\nhalf", "transfer-encoding: chunked\r\n\r\n1\r\na\r\n"] {
            let mut client = TcpStream::connect(server.address).await.unwrap();
            client.write_all(format!("POST / HTTP/1.1\r\nhost: h\r\n{silent}").as_bytes()).await.unwrap();
            let said = timeout(Duration::from_secs(2), read_some(&mut client)).await.unwrap();
            assert!(said.contains("took too long to arrive"), "{said}");
        }
        let mut client = TcpStream::connect(server.address).await.unwrap();
        client.write_all(b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\n\r\nfull").await.unwrap();
        assert!(read_some(&mut client).await.ends_with("4 bytes"));
    }

    #[tokio::test]
    async fn a_peer_that_takes_no_answer_is_let_go() {
        let router = Router::new().route("/", get(async || vec![b'x'; 32 * 1024 * 1024]));
        let options = ListenOptions { pace: quick(), ..ListenOptions::default() };
        let server = run(router, options).await;
        let mut client = TcpStream::connect(server.address).await.unwrap();
        client.write_all(REQUEST).await.unwrap();
        tokio::time::sleep(Duration::from_millis(600)).await;
        server.shutdown.start();
        timeout(Duration::from_secs(2), server.task).await.unwrap().unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_request_names_one_host() {
        let server = run(Router::new().route("/", get(async || "here")), ListenOptions::default()).await;
        let answer = async |head: &str| {
            let mut client = TcpStream::connect(server.address).await.unwrap();
            client.write_all(format!("{head}\r\n\r\n").as_bytes()).await.unwrap();
            read_some(&mut client).await
        };
        for good in [
            "GET / HTTP/1.1\r\nhost: h",
            "GET / HTTP/1.1\r\nHost: [::1]:8080",
            "GET / HTTP/1.0",
            "GET http://h/ HTTP/1.1\r\nhost: H",
        ] {
            assert!(answer(good).await.ends_with("here"), "{good}");
        }
        for bad in [
            "GET / HTTP/1.1",
            "GET / HTTP/1.1\r\nhost: a\r\nhost: a",
            "GET / HTTP/1.1\r\nhost: <script>",
            "GET / HTTP/1.1\r\nhost:",
            "GET http://other/ HTTP/1.1\r\nhost: h",
        ] {
            assert!(answer(bad).await.starts_with("HTTP/1.1 400"), "{bad}");
        }
    }

    #[tokio::test]
    async fn a_long_head_is_refused() {
        let server = run(Router::new(), ListenOptions::default()).await;
        let mut client = TcpStream::connect(server.address).await.unwrap();
        let head = format!("GET / HTTP/1.1\r\nhost: h\r\ncookie: {}\r\n", "a".repeat(MOST_HEAD));
        client.write_all(head.as_bytes()).await.unwrap();
        assert!(read_some(&mut client).await.starts_with("HTTP/1.1 431"));
    }

    #[tokio::test]
    async fn idle_connections_give_way_and_busy_ones_do_not() {
        let router = Router::new().route("/", get(async || "here")).route(
            "/slow",
            get(async || {
                tokio::time::sleep(Duration::from_millis(300)).await;
                "done"
            }),
        );
        let options = ListenOptions { max_connections: 2, ..ListenOptions::default() };
        let server = run(router, options).await;
        let mut busy = TcpStream::connect(server.address).await.unwrap();
        busy.write_all(b"GET /slow HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let mut idle = TcpStream::connect(server.address).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let mut late = TcpStream::connect(server.address).await.unwrap();
        late.write_all(REQUEST).await.unwrap();
        assert!(read_some(&mut late).await.ends_with("here"));
        assert!(is_closed(&mut idle).await);
        assert!(read_some(&mut busy).await.ends_with("done"));
    }

    #[tokio::test]
    async fn a_client_with_its_share_of_busy_connections_gets_no_more() {
        let router = Router::new().route("/", get(async || std::future::pending::<()>().await));
        let options = ListenOptions { max_connections_per_client: 1, ..ListenOptions::default() };
        let server = run(router, options).await;
        let mut busy = TcpStream::connect(server.address).await.unwrap();
        busy.write_all(REQUEST).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let mut second = TcpStream::connect(server.address).await.unwrap();
        assert!(is_closed(&mut second).await);
    }

    /// Runs in a process of its own, which is sent a signal: see the test below.
    #[tokio::test]
    #[ignore = "the inner half of a_signal_starts_the_shutdown"]
    async fn inner_waits_for_a_signal() {
        let shutdown = Shutdown::default();
        shutdown.on_signals(Duration::ZERO).unwrap();
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
}
