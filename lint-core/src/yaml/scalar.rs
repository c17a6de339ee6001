//! go-yaml v2 (sigs.k8s.io/yaml) plain-scalar resolution
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sc {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    Str,
    Merge,
}
#[inline]
pub fn resolve(s: &str) -> Sc {
    let b = s.as_bytes();
    if b.is_empty() {
        return Sc::Null;
    }
    match b[0] {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => {
            if b.len() > 5 {
                return Sc::Str;
            }
            match s {
                "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
                    Sc::Bool(true)
                }
                "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
                    Sc::Bool(false)
                }
                "~" | "null" | "Null" | "NULL" => Sc::Null,
                _ => Sc::Str,
            }
        }
        b'<' => {
            if s == "<<" {
                Sc::Merge
            } else {
                Sc::Str
            }
        }
        b'.' => {
            match s {
                ".nan" | ".NaN" | ".NAN" => return Sc::Float(f64::NAN),
                ".inf" | ".Inf" | ".INF" => return Sc::Float(f64::INFINITY),
                _ => {}
            }
            if style_float(b) { s.parse().map_or(Sc::Str, Sc::Float) } else { go_parse_float(s) }
        }
        b'0'..=b'9' | b'+' | b'-' => num(s),
        _ => Sc::Str,
    }
}
fn go_parse_float(_s: &str) -> Sc {
    Sc::Str
}
fn num(s: &str) -> Sc {
    match s {
        "+.inf" | "+.Inf" | "+.INF" => return Sc::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Sc::Float(f64::NEG_INFINITY),
        _ => {}
    }
    // quick reject of things such as 10m, 1.2.3, 10.0.0.1, 100Mi, dates
    let tmp;
    let mut p = s;
    if s.as_bytes().contains(&b'_') {
        tmp = s.replace('_', "");
        p = &tmp;
    }
    let b = p.as_bytes();
    let (neg, d) = match b.first() {
        Some(b'-') => (true, &p[1..]),
        Some(b'+') => (false, &p[1..]),
        _ => (false, p),
    };
    let db = d.as_bytes();
    if db.is_empty() {
        return Sc::Str;
    }
    if db[0].is_ascii_digit() {
        let (radix, digits) = if db.len() > 1 && db[0] == b'0' {
            match db[1] {
                b'x' | b'X' => (16, &d[2..]),
                b'b' | b'B' => (2, &d[2..]),
                b'o' | b'O' => (8, &d[2..]),
                _ => (8, &d[1..]),
            }
        } else {
            (10, d)
        };
        if !digits.is_empty() && !digits.starts_with(['+', '-']) {
            if let Ok(v) = u64::from_str_radix(digits, radix) {
                if neg {
                    if v <= 1u64 << 63 {
                        return Sc::Int((v as i64).wrapping_neg());
                    }
                } else if v <= i64::MAX as u64 {
                    return Sc::Int(v as i64);
                } else if b[0] != b'+' {
                    return Sc::UInt(v);
                }
            }
        }
    }
    if style_float(b) {
        return p.parse::<f64>().ok().filter(|f| f.is_finite()).map_or(Sc::Str, Sc::Float);
    }
    Sc::Str
}
/// ^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$
fn style_float(b: &[u8]) -> bool {
    let mut i = 0;
    if matches!(b.first(), Some(b'-' | b'+')) {
        i += 1;
    }
    let s = i;
    while i < b.len() && b[i].is_ascii_digit() {
        i += 1;
    }
    let n = i - s;
    if i < b.len() && b[i] == b'.' {
        i += 1;
        let f = i;
        while i < b.len() && b[i].is_ascii_digit() {
            i += 1;
        }
        if n == 0 && i == f {
            return false;
        }
    } else if n == 0 {
        return false;
    }
    if i < b.len() && matches!(b[i], b'e' | b'E') {
        i += 1;
        if i < b.len() && matches!(b[i], b'-' | b'+') {
            i += 1;
        }
        let e = i;
        while i < b.len() && b[i].is_ascii_digit() {
            i += 1;
        }
        if e == i {
            return false;
        }
    }
    i == b.len()
}
