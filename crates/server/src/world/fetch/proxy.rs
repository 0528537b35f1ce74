//! An egress proxy: where it is, and a connection through it.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;
use vestibule_domain::secret::Secret;

/// The longest head of the proxy's answer.
const MOST_HEAD: usize = 8 * 1024;

/// An egress proxy.
#[derive(Clone, Debug)]
pub struct Proxy {
    host: String,
    port: u16,
    authorization: Option<Secret>,
}

/// What is wrong with the address of a proxy.
pub const EXPECTED_PROXY: &str = "the address of an HTTP proxy, such as http://proxy.internal:3128";

impl Proxy {
    /// Reads `http://[USER:PASSWORD@]HOST:PORT`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url: Url = text.trim().parse().ok()?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if url.scheme() != "http" || !is_bare {
            return None;
        }
        let credentials = url.password().map(|password| format!("{}:{password}", url.username()));
        Some(Self {
            host: url.host_str()?.trim_matches(['[', ']']).to_owned(),
            port: url.port_or_known_default()?,
            authorization: credentials.map(|text| Secret::new(format!("Basic {}", STANDARD.encode(text)))),
        })
    }

    /// A connection through it to an address.
    pub(super) async fn reach(&self, to: SocketAddr) -> Result<TcpStream, String> {
        let mut stream = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .map_err(|error| format!("the proxy {}:{} does not answer: {error}", self.host, self.port))?;
        let authorization = self.authorization.as_ref();
        let authorization = authorization
            .map(|value| format!("Proxy-Authorization: {}\r\n", value.expose()))
            .unwrap_or_default();
        let head = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n{authorization}\r\n");
        let broken = |error: std::io::Error| format!("the proxy broke off: {error}");
        stream.write_all(head.as_bytes()).await.map_err(broken)?;
        // Byte by byte, for what follows the head is not ours to take.
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            if answer.len() > MOST_HEAD {
                return Err("the proxy's answer is too long".to_owned());
            }
            answer.push(stream.read_u8().await.map_err(broken)?);
        }
        let line = String::from_utf8_lossy(&answer);
        let status = line.split(' ').nth(1).unwrap_or_default();
        if status.len() == 3 && status.starts_with('2') {
            return Ok(stream);
        }
        Err(format!("the proxy refused with status {}", status.chars().take(3).collect::<String>()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_proxies() {
        let proxy = Proxy::parse("http://me:word@proxy.internal:3128").unwrap();
        assert_eq!((proxy.host.as_str(), proxy.port), ("proxy.internal", 3128));
        assert_eq!(proxy.authorization.as_ref().unwrap().expose(), "Basic bWU6d29yZA==");
        assert!(!format!("{proxy:?}").contains("bWU6"), "{proxy:?}");
        assert_eq!(Proxy::parse("http://[::1]:3128/").unwrap().host, "::1");
        for wrong in ["https://proxy:3128", "socks5://proxy:1080", "proxy:3128", "http://proxy/path"] {
            assert!(Proxy::parse(wrong).is_none(), "{wrong}");
        }
    }
}
