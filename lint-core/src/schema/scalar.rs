//! Scalars against the type of their field.

use kubevet_facts::{Schema, SchemaKind};

use super::{Malformed, Problem, Type};
use crate::{
    kubernetes::{
        is_placeholder,
        values::{quantity::Quantity, secret_shape::decode_base64},
    },
    yaml::{NodeRef, Scalar},
};

/// What is wrong with a scalar of this value, which is not null.
#[inline]
pub(super) fn problem(node: NodeRef<'_>, value: Scalar<'_>, schema: Schema) -> Option<Problem> {
    let wanted = schema.kind();
    let fits = match (wanted, value) {
        (SchemaKind::Any, _) => true,
        (SchemaKind::String, Scalar::Str(text)) => {
            let mut values = schema.enumeration();
            // An empty one is an absent one to Go, and defaults fill it.
            let unknown = values.len() > 0 && !text.is_empty() && values.all(|value| value != text);
            return (unknown && !is_placeholder(text))
                .then_some(Problem::UnknownValue { of: Type::BuiltIn(schema) });
        }
        (SchemaKind::Bool, Scalar::Bool(_)) => true,
        (SchemaKind::Int32 | SchemaKind::IntOrString, Scalar::Int(value)) => {
            return i32::try_from(value)
                .is_err()
                .then_some(Problem::Malformed(Malformed::Range { bits: 32 }));
        }
        (SchemaKind::Int64, Scalar::Int(_)) => true,
        (SchemaKind::Int32 | SchemaKind::IntOrString, Scalar::UInt(_)) => {
            return Some(Problem::Malformed(Malformed::Range { bits: 32 }));
        }
        (SchemaKind::Int64, Scalar::UInt(_)) => {
            return Some(Problem::Malformed(Malformed::Range { bits: 64 }));
        }
        // The YAML reader writes a decimal number without a fraction as a whole one (`1e3` becomes 1000).
        (SchemaKind::Int32 | SchemaKind::IntOrString, Scalar::Float(value)) => {
            value.fract() == 0.0 && value.abs() <= f64::from(i32::MAX)
        }
        (SchemaKind::Int64, Scalar::Float(value)) => value.fract() == 0.0 && value.abs() < 9e18,
        (SchemaKind::Number | SchemaKind::Quantity, Scalar::Int(_) | Scalar::UInt(_) | Scalar::Float(_))
        | (SchemaKind::IntOrString, Scalar::Str(_)) => true,
        (SchemaKind::Quantity, Scalar::Str(text)) => {
            return malformed(text, Quantity::parse(text.trim()).is_ok(), Malformed::Quantity);
        }
        (SchemaKind::Bytes, Scalar::Str(text)) => {
            return malformed(text, decode_base64(text).is_some(), Malformed::Base64);
        }
        (SchemaKind::Time, Scalar::Str(text)) => return malformed(text, is_time(text), Malformed::Time),
        (SchemaKind::MicroTime, Scalar::Str(_)) => true,
        _ => false,
    };
    (!fits && !is_placeholder(node.text())).then_some(Problem::WrongType { wanted })
}

fn malformed(text: &str, good: bool, problem: Malformed) -> Option<Problem> {
    (!good && !is_placeholder(text)).then_some(Problem::Malformed(problem))
}

/// Go's `time.Parse(time.RFC3339, …)`: `2006-01-02T15:04:05`, a fraction, and `Z` or an offset. It takes hours of one digit.
pub(super) fn is_time(text: &str) -> bool {
    read_time(text) == Some("")
}

/// What is left behind a time.
fn read_time(text: &str) -> Option<&str> {
    let number = |text: &str, digits: usize| {
        let (number, _) = text.split_at_checked(digits)?;
        number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse::<u32>().ok())?
    };
    let (year, rest) = (number(text, 4)?, text[4..].strip_prefix('-')?);
    let (month, rest) = (number(rest, 2)?, rest[2..].strip_prefix('-')?);
    let (day, rest) = (number(rest, 2)?, rest[2..].strip_prefix('T')?);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    let (hour, rest) = rest.split_once(':')?;
    let hour = number(hour, hour.len()).filter(|_| matches!(hour.len(), 1 | 2))?;
    let (minute, rest) = (number(rest, 2)?, rest[2..].strip_prefix(':')?);
    let (second, mut rest) = (number(rest, 2)?, &rest[2..]);
    if !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let after = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
        rest = Some(after).filter(|after| after.len() < fraction.len())?;
    }
    if let Some(after) = rest.strip_prefix('Z') {
        return Some(after);
    }
    let rest = rest.strip_prefix(['+', '-'])?;
    let (hours, rest) = (number(rest, 2)?, rest[2..].strip_prefix(':')?);
    (hours <= 24 && number(rest, 2)? <= 60).then(|| &rest[2..])
}
