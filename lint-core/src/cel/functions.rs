//! Functions: those of the language, and those of Kubernetes that need nothing but their arguments.

use std::{cmp::Ordering, net::IpAddr};

use super::{
    Failure::{self, Unknown},
    eval::{Evaluator, weight},
    value::Cel,
};
use crate::{
    kubernetes::values::{duration, quantity::Quantity},
    schema::Pattern,
};

type Value<'v> = Result<Cel<'v>, Failure>;

const SECOND: i128 = 1_000_000_000;

/// Calls a function. A receiver is the first argument.
pub(super) fn call<'v>(
    evaluator: &mut Evaluator<'v>,
    name: &str,
    receiver: Option<Cel<'v>>,
    arguments: &[Cel<'v>],
) -> Value<'v> {
    evaluator.pay(receiver.iter().chain(arguments).map(weight).sum())?;
    match (receiver, arguments) {
        (Some(Cel::Text(text)), arguments) => of_text(evaluator, name, &text, arguments),
        (Some(Cel::List(items)), arguments) => of_list(name, &items, arguments),
        (Some(Cel::Duration(time)), []) => of_duration(name, time),
        (Some(Cel::Quantity(one)), [Cel::Quantity(other)]) => match name {
            "isGreaterThan" => Ok(Cel::Bool(one.cmp(other) == Ordering::Greater)),
            "isLessThan" => Ok(Cel::Bool(one.cmp(other) == Ordering::Less)),
            "compareTo" => Ok(Cel::Int(one.cmp(other) as i64)),
            _ => Err(Unknown),
        },
        (Some(value), []) if name == "size" => value.size().map(Cel::Int),
        (None, [value]) => global(name, value),
        _ => Err(Unknown),
    }
}

fn global<'v>(name: &str, value: &Cel<'v>) -> Value<'v> {
    match (name, value) {
        ("size", value) => value.size().map(Cel::Int),
        ("dyn", value) => Ok(value.clone()),
        ("int", Cel::Int(value)) => Ok(Cel::Int(*value)),
        ("int", Cel::Double(value)) if value.abs() < 9e18 => Ok(Cel::Int(*value as i64)),
        ("int", Cel::Text(text)) => text.parse().map(Cel::Int).map_err(|_| Unknown),
        ("double", Cel::Int(value)) => Ok(Cel::Double(*value as f64)),
        ("double", Cel::Double(value)) => Ok(Cel::Double(*value)),
        ("double", Cel::Text(text)) => text.parse().map(Cel::Double).map_err(|_| Unknown),
        ("string", Cel::Text(text)) => Ok(Cel::Text(text.clone())),
        ("string", Cel::Int(value)) => Ok(Cel::Text(value.to_string().into())),
        ("string", Cel::Bool(value)) => Ok(Cel::Text(value.to_string().into())),
        ("bool", Cel::Bool(value)) => Ok(Cel::Bool(*value)),
        ("duration", Cel::Text(text)) => duration::parse(text).map(Cel::Duration).ok_or(Unknown),
        ("duration", Cel::Duration(value)) => Ok(Cel::Duration(*value)),
        ("isQuantity", Cel::Text(text)) => Ok(Cel::Bool(Quantity::parse(text).is_ok())),
        ("quantity", Cel::Text(text)) => Quantity::parse(text).map(Cel::Quantity).map_err(|_| Unknown),
        ("isIP", Cel::Text(text)) => Ok(Cel::Bool(is_ip(text))),
        _ => Err(Unknown),
    }
}

/// Kubernetes takes no IPv4 addresses that are written as IPv6 ones.
fn is_ip(text: &str) -> bool {
    match text.parse() {
        Ok(IpAddr::V4(_)) => true,
        Ok(IpAddr::V6(address)) => address.to_ipv4_mapped().is_none(),
        Err(_) => false,
    }
}

fn of_duration<'v>(name: &str, time: i128) -> Value<'v> {
    let unit = match name {
        "getHours" => 3600 * SECOND,
        "getMinutes" => 60 * SECOND,
        "getSeconds" => SECOND,
        "getMilliseconds" => SECOND / 1000,
        _ => return Err(Unknown),
    };
    i64::try_from(time / unit).map(Cel::Int).map_err(|_| Unknown)
}

fn of_text<'v>(evaluator: &mut Evaluator<'v>, name: &str, text: &str, arguments: &[Cel<'v>]) -> Value<'v> {
    let index = |at: Option<usize>| Ok(Cel::Int(at.map_or(-1, |at| text[..at].chars().count() as i64)));
    match (name, arguments) {
        ("size", []) => Ok(Cel::Int(text.chars().count() as i64)),
        ("contains", [Cel::Text(part)]) => Ok(Cel::Bool(text.contains(&**part))),
        ("startsWith", [Cel::Text(part)]) => Ok(Cel::Bool(text.starts_with(&**part))),
        ("endsWith", [Cel::Text(part)]) => Ok(Cel::Bool(text.ends_with(&**part))),
        ("matches", [Cel::Text(pattern)]) => {
            evaluator.pay(16 + (text.len() + pattern.len()) as u64)?;
            let pattern = Pattern::new(pattern).map_err(|_| Unknown)?;
            pattern.matches(text).map(Cel::Bool).ok_or(Unknown)
        }
        ("lowerAscii", []) => Ok(Cel::Text(text.to_ascii_lowercase().into())),
        ("upperAscii", []) => Ok(Cel::Text(text.to_ascii_uppercase().into())),
        ("trim", []) => Ok(Cel::Text(text.trim().to_owned().into())),
        ("indexOf", [Cel::Text(part)]) => index(text.find(&**part)),
        ("lastIndexOf", [Cel::Text(part)]) => index(text.rfind(&**part)),
        ("charAt", [Cel::Int(at)]) => substring(text, *at, at.saturating_add(1)),
        ("substring", [Cel::Int(start)]) => substring(text, *start, text.chars().count() as i64),
        ("substring", [Cel::Int(start), Cel::Int(end)]) => substring(text, *start, *end),
        ("replace", [Cel::Text(old), Cel::Text(new)]) if !old.is_empty() => {
            evaluator.pay((text.len() / old.len() * (new.len() + 1)) as u64)?;
            Ok(Cel::Text(text.replace(&**old, new).into()))
        }
        ("split", [Cel::Text(separator)]) if !separator.is_empty() => {
            let parts = text.split(&**separator).map(|part| Cel::Text(part.to_owned().into()));
            Ok(Cel::List(parts.collect()))
        }
        _ => Err(Unknown),
    }
}

fn substring<'v>(text: &str, start: i64, end: i64) -> Value<'v> {
    let (start, end) =
        (usize::try_from(start).map_err(|_| Unknown)?, usize::try_from(end).map_err(|_| Unknown)?);
    if end < start || end > text.chars().count() {
        return Err(Unknown);
    }
    let part: String = text.chars().skip(start).take(end - start).collect();
    Ok(Cel::Text(part.into()))
}

fn of_list<'v>(name: &str, items: &[Cel<'v>], arguments: &[Cel<'v>]) -> Value<'v> {
    let extreme = |wanted: Ordering| {
        let mut best = items.first().ok_or(Unknown)?;
        for item in &items[1..] {
            if item.compare(best)? == wanted {
                best = item;
            }
        }
        Ok(best.clone())
    };
    match (name, arguments) {
        ("size", []) => Ok(Cel::Int(items.len() as i64)),
        ("min", []) => extreme(Ordering::Less),
        ("max", []) => extreme(Ordering::Greater),
        ("isSorted", []) => {
            for pair in items.windows(2) {
                if pair[0].compare(&pair[1])? == Ordering::Greater {
                    return Ok(Cel::Bool(false));
                }
            }
            Ok(Cel::Bool(true))
        }
        ("sum", []) => {
            let mut sum = 0_i64;
            for item in items {
                let Cel::Int(value) = item else { return Err(Unknown) };
                sum = sum.checked_add(*value).ok_or(Unknown)?;
            }
            Ok(Cel::Int(sum))
        }
        ("join", []) => join(items, ""),
        ("join", [Cel::Text(separator)]) => join(items, separator),
        ("indexOf", [wanted]) => {
            for (at, item) in items.iter().enumerate() {
                if item.equals(wanted)? {
                    return Ok(Cel::Int(at as i64));
                }
            }
            Ok(Cel::Int(-1))
        }
        _ => Err(Unknown),
    }
}

fn join<'v>(items: &[Cel<'v>], separator: &str) -> Value<'v> {
    let texts = items.iter().map(|item| match item {
        Cel::Text(text) => Ok(&**text),
        _ => Err(Unknown),
    });
    Ok(Cel::Text(texts.collect::<Result<Vec<_>, _>>()?.join(separator).into()))
}
