//! What happens at night: logs that nobody takes, databases that go away, certificates that are renewed, servers that
//! are stopped one after the other.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::app::{postgres_base, with_own_database};
use crate::program::{KEY, Place, Server, free_address};

fn is_ready(server: &Server) -> bool {
    server.get("/readyz").starts_with("HTTP/1.1 200")
}

fn eventually(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..200 {
        if holds() {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("{what} did not happen");
}

#[test]
fn logs_that_nobody_takes_stop_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place { directory: directory.path(), database: "sqlite:v.db" };
    let secret = place.prepare();
    // A pipe that nobody reads, which holds 64 KiB, and a disk without room.
    let full = || Stdio::from(fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    for (stdout, stderr) in [(Stdio::piped(), Stdio::piped()), (full(), full())] {
        let arguments = format!("{KEY} --log-level debug --limits-lame-duck-seconds 0");
        let server = place.serve_into(&arguments, stdout, stderr);
        for _ in 0..600 {
            server.ok(&secret, "GET", "/v1/b2b/rbac/policy", &json!({}));
        }
        server.stop();
    }
}

#[test]
fn readiness_tells_that_the_file_is_gone_or_cannot_be_written() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place { directory: directory.path(), database: "sqlite:v.db" };
    place.prepare();
    let server = place.serve(&format!("{KEY} --limits-lame-duck-seconds 0"));
    assert!(is_ready(&server));
    let (file, away) = (directory.path().join("v.db"), directory.path().join("away.db"));
    fs::rename(&file, &away).unwrap();
    eventually("not being ready", || !is_ready(&server));
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200"), "it lives all the same");
    fs::rename(&away, &file).unwrap();
    eventually("being ready again", || is_ready(&server));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readiness_tells_that_the_database_takes_no_writes() {
    let Some(base) = postgres_base() else { return };
    let directory = tempfile::tempdir().unwrap();
    with_own_database(&base, async |url: String| {
        let place = Place { directory: directory.path(), database: &url };
        let secret = place.prepare();
        let server = place.serve(KEY);
        assert!(is_ready(&server));
        let name = url.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
        let reads_only = |on: &str| format!("ALTER DATABASE {name} SET default_transaction_read_only = {on}");
        let end = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
        );
        crate::app::admin(&base, &reads_only("on")).await;
        crate::app::admin(&base, &end).await;
        eventually("not being ready", || !is_ready(&server));
        let body = json!({ "organization_name": "Acme", "organization_slug": "acme" });
        let (status, answer) = server.call(&secret, "POST", "/v1/b2b/organizations", &body);
        assert_eq!(status, 503, "{answer}");
        let refused = server.get("/readyz");
        assert!(refused.to_lowercase().contains("retry-after: "), "{refused}");
        crate::app::admin(&base, &reads_only("off")).await;
        eventually("being ready again", || is_ready(&server));
        server.organization(&secret, "acme");
    })
    .await;
}

#[test]
fn health_is_told_when_all_connections_are_taken() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place { directory: directory.path(), database: "sqlite:v.db" };
    let secret = place.prepare();
    let server = place.serve(&format!("{KEY} --limits-max-connections 3"));
    // Each with a request under way, whose body does not come.
    let busy = (0..3).map(|_| {
        let mut stream = TcpStream::connect(server.address).unwrap();
        let head = format!(
            "POST /v1/b2b/organizations HTTP/1.1\r\nHost: h\r\nAuthorization: {}\r\nContent-Length: 100\r\n\r\n{{",
            crate::app::basic(&secret.0, &secret.1)
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream
    });
    let busy: Vec<_> = busy.collect();
    thread::sleep(Duration::from_millis(200));
    for _ in 0..5 {
        assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
        assert!(is_ready(&server));
        let other = server.get("/v1/b2b/rbac/policy");
        assert!(other.starts_with("HTTP/1.1 503") && other.contains("retry-after: 1"), "{other}");
    }
    drop(busy);
    eventually("room", || server.get("/v1/b2b/rbac/policy").starts_with("HTTP/1.1 401"));
}

#[test]
fn a_server_that_leaves_says_so_and_answers() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place { directory: directory.path(), database: "sqlite:v.db" };
    let secret = place.prepare();
    let mut server = place.serve(&format!("{KEY} --limits-lame-duck-seconds 4"));
    // A connection that is kept, as a balancer keeps them.
    let mut kept = TcpStream::connect(server.address).unwrap();
    let mut ask = || {
        kept.write_all(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
        let mut buffer = [0; 1024];
        let read = kept.read(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..read]).to_lowercase()
    };
    assert!(!ask().contains("connection: close"));
    server.signal("-TERM");
    eventually("leaving", || server.get("/readyz").starts_with("HTTP/1.1 503"));
    assert!(server.get("/readyz").contains("stopping"));
    server.ok(&secret, "GET", "/v1/b2b/rbac/policy", &json!({}));
    let last = ask();
    assert!(last.starts_with("http/1.1 200") && last.contains("connection: close"), "{last}");
    assert!(server.child.wait().unwrap().success());
    assert!(TcpStream::connect(server.address).is_err());
}

#[test]
fn a_hang_up_ends_nothing_and_a_renewed_certificate_is_shown() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let place = Place { directory, database: "sqlite:v.db" };
    place.prepare();
    let renew = || {
        let made = rcgen::generate_simple_self_signed(vec!["sso.example.com".to_owned()]).unwrap();
        fs::write(directory.join("tls.pem"), made.cert.pem()).unwrap();
        fs::write(directory.join("tls.key"), made.signing_key.serialize_pem()).unwrap();
        made.cert.der().to_vec()
    };
    let first = renew();
    let tls = "--tls-certificate tls.pem --tls-key tls.key";
    let mut server = place.serve(&format!("{KEY} {tls}"));
    assert_eq!(shown(server.address), first);
    let second = renew();
    server.signal("-HUP");
    eventually("the new certificate", || shown(server.address) == second);
    // Half of a renewal changes nothing.
    fs::write(directory.join("tls.key"), "").unwrap();
    server.signal("-HUP");
    thread::sleep(Duration::from_millis(300));
    assert_eq!(shown(server.address), second);
    assert_eq!(server.child.try_wait().unwrap(), None);
    renew();
    let said = place.run(&format!("doctor --base-url https://other.example.com {KEY} {tls}"));
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("TLS") && said.contains("ends in"), "{said}");
}

/// The certificate that a server shows.
fn shown(address: SocketAddr) -> Vec<u8> {
    use std::sync::Arc;
    let (told, heard) = std::sync::mpsc::channel();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Witness { told, provider }))
        .with_no_client_auth();
    let mut client =
        rustls::ClientConnection::new(Arc::new(config), "sso.example.com".try_into().unwrap()).unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    while client.is_handshaking() {
        client.complete_io(&mut stream).unwrap();
    }
    heard.recv().unwrap()
}

/// Tells what it is shown, and believes it.
#[derive(Debug)]
struct Witness {
    told: std::sync::mpsc::Sender<Vec<u8>>,
    provider: std::sync::Arc<rustls::crypto::CryptoProvider>,
}

impl rustls::client::danger::ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        leaf: &rustls_pki_types::CertificateDer<'_>,
        _: &[rustls_pki_types::CertificateDer<'_>],
        _: &rustls_pki_types::ServerName<'_>,
        _: &[u8],
        _: rustls_pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        self.told.send(leaf.to_vec()).unwrap();
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &rustls_pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &rustls_pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Two nodes behind a client that asks who is ready, as a balancer does, stopped and started one after the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_are_restarted_and_nobody_notices() {
    let Some(base) = postgres_base() else { return };
    let directory = tempfile::tempdir().unwrap();
    with_own_database(&base, async |url: String| {
        let place = Place { directory: directory.path(), database: &url };
        let secret = place.prepare();
        let arguments = format!("{KEY} --limits-lame-duck-seconds 4");
        let start = |address| place.serve_at(address, &arguments, Stdio::null(), Stdio::null());
        let addresses = [free_address(), free_address()];
        let mut nodes = addresses.map(start);
        let ready = addresses.map(|_| AtomicBool::new(true));
        let (answered, failed, over) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
        thread::scope(|scope| {
            for (address, ready) in addresses.into_iter().zip(&ready) {
                let over = &over;
                scope.spawn(move || {
                    while !over.load(Ordering::SeqCst) {
                        let node = Command::new("true").spawn().unwrap();
                        let asked = Server { child: node, address };
                        ready.store(is_ready(&asked), Ordering::SeqCst);
                        thread::sleep(Duration::from_millis(200));
                    }
                });
            }
            for client in 0..4_usize {
                let (ready, answered, failed, over, secret) = (&ready, &answered, &failed, &over, &secret);
                scope.spawn(move || {
                    for number in client.. {
                        if over.load(Ordering::SeqCst) {
                            return;
                        }
                        let order = [number % 2, (number + 1) % 2];
                        let Some(node) = order.into_iter().find(|node| ready[*node].load(Ordering::SeqCst))
                        else {
                            failed.fetch_add(1, Ordering::SeqCst);
                            continue;
                        };
                        let answer =
                            crate::program::try_call(addresses[node], secret, &format!("c{client}-{number}"));
                        let outcome = if answer == Some(200) { answered } else { failed };
                        outcome.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            for (node, address) in nodes.iter_mut().zip(addresses) {
                thread::sleep(Duration::from_secs(1));
                node.signal("-TERM");
                assert!(node.child.wait().unwrap().success());
                *node = start(address);
                eventually("being ready", || is_ready(node));
            }
            thread::sleep(Duration::from_secs(1));
            over.store(true, Ordering::SeqCst);
        });
        let (answered, failed) = (answered.into_inner(), failed.into_inner());
        assert!(answered > 100, "only {answered}");
        assert_eq!(failed, 0, "of {answered}");
    })
    .await;
}
