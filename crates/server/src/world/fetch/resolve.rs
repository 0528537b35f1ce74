//! Names become addresses here, and only judged addresses leave.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use super::guard::{Guard, Reach, Refusal};

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

/// Why a name leads nowhere.
pub(super) enum Lookup {
    /// To where it leads no connection is made.
    Refused(Refusal),
    /// It does not resolve.
    Unresolved(String),
}

impl GuardedResolver {
    /// The addresses of a name, all of them judged. One bad answer refuses the name: a mixture of public and internal
    /// addresses is what an attack looks like, and picking the good ones would hide it.
    pub(super) async fn judged(&self, host: &str) -> Result<Vec<IpAddr>, Lookup> {
        let unresolved = |error: io::Error| Lookup::Unresolved(error.to_string());
        let addresses = self.resolver.resolve(host.to_owned()).await.map_err(unresolved)?;
        if addresses.is_empty() {
            return Err(Lookup::Unresolved("the name has no addresses".to_owned()));
        }
        for &address in &addresses {
            self.guard.judge(self.reach, host, address).map_err(Lookup::Refused)?;
        }
        Ok(addresses)
    }
}

impl reqwest::dns::Resolve for GuardedResolver {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let addresses = match resolver.judged(name.as_str()).await {
                Ok(addresses) => addresses,
                Err(Lookup::Refused(refusal)) => return Err(refusal.into()),
                Err(Lookup::Unresolved(reason)) => return Err(Unresolved(reason).into()),
            };
            // Port 0 is replaced by the port of the URL.
            let checked = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(checked) as reqwest::dns::Addrs)
        })
    }
}

/// The name could not be resolved; a type of its own so that it can be told from a failed connection.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unresolved(String);
