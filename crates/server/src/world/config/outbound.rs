//! What may be fetched, and through what: `[outbound]`.

use std::net::{IpAddr, SocketAddr};

use super::{ConfigError, Settings, at_least_one, value};
use crate::world::fetch::{EXPECTED_PROXY, FetchPolicy, Network, NetworkError, Proxy};

pub(super) fn networks(key: &'static str, texts: Option<&[String]>) -> Result<Vec<Network>, ConfigError> {
    let parse = |text: &String| {
        text.trim().parse().map_err(|error: NetworkError| {
            value(key, text, format!("addresses or networks such as 10.20.0.0/16 ({error})"))
        })
    };
    texts.unwrap_or_default().iter().map(parse).collect()
}

/// Where servers of DNS listen unless it is said.
const DNS: u16 = 53;

fn name_servers(texts: Option<&[String]>) -> Result<Vec<SocketAddr>, ConfigError> {
    let parse = |text: &String| {
        let text = text.trim();
        let with_port = || text.parse::<SocketAddr>().ok();
        let address = text.parse::<IpAddr>().ok().map(|address| SocketAddr::new(address, DNS));
        address.or_else(with_port).filter(|server| server.port() != 0).ok_or_else(|| {
            value(
                "outbound.name_servers",
                text,
                "addresses such as 10.0.0.2, 10.0.0.2:5353 or [2001:db8::2]:53",
            )
        })
    };
    texts.unwrap_or_default().iter().map(parse).collect()
}

/// What may be fetched, from all sources.
///
/// # Errors
/// The first value that makes no sense.
pub fn outbound(settings: &Settings) -> Result<FetchPolicy, ConfigError> {
    let defaults = FetchPolicy::default();
    let concurrent = at_least_one("limits.outbound_concurrent", settings.limits.outbound_concurrent)?;
    let of_project = settings.limits.outbound_per_project;
    let of_project = at_least_one("limits.outbound_per_project", of_project)?;
    let own = settings.limits.outbound_per_organization;
    let own = at_least_one("limits.outbound_per_organization", own)?;
    let ports = settings.outbound.allowed_ports.clone().unwrap_or_else(|| defaults.allowed_ports.clone());
    let allowed = networks("outbound.allowed_networks", settings.outbound.allowed_networks.as_deref())?;
    if let Some(network) = allowed.iter().find(|network| network.is_loopback()) {
        return Err(value(
            "outbound.allowed_networks",
            &network.to_string(),
            "networks of identity providers: this machine is never one, because what listens here trusts whoever asks from \
             here",
        ));
    }
    let proxy = match &settings.outbound.proxy {
        Some(text) => match Proxy::parse(text.expose()) {
            Some(proxy) => Some(proxy),
            // It may hold a password.
            None => return Err(value("outbound.proxy", "(not shown)", EXPECTED_PROXY)),
        },
        None => None,
    };
    if ports.contains(&0) {
        return Err(value("outbound.allowed_ports", "0", "ports from 1 to 65535"));
    }
    Ok(FetchPolicy {
        allowed_networks: allowed,
        proxy,
        allowed_ports: ports,
        name_servers: name_servers(settings.outbound.name_servers.as_deref())?,
        ca_file: settings.outbound.ca_file.clone(),
        max_concurrent: concurrent.unwrap_or(defaults.max_concurrent),
        max_of_project: of_project.unwrap_or(defaults.max_of_project),
        max_of_organization: own.unwrap_or(defaults.max_of_organization),
        ..defaults
    })
}
