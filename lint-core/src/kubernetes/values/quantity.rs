//! Resource quantities: `k8s.io/apimachinery/pkg/api/resource.ParseQuantity`.

use std::{cmp::Ordering, fmt};

/// An amount such as `500m`, `1.5Gi` or `1e3`, exact to a billionth.
///
/// Kubernetes rounds finer amounts up to a billionth and caps at 2^63-1; so does this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Quantity {
    /// Billionths.
    nano: i128,
}

/// Why a text is no quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuantityError {
    /// Nothing was written.
    Empty,
    /// It does not begin with a number.
    NoNumber,
    /// What follows the number is no unit; with the units that may have been meant.
    UnknownUnit(String, Option<&'static str>),
}

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QuantityError::Empty => f.write_str("it is empty"),
            QuantityError::NoNumber => f.write_str("it does not begin with a number"),
            QuantityError::UnknownUnit(unit, Some(near)) => {
                write!(f, "`{unit}` is no unit, did you mean {near}?")
            }
            QuantityError::UnknownUnit(unit, None) => write!(f, "`{unit}` is no unit"),
        }
    }
}

impl std::error::Error for QuantityError {}

const NANO: i128 = 1_000_000_000;
/// Amounts are capped at the largest 64-bit integer.
const CAP: i128 = i64::MAX as i128 * NANO;

impl Quantity {
    /// Nothing.
    pub const ZERO: Quantity = Quantity { nano: 0 };

    /// Parses a quantity.
    ///
    /// # Errors
    /// What is wrong with it, with the unit that was probably meant.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        if text.is_empty() {
            return Err(QuantityError::Empty);
        }
        let (negative, rest) = match text.as_bytes()[0] {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let whole = digits(rest);
        let (whole, rest) = rest.split_at(whole);
        let (fraction, unit) = match rest.strip_prefix('.') {
            Some(after) => after.split_at(digits(after)),
            None => ("", rest),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(QuantityError::NoNumber);
        }
        let scale = Scale::of(unit)
            .ok_or_else(|| QuantityError::UnknownUnit(unit.trim().to_owned(), suggestion(unit)))?;
        let magnitude = scale.apply(whole.trim_start_matches('0'), fraction);
        Ok(Quantity { nano: if negative { -magnitude } else { magnitude } })
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        self.nano < 0
    }

    /// Whether it is zero.
    pub fn is_zero(self) -> bool {
        self.nano == 0
    }

    /// Thousandths, rounded up: millicores of a CPU amount.
    pub fn milli(self) -> i128 {
        div_up(self.nano, NANO / 1000)
    }

    /// Whole units, rounded up: bytes of a memory amount.
    pub fn units(self) -> i128 {
        div_up(self.nano, NANO)
    }

    /// Whether it is a whole number of units.
    pub fn is_whole(self) -> bool {
        self.nano % NANO == 0
    }
}

fn div_up(value: i128, by: i128) -> i128 {
    value.div_euclid(by) + i128::from(value.rem_euclid(by) != 0)
}

impl std::ops::Add for Quantity {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Quantity { nano: (self.nano + other.nano).clamp(-CAP, CAP) }
    }
}

/// A number without a unit: `1.5`.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, nano) = (if self.nano < 0 { "-" } else { "" }, self.nano.unsigned_abs());
        let (whole, rest) = (nano / NANO as u128, nano % NANO as u128);
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        write!(f, "{sign}{whole}.{}", format!("{rest:09}").trim_end_matches('0'))
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nano.cmp(&other.nano)
    }
}

/// What a unit multiplies by.
enum Scale {
    /// A power of 2.
    Binary(u32),
    /// A power of 10.
    Decimal(i64),
}

impl Scale {
    fn of(unit: &str) -> Option<Self> {
        Some(match unit {
            "n" => Scale::Decimal(-9),
            "u" => Scale::Decimal(-6),
            "m" => Scale::Decimal(-3),
            "" => Scale::Decimal(0),
            "k" => Scale::Decimal(3),
            "M" => Scale::Decimal(6),
            "G" => Scale::Decimal(9),
            "T" => Scale::Decimal(12),
            "P" => Scale::Decimal(15),
            "E" => Scale::Decimal(18),
            "Ki" => Scale::Binary(10),
            "Mi" => Scale::Binary(20),
            "Gi" => Scale::Binary(30),
            "Ti" => Scale::Binary(40),
            "Pi" => Scale::Binary(50),
            "Ei" => Scale::Binary(60),
            _ => {
                // `strconv.ParseInt` of what follows the `e`: a sign and digits.
                let exponent = unit.strip_prefix(['e', 'E'])?;
                let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
                let valid = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
                Scale::Decimal(valid.then(|| exponent.parse::<i64>().ok())??)
            }
        })
    }

    /// Billionths of a number with this unit, rounded up and capped.
    fn apply(self, whole: &str, fraction: &str) -> i128 {
        // Digits as one number with a decimal exponent; more than 38 of them are beyond the cap or below a billionth.
        let (power, exponent) = match self {
            Scale::Binary(power) => (power, 0),
            Scale::Decimal(exponent) => (0, exponent),
        };
        let mut exponent = exponent.saturating_add(9).saturating_sub(fraction.len() as i64);
        let mut number: i128 = 0;
        let mut lost = false;
        for digit in whole.bytes().chain(fraction.bytes()).map(|byte| i128::from(byte - b'0')) {
            if number > i128::MAX / 100 {
                exponent = exponent.saturating_add(1);
                lost |= digit != 0;
            } else {
                number = number * 10 + digit;
            }
        }
        if number == 0 {
            return i128::from(lost);
        }
        let Some(mut value) = number.checked_mul(1 << power) else { return CAP };
        while exponent > 0 {
            value = match value.checked_mul(10) {
                Some(value) if value < CAP * 1000 => value,
                _ => return CAP,
            };
            exponent -= 1;
        }
        while exponent < 0 && value > 0 {
            lost |= value % 10 != 0;
            value /= 10;
            exponent += 1;
        }
        (value + i128::from(lost)).min(CAP)
    }
}

/// Units that people write and Kubernetes does not know.
fn suggestion(unit: &str) -> Option<&'static str> {
    Some(match unit.trim().to_ascii_lowercase().as_str() {
        "k" | "kb" | "ki" | "kib" => "`k` or `Ki`",
        "m" | "mb" | "mi" | "mib" => "`M` or `Mi`",
        "g" | "gb" | "gi" | "gib" => "`G` or `Gi`",
        "t" | "tb" | "ti" | "tib" => "`T` or `Ti`",
        "b" => "no unit at all for bytes",
        "cpu" | "core" | "cores" => "no unit at all for CPUs",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nano(text: &str) -> i128 {
        Quantity::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).nano
    }

    #[test]
    fn units() {
        assert_eq!(nano("1"), NANO);
        assert_eq!(nano("500m"), NANO / 2);
        assert_eq!(nano("0.5"), NANO / 2);
        assert_eq!(nano(".5"), NANO / 2);
        assert_eq!(nano("1."), NANO);
        assert_eq!(nano("1Ki"), 1024 * NANO);
        assert_eq!(nano("1.5Gi"), 3 * 512 * 1024 * 1024 * NANO);
        assert_eq!(nano("1e3"), nano("1k"));
        assert_eq!(nano("1E"), 1_000_000_000_000_000_000 * NANO);
        assert_eq!(nano("1E3"), nano("1000"));
        assert_eq!(nano("12e-3"), nano("12m"));
        assert_eq!(nano("-1"), -NANO);
        assert_eq!(nano("+1"), NANO);
        assert_eq!(nano("1u"), 1000);
    }

    #[test]
    fn finer_than_a_billionth_rounds_up_and_giants_are_capped() {
        assert_eq!(nano("0.1n"), 1);
        assert_eq!(nano("0.0000000001"), 1);
        assert_eq!(nano("99999999999999999999E"), CAP);
        assert_eq!(nano("1e9223372036854775807"), CAP);
        assert_eq!(nano("10Ei"), CAP);
        assert_eq!(Quantity::parse("1.0001").unwrap().milli(), 1001);
        assert_eq!(Quantity::parse("100m").unwrap().units(), 1);
    }

    #[test]
    fn sums() {
        let sum = |one: &str, other: &str| {
            (Quantity::parse(one).unwrap() + Quantity::parse(other).unwrap()).to_string()
        };
        assert_eq!(sum("800m", "300m"), "1.1");
        assert_eq!(sum("1Ki", "1"), "1025");
        assert_eq!(sum("-1500m", "0"), "-1.5");
        assert_eq!(sum("8E", "8E"), Quantity::parse("10E").unwrap().to_string());
    }

    #[test]
    fn refused() {
        for text in [
            "", "Mi", "1 Gi", "1MB", "1gb", "1Gib", "1K", "1mi", "1e", "1e1.5", "--1", "1,5", "0x10",
            "1_000", "one", "1ki", ".",
        ] {
            assert!(Quantity::parse(text).is_err(), "{text}");
        }
        let error = Quantity::parse("256MB").unwrap_err().to_string();
        assert_eq!(error, "`MB` is no unit, did you mean `M` or `Mi`?");
    }
}
