//! Words of an expression.

use super::Failure::{self, Unknown};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Name(String),
    Int(i64),
    Double(f64),
    Text(String),
    /// An operator or bracket.
    Sign(&'static str),
}

const SIGNS: &[&str] = &[
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")",
    "[", "]", "{", "}",
];

/// Splits an expression into words.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Failure> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.split_once('\n').map_or("", |(_, after)| after);
            continue;
        }
        let Some(first) = rest.chars().next() else { return Ok(found) };
        let (token, after) = if let Some(literal) = literal(rest) {
            literal?
        } else if first.is_ascii_alphabetic() || first == '_' {
            let end = rest.find(|char: char| !(char.is_ascii_alphanumeric() || char == '_'));
            let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
            (Token::Name(name.to_owned()), after)
        } else if first.is_ascii_digit() {
            number(rest)?
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign)).ok_or(Unknown)?;
            (Token::Sign(sign), &rest[sign.len()..])
        };
        found.push(token);
        rest = after;
    }
}

/// A string, when one begins here: with its quotes, raw or not.
fn literal(rest: &str) -> Option<Result<(Token, &str), Failure>> {
    let (raw, quoted) = match rest.strip_prefix(['r', 'R']) {
        Some(after) if after.starts_with(['"', '\'']) => (true, after),
        _ => (false, rest),
    };
    if rest.starts_with(['b', 'B']) && rest[1..].starts_with(['"', '\'']) {
        return Some(Err(Unknown));
    }
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| quoted.starts_with(*quote))?;
    Some(string(&quoted[quote.len()..], quote, raw))
}

fn string<'r>(body: &'r str, quote: &str, raw: bool) -> Result<(Token, &'r str), Failure> {
    let mut text = String::new();
    let mut chars = body.char_indices();
    while let Some((at, char)) = chars.next() {
        if body[at..].starts_with(quote) {
            return Ok((Token::Text(text), &body[at + quote.len()..]));
        }
        if char != '\\' || raw {
            text.push(char);
            continue;
        }
        let (_, escape) = chars.next().ok_or(Unknown)?;
        text.push(match escape {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'v' => '\u{b}',
            '\\' | '?' | '"' | '\'' | '`' => escape,
            'x' | 'X' => code(&mut chars, 2)?,
            'u' => code(&mut chars, 4)?,
            'U' => code(&mut chars, 8)?,
            _ => return Err(Unknown),
        });
    }
    Err(Unknown)
}

fn code(chars: &mut std::str::CharIndices<'_>, digits: usize) -> Result<char, Failure> {
    let hex: String = chars.take(digits).map(|(_, char)| char).collect();
    let code = if hex.len() == digits { u32::from_str_radix(&hex, 16).ok() } else { None };
    code.and_then(char::from_u32).ok_or(Unknown)
}

fn number(rest: &str) -> Result<(Token, &str), Failure> {
    if let Some(hex) = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")) {
        let end = hex.find(|char: char| !char.is_ascii_hexdigit()).unwrap_or(hex.len());
        let value = i64::from_str_radix(&hex[..end], 16).map_err(|_| Unknown)?;
        return whole(value, &hex[end..]);
    }
    let digits = |text: &str| text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let mut end = digits(rest);
    let mut decimal = false;
    if rest[end..].starts_with('.') && rest[end + 1..].starts_with(|char: char| char.is_ascii_digit()) {
        end += 1 + digits(&rest[end + 1..]);
        decimal = true;
    }
    if rest[end..].starts_with(['e', 'E']) {
        let sign = usize::from(rest[end + 1..].starts_with(['+', '-']));
        let exponent = digits(&rest[end + 1 + sign..]);
        if exponent > 0 {
            end += 1 + sign + exponent;
            decimal = true;
        }
    }
    let (text, after) = rest.split_at(end);
    if decimal {
        return Ok((Token::Double(text.parse().map_err(|_| Unknown)?), after));
    }
    whole(text.parse().map_err(|_| Unknown)?, after)
}

/// Unsigned numbers are not known: no schema of a custom kind gives one.
fn whole(value: i64, after: &str) -> Result<(Token, &str), Failure> {
    if after.starts_with(['u', 'U']) { Err(Unknown) } else { Ok((Token::Int(value), after)) }
}
