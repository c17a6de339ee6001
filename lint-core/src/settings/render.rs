//! Effective settings for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Component, Origin, Setting, Settings, State, Value};
use crate::{index::ResourceSet, kubernetes::values::secret_shape::known_credential, source::Position};

/// What to show.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only these components; all when empty.
    pub components: Vec<Component>,
    /// Also what nobody says: defaults.
    pub defaults: bool,
}

/// A component with its settings, ready to be shown.
#[derive(Debug, Serialize)]
pub struct ComponentView {
    /// `kubelet`.
    pub component: String,
    /// `1.34`.
    pub version: String,
    /// `static pod`, `kubeadm configuration`, …
    pub carrier: &'static str,
    /// The file or folder that defines its cluster.
    pub cluster: String,
    /// Where it was found.
    pub place: PlaceView,
    /// Whether everything it is told is known.
    pub complete: bool,
    /// Its settings, by name.
    pub settings: Vec<SettingView>,
}

/// One setting.
#[derive(Debug, Serialize)]
pub struct SettingView {
    /// Canonical name: the flag, or the path of the configuration field.
    pub name: String,
    /// The effective value; `null` when it is not known.
    pub value: Option<String>,
    /// What is written, when the value is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// Where it comes from.
    pub origin: OriginView,
    /// Weaker layers that it overrides, the strongest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<LayerView>,
}

/// A value that does not take effect.
#[derive(Debug, Serialize)]
pub struct LayerView {
    /// The value.
    pub value: String,
    /// Where it comes from.
    pub origin: OriginView,
}

/// Where a value comes from.
#[derive(Debug, Serialize)]
pub struct OriginView {
    /// `flag`, `file`, `injected`, `default` or `unknown`.
    pub kind: &'static str,
    /// Who injected it, or the version whose default it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The place that says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceView>,
}

/// A place in a file, counted from 1.
#[derive(Debug, Serialize)]
pub struct PlaceView {
    /// Relative path.
    pub path: String,
    /// Line.
    pub line: u32,
    /// Column in code points.
    pub column: u32,
}

/// The components of a set with their settings.
pub fn views(set: &ResourceSet, selection: &Selection) -> Vec<ComponentView> {
    let wanted = |settings: &&Settings| {
        selection.components.is_empty() || selection.components.contains(&settings.component)
    };
    let clusters = set.clusters().iter();
    let all = clusters
        .flat_map(|cluster| cluster.components.iter().map(|settings| (cluster.name.as_str(), settings)));
    all.filter(|(_, settings)| wanted(settings))
        .map(|(cluster, settings)| view(set, cluster, settings, selection.defaults))
        .collect()
}

/// As JSON: a list of components, with one final newline.
pub fn json(set: &ResourceSet, selection: &Selection) -> String {
    let mut text = serde_json::to_string_pretty(&views(set, selection)).expect("plain data");
    text.push('\n');
    text
}

/// As a table, one block for each component.
pub fn table(set: &ResourceSet, selection: &Selection) -> String {
    let mut text = String::new();
    for (index, view) in views(set, selection).iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        block(&mut text, view);
    }
    text
}

fn view(set: &ResourceSet, cluster: &str, settings: &Settings, defaults: bool) -> ComponentView {
    let place = |site: &crate::finding::Site| {
        let position = set.source(&site.place.path).map(|source| source.position(site.place.span.start));
        let Position { line, column } = position.unwrap_or(Position { line: 1, column: 1 });
        PlaceView { path: site.place.path.to_string(), line, column }
    };
    let origin = |origin: Option<&Origin>| {
        let (kind, by) = match origin {
            Some(Origin::Flag(_)) => ("flag", None),
            Some(Origin::File(_)) => ("file", None),
            Some(Origin::Injected(by, _)) => ("injected", Some((*by).to_owned())),
            Some(Origin::Default(version)) => ("default", Some(version.to_string())),
            None => ("unknown", None),
        };
        OriginView { kind, by, place: origin.and_then(Origin::site).map(place) }
    };
    let show = |setting: Setting<'_>| {
        let weaker = settings.layers(setting.name()).iter().rev().skip(1);
        let overrides = weaker.map(|(value, from)| LayerView {
            value: shown(setting.name(), value),
            origin: origin(Some(from)),
        });
        let (value, unknown) = match setting.state() {
            State::Known(value) => (Some(shown(setting.name(), value)), None),
            State::Default(text) => (Some(text.to_owned()), None),
            State::Unknown => {
                (None, settings.layers(setting.name()).last().map(|(value, _)| shown(setting.name(), value)))
            }
        };
        SettingView {
            name: setting.name().to_owned(),
            value,
            unknown,
            origin: origin(setting.origin()),
            overrides: overrides.collect(),
        }
    };
    let mut rows: Vec<SettingView> = settings.said().map(show).collect();
    if defaults {
        let names = settings.default_names();
        rows.extend(names.iter().map(|name| show(settings.get(name))));
        rows.sort_by(|one, other| one.name.cmp(&other.name));
        rows.dedup_by(|one, other| one.name == other.name);
    }
    ComponentView {
        component: settings.component.to_string(),
        version: settings.version.to_string(),
        carrier: settings.carrier.name(),
        cluster: cluster.to_owned(),
        place: place(&settings.site),
        complete: settings.complete,
        settings: rows,
    }
}

/// A value for output; credentials are not shown.
fn shown(name: &str, value: &Value) -> String {
    let text = match value {
        Value::Text(text) | Value::Unknown(text) => text.clone(),
        Value::List(items) => items.join(","),
    };
    let secret = name.ends_with("token") || name.ends_with("password") || known_credential(&text).is_some();
    if secret && !text.is_empty() { "<redacted>".to_owned() } else { text }
}

impl Settings {
    /// Names of everything that has a default and is not said.
    fn default_names(&self) -> Vec<String> {
        let fields = kubevet_facts::config_defaults(self.component, self.version).map(|(field, _)| field);
        let fields = fields.filter(|_| self.has_config_file);
        let flags = kubevet_facts::flags(self.component, self.version).map(|flag| flag.name);
        let flags = flags.filter(|flag| {
            !self.has_config_file || kubevet_facts::field_of_flag(self.component, flag).is_none()
        });
        let names = fields.chain(flags).filter(|name| *name != "help" && *name != "version");
        names.filter(|name| self.layers(name).is_empty()).map(str::to_owned).collect()
    }
}

fn block(text: &mut String, view: &ComponentView) {
    let PlaceView { path, line, column } = &view.place;
    let partial = if view.complete { "" } else { ", in part" };
    writeln!(text, "{} {}  {}{partial}  {path}:{line}:{column}", view.component, view.version, view.carrier)
        .expect("a string takes everything");
    let name_width = view.settings.iter().map(|row| row.name.len()).max().unwrap_or_default();
    let value_width = view
        .settings
        .iter()
        .map(|row| value_of(row).chars().count())
        .filter(|width| *width <= MOST)
        .max()
        .unwrap_or_default();
    for row in &view.settings {
        line_of(text, &row.name, name_width, &value_of(row), value_width, &row.origin, "");
        for layer in &row.overrides {
            line_of(
                text,
                "",
                name_width,
                &quoted(&layer.value),
                value_width,
                &layer.origin,
                "  (overridden)",
            );
        }
    }
}

/// Widest value that others are aligned to.
const MOST: usize = 48;

fn line_of(
    text: &mut String,
    name: &str,
    name_width: usize,
    value: &str,
    value_width: usize,
    origin: &OriginView,
    note: &str,
) {
    let origin = words(origin);
    writeln!(text, "  {name:<name_width$}  {value:<value_width$}  {origin}{note}")
        .expect("a string takes everything");
}

fn value_of(row: &SettingView) -> String {
    match (&row.value, &row.unknown) {
        (Some(value), _) => quoted(value),
        (None, Some(written)) => format!("unknown ({})", quoted(written)),
        (None, None) => "unknown".to_owned(),
    }
}

/// Empty values and control characters made visible.
fn quoted(value: &str) -> String {
    if value.is_empty() { "\"\"".to_owned() } else { value.chars().flat_map(visible).collect() }
}

fn visible(c: char) -> impl Iterator<Item = char> {
    let (plain, escaped) = if c.is_control() { (None, Some(c.escape_default())) } else { (Some(c), None) };
    plain.into_iter().chain(escaped.into_iter().flatten())
}

/// `cluster/kubelet.yaml:5:14`, `injected by kubeadm`, `default of 1.34`.
fn words(origin: &OriginView) -> String {
    let place = origin.place.as_ref().map(|place| format!("{}:{}:{}", place.path, place.line, place.column));
    match (origin.kind, &origin.by, place) {
        ("injected", Some(by), _) => format!("injected by {by}"),
        ("default", Some(version), _) => format!("default of {version}"),
        (_, _, Some(place)) => place,
        _ => "not in these files".to_owned(),
    }
}
