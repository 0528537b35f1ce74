//! A block of addresses as an operator writes it: `10.0.0.0/8`, `fd00::/8`, or one address.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// A CIDR block of IPv4 or IPv6 addresses. Parsing refuses host bits, because `10.0.0.5/8` is more often a
/// typing mistake than a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    /// A block from constants that are known to be good.
    pub(super) const fn v4(a: u8, b: u8, c: u8, prefix: u8) -> Self {
        Self(IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), prefix)))
    }

    /// An IPv6 block from its first four groups.
    pub(super) const fn v6(groups: [u16; 4], prefix: u8) -> Self {
        let [a, b, c, d] = groups;
        Self(IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), prefix)))
    }

    /// Whether the block is this machine and nothing else.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.0.addr().to_canonical().is_loopback()
    }

    /// Whether `address` lies in this block. An IPv4-mapped IPv6 address counts as the IPv4 address in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

/// Why a text is not a block of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// The part before the slash is not an address.
    #[error(
        "\"{found}\" is not a network: expected an address such as 10.0.0.5 or a block such as 10.0.0.0/8"
    )]
    Address {
        /// The whole text.
        found: String,
    },
    /// The part after the slash is not a length that fits the address.
    #[error("\"{found}\" is not a network: the number after the slash must be from 0 to {longest}")]
    Prefix {
        /// The whole text.
        found: String,
        /// 32 or 128.
        longest: u8,
    },
    /// The address has bits set after the prefix.
    #[error(
        "\"{found}\" is not a network: the address has bits set after the first {prefix}; write {expected}"
    )]
    HostBits {
        /// The whole text.
        found: String,
        /// The length given.
        prefix: u8,
        /// The same block with the host bits cleared.
        expected: Network,
    },
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let found = || text.to_owned();
        let (address, prefix) = text.split_once('/').map_or((text, None), |(a, prefix)| (a, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| NetworkError::Address { found: found() })?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let refused = || NetworkError::Prefix { found: found(), longest };
        let prefix = prefix.map_or(Ok(longest), str::parse).map_err(|_| refused())?;
        let given = IpNet::new(address, prefix).map_err(|_| refused())?;
        let network = given.trunc();
        if network.addr() != address {
            return Err(NetworkError::HostBits { found: found(), prefix, expected: Self(network) });
        }
        Ok(Self(network))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(network: &str, address: &str) -> bool {
        network.parse::<Network>().unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn blocks_contain_what_they_say() {
        assert!(contains("10.0.0.0/8", "10.255.0.1"));
        assert!(!contains("10.0.0.0/8", "11.0.0.1"));
        assert!(contains("10.0.0.5", "10.0.0.5"));
        assert!(!contains("10.0.0.5", "10.0.0.4"));
        assert!(contains("0.0.0.0/0", "203.0.113.9"));
        assert!(!contains("0.0.0.0/0", "2001:db8::1"));
        assert!(contains("fd00::/8", "fd12::1"));
        assert!(!contains("fd00::/8", "fe80::1"));
        assert!(contains("::/0", "2a00::1"));
        assert!(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
    }

    #[test]
    fn mistakes_are_named() {
        let message = |text: &str| text.parse::<Network>().unwrap_err().to_string();
        assert!(message("10.0.0.5/8").contains("write 10.0.0.0/8"));
        assert!(message("10.0.0.0/33").contains("from 0 to 32"));
        assert!(message("fd00::/129").contains("from 0 to 128"));
        assert!(message("example.com").contains("is not a network"));
    }
}
