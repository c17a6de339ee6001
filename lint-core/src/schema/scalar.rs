//! Scalars against the type of their field.

use kubevet_facts::{Schema, SchemaKind};

use super::{Malformed, Problem};
use crate::{
    kubernetes::{
        is_placeholder,
        values::{quantity::Quantity, secret_shape::decode_base64},
    },
    yaml::{NodeRef, Scalar},
};

/// What is wrong with a scalar that is not null.
#[inline]
pub(super) fn problem(node: NodeRef<'_>, schema: Schema) -> Option<Problem> {
    let wanted = schema.kind();
    let fits = match (wanted, node.value()) {
        (SchemaKind::Any, _) => true,
        (SchemaKind::String, Scalar::Str(text)) => {
            let mut values = schema.enumeration();
            return (values.len() > 0 && values.all(|value| value != text) && !is_placeholder(text))
                .then_some(Problem::UnknownValue { of: schema });
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

/// Go's `time.Parse(time.RFC3339, …)`: `2006-01-02T15:04:05`, a fraction, and `Z` or an offset.
pub(super) fn is_time(text: &str) -> bool {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
    let is = |at: usize, byte: u8| text.as_bytes().get(at) == Some(&byte);
    let parts = || {
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 => 28 + u32::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        let clock = number(11..13)? < 24 && number(14..16)? < 60 && number(17..19)? < 60;
        let signs = is(4, b'-') && is(7, b'-') && is(10, b'T') && is(13, b':') && is(16, b':');
        Some(clock && signs && (1..=days).contains(&day))
    };
    if !text.is_ascii() || parts() != Some(true) {
        return false;
    }
    let mut rest = &text[19..];
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let digits = fraction.len() - fraction.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits == 0 {
            return false;
        }
        rest = &fraction[digits..];
    }
    let offset = |rest: &str| {
        let rest = rest.strip_prefix(['+', '-'])?;
        let (hours, minutes) = rest.split_once(':').filter(|_| rest.len() == 5)?;
        Some(hours.parse::<u32>().ok()? <= 24 && minutes.parse::<u32>().ok()? <= 60)
    };
    rest == "Z" || offset(rest) == Some(true)
}
