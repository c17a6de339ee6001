//! Values of settings and where they came from.

use super::{Settings, Version};
use crate::{finding::Site, rule::Anchor};

/// A value as it is written, before the component parses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A scalar: `false`, `10s`, `Node,RBAC`.
    Text(String),
    /// A list given as one: a YAML sequence, or a flag that was repeated.
    List(Vec<String>),
    /// Something that only the running system knows (`${VAR}`, a template expression), as it is written.
    Unknown(String),
}

impl Value {
    /// The value as the entry of a map: `key=value`.
    pub(super) fn behind(self, key: &str) -> Self {
        match self {
            Value::Text(text) => Value::Text(format!("{key}={text}")),
            Value::Unknown(text) => Value::Unknown(format!("{key}={text}")),
            Value::List(items) => Value::List(items),
        }
    }
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Built into the component.
    Default(Version),
    /// Put there by an installer (`kubeadm`), because of what stands at the site.
    Injected(&'static str, Site),
    /// A field of a configuration file.
    File(Site),
    /// A command-line flag, in whatever file stands the command line.
    Flag(Site),
}

impl Origin {
    /// The place that says it; `None` for a default.
    pub fn site(&self) -> Option<&Site> {
        match self {
            Origin::Default(_) => None,
            Origin::Injected(_, site) | Origin::File(site) | Origin::Flag(site) => Some(site),
        }
    }
}

/// What is known of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State<'a> {
    /// It is this.
    Known(&'a Value),
    /// It is the component's default; `""` where that is empty.
    Default(&'a str),
    /// Nobody can tell from files. Rules are silent.
    Unknown,
}

/// One setting of one component, with its effective value and where it came from.
#[derive(Clone, Debug)]
pub struct Setting<'a> {
    settings: &'a Settings,
    name: String,
    state: State<'a>,
    origin: Option<Origin>,
}

impl<'a> Setting<'a> {
    pub(super) fn said(settings: &'a Settings, name: &str, value: &'a Value, origin: &'a Origin) -> Self {
        let state = if matches!(value, Value::Unknown(_)) { State::Unknown } else { State::Known(value) };
        Setting { settings, name: name.to_owned(), state, origin: Some(origin.clone()) }
    }

    pub(super) fn unknown(settings: &'a Settings, name: &str) -> Self {
        Setting { settings, name: name.to_owned(), state: State::Unknown, origin: None }
    }

    pub(super) fn default(settings: &'a Settings, name: &str) -> Self {
        let (component, version) = (settings.component, settings.version);
        let field = settings
            .has_config_file
            .then(|| kubevet_facts::config_default(component, name, version))
            .flatten();
        let flag = || {
            let flag = kubevet_facts::flag_of_field(component, name).unwrap_or(name);
            kubevet_facts::flag(component, flag, version).map(|flag| flag.default)
        };
        let text = field.or_else(flag).unwrap_or_default();
        // For a version without facts, the nearest one speaks.
        let origin = Some(Origin::Default(version.nearest_supported()));
        Setting { settings, name: name.to_owned(), state: State::Default(text), origin }
    }

    /// The component's settings that it is one of.
    pub fn settings(&self) -> &'a Settings {
        self.settings
    }

    /// Canonical name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is known of the value.
    pub fn state(&self) -> State<'a> {
        self.state
    }

    /// Where the value came from; `None` when nobody says anything and the default is not known to hold.
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// Whether nobody can tell the value from files.
    pub fn is_unknown(&self) -> bool {
        self.state == State::Unknown
    }

    /// Whether a file or flag says it, unlike a default or an installer's injection.
    pub fn is_explicit(&self) -> bool {
        matches!(self.origin, Some(Origin::File(_) | Origin::Flag(_)))
    }

    /// The value as one text, when it is known and no list; a default counts, `""` when it is empty.
    pub fn text(&self) -> Option<&'a str> {
        match self.state {
            State::Known(Value::Text(text)) => Some(text),
            State::Default(text) => Some(text.trim_matches('"')),
            _ => None,
        }
    }

    /// The value as a boolean, in the spellings of Go's `strconv.ParseBool`.
    pub fn as_bool(&self) -> Option<bool> {
        match self.text()? {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
            _ => None,
        }
    }

    /// The value as a whole number.
    pub fn as_i64(&self) -> Option<i64> {
        self.text()?.parse().ok()
    }

    /// The value as a list: items of a sequence or of a comma-separated text, trimmed. `None` when unknown.
    pub fn list(&self) -> Option<Vec<&'a str>> {
        let split = |text: &'a str| text.split(',').map(str::trim).filter(|item| !item.is_empty());
        match self.state {
            State::Known(Value::List(items)) => Some(items.iter().flat_map(|item| split(item)).collect()),
            State::Known(Value::Text(text)) => Some(split(text).collect()),
            State::Default(text) => {
                let inner = text.trim_start_matches('[').trim_end_matches(']');
                Some(
                    split(inner).map(|item| item.trim_matches('"')).filter(|item| !item.is_empty()).collect(),
                )
            }
            State::Known(Value::Unknown(_)) | State::Unknown => None,
        }
    }

    /// Whether it is certainly empty: said to be, or left to an empty default.
    pub fn is_empty(&self) -> bool {
        match self.state {
            State::Known(Value::Text(text)) => text.is_empty(),
            State::Known(Value::List(items)) => items.is_empty(),
            State::Default(text) => matches!(text, "" | "[]" | "{}" | "null" | "\"\""),
            State::Known(Value::Unknown(_)) | State::Unknown => false,
        }
    }
}

/// Points at the place that says the value, else at the component.
impl Anchor for Setting<'_> {
    fn site(&self) -> Site {
        let said = self.origin.as_ref().and_then(Origin::site);
        said.unwrap_or(&self.settings.site).clone()
    }
}
