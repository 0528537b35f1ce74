//! Names become addresses here, and only judged addresses leave.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use super::guard::{Guard, Reach};

/// The answer of a [`Resolver`], later.
pub type Resolved = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Turns a host name into addresses. Not trusted: every answer is judged before a connection is made.
pub trait Resolver: Send + Sync + 'static {
    /// All addresses of `host`, an ASCII (punycode) name without port.
    fn resolve(&self, host: String) -> Resolved;
}

/// The resolver of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(&self, host: String) -> Resolved {
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((host.as_str(), 0)).await?;
            Ok(addresses.map(|address| address.ip()).collect())
        })
    }
}

/// Stands between the HTTP client and the resolver: the client connects to the very addresses that were judged,
/// so an answer that changes between check and connection changes nothing.
#[derive(Clone)]
pub(super) struct GuardedResolver {
    pub(super) guard: Arc<Guard>,
    pub(super) reach: Reach,
    pub(super) resolver: Arc<dyn Resolver>,
}

impl reqwest::dns::Resolve for GuardedResolver {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let Self { guard, reach, resolver } = self.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let addresses = resolver.resolve(host.clone()).await.map_err(Unresolved::boxed)?;
            if addresses.is_empty() {
                return Err(Unresolved::boxed(io::Error::other("the name has no addresses")));
            }
            // One bad answer refuses the name: a mixture of public and internal addresses is what an attack
            // looks like, and picking the good ones would hide it.
            for &address in &addresses {
                guard.judge(reach, &host, address)?;
            }
            // Port 0 is replaced by the port of the URL.
            let checked = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(checked) as reqwest::dns::Addrs)
        })
    }
}

/// The name could not be resolved; a type of its own so that it can be told from a failed connection.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unresolved(io::Error);

impl Unresolved {
    fn boxed(error: io::Error) -> Box<dyn std::error::Error + Send + Sync> {
        Box::new(Self(error))
    }
}
