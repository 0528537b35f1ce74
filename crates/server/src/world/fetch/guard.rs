//! Which addresses may be reached: a pure judgement over URLs and addresses, without any IO.
//!
//! The rule is the same for an address that stands in a URL and for one that a name resolved to, so both go
//! through [`Guard::judge`].

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use super::{FetchError, FetchPolicy, Network};

/// Addresses that are not a public destination, with the words an operator reads. The first match wins, so the
/// narrow blocks stand before the wide ones. (IANA special-purpose address registries, RFC 6890 and successors.)
const SPECIAL: &[(Network, &str)] = &[
    (Network::v4(0, 0, 0, 8), "an unspecified address"),
    (Network::v4(10, 0, 0, 8), "a private address"),
    (Network::v4(100, 64, 0, 10), "a carrier-grade NAT address"),
    (Network::v4(127, 0, 0, 8), "a loopback address"),
    (Network::v4(169, 254, 0, 16), "a link-local address"),
    (Network::v4(172, 16, 0, 12), "a private address"),
    (Network::v4(192, 0, 0, 24), "a protocol assignment address"),
    (Network::v4(192, 0, 2, 24), "a documentation address"),
    (Network::v4(192, 88, 99, 24), "a 6to4 relay address"),
    (Network::v4(192, 168, 0, 16), "a private address"),
    (Network::v4(198, 18, 0, 15), "a benchmarking address"),
    (Network::v4(198, 51, 100, 24), "a documentation address"),
    (Network::v4(203, 0, 113, 24), "a documentation address"),
    (Network::v4(224, 0, 0, 4), "a multicast address"),
    (Network::v4(240, 0, 0, 4), "a reserved or broadcast address"),
    (Network::v6([0x64, 0xff9b, 0, 0], 96), "a NAT64 address"),
    (Network::v6([0x64, 0xff9b, 1, 0], 48), "a local NAT64 address"),
    (Network::v6([0x100, 0, 0, 0], 64), "a discard address"),
    (Network::v6([0x2001, 0, 0, 0], 32), "a Teredo address"),
    (Network::v6([0x2001, 2, 0, 0], 48), "a benchmarking address"),
    (Network::v6([0x2001, 0, 0, 0], 23), "a protocol assignment address"),
    (Network::v6([0x2001, 0xdb8, 0, 0], 32), "a documentation address"),
    (Network::v6([0x2002, 0, 0, 0], 16), "a 6to4 address"),
    (Network::v6([0x3fff, 0, 0, 0], 20), "a documentation address"),
    (Network::v6([0xfc00, 0, 0, 0], 7), "a unique local address"),
    (Network::v6([0xfe80, 0, 0, 0], 10), "a link-local address"),
    (Network::v6([0xff00, 0, 0, 0], 8), "a multicast address"),
];

/// Public IPv6 destinations are handed out from here only; everything outside is reserved.
const GLOBAL_UNICAST: Network = Network::v6([0x2000, 0, 0, 0], 3);

/// What kind of special address this is, in words; `None` for a public destination.
fn special(address: IpAddr) -> Option<&'static str> {
    if address.is_unspecified() {
        return Some("an unspecified address");
    }
    if address.is_loopback() {
        return Some("a loopback address");
    }
    if let Some((_, kind)) = SPECIAL.iter().find(|(network, _)| network.contains(address)) {
        return Some(kind);
    }
    (address.is_ipv6() && !GLOBAL_UNICAST.contains(address)).then_some("a reserved address")
}

/// An address that was refused and why: travels through the HTTP client as an error source.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) host: String,
    pub(super) address: IpAddr,
    pub(super) kind: &'static str,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is at {}, {}", self.host, self.address, self.kind)
    }
}

impl std::error::Error for Refusal {}

/// How far one request may go. Decided from the URL, before any name is resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// https to an allowed port: public addresses and the allowed networks.
    Checked,
    /// Plain http, or an unusual port, with the development switch: loopback addresses and nothing else.
    LoopbackOnly,
}

/// The rules of one policy.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    allow_loopback_http: bool,
    networks: Vec<Network>,
    ports: Vec<u16>,
}

impl Guard {
    pub(super) fn new(policy: &FetchPolicy) -> Self {
        Self {
            allow_loopback_http: policy.allow_loopback_http,
            networks: policy.allowed_networks.clone(),
            ports: policy.allowed_ports.clone(),
        }
    }

    /// Judges everything a URL says by itself: scheme, user info, fragment, port and an address literal. The
    /// parser has already turned decimal, octal, hexadecimal and mapped spellings into addresses.
    pub(super) fn reach(&self, url: &Url) -> Result<Reach, FetchError> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::Credentials);
        }
        if url.fragment().is_some() {
            return Err(FetchError::Fragment);
        }
        let Some(host) = url.host() else { return Err(FetchError::NoHost) };
        let reach = self.reach_of(url)?;
        let literal = match host {
            Host::Ipv4(address) => IpAddr::V4(address),
            Host::Ipv6(address) => IpAddr::V6(address),
            Host::Domain(_) => return Ok(reach),
        };
        self.judge(reach, url.host_str().unwrap_or_default(), literal).map_err(FetchError::from)?;
        Ok(reach)
    }

    fn reach_of(&self, url: &Url) -> Result<Reach, FetchError> {
        let port = url.port_or_known_default().unwrap_or_default();
        match url.scheme() {
            "https" if self.ports.contains(&port) => Ok(Reach::Checked),
            "https" | "http" if self.allow_loopback_http => Ok(Reach::LoopbackOnly),
            "https" => Err(FetchError::Port { found: port, allowed: self.ports.clone() }),
            other => Err(FetchError::Scheme { found: other.to_owned() }),
        }
    }

    /// Judges one address, whether it stood in the URL or was resolved from a name.
    pub(super) fn judge(&self, reach: Reach, host: &str, address: IpAddr) -> Result<(), Refusal> {
        let address = address.to_canonical();
        let refusal = |kind| Refusal { host: host.to_owned(), address, kind };
        if self.allow_loopback_http && address.is_loopback() {
            return Ok(());
        }
        if reach == Reach::LoopbackOnly {
            return Err(refusal("not a loopback address (plain http and unusual ports reach loopback only)"));
        }
        // Whatever the operator allows: what listens on this machine trusts whoever asks from here.
        // A network that is nothing but this machine is no setting of an operator.
        let is_here = address.is_loopback() || address.is_unspecified();
        let allows = |network: &Network| network.contains(address) && (!is_here || network.is_loopback());
        if self.networks.iter().any(allows) {
            return Ok(());
        }
        special(address).map_or(Ok(()), |kind| Err(refusal(kind)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(networks: &[&str], dev: bool) -> Guard {
        Guard::new(&FetchPolicy {
            allow_loopback_http: dev,
            allowed_networks: networks.iter().map(|text| text.parse().unwrap()).collect(),
            ..FetchPolicy::default()
        })
    }

    fn refused(address: &str) -> bool {
        guard(&[], false).judge(Reach::Checked, "idp.example", address.parse().unwrap()).is_err()
    }

    #[test]
    fn special_addresses_are_refused() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.5",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::2",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:53aa:64c::1",
            "2001:2::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:808:808::1",
            "3fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(refused(address), "{address} must be refused");
        }
    }

    #[test]
    fn public_addresses_pass() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860:4860::8888",
        ] {
            assert!(!refused(address), "{address} is public");
        }
    }

    #[test]
    fn an_allowed_network_opens_that_network_only() {
        let guard = guard(&["10.1.0.0/16", "fd00:1::/32"], false);
        let ok = |address: &str| guard.judge(Reach::Checked, "h", address.parse().unwrap()).is_ok();
        assert!(ok("10.1.2.3") && ok("::ffff:10.1.2.3") && ok("fd00:1::9") && ok("8.8.8.8"));
        assert!(!ok("10.2.0.1") && !ok("127.0.0.1") && !ok("fd00:2::1") && !ok("64:ff9b::a01:203"));
    }

    #[test]
    fn the_development_switch_opens_loopback_only() {
        let guard = guard(&[], true);
        let reach = |text: &str| guard.reach(&text.parse().unwrap());
        assert_eq!(reach("http://127.0.0.1:9/").unwrap(), Reach::LoopbackOnly);
        assert_eq!(reach("http://[::1]:9/").unwrap(), Reach::LoopbackOnly);
        assert_eq!(reach("https://idp.example/").unwrap(), Reach::Checked);
        assert!(matches!(reach("http://10.0.0.1/"), Err(FetchError::Address { .. })));
        assert!(matches!(reach("http://8.8.8.8/"), Err(FetchError::Address { .. })));
        assert!(matches!(reach("https://8.8.8.8:8443/"), Err(FetchError::Address { .. })));
        assert!(matches!(reach("ftp://127.0.0.1/"), Err(FetchError::Scheme { .. })));
        assert!(guard.judge(Reach::LoopbackOnly, "h", "8.8.8.8".parse().unwrap()).is_err());
    }

    #[test]
    fn spellings_of_loopback_are_one_address() {
        let guard = guard(&[], false);
        for host in ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0x7f000001", "127.0.0.1."] {
            let url = format!("https://{host}/").parse().unwrap();
            assert!(matches!(guard.reach(&url), Err(FetchError::Address { .. })), "{host}");
        }
    }
}
