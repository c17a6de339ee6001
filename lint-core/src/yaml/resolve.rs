//! Plain scalars as Kubernetes reads them: the resolution of go-yaml v2 (`resolve.go`), which `sigs.k8s.io/yaml` uses.

use std::borrow::Cow;

use super::{NodeRef, Style};

/// A resolved scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar<'t> {
    /// `null`, `~` or nothing.
    Null,
    /// A YAML 1.1 boolean: `yes`, `on` and `y` are true.
    Bool(bool),
    /// A whole number; `0644` is octal.
    Int(i64),
    /// A whole number above the signed ones.
    UInt(u64),
    /// A decimal number.
    Float(f64),
    /// Text.
    Str(&'t str),
}

/// Resolves the text of a plain scalar.
pub fn plain(text: &str) -> Scalar<'_> {
    let bytes = text.as_bytes();
    let Some(first) = bytes.first() else { return Scalar::Null };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' if bytes.len() <= 5 => {
            word(text)
        }
        b'.' => match text {
            ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
            ".inf" | ".Inf" | ".INF" => Scalar::Float(f64::INFINITY),
            _ => float(text),
        },
        b'0'..=b'9' | b'+' | b'-' => number(text),
        _ => Scalar::Str(text),
    }
}

fn word(text: &str) -> Scalar<'_> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Scalar::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Scalar::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        _ => Scalar::Str(text),
    }
}

fn number(text: &str) -> Scalar<'_> {
    match text {
        "+.inf" | "+.Inf" | "+.INF" => return Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let joined = if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
    let (negative, digits) = match joined.as_bytes().first() {
        Some(b'-') => (true, &joined[1..]),
        Some(b'+') => (false, &joined[1..]),
        _ => (false, &joined[..]),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return if is_float(&joined) { parsed(&joined, text) } else { Scalar::Str(text) };
    }
    let (radix, body) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if !body.starts_with(['+', '-'])
        && let Ok(value) = u64::from_str_radix(body, radix)
    {
        if negative && value <= 1 << 63 {
            return Scalar::Int(0i64.wrapping_sub_unsigned(value));
        }
        if let (false, Ok(value)) = (negative, i64::try_from(value)) {
            return Scalar::Int(value);
        }
        if !negative && !joined.starts_with('+') {
            return Scalar::UInt(value);
        }
    }
    if is_float(&joined) { parsed(&joined, text) } else { Scalar::Str(text) }
}

fn float(text: &str) -> Scalar<'_> {
    if is_float(text) { parsed(text, text) } else { Scalar::Str(text) }
}

fn parsed<'t>(digits: &str, text: &'t str) -> Scalar<'t> {
    digits.parse::<f64>().ok().filter(|value| value.is_finite()).map_or(Scalar::Str(text), Scalar::Float)
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn is_float(text: &str) -> bool {
    let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let whole = digits(text);
    let mut rest = &text[whole..];
    if let Some(after) = rest.strip_prefix('.') {
        let fraction = digits(after);
        if whole == 0 && fraction == 0 {
            return false;
        }
        rest = &after[fraction..];
    } else if whole == 0 {
        return false;
    }
    if let Some(after) = rest.strip_prefix(['e', 'E']) {
        let after = after.strip_prefix(['-', '+']).unwrap_or(after);
        let exponent = digits(after);
        return exponent > 0 && exponent == after.len();
    }
    rest.is_empty()
}

/// A key as it becomes in JSON: booleans and numbers are written out (`sigs.k8s.io/yaml` `convertToJSONableObject`).
pub(super) fn key(node: NodeRef<'_>) -> Cow<'_, str> {
    if node.style() != Style::Plain {
        return Cow::Borrowed(node.text());
    }
    match node.value() {
        Scalar::Str(text) => Cow::Borrowed(text),
        Scalar::Null => Cow::Borrowed("null"),
        Scalar::Bool(value) => Cow::Borrowed(if value { "true" } else { "false" }),
        Scalar::Int(value) => Cow::Owned(value.to_string()),
        Scalar::UInt(value) => Cow::Owned(value.to_string()),
        Scalar::Float(value) => Cow::Owned(value.to_string()),
    }
}

/// Whether two keys are one to Kubernetes. Most keys differ in their first bytes or are plain words.
pub(super) fn same_key(one: NodeRef<'_>, other: NodeRef<'_>) -> bool {
    let (first, second) = (one.text(), other.text());
    if is_word(first) && is_word(second) { first == second } else { key(one) == key(other) }
}

/// Whether a plain scalar is a string at first sight: no boolean, number or null begins like this or is so long.
pub(super) fn is_word(text: &str) -> bool {
    match text.as_bytes() {
        [b'a'..=b'e' | b'g'..=b'm' | b'p'..=b's' | b'u'..=b'x' | b'z', ..] => true,
        [first, ..] => text.len() > 5 && first.is_ascii_alphabetic(),
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_go_yaml_does() {
        for (text, value) in [
            ("yes", Scalar::Bool(true)),
            ("Off", Scalar::Bool(false)),
            ("y", Scalar::Bool(true)),
            ("yEs", Scalar::Str("yEs")),
            ("nuLL", Scalar::Str("nuLL")),
            ("~", Scalar::Null),
            ("", Scalar::Null),
            ("0644", Scalar::Int(420)),
            ("0o644", Scalar::Int(420)),
            ("08", Scalar::Float(8.0)),
            ("0o8", Scalar::Str("0o8")),
            ("0b11", Scalar::Int(3)),
            ("-0b11", Scalar::Int(-3)),
            ("0X1f", Scalar::Int(31)),
            ("0b12", Scalar::Str("0b12")),
            ("0x", Scalar::Str("0x")),
            ("1_000", Scalar::Int(1000)),
            ("0_1", Scalar::Int(1)),
            ("0.1_5", Scalar::Float(0.15)),
            (".5_", Scalar::Str(".5_")),
            ("1e400", Scalar::Str("1e400")),
            ("1e", Scalar::Str("1e")),
            ("5.", Scalar::Float(5.0)),
            ("18446744073709551615", Scalar::UInt(u64::MAX)),
            ("18446744073709551616", Scalar::Float(18_446_744_073_709_552_000.0)),
            ("-9223372036854775808", Scalar::Int(i64::MIN)),
            ("-0", Scalar::Int(0)),
            ("2024-01-01", Scalar::Str("2024-01-01")),
            ("1:20", Scalar::Str("1:20")),
            ("100m", Scalar::Str("100m")),
            ("10.0.0.1", Scalar::Str("10.0.0.1")),
            ("-", Scalar::Str("-")),
            ("+", Scalar::Str("+")),
            (".", Scalar::Str(".")),
        ] {
            assert_eq!(plain(text), value, "{text}");
        }
    }
}
