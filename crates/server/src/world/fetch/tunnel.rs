//! The way out through an egress proxy, by `CONNECT`. The proxy is told the address that was judged, never the name, so it
//! decides nothing that the guard has decided: a name that resolves differently for the proxy leads nowhere else. TLS is
//! between us and the provider.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::header::HOST;
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::{Host, Url};

use super::resolve::{GuardedResolver, Lookup};
use super::{FetchError, FetchRequest, Proxy};

/// The way through a proxy.
#[derive(Clone)]
pub(super) struct Tunnel {
    pub(super) proxy: Proxy,
    pub(super) tls: Arc<rustls::ClientConfig>,
    pub(super) resolver: GuardedResolver,
    pub(super) connect_timeout: std::time::Duration,
}

impl std::fmt::Debug for Tunnel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tunnel").field("proxy", &self.proxy).finish_non_exhaustive()
    }
}

/// An answer, redirects and all, with the body as far as it may go.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Tunnel {
    /// Sends a request and reads the whole answer.
    pub(super) async fn exchange(&self, request: &FetchRequest, host: &str) -> Result<Answer, FetchError> {
        let connected = tokio::time::timeout(self.connect_timeout, self.connect(&request.url, host)).await;
        let stream = connected.unwrap_or_else(|_| {
            Err(FetchError::Timeout { host: host.to_owned(), after: self.connect_timeout })
        })?;
        let broken = |error: hyper::Error| FetchError::Broken {
            host: host.to_owned(),
            reason: error.to_string(),
            by_system: false,
        };
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let driver = tokio::spawn(connection);
        let answered = async {
            let response = sender.send_request(outgoing(request)).await.map_err(broken)?;
            let (head, mut incoming) = response.into_parts();
            let too_large = || FetchError::TooLarge { host: host.to_owned(), limit: request.limit_bytes };
            let mut body = Vec::new();
            while let Some(frame) = incoming.frame().await {
                let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
                if data.len() > request.limit_bytes - body.len() {
                    return Err(too_large());
                }
                body.extend_from_slice(&data);
            }
            Ok(Answer { status: head.status, headers: head.headers, body })
        };
        let answered = answered.await;
        driver.abort();
        answered
    }

    async fn connect(&self, url: &Url, host: &str) -> Result<TlsStream<TcpStream>, FetchError> {
        let refused =
            |reason: String| FetchError::Connect { host: host.to_owned(), reason, by_system: false };
        let port = url.port_or_known_default().unwrap_or_default();
        let addresses: Vec<IpAddr> = match url.host() {
            Some(Host::Ipv4(address)) => vec![address.into()],
            Some(Host::Ipv6(address)) => vec![address.into()],
            _ => match self.resolver.judged(host).await {
                Ok(addresses) => addresses,
                Err(Lookup::Refused(refusal)) => return Err(refusal.into()),
                Err(Lookup::Unresolved(reason)) => {
                    return Err(FetchError::Resolve { host: host.to_owned(), reason });
                }
            },
        };
        let mut last = "no address".to_owned();
        for address in addresses {
            match self.proxy.reach(SocketAddr::new(address, port)).await {
                Ok(stream) => {
                    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
                        .map_err(|error| refused(error.to_string()))?;
                    let tls = TlsConnector::from(self.tls.clone()).connect(name, stream).await;
                    return tls.map_err(|error| refused(error.to_string()));
                }
                Err(reason) => last = reason,
            }
        }
        Err(refused(last))
    }
}

fn outgoing(request: &FetchRequest) -> Request<Full<Bytes>> {
    let mut out = Request::new(Full::new(Bytes::from(request.body.clone())));
    *out.method_mut() = request.method.clone();
    *out.headers_mut() = request.headers.clone();
    let (path, query) = (request.url.path(), request.url.query());
    let target = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    *out.uri_mut() = target.parse().unwrap_or_default();
    let host = request.url.host_str().unwrap_or_default();
    let host = request.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    if let Ok(host) = HeaderValue::from_str(&host) {
        out.headers_mut().insert(HOST, host);
    }
    let agent = HeaderValue::from_static(concat!("vestibule/", env!("CARGO_PKG_VERSION")));
    out.headers_mut().entry(http::header::USER_AGENT).or_insert(agent);
    out
}
