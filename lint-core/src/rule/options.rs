//! Options of rules, set under `[rules."group/name"]` of the configuration.

use std::collections::BTreeMap;

/// Shape of an option's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionKind {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// One string.
    Text,
    /// A list of strings.
    TextList,
    /// A list of whole numbers.
    IntegerList,
}

impl OptionKind {
    /// In words, for messages about wrong values.
    pub const fn describe(self) -> &'static str {
        match self {
            OptionKind::Bool => "`true` or `false`",
            OptionKind::Integer => "a whole number",
            OptionKind::Text => "a string",
            OptionKind::TextList => "a list of strings",
            OptionKind::IntegerList => "a list of whole numbers",
        }
    }
}

impl OptionKind {
    /// Reads a value of this shape; `None` when it has another one.
    pub fn read(self, value: &serde_json::Value) -> Option<OptionValue> {
        Some(match self {
            OptionKind::Bool => OptionValue::Bool(value.as_bool()?),
            OptionKind::Integer => OptionValue::Integer(value.as_i64()?),
            OptionKind::Text => OptionValue::Text(value.as_str()?.to_owned()),
            OptionKind::TextList => {
                let items = value.as_array()?.iter().map(|item| Some(item.as_str()?.to_owned()));
                OptionValue::TextList(items.collect::<Option<_>>()?)
            }
            OptionKind::IntegerList => {
                let items = value.as_array()?.iter().map(serde_json::Value::as_i64);
                OptionValue::IntegerList(items.collect::<Option<_>>()?)
            }
        })
    }
}

/// Declaration of one option.
#[derive(Clone, Copy, Debug)]
pub struct OptionSpec {
    /// Key in the configuration.
    pub name: &'static str,
    /// Shape of the value.
    pub kind: OptionKind,
    /// What it does and what holds without it.
    pub docs: &'static str,
}

/// A value given by the user, checked against [`OptionSpec::kind`] where it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionValue {
    /// For [`OptionKind::Bool`].
    Bool(bool),
    /// For [`OptionKind::Integer`].
    Integer(i64),
    /// For [`OptionKind::Text`].
    Text(String),
    /// For [`OptionKind::TextList`].
    TextList(Vec<String>),
    /// For [`OptionKind::IntegerList`].
    IntegerList(Vec<i64>),
}

/// What the user set for one rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options(BTreeMap<String, OptionValue>);

impl Options {
    /// Reads a JSON table (TOML converts to one) by the options that the rule has.
    ///
    /// # Errors
    /// An unknown name or a value of the wrong shape, in words.
    pub fn read(
        specs: &[OptionSpec],
        table: serde_json::Map<String, serde_json::Value>,
    ) -> Result<Self, String> {
        let mut options = Options::default();
        for (name, value) in table {
            let spec = specs.iter().find(|spec| spec.name == name);
            let spec = spec.ok_or_else(|| format!("the rule has no option `{name}`"))?;
            let value = spec.kind.read(&value);
            options
                .set(name, value.ok_or_else(|| format!("`{}` wants {}", spec.name, spec.kind.describe()))?);
        }
        Ok(options)
    }

    /// Sets a value; the caller has checked name and shape.
    pub fn set(&mut self, name: impl Into<String>, value: OptionValue) {
        self.0.insert(name.into(), value);
    }

    /// Whether the user set it.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The value of a boolean option, or what holds without it.
    pub fn bool(&self, name: &str, default: bool) -> bool {
        if let Some(OptionValue::Bool(value)) = self.0.get(name) { *value } else { default }
    }

    /// The value of a numeric option, or what holds without it.
    pub fn integer(&self, name: &str, default: i64) -> i64 {
        if let Some(OptionValue::Integer(value)) = self.0.get(name) { *value } else { default }
    }

    /// The value of a string option.
    pub fn text(&self, name: &str) -> Option<&str> {
        if let Some(OptionValue::Text(value)) = self.0.get(name) { Some(value) } else { None }
    }

    /// The values of a list of strings; empty when not set.
    pub fn texts(&self, name: &str) -> &[String] {
        if let Some(OptionValue::TextList(list)) = self.0.get(name) { list } else { &[] }
    }

    /// The values of a list of numbers; empty when not set.
    pub fn integers(&self, name: &str) -> &[i64] {
        if let Some(OptionValue::IntegerList(list)) = self.0.get(name) { list } else { &[] }
    }
}
