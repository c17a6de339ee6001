//! Formats of strings that the API server checks (`k8s.io/kube-openapi/pkg/validation/strfmt`), as far as they are certain.

use std::sync::OnceLock;

use data_encoding::BASE64;
use regex_lite::Regex;

use crate::kubernetes::values::{names, net};

/// A format by its name without hyphens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Byte,
    Cidr,
    Date,
    DateTime,
    Duration,
    Email,
    HexColor,
    Hostname,
    Ipv4,
    Ipv6,
    LongName,
    ShortName,
    Uri,
    Uuid,
}

impl Format {
    /// The format of a name; `None` for those that are not checked.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.replace('-', "").as_str() {
            "byte" => Format::Byte,
            "cidr" => Format::Cidr,
            "date" => Format::Date,
            "datetime" => Format::DateTime,
            "duration" => Format::Duration,
            "email" => Format::Email,
            "hexcolor" => Format::HexColor,
            "hostname" => Format::Hostname,
            "ipv4" => Format::Ipv4,
            "ipv6" => Format::Ipv6,
            "k8slongname" => Format::LongName,
            "k8sshortname" => Format::ShortName,
            "uri" => Format::Uri,
            "uuid" => Format::Uuid,
            _ => return None,
        })
    }

    /// Minor version of Kubernetes that first checks it.
    pub fn since(self) -> u8 {
        if matches!(self, Format::LongName | Format::ShortName) { 34 } else { 0 }
    }

    /// What a text of the format is.
    pub fn noun(self) -> &'static str {
        match self {
            Format::Byte => "base64",
            Format::Cidr => "range of addresses such as `10.0.0.0/8`",
            Format::Date => "date such as `2026-01-02`",
            Format::DateTime => "time such as `2026-01-02T15:04:05Z`",
            Format::Duration => "duration such as `30s`",
            Format::Email => "address of electronic mail",
            Format::HexColor => "colour such as `#ff0000`",
            Format::Hostname => "name of a host",
            Format::Ipv4 => "IPv4 address",
            Format::Ipv6 => "IPv6 address",
            Format::LongName => "name of at most 253 lower-case letters, digits, `-` and `.`",
            Format::ShortName => "name of at most 63 lower-case letters, digits and `-`",
            Format::Uri => "URI or absolute path",
            Format::Uuid => "UUID",
        }
    }

    /// Whether a text may be of the format; false only where the API server refuses it for certain.
    pub fn may_be(self, text: &str) -> bool {
        match self {
            Format::Byte => BASE64.decode(text.as_bytes()).is_ok() && !text.is_empty(),
            Format::Cidr => text.split_once('/').is_some_and(|(address, bits)| {
                let most = if address.contains(':') { 128 } else { 32 };
                net::parse_ip(address).is_some() && bits.parse::<u8>().is_ok_and(|bits| bits <= most)
            }),
            Format::Date => is_date(text),
            Format::DateTime => {
                let lower = text.to_ascii_lowercase();
                lower.split_once('t').is_some_and(|(date, time)| is_date(date) && TIME.is_match(time))
            }
            Format::Duration => matches!(text, "0" | "+0" | "-0") || DURATION.is_match(text),
            Format::Email => text.contains('@'),
            Format::HexColor => HEX_COLOR.is_match(text),
            Format::Hostname => {
                let odd = |char: char| {
                    char.is_ascii() && !(char.is_ascii_alphanumeric() || "-.+<=>^`|~$".contains(char))
                };
                !text.is_empty() && text.len() <= 255 && !text.contains(odd)
            }
            Format::Ipv4 => text.contains('.') && net::parse_ip(text).is_some(),
            Format::Ipv6 => text.contains(':') && net::parse_ip(text).is_some(),
            Format::LongName => names::dns_subdomain(text).is_ok(),
            Format::ShortName => names::dns_label(text).is_ok(),
            Format::Uri => text.starts_with('/') || URI.is_match(text),
            Format::Uuid => UUID.is_match(text),
        }
    }
}

/// A pattern that is compiled on first use.
struct Lazy(&'static str, OnceLock<Regex>);

impl Lazy {
    fn is_match(&self, text: &str) -> bool {
        self.1.get_or_init(|| Regex::new(self.0).expect("the pattern is sound")).is_match(text)
    }
}

static TIME: Lazy = Lazy(r"^\d\d:\d\d:\d\d(.\d+)?(z|[+-]\d\d:\d\d)$", OnceLock::new());
static DURATION: Lazy = Lazy(r"\d\s*(?i:n|u|µ|m|s|h|d|w)", OnceLock::new());
static HEX_COLOR: Lazy = Lazy(r"^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$", OnceLock::new());
static URI: Lazy = Lazy(r"^[A-Za-z][A-Za-z0-9+.-]*:", OnceLock::new());
static UUID: Lazy =
    Lazy(r"(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$", OnceLock::new());

fn is_date(text: &str) -> bool {
    text.is_ascii() && text.len() == 10 && crate::schema::scalar::is_time(&format!("{text}T00:00:00Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        let cases: [(&str, &[&str], &[&str]); 13] = [
            ("byte", &["YQ=="], &["YQ", "", "a b"]),
            ("cidr", &["10.0.0.0/8", "::/0"], &["10.0.0.0", "10.0.0.0/33", "a/8"]),
            ("date", &["2026-02-28"], &["2026-02-30", "28.02.2026"]),
            ("date-time", &["2026-01-02T15:04:05Z", "2026-01-02t15:04:05.1+01:00"], &["2026-01-02", "now"]),
            ("duration", &["1h30m", "0", "22 ns", "1.5h", "3 days"], &["", "soon", "10"]),
            ("email", &["a@example.org"], &["example.org"]),
            ("hostname", &["a.example.org", "a"], &["a b", "a/b", ""]),
            ("ipv4", &["192.0.2.1"], &["192.0.2", "::1", "a"]),
            ("ipv6", &["::1", "2001:db8::"], &["192.0.2.1", "g::"]),
            ("k8s-short-name", &["a-1"], &["A", "a.b"]),
            ("k8s-long-name", &["a.b"], &["A", "a..b"]),
            ("uri", &["https://example.org/a", "/a", "urn:a"], &["example.org", "a b"]),
            ("uuid", &["123e4567-e89b-12d3-a456-426614174000"], &["123e4567"]),
        ];
        for (name, good, bad) in cases {
            let format = Format::named(name).unwrap_or_else(|| panic!("{name}"));
            good.iter().for_each(|text| assert!(format.may_be(text), "{name}: {text}"));
            bad.iter().for_each(|text| assert!(!format.may_be(text), "{name}: {text}"));
        }
        assert_eq!(Format::named("int64"), None);
    }
}
