//! Values of the configuration file, with what they must be.

use std::{borrow::Cow, ops::Range};

use toml::{Spanned, de::DeValue};

use super::issue::Issue;

/// A value with its place.
pub type Value<'a> = Spanned<DeValue<'a>>;
/// A string with its place.
pub type Text = (String, Range<usize>);

/// One string.
pub fn text(value: &Value<'_>) -> Result<Text, Issue> {
    match value.get_ref().as_str() {
        Some(text) => Ok((text.to_owned(), value.span())),
        None => Err(wrong(value, "a string")),
    }
}

/// A list of strings.
pub fn texts(value: &Value<'_>) -> Result<Vec<Text>, Issue> {
    let items = value.get_ref().as_array().ok_or_else(|| wrong(value, "a list of strings"))?;
    items.iter().map(text).collect()
}

/// One string, or a list of them.
pub fn one_or_more(value: &Value<'_>) -> Result<Vec<Text>, Issue> {
    if value.get_ref().is_str() { Ok(vec![text(value)?]) } else { texts(value) }
}

/// The value is of another shape than the key wants.
pub fn wrong(value: &Value<'_>, wanted: &str) -> Issue {
    let found = match value.get_ref() {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    Issue { span: value.span(), message: format!("this is {found}, not {wanted}"), help: None }
}

/// The same value as JSON, the form in which options of rules are read.
pub fn json(value: &DeValue<'_>) -> serde_json::Value {
    match value {
        DeValue::String(text) => serde_json::Value::String(Cow::clone(text).into_owned()),
        DeValue::Boolean(value) => (*value).into(),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok().into(),
        DeValue::Float(number) => number.as_str().parse::<f64>().ok().into(),
        DeValue::Datetime(date) => date.to_string().into(),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => table
            .iter()
            .map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref())))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}
