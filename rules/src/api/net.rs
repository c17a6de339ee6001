//! Addresses and ranges, as strictly as the target version reads them.

use std::net::IpAddr;

use kubevet_core::{
    kubernetes::{
        is_placeholder,
        values::net::{Cidr, parse_ip},
    },
    rule::Context,
    yaml::NodeRef,
};

use super::check::{has_feature, refuse, shown};

/// Why a text is refused: what it is not, and what to do.
type Refusal = (&'static str, &'static str);

/// `validation.IsValidIPForLegacyField`: leading zeros and mapped addresses are refused since 1.36.
pub(super) fn address(text: &str, strict: bool) -> Result<IpAddr, Refusal> {
    let address = parse_ip(text).ok_or(("is no IP address", "write it as `10.9.8.7` or `2001:db8::1`"))?;
    if strict && text.parse::<IpAddr>().is_err() {
        return Err(("has leading zeros", "write the numbers without leading zeros"));
    }
    if strict && matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some()) {
        return Err(("is an IPv4 address written as IPv6", "write it as an IPv4 address"));
    }
    Ok(address)
}

/// `validation.IsValidCIDRForLegacyField`.
pub(super) fn range(text: &str, strict: bool) -> Result<Cidr, Refusal> {
    let range = Cidr::parse(text).map_err(|_| ("is no range of addresses", "write it as `10.9.8.0/24`"))?;
    let Some((start, prefix)) = text.split_once('/').filter(|_| strict) else { return Ok(range) };
    let start = address(start, true)?;
    if prefix.len() > 1 && prefix.starts_with('0') {
        return Err(("has leading zeros", "write the prefix without leading zeros"));
    }
    if range.nth(0) != Some(start) {
        return Err(("says an address inside the range", "write the first address of the range"));
    }
    Ok(range)
}

/// Whether addresses and ranges are read strictly.
pub(super) fn is_strict(cx: &Context<'_>) -> bool {
    has_feature(cx, "StrictIPCIDRValidation")
}

/// Reports a text that is no address; the address otherwise.
pub(super) fn check_address(cx: &mut Context<'_>, node: NodeRef<'_>) -> Option<IpAddr> {
    let text = node.as_str().filter(|text| !is_placeholder(text))?;
    let strict = is_strict(cx);
    address(text, strict)
        .map_err(|(what, help)| refuse(cx, node, format!("`{}` {what}", shown(text))).help(help))
        .ok()
}

/// Reports a text that is no range; the range otherwise.
pub(super) fn check_range(cx: &mut Context<'_>, node: NodeRef<'_>) -> Option<Cidr> {
    let text = node.as_str().map(str::trim).filter(|text| !is_placeholder(text))?;
    let strict = is_strict(cx);
    range(text, strict)
        .map_err(|(what, help)| refuse(cx, node, format!("`{}` {what}", shown(text))).help(help))
        .ok()
}

/// Reports addresses that no endpoint can have (`ValidateEndpointIP`).
pub(super) fn check_endpoint(cx: &mut Context<'_>, node: NodeRef<'_>) -> Option<IpAddr> {
    let address = check_address(cx, node)?;
    let what = match address {
        _ if address.is_unspecified() => "means any address",
        _ if address.is_loopback() => "is a loopback address",
        IpAddr::V4(address) if address.is_link_local() => "is a link-local address",
        IpAddr::V6(address) if address.is_unicast_link_local() => "is a link-local address",
        IpAddr::V4(address) if address.octets()[..3] == [224, 0, 0] => "is a link-local multicast address",
        IpAddr::V6(address) if address.octets()[0] == 0xff && address.octets()[1] & 0x0f == 2 => {
            "is a link-local multicast address"
        }
        _ => return Some(address),
    };
    refuse(cx, node, format!("`{}` {what}", shown(node.text())))
        .help("use an address that other nodes can reach");
    None
}

#[cfg(test)]
mod tests {
    use super::{address, range};

    #[test]
    fn newer_versions_are_stricter() {
        for text in ["010.0.0.1", "::ffff:10.0.0.1"] {
            assert!(address(text, false).is_ok() && address(text, true).is_err(), "{text}");
        }
        for text in ["10.0.0.1/8", "010.0.0.0/8", "10.0.0.0/08"] {
            assert!(range(text, false).is_ok() && range(text, true).is_err(), "{text}");
        }
        assert!(address("2001:DB8::1", true).is_ok() && range("0.0.0.0/0", true).is_ok());
        assert!(address("10.0.0", false).is_err() && range("10.0.0.0", false).is_err());
    }
}
