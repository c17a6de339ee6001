//! Addresses, ranges and URLs, as flags and objects of Kubernetes write them.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use ipnet::IpNet;

/// A range of addresses. Parsed like `k8s.io/utils/net.ParseCIDRSloppy`: leading zeros in IPv4 octets are allowed, and bits
/// behind the prefix are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cidr(IpNet);

/// A text that is no range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCidr;

impl fmt::Display for InvalidCidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a range such as `10.244.0.0/16`")
    }
}

impl std::error::Error for InvalidCidr {}

impl Cidr {
    /// Parses `10.0.0.0/8` or `fd00::/64`.
    ///
    /// # Errors
    /// When the text is no range.
    pub fn parse(text: &str) -> Result<Self, InvalidCidr> {
        let (address, prefix) = text.split_once('/').ok_or(InvalidCidr)?;
        let address = parse_ip(address).ok_or(InvalidCidr)?;
        if prefix.is_empty() || !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidCidr);
        }
        let prefix = prefix.parse().map_err(|_| InvalidCidr)?;
        IpNet::new(address, prefix).map(|net| Cidr(net.trunc())).map_err(|_| InvalidCidr)
    }

    /// Whether it is of IPv4.
    pub fn is_ipv4(self) -> bool {
        self.0.addr().is_ipv4()
    }

    /// Whether some address is in both.
    pub fn overlaps(self, other: Cidr) -> bool {
        self.0.contains(&other.0.network()) || other.0.contains(&self.0.network())
    }

    /// Whether the whole other range lies inside.
    pub fn covers(self, other: Cidr) -> bool {
        self.0.contains(&other.0)
    }

    /// Whether the address lies inside.
    pub fn contains(self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }

    /// The address with this index in the range, the first being 0.
    pub fn nth(self, index: u32) -> Option<IpAddr> {
        let address = match self.0.network() {
            IpAddr::V4(first) => IpAddr::V4(Ipv4Addr::from_bits(first.to_bits().checked_add(index)?)),
            IpAddr::V6(first) => IpAddr::V6(Ipv6Addr::from_bits(first.to_bits().checked_add(index.into())?)),
        };
        self.contains(address).then_some(address)
    }
    /// Bits behind the prefix: a /24 of IPv4 has 8.
    pub fn host_bits(self) -> u8 {
        self.0.max_prefix_len() - self.0.prefix_len()
    }

    /// Length of the prefix.
    pub fn prefix(self) -> u8 {
        self.0.prefix_len()
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Parses an address like `k8s.io/utils/net.ParseIPSloppy`: leading zeros in IPv4 octets are allowed.
pub fn parse_ip(text: &str) -> Option<IpAddr> {
    if text.contains(':') {
        return text.parse().ok();
    }
    let mut octets = [0u8; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts
            .next()
            .filter(|part| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))?;
        *octet = part.parse().ok()?;
    }
    parts.next().is_none().then(|| IpAddr::V4(Ipv4Addr::from(octets)))
}

/// Whether an address is written as strict validation wants it: no leading zeros, and no IPv4 in IPv6 (`::ffff:10.0.0.1`).
pub fn is_canonical_ip(text: &str) -> bool {
    match text.parse() {
        Ok(IpAddr::V4(_)) => true,
        Ok(IpAddr::V6(address)) => address.to_ipv4_mapped().is_none(),
        Err(_) => false,
    }
}

/// The parts of a URL that matter for endpoints of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Url<'t> {
    /// `https`, as written.
    pub scheme: &'t str,
    /// Name or address, without the brackets of IPv6.
    pub host: &'t str,
    /// Port, when one is written.
    pub port: Option<u16>,
    /// Everything from the first `/`.
    pub path: &'t str,
}

impl<'t> Url<'t> {
    /// Splits `scheme://[user@]host[:port][/path]`; `None` for anything else.
    pub fn parse(text: &'t str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = split_host_port(authority)?;
        let scheme_ok = !scheme.is_empty()
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        (scheme_ok && !host.is_empty()).then_some(Url { scheme, host, port, path })
    }
}

/// Splits `host[:port]`, with brackets around an IPv6 address; `None` when the port is no number.
pub fn split_host_port(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']')?;
            (host, if after.is_empty() { None } else { Some(after.strip_prefix(':')?) })
        }
        None => match text.rsplit_once(':') {
            // More than one colon without brackets is a bare IPv6 address.
            Some((host, _)) if host.contains(':') => (text, None),
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    match port {
        Some(port) => Some((host, Some(port.parse().ok()?))),
        None => Some((host, None)),
    }
}

/// Whether a host is this machine itself: `localhost` or a loopback address.
pub fn host_is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || parse_ip(host).is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let cidr = |text| Cidr::parse(text).unwrap_or_else(|_| panic!("{text}"));
        assert!(
            cidr("10.96.0.0/12").overlaps(cidr("10.96.128.0/17"))
                && cidr("10.96.0.0/12").covers(cidr("10.111.255.0/24"))
        );
        assert!(
            !cidr("10.96.0.0/12").overlaps(cidr("10.244.0.0/16"))
                && !cidr("10.0.0.0/8").overlaps(cidr("fd00::/8"))
        );
        assert_eq!((cidr("10.0.0.7/24"), cidr("010.0.0.0/24").host_bits()), (cidr("10.0.0.0/24"), 8));
        assert!(cidr("0.0.0.0/0").contains(IpAddr::from([1, 2, 3, 4])));
        for text in [
            "10.0.0.0",
            "10.0.0/8",
            "10.0.0.0/33",
            "10.0.0.256/8",
            "::/129",
            "10.0.0.0/",
            "a/8",
            "10.0.0.0/+8",
        ] {
            assert!(Cidr::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn canonical_addresses() {
        assert!(is_canonical_ip("10.0.0.1") && is_canonical_ip("fd00::1"));
        for text in ["010.0.0.1", "::ffff:10.0.0.1", "10.0.0", ""] {
            assert!(!is_canonical_ip(text), "{text}");
        }
    }

    #[test]
    fn urls_and_hosts() {
        let url = |text| Url::parse(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(
            url("https://10.0.0.1:2379"),
            Url { scheme: "https", host: "10.0.0.1", port: Some(2379), path: "" }
        );
        assert_eq!(url("http://[::1]:2379/x").host, "::1");
        assert_eq!(url("https://user@api.example.org/k8s").host, "api.example.org");
        assert!(
            Url::parse("10.0.0.1:2379").is_none()
                && Url::parse("https://").is_none()
                && Url::parse("https://a:b").is_none()
        );
        assert!(host_is_loopback("127.0.0.1") && host_is_loopback("[::1]") && host_is_loopback("localhost"));
        assert!(
            !host_is_loopback("0.0.0.0")
                && !host_is_loopback("10.0.0.1")
                && !host_is_loopback("localhost.example.org")
        );
    }
}
