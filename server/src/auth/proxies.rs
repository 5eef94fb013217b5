//! Who is trusted to name the client they ask for: the proxies that a setting names,
//! and no one by default.

use axum::http::HeaderMap;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// Networks of reverse proxies, such as `127.0.0.1, 10.0.0.0/8, fd00::/8`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    /// Addresses of version 4 as they are mapped into version 6.
    address: u128,
    prefix: u32,
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        (bits(address) ^ self.address).leading_zeros() >= self.prefix
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Network, String> {
        let fault = || format!("{text} is not an address or a network such as 10.0.0.0/8");
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| fault())?;
        let (width, before) = if address.is_ipv4() { (32, 96) } else { (128, 0) };
        let prefix: u32 = prefix.map_or(Ok(width), str::parse).map_err(|_| fault())?;
        if prefix > width {
            return Err(fault());
        }
        Ok(Network { address: bits(address), prefix: prefix + before })
    }
}

impl FromStr for TrustedProxies {
    type Err = String;

    fn from_str(text: &str) -> Result<TrustedProxies, String> {
        let networks = text.split(',').map(str::trim).filter(|text| !text.is_empty());
        Ok(TrustedProxies(networks.map(str::parse).collect::<Result<_, _>>()?))
    }
}

impl TrustedProxies {
    fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// Who asks: the peer; or if that is a trusted proxy, the address it names last in
    /// `X-Forwarded-For`, which each proxy appends to; and so on through the trusted.
    /// What an untrusted one has written further left is not read.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let values: Vec<&str> =
            headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
        for named in values.iter().flat_map(|value| value.split(',')).rev() {
            if !self.contains(client) {
                break;
            }
            let Some(address) = address(named.trim()) else { break };
            client = address;
        }
        client
    }
}

/// Some proxies write the port as well.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip());
    text.parse::<IpAddr>().or_else(|_| with_port()).ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(trusted: &str, peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        trusted.parse::<TrustedProxies>().unwrap().client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_named_proxies_are_trusted() {
        for peer in ["127.0.0.1", "10.0.0.2", "::1", "192.168.1.9", "203.0.113.9"] {
            assert_eq!(asked("", peer, &["198.51.100.1"]), peer);
            assert_eq!(asked("172.16.0.1, fd00::/8", peer, &["198.51.100.1"]), peer);
        }
        assert_eq!(asked("", "::ffff:10.0.0.2", &["198.51.100.1"]), "10.0.0.2");
    }

    #[test]
    fn hops_are_counted_from_the_right() {
        let proxies = "127.0.0.1, 10.0.0.0/8, 2001:db8::/32";
        assert_eq!(asked(proxies, "127.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(asked(proxies, "::ffff:10.0.0.2", &["1.1.1.1, 198.51.100.1, 10.0.0.3"]), "198.51.100.1");
        assert_eq!(asked(proxies, "127.0.0.1", &["1.1.1.1", "198.51.100.1"]), "198.51.100.1");
        // An address of the guests' network that the proxy honestly appends is the address it is for.
        assert_eq!(asked(proxies, "127.0.0.1", &["1.1.1.1, 192.168.7.7"]), "192.168.7.7");
        assert_eq!(asked(proxies, "2001:db8::5", &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(asked(proxies, "127.0.0.1", &["1.1.1.1, nonsense"]), "127.0.0.1");
        assert_eq!(asked(proxies, "127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn a_network_is_read_or_refused() {
        for wrong in ["10.0.0.0/33", "::/129", "example.com", "10.0.0.0/", "10.0.0.0/x", "10.0.0.1 10.0.0.2"] {
            assert!(wrong.parse::<TrustedProxies>().is_err(), "{wrong}");
        }
        assert_eq!(" , ".parse(), Ok(TrustedProxies::default()));
        assert_eq!(asked("0.0.0.0/0", "203.0.113.9", &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(asked("::/0", "203.0.113.9", &["198.51.100.1"]), "198.51.100.1");
    }
}
