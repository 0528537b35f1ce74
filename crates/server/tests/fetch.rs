//! The guarded way out, against real listeners. Every refusal is proven twice: by the error, and by a canary
//! that must not have been reached.
#![expect(clippy::unwrap_used, reason = "helpers of a test program: a failure here is a failure of the test")]

#[path = "fetch/places.rs"]
mod places;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, HeaderMap, LOCATION, SET_COOKIE};
use axum::routing::{get, post};
use http::StatusCode;
use hyper::body::Frame;
use tokio::net::TcpListener;
use url::Url;
use vestibule_server::Shutdown;
use vestibule_server::fetch::{
    FetchError, FetchPolicy, FetchRequest, FetchResponse, Fetcher, FetcherError, Resolved, Resolver,
};
use vestibule_server::{ListenOptions, serve, tls_config};

#[path = "fetch/forgotten.rs"]
mod forgotten;

use forgotten::forgetful;

/// A listener that counts connections and answers a secret nobody may read.
struct Canary {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Canary {
    async fn on(address: &str) -> Option<Self> {
        let listener = TcpListener::bind((address, 0)).await.ok()?;
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = connections.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                drop(stream);
            }
        });
        Some(Self { address, connections })
    }

    async fn new() -> Self {
        Self::on("127.0.0.1").await.unwrap()
    }

    async fn assert_untouched(&self, what: &str) {
        // A connection would have been accepted by the kernel already; let the loop count it.
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(self.connections.load(Ordering::SeqCst), 0, "{what} reached the canary");
    }
}

/// Answers from a list, the last one again and again; counts how often it was asked.
struct Scripted {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Scripted {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |answer: &&[&str]| answer.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Self { answers: answers.iter().map(parse).collect(), asked: AtomicUsize::new(0) })
    }
}

impl Resolver for Scripted {
    fn resolve(&self, _host: String) -> Resolved {
        let turn = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers.get(turn).or(self.answers.last()).cloned();
        Box::pin(async move { answer.ok_or_else(|| io::Error::other("no such name")) })
    }
}

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

async fn fetch(fetcher: &Fetcher, text: &str) -> Result<FetchResponse, FetchError> {
    fetcher.for_operator().send(FetchRequest::get(url(text))).await
}

fn scripted(policy: &FetchPolicy, answers: &[&[&str]]) -> (Fetcher, Arc<Scripted>) {
    let resolver = Scripted::new(answers);
    (Fetcher::with_resolver(policy, &(resolver.clone() as Arc<dyn Resolver>)).unwrap(), resolver)
}

/// A policy of production that allows the port of a listener, so that only the address can be the reason.
fn port_of(canary: &Canary) -> FetchPolicy {
    FetchPolicy { allowed_ports: vec![443, canary.address.port()], ..FetchPolicy::default() }
}

fn development() -> FetchPolicy {
    FetchPolicy { allow_loopback_http: true, ..FetchPolicy::default() }
}

async fn plain(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, router, ListenOptions::default(), Shutdown::default()));
    address
}

/// A TLS listener for `idp.test`, and the file with its authority.
async fn tls(router: Router) -> (SocketAddr, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["idp.test".to_owned()]).unwrap();
    let (certificate, key) = (directory.path().join("ca.pem"), directory.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let options =
        ListenOptions { tls: Some(tls_config(&certificate, &key).unwrap()), ..ListenOptions::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, router, options, Shutdown::default()));
    (address, directory)
}

#[tokio::test]
async fn no_spelling_of_a_loopback_address_gets_through() {
    let canary = Canary::new().await;
    let fetcher = Fetcher::new(&port_of(&canary)).unwrap();
    for host in [
        "127.0.0.1",
        "127.1",
        "127.0.0.1.",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "017700000001",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
        "0",
        "0.0.0.0",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "[::]",
    ] {
        let refused = fetch(&fetcher, &format!("https://{host}:{}/", canary.address.port())).await;
        assert!(matches!(refused, Err(FetchError::Address { .. })), "{host}: {refused:?}");
        canary.assert_untouched(host).await;
    }
}

#[tokio::test]
async fn ipv6_loopback_does_not_get_through() {
    let Some(canary) = Canary::on("::1").await else { return };
    let fetcher = Fetcher::new(&port_of(&canary)).unwrap();
    for host in ["[::1]", "[0:0:0:0:0:0:0:1]", "[::0001]"] {
        let refused = fetch(&fetcher, &format!("https://{host}:{}/", canary.address.port())).await;
        assert!(matches!(refused, Err(FetchError::Address { .. })), "{host}: {refused:?}");
    }
    canary.assert_untouched("::1").await;
}

#[tokio::test]
async fn names_of_internal_addresses_do_not_get_through() {
    let canary = Canary::new().await;
    let port = canary.address.port();
    let system = Fetcher::new(&port_of(&canary)).unwrap();
    for name in ["localhost", "LOCALHOST", "localhost."] {
        let refused = fetch(&system, &format!("https://{name}:{port}/")).await;
        assert!(
            matches!(refused, Err(FetchError::Address { .. } | FetchError::Resolve { .. })),
            "{refused:?}"
        );
    }
    for address in
        ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.5", "169.254.169.254", "fd00::1", "100.64.0.1"]
    {
        let (fetcher, _) = scripted(&port_of(&canary), &[&[address]]);
        let refused = fetch(&fetcher, &format!("https://idp.test:{port}/")).await;
        assert!(matches!(refused, Err(FetchError::Address { .. })), "{address}: {refused:?}");
    }
    canary.assert_untouched("a name").await;
}

#[tokio::test]
async fn one_internal_address_among_public_ones_refuses_the_name() {
    let canary = Canary::new().await;
    let (fetcher, _) = scripted(&port_of(&canary), &[&["8.8.8.8", "127.0.0.1"]]);
    let refused = fetch(&fetcher, &format!("https://idp.test:{}/", canary.address.port())).await;
    assert!(matches!(refused, Err(FetchError::Address { .. })), "{refused:?}");
    canary.assert_untouched("a mixed answer").await;
}

#[tokio::test]
async fn an_answer_that_changes_does_not_get_through() {
    let canary = Canary::new().await;
    let url = format!("https://idp.test:{}/", canary.address.port());
    // The first answer may be connected to (nothing listens on the allowed network), the second is the trap.
    let policy = FetchPolicy { allowed_networks: vec!["127.9.9.0/24".parse().unwrap()], ..port_of(&canary) };
    let (fetcher, resolver) = scripted(&policy, &[&["127.9.9.9"], &["127.0.0.1"]]);
    let first = fetch(&fetcher, &url).await;
    assert!(matches!(first, Err(FetchError::Connect { .. })), "{first:?}");
    assert_eq!(resolver.asked.load(Ordering::SeqCst), 1, "the checked answer is the one connected to");
    let second = fetch(&fetcher, &url).await;
    assert!(matches!(second, Err(FetchError::Address { .. })), "{second:?}");
    canary.assert_untouched("a rebound name").await;
}

/// An egress proxy that leads everything to `to`, and notes what it was asked for.
async fn egress(to: SocketAddr) -> (SocketAddr, Arc<std::sync::Mutex<Vec<String>>>) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
    let notes = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let notes = notes.clone();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(client.read_u8().await.unwrap());
                }
                notes.lock().unwrap().push(String::from_utf8(head).unwrap());
                let mut server = tokio::net::TcpStream::connect(to).await.unwrap();
                client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    (address, asked)
}

#[tokio::test]
async fn a_proxy_is_led_to_judged_addresses_and_nowhere_else() {
    let router = Router::new()
        .route("/", get(async || "through"))
        .route("/large", get(async || vec![b'x'; 4097]))
        .route("/away", get(async || (StatusCode::FOUND, [(LOCATION, "https://elsewhere.test/x")])));
    let (server, directory) = tls(router).await;
    let (proxy, asked) = egress(server).await;
    let policy = FetchPolicy {
        proxy: vestibule_server::fetch::Proxy::parse(&format!("http://me:word@{proxy}")),
        ca_file: Some(directory.path().join("ca.pem")),
        ..FetchPolicy::default()
    };
    let (fetcher, _) = scripted(&policy, &[&["8.8.8.8"]]);
    let answer = fetch(&fetcher, "https://idp.test/").await.unwrap();
    assert_eq!(answer.body, b"through");
    let head = asked.lock().unwrap()[0].clone();
    assert!(head.starts_with("CONNECT 8.8.8.8:443 HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("Proxy-Authorization: Basic bWU6d29yZA=="), "{head}");
    assert!(!head.contains("idp.test"), "the name is not the proxy's to resolve: {head}");
    let redirected = fetch(&fetcher, "https://idp.test/away").await.unwrap_err();
    assert!(matches!(redirected, FetchError::Redirected { status: 302, .. }), "{redirected:?}");
    let request = FetchRequest { limit_bytes: 4096, ..FetchRequest::get(url("https://idp.test/large")) };
    let large = fetcher.for_operator().send(request).await.unwrap_err();
    assert!(matches!(large, FetchError::TooLarge { limit: 4096, .. }), "{large:?}");

    let before = asked.lock().unwrap().len();
    for inner in ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::1"] {
        let (fetcher, _) = scripted(&policy, &[&[inner]]);
        let refused = fetch(&fetcher, "https://idp.test/").await.unwrap_err();
        assert!(matches!(refused, FetchError::Address { .. }), "{inner}: {refused:?}");
    }
    let refused = fetch(&fetcher, "https://127.0.0.1/").await.unwrap_err();
    assert!(matches!(refused, FetchError::Address { .. }), "{refused:?}");
    assert_eq!(asked.lock().unwrap().len(), before, "the proxy was asked for none of them");
    // Somebody else's certificate is refused through a proxy, too.
    let strict = FetchPolicy { ca_file: None, ..policy };
    let (fetcher, _) = scripted(&strict, &[&["8.8.8.8"]]);
    let refused = fetch(&fetcher, "https://idp.test/").await.unwrap_err();
    assert!(matches!(refused, FetchError::Connect { .. }), "{refused:?}");
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    let (fetcher, _) = scripted(&FetchPolicy::default(), &[&["10.0.0.5"]]);
    let message = fetch(&fetcher, "https://idp.test/").await.unwrap_err().to_string();
    assert_eq!(
        message,
        "idp.test is at 10.0.0.5, which is a private address. Add its network to `outbound.allowed_networks` if \
         this is intended"
    );
    let message = fetch(&fetcher, "https://idp.test:8443/").await.unwrap_err().to_string();
    assert!(message.contains("port 8443; allowed are 443. Add it to `outbound.allowed_ports`"), "{message}");
}

#[tokio::test]
async fn scheme_port_user_and_fragment_are_judged_before_anything_is_sent() {
    let canary = Canary::new().await;
    let port = canary.address.port();
    let policy =
        FetchPolicy { allowed_networks: vec!["127.0.0.0/8".parse().unwrap()], ..FetchPolicy::default() };
    let fetcher = Fetcher::new(&policy).unwrap();
    let error = |text: String| {
        let fetcher = fetcher.clone();
        async move { fetch(&fetcher, &text).await.unwrap_err() }
    };
    let found = error(format!("https://127.0.0.1:{port}/")).await;
    assert!(matches!(found, FetchError::Port { .. }), "{found:?}");
    let found = error(format!("http://127.0.0.1:{port}/")).await;
    assert!(matches!(found, FetchError::Scheme { .. }), "{found:?}");
    let found = error("http://127.0.0.1:443/".to_owned()).await;
    assert!(matches!(found, FetchError::Scheme { .. }), "{found:?}");
    let found = error("https://user@127.0.0.1/".to_owned()).await;
    assert!(matches!(found, FetchError::Credentials), "{found:?}");
    let found = error("https://:word@127.0.0.1/".to_owned()).await;
    assert!(matches!(found, FetchError::Credentials), "{found:?}");
    let found = error("https://127.0.0.1/#part".to_owned()).await;
    assert!(matches!(found, FetchError::Fragment), "{found:?}");
    for other in ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:70/", "data:text/plain,x"] {
        let found = error(other.to_owned()).await;
        assert!(matches!(found, FetchError::Scheme { .. } | FetchError::NoHost), "{other}: {found:?}");
    }
    canary.assert_untouched("a refused URL").await;
}

#[tokio::test]
async fn redirects_are_not_followed_and_show_the_origin_only() {
    let canary = Canary::new().await;
    let target = format!("http://{}/secret?token=1", canary.address);
    let router = Router::new()
        .route("/away", get(async move || (StatusCode::FOUND, [(LOCATION, target)])))
        .route("/near", get(async || (StatusCode::PERMANENT_REDIRECT, [(LOCATION, "/elsewhere")])))
        .route("/nowhere", get(async || StatusCode::NOT_MODIFIED));
    let server = plain(router).await;
    let fetcher = Fetcher::new(&development()).unwrap();
    let error = fetch(&fetcher, &format!("http://{server}/away")).await.unwrap_err();
    let FetchError::Redirected { status: 302, to: Some(to), .. } = &error else { panic!("{error:?}") };
    assert_eq!(*to, format!("http://{}", canary.address));
    assert!(!error.to_string().contains("token"), "{error}");
    let error = fetch(&fetcher, &format!("http://{server}/near")).await.unwrap_err();
    assert!(matches!(error, FetchError::Redirected { status: 308, .. }), "{error:?}");
    let error = fetch(&fetcher, &format!("http://{server}/nowhere")).await.unwrap_err();
    assert!(matches!(error, FetchError::Redirected { status: 304, to: None, .. }), "{error:?}");
    canary.assert_untouched("a redirect").await;
}

#[tokio::test]
async fn an_endless_body_is_cut_at_the_limit() {
    let router = Router::new()
        .route("/declared", get(async || vec![b'x'; 4097]))
        .route("/chunked", get(async || Body::new(Endless)))
        .route("/fits", get(async || vec![b'x'; 4096]));
    let server = plain(router).await;
    let fetcher = Fetcher::new(&development()).unwrap();
    for path in ["declared", "chunked"] {
        let request =
            FetchRequest { limit_bytes: 4096, ..FetchRequest::get(url(&format!("http://{server}/{path}"))) };
        let error = fetcher.for_operator().send(request).await.unwrap_err();
        assert!(matches!(error, FetchError::TooLarge { limit: 4096, .. }), "{error:?}");
        assert!(!error.to_string().contains("xx"), "{error}");
    }
    let request =
        FetchRequest { limit_bytes: 4096, ..FetchRequest::get(url(&format!("http://{server}/fits"))) };
    assert_eq!(fetcher.for_operator().send(request).await.unwrap().body.len(), 4096);
}

/// A body that never ends.
struct Endless;

impl hyper::body::Body for Endless {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b'x'; 512])))))
    }
}

#[tokio::test]
async fn a_slow_answer_ends_at_the_deadline() {
    let router = Router::new()
        .route("/head", get(async || std::future::pending::<()>().await))
        .route("/body", get(async || Body::new(Silent)));
    let server = plain(router).await;
    let policy = FetchPolicy { total_timeout: Duration::from_millis(150), ..development() };
    let fetcher = Fetcher::new(&policy).unwrap();
    for path in ["head", "body"] {
        let error = fetch(&fetcher, &format!("http://{server}/{path}")).await.unwrap_err();
        assert!(matches!(error, FetchError::Timeout { .. }), "{path}: {error:?}");
    }
}

/// A body that starts and then says nothing.
struct Silent;

impl hyper::body::Body for Silent {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn the_development_switch_reaches_loopback_by_http() {
    let echo = async |headers: HeaderMap, body: String| {
        let content_type =
            headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        ([(CACHE_CONTROL, "max-age=60"), (SET_COOKIE, "a=b")], format!("{content_type}|{body}"))
    };
    let server = plain(Router::new().route("/token", post(echo))).await;
    let fetcher = Fetcher::new(&development()).unwrap();
    for host in ["127.0.0.1", "localhost"] {
        let target = url(&format!("http://{host}:{}/token", server.port()));
        let answer =
            fetcher.for_operator().send(FetchRequest::post_form(target, b"a=1".to_vec())).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.body, b"application/x-www-form-urlencoded|a=1");
        assert_eq!(answer.headers.get(CACHE_CONTROL).unwrap(), "max-age=60");
        assert!(answer.headers.get(SET_COOKIE).is_none(), "only useful headers are kept");
    }
    let missing = fetch(&fetcher, &format!("http://{server}/none")).await.unwrap();
    assert_eq!(missing.status, StatusCode::NOT_FOUND, "an error status is an answer");
}

#[tokio::test]
async fn the_development_switch_reaches_nothing_but_loopback_by_http() {
    let (fetcher, _) = scripted(&development(), &[&["8.8.8.8"]]);
    let error = fetch(&fetcher, "http://idp.test/").await.unwrap_err();
    assert!(matches!(error, FetchError::Address { .. }), "{error:?}");
    let error = fetch(&fetcher, "https://idp.test:8443/").await.unwrap_err();
    assert!(matches!(error, FetchError::Address { .. }), "{error:?}");
}

#[tokio::test]
async fn an_allowed_network_is_reached_over_tls_with_its_own_authority() {
    let (server, directory) = tls(Router::new().route("/", get(async || "inside"))).await;
    let allowed = FetchPolicy {
        allowed_networks: vec!["127.0.0.0/8".parse().unwrap()],
        allowed_ports: vec![server.port()],
        ca_file: Some(directory.path().join("ca.pem")),
        ..FetchPolicy::default()
    };
    let address = format!("https://idp.test:{}/", server.port());
    let (fetcher, resolver) = scripted(&allowed, &[&["127.0.0.1"], &["10.0.0.5"]]);
    assert_eq!(fetch(&fetcher, &address).await.unwrap().body, b"inside");
    assert_eq!(fetch(&fetcher, &address).await.unwrap().body, b"inside");
    assert_eq!(
        resolver.asked.load(Ordering::SeqCst),
        1,
        "the second request uses the connection of the first"
    );

    let unknown_authority = FetchPolicy { ca_file: None, ..allowed.clone() };
    let error = fetch(&scripted(&unknown_authority, &[&["127.0.0.1"]]).0, &address).await.unwrap_err();
    assert!(
        matches!(&error, FetchError::Connect { reason, .. } if reason.contains("UnknownIssuer")),
        "{error:?}"
    );

    let other_name = format!("https://other.test:{}/", server.port());
    let error = fetch(&scripted(&allowed, &[&["127.0.0.1"]]).0, &other_name).await.unwrap_err();
    assert!(matches!(&error, FetchError::Connect { .. }), "{error:?}");
}

#[tokio::test]
async fn failures_are_told_apart() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let fetcher = Fetcher::new(&development()).unwrap();
    let error = fetch(&fetcher, &format!("http://{closed}/")).await.unwrap_err();
    assert!(matches!(error, FetchError::Connect { .. }), "{error:?}");
    let (fetcher, _) = scripted(&development(), &[]);
    let error = fetch(&fetcher, "https://idp.test/").await.unwrap_err();
    assert!(matches!(&error, FetchError::Resolve { reason, .. } if reason == "no such name"), "{error:?}");
    let (fetcher, _) = scripted(&development(), &[&[]]);
    let error = fetch(&fetcher, "https://idp.test/").await.unwrap_err();
    assert!(matches!(error, FetchError::Resolve { .. }), "{error:?}");
}

/// Runs in a process of its own, because the environment belongs to the whole process: see the test below.
#[tokio::test]
#[ignore = "the inner half of proxies_of_the_environment_are_ignored"]
async fn inner_fetches_with_a_proxy_in_the_environment() {
    let server = plain(Router::new().route("/", get(async || "direct"))).await;
    let fetcher = Fetcher::new(&development()).unwrap();
    assert_eq!(fetch(&fetcher, &format!("http://{server}/")).await.unwrap().body, b"direct");
    let (fetcher, _) = scripted(&development(), &[&["127.0.0.1"]]);
    let answer = fetch(&fetcher, &format!("http://idp.test:{}/", server.port())).await.unwrap();
    assert_eq!(answer.body, b"direct");
}

#[tokio::test(flavor = "multi_thread")]
async fn proxies_of_the_environment_are_ignored() {
    let canary = Canary::new().await;
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "inner_fetches_with_a_proxy_in_the_environment", "--ignored"]);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        child.env(name, format!("http://{}", canary.address));
    }
    let output = child.env_remove("no_proxy").env_remove("NO_PROXY").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    canary.assert_untouched("a proxy of the environment").await;
}

#[test]
fn a_ca_file_must_hold_certificates() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ca.pem");
    let policy = FetchPolicy { ca_file: Some(path.clone()), ..FetchPolicy::default() };
    assert!(matches!(Fetcher::new(&policy), Err(FetcherError::CaFile { .. })), "a missing file");
    std::fs::write(&path, "no certificate").unwrap();
    let message = Fetcher::new(&policy).unwrap_err().to_string();
    assert!(message.contains("outbound.ca_file") && message.contains("no certificate found"), "{message}");
}

#[tokio::test]
async fn an_internal_address_is_for_the_log_alone() {
    let (fetcher, _) = scripted(&FetchPolicy::default(), &[&["10.0.0.5"]]);
    let error = fetch(&fetcher, "https://idp.test/").await.unwrap_err();
    assert!(error.to_string().contains("10.0.0.5"));
    let told = error.told();
    assert!(
        !told.contains("10.0.0.5") && told.contains("idp.test") && told.contains("allowed_networks"),
        "{told}"
    );
}
