//! Values of flags as the components parse them: pflag, `component-base/cli/flag`, the flag types of Kubernetes' own, and
//! those of etcd. Each reader says what the type wants when it refuses a value.

use kubevet_core::{
    facts::{Component, Flag, Version},
    kubernetes::values::{duration, names, net, net::Cidr, quantity::Quantity},
};

/// What a value should be, where the flag refuses it.
pub type Wanted = &'static str;

/// Reads a value as the flag of a component in a version does.
pub fn parse(component: Component, version: Version, flag: &Flag, text: &str) -> Result<(), Wanted> {
    match flag.name {
        // Group versions may stand alone (ConfigurationMap).
        "runtime-config" | "node-labels" => return Ok(()),
        "eviction-hard" | "eviction-soft" => return pairs(text, '<', "`signal<quantity` pairs"),
        "oidc-required-claim" | "cpu-manager-policy-options" => {
            return when(text.contains('='), "a `key=value` pair");
        }
        // Until 1.30 it took one pair.
        "topology-manager-policy-options" if version < Version::new(31) => {
            return when(text.contains('='), "a `key=value` pair");
        }
        "initial-cluster-state" => return when(matches!(text, "new" | "existing"), "`new` or `existing`"),
        _ => {}
    }
    match flag.type_name {
        "bool" | "*flag.boolValue" => when(is_bool(text), BOOL),
        "version" => when(is_bool(text) || text == "raw" || text.starts_with('v'), BOOL),
        "int" | "int64" | "*flag.intValue" | "*flag.int64Value" => {
            integer(text, i64::MIN.into(), i64::MAX.into())
        }
        "int32" => integer(text, i32::MIN.into(), i32::MAX.into()),
        "uint" | "*flag.uintValue" | "*flag.uint64Value" => integer(text, 0, u64::MAX.into()),
        "uint32" | "*flags.uint32Value" => integer(text, 0, u32::MAX.into()),
        "Level" => when(level(text), "a whole number, not negative"),
        "float32" => when(is_float(text, f64::from(f32::MAX)), "a number"),
        "float64" => when(is_float(text, f64::MAX), "a number"),
        "duration" | "*flag.durationValue" => {
            when(duration::parse(text).is_some(), "a duration with its units such as `1m30s`")
        }
        "ip" => when(is_ip(component, text), "an IP address"),
        "ipport" => when(is_ip_port(text), "an IP address, with or without a port"),
        "cidrs" => when(text.split(',').all(|item| Cidr::parse(item).is_ok()), "ranges such as `10.0.0.0/8`"),
        "quantity" => when(is_quantity(text), "a quantity such as `10Mi`"),
        "portRange" | "port-range" => when(is_port_range(text), "a range of ports such as `30000-32767`"),
        "stringSlice" => when(is_csv(text), "items separated by commas, with quotes around whole items only"),
        "int32Slice" => text.split(',').try_for_each(|item| integer(item, i32::MIN.into(), i32::MAX.into())),
        "stringToString" => string_to_string(text),
        "mapStringString" => pairs(text, '=', "`key=value` pairs"),
        "colonSeparatedMultimapStringString" => pairs(text, ':', "`key:value` pairs"),
        "namedCertKey" => when(is_named_cert_key(text), "`certificate,key` or `certificate,key:name,…`"),
        "pattern=N,..." => when(is_vmodule(text), "`pattern=N` pairs"),
        "[]v1.Taint" => when(are_taints(text), "taints such as `key=value:NoSchedule`"),
        "reserved-memory" => when(is_reserved_memory(text), "reservations such as `0:memory=1Gi`"),
        "*flags.UniqueURLs" => urls(flag, text),
        _ => Ok(()),
    }
}

const BOOL: Wanted = "`true` or `false`";

fn when(holds: bool, wanted: Wanted) -> Result<(), Wanted> {
    if holds { Ok(()) } else { Err(wanted) }
}

/// Go's `strconv.ParseBool`.
pub fn is_bool(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "TRUE" | "true" | "True" | "0" | "f" | "F" | "FALSE" | "false" | "False")
}

/// Go's `strconv.ParseInt` and `ParseUint` with base 0: a prefix says another base, underscores may separate digits.
fn integer(text: &str, least: i128, most: i128) -> Result<(), Wanted> {
    let value = signed(text, least < 0);
    match value {
        None => Err("a whole number"),
        Some(value) if value < 0 && least == 0 => Err("a whole number, not negative"),
        Some(value) => when((least..=most).contains(&value), "a whole number that is not so large"),
    }
}

fn signed(text: &str, signs: bool) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix(['+', '-']).filter(|_| signs) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let prefixes = [("0x", 16), ("0o", 8), ("0b", 2)];
    let prefixed = prefixes.into_iter().find_map(|(prefix, base)| Some((lower.strip_prefix(prefix)?, base)));
    let (body, base) = match prefixed {
        Some(found) => found,
        None if lower.len() > 1 && lower.starts_with('0') => (&lower[1..], 8),
        None => (&*lower, 10),
    };
    // An underscore stands between digits, or behind the prefix.
    let leading = body.starts_with('_') && base == 10;
    if leading || body.ends_with('_') || body.contains("__") || body.starts_with(['+', '-']) {
        return None;
    }
    let value = i128::from_str_radix(&body.replace('_', ""), base).ok()?;
    Some(if negative { -value } else { value })
}

/// `strconv.ParseUint(text, 10, 31)`.
fn level(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<i32>().is_ok()
}

/// Go's `strconv.ParseFloat`: underscores separate digits, and a hexadecimal one has an exponent.
fn is_float(text: &str, most: f64) -> bool {
    let plain = text.strip_prefix(['+', '-']).unwrap_or(text).to_ascii_lowercase();
    if plain.starts_with("0x") || matches!(&*plain, "inf" | "infinity" | "nan") {
        return !plain.starts_with("0x") || plain.contains('p');
    }
    let parts: Vec<&str> = plain.split('_').collect();
    let separated = parts.windows(2).all(|pair| {
        let digit = |c: char| c.is_ascii_digit();
        pair[0].ends_with(digit) && pair[1].starts_with(digit)
    });
    separated
        && plain.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && parts.concat().parse::<f64>().is_ok_and(|value| value <= most)
}

/// The kubelet and kube-proxy take leading zeros in addresses (`ParseIPSloppy`), the others do not.
fn is_ip(component: Component, text: &str) -> bool {
    let sloppy = matches!(component, Component::Kubelet | Component::KubeProxy);
    let zeros = |text: &str| text.split('.').any(|octet| octet.len() > 1 && octet.starts_with('0'));
    let text = if sloppy { text } else { text.trim() };
    text.is_empty() || net::parse_ip(text).is_some() && (sloppy || text.contains(':') || !zeros(text))
}

/// A unit without a number counts as zero of it.
fn is_quantity(text: &str) -> bool {
    Quantity::parse(text).is_ok() || !text.is_empty() && Quantity::parse(&format!("0{text}")).is_ok()
}

fn is_ip_port(text: &str) -> bool {
    let with_port = || {
        let (host, port) = text.rsplit_once(':')?;
        let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let host = inner.unwrap_or(host);
        (inner.is_some() || !host.contains(':')).then_some(())?;
        net::parse_ip(host)?;
        port.bytes().all(|byte| byte.is_ascii_digit()).then(|| port.parse::<u16>().ok()).flatten()
    };
    text.is_empty() || net::parse_ip(text).is_some() || with_port().is_some()
}

/// `apimachinery/pkg/util/net.PortRange`: `80`, `80-90`, `80+10`.
fn is_port_range(text: &str) -> bool {
    let text = text.trim();
    let range = match (text.split_once('-'), text.split_once('+')) {
        (None, None) => text.parse().ok().map(|port: i64| (port, port)),
        (Some((low, high)), None) => low.parse().ok().zip(high.parse().ok()),
        (None, Some((low, more))) => low
            .parse::<i64>()
            .ok()
            .zip(more.parse::<i64>().ok())
            .map(|(low, more)| (low, low.saturating_add(more))),
        (Some(_), Some(_)) => None,
    };
    text.is_empty() || range.is_some_and(|(low, high)| low <= high && high <= 65535)
}

/// One record of Go's `encoding/csv`: a quote opens an item at its start, and closes it at its end.
fn is_csv(text: &str) -> bool {
    let mut rest = text;
    loop {
        let Some(quoted) = rest.strip_prefix('"') else {
            let (item, next) = rest.split_once(',').map_or((rest, None), |(item, next)| (item, Some(next)));
            if item.contains('"') {
                return false;
            }
            let Some(next) = next else { return true };
            rest = next;
            continue;
        };
        let mut inside = quoted;
        loop {
            let Some((_, behind)) = inside.split_once('"') else { return false };
            match behind.strip_prefix('"') {
                Some(more) => inside = more,
                None if behind.is_empty() => return true,
                None => {
                    let Some(next) = behind.strip_prefix(',') else { return false };
                    rest = next;
                    break;
                }
            }
        }
    }
}

/// pflag's `stringToString`: with one `=` the whole text is one pair, with more it is a CSV record of pairs.
fn string_to_string(text: &str) -> Result<(), Wanted> {
    let count = text.matches('=').count();
    let pairs = || text.split(',').all(|pair| pair.contains('='));
    let quoted = text.contains('"');
    let good = match count {
        0 => false,
        1 => true,
        _ if quoted => is_csv(text),
        _ => pairs(),
    };
    when(good, "`key=value` pairs")
}

fn pairs(text: &str, separator: char, wanted: Wanted) -> Result<(), Wanted> {
    when(text.split(',').all(|pair| pair.is_empty() || pair.contains(separator)), wanted)
}

fn is_named_cert_key(text: &str) -> bool {
    let (files, names) = text.split_once(':').map_or((text, None), |(files, names)| (files, Some(names)));
    files.split(',').count() == 2 && names.is_none_or(|names| !names.trim().is_empty())
}

fn is_vmodule(text: &str) -> bool {
    text.split(',').filter(|item| !item.is_empty()).all(|item| {
        let parts: Vec<_> = item.split('=').collect();
        matches!(parts[..], [pattern, number] if !pattern.is_empty() && !number.is_empty() && level(number))
    })
}

fn are_taints(text: &str) -> bool {
    text.is_empty() || text.split(',').all(is_taint)
}

/// `ParseTaints` of `pkg/util/taints`.
fn is_taint(text: &str) -> bool {
    let (body, removal) = text.strip_suffix('-').map_or((text, false), |body| (body, true));
    let (key, effect) = body.split_once(':').map_or((body, None), |(key, effect)| (key, Some(effect)));
    let (key, value) = match key.split_once('=').filter(|_| effect.is_some()) {
        Some((key, value)) => (key, value),
        None => (key, ""),
    };
    let known =
        effect.map_or(removal, |effect| matches!(effect, "NoSchedule" | "PreferNoSchedule" | "NoExecute"));
    known && names::qualified_name(key).is_ok() && names::label_value(value).is_ok()
}

fn is_reserved_memory(text: &str) -> bool {
    let limit = |limit: &str| {
        limit.split_once('=').is_some_and(|(kind, amount)| {
            (kind == "memory" || kind.starts_with("hugepages-")) && Quantity::parse(amount).is_ok()
        })
    };
    let reservation = |one: &str| {
        one.split_once(':')
            .is_some_and(|(node, limits)| node.parse::<i64>().is_ok() && limits.split(',').all(limit))
    };
    text.is_empty() || text.split(';').all(reservation)
}

/// `types.NewURLs` of etcd's client.
fn urls(flag: &Flag, text: &str) -> Result<(), Wanted> {
    let exception = match flag.name {
        "cors" => text == "*",
        "listen-metrics-urls" | "listen-client-http-urls" => text.is_empty(),
        _ => false,
    };
    if exception {
        return Ok(());
    }
    for url in text.split(',').map(str::trim) {
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err("URLs such as `https://10.0.0.1:2379`");
        };
        match &*scheme.to_ascii_lowercase() {
            "unix" | "unixs" => {}
            "http" | "https" if rest.contains('/') => return Err("URLs without a path"),
            "http" | "https" if !has_port(rest) => {
                return Err("URLs with a port such as `https://10.0.0.1:2379`");
            }
            "http" | "https" => {}
            _ => return Err("URLs that begin with `http`, `https`, `unix` or `unixs`"),
        }
    }
    Ok(())
}

/// Go's `net.SplitHostPort` on the host of a URL.
fn has_port(authority: &str) -> bool {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').is_some_and(|(_, port)| port.starts_with(':')),
        None => host.matches(':').count() == 1,
    }
}
