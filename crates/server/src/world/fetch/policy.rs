//! What the way out may reach and for how long.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::{Network, Proxy};

/// What may be reached and for how long.
#[derive(Clone, Debug)]
pub struct FetchPolicy {
    /// Loopback addresses on any port, also by plain http. For `vestibule dev` only.
    pub allow_loopback_http: bool,
    /// Networks that may be reached although they are not public.
    pub allowed_networks: Vec<Network>,
    /// The ports of https URLs.
    pub allowed_ports: Vec<u16>,
    /// The proxy through which everything goes that leaves this machine.
    pub proxy: Option<Proxy>,
    /// The name servers that are asked for records; those of the operating system when there are none.
    pub name_servers: Vec<SocketAddr>,
    /// Further certificate authorities in PEM, beside the built-in public ones.
    pub ca_file: Option<PathBuf>,
    /// The time for resolving, connecting and the TLS handshake.
    pub connect_timeout: Duration,
    /// The time for the whole exchange, from when it has a place.
    pub total_timeout: Duration,
    /// How many requests may be under way at once, over all callers.
    pub max_concurrent: usize,
    /// How many of them on behalf of one project.
    pub max_of_project: usize,
    /// And of one organization.
    pub max_of_organization: usize,
    /// How long a request waits for its place.
    pub patience: Duration,
    /// After how many requests in a row without an answer a host is left alone.
    pub rests_after: u32,
    /// For how long.
    pub rest: Duration,
}

impl Default for FetchPolicy {
    /// Public addresses on port 443, 3 s to connect, 10 s in all, 128 at once, 64 of them of one project and 8 of one
    /// organization.
    fn default() -> Self {
        Self {
            allow_loopback_http: false,
            allowed_networks: Vec::new(),
            allowed_ports: vec![443],
            proxy: None,
            name_servers: Vec::new(),
            ca_file: None,
            connect_timeout: Duration::from_secs(3),
            total_timeout: Duration::from_secs(10),
            max_concurrent: 128,
            max_of_project: 64,
            max_of_organization: 8,
            patience: Duration::from_secs(2),
            rests_after: 5,
            rest: Duration::from_secs(10),
        }
    }
}
